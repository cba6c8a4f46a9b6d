"""Reading what stands too long: trims with more than they sell, aged vehicles, and who sells them better."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from app.inventory.queries import AgeBand, UnitFilter, UnitRow, UnitSort, list_units
from app.inventory.rules import AllocationState, StockState
from app.inventory.unit_filters import LAST_DAY
from app.kernel.clock import branch_date
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.replenishment.history import sold_since
from app.replenishment.need_rows import NeedRow
from app.replenishment.needs import all_needs, fitting, policy_of
from app.replenishment.rules import AgedAction, aged_action
from db.freshness import until_next_write
from db.lists import listed
from db.models.inventory import VehicleUnit
from db.models.staff import Branch

_SELLER_DAYS = 90
_AGED = UnitFilter(stock_states=(StockState.IN_STOCK,), allocation_states=(AllocationState.FREE,))


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


@dataclass(frozen=True, slots=True)
class AgedPage:
    """Some aged units and where to go on."""

    rows: tuple[AgedRow, ...]
    next: Any


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
    shown = [row for row in fitting(found, text) if row.surplus > 0]
    return tuple(sorted(shown, key=lambda row: (row.days is not None, -(row.days or 0), -row.surplus)))


def _lasts_too_long(row: NeedRow, limit: int) -> bool:
    return row.days is None or row.days > limit


def list_aged_units(reader: Reader, *, after: Any = None, limit: int = 100, text: str = "") -> AgedPage:
    """Free units that stand longer than the house's first step, the oldest first."""
    reader.require(Permission.REPLENISHMENT_VIEW)
    steps = policy_of(reader).house.aged_days
    filter = replace(_AGED, branch_ids=(reader.actor.branch_id,), text=text, age_bands=_bands_from(steps[0]))
    page = list_units(reader, filter=filter, after=after, limit=limit, sort=UnitSort.OLDEST)
    further = page.next_cursor if page.rows and page.rows[-1].age_days >= steps[0] else None
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
    return AgedPage(tuple(rows), further)


def _bands_from(days: int) -> tuple[AgeBand, ...]:
    """The bands that hold ages from a number of days on; the first of them may begin earlier."""
    return tuple(band for band in AgeBand if (last := LAST_DAY[band]) is None or last >= days)


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


# --- who sells them better ------------------------------------------------------------------------


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
