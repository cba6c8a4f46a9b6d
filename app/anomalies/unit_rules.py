"""Checks of units against their trim, and of their own figures against each other."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.anomalies.findings import UNIT, Finding, Rule, Severity
from app.catalog.energies import Energy
from app.catalog.vin import check_digit, is_vin, year_candidates
from app.kernel.labels import Bilingual, Note, note
from app.runtime.language import tr_noop

FAR = Decimal("0.30")
"""How far a list price may be from the guide price."""
COST_ABOVE = Decimal("1.10")
"""A vehicle that cost more than its list price times this is asked about."""
NO_COLOUR = frozenset({"", "-", "?", "未知", "不详", "unknown", "n/a", "tbd", "待定"})


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFacts:
    """A unit as the checks see it, with what its trim says."""

    id: str
    name: Bilingual
    vin: str
    model_year: int
    energy: str
    trim_energy: str
    guide_price: Decimal
    cost: Decimal
    list_price: Decimal
    floor_price: Decimal
    exterior_colour: str
    engine_number: str
    manufactured_on: date | None
    arrived_on: date
    in_stock: bool

    def finding(self, rule: Rule, severity: Severity, said: Note, *, about: str = "", **values: Any) -> Finding:
        """A finding about this unit."""
        return Finding(
            rule=rule, severity=severity, subject_table=UNIT, subject_id=self.id, name=self.name, note=said,
            about=about, values=values,
        )  # fmt: skip


def check_unit(unit: UnitFacts, *, today: date) -> Iterator[Finding]:
    """All that is wrong with a unit."""
    yield from _check_vin(unit, today)
    yield from _check_prices(unit)
    yield from _check_words(unit)
    yield from _check_dates(unit)


def _check_vin(unit: UnitFacts, today: date) -> Iterator[Finding]:
    """Place 10 says the model year; only believed of a VIN whose check digit is right. Cars of a coming model year
    are built before it begins, so one year off is usual."""
    if not is_vin(unit.vin) or check_digit(unit.vin) != unit.vin[8]:
        return
    years = [candidate.year for candidate in year_candidates(unit.vin, today=today)]
    if years and min(abs(year - unit.model_year) for year in years) > 1:
        nearest = min(years, key=lambda year: abs(year - unit.model_year))
        text = tr_noop("The VIN says model year {year}, the trim is of {trim_year}")
        said = note(text, year=nearest, trim_year=unit.model_year)
        yield unit.finding(Rule.VIN_YEAR, Severity.IMPLAUSIBLE, said, vin=unit.vin, model_year=unit.model_year)


def _check_prices(unit: UnitFacts) -> Iterator[Finding]:
    if unit.guide_price and unit.list_price:
        off = unit.list_price / unit.guide_price - 1
        if abs(off) > FAR:
            above = tr_noop("List price {percent} above the guide price of {guide} yuan")
            below = tr_noop("List price {percent} below the guide price of {guide} yuan")
            percent, guide = f"{abs(off) * 100:.0f} %", f"{unit.guide_price:,.0f}"
            said = note(above if off > 0 else below, percent=percent, guide=guide)
            yield unit.finding(
                Rule.LIST_PRICE, Severity.LOOK, said, list_price=unit.list_price, guide_price=unit.guide_price
            )
    if unit.list_price and unit.floor_price > unit.list_price:
        text = tr_noop("The floor price ({floor}) is above the list price ({list})")
        said = note(text, floor=f"{unit.floor_price:,.2f}", list=f"{unit.list_price:,.2f}")
        yield unit.finding(Rule.PRICE_ORDER, Severity.IMPOSSIBLE, said, about="floor", floor_price=unit.floor_price,
                           list_price=unit.list_price)  # fmt: skip
    if unit.list_price and unit.cost > unit.list_price * COST_ABOVE:
        said = note(tr_noop("The vehicle cost more than its list price of {list} yuan"), list=f"{unit.list_price:,.2f}")
        yield unit.finding(Rule.PRICE_ORDER, Severity.LOOK, said, about="cost", cost=unit.cost,
                           list_price=unit.list_price)  # fmt: skip


def _check_words(unit: UnitFacts) -> Iterator[Finding]:
    if unit.energy != unit.trim_energy:
        text = tr_noop("The vehicle is entered as {energy}, its trim is {trim_energy}")
        said = note(text, energy=Energy(unit.energy).label, trim_energy=Energy(unit.trim_energy).label)
        yield unit.finding(Rule.UNIT_ENERGY, Severity.IMPOSSIBLE, said, energy=unit.energy, trim=unit.trim_energy)
    if unit.exterior_colour.strip().casefold() in NO_COLOUR:
        said = note(tr_noop("No exterior colour is entered"))
        yield unit.finding(Rule.COLOUR, Severity.LOOK, said, exterior_colour=unit.exterior_colour)
    if unit.in_stock and not unit.engine_number.strip():
        said = note(tr_noop("In stock, but no engine or motor number is entered; registration needs it"))
        yield unit.finding(Rule.ENGINE_NUMBER, Severity.LOOK, said, engine_number=unit.engine_number)


def _check_dates(unit: UnitFacts) -> Iterator[Finding]:
    made = unit.manufactured_on
    if made is None:
        return
    if made > unit.arrived_on:
        text = tr_noop("Manufactured on {made}, yet arrived on {arrived}")
        said = note(text, made=made.isoformat(), arrived=unit.arrived_on.isoformat())
        yield unit.finding(Rule.DATES, Severity.IMPOSSIBLE, said, about="arrived", made=made, arrived=unit.arrived_on)
    elif not unit.model_year - 2 <= made.year <= unit.model_year + 2:
        text = tr_noop("Manufactured on {made}, yet of model year {year}")
        said = note(text, made=made.isoformat(), year=unit.model_year)
        yield unit.finding(Rule.DATES, Severity.LOOK, said, about="year", made=made, year=unit.model_year)
