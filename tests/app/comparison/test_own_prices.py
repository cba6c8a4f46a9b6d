"""A price of one's own in the place of the guide price, and whom a comparison is prepared for."""

from dataclasses import replace
from decimal import Decimal

import pytest

from app.comparison.own_prices import OwnPrice, priced_units
from app.comparison.ownership import CostKind
from app.comparison.queries import ComparisonTerms, comparison_pdf, get_comparison
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import PermissionDenied
from app.kernel.permissions import Actor, Permission
from app.runtime.language import ENGLISH
from tests.app.documents.reading import text_of
from tests.factories.records import Records


def test_costs_follow_the_asked_price_of_a_unit_and_say_so(
    records: Records, dispatcher: Dispatcher, salesperson: Actor
) -> None:
    dear, cheap = (records.trim(guide_price=Decimal(price)) for price in ("200000", "113000"))
    unit = records.unit(dear, list_price=Decimal("169500.00"), stock_number="S-77")
    assert [one.id for one in dispatcher.read(priced_units, salesperson, dear.id)] == [unit.id]
    prices = (OwnPrice(trim_id=dear.id, unit_id=unit.id), OwnPrice(trim_id=cheap.id, amount=Decimal("90400")))
    terms = ComparisonTerms(trim_ids=(dear.id, cheap.id), prices=prices)
    found = dispatcher.read(get_comparison, salesperson, terms)
    price = [cost.figure(CostKind.PRICE) for cost in found.costs]
    assert [figure.amount for figure in price] == [Decimal("169500.00"), Decimal("90400.00")]
    said = [figure.formula.in_language(ENGLISH) for figure in price]
    assert said == ["Asked price of unit S-77", "Entered for this comparison"]
    assert found.costs[0].amount(CostKind.PURCHASE_TAX) == Decimal("15000.00")
    lines = {line.code: [cell.number for cell in line.cells] for line in found.all_groups[0].lines}
    assert lines["guide_price"] == [Decimal("200000.00"), Decimal("113000.00")]
    assert lines["price_taken"] == [Decimal("169500.00"), Decimal("90400.00")]
    assert found.possible_axes[0].name.en == "Price of this comparison"


def test_a_price_that_cannot_be_taken_leaves_the_guide_price(
    records: Records, dispatcher: Dispatcher, salesperson: Actor
) -> None:
    trim, other = records.trim(), records.trim()
    elsewhere = records.unit(other)
    for price in (
        OwnPrice(trim_id=trim.id, unit_id="f" * 32), OwnPrice(trim_id=trim.id, unit_id=elsewhere.id),
        OwnPrice(trim_id=trim.id, amount=Decimal(0)), OwnPrice(trim_id=trim.id),
    ):  # fmt: skip
        found = dispatcher.read(get_comparison, salesperson, ComparisonTerms(trim_ids=(trim.id,), prices=(price,)))
        assert found.trims[0].facts.price == trim.guide_price
        assert all(line.code != "price_taken" for line in found.all_groups[0].lines)


def test_it_is_prepared_for_somebody_by_name_only(
    records: Records, dispatcher: Dispatcher, salesperson: Actor
) -> None:
    customer, trim = records.customer(name="李雷"), records.trim()
    terms = ComparisonTerms(trim_ids=(trim.id,), customer_id=customer.id)
    assert dispatcher.read(get_comparison, salesperson, terms).prepared_for == "李雷"
    text = text_of(dispatcher.read(comparison_pdf, salesperson, terms, language=ENGLISH))
    assert "Preparedfor" in text and "李雷" in text and customer.phone not in text
    gone = ComparisonTerms(trim_ids=(trim.id,), customer_id="f" * 32)
    assert dispatcher.read(get_comparison, salesperson, gone).prepared_for == ""


def test_who_may_not_see_customers_or_stock_gets_neither(
    records: Records, dispatcher: Dispatcher, salesperson: Actor
) -> None:
    reading, trim = replace(salesperson, permissions=frozenset({Permission.CATALOG_VIEW})), records.trim()
    price = OwnPrice(trim_id=trim.id, unit_id=records.unit(trim).id)
    for refused in (ComparisonTerms(trim_ids=(trim.id,), customer_id="f" * 32),
                    ComparisonTerms(trim_ids=(trim.id,), prices=(price,))):  # fmt: skip
        with pytest.raises(PermissionDenied):
            dispatcher.read(get_comparison, reading, refused)
