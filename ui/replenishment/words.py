"""How replenishment is worded and coloured, and the columns of its tables."""

from decimal import Decimal

from app.kernel.labels import Bilingual, Listing
from app.replenishment.demand import LeadTime
from app.replenishment.need_rows import NeedRow
from app.replenishment.rules import AgedAction, ProposalState
from app.replenishment.slow_stock_queries import AgedRow, OverstockRow
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.columns import Column, State

_TONES = {
    ProposalState.DRAFT: "neutral", ProposalState.PENDING_APPROVAL: "warn", ProposalState.APPROVED: "good",
    ProposalState.REJECTED: "bad", ProposalState.ORDERED: "accent", ProposalState.CLOSED: "neutral",
    ProposalState.CANCELLED: "neutral",
}  # fmt: skip
STATES = {state: State(state.label, tone) for state, tone in _TONES.items()}
ACTIONS = {
    AgedAction.DISPLAY: State(AgedAction.DISPLAY.label, "neutral"),
    AgedAction.CAMPAIGN: State(AgedAction.CAMPAIGN.label, "info"),
    AgedAction.TRANSFER: State(AgedAction.TRANSFER.label, "warn"),
    AgedAction.CLEARANCE: State(AgedAction.CLEARANCE.label, "bad"),
}


def days_text(days: int | None) -> str:
    """How long the stock lasts; "no sales" where nothing sells."""
    return tr("no sales") if days is None else trn("{n} day", "{n} days", days)


def rate_text(monthly: float) -> str:
    """Sales of a month with one place."""
    return f"{monthly:.1f}"


def _colours(row: NeedRow) -> str:
    return str(Listing(f"{count} {_colour(colour)}" for colour, count in row.colours))


def _colour(stored: str) -> str:
    return str(Bilingual.from_stored(stored)) if stored else tr("any colour")


NEEDS = (
    Column("name", tr_noop("Model"), width=220, stretch=True, format=str, tooltip=lambda row: str(row.name)),
    Column("suggested", tr_noop("To order"), kind="integer", width=64),
    Column("colours", tr_noop("Colours"), width=180, value=_colours, tooltip=_colours),
    Column("monthly", tr_noop("Sold a month"), kind="integer", width=104, value=lambda row: row.demand.monthly,
           format=rate_text),
    Column("free", tr_noop("Free"), kind="integer", width=56),
    Column("coming", tr_noop("Coming"), kind="integer", width=68),
    Column("on_order", tr_noop("On order"), kind="integer", width=76),
    Column("held", tr_noop("Held"), kind="integer", width=56),
    Column("days", tr_noop("Lasts"), kind="integer", width=84, value=lambda row: (row.days,),
           format=lambda one: days_text(one[0])),
    Column("target", tr_noop("Target"), kind="integer", width=64, value=lambda row: row.target.target, visible=False),
    Column("value", tr_noop("Cost in all"), kind="money", width=116, visible=False),
)  # fmt: skip
PROPOSALS = (
    Column("number", tr_noop("Number"), kind="code", width=152),
    Column("state", tr_noop("Status"), kind="state", states=STATES, width=148),
    Column("units", tr_noop("Vehicles"), kind="integer", width=68),
    Column("still_open", tr_noop("Still to come"), kind="integer", width=88),
    Column("value", tr_noop("Cost in all"), kind="money", width=104),
    Column("drafted_on", tr_noop("Drafted on"), kind="date", width=92),
    Column("drafted_by", tr_noop("Drafted by"), width=96),
    Column("note", tr_noop("Note"), width=160, stretch=True),
)
AGED = (
    Column("name", tr_noop("Vehicle"), width=176, stretch=True, value=lambda row: row.unit.name, format=str,
           tooltip=lambda row: str(row.unit.name)),
    Column("age_days", tr_noop("Age"), kind="integer", width=80, format=days_text),
    Column("action", tr_noop("Suggested action"), kind="state", states=ACTIONS, width=236),
    Column("list_price", tr_noop("List price"), kind="money", width=104, value=lambda row: row.unit.list_price),
    Column("place", tr_noop("Place"), width=84, value=lambda row: row.unit.location),
    Column("vin", tr_noop("VIN"), kind="code", width=168, value=lambda row: row.unit.vin, visible=False),
)  # fmt: skip
OVERSTOCK = (
    Column("name", tr_noop("Model"), width=144, stretch=True, format=str, tooltip=lambda row: str(row.name)),
    Column("free", tr_noop("Free"), kind="integer", width=48),
    Column("days", tr_noop("Lasts"), kind="integer", width=80, value=lambda row: (row.days,),
           format=lambda one: days_text(one[0])),
    Column("surplus", tr_noop("Too many"), kind="integer", width=76),
    Column("action", tr_noop("Suggested action"), kind="state", states=ACTIONS, width=236),
    Column("monthly", tr_noop("Sold a month"), kind="integer", width=96, format=rate_text),
)  # fmt: skip
MINIMUMS = (
    Column("series", tr_noop("Series"), width=180, stretch=True, format=str),
    Column("trim", tr_noop("Trim"), width=160, format=lambda name: str(name) or tr("any trim")),
    Column("colour", tr_noop("Colour"), width=140, format=lambda name: str(name) or tr("any colour")),
    Column("quantity", tr_noop("Minimum"), kind="integer", width=80),
    Column("available", tr_noop("Available"), kind="integer", width=80),
    Column("lacking", tr_noop("Lacking"), kind="integer", width=72),
    Column("set_by", tr_noop("Set by"), width=88),
    Column("set_at", tr_noop("Set"), kind="moment", width=132, visible=False),
)
LEAD_TIMES = (
    Column("make", tr_noop("Make"), width=120, stretch=True, format=str),
    Column("counts", tr_noop("Counted with"), kind="integer", width=124, format=lambda days: lead_text(days)),
    Column("source", tr_noop("Rests on"), width=220, visible=False, format=lambda source: tr(source.label)),
    Column("entered", tr_noop("Entered"), kind="integer", width=120, format=lambda days: lead_text(days)),
    Column("measured", tr_noop("As measured"), kind="integer", width=120, format=lambda days: lead_text(days)),
    Column("arrivals", tr_noop("Arrivals"), kind="integer", width=84),
)


def lead_text(days: LeadTime) -> str:
    """Mean and spread in whole days."""
    return tr("{n} ± {spread} days", n=round(days.mean), spread=round(days.spread))


def better_words(row: AgedRow | OverstockRow) -> str:
    """Which branch sells it better; "" for none."""
    return tr("{branch} sells it and has too few.", branch=str(row.better_branch)) if row.better_branch_id else ""


def money_or_dash(amount: Decimal | None) -> str:
    """An amount, or a dash for those who may not see it."""
    return "–" if amount is None else formats.money(amount)


def colour_text(stored: str) -> str:
    """A stored colour in the language in use."""
    return _colour(stored)


