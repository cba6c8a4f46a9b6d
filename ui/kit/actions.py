"""Everything a person can do, in one registry: the palette, the F1 overlay, menus and tooltips are made from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.kernel.permissions import Actor, Permission
from app.runtime.language import tr_noop
from ui.kit.keys import SHELL_KEYS
from ui.kit.text import Words, words

THIS_PAGE = tr_noop("This page")
WINDOW = "window"
"""The scope of actions that work on every page."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing a person can do.

    `id` is "feature.verb"; `enabled` is asked each time the action is shown or run; an action whose permission the
    person lacks is not shown at all (the handler behind it checks again).
    """

    id: str
    text: Words
    handler: Callable[[], object]
    key: str | None = None
    icon: str | None = None
    permission: Permission | None = None
    enabled: Callable[[], bool] | None = None
    group: Words = THIS_PAGE
    keywords: str = ""

    def is_enabled(self) -> bool:
        """Whether it can be run right now."""
        return self.enabled is None or self.enabled()


class KeyTaken(Exception):
    """Two actions of one scope, or a page and the window, want the same key: the key map has to stay one."""


@dataclass(slots=True)
class _Registered:
    action: Action
    scope: str
    qaction: QAction
    owner: QWidget


class ActionRegistry(QObject):
    """All actions by id, with the scope (a page key or `WINDOW`) they are reachable in."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: dict[str, _Registered] = {}
        self._scope = WINDOW
        self._actor: Callable[[], Actor | None] = lambda: None
        self._blocked = False

    def use_actor(self, actor: Callable[[], Actor | None]) -> None:
        """Whose permissions decide what is shown."""
        self._actor = actor

    def add(self, action: Action, owner: QWidget, scope: str = WINDOW) -> QAction:
        """Register an action; its key works while `owner` (a page, or the window) is in front.

        Raises KeyTaken when the key already means something there, ValueError for an id used twice.
        """
        if action.id in self._entries:
            raise ValueError(f"action {action.id!r} is registered twice")
        self._refuse_taken_key(action, scope)
        qaction = QAction(owner)
        qaction.setObjectName(action.id)
        qaction.setShortcutContext(
            Qt.ShortcutContext.WindowShortcut if scope == WINDOW else Qt.ShortcutContext.WidgetWithChildrenShortcut
        )
        if action.key and action.key != "Return":  # Return belongs to the control that has the focus
            qaction.setShortcut(QKeySequence(action.key))
        qaction.triggered.connect(lambda: self.run(action.id))
        owner.addAction(qaction)
        self._entries[action.id] = _Registered(action, scope, qaction, owner)
        self.changed.emit()
        return qaction

    def remove_scope(self, scope: str) -> None:
        """Forget a page's actions, when the page is closed for good."""
        for action_id in [key for key, entry in self._entries.items() if entry.scope == scope]:
            self.remove(action_id)

    def block(self, blocked: bool) -> None:
        """While the window is locked no action runs and no key of the registry works."""
        self._blocked = blocked
        for entry in self._entries.values():
            entry.qaction.setEnabled(not blocked)

    def remove(self, action_id: str) -> None:
        """Forget one action, if it is there."""
        entry = self._entries.pop(action_id, None)
        if entry is not None:
            entry.owner.removeAction(entry.qaction)
            entry.qaction.deleteLater()
            self.changed.emit()

    def ids(self) -> list[str]:
        """All registered ids."""
        return list(self._entries)

    def set_scope(self, scope: str) -> None:
        """Which page is in front."""
        self._scope = scope
        self.changed.emit()

    def get(self, action_id: str) -> Action:
        """The action of an id. Raises KeyError."""
        return self._entries[action_id].action

    def run(self, action_id: str) -> bool:
        """Run an action if it is permitted and enabled now; returns whether it ran."""
        entry = self._entries.get(action_id)
        if self._blocked or entry is None or not self.permitted(entry.action) or not entry.action.is_enabled():
            return False
        entry.action.handler()
        return True

    def permitted(self, action: Action) -> bool:
        """Whether the person signed in may see it."""
        actor = self._actor()
        return action.permission is None or (actor is not None and actor.may(action.permission))

    def available(self) -> list[Action]:
        """What can be reached from the page in front: its own actions first, then the window's."""
        return list(self._in_scope(self._scope)) + ([] if self._scope == WINDOW else list(self._in_scope(WINDOW)))

    def by_group(self) -> dict[str, list[Action]]:
        """Available actions under their group's heading, for the F1 overlay."""
        groups: dict[str, list[Action]] = {}
        for action in self.available():
            groups.setdefault(words(action.group), []).append(action)
        return groups

    def tooltip(self, action_id: str) -> str:
        """The action's words with its key: "Hold vehicle (Ctrl+H)"."""
        return tooltip_text(self.get(action_id))

    def _in_scope(self, scope: str) -> Iterator[Action]:
        for entry in self._entries.values():
            if entry.scope == scope and self.permitted(entry.action):
                yield entry.action

    def _refuse_taken_key(self, action: Action, scope: str) -> None:
        if not action.key:
            return
        if scope != WINDOW and action.key in SHELL_KEYS:
            raise KeyTaken(f"{action.key} belongs to the window; {action.id} cannot have it")
        for entry in self._entries.values():
            overlaps = scope in (WINDOW, entry.scope) or entry.scope == WINDOW
            if overlaps and entry.action.key == action.key:
                raise KeyTaken(f"{action.key} already runs {entry.action.id}; {action.id} cannot have it too")


def key_text(key: str) -> str:
    """A key sequence as this platform writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def tooltip_text(action: Action) -> str:
    """The words of an action followed by its key in brackets."""
    text = words(action.text)
    return f"{text} ({key_text(action.key)})" if action.key else text
