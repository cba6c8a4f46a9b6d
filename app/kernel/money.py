"""Money: Decimal with two places in CNY, rounded half up. A float never becomes money."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from app.kernel.errors import DomainError
from app.runtime.language import tr_noop

CURRENCY = "CNY"
SYMBOL = "¥"
ZERO = Decimal("0.00")
LARGEST = Decimal("999999999999.99")
"""More than any dealership turns over, and whole fen of it fit every integer column and JSON reader."""

_CENT = Decimal("0.01")
_TEN_THOUSAND = Decimal(10_000)
_LONGEST_TEXT = 40
_AMOUNT = re.compile(r"(?P<sign>[-−]?)(?P<whole>\d{1,3}(?:,\d{3})+|\d+)?(?:\.(?P<part>\d*))?")


class AmountUnreadable(DomainError):
    code = "amount_unreadable"
    text = tr_noop("“{value}” is not an amount. Write it like 218,900.00 or 21.89万.")


class AmountTooPrecise(DomainError):
    code = "amount_too_precise"
    text = tr_noop("Money has two decimal places; “{value}” has more. Round it.")


class AmountTooLarge(DomainError):
    code = "amount_too_large"
    text = tr_noop("This amount is larger than {limit}. Check the number of zeros.")


class AmountNegative(DomainError):
    code = "amount_negative"
    text = tr_noop("An amount below zero is not possible here. Enter it without the minus sign.")


def cents(x: Decimal | int | str) -> Decimal:
    """The amount rounded half up (away from zero) to 0.01.

    Raises TypeError for a float, ValueError for something that is no finite number.
    """
    if isinstance(x, float):
        raise TypeError("money is Decimal, never float")
    try:
        rounded = Decimal(x).quantize(_CENT, rounding=ROUND_HALF_UP)
    except InvalidOperation as error:
        raise ValueError(f"not a finite amount: {x!r}") from error
    if not rounded.is_finite():
        raise ValueError(f"not a finite amount: {x!r}")
    return rounded if rounded else ZERO  # never -0.00


def add_up(amounts: Iterable[Decimal]) -> Decimal:
    """The sum of amounts, 0.00 for none."""
    return sum(amounts, ZERO)


def to_fen(amount: Decimal) -> int:
    """Whole fen; raises ValueError when the amount has more than two places."""
    fen = amount.scaleb(2)
    if fen != fen.to_integral_value():
        raise ValueError(f"{amount} has more than two places; round it where the rule says how")
    return int(fen)


def from_fen(fen: int) -> Decimal:
    """The amount with two places for whole fen."""
    return Decimal(fen).scaleb(-2).quantize(_CENT)


def equal_parts(amount: Decimal, count: int) -> tuple[Decimal, ...]:
    """The amount in `count` equal parts of whole fen; the rounding remainder is in the last one."""
    if count < 1:
        raise ValueError("at least one part")
    part = cents(amount / count)
    return (*([part] * (count - 1)), amount - part * (count - 1))


def parse_money(text: str, *, field: str | None = None, negative_allowed: bool = False) -> Decimal:
    """What a person typed as an amount: full-width digits, ¥ or 元, grouping commas and 万 are understood.

    Raises AmountUnreadable, AmountTooPrecise, AmountTooLarge or AmountNegative for the field.
    """
    if len(text) > _LONGEST_TEXT:
        raise AmountUnreadable(field=field, value=text[:20] + "…")
    plain = unicodedata.normalize("NFKC", text).strip()
    plain, scale = _without_unit(plain.replace(" ", "").replace(SYMBOL, "", 1).replace("，", ","))
    match = _AMOUNT.fullmatch(plain)
    if match is None or not (match["whole"] or match["part"]):
        raise AmountUnreadable(field=field, value=text.strip())
    number = Decimal(f"{(match['whole'] or '0').replace(',', '')}.{match['part'] or '0'}") * scale
    return _checked(-number if match["sign"] else number, text, field, negative_allowed)


def _without_unit(plain: str) -> tuple[str, Decimal]:
    for unit, scale in (("万元", _TEN_THOUSAND), ("万", _TEN_THOUSAND), ("元", Decimal(1))):
        if plain.endswith(unit):
            return plain.removesuffix(unit), scale
    return plain, Decimal(1)


def _checked(number: Decimal, text: str, field: str | None, negative_allowed: bool) -> Decimal:
    if abs(number) > LARGEST:
        raise AmountTooLarge(field=field, limit=format_money(LARGEST))
    amount = cents(number)
    if amount != number:
        raise AmountTooPrecise(field=field, value=text.strip())
    if amount < 0 and not negative_allowed:
        raise AmountNegative(field=field)
    return amount


def require_amount(amount: Decimal, *, field: str, negative_allowed: bool = False) -> Decimal:
    """An amount that a command carries, with two places.

    Raises AmountTooPrecise, AmountTooLarge, AmountNegative or, for NaN and infinity, AmountUnreadable for the field;
    TypeError for a float.
    """
    if isinstance(amount, float):
        raise TypeError("money is Decimal, never float")
    number = Decimal(amount)
    if not number.is_finite():
        raise AmountUnreadable(field=field, value=str(number))
    return _checked(number, f"{number:f}", field, negative_allowed)


def format_money(amount: Decimal, *, symbol: bool = True) -> str:
    """The amount as people read it, with grouping and two places: "¥218,900.00", "-¥1,000.00"."""
    rounded = cents(amount)
    sign = "-" if rounded < 0 else ""
    return f"{sign}{SYMBOL if symbol else ''}{abs(rounded):,.2f}"
