"""The life of a transfer, and which branch may do what; the desk and the centre run the same rules."""

from collections.abc import Mapping
from typing import Any

from app.kernel.labels import Labelled
from app.kernel.permissions import Permission
from app.kernel.state_machine import StateMachine, Transition
from app.runtime.language import tr_noop


class TransferState(Labelled):
    PENDING = "PENDING", tr_noop("Asked for")
    APPROVED = "APPROVED", tr_noop("Approved")
    DEPARTED = "DEPARTED", tr_noop("On its way")
    MOVED = "MOVED", tr_noop("Arrived")
    REJECTED = "REJECTED", tr_noop("Rejected")
    CANCELLED = "CANCELLED", tr_noop("Called off")


class TransferAction(Labelled):
    APPROVE = "approve", tr_noop("Approve")
    REJECT = "reject", tr_noop("Reject")
    DEPART = "depart", tr_noop("Send off")
    ARRIVE = "arrive", tr_noop("Take in")
    CANCEL = "cancel", tr_noop("Call off")


class TransferKind(Labelled):
    REQUEST = "REQUEST", tr_noop("Asked by the receiving branch")
    OFFER = "OFFER", tr_noop("Offered by the owning branch")


class CertificateTravel(Labelled):
    """How the certificate of conformity gets to the other branch."""

    ALONG = "ALONG", tr_noop("In the vehicle")
    COURIER = "COURIER", tr_noop("By courier")
    STAYS = "STAYS", tr_noop("Stays here")


class Condition(Labelled):
    """How a vehicle was received."""

    GOOD = "GOOD", tr_noop("As it left")
    DAMAGED = "DAMAGED", tr_noop("Damaged")


_S, _A = TransferState, TransferAction
TRANSFER = StateMachine(
    document=tr_noop("transfer"),
    initial=_S.PENDING,
    transitions=(
        Transition(_A.APPROVE, (_S.PENDING,), _S.APPROVED, Permission.TRANSFERS_APPROVE),
        Transition(_A.DEPART, (_S.APPROVED,), _S.DEPARTED, Permission.TRANSFERS_MOVE),
        # A vehicle may stand at the gate before its departure has reached the centre.
        Transition(_A.ARRIVE, (_S.DEPARTED, _S.APPROVED), _S.MOVED, Permission.TRANSFERS_MOVE),
        Transition(_A.REJECT, (_S.PENDING,), _S.REJECTED, Permission.TRANSFERS_APPROVE, reason_required=True),
        Transition(
            _A.CANCEL, (_S.PENDING, _S.APPROVED, _S.DEPARTED), _S.CANCELLED, Permission.TRANSFERS_REQUEST,
            reason_required=True,
        ),
    ),
)  # fmt: skip

TAKES_UNIT = (_S.APPROVED, _S.DEPARTED)
"""In these states the unit is promised to the receiving branch: only that branch may hold or sell it."""

OPEN = (_S.PENDING, _S.APPROVED, _S.DEPARTED)
NEEDS_UNIT = frozenset({_A.APPROVE, _A.DEPART, _A.ARRIVE})
"""Actions that a sale or a hold on the unit stands against."""


def sides(
    action: TransferAction, state: TransferState | str, *, from_branch_id: str | None, to_branch_id: str
) -> frozenset[str]:
    """The branches whose people may take an action: the owning one decides and sends, the other one receives.

    Either may call off what has not left; what is on the road is turned round by whoever sent it. An open wish is
    approved by the branch that takes it up, which is then the owning one.
    """
    owning = frozenset() if from_branch_id is None else frozenset({from_branch_id})
    if action is TransferAction.ARRIVE:
        return frozenset({to_branch_id})
    if action is TransferAction.CANCEL and state != TransferState.DEPARTED:
        return owning | {to_branch_id}
    return owning


def effective_state(state: str, asked_state: str | None) -> TransferState:
    """Where a desk has the transfer: what it asked for, or else what the centre has said."""
    return TransferState(asked_state or state)


def arrival_changes(transfer: Mapping[str, Any], unit: Mapping[str, Any]) -> dict[str, Any]:
    """What a unit's record says after its arrival, in stored values: owner, place, odometer, condition, certificate.

    The day it came into the group stays: its age counts on.
    """
    changes: dict[str, Any] = {
        "branch_id": transfer["to_branch_id"],
        "location": transfer.get("arrival_location") or "",
    }
    if unit.get("stock_state") in ("IN_TRANSIT", "IN_STOCK", None):
        changes["stock_state"] = "IN_STOCK"
    odometer = transfer.get("arrival_odometer_km")
    if odometer is not None:
        changes["odometer_km"] = odometer
    if transfer.get("condition") == Condition.DAMAGED and unit.get("quality_state") == "NORMAL":
        changes["quality_state"] = "DAMAGED"
    if transfer.get("certificate_arrived") is False and unit.get("certificate_state") in ("IN_SAFE", "ISSUED"):
        changes["certificate_state"] = "PENDING_SCAN"
    return changes
