"""The price of one unit, set by hand: kept in the price history, where it goes before prices of its trim or series."""

from decimal import ROUND_HALF_UP, Decimal

from app.kernel.clock import branch_date
from app.kernel.unit_of_work import UnitOfWork
from db.models.inventory import VehicleUnit
from db.models.pricing import PriceApplied, PriceChange, PriceLine


def note_prices(uow: UnitOfWork, unit: VehicleUnit, *, list_before: Decimal, floor_before: Decimal) -> None:
    """Write down that a unit was given its list and floor price now; nothing where they are what they were."""
    if (unit.list_price, unit.floor_price) == (list_before, floor_before):
        return
    change = PriceChange(
        branch_id=unit.branch_id, number="", kind="BOTH", origin="UNIT", valid_from=branch_date(uow.now), formula={},
        largest_change=f"{_share(list_before, unit.list_price):f}",
        needs_approval=False, lines=1, state="APPROVED", drafted_by_staff_id=uow.actor.staff_id,
        submitted_at=uow.now, decided_at=uow.now,
    )  # fmt: skip
    line = PriceLine(
        branch_id=unit.branch_id, change_id=change.id, level="UNIT", subject_id=unit.id, list_before=list_before,
        floor_before=floor_before, list_price=unit.list_price, floor_price=unit.floor_price,
    )  # fmt: skip
    uow.session.add_all([change, line, PriceApplied(change_id=change.id, applied_at=uow.now)])


def _share(before: Decimal, after: Decimal) -> Decimal:
    return (abs(after - before) * 100 / before).quantize(Decimal("0.1"), ROUND_HALF_UP) if before else Decimal("100.0")
