"""Units of measure: what is entered or imported in one unit is kept in the dictionary's own.

The table of units is reference data; pint knows what they mean. Its import and registry cost half a second, so it is
asked once for each pair of units and only when a conversion is really needed.

Fuel and electricity are only comparable through the energy that a litre or a kilogram of the fuel holds; that is
reference data too (`energy_content`), and a conversion names the energy carrier it counts with.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from functools import lru_cache
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app.catalog.errors import UnitsDoNotMatch, UnitUnknown
from app.kernel.labels import Bilingual
from app.kernel.reference_data import bundled_reference, find_effective

if TYPE_CHECKING:
    from collections.abc import Mapping

_CONTENT_UNITS = {"MJ/L": "megajoule / litre", "MJ/kg": "megajoule / kilogram"}
_TURNED = {"fuel_consumption": "fuel_economy", "fuel_economy": "fuel_consumption"}
"""Dimensions of which one is the other upside down. Units are of one dimension by name: to pint, torque is energy."""
_asking = Lock()
"""Two threads may not ask pint at the same time: its registry learns while it answers."""
_FUEL_UNITS = {"MJ/L": "litre", "MJ/kg": "kilogram"}


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: `code` is stored, `symbol` shown, `expression` understood by pint; units of one `dimension`, such as
    "power", can be converted into each other. `also` are those in which people like to hear a value besides."""

    code: str
    symbol: Bilingual
    expression: str
    dimension: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EnergyCarrier:
    """A fuel and what it holds: `content` in `unit`, "MJ/L" or "MJ/kg", with the source of the figure."""

    code: str
    name: Bilingual
    content: Decimal
    unit: str
    source: Bilingual
    energies: frozenset[str]
    """The kinds of drive (`Energy`) that burn it."""


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
        {
            u["code"]: Unit(
                u["code"], Bilingual(u["symbol"]["zh"], u["symbol"]["en"]), u["expression"], u["dimension"],
                tuple(u.get("also", ())),
            )
            for u in listed
        }
    )


@lru_cache(maxsize=1)
def energy_carriers() -> "Mapping[str, EnergyCarrier]":
    """The fuels whose energy content is on file, by code."""
    row = find_effective(bundled_reference().rows("energy_content"), date.max)
    if row is None:
        return MappingProxyType({})
    return MappingProxyType(
        {
            raw["code"]: EnergyCarrier(
                raw["code"], Bilingual(raw["name"]["zh"], raw["name"]["en"]), Decimal(raw["content"]), raw["unit"],
                row.citation(), frozenset(raw["energies"]),
            )
            for raw in row.values["carriers"]
        }
    )  # fmt: skip


def carrier_of(energy: str) -> EnergyCarrier | None:
    """What a drive of this kind (`Energy`) burns; None for one that burns nothing, such as a battery's."""
    return next((carrier for carrier in energy_carriers().values() if energy in carrier.energies), None)


def units_like(code: str) -> tuple[Unit, ...]:
    """The units a value in this one can be entered in, itself first."""
    own = unit_of(code)
    alike = (own.dimension, _TURNED.get(own.dimension))
    same = [unit for unit in units().values() if unit.dimension in alike and unit != own]
    return (own, *same)


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
def conversion(found: str, wanted: str, *, carrier: str = "") -> Conversion:
    """How to get from one unit to another, by code.

    `carrier` names the fuel (`energy_carriers`) through which L/100 km and kWh/100 km are compared. Raises UnitUnknown,
    or UnitsDoNotMatch for what no fuel, or none that was named, connects.
    """
    source, target = unit_of(found), unit_of(wanted)
    if source == target:
        return Conversion(Decimal(1), inverse=False)
    with _asking, localcontext(prec=40):
        registry = _registry()
        one, goal = registry.parse_expression(source.expression), registry.parse_expression(target.expression)
        if source.dimension == target.dimension:
            return Conversion(_factor(one / goal), inverse=False)
        if _TURNED.get(source.dimension) == target.dimension:
            return Conversion(_factor(1 / (one * goal)), inverse=True)
        through = _through_fuel(one, goal, carrier)
        if through is not None:
            return through
    raise UnitsDoNotMatch(found=str(source.symbol), wanted=str(target.symbol))


def _through_fuel(one: Any, goal: Any, carrier: str) -> Conversion | None:
    """The conversion between fuel and energy per distance, either of which may stand the other way up (mpg)."""
    known = energy_carriers().get(carrier)
    if known is None:
        return None
    registry = _registry()
    context = _fuel_context(known)
    for turned in (False, True):
        start = 1 / one if turned else one
        for end, upside_down in ((goal, False), (1 / goal, True)):
            if not _connects(context, start, end):
                continue
            magnitude = start.to(registry.Unit(end.units), context).magnitude / end.magnitude
            inverse = turned != upside_down
            return Conversion(1 / magnitude if upside_down else magnitude, inverse=inverse)
    return None


@lru_cache(maxsize=8)
def _fuel_context(carrier: EnergyCarrier) -> Any:
    """Pint's context of one fuel: fuel per distance to energy per distance and back."""
    from pint import Context

    registry = _registry()
    content = registry.Quantity(carrier.content, registry.parse_units(_CONTENT_UNITS[carrier.unit]))
    fuel = (registry.parse_units(_FUEL_UNITS[carrier.unit]) / registry.kilometre).dimensionality
    energy = (registry.joule / registry.kilometre).dimensionality
    context = Context(carrier.code)

    def burnt(ureg: Any, value: Any, **_kwargs: Any) -> Any:
        return value * content

    def filled(ureg: Any, value: Any, **_kwargs: Any) -> Any:
        return value / content

    context.add_transformation(fuel, energy, burnt)
    context.add_transformation(energy, fuel, filled)
    return context


def _connects(context: Any, start: Any, end: Any) -> bool:
    return (start.dimensionality, end.dimensionality) in context.funcs


def _factor(ratio: Any) -> Decimal:
    return Decimal(ratio.to_base_units().magnitude)


def convert(value: Decimal, found: str, wanted: str, *, carrier: str = "") -> Decimal:
    """A value in another unit, unrounded; raises UnitUnknown, UnitsDoNotMatch, or ZeroDivisionError (0 mpg)."""
    return conversion(found, wanted, carrier=carrier).of(value)
