"""Counting: where one stands, the scan field, what each scan means, and how far everybody is."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QWidget

from app.kernel.errors import DomainError
from app.runtime.language import tr, tr_noop, trn
from app.stocktaking.commands import RecordScan, RecordScans
from app.stocktaking.errors import TailNotClear
from app.stocktaking.handlers import Counted, Pasted
from app.stocktaking.queries import (
    CountDetail,
    ScanRow,
    VerdictRow,
    find_candidates,
    get_count,
    list_scans,
    list_verdicts,
)
from app.stocktaking.rules import DIFFERENCES, CountState, Method, Outcome
from app.stocktaking.scope import place_names
from ui.kit import formats
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label, SearchField, Segmented
from ui.kit.fields import Section, TextField
from ui.kit.form import Form
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.record_line import RecordLine
from ui.kit.record_table import RecordTable
from ui.kit.scanner import Scan
from ui.kit.suggest_field import SuggestField
from ui.kit.table_model import KeysetTableModel
from ui.kit.theme import set_role, set_size
from ui.stocktaking.count_feedback import CountFeedback
from ui.stocktaking.words import OUTCOMES, SCAN_HINT, reason_text

_ASIDE = 300
_LISTS = {
    "missing": (Outcome.MISSING,),
    "differences": DIFFERENCES,
    "matched": (Outcome.MATCHED, Outcome.EXPLAINED),
}


def clipboard_lines() -> list[str]:
    """The lines on the clipboard that say something."""
    return [line for line in QGuiApplication.clipboard().text().splitlines() if line.strip()]


class _NumberField(SearchField):
    """Return takes what stands in it; a pasted list is taken as one."""

    entered = Signal(str)
    pasted = Signal(list)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.text().strip():
                self.entered.emit(self.text())
            return
        if event.matches(QKeySequence.StandardKey.Paste):
            lines = clipboard_lines()
            if len(lines) > 1:
                self.pasted.emit(lines)
                return
        super().keyPressEvent(event)


class CountingSheet(QWidget):
    """`left` when the counter is done for now. Scans of the window's scanner come here while it is visible."""

    left = Signal()

    def __init__(
        self, context: PageContext, count_id: str, *, back: Button, parent: QWidget | None = None
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.context, self.count_id = context, count_id
        self.detail: CountDetail | None = None
        self._list = "missing"
        self.place = Form(
            context,
            [
                Section(
                    "",
                    [
                        SuggestField("zone", tr_noop("I am standing at"), max_length=40, suggest=place_names,
                                     placeholder=tr_noop("Anywhere")),
                        TextField("spot", tr_noop("Spot"), max_length=20, placeholder=tr_noop("For example 12")),
                    ],
                )
            ],
            columns=2,
        )  # fmt: skip
        self.number = _NumberField(SCAN_HINT)
        self.number.entered.connect(lambda text: self.take(text, Method.TYPED))
        self.number.pasted.connect(self.take_list)
        self.number.searched.connect(self._look_for)
        self.feedback = CountFeedback()
        self._candidates, self._candidate_lines = QWidget(), column(gap=4)
        self._candidates.setLayout(self._candidate_lines)
        self.figures = _Figures()
        self.progress = Label("", role="secondary")
        self._scans, self._scan_lines = QWidget(), column(gap=4)
        self._scans.setLayout(self._scan_lines)
        self.lists = Segmented(
            [
                Choice("missing", lambda: self._words("missing", tr("Not seen yet")), tr_noop("Still to be found")),
                Choice("differences", lambda: self._words("differences", tr("Differences"))),
                Choice("matched", lambda: self._words("matched", tr("Seen"))),
            ],
            name=tr_noop("Show"),
        )  # fmt: skip
        self.lists.set_value(self._list)
        self.lists.chosen.connect(self.show_list)
        self.model = KeysetTableModel(context.operations, _columns(), self._list_rows, parent=self)
        self.table = RecordTable(self.model, name=tr_noop("Vehicles of this count"))
        self._lay_out(back)
        context.scanner.take(self, self._on_scanned)
        self.refresh()

    def _lay_out(self, back: Button) -> None:
        aside = boxed(column(self.figures, Label(tr_noop("Read last"), role="section"), self._scans, STRETCH, gap=12))
        set_size(aside, width=_ASIDE)
        self.paste = Button(tr_noop("Take the list on the clipboard"), icon="clipboard-list", on_click=self.paste_list)
        left = column(row(back, STRETCH, self.progress), self.place, self.number, self._candidates, gap=12)
        left.addWidget(self.feedback)
        left.addLayout(row(self.lists, STRETCH, self.paste))
        left.addWidget(self.table, 1)
        across = row(gap=24)
        across.addLayout(left, 1)
        across.addWidget(aside)
        self.setLayout(across)

    def take_focus(self) -> None:
        """Where typing begins."""
        self.number.setFocus()

    @property
    def location(self) -> str:
        """Where the counter stands: zone and spot, empty for nowhere in particular."""
        zone, spot = self.place.value("zone"), self.place.value("spot")
        return "-".join(part for part in (str(zone), str(spot)) if part)

    # --- taking ----------------------------------------------------------------------------------

    def take(self, text: str, method: Method = Method.SCAN) -> None:
        """Count one number."""
        command = RecordScan(count_id=self.count_id, text=text, location=self.location, method=method.value)
        self.context.operations.run_command(
            self, command, on_done=self._on_counted, on_error=self._on_refused, name=tr_noop("Count a vehicle")
        )

    def take_list(self, lines: Sequence[str]) -> None:
        """Count a pasted list."""
        command = RecordScans(count_id=self.count_id, lines=tuple(lines), location=self.location)
        self.context.operations.run_command(self, command, on_done=self._on_pasted)

    def paste_list(self) -> None:
        """Count what lies on the clipboard, one number a line."""
        lines = clipboard_lines()
        if lines:
            self.take_list(lines)

    def _on_scanned(self, scan: Scan) -> bool:
        self.take(scan.vin or scan.text, Method.SCAN)
        return True

    def _on_counted(self, counted: Counted) -> None:
        self.number.clear()
        self.feedback.show_counted(counted)
        self._show_candidates(())
        self.number.setFocus()

    def _on_pasted(self, pasted: Pasted) -> None:
        self.number.clear()
        self.feedback.show_pasted(pasted.taken, len(pasted.left_out))

    def _on_refused(self, error: BaseException) -> bool:
        if not isinstance(error, DomainError):
            return False
        self.feedback.show_refused(error.message())
        if not isinstance(error, TailNotClear):
            self.number.selectAll()
        return True

    def _look_for(self, text: str) -> None:
        """Candidates for the last digits, while somebody types."""
        self.context.operations.run_query(
            self, find_candidates, self.count_id, text, on_done=self._show_candidates, key="candidates"
        )

    def _show_candidates(self, rows: Sequence[VerdictRow]) -> None:
        _empty(self._candidate_lines)
        wanted = self.number.text().strip().upper()
        for found in [one for one in rows if wanted and one.vin.endswith(wanted)][:4]:
            line = RecordLine(partial(str, found.vin), subtitle=partial(_candidate_words, found), icon="car")
            line.clicked.connect(partial(self._take_candidate, found.vin))
            self._candidate_lines.addWidget(line)

    def _take_candidate(self, vin: str, _checked: bool = False) -> None:
        self.take(vin, Method.TAIL)

    # --- what is shown ---------------------------------------------------------------------------

    def refresh(self) -> None:
        """Somebody counted, here or elsewhere."""
        self.context.operations.run_query(self, get_count, self.count_id, on_done=self._show, key="count")
        self.context.operations.run_query(self, list_scans, self.count_id, on_done=self._show_scans, key="scans")
        self.model.refresh()

    def show_list(self, name: str) -> None:
        """One of the lists."""
        self._list = name
        self.lists.set_value(name)
        self.model.load()

    def _show(self, detail: CountDetail) -> None:
        self.detail = detail
        self.figures.show_detail(detail)
        self.lists.retranslate()
        self.progress.set_words(lambda: _progress(detail))

    def _show_scans(self, scans: Sequence[ScanRow]) -> None:
        now = self.context.clock.now()
        _empty(self._scan_lines)
        for scan in scans:
            words = " · ".join(part for part in (scan.location, scan.by, formats.ago(scan.at, now)) if part)
            under = Label(partial(str, words), role="secondary")
            self._scan_lines.addWidget(boxed(column(Label(partial(str, scan.vin)), under, gap=0)))

    def _list_rows(self, reader: Any, *, after: Any, limit: int) -> Sequence[VerdictRow]:
        outcomes = [outcome.value for outcome in _LISTS[self._list]]
        return list_verdicts(reader, self.count_id, outcomes=outcomes, after=after, limit=limit)

    def _words(self, name: str, words: str) -> str:
        if self.detail is None:
            return words
        return f"{words} {sum(self.detail.of(outcome) for outcome in _LISTS[name]):,}"


def _columns() -> tuple[Column, ...]:
    return (
        Column("outcome", tr_noop("Result"), kind="state", width=148, states=OUTCOMES),
        Column("vin", tr_noop("VIN"), kind="code", width=156),
        Column("model", tr_noop("Vehicle"), width=140, stretch=True, format=str),
        Column("expected_location", tr_noop("Booked place"), width=104, format=lambda place: place or "–"),
        Column("found_location", tr_noop("Found at"), width=80, format=lambda place: place or "–"),
        Column("colour", tr_noop("Colour"), width=96, visible=False, format=str),
        Column("reason", tr_noop("Reason"), width=120, visible=False, value=lambda row: row, format=reason_text),
    )


def _progress(detail: CountDetail) -> str:
    round_words = tr("Second look") if detail.row.state == CountState.RECOUNTING else tr("First count")
    people = trn("{n} counter", "{n} counters", len(detail.counters)) if detail.counters else tr("Nobody counted yet")
    return " · ".join((detail.row.number, round_words, people))


def _candidate_words(found: VerdictRow) -> str:
    return " · ".join(part for part in (str(found.model), str(found.colour), found.expected_location) if part)


def _empty(stack: Any) -> None:
    while (item := stack.takeAt(0)) is not None:
        if item.widget() is not None:
            item.widget().deleteLater()


class _Figures(QFrame):
    """How many of each outcome, one below the other."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.seen = Label("", role="number")
        self.of = Label("", role="secondary")
        shown = (Outcome.MATCHED, *DIFFERENCES, Outcome.EXPLAINED)
        self._lines = {outcome: Label("", role="body") for outcome in shown}
        stack = column(self.seen, self.of, gap=4, margins=16)
        for outcome, label in self._lines.items():
            stack.addLayout(row(Label(outcome.label, role="secondary"), STRETCH, label))
        self.setLayout(stack)

    def show_detail(self, detail: CountDetail) -> None:
        """The figures as they stand."""
        seen = detail.expected - detail.of(Outcome.MISSING)
        self.seen.set_words(lambda: formats.count(seen))
        self.of.set_words(lambda: tr("of {n} on the list are accounted for", n=formats.count(detail.expected)))
        for outcome, label in self._lines.items():
            label.set_words(partial(formats.count, detail.of(outcome)))
