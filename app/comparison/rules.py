"""What a car costs over the years it is kept: every figure with the formula and the source it comes from.

total = price + purchase tax + plates + energy + vehicle and vessel tax + insurance + maintenance − residual value.

Nothing is discounted to the present. What is not on file is said in words, never counted as nothing: the total is then
marked incomplete.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import Any

from app.catalog.energies import NEW_ENERGY, Energy
from app.insurance.rules import CoverKind, compulsory_charge, estimate_commercial
from app.kernel.errors import DomainError
from app.kernel.labels import UNNAMED, Bilingual, Labelled, Note, note
from app.kernel.money import ZERO, add_up, cents
from app.kernel.reference_data import ReferenceBook, ReferenceRow, ReferenceStatus, bundled_reference
from app.quotations.statutory_charges import plate_fee, purchase_tax, vehicle_vessel_tax, yearly_vessel_tax
from app.runtime.language import tr_noop

SPANS = (3, 5)
"""For how many years costs are compared."""
LONGEST = 5
MOST_KM = 200_000
_HUNDRED = Decimal(100)
_PLUGS = frozenset({Energy.PLUG_IN_HYBRID, Energy.RANGE_EXTENDED})
_PRICED = ("petrol", "diesel", "electricity_home", "electricity_public", "hydrogen")
ENTERED_HERE = Bilingual("本次填写的价格", "Prices entered for this comparison")


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
        if energy in _PLUGS:
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
        (CostKind.PRICE, _price), (CostKind.PURCHASE_TAX, _purchase_tax), (CostKind.PLATES, _plates),
        (CostKind.ENERGY, _energy), (CostKind.VESSEL_TAX, _vessel_tax), (CostKind.COMPULSORY, _compulsory),
        (CostKind.COMMERCIAL, _commercial), (CostKind.MAINTENANCE, _maintenance), (CostKind.RESIDUAL, _residual),
    )  # fmt: skip
    figures = []
    for kind, step in steps:
        try:
            figures.append(step(car, assumed, book))
        except _Unknown as unknown:
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


class _Unknown(Exception):
    """A figure cannot be told; carries what is missing."""

    def __init__(self, said: Note) -> None:
        super().__init__(said.text)
        self.said = said


# --- one figure each ---------------------------------------------------------------------------------------------


def _price(car: CarFacts, _assumed: Assumptions, _book: ReferenceBook) -> CostFigure:
    said = car.price_derived or note(tr_noop("The maker's guide price with VAT"))
    return CostFigure(CostKind.PRICE, _known_price(car), said)


def _known_price(car: CarFacts) -> Decimal:
    if car.price <= 0:
        raise _Unknown(note(tr_noop("No guide price is on file.")))
    return cents(car.price)


def _purchase_tax(car: CarFacts, assumed: Assumptions, book: ReferenceBook) -> CostFigure:
    tax = purchase_tax(
        _known_price(car), invoice_on=assumed.bought_on, in_tax_directory=car.in_tax_directory, reference=book
    )
    base, rate = _yuan(tax.base), _percent(tax.rate)
    said = note(tr_noop("{base} without VAT × {rate}"), base=base, rate=rate)
    if tax.relief:
        said = note(
            tr_noop("{base} without VAT × {rate} − {relief} new-energy relief"),
            base=base, rate=rate, relief=_yuan(tax.relief),
        )  # fmt: skip
    return CostFigure(CostKind.PURCHASE_TAX, tax.due, said, tax.source)


def _plates(car: CarFacts, assumed: Assumptions, book: ReferenceBook) -> CostFigure:
    fee, quota = plate_fee(assumed.bought_on, book), cents(assumed.quota(car.energy))
    said = note(tr_noop("{fee} for plates and papers"), fee=_yuan(fee.amount))
    source, row = fee.source, book.at("plate_fee", assumed.bought_on)
    if quota:
        said = note(
            tr_noop("{fee} for plates and papers + {quota} for the quota"), fee=_yuan(fee.amount), quota=_yuan(quota)
        )
        quotas = book.find("plate_quotas", assumed.bought_on)
        source = source if quotas is None else _both(source, quotas.citation())
    return CostFigure(CostKind.PLATES, fee.amount + quota, said, source, row.status)


def _energy(car: CarFacts, assumed: Assumptions, book: ReferenceBook) -> CostFigure:
    row = book.at("energy_prices", assumed.bought_on)
    amount, said = _energy_cost(car, assumed)
    if _prices(assumed) != tuple(row.decimal(name) for name in _PRICED):
        return CostFigure(CostKind.ENERGY, cents(amount), said, ENTERED_HERE)
    return CostFigure(CostKind.ENERGY, cents(amount), said, row.citation(), row.status)


def _prices(assumed: Assumptions) -> tuple[Decimal, ...]:
    return (
        assumed.petrol_price, assumed.diesel_price, assumed.home_price, assumed.public_price, assumed.hydrogen_price
    )  # fmt: skip


def _energy_cost(car: CarFacts, assumed: Assumptions) -> tuple[Decimal, Note]:
    if car.energy in _PLUGS:
        return _plug_in_cost(car, assumed)
    distance = Decimal(assumed.kilometres)
    if car.energy is Energy.ELECTRIC:
        rate, price, unit = _electric_rate(car), assumed.electricity_price, _KWH
    elif car.energy is Energy.FUEL_CELL:
        rate, price, unit = _hydrogen_rate(car), assumed.hydrogen_price, _KG
    else:
        rate, unit = _fuel_rate(car, assumed), _LITRE
        price = assumed.diesel_price if car.energy is Energy.DIESEL else assumed.petrol_price
    said = note(
        tr_noop("{km} km × {rate} {unit} per 100 km × {price} yuan"),
        km=_count(assumed.kilometres), rate=_short(rate), unit=unit, price=_short(price),
    )  # fmt: skip
    return distance / _HUNDRED * rate * price, said


_LITRE, _KWH, _KG = Bilingual("升", "l"), Bilingual("千瓦时", "kWh"), Bilingual("千克", "kg")


def _plug_in_cost(car: CarFacts, assumed: Assumptions) -> tuple[Decimal, Note]:
    """A share of the way on electricity, the rest with an empty battery."""
    share, hundreds = assumed.plug_in_share, Decimal(assumed.kilometres) / _HUNDRED
    current = _electric_rate(car) if share > 0 else Decimal(0)
    fuel = _empty_battery_rate(car, assumed) if share < 1 else Decimal(0)
    amount = hundreds * (share * current * assumed.electricity_price + (1 - share) * fuel * assumed.petrol_price)
    said = note(
        tr_noop(
            "{km} km: {share} on electricity × {kwh} kWh per 100 km × {power} yuan, the rest × {litres} l per 100 km "
            "× {petrol} yuan"
        ),
        km=_count(assumed.kilometres), share=_percent(share), kwh=_short(current), litres=_short(fuel),
        power=_short(assumed.electricity_price), petrol=_short(assumed.petrol_price),
    )  # fmt: skip
    return amount, said


def _fuel_rate(car: CarFacts, assumed: Assumptions) -> Decimal:
    """Litres per 100 km: city and highway by the share of each where both are on file, else combined."""
    city, highway = car.number("consumption_city"), car.number("consumption_highway")
    if city is not None and highway is not None:
        return assumed.city_share * city + (1 - assumed.city_share) * highway
    for code in ("consumption_wltc", "consumption_combined"):
        found = car.number(code)
        if found is not None:
            return found
    raise _Unknown(note(tr_noop("No fuel consumption is on file.")))


def _empty_battery_rate(car: CarFacts, assumed: Assumptions) -> Decimal:
    """A plug-in's combined figure is mostly measured with a full battery: it is no substitute."""
    found = car.number("consumption_charge_sustaining")
    if found is not None:
        return found
    city, highway = car.number("consumption_city"), car.number("consumption_highway")
    if city is not None and highway is not None:
        return assumed.city_share * city + (1 - assumed.city_share) * highway
    raise _Unknown(note(tr_noop("No consumption with an empty battery is on file.")))


def _electric_rate(car: CarFacts) -> Decimal:
    """kWh per 100 km as measured; else what the battery gives over its range."""
    for code in ("electricity_consumption_wltc", "electricity_consumption"):
        found = car.number(code)
        if found is not None:
            return found
    battery = car.number("battery_capacity")
    reach = car.number("electric_range_wltc") or car.number("electric_range")
    if battery is None or reach is None:
        raise _Unknown(note(tr_noop("No electricity consumption is on file.")))
    return battery / reach * _HUNDRED


def _hydrogen_rate(car: CarFacts) -> Decimal:
    found = car.number("hydrogen_consumption")
    if found is None:
        raise _Unknown(note(tr_noop("No hydrogen consumption is on file.")))
    return found


def _vessel_tax(car: CarFacts, assumed: Assumptions, book: ReferenceBook) -> CostFigure:
    litres, day = car.number("displacement"), assumed.bought_on
    yearly = yearly_vessel_tax(energy=car.energy, litres=litres, on_date=day, reference=book)
    said = note(
        tr_noop("{years} years × {yearly}"), years=assumed.years, yearly=_yuan(yearly.amount)
    )  # the first and the last part of a calendar year make a whole one
    if not yearly.amount:
        said = note(tr_noop("Not taxed"))
    status = book.at("vehicle_vessel_tax", day).status
    return CostFigure(CostKind.VESSEL_TAX, cents(yearly.amount * assumed.years), said, yearly.source, status)


def _compulsory(car: CarFacts, assumed: Assumptions, book: ReferenceBook) -> CostFigure:
    charge = compulsory_charge(seats=car.seats, on_date=assumed.bought_on, reference=book)
    said = note(
        tr_noop("{years} years × {yearly}, without the no-claims discount"),
        years=assumed.years, yearly=_yuan(charge.amount),
    )  # fmt: skip
    status = book.at("compulsory_insurance", assumed.bought_on).status
    return CostFigure(CostKind.COMPULSORY, charge.amount * assumed.years, said, charge.source, status)


def _commercial(car: CarFacts, assumed: Assumptions, book: ReferenceBook) -> CostFigure:
    """Each year for what the car is still worth at its beginning."""
    price, row = _known_price(car), book.at("commercial_insurance", assumed.bought_on)
    parts: dict[CoverKind, Decimal] = {}
    for year in range(assumed.years):
        worth = price if year == 0 else cents(price * _share_left(car, assumed, book, years=year)[0])
        for line in estimate_commercial(
            vehicle_price=worth, seats=car.seats, on_date=assumed.bought_on,
            third_party_limit=assumed.third_party_limit, reference=book,
        ):  # fmt: skip
            parts[line.kind] = parts.get(line.kind, ZERO) + line.premium
    said = note(
        tr_noop("Damage {damage} (the insured value falls each year) + third party {third} + occupants {occupants}"),
        damage=_yuan(parts[CoverKind.VEHICLE_DAMAGE]), third=_yuan(parts[CoverKind.THIRD_PARTY]),
        occupants=_yuan(parts[CoverKind.OCCUPANTS]),
    )  # fmt: skip
    return CostFigure(CostKind.COMMERCIAL, add_up(parts.values()), said, row.citation(), row.status)


def _maintenance(car: CarFacts, assumed: Assumptions, book: ReferenceBook) -> CostFigure:
    """By the maker's interval where it is on file, else by age; tyres and brakes wear with the way."""
    row = book.at("maintenance_costs", assumed.bought_on)
    costs = _of_kind(row, car.energy)
    wear = cents(Decimal(costs["wear_per_10000_km"]) * assumed.kilometres / 10_000)
    services = _services(car, assumed)
    if services is None:
        by_age = add_up(cents(amount) for amount in costs["yearly"][: assumed.years])
        said = note(tr_noop("{by_age} by age + {wear} for wear"), by_age=_yuan(by_age), wear=_yuan(wear))
        return CostFigure(CostKind.MAINTENANCE, by_age + wear, said, row.citation(), row.status)
    free = min(services, int(car.number("free_services") or 0))
    each = cents(costs["per_service"])
    said = note(
        tr_noop("{services} services by the maker's interval, {free} of them free, × {each} + {wear} for wear"),
        services=services, free=free, each=_yuan(each), wear=_yuan(wear),
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


def _residual(car: CarFacts, assumed: Assumptions, book: ReferenceBook) -> CostFigure:
    price = _known_price(car)
    share, row = _share_left(car, assumed, book, years=assumed.years)
    said = note(
        tr_noop("{price} × {share} after {years} years"), price=_yuan(price), share=_percent(share), years=assumed.years
    )
    return CostFigure(CostKind.RESIDUAL, cents(price * share), said, row.citation(), row.status)


def _share_left(
    car: CarFacts, assumed: Assumptions, book: ReferenceBook, *, years: int
) -> tuple[Decimal, ReferenceRow]:
    row = book.at("residual_values", assumed.bought_on)
    return Decimal(_of_kind(row, car.energy)[years - 1]), row


def _of_kind(row: ReferenceRow, energy: Energy) -> Any:
    found = row.values["kinds"].get(energy.value)
    if found is None:
        raise _Unknown(note(tr_noop("Nothing is on file for {energy}."), energy=energy))
    return found


def _both(first: Bilingual, second: Bilingual) -> Bilingual:
    return Bilingual(f"{first.zh}；{second.zh}", f"{first.en}; {second.en}")


def _yuan(amount: Decimal) -> str:
    return f"¥{amount:,.2f}"


def _count(number: int) -> str:
    return f"{number:,}"


def _percent(share: Decimal) -> str:
    return f"{_short(share * _HUNDRED)} %"


def _short(number: Decimal) -> str:
    text = f"{number:.3f}".rstrip("0").rstrip(".")
    return text or "0"
