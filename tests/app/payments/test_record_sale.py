"""The whole sale in one command is the same sale as step by step."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.kernel.errors import DomainError
from app.payments.commands import RecordSale
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder, SalesOrderLine
from db.models.payments import Payment
from db.models.quotations import Quotation, QuotationLine
from tests.app.sale_desk import DELIVERY, SaleDesk

OWN = {"id", "seq", "ver", "number", "field_clock", "updated_at", "revision"}
LINKS = {"quotation_id", "order_id", "vehicle_unit_id"}


def sale(desk: SaleDesk, unit: VehicleUnit, **changes: Any) -> RecordSale:
    usual = {
        "customer_id": desk.customer.id, "terms": desk.terms(unit), "earnest_amount": Decimal("40000.00"),
        "method": "cash", "planned_delivery": DELIVERY,
    }  # fmt: skip
    return RecordSale(**(usual | changes))


def contents(desk: SaleDesk, model: Any, **equal: Any) -> list[dict[str, Any]]:
    columns = [c.name for c in model.__table__.columns if c.name not in OWN | LINKS]
    return [{name: getattr(row, name) for name in columns} for row in desk.rows(model, **equal)]


def test_one_command_leaves_the_rows_of_many(desk: SaleDesk) -> None:
    one, many = desk.unit(), desk.unit()
    outcome = desk.dispatcher.execute(sale(desk, one), desk.seller)
    recorded = outcome.value
    placed = desk.order(many)
    received = desk.pay(placed.order_id, "40000.00")
    assert recorded.payment.earnest_amount == received.earnest_amount == Decimal("29000.00")
    stepwise = desk.row(SalesOrder, placed.order_id)
    for model, mine, other in (
        (Quotation, {"id": recorded.quotation_id}, {"id": stepwise.quotation_id}),
        (QuotationLine, {"quotation_id": recorded.quotation_id}, {"quotation_id": stepwise.quotation_id}),
        (SalesOrder, {"id": recorded.order_id}, {"id": placed.order_id}),
        (SalesOrderLine, {"order_id": recorded.order_id}, {"order_id": placed.order_id}),
        (Payment, {"order_id": recorded.order_id}, {"order_id": placed.order_id}),
    ):
        assert contents(desk, model, **mine) == contents(desk, model, **other), model
    units = [desk.row(VehicleUnit, unit.id) for unit in (one, many)]
    assert [unit.allocation_state for unit in units] == ["ALLOCATED", "ALLOCATED"]
    assert units[0].order_id == recorded.order_id
    assert len(desk.operations("claim")) == 2
    assert set(outcome.changes.rows) == {
        "quotation", "quotation_line", "sales_order", "sales_order_line", "payment", "vehicle_unit",
    }  # fmt: skip


def test_every_row_is_written_once(desk: SaleDesk) -> None:
    recorded = desk.do(sale(desk, desk.unit()))
    rows = [desk.row(Quotation, recorded.quotation_id), desk.row(SalesOrder, recorded.order_id), *desk.rows(Payment)]
    assert [row.revision for row in rows] == [1, 1, 1, 1]


def test_nothing_is_left_of_a_refused_sale(desk: SaleDesk) -> None:
    sold = desk.unit()
    desk.do(sale(desk, sold))
    before = [len(desk.rows(model)) for model in (Quotation, SalesOrder, Payment)]
    unit = desk.unit()
    bad: list[tuple[dict[str, Any], str, str | None]] = [
        ({"customer_id": ""}, "record_not_found", "customer_id"),
        ({"terms": desk.terms(sold)}, "vehicle_already_sold", "vehicle_unit_id"),
        ({"terms": desk.terms(unit, discount=Decimal("20000.00"))}, "price_below_floor", "discount"),
        ({"terms": desk.terms(unit, discount=Decimal("-1.00"))}, "amount_negative", "discount"),
        ({"earnest_amount": Decimal(0)}, "payment_not_positive", "amount"),
        ({"earnest_amount": Decimal("999999.00")}, "payment_exceeds_outstanding", "amount"),
        ({"method": "barter"}, "value_not_allowed", "method"),
        ({"planned_delivery": date(2026, 1, 1)}, "delivery_in_past", "planned_delivery"),
    ]
    for changes, code, field in bad:
        with pytest.raises(DomainError) as caught:
            desk.do(sale(desk, unit, **changes))
        assert (caught.value.code, caught.value.field) == (code, field), changes
    assert [len(desk.rows(model)) for model in (Quotation, SalesOrder, Payment)] == before
    assert desk.row(VehicleUnit, unit.id).allocation_state == "FREE"
    assert desk.do(sale(desk, unit)).order_number == "SH01-D01-SO-000002"
