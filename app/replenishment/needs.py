"""What should be ordered, trim by trim: one calculation over all trims of a branch."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.kernel.clock import branch_date
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.replenishment.demand import (
    Demand,
    LeadTime,
    Month,
    TargetStock,
    judge_demand,
    season_ahead,
    season_indices,
    selling_days,
    target_stock,
)
from app.replenishment.festival import festivals
from app.replenishment.history import (
    MONTHS,
    Standing,
    entered_lead_times,
    measured_lead_times,
    sales_by_month,
    stock_by_trim,
)
from app.replenishment.need_rows import LeadSource, NeedRow, OrderingPolicy, TrimPlace
from app.replenishment.purchase_costs import expected_costs
from app.replenishment.rules import colour_shares, days_of_supply, house_policy, split_by_colour
from db.freshness import until_next_write
from db.lists import listed
from db.models.catalog import Make, ModelYear, Series, Trim
from db.models.replenishment import ReplenishmentPolicy, StockMinimum

_LEAST_MONTHS = 6


def policy_of(reader: Reader) -> OrderingPolicy:
    """How the actor's branch orders."""
    house = house_policy(branch_date(reader.now))
    chosen = reader.session.get(ReplenishmentPolicy, reader.actor.branch_id)
    if chosen is None or chosen.deleted_at is not None:
        return OrderingPolicy(
            service_level=house.service_level, review_days=house.review_days, chosen=False, house=house
        )
    return OrderingPolicy(
        service_level=chosen.service_level, review_days=chosen.review_days, chosen=True, house=house
    )


def all_needs(reader: Reader) -> tuple[NeedRow, ...]:
    """Every trim of the branch that sold or stands here, the most urgent first. Kept until somebody writes."""
    reader.require(Permission.REPLENISHMENT_VIEW)
    costs = reader.actor.may(Permission.INVENTORY_VIEW_COST)
    key = ("replenishment needs", reader.actor.branch_id, branch_date(reader.now), costs)
    return until_next_write(reader.session, key, lambda: _Needs(reader, costs=costs).rows())


class _Needs:
    """One calculation over all trims of a branch."""

    def __init__(self, reader: Reader, *, costs: bool) -> None:
        self._reader, self._costs = reader, costs
        self.policy = policy_of(reader)
        self.today = branch_date(reader.now)
        first = _months_back(self.today, MONTHS)
        self.festival = festivals(first, self.today + timedelta(days=200))
        self.share = self.policy.house.festival_share
        self.days = selling_days(first, self.today, festival=self.festival, share=self.share)
        self.sold = sales_by_month(reader, since=first)
        self.stock = stock_by_trim(reader)
        self.branch_season = season_indices(_add_up(self.sold.values()), self.days)
        self.branch_colours = _colours_of(self.sold.items())
        self.entered, self.measured = entered_lead_times(reader), measured_lead_times(reader)

    def rows(self) -> tuple[NeedRow, ...]:
        minimums = _minimums(self._reader)
        wanted = {trim_id for trim_id, _ in self.sold} | set(self.stock)
        wanted |= {minimum.trim_id for minimum in minimums if minimum.trim_id}
        places = _places(self._reader, wanted, {minimum.series_id for minimum in minimums})
        drafts = {trim_id: self._draft(place) for trim_id, place in places.items()}
        _raise_to_minimums(drafts, minimums)
        needed = [draft.place.trim_id for draft in drafts.values() if draft.total]
        costs = expected_costs(self._reader.session, needed, branch_id=self._reader.actor.branch_id)
        made = [self._row(draft, costs.get(draft.place.trim_id)) for draft in drafts.values()]
        return tuple(sorted((row for row in made if _is_shown(row)), key=_urgency))

    def _draft(self, place: TrimPlace) -> "_Draft":
        by_colour = {colour: months for (trim_id, colour), months in self.sold.items() if trim_id == place.trim_id}
        monthly = _add_up(by_colour.values())
        newest = (self.today.year, self.today.month)
        known = self._days_known(monthly)
        demand = judge_demand(monthly, known, self.branch_season, newest=newest)
        lead, source = self._lead(place.make_id)
        ahead = self.policy.review_days + lead.mean
        season = season_ahead(self.branch_season, self.today, ahead, festival=self.festival, share=self.share)
        target = target_stock(
            demand, lead, review_days=self.policy.review_days, level=self.policy.service_level, season=season
        )
        standing = self.stock.get(place.trim_id, Standing())
        quantity = max(0, target.target - standing.position)
        shares = colour_shares(_colours_of(((place.trim_id, c), m) for c, m in by_colour.items()), self.branch_colours)
        available = {colour: part.position for colour, part in standing.colours.items()}
        return _Draft(
            place=place, demand=demand, target=target, lead=lead, source=source, season=season, standing=standing,
            monthly=monthly, months=len(known), by_formula=quantity, available=available, shares=shares,
            colours=split_by_colour(quantity, shares, available),
        )  # fmt: skip

    def _days_known(self, monthly: Mapping[Month, float]) -> dict[Month, float]:
        """The months since the trim sells, six at least: before it was launched it could not be sold."""
        half_year = _months_back(self.today, _LEAST_MONTHS - 1)
        since = min([*monthly, (half_year.year, half_year.month)])
        return {month: days for month, days in self.days.items() if month >= since}

    def _lead(self, make_id: str) -> tuple[LeadTime, LeadSource]:
        if make_id in self.entered:
            return self.entered[make_id], LeadSource.ENTERED
        if make_id in self.measured:
            return self.measured[make_id][0], LeadSource.MEASURED
        house = self.policy.house
        return LeadTime(house.lead_days, house.lead_spread), LeadSource.HOUSE

    def _row(self, draft: "_Draft", cost: Decimal | None) -> NeedRow:
        standing = draft.standing
        recent = _months_back(self.today, 3)
        return NeedRow(
            id=draft.place.trim_id, place=draft.place, demand=draft.demand, target=draft.target, lead=draft.lead,
            lead_source=draft.source, season=draft.season, free=standing.free, held=standing.held,
            coming=standing.coming, on_order=standing.on_order, blocked=standing.blocked,
            sold_recently=int(sum(n for month, n in draft.monthly.items() if month >= (recent.year, recent.month))),
            days=days_of_supply(standing.free, draft.demand.daily), minimum=draft.minimum,
            by_formula=draft.by_formula, suggested=draft.total,
            colours=tuple(sorted(draft.colours.items(), key=lambda item: (-item[1], item[0]))),
            available=draft.available, monthly=tuple((m, int(draft.monthly.get(m, 0))) for m in sorted(self.days)),
            months=draft.months, unit_cost=cost if self._costs else None,
        )  # fmt: skip


@dataclass(slots=True, kw_only=True)
class _Draft:
    """A trim while minimums may still raise its colours."""

    place: TrimPlace
    demand: Demand
    target: TargetStock
    lead: LeadTime
    source: LeadSource
    season: float
    standing: Standing
    monthly: dict[Month, float]
    months: int
    by_formula: int
    available: dict[str, int]
    shares: dict[str, float]
    colours: dict[str, int]
    minimum: int = 0

    @property
    def total(self) -> int:
        return sum(self.colours.values())

    def will_have(self, colour: str) -> int:
        """What will be available with the suggestion; an empty colour means any."""
        if not colour:
            return self.standing.position + self.total
        return self.available.get(colour, 0) + self.colours.get(colour, 0)


def _raise_to_minimums(drafts: dict[str, _Draft], minimums: Sequence[StockMinimum]) -> None:
    """Add what is lacking to the trim that sells best; the most special minimum first, so that it counts for the
    wider ones too."""
    for minimum in sorted(minimums, key=lambda one: (one.trim_id is None, not one.exterior_colour, one.id)):
        concerned = [
            draft
            for draft in drafts.values()
            if draft.place.series_id == minimum.series_id and minimum.trim_id in (None, draft.place.trim_id)
        ]
        if not concerned:
            continue
        for draft in concerned:
            draft.minimum = max(draft.minimum, minimum.quantity)
        lacking = minimum.quantity - sum(draft.will_have(minimum.exterior_colour) for draft in concerned)
        if lacking <= 0:
            continue
        best = max(concerned, key=lambda draft: (draft.demand.daily, draft.place.guide_price, draft.place.trim_id))
        more = (
            {minimum.exterior_colour: lacking}
            if minimum.exterior_colour
            else split_by_colour(lacking, best.shares, {c: best.will_have(c) for c in best.shares})
        )
        for colour, count in more.items():
            best.colours[colour] = best.colours.get(colour, 0) + count


def _is_shown(row: NeedRow) -> bool:
    return bool(row.suggested or row.position or row.held or row.sold_recently)


def _urgency(row: NeedRow) -> tuple[bool, float, str]:
    return row.suggested == 0, -float(row.suggested) - row.demand.daily, str(row.name.en)


def _months_back(day: date, months: int) -> date:
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _add_up(parts: object) -> dict[Month, float]:
    total: dict[Month, float] = defaultdict(float)
    for months in parts:  # type: ignore[attr-defined]
        for month, count in months.items():
            total[month] += count
    return dict(total)


def _colours_of(sold: object) -> dict[str, float]:
    total: dict[str, float] = defaultdict(float)
    for (_trim_id, colour), months in sold:  # type: ignore[attr-defined]
        total[colour] += sum(months.values())
    return dict(total)


def _minimums(reader: Reader) -> list[StockMinimum]:
    query = select(StockMinimum).where(
        StockMinimum.branch_id == reader.actor.branch_id, StockMinimum.deleted_at.is_(None)
    )
    return list(reader.session.scalars(query))


def _places(reader: Reader, trim_ids: set[str], series_ids: set[str]) -> dict[str, TrimPlace]:
    query = (
        select(
            Trim.id, Make.id, Series.id, Make.name_zh, Make.name_en, Series.name_zh, Series.name_en, ModelYear.year,
            Trim.name_zh, Trim.name_en, Trim.guide_price,
        )
        .join(ModelYear, ModelYear.id == Trim.model_year_id)
        .join(Series, Series.id == ModelYear.series_id)
        .join(Make, Make.id == Series.make_id)
        .where(Trim.deleted_at.is_(None))
        .where(Trim.id.in_(listed(sorted(trim_ids))) | Series.id.in_(listed(sorted(series_ids))))
    )  # fmt: skip
    return {
        row[0]: TrimPlace(
            trim_id=row[0], make_id=row[1], series_id=row[2],
            series=Bilingual(f"{row[3]} {row[5]}", f"{row[4] or row[3]} {row[6] or row[5]}"),
            short=Bilingual(row[5], row[6] or row[5]), trim=Bilingual(row[8], row[9] or row[8]),
            name=Bilingual(f"{row[3]} {row[5]} {row[7]}款 {row[8]}",
                           f"{row[4] or row[3]} {row[6] or row[5]} {row[7]} {row[9] or row[8]}"),
            guide_price=row[10],
        )
        for row in reader.session.execute(query)
    }  # fmt: skip


def fitting(rows: Sequence[Any], text: str) -> list[Any]:
    """The rows whose names hold all words of a text."""
    words = text.casefold().split()
    return [row for row in rows if all(word in f"{row.name.zh} {row.name.en}".casefold() for word in words)]


def place_names(reader: Reader, trim_ids: set[str]) -> dict[str, tuple[Bilingual, Bilingual]]:
    """Series and full name of trims."""
    return {trim_id: (place.series, place.name) for trim_id, place in _places(reader, trim_ids, set()).items()}
