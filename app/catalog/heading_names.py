"""What the headings of other people's lists mean: fields of the catalogue, parameters, units, makes.

The names are `resources/reference/heading_names.json`; every code and both names of the dictionary are known besides,
and an export of ours names the code itself in square brackets.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.catalog.makes import MAKES
from app.catalog.rules import specification_dictionary
from app.catalog.units import Unit, find_unit, units
from app.runtime.resources import load_json

_CODE = re.compile(r"\[([a-z0-9_.]{1,80})\]\s*$")
OF_PARAMETERS = "parameters."
"""Before the code of a parameter where a field of the catalogue has the same, and in lists of objects."""
_BRACKETS = re.compile(r"[(（]([^()（）]+)[)）]\s*$")
_NOT_WORDS = re.compile(r"[\s_.·•:：,，、/*-]+")
_GROUP = " · "


@dataclass(frozen=True, slots=True)
class HeadingMeaning:
    """`key` is a field of the catalogue or the code of a parameter; `unit` the code of the unit the heading names."""

    key: str
    unit: str = ""
    is_field: bool = False


def meaning_of(heading: str) -> HeadingMeaning | None:
    """What a heading stands for; None for one nobody knows."""
    coded = _CODE.search(heading)
    unit = unit_in(_CODE.sub("", heading))
    code = coded.group(1) if coded else heading if heading.startswith(OF_PARAMETERS) else ""
    if code.startswith(OF_PARAMETERS) and code.removeprefix(OF_PARAMETERS) in specification_dictionary().parameters:
        return HeadingMeaning(code.removeprefix(OF_PARAMETERS), unit)
    if code in _codes():
        return HeadingMeaning(code, unit, code in _raw()["fields"])
    group, _, name = heading.rpartition(_GROUP)
    found = _look_up(name)
    if found is not None and found.key.startswith("engine_") and "电" in group:
        motor = found.key.replace("engine_", "motor_")
        found = HeadingMeaning(motor, found.unit) if motor in _codes() else found
    if found is None:
        return None
    return HeadingMeaning(found.key, unit or found.unit, found.is_field)


def is_coded(heading: str) -> bool:
    """Whether a heading names its code, as in an export of ours: nothing is left to be guessed."""
    return bool(_CODE.search(heading)) or heading.startswith(OF_PARAMETERS) or heading in _raw()["fields"]


def code_of_heading(heading: str) -> str:
    """The field or parameter a heading stands for, empty for an unknown one."""
    found = meaning_of(heading)
    return found.key if found else ""


def is_known_heading(text: str) -> bool:
    """Whether a text is the heading of something the catalogue knows."""
    return bool(text) and len(text) <= 80 and meaning_of(text) is not None


def unit_in(heading: str) -> str:
    """The code of the unit in brackets at the end of a heading, empty without a known one."""
    plain = _CODE.sub("", heading)
    found = _BRACKETS.search(plain)
    unit = unit_named(found.group(1)) if found else None
    return unit.code if unit else ""


def unit_named(text: str) -> Unit | None:
    """The unit with this code, symbol or usual name."""
    wanted = text.strip()
    if not wanted or len(wanted) > 24:
        return None
    return find_unit(wanted) or _units().get(_unit_key(wanted))


def make_behind(text: str) -> str:
    """The English name of the make a word stands for, empty for none."""
    return _makes().get(text.strip().casefold(), "")


def make_at_start(name: str) -> tuple[str, str]:
    """The make a full name begins with, in full, and the rest; the first word where the make is unknown."""
    words = name.split()
    for count in (3, 2, 1):
        known = make_behind(" ".join(words[:count])) if len(words) >= count else ""
        if known:
            return known, " ".join(words[count:])
    return (words[0] if words else "", " ".join(words[1:]))


def ranked_names(field: str) -> tuple[str, ...]:
    """The names of a field, the surest first, as they are compared."""
    return tuple(_folded(name) for name in _raw()["fields"][field])


def _look_up(name: str) -> HeadingMeaning | None:
    for folded in _foldings(name):
        found = _known().get(folded)
        if found is not None:
            return found
    return None


def _foldings(text: str) -> Iterable[str]:
    """The heading as a whole, then without remarks in brackets."""
    yield _folded(text)
    plain = unicodedata.normalize("NFKC", text)
    yield _folded(re.sub(r"[(\[].*?[)\]]", "", plain))


def _folded(text: str) -> str:
    return _NOT_WORDS.sub("", re.sub(r"[()\[\]]", "", unicodedata.normalize("NFKC", text).casefold()))


def _unit_key(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace(" ", "")


@lru_cache(maxsize=1)
def choice_names() -> Mapping[str, Mapping[str, str]]:
    """Per parameter: the code of a choice by what makers call it, case aside."""
    return {
        parameter: {name.casefold(): code for code, names in choices.items() for name in names}
        for parameter, choices in _raw()["choices"].items()
    }


def said_instead(code: str, text: str) -> Mapping[str, str]:
    """What a word in the column of a parameter says of other parameters: "rotary" among the numbers of cylinders."""
    found: Mapping[str, str] = _raw()["instead"].get(code, {}).get(text.strip().casefold(), {})
    return found


def said_besides(field: str, text: str) -> Mapping[str, str]:
    """What a word in the column of a field says of parameters as well: "CNG" as energy also says the fuel."""
    found: Mapping[str, str] = _raw()["besides"].get(field, {}).get(_folded(text), {})
    return found


@lru_cache(maxsize=1)
def energy_names() -> Mapping[str, str]:
    """The code of an energy by what makers call it, folded."""
    return {_folded(name): code for code, names in _raw()["energies"].items() for name in names}


def folded(text: str) -> str:
    """A text as names are compared: width, case, blanks and brackets aside."""
    return _folded(text)


def likely_units(code: str) -> tuple[str, ...]:
    """The units a list may give a parameter in, the dictionary's own first."""
    named = _raw()["candidates"].get(code)
    own = specification_dictionary().parameters[code].unit
    return tuple(named or _LIKELY.get(own, (own,) if own else ()))


_LIKELY: Mapping[str, tuple[str, ...]] = {
    "mm": ("mm", "cm", "m", "in"), "m": ("m", "ft"), "km": ("km", "mi"), "kg": ("kg", "lb", "t"),
    "L": ("L", "mL", "ft3", "gal"), "kW": ("kW", "W", "PS", "hp"), "km/h": ("km/h", "mph"), "Nm": ("Nm", "lbft"),
    "L/100km": ("L/100km", "mpg", "km/L"), "h": ("h", "min"), "kWh/100km": ("kWh/100km", "Wh/km"),
    "W": ("W", "kW"), "in": ("in", "cm"),
}  # fmt: skip
IMPERIAL: frozenset[str] = frozenset({"in", "ft", "lb", "gal", "ft3", "in3", "mi", "mph", "mpg", "lbft"})


@lru_cache(maxsize=1)
def _raw() -> Mapping[str, Any]:
    raw: Mapping[str, Any] = load_json("reference/heading_names.json")
    return raw


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(specification_dictionary().parameters) | frozenset(_raw()["fields"])


@lru_cache(maxsize=1)
def _known() -> dict[str, HeadingMeaning]:
    """Every name by its folded form. Fields win over parameters, names of the dictionary over usual ones."""
    found: dict[str, HeadingMeaning] = {}
    for field, names in _raw()["fields"].items():
        for name in (field, *names):
            found.setdefault(_folded(name), HeadingMeaning(field, is_field=True))
    for code, parameter in specification_dictionary().parameters.items():
        for name in (code, parameter.name.zh, parameter.name.en):
            found.setdefault(_folded(name), HeadingMeaning(code))
    for code, names in _raw()["parameters"].items():
        if code not in _codes():
            continue
        for named in names:
            name, unit = (named, "") if isinstance(named, str) else named
            found.setdefault(_folded(name), HeadingMeaning(code, unit))
    found.pop("", None)
    return found


@lru_cache(maxsize=1)
def _units() -> dict[str, Unit]:
    table = units()
    return {_unit_key(name): table[code] for code, names in _raw()["units"].items() if code in table for name in names}


@lru_cache(maxsize=1)
def _makes() -> dict[str, str]:
    known = {name.casefold(): make.en for make in MAKES for name in (make.en, make.zh)}
    return {**known, **_raw()["makes"]}
