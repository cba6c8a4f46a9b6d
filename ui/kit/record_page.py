"""A list page whose panel shows one record in full: fetched by its id, kept fresh, with the verbs it offers now."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from app.kernel.changes import Changes
from app.kernel.commands import Command
from app.runtime.language import tr_noop
from ui.kit.actions import Action, ActionRegistry, tooltip_text
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.detail_panel import PANEL_WIDTH
from ui.kit.editing import EditingPage
from ui.kit.layout import boxed, column
from ui.kit.operations import Job
from ui.kit.panel_form import PanelForm, PanelSection
from ui.kit.text import Words, words
from ui.kit.theme import theme

_VERBS_WIDTH = PANEL_WIDTH - 2 * 16


@dataclass(frozen=True, slots=True)
class PanelContent:
    """What the panel shows of a record.

    `verbs` are ids of the page's actions, the next step first: as many stand as buttons as there is room, the others,
    and all of `more`, in a menu. What is not permitted or not possible now is left out.
    """

    title: Words
    content: QWidget
    subtitle: Words = ""
    verbs: Sequence[str] = ()
    more: Sequence[str] = ()
    next_step: bool = True
    """Whether the first verb carries the record on; only then it is the primary button."""


class RecordPage(EditingPage):
    """Declare `param`, `get_record` and `panel_content`; a question to the person takes the panel for a while."""

    param: ClassVar[str] = ""
    """The parameter of `navigator.open` that selects a record, such as "order_id"."""
    concerns: ClassVar[Sequence[str]] = ()
    """Further tables whose changes make the shown record be fetched again."""

    def __init__(self, context: PageContext, *, parent: QWidget | None = None) -> None:
        self.record: Any = None
        """The record in the panel or the sheet, None before the first."""
        self.question: PanelForm | None = None
        """The form that stands in the panel now."""
        self._awaited: PanelForm | None = None
        """A question within the panel, after which the record is shown anew."""
        self._wanted = ""
        self._pinned = False
        self._filled = False
        self._record_stale = False
        self._verb_buttons: list[Button] = []
        super().__init__(context, parent=parent)
        self.panel.closed.connect(self._on_panel_closed)

    # --- what pages implement --------------------------------------------------------------------

    def get_record(self, reader: Any, record_id: str) -> Any:
        """Everything the panel shows; runs on a reader thread. Has `.row.id`."""
        raise TypeError(f"{type(self).__name__} declares no get_record")

    def panel_content(self, record: Any) -> PanelContent:
        """The panel for a record."""
        raise TypeError(f"{type(self).__name__} declares no panel_content")

    def record_shown(self, record: Any) -> None:
        """A record arrived, also while a sheet is open."""

    def record_id(self, record: Any) -> str:
        """The id of a record from `get_record`."""
        return str(record.row.id)

    # --- what pages call -------------------------------------------------------------------------

    def show_record(self, record_id: str) -> None:
        """Fetch a record and show it in the panel, whether its row is in the table or not."""
        if record_id != self._wanted:
            self._drop_question()
            self._filled = False
        self._wanted = record_id
        self.context.operations.run_query(
            self, self.get_record, record_id, on_done=self._on_record, on_error=self._on_record_failed, key="record"
        )

    @property
    def is_shown(self) -> bool:
        """Whether the record is in sight: what nobody sees is not acted upon."""
        return self.record is not None and (self._filled or self.sheet is not None)

    def offers(self, code: str) -> bool:
        """Whether the record in sight offers an action now; `actions` of the record are its codes."""
        return self.is_shown and code in self.record.actions

    def ask(self, form: PanelForm) -> None:
        """Ask in the panel, above the record. Afterwards, and after Cancel, the record alone is shown again."""
        self.close_sheet()
        self._drop_question()
        shown = self.panel_content(self.record)
        self.question = form
        self._filled = False
        self._verb_buttons = []
        form.left.connect(lambda: self._on_question_left(form))
        self.panel.show_content(shown.title, boxed(column(form, shown.content, gap=24)), subtitle=shown.subtitle)
        form.take_focus()

    def run(self, command: Command, *, on_done: Callable[[Any], object] | None = None, said: Words = "") -> Job:
        """Execute a command about the shown record; `said` is told when it is stored."""

        def done(value: Any) -> None:
            if said:
                self.context.notifications.show(said, tone="good")
            if on_done is not None:
                on_done(value)

        self.messages.clear()
        job = self.context.operations.run_command(self, command, on_done=done)
        for button in self._verb_buttons:
            button.busy_while(job)
        return job

    def verb_buttons(self) -> list[Button]:
        """The buttons below the panel, for tests."""
        return list(self._verb_buttons)

    # --- life ------------------------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        """`params[self.param]` selects a record and shows it."""
        record_id = str(params.get(self.param) or "")
        if record_id:
            self.close_sheet()
            self._pinned = True
            if not self.table.select_id(record_id):
                self.table.clearSelection()
        super().activate(params)
        if record_id or (self._record_stale and self._wanted):
            self._record_stale = False
            self.show_record(record_id or self._wanted)

    def on_changes(self, changes: Changes, initiator: object) -> None:
        super().on_changes(changes, initiator)
        if not self._wanted or not changes.touches(*self.watches, *self.concerns):
            return
        if self.panel.isHidden() and self.sheet is None:
            return
        if self.isVisible():
            self.show_record(self._wanted)
        else:
            self._record_stale = True

    def retranslate(self) -> None:
        super().retranslate()
        if self._filled and self.record is not None:
            self._fill_unless_asked(self.record)

    def close_page(self) -> None:
        self._filled, self._wanted = False, ""  # its actions are gone: neither a switch of the language on its last
        # way nor a record that was under way may ask for them
        super().close_page()

    def show_details(self, row: Any) -> None:
        self._pinned = False
        self.show_record(row.id)

    # --- inside ----------------------------------------------------------------------------------

    def _on_record(self, record: Any) -> None:
        if self.record_id(record) != self._wanted:
            return
        same, self.record = record == self.record, record
        self.record_shown(record)
        if self.sheet is not None or self.question is not None or (same and self._filled and self.panel.isVisible()):
            return
        self._fill_unless_asked(record)

    def _fill_unless_asked(self, record: Any) -> None:
        """Where a part of the panel asks something, what is half typed stays; the record is shown anew afterwards."""
        sections = self.panel.findChildren(PanelSection) if self._filled else []
        asked = next((section.question for section in sections if section.question is not None), None)
        if asked is None:
            self._fill(record)
        elif asked is not self._awaited:
            self._awaited = asked
            asked.left.connect(lambda: self._on_answered(asked))

    def _on_answered(self, asked: PanelForm) -> None:
        if asked is self._awaited:
            self._awaited = None
            if self._wanted and self.panel.isVisible():
                self._filled = False
                self.show_record(self._wanted)

    def _on_record_failed(self, _error: BaseException) -> bool:
        self._wanted = ""
        self.record = None
        self.panel.close_panel()
        return False

    def _fill(self, record: Any) -> None:
        self._filled = True
        shown = self.panel_content(record)
        self._verb_buttons = self._buttons(shown)
        self.panel.show_content(shown.title, shown.content, subtitle=shown.subtitle, actions=self._verb_buttons)

    def _buttons(self, shown: PanelContent) -> list[Button]:
        registry = self.context.actions
        possible = [verb for verb in shown.verbs if is_possible(registry, verb)]
        buttons: list[Button] = []
        room = theme().px(_VERBS_WIDTH)
        more = Button(tr_noop("More"), icon="more-horizontal", kind="quiet")
        for place, verb in enumerate(possible):
            kind = "primary" if place == 0 and shown.next_step else "secondary"
            button = Button.for_action(registry.get(verb), registry, kind=kind)
            button.setObjectName(verb)
            last = place == len(possible) - 1 and not shown.more
            needed = button.sizeHint().width() + theme().px(8) + (0 if last else more.sizeHint().width())
            if place > 0 and needed > room:
                button.deleteLater()
                break
            room -= button.sizeHint().width() + theme().px(8)
            buttons.append(button)
        rest = [*possible[len(buttons) :], *(verb for verb in shown.more if is_possible(registry, verb))]
        if not rest:
            more.deleteLater()
            return buttons
        more.clicked.connect(lambda: open_action_menu(more, registry, rest))
        return [*buttons, more]

    def _drop_question(self) -> None:
        form, self.question = self.question, None
        if form is not None:
            form.leave()

    def _on_question_left(self, form: PanelForm) -> None:
        if self.question is not form:
            return
        self.question = None
        if self._wanted and self.record is not None:
            self._fill(self.record)
            self.show_record(self._wanted)
        # Of a record that is in no list in sight the verbs are next; else Qt would look for a place by itself.
        (self.table if self.table.isVisible() or not self._verb_buttons else self._verb_buttons[0]).setFocus()

    def _on_panel_closed(self) -> None:
        self._filled = False
        self._drop_question()

    def _on_table_selected(self, row: Any) -> None:
        if row is None and self._pinned:
            return
        if row is None and self.sheet is None:
            self._wanted = ""
        super()._on_table_selected(row)

    def _toggle_panel(self) -> None:
        if not self.panel.isVisible() and self._wanted and self.sheet is None:
            self.show_record(self._wanted)
        else:
            super()._toggle_panel()

    def open_sheet(self, sheet: QWidget, title: Words, *, subtitle: Words = "") -> None:
        self.panel.close_panel()  # first, or the window would have to make room for both
        super().open_sheet(sheet, title, subtitle=subtitle)

    def close_sheet(self) -> None:
        was_open = self.sheet is not None
        super().close_sheet()
        if was_open and self._wanted:
            self._filled = False
            self.show_record(self._wanted)


def is_possible(registry: ActionRegistry, action_id: str) -> bool:
    """Whether the person may run an action, and it can be run now."""
    action: Action = registry.get(action_id)
    return registry.permitted(action) and action.is_enabled()


def open_action_menu(below: QWidget, registry: ActionRegistry, action_ids: Sequence[str]) -> None:
    """A menu of registered actions under a button."""
    menu = QMenu(below)
    for action_id in action_ids:
        action = registry.get(action_id)
        entry = menu.addAction(words(action.text))
        entry.setToolTip(tooltip_text(action))
        if action.icon:
            entry.setIcon(theme().icon(action.icon))
        entry.triggered.connect(lambda _checked=False, action_id=action_id: registry.run(action_id))
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(below.mapToGlobal(QPoint(0, below.height())))
