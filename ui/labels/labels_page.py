"""Labels for vehicles: chosen at the left, seen at the right, printed to a tenth of a millimetre."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QWidget

from app.inventory.queries import UnitFilter, list_units
from app.labels.label_data import LabelUnit
from app.labels.printing import render_labels, render_test_page
from app.labels.queries import get_dealer, get_label_units
from app.labels.rules import LabelContent, PrinterOffset, label_layout, label_layouts
from app.runtime.language import CHINESE, ENGLISH, language, tr, tr_noop, trn
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Choice, IconButton, Label
from ui.kit.feedback import EmptyState
from ui.kit.fields import ChoiceField, IntegerField, LookupField, Section, SegmentField
from ui.kit.form import Form
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, boxed, column, empty, row
from ui.kit.page import Page
from ui.kit.panel_form import PanelSection
from ui.kit.paper_sheet import save_pdf
from ui.kit.pdf_view import PdfView
from ui.kit.print_offset import OffsetSection
from ui.kit.scanner import Scan
from ui.kit.text import Words
from ui.kit.theme import set_role, set_size

if TYPE_CHECKING:
    from ui.kit.printing import Offset, Spooled

_FORM_WIDTH = 344
_USUAL = {LabelContent.VEHICLE: "a4_24", LabelContent.KEY: "a4_65", LabelContent.WINDSCREEN: "a4_sheet"}
_FOUND = 8


@dataclass(frozen=True, slots=True)
class _Made:
    """A document with what it was made of."""

    pdf: bytes
    units: tuple[LabelUnit, ...]


class LabelsPage(Page):
    """`navigator.open("labels", unit_ids=[…])` begins with these vehicles."""

    title = tr_noop("Labels")

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._unit_ids: list[str] = []
        self._units: tuple[LabelUnit, ...] = ()
        self._pdf = b""
        self.form = Form(context, [Section("", self._fields())], columns=2, submit_keys=False)
        self.form.changed.connect(self._on_form_changed)
        self.offset = OffsetSection(context, test_page=self._test_page)
        self.offset.changed.connect(self._make)
        self._chosen = column(gap=0)
        self.view = PdfView()
        self._add_actions()
        self.set_body(self._body_widget())
        context.scanner.take(self, self._on_scanned)
        self.form.set_values({"content": LabelContent.VEHICLE, "first": 1, "copies": 1, "language": language()})
        self._offer_papers()

    def activate(self, params: Mapping[str, Any]) -> None:
        given = params.get("unit_ids")
        if given:
            self._unit_ids = list(dict.fromkeys(str(unit_id) for unit_id in given))
        self._offer_printers()
        self._make()

    def retranslate(self) -> None:
        super().retranslate()
        if self._units:
            self._show_units()

    # --- parts -----------------------------------------------------------------------------------

    def _fields(self) -> list[Any]:
        contents = [Choice(content, content.label) for content in LabelContent]
        languages = [Choice(CHINESE, lambda: "中文"), Choice(ENGLISH, lambda: "English")]
        return [
            LookupField("add", tr_noop("Add a vehicle"), search=find_units, span=2,
                        placeholder=tr_noop("VIN, stock number or model, or scan")),
            ChoiceField("content", tr_noop("What to print"), choices=contents, required=True, span=2),
            ChoiceField("layout", tr_noop("Paper"), choices=[], required=True, span=2),
            IntegerField("first", tr_noop("Begin with label"), least=1, most=200, required=True),
            IntegerField("copies", tr_noop("Copies each"), least=1, most=50, required=True),
            SegmentField("language", tr_noop("Language"), choices=languages, required=True, span=2),
            ChoiceField("printer", tr_noop("Printer"), choices=[], span=2,
                        placeholder=tr_noop("Ask when printing")),
        ]  # fmt: skip

    def _body_widget(self) -> QWidget:
        self._list = chosen = PanelSection(tr_noop("Vehicles"))
        chosen.add(boxed(self._chosen))
        left = QScrollArea()
        left.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        left.setWidgetResizable(True)
        left.setFrameShape(QScrollArea.Shape.NoFrame)
        left.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = boxed(column(self.form, self.offset, chosen, STRETCH, gap=20, margins=(0, 0, 12, 0)))
        set_role(inside, "plain")
        left.setWidget(inside)
        set_size(left, width=_FORM_WIDTH)
        self._views = QStackedWidget()
        self._views.addWidget(
            EmptyState(
                tr_noop("No vehicle yet"),
                tr_noop("Add vehicles at the left, scan their VINs, or open labels from a vehicle."),
                icon="qr-code",
            )
        )
        self._views.addWidget(self.view)
        across = row(left, gap=24)
        across.addWidget(self._views, 1)
        return boxed(across)

    def _add_actions(self) -> None:
        ready = lambda: bool(self._pdf)  # noqa: E731
        self.add_action(
            Action("labels.print", tr_noop("Print"), self.print, key=Key.PRINT, icon="printer", enabled=ready),
            primary=True,
        )
        self.add_action(
            Action("labels.save", tr_noop("Save as PDF"), self.save_as, key=Key.SAVE, icon="download", enabled=ready),
            button=True,
        )

    # --- choices ---------------------------------------------------------------------------------

    def add_unit(self, unit_id: str) -> None:
        """Put one more vehicle on the sheet."""
        if unit_id not in self._unit_ids:
            self._unit_ids.append(unit_id)
        self._make()

    def _remove(self, unit_id: str) -> None:
        self._unit_ids.remove(unit_id)
        self._make()

    def _on_form_changed(self, name: str) -> None:
        if name == "add":
            chosen = self.form.value("add") if self.form.cell("add").check(show=False) else None
            if chosen:
                self.form.set_value("add", None)
                self.add_unit(str(chosen))
            return
        if name == "content":
            self._offer_papers()
        if name in ("printer", "layout", "content"):
            self._fetch_offset()
        self._make()

    def _offer_papers(self) -> None:
        content = LabelContent(self.form.value("content"))
        fitting = [layout for layout in label_layouts().values() if content in layout.suits]
        self.form.set_choices("layout", [Choice(one.code, partial(str, one.name)) for one in fitting])
        self.form.set_value("layout", _USUAL[content])
        self.form.set_value("first", 1)

    def _offer_printers(self) -> None:
        from PySide6.QtPrintSupport import QPrinterInfo

        names = QPrinterInfo.availablePrinterNames()
        kept = self.form.value("printer")
        self.form.set_choices("printer", [Choice(name, partial(str, name)) for name in names])
        self.form.set_value("printer", kept if kept in names else QPrinterInfo.defaultPrinterName() or None)
        self._fetch_offset()

    def _fetch_offset(self) -> None:
        self.offset.show_for(printer=str(self.form.value("printer") or ""), form=str(self.form.value("layout") or ""))

    def _on_scanned(self, scan: Scan) -> bool:
        if scan.vin is None:
            return False
        self.context.operations.run_query(self, _unit_of_vin, scan.vin, on_done=self._on_found)
        return True

    def _on_found(self, unit_id: str | None) -> None:
        if unit_id is None:
            self.messages.show_error(tr_noop("No vehicle of this branch has that VIN. Take it into stock first."))
        else:
            self.messages.clear()
            self.add_unit(unit_id)

    # --- the document ----------------------------------------------------------------------------

    def _make(self) -> None:
        if not self._unit_ids:
            self._units, self._pdf = (), b""
            self._show_units()
            self.set_subtitle("")
            return
        if not self.form.check_all():
            return
        values = self.form.values()
        self.context.operations.run_query(
            self.form, make_labels, tuple(self._unit_ids), content=values["content"], layout=values["layout"],
            begin_at=values["first"], copies=values["copies"], language_code=values["language"],
            offset=self.offset.offset, on_done=self._on_made, key="labels",
        )  # fmt: skip

    def _on_made(self, made: _Made) -> None:
        self._pdf, self._units = made.pdf, made.units
        self._unit_ids = [unit.id for unit in made.units]
        self.view.show_pdf(made.pdf, self.title)
        self._show_units()
        count, pages = len(made.units) * int(self.form.value("copies") or 1), self.view.page_count()
        self.set_subtitle(
            lambda: ", ".join(
                (trn("{n} label", "{n} labels", count), trn("{n} page", "{n} pages", pages))
            )
        )

    def _show_units(self) -> None:
        empty(self._chosen)
        for unit in self._units:
            self._chosen.addWidget(self._unit_line(unit))
        self._list.setVisible(bool(self._units))
        self._views.setCurrentIndex(1 if self._units else 0)
        for name in ("labels.print", "labels.save"):
            button = self.header_button(name)
            if button is not None:
                button.setEnabled(bool(self._pdf))

    def _unit_line(self, unit: LabelUnit) -> QWidget:
        name = Label(lambda: f"{unit.stock_number or unit.vin[-8:]}\n{unit.heading}", wrap=True)
        name.setToolTip(unit.vin)
        remove = IconButton(
            "x", lambda: tr("Take {vehicle} off", vehicle=unit.stock_number or unit.vin),
            on_click=lambda: self._remove(unit.id),
        )  # fmt: skip
        return boxed(row(name, STRETCH, remove, gap=4))

    # --- out -------------------------------------------------------------------------------------

    def print(self) -> None:
        """To the printer chosen, or through the system's dialog."""
        if self._pdf:
            self._print(self._pdf, tr("Labels"), offset_of=self._offset_of)

    def save_as(self) -> None:
        """Into a file of one's choice."""
        if self._pdf:
            save_pdf(self, self.context, self._pdf, name=tr("labels"))

    def _test_page(self) -> None:
        """Print the page that shows what the printer is off by: without any offset."""
        layout = label_layouts()[str(self.form.value("layout"))]
        self.context.operations.run_plain(
            self,
            lambda: render_test_page(layout, language=language()),
            on_done=lambda pdf: self._print(pdf, tr("Test page")),
        )

    def _offset_of(self, printer: str) -> "Offset":
        """What a printer that is chosen in the system's dialog is known to be off by."""
        from ui.kit.printing import Offset

        kept = self.offset.kept.get(printer, PrinterOffset())
        return Offset(kept.right, kept.down)

    def _print(self, pdf: bytes, title: str, *, offset_of: "Callable[[str], Offset] | None" = None) -> None:
        """On the printer chosen, whose offset is in the pages; or on one asked for, with what is known of that."""
        from app.printing.queries import PaperToPrint
        from app.printing.rules import PrintSettings
        from ui.kit.print_dialog import PrintHow, open_print
        from ui.kit.printing import SpoolPaper, spool

        printer = str(self.form.value("printer") or "")
        if not printer:
            how = PrintHow(kind="label", offset_of=offset_of, as_fed=True)
            open_print(self, self.context, [PaperToPrint(label=title, fetch=lambda _reader: pdf)], title=title, how=how)
            return
        settings, paper = PrintSettings(printer=printer), SpoolPaper(title, pdf)
        self.context.operations.run_long(
            self, lambda progress: spool([paper], settings, title=title, progress=progress, as_fed=True),
            title=tr_noop("Printing"), on_done=lambda done: self._on_spooled(done[0], printer),
        )  # fmt: skip

    def _on_spooled(self, spooled: "Spooled", printer: str) -> None:
        from app.printing.rules import PrintState
        from ui.kit.printing import ended_words

        pages = spooled.sides
        if spooled.state is not PrintState.SENT:
            self.messages.show_error(lambda: ended_words(spooled))
            return
        self.context.notifications.show(
            lambda: trn("{n} page sent to {printer}", "{n} pages sent to {printer}", pages, printer=printer),
            tone="good",
        )


def find_units(reader: Any, text: str) -> list[Choice]:
    """Vehicles that a typed text may mean."""
    rows = list_units(reader, filter=UnitFilter(text=text), limit=_FOUND).rows

    def label(row: Any) -> Words:
        return lambda: f"{row.stock_number or row.vin[-8:]}  {row.name}"

    return [Choice(row.id, label(row), row.vin) for row in rows]


def _unit_of_vin(reader: Any, vin: str) -> str | None:
    from app.inventory.queries import find_unit_by_vin

    row = find_unit_by_vin(reader, vin)
    return None if row is None else str(row.id)


def make_labels(
    reader: Any,
    unit_ids: Sequence[str],
    *,
    content: LabelContent,
    layout: str,
    begin_at: int,
    copies: int,
    language_code: str,
    offset: PrinterOffset,
) -> _Made:
    """The document and its vehicles; runs on a reader thread. Raises what `render_labels` raises."""
    content = LabelContent(content)
    paper = label_layout(layout, content=content)
    units = get_label_units(reader, unit_ids, content=content)
    pdf = render_labels(
        units, paper, content=content, dealer=get_dealer(reader), language=language_code, first=begin_at, copies=copies,
        offset=offset,
    )  # fmt: skip
    return _Made(pdf, units)

