"""What can be done about prices."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.kernel.commands import Command
from app.pricing.rules import Formula, PriceKind, PriceLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedPrice:
    """One line as the preview showed it. What was there before is checked again; amounts that are None stay.

    A campaign line without `campaign_price` follows the formula of the change from the list price of each day.
    """

    level: PriceLevel
    subject_id: str
    list_before: Decimal | None = None
    floor_before: Decimal | None = None
    list_price: Decimal | None = None
    floor_price: Decimal | None = None
    campaign_price: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposePrices(Command):
    """Store a price change with all of its lines, or none; returns its id. Undone by TakeBackPrices while unsent.

    `submit` False keeps a draft; `replaces` is the draft that was gone on with, as of `expected_revision`: it gets
    these lines and terms in place of its own. Small changes need no approval by house policy and are approved at
    once. Raises PriceDayInPast, CampaignDaysWrong, CampaignNameMissing, NothingToPrice, TooManyPrices,
    PriceNotPossible, PricesChangedMeanwhile, FormulaNeedsPresentPrice. `progress` is told how far
    it is and may raise to cancel.
    """

    kind: PriceKind
    lines: tuple[ProposedPrice, ...]
    valid_from: date
    valid_to: date | None = None
    formula: Formula | None = None
    name_zh: str = ""
    name_en: str = ""
    below_floor: bool = False
    reason: str = ""
    submit: bool = True
    replaces: str | None = None
    expected_revision: int = 0
    progress: Callable[[str, float | None], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitPrices(Command):
    """Send a draft for approval; approved at once where the house asks for none. Returns the change's id."""

    change_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovePrices(Command):
    """Let a price change count from its first day. Raises ApprovalOfOwnPrices, CampaignOver."""

    change_id: str
    expected_revision: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectPrices(Command):
    """Refuse a price change, with a reason. Raises ApprovalOfOwnPrices."""

    change_id: str
    expected_revision: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawPrices(Command):
    """Take a price change back before it counts, with a reason. Raises PricesInForce."""

    change_id: str
    expected_revision: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndCampaign(Command):
    """Let a campaign end on an earlier day, yesterday at the earliest; with a reason. Raises CampaignNotRunning,
    CampaignDaysWrong (field `last_day`)."""

    change_id: str
    expected_revision: int
    last_day: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackPrices(Command):
    """The way back of ProposePrices: the whole change is withdrawn, and units that it priced already get their former
    prices where nothing else changed them since. Offered as undo only."""

    change_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyDuePrices(Command):
    """Carry list and floor prices whose day has come into the units; returns how many units changed.

    Given by the desk itself at sign-in, at midnight and after records arrived. Doing it again changes nothing.
    """
