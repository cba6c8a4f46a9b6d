"""Insurance of a sold car: the compulsory premium, a first estimate of commercial cover, and policy periods.

Commercial premiums are the insurer's business: the estimate only starts an offer, every line of it can be edited.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from app.insurance.errors import CoverLimitUnknown, PremiumFactorWrong, PremiumNegative, SeatsUnknown
from app.kernel.labels import UNNAMED, Bilingual, Labelled
from app.kernel.money import ZERO, add_up, cents, format_money
from app.kernel.reference_data import Charge, ReferenceBook, ReferenceRow, bundled_reference
from app.runtime.language import tr_noop


class VehicleUse(Labelled):
    PRIVATE = "private", tr_noop("Private")
    COMPANY = "company", tr_noop("Company, not for hire")


class CoverKind(Labelled):
    VEHICLE_DAMAGE = "vehicle_damage", tr_noop("Vehicle damage")
    THIRD_PARTY = "third_party", tr_noop("Third-party liability")
    OCCUPANTS = "occupants", tr_noop("Occupants")
    OTHER = "other", tr_noop("Other cover")


@dataclass(frozen=True, slots=True)
class CoverLine:
    """One commercial cover for a year. `estimated` lines are ours; the insurer's figure replaces them."""

    kind: CoverKind
    premium: Decimal
    limit: Decimal | None = None
    source: Bilingual = UNNAMED
    estimated: bool = True


def compulsory_charge(
    *,
    seats: int,
    on_date: date,
    use: VehicleUse = VehicleUse.PRIVATE,
    factor: Decimal = Decimal(1),
    reference: ReferenceBook | None = None,
) -> Charge:
    """The premium of compulsory insurance (交强险) for one year; `factor` is the insurer's record factor, 1 for new.

    Raises PremiumFactorWrong (field `factor`), SeatsUnknown (field `seats`) where the table has no premium, or
    ReferenceMissing for a day without a table.
    """
    row = (reference or bundled_reference()).at("compulsory_insurance", on_date)
    lowest, highest = row.decimal("smallest_factor"), row.decimal("largest_factor")
    if not lowest <= factor <= highest:
        raise PremiumFactorWrong(field="factor", lowest=lowest, highest=highest)
    for band in row.values["premiums"]:
        fits = band["seats_from"] <= seats and (band["seats_to"] is None or seats <= band["seats_to"])
        if band["use"] == use and fits:
            return Charge(cents(Decimal(band["premium"]) * factor), row.citation())
    raise SeatsUnknown(field="seats", seats=seats)


def estimate_commercial(
    *,
    vehicle_price: Decimal,
    seats: int,
    on_date: date,
    third_party_limit: Decimal | None = None,
    reference: ReferenceBook | None = None,
) -> tuple[CoverLine, ...]:
    """A first estimate of the usual covers. Raises CoverLimitUnknown (field `third_party_limit`)."""
    row = (reference or bundled_reference()).at("commercial_insurance", on_date)
    limit = row.decimal("usual_third_party_limit") if third_party_limit is None else third_party_limit
    damage = row.values["vehicle_damage"]
    damage_premium = cents(Decimal(damage["fixed"]) + vehicle_price * Decimal(damage["rate"]))
    return (
        CoverLine(CoverKind.VEHICLE_DAMAGE, damage_premium, cents(vehicle_price), row.citation()),
        CoverLine(CoverKind.THIRD_PARTY, _third_party_premium(row, limit), cents(limit), row.citation()),
        _occupants(row, seats),
    )


def _third_party_premium(row: ReferenceRow, limit: Decimal) -> Decimal:
    for step in row.values["third_party"]:
        if Decimal(step["limit"]) == limit:
            return cents(step["premium"])
    raise CoverLimitUnknown(field="third_party_limit", limit=format_money(limit))


def _occupants(row: ReferenceRow, seats: int) -> CoverLine:
    values = row.values["occupants"]
    limit = Decimal(values["limit_per_seat"])
    passengers = max(seats - 1, 0)
    rate = Decimal(values["driver_rate"]) + Decimal(values["passenger_rate"]) * passengers
    return CoverLine(CoverKind.OCCUPANTS, cents(limit * rate), cents(limit), row.citation())


def third_party_limits(on_date: date, reference: ReferenceBook | None = None) -> tuple[Decimal, ...]:
    """The limits a premium is on file for."""
    row = (reference or bundled_reference()).at("commercial_insurance", on_date)
    return tuple(cents(step["limit"]) for step in row.values["third_party"])


def with_premium(line: CoverLine, premium: Decimal) -> CoverLine:
    """The line with the insurer's own figure. Raises PremiumNegative (field `premium`)."""
    if premium < 0:
        raise PremiumNegative(field="premium")
    return replace(line, premium=cents(premium), estimated=False, source=Bilingual("保险公司报价", "Insurer's quote"))


def commercial_total(lines: tuple[CoverLine, ...]) -> Decimal:
    """All commercial premiums together."""
    return add_up(line.premium for line in lines) if lines else ZERO


@dataclass(frozen=True, slots=True)
class PolicyPeriod:
    """The days a policy is in force, both included."""

    starts_on: date
    ends_on: date

    def covers(self, day: date) -> bool:
        """Whether the policy is in force on a day."""
        return self.starts_on <= day <= self.ends_on

    def days_left(self, today: date) -> int:
        """Days until the policy ends, 0 on its last day, negative afterwards."""
        return (self.ends_on - today).days


def one_year_from(starts_on: date) -> PolicyPeriod:
    """A policy year: until the day before its anniversary; from 29 February until the next 28 February."""
    try:
        anniversary = starts_on.replace(year=starts_on.year + 1)
    except ValueError:
        anniversary = date(starts_on.year + 1, 3, 1)
    return PolicyPeriod(starts_on, anniversary - timedelta(days=1))
