"""How many units of each trim are free, and where: counted in one pass over an index, kept until the next write or the
end of a hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from app.finder.columns import TrimColumns
from app.inventory.rules import AllocationState, QualityState, StockState
from app.kernel.unit_of_work import Reader
from db.freshness import until_next_write
from db.models.inventory import VehicleUnit
from db.models.staff import Branch
from db.one_piece import OnePiece


@dataclass(frozen=True, slots=True)
class FreeUnits:
    """Arrays with one number a trim: free units that stand at this branch, are on their way to it, stand at or are on
    their way to others. `total` is all of them."""

    here: Any
    coming: Any
    elsewhere: Any
    total: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchStock:
    """Free units of one trim at one branch."""

    branch_id: str
    name: str
    mine: bool
    standing: int
    coming: int


def is_free(now: datetime) -> ColumnElement[bool]:
    """Can be sold to anybody: standing or on its way, not taken, no hold that still runs, nothing wrong with it."""
    held = and_(VehicleUnit.allocation_state == AllocationState.HELD.value, VehicleUnit.held_until <= now)
    return and_(
        VehicleUnit.deleted_at.is_(None),
        VehicleUnit.stock_state.in_([StockState.IN_STOCK.value, StockState.IN_TRANSIT.value]),
        VehicleUnit.quality_state == QualityState.NORMAL.value,
        or_(VehicleUnit.allocation_state == AllocationState.FREE.value, held),
    )


def free_units(reader: Reader, columns: TrimColumns) -> FreeUnits:
    """The counts beside these columns, for the actor's branch."""
    key = ("free units", reader.actor.branch_id, id(columns), _next_hold_end(reader))
    return until_next_write(reader.session, key, lambda: _count(reader, columns))


def _next_hold_end(reader: Reader) -> datetime | None:
    held = VehicleUnit.allocation_state == AllocationState.HELD.value
    query = select(func.min(VehicleUnit.held_until)).where(held, VehicleUnit.held_until > reader.now)
    return reader.session.execute(query).scalar()


def _count(reader: Reader, columns: TrimColumns) -> FreeUnits:
    import numpy as np

    mine = VehicleUnit.branch_id == reader.actor.branch_id
    standing = VehicleUnit.stock_state == StockState.IN_STOCK.value
    query = (
        select(
            VehicleUnit.trim_id,
            func.sum(case((and_(mine, standing), 1), else_=0)),
            func.sum(case((and_(mine, ~standing), 1), else_=0)),
            func.count(),
        )
        .where(is_free(reader.now))
        .group_by(VehicleUnit.trim_id)
        .subquery()
    )
    found = OnePiece(select(*query.c)).rows(reader.session.connection(), {})
    counts = np.zeros((3, len(columns)), np.int32)
    places = columns.place_of
    rows = [(places[row[0]], *row[1:]) for row in found if row[0] in places]
    if rows:
        table = np.array(rows, np.int64).T
        counts[:, table[0]] = table[1:]
    here, coming, total = counts
    return FreeUnits(here=here, coming=coming, elsewhere=total - here - coming, total=total)


def stock_by_branch(reader: Reader, trim_id: str) -> tuple[BranchStock, ...]:
    """Where the free units of one trim are: this branch first, then the one with the most."""
    standing = case((VehicleUnit.stock_state == StockState.IN_STOCK.value, 1), else_=0)
    query = (
        select(VehicleUnit.branch_id, func.sum(standing), func.count())
        .where(is_free(reader.now), VehicleUnit.trim_id == trim_id)
        .group_by(VehicleUnit.branch_id)
    )
    found = [tuple(row) for row in reader.session.execute(query)]
    names = _branch_names(reader, [row[0] for row in found])
    mine = reader.actor.branch_id
    rows = [
        BranchStock(branch_id=branch, name=names.get(branch, ""), mine=branch == mine, standing=there,
                    coming=total - there)
        for branch, there, total in found
    ]  # fmt: skip
    return tuple(sorted(rows, key=lambda row: (not row.mine, -row.standing, -row.coming, row.branch_id)))


def _branch_names(reader: Reader, branch_ids: list[str]) -> Mapping[str, Any]:
    from app.kernel.labels import Bilingual

    query = select(Branch.id, Branch.name_zh, Branch.name_en).where(Branch.id.in_(branch_ids))
    return {row[0]: Bilingual(row[1], row[2]) for row in reader.session.execute(query)}
