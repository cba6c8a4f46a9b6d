"""What is gone through before a month is closed: each line with a tick or what is open, and the figures beside it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.kernel.errors import DomainError
from app.kernel.permissions import Permission
from app.month_close.commands import CloseMonth
from app.month_close.queries import Checklist, get_checklist
from app.month_close.rules import MATTERS, WHAT_TO_DO, Check, Matter
from app.runtime.language import tr, tr_noop
from sync.client.errors import NotEnrolled, SyncProblem
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.feedback import MessageBar
from ui.kit.figure_lines import FigureLines
from ui.kit.layout import STRETCH, Card, boxed, column, empty, row
from ui.kit.operations import Progress
from ui.kit.record_line import RecordLine
from ui.kit.theme import set_size, theme
from ui.sync.month_words import PLACES, figures_of, month_text, record_place, record_text
from ui.sync.reconciliation_port import ReconciliationPort

_SIDE_BY_SIDE, _CARD = 760, 320
_WIDEST = (1 << 24) - 1
"""No limit, as Qt has it."""
NAMED = 3
"""So many records are named below an open line; the page it leads to has all."""


class MonthSheet(QWidget):
    """`closed(id)` comes when the month is closed."""

    closed = Signal(str)

    def __init__(self, context: PageContext, port: ReconciliationPort, *, back: Button) -> None:
        super().__init__()
        self.context, self._port = context, port
        self.checklist: Checklist | None = None
        self.lines: dict[Check, RecordLine] = {}
        self.messages = MessageBar()
        self.heading = Label("", role="section")
        self.reviewed = Label("", role="secondary", wrap=True)
        self.check_button = Button(tr_noop("Check now"), icon="refresh-cw", on_click=self.check)
        self.close_button = Button(self._verb, kind="primary", icon="calendar-check", on_click=self.close_month)
        self.close_button.setEnabled(False)
        self._list = column(gap=2)
        self._figures = FigureLines()
        self._card = Card(tr_noop("As it would be closed now"))
        self._card.add(self._figures)
        self._card.body.addStretch(1)
        set_size(self._card, width=_CARD)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scrolled = column(self._list, STRETCH, gap=16)
        scroll.setWidget(boxed(self._scrolled))
        head = row(column(self.heading, self.reviewed, gap=2), self.check_button, self.close_button, gap=8)
        head.setStretch(0, 1)
        self._body = row(scroll, self._card, gap=16)
        self._body.setStretch(0, 1)
        self.setLayout(column(row(back, STRETCH), head, self.messages, self._body, gap=12))
        self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the figures come below the lines: what is open and what to do stays readable."""
        super().resizeEvent(event)
        side_by_side = self.width() >= theme().px(_SIDE_BY_SIDE)
        if side_by_side == (self._body.indexOf(self._card) >= 0):
            return
        if side_by_side:
            self._body.addWidget(self._card)
            set_size(self._card, width=_CARD)
        else:
            self._scrolled.insertWidget(1, self._card)
            self._card.setProperty("design_width", None)
            self._card.setMinimumWidth(0)
            self._card.setMaximumWidth(_WIDEST)

    def take_focus(self) -> None:
        """The next step."""
        (self.close_button if self.close_button.isEnabled() else self.check_button).setFocus()

    def _verb(self) -> str:
        return tr("Close the month") if self.checklist is None else tr(
            "Close {month}", month=month_text(self.checklist.month)
        )

    # --- what stands -----------------------------------------------------------------------------

    def refresh(self, *, then: Callable[[], object] | None = None) -> None:
        """Look again at what is known here."""

        def shown(checklist: Checklist) -> None:
            self._show(checklist)
            if then is not None:
                then()

        self.context.operations.run_query(self, get_checklist, on_done=shown, key="checklist")

    def _show(self, checklist: Checklist) -> None:
        self.checklist = checklist
        self.heading.set_words(lambda: month_text(checklist.month))
        self.reviewed.set_words(self._reviewed_text)
        self.close_button.set_words(self._verb)
        over = checklist.is_over
        self.check_button.setEnabled(over)
        self.close_button.setEnabled(over and (checklist.can_be_closed or checklist.only_review_is_missing)
                                     and checklist.reviewed_at is not None)  # fmt: skip
        focus = next((check for check, line in self.lines.items() if line.hasFocus()), None)
        empty(self._list)
        self.lines = {}
        for check in Check:
            self._add_line(check, checklist.matters.get(check), asked=checklist.reviewed_at is not None)
        if focus is not None:
            self.lines[focus].setFocus()
        costs = self.context.may(Permission.INVENTORY_VIEW_COST)
        self._figures.set_figures(figures_of(checklist, costs=costs))

    def _reviewed_text(self) -> str:
        checklist = self.checklist
        if checklist is None:
            return ""
        if not checklist.is_over:
            return tr("This month is not over yet: it can be closed on the first day after it.")
        if checklist.reviewed_at is None:
            return tr("Not checked yet. Checking exchanges with the centre and compares everything of the branch.")
        now = self.context.clock.now()
        return tr("Checked {time}.", time=formats.ago(checklist.reviewed_at, now))

    def _add_line(self, check: Check, matter: Matter | None, *, asked: bool) -> None:
        unknown = matter is None and not asked and check in (
            Check.DIFFERENCES, Check.SILENT_DESKS, Check.QUARANTINED
        )  # fmt: skip
        if unknown:
            line = RecordLine(check.label, figure=tr_noop("Not known before it is checked"), icon="help-circle")
        elif matter is None:
            line = RecordLine(check.label, figure=tr_noop("Settled"), icon="check-circle")
        else:
            line = self._open_line(check, matter)
        line.clicked.connect(lambda _checked=False: self._open(check))
        self.lines[check] = line
        self._list.addWidget(line)
        for record in (() if matter is None else matter.records[:NAMED]):
            place = record_place(record)
            below = RecordLine(partial(record_text, record), icon="arrow-right")
            below.setEnabled(place is not None)
            if place is not None:
                below.clicked.connect(lambda _checked=False, place=place: self._go(*place))
            self._list.addLayout(row(_indent(), below, gap=0))

    def _open_line(self, check: Check, matter: Matter) -> RecordLine:
        def said() -> str:
            return f"{tr(MATTERS[check], n=formats.count(matter.count))} – {tr(WHAT_TO_DO[check])}"

        return RecordLine(
            check.label, subtitle=said, figure=lambda: formats.count(matter.count), icon="alert-triangle", tone="bad",
            tooltip=said,
        )  # fmt: skip

    def _open(self, check: Check) -> None:
        if check is Check.REVIEW:
            self.check()
        elif check in PLACES:
            self._go(*PLACES[check])
        else:
            self.messages.show_info(WHAT_TO_DO[check])

    def _go(self, page: str, params: dict[str, Any]) -> None:
        self.context.navigator.open(page, **params)

    # --- what is done ----------------------------------------------------------------------------

    def check(self) -> None:
        """Exchange, compare, ask about the desks; then show how everything stands."""
        self._review(then=None)

    def close_month(self) -> None:
        """Close it; where the last check is too old it is made again first."""
        checklist = self.checklist
        if checklist is None:
            return
        if checklist.matters:
            self._review(then=self._close_if_settled)
        else:
            self._close(checklist)

    def _review(self, *, then: Callable[[], object] | None) -> None:
        checklist = self.checklist
        if checklist is None:
            return
        self.messages.clear()
        month, port = checklist.month, self._port

        def work(progress: Progress) -> str:
            return port.review(month, progress)

        self.context.operations.run_long(
            self, work, title=tr_noop("Checking the month"), on_done=lambda _run: self.refresh(then=then),
            on_error=self._on_failed,
        )  # fmt: skip

    def _close_if_settled(self) -> None:
        if self.checklist is not None and self.checklist.can_be_closed:
            self._close(self.checklist)
        else:
            self.messages.show_error(tr_noop("Not closed: something came up meanwhile. The list says what."))

    def _close(self, checklist: Checklist) -> None:
        def done(close_id: str) -> None:
            self.context.notifications.show(
                lambda: tr("{month} is closed.", month=month_text(checklist.month)), tone="good"
            )
            self.closed.emit(close_id)

        job = self.context.operations.run_command(
            self, CloseMonth(month=checklist.month, run_id=checklist.run_id), on_done=done, on_error=self._on_refused
        )
        self.close_button.busy_while(job)

    def _on_refused(self, error: BaseException) -> bool:
        if not isinstance(error, DomainError):
            return False
        self.messages.show_error(error.message)
        self.refresh()
        return True

    def _on_failed(self, error: BaseException) -> bool:
        if not isinstance(error, SyncProblem):
            return False
        text, params = error.text, dict(error.params)
        needs = tr_noop("A month is closed only with the centre. ")
        self.messages.show_error(lambda: tr(needs) + tr(text, **params))
        if isinstance(error, NotEnrolled):
            self.check_button.setToolTip(tr("Connect this desk"))
        return True


def _indent() -> QWidget:
    space = QWidget()
    set_size(space, width=26)
    return space
