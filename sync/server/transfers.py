"""Whether a vehicle changes branches: settled here alone, in the order in which the centre is told.

The desks' facts about a transfer merge as other records do; its `state` is written here and nowhere else. An arrival
takes all records of the vehicle from one scope into the other in the same transaction, so that no vehicle ever has two
owners, and none has none.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable
from typing import Any

from app.kernel.permissions import Permission
from app.transfers.rules import (
    NEEDS_UNIT,
    OPEN,
    TAKES_UNIT,
    TransferAction,
    TransferState,
    arrival_changes,
    sides,
)
from app.transfers.rules import TRANSFER as LIFE
from sync.protocol.codes import Rejection
from sync.protocol.operations import ORDER, TRANSFER, TRANSFER_TABLE, is_identifier, is_vin
from sync.server.claim_book import ClaimBook
from sync.server.follower_book import find_followers, followed_unit
from sync.server.lease_book import LeaseBook
from sync.server.ledger import Ledger, Row
from sync.server.outcomes import Refused
from sync.server.owner_book import Owner, OwnerBook
from sync.server.store import Connection, Store, StoreUnavailable

_ENDED = {TransferState.REJECTED: "transfer_rejected", TransferState.CANCELLED: "transfer_cancelled"}
_TASKS = ("approve_transfer", "send_transfer", "receive_transfer")


def touched_branches(operations: Iterable[dict[str, Any]]) -> set[str]:
    """The branches that these operations about transfers name."""
    named = {
        one["fields"].get(name)
        for one in operations
        if one["table"] == TRANSFER_TABLE
        for name in ("from_branch_id", "to_branch_id")
    }
    return {branch for branch in named if is_identifier(branch)}


class TransferCourt:
    """Decides transfers and writes the decisions onto transfers, vehicles and tasks."""

    def __init__(
        self, store: Store, connection: Connection, ledger: Ledger, *, claims: ClaimBook, owners: OwnerBook,
        leases: LeaseBook, tenant: str, device_id: str, may_use: Callable[[str], bool],
        is_locked: Callable[[str], bool], own_branch: str,
    ) -> None:  # fmt: skip
        self._store, self._connection, self._ledger, self._tenant = store, connection, ledger, tenant
        self._claims, self._owners, self._may_use, self._own_branch = claims, owners, may_use, own_branch
        self._leases, self._device_id, self._is_locked = leases, device_id, is_locked
        self.now = claims.now

    # --- records of vehicles ---------------------------------------------------------------------

    def enter(self, row: Row) -> None:
        """A vehicle's record was taken in: its branch owns the VIN, or the record goes to the branch that does."""
        vin = row.fields["vin"]
        owner = self._owners.get(vin)
        if owner is None or (owner.scope != row.scope and not self._is_live(owner)):
            self._owners.set(vin, scope=row.scope, vehicle_id=row.id, at=self.now)
        elif owner.scope != row.scope:
            self._give_to_owner(row, owner)

    def _is_live(self, owner: Owner) -> bool:
        row = self._ledger.get("vehicle_unit", owner.vehicle_id)
        return row is not None and not row.deleted

    def _give_to_owner(self, row: Row, owner: Owner) -> None:
        """Entered at a second branch while apart: one VIN stays with one branch, and both are told."""
        entered_at = row.scope
        self._ledger.create(row)
        self._ledger.write_as_centre(row, {"branch_id": owner.scope})
        self._ledger.move(row, owner.scope)
        params = {"vin": row.fields["vin"], "branch": self._code(entered_at), "owner": self._code(owner.scope)}
        for scope in (entered_at, owner.scope):
            self._task(scope, "vehicle_elsewhere", about=("vehicle_unit", owner.vehicle_id), params=params)

    def is_promised(self, row: Row) -> bool:
        """Whether a transfer that is under way names this vehicle's VIN, so that its record must stay."""
        found = self._store.run(
            self._connection,
            "SELECT 1 FROM vehicle_owner WHERE tenant_id = ? AND vin = ? AND transfer_id <> ''",
            (self._tenant, row.fields.get("vin") or ""),
        )
        return found.first() is not None

    # --- transfers -------------------------------------------------------------------------------

    def take_in(self, row: Row) -> None:
        """A new transfer: it begins asked for, whatever the desk wrote, and the owning branch gets something to do."""
        if not {row.fields.get("from_branch_id"), row.fields.get("to_branch_id")} & self._own(row):
            raise Refused(Rejection.SCOPE_DENIED)
        row.fields = {**row.fields, "state": TransferState.PENDING.value}
        row.fields.pop("asked_state", None)
        row.now_held_by_nobody()
        owning = row.fields.get("from_branch_id")
        if not all(map(self._is_locked, filter(None, (owning, row.fields.get("to_branch_id"))))):
            raise Refused(Rejection.FIELD_INVALID, field="from_branch_id")
        if owning:
            self._task(owning, "approve_transfer", about=_about(row), params=self._params(row))

    def adopt(self, row: Row) -> None:
        """A transfer that was complete before this centre knew it, from a backup or a seeded branch."""
        vin, state = row.fields.get("vin"), row.fields.get("state")
        owner = self._owners.get(str(vin)) if is_vin(vin) else None
        if owner is not None and state in TAKES_UNIT and owner.scope == row.fields.get("from_branch_id"):
            self._promise(owner, row)

    def _own(self, row: Row) -> set[str]:
        named = (row.fields.get("from_branch_id"), row.fields.get("to_branch_id"))
        return {branch for branch in named if isinstance(branch, str) and self._may_use(branch)}

    def check_put(self, row: Row, fields: dict[str, Any]) -> dict[str, Any]:
        """What of a desk's change of a transfer may be merged. Raises Refused.

        A wish that is open to all is taken up by the branch that names itself; beyond that the branches, the vehicle
        and what was asked for stand.
        """
        takes_up = row.fields.get("from_branch_id") is None and fields.get("from_branch_id")
        if not self._own(row) and not (takes_up and self._may_use(fields["from_branch_id"])):
            raise Refused(Rejection.SCOPE_DENIED)
        if row.fields.get("state") not in OPEN and "vin" in fields:
            raise Refused(Rejection.RECORD_IMMUTABLE, field="vin")
        for name in ("from_branch_id", "to_branch_id", "vin", "unit_id"):
            present = row.fields.get(name)
            if name in fields and present and fields[name] != present:
                raise Refused(Rejection.RECORD_IMMUTABLE, field=name)
        return {name: value for name, value in fields.items() if name != "state"}

    def settle(self, operation: dict[str, Any], permissions: Collection[Permission]) -> None:
        """Take one transfer a step on. Raises Refused: then it is as it was, and nothing of its transaction holds."""
        row = self._ledger.get(TRANSFER_TABLE, operation["id"])
        if row is None or row.deleted:
            raise Refused(Rejection.RECORD_UNKNOWN)
        action = _action_of(operation["fields"])
        self._check_side(row, action, permissions)
        state = TransferState(row.fields["state"])
        if self._is_late(action, state):
            self._ledger.write_as_centre(row, {"asked_state": None})
            return
        if not LIFE.may(state, action):
            raise Refused(Rejection.TRANSFER_REFUSED, state=state.value)
        if action in NEEDS_UNIT:
            self._check_unit(row, operation["fields"])
        target = LIFE.next_state(state, action)
        self._ledger.write_as_centre(row, {"state": target.value, "asked_state": None})
        self._follow(row, target)

    @staticmethod
    def _is_late(action: TransferAction, state: TransferState) -> bool:
        """Said again, or said after the vehicle has arrived: its facts are kept and nothing else changes."""
        said = {
            TransferAction.APPROVE: TransferState.APPROVED, TransferAction.DEPART: TransferState.DEPARTED,
            TransferAction.ARRIVE: TransferState.MOVED, TransferAction.REJECT: TransferState.REJECTED,
            TransferAction.CANCEL: TransferState.CANCELLED,
        }[action]  # fmt: skip
        return state is said or (action is TransferAction.DEPART and state is TransferState.MOVED)

    def _check_side(self, row: Row, action: TransferAction, permissions: Collection[Permission]) -> None:
        state = TransferState(row.fields["state"])
        allowed = sides(
            action, state, from_branch_id=row.fields.get("from_branch_id"), to_branch_id=row.fields["to_branch_id"]
        )
        if not any(self._may_use(branch) for branch in allowed):
            raise Refused(Rejection.SCOPE_DENIED)
        needed = next(step.permission for step in LIFE.transitions if step.action is action)
        if needed not in permissions:
            raise Refused(Rejection.PERMISSION_DENIED, table=TRANSFER_TABLE)

    def _check_unit(self, row: Row, asked: dict[str, Any]) -> None:
        """That the owning branch has the vehicle, promised to nobody else, and no sale or hold stands against it."""
        vin, state = row.fields.get("vin") or "", row.fields["state"]
        owner = self._owners.get(vin) if vin and asked.get("vin") == vin else None
        if owner is None or owner.scope != row.fields.get("from_branch_id"):
            raise Refused(Rejection.TRANSFER_REFUSED, state=state, owner=None if owner is None else owner.scope)
        if owner.transfer_id not in ("", row.id):
            raise Refused(Rejection.TRANSFER_LOST, winner=promise(owner))
        lease = self._leases.standing(vin, owner)
        if lease is not None and not self._leases.is_for(lease, self._device_id):
            raise Refused(Rejection.TRANSFER_LOST, winner=lease.reference())
        claim = self._claims.get(vin)
        if claim is None or not claim.lives(self.now) or claim.scope == row.fields["to_branch_id"]:
            return
        if claim.kind != ORDER or claim.holder_id != row.fields.get("order_id"):
            winner = {
                "order_id": claim.holder_id if claim.kind == ORDER else None, "number": claim.number,
                "branch_id": claim.branch_id, "desk_code": claim.desk_code, "at": claim.at,
            }  # fmt: skip
            raise Refused(Rejection.TRANSFER_LOST, winner=winner)

    def tell_loser(self, operation: dict[str, Any], refused: Refused) -> None:
        """A sale, a hold or another transfer was first: both branches get something to do."""
        row = self._ledger.get(TRANSFER_TABLE, operation["id"])
        if row is None:
            return
        winner = refused.detail.get("winner") or {}
        branch = self._code(winner.get("branch_id"))
        params = {**self._params(row), "winner": winner.get("number"), "winner_branch": branch}
        for scope in (row.fields.get("from_branch_id"), row.fields["to_branch_id"]):
            if scope:
                self._task(scope, "transfer_lost", about=_about(row), params=params)

    def _follow(self, row: Row, state: TransferState) -> None:
        """What a new state brings with it: the promise, the move, and what somebody has to do next."""
        vin = row.fields.get("vin") or ""
        owning, receiving = row.fields.get("from_branch_id"), row.fields["to_branch_id"]
        owner = self._owners.get(vin) if vin else None
        self._close_tasks(row)
        if state in TAKES_UNIT and owner is not None:
            self._promise(owner, row)
        elif owner is not None and owner.transfer_id == row.id:
            self._owners.set(vin, transfer_id="", to_scope="", order_id="", number="")
        if state is TransferState.APPROVED and owning:
            self._task(owning, "send_transfer", about=_about(row), params=self._params(row))
        elif state is TransferState.DEPARTED:
            self._task(receiving, "receive_transfer", about=_about(row), params=self._params(row))
        elif state is TransferState.MOVED and owner is not None:
            self._move(row, owner)
        elif state in _ENDED:
            self._tell_ended(row, state)
            if owner is not None and row.fields.get("departed_at") is not None:
                self._bring_back(owner)

    def _promise(self, owner: Owner, row: Row) -> None:
        self._owners.set(
            owner.vin, transfer_id=row.id, to_scope=row.fields["to_branch_id"],
            order_id=row.fields.get("order_id") or "", number=row.fields.get("number") or "",
        )  # fmt: skip

    def _tell_ended(self, row: Row, state: TransferState) -> None:
        """Whoever did not end it learns of it."""
        params = {**self._params(row), "reason": row.fields.get("end_reason") or ""}
        for scope in (row.fields.get("from_branch_id"), row.fields["to_branch_id"]):
            if scope and scope != self._own_branch:
                self._task(scope, _ENDED[state], about=_about(row), params=params)

    def _bring_back(self, owner: Owner) -> None:
        for unit in self._units(owner.vin):
            if unit.fields.get("stock_state") == "IN_TRANSIT":
                self._ledger.write_as_centre(unit, {"stock_state": "IN_STOCK"})

    def _units(self, vin: str) -> list[Row]:
        """The live records of a VIN."""
        claim = self._claims.get(vin)
        ids = {*(claim.units if claim is not None else {}), *filter(None, [self._owners_vehicle(vin)])}
        rows = (self._ledger.get("vehicle_unit", unit_id) for unit_id in sorted(ids))
        return [row for row in rows if row is not None and not row.deleted]

    def _owners_vehicle(self, vin: str) -> str:
        owner = self._owners.get(vin)
        return owner.vehicle_id if owner is not None else ""

    def _move(self, row: Row, owner: Owner) -> None:
        """The vehicle's records leave one scope and stand in the other, with everything that belongs to them."""
        source, target = owner.scope, row.fields["to_branch_id"]
        claim = self._claims.change(owner.vin)
        for unit in self._units(owner.vin):
            self._ledger.write_as_centre(unit, arrival_changes(row.fields, unit.fields))
            self._ledger.move(unit, target)
            claim.units[unit.id] = target
            self._claims.moved(owner.vin, unit.id, target)
            for follower in self._followers(unit.id, source):
                self.take_along(follower, target)
        self._owners.set(owner.vin, scope=target, at=self.now)

    def _followers(self, unit_id: str, scope: str) -> list[Row]:
        """The records of a branch that belong to this vehicle: inspections, keys, costs, photographs."""
        keys = find_followers(self._store, self._connection, self._tenant, unit_id)
        self._ledger.load(keys)
        known = [*(self._ledger.get(*key) for key in keys), *self._ledger.changed_rows()]
        rows = {(row.table, row.id): row for row in known if row is not None}
        return [row for row in rows.values() if row.scope == scope and followed_unit(row) == unit_id]

    def send_after(self, row: Row) -> None:
        """Something new about a vehicle, written by a desk that had not heard that it left: it goes where it is."""
        unit_id = followed_unit(row)
        unit = self._ledger.get("vehicle_unit", unit_id) if unit_id else None
        if unit is None or not self._ledger.has_left(unit, row.scope):
            return
        if not self._is_locked(unit.scope):
            raise StoreUnavailable("the vehicle changed branches at this very moment")
        self._ledger.create(row)
        self.take_along(row, unit.scope)

    def take_along(self, row: Row, scope: str) -> None:
        """A record goes where its vehicle went."""
        if "branch_id" in row.fields:
            self._ledger.write_as_centre(row, {"branch_id": scope})
        self._ledger.move(row, scope)

    def _code(self, branch_id: str | None) -> str:
        row = self._ledger.get("branch", branch_id) if branch_id else None
        return "" if row is None else str(row.fields.get("code") or "")

    def _params(self, row: Row) -> dict[str, Any]:
        """What fills the words of a task about a transfer."""
        return {
            "number": row.fields.get("number") or "", "vin": row.fields.get("vin") or "",
            "from_branch": self._code(row.fields.get("from_branch_id")),
            "to_branch": self._code(row.fields.get("to_branch_id")),
        }  # fmt: skip

    # --- tasks -----------------------------------------------------------------------------------

    def _task_id(self, scope: str, kind: str, record_id: str) -> str:
        return hashlib.sha256(f"{self._tenant}|{kind}|{record_id}|{scope}".encode()).hexdigest()[:32]

    def _task(self, scope: str, kind: str, *, about: tuple[str, str], params: dict[str, Any]) -> None:
        table, record_id = about
        task_id = self._task_id(scope, kind, record_id + str(params.get("winner", "")))
        values = {
            "branch_id": scope, "kind": kind, "assignee_staff_id": None, "record_table": table,
            "record_id": record_id, "params": params, "due_at": None, "state": "OPEN", "done_at": None,
            "done_by_staff_id": None,
        }  # fmt: skip
        known = self._ledger.get("task", task_id)
        if known is None:
            self._ledger.create_as_centre(table="task", record_id=task_id, scope=scope, fields=values)
        elif not known.deleted:
            self._ledger.write_as_centre(known, values)

    def _close_tasks(self, row: Row) -> None:
        for scope in (row.fields.get("from_branch_id"), row.fields["to_branch_id"]):
            for kind in _TASKS:
                task = self._ledger.get("task", self._task_id(scope, kind, row.id)) if scope else None
                if task is not None and task.fields.get("state") == "OPEN":
                    self._ledger.write_as_centre(task, {"state": "DONE", "done_at": self.now})


def promise(owner: Owner) -> dict[str, Any]:
    """The reference whoever comes too late for a promised or moved vehicle gets."""
    return {
        "order_id": None, "number": owner.number, "branch_id": owner.to_scope or owner.scope, "desk_code": "",
        "at": owner.at, "transfer_id": owner.transfer_id or None,
    }  # fmt: skip


def stands_against(owner: Owner | None, *, scope: str, holder_id: str) -> bool:
    """Whether a vehicle is promised to another branch than the one that wants to sell or hold it."""
    return (
        owner is not None and bool(owner.transfer_id) and owner.to_scope != scope
        and (not owner.order_id or owner.order_id != holder_id)
    )  # fmt: skip


def names_vehicle(operation: dict[str, Any]) -> str:
    """The VIN an operation about who has a vehicle names, "" for none."""
    vin = operation["id"] if operation["kind"] != TRANSFER else operation["fields"].get("vin")
    return vin if is_vin(vin) else ""


def _action_of(asked: dict[str, Any]) -> TransferAction:
    try:
        return TransferAction(str(asked.get("action")))
    except ValueError as error:
        raise Refused(Rejection.OPERATION_MALFORMED, field="action") from error


def _about(row: Row) -> tuple[str, str]:
    return TRANSFER_TABLE, row.id
