"""Whether a stored contract, or any PDF, is still what was sealed, by all this desk knows."""

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from app.contracts.errors import DocumentTooLarge
from app.contracts.lineage import Named, lineage_of
from app.contracts.queries import latest_document, seen_contract
from app.document_log.queries import EntryRow, entry_of
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.contracts import Contract

if TYPE_CHECKING:
    from app.contracts.proof.verification import ExpectedDocument, VerificationReport

LARGEST_DOCUMENT_MB = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationRow:
    """Whether a document is what was signed. `contract_id` and `number` where it is a contract of this house.

    `report` has the verdict, each signature and every finding, with `message()` and `summary()` in the language in use.
    """

    contract_id: str | None
    number: str
    state: str
    report: "VerificationReport"
    newer: Named | None = None
    """The contract that has taken the place of this one, by amendment or replacement."""
    entry: EntryRow | None = None
    """How these bytes stand in the centre's log of sealed documents; None for what is no sealed contract of ours."""

    @property
    def intact(self) -> bool:
        """Whether nothing changed and every signature is trusted."""
        return self.report.verdict.value == "intact"


def verify_contract(reader: Reader, contract_id: str) -> VerificationRow:
    """Check a contract's latest bytes against their signatures, the stored digests and the kept evidence."""
    contract = seen_contract(reader, contract_id)
    return _verified(reader, contract, latest_document(reader, contract_id, None).content)


def verify_file(reader: Reader, content: bytes) -> VerificationRow:
    """Check any PDF: whether it is one of the house's contracts and still as it was sealed.

    Raises DocumentTooLarge (field `content`); every other input gives a verdict.
    """
    from app.contracts.finishing import locked_digests

    reader.require(Permission.CONTRACTS_VIEW)
    size = len(content) / 1_000_000
    if size > LARGEST_DOCUMENT_MB:
        raise DocumentTooLarge(field="content", size=f"{size:.0f}", limit=LARGEST_DOCUMENT_MB)
    digest = hashlib.sha256(content).hexdigest()
    query = select(Contract).where(
        or_(Contract.sealed_digest == digest, Contract.document_digest.in_(locked_digests(content))),
        Contract.deleted_at.is_(None),
    )
    return _verified(reader, reader.session.scalars(query.limit(1)).first(), content)


def _verified(reader: Reader, contract: Contract | None, content: bytes) -> VerificationRow:
    from app.contracts.keys.held_keys import known_roots
    from app.contracts.proof.trust import check, time_trust

    expected: ExpectedDocument | None = None
    if contract is not None:
        from app.contracts.finishing import expected_document

        expected = expected_document(reader.session, contract)
    report = check(content, known_roots(), expected, time_trust(reader.session), now=reader.now)
    sealed = contract.sealed_digest if contract is not None else ""
    # The log knows the file as it was sealed; time-stamps came behind.
    logged = report.sha256 if "file_differs" in report.codes() else sealed
    return VerificationRow(
        contract_id=contract.id if contract else None,
        number=contract.number if contract else "",
        state=contract.state if contract else "",
        report=report,
        newer=lineage_of(reader.session, contract).replaced_by if contract is not None else None,
        entry=entry_of(reader.session, logged) if sealed else None,
    )
