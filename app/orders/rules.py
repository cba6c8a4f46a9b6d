"""Sales orders: their lifecycle, what may be delivered, and what earnest money is worth.

Earnest money (定金) and an advance (订金) are different things: Civil Code, art. 586–588.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from app.kernel.labels import Bilingual, Labelled, Listing, Note, note
from app.kernel.money import ZERO, format_money
from app.kernel.permissions import Permission
from app.kernel.reference_data import ReferenceBook, bundled_reference
from app.kernel.state_machine import StateMachine, Transition
from app.orders.errors import (
    DepositNotPositive,
    NotReadyForDelivery,
    OutstandingBeforeDelivery,
    SaleInConflict,
    SaleStillProvisional,
)
from app.runtime.language import tr_noop


class OrderState(Labelled):
    DRAFT = "DRAFT", tr_noop("Draft")
    MANAGER_REVIEW = "MANAGER_REVIEW", tr_noop("Manager's review")
    FINANCE_REVIEW = "FINANCE_REVIEW", tr_noop("Finance review")
    CONFIRMED = "CONFIRMED", tr_noop("Confirmed")
    DELIVERY_CONFIRMING = "DELIVERY_CONFIRMING", tr_noop("Preparing delivery")
    DELIVERED = "DELIVERED", tr_noop("Delivered")
    COMPLETED = "COMPLETED", tr_noop("Completed")
    CANCELLED = "CANCELLED", tr_noop("Cancelled")
    RETURN_PENDING = "RETURN_PENDING", tr_noop("Return requested")
    RETURNED = "RETURNED", tr_noop("Returned")


class OrderAction(Labelled):
    SUBMIT = "submit", tr_noop("Submit")
    APPROVE_AS_MANAGER = "approve_as_manager", tr_noop("Approve as manager")
    APPROVE_FINANCE = "approve_finance", tr_noop("Approve the finance")
    REJECT = "reject", tr_noop("Reject")
    PREPARE_DELIVERY = "prepare_delivery", tr_noop("Prepare delivery")
    DELIVER = "deliver", tr_noop("Deliver")
    COMPLETE = "complete", tr_noop("Complete")
    CANCEL = "cancel", tr_noop("Cancel")
    REQUEST_RETURN = "request_return", tr_noop("Request a return")
    REFUSE_RETURN = "refuse_return", tr_noop("Refuse the return")
    TAKE_BACK = "take_back", tr_noop("Take back")


class ClaimState(Labelled):
    """The centre's word on the unit of an order."""

    PROVISIONAL = "provisional", tr_noop("Provisional")
    CONFIRMED = "confirmed", tr_noop("Confirmed")
    CONFLICT = "conflict", tr_noop("In conflict")
    RELEASED = "released", tr_noop("Released")


_S = OrderState
_A = OrderAction
_BEFORE_DELIVERY = (_S.DRAFT, _S.MANAGER_REVIEW, _S.FINANCE_REVIEW, _S.CONFIRMED, _S.DELIVERY_CONFIRMING)
_EDIT = Permission.ORDERS_EDIT
_APPROVE = Permission.ORDERS_APPROVE

ORDER = StateMachine(
    document=tr_noop("order"),
    initial=OrderState.DRAFT,
    transitions=(
        Transition(_A.SUBMIT, (_S.DRAFT,), _S.MANAGER_REVIEW, _EDIT),
        Transition(_A.APPROVE_AS_MANAGER, (_S.MANAGER_REVIEW,), _S.FINANCE_REVIEW, _APPROVE),
        Transition(_A.APPROVE_FINANCE, (_S.FINANCE_REVIEW,), _S.CONFIRMED, _APPROVE),
        Transition(_A.REJECT, (_S.MANAGER_REVIEW, _S.FINANCE_REVIEW), _S.DRAFT, _APPROVE),
        Transition(_A.PREPARE_DELIVERY, (_S.CONFIRMED,), _S.DELIVERY_CONFIRMING, _EDIT),
        Transition(_A.DELIVER, (_S.DELIVERY_CONFIRMING,), _S.DELIVERED, _EDIT),
        Transition(_A.COMPLETE, (_S.DELIVERED,), _S.COMPLETED, _EDIT),
        Transition(_A.CANCEL, _BEFORE_DELIVERY, _S.CANCELLED, Permission.ORDERS_CANCEL, reason_required=True),
        Transition(_A.REQUEST_RETURN, (_S.DELIVERED, _S.COMPLETED), _S.RETURN_PENDING, _EDIT),
        Transition(_A.REFUSE_RETURN, (_S.RETURN_PENDING,), _S.DELIVERED, _APPROVE),
        Transition(_A.TAKE_BACK, (_S.RETURN_PENDING,), _S.RETURNED, _APPROVE),
    ),
)

LIVE_STATES = frozenset(OrderState) - {_S.CANCELLED, _S.RETURNED}
"""An order in one of these keeps its vehicle: one VIN is in at most one live order."""


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """Which reviews an order passes before it is confirmed."""

    manager: bool
    finance: bool


def review_policy(
    *, on_date: date, below_floor: bool, financed: bool, reference: ReferenceBook | None = None
) -> ReviewPolicy:
    """The house's reviews for an order: the finance review concerns financed orders only; a price below the floor that
    no manager has approved always asks for one."""
    values = (reference or bundled_reference()).at("house_policy", on_date).values
    return ReviewPolicy(
        manager=bool(values["manager_review"]) or below_floor,
        finance=bool(values["finance_review"]) and financed,
    )


def state_after(state: OrderState | str, action: OrderAction, policy: ReviewPolicy) -> OrderState:
    """The state after an action, reviews that policy does not ask for being passed over.

    Raises TransitionNotAllowed.
    """
    reached = ORDER.next_state(state, action)
    if reached is OrderState.MANAGER_REVIEW and not policy.manager:
        reached = ORDER.next_state(reached, OrderAction.APPROVE_AS_MANAGER)
    if reached is OrderState.FINANCE_REVIEW and not policy.finance:
        reached = ORDER.next_state(reached, OrderAction.APPROVE_FINANCE)
    return reached


def require_deliverable(
    *, outstanding: Decimal, obstacles: Sequence[Note] = (), claim: ClaimState | str = ClaimState.CONFIRMED
) -> None:
    """That a vehicle may be handed over: the centre agrees, everything is paid, the unit is ready.

    Raises SaleInConflict, SaleStillProvisional, OutstandingBeforeDelivery or NotReadyForDelivery.
    """
    if claim == ClaimState.CONFLICT:
        raise SaleInConflict()
    if claim != ClaimState.CONFIRMED:
        raise SaleStillProvisional()
    if outstanding > 0:
        raise OutstandingBeforeDelivery(outstanding=format_money(outstanding))
    if obstacles:
        raise NotReadyForDelivery(obstacles=Listing(obstacles))


class DefaultingParty(Labelled):
    NOBODY = "nobody", tr_noop("Nobody")
    BUYER = "buyer", tr_noop("Buyer")
    DEALER = "dealer", tr_noop("Dealer")


@dataclass(frozen=True, slots=True)
class EarnestSplit:
    """What was paid as earnest money, in the part that has its effect and the part above the cap that has none.

    The amount actually paid governs, not the amount agreed.
    """

    paid: Decimal
    cap: Decimal
    source: Bilingual

    @property
    def effective(self) -> Decimal:
        """The part that is forfeited or paid back double."""
        return min(self.paid, self.cap)

    @property
    def excess(self) -> Decimal:
        """The part above the cap: without the effect of earnest money, returned like an advance."""
        return self.paid - self.effective

    @property
    def remark(self) -> Note | None:
        """What to tell the customer about an excess; None without one."""
        if not self.excess:
            return None
        text = tr_noop("{excess} exceeds the cap of {cap} and has no effect as earnest money: it is an advance.")
        return note(text, excess=format_money(self.excess), cap=format_money(self.cap))


@dataclass(frozen=True, slots=True)
class DepositSettlement:
    """What becomes of deposits when a sale ends: returned, kept by the dealer, or paid on top by the dealer."""

    returned: Decimal
    forfeited: Decimal
    penalty: Decimal

    @property
    def to_customer(self) -> Decimal:
        """What the dealer pays out altogether."""
        return self.returned + self.penalty


def earnest_cap(contract_price: Decimal, on_date: date, reference: ReferenceBook | None = None) -> Decimal:
    """The most that has the effect of earnest money: a share of the contract price, cut to whole fen because a cap
    is never exceeded."""
    share = (reference or bundled_reference()).at("earnest_cap", on_date).decimal("share")
    return (contract_price * share).quantize(Decimal("0.01"), rounding=ROUND_DOWN)


def split_earnest(
    paid: Decimal, *, contract_price: Decimal, on_date: date, reference: ReferenceBook | None = None
) -> EarnestSplit:
    """The earnest money actually paid so far, against the cap. Raises DepositNotPositive below zero."""
    if paid < 0:
        raise DepositNotPositive(field="amount")
    book = reference or bundled_reference()
    cap = earnest_cap(contract_price, on_date, book)
    return EarnestSplit(paid, cap, book.at("earnest_cap", on_date).citation())


def settle_deposits(
    earnest: EarnestSplit, *, advance: Decimal = ZERO, defaulting: DefaultingParty
) -> DepositSettlement:
    """What becomes of earnest money and advance when the sale ends.

    The buyer defaults: the effective part is forfeited, everything else is returned. The dealer defaults: everything is
    returned and the effective part once more (double). Nobody does: everything is returned.
    """
    everything = earnest.paid + advance
    if defaulting is DefaultingParty.BUYER:
        return DepositSettlement(everything - earnest.effective, earnest.effective, ZERO)
    penalty = earnest.effective if defaulting is DefaultingParty.DEALER else ZERO
    return DepositSettlement(everything, ZERO, penalty)
