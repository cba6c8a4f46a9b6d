"""Keeping the archive's search true: documents that were locked, signed, sealed, or came from another desk are read
behind the work, a few at a time.

The pages are read on the thread that calls, between two short transactions: nobody who writes waits for PDFium.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, select
from sqlalchemy.orm import Session

from app.archive.entries import fields_of, subjects_of, terms_of
from app.contracts.rules import ContractState
from app.documents.pdf_text import words_on_paper
from app.kernel.changes import Changes
from db.archive_index import IndexedDocument, entries_of, erase_remains, read_pending, read_text, write_entries
from db.engine import Database
from db.models.archive import ArchiveText
from db.models.contracts import Contract, ContractDocument

PORTION = 12
"""Documents in one go: some 100 ms of reading, some 30 ms of writing."""
_ORDER = case((ContractDocument.stage == "locked", 0), (ContractDocument.stage == "sealed", 1), else_=2)
"""All stages say the same; the locked bytes are the shortest."""


@dataclass(frozen=True, slots=True)
class Tended:
    """What was done: `changes` for the pages, `more` where other documents wait."""

    changes: Changes
    more: bool


def tend_archive(database: Database, *, portion: int = PORTION) -> Tended:
    """Bring so many entries up to date, those marked last first."""
    with database.read() as session:
        pending = read_pending(session.connection(), portion)
        wanted = pending.contract_ids
        if not wanted:
            return Tended(Changes({}), more=False)
        query = select(Contract).where(Contract.id.in_(wanted), Contract.deleted_at.is_(None)).order_by(Contract.id)
        live = list(session.scalars(query))
        shown = [contract for contract in live if contract.state != ContractState.DRAFT]
        known = entries_of(session.connection(), wanted)
        documents = [_indexed(session, contract, known.get(contract.id)) for contract in shown]
    present = {contract.id for contract in shown}
    destroyed = [contract.id for contract in shown if contract.state == ContractState.DISPOSED]
    with database.exclusive() as connection:
        if destroyed:
            erase_remains(connection, destroyed)
        write_entries(connection, documents, gone=[one for one in wanted if one not in present], up_to=pending.up_to)
    return Tended(Changes({"archive_entry": frozenset(wanted)}), more=pending.more)


def tend_whole_archive(database: Database) -> int:
    """Bring everything up to date; returns how many documents were looked at."""
    done = 0
    while True:
        tended = tend_archive(database)
        done += len(tended.changes.ids("archive_entry"))
        if not tended.more:
            return done


def _indexed(session: Session, contract: Contract, known: tuple[int, str] | None) -> IndexedDocument:
    about = subjects_of(session, contract)
    digest, text = _text(session, contract, known)
    kept = text if text is not None else _kept_text(session, known)
    return IndexedDocument(
        fields=fields_of(contract, about) | {"read_digest": digest},
        drafted_at=contract.drafted_at or contract.created_at,
        terms=terms_of(contract, about, kept),
        text=text,
    )


def _text(session: Session, contract: Contract, known: tuple[int, str] | None) -> tuple[str, str | None]:
    """The digest of the bytes whose text is right for the index, and the text where it has to be kept anew."""
    query = select(ContractDocument.id, ContractDocument.digest).where(
        ContractDocument.contract_id == contract.id, ContractDocument.deleted_at.is_(None)
    )
    kept: Sequence[tuple[str, str]] = [(row[0], row[1]) for row in session.execute(query.order_by(_ORDER))]
    if not kept:
        return "", "" if known is not None and known[1] else None
    if known is not None and known[1] in {digest for _, digest in kept}:
        return known[1], None
    document_id, digest = kept[0]
    content = session.scalar(select(ContractDocument.content).where(ContractDocument.id == document_id))
    return digest, words_on_paper(content or b"")


def _kept_text(session: Session, known: tuple[int, str] | None) -> str:
    if known is None:
        return ""
    return read_text(session.scalar(select(ArchiveText.content).where(ArchiveText.id == known[0])))
