"""Laying out a document from its rows and entries, and whether a stored draft still says what they say."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contracts.amended import amendment_of
from app.contracts.commands import PreparedDraft
from app.contracts.documents.reading import Records, about_of, facts_of, records_of
from app.contracts.drafting import ENDED, Version
from app.contracts.errors import ContractAlreadyUnderway
from app.contracts.kinds.entries import checked_entries
from app.contracts.kinds.registry import DocumentKind, kind_of
from app.contracts.kinds.roles import PartyRole, role_of
from app.contracts.paper.document_paper import (
    DocumentPaper,
    SignerPlace,
    document_digest,
    document_paper,
    document_values,
    render_document,
)
from app.contracts.paper.sale_paper import AskedAcknowledgement, PaperSigner, RenderedContract
from app.contracts.rules import ContractState
from app.contracts.signers.parties import co_signers
from app.contracts.templates.choice import template_for
from app.contracts.templates.in_force import TemplateInForce, still_in_force, template_as_drafted
from app.contracts.templates.template import ContractTemplate, filled_runs
from app.documents.paper_data import PaperAmendment
from app.documents.wording import branch_date
from app.runtime.language import CHINESE, ENGLISH, LANGUAGES
from db.models.contracts import Contract
from db.models.staff import StaffMember

DEALER = PartyRole.DEALER.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting:
    """What a document is drafted with, besides its rows. `entries` are checked."""

    kind: DocumentKind
    version: Version
    language: str
    entries: Mapping[str, Any]
    drafted_at: datetime
    handled_by_staff_id: str | None
    contract_id: str | None
    """Of a draft that is there already: whose further parties sign."""
    template: str = ""
    """The code of the template asked for; empty for the one that fits."""


def paper_of(session: Session, records: Records, drafting: Drafting) -> DocumentPaper:
    """Everything the document says, as its rows stand now; raises what its kind refuses."""
    staff = session.get(StaffMember, drafting.handled_by_staff_id) if drafting.handled_by_staff_id else None
    facts = facts_of(
        session,
        records,
        number=drafting.version.number,
        drafted_at=drafting.drafted_at,
        handled_by=staff,
        version=drafting.version.count,
        replaces=drafting.version.replaces,
        amends=drafting.version.amends,
    )
    others = co_signers(session, drafting.contract_id)
    signers = _signers(drafting.kind, others, house=facts.house.name, customer=facts.customer.name)
    return document_paper(drafting.kind.code, facts, drafting.entries, signers=signers, co_signers=others)


def _signers(
    kind: DocumentKind, others: tuple[PaperSigner, ...], *, house: str, customer: str
) -> tuple[SignerPlace, ...]:
    """Everybody who signs, in the order of signing."""
    named = [SignerPlace(code=role.code, name=house if role.code == DEALER else customer)
             for role in kind.roles if role.least]  # fmt: skip
    named += [SignerPlace(code=one.code, name=one.party.name) for one in others]
    order = kind.role_codes
    return tuple(sorted(named, key=lambda one: order.index(role_of(one.code).value)))


def words_for(session: Session, drafting: Drafting, paper: DocumentPaper) -> TemplateInForce:
    """The words of the template asked for, else of the one that fits what the document says."""
    return template_for(
        session, drafting.kind.code, paper.body.conditions, day=branch_date(drafting.drafted_at),
        template=drafting.template,
    )  # fmt: skip


def lay_out_document(session: Session, records: Records, drafting: Drafting) -> PreparedDraft:
    """The document as bytes; needs some 50 ms."""
    paper = paper_of(session, records, drafting)
    words = words_for(session, drafting, paper)
    rendered = render_document(paper, words.template, drafting.language)
    return PreparedDraft(
        number=drafting.version.number,
        drafted_at=drafting.drafted_at,
        template_code=drafting.kind.code,
        template_version=str(words.template.version),
        template_version_id=words.version_id,
        clause_versions=dict(words.clause_versions),
        language=drafting.language,
        provisional=False,
        secured_until=None,
        data_digest=rendered.data_digest,
        pages=rendered.pages,
        places=_stored_places(rendered, paper, words.template),
        content=rendered.pdf,
        digest=hashlib.sha256(rendered.pdf).hexdigest(),
    )


def _stored_places(
    rendered: RenderedContract, paper: DocumentPaper, template: ContractTemplate
) -> list[dict[str, Any]]:
    """The boxes of the layout as the contract keeps them, limiting clauses with their words as filled."""
    asked = {item.place.name: item for item in rendered.acknowledgements}
    articles = template.applicable(paper.body.conditions)
    values = {code: document_values(paper, template, articles, code) for code in LANGUAGES}

    def filled(item: AskedAcknowledgement, code: str) -> str:
        runs = filled_runs(item.text.in_language(code), values[code], clause=item.clause_id)
        return "".join(run.text for run in runs)

    kept: list[dict[str, Any]] = []
    for place in rendered.places:
        entry: dict[str, Any] = {
            "name": place.name, "kind": place.kind.value, "page": place.page,
            "rect": [round(edge * 100) for edge in place.rect],
        }  # fmt: skip
        item = asked.get(place.name)
        if item is not None:
            entry |= {
                "number": item.number, "clause_id": item.clause_id, "clause_number": item.clause_number,
                "zh": filled(item, CHINESE), "en": filled(item, ENGLISH),
            }  # fmt: skip
        kept.append(entry)
    return kept


def documents_like(session: Session, kind: DocumentKind, records: Records) -> list[Contract]:
    """The documents of the kind about the same records, the oldest first."""
    query = select(Contract).where(
        Contract.customer_id == records.customer.id,
        Contract.template_code == kind.code,
        Contract.deleted_at.is_(None),
    )
    wanted = stored_about(records)
    found = session.scalars(query.order_by(Contract.id))
    return [one for one in found if all(getattr(one, name) == value for name, value in wanted.items())]


def stored_about(records: Records) -> dict[str, Any]:
    """The columns of a contract that name what it is about, the customer apart."""
    return {
        "order_id": records.order.id if records.order is not None else "",
        "vehicle_unit_id": records.unit.id if records.unit is not None else None,
        "customer_vehicle_id": records.vehicle.id if records.vehicle is not None else None,
        "payment_id": records.payment.id if records.payment is not None else None,
    }


def require_free(kind: DocumentKind, like: list[Contract]) -> None:
    """Raises ContractAlreadyUnderway where one of the kind is locked, signed or sealed about the same records."""
    underway = next((one for one in like if one.state not in (*ENDED, ContractState.DRAFT)), None)
    if underway is not None and not kind.several_at_once:
        raise ContractAlreadyUnderway(contract=underway.number)


def next_document_version(
    kind: DocumentKind, like: list[Contract], number: str, amends: PaperAmendment | None = None
) -> Version:
    """Which of its like the document to be drafted is; each stands for itself where several may be at once."""
    if amends is not None:
        return Version(number=number, count=_place_among(like, amends.number), replaces="", amends=amends)
    ended = [] if kind.several_at_once else [
        one for one in like
        if one.state in ENDED and one.number != number and (not one.amends_id or one.sealed_digest)
    ]  # fmt: skip
    return Version(number=number, count=len(ended) + 1, replaces=ended[-1].number if ended else "")


def _place_among(like: list[Contract], amended: str) -> int:
    """Which version an amendment is: one more than what it amends."""
    by_id = {one.id: one for one in like}
    count, step = 2, next((one for one in like if one.number == amended), None)
    while step is not None and step.amends_id in by_id:
        count, step = count + 1, by_id[step.amends_id]
    return count


def stored_drafting(session: Session, contract: Contract, records: Records) -> Drafting:
    """What a stored document was drafted with."""
    kind = kind_of(contract.template_code)
    earlier = [one for one in documents_like(session, kind, records) if one.id < contract.id]
    return Drafting(
        kind=kind,
        version=next_document_version(kind, earlier, contract.number, amendment_of(session, contract)),
        language=contract.paper_language,
        entries=checked_entries(kind, contract.form_entries or {}, today=None),
        drafted_at=contract.drafted_at or contract.created_at,
        handled_by_staff_id=contract.handled_by_staff_id,
        contract_id=contract.id,
    )


def is_current(session: Session, contract: Contract, *, now: datetime) -> bool:
    """Whether a stored document still says what its rows and the texts in force say; raises what composing raises."""
    if not still_in_force(session, contract, branch_date(now)):
        return False
    kind = kind_of(contract.template_code)
    records = records_of(session, kind, about_of(contract), branch_id=contract.branch_id)
    drafting = stored_drafting(session, contract, records)
    paper, template = paper_of(session, records, drafting), template_as_drafted(session, contract)
    return document_digest(paper, template, drafting.language) == contract.data_digest
