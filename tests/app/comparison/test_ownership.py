"""The cost of ownership against figures worked out by hand, and what must hold for any car."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.energies import NEW_ENERGY, Energy
from app.comparison.cost_rows import bars_of, missing_words
from app.comparison.energy_costs import rate_on_file
from app.comparison.own_rates import OwnRate, rates_of
from app.comparison.ownership import Assumptions, CarFacts, Carrier, CostKind, carriers_of
from app.comparison.rules import SPANS, default_assumptions, on_road_total, ownership_cost, plate_cities
from app.kernel.reference_data import ReferenceBook, ReferenceStatus, bundled_reference, rows_from_json
from app.runtime.language import CHINESE, ENGLISH

DAY = date(2026, 11, 22)
D = Decimal


def table(name: str, values: dict[str, Any], status: str = "check") -> dict[str, Any]:
    """A table with one row in force."""
    row = {"version": "T", "valid_from": "2024-01-01", "valid_to": None, "status": status,
           "source": {"zh": "测试", "en": "Test"}, "values": values}  # fmt: skip
    return {"table": name, "rows": [row]}


def book() -> ReferenceBook:
    """Tables with round figures, so that everything can be worked out by hand."""
    kinds = {
        energy.value: {"yearly": ["1000.00"] * 5, "wear_per_10000_km": "500.00", "per_service": "800.00"}
        for energy in Energy
    }
    tables = (
        table("energy_prices", {"petrol": "8.00", "diesel": "7.00", "electricity_home": "0.50",
                                "electricity_public": "1.50", "hydrogen": "40.00"}),
        table("maintenance_costs", {"kinds": kinds}),
        table("residual_values", {"kinds": {e.value: ["0.80", "0.70", "0.60", "0.50", "0.40"] for e in Energy}}),
        table("commercial_insurance", {
            "vehicle_damage": {"fixed": "500.00", "rate": "0.01"},
            "third_party": [{"limit": "1000000.00", "premium": "1200.00"}], "usual_third_party_limit": "1000000.00",
            "occupants": {"driver_rate": "0.004", "passenger_rate": "0.002", "limit_per_seat": "10000.00"},
        }),
    )  # fmt: skip
    made = bundled_reference()
    for raw in tables:
        made = made.with_table(raw["table"], rows_from_json(raw))
    return made


def assumed(**changes: Any) -> Assumptions:
    """15,000 km in three years a year, half in town, half on electricity, half charged at home."""
    usual = default_assumptions(DAY, years=3, reference=book())
    half = {"annual_km": 15_000, "city_share": D("0.5"), "plug_in_share": D("0.5"), "home_charging_share": D("0.5")}
    return replace(usual, **(half | changes))


def car(energy: Energy, price: str = "113000.00", **parameters: Any) -> CarFacts:
    """A car of five seats; 113,000.00 with VAT is 100,000.00 without."""
    return CarFacts(
        price=D(price), energy=energy, seats=5, in_tax_directory=energy in NEW_ENERGY, parameters=parameters
    )


def test_a_petrol_car_by_hand() -> None:
    cost = ownership_cost(car(Energy.PETROL, displacement=1.5, consumption_combined=6.0), assumed(), reference=book())
    assert {figure.kind: figure.amount for figure in cost.figures} == {
        CostKind.PRICE: D("113000.00"),
        CostKind.PURCHASE_TAX: D("10000.00"),  # 113,000 / 1.13 × 10 %
        CostKind.PLATES: D("125.00"),
        CostKind.ENERGY: D("21600.00"),  # 45,000 km × 6 l / 100 km × 8.00
        CostKind.VESSEL_TAX: D("1260.00"),  # 3 × 420
        CostKind.COMPULSORY: D("2850.00"),  # 3 × 950
        # damage 500 + 1 % of 113,000, 90,400, 79,100 = 1,630 + 1,404 + 1,291; third party 3 × 1,200;
        # occupants 3 × 10,000 × (0.004 + 4 × 0.002)
        CostKind.COMMERCIAL: D("4325.00") + D("3600.00") + D("360.00"),
        CostKind.MAINTENANCE: D("5250.00"),  # 3 × 1,000 + 4.5 × 500
        CostKind.RESIDUAL: D("67800.00"),  # 60 %
    }
    assert cost.total == D("94570.00")
    assert cost.complete and cost.missing == ()
    assert cost.monthly == D("2626.94") and cost.per_kilometre == D("2.10")
    assert cost.value_loss == D("45200.00")


def test_an_electric_car_by_hand() -> None:
    cost = ownership_cost(car(Energy.ELECTRIC, electricity_consumption=14), assumed(years=5), reference=book())
    assert cost.amount(CostKind.PURCHASE_TAX) == D("5000.00")  # half in 2026
    assert cost.amount(CostKind.ENERGY) == D("10500.00")  # 75,000 km × 14 kWh / 100 km × (0.5 × 0.50 + 0.5 × 1.50)
    assert cost.amount(CostKind.VESSEL_TAX) == D("0.00")
    assert cost.amount(CostKind.RESIDUAL) == D("45200.00")
    assert cost.figure(CostKind.VESSEL_TAX).formula.in_language(CHINESE) == "免征"


def test_what_is_not_on_file_can_be_entered() -> None:
    facts = car(Energy.PLUG_IN_HYBRID, electricity_consumption=16)
    assert ownership_cost(facts, assumed(), reference=book()).missing == (CostKind.ENERGY,)
    assert rate_on_file(facts, Carrier.FUEL, assumed()) is None
    own = replace(facts, own_rates={Carrier.FUEL: D("6.6")})
    figure = ownership_cost(own, assumed(), reference=book()).figure(CostKind.ENERGY)
    assert figure.amount == D("15480.00")  # 225 × 16 kWh × 1.00 + 225 × 6.6 l × 8.00
    assert figure.source.in_language(ENGLISH).endswith("; Consumption entered for this comparison")
    assert rate_on_file(own, Carrier.FUEL, assumed()) is None and rate_on_file(own, Carrier.POWER, assumed()) == 16


def test_what_is_entered_goes_before_what_is_on_file() -> None:
    facts = car(Energy.PETROL, consumption_city=9, consumption_highway=6, consumption_combined=7)
    own = replace(facts, own_rates={Carrier.FUEL: D("8")})
    assert ownership_cost(own, assumed(), reference=book()).amount(CostKind.ENERGY) == D("28800.00")  # 450 × 8 × 8.00
    assert rate_on_file(own, Carrier.FUEL, assumed()) == D("7.5")


def test_only_rates_a_car_needs_are_taken() -> None:
    entered = [
        OwnRate(trim_id="a", carrier=Carrier.FUEL, rate=D("5")),
        OwnRate(trim_id="a", carrier=Carrier.POWER, rate=D("0")),
        OwnRate(trim_id="a", carrier=Carrier.HYDROGEN, rate=D("1")),
        OwnRate(trim_id="b", carrier=Carrier.POWER, rate=D("15")),
    ]
    assert rates_of(entered, "a", Energy.RANGE_EXTENDED) == {Carrier.FUEL: D("5")}
    assert rates_of(entered, "a", Energy.ELECTRIC) == {}
    assert all(carriers_of(energy) for energy in Energy)


@pytest.mark.parametrize(
    ("share", "amount"),
    [
        ("0.5", "15480.00"),  # 225 × 16 kWh × 1.00 + 225 × 6.6 l × 8.00
        ("1", "7200.00"),
        ("0", "23760.00"),
    ],
)
def test_a_plug_in_hybrid_by_hand(share: str, amount: str) -> None:
    facts = car(Energy.PLUG_IN_HYBRID, electricity_consumption=16, consumption_charge_sustaining=6.6, displacement=1.5)
    cost = ownership_cost(facts, assumed(plug_in_share=D(share)), reference=book())
    assert cost.amount(CostKind.ENERGY) == D(amount)


def test_city_and_highway_by_their_shares() -> None:
    facts = car(Energy.HYBRID, displacement=1.8, consumption_city=4, consumption_highway=6, consumption_combined=9)
    cost = ownership_cost(facts, assumed(city_share=D("0.75")), reference=book())
    assert cost.amount(CostKind.ENERGY) == D("16200.00")  # 45,000 km × 4.5 l × 8.00


def test_hydrogen_and_what_a_battery_gives_over_its_range() -> None:
    cost = ownership_cost(car(Energy.FUEL_CELL, hydrogen_consumption=1.0), assumed(), reference=book())
    assert cost.amount(CostKind.ENERGY) == D("18000.00")
    cost = ownership_cost(car(Energy.ELECTRIC, battery_capacity=60, electric_range=400), assumed(), reference=book())
    assert cost.amount(CostKind.ENERGY) == D("6750.00")  # 15 kWh


def test_the_makers_own_interval_and_free_services() -> None:
    facts = car(
        Energy.PETROL, displacement=1.5, consumption_combined=6, service_interval=10_000, service_interval_months=12,
        free_services=1,
    )  # fmt: skip
    figure = ownership_cost(facts, assumed(), reference=book()).figure(CostKind.MAINTENANCE)
    # 45,000 km: at 10, 20, 30 and 40 thousand; one of them free; wear 4.5 × 500
    assert figure.amount == 3 * D("800.00") + D("2250.00")
    assert figure.formula.in_language(ENGLISH).startswith("4 services by the maker's interval, 1 of them free")
    by_time = ownership_cost(facts, assumed(annual_km=2_000), reference=book()).amount(CostKind.MAINTENANCE)
    assert by_time == 1 * D("800.00") + D("300.00")  # after 12 and 24 months, one free


def test_quotas_by_city() -> None:
    city = next(one for one in plate_cities(DAY) if one.code == "shanghai")
    terms = default_assumptions(DAY, city="shanghai")
    petrol = ownership_cost(car(Energy.PETROL, displacement=1.5, consumption_combined=6), terms)
    electric = ownership_cost(car(Energy.ELECTRIC, electricity_consumption=13), terms)
    assert petrol.amount(CostKind.PLATES) == city.fuel + D("125.00")
    assert electric.amount(CostKind.PLATES) == D("125.00")
    assert petrol.figure(CostKind.PLATES).status is ReferenceStatus.CHECK


@pytest.mark.parametrize(
    ("facts", "kind", "english", "chinese"),
    [
        (car(Energy.PETROL, displacement=1.5), CostKind.ENERGY, "No fuel consumption is on file.", "没有油耗资料。"),
        (car(Energy.ELECTRIC), CostKind.ENERGY, "No electricity consumption is on file.", "没有电耗资料。"),
        (car(Energy.PLUG_IN_HYBRID, electricity_consumption=15, consumption_combined=1.1), CostKind.ENERGY,
         "No consumption with an empty battery is on file.", "没有亏电油耗资料。"),
        (car(Energy.FUEL_CELL), CostKind.ENERGY, "No hydrogen consumption is on file.", "没有氢耗资料。"),
        (car(Energy.PETROL, price="0", displacement=1.5), CostKind.RESIDUAL, "No guide price is on file.",
         "没有指导价资料。"),
    ],
)  # fmt: skip
def test_what_is_missing_is_said_and_never_nothing(
    facts: CarFacts, kind: CostKind, english: str, chinese: str
) -> None:
    cost = ownership_cost(facts, assumed(), reference=book())
    figure = cost.figure(kind)
    assert figure.amount is None and kind in cost.missing and not cost.complete
    assert (figure.formula.in_language(ENGLISH), figure.formula.in_language(CHINESE)) == (english, chinese)
    assert missing_words(cost, ENGLISH).startswith("Incomplete: without ")
    assert missing_words(cost, CHINESE).startswith("不完整：缺")


def test_without_an_engine_size_there_is_no_vessel_tax_to_tell() -> None:
    cost = ownership_cost(car(Energy.PETROL, consumption_combined=6), assumed(), reference=book())
    assert cost.missing == (CostKind.VESSEL_TAX,)
    assert on_road_total(car(Energy.PETROL, consumption_combined=6), on=DAY) is None
    total = on_road_total(car(Energy.PETROL, displacement=1.5), on=DAY, reference=book())
    # price + tax + compulsory + (1,630 + 1,200 + 120) + two months of 420 a year + plates
    assert total == D("113000") + D("10000") + D("950") + D("2950") + D("70.00") + D("125")


def test_prices_entered_here_are_said_to_be() -> None:
    cost = ownership_cost(
        car(Energy.PETROL, displacement=1.5, consumption_combined=6), assumed(petrol_price=D("9")), reference=book()
    )
    assert cost.figure(CostKind.ENERGY).source.en == "Prices entered for this comparison"
    assert cost.figure(CostKind.ENERGY).status is None


@pytest.mark.parametrize("changes", [{"years": 0}, {"years": 6}, {"annual_km": -1}])
def test_times_the_curves_do_not_cover(changes: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        ownership_cost(car(Energy.PETROL), assumed(**changes), reference=book())


consumptions = st.decimals("0.5", "30", places=1)
cars = st.builds(
    lambda energy, price, litres, fuel, current, interval: CarFacts(
        price=price, energy=energy, seats=5, in_tax_directory=energy in NEW_ENERGY,
        parameters={
            "displacement": litres, "consumption_combined": fuel, "consumption_charge_sustaining": fuel,
            "electricity_consumption": current, "hydrogen_consumption": fuel,
            **({"service_interval": interval} if interval else {}),
        },
    ),
    st.sampled_from(list(Energy)), st.decimals("20000", "3000000", places=2), st.decimals("0.6", "8", places=1),
    consumptions, consumptions, st.sampled_from([0, 5_000, 10_000, 20_000]),
)  # fmt: skip
shares = st.decimals("0", "1", places=2)


@given(cars, st.sampled_from(SPANS), st.integers(0, 60_000), shares, shares)
def test_totals_add_up(facts: CarFacts, years: int, km: int, plug_in: D, home: D) -> None:
    terms = assumed(years=years, annual_km=km, plug_in_share=plug_in, home_charging_share=home)
    cost = ownership_cost(facts, terms)
    amounts = {figure.kind: figure.amount for figure in cost.figures}
    assert None not in amounts.values() and cost.complete
    left = amounts.pop(CostKind.RESIDUAL)
    assert cost.total == sum(amounts.values(), D(0)) - left
    assert sum(bars_of(cost), D(0)) == cost.total
    assert all(amount >= 0 and amount == amount.quantize(D("0.01")) for amount in amounts.values())
    assert abs(cost.monthly * 12 * years - cost.total) <= D("0.01") * 6 * years


@given(cars, st.sampled_from(SPANS), st.integers(0, 50_000), st.integers(0, 50_000), shares)
def test_driving_more_never_costs_less(facts: CarFacts, years: int, km: int, more: int, plug_in: D) -> None:
    less = ownership_cost(facts, assumed(years=years, annual_km=km, plug_in_share=plug_in))
    further = ownership_cost(facts, assumed(years=years, annual_km=km + more, plug_in_share=plug_in))
    assert further.total >= less.total
    if more:
        assert further.amount(CostKind.ENERGY) > less.amount(CostKind.ENERGY)  # type: ignore[operator]


@given(cars, st.integers(0, 50_000))
def test_keeping_it_longer_never_costs_less(facts: CarFacts, km: int) -> None:
    three, five = (ownership_cost(facts, assumed(years=years, annual_km=km)) for years in SPANS)
    assert five.total >= three.total
