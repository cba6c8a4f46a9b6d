"""Checking who signs: each step is kept as evidence; none holds a whole number or a code in plain text."""

from dataclasses import dataclass, field
from datetime import datetime

from app.attachments.commands import StoredFile
from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteIdentityNotice(Command):
    """The purposes and the retention were shown to a party, in that language. Returns the step's id."""

    contract_id: str
    party: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckIdentityDocument(Command):
    """Compare what a party's document says with the contract. Returns `IdentityChecked`.

    A number that cannot exist is an error (field `number`) and leaves nothing; one that is another than the
    contract's is a failed step.
    """

    contract_id: str
    party: str
    name: str
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IdentityChecked:
    """`hints` are codes of `app.contracts.signers.identity_rules.RiskHint`."""

    step_id: str
    passed: bool
    hints: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepDocumentPhoto(Command):
    """Keep a photo of a party's document, whose bytes `app.attachments.intake.take_in` has stored encrypted.

    Raises PhotoConsentMissing (field `consented`) without the separate consent. Returns the step's id.
    """

    contract_id: str
    party: str
    file: StoredFile
    consented: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCode(Command):
    """Make a one-time code for a party. Returns `CodeIssued`, which is to be sent outside of any transaction.

    `channel`: "phone" or "email"; `way`: the gateway that will send it, which the evidence names.
    Raises AddressMissing, CodeTooSoon or TooManyCodes (field `channel`).
    """

    contract_id: str
    party: str
    channel: str
    way: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeIssued:
    """A code on its way. The plain digits are here and with the receiver, nowhere else; `address` in plain too."""

    code_id: str
    channel: str
    address: str = field(repr=False)
    shown_address: str
    """Masked, for the screen."""
    code: str = field(repr=False)
    document_number: str
    house: str
    language: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteCodeUnsent(Command):
    """The gateway could not send a code: it cannot be used, and does not count as sent."""

    code_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmCode(Command):
    """The digits a party entered. Returns `CodeConfirmed`; a wrong entry counts.

    Raises CodeNotOpen (field `code`) where none was sent, or it is used up or too old.
    """

    contract_id: str
    party: str
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CodeConfirmed:
    """`left`: how many more entries the code stands, where it was not the right one."""

    passed: bool
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotePhoneLocked(Command):
    """A request to sign on a phone was locked by wrong codes before anybody opened it. Returns the step's id."""

    contract_id: str
    party: str
    request_id: str
    wrong_codes: int
