"""Prices that are taken in the place of the guide price, each with what it was derived from."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from app.inventory.queries import UnitRow, list_units
from app.inventory.rules import AllocationState, StockState
from app.inventory.unit_filters import UnitFilter, UnitSort
from app.kernel.labels import Note, note
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr_noop
from db.models.inventory import VehicleUnit

_MOST_UNITS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPrice:
    """What to take for a trim: the asked price of a unit as it stands now, or an amount that was entered."""

    trim_id: str
    unit_id: str = ""
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TakenPrice:
    """A price, and what it was derived from."""

    amount: Decimal
    derived: Note


def taken_prices(reader: Reader, asked: Sequence[OwnPrice]) -> dict[str, TakenPrice]:
    """The prices by trim; one whose unit is gone, of another trim or without a price is left out."""
    entered = note(tr_noop("Entered for this comparison"))
    found = {
        one.trim_id: TakenPrice(one.amount, entered)
        for one in asked
        if not one.unit_id and one.amount is not None and one.amount > 0
    }
    by_unit = {one.unit_id: one.trim_id for one in asked if one.unit_id}
    if by_unit:
        reader.require(Permission.INVENTORY_VIEW)
        columns = (VehicleUnit.id, VehicleUnit.trim_id, VehicleUnit.list_price, VehicleUnit.stock_number)
        query = select(*columns).where(VehicleUnit.id.in_(by_unit), VehicleUnit.deleted_at.is_(None))
        for unit_id, trim_id, price, number in reader.session.execute(query):
            if by_unit[unit_id] == trim_id and price > 0:
                found[trim_id] = TakenPrice(price, note(tr_noop("Asked price of unit {number}"), number=number))
    return found


def priced_units(reader: Reader, trim_id: str) -> tuple[UnitRow, ...]:
    """Free units of a trim at this branch whose asked price can be taken, the longest here first."""
    wanted = UnitFilter(
        trim_ids=(trim_id,), branch_ids=(reader.actor.branch_id,), allocation_states=(AllocationState.FREE,),
        stock_states=(StockState.IN_STOCK, StockState.IN_TRANSIT),
    )  # fmt: skip
    rows = list_units(reader, filter=wanted, limit=_MOST_UNITS, sort=UnitSort.OLDEST).rows
    return tuple(row for row in rows if row.list_price)
