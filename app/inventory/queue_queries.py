"""Reading queues for wanted units, and what is to be told about holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_

from app.inventory.hold_watch import ended_holds, ending_holds, lapsed_offers, vain_wishes
from app.inventory.rules import WishState
from app.inventory.unit_names import trim_names, unit_name
from app.inventory.unit_rows import UnitRow, rows_by_id
from app.inventory.waiting import free_units_for, in_one_queue, is_offer_running, queue_for, waiting_of
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.lists import listed
from db.models.customers import Customer
from db.models.inventory import VehicleUnit
from db.models.staff import StaffMember
from db.models.wishes import UnitWish

OFFERED = "OFFERED"
_PLACE = (
    UnitWish.trim_id, func.coalesce(UnitWish.unit_id, ""), UnitWish.exterior_colour, UnitWish.rank, UnitWish.id
)  # fmt: skip
"""Queue by queue, each in its order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WishRow:
    """Somebody who waits. `place` counts from 1 within their queue, 0 for somebody who waits no longer.

    `vehicle` names the unit or the trim waited for; `offered_until` is set while an offer runs; `cursor` is the place
    in `list_wishes`.
    """

    id: str
    cursor: tuple[str, str, str, str, str]
    revision: int
    place: int
    unit_id: str | None
    trim_id: str
    vehicle: Bilingual
    exterior_colour: Bilingual
    customer_id: str
    customer_name: str
    salesperson_id: str
    salesperson: str
    note: str
    earnest_reference: str
    state: WishState
    offered_unit_id: str | None
    offered_until: datetime | None
    order_id: str | None
    since: datetime

    @property
    def standing(self) -> str:
        """The state, "OFFERED" while an offer runs."""
        return OFFERED if self.offered_until is not None else self.state.value


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingDetail:
    """Somebody who waits, with everybody in their queue, the units they could be offered now, and what was offered.

    `actions`: offer, offer_early (before their turn), leave, move, unit.
    """

    row: WishRow
    queue: tuple[WishRow, ...]
    units: tuple[UnitRow, ...]
    offered: UnitRow | None
    actions: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingHold:
    """A hold of the actor that ends soon or has ended, not yet told."""

    unit_id: str
    vehicle: Bilingual
    until: datetime
    ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldsToTend:
    """How many things TendHolds would do, and those that concern the actor."""

    count: int
    mine: tuple[EndingHold, ...]


def list_queue(reader: Reader, unit_id: str) -> tuple[WishRow, ...]:
    """Everybody who waits for a unit or one like it, the first in front."""
    reader.require(Permission.INVENTORY_VIEW)
    unit = reader.get(VehicleUnit, unit_id)
    wishes = queue_for(reader.session, unit)
    return _rows(reader, wishes, places=range(1, len(wishes) + 1)) if wishes else ()


def list_wishes(
    reader: Reader,
    *,
    after: Any = None,
    limit: int = 100,
    text: str = "",
    state: str | None = WishState.WAITING.value,
    mine: bool = False,
) -> tuple[WishRow, ...]:
    """Who waits in the branch, queue by queue, each in its order. `state` is a WishState or "OFFERED"; `text` is part
    of the customer's name."""
    reader.require(Permission.INVENTORY_VIEW)
    query = select(UnitWish).where(*_conditions(reader, text=text, state=state, mine=mine))
    if after is not None:
        query = query.where(tuple_(*_PLACE) > tuple(after))
    wishes = list(reader.session.scalars(query.order_by(*_PLACE).limit(limit)))
    return _rows(reader, wishes, places=_places(reader, wishes))


def count_wishes(
    reader: Reader, *, text: str = "", state: str | None = WishState.WAITING.value, mine: bool = False
) -> tuple[int, int]:
    """How many match, and how many there ever were in the branch."""
    reader.require(Permission.INVENTORY_VIEW)
    count = select(func.count()).select_from(UnitWish)
    matching = count.where(*_conditions(reader, text=text, state=state, mine=mine))
    everything = count.where(*_conditions(reader, text="", state=None, mine=False))
    return reader.session.scalar(matching) or 0, reader.session.scalar(everything) or 0


def get_waiting(reader: Reader, wish_id: str) -> WaitingDetail:
    """Somebody who waits, with their queue and what could be offered; raises RecordNotFound."""
    reader.require(Permission.INVENTORY_VIEW)
    wish = reader.get(UnitWish, wish_id)
    waits = wish.state == WishState.WAITING
    queue = [w for w in waiting_of(reader.session, wish.branch_id, [wish.trim_id]) if waits and in_one_queue(wish, w)]
    rows = _rows(reader, queue, places=range(1, len(queue) + 1)) if queue else ()
    row = next((other for other in rows if other.id == wish.id), None) or _rows(reader, [wish])[0]
    running = row.offered_until is not None
    units = free_units_for(reader.session, wish, reader.now) if waits and not running else []
    shown = {unit.id: unit for unit in rows_by_id(reader, [unit.id for unit in units])}
    offered = rows_by_id(reader, [wish.offered_unit_id]) if running and wish.offered_unit_id else ()
    return WaitingDetail(
        row=row, queue=rows, units=tuple(shown[unit.id] for unit in units), offered=offered[0] if offered else None,
        actions=_actions(reader, row, rows, units=len(units)),
    )  # fmt: skip


def _actions(reader: Reader, row: WishRow, queue: Sequence[WishRow], *, units: int) -> frozenset[str]:
    offered: set[str] = set()
    if row.unit_id is not None:
        offered.add("unit")
    if row.state is not WishState.WAITING:
        return frozenset(offered)
    arranges = reader.actor.may(Permission.INVENTORY_ARRANGE_QUEUE)
    ahead = any(other.place < row.place and other.offered_until is None for other in queue)
    if units and (not ahead or arranges):
        offered.add("offer_early" if ahead else "offer")
    if row.salesperson_id == reader.actor.staff_id or arranges:
        offered.add("leave")
    if len(queue) > 1 and arranges:
        offered.add("move")
    return frozenset(offered)


def _places(reader: Reader, wishes: Sequence[UnitWish]) -> list[int]:
    """Where each stands in their queue; 0 for somebody who waits no longer."""
    waiting: dict[str, list[UnitWish]] = {}
    for other in waiting_of(reader.session, reader.actor.branch_id, {wish.trim_id for wish in wishes}):
        waiting.setdefault(other.trim_id, []).append(other)
    places = []
    for wish in wishes:
        ids = [other.id for other in waiting.get(wish.trim_id, ()) if in_one_queue(wish, other)]
        places.append(ids.index(wish.id) + 1 if wish.id in ids else 0)
    return places


def get_wish(reader: Reader, wish_id: str) -> WishRow:
    """One place in a queue; raises RecordNotFound."""
    reader.require(Permission.INVENTORY_VIEW)
    wish = reader.get(UnitWish, wish_id)
    return _rows(reader, [wish], places=_places(reader, [wish]))[0]


def holds_to_tend(reader: Reader) -> HoldsToTend:
    """What TendHolds would do now; nothing for somebody who may not hold."""
    if not reader.actor.may(Permission.INVENTORY_HOLD):
        return HoldsToTend(count=0, mine=())
    scope: dict[str, Any] = {"branch_id": reader.actor.branch_id, "now": reader.now}
    ending, ended = ending_holds(reader.session, **scope), ended_holds(reader.session, **scope)
    own = [(unit, False) for unit in ending] + [(unit, True) for unit in ended]
    return HoldsToTend(
        count=len(ending) + len(ended) + len(lapsed_offers(reader.session, **scope))
        + len(vain_wishes(reader.session, branch_id=reader.actor.branch_id)),
        mine=tuple(
            EndingHold(
                unit_id=unit.id, vehicle=unit_name(reader.session, unit), until=unit.held_until, ended=over
            )
            for unit, over in own
            if unit.held_by_staff_id == reader.actor.staff_id and unit.held_until is not None
        ),
    )  # fmt: skip


def _conditions(reader: Reader, *, text: str, state: str | None, mine: bool) -> list[ColumnElement[bool]]:
    rules = [UnitWish.deleted_at.is_(None), UnitWish.branch_id == reader.actor.branch_id]
    if state == OFFERED:
        rules += [UnitWish.state == WishState.WAITING.value, UnitWish.offered_until > reader.now]
    elif state is not None:
        rules.append(UnitWish.state == state)
    if mine:
        rules.append(UnitWish.salesperson_id == reader.actor.staff_id)
    if text.strip():
        named = select(Customer.id).where(Customer.name.contains(text.strip(), autoescape=True))
        rules.append(UnitWish.customer_id.in_(named))
    return rules


def _rows(reader: Reader, wishes: Sequence[UnitWish], places: Sequence[int] = ()) -> tuple[WishRow, ...]:
    session = reader.session
    customers = _names(reader, Customer, {wish.customer_id for wish in wishes})
    staff = _names(reader, StaffMember, {wish.salesperson_id for wish in wishes})
    trims = trim_names(session, {wish.trim_id for wish in wishes})
    units = {wish.unit_id: session.get(VehicleUnit, wish.unit_id) for wish in wishes if wish.unit_id}
    return tuple(
        WishRow(
            id=wish.id,
            cursor=(wish.trim_id, wish.unit_id or "", wish.exterior_colour, wish.rank, wish.id),
            revision=wish.revision,
            place=places[index] if places else 0,
            unit_id=wish.unit_id,
            trim_id=wish.trim_id,
            vehicle=_vehicle(units.get(wish.unit_id or ""), trims.get(wish.trim_id, Bilingual("", ""))),
            exterior_colour=Bilingual.from_stored(wish.exterior_colour),
            customer_id=wish.customer_id,
            customer_name=customers.get(wish.customer_id, ""),
            salesperson_id=wish.salesperson_id,
            salesperson=staff.get(wish.salesperson_id, ""),
            note=wish.note,
            earnest_reference=wish.earnest_reference,
            state=WishState(wish.state),
            offered_unit_id=wish.offered_unit_id,
            offered_until=wish.offered_until if _has_offer(wish, reader.now) else None,
            order_id=wish.order_id,
            since=wish.created_at,
        )
        for index, wish in enumerate(wishes)
    )


def _has_offer(wish: UnitWish, now: datetime) -> bool:
    return wish.state == WishState.WAITING and is_offer_running(wish, now)


def _vehicle(unit: VehicleUnit | None, trim: Bilingual) -> Bilingual:
    if unit is None:
        return trim
    number = unit.stock_number or unit.vin
    return Bilingual(f"{trim.zh} {number}".strip(), f"{trim.en or trim.zh} {number}".strip())


def _names(reader: Reader, model: Any, ids: set[str]) -> dict[str, str]:
    query = select(model.id, model.name).where(model.id.in_(listed(sorted(ids))))
    return {row[0]: row[1] for row in reader.session.execute(query)} if ids else {}
