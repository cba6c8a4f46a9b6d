"""What a price change would do, line by line, before anything is stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import func, select

from app.inventory.queries import list_units
from app.inventory.rules import AllocationState
from app.inventory.unit_filters import UnitFilter
from app.inventory.unit_rows import UnitRow, rows_by_id
from app.kernel.clock import branch_date
from app.kernel.labels import Bilingual, Labelled
from app.kernel.money import ZERO
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.pricing.commands import ProposedPrice
from app.pricing.effective import guide_prices
from app.pricing.errors import FormulaNeedsPresentPrice, TooManyPrices
from app.pricing.handlers import MOST_LINES
from app.pricing.rules import Formula, PriceKind, PriceLevel, change_share, free_percent
from app.runtime.language import tr, tr_noop
from db.lists import listed
from db.models.catalog import Make, ModelYear, Series, Trim
from db.models.inventory import VehicleUnit
from db.models.pricing import PriceChange, PriceLine

Progress = Callable[[str, float | None], None]
_PAGE = 500


class PriceWarning(Labelled):
    """What to look at in a line; the first four keep it from being stored."""

    NOT_POSITIVE = "not_positive", tr_noop("Not above zero")
    FLOOR_ABOVE_LIST = "floor_above_list", tr_noop("Floor above list")
    BELOW_FLOOR = "below_floor", tr_noop("Below the floor")
    NO_LOWER = "no_lower", tr_noop("Not below the list price")
    BELOW_COST = "below_cost", tr_noop("Below cost")
    ABOVE_GUIDE = "above_guide", tr_noop("Above the guide price")
    LARGE = "large", tr_noop("Needs approval")


STOPPING = frozenset(
    {PriceWarning.NOT_POSITIVE, PriceWarning.FLOOR_ABOVE_LIST, PriceWarning.BELOW_FLOOR, PriceWarning.NO_LOWER}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTarget:
    """Which vehicles: those a stock filter shows, chosen ones, or whole trims and series with all still to come."""

    filter: UnitFilter | None = None
    unit_ids: tuple[str, ...] = ()
    trim_ids: tuple[str, ...] = ()
    series_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePlan:
    """A price change as it is planned. `floor_follows`: the floor price moves by as much as the list price."""

    kind: PriceKind
    target: PriceTarget
    formula: Formula
    floor_follows: bool = False
    below_floor: bool = False
    valid_from: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRow:
    """One line: what it is, the price that would change before and after, and what to look at. `cost` only for those
    who may see it."""

    id: str
    level: PriceLevel
    name: Bilingual
    detail: str
    age_days: int | None
    guide_price: Decimal
    list_before: Decimal
    floor_before: Decimal
    before: Decimal
    after: Decimal
    floor_after: Decimal | None
    cost: Decimal | None
    units: int
    warnings: tuple[PriceWarning, ...]
    kind: PriceKind
    below_floor_allowed: bool
    free_percent: Decimal

    @property
    def change(self) -> Decimal:
        """After less before."""
        return self.after - self.before

    @property
    def margin(self) -> Decimal | None:
        """The new price over cost in percent of the price, with one place."""
        if self.cost is None or self.after <= 0:
            return None
        return ((self.after - self.cost) * 100 / self.after).quantize(Decimal("0.1"), ROUND_HALF_UP)

    @property
    def stops(self) -> bool:
        """Whether the line cannot be stored as it is."""
        return not STOPPING.isdisjoint(self.warnings)

    def with_price(self, after: Decimal) -> "PreviewRow":
        """The row with another new price; a floor that followed keeps its distance."""
        floor = self.floor_after
        if floor is not None:
            floor = floor + (after - self.after)
        return judged(replace(self, after=after, floor_after=floor))


@dataclass(frozen=True, slots=True, kw_only=True)
class PricePreview:
    """All lines, and how many vehicles were left out: held or sold, of other branches, unchanged; and units that keep
    a price of their own whatever is said about their trim."""

    rows: tuple[PreviewRow, ...]
    taken: int
    elsewhere: int
    unchanged: int
    own_price: int


def judged(row: PreviewRow) -> PreviewRow:
    """The row with the warnings its figures call for."""
    return replace(row, warnings=tuple(_warnings(row)))


def _warnings(row: PreviewRow) -> list[PriceWarning]:
    found: list[PriceWarning] = []
    list_price = row.after if row.kind is PriceKind.LIST else row.list_before
    floor = row.after if row.kind is PriceKind.FLOOR else row.floor_after or row.floor_before
    if row.after <= 0:
        found.append(PriceWarning.NOT_POSITIVE)
    if row.kind is not PriceKind.CAMPAIGN and floor > list_price:
        found.append(PriceWarning.FLOOR_ABOVE_LIST)
    if row.kind is PriceKind.CAMPAIGN and row.after >= row.list_before:
        found.append(PriceWarning.NO_LOWER)
    if row.kind is PriceKind.CAMPAIGN and row.after < floor and not row.below_floor_allowed:
        found.append(PriceWarning.BELOW_FLOOR)
    if row.cost is not None and row.after < row.cost:
        found.append(PriceWarning.BELOW_COST)
    if row.kind is not PriceKind.FLOOR and row.guide_price and row.after > row.guide_price:
        found.append(PriceWarning.ABOVE_GUIDE)
    if change_share(row.before, row.after) > row.free_percent:
        found.append(PriceWarning.LARGE)
    return found


def preview_prices(reader: Reader, plan: PricePlan, *, progress: Progress | None = None) -> PricePreview:
    """The lines of a plan. `progress` is told how far it is and may raise to cancel.

    Raises TooManyPrices, and FormulaNeedsPresentPrice for a trim's list price that is not absolute.
    """
    reader.require(Permission.PRICING_EDIT)
    wholes = plan.target.trim_ids or plan.target.series_ids
    if wholes and plan.kind is not PriceKind.CAMPAIGN and not plan.formula.is_absolute:
        raise FormulaNeedsPresentPrice(field="formula_kind")
    return _preview_wholes(reader, plan) if wholes else _preview_units(reader, plan, progress or (lambda *_: None))


def _preview_units(reader: Reader, plan: PricePlan, tell: Progress) -> PricePreview:
    found: list[PreviewRow] = []
    taken = elsewhere = unchanged = 0
    limit = free_percent(branch_date(reader.now))
    for units in _chosen_units(reader, plan.target):
        guides = guide_prices(reader.session, {unit.trim_id for unit in units})
        for unit in units:
            if unit.branch_id != reader.actor.branch_id:
                elsewhere += 1
            elif unit.allocation is not AllocationState.FREE:
                taken += 1
            else:
                row = _unit_row(plan, unit, guides.get(unit.trim_id, ZERO), limit)
                unchanged += row.change == 0
                found += [row] if row.change else []
        if len(found) > MOST_LINES:
            raise TooManyPrices(limit=f"{MOST_LINES:,}")
        tell(tr("Calculating prices"), None)
    return PricePreview(rows=tuple(found), taken=taken, elsewhere=elsewhere, unchanged=unchanged, own_price=0)


def _chosen_units(reader: Reader, target: PriceTarget) -> Any:
    if target.unit_ids:
        for start in range(0, len(target.unit_ids), _PAGE):
            yield rows_by_id(reader, target.unit_ids[start : start + _PAGE])
        return
    filter = target.filter or UnitFilter()
    after = None
    while True:
        page = list_units(reader, filter=filter, after=after, limit=_PAGE)
        yield page.rows
        after = page.next_cursor
        if after is None:
            return


def _unit_row(plan: PricePlan, unit: UnitRow, guide: Decimal, limit: Decimal) -> PreviewRow:
    before = unit.floor_price if plan.kind is PriceKind.FLOOR else unit.list_price
    after = plan.formula.apply(before, guide or unit.list_price)
    follows = plan.kind is PriceKind.LIST and plan.floor_follows
    return judged(
        PreviewRow(
            id=unit.id, level=PriceLevel.UNIT, name=unit.name, detail=unit.vin, age_days=unit.age_days,
            guide_price=guide, list_before=unit.list_price, floor_before=unit.floor_price, before=before, after=after,
            floor_after=max(unit.floor_price + after - before, ZERO) if follows else None, cost=unit.cost, units=1,
            warnings=(), kind=plan.kind, below_floor_allowed=plan.below_floor, free_percent=limit,
        )
    )  # fmt: skip


def _preview_wholes(reader: Reader, plan: PricePlan) -> PricePreview:
    """One line a trim: what its vehicles cost now at most, and what they would; series are shown by their trims."""
    trims = _trims_of(reader, plan.target)
    stock = _stock_of(reader, [trim_id for trim_id, *_ in trims])
    limit = free_percent(branch_date(reader.now))
    rows = []
    for trim_id, name, guide in trims:
        units, dearest, floor, cost = stock.get(trim_id, (0, guide, ZERO, None))
        before = floor if plan.kind is PriceKind.FLOOR else dearest
        after = plan.formula.apply(before, guide)
        rows.append(
            judged(
                PreviewRow(
                    id=trim_id, level=PriceLevel.TRIM, name=name, detail="", age_days=None, guide_price=guide,
                    list_before=dearest, floor_before=floor, before=before, after=after, floor_after=None, cost=cost,
                    units=units, warnings=(), kind=plan.kind, below_floor_allowed=plan.below_floor, free_percent=limit,
                )
            )
        )  # fmt: skip
    own = _with_own_price(reader, [row.id for row in rows]) if plan.kind is not PriceKind.CAMPAIGN else 0
    return PricePreview(rows=tuple(rows), taken=0, elsewhere=0, unchanged=0, own_price=own)


def _trims_of(reader: Reader, target: PriceTarget) -> list[tuple[str, Bilingual, Decimal]]:
    query = (
        select(
            Trim.id, Trim.guide_price, Make.name_zh, Make.name_en, Series.name_zh, Series.name_en, ModelYear.year,
            Trim.name_zh, Trim.name_en,
        )
        .join(ModelYear, ModelYear.id == Trim.model_year_id)
        .join(Series, Series.id == ModelYear.series_id)
        .join(Make, Make.id == Series.make_id)
        .where(Trim.deleted_at.is_(None))
        .where(Trim.id.in_(listed(target.trim_ids)) | Series.id.in_(listed(target.series_ids)))
        .order_by(Make.name_en, Series.name_en, ModelYear.year.desc(), Trim.guide_price)
    )  # fmt: skip
    return [
        (row[0], Bilingual(f"{row[2]} {row[4]} {row[6]}款 {row[7]}", f"{row[3]} {row[5]} {row[6]} {row[8]}"), row[1])
        for row in reader.session.execute(query)
    ]


def _stock_of(reader: Reader, trim_ids: Sequence[str]) -> dict[str, tuple[int, Decimal, Decimal, Decimal | None]]:
    """By trim: how many free vehicles, the highest list and floor price, the highest cost for those who may see it."""
    query = (
        select(
            VehicleUnit.trim_id, func.count(), func.max(VehicleUnit.list_price), func.max(VehicleUnit.floor_price),
            func.max(VehicleUnit.cost),
        )
        .where(
            VehicleUnit.branch_id == reader.actor.branch_id, VehicleUnit.stock_state.in_(("IN_STOCK", "IN_TRANSIT")),
            VehicleUnit.trim_id.in_(listed(trim_ids)), VehicleUnit.allocation_state == AllocationState.FREE.value,
            VehicleUnit.deleted_at.is_(None),
        )
        .group_by(VehicleUnit.trim_id)
    )  # fmt: skip
    costs = reader.actor.may(Permission.INVENTORY_VIEW_COST)
    return {row[0]: (row[1], row[2], row[3], row[4] if costs else None) for row in reader.session.execute(query)}


def _with_own_price(reader: Reader, trim_ids: Sequence[str]) -> int:
    """Units of these trims that have a price of their own, which goes before their trim's."""
    query = (
        select(func.count(func.distinct(VehicleUnit.id)))
        .join(PriceLine, PriceLine.subject_id == VehicleUnit.id)
        .join(PriceChange, PriceChange.id == PriceLine.change_id)
        .where(
            VehicleUnit.trim_id.in_(listed(trim_ids)), VehicleUnit.branch_id == reader.actor.branch_id,
            VehicleUnit.stock_state.in_(("IN_STOCK", "IN_TRANSIT")), PriceLine.level == PriceLevel.UNIT.value,
            PriceChange.state == "APPROVED", PriceChange.kind != PriceKind.CAMPAIGN.value,
        )
    )  # fmt: skip
    return int(reader.session.scalar(query) or 0)


def proposed_lines(
    plan: PricePlan, rows: Sequence[PreviewRow], *, edited: frozenset[str], left_out: bool = False
) -> tuple[ProposedPrice, ...]:
    """What is stored of a preview. A series stays one line with the formula, which also speaks about trims still to
    come, unless some of its trims were left out; rows that were edited get lines of their own, and so do vehicles."""
    target = plan.target
    if not (target.trim_ids or target.series_ids):
        return tuple(_unit_line(plan, row) for row in rows)
    lines = [] if left_out else [ProposedPrice(level=PriceLevel.SERIES, subject_id=one) for one in target.series_ids]
    for row in rows:
        if not (left_out or row.id in edited or row.id in target.trim_ids):
            continue  # its series speaks for it
        by_formula = plan.kind is PriceKind.CAMPAIGN and row.id not in edited
        plain = ProposedPrice(level=PriceLevel.TRIM, subject_id=row.id)
        lines.append(plain if by_formula else _with_amount(plan, row, plain))
    return tuple(lines)


def _unit_line(plan: PricePlan, row: PreviewRow) -> ProposedPrice:
    line = ProposedPrice(
        level=PriceLevel.UNIT, subject_id=row.id, list_before=row.list_before, floor_before=row.floor_before
    )
    return _with_amount(plan, row, line)


def _with_amount(plan: PricePlan, row: PreviewRow, line: ProposedPrice) -> ProposedPrice:
    match plan.kind:
        case PriceKind.LIST:
            return replace(line, list_price=row.after, floor_price=row.floor_after)
        case PriceKind.FLOOR:
            return replace(line, floor_price=row.after)
        case _:
            return replace(line, campaign_price=row.after)
