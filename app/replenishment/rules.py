"""Purchase proposals: their lifecycle, how an order is split into colours, what is still to come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app.kernel.labels import Labelled
from app.kernel.permissions import Permission
from app.kernel.reference_data import ReferenceBook, bundled_reference
from app.kernel.state_machine import StateMachine, Transition
from app.replenishment.errors import QuantityOutOfRange, ServiceLevelOutOfRange
from app.runtime.language import tr_noop

LEAST_LEVEL, MOST_LEVEL = 90, 99
MOST_UNITS = 500
COLOUR_WEIGHT = 6.0
"""So many sales a trim needs until its own colours count as much as those of the whole branch."""


class ProposalState(Labelled):
    DRAFT = "DRAFT", tr_noop("Draft")
    PENDING_APPROVAL = "PENDING_APPROVAL", tr_noop("Awaiting approval")
    APPROVED = "APPROVED", tr_noop("Approved")
    REJECTED = "REJECTED", tr_noop("Rejected")
    ORDERED = "ORDERED", tr_noop("Sent to the maker")
    CLOSED = "CLOSED", tr_noop("Closed")
    CANCELLED = "CANCELLED", tr_noop("Cancelled")


class ProposalAction(Labelled):
    SUBMIT = "submit", tr_noop("Send for approval")
    TAKE_BACK = "take_back", tr_noop("Back to draft")
    APPROVE = "approve", tr_noop("Approve")
    REJECT = "reject", tr_noop("Reject")
    ORDER = "order", tr_noop("Mark as ordered")
    CLOSE = "close", tr_noop("Close")
    CANCEL = "cancel", tr_noop("Cancel")


_S, _A = ProposalState, ProposalAction
_EDIT, _APPROVE = Permission.REPLENISHMENT_EDIT, Permission.REPLENISHMENT_APPROVE

PROPOSAL = StateMachine(
    document=tr_noop("purchase proposal"),
    initial=ProposalState.DRAFT,
    transitions=(
        Transition(_A.SUBMIT, (_S.DRAFT,), _S.PENDING_APPROVAL, _EDIT),
        Transition(_A.TAKE_BACK, (_S.PENDING_APPROVAL, _S.REJECTED), _S.DRAFT, _EDIT),
        Transition(_A.APPROVE, (_S.PENDING_APPROVAL,), _S.APPROVED, _APPROVE),
        Transition(_A.REJECT, (_S.PENDING_APPROVAL,), _S.REJECTED, _APPROVE, reason_required=True),
        Transition(_A.ORDER, (_S.APPROVED,), _S.ORDERED, _EDIT),
        Transition(_A.CLOSE, (_S.ORDERED,), _S.CLOSED, _EDIT),
        Transition(_A.CANCEL, (_S.DRAFT, _S.PENDING_APPROVAL, _S.APPROVED, _S.ORDERED), _S.CANCELLED, _EDIT,
                   reason_required=True),
    ),
)  # fmt: skip


DECISIONS = frozenset({ProposalAction.APPROVE, ProposalAction.REJECT})
"""What whoever drafted a proposal leaves to somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HousePolicy:
    """What the house orders and warns by, where a branch chose nothing else."""

    service_level: int
    review_days: int
    lead_days: int
    lead_spread: int
    overstock_days: int
    aged_days: tuple[int, ...]
    festival_share: float


def house_policy(on_date: date, reference: ReferenceBook | None = None) -> HousePolicy:
    """The policy in force on a day."""
    values = (reference or bundled_reference()).at("house_policy", on_date).values
    return HousePolicy(
        service_level=values["service_level"], review_days=values["order_every_days"],
        lead_days=values["lead_time_days"], lead_spread=values["lead_time_spread_days"],
        overstock_days=values["overstock_days"], aged_days=tuple(values["aged_days"]),
        festival_share=float(Decimal(str(values["festival_selling_share"]))),
    )  # fmt: skip


def require_level(level: int) -> int:
    """The level; raises ServiceLevelOutOfRange."""
    if not LEAST_LEVEL <= level <= MOST_LEVEL:
        raise ServiceLevelOutOfRange(field="service_level", least=LEAST_LEVEL, most=MOST_LEVEL)
    return level


def require_quantity(quantity: int, *, field: str, least: int = 0) -> int:
    """The number of units; raises QuantityOutOfRange."""
    if not least <= quantity <= MOST_UNITS:
        raise QuantityOutOfRange(field=field, least=least, most=MOST_UNITS)
    return quantity


def colour_shares(own: Mapping[str, float], branch: Mapping[str, float]) -> dict[str, float]:
    """How a trim's sales fall on colours: its own, drawn towards those of the branch while it sold little."""
    total, everywhere = sum(own.values()), sum(branch.values())
    if everywhere <= 0:
        return {colour: count / total for colour, count in own.items()} if total else {}
    return {
        colour: (own.get(colour, 0.0) + COLOUR_WEIGHT * branch.get(colour, 0.0) / everywhere) / (total + COLOUR_WEIGHT)
        for colour in sorted({*own, *branch})
    }


def split_by_colour(quantity: int, shares: Mapping[str, float], available: Mapping[str, int]) -> dict[str, int]:
    """Give each unit to the colour that is furthest below its share of what will then be there.

    Deterministic: of equal ones the more wanted, then the first by name. Adds up to `quantity`.
    """
    if quantity <= 0:
        return {}
    colours = [colour for colour, share in shares.items() if share > 0] or [""]
    whole = sum(available.get(colour, 0) for colour in colours) + quantity
    given = dict.fromkeys(colours, 0)
    for _ in range(quantity):
        lacking = {
            colour: shares.get(colour, 1.0) * whole - available.get(colour, 0) - given[colour] for colour in colours
        }
        chosen = max(colours, key=lambda colour: (lacking[colour], shares.get(colour, 1.0), colour))
        given[chosen] += 1
    return {colour: count for colour, count in given.items() if count}


def open_quantities(orders: Sequence[tuple[datetime, int]], arrivals: Sequence[datetime]) -> list[int]:
    """What of each order is still to come: every unit that entered the books counts for the oldest order before it."""
    left = [quantity for _, quantity in orders]
    turn = sorted(range(len(orders)), key=lambda number: (orders[number][0], number))
    for arrived in sorted(arrivals):
        for number in turn:
            if orders[number][0] < arrived and left[number] > 0:
                left[number] -= 1
                break
    return left


def days_of_supply(units: int, daily: float) -> int | None:
    """For so many days the units last at this rate; None where nothing sells."""
    return round(units / daily) if daily > 0 else None


class AgedAction(Labelled):
    """What to do about a unit that stands too long, the mildest first."""

    DISPLAY = "display", tr_noop("Move it where it is seen")
    CAMPAIGN = "campaign", tr_noop("Offer it in a campaign")
    TRANSFER = "transfer", tr_noop("Send it to a branch that sells it")
    CLEARANCE = "clearance", tr_noop("Clear it with a deeper campaign")


def aged_action(age_days: int, steps: Sequence[int]) -> AgedAction | None:
    """The action for an age by the house's steps; None below the first."""
    actions = list(AgedAction)
    passed = sum(age_days >= step for step in steps)
    return actions[min(passed, len(actions)) - 1] if passed else None


CAMPAIGN_CUTS = {AgedAction.CAMPAIGN: Decimal("-2"), AgedAction.TRANSFER: Decimal("-3"),
                 AgedAction.CLEARANCE: Decimal("-5")}  # fmt: skip
"""The first suggestion for a campaign, in percent of the list price; edited before anything is proposed."""
