"""What people type into: one editor per kind of value, each with a length cap that says so."""

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from app.kernel.errors import DomainError
from app.kernel.money import format_money, parse_money
from app.runtime.language import tr, tr_noop
from ui.kit.controls import Choice, Label, Segmented
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import set_role, set_size, theme, widen_marks

NUMBER_LIMIT = 24
UNIT_WIDTH = 28


class Unreadable(Exception):
    """What was typed is no value of this kind; carries the words to show."""

    def __init__(self, message: Words) -> None:
        super().__init__("unreadable")
        self.message = message


class Editor(Retranslated, QWidget):
    """Base of the editors.

    `edited` on each change by a person, `left` when the focus leaves, `cut(limit)` when text did not fit.
    """

    edited = Signal()
    left = Signal()
    submitted = Signal()
    cut = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(theme().px(8))

    def focus_widget(self) -> QWidget:
        """The control that takes the focus."""
        raise TypeError(f"{type(self).__name__} names no control")

    def value(self) -> Any:
        """The value. Raises Unreadable."""
        return None

    def set_value(self, value: Any) -> None:
        """Show a value without emitting `edited`."""

    def is_empty(self) -> bool:
        """Whether nothing was entered."""
        return self.value() in (None, "")

    def is_empty_or_unreadable(self) -> bool:
        """Whether there is nothing to check yet."""
        try:
            return self.is_empty()
        except Unreadable:
            return False

    def raw(self) -> Any:
        """What a draft keeps: also what cannot be read yet."""
        return self.value()

    def set_raw(self, raw: Any) -> None:
        """Bring back what `raw` gave."""
        self.set_value(raw)

    def set_invalid(self, invalid: bool) -> None:
        """Outline the control as wrong."""
        set_role(self.focus_widget(), str(self.focus_widget().property("role") or "input"), invalid=invalid)

    def set_name(self, name: str, description: str = "") -> None:
        """What a screen reader says."""
        self.focus_widget().setAccessibleName(name)
        self.focus_widget().setAccessibleDescription(description)


class _Line(QLineEdit):
    left = Signal()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()


class LineEditor(Editor):
    """A single line of text, stripped. `clean` is applied to what is typed (such as upper case)."""

    def __init__(
        self,
        *,
        max_length: int,
        placeholder: Words = "",
        clean: Callable[[str], str] | None = None,
        prefix: Words = "",
        suffix: Words = "",
        right: bool = False,
        password: bool = False,
    ) -> None:
        super().__init__()
        self._placeholder, self._clean = placeholder, clean
        self.line = _Line()
        self.line.setMaxLength(max_length)
        self.line.textChanged.connect(lambda text: widen_marks(self.line, text))
        set_role(self.line, "input")
        if right:
            self.line.setAlignment(Qt.AlignmentFlag.AlignRight)
            self.line.setFont(theme().font(tabular=True))
        if password:
            self.line.setEchoMode(QLineEdit.EchoMode.Password)
        for text in (prefix,) if prefix else ():
            self._line.addWidget(Label(text, role="unit"))
        self._line.addWidget(self.line, 1)
        for text in (suffix,) if suffix else ():
            unit = Label(text, role="unit")
            set_size(unit, width=UNIT_WIDTH, at_least=True)  # fields below each other end together
            self._line.addWidget(unit)
        self.line.textEdited.connect(self._on_line_edited)
        self.line.inputRejected.connect(self._on_line_rejected)
        self.line.left.connect(self._on_line_left)
        self.line.returnPressed.connect(self.submitted.emit)
        self.retranslate()

    def focus_widget(self) -> QWidget:
        return self.line

    def text(self) -> str:
        """What is typed, stripped."""
        return self.line.text().strip()

    def value(self) -> Any:
        return self.text()

    def set_value(self, value: Any) -> None:
        self.line.setText("" if value is None else str(value))
        self.line.setCursorPosition(0)

    def is_empty(self) -> bool:
        return not self.text()

    def raw(self) -> Any:
        return self.line.text()

    def set_raw(self, raw: Any) -> None:
        self.line.setText(str(raw or "")[: self.line.maxLength()])

    def _on_line_edited(self, text: str) -> None:
        if self._clean is not None:
            cleaned = self._clean(text)
            if cleaned != text:
                at = self.line.cursorPosition()
                self.line.setText(cleaned)
                self.line.setCursorPosition(min(at, len(cleaned)))
        self.edited.emit()

    def _on_line_rejected(self) -> None:
        if len(self.line.text()) >= self.line.maxLength():
            self.cut.emit(self.line.maxLength())

    def _on_line_left(self) -> None:
        self.left.emit()

    def retranslate(self) -> None:
        self.line.setPlaceholderText(words(self._placeholder))


class MoneyEditor(LineEditor):
    """Yuan: "218900", "218,900.00", "21.89万"; written out with grouping when one leaves the field."""

    def __init__(self, *, placeholder: Words = "") -> None:
        super().__init__(max_length=NUMBER_LIMIT, placeholder=placeholder, prefix="¥", right=True)

    def value(self) -> Decimal | None:
        if not self.text():
            return None
        try:
            return parse_money(self.text())
        except DomainError as error:
            raise Unreadable(error.message) from error

    def set_value(self, value: Any) -> None:
        self.line.setText("" if value is None else format_money(value, symbol=False))

    def _on_line_left(self) -> None:
        with suppress(Unreadable):
            self.set_value(self.value())
        super()._on_line_left()


class IntegerEditor(LineEditor):
    """A whole number; grouping is accepted."""

    def __init__(self, *, suffix: Words = "", least: int | None = None, most: int | None = None) -> None:
        super().__init__(max_length=NUMBER_LIMIT, suffix=suffix, right=True)
        self._least, self._most = least, most

    def value(self) -> int | None:
        text = self.text().replace(",", "").replace(" ", "")
        if not text:
            return None
        try:
            number = int(text)
        except ValueError as error:
            raise Unreadable(tr_noop("Enter a whole number.")) from error
        if self._least is not None and number < self._least:
            raise Unreadable(lambda: tr("At least {n}.", n=f"{self._least:,}"))
        if self._most is not None and number > self._most:
            raise Unreadable(lambda: tr("At most {n}.", n=f"{self._most:,}"))
        return number

    def set_value(self, value: Any) -> None:
        self.line.setText("" if value is None else f"{value:,}")


class PercentEditor(LineEditor):
    """A share in percent, at most two places: 4.5 is 4.5 %."""

    def __init__(self, *, most: Decimal = Decimal(100)) -> None:
        super().__init__(max_length=NUMBER_LIMIT, suffix="%", right=True)
        self._most = most

    def value(self) -> Decimal | None:
        text = self.text().rstrip("%％").strip()
        if not text:
            return None
        try:
            share = Decimal(text)
        except InvalidOperation as error:
            raise Unreadable(tr_noop("Enter a percentage, such as 4.5.")) from error
        if not share.is_finite() or share < 0 or share > self._most:
            raise Unreadable(lambda: tr("Between 0 and {most}.", most=f"{self._most:f}"))
        if share != share.quantize(Decimal("0.0001")):
            raise Unreadable(tr_noop("At most four decimal places."))
        return share

    def set_value(self, value: Any) -> None:
        self.line.setText("" if value is None else f"{value:f}")


class NumberEditor(LineEditor):
    """A number above zero with at most so many places, such as litres per 100 km."""

    def __init__(self, *, suffix: Words = "", most: Decimal = Decimal(1_000_000), places: int = 2) -> None:
        super().__init__(max_length=NUMBER_LIMIT, suffix=suffix, right=True)
        self._most, self._places = most, places

    def value(self) -> Decimal | None:
        text = self.text().replace(",", "").replace(" ", "")
        if not text:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation as error:
            raise Unreadable(tr_noop("Enter a number, such as 6.5.")) from error
        if not number.is_finite() or not 0 < number <= self._most:
            raise Unreadable(lambda: tr("Above 0, at most {most}.", most=f"{self._most:,f}"))
        if number != round(number, self._places):
            raise Unreadable(lambda: tr("Decimal places: at most {n}.", n=self._places))
        return number

    def set_value(self, value: Any) -> None:
        self.line.setText("" if value is None else f"{value:,f}")


class CappedText(QPlainTextEdit):
    """Plain text of limited length; what does not fit of a paste never enters the document."""

    overflowed = Signal(int)
    left = Signal()

    def __init__(self, max_length: int) -> None:
        super().__init__()
        self._max = max_length
        self.setTabChangesFocus(True)
        self.textChanged.connect(lambda: widen_marks(self, self.toPlainText()))

    def insertFromMimeData(self, source: QMimeData) -> None:
        text = source.text()
        room = self._max - len(self.toPlainText()) + len(self.textCursor().selectedText())
        if len(text) > room:
            self.overflowed.emit(self._max)
        self.textCursor().insertText(text[: max(0, room)])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        typed = event.text()
        full = len(self.toPlainText()) >= self._max and not self.textCursor().hasSelection()
        if typed and typed.isprintable() and full:
            self.overflowed.emit(self._max)
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class MultiLineEditor(Editor):
    """Several lines of text; Tab leaves the field. `box` is one that helps with writing."""

    def __init__(
        self, *, max_length: int, lines: int = 3, placeholder: Words = "", box: CappedText | None = None
    ) -> None:
        super().__init__()
        self._placeholder = placeholder
        self.box = CappedText(max_length) if box is None else box
        set_role(self.box, "input")
        set_size(self.box, height=20 * lines + 14)
        self._line.addWidget(self.box)
        self._said = ""
        self.box.textChanged.connect(self._on_text_changed)
        self.box.overflowed.connect(self.cut.emit)
        self.box.left.connect(self.left.emit)
        self.retranslate()

    def focus_widget(self) -> QWidget:
        return self.box

    def value(self) -> str:
        return self.box.toPlainText().strip()

    def set_value(self, value: Any) -> None:
        self.box.blockSignals(True)
        self.box.setPlainText(str(value or ""))
        self.box.blockSignals(False)
        self._said = self.box.toPlainText()

    def _on_text_changed(self) -> None:
        """Qt says so as well where only the look of the text changed."""
        if self.box.toPlainText() != self._said:
            self._said = self.box.toPlainText()
            self.edited.emit()

    def retranslate(self) -> None:
        self.box.setPlaceholderText(words(self._placeholder))


class ToggleEditor(Editor):
    """Yes or no, with its own words at the right of the box."""

    def __init__(self, text: Words) -> None:
        super().__init__()
        self._words = text
        self.box = QCheckBox()
        self._line.addWidget(self.box)
        self._line.addStretch(1)
        self.box.clicked.connect(lambda: self.edited.emit())
        self.retranslate()

    def focus_widget(self) -> QWidget:
        return self.box

    def value(self) -> bool:
        return self.box.isChecked()

    def set_value(self, value: Any) -> None:
        self.box.setChecked(bool(value))

    def is_empty(self) -> bool:
        return not self.box.isChecked()

    def retranslate(self) -> None:
        self.box.setText(words(self._words).replace("&", "&&"))


class SegmentEditor(Editor):
    """A choice among a few, all in sight."""

    def __init__(self, choices: list[Choice], name: Words) -> None:
        super().__init__()
        self.segments = Segmented(choices, name=name)
        self._line.addWidget(self.segments)
        self._line.addStretch(1)
        self.segments.chosen.connect(lambda _value: self.edited.emit())

    def focus_widget(self) -> QWidget:
        checked = [button for button in self.segments.buttons() if button.isChecked()]
        return (checked or self.segments.buttons())[0]

    def value(self) -> Any:
        return self.segments.value()

    def set_value(self, value: Any) -> None:
        self.segments.set_value(value)

    def set_invalid(self, invalid: bool) -> None:
        """Segments carry no outline; the words below say what is missing."""

    def set_name(self, name: str, description: str = "") -> None:
        self.segments.setAccessibleDescription(description)


class WidgetEditor(Editor):
    """Any widget in the place of an editor, such as a facts list or a preview; it has no value."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self._widget = widget
        box = QVBoxLayout()
        box.addWidget(widget)
        self._line.addLayout(box)

    def focus_widget(self) -> QWidget:
        return self._widget
