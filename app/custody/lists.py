"""What the lists of certificates and of keys share: which units they begin with, how they are searched, names."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, exists, func, or_, select

from app.inventory.rules import StockState
from app.kernel.unit_of_work import Reader
from db.listing import unindexed
from db.models.custody import VehicleKey
from db.models.inventory import VehicleUnit
from db.models.staff import StaffMember

IN_HOUSE = (StockState.IN_STOCK.value, StockState.LENT.value)


def units_here(reader: Reader, states: Collection[str]) -> Select[str]:
    """The units of the branch in these states. Lists begin with them: what was sold does not matter then.

    Read from an index that holds the ids: one by the branch would be led to each row for them.
    """
    return select(VehicleUnit.id).where(
        unindexed(VehicleUnit.branch_id) == reader.actor.branch_id,
        VehicleUnit.stock_state.in_(states),
        VehicleUnit.deleted_at.is_(None),
    )


def how_many(reader: Reader, units: Select[str] | CompoundSelect[str]) -> int:
    """How many units such a selection has."""
    return reader.session.scalar(select(func.count()).select_from(units.subquery())) or 0


def named(text: str, *, slots: bool = False) -> list[ColumnElement[bool]]:
    """What a unit must fit: VIN or stock number holds the text; with `slots`, or a key's slot, tag or holder does."""
    wanted = text.strip()
    if not wanted:
        return []
    found = [
        VehicleUnit.vin.contains(wanted.upper(), autoescape=True),
        VehicleUnit.stock_number.contains(wanted.upper(), autoescape=True),
    ]
    if slots:
        holder = and_(
            VehicleKey.unit_id == VehicleUnit.id,
            or_(VehicleKey.slot == wanted, VehicleKey.tag == wanted, VehicleKey.holder_name.contains(wanted)),
        )
        found.append(exists().where(holder))
    return [or_(*found)]


def staff_names(reader: Reader, ids: set[str]) -> dict[str, str]:
    """Names by id."""
    query = select(StaffMember.id, StaffMember.name).where(StaffMember.id.in_(sorted(ids)))
    return {row[0]: row[1] for row in reader.session.execute(query)} if ids else {}
