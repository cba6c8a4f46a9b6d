"""Driving pages that show records: open one, press its verbs, read what its panel says."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.kernel.changes import Changes
from ui.kit.context import PageContext
from ui.kit.record_line import RecordLine
from ui.kit.record_page import RecordPage

Show = Callable[..., Any]
Settle = Callable[[], None]
CTRL = Qt.KeyboardModifier.ControlModifier


class Driver:
    """One open page, driven as a person does."""

    def __init__(self, page: RecordPage, *, context: PageContext, settle: Settle, qtbot: QtBot) -> None:
        self.page = page
        self.context = context
        self.settle = settle
        self.qtbot = qtbot

    def select(self, record_id: str) -> None:
        """Select a row of the table and wait for the panel."""
        assert self.page.table.select_id(record_id), "the row is not in the table"
        self.settle()

    def verbs(self) -> list[str]:
        """The words of the buttons below the panel."""
        return [button.text() for button in self.page.verb_buttons()]

    def possible(self) -> set[str]:
        """The ids of the page's record actions that can be run now."""
        registry = self.context.actions
        prefix = f"{self.page.key}."
        return {
            action_id
            for action_id in registry.ids()
            if action_id.startswith(prefix)
            and registry.permitted(registry.get(action_id))
            and registry.get(action_id).is_enabled()
        }

    def run(self, action_id: str) -> bool:
        """Run an action by its id, wait, and say whether it ran."""
        ran = self.context.actions.run(action_id)
        self.settle()
        return ran

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the focus is, and wait."""
        self.qtbot.keyClick(QApplication.focusWidget() or self.page, key, modifier)
        self.settle()

    def texts(self, widget: QWidget | None = None) -> list[str]:
        """All labels and record lines that are in sight."""
        place = widget or self.page.panel
        said = [label.text() for label in place.findChildren(QLabel) if label.isVisible() and label.text()]
        lines = [line.accessibleName() for line in place.findChildren(RecordLine) if line.isVisible()]
        return said + lines

    def says(self, text: str, widget: QWidget | None = None) -> bool:
        """Whether a label in sight contains the text."""
        return any(text in said for said in self.texts(widget))

    def answer(self, **values: Any) -> None:
        """Fill the question in the panel and press its verb."""
        question = self.page.question
        assert question is not None, "nothing is asked"
        for name, value in values.items():
            question.form.set_value(name, value)
        question.submit()
        self.settle()

    def changed_elsewhere(self, *tables: str) -> None:
        """Sync applied rows of these tables."""
        self.context.operations.publish(Changes({table: frozenset({"x"}) for table in tables}), None)
        self.settle()


def open_page(
    page: RecordPage, *, context: PageContext, show: Show, settle: Settle, qtbot: QtBot, **params: Any
) -> Driver:
    """Show a page as the window does, and hear of changes as in the window."""
    show(page, 1072, 768)
    context.operations.changes_published.connect(page.on_changes)
    context.actions.set_scope(page.scope)
    page.activate(params)
    settle()
    return Driver(page, context=context, settle=settle, qtbot=qtbot)


def unnamed_controls(page: QWidget) -> list[QWidget]:
    """Controls one reaches by Tab that a screen reader could not name."""
    return [
        widget
        for widget in page.findChildren(QWidget)
        if widget.isVisible()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.accessibleName()
        and not getattr(widget, "text", str)()
    ]
