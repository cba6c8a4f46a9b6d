"""What a car costs each year: tax, insurance, maintenance."""

from decimal import ROUND_CEILING, Decimal

from app.comparison.cost_words import yuan
from app.comparison.ownership import Assumptions, CarFacts, CostFigure, CostKind, of_kind
from app.comparison.purchase_costs import known_price, share_left
from app.insurance.rules import CoverKind, compulsory_charge, estimate_commercial
from app.kernel.labels import note
from app.kernel.money import ZERO, add_up, cents
from app.kernel.reference_data import ReferenceBook
from app.quotations.statutory_charges import yearly_vessel_tax
from app.runtime.language import tr_noop


def vessel_tax_figure(car: CarFacts, assumed: Assumptions, book: ReferenceBook) -> CostFigure:
    """The vehicle and vessel tax of all years."""
    litres, day = car.number("displacement"), assumed.bought_on
    yearly = yearly_vessel_tax(energy=car.energy, litres=litres, on_date=day, reference=book)
    said = note(
        tr_noop("{years} years × {yearly}"), years=assumed.years, yearly=yuan(yearly.amount)
    )  # the first and the last part of a calendar year make a whole one
    if not yearly.amount:
        said = note(tr_noop("Not taxed"))
    status = book.at("vehicle_vessel_tax", day).status
    return CostFigure(CostKind.VESSEL_TAX, cents(yearly.amount * assumed.years), said, yearly.source, status)


def compulsory_figure(car: CarFacts, assumed: Assumptions, book: ReferenceBook) -> CostFigure:
    """The compulsory insurance of all years."""
    charge = compulsory_charge(seats=car.seats, on_date=assumed.bought_on, reference=book)
    said = note(
        tr_noop("{years} years × {yearly}, without the no-claims discount"),
        years=assumed.years, yearly=yuan(charge.amount),
    )  # fmt: skip
    status = book.at("compulsory_insurance", assumed.bought_on).status
    return CostFigure(CostKind.COMPULSORY, charge.amount * assumed.years, said, charge.source, status)


def commercial_figure(car: CarFacts, assumed: Assumptions, book: ReferenceBook) -> CostFigure:
    """Each year for what the car is still worth at its beginning."""
    price, row = known_price(car), book.at("commercial_insurance", assumed.bought_on)
    parts: dict[CoverKind, Decimal] = {}
    for year in range(assumed.years):
        worth = price if year == 0 else cents(price * share_left(car, assumed, book, years=year)[0])
        for line in estimate_commercial(
            vehicle_price=worth, seats=car.seats, on_date=assumed.bought_on,
            third_party_limit=assumed.third_party_limit, reference=book,
        ):  # fmt: skip
            parts[line.kind] = parts.get(line.kind, ZERO) + line.premium
    said = note(
        tr_noop("Damage {damage} (the insured value falls each year) + third party {third} + occupants {occupants}"),
        damage=yuan(parts[CoverKind.VEHICLE_DAMAGE]), third=yuan(parts[CoverKind.THIRD_PARTY]),
        occupants=yuan(parts[CoverKind.OCCUPANTS]),
    )  # fmt: skip
    return CostFigure(CostKind.COMMERCIAL, add_up(parts.values()), said, row.citation(), row.status)


def maintenance_figure(car: CarFacts, assumed: Assumptions, book: ReferenceBook) -> CostFigure:
    """By the maker's interval where it is on file, else by age; tyres and brakes wear with the way."""
    row = book.at("maintenance_costs", assumed.bought_on)
    costs = of_kind(row, car.energy)
    wear = cents(Decimal(costs["wear_per_10000_km"]) * assumed.kilometres / 10_000)
    services = _services(car, assumed)
    if services is None:
        by_age = add_up(cents(amount) for amount in costs["yearly"][: assumed.years])
        said = note(tr_noop("{by_age} by age + {wear} for wear"), by_age=yuan(by_age), wear=yuan(wear))
        return CostFigure(CostKind.MAINTENANCE, by_age + wear, said, row.citation(), row.status)
    free = min(services, int(car.number("free_services") or 0))
    each = cents(costs["per_service"])
    said = note(
        tr_noop("{services} services by the maker's interval, {free} of them free, × {each} + {wear} for wear"),
        services=services, free=free, each=yuan(each), wear=yuan(wear),
    )  # fmt: skip
    return CostFigure(CostKind.MAINTENANCE, (services - free) * each + wear, said, row.citation(), row.status)


def _services(car: CarFacts, assumed: Assumptions) -> int | None:
    """How often the car is serviced before it is sold, by way or by time, whichever is more; None without interval."""
    distance, months = car.number("service_interval"), car.number("service_interval_months")
    if distance is None and months is None:
        return None
    counted = [0]
    if distance is not None:
        counted.append(_times(Decimal(assumed.kilometres) / distance))
    if months is not None:
        counted.append(_times(Decimal(12 * assumed.years) / months))
    return max(counted)


def _times(ratio: Decimal) -> int:
    """Services strictly before the end: the one due on the last day is the next owner's."""
    return max(0, int(ratio.to_integral_value(rounding=ROUND_CEILING)) - 1)
