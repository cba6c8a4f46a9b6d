"""What must be true of a unit before it is written: VIN, stock number, prices, days."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.catalog.vin import check_vin
from app.inventory.commands import FittedOption
from app.inventory.errors import (
    ArrivalInFuture,
    FloorAboveList,
    ManufacturedAfterArrival,
    OdometerOutOfRange,
    PriceMissing,
    StockNumberTaken,
    VinAlreadyInStock,
    VinCheckDigitWrong,
)
from app.kernel.clock import branch_date
from app.kernel.errors import limited_text, require_text
from app.kernel.money import LARGEST, AmountNegative, AmountTooLarge, format_money, to_fen
from app.kernel.unit_of_work import UnitOfWork
from db.models.inventory import VehicleUnit
from db.models.staff import Branch

LARGEST_ODOMETER_KM = 2_000_000
STOCK_NUMBER_LIMIT = 24


def checked_vin(text: str, *, acknowledged: bool) -> str:
    """The VIN as it is stored; raises the VIN errors, and VinCheckDigitWrong unless it was acknowledged."""
    found = check_vin(text)
    if found.warning is not None and not acknowledged:
        raise VinCheckDigitWrong(field="vin", warning=found.warning)
    return found.vin


def require_new_vin(uow: UnitOfWork, vin: str, *, except_id: str = "") -> None:
    """Raises VinAlreadyInStock when a live unit of any branch has this VIN."""
    row = uow.session.execute(
        select(VehicleUnit.stock_number, Branch.code)
        .outerjoin(Branch, Branch.id == VehicleUnit.branch_id)
        .where(VehicleUnit.vin == vin, VehicleUnit.deleted_at.is_(None), VehicleUnit.id != except_id)
        .limit(1)
    ).first()
    if row is not None:
        raise VinAlreadyInStock(field="vin", stock_number=row[0] or "—", branch=row[1] or "—")


def checked_stock_number(uow: UnitOfWork, text: str, *, except_id: str = "") -> str:
    """The stock number, the desk's next one for an empty text; raises StockNumberTaken."""
    wanted = limited_text(text, field="stock_number", limit=STOCK_NUMBER_LIMIT)
    if not wanted:
        return uow.next_number("ST")
    vin = uow.session.execute(
        select(VehicleUnit.vin)
        .where(
            VehicleUnit.stock_number == wanted, VehicleUnit.deleted_at.is_(None), VehicleUnit.id != except_id
        )
        .limit(1)
    ).scalar()
    if vin is not None:
        raise StockNumberTaken(field="stock_number", stock_number=wanted, vin=vin)
    return wanted


def check_prices(*, list_price: Decimal, floor_price: Decimal, cost: Decimal | None) -> None:
    """Raises PriceMissing, FloorAboveList, AmountNegative or AmountTooLarge for the field concerned."""
    for field, amount in (("list_price", list_price), ("floor_price", floor_price), ("cost", cost)):
        if amount is None:
            continue
        to_fen(amount)
        if amount < 0:
            raise AmountNegative(field=field)
        if amount > LARGEST:
            raise AmountTooLarge(field=field, limit=format_money(LARGEST))
    if list_price == 0:
        raise PriceMissing(field="list_price")
    if floor_price > list_price:
        raise FloorAboveList(field="floor_price", floor=format_money(floor_price), list=format_money(list_price))


def check_days(*, arrived_on: date, manufactured_on: date | None, in_transit: bool, now: datetime) -> None:
    """Raises ArrivalInFuture (field `arrived_on`) or ManufacturedAfterArrival (field `manufactured_on`)."""
    if not in_transit and arrived_on > branch_date(now):
        raise ArrivalInFuture(field="arrived_on", date=arrived_on.isoformat())
    if manufactured_on is not None and manufactured_on > arrived_on:
        raise ManufacturedAfterArrival(
            field="manufactured_on", made=manufactured_on.isoformat(), arrived=arrived_on.isoformat()
        )


def checked_odometer(km: int) -> int:
    """The reading; raises OdometerOutOfRange."""
    if not 0 <= km <= LARGEST_ODOMETER_KM:
        raise OdometerOutOfRange(field="odometer_km")
    return km


def stored_options(options: Sequence[FittedOption]) -> list[dict[str, Any]] | None:
    """Options as they are stored; raises ValueRequired or ValueTooLong (field `options`)."""
    return [
        {
            "name_zh": require_text(option.name_zh, field="options", limit=60),
            "name_en": limited_text(option.name_en, field="options", limit=60),
            "price_fen": to_fen(option.price),
        }
        for option in options
    ] or None
