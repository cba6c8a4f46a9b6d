"""Reading what replenishment works with: needs, minimums, proposals, warnings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from app.inventory.queries import AgeBand, UnitFilter, UnitRow, UnitSort, list_units
from app.inventory.rules import AllocationState, StockState
from app.inventory.unit_filters import listed
from app.kernel.clock import branch_date
from app.kernel.labels import Bilingual
from app.kernel.money import ZERO
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.replenishment.demand import LeadTime as Days
from app.replenishment.history import entered_lead_times, measured_lead_times, sold_since
from app.replenishment.needs import (
    FORMULA,
    SOURCES,
    LeadSource,
    NeedRow,
    OrderingPolicy,
    all_needs,
    place_names,
    policy_of,
)
from app.replenishment.offers import Surplus, list_surplus
from app.replenishment.rules import (
    PROPOSAL,
    AgedAction,
    ProposalState,
    aged_action,
    open_quantities,
)
from db.freshness import until_next_write
from db.models.catalog import Make, Series, Trim
from db.models.inventory import VehicleUnit
from db.models.replenishment import PurchaseLine, PurchaseProposal, StockMinimum
from db.models.staff import Branch, StaffMember

__all__ = [
    "FORMULA", "SOURCES", "AgedRow", "MinimumRow", "NeedRow", "OrderingPolicy", "OverstockRow", "ProposalDetail",
    "ProposalLineRow", "ProposalRow", "Surplus", "count_aged_units", "get_proposal", "list_aged_units",
    "list_lead_times", "list_minimums", "list_needs", "list_overstock", "list_proposals", "list_surplus",
    "needs_overview", "policy_of",
]  # fmt: skip

_SELLER_DAYS = 90


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """One purchase proposal in a list."""

    id: str
    cursor: str
    revision: int
    number: str
    state: ProposalState
    units: int
    value: Decimal | None
    still_open: int
    drafted_by: str
    drafted_on: date
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLineRow:
    """One line of a proposal; costs only for those who may see them."""

    id: str
    trim_id: str
    series: Bilingual
    name: Bilingual
    colour: Bilingual
    stored_colour: str
    quantity: int
    suggested: int
    still_open: int
    unit_cost: Decimal | None
    note: str

    @property
    def value(self) -> Decimal | None:
        """Quantity by cost."""
        return None if self.unit_cost is None else self.unit_cost * self.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDetail:
    """A proposal in full; `actions` are what the reader may do with it now."""

    row: ProposalRow
    lines: tuple[ProposalLineRow, ...]
    service_level: int
    decided_by: str
    decided_at: datetime | None
    decision_note: str
    ordered_at: datetime | None
    branch: Bilingual
    company: Bilingual
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverstockRow:
    """A trim with more than it sells: how many days it lasts, how many are too many, who could sell them."""

    id: str
    name: Bilingual
    free: int
    monthly: float
    days: int | None
    surplus: int
    better_branch_id: str
    better_branch: Bilingual

    @property
    def action(self) -> AgedAction:
        """To the branch that sells it, else a campaign."""
        return AgedAction.TRANSFER if self.better_branch_id else AgedAction.CAMPAIGN


@dataclass(frozen=True, slots=True, kw_only=True)
class AgedRow:
    """A unit that stands too long, and what to do about it."""

    unit: UnitRow
    action: AgedAction
    better_branch_id: str
    better_branch: Bilingual

    @property
    def id(self) -> str:
        """The unit's."""
        return self.unit.id

    @property
    def age_days(self) -> int:
        """Days since arrival."""
        return self.unit.age_days


def list_needs(
    reader: Reader, *, text: str = "", only: str | Sequence[str] | None = None, after: int | None = None,
    limit: int = 100,
) -> tuple[NeedRow, ...]:  # fmt: skip
    """What should be ordered, the most urgent first. `only` "suggested" leaves out what needs nothing."""
    rows = _fitting(all_needs(reader), text)
    if only and "suggested" in ([only] if isinstance(only, str) else only):
        rows = [row for row in rows if row.suggested]
    return tuple(rows)


def _fitting(rows: Sequence[Any], text: str) -> list[Any]:
    words = text.casefold().split()
    return [row for row in rows if all(word in f"{row.name.zh} {row.name.en}".casefold() for word in words)]


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


# --- proposals -----------------------------------------------------------------------------------


def list_proposals(
    reader: Reader, *, state: str | Sequence[str] | None = None, text: str = "", after: str | None = None,
    limit: int = 100,
) -> tuple[ProposalRow, ...]:  # fmt: skip
    """The branch's proposals, the newest first."""
    reader.require(Permission.REPLENISHMENT_VIEW)
    query = (
        select(PurchaseProposal, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == PurchaseProposal.drafted_by_staff_id)
        .where(PurchaseProposal.branch_id == reader.actor.branch_id, PurchaseProposal.deleted_at.is_(None))
        .order_by(PurchaseProposal.id.desc())
        .limit(limit)
    )
    if state:
        query = query.where(PurchaseProposal.state.in_([state] if isinstance(state, str) else list(state)))
    if text.strip():
        like = f"%{text.strip()}%"
        query = query.where(PurchaseProposal.number.ilike(like) | PurchaseProposal.note.ilike(like))
    if after is not None:
        query = query.where(PurchaseProposal.id < after)
    found = reader.session.execute(query).all()
    lines = _lines_of(reader, [proposal.id for proposal, _ in found])
    left = _open_by_line(reader, [proposal for proposal, _ in found], lines)
    return tuple(_proposal_row(reader, one, name or "", lines.get(one.id, []), left) for one, name in found)


def _lines_of(reader: Reader, proposal_ids: Sequence[str]) -> dict[str, list[PurchaseLine]]:
    query = select(PurchaseLine).where(
        PurchaseLine.proposal_id.in_(listed(proposal_ids)), PurchaseLine.deleted_at.is_(None)
    )
    found: dict[str, list[PurchaseLine]] = {}
    for line in reader.session.scalars(query.order_by(PurchaseLine.position)):
        found.setdefault(line.proposal_id, []).append(line)
    return found


def _open_by_line(
    reader: Reader, proposals: Sequence[PurchaseProposal], lines: Mapping[str, Sequence[PurchaseLine]]
) -> dict[str, int]:
    """What of each ordered line is still to come."""
    placed = [
        (line, proposal.ordered_at)
        for proposal in proposals
        if proposal.state == ProposalState.ORDERED and proposal.ordered_at is not None
        for line in lines.get(proposal.id, ())
    ]
    if not placed:
        return {}
    since = min(at for _, at in placed)
    query = select(VehicleUnit.trim_id, VehicleUnit.exterior_colour, VehicleUnit.created_at).where(
        VehicleUnit.trim_id.in_(listed(sorted({line.trim_id for line, _ in placed}))),
        VehicleUnit.branch_id == reader.actor.branch_id, VehicleUnit.created_at > since,
        VehicleUnit.deleted_at.is_(None),
    )  # fmt: skip
    arrivals: dict[tuple[str, str], list[datetime]] = {}
    for trim_id, colour, at in reader.session.execute(query):
        arrivals.setdefault((trim_id, colour), []).append(at)
    found: dict[str, int] = {}
    for key in {(line.trim_id, line.exterior_colour) for line, _ in placed}:
        mine = [(line, at) for line, at in placed if (line.trim_id, line.exterior_colour) == key]
        left = open_quantities([(at, line.quantity) for line, at in mine], arrivals.get(key, []))
        found |= {line.id: count for (line, _), count in zip(mine, left, strict=True)}
    return found


def _proposal_row(
    reader: Reader, proposal: PurchaseProposal, name: str, lines: Sequence[PurchaseLine], left: Mapping[str, int]
) -> ProposalRow:
    costs = reader.actor.may(Permission.INVENTORY_VIEW_COST)
    return ProposalRow(
        id=proposal.id, cursor=proposal.id, revision=proposal.revision, number=proposal.number,
        state=ProposalState(proposal.state), units=sum(line.quantity for line in lines),
        value=sum((line.unit_cost * line.quantity for line in lines), ZERO) if costs else None,
        still_open=sum(left.get(line.id, 0) for line in lines), drafted_by=name, drafted_on=proposal.drafted_on,
        note=proposal.note,
    )  # fmt: skip


def get_proposal(reader: Reader, proposal_id: str) -> ProposalDetail:
    """One proposal in full; raises RecordNotFound."""
    reader.require(Permission.REPLENISHMENT_VIEW)
    proposal = reader.get(PurchaseProposal, proposal_id)
    lines = _lines_of(reader, [proposal.id]).get(proposal.id, [])
    left = _open_by_line(reader, [proposal], {proposal.id: lines})
    names = place_names(reader, {line.trim_id for line in lines})
    costs = reader.actor.may(Permission.INVENTORY_VIEW_COST)
    branch = reader.session.get(Branch, proposal.branch_id)
    unknown = Bilingual("", "")
    return ProposalDetail(
        row=_proposal_row(reader, proposal, _name(reader, proposal.drafted_by_staff_id), lines, left),
        lines=tuple(
            ProposalLineRow(
                id=line.id, trim_id=line.trim_id, series=names[line.trim_id][0] if line.trim_id in names else unknown,
                name=names[line.trim_id][1] if line.trim_id in names else unknown,
                colour=Bilingual.from_stored(line.exterior_colour), stored_colour=line.exterior_colour,
                quantity=line.quantity, suggested=line.suggested, still_open=left.get(line.id, 0),
                unit_cost=line.unit_cost if costs else None, note=line.note,
            )
            for line in lines
        ),
        service_level=proposal.service_level, decided_by=_name(reader, proposal.decided_by_staff_id),
        decided_at=proposal.decided_at, decision_note=proposal.decision_note, ordered_at=proposal.ordered_at,
        branch=Bilingual(branch.name_zh, branch.name_en) if branch else unknown,
        company=Bilingual(branch.company_zh, branch.company_en) if branch else unknown,
        actions=tuple(
            action.value
            for action in PROPOSAL.actions(ProposalState(proposal.state))
            if reader.actor.may(PROPOSAL.transition(ProposalState(proposal.state), action).permission)
        ),
    )  # fmt: skip


def _name(reader: Reader, staff_id: str | None) -> str:
    person = reader.session.get(StaffMember, staff_id) if staff_id else None
    return person.name if person else ""


# --- warnings ------------------------------------------------------------------------------------


def list_overstock(reader: Reader, *, text: str = "") -> tuple[OverstockRow, ...]:
    """Trims that last longer than the house wants, the longest first."""
    needs = all_needs(reader)
    limit = policy_of(reader).house.overstock_days
    over = [row for row in needs if row.free > max(row.target.target, row.minimum) and _lasts_too_long(row, limit)]
    better = _better_branches(reader, [row.id for row in over])
    none = ("", Bilingual("", ""))
    found = [
        OverstockRow(
            id=row.id, name=row.name, free=row.free, monthly=row.demand.monthly, days=row.days,
            surplus=row.free - max(row.target.target, row.minimum, round(row.demand.daily * limit)),
            better_branch_id=better.get(row.id, none)[0], better_branch=better.get(row.id, none)[1],
        )
        for row in over
    ]  # fmt: skip
    shown = [row for row in _fitting(found, text) if row.surplus > 0]
    return tuple(sorted(shown, key=lambda row: (row.days is not None, -(row.days or 0), -row.surplus)))


def _lasts_too_long(row: NeedRow, limit: int) -> bool:
    return row.days is None or row.days > limit


def _better_branches(reader: Reader, trim_ids: Sequence[str]) -> dict[str, tuple[str, Bilingual]]:
    """For each trim the other branch that sold most of it lately and has the least of it: at least two sold, and fewer
    free than it sells in that time. Looks at these trims only."""
    if not trim_ids:
        return {}
    key = ("better branches", reader.actor.branch_id, branch_date(reader.now), tuple(trim_ids))
    return until_next_write(reader.session, key, lambda: _find_better(reader, trim_ids))


def _find_better(reader: Reader, trim_ids: Sequence[str]) -> dict[str, tuple[str, Bilingual]]:
    since = branch_date(reader.now) - timedelta(days=_SELLER_DAYS)
    branches = {row[0]: Bilingual(row[1], row[2]) for row in reader.session.execute(
        select(Branch.id, Branch.name_zh, Branch.name_en))}  # fmt: skip
    wanted, others = set(trim_ids), [one for one in branches if one != reader.actor.branch_id]
    sold: Counter[tuple[str, str]] = Counter()
    for branch_id, trim_id, _, _, count in sold_since(reader, since=since, branch_ids=others):
        if trim_id in wanted:
            sold[branch_id, trim_id] += count
    stock = {
        (row[0], row[1]): row[2]
        for row in reader.session.execute(
            select(VehicleUnit.branch_id, VehicleUnit.trim_id, func.count())
            .where(
                VehicleUnit.branch_id.in_(sorted({branch_id for branch_id, _ in sold})),
                VehicleUnit.stock_state.in_((StockState.IN_STOCK.value, StockState.IN_TRANSIT.value)),
                VehicleUnit.trim_id.in_(listed(trim_ids)), VehicleUnit.deleted_at.is_(None),
                VehicleUnit.allocation_state == AllocationState.FREE.value,
            )
            .group_by(VehicleUnit.branch_id, VehicleUnit.trim_id)
        )
    }  # fmt: skip
    best: dict[str, tuple[int, str]] = {}
    for (branch_id, trim_id), count in sold.items():
        gap = count - stock.get((branch_id, trim_id), 0)
        if count >= 2 and gap > 0:
            best[trim_id] = max(best.get(trim_id, (0, "")), (gap, branch_id))
    return {trim_id: (branch_id, branches.get(branch_id, Bilingual("", ""))) for trim_id, (_, branch_id) in
            best.items()}  # fmt: skip


_AGED = UnitFilter(
    age_bands=(AgeBand.UNDER_90, AgeBand.UNDER_180, AgeBand.OVER_180),
    stock_states=(StockState.IN_STOCK,),
    allocation_states=(AllocationState.FREE,),
)


@dataclass(frozen=True, slots=True)
class AgedPage:
    """Some aged units and where to go on."""

    rows: tuple[AgedRow, ...]
    next: Any


def list_aged_units(reader: Reader, *, after: Any = None, limit: int = 100, text: str = "") -> AgedPage:
    """Free units that stand longer than the house's first step, the oldest first."""
    reader.require(Permission.REPLENISHMENT_VIEW)
    filter = replace(_AGED, branch_ids=(reader.actor.branch_id,), text=text)
    page = list_units(reader, filter=filter, after=after, limit=limit, sort=UnitSort.OLDEST)
    steps = policy_of(reader).house.aged_days
    better = _better_branches(reader, sorted({unit.trim_id for unit in page.rows}))
    none = ("", Bilingual("", ""))
    rows = []
    for unit in page.rows:
        action = aged_action(unit.age_days, steps)
        if action is None:
            continue
        branch = better.get(unit.trim_id, none)
        if action is AgedAction.TRANSFER and not branch[0]:
            action = AgedAction.CAMPAIGN
        rows.append(AgedRow(unit=unit, action=action, better_branch_id=branch[0], better_branch=branch[1]))
    return AgedPage(tuple(rows), page.next_cursor)


def count_aged_units(reader: Reader, *, text: str = "") -> int:
    """How many free units stand longer than the house's first step, by the index of arrivals."""
    reader.require(Permission.REPLENISHMENT_VIEW)
    today = branch_date(reader.now)
    first = today - timedelta(days=policy_of(reader).house.aged_days[0])
    query = select(func.count()).select_from(VehicleUnit).where(
        VehicleUnit.stock_state == StockState.IN_STOCK.value, VehicleUnit.arrived_on <= first,
        VehicleUnit.allocation_state == AllocationState.FREE.value, VehicleUnit.deleted_at.is_(None),
        VehicleUnit.branch_id == reader.actor.branch_id,
    )  # fmt: skip
    return until_next_write(
        reader.session, ("aged units", reader.actor.branch_id, today), lambda: int(reader.session.scalar(query) or 0)
    )

