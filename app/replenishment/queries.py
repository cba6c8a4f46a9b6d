"""Reading what to order: needs, minimums and lead times."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

from app.kernel.labels import Bilingual
from app.kernel.money import ZERO
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.replenishment.demand import LeadTime as Days
from app.replenishment.history import entered_lead_times, measured_lead_times
from app.replenishment.need_rows import LeadSource, NeedRow, OrderingPolicy
from app.replenishment.needs import all_needs, fitting, policy_of
from app.replenishment.slow_stock_queries import count_aged_units, list_overstock
from db.lists import listed
from db.models.catalog import Make, Series, Trim
from db.models.replenishment import StockMinimum
from db.models.staff import StaffMember


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsOverview:
    """The whole branch in a few figures, and how it orders."""

    policy: OrderingPolicy
    suggested: int
    trims: int
    value: Decimal | None
    free: int
    coming: int
    on_order: int
    days: int | None
    overstocked: int
    aged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimumRow:
    """A minimum and what stands against it now."""

    id: str
    series_id: str
    series: Bilingual
    trim_id: str | None
    trim: Bilingual
    colour: Bilingual
    quantity: int
    available: int
    note: str
    set_by: str
    set_at: datetime

    @property
    def lacking(self) -> int:
        """How many are missing."""
        return max(0, self.quantity - self.available)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTimeRow:
    """The lead time of a make: what counts, where it comes from, what was measured."""

    id: str
    make: Bilingual
    counts: Days
    source: LeadSource
    entered: Days | None
    measured: Days | None
    arrivals: int
    """Of how many vehicles the measured one is the mean."""


def list_needs(
    reader: Reader, *, text: str = "", only: str | Sequence[str] | None = None, after: int | None = None,
    limit: int = 100,
) -> tuple[NeedRow, ...]:  # fmt: skip
    """What should be ordered, the most urgent first. `only` "suggested" leaves out what needs nothing."""
    rows = fitting(all_needs(reader), text)
    if only and "suggested" in ([only] if isinstance(only, str) else only):
        rows = [row for row in rows if row.suggested]
    return tuple(rows)


def needs_overview(reader: Reader) -> NeedsOverview:
    """The figures above the list."""
    rows = all_needs(reader)
    values = [row.value for row in rows]
    known = [value for value in values if value is not None]
    free, daily = sum(row.free for row in rows), sum(row.demand.daily for row in rows)
    may_see = reader.actor.may(Permission.INVENTORY_VIEW_COST)
    return NeedsOverview(
        policy=policy_of(reader), suggested=sum(row.suggested for row in rows),
        trims=sum(1 for row in rows if row.suggested), value=sum(known, ZERO) if may_see else None, free=free,
        coming=sum(row.coming for row in rows), on_order=sum(row.on_order for row in rows),
        days=round(free / daily) if daily > 0 else None, overstocked=len(list_overstock(reader)),
        aged=count_aged_units(reader),
    )  # fmt: skip


# --- minimums and lead times ---------------------------------------------------------------------


def list_minimums(reader: Reader, *, text: str = "") -> tuple[MinimumRow, ...]:
    """The minimums of the branch with what is available now, the most lacking first."""
    reader.require(Permission.REPLENISHMENT_VIEW)
    query = (
        select(StockMinimum, Make.name_zh, Make.name_en, Series.name_zh, Series.name_en, Trim.name_zh, Trim.name_en,
               StaffMember.name)
        .outerjoin(Series, Series.id == StockMinimum.series_id)
        .outerjoin(Make, Make.id == Series.make_id)
        .outerjoin(Trim, Trim.id == StockMinimum.trim_id)
        .outerjoin(StaffMember, StaffMember.id == StockMinimum.set_by_staff_id)
        .where(StockMinimum.branch_id == reader.actor.branch_id, StockMinimum.deleted_at.is_(None))
    )  # fmt: skip
    needs = all_needs(reader)
    rows = [
        MinimumRow(
            id=one.id, series_id=one.series_id, series=Bilingual(f"{names[0]} {names[2]}", f"{names[1]} {names[3]}"),
            trim_id=one.trim_id, trim=Bilingual(names[4] or "", names[5] or ""),
            colour=Bilingual.from_stored(one.exterior_colour), quantity=one.quantity,
            available=_available(needs, one), note=one.note, set_by=names[6] or "", set_at=one.set_at,
        )
        for one, *names in reader.session.execute(query)
    ]  # fmt: skip
    words = text.casefold().split()
    rows = [row for row in rows if all(word in f"{row.series.zh} {row.series.en}".casefold() for word in words)]
    return tuple(sorted(rows, key=lambda row: (-row.lacking, row.series.en, row.trim.en, row.colour.en)))


def _available(needs: Sequence[NeedRow], minimum: StockMinimum) -> int:
    found = 0
    for row in needs:
        if row.place.series_id != minimum.series_id or minimum.trim_id not in (None, row.id):
            continue
        colour = minimum.exterior_colour
        found += row.available.get(colour, 0) if colour else row.position
    return found


def list_lead_times(reader: Reader) -> tuple[LeadTimeRow, ...]:
    """Every make with stock or sales here, and how long its orders take."""
    reader.require(Permission.REPLENISHMENT_VIEW)
    house = policy_of(reader).house
    entered, measured = entered_lead_times(reader), measured_lead_times(reader)
    makes = {row.place.make_id for row in all_needs(reader)} | set(entered)
    names = reader.session.execute(
        select(Make.id, Make.name_zh, Make.name_en).where(Make.id.in_(listed(sorted(makes)))).order_by(Make.name_en)
    )
    rows = []
    for make_id, zh, en in names:
        found = measured.get(make_id)
        source = LeadSource.ENTERED if make_id in entered else LeadSource.MEASURED if found else LeadSource.HOUSE
        counts = entered.get(make_id) or (found[0] if found else Days(house.lead_days, house.lead_spread))
        rows.append(
            LeadTimeRow(
                id=make_id, make=Bilingual(zh, en), counts=counts, source=source,
                entered=entered.get(make_id), measured=found[0] if found else None, arrivals=found[1] if found else 0,
            )
        )  # fmt: skip
    return tuple(rows)
