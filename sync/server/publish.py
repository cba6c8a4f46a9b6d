"""Rows a desk was seeded with, or still has when the centre lost some: taken over by their fields' own clocks.

Publishing carries no numbers, because it can be repeated: each field wins or loses by its clock, however often it
comes.
"""

from typing import Any

from sync.protocol.codes import ErrorCode, Outcome, Rejection
from sync.protocol.guarding import GUARDED
from sync.protocol.hlc import MAX_AHEAD_MS
from sync.protocol.limits import PUBLISH_ROWS
from sync.protocol.merging import EVERY, clock_of, device_of
from sync.protocol.operations import CLAIM, CLAIM_TABLE, HOLD, PUT, TRANSFER_TABLE, is_clock, problem_in
from sync.protocol.upcasting import is_earlier, upcast_clocks
from sync.server.changes import Changes
from sync.server.claims import OVER, ends_order
from sync.server.devices import Device, epoch_of, find_device
from sync.server.fields import invalid_field
from sync.server.follower_book import followers
from sync.server.ledger import CENTRE, Row
from sync.server.needed_records import forget
from sync.server.protection import CENTRE_FIELDS
from sync.server.refusals import Refusal
from sync.server.rights import may_write, permissions_of
from sync.server.store import Store
from sync.server.upcasting import completed, upcast

UNIT_TABLE = "vehicle_unit"
_NO_TXN = "0" * 32


def apply_publication(store: Store, device: Device, message: Any, *, now_ms: int) -> dict[str, Any]:
    """Take over rows, then claims. Answers per row `[outcome, ver, seq]` or `[outcome, 0, 0, code, detail]`.

    Raises Refusal for a message that cannot be read, a revoked desk, another epoch.
    """
    rows, claims = _checked(message)
    with store.write() as connection:
        current = find_device(store, connection, device.tenant, device.id, lock=True)
        if current is None or current.revoked_at is not None:
            raise Refusal(ErrorCode.DEVICE_REVOKED)
        epoch = epoch_of(store, connection, device.tenant)
        if message.get("epoch") and message["epoch"] != epoch:
            raise Refusal(ErrorCode.EPOCH_CHANGED, epoch=epoch)
        changes = Changes(store, connection, current, now_ms=now_ms)
        version = message.get("v", 1)
        puts = list(upcast([_as_operation(n, row, version=version) for n, row in enumerate(rows)]))
        asked = [_as_claim(n, claim) for n, claim in enumerate(claims, start=len(rows))]
        changes.prepare(puts + asked)
        publication = _Publication(current, changes)
        answers = [publication.take(row, one) for row, one in zip(rows, puts, strict=True)]
        changes.records.settle_numbers()
        usable = [one for one in puts if one["n"] not in changes.unusable]
        publication.review(usable)
        publication.claim(asked)
        publication.remember_losers()
        changes.write()
        alive = publication.shown_alive(usable)
        if alive:
            forget(store, connection, tenant=device.tenant, keys=alive)
        return {
            "epoch": epoch, "now": now_ms,
            "results": [publication.placed(one, answer) for one, answer in zip(puts, answers, strict=True)],
            "rows": [row.on_wire() for row in changes.differing_rows(puts + asked, refused=())],
        }  # fmt: skip


def _checked(message: Any) -> tuple[list[Any], list[Any]]:
    rows = message.get("rows") if isinstance(message, dict) else None
    claims = message.get("claims", []) if isinstance(message, dict) else None
    if not isinstance(rows, list) or not isinstance(claims, list):
        raise Refusal(ErrorCode.MALFORMED, field="rows")
    if len(rows) > PUBLISH_ROWS or len(claims) > PUBLISH_ROWS:
        raise Refusal(ErrorCode.TOO_LARGE, limit=PUBLISH_ROWS)
    if not all(isinstance(row, list) and len(row) == 7 for row in rows):
        raise Refusal(ErrorCode.MALFORMED, field="rows")
    if not all(isinstance(claim, list) and len(claim) == 3 for claim in claims):
        raise Refusal(ErrorCode.MALFORMED, field="claims")
    return rows, claims


def _as_operation(n: int, row: list[Any], *, version: int) -> dict[str, Any]:
    scope, table, record_id, created_at, updated_at, fields, clocks = row
    clock = clocks.get(EVERY) if isinstance(clocks, dict) else None
    return {
        "n": n, "txn": _NO_TXN, "kind": PUT, "table": table, "id": record_id, "scope": scope, "fields": fields,
        "clock": clock, "at": created_at, "base": 0, "new": True, "updated_at": updated_at, "v": version,
    }  # fmt: skip


def _as_claim(n: int, claim: list[Any]) -> dict[str, Any]:
    scope, vin, fields = claim
    return {
        "n": n, "txn": _NO_TXN, "kind": CLAIM, "table": CLAIM_TABLE, "id": vin, "scope": scope, "fields": fields,
        "clock": "0" * 16 + "-0",
    }  # fmt: skip


class _Publication:
    """Merges whole rows, each field by its own clock."""

    def __init__(self, device: Device, changes: Changes) -> None:
        self._device, self._changes = device, changes
        self._permissions = permissions_of(device.role)
        self._lost: list[Row] = []
        self._latest = f"{changes.now_ms + MAX_AHEAD_MS:012x}ffff"

    def take(self, row: list[Any], operation: dict[str, Any]) -> list[Any]:
        """One row: new, merged, or refused."""
        problem = self._problem(row, operation)
        if problem is not None:
            return [Outcome.REJECTED, 0, 0, *problem]
        clocks = upcast_clocks(operation["table"], row[6], version=operation["v"])
        if any(clock[:16] > self._latest for clock in clocks.values()):
            clocks = {name: self._clamped(clock) for name, clock in clocks.items()}
        known = self._changes.ledger.get(operation["table"], operation["id"])
        if known is None:
            self._create(operation, clocks)
        elif known.scope != operation["scope"] and not self._is_moved_there(known, operation, clocks):
            return [Outcome.REJECTED, 0, 0, Rejection.RECORD_MOVED, {"branch_id": known.scope}]
        elif not known.deleted:
            self._merge(known, operation["fields"], clocks)
        elif operation["fields"].get("deleted_at") is None and self._changes.records.is_guarded(known):
            self._bring_back(known, operation, clocks)
        return [Outcome.ACCEPTED, 0, 0]

    def _problem(self, row: list[Any], operation: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
        if operation["n"] in self._changes.unusable:
            wrong = problem_in(operation)
            return (Rejection.SCOPE_DENIED, {}) if wrong is None else (Rejection.OPERATION_MALFORMED, {"field": wrong})
        if len(row[6]) > 1 and not all(is_clock(clock) for clock in row[6].values()):
            return Rejection.OPERATION_MALFORMED, {"field": "clock"}
        if not may_write(operation["table"], self._permissions, operation=operation):
            return Rejection.PERMISSION_DENIED, {"table": operation["table"]}
        invalid = invalid_field(operation["table"], operation["fields"])
        return None if invalid is None else (Rejection.FIELD_INVALID, {"field": invalid})

    def _clamped(self, clock: str) -> str:
        return clock if clock[:16] <= self._latest else self._latest[:12] + "0000" + clock[16:]

    def _create(self, operation: dict[str, Any], clocks: dict[str, str]) -> None:
        row = Row(operation["table"], operation["id"], operation["scope"], at=operation["at"])
        row.updated_at = operation["updated_at"]
        fields = operation["fields"]
        row.fields, row.clocks = fields, clocks
        if is_earlier(operation):
            row.fields = completed(operation, fields, self._changes.ledger.get)
        row.deleted = int(row.fields.get("deleted_at") is not None)
        if row.fields is fields:
            row.now_held_by(self._device.id, base=0)
        else:
            row.now_held_by_nobody()
        if row.deleted:
            row.erase(clock_of(clocks, "deleted_at"))
        self._changes.records.adopt(row)
        if row.table == "sales_order" and not row.deleted and row.fields.get("claim_state") == "conflict":
            self._lost.append(row)

    def remember_losers(self) -> None:
        """What is shown as lost here, and was forgotten by this centre, is followed up again."""
        still = [row for row in self._lost if row.fields.get("claim_state") == "conflict"]
        lost = [row for row in still if row.fields.get("state") not in OVER]
        if lost:
            self._changes.book.load_conflicts(row.id for row in lost)
            for row in lost:
                self._changes.court.remember_loser(row)

    def _merge(self, row: Row, fields: dict[str, Any], clocks: dict[str, str]) -> None:
        """A desk's whole row over the centre's: later fields win, the centre's own decisions stay."""
        winners = {
            name: value
            for name, value in fields.items()
            if clock_of(clocks, name) > clock_of(row.clocks, name) and row.fields.get(name) != value
        }
        if row.table == "sales_order":
            winners = {name: value for name, value in winners.items() if name not in CENTRE_FIELDS}
        if row.table == TRANSFER_TABLE and device_of(clock_of(clocks, "state")) != CENTRE:
            winners.pop("state", None)
        if not winners:
            return
        if winners.get("deleted_at") is not None and self._changes.records.is_needed(row):
            winners = {}  # deleting loses; the desk is told how the record is
        ledger = self._changes.ledger
        ledger.remember(row)
        ledger.mark(row)
        if winners.get("deleted_at") is not None:
            row.deleted = 1
            row.fields, row.clocks = {"deleted_at": winners["deleted_at"]}, {EVERY: clock_of(clocks, "deleted_at")}
        else:
            row.fields.update(winners)
            row.clocks.update({name: clock_of(clocks, name) for name in winners})
        if row.table == TRANSFER_TABLE:
            self._changes.transfers.adopt(row)
        row.now_held_by_nobody()

    def _bring_back(self, row: Row, operation: dict[str, Any], clocks: dict[str, str]) -> None:
        """Deleting lost: somebody paid, or a contract was signed, at a desk that had not heard of it."""
        ledger = self._changes.ledger
        ledger.remember(row)
        ledger.mark(row)
        row.deleted = 0
        row.fields = fields = dict(operation["fields"])
        fields.pop("deleted_at", None)
        # The centre's own word, so that the deletion does not win when somebody shows it once more.
        row.clocks = {**clocks, "deleted_at": ledger.stamp_after(clock_of(row.clocks, "deleted_at"))}
        if row.table == "sales_order" and fields.get("claim_state") == "confirmed":
            fields["claim_state"] = "provisional"  # nobody deletes an order that has its vehicle: it lost it before
        row.updated_at = ledger.now_ms * 1000
        row.now_held_by_nobody()
        self._changes.records.note_number(row)

    def shown_alive(self, operations: list[dict[str, Any]]) -> list[tuple[str, str]]:
        """Which of these records are ones that desks may have been asked for, and are there."""
        shown = [(one["table"], one["id"]) for one in operations if one["table"] in GUARDED]
        rows = ((key, self._changes.ledger.get(*key)) for key in shown)
        return [key for key, row in rows if row is not None and not row.deleted]

    def _is_moved_there(self, row: Row, operation: dict[str, Any], clocks: dict[str, str]) -> bool:
        """A centre that came from a backup may not know that a vehicle, and what belongs to it, changed branches:
        desks have its word."""
        moved = (
            (row.table == "vehicle_unit" or row.table in followers())
            and operation["fields"].get("branch_id") == operation["scope"]
            and device_of(clock_of(clocks, "branch_id")) == CENTRE
            and clock_of(clocks, "branch_id") > clock_of(row.clocks, "branch_id")
        )  # fmt: skip
        if moved:
            self._changes.records.take_over(row, operation["scope"])
        return moved

    def review(self, operations: list[dict[str, Any]]) -> None:
        """What the centre holds against the vehicles among these rows is looked at once more."""
        units = [one["id"] for one in operations if one["table"] == UNIT_TABLE]
        rows = (self._changes.ledger.get(UNIT_TABLE, unit_id) for unit_id in units)
        vins = {str(row.fields.get("vin")) for row in rows if row is not None and not row.deleted}
        for one in operations:
            if ends_order(one):
                self._changes.court.end(one["id"])
        if vins:
            self._changes.court.review(vins, scopes=self._changes.heads)

    def claim(self, operations: list[dict[str, Any]]) -> None:
        """Claims of live orders, and then what the vehicles say."""
        readable = [operation for operation in operations if problem_in(operation) is None]
        for operation in readable:
            asked = operation["fields"]
            if self._device.may_use(operation["scope"]) and (asked.get("kind") != HOLD or self._is_still_held(asked)):
                self._changes.court.claim(operation["id"], asked=self._device.named(asked), scope=operation["scope"])
        self._changes.court.settle((one["id"] for one in readable), scopes=self._changes.heads)

    def _is_still_held(self, asked: dict[str, Any]) -> bool:
        """Whether the vehicle is held by whom the desk says, or whether that is over and the desk has not heard."""
        row = self._changes.ledger.get(UNIT_TABLE, str(asked.get("vehicle_id")))
        if row is None or row.fields.get("allocation_state") != "HELD":
            return False
        return bool(row.fields.get("held_by_staff_id") == asked.get("holder_id"))

    def placed(self, operation: dict[str, Any], answer: list[Any]) -> list[Any]:
        """The answer with version and place, which are known once everything is written."""
        if answer[0] == Outcome.REJECTED:
            return answer
        row = self._changes.ledger.get(operation["table"], operation["id"])
        return answer if row is None else [answer[0], row.ver, row.seq]
