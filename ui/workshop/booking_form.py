"""Booking a time for a customer's vehicle, beside the day it goes into."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.catalog.vin import check_vin
from app.customers.choices import normal_plate
from app.customers.commands import AddCustomerVehicle
from app.customers.queries import find_customers, get_customer
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr_noop
from app.workshop.commands import BookAppointment
from app.workshop.queries import (
    CustomerVehicleRow,
    DayView,
    find_customer_vehicles,
    list_customer_vehicles,
)
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice
from ui.kit.fields import (
    Advice,
    ChoiceField,
    Field,
    IntegerField,
    LookupField,
    MultiLineField,
    Section,
    TextField,
    VinField,
)
from ui.kit.form import Form
from ui.kit.layout import column
from ui.kit.text import Words
from ui.workshop.time_fields import USUAL_MINUTES, RoomHint, bay_choices, time_fields

DRAFT = "workshop.booking"
NEW_VEHICLE = "new"
_NEW_FIELDS = ("plate", "odometer_km", "vin", "description")


class BookingForm(QWidget):
    """Who, which vehicle, where and when, what. `booked(id)` after commit. A new vehicle is entered with it."""

    booked = Signal(str)

    def __init__(self, context: PageContext, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.form = Form(context, [Section("", [*_who(), *time_fields(()), *_what()])])
        self.form.set_values({"duration_minutes": USUAL_MINUTES})
        self._room = RoomHint(self.form)
        self._owner: str | None = None
        self._show_new_vehicle()
        self.form.changed.connect(self._on_form_changed)
        self.form.submitted.connect(self.book)
        self.form.draft_restored.connect(self._fetch_vehicles)
        self.book_button = Button(tr_noop("Book"), kind="primary", on_click=self.book)
        self.setLayout(column(self.form))
        self.form.keep_draft(DRAFT)

    # --- what the page calls ---------------------------------------------------------------------

    def use_view(self, view: DayView) -> None:
        """The day shown beside the form, and with it the bays the branch has."""
        self.form.set_choices("bay_type", bay_choices(view.bay_types))
        if self.form.value("bay_type") is None and view.bay_types:
            self.form.set_value("bay_type", view.bay_types[0])
        self._room.use_view(view)

    def take_slot(self, bay_type: str, starts_at: datetime) -> None:
        """A free place was chosen on the board; what else is typed stays."""
        self.form.set_value("bay_type", bay_type)
        self.form.set_value("starts_at", starts_at)
        self._room.refresh()

    def take_customer(self, customer_id: str) -> None:
        """The customer is known already."""
        self.context.operations.run_query(self, _read_owner, customer_id, on_done=self._on_owner, key="owner")

    def take_focus(self) -> None:
        """The first field that is still empty."""
        wanting = [name for name in ("customer_id", "customer_vehicle_id", "work") if not self.form.value(name)]
        self.form.focus_field(wanting[0] if wanting else "starts_at")

    def book(self) -> None:
        """Enter a new vehicle if there is one, then book."""
        if not self.book_button.isEnabled() or not self.form.check_all():
            return
        values = self.form.values()
        if values["customer_vehicle_id"] != NEW_VEHICLE:
            self._book(values["customer_vehicle_id"])
            return
        command = AddCustomerVehicle(
            customer_id=values["customer_id"], plate=values["plate"], vin=values["vin"],
            description=values["description"], odometer_km=values["odometer_km"] or 0,
        )  # fmt: skip
        self.book_button.busy_while(
            self.context.operations.run_command(self.form, command, on_done=self._on_vehicle_entered)
        )

    # --- inside ----------------------------------------------------------------------------------

    def _book(self, vehicle_id: str) -> None:
        values = self.form.values()
        command = BookAppointment(
            customer_id=values["customer_id"], customer_vehicle_id=vehicle_id, bay_type=values["bay_type"],
            starts_at=values["starts_at"], duration_minutes=values["duration_minutes"], work=values["work"],
            note=values["note"],
        )  # fmt: skip
        job = self.context.operations.run_command(
            self.form, command, on_done=self._on_booked, name=tr_noop("Book an appointment")
        )
        self.book_button.busy_while(job)

    def _on_vehicle_entered(self, vehicle_id: str) -> None:
        # It is stored now: should the time be refused, the second attempt takes it and does not enter it again.
        self._fetch_vehicles(chosen=vehicle_id)
        self._book(vehicle_id)

    def _on_booked(self, appointment_id: str) -> None:
        self.form.drop_draft()
        self.form.mark_clean()
        self.booked.emit(appointment_id)

    def _on_form_changed(self, name: str) -> None:
        if name == "customer_id" and self.form.value("customer_id") != self._owner:
            self._fetch_vehicles()
        elif name == "customer_vehicle_id":
            self._show_new_vehicle()

    def _on_owner(self, owner: Choice) -> None:
        self.form.editor("customer_id").choose(owner)
        self._fetch_vehicles()

    def _fetch_vehicles(self, *, chosen: str | None = None) -> None:
        self._owner = self.form.value("customer_id")
        if self._owner is None:
            self._on_vehicles((), None)
            return
        self.context.operations.run_query(
            self, list_customer_vehicles, self._owner, key="vehicles",
            on_done=lambda rows: self._on_vehicles(rows, chosen),
        )  # fmt: skip

    def _on_vehicles(self, rows: Sequence[CustomerVehicleRow], chosen: str | None) -> None:
        before = self.form.value("customer_vehicle_id")
        choices = [_vehicle_choice(vehicle) for vehicle in rows]
        if self._owner is not None and self.context.may(Permission.CUSTOMERS_EDIT):
            choices.append(Choice(NEW_VEHICLE, tr_noop("Another vehicle…")))
        self.form.set_choices("customer_vehicle_id", choices)
        wanted = chosen or (before if before in {choice.value for choice in choices} else None)
        if wanted is None and choices:
            wanted = choices[0].value
        self.form.set_value("customer_vehicle_id", wanted)
        self._show_new_vehicle()

    def _show_new_vehicle(self) -> None:
        entering = self.form.value("customer_vehicle_id") == NEW_VEHICLE
        for name in _NEW_FIELDS:
            self.form.set_field_visible(name, entering)


def find_owners(reader: Reader, text: str) -> list[Choice]:
    """Customers by name, pinyin or phone, and owners by the plate or VIN of their vehicle."""
    found = [_choice(row.id, row.name, row.phone) for row in find_customers(reader, text)]
    known = {choice.value for choice in found}
    for vehicle in find_customer_vehicles(reader, text):
        if vehicle.customer_id not in known:
            known.add(vehicle.customer_id)
            found.append(_choice(vehicle.customer_id, vehicle.customer_name, vehicle.label))
    return found


def _read_owner(reader: Reader, customer_id: str) -> Choice:
    customer = get_customer(reader, customer_id)
    return _choice(customer.id, customer.name, customer.phone)


def _vehicle_choice(vehicle: CustomerVehicleRow) -> Choice:
    return Choice(vehicle.id, lambda: vehicle.label)


def _choice(customer_id: str, name: str, hint: str) -> Choice:
    return Choice(customer_id, lambda: name, lambda: hint)


def _who() -> list[Field]:
    return [
            LookupField(
                "customer_id", tr_noop("Customer"), required=True, span=2, search=find_owners,
                placeholder=tr_noop("Name, pinyin, phone or plate"),
            ),
            ChoiceField(
                "customer_vehicle_id", tr_noop("Vehicle"), required=True, span=2,
                placeholder=tr_noop("Choose the customer first"),
            ),
            TextField("plate", tr_noop("Plate"), max_length=20, check=_check_plate),
            IntegerField("odometer_km", tr_noop("Odometer"), suffix=tr_noop("km"), least=0, most=2_000_000),
            VinField("vin", tr_noop("VIN"), span=2, check=_check_vin),
            TextField("description", tr_noop("Model and colour"), max_length=160, span=2),
    ]  # fmt: skip


def _what() -> list[Field]:
    return [
        MultiLineField("work", tr_noop("What is to be done"), required=True, max_length=1000, lines=2, span=2),
        TextField("note", tr_noop("Note"), max_length=1000, span=2),
    ]


def _check_plate(text: str) -> None:
    normal_plate(text)


def _check_vin(text: str) -> Words | Advice | None:
    warning = check_vin(text).warning
    return Advice(lambda: str(warning)) if warning is not None else None
