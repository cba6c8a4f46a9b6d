"""Stock counts of the branch: begun, counted, recounted, decided, signed off; each with its result on paper."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from app.inventory.queries import UnitFilter
from app.kernel.permissions import Permission
from app.runtime.language import language, tr, tr_noop, trn
from app.stocktaking.commands import AbandonCount, BeginRecount, SignOff
from app.stocktaking.queries import (
    CountDetail,
    CountRow,
    count_counts,
    count_result_pdf,
    count_table,
    get_count,
    list_counts,
)
from app.stocktaking.rules import DIFFERENCES, CountAction, CountState, Outcome
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.feedback import EmptyState
from ui.kit.fields import MultiLineField
from ui.kit.filters import Facet, FacetOption
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, Divider, boxed, column, row
from ui.kit.panel_form import PanelForm
from ui.kit.paper_sheet import Paper, PaperSheet
from ui.kit.record_page import PanelContent, RecordPage
from ui.kit.theme import set_role
from ui.stocktaking.begin_sheet import BeginSheet
from ui.stocktaking.counting_sheet import CountingSheet
from ui.stocktaking.differences_sheet import DifferencesSheet
from ui.stocktaking.words import STATES, covered_text, differences_text

_A = CountAction
_NOTE = 400


class CountsPage(RecordPage):
    """Counting and deciding take the place of the list; the sign-off stands in the panel."""

    title = tr_noop("Stock counts")
    scope = "counts"
    key = "counts"
    param = "count_id"
    watches = ("stock_count",)
    concerns = ("stock_count_scan", "stock_count_finding", "vehicle_unit")
    columns = (
        Column("number", tr_noop("Number"), kind="code", width=148),
        Column("state", tr_noop("Status"), kind="state", width=132, states=STATES),
        Column("covered", tr_noop("Counted"), width=136, stretch=True, value=lambda row: row, format=covered_text),
        Column("expected", tr_noop("On the list"), kind="integer", width=96),
        Column("differences", tr_noop("Differences"), width=112, value=lambda row: row, format=differences_text),
        Column("started_at", tr_noop("Begun at"), kind="moment", width=128),
        Column("started_by", tr_noop("Begun by"), width=88),
        Column("signed_by", tr_noop("Signed off by"), width=104, format=lambda name: name or "–"),
    )

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        states = [FacetOption(code, state.label) for code, state in STATES.items()]
        self.filters.add_facet(Facet("state", tr_noop("Status"), states))
        self.filters.search.set_words(tr_noop("Number"))
        self._add_actions()

    # --- list ------------------------------------------------------------------------------------

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Sequence[CountRow]:
        return list_counts(reader, after=after, limit=limit, **filters)

    def count_rows(self, reader: Any, **filters: Any) -> int:
        return count_counts(reader, **filters)

    def describe_count(self, matched: int, total: int | None) -> str:
        return trn("{n} count", "{n} counts", matched)

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered)
        begin = None
        if self.context.may(Permission.STOCKTAKING_COUNT):
            begin = Button(tr_noop("Begin a count"), kind="primary", icon="clipboard-check", on_click=self.begin)
        return EmptyState(
            tr_noop("No stock count yet"),
            tr_noop("The list of what should stand there is frozen; then any number of people scan, at any desk."),
            icon="clipboard-check",
            action=begin,
        )

    def activate(self, params: Mapping[str, Any]) -> None:
        """`count_id` selects one; `count=True` opens its counting at once.

        `begin` is a filter of the stock page: what it shows and stands here is offered as the selection of a new count.
        """
        super().activate(params)
        if isinstance(params.get("begin"), UnitFilter) and self.context.may(Permission.STOCKTAKING_COUNT):
            self.begin(params["begin"])
        if params.get("count") and params.get(self.param):
            self._open_counting(str(params[self.param]))

    def on_changes(self, changes: Any, initiator: object) -> None:
        super().on_changes(changes, initiator)
        touched = changes.touches("stock_count", "stock_count_scan", "stock_count_finding", "vehicle_unit")
        if touched and isinstance(self.sheet, CountingSheet | DifferencesSheet):
            self.sheet.refresh()

    # --- panel -----------------------------------------------------------------------------------

    def get_record(self, reader: Any, record_id: str) -> CountDetail:
        return get_count(reader, record_id)

    def panel_content(self, record: CountDetail) -> PanelContent:
        line = record.row
        return PanelContent(
            title=lambda: line.number,
            subtitle=lambda: covered_text(line),
            content=_content(record),
            verbs=("counts.count", "counts.decide", "counts.sign", "counts.recount", "counts.report"),
            more=("counts.table", "counts.abandon"),
            next_step="count" in record.actions,
        )

    def open_row(self, row: CountRow) -> None:
        """Return counts on, or shows the result."""
        self.show_record(row.id)
        if row.state in (CountState.COUNTING, CountState.RECOUNTING):
            self._open_counting(row.id)
        else:
            self._open_report(row.id, row.number)

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        add, counting = self.add_action, Permission.STOCKTAKING_COUNT
        add(Action("counts.begin", tr_noop("Begin a count"), self.begin, key=Key.NEW, icon="clipboard-check",
                   permission=counting), primary=True)  # fmt: skip
        add(Action("counts.count", tr_noop("Count"), lambda: self._open_counting(self.record.row.id), key="Ctrl+G",
                   icon="scan-barcode", permission=counting, enabled=lambda: self.offers("count")))  # fmt: skip
        add(Action("counts.decide", tr_noop("Differences"), self._decide, key="Ctrl+E", icon="list",
                   enabled=lambda: self.is_shown))  # fmt: skip
        add(Action("counts.recount", tr_noop("Look again"), self._recount, key="Ctrl+R", icon="rotate-cw",
                   permission=counting, enabled=lambda: self.offers(_A.RECOUNT)))  # fmt: skip
        add(Action("counts.sign", tr_noop("Sign off"), self._sign, key="Ctrl+T", icon="stamp",
                   permission=Permission.STOCKTAKING_SIGN_OFF, enabled=self._can_sign))  # fmt: skip
        add(Action("counts.report", tr_noop("Report"), self._report, key=Key.PRINT, icon="printer",
                   enabled=lambda: self.is_shown))  # fmt: skip
        add(Action("counts.table", tr_noop("Save as a table"), self.ask_path, key=Key.SAVE, icon="file-spreadsheet",
                   enabled=lambda: self.is_shown))  # fmt: skip
        add(Action("counts.abandon", tr_noop("Give up the count"), self._abandon, key=Key.DELETE, icon="ban",
                   permission=Permission.STOCKTAKING_SIGN_OFF,
                   enabled=lambda: self.offers(_A.ABANDON)))  # fmt: skip

    def begin(self, chosen: UnitFilter | None = None) -> None:
        """What is to be counted, in the place of the list; `chosen` begins with what a filter of the stock shows."""
        sheet = BeginSheet(self.context, cancel=self.cancel_button(), chosen=chosen)
        sheet.begun.connect(self._on_begun)
        self.open_sheet(sheet, tr_noop("Begin a count"))
        sheet.form.focus_first()

    def _on_begun(self, count_id: str) -> None:
        self.close_sheet()
        self._pinned = True
        self.show_record(count_id)
        self._open_counting(count_id)

    def _open_counting(self, count_id: str) -> None:
        sheet = CountingSheet(self.context, count_id, back=self.back_button())
        self.open_sheet(sheet, tr_noop("Counting"))
        sheet.take_focus()

    def _decide(self) -> None:
        detail = self.record
        self.open_sheet(
            DifferencesSheet(self.context, detail.row.id, back=self.back_button()),
            lambda: tr("Differences of {number}", number=detail.row.number),
        )

    def _recount(self) -> None:
        line = self.record.row
        self.run(BeginRecount(count_id=line.id, expected_revision=line.revision),
                 said=tr_noop("What is scanned from now on belongs to the second look."))  # fmt: skip

    def _can_sign(self) -> bool:
        return self.offers(_A.SIGN) and not self.record.obstacles and not self.record.counted_by_me

    def _sign(self) -> None:
        line = self.record.row
        self.ask(
            PanelForm(
                self.context,
                lambda: tr("Sign {number} off?", number=line.number),
                [],
                verb=tr_noop("Sign off and post"),
                command=lambda values: SignOff(count_id=line.id, expected_revision=line.revision),
                text=tr_noop("Every decision is posted now, and the count stays as it is for good."),
                on_done=lambda _id: self.context.notifications.show(tr_noop("Signed off and posted."), tone="good"),
            )
        )

    def _abandon(self) -> None:
        line = self.record.row
        self.ask(
            PanelForm(
                self.context,
                tr_noop("Give this count up?"),
                [MultiLineField("reason", tr_noop("Reason"), required=True, span=2, max_length=_NOTE, lines=2)],
                verb=tr_noop("Give up"),
                command=lambda values: AbandonCount(
                    count_id=line.id, expected_revision=line.revision, reason=values["reason"]
                ),
                text=tr_noop("Nothing is posted; what was scanned stays on record."),
                danger=True,
            )
        )

    # --- results ---------------------------------------------------------------------------------

    def _report(self) -> None:
        if isinstance(self.sheet, PaperSheet):
            self.sheet.print()
        else:
            self._open_report(self.record.row.id, self.record.row.number)

    def _open_report(self, count_id: str, number: str) -> None:
        def fetch(reader: Any, asked: str) -> Paper:
            chosen = asked or language()
            return Paper(count_result_pdf(reader, count_id, language=chosen), chosen)

        def title() -> str:
            return tr("Report on {number}", number=number)

        self.open_sheet(PaperSheet(self.context, fetch, title=title, file_name=number, back=self.back_button()), title)

    def ask_path(self) -> QFileDialog:
        """Ask where; returns at once."""
        dialog = QFileDialog(self, tr("Save as a table"), "", "Excel (*.xlsx);;CSV (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("xlsx")
        dialog.selectFile(f"{self.record.row.number}.xlsx")
        dialog.fileSelected.connect(lambda chosen: self.save(Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def save(self, path: Path) -> None:
        """Write every vehicle of the count; the ending decides the form."""
        number = self.record.row.number

        def write(table: tuple[list[str], list[list[Any]]]) -> None:
            from app.documents.tables import save_table

            self.context.operations.run_plain(self, partial(save_table, path, *table, title=number), on_done=said)

        def said(_path: Any) -> None:
            self.context.notifications.show(lambda: tr("Saved as {file}", file=path.name), tone="good")

        self.context.operations.run_query(self, count_table, self.record.row.id, on_done=write, key="table")


def _content(record: CountDetail) -> QWidget:
    line, state = record.row, STATES[record.row.state]
    stack = column(row(StatusDot(state.label, state.tone), STRETCH), gap=16)
    if line.abandon_reason:
        stack.addWidget(_message(lambda: line.abandon_reason, "bad"))
    elif record.obstacles:
        for obstacle in record.obstacles:
            stack.addWidget(_message(lambda obstacle=obstacle: tr("Before the sign-off: {what}.", what=tr(obstacle)),
                                     "warn"))  # fmt: skip
    elif CountAction.SIGN in record.actions and record.counted_by_me:
        stack.addWidget(_message(tr_noop("You counted here: somebody else signs it off."), "info"))
    figures = [(outcome.label, partial(formats.count, record.of(outcome)))
               for outcome in (Outcome.MATCHED, *DIFFERENCES, Outcome.EXPLAINED)]  # fmt: skip
    stack.addWidget(Facts([(tr_noop("On the list"), lambda: formats.count(record.expected)), *figures]))
    stack.addWidget(Divider())
    facts: list[tuple[Any, Any]] = [
        (tr_noop("To be decided"), lambda: formats.count(record.undecided)),
        (tr_noop("Counted by"), lambda: ", ".join(record.counters) or "–"),
        (tr_noop("Begun"), lambda: f"{formats.moment(line.started_at)} · {line.started_by}"),
    ]
    if line.signed_at is not None:
        facts.append((tr_noop("Signed off"), lambda: f"{formats.moment(line.signed_at)} · {line.signed_by}"))
    if line.note:
        facts.append((tr_noop("Note"), lambda: line.note))
    stack.addWidget(Facts(facts))
    return boxed(stack)


def _message(words: Any, tone: str) -> QWidget:
    box = boxed(column(Label(words, wrap=True), margins=12))
    set_role(box, "message", tone=tone)
    return box
