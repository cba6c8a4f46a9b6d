"""The rules of customers for what is entered again after the centre refused it (`app.desk.correction_rules`)."""

from collections.abc import Mapping
from typing import Any

from app.catalog.vin import check_vin
from app.customers.choices import normal_plate
from app.customers.entries import CUSTOMER_FIELDS, checked_values
from app.kernel.clock import branch_date
from app.kernel.unit_of_work import UnitOfWork


def corrected_customer(
    uow: UnitOfWork, given: Mapping[str, Any], present: Mapping[str, Any], *, record_id: str
) -> dict[str, Any]:  # fmt: skip
    """As `ChangeCustomer` has it: numbers in one form, an identity that fits the kind, findable by its sound."""
    told = {name: value for name, value in given.items() if name in CUSTOMER_FIELDS and value is not None}
    whole = {name: present.get(name) or "" for name in CUSTOMER_FIELDS}
    return checked_values(told, whole, today=branch_date(uow.now))


def corrected_customer_vehicle(
    uow: UnitOfWork, given: Mapping[str, Any], present: Mapping[str, Any], *, record_id: str
) -> dict[str, Any]:  # fmt: skip
    """The plate and the VIN in the form in which they are stored."""
    values: dict[str, Any] = {}
    if given.get("plate"):
        values["plate"] = normal_plate(given["plate"])
    if given.get("vin"):
        values["vin"] = check_vin(given["vin"]).vin
    return values
