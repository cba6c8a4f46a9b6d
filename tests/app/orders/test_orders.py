"""Orders from the accepted offer to confirmation or cancellation, on the real database."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.inventory.errors import VehicleAlreadySold, VehicleHeldByOther, VehicleNotForSale
from app.kernel.errors import DomainError, ReasonRequired, RecordChangedMeanwhile
from app.kernel.permissions import Role
from app.kernel.reference_data import ReferenceBook, bundled_reference
from app.kernel.state_machine import TransitionNotAllowed
from app.orders.commands import CancelOrder, ConfirmOrder, PlaceOrder, PlanDelivery, ReturnOrder, SubmitOrder
from app.orders.errors import DeliveryInPast, OrderNotOpen, ReviewOfOwnOrder
from app.orders.queries import get_order
from app.orders.rules import ORDER, OrderAction, OrderState, ReviewPolicy, state_after
from app.quotations.commands import AcceptQuotation, DraftQuotation, FinanceTerms, PresentQuotation
from app.quotations.errors import ApprovalMissing, QuotationExpired
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder, SalesOrderLine
from db.models.quotations import Quotation, QuotationLine
from db.models.tasks import Task
from tests.app.sale_desk import DELIVERY, SaleDesk
from tests.factories.people import actor_of, staff_of


def test_an_offer_becomes_an_order_with_its_unit(desk: SaleDesk) -> None:
    unit = desk.unit()
    drafted = desk.quote(unit)
    placed = desk.do(PlaceOrder(quotation_id=drafted.quotation_id, expected_revision=1, planned_delivery=DELIVERY))
    order = desk.row(SalesOrder, placed.order_id)
    assert (order.state, order.claim_state, order.number) == ("CONFIRMED", "provisional", "SH01-D01-SO-000001")
    assert (order.make_id, order.unit_cost, order.on_road_total) == (unit.make_id, unit.cost, drafted.on_road_total)
    assert (order.planned_delivery_on, order.ordered_at, order.revision) == (DELIVERY, desk.clock.now(), 1)
    stored = desk.row(VehicleUnit, unit.id)
    assert (stored.allocation_state, stored.order_id) == ("ALLOCATED", order.id)
    assert desk.row(Quotation, drafted.quotation_id).state == "CONVERTED"
    offered = desk.rows(QuotationLine, quotation_id=drafted.quotation_id)
    ordered = desk.rows(SalesOrderLine, order_id=order.id)
    assert [(line.kind, line.amount, line.source) for line in ordered] == [
        (line.kind, line.amount, line.source) for line in offered
    ]


def test_the_centre_is_asked_for_the_unit_in_the_same_transaction(desk: SaleDesk) -> None:
    unit = desk.unit()
    placed = desk.order(unit)
    (claim,) = map(json.loads, desk.operations("claim"))
    assert (claim["id"], claim["fields"]["vehicle_id"]) == (unit.vin, unit.id)
    assert claim["fields"]["holder_id"] == placed.order_id
    assert (claim["fields"]["kind"], claim["fields"]["number"]) == ("order", placed.number)
    same = [json.loads(body)["txn"] for body in desk.operations("put") if json.loads(body)["id"] == placed.order_id]
    assert same == [claim["txn"]]


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_drafted_presented_and_accepted_offers_can_be_ordered(desk: SaleDesk, steps: int) -> None:
    drafted = desk.quote()
    commands: list[Any] = [PresentQuotation, AcceptQuotation]
    for revision, command in enumerate(commands[:steps], start=1):
        desk.do(command(quotation_id=drafted.quotation_id, expected_revision=revision))
    desk.do(PlaceOrder(quotation_id=drafted.quotation_id, expected_revision=steps + 1))
    assert desk.row(Quotation, drafted.quotation_id).state == "CONVERTED"


def test_an_unapproved_price_an_old_offer_and_a_used_one_are_refused(desk: SaleDesk) -> None:
    low = desk.quote(discount=Decimal("20000.00"))
    with pytest.raises(ApprovalMissing):
        desk.do(PlaceOrder(quotation_id=low.quotation_id, expected_revision=1))
    used = desk.quote()
    desk.do(PlaceOrder(quotation_id=used.quotation_id, expected_revision=1))
    with pytest.raises(TransitionNotAllowed):
        desk.do(PlaceOrder(quotation_id=used.quotation_id, expected_revision=2))
    old = desk.quote()
    desk.clock.advance(timedelta(days=8))
    with pytest.raises(QuotationExpired):
        desk.do(PlaceOrder(quotation_id=old.quotation_id, expected_revision=1))


def test_a_price_waiting_for_approval_cannot_be_ordered(desk: SaleDesk) -> None:
    terms = desk.terms(discount=Decimal("20000.00"))
    waiting = desk.do(DraftQuotation(customer_id=desk.customer.id, terms=terms, approval_reason="老客户"))
    with pytest.raises(TransitionNotAllowed):
        desk.do(PlaceOrder(quotation_id=waiting.quotation_id, expected_revision=1))


def test_a_sold_unit_names_the_order_that_has_it(desk: SaleDesk) -> None:
    unit = desk.unit()
    first, second = desk.quote(unit), desk.quote(unit)
    placed = desk.do(PlaceOrder(quotation_id=first.quotation_id, expected_revision=1))
    with pytest.raises(VehicleAlreadySold) as caught:
        desk.do(PlaceOrder(quotation_id=second.quotation_id, expected_revision=1))
    assert caught.value.field == "vehicle_unit_id"
    assert placed.number in caught.value.message()
    assert len(desk.rows(SalesOrder)) == 1
    assert len(desk.operations("claim")) == 1


def test_a_colleagues_hold_keeps_the_unit(desk: SaleDesk) -> None:
    held = desk.unit(
        allocation_state="HELD",
        held_by_staff_id=desk.colleague.staff_id,
        held_until=desk.clock.now() + timedelta(hours=3),
    )
    drafted = desk.quote(held)
    with pytest.raises(VehicleHeldByOther) as caught:
        desk.do(PlaceOrder(quotation_id=drafted.quotation_id, expected_revision=1))
    assert "2026-11-22 15:00" in caught.value.message()
    desk.clock.advance(timedelta(hours=3))
    desk.do(PlaceOrder(quotation_id=drafted.quotation_id, expected_revision=1))
    unit = desk.row(VehicleUnit, held.id)
    assert (unit.allocation_state, unit.held_until, unit.held_by_staff_id) == ("ALLOCATED", None, None)


@pytest.mark.parametrize("mine", ["staff", "customer"])
def test_ones_own_hold_and_one_for_the_customer_end_in_the_order(desk: SaleDesk, mine: str) -> None:
    holder = desk.seller if mine == "staff" else desk.colleague
    held = desk.unit(
        allocation_state="HELD",
        held_by_staff_id=holder.staff_id,
        held_for_customer_id=desk.customer.id if mine == "customer" else None,
        held_until=desk.clock.now() + timedelta(hours=3),
    )
    desk.order(held)
    assert desk.row(VehicleUnit, held.id).allocation_state == "ALLOCATED"
    (release,) = map(json.loads, desk.operations("release"))
    assert release["fields"]["holder_id"] == holder.staff_id


def test_a_damaged_unit_is_not_sold(desk: SaleDesk) -> None:
    drafted = desk.quote(desk.unit(quality_state="DAMAGED"))
    with pytest.raises(VehicleNotForSale):
        desk.do(PlaceOrder(quotation_id=drafted.quotation_id, expected_revision=1))


def test_a_day_of_delivery_in_the_past_is_refused(desk: SaleDesk) -> None:
    drafted = desk.quote()
    yesterday = date(2026, 11, 21)
    with pytest.raises(DeliveryInPast) as caught:
        desk.do(PlaceOrder(quotation_id=drafted.quotation_id, expected_revision=1, planned_delivery=yesterday))
    assert caught.value.field == "planned_delivery"
    placed = desk.do(PlaceOrder(quotation_id=drafted.quotation_id, expected_revision=1))
    with pytest.raises(DeliveryInPast):
        desk.do(PlanDelivery(order_id=placed.order_id, expected_revision=1, planned_delivery=yesterday))


def test_the_day_of_delivery_can_be_set_and_undone(desk: SaleDesk) -> None:
    placed = desk.order()
    plan = PlanDelivery(order_id=placed.order_id, expected_revision=1, planned_delivery=date(2026, 12, 24))
    outcome = desk.dispatcher.execute(plan, desk.seller)
    assert desk.row(SalesOrder, placed.order_id).planned_delivery_on == date(2026, 12, 24)
    assert outcome.undo is not None
    desk.do(outcome.undo)
    assert desk.row(SalesOrder, placed.order_id).planned_delivery_on == DELIVERY


def test_cancelling_frees_the_unit_everywhere(desk: SaleDesk) -> None:
    unit = desk.unit()
    placed = desk.order(unit)
    with pytest.raises(ReasonRequired):
        desk.do(CancelOrder(order_id=placed.order_id, expected_revision=1, reason=" "), desk.manager)
    desk.do(CancelOrder(order_id=placed.order_id, expected_revision=1, reason="客户反悔"), desk.manager)
    order = desk.row(SalesOrder, placed.order_id)
    assert (order.state, order.claim_state, order.cancel_reason) == ("CANCELLED", "released", "客户反悔")
    assert order.cancelled_at == desk.clock.now()
    stored = desk.row(VehicleUnit, unit.id)
    assert (stored.allocation_state, stored.order_id) == ("FREE", None)
    (release,) = map(json.loads, desk.operations("release"))
    assert (release["id"], release["fields"]["holder_id"]) == (unit.vin, placed.order_id)
    desk.order(unit)
    with pytest.raises(TransitionNotAllowed):
        desk.do(CancelOrder(order_id=placed.order_id, expected_revision=2, reason="x"), desk.manager)


@pytest.mark.parametrize(
    ("defaulting", "owed_fen"), [("nobody", 4_000_000), ("buyer", 1_100_000), ("dealer", 6_900_000)]
)
def test_what_goes_back_depends_on_who_broke_the_agreement(desk: SaleDesk, defaulting: str, owed_fen: int) -> None:
    """40,000 taken as earnest money for 145,000: 29,000 bind, 11,000 are an advance. Civil Code, art. 586–587."""
    placed = desk.order()
    desk.pay(placed.order_id, "40000.00")
    cancel = CancelOrder(order_id=placed.order_id, expected_revision=1, reason="x", defaulting=defaulting)
    desk.do(cancel, desk.manager)
    (task,) = desk.rows(Task, record_id=placed.order_id)
    assert (task.kind, task.params["amount_fen"]) == ("return_payment", owed_fen)


def test_without_money_nobody_has_to_give_any_back(desk: SaleDesk) -> None:
    placed = desk.order()
    desk.do(CancelOrder(order_id=placed.order_id, expected_revision=1, reason="x"), desk.manager)
    assert desk.rows(Task) == []


def test_an_unknown_party_to_blame_is_refused(desk: SaleDesk) -> None:
    placed = desk.order()
    cancel = CancelOrder(order_id=placed.order_id, expected_revision=1, reason="x", defaulting="weather")
    with pytest.raises(DomainError) as caught:
        desk.do(cancel, desk.manager)
    assert (caught.value.code, caught.value.field) == ("value_not_allowed", "defaulting")


def test_a_stale_page_does_not_cancel(desk: SaleDesk) -> None:
    placed = desk.order()
    desk.do(PlanDelivery(order_id=placed.order_id, expected_revision=1, planned_delivery=None))
    with pytest.raises(RecordChangedMeanwhile):
        desk.do(CancelOrder(order_id=placed.order_id, expected_revision=1, reason="x"), desk.manager)


@pytest.fixture
def strict_house(monkeypatch: pytest.MonkeyPatch) -> ReferenceBook:
    """A house where the manager and, for loans, finance look at every order."""
    book = bundled_reference()
    (row,) = book.rows("house_policy")
    values = {**row.values, "manager_review": True, "finance_review": True}
    strict = book.with_table("house_policy", [replace(row, values=values)])
    monkeypatch.setattr("app.orders.rules.bundled_reference", lambda: strict)
    return strict


FINANCE = FinanceTerms(
    method="equal_instalment", down_payment=Decimal("60000.00"), months=36, annual_rate=Decimal("0.045")
)


@pytest.mark.usefixtures("strict_house")
def test_reviews_are_passed_one_by_one(desk: SaleDesk) -> None:
    placed = desk.order(finance=FINANCE)
    assert placed.state == "MANAGER_REVIEW"
    assert [task.state for task in desk.rows(Task, kind="review_order")] == ["OPEN"]
    assert "approve_as_manager" in desk.read(get_order, placed.order_id, actor=desk.manager).actions
    desk.do(ConfirmOrder(order_id=placed.order_id, expected_revision=1), desk.manager)
    assert desk.row(SalesOrder, placed.order_id).state == "FINANCE_REVIEW"
    assert sorted(task.state for task in desk.rows(Task, kind="review_order")) == ["DONE", "OPEN"]
    desk.do(ConfirmOrder(order_id=placed.order_id, expected_revision=2), desk.administrator)
    assert desk.row(SalesOrder, placed.order_id).state == "CONFIRMED"
    assert {task.state for task in desk.rows(Task, kind="review_order")} == {"DONE"}
    with pytest.raises(TransitionNotAllowed):
        desk.do(ConfirmOrder(order_id=placed.order_id, expected_revision=3), desk.manager)


@pytest.mark.usefixtures("strict_house")
def test_a_returned_order_is_submitted_again(desk: SaleDesk) -> None:
    placed = desk.order()
    with pytest.raises(ReasonRequired):
        desk.do(ReturnOrder(order_id=placed.order_id, expected_revision=1, reason=""), desk.manager)
    desk.do(ReturnOrder(order_id=placed.order_id, expected_revision=1, reason="价格不清楚"), desk.manager)
    assert desk.row(SalesOrder, placed.order_id).state == "DRAFT"
    desk.do(SubmitOrder(order_id=placed.order_id, expected_revision=2))
    assert desk.row(SalesOrder, placed.order_id).state == "MANAGER_REVIEW"
    desk.do(ConfirmOrder(order_id=placed.order_id, expected_revision=3), desk.manager)
    assert desk.row(SalesOrder, placed.order_id).state == "CONFIRMED"


@pytest.mark.usefixtures("strict_house")
def test_nobody_reviews_an_order_of_their_own(desk: SaleDesk) -> None:
    manager = actor_of(staff_of(Role.BRANCH_MANAGER))
    drafted = desk.do(DraftQuotation(customer_id=desk.customer.id, terms=desk.terms()), manager)
    placed = desk.do(PlaceOrder(quotation_id=drafted.quotation_id, expected_revision=1), manager)
    with pytest.raises(ReviewOfOwnOrder):
        desk.do(ConfirmOrder(order_id=placed.order_id, expected_revision=1), manager)


def test_a_cancelled_order_takes_no_day_of_delivery(desk: SaleDesk) -> None:
    placed = desk.order()
    desk.do(CancelOrder(order_id=placed.order_id, expected_revision=1, reason="x"), desk.manager)
    with pytest.raises(OrderNotOpen) as caught:
        desk.do(PlanDelivery(order_id=placed.order_id, expected_revision=2, planned_delivery=DELIVERY))
    assert "Cancelled" in caught.value.message()


STEPS = ("confirm", "return", "submit", "cancel", "plan")


@pytest.mark.usefixtures("strict_house")
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(STEPS), min_size=1, max_size=7), financed=st.booleans())
def test_the_stored_state_follows_the_lifecycle(desk: SaleDesk, steps: list[str], financed: bool) -> None:
    """Whatever is tried in whatever order, the order is where the lifecycle says and its unit with it."""
    unit = desk.unit()
    order_id = desk.order(unit, finance=FINANCE if financed else None).order_id
    policy = ReviewPolicy(manager=True, finance=financed)
    state = OrderState.MANAGER_REVIEW
    for step in steps:
        expected = _after(step, state, policy)
        revision = desk.row(SalesOrder, order_id).revision
        try:
            desk.do(_step(step, order_id, revision), desk.manager)
        except DomainError:
            assert expected is None, (state, step)
        else:
            assert expected is not None, (state, step)
            state = expected
        assert desk.row(SalesOrder, order_id).state == state.value
        kept = desk.row(VehicleUnit, unit.id).order_id
        assert kept == (None if state is OrderState.CANCELLED else order_id)


def _after(step: str, state: OrderState, policy: ReviewPolicy) -> OrderState | None:
    if step == "plan":
        return state if ORDER.may(state, OrderAction.CANCEL) else None
    in_finance = state is OrderState.FINANCE_REVIEW
    actions = {
        "confirm": OrderAction.APPROVE_FINANCE if in_finance else OrderAction.APPROVE_AS_MANAGER,
        "return": OrderAction.REJECT,
        "submit": OrderAction.SUBMIT,
        "cancel": OrderAction.CANCEL,
    }
    return state_after(state, actions[step], policy) if ORDER.may(state, actions[step]) else None


def _step(step: str, order_id: str, revision: int) -> Any:
    common = {"order_id": order_id, "expected_revision": revision}
    if step == "plan":
        return PlanDelivery(**common, planned_delivery=DELIVERY + timedelta(days=revision))
    if step in ("return", "cancel"):
        return {"return": ReturnOrder, "cancel": CancelOrder}[step](**common, reason="x")
    return {"confirm": ConfirmOrder, "submit": SubmitOrder}[step](**common)
