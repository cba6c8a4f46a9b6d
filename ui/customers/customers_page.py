"""Customers: found by any piece of a name or number, masked, with everything that happened beside the list."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget
from shiboken6 import isValid

from app.customers.commands import RemoveCustomer
from app.customers.errors import CustomerDuplicate
from app.customers.queries import CustomerRow, count_customers, list_customers
from app.customers.rules import CustomerKind
from app.kernel.changes import Changes
from app.kernel.errors import RecordNotFound
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from app.staff.queries import BranchRow, StaffRow, list_branches, list_staff
from ui.customers.customer_form import CustomerForm, DuplicateCard, duplicate_aside
from ui.customers.customer_view import CustomerFile, CustomerView, read_customer
from ui.customers.words import CustomerSource, label_of
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button, IconButton
from ui.kit.dialogs import ask_reason
from ui.kit.editing import EditingPage, FormSheet
from ui.kit.feedback import EmptyState
from ui.kit.filters import Facet, FacetOption
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, column, row
from ui.kit.text import Words, words
from ui.kit.theme import theme


class CustomersPage(EditingPage):
    """The list; the panel shows the selected customer, Return opens the whole file, Ctrl+N a new one."""

    title = tr_noop("Customers")
    scope = "customers"
    key = "customers"
    watches = ("customer", "consent", "customer_vehicle", "quotation", "sales_order", "contract", "payment",
               "service_appointment", "saved_search")  # fmt: skip
    columns = (
        Column("name", tr_noop("Name"), width=168, stretch=True, sort="name"),
        Column("phone", tr_noop("Phone"), kind="code", width=124),
        Column("identity_number", tr_noop("Identity"), kind="code", width=172),
        Column("kind", tr_noop("Kind"), width=84, format=lambda code: label_of(CustomerKind, code)),
        Column("owner_name", tr_noop("Looked after by"), width=116),
        Column("source", tr_noop("Came by"), width=116, format=lambda code: label_of(CustomerSource, code)),
        Column("created_at", tr_noop("On file since"), width=104, sort="created_at", format=formats.day_of),
        Column("contact_name", tr_noop("Acts for it"), width=120, visible=False),
    )

    def __init__(self, context: PageContext) -> None:
        self._shown: CustomerView | None = None
        self._wanted = self._removed_here = ""
        super().__init__(context)
        self.filters.search.set_words(tr_noop("Name, pinyin, phone, ID"))
        self.filters.add_facet(Facet("kind", tr_noop("Kind"), _options(CustomerKind), single=True))
        self.filters.add_facet(Facet("source", tr_noop("Came by"), _options(CustomerSource), single=True))
        self.filters.add_facet(Facet("owner_staff_id", tr_noop("Colleague"), single=True))
        self.filters.add_facet(Facet("branch_id", tr_noop("Branch"), single=True))
        self._add_customer_actions()
        context.operations.run_query(self, _read_colleagues, on_done=self._on_colleagues, key="colleagues")

    # --- the list --------------------------------------------------------------------------------

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Any:
        return list_customers(reader, after=after, limit=limit, **filters)

    def count_rows(self, reader: Any, **filters: Any) -> Any:
        return count_customers(reader, **filters)

    def describe_count(self, matched: int, total: int | None) -> str:
        return tr("{n} of {all} customers", n=f"{matched:,}", all=f"{total or matched:,}")

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered)
        may = self.context.may(Permission.CUSTOMERS_EDIT)
        return EmptyState(
            tr_noop("No customers yet"),
            tr_noop("Enter the first one: a name and a phone number are enough."),
            icon="users",
            action=Button(tr_noop("New customer"), kind="primary", on_click=self.enter_new) if may else None,
        )

    def activate(self, params: Mapping[str, Any]) -> None:
        """`customer_id` shows that customer; `new` opens the form for a new one."""
        customer_id = params.get("customer_id")
        if customer_id is None:
            super().activate(params)
            if params.get("new"):
                self.enter_new()
            return
        self.close_sheet()
        self.context.operations.run_query(
            self, read_customer, customer_id, on_done=self._on_wanted, on_error=self._on_gone, key="wanted"
        )

    def on_changes(self, changes: Changes, initiator: object) -> None:
        super().on_changes(changes, initiator)
        if changes.touches(*self.watches) and self._shown is not None:
            self._fetch(self._shown.file.id)

    def show_details(self, row: CustomerRow) -> None:
        self._fetch(row.id)

    def open_row(self, row: CustomerRow) -> None:
        self._fetch(row.id, wide=True)

    # --- one customer ----------------------------------------------------------------------------

    @property
    def view(self) -> CustomerView | None:
        """What is shown of a customer now, in the panel or in the place of the table."""
        return self._shown if self._shown is not None and isValid(self._shown) else None

    def _fetch(self, customer_id: str, *, wide: bool = False) -> None:
        self._wanted = customer_id
        self.context.operations.run_query(
            self,
            read_customer,
            customer_id,
            on_done=self._open_file if wide else self._on_file,
            on_error=self._on_gone,
            key="file" if wide else "customer",
        )

    def _on_file(self, file: CustomerFile) -> None:
        view = self.view
        if file.id != self._wanted:
            return
        if view is not None and view.file.id == file.id:
            view.show_file(file)
            if self.sheet is None:
                self.panel.show()
        elif self.sheet is None:
            self._shown = CustomerView(self.context, file)
            self.panel.show_content(
                lambda: file.details.name,
                self._shown,
                subtitle=lambda: _subtitle(file),
                actions=self._panel_buttons(),
            )

    def _panel_buttons(self) -> list[Any]:
        more = IconButton("more-horizontal", tr_noop("More about this customer"))
        more.clicked.connect(lambda: self._open_row_menu(more))
        return [*self._buttons("customers.sell", "customers.edit"), more]

    def _buttons(self, *names: str) -> list[Button]:
        """Buttons for those actions the actor may run; the sale is the primary one."""
        registry = self.context.actions
        permitted = [registry.get(name) for name in names if registry.permitted(registry.get(name))]
        return [
            Button.for_action(action, registry, kind="primary" if action.id == "customers.sell" else "secondary")
            for action in permitted
        ]

    def _open_file(self, file: CustomerFile) -> None:
        view = CustomerView(self.context, file, wide=True)
        sheet = QWidget()
        buttons = self._buttons("customers.book", "customers.edit", "customers.sell")
        stack = column(row(self.back_button(), STRETCH, *buttons), gap=12)
        stack.addWidget(view, 1)
        sheet.setLayout(stack)
        self.open_sheet(sheet, lambda: file.details.name, subtitle=lambda: _subtitle(file))
        self._shown = view

    def _on_wanted(self, file: CustomerFile) -> None:
        self.table.setFocus()
        self.table.clearSelection()  # or the row selected before would stay the one
        super().activate({"filters": {"text": file.details.name}, "select": file.id})
        self._wanted = file.id
        self._on_file(file)

    def _on_table_selected(self, row: CustomerRow | None) -> None:
        if row is None and self.sheet is None:
            self._wanted = ""  # an answer under way is no longer asked for
        super()._on_table_selected(row)

    def _on_gone(self, error: BaseException) -> bool:
        if isinstance(error, RecordNotFound):
            self.close_sheet()
            self.panel.close_panel()
            gone, self._shown = self.view, None
            if gone is not None and gone.file.id != self._removed_here:
                self._forget_name(gone.file.details.name)
        return False

    def _forget_name(self, name: str) -> None:
        """The name was put into the search to show a customer who was taken off this desk."""
        if self.filters.values().get("text") == name:
            self.filters.clear()

    # --- actions ---------------------------------------------------------------------------------

    def _add_customer_actions(self) -> None:
        edit, chosen = Permission.CUSTOMERS_EDIT, self._has_customer
        self.add_action(
            Action("customers.new", tr_noop("New customer"), self.enter_new, key=Key.NEW, icon="user-plus",
                   permission=edit),
            primary=True,
        )  # fmt: skip
        for action in (
            Action("customers.sell", tr_noop("New sale"), self._sell, key="Ctrl+E", icon="handshake",
                   permission=Permission.QUOTATIONS_EDIT, enabled=chosen),
            Action("customers.file", tr_noop("Open the file"), self._open_current, icon="file-text", enabled=chosen),
            Action("customers.edit", tr_noop("Change"), self.enter_change, key=Key.EDIT, icon="pencil",
                   permission=edit, enabled=chosen),
            Action("customers.book", tr_noop("Book the workshop"), self._book, key="Ctrl+T", icon="calendar-plus",
                   permission=Permission.WORKSHOP_VIEW, enabled=chosen),
            Action("customers.document", tr_noop("New document…"), self._new_document, icon="file-plus",
                   permission=Permission.CONTRACTS_SIGN, enabled=chosen),
            Action("customers.reveal", tr_noop("Show the phone number"), self._reveal_phone, key="Ctrl+R", icon="eye",
                   permission=Permission.CUSTOMERS_REVEAL, enabled=chosen),
            Action("customers.remove", tr_noop("Remove"), self._ask_removal, key=Key.DELETE, icon="trash-2",
                   permission=edit, enabled=chosen),
        ):  # fmt: skip
            self.add_action(action)

    def _has_customer(self) -> bool:
        return self.view is not None and not isinstance(self.sheet, FormSheet)

    def _sell(self) -> None:
        self.context.navigator.open("sale", customer_id=self._customer_id())

    def _book(self) -> None:
        self.context.navigator.open("workshop", customer_id=self._customer_id())

    def _new_document(self) -> None:
        self.context.navigator.open("contracts", new=True, customer_id=self._customer_id())

    def _open_current(self) -> None:
        self._fetch(self._customer_id(), wide=True)

    def _reveal_phone(self) -> None:
        view = self.view
        if view is not None:
            view.personal.ask_reveal("phone")

    def _customer_id(self) -> str:
        view = self.view
        return view.file.id if view is not None else ""

    def _ask_removal(self) -> None:
        view = self.view
        if view is None:
            return
        customer_id, name = view.file.id, view.file.details.name
        ask_reason(
            self,
            title=tr_noop("Remove this customer?"),
            text=lambda: tr("{name} disappears from all lists. Only an entry without any document can go.", name=name),
            verb=tr_noop("Remove"),
            on_reason=lambda reason: self._remove(customer_id, reason),
            danger=True,
        )

    def _remove(self, customer_id: str, reason: str) -> None:
        self._removed_here = customer_id
        self.context.operations.run_command(
            self,
            RemoveCustomer(customer_id=customer_id, reason=reason),
            on_done=lambda _value: self._on_gone(RecordNotFound()),
            name=tr_noop("Remove customer"),
        )

    def _open_row_menu(self, button: QWidget) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        registry = self.context.actions
        for name in ("customers.file", "customers.book", "customers.document", "customers.reveal", "customers.remove"):
            action = registry.get(name)
            if registry.permitted(action):
                entry = menu.addAction(theme().icon(action.icon or ""), words(action.text))
                entry.triggered.connect(lambda _checked=False, name=name: registry.run(name))
        menu.popup(button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    # --- entering and changing -------------------------------------------------------------------

    def enter_new(self) -> None:
        """The form for a new customer; what was looked for is taken over as name or phone."""
        typed = self.filters.search.text().strip()
        form = CustomerForm(self.context)
        if typed.isdigit():
            form.set_value("phone", typed)
        elif typed and not typed.isascii():
            form.set_value("name", typed)
        self._open_form(form, tr_noop("New customer"), tr_noop("Save the customer"))
        form.keep_draft("customers.new")

    def enter_change(self) -> None:
        """The form with what is known of the shown customer; masked values are kept unless typed anew."""
        view = self.view
        if view is None:
            return
        details = view.file.details
        form = CustomerForm(self.context, details)
        self._open_form(form, lambda: tr("Change {name}", name=details.name), tr_noop("Save"))
        form.keep_draft(f"customers.change.{details.id}")

    def _open_form(self, form: CustomerForm, title: Words, verb: Words) -> None:
        card = DuplicateCard()
        card.opened.connect(lambda customer_id: self.activate({"customer_id": customer_id}))
        form.duplicates_found.connect(card.show_found)
        save = Button(verb, kind="primary", on_click=lambda: self._save(form, save, card))
        card.anyway.clicked.connect(lambda: self._save(form, card.anyway, card, despite_duplicate=True))
        form.submitted.connect(lambda: self._save(form, save, card))
        sheet = FormSheet(form, buttons=[self.cancel_button(), save], aside=duplicate_aside(card))
        self.open_sheet(sheet, title)
        form.focus_field("name")

    def _save(
        self, form: CustomerForm, button: Button, card: DuplicateCard, *, despite_duplicate: bool = False
    ) -> None:
        if not button.isEnabled() or not form.check_all():
            return

        def refused(error: BaseException) -> bool:
            card.anyway.setVisible(isinstance(error, CustomerDuplicate))
            return False

        job = self.context.operations.run_command(
            form,
            form.command(despite_duplicate=despite_duplicate),
            on_done=lambda customer_id: self._on_saved(form, customer_id),
            on_error=refused,
        )
        button.busy_while(job)

    def _on_saved(self, form: CustomerForm, customer_id: str) -> None:
        form.drop_draft()
        self.activate({"customer_id": customer_id})

    # --- facets ----------------------------------------------------------------------------------

    def _on_colleagues(self, found: tuple[tuple[StaffRow, ...], tuple[BranchRow, ...]]) -> None:
        staff, branches = found
        me = self.context.actor.staff_id
        ordered = sorted(staff, key=lambda person: person.id != me)
        self.filters.set_options("owner_staff_id", [_colleague(person, mine=person.id == me) for person in ordered])
        self.filters.set_options(
            "branch_id", [FacetOption(branch.id, partial(_branch_name, branch)) for branch in branches]
        )


def _read_colleagues(reader: Any) -> tuple[tuple[StaffRow, ...], tuple[BranchRow, ...]]:
    return list_staff(reader, active=True), list_branches(reader)


def _branch_name(branch: BranchRow) -> str:
    return branch.name


def _colleague(person: StaffRow, *, mine: bool) -> FacetOption:
    return FacetOption(person.id, (lambda: tr("{name} (me)", name=person.name)) if mine else (lambda: person.name))


def _options(kind: Any) -> list[FacetOption]:
    return [FacetOption(member.value, member.label) for member in kind]


def _subtitle(file: CustomerFile) -> str:
    details = file.details
    return " · ".join((label_of(CustomerKind, details.kind), formats.day_of(details.created_at)))
