"""The rules of vehicles for what is entered again after the centre refused it (`app.desk.correction_rules`)."""

from collections.abc import Mapping
from typing import Any

from app.inventory.rules import StockState
from app.inventory.unit_checks import (
    check_days,
    check_prices,
    checked_odometer,
    checked_stock_number,
    checked_vin,
    require_new_vin,
)
from app.kernel.unit_of_work import UnitOfWork

_PRICES = frozenset({"list_price", "floor_price", "cost"})
_DAYS = frozenset({"arrived_on", "manufactured_on"})


def corrected_vehicle_unit(
    uow: UnitOfWork, given: Mapping[str, Any], present: Mapping[str, Any], *, record_id: str
) -> dict[str, Any]:  # fmt: skip
    """As `ChangeUnit` has it. A VIN whose check digit is unusual is taken: who corrects it has the car before them."""
    whole = {**present, **given}
    values: dict[str, Any] = {}
    if "vin" in given:
        values["vin"] = checked_vin(given["vin"], acknowledged=True)
        require_new_vin(uow, values["vin"], except_id=record_id)
    if given.get("stock_number"):
        values["stock_number"] = checked_stock_number(uow, given["stock_number"], except_id=record_id)
    if given.get("odometer_km") is not None:
        values["odometer_km"] = checked_odometer(given["odometer_km"])
    if not _PRICES.isdisjoint(given):
        check_prices(list_price=whole["list_price"], floor_price=whole["floor_price"], cost=whole.get("cost"))
    if not _DAYS.isdisjoint(given) and whole.get("arrived_on") is not None:
        in_transit = whole.get("stock_state") == StockState.IN_TRANSIT
        check_days(
            arrived_on=whole["arrived_on"], manufactured_on=whole.get("manufactured_on"), in_transit=in_transit,
            now=uow.now,
        )  # fmt: skip
    return values
