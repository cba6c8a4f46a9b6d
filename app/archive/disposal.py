"""Destroying documents after their time: what may go, and what of a document goes.

One person proposes a list, another one confirms it (会计档案管理办法, art. 18). What remains is the line of the
register: number, kind, digests and days, so that the log's proof stays what it was, of a digest.
"""

from datetime import date
from typing import Any

from sqlalchemy import Select, select

from app.archive.errors import DisposalHeld, DisposalTooEarly
from app.archive.rules import kept_until
from app.contracts.kinds.registry import KINDS, SALE
from app.contracts.rules import CLOSED, CONTRACT, ContractAction, ContractState
from app.kernel.clock import branch_date
from app.kernel.labels import Labelled
from app.kernel.unit_of_work import UnitOfWork
from app.runtime.language import tr_noop
from db.models.archive import LegalHold
from db.models.attachments import Attachment
from db.models.contracts import Contract, ContractDocument, ContractSignature
from db.models.disposal import DisposalLine
from db.models.signing import ContractParty, IdentityStep

MOST = 500
"""Documents on one list."""
NUMBER_KIND = "DL"


class DisposalState(Labelled):
    PROPOSED = "PROPOSED", tr_noop("Waits for a second person")
    CONFIRMED = "CONFIRMED", tr_noop("Destroyed")
    REJECTED = "REJECTED", tr_noop("Rejected")


def last_day(contract: Contract) -> date | None:
    """Until when a document has to be kept; None while it is open, or gone."""
    if contract.state not in CLOSED:
        return None
    kind = KINDS.get(contract.template_code, KINDS[SALE])
    return kept_until(kind.retention, contract.sealed_at or contract.updated_at)


def require_may_go(uow: UnitOfWork, contract: Contract) -> date:
    """The last day it had to be kept. Raises DisposalTooEarly, DisposalHeld."""
    until = last_day(contract)
    if until is None or until >= branch_date(uow.now):
        raise DisposalTooEarly(number=contract.number, day=until.isoformat() if until is not None else "—")
    held = select(LegalHold.id).where(
        LegalHold.contract_id == contract.id, LegalHold.lifted_at.is_(None), LegalHold.deleted_at.is_(None)
    )
    if uow.session.scalars(held.limit(1)).first() is not None:
        raise DisposalHeld(number=contract.number)
    return until


def line_of(contract: Contract, list_id: str, until: date) -> DisposalLine:
    """The line that remains of a document."""
    return DisposalLine(
        id=contract.id, scope=contract.scope, list_id=list_id, contract_id=contract.id, number=contract.number,
        kind=contract.template_code, data_digest=contract.data_digest, document_digest=contract.document_digest,
        sealed_digest=contract.sealed_digest, closed_on=branch_date(contract.sealed_at or contract.updated_at),
        kept_until=until,
    )  # fmt: skip


def destroy(uow: UnitOfWork, contract: Contract) -> None:
    """Take everything but the contract's own row, which keeps its number and digests."""
    session, now = uow.session, uow.now
    for document in session.scalars(_of(ContractDocument, contract.id)):
        document.content, document.deleted_at = b"", now
    for signature in session.scalars(_of(ContractSignature, contract.id)):
        signature.signer_name, signature.evidence, signature.deleted_at = "", {}, now
    for step in session.scalars(_of(IdentityStep, contract.id)):
        step.detail, step.attachment_sha256, step.deleted_at = {}, "", now
    parties = list(session.scalars(_of(ContractParty, contract.id)))
    photos = select(Attachment).where(
        Attachment.subject_table == ContractParty.__tablename__,
        Attachment.subject_id.in_([party.id for party in parties]),
        Attachment.deleted_at.is_(None),
    )
    for photo in session.scalars(photos):
        photo.deleted_at = now
    for party in parties:
        party.name = party.representative = party.identity_number = party.phone = party.email = party.address = ""
        party.deleted_at = now
    contract.form_entries, contract.amendment_changes = None, ""
    contract.state = CONTRACT.check(ContractState(contract.state), ContractAction.DISPOSE).target.value


def _of(model: type[Any], contract_id: str) -> Select[Any]:
    return select(model).where(model.contract_id == contract_id, model.deleted_at.is_(None))
