"""Amounts in capitals against the rule's own examples, an independent library, and a reader of our own."""

from decimal import Decimal

import cn2an
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.documents.chinese_amounts import amount_in_capitals
from app.documents.errors import AmountNotWritable

_DIGITS = {char: value for value, char in enumerate("零壹贰叁肆伍陆柒捌玖")}
_PLACES = {"拾": 10, "佰": 100, "仟": 1000}


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("219900.50", "贰拾壹万玖仟玖佰元伍角"),
        ("0", "零元整"),
        ("0.01", "壹分"),
        ("0.30", "叁角"),
        ("20000.00", "贰万元整"),
        ("10.00", "壹拾元整"),
        ("1409.50", "壹仟肆佰零玖元伍角"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("100001234.50", "壹亿零壹仟贰佰叁拾肆元伍角"),
        ("-6000.00", "负陆仟元整"),
        ("999999999999.99", "玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
    ],
)
def test_examples(amount: str, words: str) -> None:
    assert amount_in_capitals(Decimal(amount)) == words


@pytest.mark.parametrize("amount", ["1.005", "NaN", "Infinity", "1e16", "-1e20"])
def test_what_no_cheque_can_say_is_refused(amount: str) -> None:
    with pytest.raises(AmountNotWritable):
        amount_in_capitals(Decimal(amount))


def read_back(words: str) -> Decimal:
    """An independent reading of capitals."""
    sign = -1 if words.startswith("负") else 1
    yuan, _, rest = words.removeprefix("负").rpartition("元")
    fen = 0
    digit = 0
    for char in rest:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in "角分":
            fen += digit * (10 if char == "角" else 1)
    return sign * (_whole(yuan) + Decimal(fen) / 100)


def _whole(words: str) -> Decimal:
    for unit, scale in (("亿", 10**8), ("万", 10**4)):
        if unit in words:
            high, _, low = words.rpartition(unit)
            return _whole(high) * scale + _whole(low)
    total = digit = 0
    for char in words:
        if char in _DIGITS:
            digit = _DIGITS[char]
        else:
            total += digit * _PLACES[char]
            digit = 0
    return Decimal(total + digit)


@settings(max_examples=500, deadline=None)
@given(st.integers(min_value=-(10**14), max_value=10**14))
def test_every_amount_reads_back_as_itself(fen: int) -> None:
    amount = Decimal(fen) / 100
    words = amount_in_capitals(amount)
    assert read_back(words) == amount
    assert "零零" not in words
    assert words.endswith("整") == (fen % 100 == 0)


@settings(max_examples=300, deadline=None)
@given(st.integers(min_value=0, max_value=10**12))
def test_agrees_with_another_library_but_for_a_zero_it_leaves_out(fen: int) -> None:
    amount = Decimal(fen) / 100
    theirs = cn2an.an2cn(format(amount, "f"), "rmb")
    assert amount_in_capitals(amount).replace("零", "") == theirs.replace("零", "") or fen == 0
