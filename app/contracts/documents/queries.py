"""What a page needs to draft a document: the form's beginning, and the paper before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from app.contracts.amended import amendment_of
from app.contracts.commands import PreparedDraft
from app.contracts.documents.reading import About, Records, about_of, facts_of, records_of
from app.contracts.kinds.entries import checked_entries
from app.contracts.kinds.registry import KINDS, SALE, DocumentKind, Subject, kind_of
from app.contracts.rules import ContractState
from app.contracts.templates.choice import TemplateChoice, applying, templates_of
from app.contracts.templates.in_force import template_code_of
from app.documents.wording import branch_date
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.quotations.calculation import live
from app.quotations.vehicle_names import name_of_unit
from db.models.contracts import Contract
from db.models.customers import CustomerVehicle
from db.models.orders import SalesOrder
from db.models.staff import StaffMember


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentForm:
    """A form to fill in. `entries` are typed values it begins with; `contract_id` of a draft that is drafted anew."""

    kind: str
    about: About
    customer_name: str
    subject: str
    """What else it is about: the number of the order or payment, the vehicle; empty for the customer alone."""
    paper_language: str
    entries: Mapping[str, Any]
    contract_id: str | None = None
    templates: tuple[TemplateChoice, ...] = ()
    """What there is to choose from besides what fits by itself; the kind's own first."""
    template: str = ""
    """What a draft was drafted from, where the house has several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleChoice:
    """A customer's vehicle to choose from; `title` is its plate or VIN and what it is."""

    id: str
    title: str


def drafted_kinds(reader: Reader, about: About) -> tuple[DocumentKind, ...]:
    """The kinds the actor may draft where these records are known, the sales contract apart: it has its own way."""
    named = {
        Subject.ORDER: about.order_id,
        Subject.CUSTOMER: about.customer_id,
        Subject.UNIT: about.unit_id,
        Subject.PAYMENT: about.payment_id,
        Subject.CUSTOMER_VEHICLE: about.customer_vehicle_id,
    }
    given = {subject for subject, record in named.items() if record}
    return tuple(
        kind
        for kind in KINDS.values()
        if kind.code != SALE and given.issuperset(kind.about) and reader.actor.may(kind.permission)
    )


def document_form(reader: Reader, kind: str, about: About) -> DocumentForm:
    """A new document's form, begun with what the rows know; raises as `DraftDocument` does."""
    wanted = _permitted(reader, kind)
    records = records_of(reader.session, wanted, about, branch_id=reader.actor.branch_id)
    begun = {entry.name: entry.default for entry in wanted.entries if entry.default}
    return _form(reader, wanted, about, records, begun | _suggested(reader, wanted, records))


def redraft_form(reader: Reader, contract_id: str) -> DocumentForm:
    """The form of a draft, as it was filled in; raises RecordNotFound."""
    contract = live(reader.session, Contract, contract_id, field="contract_id")
    wanted = _permitted(reader, contract.template_code)
    about = about_of(contract)
    records = records_of(reader.session, wanted, about, branch_id=contract.branch_id)
    entries = checked_entries(wanted, contract.form_entries or {}, today=None)
    form = _form(reader, wanted, about, records, entries)
    drafted = contract.id if contract.state == ContractState.DRAFT else None
    code = template_code_of(reader.session, contract)
    chosen = code if code in {one.code for one in form.templates} else ""
    return replace(form, contract_id=drafted, paper_language=contract.paper_language, template=chosen)


def _permitted(reader: Reader, code: str) -> DocumentKind:
    kind = kind_of(code)
    reader.require(kind.permission)
    return kind


def _form(
    reader: Reader, kind: DocumentKind, about: About, records: Records, entries: Mapping[str, Any]
) -> DocumentForm:
    return DocumentForm(
        kind=kind.code,
        about=about,
        customer_name=records.customer.name,
        subject=_subject(reader, records),
        paper_language=records.customer.paper_language,
        entries=dict(entries),
        templates=templates_of(reader.session, kind.code, branch_date(reader.now)),
    )


def _subject(reader: Reader, records: Records) -> str:
    if records.payment is not None:
        return records.payment.number
    if records.order is not None:
        return records.order.final_number or records.order.number
    if records.vehicle is not None:
        return _vehicle_title(records.vehicle)
    if records.unit is not None:
        return str(name_of_unit(reader.session, records.unit.id)) or records.unit.vin
    return ""


def _vehicle_title(vehicle: CustomerVehicle) -> str:
    return " · ".join(part for part in (vehicle.plate or vehicle.vin, vehicle.description) if part)


def _suggested(reader: Reader, kind: DocumentKind, records: Records) -> dict[str, Any]:
    from app.contracts.paper.document_paper import SUGGESTIONS

    suggest = SUGGESTIONS.get(kind.code)
    if suggest is None:
        return {}
    facts = facts_of(
        reader.session, records, number="", drafted_at=reader.now,
        handled_by=reader.session.get(StaffMember, reader.actor.staff_id),
    )  # fmt: skip
    return suggest(facts)


def prepare_document(
    reader: Reader,
    kind: str,
    about: About,
    *,
    entries: Mapping[str, Any],
    language: str = "",
    template: str = "",
    contract_id: str | None = None,
) -> PreparedDraft:
    """Lay a document out without writing, for a look and for `DraftDocument(prepared=…)`; raises what that raises."""
    from app.contracts import drafting
    from app.contracts.documents import drafting as document_drafting
    from app.contracts.preparing import coming_number

    wanted = _permitted(reader, kind)
    session = reader.session
    records = records_of(session, wanted, about, branch_id=reader.actor.branch_id)
    checked = checked_entries(wanted, entries, today=branch_date(reader.now))
    like = document_drafting.documents_like(session, wanted, records)
    draft = _draft_among(wanted, like, contract_id)
    if draft is None:
        document_drafting.require_free(wanted, like)
    number = draft.number if draft is not None else coming_number(reader, wanted.number_kind)
    return document_drafting.lay_out_document(
        session,
        records,
        document_drafting.Drafting(
            kind=wanted,
            version=document_drafting.next_document_version(
                wanted, like, number, amendment_of(session, draft) if draft is not None else None
            ),
            language=drafting.paper_language(language, records.customer),
            entries=checked,
            drafted_at=reader.now,
            handled_by_staff_id=reader.actor.staff_id,
            contract_id=draft.id if draft is not None else None,
            template=template,
        ),
    )


def sale_templates(reader: Reader, order_id: str) -> tuple[TemplateChoice, ...]:
    """The texts of the sales contract that apply to an order, the one that fits best first.

    Raises RecordNotFound, DeliveryDayMissing.
    """
    from app.contracts import drafting
    from app.contracts.paper.sale_paper import contract_facts

    reader.require(Permission.CONTRACTS_DRAFT)
    order = live(reader.session, SalesOrder, order_id, field="order_id")
    nameless = drafting.Version(number="", count=1, replaces="")
    paper = drafting.sale_paper(reader.session, order, version=nameless, drafted_at=reader.now, now=reader.now)
    return applying(templates_of(reader.session, SALE, branch_date(reader.now)), contract_facts(paper))


def _draft_among(kind: DocumentKind, like: list[Contract], contract_id: str | None) -> Contract | None:
    drafts = [one for one in like if one.state == ContractState.DRAFT]
    named = next((one for one in drafts if one.id == contract_id), None)
    if named is not None or kind.several_at_once:
        return named
    return drafts[-1] if drafts else None


def vehicles_of(reader: Reader, customer_id: str) -> tuple[VehicleChoice, ...]:
    """The vehicles of a customer, to choose one for a document."""
    reader.require(Permission.CUSTOMERS_VIEW)
    query = select(CustomerVehicle).where(
        CustomerVehicle.customer_id == customer_id, CustomerVehicle.deleted_at.is_(None)
    )
    rows = reader.session.scalars(query.order_by(CustomerVehicle.id))
    return tuple(VehicleChoice(id=row.id, title=_vehicle_title(row)) for row in rows)
