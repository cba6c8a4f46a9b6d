"""Steps of the certificate ledger and of the key register: what leads where, and what each has to say."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.inventory.rules import CertificateAction
from app.kernel.labels import Labelled
from app.kernel.reference_data import ReferenceBook, bundled_reference
from app.runtime.language import tr_noop


class Holder(Labelled):
    """Who or what has a certificate."""

    MAKER = "MAKER", tr_noop("Maker")
    CARRIER = "CARRIER", tr_noop("Carrier")
    BANK = "BANK", tr_noop("The bank")
    SAFE = "SAFE", tr_noop("Safe")
    AGENT = "AGENT", tr_noop("Registration agent")
    CUSTOMER = "CUSTOMER", tr_noop("Customer")


class CustodyStep(Labelled):
    RECEIVE = "RECEIVE", tr_noop("Take in the certificate")
    PLEDGE = "PLEDGE", tr_noop("Deposit with the bank")
    REDEEM = "REDEEM", tr_noop("Take back from the bank")
    LEND = "LEND", tr_noop("Lend for registration")
    RETURN = "RETURN", tr_noop("Take back into the safe")
    ISSUE = "ISSUE", tr_noop("Give to the customer")
    CORRECT = "CORRECT", tr_noop("Correct an entry")


CUSTODY_STEPS_DONE: dict[CustodyStep, str] = {
    CustodyStep.RECEIVE: tr_noop("Taken into the safe"),
    CustodyStep.PLEDGE: tr_noop("Deposited with the bank"),
    CustodyStep.REDEEM: tr_noop("Taken back from the bank"),
    CustodyStep.LEND: tr_noop("Lent for registration"),
    CustodyStep.RETURN: tr_noop("Taken back into the safe"),
    CustodyStep.ISSUE: tr_noop("Given to the customer"),
    CustodyStep.CORRECT: tr_noop("Entry corrected"),
}
"""What a line of the ledger says happened; the step's own label is what one does."""


@dataclass(frozen=True, slots=True)
class StepRule:
    """What a step does to the axis, from whom to whom it leads, and what has to be said."""

    action: CertificateAction
    source: tuple[Holder, ...]
    target: Holder
    names_target: bool = False
    """Whether the step says to whom exactly: bank, agent, customer."""
    contract_required: bool = False
    reason_required: bool = False


STEPS: dict[CustodyStep, StepRule] = {
    CustodyStep.RECEIVE: StepRule(
        CertificateAction.PUT_IN_SAFE, (Holder.MAKER, Holder.CARRIER), Holder.SAFE
    ),
    CustodyStep.PLEDGE: StepRule(
        CertificateAction.PLEDGE, (Holder.SAFE, Holder.MAKER, Holder.CARRIER), Holder.BANK, names_target=True,
        contract_required=True,
    ),
    CustodyStep.REDEEM: StepRule(CertificateAction.PUT_IN_SAFE, (Holder.BANK,), Holder.SAFE),
    CustodyStep.LEND: StepRule(CertificateAction.ISSUE, (Holder.SAFE,), Holder.AGENT, names_target=True),
    CustodyStep.RETURN: StepRule(
        CertificateAction.BRING_BACK, (Holder.AGENT, Holder.CUSTOMER), Holder.SAFE, reason_required=True
    ),
    CustodyStep.ISSUE: StepRule(
        CertificateAction.ISSUE, (Holder.SAFE, Holder.AGENT), Holder.CUSTOMER, names_target=True
    ),
}  # fmt: skip
"""Every step but the correction, which leads back."""

FIRST_HOLDER = {
    "PENDING_SCAN": Holder.MAKER,
    "AT_BANK": Holder.BANK,
    "IN_SAFE": Holder.SAFE,
    "ISSUED": Holder.CUSTOMER,
}
"""Where a certificate without a line in the ledger is taken to be, by its unit's axis."""


def possible_steps(holder: Holder, state: str) -> tuple[CustodyStep, ...]:
    """What can be done with a certificate that somebody has, in the order in which it is offered."""
    first = state == "PENDING_SCAN"
    return tuple(
        step
        for step, rule in STEPS.items()
        if holder in rule.source and (first or step is not CustodyStep.RECEIVE)
    )


class KeyState(Labelled):
    BOARD = "BOARD", tr_noop("On the board")
    OUT = "OUT", tr_noop("Handed out")
    CUSTOMER = "CUSTOMER", tr_noop("With the customer")
    LOST = "LOST", tr_noop("Cannot be found")


class KeyStep(Labelled):
    REGISTER = "REGISTER", tr_noop("Enter in the register")
    HAND_OUT = "HAND_OUT", tr_noop("Hand out the key")
    RETURN = "RETURN", tr_noop("Take the key back")
    GIVE = "GIVE", tr_noop("Give the keys to the customer")
    LOSE = "LOSE", tr_noop("Report as lost")


KEY_STEPS_DONE: dict[KeyStep, str] = {
    KeyStep.REGISTER: tr_noop("entered in the register"),
    KeyStep.HAND_OUT: tr_noop("handed out"),
    KeyStep.RETURN: tr_noop("taken back"),
    KeyStep.GIVE: tr_noop("given to the customer"),
    KeyStep.LOSE: tr_noop("reported as lost"),
}


class KeyPurpose(Labelled):
    TEST_DRIVE = "test_drive", tr_noop("Test drive")
    WASH = "wash", tr_noop("Washing")
    INSPECTION = "inspection", tr_noop("Inspection")
    MOVE = "move", tr_noop("Moving it")
    PHOTO = "photo", tr_noop("Taking pictures")
    WORKSHOP = "workshop", tr_noop("Workshop")
    OTHER = "other", tr_noop("Something else")


MOST_KEYS = 6


def lent_until(day: date, reference: ReferenceBook | None = None) -> date:
    """When a certificate lent on a day is due back by house policy."""
    values = (reference or bundled_reference()).at("house_policy", day).values
    return day + timedelta(days=values["certificate_lent_days"])


def key_span(day: date, reference: ReferenceBook | None = None) -> timedelta:
    """How long a key is out by house policy."""
    return timedelta(hours=(reference or bundled_reference()).at("house_policy", day).values["key_out_hours"])
