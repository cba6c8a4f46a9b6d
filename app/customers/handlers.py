"""Doing what `commands` name: customers, consents, reveals, customers' vehicles."""

from typing import Any

from sqlalchemy import func, select

from app.catalog.vin import check_vin
from app.customers.choices import NOTICE_VERSION, ConsentChannel, ConsentPurpose, normal_plate
from app.customers.commands import (
    AddCustomerVehicle,
    ChangeCustomer,
    ChangeCustomerVehicle,
    CreateCustomer,
    GiveConsent,
    RemoveCustomer,
    RemoveCustomerVehicle,
    RestoreCustomer,
    RevealPersonalData,
    WithdrawConsent,
)
from app.customers.entries import CUSTOMER_FIELDS, checked_values, given_values, one_of
from app.customers.errors import (
    ConsentAlreadyWithdrawn,
    CustomerDuplicate,
    CustomerHasDocuments,
    OdometerWrong,
    RecipientRequired,
    VehicleAlreadyEntered,
    VehicleHasAppointment,
)
from app.customers.queries import PERSONAL_FIELDS, duplicates_of
from app.kernel.clock import branch_date
from app.kernel.commands import requires
from app.kernel.errors import ReasonRequired, RecordNotFound, ValueRequired, limited_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.runtime.language import tr
from db.models.contracts import Contract
from db.models.customers import Consent, Customer, CustomerVehicle
from db.models.orders import SalesOrder
from db.models.payments import Payment
from db.models.quotations import Quotation
from db.models.staff import StaffMember
from db.models.workshop import ServiceAppointment

ODOMETER_LIMIT_KM = 2_000_000
_DOCUMENTS = (Quotation, SalesOrder, Contract, Payment, ServiceAppointment)
_OPEN_APPOINTMENT = ("REQUESTED", "CONFIRMED", "RESCHEDULED", "ARRIVED")


@requires(Permission.CUSTOMERS_EDIT)
def create_customer(command: CreateCustomer, uow: UnitOfWork) -> str:
    """Raises what `checked_values` raises, and CustomerDuplicate unless the command insists."""
    given = given_values(command)
    values = checked_values(given, given, today=branch_date(uow.now))
    _require_owner(uow, values.get("owner_staff_id"))
    if not command.despite_duplicate:
        _require_new(uow, values)
    customer = uow.add(Customer(branch_id=uow.actor.branch_id, **values))
    uow.undo_with(RemoveCustomer(customer_id=customer.id, reason=tr("Taken back")))
    uow.record("CustomerCreated")
    return customer.id


@requires(Permission.CUSTOMERS_EDIT)
def change_customer(command: ChangeCustomer, uow: UnitOfWork) -> str:
    """Raises what `checked_values` raises, and RecordChangedMeanwhile."""
    customer = uow.get(Customer, command.customer_id)
    uow.check_revision(customer, command.expected_revision)
    present = {name: getattr(customer, name) for name in CUSTOMER_FIELDS}
    values = checked_values(given_values(command), present, today=branch_date(uow.now))
    _require_owner(uow, values.get("owner_staff_id"))
    former = _apply(customer, values)
    uow.session.flush()
    known = {name: value for name, value in former.items() if name in CUSTOMER_FIELDS}
    if known:
        if "owner_staff_id" in known:
            known["owner_staff_id"] = known["owner_staff_id"] or ""
        uow.undo_with(ChangeCustomer(customer_id=customer.id, expected_revision=customer.revision, **known))
    return customer.id


@requires(Permission.CUSTOMERS_EDIT)
def remove_customer(command: RemoveCustomer, uow: UnitOfWork) -> None:
    """Raises CustomerHasDocuments."""
    customer = uow.get(Customer, command.customer_id)
    uow.reason = _reason(command.reason)
    documents = sum(_count(uow, model, model.customer_id == customer.id) for model in _DOCUMENTS)
    if documents:
        raise CustomerHasDocuments(name=customer.name, n=documents)
    customer.deleted_at = uow.now
    uow.undo_with(RestoreCustomer(customer_id=customer.id))


@requires(Permission.CUSTOMERS_EDIT)
def restore_customer(command: RestoreCustomer, uow: UnitOfWork) -> None:
    """Raises RecordNotFound for a customer that never was here."""
    customer = uow.session.get(Customer, command.customer_id)
    if customer is None:
        raise RecordNotFound()
    customer.deleted_at = None


@requires(Permission.CUSTOMERS_EDIT)
def give_consent(command: GiveConsent, uow: UnitOfWork) -> str:
    """A consent that already holds is returned as it is. Raises for `purpose`, `recipient`, `channel`."""
    customer = uow.get(Customer, command.customer_id)
    purpose = ConsentPurpose(one_of(ConsentPurpose, command.purpose, field="purpose"))
    recipient = limited_text(command.recipient, field="recipient", limit=120)
    if purpose.names_recipient and not recipient:
        raise RecipientRequired(field="recipient")
    channel = one_of(ConsentChannel, command.channel, field="channel")
    holding = select(Consent).where(
        Consent.customer_id == customer.id,
        Consent.purpose == purpose.value,
        Consent.recipient == recipient,
        Consent.withdrawn_at.is_(None),
        Consent.deleted_at.is_(None),
    )
    known = uow.session.scalars(holding).first()
    if known is not None:
        return known.id
    consent = uow.add(
        Consent(
            scope=customer.scope, customer_id=customer.id, purpose=purpose.value, recipient=recipient,
            notice_version=NOTICE_VERSION, channel=channel, given_at=uow.now,
        )
    )  # fmt: skip
    uow.undo_with(WithdrawConsent(consent_id=consent.id))
    uow.record("ConsentGiven")
    return consent.id


@requires(Permission.CUSTOMERS_EDIT)
def withdraw_consent(command: WithdrawConsent, uow: UnitOfWork) -> None:
    """No way back but a new consent: only the customer can give it. Raises ConsentAlreadyWithdrawn."""
    consent = uow.get(Consent, command.consent_id)
    if consent.withdrawn_at is not None:
        raise ConsentAlreadyWithdrawn()
    consent.withdrawn_at = uow.now
    uow.record("ConsentWithdrawn")


@requires(Permission.CUSTOMERS_REVEAL)
def reveal_personal_data(command: RevealPersonalData, uow: UnitOfWork) -> str:
    """Raises ReasonRequired (field `reason`) and ValueNotAllowed (field `field`)."""
    field = one_of(PERSONAL_FIELDS, command.field, field="field")
    uow.reason = _reason(command.reason)
    customer = uow.get(Customer, command.customer_id)
    uow.note(table="customer", record_id=customer.id, reveal=field)
    return str(getattr(customer, field))


@requires(Permission.CUSTOMERS_EDIT)
def add_customer_vehicle(command: AddCustomerVehicle, uow: UnitOfWork) -> str:
    """Raises for `plate`, `vin`, `description`, `odometer_km`."""
    customer = uow.get(Customer, command.customer_id)
    values = _vehicle_values(command.plate, command.vin, command.description, command.odometer_km)
    _require_new_vehicle(uow, customer.id, values, vehicle_id=None)
    vehicle = uow.add(CustomerVehicle(scope=customer.scope, customer_id=customer.id, **values))
    uow.undo_with(RemoveCustomerVehicle(customer_vehicle_id=vehicle.id))
    return vehicle.id


@requires(Permission.CUSTOMERS_EDIT)
def change_customer_vehicle(command: ChangeCustomerVehicle, uow: UnitOfWork) -> str:
    """Raises for `plate`, `vin`, `description`, `odometer_km`, and RecordChangedMeanwhile."""
    vehicle = uow.get(CustomerVehicle, command.customer_vehicle_id)
    uow.check_revision(vehicle, command.expected_revision)
    given = {name: getattr(command, name) for name in ("plate", "vin", "description", "odometer_km")}
    merged = {name: getattr(vehicle, name) if value is None else value for name, value in given.items()}
    values = _vehicle_values(**merged)
    _require_new_vehicle(uow, vehicle.customer_id, values, vehicle_id=vehicle.id)
    former = _apply(vehicle, values)
    uow.session.flush()
    if former:
        undo = ChangeCustomerVehicle(customer_vehicle_id=vehicle.id, expected_revision=vehicle.revision, **former)
        uow.undo_with(undo)
    return vehicle.id


@requires(Permission.CUSTOMERS_EDIT)
def remove_customer_vehicle(command: RemoveCustomerVehicle, uow: UnitOfWork) -> None:
    """Raises VehicleHasAppointment."""
    vehicle = uow.get(CustomerVehicle, command.customer_vehicle_id)
    query = select(ServiceAppointment.number).where(
        ServiceAppointment.customer_id == vehicle.customer_id,
        ServiceAppointment.customer_vehicle_id == vehicle.id,
        ServiceAppointment.state.in_(_OPEN_APPOINTMENT),
        ServiceAppointment.deleted_at.is_(None),
    )
    number = uow.session.scalars(query).first()
    if number is not None:
        raise VehicleHasAppointment(number=number)
    vehicle.deleted_at = uow.now


def _reason(text: str) -> str:
    if not text.strip():
        raise ReasonRequired(field="reason")
    return limited_text(text, field="reason", limit=400)


def _apply(row: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Set what differs; returns the former values of what was changed."""
    former = {name: getattr(row, name) for name, value in values.items() if getattr(row, name) != value}
    for name in former:
        setattr(row, name, values[name])
    return former


def _count(uow: UnitOfWork, model: Any, condition: Any) -> int:
    return uow.session.scalar(select(func.count()).select_from(model).where(condition)) or 0


def _require_owner(uow: UnitOfWork, staff_id: str | None) -> None:
    if staff_id is not None:
        uow.get(StaffMember, staff_id, field="owner_staff_id")


def _require_new(uow: UnitOfWork, values: dict[str, Any]) -> None:
    found = duplicates_of(uow.session, phone=values["phone"], identity=values.get("identity_number", ""), limit=1)
    if found:
        field = "phone" if found[0].matched == "phone" else "identity_number"
        raise CustomerDuplicate(field=field, name=found[0].name, matched=found[0].matched)


def _vehicle_values(plate: str, vin: str, description: str, odometer_km: int) -> dict[str, Any]:
    stored_plate = normal_plate(plate)
    stored_vin = check_vin(vin).vin if vin.strip() else ""
    if not stored_plate and not stored_vin:
        raise ValueRequired(field="plate")
    if type(odometer_km) is not int or not 0 <= odometer_km <= ODOMETER_LIMIT_KM:
        raise OdometerWrong(field="odometer_km", limit=ODOMETER_LIMIT_KM)
    described = limited_text(description, field="description", limit=160)
    return {"plate": stored_plate, "vin": stored_vin, "description": described, "odometer_km": odometer_km}


def _require_new_vehicle(uow: UnitOfWork, customer_id: str, values: dict[str, Any], *, vehicle_id: str | None) -> None:
    owned = select(CustomerVehicle).where(
        CustomerVehicle.customer_id == customer_id, CustomerVehicle.deleted_at.is_(None)
    )
    for other in uow.session.scalars(owned):
        for name in ("vin", "plate"):
            if other.id != vehicle_id and values[name] and getattr(other, name) == values[name]:
                raise VehicleAlreadyEntered(field=name, vehicle=values[name])
