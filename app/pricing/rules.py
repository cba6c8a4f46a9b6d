"""Which price counts on a day, how new prices follow from old ones, and the lifecycle of a price change.

Precedence, for each kind of price by itself: what is said about the unit goes before what is said about its trim, that
before its series; within a level what began later goes before what began earlier, and of two that began on the same day
the one approved later. A list or floor price of a trim or series counts for units that were in the books before it
began; a unit that is entered later keeps the price it was entered with.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Self

from app.kernel.clock import branch_date
from app.kernel.labels import UNNAMED, Bilingual, Labelled, Note, note
from app.kernel.money import cents, format_money
from app.kernel.permissions import Permission
from app.kernel.reference_data import ReferenceBook, bundled_reference
from app.kernel.state_machine import StateMachine, Transition
from app.pricing.errors import CampaignDaysWrong, PriceDayInPast
from app.runtime.language import tr_noop


class PriceKind(Labelled):
    LIST = "LIST", tr_noop("List price")
    FLOOR = "FLOOR", tr_noop("Floor price")
    BOTH = "BOTH", tr_noop("List and floor price")
    CAMPAIGN = "CAMPAIGN", tr_noop("Campaign")


class PriceOrigin(Labelled):
    """How a price change came about."""

    BULK = "BULK", tr_noop("Price change")
    UNIT = "UNIT", tr_noop("Price of one unit")


class PriceLevel(Labelled):
    """What a line speaks about, the most special first."""

    UNIT = "UNIT", tr_noop("Vehicle")
    TRIM = "TRIM", tr_noop("Trim")
    SERIES = "SERIES", tr_noop("Series")


_RANK = {PriceLevel.UNIT: 2, PriceLevel.TRIM: 1, PriceLevel.SERIES: 0}


class PriceState(Labelled):
    DRAFT = "DRAFT", tr_noop("Draft")
    PENDING_APPROVAL = "PENDING_APPROVAL", tr_noop("Awaiting approval")
    APPROVED = "APPROVED", tr_noop("Approved")
    REJECTED = "REJECTED", tr_noop("Rejected")
    WITHDRAWN = "WITHDRAWN", tr_noop("Withdrawn")


class PriceAction(Labelled):
    SUBMIT = "submit", tr_noop("Submit")
    APPROVE = "approve", tr_noop("Approve")
    REJECT = "reject", tr_noop("Reject")
    WITHDRAW = "withdraw", tr_noop("Withdraw")


_S, _A = PriceState, PriceAction

PRICE_CHANGE = StateMachine(
    document=tr_noop("price change"),
    initial=PriceState.DRAFT,
    transitions=(
        Transition(_A.SUBMIT, (_S.DRAFT,), _S.PENDING_APPROVAL, Permission.PRICING_EDIT),
        Transition(_A.APPROVE, (_S.PENDING_APPROVAL,), _S.APPROVED, Permission.PRICING_APPROVE),
        Transition(_A.REJECT, (_S.PENDING_APPROVAL,), _S.REJECTED, Permission.PRICING_APPROVE, reason_required=True),
        Transition(
            _A.WITHDRAW, (_S.DRAFT, _S.PENDING_APPROVAL, _S.APPROVED), _S.WITHDRAWN, Permission.PRICING_EDIT,
            reason_required=True,
        ),
    ),
)  # fmt: skip


class PricePhase(Labelled):
    """Where a price change stands on a day: its state, and once it is approved, its days."""

    DRAFT = "DRAFT", tr_noop("Draft")
    PENDING_APPROVAL = "PENDING_APPROVAL", tr_noop("Awaiting approval")
    SCHEDULED = "SCHEDULED", tr_noop("Scheduled")
    IN_FORCE = "IN_FORCE", tr_noop("In force")
    ENDED = "ENDED", tr_noop("Ended")
    REJECTED = "REJECTED", tr_noop("Rejected")
    WITHDRAWN = "WITHDRAWN", tr_noop("Withdrawn")


def phase_on(state: str, valid_from: date, valid_to: date | None, today: date) -> PricePhase:
    """The phase of a price change on a day."""
    if state != PriceState.APPROVED:
        return PricePhase(state)
    if today < valid_from:
        return PricePhase.SCHEDULED
    return PricePhase.ENDED if valid_to is not None and today > valid_to else PricePhase.IN_FORCE


class FormulaKind(Labelled):
    """How a new price follows. Changes are signed: -5,000, -2 %."""

    SET = "set", tr_noop("Set to an amount")
    BY_AMOUNT = "by_amount", tr_noop("Change by CNY")
    BY_PERCENT = "by_percent", tr_noop("Change by %")
    OF_GUIDE = "of_guide", tr_noop("Percent of the guide price")


class Rounding(Labelled):
    """Where a calculated price may stand."""

    NONE = "none", tr_noop("To the fen")
    TO_100 = "to_100", tr_noop("To 100")
    TO_1000 = "to_1000", tr_noop("To 1,000")
    ENDING_800 = "ending_800", tr_noop("Ending in 800")
    ENDING_900 = "ending_900", tr_noop("Ending in 900")


_GRID: dict[Rounding, tuple[int, int]] = {
    Rounding.TO_100: (100, 0),
    Rounding.TO_1000: (1000, 0),
    Rounding.ENDING_800: (1000, 800),
    Rounding.ENDING_900: (1000, 900),
}


def rounded(amount: Decimal, rounding: Rounding) -> Decimal:
    """The nearest price the rounding allows, of two equally near the higher; never below the lowest one allowed."""
    if rounding is Rounding.NONE:
        return cents(amount)
    step, rest = _GRID[rounding]
    steps = ((amount - rest) / step).to_integral_value(ROUND_HALF_UP)
    return cents(max(steps, Decimal(0)) * step + rest)


@dataclass(frozen=True, slots=True)
class Formula:
    """How a new price follows from the present one or the guide price."""

    kind: FormulaKind
    value: Decimal
    rounding: Rounding = Rounding.NONE

    def apply(self, price: Decimal, guide_price: Decimal) -> Decimal:
        """The new price; it can come out at or below zero, which the caller refuses."""
        match self.kind:
            case FormulaKind.SET:
                raw = self.value
            case FormulaKind.BY_AMOUNT:
                raw = price + self.value
            case FormulaKind.BY_PERCENT:
                raw = price * (100 + self.value) / 100
            case _:
                raw = guide_price * self.value / 100
        return rounded(raw, self.rounding) if raw > 0 else cents(raw)

    @property
    def is_absolute(self) -> bool:
        """Whether the present price plays no part, so that applying it twice changes nothing."""
        return self.kind in (FormulaKind.SET, FormulaKind.OF_GUIDE)

    def stored(self) -> dict[str, str]:
        """The formula as JSON."""
        return {"kind": self.kind.value, "value": f"{self.value:f}", "rounding": self.rounding.value}

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self | None:
        """The formula of a stored one; None where none was kept."""
        if not stored:
            return None
        return cls(FormulaKind(stored["kind"]), Decimal(stored["value"]), Rounding(stored["rounding"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRule:
    """One approved statement about one kind of price. `kind` is LIST, FLOOR or CAMPAIGN.

    `amount` is the price itself; without one the `formula` says it. `valid_to` is the last day, None while open.
    """

    id: str
    kind: PriceKind
    level: PriceLevel
    subject_id: str
    valid_from: date
    valid_to: date | None
    decided_at: datetime
    amount: Decimal | None = None
    formula: Formula | None = None
    below_floor: bool = False
    change_id: str = ""
    name: Bilingual = UNNAMED

    @property
    def starts(self) -> date:
        """The first day it counts: what is approved late does not count before its approval."""
        return max(self.valid_from, branch_date(self.decided_at))

    def counts_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.starts <= day and (self.valid_to is None or day <= self.valid_to)

    def price(self, present: Decimal, guide_price: Decimal) -> Decimal:
        """What it says."""
        if self.amount is not None:
            return self.amount
        return present if self.formula is None else self.formula.apply(present, guide_price)


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedUnit:
    """What prices are decided by: the unit, where it belongs, and what it was entered with."""

    unit_id: str
    trim_id: str
    series_id: str
    entered_on: date
    list_price: Decimal
    floor_price: Decimal
    guide_price: Decimal

    def subject(self, level: PriceLevel) -> str:
        """The id that a rule of a level names."""
        return {PriceLevel.UNIT: self.unit_id, PriceLevel.TRIM: self.trim_id, PriceLevel.SERIES: self.series_id}[level]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingPrice:
    """The prices that count on a day, and the rule each comes from (None: as the unit was entered).

    `asked` is what a customer is asked: the list price, or less while a campaign runs. Never above the list price, and
    never below the floor unless the campaign was approved to be.
    """

    list_price: Decimal
    floor_price: Decimal
    asked: Decimal
    list_rule: PriceRule | None
    floor_rule: PriceRule | None
    campaign: PriceRule | None

    @property
    def cut(self) -> Decimal:
        """How much the campaign takes off."""
        return self.list_price - self.asked

    @property
    def lowest(self) -> Decimal:
        """What may be agreed without a manager: the floor, or the price of a campaign approved to be below it."""
        return min(self.floor_price, self.asked)


def winner(rules: Iterable[PriceRule], kind: PriceKind, unit: PricedUnit, day: date) -> PriceRule | None:
    """The rule of a kind that counts for a unit on a day; None without one. The order of the rules plays no part."""
    fitting = [rule for rule in rules if rule.kind is kind and _reaches(rule, unit) and rule.counts_on(day)]
    return max(fitting, key=_precedence, default=None)


def _reaches(rule: PriceRule, unit: PricedUnit) -> bool:
    if rule.subject_id != unit.subject(rule.level):
        return False
    lasting = rule.kind is not PriceKind.CAMPAIGN and rule.level is not PriceLevel.UNIT
    return not lasting or rule.starts > unit.entered_on


def _precedence(rule: PriceRule) -> tuple[int, date, datetime, str]:
    return _RANK[rule.level], rule.starts, rule.decided_at, rule.id


def counting_price(rules: Iterable[PriceRule], unit: PricedUnit, day: date) -> CountingPrice:
    """What counts for a unit on a day."""
    known = list(rules)
    list_rule = winner(known, PriceKind.LIST, unit, day)
    floor_rule = winner(known, PriceKind.FLOOR, unit, day)
    list_price = unit.list_price if list_rule is None else list_rule.price(unit.list_price, unit.guide_price)
    floor = unit.floor_price if floor_rule is None else floor_rule.price(unit.floor_price, unit.guide_price)
    floor = min(floor, list_price)
    campaign = winner(known, PriceKind.CAMPAIGN, unit, day)
    asked = list_price if campaign is None else campaign_price(campaign, list_price, floor, unit.guide_price)
    return CountingPrice(
        list_price=list_price, floor_price=floor, asked=asked, list_rule=list_rule, floor_rule=floor_rule,
        campaign=campaign if asked < list_price else None,
    )  # fmt: skip


def campaign_price(rule: PriceRule, list_price: Decimal, floor: Decimal, guide_price: Decimal) -> Decimal:
    """What is asked under a campaign: it only ever lowers, and holds the floor unless it was approved not to."""
    wanted = max(rule.price(list_price, guide_price), Decimal("0.00"))
    lowest = Decimal("0.00") if rule.below_floor else floor
    return min(list_price, max(wanted, lowest))


def explanation(price: CountingPrice) -> tuple[Note, ...]:
    """Why the price is what it is, one remark for each rule that counts."""
    said: list[Note] = []
    if price.campaign is not None:
        said.append(_campaign_words(price, price.campaign))
    if price.list_rule is not None:
        text = {
            PriceLevel.UNIT: tr_noop("List price {price} of this vehicle since {date}"),
            PriceLevel.TRIM: tr_noop("List price {price} of its trim since {date}"),
            PriceLevel.SERIES: tr_noop("List price {price} of its series since {date}"),
        }[price.list_rule.level]
        since = price.list_rule.starts.isoformat()
        said.append(note(text, price=format_money(price.list_price, symbol=False), date=since))
    return tuple(said)


def _campaign_words(price: CountingPrice, rule: PriceRule) -> Note:
    values = {
        "name": rule.name, "cut": format_money(price.cut, symbol=False),
        "list": format_money(price.list_price, symbol=False),
    }  # fmt: skip
    if rule.valid_to is None:
        return note(tr_noop("Campaign “{name}”: -{cut} from list {list}"), **values)
    text = tr_noop("Campaign “{name}” until {date}: -{cut} from list {list}")
    return note(text, date=rule.valid_to.isoformat(), **values)


# --- deciding ------------------------------------------------------------------------------------


def require_days(kind: PriceKind, *, valid_from: date, valid_to: date | None, today: date) -> None:
    """Raises PriceDayInPast (field `valid_from`) or CampaignDaysWrong (field `valid_to`)."""
    if valid_from < today:
        raise PriceDayInPast(field="valid_from", today=today.isoformat())
    if kind is PriceKind.CAMPAIGN and (valid_to is None or valid_to < valid_from):
        raise CampaignDaysWrong(field="valid_to")


def change_share(before: Decimal | None, after: Decimal | None) -> Decimal:
    """By how many percent a price changes, unsigned, with one place."""
    if before is None or after is None or before == after:
        return Decimal("0.0")
    if before <= 0:
        return Decimal("100.0")
    return (abs(after - before) * 100 / before).quantize(Decimal("0.1"), ROUND_HALF_UP)


def needs_approval(
    largest_change: Decimal, *, below_floor: bool, on_date: date, reference: ReferenceBook | None = None
) -> bool:
    """Whether somebody else has to approve: changes beyond the house's limit, and whatever goes below the floor."""
    return below_floor or largest_change > free_percent(on_date, reference)


def free_percent(on_date: date, reference: ReferenceBook | None = None) -> Decimal:
    """So many percent a price may change without approval."""
    values = (reference or bundled_reference()).at("house_policy", on_date).values
    return Decimal(str(values["price_change_free_percent"]))
