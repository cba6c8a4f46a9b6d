"""The vehicles a customer brings to the workshop."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QMenu, QWidget

from app.catalog.vin import check_vin
from app.customers.choices import normal_plate
from app.customers.commands import AddCustomerVehicle, ChangeCustomerVehicle, RemoveCustomerVehicle
from app.customers.queries import CustomerDetails, OwnedVehicleRow
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import IconButton, Label
from ui.kit.fields import Advice, Field, IntegerField, TextField, VinField
from ui.kit.layout import column, row
from ui.kit.panel_form import PanelForm, PanelSection
from ui.kit.text import Words
from ui.kit.theme import theme

ODOMETER_LIMIT = 2_000_000


class VehicleSection(PanelSection):
    """Plate, description, VIN and odometer of each vehicle, with a menu to change or remove it."""

    def __init__(self, context: PageContext, details: CustomerDetails) -> None:
        self.plus = IconButton("plus", tr_noop("Add a vehicle"), on_click=self.ask_new)
        super().__init__(tr_noop("Vehicles"), self.plus)
        self._context, self._details = context, details
        self._may_edit = context.may(Permission.CUSTOMERS_EDIT)
        self.plus.setVisible(self._may_edit)
        for vehicle in details.vehicles:
            self.add(self._line(vehicle))
        if not details.vehicles:
            self.add(
                Label(tr_noop("None on file. Add the one that comes to the workshop."), role="secondary", wrap=True)
            )

    def ask_new(self) -> None:
        """A form for a further vehicle."""
        question = PanelForm(
            self._context,
            tr_noop("Add a vehicle"),
            _fields(),
            verb=tr_noop("Add"),
            command=lambda values: AddCustomerVehicle(customer_id=self._details.id, **_typed(values)),
        )
        self.ask(question)

    def ask_change(self, vehicle: OwnedVehicleRow) -> None:
        """A form with what is known of a vehicle."""
        question = PanelForm(
            self._context,
            tr_noop("Change the vehicle"),
            _fields(),
            verb=tr_noop("Save"),
            command=lambda values: ChangeCustomerVehicle(
                customer_vehicle_id=vehicle.id, expected_revision=vehicle.revision, **_typed(values)
            ),
        )
        question.form.set_values(
            {"plate": vehicle.plate, "vin": vehicle.vin, "description": vehicle.description,
             "odometer_km": vehicle.odometer_km}
        )  # fmt: skip
        self.ask(question)

    def _line(self, vehicle: OwnedVehicleRow) -> QWidget:
        head = Label("")
        head.set_text(vehicle.plate or vehicle.vin)
        head.setFont(theme().font(bold=True))
        facts = [vehicle.description, vehicle.vin if vehicle.plate else "", formats.kilometres(vehicle.odometer_km)]
        tail = Label(lambda: " · ".join(fact for fact in facts if fact), role="secondary", wrap=True)
        holder = QWidget()
        line = row(column(head, tail, gap=0))
        line.setStretch(0, 1)
        if self._may_edit:
            more: IconButton = IconButton(
                "more-horizontal", lambda: tr("More about {vehicle}", vehicle=vehicle.plate or vehicle.vin), size=14
            )
            more.clicked.connect(lambda: self._open_menu(more, vehicle))
            line.addWidget(more)
        holder.setLayout(line)
        return holder

    def _open_menu(self, button: QWidget, vehicle: OwnedVehicleRow) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(theme().icon("pencil"), tr("Change…")).triggered.connect(lambda: self.ask_change(vehicle))
        menu.addAction(theme().icon("calendar-plus"), tr("Book the workshop")).triggered.connect(
            lambda: self._context.navigator.open("workshop", customer_id=self._details.id)
        )
        menu.addAction(theme().icon("trash-2"), tr("Remove")).triggered.connect(lambda: self._remove(vehicle))
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _remove(self, vehicle: OwnedVehicleRow) -> None:
        self._context.operations.run_command(
            self, RemoveCustomerVehicle(customer_vehicle_id=vehicle.id), name=tr_noop("Remove the vehicle")
        )


def _fields() -> list[Field]:
    return [
        TextField("plate", tr_noop("Plate"), max_length=20, check=_check_plate),
        IntegerField("odometer_km", tr_noop("Odometer"), suffix=tr_noop("km"), least=0, most=ODOMETER_LIMIT),
        VinField("vin", tr_noop("VIN"), check=_check_vin, span=2),
        TextField("description", tr_noop("Model and colour"), max_length=160, span=2),
    ]


def _typed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "plate": values["plate"],
        "vin": values["vin"],
        "description": values["description"],
        "odometer_km": values["odometer_km"] or 0,
    }


def _check_plate(text: str) -> None:
    normal_plate(text)


def _check_vin(text: str) -> Words | Advice | None:
    warning = check_vin(text).warning
    return Advice(lambda: str(warning)) if warning is not None else None
