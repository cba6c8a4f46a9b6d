"""Handlers of document commands. Imported before a transaction begins, so that nobody waits for ReportLab in one."""

import hashlib
from dataclasses import replace

from app.contracts.amended import amendment_of
from app.contracts.commands import ContractDrafted, PreparedDraft
from app.contracts.documents.commands import DraftDocument
from app.contracts.documents.drafting import (
    Drafting,
    documents_like,
    lay_out_document,
    next_document_version,
    paper_of,
    require_free,
    stored_about,
    words_for,
)
from app.contracts.documents.reading import About, Records, records_of
from app.contracts.drafting import paper_language
from app.contracts.kinds.entries import checked_entries, stored_entries
from app.contracts.kinds.errors import OwnCommandNeeded
from app.contracts.kinds.registry import SALE, DocumentKind, kind_of
from app.contracts.paper.document_paper import document_digest
from app.contracts.rules import ContractState, require_editable
from app.contracts.signers.parties import put_first_parties
from app.contracts.stages import keep_draft
from app.documents.fonts import register_fonts
from app.documents.wording import branch_date
from app.kernel.commands import requires
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.quotations.calculation import live
from db.models.contracts import Contract
from db.models.staff import Branch

register_fonts()


@requires(Permission.CONTRACTS_SIGN)
def draft_document(command: DraftDocument, uow: UnitOfWork) -> ContractDrafted:
    """Write a document of any kind but the sales contract, in place of an earlier draft."""
    kind = kind_of(command.kind)
    if kind.code == SALE:
        raise OwnCommandNeeded(field="kind")
    uow.require(kind.permission)
    records = records_of(uow.session, kind, about(command), branch_id=uow.actor.branch_id)
    entries = checked_entries(kind, command.entries, today=branch_date(uow.now))
    like = documents_like(uow.session, kind, records)
    # One flush at the end: the row is complete when it is first written.
    with uow.session.no_autoflush:
        contract = _draft_row(uow, kind, records, like, contract_id=command.contract_id)
        drafting = Drafting(
            kind=kind,
            version=next_document_version(kind, like, contract.number, amendment_of(uow.session, contract)),
            language=paper_language(command.language, records.customer),
            entries=entries,
            drafted_at=uow.now,
            handled_by_staff_id=uow.actor.staff_id,
            contract_id=contract.id,
            template=command.template,
        )
        prepared = command.prepared
        if prepared is None or not _fits(uow, records, drafting, prepared):
            prepared = lay_out_document(uow.session, records, drafting)
        drafted = _keep(uow, contract, drafting, prepared, like)
        _keep_first_parties(uow, contract, records)
        return drafted


def _keep_first_parties(uow: UnitOfWork, contract: Contract, records: Records) -> None:
    branch = uow.get(Branch, contract.branch_id)
    put_first_parties(
        uow, contract, records.customer, house=branch.company_zh or branch.name_zh, dealer=uow.actor.name
    )  # fmt: skip
    uow.session.flush()


def about(command: DraftDocument) -> About:
    """The records a command names."""
    return About(
        customer_id=command.customer_id,
        order_id=command.order_id,
        unit_id=command.unit_id,
        payment_id=command.payment_id,
        customer_vehicle_id=command.customer_vehicle_id,
    )


def _draft_row(
    uow: UnitOfWork, kind: DocumentKind, records: Records, like: list[Contract], *, contract_id: str | None
) -> Contract:
    """The row to write into: the draft that is named, the only draft there is, or a new one.

    Raises ContractAlreadyUnderway, ContractLocked, RecordNotFound.
    """
    if contract_id:
        named = live(uow.session, Contract, contract_id, field="contract_id")
        require_editable(named.state)
        if named in like:
            return named
    require_free(kind, like)
    drafts = [one for one in like if one.state == ContractState.DRAFT]
    if drafts and not kind.several_at_once:
        return drafts[-1]
    return uow.add(
        Contract(
            branch_id=records.branch_id,
            number=uow.next_number(kind.number_kind),
            customer_id=records.customer.id,
            state=ContractState.DRAFT.value,
            template_code="",
            template_version="",
            **stored_about(records),
        )
    )


def _fits(uow: UnitOfWork, records: Records, drafting: Drafting, prepared: PreparedDraft) -> bool:
    """Whether a prepared document says what would be laid out now."""
    paper = paper_of(uow.session, records, replace(drafting, drafted_at=prepared.drafted_at))
    words = words_for(uow.session, drafting, paper)
    if (prepared.template_version_id, prepared.clause_versions) != (words.version_id, dict(words.clause_versions)):
        return False
    return (
        document_digest(paper, words.template, drafting.language) == prepared.data_digest
        and hashlib.sha256(prepared.content).hexdigest() == prepared.digest
    )


def _keep(
    uow: UnitOfWork, contract: Contract, drafting: Drafting, prepared: PreparedDraft, like: list[Contract]
) -> ContractDrafted:
    contract.template_code = prepared.template_code
    contract.template_version = prepared.template_version
    contract.template_version_id = prepared.template_version_id
    contract.clause_versions = prepared.clause_versions or None
    contract.paper_language = prepared.language
    contract.provisional = prepared.provisional
    contract.data_digest = prepared.data_digest
    contract.page_count = prepared.pages
    contract.signature_fields = prepared.places
    contract.drafted_at = prepared.drafted_at
    contract.handled_by_staff_id = drafting.handled_by_staff_id
    contract.form_entries = stored_entries(drafting.entries)
    keep_draft(uow, contract, prepared)
    for other in like:
        if drafting.version.replaces and other.number == drafting.version.replaces:
            other.replaced_by_id = contract.id
    uow.session.flush()
    uow.record("ContractDrafted")
    return ContractDrafted(
        contract_id=contract.id,
        number=contract.number,
        revision=contract.revision,
        pages=prepared.pages,
        digest=prepared.digest,
    )
