"""A small form in a detail panel: a few fields, Cancel, and the verb. For one decision about one record."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget
from shiboken6 import isValid

from app.kernel.commands import Command
from app.runtime.language import tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.fields import Field, Section
from ui.kit.form import Form
from ui.kit.layout import STRETCH, column, row
from ui.kit.operations import Job
from ui.kit.text import Words
from ui.kit.theme import set_role, theme

CANCEL = tr_noop("Cancel")
_AROUND = 16


class PanelForm(QFrame):
    """Asks in the panel instead of in a window. The verb, Ctrl+Return or Return in a field runs the command.

    `command(values)` makes the command; `on_done(value)` comes after commit, when the form has gone. Errors stand below
    their fields. `left` comes once, also after Cancel, which may be worded by `keep`.
    """

    left = Signal()

    def __init__(
        self,
        context: PageContext,
        title: Words,
        fields: list[Field],
        *,
        verb: Words,
        command: Callable[[Mapping[str, Any]], Command],
        on_done: Callable[[Any], object] | None = None,
        text: Words = "",
        danger: bool = False,
        name: Words = "",
        keep: Words = CANCEL,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.context = context
        self._command, self._on_done, self._name = command, on_done, name
        self._came_from: QWidget | None = None
        self._had_focus = False
        self.form = Form(context, [Section("", fields)], columns=2, submit_on_return=True)
        self.form.submitted.connect(self.submit)
        self._cancel = Button(keep, on_click=self.leave)
        self.verb = Button(verb, kind="danger" if danger else "primary", on_click=self.submit)
        heading = Label(title, role="section", wrap=True)
        stack = column(heading, gap=8, margins=16)
        if text:
            stack.addWidget(Label(text, role="secondary", wrap=True))
        stack.addWidget(self.form)
        stack.addLayout(row(STRETCH, self._cancel, self.verb))
        self.setLayout(stack)

    def take_focus(self) -> None:
        """Where typing begins; where one came from has the focus again afterwards."""
        self._came_from = QApplication.focusWidget()
        self.form.focus_first()

    def submit(self) -> None:
        """Run the command if every field is all right."""
        if not self.verb.isEnabled() or not self.form.check_all():
            return
        self._had_focus = self._has_focus()
        self.verb.busy_while(self._run(self.form.values()))

    def _run(self, values: Mapping[str, Any]) -> Job:
        command = self._command(values)
        return self.context.operations.run_command(self.form, command, on_done=self._on_command_done, name=self._name)

    def leave(self) -> None:
        """Go away without asking further."""
        self._go(had_focus=self._has_focus())

    def _go(self, *, had_focus: bool) -> None:
        back = self._came_from
        self.hide()
        self.left.emit()
        self.deleteLater()
        if had_focus and back is not None and isValid(back) and back.isVisible() and back.isEnabled():
            back.setFocus()

    def _has_focus(self) -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    def _on_command_done(self, value: Any) -> None:
        done = self._on_done
        self._go(had_focus=self._had_focus or self._has_focus())
        if done is not None:
            done(value)


class PanelInquiry(PanelForm):
    """The same for what is no command, such as a question to the centre: `work(values)` runs on a thread of its own,
    with a bar in the window.

    Until it answers, the form stays; a problem stands in the form or in a notification, as everywhere.
    """

    def __init__(
        self, context: PageContext, title: Words, fields: list[Field], *, verb: Words,
        work: Callable[[Mapping[str, Any]], Any], doing: Words, on_done: Callable[[Any], object] | None = None,
        text: Words = "", danger: bool = False, writes: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(
            context, title, fields, verb=verb, command=_no_command, on_done=on_done, text=text, danger=danger
        )
        self._work, self._doing, self._writes = work, doing, writes

    def _run(self, values: Mapping[str, Any]) -> Job:
        return self.context.operations.run_long(
            self.form, lambda _progress: self._work(values), title=self._doing, on_done=self._on_command_done,
            writes=self._writes,
        )  # fmt: skip


def _no_command(_values: Mapping[str, Any]) -> Command:
    raise NotImplementedError("the centre is asked instead")


def _bring_into_sight(question: PanelForm) -> None:
    """Its verb too, where it stands in something that scrolls; of one with no room for all of it, the beginning."""
    around: QWidget | None = question
    while around is not None and not isinstance(around, QScrollArea):
        around = around.parentWidget()
    if around is None:
        return
    around.ensureWidgetVisible(question, 0, theme().px(_AROUND))
    content = around.widget()
    if content is not None and question.height() > around.viewport().height():
        around.ensureVisible(0, question.mapTo(content, QPoint()).y(), 0, theme().px(_AROUND))


class PanelSection(QWidget):
    """A part of a panel: heading with a small verb at its right, content, and a place for a question of its own."""

    def __init__(self, title: Words, *trailing: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._question: PanelForm | None = None
        self._stack = column(gap=8)
        if title or trailing:
            heading = row(Label(title, role="section"), STRETCH, *trailing, gap=4)
            self._stack.addLayout(heading)
        self._place = QWidget()  # hidden while nothing is asked, so that it takes no room
        self._place.setLayout(column())
        self._place.hide()
        self._stack.addWidget(self._place)
        self.setLayout(self._stack)

    def add(self, *widgets: QWidget) -> None:
        """Append to the content."""
        for widget in widgets:
            self._stack.addWidget(widget)

    @property
    def question(self) -> PanelForm | None:
        """The question asked now."""
        return self._question

    def ask(self, question: PanelForm) -> None:
        """Show a question below the heading; it replaces the one asked before."""
        if self._question is not None:
            self._question.leave()
        self._question = question
        question.left.connect(self._on_question_left)
        self._place.layout().addWidget(question)  # type: ignore[union-attr]
        self._place.show()
        question.show()
        question.take_focus()
        QTimer.singleShot(0, question, lambda: _bring_into_sight(question))

    def _on_question_left(self) -> None:
        self._question = None
        self._place.hide()
