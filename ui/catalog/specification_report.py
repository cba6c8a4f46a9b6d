"""What an import would do: entries added and fields changed with old and new, problems by row, what stands out."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QStackedWidget

from app.anomalies.findings import Finding, Severity
from app.catalog.import_preview import ImportPreview, PreviewKind, PreviewRow
from app.catalog.import_report import RowProblem
from app.runtime.language import tr, tr_noop, trn
from ui.catalog.name_slips import NameSlips
from ui.kit import formats
from ui.kit.columns import Column, State
from ui.kit.context import PageContext
from ui.kit.controls import Choice, Label, SearchField, Segmented, StatusDot
from ui.kit.feedback import EmptyState
from ui.kit.filters import Facet, FacetChip, FacetOption
from ui.kit.import_steps import SEVERITIES
from ui.kit.layout import STRETCH, column, row
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.kit.theme import set_role, set_size

CHANGES, PROBLEMS, CHECKS = "changes", "problems", "checks"
PRICES = "prices"
_KINDS = {
    PreviewKind.ADDED: State(PreviewKind.ADDED.label, "good"),
    PreviewKind.CHANGED: State(PreviewKind.CHANGED.label, "info"),
}
_TONES = {Severity.IMPOSSIBLE: "bad", Severity.IMPLAUSIBLE: "warn", Severity.LOOK: "info"}
_CHANGE_COLUMNS = (
    Column("kind", tr_noop("What happens"), kind="state", width=104, states=_KINDS),
    Column("place", tr_noop("Line"), kind="integer", width=60, format=str),
    Column("name", tr_noop("Catalogue entry"), width=200, stretch=True, format=str,
           tooltip=lambda line: str(line.name)),
    Column("label", tr_noop("Field"), width=130, format=str),
    Column("before", tr_noop("At present"), width=140, format=str, tooltip=lambda line: str(line.before)),
    Column("after", tr_noop("Afterwards"), width=180, format=str, tooltip=lambda line: str(line.after)),
    Column("percent", tr_noop("Price change"), kind="percent", width=100, format=lambda share: signed(share)),
)  # fmt: skip
_PROBLEM_COLUMNS = (
    Column("where", tr_noop("Line"), kind="integer", width=64, format=str),
    Column("severity", tr_noop("Kind"), kind="state", width=96, states=SEVERITIES),
    Column("column", tr_noop("Column"), width=150),
    Column("value", tr_noop("Value"), width=150),
    Column("text", tr_noop("What to do"), width=320, stretch=True, tooltip=lambda problem: problem.text),
)
_CHECK_COLUMNS = (
    Column("severity", tr_noop("How sure"), kind="state", width=116,
           states={one: State(one.label, tone) for one, tone in _TONES.items()}),
    Column("name", tr_noop("Catalogue entry"), width=260, format=str, tooltip=lambda one: str(one.name)),
    Column("note", tr_noop("What stands out"), width=380, stretch=True, format=str,
           tooltip=lambda one: "\n".join(map(str, (one.note, *one.details)))),
)  # fmt: skip


class SpecificationReport(QFrame):
    """`policy_changed` when somebody decides about rows that cannot be taken in; `names_decided({key: name meant})`
    when they do about names that look misspelt."""

    policy_changed = Signal()
    names_decided = Signal(object)

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        set_role(self, "card")
        self.preview: ImportPreview | None = None
        self.findings: Sequence[Finding] = ()
        self._problems: Sequence[RowProblem] = ()
        self._found: Sequence[PreviewRow] = ()
        self._asked: tuple[int, str | None, str] | None = None
        self._dots = [StatusDot("", "neutral") for _ in range(7)]
        self.policy = Segmented(
            [Choice(False, tr_noop("All rows or none")), Choice(True, tr_noop("Leave bad rows out"))],
            name=tr_noop("Rows with errors"),
        )
        self.policy.set_value(False)
        self.policy.chosen.connect(lambda _value: self.policy_changed.emit())
        self.views = Segmented(self._view_choices(), name=tr_noop("What is shown"))
        self.views.set_value(CHANGES)
        self.views.chosen.connect(lambda _value: self._show_view())
        self.search = SearchField(tr_noop("Entry or field"))
        self.search.searched.connect(lambda _text: self._load_changes())
        set_size(self.search, width=220)
        self.kinds = FacetChip(Facet("kind", tr_noop("What happens"), self._kind_options(), single=True))
        self.kinds.changed.connect(self._load_changes)
        self._tables = {
            CHANGES: self._table(context, _CHANGE_COLUMNS, self._list_changes, tr_noop("What would change")),
            PROBLEMS: self._table(context, _PROBLEM_COLUMNS, self._list_problems, tr_noop("What is wrong")),
            CHECKS: self._table(context, _CHECK_COLUMNS, self._list_findings, tr_noop("What stands out")),
        }
        self._nothing = {
            CHANGES: EmptyState(tr_noop("Nothing changes"), tr_noop("The catalogue says all of this already."),
                                icon="check-circle"),
            PROBLEMS: EmptyState(tr_noop("Every row is in order"), icon="check-circle"),
            CHECKS: EmptyState(tr_noop("Nothing stands out"), icon="check-circle"),
        }  # fmt: skip
        self.slips = NameSlips()
        self.slips.decided.connect(self.names_decided)
        self.stack = QStackedWidget()
        for widget in (*self._tables.values(), *self._nothing.values()):
            self.stack.addWidget(widget)
        self._lay_out()

    def _lay_out(self) -> None:
        stack = column(
            Label(tr_noop("What the import would do"), role="section"),
            row(*self._dots, STRETCH, self.policy, gap=16),
            row(self.views, STRETCH, self.kinds, self.search, gap=12),
            self.slips,
            gap=12,
            margins=24,
        )
        stack.addWidget(self.stack, 1)
        self.setLayout(stack)

    def _table(
        self, context: PageContext, columns: Sequence[Column], read: Callable[..., Any], name: str
    ) -> RecordTable:
        model = KeysetTableModel(context.operations, columns, read, parent=self)
        key = f"import.specifications.{columns[-1].key}"
        return RecordTable(model, name=name, views=context.views, view_key=key)

    # --- what the sheet asks ---------------------------------------------------------------------

    def show_checked(self, checked: Any) -> None:
        """Show what a check found."""
        self.preview, self.findings, self._asked = checked.preview, checked.findings, None
        self.kinds.set_chosen([])
        self.search.set_silently("")
        self.policy.setVisible(bool(checked.refused) and checked.refused < checked.total)
        self._say_counts(checked)
        self._problems = checked.problems
        self.views.set_value(PROBLEMS if checked.refused or checked.preview.slips else CHANGES)
        for table in self._tables.values():
            table.model().load({})  # type: ignore[attr-defined]
        self._show_view()

    def show_problems(self, problems: Sequence[RowProblem]) -> None:
        """Other problems, such as those found when rows were to be written."""
        self._problems = problems
        self._tables[PROBLEMS].model().load({})  # type: ignore[attr-defined]
        self.views.set_value(PROBLEMS)
        self._show_view()

    @property
    def problems(self) -> Sequence[RowProblem]:
        """What is wrong, row by row."""
        return self._problems

    def table(self, view: str) -> RecordTable:
        """The table of a view, for tests."""
        return self._tables[view]

    # --- inside ----------------------------------------------------------------------------------

    def _say_counts(self, checked: Any) -> None:
        preview: ImportPreview = checked.preview
        result, prices = preview.result, preview.price_changes
        told: list[tuple[Callable[[], str], str, bool]] = [
            (lambda: trn("{n} new trim", "{n} new trims", result.trims_added), "good", bool(result.trims_added)),
            (lambda: trn("{n} entry changes", "{n} entries change", result.trims_changed), "info",
             bool(result.trims_changed)),
            (lambda: price_words(prices), "info", bool(prices)),
            (lambda: trn("{n} row says nothing new", "{n} rows say nothing new", preview.unchanged), "neutral",
             bool(preview.unchanged)),
            (lambda: trn("{n} row cannot be taken in", "{n} rows cannot be taken in", checked.refused), "bad",
             bool(checked.refused)),
            (lambda: trn("{n} name looks misspelt", "{n} names look misspelt", len(preview.slips)), "warn",
             bool(preview.slips)),
            (lambda: trn("{n} value stands out", "{n} values stand out", len(checked.findings)), "warn",
             bool(checked.findings)),
        ]  # fmt: skip
        for dot, (text, tone, shown) in zip(self._dots, told, strict=True):
            dot.set_state(text, tone)
            dot.setVisible(shown)

    def _view_choices(self) -> list[Choice]:
        return [
            Choice(CHANGES, tr_noop("What would change")),
            Choice(PROBLEMS, tr_noop("What is wrong")),
            Choice(CHECKS, tr_noop("What stands out")),
        ]

    @staticmethod
    def _kind_options() -> list[FacetOption]:
        return [*(FacetOption(kind.value, kind.label) for kind in PreviewKind), FacetOption(PRICES, tr_noop("Prices"))]

    def _show_view(self) -> None:
        view = str(self.views.value())
        held = {CHANGES: bool(self.preview and self.preview.rows), PROBLEMS: bool(self._problems),
                CHECKS: bool(self.findings)}  # fmt: skip
        self.slips.show_slips(self.preview.slips if self.preview is not None and view == PROBLEMS else ())
        self.stack.setCurrentWidget(self._tables[view] if held[view] else self._nothing[view])
        for widget in (self.search, self.kinds):
            widget.setVisible(view == CHANGES and held[CHANGES])

    def _load_changes(self) -> None:
        self._tables[CHANGES].model().load({})  # type: ignore[attr-defined]

    def _list_changes(self, _reader: Any, *, after: Any, limit: int, **_filters: Any) -> "_Slice":
        return _Slice(self._chosen(), after, limit)

    def _chosen(self) -> Sequence[PreviewRow]:
        if self.preview is None:
            return ()
        kind, text = next(iter(self.kinds.chosen()), None), self.search.text().strip()
        asked = (id(self.preview), kind, text)
        if self._asked != asked:
            of_prices = kind == PRICES
            self._found = self.preview.rows.chosen(kind=None if of_prices else kind, prices=of_prices, text=text)
            self._asked = asked
        return self._found

    def _list_problems(self, _reader: Any, *, after: Any, limit: int, **_filters: Any) -> "_Slice":
        return _Slice(self._problems, after, limit)

    def _list_findings(self, _reader: Any, *, after: Any, limit: int, **_filters: Any) -> "_Slice":
        return _Slice(self.findings, after, limit)


class _Slice:
    def __init__(self, rows: Sequence[Any], after: Any, limit: int) -> None:
        start = 0 if after is None else int(after)
        self.rows = rows[start : start + limit]
        self.next = start + limit if start + limit < len(rows) else None


def signed(share: Any) -> str:
    """A change in percent with its sign: +4.2 %."""
    text = formats.percent(abs(share))
    return f"+{text}" if share > 0 else f"−{text}" if share < 0 else text


def price_words(changes: Sequence[Any]) -> str:
    """How many prices change, and from where to where."""
    if not changes:
        return ""
    said = trn("{n} price changes", "{n} prices change", len(changes))
    lowest, highest = min(changes), max(changes)
    if lowest == highest:
        return tr("{said}: {lowest}", said=said, lowest=signed(lowest))
    return tr("{said}: {lowest} to {highest}", said=said, lowest=signed(lowest), highest=signed(highest))
