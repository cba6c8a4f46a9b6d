"""The imports made at this desk, each of which can be taken back as a whole."""

from typing import Any

from PySide6.QtWidgets import QFrame, QStackedWidget

from app.catalog.import_commands import UndoSpecificationImport
from app.catalog.import_history import ImportEntry, list_imports
from app.kernel.errors import DomainError
from app.runtime.language import tr, tr_noop
from ui.kit.columns import Column, State
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.dialogs import ask
from ui.kit.feedback import EmptyState, MessageBar
from ui.kit.layout import STRETCH, column, row
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.kit.theme import set_role

_STATES = {False: State(tr_noop("In force"), "good"), True: State(tr_noop("Undone"), "neutral")}
_COLUMNS = (
    Column("taken_at", tr_noop("When"), kind="moment", width=140),
    Column("source", tr_noop("File"), width=240, stretch=True, tooltip=lambda entry: entry.source),
    Column("staff_name", tr_noop("Imported by"), width=120),
    Column("desk_code", tr_noop("Desk"), width=90, format=lambda code: code or tr("This desk")),
    Column("added", tr_noop("Trims added"), kind="integer", width=110),
    Column("changed", tr_noop("Entries changed"), kind="integer", width=130),
    Column("is_undone", tr_noop("Status"), kind="state", width=116, states=_STATES),
)


class ImportHistory(QFrame):
    """A list, and the button that takes the selected import back."""

    def __init__(self, context: PageContext, *, back: Button) -> None:
        super().__init__()
        set_role(self, "card")
        self._context = context
        self.messages = MessageBar()
        self.undo = Button(tr_noop("Take this import back"), icon="undo", on_click=self.ask_undo)
        self.model = KeysetTableModel(context.operations, _COLUMNS, self._list, parent=self)
        self.table = RecordTable(
            self.model, name=tr_noop("Imports"), views=context.views, view_key="catalogue.imports"
        )
        self.table.selected.connect(lambda _entry: self._show_button())
        self.model.rows_shown.connect(self._on_rows_shown)
        self._nothing = EmptyState(
            tr_noop("Nothing was imported here yet"),
            tr_noop("What this desk imports into the catalogue is listed here and can be taken back as a whole."),
            icon="history",
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._nothing)
        hint = Label(
            tr_noop(
                "An import can be taken back while nobody changed what it brought and no vehicle is of a trim it added."
            ),
            role="secondary", wrap=True,
        )  # fmt: skip
        layout = column(row(back, STRETCH, self.undo), self.messages, hint, gap=12, margins=24)
        layout.addWidget(self._stack, 1)
        self.setLayout(layout)
        self._show_button()
        self.model.load({})

    def show_error(self, error: DomainError) -> bool:
        """The funnel asks: it stands above the list."""
        self.messages.show_error(error.message)
        return True

    def ask_undo(self) -> None:
        """Whether to take the selected import back."""
        entry = self.table.current_row()
        if entry is None or entry.is_undone:
            return
        ask(
            self,
            title=tr_noop("Take this import back?"),
            text=lambda: tr("{file}: what it added leaves the catalogue, what it changed is as before.",
                            file=entry.source),
            verb=tr_noop("Undo the import"),
            on_yes=lambda: self.take_back(entry),
        )  # fmt: skip

    def take_back(self, entry: ImportEntry) -> None:
        """Take an import back."""
        self.messages.clear()
        job = self._context.operations.run_command(
            self, UndoSpecificationImport(import_id=entry.id), on_done=lambda _id: self.model.refresh(),
            name=tr_noop("Import specifications"),
        )  # fmt: skip
        self.undo.busy_while(job)

    def _list(self, reader: Any, *, after: Any, limit: int, **_filters: Any) -> Any:
        return list_imports(reader, after=after, limit=limit)

    def _on_rows_shown(self) -> None:
        empty = not self.model.rows and not self.model.loading
        self._stack.setCurrentWidget(self._nothing if empty else self.table)
        self._show_button()

    def _show_button(self) -> None:
        entry = self.table.current_row()
        self.undo.setEnabled(entry is not None and not entry.is_undone)
