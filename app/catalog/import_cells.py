"""Cells of specification books as values: the marks makers use, their words for choices, amounts in other money."""

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from app.catalog.energies import Energy
from app.catalog.errors import EnergyUnknown, NumberExpected, SeatsOutOfRange, YearOutOfRange
from app.catalog.heading_names import choice_names, energy_names, folded
from app.catalog.rules import Parameter, ParameterType, check_value, stored_value
from app.catalog.source_tables import TAKEN_AWAY
from app.kernel.errors import ValueRequired
from app.kernel.labels import Listing, state_label
from app.kernel.money import LARGEST, AmountNegative, AmountTooLarge, AmountUnreadable, cents, parse_money
from app.runtime.language import CHINESE

FIRST_YEAR, LAST_YEAR = 1950, 2100
UNSAID: Any = object()
"""What a cell says that says nothing."""
_SAYS_NOTHING = frozenset(
    {"", "-", "--", "—", "–", "/", "n/a", "na", "nan", "none", "null", "?", "待查", "暂无", "无数据"}
)
_FITTED = ("standard", "optional", "absent")
_MARKS = {
    "●": "standard", "•": "standard", "◆": "standard", "√": "standard", "✓": "standard", "s": "standard",
    "标配": "standard", "有": "standard", "是": "standard", "yes": "standard", "true": "standard", "1": "standard",
    "○": "optional", "〇": "optional", "o": "optional", "选配": "optional", "选装": "optional",
    "-": "absent", "—": "absent", "–": "absent", "×": "absent", "x": "absent", "无": "absent", "否": "absent",
    "no": "absent", "false": "absent", "0": "absent", "/": "absent",
}  # fmt: skip
_YES = frozenset({"1", "true", "yes", "y", "是", "有", "√", "●"})
_NO = frozenset({"0", "false", "no", "n", "否", "无", "×", "-", "—"})
_MONEY_SIGNS = re.compile(r"(?i)^(?:¥|￥|\$|US\$|RMB|CNY|USD)\s*|\s*(?:元|RMB|CNY|USD)$")


def read_parameter(parameter: Parameter, text: str, *, unit: str = "", energy: str = "") -> Any:
    """A cell in stored form; None takes an inherited value away, UNSAID says nothing.

    Raises what `app.catalog.rules.check_value` raises.
    """
    if text == TAKEN_AWAY:
        return None
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if is_fitted(parameter):
        if plain in _MARKS:
            return _MARKS[plain]
    elif parameter.type is not ParameterType.BOOLEAN and plain in _SAYS_NOTHING:
        return UNSAID
    if not plain:
        return UNSAID
    if parameter.type is ParameterType.CHOICE:
        text = choice_names().get(parameter.code, {}).get(plain, text)
    elif parameter.type is ParameterType.INTEGER and re.fullmatch(r"\d+\.0+", plain):
        text = plain.partition(".")[0]
    text = text[1:] if text.startswith("'") and text.lstrip("'") == TAKEN_AWAY else text
    return stored_value(check_value(parameter, text, unit=unit, energy=energy))


def is_fitted(parameter: Parameter) -> bool:
    """Whether the choices are standard, optional, absent."""
    return tuple(choice.code for choice in parameter.choices) == _FITTED


def read_year(text: str) -> int:
    """A model year as 2026, 2026款 or the beginning of a date.

    Raises ValueRequired, NumberExpected or YearOutOfRange.
    """
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix("款").removesuffix("年").removesuffix(".0").strip()
    digits = plain[:4] if re.fullmatch(r"\d{4}[-/.年].*", plain) else plain
    if not plain:
        raise ValueRequired(field="year")
    if not digits.isdecimal():
        raise NumberExpected(value=text[:40])
    if not FIRST_YEAR <= int(digits[:6]) <= LAST_YEAR:
        raise YearOutOfRange(year=digits[:12], lowest=FIRST_YEAR, highest=LAST_YEAR)
    return int(digits)


def read_seats(text: str) -> int | None:
    """How many seats; None where nothing is said. Raises NumberExpected or SeatsOutOfRange."""
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix("座").removesuffix(".0").strip()
    if plain.casefold() in _SAYS_NOTHING:
        return None
    if not plain.isdecimal() or len(plain) > 3:
        raise NumberExpected(value=text[:40])
    if not 1 <= int(plain) <= 60:
        raise SeatsOutOfRange(seats=plain)
    return int(plain)


def read_energy(text: str) -> Energy | None:
    """The kind of drive; None where nothing is said. Raises EnergyUnknown."""
    plain = folded(text)
    if text.strip().casefold() in _SAYS_NOTHING:
        return None
    for energy in Energy:
        if plain in (folded(energy.value), folded(energy.label), folded(state_label(energy, CHINESE))):
            return energy
    code = energy_names().get(plain)
    if code is None:
        raise EnergyUnknown(value=text[:40], choices=Listing(energy.label for energy in Energy))
    return Energy(code)


def read_price(text: str, *, factor: Decimal = Decimal(1)) -> Decimal | None:
    """Yuan; `factor` is what one unit of the column is worth. None where nothing is said.

    Raises AmountUnreadable, AmountTooPrecise, AmountTooLarge or AmountNegative.
    """
    plain = _MONEY_SIGNS.sub("", unicodedata.normalize("NFKC", text).strip()).strip()
    if plain.casefold() in _SAYS_NOTHING:
        return None
    if factor == 1:
        return parse_money(plain)
    try:
        amount = Decimal(plain.replace(",", "").removesuffix("万")) * factor
    except InvalidOperation as error:
        raise AmountUnreadable(value=text[:40]) from error
    if not amount.is_finite():
        raise AmountUnreadable(value=text[:40])
    if amount < 0:
        raise AmountNegative()
    if amount > LARGEST:
        raise AmountTooLarge(limit=f"{LARGEST:,}")
    return cents(amount)


def read_yes(text: str) -> bool | None:
    """Yes or no; None for anything else."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    return True if plain in _YES else False if plain in _NO else None
