"""Labels, buttons, dots, badges: the small parts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

from ui.kit.actions import Action, ActionRegistry, tooltip_text
from ui.kit.operations import Job
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import Themed, set_role, theme, widen_marks

SEARCH_DELAY_MS = 0
"""Not held back: queries run beside the window, and only the newest one's answer is shown."""
SEARCH_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values to choose from, with its words and an optional quieter hint."""

    value: Any
    label: Words
    hint: Words = ""


class Label(Retranslated, QLabel):
    """Text in a role of type: body, secondary, section, title, number, label, error, faint."""

    def __init__(
        self, text: Words = "", *, role: str = "body", wrap: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._words: Words = text
        set_role(self, role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        self.retranslate()

    def set_words(self, text: Words) -> None:
        """Other words, translated from now on."""
        self._words = text
        self.retranslate()

    def set_text(self, text: str) -> None:
        """Text that is data and stays as it is in every language."""
        self._words = lambda: text
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(text)
        widen_marks(self, text)

    def retranslate(self) -> None:
        self.setText(words(self._words))


class MoneyLabel(Label):
    """The number that matters on a page, 28 px, tabular."""

    def __init__(self, text: Words = "", *, parent: QWidget | None = None) -> None:
        super().__init__(text, role="number", parent=parent)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)


class ReturnClicks:
    """Mixin for buttons: Return presses the one that has the focus, as Space does."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()  # type: ignore[attr-defined]
            return
        super().keyPressEvent(event)  # type: ignore[misc]


class Button(ReturnClicks, Retranslated, Themed, QPushButton):
    """A button whose words are a verb. Kinds: primary (one a page), secondary, quiet, danger."""

    def __init__(
        self,
        text: Words,
        *,
        kind: str = "secondary",
        icon: str | None = None,
        on_click: Callable[[], object] | None = None,
        tooltip: Words = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._words, self._tooltip, self._icon, self._kind = text, tooltip, icon, kind
        self._jobs = 0
        self._had_focus = False
        set_role(self, "button", kind=kind)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        if on_click is not None:
            self.clicked.connect(lambda: on_click())
        self.restyle()
        self.retranslate()

    @classmethod
    def for_action(cls, action: Action, registry: ActionRegistry, *, kind: str = "secondary") -> "Button":
        """A button that runs a registered action, with its icon, and its key in the tooltip."""
        return cls(
            action.text,
            kind=kind,
            icon=action.icon,
            on_click=lambda: registry.run(action.id),
            tooltip=lambda: tooltip_text(action),
        )

    def set_words(self, text: Words) -> None:
        """Another verb."""
        self._words = text
        self.retranslate()

    def busy_while(self, job: Job) -> None:
        """Disabled until the job is finished, so that nobody asks twice; then it has the focus again.

        The focus is put down first: Qt would hand it to the next control, and scroll away to that.
        """
        self._jobs += 1
        if self.hasFocus():
            self._had_focus = True
            self.clearFocus()
        self.setEnabled(False)
        job.finished.connect(self._on_job_finished)

    def _on_job_finished(self) -> None:
        self._jobs -= 1
        if self._jobs:
            return
        had_focus, self._had_focus = self._had_focus, False
        self.setEnabled(True)
        if had_focus and self.isVisible() and QApplication.focusWidget() is None:
            self.setFocus()

    def restyle(self) -> None:
        if self._icon:
            tokens = {"primary": "on_accent", "danger": "on_bad", "quiet": "muted"}
            self.setIcon(theme().icon(self._icon, tokens.get(self._kind, "text")))
            self.setIconSize(QSize(theme().px(20), theme().px(16)))

    def retranslate(self) -> None:
        self.setText(words(self._words).replace("&", "&&"))
        self.setToolTip(words(self._tooltip))
        self.setAccessibleName(words(self._words))


class IconButton(ReturnClicks, Retranslated, Themed, QToolButton):
    """A button that is only an icon; its words are the tooltip and the accessible name."""

    def __init__(
        self,
        icon: str,
        text: Words,
        *,
        on_click: Callable[[], object] | None = None,
        size: int = 16,
        checkable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon, self._words, self._size = icon, text, size
        set_role(self, "icon-button")
        self.setCheckable(checkable)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if on_click is not None:
            self.clicked.connect(lambda: on_click())
        self.restyle()
        self.retranslate()

    def set_icon(self, icon: str) -> None:
        """Another icon."""
        self._icon = icon
        self.restyle()

    def set_words(self, text: Words) -> None:
        """Another tooltip and name."""
        self._words = text
        self.retranslate()

    def restyle(self) -> None:
        self.setIcon(theme().icon(self._icon))
        self.setIconSize(QSize(theme().px(self._size), theme().px(self._size)))

    def retranslate(self) -> None:
        self.setToolTip(words(self._words))
        self.setAccessibleName(words(self._words))


class StatusDot(Retranslated, Themed, QWidget):
    """A state as a word with a coloured dot before it: colour never stands alone."""

    def __init__(self, text: Words = "", tone: str = "neutral", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words, self._tone = text, tone
        self._label = Label(text, role="body")
        line = QHBoxLayout(self)
        line.setContentsMargins(theme().px(16), 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self._label)
        self.retranslate()

    def set_state(self, text: Words, tone: str) -> None:
        """Another state."""
        self._words, self._tone = text, tone
        self._label.set_words(text)
        self.retranslate()
        self.update()

    @property
    def tone(self) -> str:
        """The tone shown."""
        return self._tone

    def text(self) -> str:
        """The word shown."""
        return self._label.text()

    def retranslate(self) -> None:
        self.setAccessibleName(words(self._words))

    def paintEvent(self, _event: QEvent) -> None:
        side = theme().px(8)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().tone(self._tone))
        painter.drawEllipse(QRectF(1, (self.height() - side) / 2, side, side))
        painter.end()


class Badge(Label):
    """A small coloured word, such as a count or "provisional"."""

    def __init__(self, text: Words = "", tone: str = "neutral", *, parent: QWidget | None = None) -> None:
        super().__init__(text, role="badge", parent=parent)
        self.set_tone(tone)

    def set_tone(self, tone: str) -> None:
        """Another tone."""
        set_role(self, "badge", tone=tone)


class KeyCap(QLabel):
    """A key as it is printed on the keyboard."""

    def __init__(self, key: str, *, parent: QWidget | None = None) -> None:
        from ui.kit.actions import key_text

        super().__init__(key_text(key), parent)
        set_role(self, "key-cap")


class Segmented(Retranslated, QWidget):
    """A choice among two to five, all in sight. Emits `chosen(value)` when a person chooses."""

    chosen = Signal(object)

    def __init__(self, choices: Iterable[Choice], *, name: Words = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices = list(choices)
        self._name = name
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        for index, _choice in enumerate(self._choices):
            button = QPushButton()
            button.setCheckable(True)
            button.setAutoDefault(False)
            last = len(self._choices) - 1
            place = "only" if last == 0 else "first" if index == 0 else "last" if index == last else "middle"
            set_role(button, "segment", place=place)
            self._group.addButton(button, index)
            line.addWidget(button)
        line.addStretch(1)
        self._group.idClicked.connect(lambda index: self.chosen.emit(self._choices[index].value))
        self.retranslate()

    def value(self) -> Any:
        """The chosen value, or None."""
        index = self._group.checkedId()
        return self._choices[index].value if index >= 0 else None

    def set_value(self, value: Any) -> None:
        """Choose without emitting; an unknown value chooses nothing."""
        self._group.setExclusive(False)
        for index, choice in enumerate(self._choices):
            self._group.button(index).setChecked(choice.value == value)
        self._group.setExclusive(True)

    def buttons(self) -> list[QAbstractButton]:
        """The segments, in order."""
        return self._group.buttons()

    def retranslate(self) -> None:
        self.setAccessibleName(words(self._name))
        for index, choice in enumerate(self._choices):
            button = self._group.button(index)
            button.setText(words(choice.label))
            button.setAccessibleName(words(choice.label))
            button.setToolTip(words(choice.hint))


class SearchField(Retranslated, Themed, QLineEdit):
    """A field that searches while one types: `searched(text)` comes with each key, or `delay_ms` after the last.

    `downwards` when Down asks for what was found.
    """

    searched = Signal(str)
    downwards = Signal()

    def __init__(self, placeholder: Words, *, delay_ms: int = SEARCH_DELAY_MS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._placeholder = placeholder
        self._said = ""
        set_role(self, "search")
        self.setMaxLength(SEARCH_LIMIT)
        self.setClearButtonEnabled(True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(delay_ms)
        self._timer.timeout.connect(self._say)
        # Without a delay at once, before the field itself is painted: the answer is read meanwhile.
        self.textChanged.connect(lambda _text: self._timer.start() if delay_ms else self._say())
        self.returnPressed.connect(self._say)
        self.restyle()
        self.retranslate()

    def _say(self) -> None:
        self._timer.stop()
        text = self.text().strip()
        if text != self._said:
            self._said = text
            self.searched.emit(text)

    def set_words(self, placeholder: Words) -> None:
        """Say what can be looked for."""
        self._placeholder = placeholder
        self.retranslate()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.downwards.emit()
            return
        super().keyPressEvent(event)

    def set_silently(self, text: str) -> None:
        """Show a text without searching for it."""
        self._said = text.strip()
        self.setText(text)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        # Not an action of the field: the icon of one has 16 pixels in every scale.
        look, painter = theme(), QPainter(self)
        side = look.px(16)
        look.icon("search").paint(painter, look.px(9), (self.height() - side) // 2, side, side)
        painter.end()

    def restyle(self) -> None:
        self.setTextMargins(theme().px(24), 0, 0, 0)
        clear = self.findChild(QAction, "_q_qlineeditclearaction")
        if clear is not None:
            clear.setIcon(theme().icon("x"))

    def retranslate(self) -> None:
        self.setPlaceholderText(words(self._placeholder))
        self.setAccessibleName(words(self._placeholder))
