"""Documents around a customer for tests of lists and figures: rows as the handlers would leave them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from db.models.contracts import Contract
from db.models.customers import Customer, CustomerVehicle
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.payments import Payment
from db.models.quotations import Quotation
from db.models.workshop import ServiceAppointment
from tests.factories.records import Records


def make_appointment(
    records: Records, customer: Customer | None = None, vehicle: CustomerVehicle | None = None, **values: Any
) -> ServiceAppointment:
    """A confirmed hour in a general bay, tomorrow at noon."""
    owner = customer or records.customer()
    car = vehicle or records.customer_vehicle(owner)
    given = {
        "branch_id": records.actor.branch_id, "number": f"SH01-D01-SA-{records.number():06d}",
        "customer_id": owner.id, "customer_vehicle_id": car.id, "bay_type": "general",
        "starts_at": records.clock.now() + timedelta(days=1), "duration_minutes": 60, "work": "保养",
        "advisor_staff_id": records.actor.staff_id,
    }  # fmt: skip
    return _saved(records, ServiceAppointment(**(given | values)))


def make_quotation(
    records: Records, customer: Customer | None = None, unit: VehicleUnit | None = None, **values: Any
) -> Quotation:
    """A draft at list price, valid for a week."""
    owner, car = customer or records.customer(), unit or records.unit()
    given = {
        "branch_id": records.actor.branch_id, "number": f"SH01-D01-QU-{records.number():06d}",
        "customer_id": owner.id, "vehicle_unit_id": car.id, "salesperson_id": records.actor.staff_id,
        "vehicle_price": car.list_price, "list_price": car.list_price, "floor_price": car.floor_price,
        "on_road_total": car.list_price + Decimal("20000.00"), "valid_until": records.today() + timedelta(days=7),
    }  # fmt: skip
    return _saved(records, Quotation(**(given | values)))


def make_order(
    records: Records, customer: Customer | None = None, unit: VehicleUnit | None = None, **values: Any
) -> SalesOrder:
    """A confirmed order at list price, made now, its unit won at the centre."""
    owner, car = customer or records.customer(), unit or records.unit()
    given = {
        "branch_id": records.actor.branch_id, "number": f"SH01-D01-SO-{records.number():06d}", "state": "CONFIRMED",
        "claim_state": "confirmed", "customer_id": owner.id, "vehicle_unit_id": car.id, "make_id": car.make_id,
        "trim_id": car.trim_id, "exterior_colour": car.exterior_colour,
        "salesperson_id": records.actor.staff_id, "vehicle_price": car.list_price, "unit_cost": car.cost,
        "on_road_total": car.list_price + Decimal("20000.00"), "ordered_at": records.clock.now(),
    }  # fmt: skip
    return _saved(records, SalesOrder(**(given | values)))


def make_payment(records: Records, order: SalesOrder, **values: Any) -> Payment:
    """Earnest money of 10,000 in cash, received now."""
    given = {
        "branch_id": records.actor.branch_id, "number": f"SH01-D01-RC-{records.number():06d}",
        "order_id": order.id, "customer_id": order.customer_id, "kind": "earnest_money", "method": "cash",
        "amount": Decimal("10000.00"), "received_at": records.clock.now(),
        "received_by_staff_id": records.actor.staff_id,
    }  # fmt: skip
    return _saved(records, Payment(**(given | values)))


def make_contract(records: Records, order: SalesOrder, **values: Any) -> Contract:
    """A draft contract over an order."""
    given = {
        "branch_id": records.actor.branch_id, "number": f"SH01-D01-CT-{records.number():06d}",
        "order_id": order.id, "customer_id": order.customer_id, "template_code": "vehicle_sale",
        "template_version": "1",
    }  # fmt: skip
    return _saved(records, Contract(**(given | values)))


def _saved(records: Records, row: Any) -> Any:
    records.save(row)
    return row
