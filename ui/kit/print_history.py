"""When a document was printed, by whom, and as what: below a record's facts, true while the page is open."""

from PySide6.QtWidgets import QWidget

from app.kernel.changes import Changes
from app.printing.queries import PrintRow, list_prints
from app.printing.rules import PDF_FILE, PrintMark, PrintState
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Label, StatusDot
from ui.kit.layout import boxed, column, empty

_TONES = {
    PrintState.SENT: "good", PrintState.BEGUN: "warn", PrintState.CANCELLED: "neutral", PrintState.FAILED: "bad",
}  # fmt: skip


class PrintHistory(QWidget):
    """The prints of a record, the newest first; takes no room while there are none."""

    def __init__(self, context: PageContext, *, source: str, record_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context, self._source, self._record_id = context, source, record_id
        self._rows = column(gap=10)
        self.setLayout(column(Label(tr_noop("Prints"), role="section"), self._rows, gap=10))
        self.hide()
        context.operations.changes_published.connect(self._on_changes)
        self.refresh()

    def refresh(self) -> None:
        """Read them again."""
        self.context.operations.run_query(
            self, list_prints, self._source, self._record_id, on_done=self._show, key="prints"
        )

    def _on_changes(self, changes: Changes, _initiator: object) -> None:
        if changes.touches("document_print"):
            self.refresh()

    def _show(self, rows: tuple[PrintRow, ...]) -> None:
        empty(self._rows)
        for row in rows:
            self._rows.addWidget(_line(row))
        self.setVisible(bool(rows))


def _line(row: PrintRow) -> QWidget:
    state = PrintState(row.state)
    about = Label(lambda: _about(row), role="secondary", wrap=True)
    about.setToolTip(row.detail)
    return boxed(column(StatusDot(lambda: _what(row, state), _TONES[state]), about, gap=2))


def _what(row: PrintRow, state: PrintState) -> str:
    mark = PrintMark(row.mark)
    name = tr(mark.label)
    if mark is PrintMark.COPY:
        name = tr("Copy, print no. {count}", count=row.count)
    if state is PrintState.SENT and row.printer == PDF_FILE:
        return f"{name} · " + tr("Written into a PDF file")
    return f"{name} · {tr(state.label)}"


def _about(row: PrintRow) -> str:
    parts = [formats.moment(row.printed_at), row.staff_name, tr("Desk {code}", code=row.desk_code), row.printer]
    if row.copies > 1:
        parts.append(tr("{n} copies", n=row.copies))
    if row.pages:
        parts.append(tr("Pages {pages}", pages=row.pages))
    return " · ".join(part for part in parts if part)
