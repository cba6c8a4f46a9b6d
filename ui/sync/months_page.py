"""Closed months of the branch: their figures, what came late, how one is opened again; and closing the next one."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from app.kernel.permissions import Permission
from app.month_close.commands import AskToReopenMonth, KeepMonthClosed, ReopenMonth
from app.month_close.figures import PaymentFigure, Posting
from app.month_close.paper import closing_pdf, closing_xlsx
from app.month_close.queries import CloseDetail, CloseRow, get_checklist, get_closing, list_closings
from app.month_close.rules import MonthAction
from app.payments.rules import PaymentKind, PaymentMethod
from app.runtime.language import language, tr, tr_noop, trn
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.feedback import EmptyState
from ui.kit.fields import MultiLineField
from ui.kit.figure_lines import Figure, FigureLines
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, Divider, boxed, column, row
from ui.kit.panel_form import PanelForm
from ui.kit.paper_sheet import Paper, PaperSheet
from ui.kit.record_line import RecordLine
from ui.kit.record_page import PanelContent, RecordPage
from ui.kit.theme import set_role
from ui.sync.details import page_of
from ui.sync.month_sheet import MonthSheet
from ui.sync.month_words import STATES, figures_of, late_text, month_text
from ui.sync.reconciliation_port import ReconciliationPort
from ui.sync.words import table_text

_A = MonthAction
_REASON = 400
_SHOWN_LATE = 20


class MonthsPage(RecordPage):
    """The list is the history; the next month is closed on a sheet in its place."""

    title = tr_noop("Month close")
    scope = "months"
    key = "months"
    param = "close_id"
    watches = ("month_close",)
    concerns = ("sales_order", "payment")
    columns = (
        Column("month", tr_noop("Month"), width=120, format=month_text),
        Column("branch_code", tr_noop("Branch"), width=64),
        Column("state", tr_noop("Status"), kind="state", width=136, states=STATES),
        Column("late", tr_noop("Came late"), width=80, value=late_text),
        Column("orders", tr_noop("Orders"), kind="integer", width=72, value=lambda row: row.figures.orders),
        Column("revenue", tr_noop("Revenue"), kind="money", width=120, value=lambda row: row.figures.revenue),
        Column("received", tr_noop("Received"), kind="money", width=120, value=lambda row: row.figures.received),
        Column("closed_at", tr_noop("Books closed at"), kind="moment", width=132),
        Column("closed_by", tr_noop("Closed by"), width=96, stretch=True),
    )

    def __init__(self, context: PageContext, port: ReconciliationPort) -> None:
        super().__init__(context)
        self._port = port
        self._turn = ""
        self._add_actions()

    # --- list ------------------------------------------------------------------------------------

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Sequence[CloseRow]:
        text = str(filters.get("text") or "").strip()
        rows = list_closings(reader, after=after, limit=limit)
        return [one for one in rows if text in one.month or text.upper() in one.branch_code] if text else rows

    def count_rows(self, reader: Any, **filters: Any) -> int:
        return len(self.list_rows(reader, after=None, limit=10_000, **filters))

    def describe_count(self, matched: int, total: int | None) -> str:
        return trn("{n} closing", "{n} closings", matched)

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered)
        return EmptyState(
            tr_noop("No month closed yet"),
            tr_noop("Closing keeps a month's figures: nothing is entered into it afterwards."),
            icon="calendar-check",
            action=Button(self._next_text, kind="primary", icon="calendar-check", on_click=self.open_next),
        )

    def activate(self, params: Mapping[str, Any]) -> None:
        """`close_id` shows one; `next=True` opens the next month's list."""
        super().activate(params)
        self.context.operations.run_query(self, get_checklist, on_done=self._on_turn, key="turn")
        if params.get("next"):
            self.open_next()
        elif isinstance(self.sheet, MonthSheet):
            self.sheet.refresh()

    def on_changes(self, changes: Any, initiator: object) -> None:
        super().on_changes(changes, initiator)
        if isinstance(self.sheet, MonthSheet) and self.isVisible():
            self.sheet.refresh()

    def _on_turn(self, checklist: Any) -> None:
        self._turn = checklist.next_month
        for button in self.header.findChildren(Button):
            button.retranslate()

    # --- panel -----------------------------------------------------------------------------------

    def get_record(self, reader: Any, record_id: str) -> Any:
        return _Shown(get_closing(reader, record_id))

    def panel_content(self, record: Any) -> PanelContent:
        line = record.row
        return PanelContent(
            title=lambda: month_text(line.month),
            subtitle=lambda: tr("Branch {branch}", branch=line.branch_code),
            content=self._content(record.detail),
            verbs=("months.reopen", "months.keep", "months.paper", "months.ask"),
            more=("months.table",),
            next_step=line.late > 0 or "reopen" in line.actions,
        )

    def open_row(self, row: CloseRow) -> None:
        """Return shows it on paper."""
        self.show_record(row.id)
        self._open_paper(row)

    def _content(self, detail: CloseDetail) -> QWidget:
        line, state = detail.row, STATES[detail.row.state]
        stack = column(row(StatusDot(state.label, state.tone), STRETCH), gap=16)
        if line.late or line.gone:
            stack.addWidget(_message(lambda: _needs_a_look(line), "warn"))
        if line.reopen_asked_at is not None:
            stack.addWidget(_message(lambda: _reopening_text(line), "info"))
        costs = self.context.may(Permission.INVENTORY_VIEW_COST)
        stack.addWidget(FigureLines(figures_of(line, costs=costs)))
        stack.addWidget(Label(tr_noop("Payments"), role="section"))
        stack.addWidget(FigureLines(_payment_figures(line), total=Figure(
            tr_noop("Altogether"), lambda: formats.money(line.figures.received)
        )))  # fmt: skip
        if detail.late:
            stack.addWidget(Label(tr_noop("Late postings"), role="section"))
            for posting in detail.late[:_SHOWN_LATE]:
                stack.addWidget(self._late_line(posting))
        stack.addWidget(Divider())
        stack.addWidget(Facts(_facts(line)))
        return boxed(stack)

    def _late_line(self, posting: Posting) -> RecordLine:
        line = RecordLine(
            posting.number, subtitle=lambda: f"{table_text(posting.table)} · {formats.moment(posting.dated)}",
            figure=lambda: formats.money(posting.amount), icon="arrow-right",
        )  # fmt: skip
        place = page_of(posting.table)
        if place is not None:
            line.clicked.connect(
                lambda _checked=False: self.context.navigator.open(place[0], **{place[1]: posting.id})
            )
        return line

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        add, closing = self.add_action, Permission.MONTHS_CLOSE
        add(Action("months.next", self._next_text, self.open_next, key=Key.NEW, icon="calendar-check",
                   permission=closing), primary=True)  # fmt: skip
        add(Action("months.paper", tr_noop("On paper"), self._paper, key=Key.PRINT, icon="printer",
                   enabled=lambda: self.is_shown))  # fmt: skip
        add(Action("months.table", tr_noop("Save as a table"), self.ask_path, key=Key.SAVE, icon="file-spreadsheet",
                   enabled=lambda: self.is_shown))  # fmt: skip
        add(Action("months.ask", tr_noop("Ask to reopen"), self._ask_to_reopen, key="Ctrl+R", icon="unlock",
                   permission=closing, enabled=lambda: self.offers(_A.ASK_TO_REOPEN)))  # fmt: skip
        add(Action("months.reopen", tr_noop("Reopen"), self._reopen, key="Ctrl+T", icon="unlock",
                   permission=Permission.MONTHS_REOPEN, enabled=lambda: self.offers(_A.REOPEN)))  # fmt: skip
        add(Action("months.keep", tr_noop("Keep it closed"), self._keep, key="Ctrl+E", icon="lock",
                   permission=closing, enabled=lambda: self.offers(_A.KEEP_CLOSED)))  # fmt: skip

    def _next_text(self) -> str:
        return tr("Close {month}", month=month_text(self._turn)) if self._turn else tr("Close a month")

    def open_next(self) -> None:
        """The list of what has to be settled, in the place of the history."""
        sheet = MonthSheet(self.context, self._port, back=self.back_button())
        sheet.closed.connect(self._on_closed)
        self.open_sheet(sheet, tr_noop("Close a month"))
        sheet.take_focus()

    def _on_closed(self, close_id: str) -> None:
        self.close_sheet()
        self._pinned = True
        self.show_record(close_id)
        self.context.operations.run_query(self, get_checklist, on_done=self._on_turn, key="turn")

    def _ask_to_reopen(self) -> None:
        line = self.record.row
        self.ask(
            PanelForm(
                self.context,
                lambda: tr("Ask for {month} to be opened again?", month=month_text(line.month)),
                [MultiLineField("reason", tr_noop("Reason"), required=True, span=2, max_length=_REASON, lines=3)],
                verb=tr_noop("Ask to reopen"),
                command=lambda values: AskToReopenMonth(
                    close_id=line.id, expected_revision=line.revision, reason=values["reason"]
                ),
                text=tr_noop("An administrator decides, and finds it as a task. Until then the month stays closed."),
                on_done=lambda _id: self.context.notifications.show(tr_noop("Asked for."), tone="good"),
            )
        )

    def _reopen(self) -> None:
        line = self.record.row
        self.ask(
            PanelForm(
                self.context,
                lambda: tr("Open {month} again?", month=month_text(line.month)),
                [],
                verb=tr_noop("Reopen"),
                command=lambda values: ReopenMonth(close_id=line.id, expected_revision=line.revision),
                text=tr_noop(
                    "Payments can be dated in it again. It has to be closed anew; these figures stay on record."
                ),
                danger=True,
                on_done=lambda _id: self.context.notifications.show(tr_noop("The month is open again."), tone="good"),
            )
        )

    def _keep(self) -> None:
        line = self.record.row
        self.run(KeepMonthClosed(close_id=line.id, expected_revision=line.revision),
                 said=tr_noop("The month stays closed."))  # fmt: skip

    # --- paper and table -------------------------------------------------------------------------

    def _paper(self) -> None:
        if isinstance(self.sheet, PaperSheet):
            self.sheet.print()
        else:
            self._open_paper(self.record.row)

    def _open_paper(self, line: CloseRow) -> None:
        def fetch(reader: Any, asked: str) -> Paper:
            chosen = asked or language()
            return Paper(closing_pdf(reader, line.id, language=chosen), chosen)

        def title() -> str:
            return tr("Month close {month}", month=month_text(line.month))

        name = f"{line.branch_code}-{line.month}"
        self.open_sheet(PaperSheet(self.context, fetch, title=title, file_name=name, back=self.back_button()), title)

    def ask_path(self) -> QFileDialog:
        """Ask where; returns at once."""
        line = self.record.row
        dialog = QFileDialog(self, tr("Save as a table"), "", "Excel (*.xlsx)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("xlsx")
        dialog.selectFile(f"{line.branch_code}-{line.month}.xlsx")
        dialog.fileSelected.connect(lambda chosen: self.save(Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def save(self, path: Path) -> None:
        """Write the closing as a workbook."""

        def write(content: bytes) -> None:
            from app.runtime.atomic_file import write_atomically

            self.context.operations.run_plain(self, partial(write_atomically, path, content, mode=0o644), on_done=said)

        def said(_done: Any) -> None:
            self.context.notifications.show(lambda: tr("Saved as {file}", file=path.name), tone="good")

        self.context.operations.run_query(self, closing_xlsx, self.record.row.id, on_done=write, key="table")


class _Shown:
    """A closing as the record page wants it."""

    def __init__(self, detail: CloseDetail) -> None:
        self.detail, self.row = detail, detail.row
        self.actions = detail.row.actions

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Shown) and self.detail == other.detail

    __hash__ = None  # type: ignore[assignment]


def _payment_figures(line: CloseRow) -> list[Figure]:
    return [
        Figure(partial(_payment_words, one), partial(formats.money, one.amount)) for one in line.figures.payments
    ]


def _payment_words(one: PaymentFigure) -> str:
    return f"{tr(PaymentKind(one.kind).label)} · {tr(PaymentMethod(one.method).label)} ({one.count})"


def _facts(line: CloseRow) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [
        (tr_noop("Books closed"), lambda: f"{formats.moment(line.closed_at)} · {line.closed_by}"),
        (tr_noop("Desk"), f"{line.branch_code}-{line.desk_code}"),
        (tr_noop("Both sides compared at"), lambda: formats.moment(line.reconciled_at)),
        (tr_noop("Digest"), line.reconciliation_digest[:16]),
    ]
    if line.round > 1:
        facts.append((tr_noop("Closed so often"), lambda: formats.count(line.round)))
    if line.note:
        facts.append((tr_noop("Note"), line.note))
    return facts


def _needs_a_look(line: CloseRow) -> str:
    return tr(
        "Entered late or changed since it was closed: {late}; no longer as they counted: {gone}. "
        "Look at them; if the figures have to include them, ask for the month to be opened again.",
        late=formats.count(line.late), gone=formats.count(line.gone),
    )  # fmt: skip


def _reopening_text(line: CloseRow) -> str:
    asked = tr("{person} asked for it to be opened again: {reason}", person=line.reopen_asked_by,
               reason=line.reopen_reason)  # fmt: skip
    if line.reopened_at is None:
        return asked
    return f"{asked} · {tr('{person} opened it', person=line.reopened_by)} ({formats.moment(line.reopened_at)})"


def _message(words: Any, tone: str) -> QWidget:
    box = boxed(column(Label(words, wrap=True), margins=12))
    set_role(box, "message", tone=tone)
    return box
