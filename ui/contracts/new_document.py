"""A new document: which kind and about what; then its form, with the paper beside it as it will be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.contracts.commands import ContractDrafted, PreparedDraft
from app.contracts.documents.commands import DraftDocument
from app.contracts.documents.queries import (
    DocumentForm,
    document_form,
    prepare_document,
    redraft_form,
    vehicles_of,
)
from app.contracts.documents.reading import About
from app.contracts.kinds.registry import KINDS, SALE, DocumentKind, Subject
from app.contracts.templates.choice import TemplateChoice
from app.customers.queries import find_customers
from app.inventory.queries import UnitFilter, UnitRow, list_units
from app.kernel.errors import DomainError
from app.orders.queries import list_orders
from app.payments.queries import PaymentRow, list_payments
from app.runtime.language import CHINESE, ENGLISH, tr, tr_noop
from ui.contracts.document_fields import fields_of, in_words, shown
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label, Segmented
from ui.kit.feedback import EmptyState
from ui.kit.fields import ChoiceField, LookupField, Section
from ui.kit.form import Form, FormFrame
from ui.kit.layout import STRETCH, column, row
from ui.kit.operations import Job
from ui.kit.pdf_view import PdfView
from ui.kit.text import words
from ui.kit.theme import set_size

FOUND = 10
_CHOOSE_WIDTH, _FORM_WIDTH = 640, 448
LOOK_AFTER_MS = 600
TEMPLATE, FITTING = "template", "*"
_NAMES = {
    Subject.ORDER: "order_id",
    Subject.CUSTOMER: "customer_id",
    Subject.UNIT: "unit_id",
    Subject.PAYMENT: "payment_id",
    Subject.CUSTOMER_VEHICLE: "customer_vehicle_id",
}


def drafted_by(context: PageContext) -> list[DocumentKind]:
    """The kinds the person may draft here."""
    return [kind for kind in KINDS.values() if kind.code != SALE and context.may(kind.permission)]


def about_from(params: Mapping[str, Any]) -> About:
    """What another page wants a document about."""
    return About(**{one.name: str(params[one.name]) for one in fields(About) if params.get(one.name)})


class ChooseDocument(QWidget):
    """Which kind, and about which records. `chosen(kind, about)`."""

    chosen = Signal(str, object)

    def __init__(self, context: PageContext, about: About, *, cancel: Button) -> None:
        super().__init__()
        self.context, self._about = context, about
        kinds = [Choice(kind.code, in_words(kind.title)) for kind in drafted_by(context) if _fits(kind, about)]
        lookups = [
            LookupField("order_id", tr_noop("Order"), search=_find_orders, required=True, span=2),
            LookupField("payment_id", tr_noop("Payment"), search=_find_payments, required=True, span=2),
            LookupField("customer_id", tr_noop("Customer"), search=_find_customers, required=True, span=2),
            ChoiceField("customer_vehicle_id", tr_noop("Customer's vehicle"), required=True, span=2,
                        placeholder=tr_noop("Choose the customer first")),
            LookupField("unit_id", tr_noop("Vehicle in stock"), search=_find_units, required=True, span=2),
        ]  # fmt: skip
        kind = ChoiceField("kind", tr_noop("Kind of document"), required=True, span=2, choices=kinds)
        self.form = Form(context, [Section("", [kind, *lookups])], submit_on_return=True)
        self.form.changed.connect(self._on_changed)
        self.form.submitted.connect(self._go)
        self.go = Button(tr_noop("Fill it in"), kind="primary", icon="arrow-right", on_click=self._go)
        frame = FormFrame(self.form, buttons=[cancel, self.go])
        set_size(frame, width=_CHOOSE_WIDTH)
        self.setLayout(row(frame, STRETCH))
        if kinds:
            self.form.set_value("kind", kinds[0].value)
        self._show_needed()

    def take_focus(self) -> None:
        """Choosing the kind comes first."""
        self.form.focus_first()

    @property
    def kind(self) -> DocumentKind | None:
        """What is chosen."""
        return KINDS.get(self.form.value("kind") or "")

    def _on_changed(self, name: str) -> None:
        if name == "kind":
            self._show_needed()
        elif name == "customer_id":
            self._fetch_vehicles()

    def _show_needed(self) -> None:
        kind = self.kind
        needed = {_NAMES[subject] for subject in kind.about} if kind is not None else set()
        if "customer_vehicle_id" in needed and not self._about.customer_vehicle_id:
            needed.add("customer_id")
        for name in _NAMES.values():
            self.form.set_field_visible(name, name in needed and not getattr(self._about, name))
        if kind is not None:
            self.form.set_hint("kind", in_words(kind.purpose))
        if "customer_vehicle_id" in needed and (self._about.customer_id or self.form.value("customer_id")):
            self._fetch_vehicles()

    def _fetch_vehicles(self) -> None:
        customer_id = self._about.customer_id or self.form.value("customer_id")
        if customer_id:
            self.context.operations.run_query(
                self, vehicles_of, customer_id, on_done=self._on_vehicles, key="vehicles"
            )  # fmt: skip

    def _on_vehicles(self, vehicles: Any) -> None:
        choices = [Choice(one.id, partial(str, one.title)) for one in vehicles]
        self.form.set_choices("customer_vehicle_id", choices)
        if len(choices) == 1:
            self.form.set_value("customer_vehicle_id", choices[0].value)
        elif not choices:
            self.form.set_hint("customer_vehicle_id", tr_noop("Enter the vehicle in the customer's file first."))

    def _go(self) -> None:
        kind = self.kind
        if kind is None or not self.form.check_all():
            return
        given = {name: getattr(self._about, name) or self.form.value(name) for name in _NAMES.values()}
        wanted = {_NAMES[subject] for subject in kind.about}
        self.chosen.emit(kind.code, About(**{name: given[name] or None for name in wanted}))


def _fits(kind: DocumentKind, about: About) -> bool:
    """Whether a kind is about what another page named; every kind where nothing was named."""
    named = {subject for subject, name in _NAMES.items() if getattr(about, name)}
    return not named or not named.isdisjoint(kind.about) or (
        Subject.CUSTOMER in named and Subject.CUSTOMER_VEHICLE in kind.about
    )  # fmt: skip


def _find_orders(reader: Any, text: str) -> list[Choice]:
    rows = list_orders(reader, text=text, limit=FOUND)
    return [Choice(one.id, partial("{0.number} · {0.customer_name}".format, one)) for one in rows]


def _find_customers(reader: Any, text: str) -> list[Choice]:
    return [Choice(one.id, partial(str, one.name), partial(str, one.phone)) for one in find_customers(reader, text)]


def _find_units(reader: Any, text: str) -> list[Choice]:
    rows = list_units(reader, filter=UnitFilter(text=text), limit=FOUND).rows
    return [Choice(one.id, partial(_unit_words, one), one.vin) for one in rows]


def _unit_words(unit: UnitRow) -> str:
    return f"{unit.stock_number or unit.vin[-8:]}  {unit.name}"


def _find_payments(reader: Any, text: str) -> list[Choice]:
    rows = list_payments(reader, text=text, limit=FOUND)
    return [Choice(one.id, partial(_payment_words, one)) for one in rows]


def _payment_words(payment: PaymentRow) -> str:
    return f"{payment.number} · {payment.customer_name} · {formats.money(payment.amount)}"


def _record_of(about: About) -> str:
    """The id of the most particular record a document is about."""
    return about.payment_id or about.order_id or about.customer_vehicle_id or about.unit_id or about.customer_id or ""


def _template_field(templates: Sequence[TemplateChoice]) -> list[ChoiceField]:
    """Which text, where the house has several of this kind; left alone, what is drafted decides."""
    if len(templates) < 2:
        return []
    choices = [Choice(FITTING, tr_noop("The one that fits"))]
    choices += [Choice(one.code, in_words(one.title)) for one in templates]
    return [ChoiceField(TEMPLATE, tr_noop("Text of the house"), span=2, choices=choices, required=True)]


class DocumentFormSheet(QWidget):
    """The form of one document at the left, the paper at the right. `drafted(contract id)`."""

    drafted = Signal(str)

    def __init__(self, context: PageContext, begun: DocumentForm, *, cancel: Button) -> None:
        super().__init__()
        self.context, self.begun = context, begun
        self.kind = KINDS[begun.kind]
        self._prepared: PreparedDraft | None = None
        self.form = Form(context, [Section("", [*_template_field(begun.templates), *fields_of(self.kind)])])
        self.form.set_values(shown(self.kind, begun.entries) | self._begun_template())
        self.form.changed.connect(lambda _name: self._touch())
        self.form.draft_restored.connect(self._touch)
        self.form.submitted.connect(self.draft)
        self.language = Segmented(
            [Choice(CHINESE, lambda: "中文"), Choice(ENGLISH, lambda: "English")], name=tr_noop("Language of the paper")
        )
        self.language.set_value(begun.paper_language)
        self.language.chosen.connect(lambda _code: self._look_if_complete())
        self.see = Button(tr_noop("Look at the paper"), icon="eye", on_click=self.look)
        self.go = Button(tr_noop("Draft it"), kind="primary", icon="file-text", on_click=self.draft)
        self.view = PdfView()
        nothing = EmptyState(
            tr_noop("Nothing to draw yet"), tr_noop("Once everything is filled in, the paper stands here."),
            icon="file-text",
        )  # fmt: skip
        self._places = QStackedWidget()
        self._places.addWidget(nothing)
        self._places.addWidget(self.view)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(LOOK_AFTER_MS)
        self._pause.timeout.connect(self._look_if_complete)
        about = Label(lambda: " · ".join(part for part in (begun.customer_name, begun.subject) if part), role="section")
        frame = FormFrame(self.form, buttons=[cancel, self.see, self.go])
        set_size(frame, width=_FORM_WIDTH, at_least=True)
        across = row(gap=16)
        across.addWidget(frame, 5)
        across.addWidget(self._places, 4)
        stack = column(row(about, STRETCH, self.language), gap=12)
        stack.addLayout(across, 1)
        self.setLayout(stack)
        if begun.contract_id is None:
            # By what it is about: what was half typed for one customer is not offered for another.
            self.form.keep_draft(f"document.{begun.kind}.{_record_of(begun.about)}")
        self._look_if_complete()

    def take_focus(self) -> None:
        """Where typing begins."""
        self.form.focus_first()

    def _begun_template(self) -> dict[str, str]:
        return {TEMPLATE: self.begun.template or FITTING} if len(self.begun.templates) > 1 else {}

    def _said(self) -> dict[str, Any]:
        """What drafting takes: the entries, and which text of several."""
        entries = self.form.values()
        template = entries.pop(TEMPLATE, FITTING)
        return {"template": "" if template == FITTING else template, "entries": entries}

    def look(self) -> None:
        """Lay the paper out as it would be drafted now; nothing is written."""
        if self.form.check_all():
            self.see.busy_while(self._prepare(on_error=self._on_error))

    def _look_if_complete(self) -> None:
        """What stands there while somebody types: nothing is said of what is still missing or wrong."""
        if self.form.is_complete():
            self._prepare(on_error=lambda error: isinstance(error, DomainError))

    def _prepare(self, *, on_error: Callable[[BaseException], bool]) -> Job:
        self._pause.stop()
        return self.context.operations.run_query(
            self.form, prepare_document, self.begun.kind, self.begun.about, **self._said(),
            language=self.language.value() or "", contract_id=self.begun.contract_id,
            on_done=self._on_prepared, on_error=on_error, key="look",
        )  # fmt: skip

    def draft(self) -> None:
        """Write it."""
        if not self.go.isEnabled() or not self.form.check_all():
            return
        about = {one.name: getattr(self.begun.about, one.name) for one in fields(About)}
        command = DraftDocument(
            kind=self.begun.kind, **self._said(), language=self.language.value() or "",
            contract_id=self.begun.contract_id, prepared=self._prepared, **about,
        )  # fmt: skip
        job = self.context.operations.run_command(
            self.form, command, on_done=self._on_drafted, on_error=self._on_error
        )  # fmt: skip
        self.go.busy_while(job)

    def _touch(self) -> None:
        """Something was typed: what was laid out is no longer what would be drafted."""
        self._prepared = None
        self._pause.start()

    def _on_prepared(self, prepared: PreparedDraft) -> None:
        self._prepared = prepared
        self.view.show_pdf(prepared.content, lambda: tr("Contract {number}", number=prepared.number))
        self._places.setCurrentWidget(self.view)

    def _on_drafted(self, drafted: ContractDrafted) -> None:
        self.form.drop_draft()
        self.drafted.emit(drafted.contract_id)

    def _on_error(self, error: BaseException) -> bool:
        """A wrong cell of a list is shown below the list."""
        if not isinstance(error, DomainError) or not error.field or "." not in error.field:
            return False
        name, line, cell = [*error.field.split("."), ""][:3]
        entry = next((one for one in self.kind.entries if one.name == name), None)
        if entry is None or not line.isdigit():
            return False
        label = next((one.label for one in entry.columns if one.name == cell), entry.label)
        column_name = words(in_words(label))
        message = tr("Line {n}, {column}: {problem}", n=int(line) + 1, column=column_name, problem=error.message)
        self.form.cell(name).show_problem(message)
        self.form.cell(name).focus()
        return True


__all__ = ["ChooseDocument", "DocumentFormSheet", "about_from", "document_form", "drafted_by", "redraft_form"]
