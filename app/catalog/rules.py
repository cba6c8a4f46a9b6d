"""What a specification value may be: typed, in range, in the dictionary's own unit.

The dictionary is `resources/reference/specification_dictionary.json`. Values are stored as JSON: numbers, codes of
choices, texts, booleans.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Self

from app.catalog.errors import (
    SpecificationChoiceUnknown,
    SpecificationNotNumber,
    SpecificationOutOfRange,
    SpecificationTextTooLong,
    SpecificationUnknown,
    UnitsDoNotMatch,
)
from app.catalog.units import convert, unit_of, units
from app.kernel.labels import UNNAMED, Bilingual, Listing
from app.runtime.resources import load_json

Value = Decimal | int | str | bool
Stored = int | float | str | bool

_NUMBER = re.compile(r"(?P<number>[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?)\s*(?P<unit>[^\d\s.,+-].*)?", re.DOTALL)
_LONGEST_NUMBER = 40
_TRUE = frozenset({"true", "yes", "y", "1", "是", "有", "√", "●"})
_FALSE = frozenset({"false", "no", "n", "0", "否", "无", "×", "-", "—"})
_YES_NO = {True: Bilingual("是", "Yes"), False: Bilingual("否", "No")}


class ParameterType(StrEnum):
    """How a value is entered and compared."""

    NUMBER = "number"
    INTEGER = "integer"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    TEXT = "text"


class Better(StrEnum):
    """Which value wins a comparison: the higher, the lower, the choice that stands first, or none."""

    HIGHER = "higher"
    LOWER = "lower"
    FIRST = "first"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Choice:
    """One possible value of a parameter."""

    code: str
    name: Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One entry of the dictionary. `unit` is the code of the unit values are kept in, empty for none; `places` is how
    many decimals are kept."""

    code: str
    group: str
    name: Bilingual
    type: ParameterType
    unit: str = ""
    lowest: Decimal | None = None
    highest: Decimal | None = None
    places: int = 0
    better: Better = Better.NONE
    choices: tuple[Choice, ...] = ()
    limit: int = 80

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Self:
        """An entry as it stands in the file; raises KeyError or ValueError where it is malformed."""
        return cls(
            code=raw["code"],
            group=raw["group"],
            name=_named(raw),
            type=ParameterType(raw["type"]),
            unit=raw.get("unit", ""),
            lowest=Decimal(raw["lowest"]) if "lowest" in raw else None,
            highest=Decimal(raw["highest"]) if "highest" in raw else None,
            places=raw.get("places", 0),
            better=Better(raw["better"]),
            choices=tuple(Choice(choice["code"], _named(choice)) for choice in raw.get("choices", ())),
            limit=raw.get("limit", 80),
        )

    @property
    def unit_symbol(self) -> Bilingual:
        """How the unit is shown; empty without one."""
        return units()[self.unit].symbol if self.unit else UNNAMED


@dataclass(frozen=True, slots=True)
class SpecificationDictionary:
    """All parameters by code, in the order they are shown, and the names of their groups."""

    version: str
    groups: Mapping[str, Bilingual]
    parameters: Mapping[str, Parameter]

    def parameter(self, code: str, *, field: str | None = None) -> Parameter:
        """The parameter with this code; raises SpecificationUnknown."""
        found = self.parameters.get(code)
        if found is None:
            raise SpecificationUnknown(field=field, parameter=code[:40])
        return found


def _named(raw: Mapping[str, Any]) -> Bilingual:
    return Bilingual(raw["name"]["zh"], raw["name"]["en"])


@lru_cache(maxsize=1)
def specification_dictionary() -> SpecificationDictionary:
    """The dictionary as delivered; read once."""
    raw = load_json("reference/specification_dictionary.json")
    return SpecificationDictionary(
        raw["version"],
        MappingProxyType({group["code"]: _named(group) for group in raw["groups"]}),
        MappingProxyType({entry["code"]: Parameter.from_json(entry) for entry in raw["parameters"]}),
    )


def check_value(parameter: Parameter, raw: object, *, unit: str = "", field: str | None = None) -> Value:
    """A raw value (text, number, boolean) as the parameter keeps it; numbers in its own unit, rounded half up.

    `unit` is the unit of a number that names none itself. Raises SpecificationNotNumber, SpecificationOutOfRange,
    SpecificationChoiceUnknown, SpecificationTextTooLong, UnitUnknown or UnitsDoNotMatch for the field.
    """
    if parameter.type in (ParameterType.NUMBER, ParameterType.INTEGER):
        return _number(parameter, raw, unit=unit, field=field)
    text = unicodedata.normalize("NFKC", str(raw)[: 4 * parameter.limit]).strip()
    if parameter.type is ParameterType.CHOICE:
        return _choice(parameter, text, field)
    if parameter.type is ParameterType.BOOLEAN:
        return _boolean(parameter, text, field)
    if len(str(raw).strip()) > parameter.limit:
        length = len(str(raw).strip())
        raise SpecificationTextTooLong(field=field, parameter=parameter.name, limit=parameter.limit, length=length)
    return text


def _number(parameter: Parameter, raw: object, *, unit: str, field: str | None) -> Decimal | int:
    text = unicodedata.normalize("NFKC", str(raw)[: _LONGEST_NUMBER + 1]).strip()
    match = _NUMBER.fullmatch(text)
    if len(text) > _LONGEST_NUMBER or match is None or not match["number"].strip("+-"):
        raise SpecificationNotNumber(field=field, parameter=parameter.name, value=text[:_LONGEST_NUMBER])
    number = Decimal(match["number"].replace(",", ""))
    found = (match["unit"] or unit).strip()
    if found and parameter.unit:
        try:
            number = convert(number, unit_of(found, field=field).code, parameter.unit)
        except ZeroDivisionError as error:
            raise SpecificationNotNumber(field=field, parameter=parameter.name, value=text) from error
        except UnitsDoNotMatch as error:
            raise UnitsDoNotMatch(field=field, **error.params) from error
    elif found:
        raise SpecificationNotNumber(field=field, parameter=parameter.name, value=text)
    return _in_range(parameter, number, field)


def _in_range(parameter: Parameter, number: Decimal, field: str | None) -> Decimal | int:
    step = Decimal(1).scaleb(-parameter.places)
    lowest, highest = parameter.lowest or Decimal(0), parameter.highest or Decimal(0)
    # Compared before it is rounded: a number of thirty digits cannot be rounded, only refused.
    if not lowest - step / 2 <= number < highest + step / 2:
        raise SpecificationOutOfRange(
            field=field, parameter=parameter.name, value=f"{number:f}"[:24], lowest=lowest, highest=highest
        )
    rounded = number.quantize(step, rounding=ROUND_HALF_UP)
    if parameter.type is ParameterType.NUMBER:
        return rounded
    if rounded != number:
        raise SpecificationNotNumber(field=field, parameter=parameter.name, value=f"{number:f}")
    return int(rounded)


def _choice(parameter: Parameter, text: str, field: str | None) -> str:
    folded = text.casefold()
    for choice in parameter.choices:
        if folded in (choice.code.casefold(), choice.name.zh.casefold(), choice.name.en.casefold()):
            return choice.code
    names = Listing(choice.name for choice in parameter.choices)
    raise SpecificationChoiceUnknown(field=field, parameter=parameter.name, value=text[:40], choices=names)


def _boolean(parameter: Parameter, text: str, field: str | None) -> bool:
    folded = text.casefold()
    if folded in _TRUE or folded in _FALSE:
        return folded in _TRUE
    names = Listing((_YES_NO[True], _YES_NO[False]))
    raise SpecificationChoiceUnknown(field=field, parameter=parameter.name, value=text[:40], choices=names)


def stored_value(value: Value) -> Stored:
    """The JSON form of a checked value: whole numbers as int, others as float."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def check_parameters(raw: Mapping[str, object]) -> dict[str, Stored]:
    """All values of a trim in stored form, empty ones left out; errors name the field `parameters.<code>`."""
    dictionary = specification_dictionary()
    checked: dict[str, Stored] = {}
    for code, value in raw.items():
        field = f"parameters.{code}"
        parameter = dictionary.parameter(code, field=field)
        if value is not None and str(value).strip():
            checked[code] = stored_value(check_value(parameter, value, field=field))
    return checked


def value_text(parameter: Parameter, stored: object) -> Bilingual:
    """A stored value as people read it, with its unit; one that no longer fits the dictionary is shown as it is."""
    if parameter.type is ParameterType.CHOICE:
        names = [choice.name for choice in parameter.choices if choice.code == stored]
        return names[0] if names else Bilingual(str(stored), str(stored))
    if isinstance(stored, bool):
        return _YES_NO[stored]
    shown = f"{stored:,}" if isinstance(stored, int) else str(stored)
    symbol = parameter.unit_symbol
    return Bilingual(f"{shown} {symbol.zh}".strip(), f"{shown} {symbol.en}".strip())


def best_positions(parameter: Parameter, stored: Sequence[object]) -> frozenset[int]:
    """Where in a row of compared values the best ones stand; empty where nothing is better or all are equal.

    None stands for an unknown value, which never wins.
    """
    ranks = [None if value is None else _rank(parameter, value) for value in stored]
    known = [rank for rank in ranks if rank is not None]
    if parameter.better is Better.NONE or len(set(known)) < 2:
        return frozenset()
    best = max(known)
    return frozenset(position for position, rank in enumerate(ranks) if rank == best)


def _rank(parameter: Parameter, value: Any) -> Decimal | None:
    """A number that is higher the better the value is."""
    if parameter.better is Better.FIRST:
        codes = [choice.code for choice in parameter.choices]
        return Decimal(-codes.index(value)) if value in codes else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(str(value))
    return -number if parameter.better is Better.LOWER else number
