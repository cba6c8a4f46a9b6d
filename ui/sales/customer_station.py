"""Choosing the customer, or entering a new one with the fewest fields."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.customers.commands import CreateCustomer
from app.customers.queries import CustomerRow, DuplicateRow, find_duplicates, list_customers
from app.customers.rules import CustomerKind, IdentityKind, check_identity, normal_phone
from app.kernel.clock import BRANCH_TIME
from app.runtime.language import tr, tr_noop
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.fields import IdentityField, PhoneField, Section, SegmentField, TextField
from ui.kit.form import Form
from ui.kit.layout import STRETCH, column, row
from ui.kit.printable import printable
from ui.kit.station import Station
from ui.sales.unit_station import SHOWN, PickList

COLUMNS = (
    Column("name", tr_noop("Name"), width=120, stretch=True),
    Column("phone", tr_noop("Phone"), kind="code", width=112),
    Column("identity_number", tr_noop("Identity"), kind="code", width=164),
)


def _list_customers(reader: Any, *, after: Any, limit: int, text: str = "") -> Sequence[CustomerRow]:
    return () if after is not None else list_customers(reader, text=text or None, limit=SHOWN)


class NewCustomerForm(Form):
    """Name, phone, identity: enough for a contract; the rest can wait."""

    def __init__(self, context: PageContext) -> None:
        super().__init__(
            context,
            [
                Section(
                    tr_noop("New customer"),
                    [
                        SegmentField(
                            "kind", tr_noop("Kind"), span=2, required=True,
                            choices=[Choice("person", tr_noop("Person")), Choice("company", tr_noop("Company"))],
                        ),
                        TextField("name", tr_noop("Name"), required=True, max_length=120, check=printable),
                        TextField(
                            "contact_name", tr_noop("Acts for the company"), required=True, max_length=60,
                            check=printable,
                        ),
                        PhoneField("phone", tr_noop("Mobile phone"), required=True, check=_check_phone),
                        IdentityField(
                            "identity_number", tr_noop("Identity card or company code"), check=self._check_identity
                        ),
                    ],
                )
            ],
            submit_on_return=True,
        )  # fmt: skip
        self.set_values({"kind": "person"})
        self.duplicates: Sequence[DuplicateRow] = ()
        self._arrange()
        self.changed.connect(self._on_changed)

    def command(self) -> CreateCustomer:
        """The command for what was typed."""
        typed = self.values()
        company = typed["kind"] == "company"
        number = typed["identity_number"]
        kind = ("company_code" if company else "identity_card") if number else ""
        return CreateCustomer(
            kind=typed["kind"], name=typed["name"], phone=typed["phone"], identity_number=number,
            identity_kind=kind, contact_name=typed["contact_name"] if company else "",
        )  # fmt: skip

    def _check_identity(self, number: str) -> None:
        company = self.value("kind") == "company"
        kind = IdentityKind.COMPANY_CODE if company else IdentityKind.IDENTITY_CARD
        check_identity(kind, number, today=self.context.clock.now().astimezone(BRANCH_TIME).date())

    def _on_changed(self, name: str) -> None:
        if name == "kind":
            self._arrange()
        if name in ("phone", "identity_number"):
            self.context.operations.run_query(
                self, find_duplicates, phone=self.value("phone") or "", identity=self.value("identity_number") or "",
                on_done=self._on_duplicates, key="duplicates",
            )  # fmt: skip

    def _on_duplicates(self, found: Sequence[DuplicateRow]) -> None:
        self.duplicates = found
        self.set_hint("phone", "")
        self.set_hint("identity_number", "")
        for row_ in found:
            self.set_hint(
                "phone" if row_.matched == "phone" else "identity_number",
                partial(tr, tr_noop("Already known: {name}, {phone}"), name=row_.name, phone=row_.phone), tone="warn",
            )  # fmt: skip

    def _arrange(self) -> None:
        company = self.value("kind") == CustomerKind.COMPANY
        self.set_field_visible("contact_name", company)


def _check_phone(phone: str) -> None:
    normal_phone(phone)


class CustomerStation(Station):
    """`chosen(customer id)`: who buys."""

    chosen = Signal(str)

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.picker = PickList(
            context, columns=COLUMNS, list_rows=_list_customers, name=tr_noop("Customers"),
            placeholder=tr_noop("Name, pinyin initials, phone or identity"),
        )  # fmt: skip
        self.picker.taken.connect(lambda row_: self.chosen.emit(row_.id))
        self.form = NewCustomerForm(context)
        self.form.submitted.connect(self._save)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.picker)
        self.stack.addWidget(self._new_panel())
        self.new = Button(tr_noop("New customer"), icon="user-plus", on_click=self.enter_new)
        self.back = Button(tr_noop("Back to the list"), kind="quiet", on_click=self._show_list)
        self.save = Button(tr_noop("Save and go on"), kind="primary", on_click=self._save)
        self.arrange(
            [Label(tr_noop("Who buys?"), role="section"), self.stack],
            secondary=[self.new, self.back],
            primary=self.save,
            form_submits=True,
        )
        self._show_list()

    def take_focus(self) -> None:
        """Type at once."""
        if self.stack.currentWidget() is self.picker:
            self.picker.load()
            self.picker.search.setFocus()
        else:
            self.form.focus_first()

    def enter_new(self) -> None:
        """Show the form, with what was searched for as the name."""
        self.stack.setCurrentIndex(1)
        self._show_verbs()
        typed = self.picker.search.text().strip()
        if typed and not typed.isascii():
            self.form.set_value("name", typed)
        elif typed.isdigit():
            self.form.set_value("phone", typed)
        self.form.keep_draft("sale.customer")
        self.form.focus_field("name")

    def _new_panel(self) -> QWidget:
        panel = QWidget()
        inner = row(self.form)
        inner.setAlignment(Qt.AlignmentFlag.AlignTop)
        panel.setLayout(column(inner, STRETCH))
        return panel

    def _show_list(self) -> None:
        self.stack.setCurrentIndex(0)
        self._show_verbs()

    def _show_verbs(self) -> None:
        listing = self.stack.currentIndex() == 0
        self.new.setVisible(listing)
        self.back.setVisible(not listing)
        self.save.setVisible(not listing)

    def _save(self) -> None:
        if self.stack.currentIndex() == 0 or not self.form.check_all():
            return
        job = self.context.operations.run_command(self.form, self.form.command(), on_done=self._on_saved)
        self.save.busy_while(job)

    def _on_saved(self, customer_id: str) -> None:
        self.form.drop_draft()
        self.form.clear()
        self.form.set_values({"kind": "person"})
        self._show_list()
        self.chosen.emit(customer_id)
