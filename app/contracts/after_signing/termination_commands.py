"""Ending a sealed contract before it was performed."""

from dataclasses import dataclass
from datetime import date

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminateContract(Command):
    """End a contract in force, by agreement or by right; it stays readable and provable, and nothing is due by it.

    `ground`: a code of `termination_rules.TerminationGround`; it says who defaulted, and so by Civil Code 586-588 what
    becomes of the deposits. `reason` is required. `terminated_on`: from the day it was sealed to
    today. With `cancel_order`, the order of a sales contract is cancelled with it where it is not delivered yet
    (permission to cancel orders), its vehicle becomes free, and the cashier finds what goes back as a task.
    Where the parties signed a termination agreement, its ground and day are taken: others are refused, and the audit
    trail names it. Raises TransitionNotAllowed, AmendmentUnderway, ValueNotAllowed and AgreedOtherwise (fields `ground`
    and `terminated_on`), TerminationDayWrong (field `terminated_on`).
    """

    contract_id: str
    expected_revision: int
    ground: str
    reason: str
    terminated_on: date
    cancel_order: bool = True
