"""Reading what one unit is asked today and why, and how the prices of a unit, trim or series came about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from app.kernel.clock import branch_date
from app.kernel.labels import Bilingual, Note
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.pricing.effective import guide_prices, price_of_unit, rules_of
from app.pricing.rules import Formula, PriceKind, PriceLevel, PricePhase, PriceState, explanation, phase_on
from db.lists import listed
from db.models.inventory import VehicleUnit
from db.models.pricing import PriceChange, PriceLine
from db.models.staff import StaffMember


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceHistoryRow:
    """One change of the prices of a unit or trim."""

    change_id: str
    number: str
    kind: PriceKind
    name: Bilingual
    level: PriceLevel
    phase: PricePhase
    starts: date
    valid_to: date | None
    list_price: Decimal | None
    floor_price: Decimal | None
    campaign_price: Decimal | None
    formula: Formula | None
    decided_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPrices:
    """What a unit is asked today and why, and how its prices came about, the newest first."""

    unit_id: str
    list_price: Decimal
    asked: Decimal
    cut: Decimal
    campaign: Bilingual | None
    campaign_until: date | None
    why: tuple[Note, ...]
    history: tuple[PriceHistoryRow, ...]


def get_unit_prices(reader: Reader, unit_id: str) -> UnitPrices:
    """What a unit is asked today, why, and the history of its prices."""
    reader.require(Permission.PRICING_VIEW)
    unit = reader.get(VehicleUnit, unit_id)
    today = branch_date(reader.now)
    guide = guide_prices(reader.session, [unit.trim_id]).get(unit.trim_id, unit.list_price)
    price = price_of_unit(reader.session, unit, guide, today)
    campaign = price.campaign
    return UnitPrices(
        unit_id=unit_id, list_price=price.list_price, asked=price.asked, cut=price.cut,
        campaign=None if campaign is None else campaign.name,
        campaign_until=None if campaign is None else campaign.valid_to, why=explanation(price),
        history=list_price_history(reader, (unit.id, unit.trim_id, unit.series_id), branch_id=unit.branch_id),
    )  # fmt: skip


def list_price_history(
    reader: Reader, subjects: Sequence[str], *, branch_id: str | None = None, limit: int = 20
) -> tuple[PriceHistoryRow, ...]:
    """How the prices of a unit, trim or series came about and what is to come, the newest first."""
    reader.require(Permission.PRICING_VIEW)
    query = (
        select(PriceLine, PriceChange, StaffMember.name)
        .join(PriceChange, PriceChange.id == PriceLine.change_id)
        .outerjoin(
            StaffMember, StaffMember.id == func.coalesce(PriceChange.decided_by_staff_id,
                                                         PriceChange.drafted_by_staff_id),
        )
        .where(
            PriceLine.subject_id.in_(listed(subjects)), PriceChange.state == PriceState.APPROVED.value,
            PriceLine.branch_id == (branch_id or reader.actor.branch_id),
            PriceLine.deleted_at.is_(None), PriceChange.deleted_at.is_(None),
        )
        .order_by(PriceChange.valid_from.desc(), PriceChange.decided_at.desc())
        .limit(limit)
    )  # fmt: skip
    today = branch_date(reader.now)
    return tuple(_history_row(line, change, name or "", today) for line, change, name in reader.session.execute(query))


def _history_row(line: PriceLine, change: PriceChange, name: str, today: date) -> PriceHistoryRow:
    rules = rules_of(line, change)
    return PriceHistoryRow(
        change_id=change.id, number=change.number, kind=PriceKind(change.kind),
        name=Bilingual(change.name_zh, change.name_en), level=PriceLevel(line.level),
        phase=phase_on(change.state, change.valid_from, change.valid_to, today),
        starts=rules[0].starts if rules else change.valid_from, valid_to=change.valid_to, list_price=line.list_price,
        floor_price=line.floor_price, campaign_price=line.campaign_price,
        formula=Formula.from_stored(change.formula or {}), decided_by=name,
    )  # fmt: skip
