"""Payments: what is outstanding, and that posted money is only ever contra-entered."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.money import ZERO
from app.kernel.state_machine import TransitionNotAllowed
from app.payments.errors import PaymentExceedsOutstanding, PaymentNotPositive, RefundExceedsPaid
from app.payments.rules import (
    Bucket,
    PaymentEntry,
    PaymentFacet,
    PaymentKind,
    PaymentState,
    Standing,
    bucket_of_charge,
    bucket_of_payment,
    contra_amount,
    paid_total,
    payment_facet,
    receipt_effect,
    receipt_title,
    require_receivable,
    require_refundable,
    standing,
    standing_by_bucket,
)
from app.quotations.rules import ChargeKind

amounts = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("500000.00"), places=2)
entries = st.builds(PaymentEntry, st.sampled_from(PaymentKind), amounts, st.just(PaymentState.CONFIRMED))


def test_earnest_money_and_advance_are_two_things_in_data_and_on_paper() -> None:
    assert PaymentKind.EARNEST_MONEY != PaymentKind.ADVANCE
    assert receipt_title("earnest_money") != receipt_title("advance") != receipt_title("balance")
    assert "double" in receipt_effect(PaymentKind.EARNEST_MONEY)
    assert "returned" in receipt_effect(PaymentKind.ADVANCE)
    assert receipt_effect("balance") == ""


def test_what_is_outstanding() -> None:
    order = standing(
        Decimal("235694.56"),
        [PaymentEntry("earnest_money", Decimal("20000.00")), PaymentEntry("balance", Decimal("215000.00"))],
    )
    assert (order.paid, order.outstanding, order.overpaid) == (Decimal("235000.00"), Decimal("694.56"), ZERO)
    assert standing(ZERO, []).outstanding == ZERO


@given(st.lists(entries, max_size=8), amounts, st.data())
def test_a_contra_entry_undoes_exactly_one_payment(
    ledger: list[PaymentEntry], due: Decimal, data: st.DataObject
) -> None:
    before = standing(due, ledger)
    wrong = data.draw(entries)
    contra = PaymentEntry(wrong.kind, contra_amount(wrong), PaymentState.CONFIRMED)
    undone = PaymentEntry(wrong.kind, wrong.amount, PaymentState.REVERSED)
    assert standing(due, [*ledger, undone, contra]) == before


@given(st.lists(entries, max_size=8), amounts)
def test_outstanding_and_overpaid_exclude_each_other(ledger: list[PaymentEntry], due: Decimal) -> None:
    order = standing(due, ledger)
    assert min(order.outstanding, order.overpaid) == ZERO
    assert order.due - order.paid == order.outstanding - order.overpaid


@pytest.mark.parametrize("state", [PaymentState.RECEIVED, PaymentState.RECONCILED, PaymentState.REVERSED, "REVERSED"])
def test_only_a_confirmed_payment_can_be_reversed(state: PaymentState | str) -> None:
    with pytest.raises(TransitionNotAllowed):
        contra_amount(PaymentEntry(PaymentKind.BALANCE, Decimal("1.00"), state))


def test_payments_of_one_bucket_never_settle_another() -> None:
    charges = [
        ("vehicle", Decimal("210000.00")),
        ("discount", Decimal("-10000.00")),
        (ChargeKind.PURCHASE_TAX, Decimal("17699.12")),
        (ChargeKind.COMPULSORY_INSURANCE, Decimal("950.00")),
        (ChargeKind.COMMERCIAL_INSURANCE, Decimal("4200.00")),
    ]
    ledger = [
        PaymentEntry("balance", Decimal("200000.00")),
        PaymentEntry("insurance", Decimal("1000.00")),
        PaymentEntry("collected_on_behalf", Decimal("17699.12")),
    ]
    by_bucket = standing_by_bucket(charges, ledger)
    assert by_bucket[Bucket.OWN].outstanding == ZERO
    assert by_bucket[Bucket.INSURANCE].outstanding == Decimal("4150.00")
    assert by_bucket[Bucket.COLLECTED].outstanding == ZERO
    assert sum(s.due for s in by_bucket.values()) == sum(amount for _, amount in charges)


def test_every_charge_and_payment_has_a_bucket() -> None:
    assert {bucket_of_charge(kind) for kind in ChargeKind} == set(Bucket)
    assert {bucket_of_payment(kind) for kind in PaymentKind} == set(Bucket)


def test_the_total_of_some_kinds() -> None:
    ledger = [PaymentEntry("earnest_money", Decimal("5.00")), PaymentEntry("advance", Decimal("7.00"))]
    assert paid_total(ledger, PaymentKind.EARNEST_MONEY) == Decimal("5.00")
    assert paid_total(ledger) == Decimal("12.00")


@pytest.mark.parametrize(
    ("due", "paid", "due_on", "facet"),
    [
        ("100", "0", None, PaymentFacet.UNPAID),
        ("100", "40", None, PaymentFacet.PARTIAL),
        ("100", "100", date(2026, 1, 1), PaymentFacet.PAID),
        ("100", "120", None, PaymentFacet.PAID),
        ("100", "40", date(2026, 11, 22), PaymentFacet.PARTIAL),
        ("100", "40", date(2026, 11, 21), PaymentFacet.OVERDUE),
        ("100", "0", date(2026, 11, 21), PaymentFacet.OVERDUE),
    ],
)
def test_how_far_an_order_is_paid(due: str, paid: str, due_on: date | None, facet: PaymentFacet) -> None:
    order = Standing(Decimal(due), Decimal(paid))
    assert payment_facet(order, due_on=due_on, today=date(2026, 11, 22)) is facet


def test_receives_no_more_than_is_outstanding() -> None:
    order = Standing(Decimal("100.00"), Decimal("40.00"))
    require_receivable(Decimal("60.00"), order)
    with pytest.raises(PaymentExceedsOutstanding) as caught:
        require_receivable(Decimal("60.01"), order)
    assert caught.value.field == "amount"
    assert "¥60.00" in caught.value.message()
    for nothing in (ZERO, Decimal("-1.00")):
        with pytest.raises(PaymentNotPositive):
            require_receivable(nothing, order)


def test_refunds_no_more_than_was_paid() -> None:
    order = Standing(Decimal("100.00"), Decimal("40.00"))
    require_refundable(Decimal("40.00"), order)
    with pytest.raises(RefundExceedsPaid):
        require_refundable(Decimal("40.01"), order)
    with pytest.raises(PaymentNotPositive):
        require_refundable(ZERO, order)
