"""Reading the workshop's calendar."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, select

from app.kernel.clock import BRANCH_TIME
from app.kernel.errors import ValueNotAllowed
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.workshop.rules import (
    APPOINTMENT,
    FREES_THE_BAY,
    AppointmentAction,
    AppointmentState,
    BayType,
    Booking,
    Slot,
    day_slots,
    opening_hours,
    slot_loads,
)
from db.models.customers import Customer, CustomerVehicle
from db.models.desk import SearchEntry
from db.models.staff import Branch, StaffMember
from db.models.workshop import ServiceAppointment
from db.search import find_rowids, masked_phone


@dataclass(frozen=True, slots=True)
class AppointmentRow:
    """One appointment; `state` is an `AppointmentState`, `actions` is what may be done with it now."""

    id: str
    cursor: str
    revision: int
    branch_id: str
    number: str
    state: str
    bay_type: str
    starts_at: datetime
    ends_at: datetime
    duration_minutes: int
    customer_id: str
    customer_name: str
    phone_masked: str
    customer_vehicle_id: str
    plate: str
    vehicle: str
    work: str
    note: str
    advisor_name: str
    takes_bay: bool

    @property
    def actions(self) -> tuple[AppointmentAction, ...]:
        """What the appointment's state offers."""
        return APPOINTMENT.actions(self.state)


@dataclass(frozen=True, slots=True)
class BayLoad:
    """How full one bay type is in one slot."""

    bay_type: str
    taken: int
    bays: int
    free: int


@dataclass(frozen=True, slots=True)
class SlotRow:
    """One slot of the day, its end excluded, with the load of each bay type the branch has."""

    starts_at: datetime
    ends_at: datetime
    loads: tuple[BayLoad, ...]
    past: bool

    def free(self, bay_type: str) -> int:
        """Bays of a type that are free throughout the slot; 0 for a type the branch does not have."""
        return next((load.free for load in self.loads if load.bay_type == bay_type), 0)


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One bay and what stands in it. `overbooked`: there is no such bay; desks booked the same time while apart."""

    bay_type: str
    bay_number: int
    appointments: tuple[AppointmentRow, ...]
    overbooked: bool


@dataclass(frozen=True, slots=True)
class DayView:
    """A working day: its slots from opening to closing time, its lanes by bay type, and what takes no bay."""

    branch_id: str
    day: date
    opens_at: datetime
    closes_at: datetime
    slots: tuple[SlotRow, ...]
    lanes: tuple[LaneRow, ...]
    without_bay: tuple[AppointmentRow, ...]
    """Cancelled and missed appointments."""

    @property
    def bay_types(self) -> tuple[str, ...]:
        """The bay types the branch has."""
        return tuple(dict.fromkeys(lane.bay_type for lane in self.lanes if not lane.overbooked))


@dataclass(frozen=True, slots=True)
class CustomerVehicleRow:
    """A vehicle to book for."""

    id: str
    revision: int
    customer_id: str
    customer_name: str
    plate: str
    vin: str
    description: str
    odometer_km: int

    @property
    def label(self) -> str:
        """Plate and description, or the VIN where there is no plate."""
        return " · ".join(part for part in (self.plate or self.vin, self.description) if part)


def get_day_view(reader: Reader, *, branch_id: str | None = None, day: str | date) -> DayView:
    """The calendar of one day in branch time (`day` as a date or ISO text), by default of the actor's branch.

    Raises RecordNotFound for a branch that is not here, ValueNotAllowed for text that is no date.
    """
    reader.require(Permission.WORKSHOP_VIEW)
    branch = reader.get(Branch, branch_id or reader.actor.branch_id)
    on_day = _day(day)
    appointments = _on_day(reader, branch.id, on_day)
    hours = opening_hours(on_day)
    bays = {kind: count for kind, count in (branch.work_bays or {}).items() if count > 0}
    slots = _slot_rows(appointments, day_slots(on_day, hours), bays, reader.now)
    return DayView(
        branch_id=branch.id,
        day=on_day,
        opens_at=datetime.combine(on_day, hours.opens, BRANCH_TIME),
        closes_at=datetime.combine(on_day, hours.closes, BRANCH_TIME),
        slots=slots,
        lanes=_lanes([row for row in appointments if row.takes_bay], bays),
        without_bay=tuple(row for row in appointments if not row.takes_bay),
    )


def get_appointment(reader: Reader, appointment_id: str) -> AppointmentRow:
    """One appointment; raises RecordNotFound."""
    reader.require(Permission.WORKSHOP_VIEW)
    reader.get(ServiceAppointment, appointment_id)
    row = reader.session.execute(_appointments().where(ServiceAppointment.id == appointment_id)).one()
    return _appointment_row(*row)


def list_appointments(
    reader: Reader,
    *,
    after: str | None = None,
    limit: int = 100,
    customer_id: str | None = None,
    text: str | None = None,
    state: str | None = None,
    branch_id: str | None = None,
) -> tuple[AppointmentRow, ...]:
    """Appointments, the newest entry first, from behind the cursor `after`.

    `text` finds customers as the search does, and pieces of a plate or an appointment number.
    """
    reader.require(Permission.WORKSHOP_VIEW)
    query = _appointments()
    if customer_id is not None:
        query = query.where(ServiceAppointment.customer_id == customer_id)
    if branch_id is not None:
        query = query.where(ServiceAppointment.branch_id == branch_id)
    if state is not None:
        query = query.where(ServiceAppointment.state == state)
    if text and text.strip():
        query = query.where(_matching(reader, text.strip()[:60]))
    if after is not None:
        query = query.where(ServiceAppointment.id < after)
    rows = reader.session.execute(query.order_by(ServiceAppointment.id.desc()).limit(limit))
    return tuple(_appointment_row(*row) for row in rows)


def list_customer_vehicles(reader: Reader, customer_id: str) -> tuple[CustomerVehicleRow, ...]:
    """The vehicles of one customer, the newest first."""
    reader.require(Permission.CUSTOMERS_VIEW)
    return _vehicle_rows(reader, CustomerVehicle.customer_id == customer_id, limit=100)


def find_customer_vehicles(reader: Reader, text: str, *, limit: int = 12) -> tuple[CustomerVehicleRow, ...]:
    """Vehicles by the beginning of a plate, a VIN or its last characters, or by their owner's name or phone."""
    reader.require(Permission.CUSTOMERS_VIEW)
    wanted = text.strip()[:60]
    if not wanted:
        return ()
    code = wanted.upper().replace(" ", "")
    owners = _customer_ids(reader, wanted)
    condition = (
        CustomerVehicle.plate.startswith(code, autoescape=True)
        | CustomerVehicle.vin.startswith(code, autoescape=True)
        | CustomerVehicle.customer_id.in_(owners)
    )
    if len(code) >= 4:
        condition = condition | CustomerVehicle.vin.endswith(code, autoescape=True)
    return _vehicle_rows(reader, condition, limit=limit)


def _day(day: str | date) -> date:
    if isinstance(day, date):
        return day
    try:
        return date.fromisoformat(day)
    except ValueError as error:
        raise ValueNotAllowed(field="day", value=day[:20]) from error


def _appointments() -> Select[ServiceAppointment, Customer, CustomerVehicle, str]:
    return (
        select(ServiceAppointment, Customer, CustomerVehicle, StaffMember.name)
        .outerjoin(Customer, Customer.id == ServiceAppointment.customer_id)
        .outerjoin(CustomerVehicle, CustomerVehicle.id == ServiceAppointment.customer_vehicle_id)
        .outerjoin(StaffMember, StaffMember.id == ServiceAppointment.advisor_staff_id)
        .where(ServiceAppointment.deleted_at.is_(None))
    )


def _on_day(reader: Reader, branch_id: str, day: date) -> list[AppointmentRow]:
    begins = datetime.combine(day, datetime.min.time(), BRANCH_TIME)
    query = _appointments().where(
        ServiceAppointment.branch_id == branch_id,
        ServiceAppointment.starts_at >= begins,
        ServiceAppointment.starts_at < begins + timedelta(days=1),
    )
    rows = reader.session.execute(query.order_by(ServiceAppointment.starts_at, ServiceAppointment.id))
    return [_appointment_row(*row) for row in rows]


def _slot_rows(
    appointments: Iterable[AppointmentRow], slots: Sequence[Slot], bays: Mapping[str, int], now: datetime
) -> tuple[SlotRow, ...]:
    bookings = [_booking(row) for row in appointments]
    loads: dict[datetime, list[BayLoad]] = {}
    for load in slot_loads(bookings, slots, bays):
        loads.setdefault(load.slot.starts_at, []).append(
            BayLoad(bay_type=load.bay_type.value, taken=load.taken, bays=load.bays, free=load.free)
        )
    return tuple(
        SlotRow(starts_at=start, ends_at=end, loads=tuple(loads.get(start, ())), past=end <= now)
        for start, end in slots
    )


def _booking(row: AppointmentRow) -> Booking:
    return Booking(
        appointment_id=row.id,
        bay_type=BayType(row.bay_type),
        starts_at=row.starts_at,
        duration=timedelta(minutes=row.duration_minutes),
        state=AppointmentState(row.state),
        vehicle_id=row.customer_vehicle_id,
        number=row.number,
    )


def _lanes(appointments: Sequence[AppointmentRow], bays: Mapping[str, int]) -> tuple[LaneRow, ...]:
    """Each appointment in the first bay of its type that is free by then; more lanes than bays mean overbooking."""
    lanes: list[LaneRow] = []
    kinds = dict.fromkeys([*(kind.value for kind in BayType if bays.get(kind)), *(a.bay_type for a in appointments)])
    for kind in kinds:
        filled: list[list[AppointmentRow]] = [[] for _ in range(bays.get(kind, 0))]
        for row in (a for a in appointments if a.bay_type == kind):
            lane = next((lane for lane in filled if not lane or lane[-1].ends_at <= row.starts_at), None)
            if lane is None:
                lane = []
                filled.append(lane)
            lane.append(row)
        lanes += [
            LaneRow(bay_type=kind, bay_number=n, appointments=tuple(lane), overbooked=n > bays.get(kind, 0))
            for n, lane in enumerate(filled, start=1)
        ]
    return tuple(lanes)


def _customer_ids(reader: Reader, text: str) -> list[str]:
    rowids = find_rowids(reader.session.connection(), kind="customer", text=text, limit=200)
    return list(reader.session.scalars(select(SearchEntry.record_id).where(SearchEntry.id.in_(rowids))))


def _matching(reader: Reader, text: str) -> ColumnElement[bool]:
    code = text.upper().replace(" ", "")
    return (
        ServiceAppointment.customer_id.in_(_customer_ids(reader, text))
        | CustomerVehicle.plate.contains(code, autoescape=True)
        | ServiceAppointment.number.contains(code, autoescape=True)
    )


def _vehicle_rows(reader: Reader, condition: ColumnElement[bool], *, limit: int) -> tuple[CustomerVehicleRow, ...]:
    query = (
        select(CustomerVehicle, Customer.name)
        .join(Customer, Customer.id == CustomerVehicle.customer_id)
        .where(CustomerVehicle.deleted_at.is_(None), Customer.deleted_at.is_(None), condition)
        .order_by(CustomerVehicle.id.desc())
        .limit(limit)
    )
    return tuple(
        CustomerVehicleRow(
            id=vehicle.id,
            revision=vehicle.revision,
            customer_id=vehicle.customer_id,
            customer_name=name,
            plate=vehicle.plate,
            vin=vehicle.vin,
            description=vehicle.description,
            odometer_km=vehicle.odometer_km,
        )
        for vehicle, name in reader.session.execute(query)
    )


def _appointment_row(
    appointment: ServiceAppointment,
    customer: Customer | None,
    vehicle: CustomerVehicle | None,
    advisor: str | None,
) -> AppointmentRow:
    state = AppointmentState(appointment.state)
    duration = timedelta(minutes=appointment.duration_minutes)
    return AppointmentRow(
        id=appointment.id,
        cursor=appointment.id,
        revision=appointment.revision,
        branch_id=appointment.branch_id,
        number=appointment.number,
        state=state.value,
        bay_type=appointment.bay_type,
        starts_at=appointment.starts_at,
        ends_at=appointment.starts_at + duration,
        duration_minutes=appointment.duration_minutes,
        customer_id=appointment.customer_id,
        customer_name=customer.name if customer else "",
        phone_masked=masked_phone(customer.phone) if customer and customer.phone else "",
        customer_vehicle_id=appointment.customer_vehicle_id,
        plate=vehicle.plate if vehicle else "",
        vehicle=vehicle.description if vehicle else "",
        work=appointment.work,
        note=appointment.note,
        advisor_name=advisor or "",
        takes_bay=state not in FREES_THE_BAY,
    )
