"""From rows to the facts a document is drawn from."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalog.energies import NEW_ENERGY
from app.contracts.drafting import deposit_of, was_owned
from app.contracts.kinds.errors import PaymentGivenBack, SubjectMissing, SubjectsDisagree
from app.contracts.kinds.facts import (
    CustomerVehicleFacts,
    DocumentFacts,
    OrderFacts,
    PaymentFacts,
    RepairFact,
    UnitFacts,
)
from app.contracts.kinds.registry import DocumentKind, Subject
from app.documents.paper_data import DepositKind, PaperAmendment, PaperVehicle, Words
from app.documents.wording import branch_date
from app.inspections.rules import DefectState, InspectionState, Severity, checklist_version
from app.kernel.labels import Bilingual, Labelled
from app.kernel.money import ZERO
from app.kernel.reference_data import ReferenceMissing
from app.orders.rules import earnest_cap
from app.orders.ties import contract_price, order_lines, require_open, signed_contract_number
from app.payments.rules import PaymentKind, PaymentMethod, PaymentState
from app.quotations.calculation import live
from app.quotations.paper_facts import (
    contracting_house,
    customer_party,
    paper_lines,
    paper_plan,
    vehicle_facts,
    words,
)
from app.runtime.language import CHINESE, ENGLISH, tr_in
from db.models.contracts import Contract
from db.models.customers import Customer, CustomerVehicle
from db.models.inspections import Inspection, InspectionDefect
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.payments import Payment
from db.models.staff import Branch, StaffMember
from db.models.workshop import ServiceAppointment

_NATURES = {
    PaymentKind.EARNEST_MONEY: "earnest_money",
    PaymentKind.ADVANCE: "advance",
    PaymentKind.COLLECTED_ON_BEHALF: "collected",
    PaymentKind.INSURANCE: "insurance",
}
_COMING = ("CONFIRMED", "RESCHEDULED", "ARRIVED", "CONVERTED")
_SIGNED = ("SIGNED", "SEALED", "ARCHIVED")
_MENDED = (DefectState.REPAIRED.value, DefectState.CLEARED.value)
_DONE = (InspectionState.PASSED.value, InspectionState.FAILED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Ids of the records a document is about; None for those its kind does not ask for."""

    customer_id: str | None = None
    order_id: str | None = None
    unit_id: str | None = None
    payment_id: str | None = None
    customer_vehicle_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The records a document is about, all of one customer. `branch_id` is whose document it is."""

    branch_id: str
    customer: Customer
    order: SalesOrder | None = None
    unit: VehicleUnit | None = None
    payment: Payment | None = None
    vehicle: CustomerVehicle | None = None


def about_of(contract: Contract) -> About:
    """What a stored document is about."""
    return About(
        customer_id=contract.customer_id,
        order_id=contract.order_id or None,
        unit_id=contract.vehicle_unit_id,
        payment_id=contract.payment_id,
        customer_vehicle_id=contract.customer_vehicle_id,
    )


def records_of(session: Session, kind: DocumentKind, about: About, *, branch_id: str) -> Records:
    """Load what a document of this kind is about.

    Raises SubjectMissing, RecordNotFound, SubjectsDisagree, OrderNotOpen, PaymentGivenBack (field named).
    """
    _require_named(kind, about)
    order = unit = payment = vehicle = None
    customer_id = about.customer_id
    if kind.is_about(Subject.ORDER):
        order = live(session, SalesOrder, about.order_id or "", field="order_id")
        require_open(order)
        customer_id = order.customer_id
    if kind.is_about(Subject.PAYMENT):
        payment = _payment(session, about.payment_id or "")
        order = session.get(SalesOrder, payment.order_id)
        customer_id = payment.customer_id
    if kind.is_about(Subject.CUSTOMER_VEHICLE):
        vehicle = live(session, CustomerVehicle, about.customer_vehicle_id or "", field="customer_vehicle_id")
        customer_id = vehicle.customer_id
    if kind.is_about(Subject.UNIT):
        unit = live(session, VehicleUnit, about.unit_id or "", field="unit_id")
    if about.customer_id and customer_id != about.customer_id:
        raise SubjectsDisagree(field="customer_id")
    customer = live(session, Customer, customer_id or "", field="customer_id")
    whose = order.branch_id if order is not None else payment.branch_id if payment is not None else branch_id
    return Records(branch_id=whose, customer=customer, order=order, unit=unit, payment=payment, vehicle=vehicle)


def _require_named(kind: DocumentKind, about: About) -> None:
    named = {
        Subject.ORDER: ("order_id", about.order_id),
        Subject.CUSTOMER: ("customer_id", about.customer_id),
        Subject.UNIT: ("unit_id", about.unit_id),
        Subject.PAYMENT: ("payment_id", about.payment_id),
        Subject.CUSTOMER_VEHICLE: ("customer_vehicle_id", about.customer_vehicle_id),
    }
    for subject in kind.about:
        field, given = named[subject]
        if not given:
            raise SubjectMissing(field=field, subject=subject.label)


def _payment(session: Session, payment_id: str) -> Payment:
    payment = live(session, Payment, payment_id, field="payment_id")
    if payment.reverses_id is not None or payment.amount <= 0 or payment.state == PaymentState.REVERSED:
        raise PaymentGivenBack(field="payment_id")
    return payment


def facts_of(
    session: Session,
    records: Records,
    *,
    number: str,
    drafted_at: datetime,
    handled_by: StaffMember | None,
    version: int = 1,
    replaces: str = "",
    amends: PaperAmendment | None = None,
) -> DocumentFacts:
    """Everything the rows say, as they stand now."""
    branch = live(session, Branch, records.branch_id, field="branch_id")
    name = handled_by.name if handled_by is not None else ""
    return DocumentFacts(
        number=number,
        drafted_at=drafted_at,
        signing_place=Words(branch.address_zh or branch.name_zh, branch.address_en or branch.name_en),
        house=contracting_house(branch, representative=name),
        house_name=Words(branch.company_zh or branch.name_zh, branch.company_en or branch.name_en),
        house_address=Words(branch.address_zh, branch.address_en),
        customer=customer_party(records.customer, complete=True),
        handled_by=name,
        version=version,
        replaces=replaces,
        amends=amends,
        order=_order(session, records.order, branch, at=drafted_at) if records.order is not None else None,
        unit=_unit(session, records.unit, at=drafted_at) if records.unit is not None else None,
        payment=_paid(session, records.payment, records.order) if records.payment is not None else None,
        vehicle=_vehicle(session, records.vehicle, at=drafted_at) if records.vehicle is not None else None,
    )


def _sold(session: Session, order: SalesOrder) -> PaperVehicle:
    unit = live(session, VehicleUnit, order.vehicle_unit_id, field="vehicle_unit_id")
    return vehicle_facts(session, unit, kept=order.specification_versions, sold_at=order.ordered_at)


def _order(session: Session, order: SalesOrder, branch: Branch, *, at: datetime) -> OrderFacts:
    lines = order_lines(session, order.id)
    price = contract_price(lines)
    deposit = deposit_of(session, order.id)
    unit = live(session, VehicleUnit, order.vehicle_unit_id, field="vehicle_unit_id")
    salesperson = session.get(StaffMember, order.salesperson_id)
    received = _received(session, order.id)
    return OrderFacts(
        number=order.final_number or order.number,
        vehicle=_sold(session, order),
        lines=paper_lines(lines),
        total=order.on_road_total,
        contract_price=price,
        earnest_limit=earnest_cap(price, branch_date(at)),
        outstanding=max(order.on_road_total - received, ZERO),
        received=received,
        salesperson=salesperson.name if salesperson else "",
        delivery_place=Words(branch.name_zh, branch.name_en),
        delivery_on=order.planned_delivery_on,
        deposit=deposit,
        earnest_received=deposit if deposit is not None and deposit.kind is DepositKind.EARNEST_MONEY else None,
        plan=paper_plan(order.finance, quoted_on=branch_date(order.ordered_at)),
        new_energy=unit.energy in NEW_ENERGY,
        used=was_owned(session, unit),
        contract_number=signed_contract_number(session, order.id),
    )


def _received(session: Session, order_id: str, *, until: datetime | None = None) -> Decimal:
    query = select(func.sum(Payment.amount)).where(Payment.order_id == order_id, Payment.deleted_at.is_(None))
    if until is not None:
        query = query.where(Payment.received_at <= until)
    return session.scalar(query) or ZERO


def _unit(session: Session, unit: VehicleUnit, *, at: datetime) -> UnitFacts:
    query = select(Inspection).where(
        Inspection.unit_id == unit.id, Inspection.state.in_(_DONE), Inspection.deleted_at.is_(None)
    )
    newest = session.scalars(query.order_by(Inspection.finished_at.desc(), Inspection.id.desc()).limit(1)).first()
    inspector = session.get(StaffMember, newest.finished_by_staff_id or newest.inspector_staff_id) if newest else None
    return UnitFacts(
        vehicle=vehicle_facts(session, unit, kept=None, sold_at=at),
        repairs=tuple(_repairs(session, unit)),
        inspected_on=branch_date(newest.finished_at) if newest and newest.finished_at else None,
        inspector=inspector.name if inspector else "",
    )


def _repairs(session: Session, unit: VehicleUnit) -> list[RepairFact]:
    """What inspections found and had put right, the oldest first."""
    query = (
        select(InspectionDefect, Inspection.checklist, Inspection.energy)
        .join(Inspection, Inspection.id == InspectionDefect.inspection_id)
        .where(
            InspectionDefect.unit_id == unit.id,
            InspectionDefect.state.in_(_MENDED),
            InspectionDefect.deleted_at.is_(None),
        )
        .order_by(InspectionDefect.repaired_at, InspectionDefect.id)
    )
    return [
        RepairFact(
            part=_part(defect.item, checklist, energy),
            finding=defect.description,
            repair=defect.repair,
            done_on=branch_date(defect.repaired_at),
            done_by=defect.repaired_by,
            safety=defect.severity == Severity.SAFETY,
        )
        for defect, checklist, energy in session.execute(query)
        if defect.repaired_at is not None
    ]


def _part(code: str, version: str, energy: str) -> Words:
    """What the checklist calls the item; its code where that checklist is not on file any more."""
    try:
        item = checklist_version(version, energy).find(code)
    except ReferenceMissing:
        item = None
    return words(item.text) if item is not None else Words(code)


def _paid(session: Session, payment: Payment, order: SalesOrder | None) -> PaymentFacts:
    kind = PaymentKind(payment.kind)
    due = order.on_road_total if order is not None else None
    return PaymentFacts(
        number=payment.number,
        nature=_NATURES.get(kind, "price"),
        purpose=_label(kind),
        method=_label(PaymentMethod(payment.method)),
        amount=payment.amount,
        received_at=payment.received_at,
        reference=payment.reference,
        order_number=(order.final_number or order.number) if order is not None else "",
        vehicle=_sold(session, order) if order is not None else None,
        order_total=due,
        outstanding=None
        if order is None or due is None
        else max(due - _received(session, order.id, until=payment.received_at), ZERO),
    )


def _label(member: Labelled) -> Words:
    return words(Bilingual(tr_in(CHINESE, member.label), tr_in(ENGLISH, member.label)))


def _vehicle(session: Session, vehicle: CustomerVehicle, *, at: datetime) -> CustomerVehicleFacts:
    coming = (
        select(ServiceAppointment)
        .where(
            ServiceAppointment.customer_vehicle_id == vehicle.id,
            ServiceAppointment.state.in_(_COMING),
            ServiceAppointment.deleted_at.is_(None),
        )
        .order_by(ServiceAppointment.starts_at.desc())
    )
    appointment = session.scalars(coming.limit(1)).first()
    authorised = (
        select(Contract.number)
        .where(
            Contract.customer_id == vehicle.customer_id,
            Contract.customer_vehicle_id == vehicle.id,
            Contract.template_code == "repair_authorisation",
            Contract.state.in_(_SIGNED),
            Contract.deleted_at.is_(None),
        )
        .order_by(Contract.created_at.desc(), Contract.id.desc())
    )
    return CustomerVehicleFacts(
        name=vehicle.description,
        plate=vehicle.plate,
        vin=vehicle.vin,
        odometer_km=vehicle.odometer_km,
        appointment_number=appointment.number if appointment else "",
        work=appointment.work if appointment else "",
        authorisation_number=session.scalar(authorised.limit(1)) or "",
    )
