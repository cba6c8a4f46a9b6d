"""What was sold and what stands here, counted in the database: one pass over an index for each."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from statistics import fmean, pstdev

from sqlalchemy import func, literal_column, select

from app.inventory.rules import AllocationState, QualityState, StockState
from app.inventory.unit_filters import allocation_now
from app.kernel.clock import BRANCH_TIME
from app.kernel.unit_of_work import Reader
from app.orders.rules import OrderState
from app.replenishment.demand import LeadTime as Days
from app.replenishment.demand import Month
from app.replenishment.rules import open_quantities
from db.lists import listed
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.replenishment import LeadTime, PurchaseLine, PurchaseProposal

MONTHS = 24
FEWEST_ARRIVALS = 8
"""So few arrivals say nothing about a lead time."""
_ARRIVALS_LOOKED_AT = 2_000
_HERE = (StockState.IN_STOCK.value, StockState.IN_TRANSIT.value)


@dataclass(slots=True)
class Standing:
    """Units of one trim (or of one of its colours): free here, held, free on their way, not for sale, on order."""

    free: int = 0
    held: int = 0
    coming: int = 0
    blocked: int = 0
    on_order: int = 0
    colours: dict[str, "Standing"] = field(default_factory=dict)

    @property
    def position(self) -> int:
        """What a target is compared with: free here or on its way, and what is on order. Held units are promised."""
        return self.free + self.coming + self.on_order

    def of(self, colour: str) -> "Standing":
        """The part of a colour."""
        return self.colours.setdefault(colour, Standing())


def sales_by_month(reader: Reader, *, since: date) -> dict[tuple[str, str], dict[Month, int]]:
    """Sold units by trim and colour and by the branch's month of the order (event time); without cancelled ones."""
    found: dict[tuple[str, str], dict[Month, int]] = defaultdict(dict)
    for _, trim_id, colour, text, count in sold_since(reader, since=since, branch_ids=[reader.actor.branch_id]):
        months, month = found[trim_id, colour], (int(text[:4]), int(text[5:]))
        months[month] = months.get(month, 0) + count
    return dict(found)


def sold_since(
    reader: Reader, *, since: date, branch_ids: Sequence[str]
) -> Iterator[tuple[str, str, str, str, int]]:
    """(branch, trim, colour, month as text, count) of the orders since a day, cancelled ones apart.

    From one index over the orders of that time; only orders of earlier versions, which do not say what they sold, are
    looked up with their units.
    """
    month = func.strftime(literal_column("'%Y-%m'"), literal_column("sales_order.ordered_at / 1000000 + 28800"),
                          literal_column("'unixepoch'"))  # fmt: skip
    of_that_time = (
        SalesOrder.branch_id.in_(branch_ids), SalesOrder.ordered_at >= midnight(since),
        SalesOrder.state != OrderState.CANCELLED.value, SalesOrder.deleted_at.is_(None),
    )  # fmt: skip
    said = (SalesOrder.branch_id, SalesOrder.trim_id, SalesOrder.exterior_colour, month)
    looked_up = (SalesOrder.branch_id, VehicleUnit.trim_id, VehicleUnit.exterior_colour, month)
    queries = (
        select(*said, func.count()).where(*of_that_time, SalesOrder.trim_id.is_not(None)).group_by(*said),
        select(*looked_up, func.count())
        .select_from(SalesOrder)
        .join(VehicleUnit, VehicleUnit.id == SalesOrder.vehicle_unit_id)
        .where(*of_that_time, SalesOrder.trim_id.is_(None))
        .group_by(*looked_up),
    )
    for query in queries:
        for branch_id, trim_id, colour, text, count in reader.session.execute(query):
            yield branch_id, trim_id, colour or "", text, count


def midnight(day: date) -> datetime:
    """The first instant of a day in the branch."""
    return datetime.combine(day, time(), BRANCH_TIME)


def stock_by_trim(reader: Reader) -> dict[str, Standing]:
    """What stands in the branch and is on its way, by trim and colour; from one index alone."""
    allocation = allocation_now(reader.now)
    query = (
        select(
            VehicleUnit.trim_id, VehicleUnit.exterior_colour, VehicleUnit.stock_state, VehicleUnit.quality_state,
            allocation, func.count(),
        )
        .where(
            VehicleUnit.branch_id == reader.actor.branch_id,
            VehicleUnit.stock_state.in_(_HERE),
            VehicleUnit.deleted_at.is_(None),
        )
        .group_by(
            VehicleUnit.trim_id, VehicleUnit.exterior_colour, VehicleUnit.stock_state, VehicleUnit.quality_state,
            allocation,
        )
    )  # fmt: skip
    found: dict[str, Standing] = {}
    for trim_id, colour, stock, quality, state, count in reader.session.execute(query):
        whole = found.setdefault(trim_id, Standing())
        for part in (whole, whole.of(colour)):
            _count(part, stock=stock, quality=quality, state=state, count=count)
    _add_open_orders(reader, found)
    return found


def _count(part: Standing, *, stock: str, quality: str, state: str, count: int) -> None:
    if state == AllocationState.HELD:
        part.held += count
    elif state != AllocationState.FREE:
        return  # sold: neither stock nor need
    elif quality != QualityState.NORMAL:
        part.blocked += count
    elif stock == StockState.IN_TRANSIT:
        part.coming += count
    else:
        part.free += count


def _add_open_orders(reader: Reader, found: dict[str, Standing]) -> None:
    for (trim_id, colour), count in open_orders(reader).items():
        whole = found.setdefault(trim_id, Standing())
        whole.on_order += count
        whole.of(colour).on_order += count


def open_orders(reader: Reader) -> dict[tuple[str, str], int]:
    """What was ordered from the makers and is not in the books yet, by trim and colour."""
    query = (
        select(PurchaseLine.trim_id, PurchaseLine.exterior_colour, PurchaseProposal.ordered_at, PurchaseLine.quantity)
        .join(PurchaseProposal, PurchaseProposal.id == PurchaseLine.proposal_id)
        .where(
            PurchaseProposal.branch_id == reader.actor.branch_id, PurchaseProposal.state == "ORDERED",
            PurchaseProposal.deleted_at.is_(None), PurchaseLine.deleted_at.is_(None),
        )
    )  # fmt: skip
    orders: dict[tuple[str, str], list[tuple[datetime, int]]] = defaultdict(list)
    for trim_id, colour, at, quantity in reader.session.execute(query):
        if at is not None:
            orders[trim_id, colour].append((at, quantity))
    if not orders:
        return {}
    arrivals = _arrivals(reader, sorted({trim_id for trim_id, _ in orders}),
                         since=min(at for placed in orders.values() for at, _ in placed))  # fmt: skip
    return {
        key: count
        for key, placed in orders.items()
        if (count := sum(open_quantities(placed, arrivals.get(key, []))))
    }


def _arrivals(reader: Reader, trim_ids: Sequence[str], *, since: datetime) -> dict[tuple[str, str], list[datetime]]:
    query = select(VehicleUnit.trim_id, VehicleUnit.exterior_colour, VehicleUnit.created_at).where(
        VehicleUnit.trim_id.in_(listed(trim_ids)), VehicleUnit.branch_id == reader.actor.branch_id,
        VehicleUnit.created_at > since, VehicleUnit.deleted_at.is_(None),
    )  # fmt: skip
    found: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for trim_id, colour, at in reader.session.execute(query):
        found[trim_id, colour].append(at)
    return found


def entered_lead_times(reader: Reader) -> dict[str, Days]:
    """What somebody entered, by make."""
    query = select(LeadTime.make_id, LeadTime.mean_days, LeadTime.spread_days).where(
        LeadTime.branch_id == reader.actor.branch_id, LeadTime.deleted_at.is_(None)
    )
    return {make_id: Days(mean, spread) for make_id, mean, spread in reader.session.execute(query)}


def measured_lead_times(reader: Reader) -> dict[str, tuple[Days, int]]:
    """Days from manufacture to arrival of the newest units, by make, and of how many: from stock the maker builds for
    its dealers, an order takes about as long."""
    newest = (
        select(VehicleUnit.make_id, VehicleUnit.manufactured_on, VehicleUnit.arrived_on)
        .where(
            VehicleUnit.stock_state == StockState.IN_STOCK.value, VehicleUnit.branch_id == reader.actor.branch_id,
            VehicleUnit.deleted_at.is_(None),
        )
        .order_by(VehicleUnit.arrived_on.desc(), VehicleUnit.id.desc())
        .limit(_ARRIVALS_LOOKED_AT)
    )  # fmt: skip
    days: dict[str, list[int]] = defaultdict(list)
    for make_id, made, arrived in reader.session.execute(newest):
        if made is not None and timedelta(0) < arrived - made < timedelta(days=200):
            days[make_id].append((arrived - made).days)
    return {
        make_id: (Days(fmean(values), pstdev(values)), len(values))
        for make_id, values in days.items()
        if len(values) >= FEWEST_ARRIVALS
    }
