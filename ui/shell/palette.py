"""Ctrl+K: one box for records and actions, filtered by role, driven by arrow keys."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.runtime.language import tr, tr_noop
from ui.kit.actions import Action, ActionRegistry, key_text
from ui.kit.controls import Label, SearchField
from ui.kit.layout import Divider, row
from ui.kit.operations import Operations
from ui.kit.text import Retranslated, words
from ui.kit.theme import set_role, theme
from ui.shell.overlay import Overlay
from ui.shell.ports import SearchHit, SearchQuery

HITS = 24
ACTIONS_WITH_RECORDS = 6
ROW, HEAD = 40, 28
_ENTRY = int(Qt.ItemDataRole.UserRole)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the palette: a heading, or something to run."""

    title: str
    run: Callable[[], object] | None = field(default=None, compare=False)
    icon: str = ""
    subtitle: str = ""
    key: str = ""
    enabled: bool = True

    @property
    def is_heading(self) -> bool:
        """Headings cannot be chosen."""
        return self.run is None


class PaletteModel(QAbstractListModel):
    """The lines, headings among them."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.entries: list[Entry] = []

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Other lines."""
        self.beginResetModel()
        self.entries = list(entries)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
        if not 0 <= index.row() < len(self.entries):
            return None
        entry = self.entries[index.row()]
        if role == 0:
            return entry.title
        if role == _ENTRY:
            return entry
        if role == int(Qt.ItemDataRole.AccessibleTextRole):
            return " ".join(part for part in (entry.title, entry.subtitle, entry.key) if part)
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        if not 0 <= index.row() < len(self.entries):
            return Qt.ItemFlag.NoItemFlags
        entry = self.entries[index.row()]
        if entry.is_heading or not entry.enabled:
            return Qt.ItemFlag.ItemIsEnabled if entry.is_heading else Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class PaletteDelegate(QStyledItemDelegate):
    """Icon, title, quieter subtitle, key at the right."""

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        heading = index.data(_ENTRY).is_heading
        return QSize(theme().px(200), theme().px(HEAD if heading else ROW))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry: Entry = index.data(_ENTRY)
        look = theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = option.rect.adjusted(look.px(12), 0, -look.px(12), 0)
        if entry.is_heading:
            painter.setPen(look.color("muted"))
            painter.setFont(look.font("secondary"))
            painter.drawText(area, int(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft), entry.title)
            painter.restore()
            return
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.color("accent_wash"))
            painter.drawRoundedRect(QRectF(option.rect).adjusted(0, 1, 0, -1), look.px(6), look.px(6))
        self._paint_entry(painter, area, entry)
        painter.restore()

    def _paint_entry(self, painter: QPainter, area: QRect, entry: Entry) -> None:
        look = theme()
        side = look.px(18)
        if entry.icon:
            icon = look.icon(entry.icon, "muted" if entry.enabled else "faint")
            icon.paint(painter, QRect(area.left(), area.center().y() - side // 2, side, side))
        area = area.adjusted(side + look.px(12), 0, 0, 0)
        middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        if entry.key:
            area = area.adjusted(0, 0, -self._paint_key(painter, area, entry.key) - look.px(12), 0)
        font = look.font("body")
        painter.setFont(font)
        painter.setPen(look.color("text" if entry.enabled else "faint"))
        measure = QFontMetrics(font)
        title = measure.elidedText(entry.title, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, middle, title)
        taken = measure.horizontalAdvance(title) + look.px(12)
        if entry.subtitle and taken < area.width():
            small = look.font("secondary")
            painter.setFont(small)
            painter.setPen(look.color("muted"))
            rest = area.adjusted(taken, 0, 0, 0)
            shown = QFontMetrics(small).elidedText(entry.subtitle, Qt.TextElideMode.ElideRight, rest.width())
            painter.drawText(rest, middle, shown)

    def _paint_key(self, painter: QPainter, area: QRect, key: str) -> int:
        look = theme()
        font = look.font("secondary")
        width = QFontMetrics(font).horizontalAdvance(key) + look.px(12)
        height = look.px(20)
        cap = QRectF(area.right() - width, area.center().y() - height / 2, width, height)
        painter.setPen(look.color("strong_line"))
        painter.setBrush(look.color("canvas"))
        painter.drawRoundedRect(cap, look.px(4), look.px(4))
        painter.setPen(look.color("muted"))
        painter.setFont(font)
        painter.drawText(cap, int(Qt.AlignmentFlag.AlignCenter), key)
        return width


class Palette(Retranslated, Overlay):
    """The box. Records come through `search` on a reader thread, with each key."""

    def __init__(
        self,
        parent: QWidget,
        *,
        operations: Operations,
        actions: ActionRegistry,
        navigate: Callable[..., object],
        search: SearchQuery | None = None,
        may_open: Callable[[str], bool] = lambda _key: True,
    ) -> None:
        super().__init__(parent, width=640)
        self._operations, self._actions, self._navigate = operations, actions, navigate
        self._search_query, self._may_open = search, may_open
        self._hits: list[SearchHit] = []
        self.field = SearchField(tr_noop("Find a vehicle, customer, order, or type what to do"))
        set_role(self.field, "palette")
        self.field.installEventFilter(self)
        self.field.textChanged.connect(lambda _text: self._show())
        self.field.searched.connect(self._on_field_searched)
        self.model = PaletteModel(self)
        self.view = QListView()
        self.view.setModel(self.model)
        self.view.setItemDelegate(PaletteDelegate(self.view))
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setMouseTracking(True)
        self.view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        set_role(self.view, "palette-list")
        self.view.clicked.connect(lambda index: self._run(index.row()))
        self._hint = Label(self._hint_words, role="secondary")
        self.stack.addWidget(self.field)
        self.stack.addWidget(Divider())
        self.stack.addLayout(row(self.view, margins=8), 1)
        self.stack.addWidget(Divider())
        self.stack.addLayout(row(self._hint, margins=(20, 6, 20, 6)))

    def open_over(self) -> None:
        """Open it empty, with what can be done here."""
        self._hits = []
        self.field.set_silently("")
        self._show()
        super().open_over()

    def take_focus(self) -> None:
        self.field.setFocus()

    def card_height(self, width: int) -> int:
        return theme().px(480)

    def retranslate(self) -> None:
        if not self.isHidden():
            self._show()

    # --- inside ----------------------------------------------------------------------------------

    def _hint_words(self) -> str:
        return tr("↑ ↓ choose · Return opens · Esc closes")

    def _on_field_searched(self, text: str) -> None:
        if self._search_query is None or not text:
            self._hits = []
            self._show()
            return
        self._operations.run_query(
            self,
            self._search_query,
            text,
            limit=HITS,
            on_done=self._on_found,
            on_error=self._on_search_failed,
            key="palette",
        )

    def _on_found(self, hits: Sequence[SearchHit]) -> None:
        self._hits = [hit for hit in hits if self._may_open(hit.page_key)]
        self._show()

    def _on_search_failed(self, _error: BaseException) -> bool:
        self._hits = []
        return False

    def _show(self) -> None:
        typed = self.field.text().strip()
        if not typed:
            self._hits = []
        entries = [*self._record_entries(), *self._action_entries(typed)]
        if not entries:
            entries = [Entry(tr("Nothing found for “{text}”", text=typed[:40]))]
        self.model.show_entries(entries)
        self._move_to(0, 1)

    def _record_entries(self) -> list[Entry]:
        groups: dict[str, list[SearchHit]] = {}
        for hit in self._hits:
            groups.setdefault(words(hit.kind), []).append(hit)
        entries: list[Entry] = []
        for kind, hits in groups.items():
            entries.append(Entry(kind))
            entries += [
                Entry(hit.title, run=partial(self._open, hit), icon=hit.icon, subtitle=hit.subtitle) for hit in hits
            ]
        return entries

    def _action_entries(self, typed: str) -> list[Entry]:
        found = [action for action in self._actions.available() if matches(typed, action)]
        if self._hits:
            found = found[:ACTIONS_WITH_RECORDS]
        groups: dict[str, list[Action]] = {}
        for action in found:
            groups.setdefault(words(action.group), []).append(action)
        entries: list[Entry] = []
        for heading, members in groups.items():
            entries.append(Entry(heading))
            entries += [
                Entry(
                    words(action.text),
                    run=partial(self._actions.run, action.id),
                    icon=action.icon or "command",
                    key=key_text(action.key) if action.key else "",
                    enabled=action.is_enabled(),
                )
                for action in members
            ]
        return entries

    def _open(self, hit: SearchHit) -> None:
        self._navigate(hit.page_key, **hit.params)

    def _move_to(self, start: int, step: int) -> None:
        lines = len(self.model.entries)
        for offset in range(lines):
            line = (start + offset * step) % lines
            entry = self.model.entries[line]
            if not entry.is_heading and entry.enabled:
                index = self.model.index(line)
                self.view.setCurrentIndex(index)
                self.view.scrollTo(self.model.index(max(0, line - 1)) if line <= 1 else index)
                return

    def _run(self, line: int) -> None:
        if not 0 <= line < len(self.model.entries):
            return
        entry = self.model.entries[line]
        if entry.run is not None and entry.enabled:
            self.close_over()
            entry.run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            key = event.key()
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                step = 1 if key == Qt.Key.Key_Down else -1
                self._move_to(self.view.currentIndex().row() + step, step)
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.view.currentIndex().row())
                return True
        return super().eventFilter(watched, event)


def matches(typed: str, action: Action) -> bool:
    """Whether every word typed begins a word of the action, stands in its keywords, or (Chinese) anywhere in it."""
    if not typed:
        return True
    text = f"{words(action.text)} {action.keywords}".lower()
    parts = text.split()
    return all(
        any(part.startswith(word) for part in parts) or (not word.isascii() and word in text)
        for word in typed.lower().split()
    )
