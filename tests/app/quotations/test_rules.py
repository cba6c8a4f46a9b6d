"""Taxes and the on-road total, against the check values of the trade and as properties."""

import itertools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalog.energies import Energy
from app.kernel.labels import Bilingual
from app.kernel.money import ZERO, add_up, cents
from app.kernel.reference_data import ReferenceMissing, ReferenceRow, ReferenceStatus, bundled_reference
from app.kernel.state_machine import TransitionNotAllowed
from app.quotations.errors import (
    DiscountTooLarge,
    DisplacementMissing,
    PriceBelowFloor,
    QuotationExpired,
    TotalNotReachable,
    ValidityWrong,
)
from app.quotations.rules import (
    QUOTATION,
    ChargeKind,
    Item,
    OnRoadRequest,
    QuotationAction,
    QuotationState,
    check_floor,
    discount_for_total,
    is_expired,
    presenting_action,
    quote_on_road,
    require_above_floor,
    require_valid,
)
from app.quotations.statutory_charges import (
    plate_fee,
    plate_fees,
    purchase_tax,
    vehicle_vessel_tax,
)
from app.runtime.language import CHINESE, set_language

IN_RELIEF = date(2026, 11, 22)
prices = st.decimals(min_value=Decimal("0.00"), max_value=Decimal("5000000.00"), places=2)
relief_days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def request(**changes: object) -> OnRoadRequest:
    base = OnRoadRequest(
        list_price=Decimal("218900.00"),
        floor_price=Decimal("205000.00"),
        quoted_on=IN_RELIEF,
        energy="petrol",
        litres=Decimal("1.5"),
        commercial_insurance=Decimal("4200.00"),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


# --- purchase tax -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("price", "due"), [("200000", "8849.56"), ("339000", "15000.00"), ("400000", "20398.23")])
@pytest.mark.parametrize("day", [date(2026, 1, 1), IN_RELIEF, date(2027, 12, 31)])
def test_new_energy_relief_check_values(price: str, due: str, day: date) -> None:
    assert purchase_tax(Decimal(price), invoice_on=day, in_tax_directory=True).due == Decimal(due)


def test_the_full_rate_after_the_relief_and_a_note_that_says_so() -> None:
    tax = purchase_tax(Decimal("200000"), invoice_on=date(2028, 1, 1), in_tax_directory=True)
    assert (tax.base, tax.full, tax.relief, tax.due) == tuple(
        map(Decimal, ("176991.15", "17699.12", "0.00", "17699.12"))
    )
    assert str(tax.notes[0]) == "The new-energy relief on file ended on 2027-12-31: full purchase tax."
    set_language(CHINESE)
    assert "全额" in str(tax.notes[0])


def test_the_last_year_of_full_relief_had_its_own_cap() -> None:
    def due(price: str) -> Decimal:
        return purchase_tax(Decimal(price), invoice_on=date(2025, 12, 31), in_tax_directory=True).due

    assert due("339000") == ZERO
    assert due("400000") == Decimal("5398.23")


def test_a_relief_without_an_end_and_a_day_before_any() -> None:
    book = bundled_reference()
    open_ended = [replace(row, valid_to=None) for row in book.rows("new_energy_relief")[-1:]]
    tax = purchase_tax(
        Decimal("200000"),
        invoice_on=date(2030, 1, 1),
        in_tax_directory=True,
        reference=book.with_table("new_energy_relief", open_ended),
    )
    assert tax.due == Decimal("8849.56")
    assert str(tax.notes[0]) == "New-energy relief of 8,849.56 is taken off."
    early = purchase_tax(Decimal("200000"), invoice_on=date(2020, 1, 1), in_tax_directory=True)
    assert early.relief == ZERO
    assert "No new-energy relief" in str(early.notes[0])


def test_a_car_outside_the_directory_pays_in_full_without_a_word() -> None:
    tax = purchase_tax(Decimal("200000"), invoice_on=IN_RELIEF, in_tax_directory=False)
    assert tax.due == tax.full == Decimal("17699.12")
    assert tax.notes == ()


def test_the_sources_are_cited_in_both_languages() -> None:
    tax = purchase_tax(Decimal("200000"), invoice_on=IN_RELIEF, in_tax_directory=True)
    assert "车辆购置税法" in tax.source.zh
    assert "2026—2027年减半" in tax.source.zh
    assert "Vehicle Purchase Tax Law" in tax.source.en
    assert len(tax.source.stored()) <= 300


def test_no_rate_on_file_is_an_error_not_a_guess() -> None:
    with pytest.raises(ReferenceMissing):
        purchase_tax(Decimal("200000"), invoice_on=date(2019, 1, 1), in_tax_directory=False)


@given(prices, relief_days)
def test_relief_is_half_capped_and_never_more_than_the_tax(price: Decimal, day: date) -> None:
    tax = purchase_tax(price, invoice_on=day, in_tax_directory=True)
    assert tax.full == cents(tax.base / 10)
    assert tax.relief == min(cents(tax.full / 2), Decimal("15000.00"))
    assert tax.due == tax.full - tax.relief
    assert ZERO <= tax.due <= tax.full


@given(prices, prices, st.booleans(), relief_days)
def test_a_dearer_car_never_pays_less_tax(one: Decimal, other: Decimal, listed: bool, day: date) -> None:
    cheap, dear = sorted((one, other))
    cheap_tax = purchase_tax(cheap, invoice_on=day, in_tax_directory=listed)
    dear_tax = purchase_tax(dear, invoice_on=day, in_tax_directory=listed)
    assert cheap_tax.due <= dear_tax.due


# --- other statutory charges ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("litres", "yearly"),
    [("0.9", "300"), ("1.0", "300"), ("1.5", "420"), ("1.6", "420"), ("2.0", "480"), ("3.0", "1920"), ("6.2", "5280")],
)
def test_vessel_tax_by_engine_size(litres: str, yearly: str) -> None:
    charge = vehicle_vessel_tax(energy="petrol", litres=Decimal(litres), on_date=date(2026, 1, 5))
    assert charge.amount == Decimal(yearly)


def test_vessel_tax_counts_from_the_month_of_purchase() -> None:
    def due(day: date) -> Decimal:
        return vehicle_vessel_tax(energy="petrol", litres=Decimal("1.5"), on_date=day).amount

    assert due(date(2026, 11, 30)) == Decimal("70.00")
    assert due(date(2026, 12, 31)) == Decimal("35.00")


def test_every_listed_amount_lies_in_the_legal_range_and_bands_join() -> None:
    bands = bundled_reference().at("vehicle_vessel_tax", IN_RELIEF).values["bands"]
    for band, following in itertools.pairwise(bands):
        assert band["litres_to"] == following["litres_over"]
    for band in bands:
        assert Decimal(band["lowest"]) <= Decimal(band["yearly"]) <= Decimal(band["highest"])


@pytest.mark.parametrize("energy", ["electric", "fuel_cell", "plug_in_hybrid", "range_extended"])
def test_new_energy_cars_pay_no_vessel_tax(energy: str) -> None:
    assert energy in list(Energy)
    assert vehicle_vessel_tax(energy=energy, litres=None, on_date=IN_RELIEF).amount == ZERO


@pytest.mark.parametrize("litres", [None, Decimal(0)])
def test_an_engine_without_a_size_asks_for_it(litres: Decimal | None) -> None:
    with pytest.raises(DisplacementMissing) as caught:
        vehicle_vessel_tax(energy="petrol", litres=litres, on_date=IN_RELIEF)
    assert caught.value.field == "displacement"


def test_plate_fee_is_the_sum_of_its_items() -> None:
    items = plate_fees(IN_RELIEF)
    assert [str(item.item) for item in items] == ["Plates", "Vehicle licence", "Registration certificate"]
    assert plate_fee(IN_RELIEF).amount == add_up(item.amount for item in items) == Decimal("125.00")


def test_a_house_without_plate_items_charges_nothing() -> None:
    row = ReferenceRow(
        "plate_fee", "1", date(2020, 1, 1), None, ReferenceStatus.HOUSE, Bilingual("无", "None"), {"items": []}
    )
    assert plate_fee(IN_RELIEF, bundled_reference().with_table("plate_fee", [row])).amount == ZERO


# --- on-road total ----------------------------------------------------------------------------------------------


def test_the_on_road_total_line_by_line() -> None:
    quotation = quote_on_road(
        request(
            discounts=(Item(Decimal("8900.00")),),
            options=(Item(Decimal("3000.00"), Bilingual("全景天窗", "Panoramic roof")),),
            services=(Item(Decimal("500.00"), Bilingual("代办上牌", "Registration service")),),
            subsidies=(Item(Decimal("2000.00"), Bilingual("置换补贴", "Trade-in subsidy")),),
        )
    )
    amounts = [(line.kind, str(line.amount)) for line in quotation.lines]
    assert amounts == [
        (ChargeKind.VEHICLE, "218900.00"),
        (ChargeKind.DISCOUNT, "-8900.00"),
        (ChargeKind.OPTION, "3000.00"),
        (ChargeKind.PURCHASE_TAX, "18849.56"),
        (ChargeKind.COMPULSORY_INSURANCE, "950.00"),
        (ChargeKind.COMMERCIAL_INSURANCE, "4200.00"),
        (ChargeKind.VESSEL_TAX, "70.00"),
        (ChargeKind.PLATE_FEE, "125.00"),
        (ChargeKind.SERVICE, "500.00"),
        (ChargeKind.SUBSIDY, "-2000.00"),
    ]
    assert quotation.total == Decimal("235694.56")
    assert quotation.request.vehicle_price == Decimal("210000.00")
    assert quotation.request.invoice_price == Decimal("213000.00")
    assert quotation.valid_until == IN_RELIEF + timedelta(days=7)
    assert quotation.total_of(ChargeKind.DISCOUNT, ChargeKind.SUBSIDY) == Decimal("-10900.00")
    assert quotation.lines[0].label == Bilingual("车辆", "Vehicle")
    assert quotation.lines[2].label.en == "Panoramic roof"


def test_calculated_lines_name_their_source() -> None:
    quotation = quote_on_road(request())
    calculated = (ChargeKind.PURCHASE_TAX, ChargeKind.COMPULSORY_INSURANCE, ChargeKind.VESSEL_TAX, ChargeKind.PLATE_FEE)
    assert all(line.source.zh and line.source.en for line in quotation.lines if line.kind in calculated)


def test_what_was_entered_by_hand_replaces_the_table_and_says_so() -> None:
    quotation = quote_on_road(
        request(
            litres=None,
            seats=0,
            compulsory_override=Decimal("700.00"),
            vessel_tax_override=Decimal("0.00"),
            plate_fee_override=Decimal("88.00"),
        )
    )
    by_kind = {line.kind: line for line in quotation.lines}
    assert by_kind[ChargeKind.COMPULSORY_INSURANCE].amount == Decimal("700.00")
    assert by_kind[ChargeKind.VESSEL_TAX].amount == ZERO
    assert by_kind[ChargeKind.PLATE_FEE].source.en == "Entered by hand"


def test_accessories_off_the_invoice_are_not_taxed_with_the_car() -> None:
    item = Item(Decimal("11300.00"), on_invoice=False)
    taxed = quote_on_road(request(options=(replace(item, on_invoice=True),)))
    untaxed = quote_on_road(request(options=(item,)))
    assert taxed.total - untaxed.total == Decimal("1000.00")


def test_the_date_of_the_invoice_decides_the_tax() -> None:
    now = quote_on_road(request(in_tax_directory=True))
    later = quote_on_road(request(in_tax_directory=True, invoice_on=date(2028, 1, 2)))
    assert later.purchase_tax.due == now.purchase_tax.due * 2 or later.purchase_tax.relief == ZERO
    assert "ended on 2027-12-31" in str(later.notes[0])


def test_a_quotation_that_outlives_the_relief_says_what_comes_after() -> None:
    quotation = quote_on_road(request(in_tax_directory=True, quoted_on=date(2027, 12, 29)))
    assert quotation.valid_until == date(2028, 1, 5)
    assert [str(n) for n in quotation.notes] == [
        "New-energy relief of 9,685.84 is taken off; it holds for invoices until 2027-12-31.",
        "Invoiced on 2028-01-05, the purchase tax would be 19,371.68.",
    ]


def test_a_discount_beyond_the_price_is_refused() -> None:
    with pytest.raises(DiscountTooLarge) as caught:
        quote_on_road(request(discounts=(Item(Decimal("218900.01")),)))
    assert caught.value.field == "discount"
    assert "¥218,900.01" in caught.value.message()


def test_validity_never_ends_before_the_quotation_begins() -> None:
    assert quote_on_road(request(valid_until=IN_RELIEF)).valid_until == IN_RELIEF
    with pytest.raises(ValidityWrong):
        quote_on_road(request(valid_until=IN_RELIEF - timedelta(days=1)))


items = st.lists(
    st.builds(
        Item,
        st.decimals(min_value=Decimal("0.01"), max_value=Decimal("9999.99"), places=2),
        on_invoice=st.booleans(),
        paid_by_house=st.booleans(),
    ),
    max_size=4,
).map(tuple)


@given(
    list_price=st.decimals(min_value=Decimal("50000"), max_value=Decimal("3000000"), places=2),
    discounts=items,
    options=items,
    services=items,
    subsidies=items,
    listed=st.booleans(),
    day=st.dates(date(2024, 1, 1), date(2029, 12, 31)),
)
def test_the_total_is_the_sum_of_what_is_shown(
    list_price: Decimal,
    discounts: tuple[Item, ...],
    options: tuple[Item, ...],
    services: tuple[Item, ...],
    subsidies: tuple[Item, ...],
    listed: bool,
    day: date,
) -> None:
    quotation = quote_on_road(
        request(
            list_price=list_price,
            discounts=discounts,
            options=options,
            services=services,
            subsidies=subsidies,
            in_tax_directory=listed,
            quoted_on=day,
        )
    )
    assert quotation.total == add_up(line.amount for line in quotation.lines)
    assert all(line.amount == cents(line.amount) for line in quotation.lines)
    signs = {line.kind for line in quotation.lines if line.amount < 0}
    assert signs <= {ChargeKind.DISCOUNT, ChargeKind.SUBSIDY}
    statutory = quotation.purchase_tax.due + quotation.total_of(
        ChargeKind.COMPULSORY_INSURANCE, ChargeKind.VESSEL_TAX, ChargeKind.PLATE_FEE
    )
    own = list_price + sum(i.amount for i in options + services) - sum(i.amount for i in discounts + subsidies)
    assert quotation.total == own + statutory + Decimal("4200.00")
    house = sum((i.amount for i in subsidies if i.paid_by_house), ZERO)
    assert quotation.floor.net_price == list_price - sum(i.amount for i in discounts) - house


# --- solving, floor, validity, lifecycle ------------------------------------------------------------------------


@settings(max_examples=25)
@given(st.integers(min_value=0, max_value=21_890_000), st.booleans())
def test_the_solved_discount_meets_the_total(discount_fen: int, listed: bool) -> None:
    offer = request(in_tax_directory=listed)
    wanted = quote_on_road(replace(offer, discounts=(Item(Decimal(discount_fen) / 100),))).total
    found = discount_for_total(offer, wanted)
    total = quote_on_road(replace(offer, discounts=(Item(found),))).total
    assert total <= wanted
    assert wanted - total <= Decimal("0.02")
    assert found <= Decimal(discount_fen) / 100


@pytest.mark.parametrize("total", [Decimal("100.00"), Decimal("999999.00")])
def test_a_total_out_of_reach_names_the_range(total: Decimal) -> None:
    with pytest.raises(TotalNotReachable) as caught:
        discount_for_total(request(), total)
    assert caught.value.field == "total"


def test_at_the_floor_nobody_is_asked_below_it_the_manager_is() -> None:
    at_floor = check_floor(Decimal("205000.00"), Decimal("205000.00"))
    below = check_floor(Decimal("204999.99"), Decimal("205000.00"))
    require_above_floor(at_floor)
    assert presenting_action(at_floor) is QuotationAction.PRESENT
    assert presenting_action(below) is QuotationAction.REQUEST_APPROVAL
    assert (at_floor.below_by, below.below_by) == (ZERO, Decimal("0.01"))
    with pytest.raises(PriceBelowFloor) as caught:
        require_above_floor(below)
    assert "205" not in caught.value.message()


def test_a_subsidy_of_the_house_counts_against_the_floor_one_of_the_state_does_not() -> None:
    subsidy = Item(Decimal("20000.00"))
    assert not quote_on_road(request(subsidies=(subsidy,))).floor.needs_approval
    assert quote_on_road(request(subsidies=(replace(subsidy, paid_by_house=True),))).floor.needs_approval


def test_a_quotation_holds_through_its_last_day() -> None:
    last = date(2026, 11, 29)
    require_valid(last, last)
    assert not is_expired(last, last)
    with pytest.raises(QuotationExpired):
        require_valid(last, last + timedelta(days=1))


def test_the_way_of_an_offer_below_the_floor() -> None:
    state = QUOTATION.initial
    for action in (
        QuotationAction.REQUEST_APPROVAL,
        QuotationAction.APPROVE,
        QuotationAction.PRESENT,
        QuotationAction.ACCEPT,
        QuotationAction.CONVERT,
    ):
        state = QUOTATION.next_state(state, action)
    assert state is QuotationState.CONVERTED
    with pytest.raises(TransitionNotAllowed):
        QUOTATION.next_state(QuotationState.PENDING_APPROVAL, QuotationAction.PRESENT)
