"""What a comparison knows of a car, what it takes for granted, and the costs it finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from app.catalog.energies import NEW_ENERGY, Energy
from app.kernel.labels import UNNAMED, Bilingual, Labelled, Note, note
from app.kernel.money import ZERO, add_up, cents
from app.kernel.reference_data import ReferenceRow, ReferenceStatus
from app.runtime.language import tr_noop

PLUGS = frozenset({Energy.PLUG_IN_HYBRID, Energy.RANGE_EXTENDED})


class Carrier(Labelled):
    """What a car takes its energy from, by what it needs of it on 100 km."""

    FUEL = "fuel", tr_noop("Fuel consumption")
    POWER = "power", tr_noop("Electricity consumption")
    HYDROGEN = "hydrogen", tr_noop("Hydrogen consumption")

    @property
    def unit(self) -> str:
        """In which its consumption is told."""
        return {Carrier.FUEL: "L/100 km", Carrier.POWER: "kWh/100 km", Carrier.HYDROGEN: "kg/100 km"}[self]


def carriers_of(energy: Energy) -> tuple[Carrier, ...]:
    """What a kind of car needs; a plug-in's fuel is what it needs with an empty battery."""
    if energy in PLUGS:
        return (Carrier.FUEL, Carrier.POWER)
    if energy is Energy.ELECTRIC:
        return (Carrier.POWER,)
    return (Carrier.HYDROGEN,) if energy is Energy.FUEL_CELL else (Carrier.FUEL,)


class CostKind(Labelled):
    """One kind of cost, in the order they are shown."""

    PRICE = "price", tr_noop("Price")
    PURCHASE_TAX = "purchase_tax", tr_noop("Purchase tax")
    PLATES = "plates", tr_noop("Plates")
    ENERGY = "energy", tr_noop("Fuel and power")
    VESSEL_TAX = "vessel_tax", tr_noop("Vehicle and vessel tax")
    COMPULSORY = "compulsory", tr_noop("Compulsory insurance")
    COMMERCIAL = "commercial", tr_noop("Commercial insurance")
    MAINTENANCE = "maintenance", tr_noop("Maintenance")
    RESIDUAL = "residual", tr_noop("Residual value")


@dataclass(frozen=True, slots=True, kw_only=True)
class CarFacts:
    """What of a trim decides its costs; `parameters` are its specifications as stored."""

    price: Decimal
    energy: Energy
    seats: int
    in_tax_directory: bool
    parameters: Mapping[str, Any] = field(default_factory=dict)
    price_derived: Note | None = None
    """What the price was derived from; None for the guide price."""
    own_rates: Mapping[Carrier, Decimal] = field(default_factory=dict)
    """Consumptions on 100 km that are taken in the place of what is on file."""

    def number(self, code: str) -> Decimal | None:
        """A parameter as a number above zero; None where it is not on file."""
        value = self.parameters.get(code)
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return None
        found = Decimal(str(value))
        return found if found > 0 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What a comparison takes for granted; shares are 0…1, prices yuan a litre, kWh or kg, quotas yuan."""

    bought_on: date
    years: int
    annual_km: int
    city_share: Decimal
    plug_in_share: Decimal
    home_charging_share: Decimal
    petrol_price: Decimal
    diesel_price: Decimal
    home_price: Decimal
    public_price: Decimal
    hydrogen_price: Decimal
    quota_fuel: Decimal = ZERO
    quota_plug_in: Decimal = ZERO
    quota_electric: Decimal = ZERO
    third_party_limit: Decimal | None = None

    @property
    def kilometres(self) -> int:
        """Over the whole time."""
        return self.years * self.annual_km

    @property
    def electricity_price(self) -> Decimal:
        """Yuan a kWh, charged at home and in public."""
        home = self.home_charging_share
        return home * self.home_price + (1 - home) * self.public_price

    def quota(self, energy: Energy) -> Decimal:
        """What the right to a plate costs."""
        if energy in PLUGS:
            return self.quota_plug_in
        return self.quota_electric if energy in NEW_ENERGY else self.quota_fuel


@dataclass(frozen=True, slots=True)
class CostFigure:
    """One cost. `amount` is None where something is missing, which `formula` then says."""

    kind: CostKind
    amount: Decimal | None
    formula: Note
    source: Bilingual = UNNAMED
    status: ReferenceStatus | None = None


@dataclass(frozen=True, slots=True)
class OwnershipCost:
    """All costs of one car; `total` is of what is known, `missing` names what is not."""

    figures: tuple[CostFigure, ...]
    years: int
    kilometres: int

    def figure(self, kind: CostKind) -> CostFigure:
        """The figure of a kind."""
        return next(figure for figure in self.figures if figure.kind is kind)

    def amount(self, kind: CostKind) -> Decimal | None:
        """Its amount, None where it is not known."""
        return self.figure(kind).amount

    @property
    def missing(self) -> tuple[CostKind, ...]:
        """What is not counted in the total."""
        return tuple(figure.kind for figure in self.figures if figure.amount is None)

    @property
    def complete(self) -> bool:
        """Whether the total counts everything."""
        return not self.missing

    @property
    def total(self) -> Decimal:
        """What is known, less the residual value."""
        spent = (f.amount for f in self.figures if f.amount is not None and f.kind is not CostKind.RESIDUAL)
        return add_up(spent) - (self.amount(CostKind.RESIDUAL) or ZERO)

    @property
    def value_loss(self) -> Decimal | None:
        """Price less residual value, None where one of them is not known."""
        price, left = self.amount(CostKind.PRICE), self.amount(CostKind.RESIDUAL)
        return None if price is None or left is None else price - left

    @property
    def monthly(self) -> Decimal:
        """The total by month."""
        return cents(self.total / (12 * self.years))

    @property
    def per_kilometre(self) -> Decimal | None:
        """The total by kilometre, None where nobody drives."""
        return cents(self.total / self.kilometres) if self.kilometres else None


class CostUnknown(Exception):
    """A figure cannot be told; carries what is missing."""

    def __init__(self, said: Note) -> None:
        super().__init__(said.text)
        self.said = said


def of_kind(row: ReferenceRow, energy: Energy) -> Any:
    """What a table says of a kind of energy; raises CostUnknown."""
    found = row.values["kinds"].get(energy.value)
    if found is None:
        raise CostUnknown(note(tr_noop("Nothing is on file for {energy}."), energy=energy))
    return found
