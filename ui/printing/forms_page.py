"""Pre-printed forms: filled from a contract or a payment, seen over an outline of the form, printed without it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QWidget

from app.kernel.errors import DomainError
from app.labels.rules import PrinterOffset
from app.printing.form_facts import form_values
from app.printing.form_pages import render_form, render_form_test, text_problems
from app.printing.forms import PreprintedForm, preprinted_form, preprinted_forms
from app.printing.queries import PaperToPrint
from app.printing.rules import PrintSettings, PrintSource, PrintState
from app.runtime.language import language, tr, tr_noop
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.fields import ChoiceField, Section, TextField
from ui.kit.form import Form
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.page import Page
from ui.kit.pdf_view import PdfView
from ui.kit.print_dialog import PrintHow, open_print
from ui.kit.print_offset import OffsetSection
from ui.kit.printing import Offset, Spooled, SpoolPaper, ended_words, printer_names, spool
from ui.kit.theme import set_role, set_size

_FORM_WIDTH = 344
_LONGEST = 120


class FormsPage(Page):
    """`navigator.open("forms", source="contract", record_id=…)` fills a form from that record; without one the places
    are typed by hand."""

    title = tr_noop("Pre-printed forms")

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._source = self._record_id = ""
        self._known: dict[str, str] = {}
        self._pdf = b""
        choices = [Choice(form.code, partial(str, form.name)) for form in preprinted_forms().values()]
        fields = [
            ChoiceField("form", tr_noop("Form"), choices=choices, required=True, span=2),
            ChoiceField("printer", tr_noop("Printer"), choices=[], span=2, placeholder=tr_noop("Ask when printing")),
        ]
        self.form = Form(context, [Section("", fields)], columns=2, submit_keys=False)
        self.form.changed.connect(self._on_chosen)
        self.offset = OffsetSection(context, test_page=self._test_page)
        self.offset.changed.connect(self._draw)
        self.places = Form(context, [], columns=2, submit_keys=False)
        self._places = column(self.places)
        self.view = PdfView()
        ready = lambda: bool(self._pdf)  # noqa: E731
        self.add_action(
            Action("forms.print", tr_noop("Print"), self.print, key=Key.PRINT, icon="printer", enabled=ready),
            primary=True,
        )
        self.set_body(self._body_widget())
        self.form.set_values({"form": next(iter(preprinted_forms()))})

    def activate(self, params: Mapping[str, Any]) -> None:
        """Take the record named; it decides which forms suit."""
        self._source, self._record_id = str(params.get("source") or ""), str(params.get("record_id") or "")
        self._known = {}
        if self._source:
            suited = [form for form in preprinted_forms().values() if form.about == self._source]
            self.form.set_values({"form": suited[0].code})
            self.context.operations.run_query(
                self, form_values, PrintSource(self._source), self._record_id, on_done=self._on_values, key="values"
            )
        self.context.operations.run_remote(self, printer_names, on_done=self._on_printers)
        self._show_places()

    @property
    def chosen(self) -> PreprintedForm:
        """The form in sight."""
        return preprinted_form(str(self.form.value("form")))

    def print(self) -> None:
        """The texts alone, on the printer chosen or one asked for."""
        if self._pdf and self._check():
            values, form = self.places.values(), self.chosen
            offset = self.offset.offset
            self.context.operations.run_plain(
                self, lambda: render_form(form, values, offset=offset), on_done=lambda pdf: self._print(pdf)
            )

    # --- parts -----------------------------------------------------------------------------------

    def _body_widget(self) -> QWidget:
        left = QScrollArea()
        left.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        left.setWidgetResizable(True)
        left.setFrameShape(QScrollArea.Shape.NoFrame)
        left.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = boxed(column(self.form, self.offset, self._places, STRETCH, gap=20, margins=(0, 0, 12, 0)))
        set_role(inside, "plain")
        left.setWidget(inside)
        set_size(left, width=_FORM_WIDTH)
        across = row(left, gap=24)
        across.addWidget(self.view, 1)
        return boxed(across)

    def _show_places(self) -> None:
        """One field for each fact the form asks for, filled with what is known."""
        old, form = self.places, self.chosen
        fields = [
            TextField(fact, partial(str, label), max_length=_LONGEST, span=2, mark_optional=False)
            for fact, label in form.facts.items()
        ]
        self.places = Form(self.context, [Section(tr_noop("What is printed"), fields)], columns=2, submit_keys=False)
        self._places.replaceWidget(old, self.places)
        old.hide()
        old.deleteLater()
        self.places.set_values({fact: self._known.get(fact, "") for fact in form.facts})
        self.places.changed.connect(lambda _name: self._draw())
        self._fetch_offset()
        self._draw()

    def _on_values(self, values: dict[str, str]) -> None:
        self._known = values
        self._show_places()

    def _on_printers(self, known: tuple[list[str], str]) -> None:
        names, usual = known
        kept = self.form.value("printer")
        self.form.set_choices("printer", [Choice(name, partial(str, name)) for name in names])
        self.form.set_value("printer", kept if kept in names else usual or None)
        self._fetch_offset()

    def _on_chosen(self, name: str) -> None:
        if name == "form":
            self._show_places()
        else:
            self._fetch_offset()

    def _fetch_offset(self) -> None:
        self.offset.show_for(printer=str(self.form.value("printer") or ""), form=f"form.{self.chosen.code}")

    def _check(self) -> bool:
        """Say beside each field what cannot be printed there."""
        problems = text_problems(self.chosen, self.places.values())
        for error in problems.values():
            self.places.show_error(error)
        return not problems

    def _draw(self) -> None:
        form, values, offset = self.chosen, self.places.values(), self.offset.offset
        if not self._check():
            return
        self.context.operations.run_query(
            self, lambda _reader: render_form(form, values, offset=offset, outlined=True), on_done=self._on_drawn,
            on_error=self._on_not_drawn, key="page",
        )  # fmt: skip

    def _on_drawn(self, pdf: bytes) -> None:
        self._pdf = pdf
        self.view.show_pdf(pdf, lambda: str(self.chosen.name))
        button = self.header_button("forms.print")
        if button is not None:
            button.setEnabled(True)

    def _on_not_drawn(self, error: BaseException) -> bool:
        return isinstance(error, DomainError) and self.places.show_error(error)

    # --- out -------------------------------------------------------------------------------------

    def _test_page(self) -> None:
        """Print the page that shows what the printer is off by: without any offset."""
        form, spoken = self.chosen, language()
        self.context.operations.run_plain(
            self, lambda: render_form_test(form, language=spoken),
            on_done=lambda pdf: self._print(pdf, shifted=False),
        )  # fmt: skip

    def _print(self, pdf: bytes, *, shifted: bool = True) -> None:
        """On the printer chosen, whose offset is in the page; or on one asked for, with what is known of that."""
        printer, title = str(self.form.value("printer") or ""), str(self.chosen.name)
        if not printer:
            how = PrintHow(
                kind=f"form.{self.chosen.code}"[:40], offset_of=self._offset_of if shifted else None, as_fed=False
            )
            paper = PaperToPrint(label=title, fetch=lambda _reader: pdf)
            open_print(self, self.context, [paper], title=lambda: title, how=how)
            return
        settings, paper_out = PrintSettings(printer=printer), SpoolPaper(title, pdf)
        self.context.operations.run_long(
            self, lambda progress: spool([paper_out], settings, title=title, progress=progress),
            title=tr_noop("Printing"), on_done=lambda done: self._on_spooled(done[0], printer),
        )  # fmt: skip

    def _offset_of(self, printer: str) -> Offset:
        kept = self.offset.kept.get(printer, PrinterOffset())
        return Offset(kept.right, kept.down)

    def _on_spooled(self, spooled: Spooled, printer: str) -> None:
        if spooled.state is PrintState.SENT:
            self.context.notifications.show(lambda: tr("Form sent to printer {printer}", printer=printer), tone="good")
        else:
            self.messages.show_error(lambda: ended_words(spooled))
