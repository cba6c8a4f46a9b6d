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


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportEvidence(Command):
    """Put everything that proves a sealed contract into one file; returns `ExportedEvidence`.

    The file holds personal data, handwriting among them: `reason` is required and stands in the audit trail.
    Raises ContractNotSealed, and RecordNotFound while the document is still on its way from another desk.
    """

    contract_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedEvidence:
    """The package as bytes, and a name for its file; `logged` says whether the log's proof is in it."""

    name: str
    content: bytes
    logged: bool
