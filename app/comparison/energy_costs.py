"""What fuel and power cost over the whole way."""

from dataclasses import replace
from decimal import Decimal

from app.catalog.energies import Energy
from app.comparison.cost_words import both, count, percent, short
from app.comparison.ownership import PLUGS, Assumptions, CarFacts, Carrier, CostFigure, CostKind, CostUnknown
from app.kernel.labels import Bilingual, Note, note
from app.kernel.money import cents
from app.kernel.reference_data import ReferenceBook
from app.runtime.language import tr_noop

_HUNDRED = Decimal(100)
_PRICED = ("petrol", "diesel", "electricity_home", "electricity_public", "hydrogen")
ENTERED_HERE = Bilingual("本次填写的价格", "Prices entered for this comparison")
RATE_ENTERED_HERE = Bilingual("本次填写的能耗", "Consumption entered for this comparison")


def energy_figure(car: CarFacts, assumed: Assumptions, book: ReferenceBook) -> CostFigure:
    """Fuel and power over the whole way."""
    row = book.at("energy_prices", assumed.bought_on)
    amount, said = _energy_cost(car, assumed)
    as_on_file = _prices(assumed) == tuple(row.decimal(name) for name in _PRICED)
    source = row.citation() if as_on_file else ENTERED_HERE
    if car.own_rates:
        source = both(source, RATE_ENTERED_HERE)
    return CostFigure(CostKind.ENERGY, cents(amount), said, source, row.status if as_on_file else None)


def rate_on_file(car: CarFacts, carrier: Carrier, assumed: Assumptions) -> Decimal | None:
    """What is on file of a consumption on 100 km, whatever was entered for this comparison."""
    filed = replace(car, own_rates={})
    try:
        if carrier is Carrier.FUEL:
            return _empty_battery_rate(filed, assumed) if car.energy in PLUGS else _fuel_rate(filed, assumed)
        return _electric_rate(filed) if carrier is Carrier.POWER else _hydrogen_rate(filed)
    except CostUnknown:
        return None


def _prices(assumed: Assumptions) -> tuple[Decimal, ...]:
    return (
        assumed.petrol_price, assumed.diesel_price, assumed.home_price, assumed.public_price, assumed.hydrogen_price
    )  # fmt: skip


def _energy_cost(car: CarFacts, assumed: Assumptions) -> tuple[Decimal, Note]:
    if car.energy in PLUGS:
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
        km=count(assumed.kilometres), rate=short(rate), unit=unit, price=short(price),
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
        km=count(assumed.kilometres), share=percent(share), kwh=short(current), litres=short(fuel),
        power=short(assumed.electricity_price), petrol=short(assumed.petrol_price),
    )  # fmt: skip
    return amount, said


def _fuel_rate(car: CarFacts, assumed: Assumptions) -> Decimal:
    """Litres per 100 km: as entered; city and highway by the share of each where both are on file; else combined."""
    if Carrier.FUEL in car.own_rates:
        return car.own_rates[Carrier.FUEL]
    city, highway = car.number("consumption_city"), car.number("consumption_highway")
    if city is not None and highway is not None:
        return assumed.city_share * city + (1 - assumed.city_share) * highway
    for code in ("consumption_wltc", "consumption_combined"):
        found = car.number(code)
        if found is not None:
            return found
    raise CostUnknown(note(tr_noop("No fuel consumption is on file.")))


def _empty_battery_rate(car: CarFacts, assumed: Assumptions) -> Decimal:
    """A plug-in's combined figure is mostly measured with a full battery: it is no substitute."""
    if Carrier.FUEL in car.own_rates:
        return car.own_rates[Carrier.FUEL]
    found = car.number("consumption_charge_sustaining")
    if found is not None:
        return found
    city, highway = car.number("consumption_city"), car.number("consumption_highway")
    if city is not None and highway is not None:
        return assumed.city_share * city + (1 - assumed.city_share) * highway
    raise CostUnknown(note(tr_noop("No consumption with an empty battery is on file.")))


def _electric_rate(car: CarFacts) -> Decimal:
    """kWh per 100 km as entered or measured; else what the battery gives over its range."""
    if Carrier.POWER in car.own_rates:
        return car.own_rates[Carrier.POWER]
    for code in ("electricity_consumption_wltc", "electricity_consumption"):
        found = car.number(code)
        if found is not None:
            return found
    battery = car.number("battery_capacity")
    reach = car.number("electric_range_wltc") or car.number("electric_range")
    if battery is None or reach is None:
        raise CostUnknown(note(tr_noop("No electricity consumption is on file.")))
    return battery / reach * _HUNDRED


def _hydrogen_rate(car: CarFacts) -> Decimal:
    found = car.own_rates.get(Carrier.HYDROGEN, car.number("hydrogen_consumption"))
    if found is None:
        raise CostUnknown(note(tr_noop("No hydrogen consumption is on file.")))
    return found
