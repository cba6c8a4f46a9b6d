"""Carrying list and floor prices into the units when their day has come.

Stock lists are filtered and sorted by `vehicle_unit.list_price`, so the price that counts stands there. Every desk does
this by itself for the branch's units it holds. It comes out the same everywhere: what a unit gets is decided by
`rules.counting_price` from absolute amounts, and writing what stands there already is no change.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from app.inventory.rules import AllocationState, StockState
from app.kernel.clock import branch_date
from app.kernel.money import from_fen, to_fen
from app.kernel.unit_of_work import Reader, UnitOfWork
from app.pricing.effective import PRICED_COLUMNS, guide_prices, priced, read_rules
from app.pricing.rules import PriceKind, PriceLevel, PriceState, counting_price
from db.lists import listed
from db.models.inventory import VehicleUnit
from db.models.pricing import PriceApplied, PriceChange, PriceLine

_LASTING = (PriceKind.LIST.value, PriceKind.FLOOR.value, PriceKind.BOTH.value)
_OPEN_STOCK = (StockState.IN_TRANSIT.value, StockState.IN_STOCK.value, StockState.LENT.value)
_OPEN_ALLOCATION = (AllocationState.FREE.value, AllocationState.HELD.value)
_AT_ONCE = 1_000
MANY = 300
"""Up to so many units are written as objects, and travel together."""
Progress = Callable[[int, int], None]


def due_changes(session: Any, today: date) -> list[PriceChange]:
    """Approved list and floor prices whose day has come and that this desk has not carried into its units."""
    query = select(PriceChange).where(
        PriceChange.kind.in_(_LASTING),
        PriceChange.state == PriceState.APPROVED.value,
        PriceChange.deleted_at.is_(None),
        PriceChange.valid_from <= today,
        PriceChange.id.not_in(select(PriceApplied.change_id)),
    )
    return list(session.scalars(query))


def refused_changes(session: Any) -> list[PriceChange]:
    """Changes this desk carried into its units that do not count: somebody else decided otherwise, and sooner."""
    over = (PriceState.REJECTED.value, PriceState.WITHDRAWN.value)
    query = select(PriceChange).where(
        PriceChange.id.in_(select(PriceApplied.change_id)),
        PriceChange.state.in_(over),
        PriceChange.kind.in_(_LASTING),
    )
    return list(session.scalars(query))


def prices_are_due(reader: Reader) -> bool:
    """Whether ApplyDuePrices would have something to do; asked before a transaction is opened for it."""
    return bool(due_changes(reader.session, branch_date(reader.now)) or refused_changes(reader.session))


def apply_changes(uow: UnitOfWork, changes: Sequence[PriceChange], *, progress: Progress | None = None) -> int:
    """Write the prices that count today into all units these changes speak about; returns how many units changed.

    `progress` is told how many units are done, of how many, and may raise to cancel.
    """
    if not changes:
        return 0
    uow.session.flush()
    units = _units_of(uow, changes)
    new: dict[str, dict[str, int]] = {}
    for start in range(0, len(units), _AT_ONCE):
        if progress is not None:
            progress(start, len(units))
        new |= _new_prices(uow, units[start : start + _AT_ONCE])
    written = write_prices(uow, new, progress=progress)
    uow.session.add_all(PriceApplied(change_id=change.id, applied_at=uow.now) for change in changes)
    return written


def write_prices(
    uow: UnitOfWork, prices: Mapping[str, Mapping[str, int]], *, progress: Progress | None = None
) -> int:
    """Give units list and floor prices, in fen; returns how many had others. A few are written as objects, many past
    them: none needs another to make sense, so that the centre takes them in by portions."""
    if len(prices) <= MANY:
        units = uow.session.scalars(select(VehicleUnit).where(VehicleUnit.id.in_(listed(list(prices)))))
        return sum([_give(unit, prices[unit.id]) for unit in units])
    total = len(prices)
    told = None if progress is None else lambda done: progress(done, total)
    return uow.change_many(VehicleUnit, prices, progress=told)


def restore_prices(uow: UnitOfWork, change: PriceChange) -> int:
    """Give units the prices back that the change took from them, where nothing else changed them since;
    returns how many."""
    uow.session.flush()
    query = (
        select(
            VehicleUnit.id, VehicleUnit.list_price, VehicleUnit.floor_price, PriceLine.list_price.label("list_set"),
            PriceLine.floor_price.label("floor_set"), PriceLine.list_before, PriceLine.floor_before,
        )
        .join(VehicleUnit, VehicleUnit.id == PriceLine.subject_id)
        .where(
            PriceLine.change_id == change.id, PriceLine.level == PriceLevel.UNIT.value,
            PriceLine.deleted_at.is_(None), VehicleUnit.deleted_at.is_(None),
        )
    )  # fmt: skip
    former: dict[str, dict[str, int]] = {}
    for line in uow.session.execute(query):
        if line.list_set is not None and line.list_price == line.list_set and line.list_before is not None:
            former.setdefault(line.id, {})["list_price"] = to_fen(line.list_before)
        if line.floor_set is not None and line.floor_price == line.floor_set and line.floor_before is not None:
            former.setdefault(line.id, {})["floor_price"] = to_fen(line.floor_before)
    applied = uow.session.get(PriceApplied, change.id)
    if applied is not None:
        uow.session.delete(applied)
    return write_prices(uow, former)


def _give(unit: VehicleUnit, prices: Mapping[str, int]) -> bool:
    before = unit.list_price, unit.floor_price
    for name, fen in prices.items():
        setattr(unit, name, from_fen(fen))
    return before != (unit.list_price, unit.floor_price)


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


def _new_prices(uow: UnitOfWork, ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """The prices that count for those of these units that can still be priced and have others, in fen."""
    query = select(*PRICED_COLUMNS, VehicleUnit.branch_id).where(
        VehicleUnit.id.in_(listed(ids)),
        VehicleUnit.deleted_at.is_(None),
        VehicleUnit.stock_state.in_(_OPEN_STOCK),
        VehicleUnit.allocation_state.in_(_OPEN_ALLOCATION),
    )
    units = uow.session.execute(query).all()
    today = branch_date(uow.now)
    guides = guide_prices(uow.session, {unit.trim_id for unit in units})
    subjects = {subject for unit in units for subject in (unit.id, unit.trim_id, unit.series_id)}
    book = read_rules(uow.session, subjects, until=today)
    found = {}
    for unit in units:
        facts = priced(unit, guides.get(unit.trim_id, unit.list_price))
        price = counting_price(book.of(facts, unit.branch_id), facts, today)
        if (unit.list_price, unit.floor_price) != (price.list_price, price.floor_price):
            found[unit.id] = {"list_price": to_fen(price.list_price), "floor_price": to_fen(price.floor_price)}
    return found
