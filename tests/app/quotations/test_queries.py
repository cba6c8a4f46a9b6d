"""Lists of offers, the desking grid, a price from a payment, paper."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.finance.queries import get_loan_plan, list_instalments, list_loan_products
from app.insurance.queries import estimate_premiums, list_third_party_limits
from app.kernel.errors import DomainError, RecordNotFound
from app.orders.commands import PlaceOrder
from app.quotations.commands import FinanceTerms
from app.quotations.queries import (
    count_quotations,
    desking_grid,
    get_quotation,
    list_quotations,
    preview_quotation,
    price_for_monthly,
    quotation_pdf,
)
from app.runtime.language import CHINESE, set_language
from tests.app.sale_desk import SaleDesk

FINANCE = FinanceTerms(
    method="equal_instalment", down_payment=Decimal("60000.00"), months=36, annual_rate=Decimal("0.045")
)


def test_the_list_pages_by_key_newest_first(desk: SaleDesk) -> None:
    made = []
    for _ in range(5):
        made.append(desk.quote().quotation_id)
        desk.clock.advance(timedelta(seconds=1))
    first = desk.read(list_quotations, limit=2)
    second = desk.read(list_quotations, limit=2, after=first[-1].cursor)
    third = desk.read(list_quotations, limit=2, after=second[-1].cursor)
    assert [row.id for row in (*first, *second, *third)] == made[::-1]
    assert desk.read(list_quotations, after=third[-1].cursor) == []


def test_offers_of_one_instant_page_without_gaps(desk: SaleDesk) -> None:
    made = {desk.quote().quotation_id for _ in range(3)}
    first = desk.read(list_quotations, limit=1)
    rest = desk.read(list_quotations, after=first[0].cursor)
    assert {row.id for row in (*first, *rest)} == made


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("zw", 1),
        ("张伟", 1),
        ("QT-000001", 1),
        ("SH01-D01-QT-000001", 1),
        ("sh01-d01-qt-000002", 0),
        ("大众", 1),
        ("LSVAA418", 1),
        ("李", 0),
        ("--", 0),
    ],
)
def test_typed_text_finds_number_customer_and_vehicle(desk: SaleDesk, text: str, hits: int) -> None:
    desk.quote()
    assert len(desk.read(list_quotations, text=text)) == hits
    assert desk.read(count_quotations, text=text) == (hits, 1)


def test_facets_restrict_and_count(desk: SaleDesk) -> None:
    unit = desk.unit()
    lapsed = desk.quote(unit, valid_until=date(2026, 11, 22)).quotation_id
    desk.clock.advance(timedelta(days=1))
    open_one = desk.quote(unit).quotation_id

    def ids(**filters: object) -> list[str]:
        return [row.id for row in desk.read(list_quotations, **filters)]

    assert ids(state="DRAFT") == [open_one]
    assert ids(state=["EXPIRED", "LOST"]) == [lapsed]
    assert ids(customer_id=desk.customer.id, vehicle_unit_id=unit.id) == [open_one, lapsed]
    assert ids(salesperson_id=desk.manager.staff_id) == []
    assert desk.read(count_quotations, state="EXPIRED") == (1, 2)


def test_an_ordered_offer_leads_to_its_order(desk: SaleDesk) -> None:
    drafted = desk.quote()
    assert "convert" in desk.read(get_quotation, drafted.quotation_id).actions
    placed = desk.do(PlaceOrder(quotation_id=drafted.quotation_id, expected_revision=1))
    detail = desk.read(get_quotation, drafted.quotation_id)
    assert (detail.order_id, detail.row.state, detail.actions) == (placed.order_id, "CONVERTED", ())


def test_an_unknown_offer_is_said_to_be_gone(desk: SaleDesk) -> None:
    for query in (get_quotation, quotation_pdf):
        with pytest.raises(RecordNotFound):
            desk.read(query, "0" * 32)


def test_the_grid_shows_payments_by_down_payment_and_term(desk: SaleDesk) -> None:
    grid = desk.read(desking_grid, desk.terms(), product_code="maker_interest_free")
    assert grid.price == Decimal("145000.00")
    assert grid.months == (12, 24, 36, 48, 60)
    assert grid.down_payments[0] == Decimal("29000.00")
    assert grid.cells[0][0].obstacle == "The down payment is too low"
    assert grid.cells[1][0].monthly == Decimal("8458.33")
    assert grid.cells[1][0].interest == Decimal("0.00")
    assert grid.cells[1][2].obstacle == "Not offered for this term"
    with pytest.raises(DomainError) as caught:
        desk.read(desking_grid, desk.terms(), product_code="")
    assert caught.value.field == "product_code"


def test_a_payment_is_solved_for_its_price(desk: SaleDesk) -> None:
    terms = desk.terms(finance=FINANCE)
    solved = desk.read(price_for_monthly, terms, monthly=Decimal("2400.00"))
    preview = desk.read(preview_quotation, solved)
    assert Decimal("2399.98") <= preview.plans[0].first_payment <= Decimal("2400.00")
    dear = desk.read(price_for_monthly, terms, monthly=Decimal("9000.00"))
    assert dear.discount == Decimal("0.00")


@pytest.mark.parametrize(
    ("finance", "monthly", "code", "field"),
    [
        (None, "2000.00", "value_required", "finance"),
        (FINANCE, "1.00", "target_payment_too_low", "monthly"),
        (FINANCE, "-1.00", "amount_negative", "monthly"),
    ],
)
def test_impossible_payments_are_refused(
    desk: SaleDesk, finance: FinanceTerms | None, monthly: str, code: str, field: str
) -> None:
    with pytest.raises(DomainError) as caught:
        desk.read(price_for_monthly, desk.terms(finance=finance), monthly=Decimal(monthly))
    assert (caught.value.code, caught.value.field) == (code, field)


@pytest.mark.parametrize("language", ["", "en", "zh_CN"])
def test_the_offer_prints_in_either_language(desk: SaleDesk, language: str) -> None:
    drafted = desk.quote(finance=FINANCE)
    assert desk.read(quotation_pdf, drafted.quotation_id, language=language).startswith(b"%PDF-1.7")


def test_labels_follow_the_language_in_use(desk: SaleDesk) -> None:
    lines = desk.read(get_quotation, desk.quote().quotation_id).lines
    assert str(lines[0].label) == "Vehicle"
    set_language(CHINESE)
    assert str(lines[0].label) == "车辆"



def test_loans_and_premiums_can_be_looked_up(desk: SaleDesk) -> None:
    products = {product.code: product for product in desk.read(list_loan_products)}
    assert products["bank_equal_instalment"].annual_rates[36] == Decimal("0.0428")
    loan = {
        "method": "equal_instalment", "principal": Decimal("150000.00"), "annual_rate": Decimal("0.045"), "months": 36,
    }  # fmt: skip
    plan = desk.read(get_loan_plan, **loan)
    assert (plan.first_payment, plan.interest) == (Decimal("4462.04"), Decimal("10633.39"))
    schedule = desk.read(list_instalments, **loan)
    assert len(schedule) == 36 and schedule[-1].remaining == 0
    assert sum(month.payment for month in schedule) == plan.total_paid
    usual = [row for row in desk.read(list_third_party_limits) if row.usual]
    assert [(row.limit, row.premium) for row in usual] == [(Decimal("2000000.00"), Decimal("1529.00"))]
    estimate = desk.read(estimate_premiums, desk.unit().id)
    assert estimate.vehicle_damage == Decimal("2459.00")
    assert estimate.third_party_limit == Decimal("2000000.00")
