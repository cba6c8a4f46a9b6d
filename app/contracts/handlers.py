"""Handlers of contract commands. Imported before a transaction begins, so that nobody waits for ReportLab in one."""

import hashlib
from datetime import timedelta
from typing import NoReturn

from app.contracts.after_signing.consents import end_consents, record_consents
from app.contracts.after_signing.milestones import begin_milestones, end_milestones, resume_milestones
from app.contracts.amended import amended_contract, amendment_of, reinstate, require_amended_in_force, supersede
from app.contracts.commands import (
    ArchiveContract,
    ContractDrafted,
    ContractSigned,
    DeclineContract,
    DraftContract,
    LockContract,
    PreparedDraft,
    SealContract,
    SignContract,
    VoidContract,
)
from app.contracts.documents.commands import DraftDocument
from app.contracts.documents.drafting import is_current
from app.contracts.documents.handlers import draft_document
from app.contracts.drafting import (
    NUMBER_KIND,
    Version,
    contracts_of,
    lay_out,
    next_version,
    paper_language,
    require_contractable,
    require_none_underway,
    sale_paper,
    version_of,
    words_for_sale,
)
from app.contracts.drift import agreed_facts
from app.contracts.errors import (
    ContractOutdated,
    SealOutdated,
    ShownDocumentDiffers,
    SignatureAlreadyGiven,
    SigningPeriodOver,
)
from app.contracts.kinds.errors import DocumentOutdated
from app.contracts.kinds.registry import SALE, kind_of
from app.contracts.kinds.roles import awaited, require_turn, signing_order
from app.contracts.paper.sale_paper import contract_digest
from app.contracts.rules import (
    CONTRACT,
    IN_FORCE,
    ContractAction,
    ContractState,
    PartyState,
    signing_action,
    signing_is_over,
)
from app.contracts.signers.identity_checks import require_of_age
from app.contracts.signers.parties import awaited_row, co_signers, party_row, put_first_parties, signers_of
from app.contracts.signers.phone_visits import keep_visit, note_phone
from app.contracts.signing import (
    SEAL_PARTY,
    evidence_of,
    kept_digest,
    signatures_of,
    stored_evidence,
)
from app.contracts.stages import DRAFT_STAGE, LOCKED_STAGE, SEALED_STAGE, document_at, keep_draft
from app.contracts.templates.in_force import TemplateInForce, still_in_force, template_as_drafted
from app.documents.fonts import register_fonts
from app.kernel.clock import branch_date
from app.kernel.commands import requires
from app.kernel.errors import ValueNotAllowed, limited_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.quotations.calculation import live
from app.quotations.drafting import REASON_LIMIT
from app.tasks.follow_up import close_tasks
from app.tasks.rules import TaskKind
from db.models.contracts import Contract, ContractDocument, ContractSignature
from db.models.customers import Customer
from db.models.orders import SalesOrder
from db.models.staff import Branch, StaffMember

register_fonts()


@requires(Permission.CONTRACTS_DRAFT)
def draft_contract(command: DraftContract, uow: UnitOfWork) -> ContractDrafted:
    """Write the contract of an order, in place of an earlier draft; or another document over it."""
    if command.template_code != SALE:
        return draft_document(
            DraftDocument(
                kind=command.template_code, order_id=command.order_id, entries=command.entries,
                language=command.language, template=command.template, prepared=command.prepared,
            ),
            uow,
        )  # fmt: skip
    order = live(uow.session, SalesOrder, command.order_id, field="order_id")
    require_contractable(order)
    customer = live(uow.session, Customer, order.customer_id, field="customer_id")
    language = paper_language(command.language, customer)
    # One flush at the end: the row is complete when it is first written.
    with uow.session.no_autoflush:
        return _draft(uow, order, command.prepared, template=command.template, language=language)


def _draft(
    uow: UnitOfWork,
    order: SalesOrder,
    prepared: PreparedDraft | None,
    *,
    template: str,
    language: str,
) -> ContractDrafted:
    existing = contracts_of(uow.session, order.id)
    contract = _draft_row(uow, order, existing)
    others = co_signers(uow.session, contract.id)
    words = words_for_sale(uow.session, order, now=uow.now, template=template, co_signers=others)
    version = next_version(existing, contract.number, amendment_of(uow.session, contract))
    fits = prepared is not None and _fits(
        uow, order, prepared, contract=contract, version=version, words=words, language=language
    )  # fmt: skip
    if prepared is None or not fits:
        prepared = lay_out(
            uow.session, order, version=version, words=words, language=language, drafted_at=uow.now,
            co_signers=others,
        )  # fmt: skip
    contract.template_code = prepared.template_code
    contract.template_version = prepared.template_version
    contract.template_version_id = prepared.template_version_id
    contract.clause_versions = prepared.clause_versions or None
    contract.paper_language = prepared.language
    contract.provisional = prepared.provisional
    contract.secured_until = prepared.secured_until
    contract.data_digest = prepared.data_digest
    contract.page_count = prepared.pages
    contract.signature_fields = prepared.places
    contract.form_entries = agreed_facts(uow.session, order)
    contract.drafted_at = prepared.drafted_at
    keep_draft(uow, contract, prepared)
    _keep_first_parties(uow, contract, order)
    for other in existing:
        if version.replaces and other.number == version.replaces:
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


def _keep_first_parties(uow: UnitOfWork, contract: Contract, order: SalesOrder) -> None:
    customer, branch = uow.get(Customer, order.customer_id), uow.get(Branch, contract.branch_id)
    salesperson = uow.session.get(StaffMember, order.salesperson_id)
    put_first_parties(
        uow, contract, customer, house=branch.company_zh or branch.name_zh,
        dealer=salesperson.name if salesperson else uow.actor.name,
    )  # fmt: skip


def _fits(
    uow: UnitOfWork,
    order: SalesOrder,
    prepared: PreparedDraft,
    *,
    contract: Contract,
    version: Version,
    words: TemplateInForce,
    language: str,
) -> bool:
    """Whether a prepared draft says what would be laid out now, number, order, template and language included."""
    if (prepared.template_version_id, prepared.clause_versions) != (words.version_id, dict(words.clause_versions)):
        return False
    paper = sale_paper(
        uow.session, order, version=version, drafted_at=prepared.drafted_at, now=uow.now,
        secured_until=prepared.secured_until, co_signers=co_signers(uow.session, contract.id),
    )  # fmt: skip
    return (
        contract_digest(paper, words.template, language) == prepared.data_digest
        and hashlib.sha256(prepared.content).hexdigest() == prepared.digest
    )


def _draft_row(uow: UnitOfWork, order: SalesOrder, existing: list[Contract]) -> Contract:
    """The row to write into: an earlier draft, or a new one; raises ContractAlreadyUnderway.

    A draft that amends a contract no longer in force is one in the place of others from now on.
    """
    draft = next((other for other in existing if other.state == ContractState.DRAFT), None)
    amended = amended_contract(uow.session, draft) if draft is not None else None
    if draft is not None and amended is not None and amended.state not in IN_FORCE:
        draft.amends_id, draft.amendment_changes, amended = None, "", None
    require_none_underway(existing, amended=amended)
    if draft is None:
        draft = Contract(
            branch_id=order.branch_id,
            number=uow.next_number(NUMBER_KIND),
            order_id=order.id,
            customer_id=order.customer_id,
            state=ContractState.DRAFT.value,
            template_code="",
            template_version="",
        )
        uow.add(draft)
    return draft


@requires(Permission.CONTRACTS_SIGN)
def lock_contract(command: LockContract, uow: UnitOfWork) -> str:
    """Fix the drafted bytes, if they are those that were shown and still say what the rows say."""
    contract = _contract(uow, command.contract_id, command.expected_revision)
    transition = CONTRACT.check(ContractState(contract.state), ContractAction.LOCK)
    document = document_at(uow, contract.id, DRAFT_STAGE)
    if document is None or document.digest != command.shown_digest:
        raise ShownDocumentDiffers(field="shown_digest")
    require_amended_in_force(uow.session, contract)
    _require_current(uow, contract)
    document.stage = LOCKED_STAGE
    contract.document_digest = document.digest
    contract.locked_at = uow.now
    contract.sign_until = uow.now + timedelta(days=signing_order(contract.template_code).days)
    contract.state = transition.target.value
    uow.record("ContractLocked")
    return contract.id


def _require_current(uow: UnitOfWork, contract: Contract) -> None:
    """Raises ContractOutdated, or DocumentOutdated for other kinds, where the rows say something else by now."""
    if contract.template_code != SALE:
        if not is_current(uow.session, contract, now=uow.now):
            raise DocumentOutdated()
        return
    order = live(uow.session, SalesOrder, contract.order_id, field="order_id")
    require_contractable(order)
    if not still_in_force(uow.session, contract, branch_date(uow.now)):
        raise ContractOutdated()
    template = template_as_drafted(uow.session, contract)
    drafted_at = contract.drafted_at or contract.created_at
    paper = sale_paper(
        uow.session, order, version=version_of(uow.session, contract), drafted_at=drafted_at, now=uow.now,
        secured_until=contract.secured_until, co_signers=co_signers(uow.session, contract.id),
    )  # fmt: skip
    if contract_digest(paper, template, contract.paper_language) != contract.data_digest:
        raise ContractOutdated()


@requires(Permission.CONTRACTS_SIGN)
def sign_contract(command: SignContract, uow: UnitOfWork) -> ContractSigned:
    """Keep the evidence of one party's signature on the locked bytes."""
    contract = _contract(uow, command.contract_id, command.expected_revision)
    signers = signers_of(uow.session, contract)
    if command.party not in signers.codes:
        raise ValueNotAllowed(field="party", value=command.party)
    awaiting = contract.state in (ContractState.LOCKED, ContractState.PARTIALLY_SIGNED)
    if command.party in signers.signed and awaiting:
        _refuse_second(uow, contract, command.party)
    missing = awaited(signers.codes, signers.signed)
    transition = CONTRACT.check(ContractState(contract.state), signing_action(missing))
    require_turn(signers.codes, signers.signed, command.party)
    _require_time(uow, contract)
    if command.shown_digest != contract.document_digest:
        raise ShownDocumentDiffers(field="shown_digest")
    _require_signable(uow, contract)
    require_amended_in_force(uow.session, contract)
    party = party_row(uow.session, contract.id, command.party)
    require_of_age(uow, contract, party)
    note_phone(uow, command, party)
    evidence = evidence_of(uow, contract, command, party=party)
    uow.add(
        ContractSignature(
            scope=contract.branch_id,
            contract_id=contract.id,
            party=command.party,
            signer_name=evidence.signer.name,
            signed_at=uow.now,
            document_digest=contract.document_digest,
            evidence_digest=evidence.sha256(),
            evidence=stored_evidence(evidence.canonical(), evidence.strokes),
        )
    )
    if party is not None:
        party.state, party.decided_at = PartyState.SIGNED.value, uow.now
    contract.state = transition.target.value
    if transition.action is ContractAction.SIGN_LAST:
        close_tasks(uow, record_id=contract.id, kind=TaskKind.CONTRACT_UNSIGNED)
    uow.session.flush()
    uow.record("ContractSigned")
    return ContractSigned(contract_id=contract.id, state=contract.state, revision=contract.revision)


def _refuse_second(uow: UnitOfWork, contract: Contract, party: str) -> NoReturn:
    given = {signature.party: signature.signer_name for signature in signatures_of(uow.session, contract.id)}
    raise SignatureAlreadyGiven(field="party", signer=given[party])


def _require_time(uow: UnitOfWork, contract: Contract) -> None:
    """Raises SigningPeriodOver once the time for signing has passed, whether anybody noticed or not."""
    if contract.sign_until is not None and signing_is_over(contract.sign_until, uow.now):
        raise SigningPeriodOver(day=branch_date(contract.sign_until).isoformat())


def _require_signable(uow: UnitOfWork, contract: Contract) -> None:
    """That the order of a sales contract can still be contracted; other kinds say what they say."""
    if contract.template_code == SALE:
        require_contractable(live(uow.session, SalesOrder, contract.order_id, field="order_id"))


@requires(Permission.CONTRACTS_SEAL)
def seal_contract(command: SealContract, uow: UnitOfWork) -> str:
    """Store sealed bytes, if they were made from exactly what stands in the rows."""
    contract = _contract(uow, command.contract_id, command.expected_revision)
    transition = CONTRACT.check(ContractState(contract.state), ContractAction.SEAL)
    prepared = command.prepared
    _require_fresh(uow, contract, command)
    supersede(uow.session, contract)
    uow.add(
        ContractDocument(
            scope=contract.branch_id,
            contract_id=contract.id,
            stage=SEALED_STAGE,
            digest=prepared.sealed_digest,
            content=prepared.content,
        )
    )
    uow.add(
        ContractSignature(
            scope=contract.branch_id,
            contract_id=contract.id,
            party=SEAL_PARTY,
            signer_name=uow.actor.name,
            signed_at=prepared.sealed_at,
            document_digest=contract.document_digest,
            evidence_digest=hashlib.sha256(prepared.seal_evidence).hexdigest(),
            evidence=stored_evidence(prepared.seal_evidence),
        )
    )
    contract.sealed_digest = prepared.sealed_digest
    contract.sealed_at = prepared.sealed_at
    contract.state = transition.target.value
    if contract.template_code == SALE and contract.order_id:
        begin_milestones(uow, contract, live(uow.session, SalesOrder, contract.order_id, field="order_id"))
    record_consents(uow, contract)
    uow.record("ContractSealed")
    return contract.id


def _require_fresh(uow: UnitOfWork, contract: Contract, command: SealContract) -> None:
    prepared = command.prepared
    evidence = [kept_digest(row) for row in signatures_of(uow.session, contract.id)]
    locked = document_at(uow, contract.id, LOCKED_STAGE)
    same = (
        prepared.contract_id == contract.id
        and prepared.locked_digest == contract.document_digest
        and prepared.evidence_digests == tuple(evidence)
        and hashlib.sha256(prepared.content).hexdigest() == prepared.sealed_digest
        and locked is not None
        and prepared.content.startswith(locked.content)
    )
    if not same:
        raise SealOutdated()


@requires(Permission.CONTRACTS_SEAL)
def archive_contract(command: ArchiveContract, uow: UnitOfWork) -> str:
    """Close the file of a sealed contract."""
    contract = _contract(uow, command.contract_id, command.expected_revision)
    contract.state = CONTRACT.check(ContractState(contract.state), ContractAction.ARCHIVE).target.value
    return contract.id


@requires(Permission.CONTRACTS_SIGN)
def decline_contract(command: DeclineContract, uow: UnitOfWork) -> str:
    """Note that a party does not sign, and why."""
    contract = _contract(uow, command.contract_id, command.expected_revision)
    if command.party:
        _decline_as(uow, contract, command)
    return _end(uow, contract, ContractAction.DECLINE, command.reason, "ContractDeclined")


def _decline_as(uow: UnitOfWork, contract: Contract, command: DeclineContract) -> None:
    CONTRACT.check(ContractState(contract.state), ContractAction.DECLINE, reason=command.reason)
    row = awaited_row(uow.session, contract, command.party)
    if command.phone is not None:
        keep_visit(uow, row, command.phone)
    row.state, row.decided_at = PartyState.DECLINED.value, uow.now
    row.decline_reason = limited_text(command.reason, field="reason", limit=REASON_LIMIT)


@requires(Permission.CONTRACTS_VOID)
def void_contract(command: VoidContract, uow: UnitOfWork) -> str:
    """Take a contract out of force, with a reason."""
    contract = _contract(uow, command.contract_id, command.expected_revision)
    ended = _end(uow, contract, ContractAction.VOID, command.reason, "ContractVoided")
    again = reinstate(uow.session, contract)
    if again is not None and again.order_id:
        resume_milestones(uow, again)
    return ended


def _end(uow: UnitOfWork, contract: Contract, action: ContractAction, reason: str, event: str) -> str:
    transition = CONTRACT.check(ContractState(contract.state), action, reason=reason)
    contract.void_reason = uow.reason = limited_text(reason, field="reason", limit=REASON_LIMIT)
    contract.state = transition.target.value
    end_milestones(uow, contract)
    end_consents(uow, contract)
    close_tasks(uow, record_id=contract.id, kind=TaskKind.CONTRACT_UNSIGNED)
    uow.record(event)
    return contract.id


def _contract(uow: UnitOfWork, contract_id: str, revision: int) -> Contract:
    contract = live(uow.session, Contract, contract_id, field="contract_id")
    uow.require(kind_of(contract.template_code).permission)
    uow.check_revision(contract, revision)
    return contract
