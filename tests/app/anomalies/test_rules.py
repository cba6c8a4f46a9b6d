"""Each check finds what it is for, and leaves real cars alone."""

from decimal import Decimal
from typing import Any

import pytest

from app.anomalies.comparing_rules import column_unit, compare_trims
from app.anomalies.findings import Finding, Rule, Severity, TrimFacts
from app.anomalies.rules import check_trim
from app.kernel.labels import Bilingual
from app.runtime.language import set_language

SOUND: dict[str, dict[str, Any]] = {
    "petrol": {
        "body": "sedan", "seats": 5, "length": 4720, "width": 1815, "height": 1475, "wheelbase": 2688,
        "curb_weight": 1305, "gross_weight": 1775, "displacement": 1.5, "cylinders": 4, "engine_power": 85,
        "acceleration_0_100": 12.5, "top_speed": 190, "consumption_city": 7.5, "consumption_highway": 4.8,
        "consumption_combined": 5.8, "co2": 133, "fuel_tank": 51,
    },
    "electric": {
        "body": "sedan", "length": 4995, "width": 1910, "height": 1495, "wheelbase": 2920, "curb_weight": 2250,
        "front_motor_power": 180, "rear_motor_power": 200, "motor_power": 380, "acceleration_0_100": 3.9,
        "battery_capacity": 85.4, "electric_range": 610, "electricity_consumption": 15.0, "charging_power": 120,
        "fast_charging_time": 0.5,
    },
}  # fmt: skip


def trim(number: int = 1, *, energy: str = "petrol", year: int = 2026, seats: int = 5, price: int = 150_000,
         series: str = "s", **parameters: Any) -> TrimFacts:  # fmt: skip
    """A trim that says exactly this; `stated_seats` is what its specification says of its seats."""
    parameters |= {"seats": parameters.pop("stated_seats")} if "stated_seats" in parameters else {}
    return TrimFacts(
        id=f"t{number}", name=Bilingual(f"车型{number}", f"Trim {number}"), make=Bilingual("大众", "Volkswagen"),
        series_id=series, year=year, energy=energy, seats=seats, guide_price=Decimal(price), parameters=parameters,
    )  # fmt: skip


@pytest.mark.parametrize("energy", SOUND)
def test_sound_cars_are_left_alone(energy: str) -> None:
    assert check_trim(trim(energy=energy, **SOUND[energy])) == []


@pytest.mark.parametrize(
    ("energy", "wrong", "rule", "severity"),
    [
        ("petrol", {"length": 9999}, Rule.OUT_OF_RANGE, Severity.IMPOSSIBLE),
        ("petrol", {"wheelbase": 4800}, Rule.LENGTH_WHEELBASE, Severity.IMPOSSIBLE),
        ("petrol", {"wheelbase": 1800}, Rule.LENGTH_WHEELBASE, Severity.IMPLAUSIBLE),
        ("petrol", {"width": 2590}, Rule.PROPORTIONS, Severity.IMPLAUSIBLE),
        ("petrol", {"height": 3000}, Rule.PROPORTIONS, Severity.IMPLAUSIBLE),
        ("petrol", {"gross_weight": 1200}, Rule.WEIGHTS, Severity.IMPOSSIBLE),
        ("petrol", {"payload": 1200}, Rule.WEIGHTS, Severity.LOOK),
        ("petrol", {"acceleration_0_100": 3.2}, Rule.ACCELERATION, Severity.IMPLAUSIBLE),
        ("petrol", {"top_speed": 320}, Rule.TOP_SPEED, Severity.IMPLAUSIBLE),
        ("petrol", {"consumption_combined": 9.9, "co2": 230}, Rule.CONSUMPTION, Severity.IMPLAUSIBLE),
        ("petrol", {"consumption_city": 4.0, "consumption_combined": 4.5}, Rule.CONSUMPTION, Severity.LOOK),
        ("petrol", {"co2": 13}, Rule.CO2, Severity.IMPLAUSIBLE),
        ("petrol", {"engine_power": 850}, Rule.POWER_PER_LITRE, Severity.IMPLAUSIBLE),
        ("petrol", {"cylinders": 16}, Rule.CYLINDER_SIZE, Severity.IMPLAUSIBLE),
        ("petrol", {"electric_range": 500}, Rule.ENERGY, Severity.IMPLAUSIBLE),
        ("petrol", {"stated_seats": 7}, Rule.SEATS, Severity.IMPOSSIBLE),
        ("electric", {"displacement": 1.5}, Rule.ENERGY, Severity.IMPOSSIBLE),
        ("electric", {"battery_capacity": 8.5}, Rule.BATTERY_RANGE, Severity.IMPLAUSIBLE),
        ("electric", {"motor_power": 280}, Rule.MOTORS, Severity.IMPLAUSIBLE),
        ("electric", {"fast_charging_time": 0.1}, Rule.CHARGING, Severity.IMPLAUSIBLE),
    ],
)
def test_what_cannot_be_is_found(energy: str, wrong: dict[str, Any], rule: Rule, severity: Severity) -> None:
    found = check_trim(trim(energy=energy, **(SOUND[energy] | wrong)))
    assert (rule, severity) in {(one.rule, one.severity) for one in found}
    for one in found:
        for language in ("en", "zh_CN"):
            set_language(language)
            assert "{" not in str(one.note)


def test_prices_years_and_seats() -> None:
    def rules(*trims: TrimFacts) -> set[Rule]:
        return {finding.rule for one in trims for finding in check_trim(one)}

    assert rules(trim(price=0)) == set()
    assert rules(trim(price=15)) == {Rule.PRICE_MISSING}
    assert rules(trim(energy="electric", year=1985)) == {Rule.ENERGY_YEAR}
    assert rules(trim(seats=9, body="coupe")) == {Rule.SEATS_BODY}


def test_a_figure_in_another_unit_is_recognised_by_its_sisters() -> None:
    sisters = [trim(n, engine_power=110 + n, length=4720, consumption_combined=6.1) for n in range(3)]
    wrong = trim(9, engine_power=151, length=186, consumption_combined=38.6)
    found = {(one.about, str(one.note)) for one in compare_trims([*sisters, wrong]) if one.rule is Rule.UNIT_MIXED}
    assert {about for about, _note in found} == {"engine_power", "length", "consumption_combined"}
    said = dict(found)
    assert "figure in PS" in said["engine_power"] and "figure in in" in said["length"]
    assert compare_trims([*sisters, trim(9, engine_power=180, length=4800, consumption_combined=7.0)]) == []


def test_heavy_cars_at_fifteen_litres_are_not_taken_for_miles_per_gallon() -> None:
    pickups = [trim(n, consumption_combined=16.24) for n in range(3)]
    assert compare_trims([*pickups, trim(9, consumption_combined=13.84)]) == []


def test_outliers_stand_out_among_their_like() -> None:
    alike = [trim(n, series=f"s{n}", body="suv", wheelbase=2600 + 10 * n) for n in range(20)]
    (found,) = compare_trims([*alike, trim(99, series="x", body="suv", wheelbase=4900)])
    assert (found.rule, found.subject_id, found.about) == (Rule.UNUSUAL, "t99", "wheelbase")
    assert "4,900 mm" in str(found.note) and "about 2,700 mm" in str(found.note)
    assert compare_trims([*alike[:8], trim(99, series="x", body="suv", wheelbase=4900)]) == []


def test_a_column_in_another_unit_is_told_from_what_is_known() -> None:
    pairs = [(110.0, 150.0), (140.0, 190.0), (85.0, 116.0), (96.0, 130.5)]
    note = column_unit("engine_power", pairs)
    assert note is not None and "PS" in str(note) and "1.36" in str(note)
    assert column_unit("engine_power", [(110.0, 112.0), (140.0, 139.0), (85.0, 90.0)]) is None
    assert column_unit("engine_power", pairs[:2]) is None


def test_a_finding_is_the_same_while_its_values_are() -> None:
    def found(**more: Any) -> Finding:
        return next(one for one in check_trim(trim(length=4720, wheelbase=4800, **more)))

    assert found().fingerprint == found(airbags=6).fingerprint
    assert found().fingerprint != next(iter(check_trim(trim(length=4721, wheelbase=4800)))).fingerprint
    assert found().id == "t1:length_wheelbase"
