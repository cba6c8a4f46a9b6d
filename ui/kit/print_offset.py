"""What a printer is off by on a paper: told, measured on a test page, kept at this desk."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from PySide6.QtCore import Signal

from app.labels.commands import SetPrintOffset
from app.labels.queries import list_print_offsets
from app.labels.rules import CROSS, PrinterOffset, offset_from_measured
from app.runtime.language import tr, tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.fields import TextField
from ui.kit.layout import boxed, row
from ui.kit.panel_form import PanelForm, PanelSection
from ui.kit.text import Words


class OffsetSection(PanelSection):
    """Says the offset of a printer for a paper and asks for another; `changed` when it is another one. `kept` has those
    of all printers for this paper."""

    changed = Signal()

    def __init__(self, context: PageContext, *, test_page: Callable[[], object]) -> None:
        super().__init__(tr_noop("Position on the paper"))
        self.context = context
        self.offset = PrinterOffset()
        self.kept: Mapping[str, PrinterOffset] = {}
        self._printer = self._form = ""
        self._said = Label(self._words, role="secondary", wrap=True)
        self.measure = Button(tr_noop("Measure"), icon="sliders-horizontal", on_click=self.ask_measured)
        self.test = Button(tr_noop("Print the test page"), icon="printer", kind="quiet", on_click=test_page)
        self.add(self._said, boxed(row(self.measure, self.test, None, gap=8)))

    def show_for(self, *, printer: str, form: str) -> None:
        """Fetch what is kept for a paper, and take what is kept for a printer."""
        self._printer, self._form = printer, form
        self.measure.setEnabled(bool(printer))
        if not printer:
            self._take(PrinterOffset())
        self.context.operations.run_query(self, list_print_offsets, form, key="offset", on_done=self._on_fetched)

    def _on_fetched(self, kept: Mapping[str, PrinterOffset]) -> None:
        self.kept = kept
        self._take(kept.get(self._printer, PrinterOffset()))

    def ask_measured(self) -> None:
        """Ask where the lines of the test page stand."""
        printer, form = self._printer, self._form

        def command(values: Mapping[str, Any]) -> SetPrintOffset:
            offset = offset_from_measured(
                from_left=_millimetres(values["from_left"]), from_top=_millimetres(values["from_top"])
            )
            return SetPrintOffset(printer=printer, form=form, right=offset.right, down=offset.down)

        question = PanelForm(
            self.context,
            tr_noop("Where do the lines of the test page stand?"),
            [
                TextField("from_left", tr_noop("Upright line from the left edge"), required=True, max_length=6,
                          suffix="mm", check=_check_left),
                TextField("from_top", tr_noop("Level line from the upper edge"), required=True, max_length=6,
                          suffix="mm", check=_check_top),
            ],
            verb=tr_noop("Keep"),
            command=command,
            on_done=self._on_measured,
            text=lambda: tr("Both should be {mm} mm. Measure to a tenth of a millimetre.", mm=CROSS),
        )  # fmt: skip
        question.form.set_values({"from_left": str(CROSS), "from_top": str(CROSS)})
        self.ask(question)

    def _on_measured(self, offset: PrinterOffset) -> None:
        self.kept = {**self.kept, self._printer: offset}
        self._take(offset)

    def _take(self, offset: PrinterOffset) -> None:
        if offset != self.offset:
            self.offset = offset
            self.changed.emit()
        self._said.retranslate()

    def _words(self) -> str:
        if not self._printer:
            return tr("Choose a printer to make good what it is off by.")
        if self.offset == PrinterOffset():
            return tr("Printed where the paper says. If something comes out beside its place, measure.")
        return tr(
            "Shifted by {right} and {down}.",
            right=_side(self.offset.right, tr_noop("{mm} mm to the right"), tr_noop("{mm} mm to the left")),
            down=_side(self.offset.down, tr_noop("{mm} mm down"), tr_noop("{mm} mm up")),
        )


def _side(tenths: int, positive: str, negative: str) -> str:
    return tr(negative if tenths < 0 else positive, mm=f"{abs(tenths) / 10:.1f}")


def _millimetres(text: str) -> Decimal:
    """A typed length; raises ValueError for what is none."""
    try:
        value = Decimal(text.replace("，", ".").replace(",", ".").strip())
    except InvalidOperation as error:
        raise ValueError(text) from error
    if not value.is_finite():
        raise ValueError(text)
    return value


def _check_left(text: str) -> Words | None:
    return _checked(text, lambda value: offset_from_measured(from_left=value, from_top=CROSS))


def _check_top(text: str) -> Words | None:
    return _checked(text, lambda value: offset_from_measured(from_left=CROSS, from_top=value))


def _checked(text: str, use: Callable[[Decimal], object]) -> Words | None:
    try:
        use(_millimetres(text))
    except ValueError:
        return tr_noop("Enter millimetres, such as 19.7.")
    return None
