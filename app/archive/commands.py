"""What can be decided about documents in the archive."""

from dataclasses import dataclass

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceLegalHold(Command):
    """Keep a contract beyond its retention period until the hold is lifted; returns the hold's id.

    `reason` is required: the dispute, the inspection. Several holds may rest on one contract.
    Raises ContractStillOpen for a contract that is not closed.
    """

    contract_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiftLegalHold(Command):
    """End one hold; `reason` is required. Raises HoldAlreadyLifted."""

    legal_hold_id: str
    reason: str
