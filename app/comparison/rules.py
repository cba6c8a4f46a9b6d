"""What a car costs over the years it is kept: every figure with the formula and the source it comes from.

total = price + purchase tax + plates + energy + vehicle and vessel tax + insurance + maintenance − residual value.

Nothing is discounted to the present. What is not on file is said in words, never counted as nothing: the total is then
marked incomplete.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.comparison.energy_costs import energy_figure
from app.comparison.ownership import Assumptions, CarFacts, CostFigure, CostKind, CostUnknown, OwnershipCost
from app.comparison.purchase_costs import plates_figure, price_figure, purchase_tax_figure, residual_figure
from app.comparison.yearly_costs import commercial_figure, compulsory_figure, maintenance_figure, vessel_tax_figure
from app.insurance.rules import compulsory_charge, estimate_commercial
from app.kernel.errors import DomainError
from app.kernel.labels import Bilingual, note
from app.kernel.money import ZERO, add_up, cents
from app.kernel.reference_data import ReferenceBook, bundled_reference
from app.quotations.statutory_charges import plate_fee, purchase_tax, vehicle_vessel_tax

SPANS = (3, 5)
"""For how many years costs are compared."""
LONGEST = 5
MOST_KM = 200_000


def default_assumptions(
    bought_on: date, *, years: int | None = None, city: str = "none", reference: ReferenceBook | None = None
) -> Assumptions:
    """What is assumed unless somebody says otherwise; raises ReferenceMissing."""
    book = reference or bundled_reference()
    usual, prices = book.at("ownership_defaults", bought_on), book.at("energy_prices", bought_on)
    quota = next((one for one in plate_cities(bought_on, reference=book) if one.code == city), NO_QUOTA)
    return Assumptions(
        bought_on=bought_on,
        years=int(usual.values["years"]) if years is None else years,
        annual_km=int(usual.values["annual_km"]),
        city_share=usual.decimal("city_share"),
        plug_in_share=usual.decimal("plug_in_share"),
        home_charging_share=usual.decimal("home_charging_share"),
        petrol_price=prices.decimal("petrol"),
        diesel_price=prices.decimal("diesel"),
        home_price=prices.decimal("electricity_home"),
        public_price=prices.decimal("electricity_public"),
        hydrogen_price=prices.decimal("hydrogen"),
        quota_fuel=quota.fuel,
        quota_plug_in=quota.plug_in,
        quota_electric=quota.electric,
    )


@dataclass(frozen=True, slots=True)
class PlateCity:
    """A city and what the right to a new plate costs there."""

    code: str
    name: Bilingual
    fuel: Decimal
    plug_in: Decimal
    electric: Decimal


NO_QUOTA = PlateCity("none", Bilingual("无需额度", "No quota needed"), ZERO, ZERO, ZERO)


def plate_cities(on_date: date, *, reference: ReferenceBook | None = None) -> tuple[PlateCity, ...]:
    """The cities on file, the one without a quota first."""
    row = (reference or bundled_reference()).find("plate_quotas", on_date)
    if row is None:
        return (NO_QUOTA,)
    return tuple(
        PlateCity(
            one["code"], Bilingual(one["name"]["zh"], one["name"]["en"]), cents(one["fuel"]), cents(one["plug_in"]),
            cents(one["electric"]),
        )
        for one in row.values["cities"]
    )  # fmt: skip


def ownership_cost(
    car: CarFacts, assumed: Assumptions, *, reference: ReferenceBook | None = None
) -> OwnershipCost:
    """Every cost of a car from purchase to sale. Raises ValueError for a time the curves do not cover."""
    if not 1 <= assumed.years <= LONGEST or assumed.annual_km < 0:
        raise ValueError(f"{assumed.years} years, {assumed.annual_km} km a year")
    book = reference or bundled_reference()
    steps: tuple[tuple[CostKind, Callable[[CarFacts, Assumptions, ReferenceBook], CostFigure]], ...] = (
        (CostKind.PRICE, price_figure), (CostKind.PURCHASE_TAX, purchase_tax_figure),
        (CostKind.PLATES, plates_figure), (CostKind.ENERGY, energy_figure),
        (CostKind.VESSEL_TAX, vessel_tax_figure), (CostKind.COMPULSORY, compulsory_figure),
        (CostKind.COMMERCIAL, commercial_figure), (CostKind.MAINTENANCE, maintenance_figure),
        (CostKind.RESIDUAL, residual_figure),
    )  # fmt: skip
    figures = []
    for kind, step in steps:
        try:
            figures.append(step(car, assumed, book))
        except CostUnknown as unknown:
            figures.append(CostFigure(kind, None, unknown.said))
        except DomainError as error:
            figures.append(CostFigure(kind, None, note(error.text, **error.params)))
    return OwnershipCost(tuple(figures), assumed.years, assumed.kilometres)


def on_road_total(car: CarFacts, *, on: date, reference: ReferenceBook | None = None) -> Decimal | None:
    """What the car costs on the road today with the usual covers and no quota; None where something is not on file."""
    book = reference or bundled_reference()
    if car.price <= 0:
        return None
    try:
        charges = (
            purchase_tax(car.price, invoice_on=on, in_tax_directory=car.in_tax_directory, reference=book).due,
            compulsory_charge(seats=car.seats, on_date=on, reference=book).amount,
            add_up(c.premium for c in estimate_commercial(
                vehicle_price=car.price, seats=car.seats, on_date=on, reference=book
            )),
            vehicle_vessel_tax(
                energy=car.energy, litres=car.number("displacement"), on_date=on, reference=book
            ).amount,
            plate_fee(on, book).amount,
        )  # fmt: skip
    except DomainError:
        return None
    return car.price + add_up(charges)
