"""Checks of one trim by itself: each a named rule that words what it found.

The limits are wide on purpose: a work list that cries wolf is not read. Where a limit is a rule of thumb of vehicle
engineering, the comment says which.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from app.anomalies.findings import Finding, Rule, Severity, TrimFacts, label, shown
from app.catalog.energies import Energy
from app.catalog.rules import ParameterType, specification_dictionary
from app.kernel.labels import note
from app.runtime.language import tr_noop

_COMBUSTION = frozenset({Energy.PETROL.value, Energy.DIESEL.value, Energy.HYBRID.value})
_PLUGGED = frozenset({Energy.ELECTRIC.value, Energy.PLUG_IN_HYBRID.value, Energy.RANGE_EXTENDED.value})
_FUEL_PARTS = ("displacement", "cylinders", "fuel_tank", "consumption_combined")
_FIRST_YEARS = {
    Energy.ELECTRIC.value: 1996, Energy.PLUG_IN_HYBRID.value: 2008, Energy.RANGE_EXTENDED.value: 2010,
    Energy.HYBRID.value: 1997, Energy.FUEL_CELL.value: 2002,
}  # fmt: skip
"""Model years in which the first cars of a kind were sold in numbers."""
_MOST_SEATS = {"coupe": 5, "convertible": 5, "sedan": 6, "hatchback": 7, "wagon": 8, "pickup": 7, "suv": 10}
_FEWEST_SEATS = {"mpv": 4, "sedan": 4}
_STRONGER_SINCE = 1990
Check = Callable[[TrimFacts], Iterator[Finding]]


def check_trim(trim: TrimFacts) -> list[Finding]:
    """All that is wrong with a trim by itself."""
    return [finding for check in CHECKS for finding in check(trim)]


def check_range(trim: TrimFacts) -> Iterator[Finding]:
    """Values the dictionary does not allow: they came before it did, or with a version of it that is gone."""
    limits = _limits()
    for code, value in trim.parameters.items():
        allowed = limits.get(code)
        if allowed is None:
            continue
        ends = value if isinstance(value, list) else (value,)
        if any(isinstance(end, int | float) and not allowed[0] <= end <= allowed[1] for end in ends):
            text = tr_noop("{parameter} is {value}; possible are {lowest} to {highest}")
            known = specification_dictionary().parameters[code]
            said = note(text, parameter=label(code), value=shown(code, value), lowest=known.lowest,
                        highest=known.highest)  # fmt: skip
            yield trim.finding(Rule.OUT_OF_RANGE, Severity.IMPOSSIBLE, said, codes=[code], about=code)


@lru_cache(maxsize=1)
def _limits() -> Mapping[str, tuple[float, float]]:
    """The lowest and highest value of each parameter that has such, as they are compared with stored ones."""
    known = specification_dictionary().parameters.values()
    worded = (ParameterType.TEXT, ParameterType.CHOICE, ParameterType.BOOLEAN)
    return {
        one.code: (float(one.lowest), float(one.highest))
        for one in known if one.type not in worded and one.lowest is not None and one.highest is not None
    }  # fmt: skip


def check_price(trim: TrimFacts) -> Iterator[Finding]:
    """Prices that no car on sale has; zero stands for an unknown one."""
    price = trim.guide_price
    if price and not 10_000 <= price <= 50_000_000:
        said = note(tr_noop("The guide price is {price} yuan"), price=f"{price:,.2f}")
        yield trim.finding(Rule.PRICE_MISSING, Severity.IMPLAUSIBLE, said, guide_price=price)


def check_length(trim: TrimFacts) -> Iterator[Finding]:
    """The wheelbase of a car is between 47 and 72 % of its length."""
    sizes = trim.numbers("length", "wheelbase")
    if sizes is None or 0.47 <= sizes[1] / sizes[0] <= 0.72:
        return
    severity = Severity.IMPOSSIBLE if sizes[1] >= sizes[0] else Severity.IMPLAUSIBLE
    text = tr_noop("A wheelbase of {wheelbase} does not go with a length of {length}")
    said = note(text, wheelbase=shown("wheelbase", sizes[1]), length=shown("length", sizes[0]))
    yield trim.finding(Rule.LENGTH_WHEELBASE, severity, said, codes=["length", "wheelbase"])


def check_proportions(trim: TrimFacts) -> Iterator[Finding]:
    """A car is 2 to 3.4 times as long as wide, and between 0.6 and 1.3 times as high as wide."""
    across = trim.numbers("length", "width")
    if across and not 1.9 <= across[0] / across[1] <= 3.5:
        text = tr_noop("A width of {width} does not go with a length of {length}")
        said = note(text, width=shown("width", across[1]), length=shown("length", across[0]))
        yield trim.finding(Rule.PROPORTIONS, Severity.IMPLAUSIBLE, said, codes=["length", "width"], about="width")
    up = trim.numbers("width", "height")
    if up and not 0.55 <= up[1] / up[0] <= 1.4:
        text = tr_noop("A height of {height} does not go with a width of {width}")
        said = note(text, height=shown("height", up[1]), width=shown("width", up[0]))
        yield trim.finding(Rule.PROPORTIONS, Severity.IMPLAUSIBLE, said, codes=["width", "height"], about="height")


def check_weights(trim: TrimFacts) -> Iterator[Finding]:
    """The gross weight is the curb weight and what may be loaded."""
    weights = trim.numbers("curb_weight", "gross_weight")
    if weights is None:
        return
    curb, gross = weights
    if gross <= curb:
        text = tr_noop("The gross weight ({gross}) is not above the curb weight ({curb})")
        said = note(text, gross=shown("gross_weight", gross), curb=shown("curb_weight", curb))
        yield trim.finding(Rule.WEIGHTS, Severity.IMPOSSIBLE, said, codes=["curb_weight", "gross_weight"])
        return
    payload = trim.number("payload")
    if payload and not 0.75 <= payload / (gross - curb) <= 1.25:
        text = tr_noop("A payload of {payload} is not what gross weight ({gross}) and curb weight ({curb}) leave")
        said = note(text, payload=shown("payload", payload), gross=shown("gross_weight", gross),
                    curb=shown("curb_weight", curb))  # fmt: skip
        yield trim.finding(Rule.WEIGHTS, Severity.LOOK, said, codes=["curb_weight", "gross_weight", "payload"])


def total_power(trim: TrimFacts) -> float | None:
    """The power that moves the car, in kW."""
    system = trim.number("system_power")
    if system:
        return system
    engine, motor = trim.number("engine_power"), trim.number("motor_power")
    if trim.energy in (Energy.ELECTRIC.value, Energy.RANGE_EXTENDED.value, Energy.FUEL_CELL.value):
        return motor
    return max((power for power in (engine, motor) if power), default=None)


def check_acceleration(trim: TrimFacts) -> Iterator[Finding]:
    """0–100 km/h takes about 1.35 s × (kg per kW) ^ 0.75: a rule of thumb that real cars meet within a third."""
    power, seconds, weight = total_power(trim), trim.number("acceleration_0_100"), trim.number("curb_weight")
    if not power or not seconds or not weight:
        return
    usual = 1.35 * (weight / power) ** 0.75
    if 0.52 <= seconds / usual <= 1.9:
        return
    text = tr_noop("{seconds} to 100 km/h does not go with {power} kW for {weight}; about {usual} s would be usual")
    said = note(text, seconds=shown("acceleration_0_100", seconds), power=f"{power:g}",
                weight=shown("curb_weight", weight), usual=f"{usual:.1f}")  # fmt: skip
    codes = ["acceleration_0_100", "curb_weight", "engine_power", "motor_power", "system_power"]
    yield trim.finding(Rule.ACCELERATION, Severity.IMPLAUSIBLE, said, codes=codes)


def check_top_speed(trim: TrimFacts) -> Iterator[Finding]:
    """Air drag grows with the cube of the speed: more than 46 km/h for each cube root of a kilowatt is not reached."""
    power, speed = total_power(trim), trim.number("top_speed")
    if power and speed and speed > 52 * power ** (1 / 3):
        text = tr_noop("{speed} is not reached with {power} kW")
        said = note(text, speed=shown("top_speed", speed), power=f"{power:g}")
        codes = ["top_speed", "engine_power", "motor_power", "system_power"]
        yield trim.finding(Rule.TOP_SPEED, Severity.IMPLAUSIBLE, said, codes=codes)


def check_battery(trim: TrimFacts) -> Iterator[Finding]:
    """Range times consumption is what the battery holds; without a stated consumption, 2.5 to 12 km for a kWh."""
    known = trim.numbers("battery_capacity", "electric_range")
    if known is None:
        return
    capacity, reach = known
    consumption = trim.number("electricity_consumption")
    if consumption:
        needed = reach * consumption / 100
        if 0.65 <= needed / capacity <= 1.4:
            return
        text = tr_noop("{range} at {consumption} takes {needed} kWh; the battery holds {capacity}")
        said = note(text, range=shown("electric_range", reach), needed=f"{needed:.1f}",
                    consumption=shown("electricity_consumption", consumption),
                    capacity=shown("battery_capacity", capacity))  # fmt: skip
    else:
        if 2.5 <= reach / capacity <= 12:
            return
        text = tr_noop("{range} with {capacity} is {each} km for a kilowatt-hour")
        said = note(text, range=shown("electric_range", reach), capacity=shown("battery_capacity", capacity),
                    each=f"{reach / capacity:.1f}")  # fmt: skip
    codes = ["battery_capacity", "electric_range", "electricity_consumption"]
    yield trim.finding(Rule.BATTERY_RANGE, Severity.IMPLAUSIBLE, said, codes=codes)


def check_charging(trim: TrimFacts) -> Iterator[Finding]:
    """Half a battery in the fast charging time needs no more than the peak charging power."""
    known = trim.numbers("battery_capacity", "fast_charging_time", "charging_power")
    if known is None:
        return
    capacity, hours, power = known
    if capacity * 0.4 / hours > power * 1.15:
        text = tr_noop("{hours} of fast charging is too short for {capacity} at {power}")
        said = note(text, hours=shown("fast_charging_time", hours), capacity=shown("battery_capacity", capacity),
                    power=shown("charging_power", power))  # fmt: skip
        codes = ["battery_capacity", "fast_charging_time", "charging_power"]
        yield trim.finding(Rule.CHARGING, Severity.IMPLAUSIBLE, said, codes=codes)


def check_consumption(trim: TrimFacts) -> Iterator[Finding]:
    """Combined lies between city and highway; without a battery, the city needs more than the highway."""
    known = trim.numbers("consumption_city", "consumption_highway")
    if known is None:
        return
    city, highway = known
    codes = ["consumption_city", "consumption_highway", "consumption_combined"]
    if trim.energy in (Energy.PETROL.value, Energy.DIESEL.value) and city < highway * 0.97:
        text = tr_noop("{city} in the city is less than {highway} on the highway")
        said = note(text, city=shown("consumption_city", city), highway=shown("consumption_highway", highway))
        yield trim.finding(Rule.CONSUMPTION, Severity.LOOK, said, codes=codes, about="city")
    combined = trim.number("consumption_combined")
    if combined and not min(known) * 0.96 <= combined <= max(known) * 1.04:
        text = tr_noop("{combined} combined is not between {city} in the city and {highway} on the highway")
        said = note(text, combined=shown("consumption_combined", combined), city=shown("consumption_city", city),
                    highway=shown("consumption_highway", highway))  # fmt: skip
        yield trim.finding(Rule.CONSUMPTION, Severity.IMPLAUSIBLE, said, codes=codes, about="combined")


def check_co2(trim: TrimFacts) -> Iterator[Finding]:
    """A litre of petrol burns to about 2.32 kg of carbon dioxide, a litre of diesel to 2.64 kg."""
    grams = {Energy.PETROL.value: 23.2, Energy.HYBRID.value: 23.2, Energy.DIESEL.value: 26.4}.get(trim.energy)
    known = trim.numbers("co2", "consumption_combined")
    if grams is None or known is None or 0.75 <= known[0] / (known[1] * grams) <= 1.3:
        return
    text = tr_noop("{consumption} burns to about {usual} g/km of carbon dioxide, not {co2}")
    said = note(text, consumption=shown("consumption_combined", known[1]), usual=round(known[1] * grams),
                co2=shown("co2", known[0]))  # fmt: skip
    yield trim.finding(Rule.CO2, Severity.IMPLAUSIBLE, said, codes=["co2", "consumption_combined"])


def check_engine(trim: TrimFacts) -> Iterator[Finding]:
    """Engines on sale give 15 to 190 kW for a litre, those of before 1990 as few as 9; cylinders hold 0.12 to 1.3 L."""
    power = trim.numbers("engine_power", "displacement")
    if power and not (15 if trim.year >= _STRONGER_SINCE else 9) <= power[0] / power[1] <= 190:
        text = tr_noop("{power} from {displacement} are {each} kW for a litre")
        said = note(text, power=shown("engine_power", power[0]), displacement=shown("displacement", power[1]),
                    each=f"{power[0] / power[1]:.0f}")  # fmt: skip
        yield trim.finding(Rule.POWER_PER_LITRE, Severity.IMPLAUSIBLE, said, codes=["engine_power", "displacement"])
    size = trim.numbers("displacement", "cylinders")
    if size and not 0.12 <= size[0] / size[1] <= 1.3:
        text = tr_noop("{displacement} in {n} cylinders are {each} L each")
        said = note(text, displacement=shown("displacement", size[0]), n=int(size[1]), each=f"{size[0] / size[1]:.2f}")
        yield trim.finding(Rule.CYLINDER_SIZE, Severity.IMPLAUSIBLE, said, codes=["displacement", "cylinders"])


def check_motors(trim: TrimFacts) -> Iterator[Finding]:
    """The motors' power adds up to their total."""
    known = trim.numbers("front_motor_power", "rear_motor_power", "motor_power")
    if known is None or 0.9 <= (known[0] + known[1]) / known[2] <= 1.1:
        return
    text = tr_noop("Front ({front}) and rear motor ({rear}) do not add up to {total}")
    said = note(text, front=shown("motor_power", known[0]), rear=shown("motor_power", known[1]),
                total=shown("motor_power", known[2]))  # fmt: skip
    codes = ["front_motor_power", "rear_motor_power", "motor_power"]
    yield trim.finding(Rule.MOTORS, Severity.IMPLAUSIBLE, said, codes=codes)


def check_energy(trim: TrimFacts) -> Iterator[Finding]:
    """An electric car burns nothing, a petrol car has no battery to drive with, and neither is older than its kind."""
    energy = Energy(trim.energy)
    if energy is Energy.ELECTRIC:
        present = [code for code in _FUEL_PARTS if trim.number(code)]
        if present:
            text = tr_noop("An electric car has no {parameter}; here it is {value}")
            said = note(text, parameter=label(present[0]), value=shown(present[0], trim.parameters[present[0]]))
            yield trim.finding(Rule.ENERGY, Severity.IMPOSSIBLE, said, codes=present, energy=trim.energy)
    elif energy in (Energy.PETROL, Energy.DIESEL):
        present = [code for code in ("electric_range", "charging_power") if trim.number(code)]
        if present:
            text = tr_noop("The energy is {energy}, yet {parameter} is {value}")
            said = note(text, energy=energy.label, parameter=label(present[0]),
                        value=shown(present[0], trim.parameters[present[0]]))  # fmt: skip
            yield trim.finding(Rule.ENERGY, Severity.IMPLAUSIBLE, said, codes=present, energy=trim.energy)
    first = _FIRST_YEARS.get(trim.energy)
    if first is not None and trim.year < first:
        text = tr_noop("{energy} in model year {year}: cars of this kind are sold since {first}")
        said = note(text, energy=energy.label, year=trim.year, first=first)
        yield trim.finding(Rule.ENERGY_YEAR, Severity.IMPLAUSIBLE, said, energy=trim.energy, year=trim.year)


def check_seats(trim: TrimFacts) -> Iterator[Finding]:
    """The seats of the trim and its parameter agree, and go with the body."""
    stated = trim.number("seats")
    if stated and int(stated) != trim.seats:
        text = tr_noop("The trim has {n} seats, its specification says {stated}")
        said = note(text, n=trim.seats, stated=int(stated))
        yield trim.finding(Rule.SEATS, Severity.IMPOSSIBLE, said, codes=["seats"], trim_seats=trim.seats)
    body = str(trim.parameters.get("body", ""))
    seats = int(stated or trim.seats)
    if seats > _MOST_SEATS.get(body, 60) or seats < _FEWEST_SEATS.get(body, 1):
        said = note(tr_noop("{n} seats in this body: {body}"), n=seats, body=shown("body", body))
        yield trim.finding(Rule.SEATS_BODY, Severity.LOOK, said, codes=["seats", "body"], trim_seats=trim.seats)


CHECKS: tuple[Check, ...] = (
    check_range, check_price, check_length, check_proportions, check_weights, check_acceleration, check_top_speed,
    check_battery, check_charging, check_consumption, check_co2, check_engine, check_motors, check_energy, check_seats,
)  # fmt: skip


def said_once(findings: Sequence[Finding]) -> list[Finding]:
    """Without what is only unusual where another check says what is wrong with the same value."""
    explained = {
        (one.subject_id, code) for one in findings if one.rule is not Rule.UNUSUAL for code in one.values
    }  # fmt: skip
    return [one for one in findings if one.rule is not Rule.UNUSUAL or (one.subject_id, one.about) not in explained]


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """The surest first, then by name."""
    order = {severity: place for place, severity in enumerate(Severity)}
    return sorted(findings, key=lambda one: (order[one.severity], one.rule.value, one.name.zh, one.id))
