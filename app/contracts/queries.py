"""Reading contracts: lists, one contract with its clauses and signatures, its bytes at a stage.

Whatever needs ReportLab or pyHanko is imported where it is used: pages that only list contracts do not wait for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, func, or_, select

from app.contracts.errors import DocumentDestroyed
from app.contracts.kinds.permissions import may_see
from app.contracts.kinds.registry import KINDS, SALE, kind_of
from app.contracts.kinds.roles import awaited
from app.contracts.lineage import Lineage, Termination, lineage_of, termination_of
from app.contracts.rules import BY_CONSEQUENCE, CONTRACT, IN_FORCE, UNSEALED, ContractAction, ContractState
from app.contracts.signers.party_queries import PartyRow, party_details
from app.documents.paper_data import Words
from app.kernel.clock import branch_date
from app.kernel.errors import DomainError, RecordNotFound
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.orders.securing import SaleSecurity, security_of
from app.quotations.calculation import live
from app.runtime.language import CHINESE
from db.listing import cursor_of, found, is_one_of, older_than
from db.models.contracts import Contract, ContractDocument, ContractSignature
from db.models.customers import Customer
from db.models.orders import SalesOrder

if TYPE_CHECKING:
    pass

STAGES = ("stamped", "sealed", "locked", "draft")
"""Stages of a contract's bytes, the last one first."""
_SEAL_PARTY = "seal"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRow:
    """One contract in a list."""

    id: str
    number: str
    kind: str
    """A code of `app.contracts.kinds.registry`."""
    order_id: str
    """Empty for a document without order."""
    order_number: str
    customer_id: str
    customer_name: str
    state: str
    """Labels in `app.contracts.rules.ContractState`."""
    provisional: bool
    """The paper calls the sale provisional."""
    secured_until: datetime | None
    """The paper says that the vehicle is secured until then."""
    paper_language: str
    page_count: int
    created_at: datetime
    sealed_at: datetime | None
    stamped_at: datetime | None
    """Since when time-stamps of the centre prove the sealed document; None while it waits for the centre."""
    revision: int
    cursor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseRow:
    """A clause that limits the customer and has to be acknowledged by itself; `text` is in the paper's language."""

    id: str
    number: str
    """As on the paper, such as 4.3."""
    text: str
    text_zh: str
    text_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRow:
    """One party's signature. How it was drawn is evidence and stays where it is: no query hands strokes out."""

    party: str
    signer_name: str
    signed_at: datetime
    document_digest: str
    evidence_digest: str
    acknowledged: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractDetail:
    """One contract; `shown_digest` is what locking and signing have to quote, `missing` the codes of the parties yet
    to sign, in their order."""

    row: ContractRow
    template_code: str
    template_version: str
    shown_digest: str
    clauses: tuple[ClauseRow, ...]
    signatures: tuple[SignatureRow, ...]
    parties: tuple[PartyRow, ...]
    """In the order of signing."""
    sign_until: datetime | None
    missing: tuple[str, ...]
    waiting_since: datetime | None
    """Since when the first of those missing could sign: the lock, or the signature before theirs; None for nobody."""
    buyer_name: str
    """Who is expected to sign for the buyer: the person, or whoever acts for the company."""
    dealer_name: str
    void_reason: str
    replaced_by_id: str | None
    lineage: Lineage
    drift: tuple[Words, ...]
    """What its order says otherwise than the sealed sales contract by now, change by change."""
    termination: Termination | None
    security: SaleSecurity | None
    """What the lease under which the vehicle was sold is worth now, while the centre has not answered."""
    outdated: bool
    """A draft whose order has changed since: it has to be drafted again before it can be locked."""
    actions: tuple[str, ...]
    """`app.contracts.rules.ContractAction` codes ("sign" also where the last party signs), "redraft" and "amend"."""

    @property
    def needs_amendment(self) -> bool:
        """Whether the order has gone its own way since the seal, and nobody is about to amend the contract."""
        return bool(self.drift) and not any(one.state in UNSEALED for one in self.lineage.amendments)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """The bytes of a contract at one stage (draft, locked, sealed, stamped) and their SHA-256."""

    contract_id: str
    number: str
    stage: str
    digest: str
    content: bytes


def list_contracts(
    reader: Reader,
    *,
    after: str | None = None,
    limit: int = 60,
    text: str = "",
    state: str | Sequence[str] | None = None,
    kind: str | Sequence[str] | None = None,
    order_id: str | None = None,
    customer_id: str | None = None,
    unit_id: str | None = None,
) -> list[ContractRow]:
    """Contracts and other documents, newest first, of the kinds the actor may see.

    `text` finds the number, the order's number and the customer.
    """
    reader.require(Permission.CONTRACTS_VIEW)
    conditions = _conditions(
        text=text, state=state, kind=kind, order_id=order_id, customer_id=customer_id, unit_id=unit_id
    )
    query = _rows().where(*_seen_by(reader), *conditions)
    if after is not None:
        query = query.where(older_than(after, Contract.created_at, Contract.id))
    query = query.order_by(Contract.created_at.desc(), Contract.id.desc()).limit(limit)
    return [_row(values) for values in reader.session.execute(query)]


def count_contracts(reader: Reader, **filters: Any) -> tuple[int, int]:
    """How many match the filters of `list_contracts`, and how many there are."""
    reader.require(Permission.CONTRACTS_VIEW)
    counted = select(func.count()).select_from(Contract)
    counted = counted.where(*_seen_by(reader))
    everything = reader.session.scalar(counted.where(Contract.deleted_at.is_(None))) or 0
    if not any(filters.values()):
        return everything, everything
    return reader.session.scalar(counted.where(*_conditions(**filters))) or 0, everything


def _seen_by(reader: Reader) -> list[ColumnElement[bool]]:
    """Nothing for who sees every kind."""
    seen = [code for code in KINDS if may_see(reader.actor, code)]
    return [] if len(seen) == len(KINDS) else [Contract.template_code.in_(seen)]


def _rows() -> Any:
    query: Any = select(Contract, SalesOrder.number, SalesOrder.final_number, Customer.name)
    return query.outerjoin(SalesOrder, SalesOrder.id == Contract.order_id).outerjoin(
        Customer, Customer.id == Contract.customer_id
    )


def _conditions(
    *,
    text: str = "",
    state: str | Sequence[str] | None = None,
    kind: str | Sequence[str] | None = None,
    order_id: str | None = None,
    customer_id: str | None = None,
    unit_id: str | None = None,
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Contract.deleted_at.is_(None)]
    if text.strip():
        conditions.append(or_(found("contract", text, Contract.id), found("order", text, Contract.order_id)))
    if state:
        conditions.append(is_one_of(Contract.state, state))
    if kind:
        conditions.append(is_one_of(Contract.template_code, kind))
    if unit_id:
        conditions.append(Contract.vehicle_unit_id == unit_id)
    if order_id:
        conditions.append(Contract.order_id == order_id)
    if customer_id:
        conditions.append(Contract.customer_id == customer_id)
    return conditions


def _row(values: Any) -> ContractRow:
    contract, number, final_number, customer = values
    return ContractRow(
        id=contract.id,
        number=contract.number,
        kind=contract.template_code,
        order_id=contract.order_id,
        order_number=final_number or number or "",
        customer_id=contract.customer_id,
        customer_name=customer or "",
        state=contract.state,
        provisional=contract.provisional,
        secured_until=contract.secured_until,
        paper_language=contract.paper_language,
        page_count=contract.page_count,
        created_at=contract.created_at,
        sealed_at=contract.sealed_at,
        stamped_at=contract.stamped_at,
        revision=contract.revision,
        cursor=cursor_of(contract.created_at, contract.id),
    )


def get_contract(reader: Reader, contract_id: str) -> ContractDetail:
    """One contract; raises RecordNotFound."""
    from app.contracts.drafting import limiting_clauses
    from app.contracts.drift import drift_of
    from app.contracts.signers.parties import signers_of
    from app.contracts.signing import signatures_of

    session = reader.session
    contract = seen_contract(reader, contract_id)
    customer = session.get(Customer, contract.customer_id)
    given = signatures_of(session, contract_id)
    signers = signers_of(session, contract)
    missing = awaited(signers.codes, signers.signed) if contract.state in _AWAITING else ()
    outdated = contract.state == ContractState.DRAFT and _is_outdated(reader, contract)
    return ContractDetail(
        row=_row(session.execute(_rows().where(Contract.id == contract_id)).one()),
        template_code=contract.template_code,
        template_version=contract.template_version,
        shown_digest=contract.document_digest or _draft_digest(reader, contract_id),
        clauses=tuple(_clause(clause, contract.paper_language) for clause in limiting_clauses(contract)),
        signatures=tuple(_signature(signature) for signature in given),
        parties=()
        if contract.state == ContractState.DISPOSED
        else party_details(session, contract, signed={row.party: row for row in given}),
        sign_until=contract.sign_until,
        missing=missing,
        waiting_since=_waiting_since(contract, given) if missing else None,
        buyer_name=_expected_signer(customer),
        dealer_name=reader.actor.name,
        void_reason=contract.void_reason,
        replaced_by_id=contract.replaced_by_id,
        lineage=lineage_of(session, contract),
        drift=drift_of(session, contract),
        termination=termination_of(session, contract),
        security=_security(reader, contract),
        outdated=outdated,
        actions=_actions(reader, contract, outdated=outdated),
    )


def _waiting_since(contract: Contract, given: Sequence[ContractSignature]) -> datetime | None:
    moments = [contract.locked_at, *(signature.signed_at for signature in given)]
    return max((moment for moment in moments if moment is not None), default=None)


def seen_contract(reader: Reader, contract_id: str) -> Contract:
    """A contract that the actor may see; raises RecordNotFound or PermissionDenied."""
    reader.require(Permission.CONTRACTS_VIEW)
    contract = live(reader.session, Contract, contract_id, field="contract_id")
    if not may_see(reader.actor, contract.template_code):
        reader.require(kind_of(contract.template_code).permission)
    return contract


def _draft_digest(reader: Reader, contract_id: str) -> str:
    """The digest of the draft; empty while its bytes are still on their way from another desk."""
    query = select(ContractDocument.digest).where(
        ContractDocument.contract_id == contract_id, ContractDocument.deleted_at.is_(None)
    )
    return reader.session.scalars(query.limit(1)).first() or ""


_AWAITING = (ContractState.LOCKED, ContractState.PARTIALLY_SIGNED)


def _expected_signer(customer: Customer | None) -> str:
    if customer is None:
        return ""
    return customer.contact_name if customer.kind == "company" else customer.name


def _security(reader: Reader, contract: Contract) -> SaleSecurity | None:
    order = reader.session.get(SalesOrder, contract.order_id)
    if order is None or contract.template_code != SALE:
        return None
    return security_of(reader.session, order, now=reader.now)


def _is_outdated(reader: Reader, contract: Contract) -> bool:
    from app.contracts.drafting import sale_paper, version_of
    from app.contracts.paper.sale_paper import contract_digest
    from app.contracts.signers.parties import co_signers
    from app.contracts.templates.in_force import still_in_force, template_as_drafted

    if contract.template_code != SALE:
        return _is_document_outdated(reader, contract)
    order = reader.session.get(SalesOrder, contract.order_id)
    if order is None:
        return True
    version, drafted_at = version_of(reader.session, contract), contract.drafted_at or contract.created_at
    try:
        if not still_in_force(reader.session, contract, branch_date(reader.now)):
            return True
        template = template_as_drafted(reader.session, contract)
        paper = sale_paper(
            reader.session, order, version=version, drafted_at=drafted_at, now=reader.now,
            secured_until=contract.secured_until, co_signers=co_signers(reader.session, contract.id),
        )  # fmt: skip
    except DomainError:
        return True
    return contract_digest(paper, template, contract.paper_language) != contract.data_digest


def _is_document_outdated(reader: Reader, contract: Contract) -> bool:
    from app.contracts.documents.drafting import is_current

    try:
        return not is_current(reader.session, contract, now=reader.now)
    except DomainError:
        return True


def _clause(stored: dict[str, Any], language: str) -> ClauseRow:
    return ClauseRow(
        id=stored["clause_id"],
        number=stored["clause_number"],
        text=stored["zh"] if language == CHINESE else stored["en"],
        text_zh=stored["zh"],
        text_en=stored["en"],
    )


def _signature(signature: ContractSignature) -> SignatureRow:
    evidence = signature.evidence
    return SignatureRow(
        party=signature.party,
        signer_name=signature.signer_name,
        signed_at=signature.signed_at,
        document_digest=signature.document_digest,
        evidence_digest=signature.evidence_digest,
        acknowledged=tuple(item["clause_id"] for item in evidence.get("acknowledgements", ())),
    )


def _actions(reader: Reader, contract: Contract, *, outdated: bool) -> tuple[str, ...]:
    state = ContractState(contract.state)
    offered: list[str] = []
    permission = kind_of(contract.template_code).permission
    if not reader.actor.may(permission):
        return ()
    for action in CONTRACT.actions(state):
        if action in BY_CONSEQUENCE or (action is ContractAction.LOCK and outdated):
            continue
        code = ContractAction.SIGN.value if action is ContractAction.SIGN_LAST else action.value
        if code not in offered and reader.actor.may(CONTRACT.transition(state, action).permission):
            offered.append(code)
    if state is ContractState.DRAFT and reader.actor.may(Permission.CONTRACTS_SIGN):
        offered.append("redraft")
    if state in IN_FORCE and reader.actor.may(Permission.CONTRACTS_SIGN):
        offered.append("amend")
    return tuple(offered)


def contract_document(reader: Reader, contract_id: str, *, stage: str | None = None) -> DocumentRow:
    """The bytes at a stage, the latest by default; raises RecordNotFound."""
    contract = seen_contract(reader, contract_id)
    document = latest_document(reader, contract_id, stage)
    return DocumentRow(
        contract_id=contract_id,
        number=contract.number,
        stage=document.stage,
        digest=document.digest,
        content=document.content,
    )


def latest_document(reader: Reader, contract_id: str, stage: str | None) -> ContractDocument:
    """The stored bytes at a stage, the last one without it; raises RecordNotFound, DocumentDestroyed."""
    query = select(ContractDocument).where(
        ContractDocument.contract_id == contract_id, ContractDocument.deleted_at.is_(None)
    )
    named = reader.session.execute(
        select(Contract.stamped_digest, Contract.sealed_digest).where(Contract.id == contract_id)
    ).one()
    # Of several time-stamped or sealed ones the contract names the one that counts, which stands last here.
    found = sorted(reader.session.scalars(query), key=lambda document: (document.digest in named, document.id))
    kept = {document.stage: document for document in found}
    wanted = next((name for name in STAGES if name in kept), "") if stage is None else stage
    if wanted not in kept:
        if reader.session.scalar(select(Contract.state).where(Contract.id == contract_id)) == ContractState.DISPOSED:
            raise DocumentDestroyed(field="contract_id")
        raise RecordNotFound(field="stage" if stage else "contract_id")
    return kept[wanted]
