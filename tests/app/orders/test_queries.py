"""Reading orders: pages, facets, and the payment state that SQL and the rules must agree on."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kernel.errors import RecordNotFound
from app.orders.queries import count_orders, get_order, list_orders, order_of_quotation
from app.payments.rules import PaymentEntry, payment_facet, standing
from db.models.orders import SalesOrder
from db.models.payments import Payment
from tests.app.sale_desk import SaleDesk

TODAY = date(2026, 11, 22)


def test_the_list_pages_by_key_newest_first(desk: SaleDesk) -> None:
    made = []
    for _ in range(3):
        made.append(desk.order().order_id)
        desk.clock.advance(timedelta(minutes=1))
    first = desk.read(list_orders, limit=2)
    rest = desk.read(list_orders, after=first[-1].cursor)
    assert [row.id for row in (*first, *rest)] == made[::-1]


@pytest.mark.parametrize(("text", "hits"), [("zw", 1), ("SH01-D01-SO-000001", 1), ("朗逸", 1), ("赵", 0)])
def test_typed_text_finds_orders(desk: SaleDesk, text: str, hits: int) -> None:
    desk.order()
    assert len(desk.read(list_orders, text=text)) == hits
    assert desk.read(count_orders, text=text) == (hits, 1)


def test_facets_restrict(desk: SaleDesk) -> None:
    unit = desk.unit()
    order_id = desk.order(unit).order_id
    paid = desk.order().order_id
    desk.pay(paid, "1000.00", kind="advance")

    def ids(**filters: object) -> set[str]:
        return {row.id for row in desk.read(list_orders, **filters)}

    assert ids(payment_state="UNPAID") == {order_id}
    assert ids(payment_state=["PARTIAL", "PAID"]) == {paid}
    assert ids(vehicle_unit_id=unit.id) == {order_id}
    assert ids(customer_id=desk.customer.id, state="CONFIRMED", branch_id=desk.seller.branch_id) == {order_id, paid}
    assert ids(salesperson_id=desk.manager.staff_id) == set()
    assert desk.read(count_orders, payment_state="PARTIAL") == (1, 2)


def test_one_order_shows_everything_about_it(desk: SaleDesk) -> None:
    placed = desk.order()
    received = desk.pay(placed.order_id, "20000.00")
    detail = desk.read(get_order, placed.order_id)
    assert [payment.id for payment in detail.payments] == list(received.payment_ids)
    assert detail.row.received == Decimal("20000.00")
    assert detail.row.outstanding == detail.row.on_road_total - Decimal("20000.00")
    assert sum(line.amount for line in detail.lines) == detail.row.on_road_total
    assert (detail.provisional_number, detail.row.final) == (placed.number, False)
    assert desk.read(order_of_quotation, detail.quotation_id) == placed.order_id
    desk.change(SalesOrder, placed.order_id, final_number="SO-2026-000001")
    again = desk.read(get_order, placed.order_id).row
    assert (again.number, again.final) == ("SO-2026-000001", True)
    with pytest.raises(RecordNotFound):
        desk.read(get_order, "0" * 32)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    amounts=st.lists(st.integers(-3_000_000, 9_000_000), max_size=4),
    planned=st.none() | st.dates(TODAY - timedelta(days=2), TODAY + timedelta(days=2)),
    settled=st.booleans(),
)
def test_sql_and_rules_agree_how_far_an_order_is_paid(
    desk: SaleDesk, amounts: list[int], planned: date | None, settled: bool
) -> None:
    """The facet is filtered by in SQL and decided by the rules on the desk: they must never differ."""
    orders = desk.rows(SalesOrder)
    order_id = orders[0].id if orders else desk.order().order_id
    desk.change(SalesOrder, order_id, planned_delivery_on=planned)
    total = desk.row(SalesOrder, order_id).on_road_total
    for payment in desk.rows(Payment, deleted_at=None):
        desk.change(Payment, payment.id, deleted_at=desk.clock.now())
    given_amounts = [Decimal(fen).scaleb(-2) for fen in amounts]
    if settled:
        given_amounts.append(total - sum(given_amounts, Decimal(0)))
    desk.records.save(*(_payment(desk, order_id, amount, n) for n, amount in enumerate(given_amounts)))
    row = desk.read(get_order, order_id).row
    entries = [PaymentEntry("advance", amount) for amount in given_amounts]
    expected = payment_facet(standing(total, entries), due_on=planned, today=TODAY)
    assert row.payment_state == expected.value
    assert [found.id for found in desk.read(list_orders, payment_state=expected.value)] == [order_id]


def _payment(desk: SaleDesk, order_id: str, amount: Decimal, n: int) -> Payment:
    return Payment(
        branch_id=desk.seller.branch_id,
        number=f"RC-{n}",
        order_id=order_id,
        customer_id=desk.customer.id,
        kind="advance",
        method="cash",
        amount=amount.quantize(Decimal("0.01")),
        received_at=desk.clock.now(),
        received_by_staff_id=desk.seller.staff_id,
    )
