"""Carrying list and floor prices into the units when their day has come.

Stock lists are filtered and sorted by `vehicle_unit.list_price`, so the price that counts stands there. Every desk does
this by itself for the branch's units it holds. It comes out the same everywhere: what a unit gets is decided by
`rules.counting_price` from absolute amounts, and writing what stands there already is no change.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import select

from app.inventory.rules import AllocationState, StockState
from app.inventory.unit_filters import listed
from app.kernel.clock import branch_date
from app.kernel.unit_of_work import Reader, UnitOfWork
from app.pricing.effective import guide_prices, priced, read_rules
from app.pricing.rules import PriceKind, PriceLevel, PriceState, counting_price
from db.models.inventory import VehicleUnit
from db.models.pricing import PriceApplied, PriceChange, PriceLine

_LASTING = (PriceKind.LIST.value, PriceKind.FLOOR.value, PriceKind.BOTH.value)
_OPEN_STOCK = (StockState.IN_TRANSIT.value, StockState.IN_STOCK.value, StockState.LENT.value)
_OPEN_ALLOCATION = (AllocationState.FREE.value, AllocationState.HELD.value)
_AT_ONCE = 1_000
_MANY = 300


def due_changes(session: object, today: date) -> list[PriceChange]:
    """Approved list and floor prices whose day has come and that this desk has not carried into its units."""
    query = select(PriceChange).where(
        PriceChange.kind.in_(_LASTING),
        PriceChange.state == PriceState.APPROVED.value,
        PriceChange.deleted_at.is_(None),
        PriceChange.valid_from <= today,
        PriceChange.id.not_in(select(PriceApplied.change_id)),
    )
    return list(session.scalars(query))  # type: ignore[attr-defined]


def prices_are_due(reader: Reader) -> bool:
    """Whether ApplyDuePrices would have something to do; asked before a transaction is opened for it."""
    return bool(due_changes(reader.session, branch_date(reader.now)))


def apply_changes(uow: UnitOfWork, changes: Sequence[PriceChange]) -> int:
    """Write the prices that count today into all units these changes speak about; returns how many units changed."""
    if not changes:
        return 0
    uow.session.flush()
    units = _units_of(uow, changes)
    if len(units) > _MANY:
        uow.travel_in_portions()
    written = sum(_apply_to(uow, ids) for ids in _in_pieces(units))
    uow.session.add_all(PriceApplied(change_id=change.id, applied_at=uow.now) for change in changes)
    return written


def _units_of(uow: UnitOfWork, changes: Sequence[PriceChange]) -> list[str]:
    """Units that can still be sold and that a line of these changes names, by itself or by trim or series."""
    lines = select(PriceLine.level, PriceLine.subject_id, PriceLine.branch_id).where(
        PriceLine.change_id.in_(listed([change.id for change in changes])), PriceLine.deleted_at.is_(None)
    )
    units: set[str] = set()
    wholes: dict[tuple[str, str], set[str]] = {}
    for level, subject, branch_id in uow.session.execute(lines):
        if level == PriceLevel.UNIT:
            units.add(subject)
        else:
            wholes.setdefault((level, branch_id), set()).add(subject)
    for (level, branch_id), subjects in wholes.items():
        column = VehicleUnit.trim_id if level == PriceLevel.TRIM else VehicleUnit.series_id
        found = select(VehicleUnit.id).where(
            VehicleUnit.branch_id == branch_id,
            VehicleUnit.stock_state.in_(_OPEN_STOCK),
            column.in_(listed(sorted(subjects))),
        )
        units.update(uow.session.scalars(found))
    return sorted(units)


def _in_pieces(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


def _apply_to(uow: UnitOfWork, ids: Sequence[str]) -> int:
    query = select(VehicleUnit).where(
        VehicleUnit.id.in_(listed(ids)),
        VehicleUnit.deleted_at.is_(None),
        VehicleUnit.stock_state.in_(_OPEN_STOCK),
        VehicleUnit.allocation_state.in_(_OPEN_ALLOCATION),
    )
    units = list(uow.session.scalars(query))
    today = branch_date(uow.now)
    guides = guide_prices(uow.session, {unit.trim_id for unit in units})
    subjects = {subject for unit in units for subject in (unit.id, unit.trim_id, unit.series_id)}
    book = read_rules(uow.session, subjects, until=today)
    written = 0
    for unit in units:
        facts = priced(unit, guides.get(unit.trim_id, unit.list_price))
        price = counting_price(book.of(facts, unit.branch_id), facts, today)
        if (unit.list_price, unit.floor_price) != (price.list_price, price.floor_price):
            unit.list_price, unit.floor_price = price.list_price, price.floor_price
            written += 1
    uow.session.flush()
    return written
