"""Money in and back out: the cap of earnest money, contra entries, receipts."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kernel.errors import DomainError, ReasonRequired, RecordNotFound
from app.kernel.state_machine import TransitionNotAllowed
from app.orders.commands import CancelOrder
from app.payments.commands import ConfirmPayment, ReceivePayment, ReconcilePayment, ReversePayment
from app.payments.errors import ContraEntryFinal
from app.payments.queries import (
    count_payments,
    get_payment,
    get_payment_standing,
    get_receipt,
    list_payments,
    receipt_pdf,
)
from app.payments.rules import PaymentKind
from db.models.orders import SalesOrder
from db.models.payments import Payment
from tests.app.sale_desk import SaleDesk

CAP = Decimal("29000.00")
"""20 % of 145,000.00, the price without what is collected for others."""


def kinds_and_amounts(desk: SaleDesk) -> list[tuple[str, Decimal]]:
    return [(payment.kind, payment.amount) for payment in desk.rows(Payment)]


def test_earnest_money_up_to_the_cap_is_one_receipt(desk: SaleDesk) -> None:
    received = desk.pay(desk.order().order_id, "29000.00", reference="POS 0042", note="刷卡")
    assert (received.earnest_amount, received.advance_from_excess) == (CAP, Decimal(0))
    (payment,) = desk.rows(Payment)
    assert (payment.kind, payment.state, payment.number) == ("earnest_money", "RECEIVED", "SH01-D01-RC-000001")
    assert (payment.reference, payment.note, payment.received_at) == ("POS 0042", "刷卡", desk.clock.now())


def test_what_exceeds_a_fifth_of_the_price_is_an_advance(desk: SaleDesk) -> None:
    received = desk.pay(desk.order().order_id, "40000.00")
    assert (received.earnest_amount, received.advance_from_excess) == (CAP, Decimal("11000.00"))
    assert kinds_and_amounts(desk) == [("earnest_money", CAP), ("advance", Decimal("11000.00"))]
    assert received.numbers == ("SH01-D01-RC-000001", "SH01-D01-RC-000002")


def test_the_cap_counts_all_earnest_money_of_an_order(desk: SaleDesk) -> None:
    order_id = desk.order().order_id
    desk.pay(order_id, "20000.00")
    assert desk.read(get_payment_standing, order_id).earnest_room == Decimal("9000.00")
    second = desk.pay(order_id, "10000.00")
    assert (second.earnest_amount, second.advance_from_excess) == (Decimal("9000.00"), Decimal("1000.00"))
    third = desk.pay(order_id, "500.00")
    assert (third.earnest_amount, third.advance_from_excess) == (Decimal(0), Decimal("500.00"))
    standing = desk.read(get_payment_standing, order_id)
    assert (standing.earnest_received, standing.earnest_room) == (CAP, Decimal(0))
    assert standing.contract_price == Decimal("145000.00")
    assert (standing.received, standing.state) == (Decimal("30500.00"), "PARTIAL")


def test_an_advance_is_never_earnest_money(desk: SaleDesk) -> None:
    received = desk.pay(desk.order().order_id, "50000.00", kind="advance")
    assert (received.earnest_amount, received.advance_from_excess) == (Decimal(0), Decimal(0))
    assert kinds_and_amounts(desk) == [("advance", Decimal("50000.00"))]


def test_an_order_can_be_paid_to_the_last_fen_and_no_further(desk: SaleDesk) -> None:
    order_id = desk.order().order_id
    total = desk.row(SalesOrder, order_id).on_road_total
    desk.pay(order_id, str(total - Decimal("0.01")), kind="balance")
    with pytest.raises(DomainError) as caught:
        desk.pay(order_id, "0.02", kind="balance")
    assert (caught.value.code, caught.value.field) == ("payment_exceeds_outstanding", "amount")
    desk.pay(order_id, "0.01", kind="balance")
    assert desk.read(get_payment_standing, order_id).state == "PAID"


BAD: list[tuple[dict[str, Any], str, str | None]] = [
    ({"order_id": "0" * 32}, "record_not_found", "order_id"),
    ({"kind": "gift"}, "value_not_allowed", "kind"),
    ({"method": "barter"}, "value_not_allowed", "method"),
    ({"amount": Decimal(0)}, "payment_not_positive", "amount"),
    ({"amount": Decimal("-1.00")}, "payment_not_positive", "amount"),
    ({"amount": Decimal("1.005")}, "amount_too_precise", "amount"),
    ({"amount": Decimal("Infinity")}, "amount_unreadable", "amount"),
    ({"amount": Decimal("1e14")}, "amount_too_large", "amount"),
    ({"amount": Decimal("200000.00")}, "payment_exceeds_outstanding", "amount"),
    ({"reference": "x" * 81}, "value_too_long", "reference"),
    ({"note": "x" * 401}, "value_too_long", "note"),
]


def test_bad_entries_are_refused_beside_their_field(desk: SaleDesk) -> None:
    order_id = desk.order().order_id
    given_values = {"order_id": order_id, "kind": "advance", "method": "cash", "amount": Decimal("100.00")}
    future = {"received_at": desk.clock.now() + timedelta(minutes=1)}
    for changes, code, field in [*BAD, (future, "payment_in_future", "received_at")]:
        with pytest.raises(DomainError) as caught:
            desk.do(ReceivePayment(**(given_values | changes)))
        assert (caught.value.code, caught.value.field) == (code, field), changes
    assert desk.rows(Payment) == []
    with pytest.raises(TypeError):
        desk.do(ReceivePayment(**(given_values | {"amount": 0.1})))


def test_money_that_came_earlier_keeps_its_time(desk: SaleDesk) -> None:
    earlier = desk.clock.now() - timedelta(hours=5)
    desk.pay(desk.order().order_id, "100.00", kind="advance", received_at=earlier)
    (payment,) = desk.rows(Payment)
    assert (payment.received_at, payment.created_at) == (earlier, desk.clock.now())


def test_closed_lost_and_delivered_orders_take_no_deposit(desk: SaleDesk) -> None:
    cancelled, lost, delivered = (desk.order().order_id for _ in range(3))
    desk.do(CancelOrder(order_id=cancelled, expected_revision=1, reason="x"), desk.manager)
    desk.lose_claim(lost)
    desk.change(SalesOrder, delivered, state="DELIVERED")
    for order_id, code in (
        (cancelled, "order_not_open"),
        (lost, "sale_in_conflict"),
        (delivered, "earnest_money_too_late"),
    ):
        with pytest.raises(DomainError) as caught:
            desk.pay(order_id, "100.00")
        assert caught.value.code == code
    desk.pay(delivered, "100.00", kind="balance")


def test_a_payment_is_confirmed_reconciled_and_then_stays(desk: SaleDesk) -> None:
    (payment_id,) = desk.pay(desk.order().order_id, "100.00").payment_ids
    desk.do(ConfirmPayment(payment_id=payment_id, expected_revision=1), desk.cashier)
    desk.do(ReconcilePayment(payment_id=payment_id, expected_revision=2), desk.cashier)
    assert desk.row(Payment, payment_id).state == "RECONCILED"
    assert desk.read(get_payment, payment_id, actor=desk.cashier).actions == ()
    with pytest.raises(TransitionNotAllowed):
        desk.do(ReversePayment(payment_id=payment_id, expected_revision=3, reason="x"), desk.cashier)


def test_a_payment_is_taken_back_by_a_contra_entry(desk: SaleDesk) -> None:
    order_id = desk.order().order_id
    (payment_id,) = desk.pay(order_id, "100.00").payment_ids
    reverse = ReversePayment(payment_id=payment_id, expected_revision=2, reason="重复收款")
    with pytest.raises(DomainError, match="record_changed_meanwhile"):
        desk.do(reverse, desk.cashier)
    desk.do(ConfirmPayment(payment_id=payment_id, expected_revision=1), desk.cashier)
    with pytest.raises(ReasonRequired):
        desk.do(ReversePayment(payment_id=payment_id, expected_revision=2, reason=" "), desk.cashier)
    contra_id = desk.do(reverse, desk.cashier)
    original, contra = desk.row(Payment, payment_id), desk.row(Payment, contra_id)
    assert (original.amount, original.state) == (Decimal("100.00"), "REVERSED")
    assert (contra.amount, contra.reverses_id, contra.reason) == (Decimal("-100.00"), payment_id, "重复收款")
    assert desk.read(get_payment_standing, order_id).received == 0
    assert desk.read(get_payment, contra_id).reverses_number == original.number
    with pytest.raises(ContraEntryFinal):
        desk.do(ReversePayment(payment_id=contra_id, expected_revision=1, reason="x"), desk.cashier)
    with pytest.raises(TransitionNotAllowed):
        desk.do(ReversePayment(payment_id=payment_id, expected_revision=3, reason="x"), desk.cashier)
    assert desk.dispatcher.execute(_more(order_id), desk.seller).undo is None


def _more(order_id: str) -> ReceivePayment:
    return ReceivePayment(order_id=order_id, kind="advance", method="alipay", amount=Decimal("1.00"))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(("earnest_money", "advance", "balance", "reverse")), st.integers(1, 60_000_00)),
        min_size=1,
        max_size=7,
    )
)
def test_no_sequence_of_payments_breaks_the_ledger(desk: SaleDesk, steps: list[tuple[str, int]]) -> None:
    """Received is the sum of the rows, never above the total; earnest money never above its cap."""
    order_id = desk.order().order_id
    total, expected = desk.row(SalesOrder, order_id).on_road_total, Decimal(0)
    for kind, fen in steps:
        amount = Decimal(fen).scaleb(-2)
        try:
            expected += _reverse_one(desk, order_id) if kind == "reverse" else _receive(desk, order_id, kind, amount)
        except DomainError as error:
            assert error.code == "payment_exceeds_outstanding"
            assert expected + amount > total
        standing = desk.read(get_payment_standing, order_id)
        assert standing.received == expected <= total
        assert standing.outstanding == total - expected
        assert 0 <= standing.earnest_received <= CAP


def _receive(desk: SaleDesk, order_id: str, kind: str, amount: Decimal) -> Decimal:
    for payment_id in desk.pay(order_id, str(amount), kind=kind).payment_ids:
        desk.do(ConfirmPayment(payment_id=payment_id, expected_revision=1), desk.cashier)
    return amount


def _reverse_one(desk: SaleDesk, order_id: str) -> Decimal:
    payment = next(iter(desk.rows(Payment, order_id=order_id, state="CONFIRMED", reverses_id=None)), None)
    if payment is None:
        return Decimal(0)
    command = ReversePayment(payment_id=payment.id, expected_revision=payment.revision, reason="x")
    desk.do(command, desk.cashier)
    return Decimal(-payment.amount)


def test_a_receipt_says_what_was_received_and_what_is_open(desk: SaleDesk) -> None:
    placed = desk.order()
    (payment_id,) = desk.pay(placed.order_id, "20000.00").payment_ids
    receipt = desk.read(get_receipt, payment_id)
    assert receipt.amount_in_words == "贰万元整"
    assert (receipt.payment.order_number, receipt.company) == (placed.number, "上海测试店汽车销售有限公司")
    assert receipt.outstanding == desk.row(SalesOrder, placed.order_id).on_road_total - Decimal("20000.00")
    assert receipt.vehicle.zh.startswith("大众 朗逸")


def test_there_is_no_receipt_for_what_was_not_stored(desk: SaleDesk) -> None:
    for query in (get_receipt, receipt_pdf, get_payment):
        with pytest.raises(RecordNotFound):
            desk.read(query, "0" * 32)


@pytest.mark.parametrize("kind", list(PaymentKind))
def test_every_kind_of_payment_prints(desk: SaleDesk, kind: PaymentKind) -> None:
    (payment_id,) = desk.pay(desk.order().order_id, "100.00", kind=kind.value).payment_ids
    assert desk.read(receipt_pdf, payment_id, language="en").startswith(b"%PDF")


def test_a_contra_entry_prints_as_a_refund(desk: SaleDesk) -> None:
    (payment_id,) = desk.pay(desk.order().order_id, "100.00").payment_ids
    desk.do(ConfirmPayment(payment_id=payment_id, expected_revision=1), desk.cashier)
    contra_id = desk.do(ReversePayment(payment_id=payment_id, expected_revision=2, reason="x"), desk.cashier)
    assert desk.read(receipt_pdf, contra_id).startswith(b"%PDF")


def test_the_list_pages_and_filters(desk: SaleDesk) -> None:
    order_id = desk.order().order_id
    for kind in ("earnest_money", "advance", "balance"):
        desk.pay(order_id, "100.00", kind=kind)
        desk.clock.advance(timedelta(seconds=1))
    first = desk.read(list_payments, limit=2)
    rest = desk.read(list_payments, after=first[-1].cursor)
    assert [row.kind for row in (*first, *rest)] == ["balance", "advance", "earnest_money"]
    assert [row.kind for row in desk.read(list_payments, kind=["advance", "insurance"])] == ["advance"]
    assert len(desk.read(list_payments, order_id=order_id, method="cash", state="RECEIVED")) == 3
    assert desk.read(list_payments, customer_id="0" * 32) == []
    for text, hits in (("zw", 3), ("sh01-d01-rc-000002", 1), ("SO-000001", 3), ("nobody", 0)):
        assert desk.read(count_payments, text=text) == (hits, 3)
