"""Units of measure: what is entered or imported in one unit is kept in the dictionary's own.

The table of units is reference data; pint knows what they mean. Its import and registry cost half a second, so it is
asked once for each pair of units and only when a conversion is really needed.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app.catalog.errors import UnitsDoNotMatch, UnitUnknown
from app.kernel.labels import Bilingual
from app.kernel.reference_data import bundled_reference, find_effective

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: `code` is stored, `symbol` shown, `expression` understood by pint."""

    code: str
    symbol: Bilingual
    expression: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """value × factor, or factor ÷ value where one unit is the other way up (miles per gallon, litres per 100 km)."""

    factor: Decimal
    inverse: bool

    def of(self, value: Decimal) -> Decimal:
        """The converted value; raises ZeroDivisionError for zero the other way up."""
        return self.factor / value if self.inverse else value * self.factor


@lru_cache(maxsize=1)
def units() -> "Mapping[str, Unit]":
    """Every unit in the table, by code."""
    row = find_effective(bundled_reference().rows("units"), date.max)
    listed = row.values["units"] if row else []
    return MappingProxyType(
        {u["code"]: Unit(u["code"], Bilingual(u["symbol"]["zh"], u["symbol"]["en"]), u["expression"]) for u in listed}
    )


def find_unit(text: str) -> Unit | None:
    """The unit with this code or symbol, case aside where that is no contradiction."""
    wanted = text.strip()
    known = units()
    if wanted in known:
        return known[wanted]
    folded = wanted.casefold().replace(" ", "")
    for unit in known.values():
        names = (unit.code, unit.symbol.zh, unit.symbol.en)
        if any(name.casefold().replace(" ", "") == folded for name in names):
            return unit
    return None


def unit_of(text: str, *, field: str | None = None) -> Unit:
    """The unit with this code or symbol; raises UnitUnknown."""
    unit = find_unit(text)
    if unit is None:
        raise UnitUnknown(field=field, unit=text[:20])
    return unit


@lru_cache(maxsize=1)
def _registry() -> Any:
    from pint import UnitRegistry

    return UnitRegistry(non_int_type=Decimal)


@lru_cache(maxsize=256)
def conversion(found: str, wanted: str) -> Conversion:
    """How to get from one unit to another, by code. Raises UnitUnknown or UnitsDoNotMatch."""
    source, target = unit_of(found), unit_of(wanted)
    if source == target:
        return Conversion(Decimal(1), inverse=False)
    registry = _registry()
    with localcontext(prec=40):
        one, goal = registry.parse_expression(source.expression), registry.parse_expression(target.expression)
        if one.dimensionality == goal.dimensionality:
            return Conversion(_factor(one / goal), inverse=False)
        if one.dimensionality == (1 / goal).dimensionality:
            return Conversion(_factor(1 / (one * goal)), inverse=True)
    raise UnitsDoNotMatch(found=str(source.symbol), wanted=str(target.symbol))


def _factor(ratio: Any) -> Decimal:
    return Decimal(ratio.to_base_units().magnitude)


def convert(value: Decimal, found: str, wanted: str) -> Decimal:
    """A value in another unit, unrounded; raises UnitUnknown, UnitsDoNotMatch, or ZeroDivisionError (0 mpg)."""
    return conversion(found, wanted).of(value)
