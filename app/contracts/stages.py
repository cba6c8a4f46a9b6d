"""The bytes of a contract at its stages: draft, locked, sealed."""

from sqlalchemy import select

from app.contracts.commands import PreparedDraft
from app.kernel.unit_of_work import UnitOfWork
from db.models.contracts import Contract, ContractDocument

DRAFT_STAGE, LOCKED_STAGE, SEALED_STAGE = "draft", "locked", "sealed"


def keep_draft(uow: UnitOfWork, contract: Contract, draft: PreparedDraft) -> None:
    """Store the bytes of a draft in place of earlier ones."""
    document = document_at(uow, contract.id, DRAFT_STAGE)
    if document is not None:
        document.digest, document.content = draft.digest, draft.content
        return
    uow.add(
        ContractDocument(
            scope=contract.branch_id,
            contract_id=contract.id,
            stage=DRAFT_STAGE,
            digest=draft.digest,
            content=draft.content,
        )
    )


def document_at(uow: UnitOfWork, contract_id: str, stage: str) -> ContractDocument | None:
    """The bytes at a stage, None where there are none."""
    query = select(ContractDocument).where(
        ContractDocument.contract_id == contract_id,
        ContractDocument.stage == stage,
        ContractDocument.deleted_at.is_(None),
    )
    return uow.session.scalars(query.limit(1)).first()
