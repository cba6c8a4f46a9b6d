"""What insuring a unit costs by the tables on file; an insurer's own quote replaces the estimate."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.insurance.rules import CoverKind, estimate_commercial, third_party_limits
from app.kernel.clock import branch_date
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.kernel.reference_data import bundled_reference
from app.kernel.unit_of_work import Reader
from db.models.catalog import Trim
from db.models.inventory import VehicleUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdPartyLimitRow:
    """A limit of third-party liability, its yearly premium, and whether it is the one usually chosen."""

    limit: Decimal
    premium: Decimal
    usual: bool
    source: Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class PremiumEstimate:
    """Commercial premiums of one year for one unit, each whether chosen or not."""

    vehicle_damage: Decimal
    third_party: Decimal
    third_party_limit: Decimal
    occupants: Decimal
    source: Bilingual


def list_third_party_limits(reader: Reader, *, on: date | None = None) -> list[ThirdPartyLimitRow]:
    """The limits on offer, smallest first."""
    reader.require(Permission.QUOTATIONS_VIEW)
    day = on or branch_date(reader.now)
    usual = bundled_reference().at("commercial_insurance", day).decimal("usual_third_party_limit")
    return [_limit_row(limit, usual=usual, day=day) for limit in sorted(third_party_limits(day))]


def _limit_row(limit: Decimal, *, usual: Decimal, day: date) -> ThirdPartyLimitRow:
    covers = estimate_commercial(vehicle_price=Decimal(0), seats=5, on_date=day, third_party_limit=limit)
    cover = next(cover for cover in covers if cover.kind is CoverKind.THIRD_PARTY)
    return ThirdPartyLimitRow(limit=limit, premium=cover.premium, usual=limit == usual, source=cover.source)


def estimate_premiums(
    reader: Reader, vehicle_unit_id: str, *, price: Decimal | None = None, third_party_limit: Decimal | None = None
) -> PremiumEstimate:
    """The commercial covers of a unit; `price` defaults to its list price, the limit to the usual one.

    Raises RecordNotFound or CoverLimitUnknown (field `third_party_limit`).
    """
    reader.require(Permission.QUOTATIONS_VIEW)
    unit = reader.get(VehicleUnit, vehicle_unit_id)
    covers = {
        cover.kind: cover
        for cover in estimate_commercial(
            vehicle_price=unit.list_price if price is None else price,
            seats=reader.get(Trim, unit.trim_id).seats,
            on_date=branch_date(reader.now),
            third_party_limit=third_party_limit,
        )
    }
    third_party = covers[CoverKind.THIRD_PARTY]
    return PremiumEstimate(
        vehicle_damage=covers[CoverKind.VEHICLE_DAMAGE].premium,
        third_party=third_party.premium,
        third_party_limit=third_party.limit or Decimal(0),
        occupants=covers[CoverKind.OCCUPANTS].premium,
        source=third_party.source,
    )
