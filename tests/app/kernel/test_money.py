"""Money: rounding, reading what people type, splitting."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.money import (
    LARGEST,
    ZERO,
    AmountNegative,
    AmountTooLarge,
    AmountTooPrecise,
    AmountUnreadable,
    add_up,
    cents,
    equal_parts,
    format_money,
    from_fen,
    parse_money,
    to_fen,
)

amounts = st.decimals(min_value=-LARGEST, max_value=LARGEST, places=2, allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("2.345", "2.35"),
        ("2.344999", "2.34"),
        ("-0.001", "0.00"),
        ("7", "7.00"),
    ],
)
def test_rounds_half_up_and_never_to_minus_zero(exact: str, rounded: str) -> None:
    assert str(cents(Decimal(exact))) == rounded


def test_a_float_never_becomes_money() -> None:
    with pytest.raises(TypeError):
        cents(0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize("not_finite", ["NaN", "Infinity", "-Infinity"])
def test_only_finite_numbers_are_money(not_finite: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        cents(Decimal(not_finite))


@given(amounts)
def test_fen_and_text_keep_the_amount(amount: Decimal) -> None:
    assert from_fen(to_fen(amount)) == amount
    assert parse_money(format_money(amount), negative_allowed=True) == amount
    assert cents(amount) == amount


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12))
def test_rounding_moves_by_half_a_fen_at_most(exact: Decimal) -> None:
    assert abs(cents(exact) - exact) <= Decimal("0.005")


@given(amounts, st.integers(min_value=1, max_value=360))
def test_equal_parts_add_up_and_only_the_last_differs(amount: Decimal, count: int) -> None:
    parts = equal_parts(amount, count)
    assert add_up(parts) == amount
    assert len(set(parts[:-1])) <= 1
    assert abs(parts[-1] - parts[0]) <= Decimal("0.005") * count


def test_no_parts_are_refused() -> None:
    with pytest.raises(ValueError, match="one part"):
        equal_parts(Decimal("1.00"), 0)


def test_the_sum_of_nothing_is_zero() -> None:
    assert add_up([]) == ZERO


def test_fen_of_half_a_fen_are_refused() -> None:
    with pytest.raises(ValueError, match="two places"):
        to_fen(Decimal("0.005"))


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("218900", "218900.00"),
        ("218,900.00", "218900.00"),
        ("¥218,900.5", "218900.50"),
        ("￥２１８，９００．００", "218900.00"),
        ("21.89万", "218900.00"),
        ("21.89 万元", "218900.00"),
        (" 100 元 ", "100.00"),
        (".5", "0.50"),
        ("5.", "5.00"),
        ("1.000", "1.00"),
    ],
)
def test_reads_what_people_type(typed: str, amount: str) -> None:
    assert parse_money(typed) == Decimal(amount)


@pytest.mark.parametrize("typed", ["", "-", ".", "¥", "万", "abc", "1,5", "1,23,456", "1e5", "1.2.3", "NaN", "１２x"])
def test_refuses_what_is_no_amount(typed: str) -> None:
    with pytest.raises(AmountUnreadable) as caught:
        parse_money(typed, field="price")
    assert caught.value.field == "price"


def test_refuses_a_pasted_book_without_repeating_it() -> None:
    with pytest.raises(AmountUnreadable) as caught:
        parse_money("9" * 30_000_000)
    assert len(caught.value.message()) < 200


def test_refuses_more_than_two_places() -> None:
    with pytest.raises(AmountTooPrecise):
        parse_money("1.005")
    with pytest.raises(AmountTooPrecise):
        parse_money("1.0000005万")


def test_refuses_too_many_zeros() -> None:
    with pytest.raises(AmountTooLarge):
        parse_money("1000000000000")


def test_a_negative_amount_only_where_it_is_allowed() -> None:
    assert parse_money("-1", negative_allowed=True) == Decimal("-1.00")
    with pytest.raises(AmountNegative):
        parse_money("-1")


@given(st.text(max_size=60))
def test_any_text_is_an_amount_or_a_clear_error(typed: str) -> None:
    try:
        amount = parse_money(typed)
    except (AmountUnreadable, AmountTooPrecise, AmountTooLarge, AmountNegative) as error:
        assert error.message()
    else:
        assert ZERO <= amount <= LARGEST


def test_money_is_shown_with_grouping_and_two_places() -> None:
    assert format_money(Decimal("218900")) == "¥218,900.00"
    assert format_money(Decimal("-1000.5")) == "-¥1,000.50"
    assert format_money(Decimal("1234.5"), symbol=False) == "1,234.50"
