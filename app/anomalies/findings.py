"""What a check says about one trim or one unit."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.catalog.rules import specification_dictionary, value_text
from app.kernel.labels import Bilingual, Labelled, Note
from app.runtime.language import tr_noop
from db.types import dump_json

TRIM, UNIT = "trim", "vehicle_unit"


class Severity(Labelled):
    """How sure it is that something is wrong."""

    IMPOSSIBLE = "impossible", tr_noop("Cannot be")
    IMPLAUSIBLE = "implausible", tr_noop("Implausible")
    LOOK = "look", tr_noop("Worth a look")


SEVERITIES = tuple(Severity)


class Rule(Labelled):
    """The checks by name; the codes stand in dismissals."""

    OUT_OF_RANGE = "out_of_range", tr_noop("Outside the possible range")
    UNUSUAL = "unusual", tr_noop("Unusual among its like")
    UNIT_MIXED = "unit_mixed", tr_noop("Unit of measure mixed up")
    COLUMN_UNIT = "column_unit", tr_noop("Unit of a column differs")
    PRICE_LINE = "price_line", tr_noop("Price out of line with the configuration")
    PRICE_MISSING = "price_missing", tr_noop("Price missing or implausible")
    LENGTH_WHEELBASE = "length_wheelbase", tr_noop("Length and wheelbase")
    PROPORTIONS = "proportions", tr_noop("Width and height")
    WEIGHTS = "weights", tr_noop("Curb and gross weight")
    ACCELERATION = "acceleration", tr_noop("Power, weight and acceleration")
    TOP_SPEED = "top_speed", tr_noop("Power and top speed")
    BATTERY_RANGE = "battery_range", tr_noop("Battery, consumption and range")
    CONSUMPTION = "consumption", tr_noop("City, highway and combined consumption")
    CO2 = "co2", tr_noop("CO₂ and consumption")
    POWER_PER_LITRE = "power_per_litre", tr_noop("Power and displacement")
    CYLINDER_SIZE = "cylinder_size", tr_noop("Displacement and cylinders")
    MOTORS = "motors", tr_noop("Motors and their total")
    CHARGING = "charging", tr_noop("Charging time, power and battery")
    ENERGY = "energy", tr_noop("Energy and equipment")
    ENERGY_YEAR = "energy_year", tr_noop("Energy and model year")
    SEATS = "seats", tr_noop("Seats")
    SEATS_BODY = "seats_body", tr_noop("Seats and body")
    VIN_YEAR = "vin_year", tr_noop("Model year in the VIN")
    UNIT_ENERGY = "unit_energy", tr_noop("Energy of vehicle and trim")
    LIST_PRICE = "list_price", tr_noop("List price and guide price")
    PRICE_ORDER = "price_order", tr_noop("Cost, floor and list price")
    COLOUR = "colour", tr_noop("Colour unknown")
    ENGINE_NUMBER = "engine_number", tr_noop("Engine number missing")
    DATES = "dates", tr_noop("Dates of a vehicle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing worth looking at. `about` tells findings of one rule about one subject apart (a parameter's code);
    `values` are what it was found in: while they stay the same, a dismissal counts."""

    rule: Rule
    severity: Severity
    subject_table: str
    subject_id: str
    name: Bilingual
    note: Note
    about: str = ""
    details: tuple[object, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Rule and what it is about, as a dismissal keeps it."""
        return f"{self.rule.value}:{self.about}" if self.about else self.rule.value

    @property
    def id(self) -> str:
        """Distinguishes findings."""
        return f"{self.subject_id}:{self.key}"

    @property
    def fingerprint(self) -> str:
        """Of the values it was found in."""
        return hashlib.sha256(dump_json({name: str(value) for name, value in self.values.items()}).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimFacts:
    """A trim as the checks see it: what holds for it in full, inherited values too."""

    id: str
    name: Bilingual
    make: Bilingual
    series_id: str
    year: int
    energy: str
    seats: int
    guide_price: Decimal
    parameters: Mapping[str, Any]

    def number(self, code: str) -> float | None:
        """A numeric parameter, None where it is not known."""
        value = self.parameters.get(code)
        return None if isinstance(value, bool) or not isinstance(value, int | float) else float(value)

    def numbers(self, *codes: str) -> tuple[float, ...] | None:
        """Several numeric parameters above zero, None unless all are known."""
        found = [value for value in (self.number(code) for code in codes) if value is not None and value > 0]
        return tuple(found) if len(found) == len(codes) else None

    def finding(
        self, rule: Rule, severity: Severity, note: Note, *, codes: Sequence[str] = (), about: str = "",
        details: Sequence[object] = (), **more: Any,
    ) -> Finding:  # fmt: skip
        """A finding about this trim; `codes` are the parameters it was found in."""
        values = {code: self.parameters.get(code) for code in codes} | more
        return Finding(
            rule=rule, severity=severity, subject_table=TRIM, subject_id=self.id, name=self.name, note=note,
            about=about, details=tuple(details), values=values,
        )  # fmt: skip


def shown(code: str, value: Any) -> Bilingual:
    """A value of a parameter with its unit."""
    parameter = specification_dictionary().parameters.get(code)
    if isinstance(value, float) and value == int(value):
        value = int(value)
    return value_text(parameter, value) if parameter else Bilingual(str(value), str(value))


def label(code: str) -> Bilingual:
    """What a parameter is called."""
    parameter = specification_dictionary().parameters.get(code)
    return parameter.name if parameter else Bilingual(code, code)
