"""The steps of an import as they look: choosing the file, assigning its columns, the report, the result."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from app.runtime.language import tr, tr_noop, trn
from ui.kit.choice_editors import ChoiceEditor
from ui.kit.columns import Column, State
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label, Segmented, StatusDot
from ui.kit.feedback import ToneIcon
from ui.kit.import_plan import CheckedFile, ImportField, ImportPlan, Mapped, Problem, SourceTable
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.kit.text import words
from ui.kit.theme import set_role, set_size, theme

SAMPLES = 3
SEVERITIES = {"error": State(tr_noop("Error"), "bad"), "warning": State(tr_noop("Warning"), "warn")}
_DELIMITERS = {",": tr_noop("comma"), ";": tr_noop("semicolon"), "\t": tr_noop("tab"), "|": tr_noop("bar")}


class SourceStep(QFrame):
    """A place to drop a file; buttons to choose one, or to take what was copied."""

    dropped = Signal(str)

    def __init__(self, plan: ImportPlan, *, choose: Button, paste: Button, template: Button) -> None:
        super().__init__()
        set_role(self, "card")
        self.setAcceptDrops(True)
        needed = [field for field in plan.fields if field.required]
        optional = [field for field in plan.fields if not field.required]
        picture = ToneIcon("neutral", size=28)
        picture.set_tone("neutral", "file-spreadsheet")
        invitation = Label(plan.invitation, role="section")
        zone = column(picture, invitation, gap=8, margins=32)
        zone.addLayout(row(STRETCH, choose, paste, STRETCH))
        for widget in (picture, invitation):
            zone.setAlignment(widget, Qt.AlignmentFlag.AlignHCenter)
        texts = (
            Label(plan.intro, wrap=True),
            boxed(zone, role="drop-zone"),
            8,
            Label(lambda: tr("Needed: {fields}", fields=_listed(needed)), wrap=True),
            Label(lambda: tr("Welcome: {fields}", fields=_listed(optional)), role="secondary", wrap=True),
            Label(
                tr_noop(
                    "Headings may be English or Chinese, in any order. Encodings (UTF-8, GB 18030) are recognised."
                ),
                role="secondary",
                wrap=True,
            ),
            row(template, STRETCH),
            STRETCH,
        )
        self.setLayout(column(*texts, gap=12, margins=24))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.dropped.emit(url.toLocalFile())
                return


class ColumnsStep(QFrame):
    """One line a column: its heading, its first values, what it stands for. `changed` when the mapping did."""

    changed = Signal()
    sheet_chosen = Signal(str)

    def __init__(self, plan: ImportPlan) -> None:
        super().__init__()
        set_role(self, "card")
        self._plan = plan
        self._editors: list[ChoiceEditor] = []
        self._about = Label("", role="secondary", wrap=True)
        self._missing = Label("", role="field-message", wrap=True)
        self._sheets = ChoiceEditor([], may_be_empty=False)
        self._sheets.set_name(tr("Sheet"))
        set_size(self._sheets, width=200)
        self._sheets.edited.connect(lambda: self.sheet_chosen.emit(str(self._sheets.value())))
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        top = row(self._about, self._sheets)
        top.setStretch(0, 1)
        stack = column(
            Label(tr_noop("What do the columns stand for?"), role="section"), top, self._missing, gap=8, margins=24
        )
        stack.addWidget(self._scroll, 1)
        self.setLayout(stack)

    def show_table(self, table: SourceTable, mapping: Mapped) -> None:
        """A line for each column of a table, with the suggested fields chosen."""
        self._about.set_words(lambda: _about(table))
        self._sheets.setVisible(len(table.sheets) > 1)
        self._sheets.set_choices([Choice(name, partial(str, name)) for name in table.sheets])
        self._sheets.set_value(table.sheet)
        chosen = {number: key for key, number in mapping.items()}
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, theme().px(8), 0)
        grid.setHorizontalSpacing(theme().px(16))
        grid.setVerticalSpacing(theme().px(8))
        grid.setColumnStretch(1, 1)
        self._editors = []
        for number, heading in enumerate(table.headers):
            self._add_line(grid, number, heading, table, chosen.get(number))
        holder = boxed(column(_boxed(grid), STRETCH))
        old = self._scroll.takeWidget()
        if old is not None:
            old.deleteLater()
        self._scroll.setWidget(holder)
        self._say_missing()

    def mapping(self) -> dict[Any, int]:
        """What was assigned."""
        return {editor.value(): number for number, editor in enumerate(self._editors) if editor.value() is not None}

    def assign(self, number: int, key: Any) -> None:
        """Assign a column as a person does; a field stands for one column only."""
        for other, editor in enumerate(self._editors):
            if other == number:
                editor.set_value(key)
            elif key is not None and editor.value() == key:
                editor.set_value(None)
        self._say_missing()
        self.changed.emit()

    def missing(self) -> list[ImportField]:
        """Needed fields that no column stands for."""
        assigned = self.mapping()
        return [field for field in self._plan.fields if field.required and field.key not in assigned]

    def _add_line(self, grid: QGridLayout, number: int, heading: str, table: SourceTable, key: Any) -> None:
        name = Label("")
        name.set_text(heading)
        values = [cells[number] for cells in table.rows[:SAMPLES] if number < len(cells) and cells[number]]
        samples = Label("", role="secondary")
        samples.set_text(" · ".join(value[:40] for value in values))
        samples.setMinimumWidth(1)  # long samples are cut, not scrolled to
        editor = ChoiceEditor(
            [Choice(field.key, _field_words(field)) for field in self._plan.fields],
            may_be_empty=True,
            placeholder=tr_noop("Leave out"),
        )
        editor.set_value(key)
        editor.set_name(tr("What “{heading}” stands for", heading=heading))
        set_size(editor, width=220)
        editor.edited.connect(lambda: self.assign(number, editor.value()))
        self._editors.append(editor)
        for place, widget in enumerate((name, samples, editor)):
            grid.addWidget(widget, number, place)

    def _say_missing(self) -> None:
        missing = self.missing()
        tone = "bad" if missing else "good"
        set_role(self._missing, "field-message", tone=tone)
        self._missing.set_words(
            (lambda: tr("Still needed: {fields}", fields=_listed(missing)))
            if missing
            else tr_noop("Everything needed is assigned.")
        )


class ReportStep(QFrame):
    """What the check found: how many rows can be taken in, and row by row what is wrong with the others."""

    policy_changed = Signal()

    def __init__(self, context: PageContext, plan: ImportPlan) -> None:
        super().__init__()
        set_role(self, "card")
        self._plan = plan
        self._problems: Sequence[Problem] = ()
        self._good = StatusDot("", "good")
        self._bad = StatusDot("", "bad")
        self._doubtful = StatusDot("", "warn")
        self.policy = Segmented(
            [
                Choice(False, tr_noop("All rows or none")),
                Choice(True, tr_noop("Leave bad rows out")),
            ],
            name=tr_noop("Rows with errors"),
        )
        self.policy.set_value(False)
        self.policy.chosen.connect(lambda _value: self._on_policy_chosen())
        self._advice = Label(
            tr_noop("Mend the file and import it again, or leave the bad rows out."), role="secondary", wrap=True
        )
        self.model = KeysetTableModel(context.operations, _REPORT_COLUMNS, self._list_problems, parent=self)
        self.table = RecordTable(
            self.model, name=tr_noop("What is wrong"), views=context.views, view_key=f"import.{plan.key}.report"
        )
        stack = column(
            Label(tr_noop("What the check found"), role="section"),
            row(self._good, 16, self._bad, 16, self._doubtful, STRETCH, self.policy),
            self._advice,
            gap=12,
            margins=24,
        )
        stack.addWidget(self.table, 1)
        self._nothing = Label(tr_noop("Every row is in order."), role="secondary")
        stack.addWidget(self._nothing)
        stack.addStretch(0)
        self.setLayout(stack)

    def show_checked(self, checked: CheckedFile) -> None:
        """Show what a check found."""
        good = checked.total - checked.refused
        self._good.set_state(lambda: self._plan.taken(good), "good" if good else "neutral")
        self._bad.set_state(lambda: _rows_refused(checked.refused), "bad")
        self._doubtful.set_state(lambda: _rows_warned(checked.warned), "warn")
        self._bad.setVisible(bool(checked.refused))
        self._doubtful.setVisible(bool(checked.warned))
        self.policy.setVisible(bool(checked.refused) and bool(good))
        self._advice.setVisible(bool(checked.refused))
        self.show_problems(checked.problems)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Other problems, such as those found when rows were to be written."""
        self._problems = problems
        self.table.setVisible(bool(problems))
        self._nothing.setVisible(not problems)
        self.model.load({})

    def _on_policy_chosen(self) -> None:
        self._advice.setVisible(not self.policy.value())
        self.policy_changed.emit()

    @property
    def problems(self) -> Sequence[Problem]:
        """What is shown."""
        return self._problems

    def _list_problems(self, _reader: Any, *, after: Any, limit: int, **_filters: Any) -> Any:
        start = 0 if after is None else int(after)
        found = self._problems[start : start + limit]
        return _Slice(found, start + limit if start + limit < len(self._problems) else None)


class _Slice:
    def __init__(self, rows: Sequence[Problem], following: int | None) -> None:
        self.rows, self.next = rows, following


_REPORT_COLUMNS = (
    Column("where", tr_noop("Line"), kind="integer", width=64, format=str),
    Column("severity", tr_noop("Kind"), kind="state", width=96, states=SEVERITIES),
    Column("column", tr_noop("Column"), width=120),
    Column("value", tr_noop("Value"), width=150),
    Column("text", tr_noop("What to do"), width=320, stretch=True, tooltip=lambda problem: problem.text),
)


def template_text(plan: ImportPlan) -> str:
    """An empty table with all headings, as CSV."""
    return ",".join(f'"{words(field.label)}"' for field in plan.fields) + "\r\n"


def save_template(plan: ImportPlan, path: Path) -> None:
    """Write the empty table so that spreadsheet programs show Chinese headings right."""
    path.write_text(template_text(plan), encoding="utf-8-sig", newline="")


def _about(table: SourceTable) -> str:
    parts = [table.name or tr("Pasted text"), trn("{n} row", "{n} rows", len(table.rows))]
    if table.encoding:
        parts.append(table.encoding.upper().removesuffix("-SIG"))
    if table.delimiter in _DELIMITERS:
        parts.append(tr("separated by {mark}", mark=tr(_DELIMITERS[table.delimiter])))
    return " · ".join(parts)


def _rows_refused(count: int) -> str:
    return trn("{n} row cannot be taken in", "{n} rows cannot be taken in", count)


def _rows_warned(count: int) -> str:
    return trn("{n} row deserves a look", "{n} rows deserve a look", count)


def _listed(fields: Sequence[ImportField]) -> str:
    from app.runtime.language import CHINESE, language

    return ("、" if language() == CHINESE else ", ").join(words(field.label) for field in fields)


def _field_words(field: ImportField) -> Any:
    return (lambda: f"{words(field.label)} *") if field.required else field.label


def _boxed(grid: QGridLayout) -> QWidget:
    holder = QWidget()
    holder.setLayout(grid)
    return holder
