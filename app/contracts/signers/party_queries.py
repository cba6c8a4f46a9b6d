"""Reading the parties of a contract: masked, in the order of signing, with what is on record of their identity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.contracts.kinds.roles import number_of, role_of, signing_order
from app.contracts.rules import PartyState
from app.customers.rules import mask_email, mask_identity, mask_phone
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.quotations.calculation import live
from db.models.contracts import Contract, ContractSignature
from db.models.customers import Customer
from db.models.signing import ContractParty, IdentityStep
from db.models.staff import Branch, StaffMember


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One step by which a signer was known; kinds and results in `app.contracts.signers.identity_rules`."""

    id: str
    kind: str
    result: str
    at: datetime
    by: str
    detail: Mapping[str, Any] = field(repr=False)
    has_photo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRow:
    """One party. `signer` is the person expected to sign; identity, phone and e-mail are masked."""

    id: str
    """Empty in a contract from before parties were kept."""
    code: str
    role: str
    number: int
    name: str
    signer: str
    customer_id: str | None
    is_company: bool
    identity_kind: str
    identity: str
    phone: str
    email: str
    state: str
    decided_at: datetime | None
    decline_reason: str
    language: str
    """What the customer on record wants to read; empty for others."""
    steps: tuple[StepRow, ...] = ()


def party_details(
    session: Session, contract: Contract, *, signed: Mapping[str, ContractSignature]
) -> tuple[PartyRow, ...]:
    """All parties, also of a contract that has no rows of them."""
    from app.contracts.signers.parties import party_rows

    rows = party_rows(session, contract.id)
    if rows:
        return tuple(_row(session, row) for row in rows)
    codes = signing_order(contract.template_code).first_codes()
    return tuple(_implied(session, contract, code, signed.get(code)) for code in codes)


def _row(session: Session, row: ContractParty) -> PartyRow:
    from app.contracts.signers.identity_checks import steps_of

    customer = session.get(Customer, row.customer_id) if row.customer_id else None
    return PartyRow(
        id=row.id, code=row.code, role=row.role, number=number_of(row.code), name=row.name,
        signer=row.representative or row.name, customer_id=row.customer_id,
        is_company=row.identity_kind == "company_code" or bool(row.representative), identity_kind=row.identity_kind,
        identity=mask_identity(row.identity_number) if row.identity_number else "",
        phone=mask_phone(row.phone) if row.phone else "", email=mask_email(row.email) if row.email else "",
        state=row.state, decided_at=row.decided_at, decline_reason=row.decline_reason,
        language=customer.paper_language if customer else "",
        steps=tuple(_step(session, step) for step in steps_of(session, row.id)),
    )  # fmt: skip


def _step(session: Session, step: IdentityStep) -> StepRow:
    member = session.get(StaffMember, step.by_staff_id)
    return StepRow(
        id=step.id, kind=step.kind, result=step.result, at=step.at, by=member.name if member else "",
        detail=dict(step.detail), has_photo=bool(step.attachment_sha256),
    )  # fmt: skip


def _implied(session: Session, contract: Contract, code: str, signature: ContractSignature | None) -> PartyRow:
    dealer = code == "dealer"
    customer = None if dealer else session.get(Customer, contract.customer_id)
    branch = session.get(Branch, contract.branch_id)
    house = (branch.company_zh or branch.name_zh) if branch else ""
    name = house if dealer else (customer.name if customer else "")
    acting = customer.contact_name if customer is not None and customer.kind == "company" else ""
    return PartyRow(
        id="", code=code, role=role_of(code).value, number=1, name=name,
        signer=signature.signer_name if signature else acting or name,
        customer_id=contract.customer_id if customer else None, is_company=dealer or bool(acting),
        identity_kind=customer.identity_kind if customer else "company_code",
        identity=mask_identity(customer.identity_number) if customer and customer.identity_number else "",
        phone="", email="", state=(PartyState.SIGNED if signature else PartyState.AWAITED).value,
        decided_at=signature.signed_at if signature else None, decline_reason="",
        language=customer.paper_language if customer else "",
    )  # fmt: skip


def contracts_need_tending(reader: Reader) -> bool:
    """Whether `TendContracts` would do anything; False for somebody who may not."""
    from app.contracts.amended import settled, still_standing, untold
    from app.contracts.signers.party_handlers import left_unsigned, old_photos, overdue

    if not reader.actor.may(Permission.CONTRACTS_SIGN):
        return False
    queries: list[Select[Any]] = [overdue(reader.now), left_unsigned(reader.now, reader.actor.branch_id)]
    drafts = reader.actor.may(Permission.CONTRACTS_DRAFT)
    if drafts:
        queries.append(old_photos(reader.now))
    if any(reader.session.scalars(query.limit(1)).first() is not None for query in queries):
        return True
    return drafts and any(found(reader.session) for found in (still_standing, untold, settled))


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFacts:
    """What the words to a signer are filled from."""

    house: str


def notice_facts(reader: Reader, contract_id: str) -> NoticeFacts:
    """The dealer's name for the notice; raises RecordNotFound."""
    reader.require(Permission.CONTRACTS_VIEW)
    contract = live(reader.session, Contract, contract_id, field="contract_id")
    branch = live(reader.session, Branch, contract.branch_id, field="branch_id")
    return NoticeFacts(house=branch.company_zh or branch.name_zh)
