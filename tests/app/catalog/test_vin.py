"""Vehicle identification numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.errors import VinCharactersWrong, VinLengthWrong
from app.catalog.vin import check_digit, check_vin, decode_vin

ALLOWED = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"
vins = st.text(ALLOWED, min_size=17, max_size=17)


@pytest.mark.parametrize(
    "vin", ["LDC613P23A1305189", "1M8GDM9AXKP042788", "11111111111111111", "LFV2A21K6A3123456", "5YJ3E1EA7HF000337"]
)
def test_known_good_numbers(vin: str) -> None:
    check = check_vin(vin)
    assert check.check_digit_ok
    assert check.warning is None


@pytest.mark.parametrize("typed", ["ldc613p23a1305189", " LDC613P2 3A1305189\n", "LDC-613P23-A1305189"])
def test_case_blanks_and_hyphens_do_not_matter(typed: str) -> None:
    assert check_vin(typed).vin == "LDC613P23A1305189"


def test_a_wrong_check_digit_warns_and_is_not_refused() -> None:
    check = check_vin("LDC613P24A1305189")
    assert not check.check_digit_ok
    assert check.expected_digit == "3"
    assert str(check.warning).startswith("Place 9 is “4”, calculated is “3”.")


@pytest.mark.parametrize(("typed", "length"), [("", 0), ("LDC613P23A130518", 16), ("LDC613P23A13051890", 18)])
def test_seventeen_characters(typed: str, length: int) -> None:
    with pytest.raises(VinLengthWrong) as caught:
        check_vin(typed, field="vin")
    assert (caught.value.field, caught.value.params["length"]) == ("vin", length)


def test_a_pasted_book_is_no_vin() -> None:
    with pytest.raises(VinLengthWrong):
        check_vin("1" * 30_000_000)


@pytest.mark.parametrize(
    ("typed", "named"), [("LDCI13P23A1305189", "I"), ("LDC6O3P23Q1305189", "O Q"), ("车架号", "号 架 车")]
)
def test_letters_that_look_like_digits_are_named(typed: str, named: str) -> None:
    with pytest.raises(VinCharactersWrong) as caught:
        check_vin(typed)
    assert caught.value.params["characters"] == named


@given(vins)
def test_exactly_one_character_fits_at_place_nine(vin: str) -> None:
    expected = check_digit(vin)
    fitting = [c for c in "0123456789X" if check_vin(f"{vin[:8]}{c}{vin[9:]}").check_digit_ok]
    assert fitting == [expected]


@given(vins, st.integers(0, 16), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_noticed_unless_its_value_is_the_same(vin: str, place: int, digit: str) -> None:
    right = f"{vin[:8]}{check_digit(vin)}{vin[9:]}"
    if place != 8 and right[place].isdigit() and right[place] != digit:
        assert not check_vin(f"{right[:place]}{digit}{right[place + 1 :]}").check_digit_ok


def test_a_chinese_number_tells_its_maker_and_year() -> None:
    origin = decode_vin("LDC613P23A1305189")
    assert "Citro" in origin.manufacturer
    assert origin.country == "China"
    assert 2010 in origin.model_years


def test_an_unknown_maker_stays_empty() -> None:
    assert decode_vin("ZZZZZZZZ0ZZZZZZZZ").manufacturer == ""
