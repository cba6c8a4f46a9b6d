"""The specification dictionary as reference data: large enough, whole, in both languages, with units that fit."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pint import UnitRegistry

from app.catalog.energies import Energy
from app.catalog.entries import in_other_units
from app.catalog.errors import SpecificationNotNumber, SpecificationOutOfRange, UnitsDoNotMatch
from app.catalog.rules import (
    Better,
    Parameter,
    ParameterType,
    check_parameters,
    check_value,
    specification_dictionary,
    stored_value,
    value_text,
)
from app.catalog.units import carrier_of, conversion, convert, energy_carriers, units, units_like
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor

DICTIONARY = specification_dictionary()
PARAMETERS = list(DICTIONARY.parameters.values())
RANGES = [p for p in PARAMETERS if p.type is ParameterType.RANGE]
KEPT_CODES = Path(__file__).with_name("dictionary_codes.txt").read_text("utf-8").split()
"""Codes are stored in every desk's database: the file may grow, and never loses one."""

GROUPS = (
    "powertrain", "battery_charging", "dimensions", "chassis", "safety", "driver_assistance", "comfort", "connectivity",
    "environment", "warranty",
)  # fmt: skip


def parameter(code: str) -> Parameter:
    return DICTIONARY.parameter(code)


def test_there_are_many_parameters_in_every_group() -> None:
    assert len(PARAMETERS) >= 150
    assert tuple(DICTIONARY.groups) == GROUPS
    for group in GROUPS:
        assert len(DICTIONARY.of_group(group)) >= 10
        assert DICTIONARY.groups[group].zh != DICTIONARY.groups[group].en
    assert [p.group for p in PARAMETERS] == [group for group in GROUPS for _ in DICTIONARY.of_group(group)]


def test_no_code_is_ever_lost_or_renamed() -> None:
    assert sorted(DICTIONARY.parameters) == KEPT_CODES
    assert len(KEPT_CODES) == len(set(KEPT_CODES)) == len(PARAMETERS)
    assert all(code.isidentifier() and code == code.lower() and len(code) <= 60 for code in KEPT_CODES)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_names_are_unique_in_each_language(language: str) -> None:
    names = [getattr(p.name, language).casefold() for p in PARAMETERS]
    assert all(name.strip() == name and name for name in names)
    assert len(set(names)) == len(names)


def test_every_kind_of_value_is_there() -> None:
    assert {p.type for p in PARAMETERS} == set(ParameterType)
    for p in PARAMETERS:
        assert (p.type is ParameterType.CHOICE) == bool(p.choices)
        assert len({c.code for c in p.choices}) == len({c.name.zh for c in p.choices}) == len(p.choices)
        assert p.better is not Better.FIRST or p.choices
        assert p.better in (Better.NONE, Better.FIRST) or not p.choices
        assert not p.unit or p.is_number or p.type is ParameterType.RANGE


def test_every_choice_is_understood_by_its_code_and_both_names() -> None:
    for p in PARAMETERS:
        for choice in p.choices:
            assert {check_value(p, said) for said in (choice.code, choice.name.zh, choice.name.en)} == {choice.code}


def test_every_unit_is_known_and_has_its_dimension() -> None:
    registry = UnitRegistry()
    for p in PARAMETERS:
        if not p.unit:
            assert not p.dimension
            continue
        assert p.dimension == units()[p.unit].dimension
        assert str(p.unit_symbol)
    by_dimension: dict[str, set[object]] = {}
    for unit in units().values():
        by_dimension.setdefault(unit.dimension, set()).add(registry.parse_expression(unit.expression).dimensionality)
    assert all(len(found) == 1 for found in by_dimension.values())


def test_the_units_offered_beside_a_field_can_all_be_converted() -> None:
    assert [unit.code for unit in units_like("kW")] == ["kW", "PS", "hp", "W"]
    for code in {p.unit for p in PARAMETERS if p.unit}:
        for unit in units_like(code):
            assert convert(Decimal(7), unit.code, code) > 0


@pytest.mark.parametrize("one", RANGES, ids=lambda p: p.code)
def test_ranges_have_limits_that_hold_at_both_ends(one: Parameter) -> None:
    assert one.lowest is not None
    assert one.highest is not None
    assert one.lowest < one.highest
    assert check_value(one, [str(one.lowest), str(one.highest)]) == (one.lowest, one.highest)
    with pytest.raises(SpecificationOutOfRange):
        check_value(one, f"{one.lowest} – {one.highest + 1}")


def test_what_is_shown_first_is_a_short_list() -> None:
    core = DICTIONARY.core()
    assert 15 <= len(core) <= 40
    assert {"electric_range", "engine_power", "wheelbase", "airbags", "warranty_years"} <= {p.code for p in core}


# --- ranges -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "raw", "stored", "worded"),
    [
        ("electric_range_winter", "310-380", [310, 380], "310–380 km"),
        ("electric_range_winter", "380 km ~ 310 km", [310, 380], "310–380 km"),
        ("electric_range_winter", "200 to 250 mi", [322, 402], "322–402 km"),
        ("electric_range_winter", "400", [400, 400], "400 km"),
        ("engine_power_speed", "5,200至6,000", [5200, 6000], "5,200–6,000 rpm"),
        ("ride_height_span", "-30 – 80", [-30, 80], "-30–80 mm"),
        ("tyre_pressure", "230–250 kPa", [2.3, 2.5], "2.3–2.5 bar"),
        ("fast_charging_span", [30, 80], [30, 80], "30–80 %"),
    ],
)
def test_a_range_is_kept_as_its_two_ends(code: str, raw: object, stored: object, worded: str) -> None:
    assert check_parameters({code: raw}) == {code: stored}
    assert check_parameters({code: stored}) == {code: stored}
    assert value_text(parameter(code), stored).en == worded


@given(st.sampled_from(RANGES), st.data())
def test_a_worded_range_is_read_as_the_same_range(one: Parameter, data: st.DataObject) -> None:
    ends = st.decimals(min_value=one.lowest, max_value=one.highest, places=one.places)
    stored = stored_value(check_value(one, [data.draw(ends), data.draw(ends)]))
    for text in (value_text(one, stored).en, value_text(one, stored).zh):
        assert stored_value(check_value(one, text)) == stored


# --- fuel and electricity ---------------------------------------------------------------------------------------


def test_every_energy_carrier_names_its_content_and_source() -> None:
    assert {carrier.code: (carrier.content, carrier.unit) for carrier in energy_carriers().values()} == {
        "petrol": (Decimal(32), "MJ/L"), "diesel": (Decimal(36), "MJ/L"), "hydrogen": (Decimal(120), "MJ/kg"),
    }  # fmt: skip
    assert all("2009/28" in carrier.source.en for carrier in energy_carriers().values())
    burning = {energy: carrier_of(energy) for energy in Energy}
    assert {energy for energy, carrier in burning.items() if carrier is None} == {Energy.ELECTRIC}


@pytest.mark.parametrize(
    ("value", "found", "wanted", "carrier", "result"),
    [
        ("9", "L/100km", "kWh/100km", "petrol", "80"),
        ("80", "kWh/100km", "L/100km", "petrol", "9"),
        ("10", "L/100km", "kWh/100km", "diesel", "100"),
        ("3", "kg/100km", "kWh/100km", "hydrogen", "100"),
        ("20", "km/L", "Wh/km", "diesel", "500"),
        ("500", "Wh/km", "km/L", "diesel", "20"),
    ],
)
def test_fuel_and_electricity_meet_in_the_fuel_s_energy(
    value: str, found: str, wanted: str, carrier: str, result: str
) -> None:
    assert abs(convert(Decimal(value), found, wanted, carrier=carrier) - Decimal(result)) < Decimal("1e-9")


def test_without_a_fuel_they_do_not_meet() -> None:
    for carrier in ("", "hydrogen", "steam"):
        with pytest.raises(UnitsDoNotMatch):
            convert(Decimal(5), "L/100km", "kWh/100km", carrier=carrier)
    assert check_value(parameter("consumption_combined"), "80 kWh/100km", energy="petrol") == Decimal("9.00")
    with pytest.raises(UnitsDoNotMatch):
        check_value(parameter("consumption_combined"), "80 kWh/100km", energy="electric")
    with pytest.raises(SpecificationNotNumber):
        check_value(parameter("consumption_combined"), "0 mpg", energy="petrol")


def test_equal_base_units_are_not_enough() -> None:
    for found, wanted in (("Nm", "kWh"), ("rpm", "TOPS"), ("deg", "%"), ("g/km", "kg/100km")):
        with pytest.raises(UnitsDoNotMatch):
            convert(Decimal(5), found, wanted)


FUEL = ["L/100km", "mpg", "km/L"]
ELECTRICITY = ["kWh/100km", "Wh/km", "Wh/mi"]


@given(st.sampled_from(FUEL), st.sampled_from(ELECTRICITY), st.decimals("0.01", "1000", places=2))
def test_fuel_to_electricity_and_back_again(fuel: str, electricity: str, value: Decimal) -> None:
    for carrier in ("petrol", "diesel"):
        there = convert(value, fuel, electricity, carrier=carrier)
        assert abs(convert(there, electricity, fuel, carrier=carrier) - value) <= value * Decimal("1e-12")


@pytest.mark.parametrize(
    ("code", "stored", "energy", "said"),
    [
        ("motor_power", 380, "electric", ["517 PS", "510 hp"]),
        ("fast_charging_time", 0.53, "electric", ["31.8 min"]),
        ("consumption_wltc", 7.1, "petrol", ["63.1 kWh/100 km (Petrol)", "14.1 km/L", "33.1 mpg"]),
        ("consumption_wltc", 7.1, "diesel", ["71.0 kWh/100 km (Diesel)", "14.1 km/L", "33.1 mpg"]),
        ("electricity_consumption", 15, "electric", ["1.7 L/100 km (Petrol)", "150 Wh/km"]),
        ("airbags", 6, "electric", []),
        ("motor_power", None, "electric", []),
        ("no_such_code", 6, "electric", []),
    ],
)
def test_a_value_is_said_in_other_units(
    dispatcher: Dispatcher, manager: Actor, code: str, stored: object, energy: str, said: list[str]
) -> None:
    found = dispatcher.read(in_other_units, manager, code, stored, energy=energy)
    assert [text.en for text in found] == said


def test_what_is_said_besides_can_be_converted_for_every_parameter(dispatcher: Dispatcher, manager: Actor) -> None:
    measured = [one for one in specification_dictionary().parameters.values() if one.unit]
    told = {one.code: dispatcher.read(in_other_units, manager, one.code, float(one.highest or 1)) for one in measured}
    assert all(len(told[one.code]) == len(units()[one.unit].also) for one in measured)


def test_several_threads_may_convert_at_the_same_time() -> None:
    pairs = [(one.code, other.code) for one in units().values() for other in units_like(one.code)]
    conversion.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda pair: conversion(*pair), pairs))
    conversion.cache_clear()
    assert found == [conversion(*pair) for pair in pairs]
