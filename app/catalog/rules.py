"""What a specification value may be: typed, in range, in the dictionary's own unit.

The dictionary is `resources/reference/specification_dictionary.json`. Values are stored as JSON: numbers, codes of
choices, texts, booleans, ranges as `[from, to]`.
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
from app.catalog.units import carrier_of, convert, unit_of, units
from app.kernel.labels import UNNAMED, Bilingual, Listing
from app.runtime.resources import load_json

Value = Decimal | int | str | bool | tuple[Decimal, Decimal]
Stored = int | float | str | bool | list[int | float]

_NUMBER = re.compile(r"(?P<number>[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?)\s*(?P<unit>[^\d\s.,+-].*)?", re.DOTALL)
_RANGE = re.compile(
    r"(?P<low>[-+]?[\d.,]*\d)\s*(?P<unit>[^\d\s.,+~–—至-][^\d~–—至-]*)?\s*(?:-|–|—|~|至|to)\s*(?P<high>.+)", re.DOTALL
)
_LONGEST_NUMBER = 40
_TRUE = frozenset({"true", "yes", "y", "1", "是", "有", "√", "●"})
_FALSE = frozenset({"false", "no", "n", "0", "否", "无", "×", "-", "—"})
_YES_NO = {True: Bilingual("是", "Yes"), False: Bilingual("否", "No")}


class ParameterType(StrEnum):
    """How a value is entered and compared."""

    NUMBER = "number"
    RANGE = "range"
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
    many decimals are kept; `core` are those that are shown first."""

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
    core: bool = False

    @classmethod
    def from_json(cls, raw: Mapping[str, Any], lists: Mapping[str, Any]) -> Self:
        """An entry as it stands in the file; `lists` are the choices that several share, by name.

        Raises KeyError or ValueError where it is malformed.
        """
        choices = raw.get("choices", ())
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
            choices=tuple(Choice(choice["code"], _named(choice)) for choice in _listed(choices, lists)),
            limit=raw.get("limit", 80),
            core=raw.get("core", False),
        )

    @property
    def unit_symbol(self) -> Bilingual:
        """How the unit is shown; empty without one."""
        return units()[self.unit].symbol if self.unit else UNNAMED

    @property
    def dimension(self) -> str:
        """What the unit measures, such as "length" or "power"; empty without a unit."""
        return units()[self.unit].dimension if self.unit else ""

    @property
    def is_number(self) -> bool:
        """Whether one number is kept, which can be filtered, drawn and averaged."""
        return self.type in (ParameterType.NUMBER, ParameterType.INTEGER)


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

    def of_group(self, group: str) -> tuple[Parameter, ...]:
        """The parameters of a group, in order."""
        return tuple(parameter for parameter in self.parameters.values() if parameter.group == group)

    def core(self) -> tuple[Parameter, ...]:
        """The parameters that are shown first."""
        return tuple(parameter for parameter in self.parameters.values() if parameter.core)


def _listed(choices: Any, lists: Mapping[str, Any]) -> Any:
    return lists[choices] if isinstance(choices, str) else choices


def _named(raw: Mapping[str, Any]) -> Bilingual:
    return Bilingual(raw["name"]["zh"], raw["name"]["en"])


@lru_cache(maxsize=1)
def specification_dictionary() -> SpecificationDictionary:
    """The dictionary as delivered; read once."""
    raw = load_json("reference/specification_dictionary.json")
    lists = raw["choice_lists"]
    return SpecificationDictionary(
        raw["version"],
        MappingProxyType({group["code"]: _named(group) for group in raw["groups"]}),
        MappingProxyType({entry["code"]: Parameter.from_json(entry, lists) for entry in raw["parameters"]}),
    )


def check_value(
    parameter: Parameter, raw: object, *, unit: str = "", field: str | None = None, energy: str = ""
) -> Value:
    """A raw value (text, number, boolean, pair) as the parameter keeps it; numbers in its own unit, rounded half up.

    `unit` is the unit of a number that names none itself; `energy` is the kind of drive, without which fuel and
    electricity cannot be converted. Raises SpecificationNotNumber, SpecificationOutOfRange,
    SpecificationChoiceUnknown, SpecificationTextTooLong, UnitUnknown or UnitsDoNotMatch for the field.
    """
    if parameter.is_number:
        return _number(parameter, raw, unit=unit, field=field, energy=energy)
    if parameter.type is ParameterType.RANGE:
        return _range(parameter, raw, unit=unit, field=field, energy=energy)
    text = unicodedata.normalize("NFKC", str(raw)[: 4 * parameter.limit]).strip()
    if parameter.type is ParameterType.CHOICE:
        return _choice(parameter, text, field)
    if parameter.type is ParameterType.BOOLEAN:
        return _boolean(parameter, text, field)
    if len(str(raw).strip()) > parameter.limit:
        length = len(str(raw).strip())
        raise SpecificationTextTooLong(field=field, parameter=parameter.name, limit=parameter.limit, length=length)
    return text


def _range(
    parameter: Parameter, raw: object, *, unit: str, field: str | None, energy: str
) -> tuple[Decimal, Decimal]:
    """Two numbers in ascending order; one number stands for both. "10-15 km", "10 km to 15 km", [10, 15]."""
    low, high = _ends(raw)
    if low is None:
        only = Decimal(_number(parameter, high, unit=unit, field=field, energy=energy))
        return only, only
    shared = _NUMBER.fullmatch(unicodedata.normalize("NFKC", str(high)[: _LONGEST_NUMBER + 1]).strip())
    named = (shared["unit"] or unit) if shared is not None else unit
    ends = (
        Decimal(_number(parameter, low, unit=named, field=field, energy=energy)),
        Decimal(_number(parameter, high, unit=named, field=field, energy=energy)),
    )
    return min(ends), max(ends)


def _ends(raw: object) -> tuple[object | None, object]:
    if isinstance(raw, list | tuple) and len(raw) == 2:
        return raw[0], raw[1]
    text = unicodedata.normalize("NFKC", str(raw)[: 2 * _LONGEST_NUMBER + 1]).strip()
    match = _RANGE.fullmatch(text)
    if match is None:
        return None, raw
    return f"{match['low']} {match['unit'] or ''}".strip(), match["high"]


def _number(parameter: Parameter, raw: object, *, unit: str, field: str | None, energy: str) -> Decimal | int:
    text = unicodedata.normalize("NFKC", str(raw)[: _LONGEST_NUMBER + 1]).strip()
    match = _NUMBER.fullmatch(text)
    if len(text) > _LONGEST_NUMBER or match is None or not match["number"].strip("+-"):
        raise SpecificationNotNumber(field=field, parameter=parameter.name, value=text[:_LONGEST_NUMBER])
    number = Decimal(match["number"].replace(",", ""))
    found = (match["unit"] or unit).strip()
    if found and parameter.unit:
        carrier = carrier_of(energy)
        try:
            number = convert(
                number, unit_of(found, field=field).code, parameter.unit, carrier=carrier.code if carrier else ""
            )
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
    if parameter.type is not ParameterType.INTEGER:
        return rounded
    if rounded != number:
        raise SpecificationNotNumber(field=field, parameter=parameter.name, value=f"{number:f}")
    return int(rounded)


def _choice(parameter: Parameter, text: str, field: str | None) -> str:
    folded = text.casefold()
    for choice in parameter.choices:
        if folded in (choice.code.casefold(), _folded(choice.name.zh), _folded(choice.name.en)):
            return choice.code
    names = Listing(choice.name for choice in parameter.choices)
    raise SpecificationChoiceUnknown(field=field, parameter=parameter.name, value=text[:40], choices=names)


def _folded(name: str) -> str:
    """A name as what is typed is compared with it: full-width signs and case aside."""
    return unicodedata.normalize("NFKC", name).casefold()


def _boolean(parameter: Parameter, text: str, field: str | None) -> bool:
    folded = text.casefold()
    if folded in _TRUE or folded in _FALSE:
        return folded in _TRUE
    names = Listing((_YES_NO[True], _YES_NO[False]))
    raise SpecificationChoiceUnknown(field=field, parameter=parameter.name, value=text[:40], choices=names)


def stored_value(value: Value) -> Stored:
    """The JSON form of a checked value: whole numbers as int, others as float, ranges as a list of the two."""
    if isinstance(value, tuple):
        return [_plain(end) for end in value]
    return _plain(value) if isinstance(value, Decimal) else value


def _plain(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def check_parameters(raw: Mapping[str, object], *, energy: str = "") -> dict[str, Stored]:
    """All values of a trim in stored form, empty ones left out; errors name the field `parameters.<code>`."""
    return {code: value for code, value in check_own_parameters(raw, energy=energy).items() if value is not None}


def check_own_parameters(raw: Mapping[str, object], *, energy: str = "") -> dict[str, Stored | None]:
    """The own values of one level in stored form; None, which takes an inherited value away, stays, "" is left out."""
    dictionary = specification_dictionary()
    checked: dict[str, Stored | None] = {}
    for code, value in raw.items():
        field = f"parameters.{code}"
        parameter = dictionary.parameter(code, field=field)
        if value is None:
            checked[code] = None
        elif str(value).strip():
            checked[code] = stored_value(check_value(parameter, value, field=field, energy=energy))
    return checked


def value_text(parameter: Parameter, stored: object) -> Bilingual:
    """A stored value as people read it, with its unit; one that no longer fits the dictionary is shown as it is."""
    if parameter.type is ParameterType.CHOICE:
        names = [choice.name for choice in parameter.choices if choice.code == stored]
        return names[0] if names else Bilingual(str(stored), str(stored))
    if isinstance(stored, bool):
        return _YES_NO[stored]
    shown = _range_text(stored) if isinstance(stored, list) else _shown(stored)
    symbol = parameter.unit_symbol
    return Bilingual(f"{shown} {symbol.zh}".strip(), f"{shown} {symbol.en}".strip())


def _shown(stored: object) -> str:
    return f"{stored:,}" if isinstance(stored, int) else str(stored)


def _range_text(ends: Sequence[object]) -> str:
    """Both ends of a range, once where they are equal."""
    texts = list(dict.fromkeys(_shown(end) for end in ends))
    return "–".join(texts)


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
    """A number that is higher the better the value is; of a range its middle counts."""
    if isinstance(value, list):
        value = sum(Decimal(str(end)) for end in value) / len(value) if value else None
    if parameter.better is Better.FIRST:
        codes = [choice.code for choice in parameter.choices]
        return Decimal(-codes.index(value)) if value in codes else None
    if isinstance(value, bool):
        return Decimal(value) if parameter.type is ParameterType.BOOLEAN else None
    if not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(str(value))
    return -number if parameter.better is Better.LOWER else number
