"""Which of many lists a page shows: as many side by side as there is room for, the others behind one button.

Nothing of a name is ever cut. The list in sight is always named: where it has no place, the button says its name.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLayout, QMenu, QPushButton, QSizePolicy, QWidget

from app.runtime.language import tr
from ui.kit.controls import Choice
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import Themed, set_role, theme

_ARROW = 12


class ViewBar(Retranslated, Themed, QWidget):
    """Emits `chosen(value)` when a person chooses. Arrows go from one to the next, Down unfolds the others."""

    chosen = Signal(object)

    def __init__(self, choices: Iterable[Choice], *, name: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices = list(choices)
        self._name = name
        self._value: Any = None
        self._offered = {choice.value for choice in self._choices}
        self._group = QButtonGroup(self)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # it may be narrower than all names together
        for index, _choice in enumerate(self._choices):
            segment = QPushButton()
            segment.setCheckable(True)
            segment.setAutoDefault(False)
            set_role(segment, "segment", place="middle")
            self._group.addButton(segment, index)
            line.addWidget(segment)
        self.more = _MoreButton()
        self.more.clicked.connect(self.unfold)
        line.addWidget(self.more)
        line.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._group.idClicked.connect(lambda index: self._choose(self._choices[index].value))
        self.retranslate()

    # --- what pages call -------------------------------------------------------------------------

    def value(self) -> Any:
        """The list in sight."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Choose without emitting."""
        self._value = value
        self._mark()
        self._arrange()

    def offer(self, values: Iterable[Any]) -> None:
        """Only these, and the one in sight."""
        self._offered = set(values)
        self._arrange()

    def offered(self) -> list[Any]:
        """All that can be chosen, in their order, wherever they stand."""
        return [self._choices[index].value for index in self._indexes()]

    def step(self, by: int) -> None:
        """Choose the next one, or with -1 the one before; after the last comes the first."""
        values = self.offered()
        place = values.index(self._value) if self._value in values else -by
        self._choose(values[(place + by) % len(values)])

    def segments(self) -> list[QPushButton]:
        """Those that stand side by side, in their order."""
        return [self._button(index) for index in range(len(self._choices)) if not self._button(index).isHidden()]

    def label_of(self, value: Any) -> str:
        """What a choice says now."""
        return next((words(choice.label) for choice in self._choices if choice.value == value), "")

    def unfold(self) -> QMenu:
        """Show those that have no place, to be chosen from."""
        menu = self._menu()
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height())))
        return menu

    # --- look and place --------------------------------------------------------------------------

    def retranslate(self) -> None:
        self.setAccessibleName(words(self._name))
        for index, choice in enumerate(self._choices):
            button = self._button(index)
            button.setText(words(choice.label))
            button.setAccessibleName(words(choice.label))
            button.setToolTip(words(choice.hint))
        self._arrange()

    def restyle(self) -> None:
        if hasattr(self, "more"):
            self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(self._width_of(self._indexes()), self._height())

    def minimumSizeHint(self) -> QSize:
        widest = max(self.more.width_for(words(self._choices[index].label)) for index in self._indexes())
        return QSize(widest, self._height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        offered = self._indexes()
        fitting = self._fitting(offered)
        hidden = [index for index in offered if index not in fitting]
        had_focus = self._focused_index()
        for index in range(len(self._choices)):
            self._button(index).setVisible(index in fitting)
        named = next((index for index in hidden if self._choices[index].value == self._value), None)
        self.more.show_state(self._words_of_more(hidden, named), checked=named is not None, alone=not fitting)
        self.more.setVisible(bool(hidden))
        last = fitting[-1] if fitting and not hidden else None
        for place, index in enumerate(fitting):
            where = "first" if place == 0 else "middle"
            if index == last:
                where = "only" if place == 0 else "last"
            set_role(self._button(index), "segment", place=where)
        if had_focus is not None and had_focus not in fitting and self.more.isVisible():
            self.more.setFocus(Qt.FocusReason.OtherFocusReason)

    def _indexes(self) -> list[int]:
        return [i for i, choice in enumerate(self._choices) if choice.value in self._offered | {self._value}]

    def _fitting(self, offered: Sequence[int]) -> list[int]:
        """As many as there is room for, from the first."""
        if self._width_of(offered) <= self.width():
            return list(offered)
        for count in range(len(offered) - 1, 0, -1):
            hidden = offered[count:]
            named = next((index for index in hidden if self._choices[index].value == self._value), None)
            room = self.width() - self.more.width_for(self._words_of_more(hidden, named))
            if self._width_of(offered[:count]) <= room:
                return list(offered[:count])
        return []

    def _width_of(self, indexes: Sequence[int]) -> int:
        return sum(self._button(index).sizeHint().width() + 1 for index in indexes)

    def _words_of_more(self, hidden: Sequence[int], named: int | None) -> str:
        if named is not None:
            return words(self._choices[named].label)
        return tr("{n} more", n=len(hidden))

    def _height(self) -> int:
        return max(button.sizeHint().height() for button in self._group.buttons())

    def _mark(self) -> None:
        self._group.setExclusive(False)
        for index, choice in enumerate(self._choices):
            self._button(index).setChecked(choice.value == self._value)
        self._group.setExclusive(True)

    # --- choosing --------------------------------------------------------------------------------

    def _choose(self, value: Any) -> None:
        self.set_value(value)
        self.chosen.emit(value)

    def _menu(self) -> QMenu:
        menu = QMenu(self.more)
        menu.aboutToHide.connect(menu.deleteLater)
        group = QActionGroup(menu)
        for index in self._indexes():
            choice = self._choices[index]
            if not self._button(index).isHidden():
                continue
            entry = QAction(words(choice.label).replace("&", "&&"), menu)
            entry.setToolTip(words(choice.hint))
            entry.setCheckable(True)
            entry.setChecked(choice.value == self._value)
            entry.triggered.connect(partial(self._on_entry_triggered, choice.value))
            group.addAction(entry)
            menu.addAction(entry)
        return menu

    def _on_entry_triggered(self, value: Any, _checked: bool = False) -> None:
        self._choose(value)

    def _button(self, index: int) -> QPushButton:
        button = self._group.button(index)
        assert isinstance(button, QPushButton)
        return button

    def _focused_index(self) -> int | None:
        return next((i for i in range(len(self._choices)) if self._button(i).hasFocus()), None)


class _MoreButton(QPushButton):
    """A segment with an arrow: says what is behind it, or which of these is in sight."""

    def __init__(self) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setAutoDefault(False)
        set_role(self, "segment", place="last", unfolds=True)

    def show_state(self, text: str, *, checked: bool, alone: bool) -> None:
        """What it says; `checked` where that is the list in sight, `alone` where nothing stands beside it."""
        self.setText(text)
        self.setChecked(checked)
        named = tr("{name}, other lists", name=text) if checked else tr("Other lists: {name}", name=text)
        self.setAccessibleName(named)
        self.setToolTip(tr("Other lists"))
        set_role(self, "segment", place="only" if alone else "last", unfolds=True)

    def width_for(self, text: str) -> int:
        """How wide it is with this text."""
        own = self.text()
        advance = self.fontMetrics().horizontalAdvance
        return self.sizeHint().width() + advance(text) - advance(own) + 1

    def nextCheckState(self) -> None:
        """Pressing it unfolds; whether it is checked is said by what is in sight."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        side = theme().px(_ARROW)
        painter = QPainter(self)
        icon = theme().icon("chevron-down", "accent" if self.isChecked() else "muted")
        at = QRectF(self.width() - side - theme().px(8), (self.height() - side) / 2, side, side)
        icon.paint(painter, at.toRect())
        painter.end()
