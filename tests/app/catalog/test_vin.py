"""Vehicle identification numbers."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.errors import VinCharactersWrong, VinLengthWrong, VinMisread
from app.catalog.vin import YearCandidate, check_digit, check_vin, decode_vin, mended_vin, vin_in, year_candidates
from app.demo.identifiers import _IMPORTER_CODES, Identifiers
from app.kernel.labels import UNNAMED

TODAY = date(2026, 11, 22)
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
    origin = decode_vin("LDC613P23A1305189", today=TODAY)
    assert "Citro" in origin.maker.en and "雪铁龙" in origin.maker.zh
    assert (origin.country.zh, origin.country.en) == ("中国", "China")
    assert origin.years == (YearCandidate(2010, True), YearCandidate(1980, False))


def test_an_unknown_maker_stays_empty() -> None:
    origin = decode_vin("ZZZZZZZZ0ZZZZZZZZ", today=TODAY)
    assert origin.maker == UNNAMED and origin.years == ()


@pytest.mark.parametrize(
    ("maker", "zh", "en", "country"),
    [
        ("LSV", "上汽大众", "SAIC Volkswagen", "中国"), ("LGX", "比亚迪汽车", "BYD Auto", "中国"),
        ("LRW", "特斯拉（上海）", "Tesla (Shanghai)", "中国"), ("HLX", "理想汽车", "Li Auto", "中国"),
        ("L1N", "小鹏汽车", "XPeng", "中国"), ("WBA", "宝马", "BMW", "德国"), ("JTD", "丰田", "Toyota", "日本"),
        ("KMH", None, None, "韩国"), ("SAL", "路虎", "Land Rover", "英国"), ("YV1", None, None, "瑞典"),
        ("9BW", "大众", "Volkswagen", "巴西"), ("2HG", None, None, "加拿大"), ("3VW", None, None, "墨西哥"),
        ("VF1", "雷诺", "Renault", "法国"), ("VSS", None, None, "西班牙"), ("TMB", None, None, "捷克"),
    ],
)  # fmt: skip
def test_makers_and_countries(maker: str, zh: str | None, en: str | None, country: str) -> None:
    origin = decode_vin(f"{maker}AA4180T0000001", today=TODAY)
    assert origin.country.zh == country
    if zh is not None:
        assert (origin.maker.zh, origin.maker.en) == (zh, en)


@pytest.mark.parametrize(
    ("vin", "candidates", "likely"),
    [
        ("LSVAA4180T0000001", (2026, 1996), 2026),
        ("LSVAA4180V0000001", (2027, 1997), 2027),
        ("LSVAA4180W0000001", (1998,), 1998),  # 2028 is further ahead than anybody sells
        ("LSVAA418090000001", (2009,), 2009),
        ("1M8GDM9AXKP042788", (2019, 1989), 1989),  # a digit at place 7: before 2010 in North America
        ("5YJ3E1EA7HF000337", (2017, 1987), 2017),
        ("LSVAA418000000001", (), None),
        ("LSVAA4180U0000001", (), None),
    ],
)
def test_year_candidates(vin: str, candidates: tuple[int, ...], likely: int | None) -> None:
    found = year_candidates(vin, today=TODAY)
    assert tuple(one.year for one in found) == candidates
    assert [one.year for one in found if one.plausible] == ([likely] if likely else [])


@pytest.mark.parametrize(
    "text",
    [
        "LDC613P23A1305189", " ldc613p23a1305189\r\n", "ILDC613P23A1305189", "*ILDC613P23A1305189I*",
        "ＬＤＣ６１３Ｐ２３Ａ１３０５１８９", "LDC 613 P23 A1 305189", "LDC-613P23-A1305189", "LDC613P23A13O5189",
        "https://vin.example.cn/v/LDC613P23A1305189?from=label", "车架号：LDC613P23A1305189，颜色：白",
        "{\"vin\":\"LDC613P23A1305189\",\"no\":12345678901234567}",
    ],
)  # fmt: skip
def test_a_vin_is_found_in_what_was_scanned_or_pasted(text: str) -> None:
    assert vin_in(text) == "LDC613P23A1305189"


@pytest.mark.parametrize("text", ["", "hello", "6901234567892", "https://example.cn/p/12", "x" * 30_000_000])
def test_no_vin_is_made_up(text: str) -> None:
    assert vin_in(text) is None


def test_letters_that_look_like_digits_are_mended_where_the_check_digit_agrees() -> None:
    assert mended_vin("LDC613P23A13O5189") == "LDC613P23A1305189"
    assert mended_vin("LDC613P23A1305189") is None
    assert mended_vin("LDC613P24A13O5189") is None
    with pytest.raises(VinMisread) as caught:
        check_vin("ldc6i3p23a13o5189")
    assert caught.value.params["meant"] == "LDC613P23A1305189"


@given(vins, st.integers(0, 16), st.sampled_from(ALLOWED))
def test_any_single_wrong_character_is_detected_unless_it_counts_the_same(vin: str, place: int, other: str) -> None:
    right = f"{vin[:8]}{check_digit(vin)}{vin[9:]}"
    wrong = f"{right[:place]}{other}{right[place + 1 :]}"
    noticed = other != right[8] if place == 8 else _worth(other) != _worth(right[place])
    assert check_vin(wrong).check_digit_ok is not noticed


@given(vins, st.sampled_from(["{}", "I{}", "*I{}*", "I{}I", " {} ", "http://a.cn/?vin={}&x=1", "车架号 {}。"]))
def test_every_right_vin_comes_through_whatever_is_around_it(vin: str, around: str) -> None:
    right = f"{vin[:8]}{check_digit(vin)}{vin[9:]}"
    assert vin_in(around.format(right)) == right
    assert vin_in(around.format(right.lower())) == right


def _worth(character: str) -> int:
    """What a character counts in the check digit, by the law's table."""
    if character.isdigit():
        return int(character)
    for row in ("ABCDEFGH", "JKLMN", "P", "R"):
        if character in row:
            return {"P": 7, "R": 9}.get(row, row.index(character) + 1 if row in ("ABCDEFGH", "JKLMN") else 0)
    return "STUVWXYZ".index(character) + 2


@pytest.mark.parametrize("make", sorted(_IMPORTER_CODES))
def test_an_imported_car_says_its_maker_in_both_languages_and_its_year(make: str) -> None:
    vin = Identifiers(Random(7)).vin(make, country="", imported=True, year=2024)
    origin = decode_vin(vin, today=TODAY)
    assert origin.maker.en.casefold() == make.casefold() and origin.maker.zh and origin.country
    assert [one.year for one in origin.years if one.plausible] == [2024]


def test_a_maker_only_the_library_knows_has_its_chinese_name() -> None:
    assert decode_vin("2T1BR32E0DC000001", today=TODAY).maker.zh == "丰田"
