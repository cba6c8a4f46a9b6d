"""Reading contracts: lists, one contract, its bytes, what to acknowledge, and whether a document is intact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.contracts.commands import PreparedSeal
from app.kernel.labels import Note
from app.kernel.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRow:
    """One contract in a list."""

    id: str
    number: str
    order_id: str
    order_number: str
    customer_id: str
    customer_name: str
    state: str
    """Labels in `app.contracts.rules.ContractState`."""
    provisional: bool
    paper_language: str
    page_count: int
    created_at: datetime
    sealed_at: datetime | None
    revision: int
    cursor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseRow:
    """A clause that limits the customer and has to be acknowledged by itself, in the paper's language."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRow:
    """One party's signature."""

    party: str
    signer_name: str
    signed_at: datetime
    document_digest: str
    acknowledged: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractDetail:
    """One contract; `shown_digest` is what signing has to quote, `missing` the parties yet to sign."""

    row: ContractRow
    template_code: str
    template_version: str
    shown_digest: str
    clauses: tuple[ClauseRow, ...]
    signatures: tuple[SignatureRow, ...]
    missing: tuple[str, ...]
    buyer_name: str
    dealer_name: str
    void_reason: str
    replaced_by_id: str | None
    outdated: bool
    """The order changed since this was drafted: draft it again before locking."""
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """The bytes of a contract at one stage (draft, locked, sealed) and their SHA-256."""

    contract_id: str
    stage: str
    digest: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFinding:
    """What checking found about one signature of a document."""

    field: str
    party: str
    signer_name: str
    signed_at: datetime | None
    intact: bool
    findings: tuple[Note, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRow:
    """Whether a document is what was signed. `contract_id` where it is a contract of this house."""

    intact: bool
    sealed: bool
    contract_id: str | None
    number: str
    digest: str
    signatures: tuple[SignatureFinding, ...]
    findings: tuple[Note, ...]
    """What is wrong or changed, worded for people; empty when intact."""


def list_contracts(
    reader: Reader,
    *,
    after: str | None = None,
    limit: int = 60,
    text: str = "",
    state: str | Sequence[str] | None = None,
    order_id: str | None = None,
    customer_id: str | None = None,
) -> list[ContractRow]:
    """Contracts, newest first."""
    raise LookupError


def count_contracts(reader: Reader, **filters: object) -> tuple[int, int]:
    """How many match the filters of `list_contracts`, and how many there are."""
    raise LookupError


def get_contract(reader: Reader, contract_id: str) -> ContractDetail:
    """One contract; raises RecordNotFound."""
    raise LookupError


def contract_document(reader: Reader, contract_id: str, *, stage: str | None = None) -> DocumentRow:
    """The bytes at a stage, the latest by default; raises RecordNotFound."""
    raise LookupError


def prepare_seal(reader: Reader, contract_id: str) -> PreparedSeal:
    """Apply both signatures and the dealer's seal to the locked bytes; needs some 100 ms and writes nothing.

    Uses the keys given to `app.contracts.keys.use_signing_keys`. Raises SigningKeyMissing, TransitionNotAllowed.
    """
    raise LookupError


def verify_contract(reader: Reader, contract_id: str) -> VerificationRow:
    """Check the sealed bytes against their signatures, the stored digests and the evidence."""
    raise LookupError


def verify_file(reader: Reader, content: bytes) -> VerificationRow:
    """Check any PDF: whether it is one of the house's contracts and still as it was sealed."""
    raise LookupError
