"""Who gets a vehicle: the first commit at the centre, never the earliest clock.

A claim is known by its VIN: two desks may have entered one vehicle under different ids while apart. What the centre
decides is written onto the orders and the vehicles as its own changes, so that every desk's feed carries it.
"""

import hashlib
from collections.abc import Container, Iterable
from typing import Any

from app.kernel.clock import BRANCH_TIME
from app.orders.rules import LIVE_STATES, OrderState
from db.types import instant_at
from sync.protocol.codes import Outcome, Rejection
from sync.protocol.hlc import HybridTime
from sync.protocol.merging import clock_of
from sync.protocol.operations import HOLD, LEASE, ORDER, PUT, TRANSFER_TABLE, is_identifier
from sync.server.claim_book import Claim, ClaimBook, Conflict
from sync.server.lease_book import Lease, LeaseBook
from sync.server.ledger import Ledger, Row
from sync.server.numbers import next_number
from sync.server.owner_book import OwnerBook
from sync.server.store import Connection, Store
from sync.server.transfers import promise, stands_against

ALLOCATION_FIELDS = frozenset(
    {"allocation_state", "order_id", "held_until", "held_by_staff_id", "held_for_customer_id", "vin", "deleted_at"}
)
"""A change of one of these makes the centre look whether the vehicle still says what its claim says."""

OVER = frozenset(state.value for state in OrderState) - {state.value for state in LIVE_STATES}
_NOT_HELD = {"held_until": None, "held_by_staff_id": None, "held_for_customer_id": None}
Answer = tuple[Outcome, str, dict[str, Any]]
_ACCEPTED: Answer = (Outcome.ACCEPTED, "", {})


class ClaimCourt:
    """Decides claims and writes the decisions onto orders, vehicles and tasks."""

    def __init__(
        self, store: Store, connection: Connection, ledger: Ledger, book: ClaimBook, *, owners: OwnerBook,
        leases: LeaseBook, tenant: str, device_id: str,
    ) -> None:  # fmt: skip
        self._store, self._connection, self._ledger, self._book, self._tenant = store, connection, ledger, book, tenant
        self._owners, self._leases, self._device_id = owners, leases, device_id
        self.now = book.now
        self.stale: set[str] = set()
        """Vehicles that the desk of this transaction still believed to be where they no longer are."""
        self.unknown: set[str] = set()
        """Ids of vehicles that this transaction changes and the centre does not have."""
        self.moving: set[str] = set()
        """Orders that the desk of this transaction gives another vehicle."""
        self._lost: dict[str, str] = {}

    def _promised_elsewhere(self, vin: str, *, scope: str, holder_id: str) -> dict[str, Any] | None:
        """The transfer that was first, None without one."""
        owner = self._owners.get(vin)
        if owner is None:
            return None
        if vin in self.stale or stands_against(owner, scope=scope, holder_id=holder_id):
            transfer = self._ledger.get(TRANSFER_TABLE, owner.transfer_id) if owner.transfer_id else None
            person = None if transfer is None else transfer.fields.get("approved_by_staff_id")
            return promise(owner) | {"staff_id": person or ""}
        return None

    def _lease(self, vin: str) -> Lease | None:
        """Who may sell the vehicle although they are offline."""
        return self._leases.standing(vin, self._owners.get(vin))

    def _leased_elsewhere(self, vin: str) -> dict[str, Any] | None:
        """The lease of another desk, None without one."""
        lease = self._lease(vin)
        return None if lease is None or self._leases.is_for(lease, self._device_id) else lease.reference()

    def _had_it(self, vin: str, order: Row | None) -> bool:
        """Whether a centre that came from a backup had given this order the vehicle: then a lease of before that, which
        has no id any more, was no other desk's, or over. It may be another desk that shows the order first."""
        lease = self._lease(vin)
        confirmed = order is not None and order.fields.get("claim_state") == "confirmed"
        return confirmed and lease is not None and not lease.lease_id

    def is_taken(self, vin: str) -> bool:
        """Whether an order, a running hold or another desk's lease has the vehicle."""
        claim = self._book.get(vin)
        if claim is not None and claim.lives(self.now):
            return True
        self._owners.look_up(vin)
        return self._leased_elsewhere(vin) is not None

    def claim(self, vin: str, *, asked: dict[str, Any], scope: str, by: str = "") -> Answer:
        """Answer one claim: taken, refused (a hold), or lost and flagged (an order). `by` is who asks."""
        problem = _problem_in(asked)
        if problem is not None:
            return Outcome.REJECTED, Rejection.OPERATION_MALFORMED, {"field": problem}
        claim = self._book.change(vin)
        self._know_unit(vin, asked["vehicle_id"], scope)
        if asked["kind"] == HOLD:
            return self._hold(claim, asked, scope)
        return self._order(claim, asked, scope, by if is_identifier(by) else "")

    def _know_unit(self, vin: str, vehicle_id: str, scope: str) -> None:
        row = self._ledger.get("vehicle_unit", vehicle_id)
        self._book.enter(vin, vehicle_id, scope if row is None else row.scope)

    def _hold(self, claim: Claim, asked: dict[str, Any], scope: str) -> Answer:
        until = asked["until"]
        if until is None or until <= self.now:
            return _ACCEPTED
        if self._out_of_books(claim, asked):
            return Outcome.REJECTED, Rejection.RECORD_DELETED, {}
        if claim.lives(self.now) and not (claim.kind == HOLD and claim.holder_id == asked["holder_id"]):
            return Outcome.REJECTED, Rejection.VEHICLE_CLAIMED, {"winner": self.winner(claim)}
        first = self._promised_elsewhere(claim.vin, scope=scope, holder_id=asked["holder_id"])
        first = first or self._leased_elsewhere(claim.vin)
        if first is not None:
            return Outcome.REJECTED, Rejection.VEHICLE_CLAIMED, {"winner": first}
        self._take(claim, asked, scope)
        return _ACCEPTED

    def _order(self, claim: Claim, asked: dict[str, Any], scope: str, by: str) -> Answer:
        order = self._ledger.get("sales_order", asked["holder_id"])
        if order is not None and (order.deleted or _is_over(order, claim)):
            # Somebody has not heard yet that the order was given up, or is about another vehicle.
            if order.deleted or order.fields.get("state") in OVER:
                self._settle_conflict(asked["holder_id"])
            return _ACCEPTED
        if self._out_of_books(claim, asked):
            if claim.kind == ORDER and claim.holder_id == asked["holder_id"]:
                claim.free()
            nobody = {"order_id": None, "number": "", "branch_id": scope, "desk_code": "", "at": self.now,
                      "staff_id": ""}  # fmt: skip
            self._flag(claim, asked, order, scope, nobody)
            return Outcome.CONFLICT, "", {"winner": nobody}
        if claim.lives(self.now) and claim.holder_id != asked["holder_id"] and not self._gives_way(claim, order):
            winner = self.winner(claim)
            self._flag(claim, asked, order, scope, winner)
            return Outcome.CONFLICT, "", {"winner": winner}
        first = self._promised_elsewhere(claim.vin, scope=scope, holder_id=asked["holder_id"])
        first = first or (None if self._had_it(claim.vin, order) else self._leased_elsewhere(claim.vin))
        if first is not None and not (claim.kind == ORDER and claim.holder_id == asked["holder_id"]):
            self._flag(claim, asked, order, scope, first)
            self._lost[claim.vin] = asked["holder_id"]
            return Outcome.CONFLICT, "", {"winner": first}
        self._take(claim, asked, scope)
        claim.staff_id = by or _seller(order)
        if asked["holder_id"] in self.moving:
            self._leave_others(claim)
        self._settle_conflict(asked["holder_id"])
        if order is not None:
            self._confirm(order, asked["number"])
        return _ACCEPTED

    def _leave_others(self, taken: Claim) -> None:
        """The order has another vehicle now. The one before may have become its own after all, which the desk that
        looked for another one had not heard."""
        for held in self._book.held_by(taken.holder_id):
            if held.vin != taken.vin:
                claim = self._book.change(held.vin)
                self._free_units(claim)
                claim.free()

    def _gives_way(self, claim: Claim, order: Row | None) -> bool:
        """Whether what has the vehicle ends with this order: a hold for the same people, or one that the desk with the
        lease put there itself, which nobody else could since."""
        lease = self._lease(claim.vin)
        leased_here = lease is not None and self._leases.is_for(lease, self._device_id)
        return _is_for(claim, order) or (leased_here and claim.kind == HOLD)

    def _out_of_books(self, claim: Claim, asked: dict[str, Any]) -> bool:
        """Whether the vehicle was removed as entered by mistake, and nobody has entered it again."""
        row = self._ledger.get("vehicle_unit", asked["vehicle_id"])
        if not (row.deleted if row is not None else asked["vehicle_id"] in self.unknown):
            return False
        entries = (self._ledger.get("vehicle_unit", unit) for unit in claim.units)
        return not any(one is not None and not one.deleted for one in entries)

    def _take(self, claim: Claim, asked: dict[str, Any], scope: str) -> None:
        claim.kind, claim.holder_id, claim.scope = asked["kind"], asked["holder_id"], scope
        claim.vehicle_id, claim.number = asked["vehicle_id"], asked["number"]
        claim.branch_id, claim.desk_code = asked["branch_id"], asked["desk_code"]
        claim.staff_id = asked["holder_id"] if claim.kind == HOLD else ""
        claim.customer_id = self._held_for(asked) if claim.kind == HOLD else ""
        claim.until = asked["until"] if claim.kind == HOLD else None
        claim.at = self.now

    def _held_for(self, asked: dict[str, Any]) -> str:
        if is_identifier(asked.get("customer_id")):
            return str(asked["customer_id"])
        unit = self._ledger.get("vehicle_unit", asked["vehicle_id"])
        if unit is None or unit.fields.get("held_by_staff_id") != asked["holder_id"]:
            return ""
        return unit.fields.get("held_for_customer_id") or ""

    def _confirm(self, order: Row, number: str) -> None:
        final = order.fields.get("final_number") or next_number(
            self._store, self._connection, tenant=self._tenant, scope=order.scope, provisional=number, now=self.now
        )
        self._ledger.write_as_centre(
            order, {"claim_state": "confirmed", "claim_winner": None, "final_number": final}
        )  # fmt: skip

    def winner(self, claim: Claim) -> dict[str, Any]:
        """The reference a loser gets: `order_id` is None where a hold, not an order, has the vehicle."""
        order = self._ledger.get("sales_order", claim.holder_id) if claim.kind == ORDER else None
        final = None if order is None else order.fields.get("final_number")
        return {
            "order_id": claim.holder_id if claim.kind == ORDER else None, "number": final or claim.number,
            "branch_id": claim.branch_id, "desk_code": claim.desk_code, "at": claim.at,
            "staff_id": claim.staff_id or _seller(order),
        }  # fmt: skip

    def _flag(self, claim: Claim, asked: dict[str, Any], order: Row | None, scope: str, winner: dict[str, Any]) -> None:
        """Keep the losing order, say who won, and give both branches something to do."""
        loser = asked["holder_id"]
        if order is not None:
            self._ledger.write_as_centre(order, {"claim_state": "conflict", "claim_winner": winner})
        params = _told(claim.vin, asked, winner)
        salesperson = None if order is None else order.fields.get("salesperson_id")
        kind, other = "resolve_claim_conflict", claim.scope
        if winner.get("kind") == LEASE:
            kind, other = "lease_conflict", winner["branch_id"]
            params["until"] = instant_at(winner["until"]).astimezone(BRANCH_TIME).strftime("%Y-%m-%d %H:%M")
        tasks = {self._task(scope, kind, loser, params, assignee=salesperson): scope}
        if other and other != scope:
            record = winner["order_id"] or loser
            tasks[self._task(other, kind, record, params, assignee=None)] = other
        self._book.set_conflict(loser, Conflict(claim.vin, tasks))

    def remember_loser(self, order: Row) -> None:
        """An order is shown as lost to a centre that came from a backup and forgot it: its branch has to hear of it,
        also where nobody had read the task yet. Who won is not decided anew."""
        winner, unit_id = order.fields.get("claim_winner"), str(order.fields.get("vehicle_unit_id") or "")
        if not isinstance(winner, dict) or self._book.conflict_of(order.id) is not None:
            return
        unit = self._ledger.get("vehicle_unit", unit_id)
        vin = str(winner.get("vin") or (unit.fields.get("vin") if unit is not None else "") or "")
        asked = {"number": order.fields.get("number"), "branch_id": order.scope, "holder_id": order.id}
        params = _told(vin, asked, winner)
        task = self._task(
            order.scope, "resolve_claim_conflict", order.id, params, assignee=order.fields.get("salesperson_id")
        )  # fmt: skip
        self._book.set_conflict(order.id, Conflict(vin, {task: order.scope}))

    def _task(self, scope: str, kind: str, record_id: str, params: dict[str, Any], *, assignee: str | None) -> str:
        name = f"{self._tenant}|{params['vin']}|{params['order_id']}|{params['winner_order_id']}|{scope}"
        task_id = hashlib.sha256(name.encode("utf-8")).hexdigest()[:32]
        values = {
            "branch_id": scope, "kind": kind, "assignee_staff_id": assignee,
            "record_table": "sales_order", "record_id": record_id, "params": params, "due_at": None, "state": "OPEN",
            "done_at": None, "done_by_staff_id": None,
        }  # fmt: skip
        known = self._ledger.get("task", task_id)
        if known is None:
            self._ledger.create_as_centre(table="task", record_id=task_id, scope=scope, fields=values)
        else:
            self._ledger.write_as_centre(known, values)
        return task_id

    def release(self, vin: str, *, asked: dict[str, Any], scope: str) -> Answer:
        """Free the vehicle if this holder has it; in any case a lost claim of this holder is settled."""
        holder = str(asked.get("holder_id"))
        if not is_identifier(holder):
            return Outcome.REJECTED, Rejection.OPERATION_MALFORMED, {"field": "holder_id"}
        claim = self._book.change(vin)
        if is_identifier(asked.get("vehicle_id")):
            self._know_unit(vin, asked["vehicle_id"], scope)
        conflict = self._book.conflict_of(holder)
        if conflict is not None and conflict.vin == vin:
            self._settle_conflict(holder)
        if claim.kind and claim.holder_id == holder:
            self._free_units(claim)
            claim.free()
        return _ACCEPTED

    def end(self, order_id: str) -> None:
        """An order was given up, perhaps at a desk that does not have its vehicle: nobody else would free that."""
        order = self._ledger.get("sales_order", order_id)
        if order is None or order.fields.get("state") not in OVER:
            return
        self._settle_conflict(order_id)
        unit = self._ledger.get("vehicle_unit", str(order.fields.get("vehicle_unit_id")))
        known = None if unit is None else self._book.get(str(unit.fields.get("vin")))
        if known is not None and known.kind == ORDER and known.holder_id == order_id:
            claim = self._book.change(known.vin)
            self._free_units(claim)
            claim.free()

    def _free_units(self, claim: Claim) -> None:
        for unit_id in claim.units:
            row = self._ledger.get("vehicle_unit", unit_id)
            if row is None or row.deleted:
                continue
            if claim.kind == ORDER and row.fields.get("order_id") == claim.holder_id:
                self._ledger.write_as_centre(row, {"allocation_state": "FREE", "order_id": None})
            elif claim.kind == HOLD and row.fields.get("allocation_state") == "HELD":
                self._ledger.write_as_centre(row, {"allocation_state": "FREE", **_NOT_HELD})

    def _settle_conflict(self, order_id: str) -> None:
        conflict = self._book.conflict_of(order_id)
        if conflict is None:
            return
        for task_id in conflict.tasks:
            task = self._ledger.get("task", task_id)
            if task is not None and task.fields.get("state") == "OPEN":
                self._ledger.write_as_centre(task, {"state": "DONE", "done_at": self.now})
        self._book.set_conflict(order_id, None)

    def review(self, vins: Iterable[str], *, scopes: Container[str]) -> None:
        """Vehicles were shown as desks have them: claims that no longer stand are let go, the others are written down.

        A centre that came from a backup may still hold what was given up since.
        """
        shown = set(vins)
        for vin in sorted(shown):
            known = self._book.get(vin)
            if known is None or not known.lives(self.now) or not self._was_given_up(known):
                continue
            claim = self._book.change(vin)
            order = self._ledger.get("sales_order", claim.holder_id) if claim.kind == ORDER else None
            self._free_units(claim)
            claim.free()
            if order is not None and order.fields.get("claim_state") == "confirmed" and not self._has_its_own(order):
                self._ledger.write_as_centre(order, {"claim_state": "released"})
        self.settle(shown, scopes=scopes)

    def _has_its_own(self, order: Row) -> bool:
        """Whether the order has the vehicle that it is about by now: then what it says is about that one."""
        vins = self._book.vins_of_units([str(order.fields.get("vehicle_unit_id"))])
        self._book.load(vins)
        found = (self._book.get(vin) for vin in vins)
        return any(one is not None and one.kind == ORDER and one.holder_id == order.id for one in found)

    def _was_given_up(self, claim: Claim) -> bool:
        """Whether its order is over or has another vehicle, or its hold was ended after it was made."""
        if claim.kind == ORDER:
            order = self._ledger.get("sales_order", claim.holder_id)
            return order is not None and (bool(order.deleted) or _is_over(order, claim))
        unit = self._ledger.get("vehicle_unit", claim.vehicle_id)
        if unit is None or unit.deleted or unit.fields.get("allocation_state") == "HELD":
            return False
        return HybridTime.parse(clock_of(unit.clocks, "allocation_state")).ms * 1000 > claim.at

    def settle(self, vins: Iterable[str], *, scopes: Container[str]) -> None:
        """Make the records of these vehicles say what their claims say, whatever the merged changes said.

        Only records in `scopes`, which are locked, are written.
        """
        for vin in vins:
            claim = self._book.get(vin)
            if claim is None or not claim.lives(self.now):
                self._free_of_loser(claim, self._lost.pop(vin, ""), scopes)
                continue
            for unit_id, scope in claim.units.items():
                row = self._ledger.get("vehicle_unit", unit_id) if scope in scopes else None
                if row is not None and not row.deleted:
                    self._ledger.write_as_centre(row, _standing(claim, row.fields))


    def _free_of_loser(self, claim: Claim | None, loser: str, scopes: Container[str]) -> None:
        """A transfer was before this order: the vehicle is on no order."""
        for unit_id, scope in (claim.units if claim is not None and loser else {}).items():
            row = self._ledger.get("vehicle_unit", unit_id) if scope in scopes else None
            if row is not None and not row.deleted and row.fields.get("order_id") == loser:
                self._ledger.write_as_centre(row, {"allocation_state": "FREE", "order_id": None, **_NOT_HELD})


def _told(vin: str, asked: dict[str, Any], winner: dict[str, Any]) -> dict[str, Any]:
    """What a task says of an order that lost its vehicle: which it is, and who has the vehicle."""
    return {
        "vin": vin, "number": asked.get("number") or "", "branch_id": asked.get("branch_id"),
        "desk_code": asked.get("desk_code") or "", "order_id": asked["holder_id"],
        "winner": winner.get("number") or "", "winner_number": winner.get("number") or "",
        "winner_order_id": winner.get("order_id"), "winner_branch_id": winner.get("branch_id"),
        "winner_desk_code": winner.get("desk_code"),
    }  # fmt: skip


def ends_order(operation: dict[str, Any]) -> bool:
    """Whether an operation says that an order was given up."""
    return (
        operation["table"] == "sales_order" and operation["kind"] == PUT
        and isinstance(operation["fields"], dict) and operation["fields"].get("state") in OVER
    )  # fmt: skip


def moves_order(operation: dict[str, Any]) -> bool:
    """Whether an operation gives an order that the centre may know another vehicle."""
    return (
        operation["table"] == "sales_order" and operation["kind"] == PUT and not operation.get("new")
        and isinstance(operation["fields"], dict) and bool(operation["fields"].get("vehicle_unit_id"))
    )  # fmt: skip


def _problem_in(asked: dict[str, Any]) -> str | None:
    if asked.get("kind") not in (ORDER, HOLD):
        return "kind"
    for name in ("vehicle_id", "holder_id", "branch_id"):
        if not is_identifier(asked.get(name)):
            return name
    for name, longest in (("number", 40), ("desk_code", 16)):
        value = asked.get(name)
        if not isinstance(value, str) or len(value) > longest or "\0" in value:
            return name
    until = asked.get("until", "")
    return None if until is None or type(until) is int else "until"


def _seller(order: Row | None) -> str:
    """Who sells, where nobody signed the claim: those of before this was kept, and of publications."""
    seller = None if order is None else order.fields.get("salesperson_id")
    return str(seller) if is_identifier(seller) else ""


def _is_for(claim: Claim, order: Row | None) -> bool:
    """Whether a hold was made for the people of this order, so that the order takes its place."""
    if claim.kind != HOLD or order is None:
        return False
    if claim.customer_id:
        return claim.customer_id == order.fields.get("customer_id")
    return bool(claim.staff_id) and claim.staff_id == order.fields.get("salesperson_id")


def _is_over(order: Row, claim: Claim) -> bool:
    """Whether an order was cancelled or taken back, or is about another vehicle by now."""
    unit_id = order.fields.get("vehicle_unit_id")
    return order.fields.get("state") in OVER or (bool(unit_id) and unit_id not in claim.units)


def _standing(claim: Claim, present: dict[str, Any]) -> dict[str, Any]:
    if claim.kind == ORDER:
        stays = present.get("order_id") == claim.holder_id and present.get("allocation_state") == "DELIVERED"
        state = "DELIVERED" if stays else "ALLOCATED"
        return {"allocation_state": state, "order_id": claim.holder_id, **_NOT_HELD}
    return {
        "allocation_state": "HELD", "order_id": None, "held_until": claim.until,
        "held_by_staff_id": claim.staff_id or None, "held_for_customer_id": claim.customer_id or None,
    }  # fmt: skip
