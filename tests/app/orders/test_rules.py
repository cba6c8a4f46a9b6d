"""Orders: the reviews they pass, what may be delivered, and what earnest money is worth."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inventory.rules import UnitStanding, handover_obstacles
from app.kernel.errors import ReasonRequired
from app.kernel.money import ZERO
from app.kernel.reference_data import ReferenceMissing
from app.kernel.state_machine import TransitionNotAllowed
from app.orders.errors import (
    DepositNotPositive,
    NotReadyForDelivery,
    OutstandingBeforeDelivery,
    SaleInConflict,
    SaleStillProvisional,
)
from app.orders.rules import (
    LIVE_STATES,
    ORDER,
    ClaimState,
    DefaultingParty,
    EarnestSplit,
    OrderAction,
    OrderState,
    ReviewPolicy,
    earnest_cap,
    require_deliverable,
    review_policy,
    settle_deposits,
    split_earnest,
    state_after,
)
from app.runtime.language import CHINESE, set_language

TODAY = date(2026, 11, 22)
amounts = st.decimals(min_value=Decimal("0.00"), max_value=Decimal("900000.00"), places=2)
prices = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("3000000.00"), places=2)


def split(paid: str, price: str = "200000.00") -> EarnestSplit:
    return split_earnest(Decimal(paid), contract_price=Decimal(price), on_date=TODAY)


@pytest.mark.parametrize(
    ("manager", "finance", "path"),
    [
        (False, False, [OrderState.CONFIRMED]),
        (True, False, [OrderState.MANAGER_REVIEW, OrderState.CONFIRMED]),
        (False, True, [OrderState.FINANCE_REVIEW, OrderState.CONFIRMED]),
        (True, True, [OrderState.MANAGER_REVIEW, OrderState.FINANCE_REVIEW, OrderState.CONFIRMED]),
    ],
)
def test_an_order_passes_only_the_reviews_policy_asks_for(manager: bool, finance: bool, path: list[OrderState]) -> None:
    policy = ReviewPolicy(manager, finance)
    approvals = {
        OrderState.MANAGER_REVIEW: OrderAction.APPROVE_AS_MANAGER,
        OrderState.FINANCE_REVIEW: OrderAction.APPROVE_FINANCE,
    }
    state = state_after("DRAFT", OrderAction.SUBMIT, policy)
    passed = [state]
    while state in approvals:
        state = state_after(state, approvals[state], policy)
        passed.append(state)
    assert passed == path


def test_rejected_goes_back_to_the_draft() -> None:
    assert state_after(OrderState.FINANCE_REVIEW, OrderAction.REJECT, ReviewPolicy(True, True)) is OrderState.DRAFT


def test_the_house_reviews_what_lies_below_the_floor() -> None:
    assert review_policy(on_date=TODAY, below_floor=False, financed=True) == ReviewPolicy(False, False)
    assert review_policy(on_date=TODAY, below_floor=True, financed=True) == ReviewPolicy(True, False)


def test_cancelling_needs_a_reason_and_is_over_after_delivery() -> None:
    with pytest.raises(ReasonRequired):
        ORDER.check(OrderState.CONFIRMED, OrderAction.CANCEL)
    with pytest.raises(TransitionNotAllowed) as caught:
        ORDER.check(OrderState.DELIVERED, OrderAction.CANCEL, reason="changed mind")
    assert "Complete, Request a return" in caught.value.message()


def test_only_ended_orders_let_go_of_their_vehicle() -> None:
    assert set(OrderState) - LIVE_STATES == {OrderState.CANCELLED, OrderState.RETURNED}


def test_nothing_is_delivered_while_anything_is_outstanding() -> None:
    require_deliverable(outstanding=ZERO)
    with pytest.raises(OutstandingBeforeDelivery) as caught:
        require_deliverable(outstanding=Decimal("0.01"))
    assert "¥0.01" in caught.value.message()


def test_a_provisional_or_contested_sale_is_not_delivered() -> None:
    with pytest.raises(SaleStillProvisional):
        require_deliverable(outstanding=ZERO, claim="provisional")
    with pytest.raises(SaleInConflict):
        require_deliverable(outstanding=ZERO, claim=ClaimState.CONFLICT)


def test_what_keeps_the_car_back_is_listed_in_the_reader_s_language() -> None:
    with pytest.raises(NotReadyForDelivery) as caught:
        require_deliverable(outstanding=ZERO, obstacles=handover_obstacles(UnitStanding()))
    assert "the inspection before delivery has not passed, the certificate" in caught.value.message()
    set_language(CHINESE)
    assert "交付前检测未合格、合格证不在店内" in caught.value.message()


def test_earnest_money_up_to_a_fifth_of_the_price() -> None:
    assert split("40000.00").excess == ZERO
    assert split("40000.00").remark is None
    over = split("50000.00")
    assert (over.cap, over.effective, over.excess) == tuple(map(Decimal, ("40000.00", "40000.00", "10000.00")))
    assert str(over.remark).startswith("¥10,000.00 exceeds the cap of ¥40,000.00")
    assert "民法典" in over.source.zh


def test_the_cap_is_cut_not_rounded_up() -> None:
    assert earnest_cap(Decimal("0.99"), TODAY) == Decimal("0.19")
    assert earnest_cap(Decimal("199999.99"), TODAY) == Decimal("39999.99")


def test_no_cap_is_on_file_before_the_code_was_in_force() -> None:
    with pytest.raises(ReferenceMissing):
        earnest_cap(Decimal("100000"), date(2020, 12, 31))


def test_earnest_money_below_zero_is_refused() -> None:
    with pytest.raises(DepositNotPositive):
        split("-0.01")


@pytest.mark.parametrize(
    ("party", "returned", "forfeited", "penalty", "to_customer"),
    [
        (DefaultingParty.BUYER, "13000.00", "40000.00", "0.00", "13000.00"),
        (DefaultingParty.DEALER, "53000.00", "0.00", "40000.00", "93000.00"),
        (DefaultingParty.NOBODY, "53000.00", "0.00", "0.00", "53000.00"),
    ],
)
def test_who_defaults_decides_about_the_deposits(
    party: DefaultingParty, returned: str, forfeited: str, penalty: str, to_customer: str
) -> None:
    settled = settle_deposits(split("50000.00"), advance=Decimal("3000.00"), defaulting=party)
    figures = (settled.returned, settled.forfeited, settled.penalty, settled.to_customer)
    assert figures == tuple(map(Decimal, (returned, forfeited, penalty, to_customer)))


@given(amounts, prices, amounts, st.sampled_from(DefaultingParty))
def test_no_fen_of_a_deposit_gets_lost(paid: Decimal, price: Decimal, advance: Decimal, party: DefaultingParty) -> None:
    earnest = split_earnest(paid, contract_price=price, on_date=TODAY)
    settled = settle_deposits(earnest, advance=advance, defaulting=party)
    assert earnest.effective + earnest.excess == paid
    assert earnest.effective * 5 <= price
    assert settled.returned + settled.forfeited == paid + advance
    assert settled.penalty in (ZERO, earnest.effective)
    assert settled.returned >= advance


@given(amounts, prices)
def test_an_advance_has_no_penalty_either_way(advance: Decimal, price: Decimal) -> None:
    nothing = split_earnest(ZERO, contract_price=price, on_date=TODAY)
    for party in DefaultingParty:
        assert settle_deposits(nothing, advance=advance, defaulting=party).to_customer == advance
