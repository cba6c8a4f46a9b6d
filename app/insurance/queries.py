"""What insuring a unit costs by the tables on file; an insurer's own quote replaces the estimate."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.kernel.labels import Bilingual
from app.kernel.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdPartyLimitRow:
    """A limit of third-party liability, its yearly premium, and whether it is the one usually chosen."""

    limit: Decimal
    premium: Decimal
    usual: bool
    source: Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class PremiumEstimate:
    """Premiums of one year for one unit."""

    compulsory: Decimal
    vehicle_damage: Decimal
    third_party: Decimal
    occupants: Decimal
    source: Bilingual


def list_third_party_limits(reader: Reader, *, on: date | None = None) -> list[ThirdPartyLimitRow]:
    """The limits on offer, smallest first."""
    raise LookupError


def estimate_premiums(
    reader: Reader,
    vehicle_unit_id: str,
    *,
    price: Decimal | None = None,
    third_party_limit: Decimal | None = None,
    company: bool = False,
) -> PremiumEstimate:
    """Every premium for a unit, whether chosen or not; `price` defaults to the list price."""
    raise LookupError
