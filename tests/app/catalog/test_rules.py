"""Specification values: typed, in range, in one unit, comparable."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.errors import (
    SpecificationChoiceUnknown,
    SpecificationNotNumber,
    SpecificationOutOfRange,
    SpecificationTextTooLong,
    SpecificationUnknown,
    UnitsDoNotMatch,
    UnitUnknown,
)
from app.catalog.rules import (
    Better,
    Parameter,
    ParameterType,
    best_positions,
    check_parameters,
    check_value,
    specification_dictionary,
    stored_value,
    value_text,
)
from app.catalog.units import Conversion, conversion, convert, find_unit, unit_of, units
from app.kernel.labels import Bilingual
from app.runtime.language import CHINESE, set_language

DICTIONARY = specification_dictionary()
PARAMETERS = list(DICTIONARY.parameters.values())
NUMBERS = [p for p in PARAMETERS if p.type in (ParameterType.NUMBER, ParameterType.INTEGER)]


def parameter(code: str) -> Parameter:
    return DICTIONARY.parameter(code)


# --- the dictionary ---------------------------------------------------------------------------------------------


def test_the_dictionary_is_whole() -> None:
    assert len(PARAMETERS) >= 60
    assert {p.group for p in PARAMETERS} == set(DICTIONARY.groups)
    assert len({p.name.zh for p in PARAMETERS}) == len({p.name.en for p in PARAMETERS}) == len(PARAMETERS)
    for p in PARAMETERS:
        assert p.name.zh
        assert p.name.en
        assert (p.type is ParameterType.CHOICE) == bool(p.choices)
        assert len({c.code for c in p.choices}) == len(p.choices)
        assert p.better is not Better.FIRST or p.choices
        if p.unit:
            assert unit_of(p.unit).code == p.unit


@pytest.mark.parametrize("number", NUMBERS, ids=lambda p: p.code)
def test_numbers_have_a_range_that_holds_at_both_ends(number: Parameter) -> None:
    assert number.lowest is not None
    assert number.highest is not None
    assert number.lowest < number.highest
    for end in (number.lowest, number.highest):
        assert check_value(number, str(end)) == end
    with pytest.raises(SpecificationOutOfRange):
        check_value(number, str(number.highest + 1))


# --- values -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "raw", "unit", "kept"),
    [
        ("displacement", "1.498", "", Decimal("1.498")),
        ("displacement", "1498 mL", "", Decimal("1.498")),
        ("displacement", 3.5, "", Decimal("3.500")),
        ("length", "4,813 mm", "", Decimal(4813)),
        ("length", "189.5", "in", Decimal(4813)),
        ("engine_power", "100 hp", "", Decimal(75)),
        ("engine_power", "100", "PS", Decimal(74)),
        ("engine_torque", 200, "lbft", Decimal(271)),
        ("consumption_combined", "21 mpg", "", Decimal("11.20")),
        ("consumption_combined", "20", "km/L", Decimal("5.00")),
        ("curb_weight", "１５００ｋｇ", "", Decimal(1500)),
        ("luggage_volume", "14.1", "ft3", Decimal(399)),
        ("electricity_consumption", "250 Wh/mi", "", Decimal("15.53")),
        ("fast_charging_time", "30 min", "", Decimal("0.50")),
        ("cylinders", "6", "", 6),
        ("cylinders", 6.0, "", 6),
        ("imported", "是", "", True),
        ("imported", False, "", False),
        ("transmission", "双离合", "", "dual_clutch"),
        ("transmission", "DUAL_CLUTCH", "", "dual_clutch"),
        ("drive", "all-wheel drive", "", "all"),
        ("tyre_size", " 225/45 R18 ", "", "225/45 R18"),
    ],
)
def test_a_value_is_kept_in_the_dictionary_s_own_way(code: str, raw: object, unit: str, kept: object) -> None:
    value = check_value(parameter(code), raw, unit=unit)
    assert value == kept
    assert type(value) is type(kept)


@pytest.mark.parametrize(
    ("code", "raw", "error"),
    [
        ("length", "long", SpecificationNotNumber),
        ("length", "-", SpecificationNotNumber),
        ("length", "4800 kg", UnitsDoNotMatch),
        ("length", "4800 cubits", UnitUnknown),
        ("length", "12", SpecificationOutOfRange),
        ("length", "1" + "0" * 30, SpecificationOutOfRange),
        ("length", "9" * 24 + " mi", SpecificationOutOfRange),
        ("length", "9" * 1_000_000, SpecificationNotNumber),
        ("consumption_combined", "0 mpg", SpecificationNotNumber),
        ("cylinders", "5.5", SpecificationNotNumber),
        ("cylinders", "4 kg", SpecificationNotNumber),
        ("cylinders", "nan", SpecificationNotNumber),
        ("cylinders", "1e3", SpecificationNotNumber),
        ("transmission", "steam", SpecificationChoiceUnknown),
        ("imported", "perhaps", SpecificationChoiceUnknown),
        ("tyre_size", "x" * 41, SpecificationTextTooLong),
    ],
)
def test_what_does_not_fit_is_refused_beside_its_field(code: str, raw: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        check_parameters({code: raw})
    assert caught.value.field == f"parameters.{code}"  # type: ignore[attr-defined]
    assert len(caught.value.message()) < 400  # type: ignore[attr-defined]


def test_a_refusal_names_the_parameter_and_its_choices_in_the_reader_s_language() -> None:
    with pytest.raises(SpecificationChoiceUnknown) as caught:
        check_value(parameter("drive"), "six")
    assert caught.value.message().endswith("Front-wheel drive, Rear-wheel drive, All-wheel drive.")
    set_language(CHINESE)
    assert caught.value.message() == "“six”不是驱动方式的选项。请选择：前驱、后驱、四驱。"


def test_nothing_is_no_number() -> None:
    with pytest.raises(SpecificationNotNumber):
        check_value(parameter("length"), "  ")


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(SpecificationUnknown) as caught:
        check_parameters({"wings": 2})
    assert caught.value.field == "parameters.wings"


def test_a_trim_s_values_are_kept_as_json_and_empty_ones_left_out() -> None:
    stored = check_parameters({"length": "4813", "displacement": "1.498", "body": "SUV", "height": "", "width": None})
    assert stored == {"length": 4813, "displacement": 1.498, "body": "suv"}
    assert check_parameters(json.loads(json.dumps(stored))) == stored


@given(st.sampled_from(NUMBERS), st.data())
def test_a_kept_number_is_kept_again_unchanged(number: Parameter, data: st.DataObject) -> None:
    places = 0 if number.type is ParameterType.INTEGER else number.places
    raw = data.draw(st.decimals(min_value=number.lowest, max_value=number.highest, places=places))
    stored = stored_value(check_value(number, f"{raw:f}"))
    assert Decimal(str(stored)) == raw
    assert stored_value(check_value(number, stored)) == stored
    assert str(value_text(number, stored))


@given(st.sampled_from(PARAMETERS), st.text(max_size=60))
def test_any_text_is_a_value_or_a_clear_error(any_parameter: Parameter, text: str) -> None:
    try:
        stored = stored_value(check_value(any_parameter, text))
    except (
        SpecificationNotNumber,
        SpecificationOutOfRange,
        SpecificationChoiceUnknown,
        SpecificationTextTooLong,
        UnitUnknown,
        UnitsDoNotMatch,
    ) as error:
        assert error.message()
    else:
        json.dumps(stored)


def test_values_are_worded_with_their_unit() -> None:
    assert value_text(parameter("length"), 4813) == Bilingual("4,813 mm", "4,813 mm")
    assert value_text(parameter("acceleration_0_100"), 7.9) == Bilingual("7.9 秒", "7.9 s")
    assert value_text(parameter("imported"), True) == Bilingual("是", "Yes")
    assert value_text(parameter("drive"), "all") == Bilingual("四驱", "All-wheel drive")
    assert value_text(parameter("drive"), "caterpillar") == Bilingual("caterpillar", "caterpillar")
    assert value_text(parameter("cylinders"), 6) == Bilingual("6", "6")


@pytest.mark.parametrize(
    ("code", "row", "best"),
    [
        ("engine_power", [100, 150, None, 150], {1, 3}),
        ("acceleration_0_100", [7.9, 6.1, None], {1}),
        ("emergency_braking", ["optional", "standard", None, "absent"], {1}),
        ("engine_power", [100, 100], set()),
        ("engine_power", [100, None], set()),
        ("engine_power", [], set()),
        ("length", [4813, 4600], set()),
        ("engine_power", ["?", True, 90, 80], {2}),
    ],
)
def test_the_better_value_wins_a_comparison(code: str, row: list[object], best: set[int]) -> None:
    assert best_positions(parameter(code), row) == best


# --- units ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "found", "wanted", "result"),
    [
        ("1", "in", "mm", "25.4"),
        ("1", "mi", "km", "1.609344"),
        ("1", "lb", "kg", "0.45359237"),
        ("1", "PS", "kW", "0.73549875"),
        ("30", "mpg", "L/100km", "7.840486111"),
        ("5", "L/100km", "mpg", "47.04291667"),
        ("1", "kWh/100km", "Wh/km", "10"),
        ("4", "km/h", "km/h", "4"),
    ],
)
def test_known_conversions(value: str, found: str, wanted: str, result: str) -> None:
    assert abs(convert(Decimal(value), found, wanted) - Decimal(result)) < Decimal("1e-8")


@given(st.sampled_from(sorted(units())), st.sampled_from(sorted(units())), st.decimals("0.01", "100000", places=2))
def test_there_and_back_again(found: str, wanted: str, value: Decimal) -> None:
    try:
        there = convert(value, found, wanted)
    except UnitsDoNotMatch as error:
        assert error.message()
        return
    assert abs(convert(there, wanted, found) - value) <= value * Decimal("1e-12")


def test_a_unit_is_known_by_code_or_symbol() -> None:
    assert unit_of("L/100 km").code == "L/100km"
    assert unit_of("KG").code == "kg"
    assert unit_of("马力").code == "PS"
    assert find_unit("furlong") is None
    assert conversion("kg", "kg") == Conversion(Decimal(1), inverse=False)
    with pytest.raises(UnitUnknown):
        conversion("kg", "furlong")
