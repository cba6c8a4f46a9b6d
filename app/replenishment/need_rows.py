"""What is said of one trim: what sells, what stands, what should be ordered, and why in words and figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.kernel.labels import Bilingual, Labelled, Note, note
from app.replenishment.demand import Demand, LeadTime, Month, TargetStock
from app.replenishment.rules import HousePolicy
from app.runtime.language import tr_noop

FORMULA = (
    "Q = max(0, S − I)",
    "S = min { s : P(X ≤ s) ≥ α }",
    "E[X] = k·d·(R + L)",
    "Var[X] = q·k·d·(R + L) + (k·d)²·σ²",
)
"""Q: what to order; I: the inventory position; S: the target; X: sales until the next order has arrived; α: service
level; d: sales a day; k: season of those days; R: days between orders; L, σ: lead time, mean and spread; q: how much
more than Poisson sales vary."""
SOURCES = (
    'E. A. Silver, D. F. Pyke, D. J. Thomas: "Inventory and Production Management in Supply Chains", 4th ed., '
    "CRC Press, 2017",
    'S. Axsäter: "Inventory Control", 3rd ed., Springer, 2015',
)


class LeadSource(Labelled):
    ENTERED = "entered", tr_noop("entered here")
    MEASURED = "measured", tr_noop("from manufacture to arrival")
    HOUSE = "house", tr_noop("house rule")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderingPolicy:
    """How a branch orders: the manager's choice, or the house's."""

    service_level: int
    review_days: int
    chosen: bool
    house: HousePolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimPlace:
    """A trim with its names and where it belongs."""

    trim_id: str
    make_id: str
    series_id: str
    series: Bilingual
    short: Bilingual
    """The series without its make."""
    trim: Bilingual
    """The trim alone."""
    name: Bilingual
    guide_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedRow:
    """One trim: what sells, what stands, what should be ordered. `id` is the trim's."""

    id: str
    place: TrimPlace
    demand: Demand
    target: TargetStock
    lead: LeadTime
    lead_source: LeadSource
    season: float
    free: int
    held: int
    coming: int
    on_order: int
    blocked: int
    sold_recently: int
    """In the last 90 days or so: this month and the three before."""
    days: int | None
    minimum: int
    by_formula: int
    suggested: int
    colours: tuple[tuple[str, int], ...]
    available: Mapping[str, int] = field(repr=False)
    monthly: tuple[tuple[Month, int], ...] = field(repr=False)
    months: int
    """So many of them were looked at: since it sells, six at least."""
    unit_cost: Decimal | None

    @property
    def name(self) -> Bilingual:
        """Make, series, year, trim."""
        return self.place.name

    @property
    def position(self) -> int:
        """Free here, on its way and on order."""
        return self.free + self.coming + self.on_order

    @property
    def value(self) -> Decimal | None:
        """What the suggestion costs; None for those who may not see costs."""
        return None if self.unit_cost is None else self.unit_cost * self.suggested

    def reasons(self, policy: OrderingPolicy) -> tuple[Note, ...]:
        """Why this number, step by step."""
        return tuple(_reasons(self, policy))


def _reasons(row: NeedRow, policy: OrderingPolicy) -> list[Note]:
    target = row.target
    said = [
        note(
            tr_noop("Sells {rate} a month: the last {months} months, of which recent ones count more."),
            rate=f"{row.demand.monthly:.1f}", months=row.months,
        ),
        note(
            tr_noop("Days to cover: ordering every {review} and waiting {lead} ± {spread} ({source}) makes {days}."),
            review=policy.review_days, lead=f"{row.lead.mean:.0f}", spread=f"{row.lead.spread:.0f}",
            source=row.lead_source.label, days=f"{target.days:.0f}",
        ),
        note(
            tr_noop("Season in these days: {season} % of an average one, Spring Festival counted."),
            season=f"{row.season * 100:.0f}",
        ),
        note(
            tr_noop("Expected sales until then: {mean}, give or take {deviation}."),
            mean=f"{target.mean:.1f}", deviation=f"{target.deviation:.1f}",
        ),
        note(
            tr_noop("{level} % sure not to run out: {target} ({distribution}), {safety} of them for safety."),
            level=target.level, target=target.target, distribution=target.distribution.label,
            safety=f"{target.safety:.1f}",
        ),
        note(
            tr_noop("There are {free} free here, {coming} on their way, {ordered} on order; {held} held do not count."),
            free=row.free, coming=row.coming, ordered=row.on_order, held=row.held,
        ),
    ]  # fmt: skip
    said.append(
        note(tr_noop("{target} less {position} makes {n}."), target=target.target, position=row.position,
             n=row.by_formula)
    )  # fmt: skip
    if row.suggested > row.by_formula:
        more = row.suggested - row.by_formula
        said.append(note(tr_noop("{n} more to reach a minimum of {minimum}."), n=more, minimum=row.minimum))
    empty = len([count for _, count in row.monthly[-12:] if count == 0])
    if row.free == 0 and row.demand.daily > 0:
        said.append(
            note(tr_noop("None is free now. What people would have bought meanwhile is not known: true demand may be "
                         "higher."))
        )  # fmt: skip
    elif empty >= 6 and row.sold_recently:
        said.append(note(tr_noop("Sold in few months only: months without stock look like months without demand.")))
    return said
