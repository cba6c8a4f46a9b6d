"""Offers from the typed terms to the stored version: calculation, floor, approval, versions."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kernel.errors import DomainError, RecordChangedMeanwhile, RecordNotFound
from app.kernel.permissions import Role
from app.kernel.state_machine import TransitionNotAllowed
from app.quotations.commands import (
    AcceptQuotation,
    ApproveQuotation,
    DraftQuotation,
    ExtraTerms,
    FinanceTerms,
    InsuranceTerms,
    MarkQuotationLost,
    PresentQuotation,
    QuotationTerms,
    RejectQuotation,
    RequestApproval,
    ReviseQuotation,
)
from app.quotations.errors import ApprovalNotNeeded, ApprovalOfOwnQuotation, PriceBelowFloor, QuotationExpired
from app.quotations.queries import get_quotation, preview_quotation
from app.quotations.rules import QUOTATION, QuotationAction, QuotationState
from app.quotations.stored_terms import stored_terms, terms_from
from db.models.quotations import Quotation, QuotationLine
from db.models.tasks import Task
from tests.app.sale_desk import SaleDesk
from tests.factories.people import actor_of, staff_of

FINANCE = FinanceTerms(
    method="equal_instalment", down_payment=Decimal("60000.00"), months=36, annual_rate=Decimal("0.045")
)
BELOW = Decimal("20000.00")


def test_the_preview_is_what_is_stored(desk: SaleDesk) -> None:
    terms = desk.terms(
        subsidy=Decimal("1000.00"),
        options=(ExtraTerms(name_zh="贴膜", name_en="Film", amount=Decimal("2800.00")),),
        services=(ExtraTerms(name_zh="", name_en="Registration", amount=Decimal("500.00")),),
        finance=FINANCE,
    )
    preview = desk.read(preview_quotation, terms, customer_id=desk.customer.id)
    drafted = desk.do(DraftQuotation(customer_id=desk.customer.id, terms=terms))
    detail = desk.read(get_quotation, drafted.quotation_id)
    assert detail.lines == preview.lines
    assert detail.row.on_road_total == preview.on_road_total == sum(line.amount for line in preview.lines)
    assert preview.vehicle_price == Decimal("145000.00")
    assert preview.cash_needed == preview.on_road_total - detail.plan.principal
    assert [plan.method for plan in preview.plans] == ["equal_instalment", "equal_principal"]
    assert detail.plan == preview.plans[0]
    assert detail.terms == terms


def test_every_statutory_line_names_its_source(desk: SaleDesk) -> None:
    preview = desk.read(preview_quotation, desk.terms())
    sourced = {line.kind: line.source for line in preview.lines}
    for kind in ("purchase_tax", "compulsory_insurance", "commercial_insurance", "vessel_tax", "plate_fee"):
        assert sourced[kind].zh and sourced[kind].en, kind
    amounts = {line.kind: line.amount for line in preview.lines}
    assert amounts["purchase_tax"] == Decimal("12831.86")
    assert amounts["compulsory_insurance"] == Decimal("950.00")


def test_an_insurers_own_figures_replace_the_tables(desk: SaleDesk) -> None:
    insurance = InsuranceTerms(compulsory_premium=Decimal("855.00"), commercial_premium=Decimal("3100.00"))
    preview = desk.read(preview_quotation, desk.terms(insurance=insurance))
    lines = {line.kind: line for line in preview.lines}
    assert lines["compulsory_insurance"].amount == Decimal("855.00")
    assert lines["commercial_insurance"].amount == Decimal("3100.00")
    assert str(lines["commercial_insurance"].source) == "Insurer's quote"


def test_a_record_factor_lowers_the_compulsory_premium(desk: SaleDesk) -> None:
    insurance = InsuranceTerms(compulsory_factor=Decimal("0.90"))
    preview = desk.read(preview_quotation, desk.terms(insurance=insurance))
    assert {line.kind: line.amount for line in preview.lines}["compulsory_insurance"] == Decimal("855.00")


def test_without_insurance_there_are_no_lines_for_it(desk: SaleDesk) -> None:
    insurance = InsuranceTerms(compulsory=False, vehicle_damage=False)
    kinds = {line.kind for line in desk.read(preview_quotation, desk.terms(insurance=insurance)).lines}
    assert kinds.isdisjoint({"compulsory_insurance", "commercial_insurance"})


def test_a_company_insures_at_the_companys_rate(desk: SaleDesk) -> None:
    company = desk.records.customer(kind="company", name="申江物流有限公司", identity_number="91110108MA01YBNX62")
    preview = desk.read(preview_quotation, desk.terms(), customer_id=company.id)
    assert {line.kind: line.amount for line in preview.lines}["compulsory_insurance"] == Decimal("1000.00")


def test_options_off_the_invoice_are_not_taxed(desk: SaleDesk) -> None:
    option = ExtraTerms(name_zh="脚垫", amount=Decimal("11300.00"))
    unit = desk.unit()
    taxes = []
    for on_invoice in (True, False):
        terms = desk.terms(unit, options=(replace(option, on_invoice=on_invoice),))
        lines = desk.read(preview_quotation, terms).lines
        taxes.append({line.kind: line.amount for line in lines}["purchase_tax"])
    assert taxes[0] - taxes[1] == Decimal("1000.00")


def test_only_those_who_see_costs_learn_how_far_below_the_floor_a_price_is(desk: SaleDesk) -> None:
    terms = desk.terms(discount=BELOW)
    assert desk.read(preview_quotation, terms).below_floor
    assert desk.read(preview_quotation, terms).below_floor_by is None
    assert desk.read(preview_quotation, terms, actor=desk.manager).below_floor_by == Decimal("9000.00")


def test_a_subsidy_out_of_the_houses_pocket_counts_against_the_floor(desk: SaleDesk) -> None:
    unit = desk.unit()
    terms = desk.terms(unit, subsidy=Decimal("7000.00"))
    assert not desk.read(preview_quotation, terms).below_floor
    by_house = replace(terms, subsidy_by_house=True)
    assert desk.read(preview_quotation, by_house).below_floor
    drafted = desk.do(DraftQuotation(customer_id=desk.customer.id, terms=by_house))
    assert drafted.below_floor
    assert desk.read(get_quotation, drafted.quotation_id).row.below_floor


def below_floor(desk: SaleDesk, reason: str = "老客户第二台车") -> str:
    command = DraftQuotation(customer_id=desk.customer.id, terms=desk.terms(discount=BELOW), approval_reason=reason)
    drafted = desk.do(command)
    quotation_id: str = drafted.quotation_id
    return quotation_id


def test_a_price_below_the_floor_waits_for_the_manager(desk: SaleDesk) -> None:
    quotation_id = below_floor(desk)
    (task,) = desk.rows(Task, record_id=quotation_id)
    assert (task.kind, task.state, task.params["gap_fen"]) == ("approve_quotation", "OPEN", 900_000)
    assert desk.row(Quotation, quotation_id).state == "PENDING_APPROVAL"
    desk.do(ApproveQuotation(quotation_id=quotation_id, expected_revision=1, note="同意"), desk.manager)
    detail = desk.read(get_quotation, quotation_id)
    assert (detail.row.state, detail.decided_by, detail.decision_note) == ("APPROVED", "赵敏", "同意")
    assert desk.rows(Task, record_id=quotation_id)[0].state == "DONE"
    desk.do(PresentQuotation(quotation_id=quotation_id, expected_revision=2))
    assert desk.row(Quotation, quotation_id).state == "PRESENTED"


def test_nobody_decides_on_an_offer_of_their_own(desk: SaleDesk) -> None:
    terms = desk.terms(discount=BELOW)
    own = desk.do(
        DraftQuotation(customer_id=desk.customer.id, terms=terms, approval_reason="x"), desk.manager
    ).quotation_id
    for command in (
        ApproveQuotation(quotation_id=own, expected_revision=1),
        RejectQuotation(quotation_id=own, expected_revision=1, reason="x"),
    ):
        with pytest.raises(ApprovalOfOwnQuotation):
            desk.do(command, desk.manager)
    assert "approve" not in desk.read(get_quotation, own, actor=desk.manager).actions
    desk.do(ApproveQuotation(quotation_id=own, expected_revision=1), desk.administrator)


def test_a_rejected_price_can_only_be_quoted_anew(desk: SaleDesk) -> None:
    quotation_id = below_floor(desk)
    desk.do(RejectQuotation(quotation_id=quotation_id, expected_revision=1, reason="低于底价太多"), desk.manager)
    with pytest.raises(TransitionNotAllowed):
        desk.do(PresentQuotation(quotation_id=quotation_id, expected_revision=2))
    assert desk.read(get_quotation, quotation_id).actions == ("supersede", "lose")


def test_asking_later_needs_a_reason_and_a_price_below_the_floor(desk: SaleDesk) -> None:
    quotation_id = below_floor(desk, reason="")
    assert desk.row(Quotation, quotation_id).state == "DRAFT"
    with pytest.raises(PriceBelowFloor):
        desk.do(PresentQuotation(quotation_id=quotation_id, expected_revision=1))
    with pytest.raises(DomainError, match="reason_required"):
        desk.do(RequestApproval(quotation_id=quotation_id, expected_revision=1, reason=" "))
    desk.do(RequestApproval(quotation_id=quotation_id, expected_revision=1, reason="竞品报价更低"))
    assert desk.row(Quotation, quotation_id).approval_reason == "竞品报价更低"
    fine = desk.quote()
    with pytest.raises(ApprovalNotNeeded):
        desk.do(RequestApproval(quotation_id=fine.quotation_id, expected_revision=1, reason="x"))


def test_a_new_version_keeps_the_number_and_retires_the_old_one(desk: SaleDesk) -> None:
    unit = desk.unit()
    old = desk.quote(unit)
    new = desk.do(
        ReviseQuotation(
            quotation_id=old.quotation_id, expected_revision=1, terms=desk.terms(unit, discount=Decimal("6000.00"))
        )
    )
    assert new.number == old.number
    detail = desk.read(get_quotation, new.quotation_id)
    assert (detail.row.version_number, detail.supersedes_id) == (2, old.quotation_id)
    retired = desk.read(get_quotation, old.quotation_id)
    assert (retired.row.state, retired.superseded_by_id, retired.actions) == ("SUPERSEDED", new.quotation_id, ())
    assert len(desk.rows(QuotationLine, quotation_id=old.quotation_id)) == len(retired.lines)


def test_revising_takes_the_old_versions_task_off_the_list(desk: SaleDesk) -> None:
    quotation_id = below_floor(desk)
    desk.do(ReviseQuotation(quotation_id=quotation_id, expected_revision=1, terms=desk.terms()))
    assert [task.state for task in desk.rows(Task)] == ["DONE"]


def test_after_its_last_day_an_offer_is_expired(desk: SaleDesk) -> None:
    drafted = desk.quote(valid_until=date(2026, 11, 23))
    desk.clock.advance(timedelta(days=1))
    desk.do(PresentQuotation(quotation_id=drafted.quotation_id, expected_revision=1))
    desk.clock.advance(timedelta(days=1))
    with pytest.raises(QuotationExpired):
        desk.do(AcceptQuotation(quotation_id=drafted.quotation_id, expected_revision=2))
    detail = desk.read(get_quotation, drafted.quotation_id)
    assert (detail.row.state, detail.actions) == ("EXPIRED", ("supersede",))


def test_a_lost_offer_says_why(desk: SaleDesk) -> None:
    drafted = desk.quote()
    with pytest.raises(DomainError, match="reason_required"):
        desk.do(MarkQuotationLost(quotation_id=drafted.quotation_id, expected_revision=1, reason=""))
    desk.do(MarkQuotationLost(quotation_id=drafted.quotation_id, expected_revision=1, reason="买了别的品牌"))
    row = desk.row(Quotation, drafted.quotation_id)
    assert (row.state, row.decision_note) == ("LOST", "买了别的品牌")


def test_somebody_elses_change_is_not_overwritten(desk: SaleDesk) -> None:
    drafted = desk.quote()
    desk.do(PresentQuotation(quotation_id=drafted.quotation_id, expected_revision=1))
    with pytest.raises(RecordChangedMeanwhile) as caught:
        desk.do(MarkQuotationLost(quotation_id=drafted.quotation_id, expected_revision=1, reason="x"))
    assert caught.value.current is not None


BAD_TERMS: list[tuple[dict[str, Any], str, str]] = [
    ({"discount": Decimal("-1.00")}, "amount_negative", "discount"),
    ({"discount": Decimal("1.001")}, "amount_too_precise", "discount"),
    ({"discount": Decimal("NaN")}, "amount_unreadable", "discount"),
    ({"discount": Decimal("1e15")}, "amount_too_large", "discount"),
    ({"discount": Decimal("150000.01")}, "discount_too_large", "discount"),
    ({"price": Decimal("-5.00")}, "amount_negative", "price"),
    ({"subsidy": Decimal("-5.00")}, "amount_negative", "subsidy"),
    ({"plate_fee": Decimal("-5.00")}, "amount_negative", "plate_fee"),
    ({"vessel_tax": Decimal("0.001")}, "amount_too_precise", "vessel_tax"),
    ({"valid_until": date(2026, 11, 21)}, "validity_wrong", "valid_until"),
    ({"options": (ExtraTerms(name_zh=" ", amount=Decimal("1.00")),)}, "value_required", "options"),
    ({"options": (ExtraTerms(name_zh="长" * 61, amount=Decimal("1.00")),)}, "value_too_long", "options"),
    ({"options": (ExtraTerms(name_zh="\U0002a6a5", amount=Decimal("1.00")),)}, "characters_not_printable", "options"),
    ({"services": (ExtraTerms(name_zh="洗车", amount=Decimal("-1.00")),)}, "amount_negative", "services"),
    ({"services": (ExtraTerms(name_zh="洗车", amount=Decimal("1.00")),) * 21}, "too_many_extras", "services"),
    (
        {"insurance": InsuranceTerms(compulsory_factor=Decimal("2"))},
        "premium_factor_wrong",
        "compulsory_factor",
    ),
    (
        {"insurance": InsuranceTerms(third_party_limit=Decimal("7.00"))},
        "cover_limit_unknown",
        "third_party_limit",
    ),
    (
        {"insurance": InsuranceTerms(commercial_premium=Decimal("-1.00"))},
        "amount_negative",
        "commercial_premium",
    ),
    ({"finance": replace(FINANCE, down_payment=Decimal("145000.01"))}, "down_payment_wrong", "down_payment"),
    ({"finance": replace(FINANCE, down_payment=Decimal("145000.00"))}, "loan_principal_wrong", "down_payment"),
    ({"finance": replace(FINANCE, down_payment=Decimal("-1.00"))}, "amount_negative", "down_payment"),
    ({"finance": replace(FINANCE, months=0)}, "loan_term_wrong", "months"),
    ({"finance": replace(FINANCE, annual_rate=Decimal("4.5"))}, "loan_rate_wrong", "annual_rate"),
    ({"finance": replace(FINANCE, method="balloon")}, "value_not_allowed", "method"),
    ({"finance": replace(FINANCE, product_code="none")}, "value_not_allowed", "product_code"),
    (
        {"finance": replace(FINANCE, product_code="maker_interest_free")},
        "loan_term_not_offered",
        "months",
    ),
    (
        {"finance": replace(FINANCE, down_payment=Decimal("1000.00"), product_code="bank_equal_instalment")},
        "down_payment_below_product",
        "down_payment",
    ),
]


def test_bad_terms_are_refused_beside_their_field(desk: SaleDesk) -> None:
    unit = desk.unit()
    for changes, code, field in BAD_TERMS:
        terms = desk.terms(unit, **changes)
        for act in (
            lambda terms=terms: desk.read(preview_quotation, terms),
            lambda terms=terms: desk.do(DraftQuotation(customer_id=desk.customer.id, terms=terms)),
        ):
            with pytest.raises(DomainError) as caught:
                act()
            assert (caught.value.code, caught.value.field) == (code, field), changes
            assert "{" not in caught.value.message()
    assert desk.rows(Quotation) == []


def test_unknown_customer_and_unit_are_named_by_their_field(desk: SaleDesk) -> None:
    with pytest.raises(RecordNotFound) as caught:
        desk.do(DraftQuotation(customer_id="0" * 32, terms=desk.terms()))
    assert caught.value.field == "customer_id"
    with pytest.raises(RecordNotFound) as caught:
        desk.do(DraftQuotation(customer_id=desk.customer.id, terms=QuotationTerms(vehicle_unit_id="")))
    assert caught.value.field == "vehicle_unit_id"


def test_an_engine_without_a_size_asks_for_the_tax(desk: SaleDesk) -> None:
    unit = desk.records.unit(desk.records.trim())
    with pytest.raises(DomainError) as caught:
        desk.read(preview_quotation, desk.terms(unit))
    assert (caught.value.code, caught.value.field) == ("displacement_missing", "vessel_tax")
    typed = desk.read(preview_quotation, desk.terms(unit, vessel_tax=Decimal("420.00")))
    assert {line.kind: line.amount for line in typed.lines}["vessel_tax"] == Decimal("420.00")


AMOUNT = st.integers(0, 100_000_00).map(lambda fen: Decimal(fen).scaleb(-2))
EXTRA = st.builds(
    ExtraTerms, name_zh=st.just("装饰"), name_en=st.sampled_from(("", "Trim")), amount=AMOUNT, on_invoice=st.booleans()
)
TERMS = st.builds(
    QuotationTerms,
    vehicle_unit_id=st.just("1" * 32),
    price=st.none() | AMOUNT,
    discount=AMOUNT,
    subsidy=AMOUNT,
    subsidy_by_house=st.booleans(),
    options=st.lists(EXTRA, max_size=3).map(tuple),
    services=st.lists(EXTRA, max_size=3).map(tuple),
    insurance=st.builds(
        InsuranceTerms,
        compulsory=st.booleans(),
        third_party_limit=st.none() | AMOUNT,
        commercial_premium=st.none() | AMOUNT,
    ),
    plate_fee=st.none() | AMOUNT,
    vessel_tax=st.none() | AMOUNT,
    finance=st.none() | st.just(FINANCE),
    valid_until=st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
)


@given(TERMS)
def test_terms_come_back_as_they_were_stored(terms: QuotationTerms) -> None:
    assert terms_from(stored_terms(terms), vehicle_unit_id=terms.vehicle_unit_id) == terms


ACTIONS = (
    QuotationAction.REQUEST_APPROVAL,
    QuotationAction.APPROVE,
    QuotationAction.REJECT,
    QuotationAction.PRESENT,
    QuotationAction.ACCEPT,
    QuotationAction.LOSE,
)


def _command(action: QuotationAction, quotation_id: str, revision: int) -> Any:
    common = {"quotation_id": quotation_id, "expected_revision": revision}
    return {
        QuotationAction.REQUEST_APPROVAL: lambda: RequestApproval(**common, reason="r"),
        QuotationAction.APPROVE: lambda: ApproveQuotation(**common),
        QuotationAction.REJECT: lambda: RejectQuotation(**common, reason="r"),
        QuotationAction.PRESENT: lambda: PresentQuotation(**common),
        QuotationAction.ACCEPT: lambda: AcceptQuotation(**common),
        QuotationAction.LOSE: lambda: MarkQuotationLost(**common, reason="r"),
    }[action]()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=6), below=st.booleans())
def test_the_stored_state_follows_the_lifecycle(desk: SaleDesk, actions: list[QuotationAction], below: bool) -> None:
    """Whatever is tried in whatever order, the row is where the lifecycle says, or nothing happened."""
    drafted = desk.quote(discount=BELOW if below else Decimal("5000.00"))
    manager = actor_of(staff_of(Role.BRANCH_MANAGER))
    state, revision = QuotationState.DRAFT, 1
    for action in actions:
        guarded = state is QuotationState.DRAFT and (
            (action is QuotationAction.PRESENT and below) or (action is QuotationAction.REQUEST_APPROVAL and not below)
        )
        allowed = QUOTATION.may(state, action) and not guarded
        try:
            desk.do(_command(action, drafted.quotation_id, revision), manager)
        except DomainError:
            assert not allowed, (state, action)
        else:
            assert allowed, (state, action)
            state, revision = QUOTATION.next_state(state, action), revision + 1
        row = desk.row(Quotation, drafted.quotation_id)
        assert (row.state, row.revision) == (state.value, revision)
