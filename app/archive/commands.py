"""What can be decided about documents in the archive."""

from dataclasses import dataclass, field

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

    The file holds personal data: `reason` is required and stands in the audit trail. How the pens moved is in it only
    where a `passphrase` is given, and under it. Raises ContractNotSealed, PassphraseTooShort (field `passphrase`), and
    RecordNotFound while the document is still on its way from another desk.
    """

    contract_id: str
    reason: str
    passphrase: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeDisposal(Command):
    """List documents whose time of keeping is over for destruction; returns the list's id.

    `reason` is required. Raises DisposalTooEarly, DisposalHeld, DisposalListed, NothingToDispose, TooManyToDispose.
    """

    contract_ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmDisposal(Command):
    """Destroy what a list names: bytes, signatures with their evidence, parties, entries and words, at every desk.

    By somebody else than whoever proposed it. `supervisor` is who watches that it is done. Returns how many were
    destroyed. Raises OwnDisposal, DisposalDecided, DisposalTooEarly, DisposalHeld.
    """

    disposal_list_id: str
    supervisor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectDisposal(Command):
    """Keep what a list names after all, or take one's own list back; `reason` is required. Raises DisposalDecided."""

    disposal_list_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedEvidence:
    """The package as bytes, and a name for its file; `logged` says whether the log's proof is in it."""

    name: str
    content: bytes
    logged: bool
