"""What matters to the customer: parameters with a weight to drag, a wish, and whether they must have it."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QLineEdit, QScrollArea, QSizePolicy, QSlider, QWidget

from app.catalog.rules import Better, ParameterType, specification_dictionary
from app.finder.answering import better_of
from app.finder.rules import HIGHEST_WEIGHT, MOST_IMPORTANCES, PRICE, Importance
from app.finder.wording import is_number, name_of, number_text, unit_of, value_label
from app.runtime.language import tr, tr_noop
from ui.finder.range_slider import _End
from ui.kit.choice_editors import ChoiceEditor
from ui.kit.controls import Choice, IconButton, Label
from ui.kit.layout import STRETCH, column, row
from ui.kit.text import Retranslated, name_widget
from ui.kit.theme import Themed, set_role, set_size, theme

SUGGESTED = (
    PRICE, "electric_range", "consumption_combined", "acceleration_0_100", "luggage_volume", "seats", "wheelbase",
    "system_power", "heated_seats", "adaptive_cruise", "surround_camera", "warranty_years", "fast_charging_time",
    "rear_legroom", "airbags", "drive", "body",
)  # fmt: skip
_DEFAULT_WEIGHT = 5
_LEAST_WISH, _OF_WISH = 52, 4


class WeightSlider(Retranslated, Themed, QSlider):
    """From 0 to 10, painted in the house's colours; arrows move it."""

    def __init__(self, code: str) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._code = code
        self.setRange(0, HIGHEST_WEIGHT)
        self.setPageStep(2)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.valueChanged.connect(lambda _value: self.retranslate())
        self.retranslate()

    def retranslate(self) -> None:
        name_widget(self, tr("Weight of {name}: {n} of 10", name=name_of(self._code), n=self.value()))

    def restyle(self) -> None:
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(120), theme().px(22))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(60), theme().px(22))

    def mousePressEvent(self, event: object) -> None:
        self._go_to(event)

    def mouseMoveEvent(self, event: object) -> None:
        self._go_to(event)

    def mouseReleaseEvent(self, event: object) -> None:
        pass

    def _go_to(self, event: object) -> None:
        pad = theme().px(8)
        share = (event.position().x() - pad) / max(1, self.width() - 2 * pad)  # type: ignore[attr-defined]
        self.setValue(round(share * HIGHEST_WEIGHT))

    def wheelEvent(self, event: object) -> None:
        event.ignore()  # type: ignore[attr-defined]

    def paintEvent(self, _event: QPaintEvent) -> None:
        look, painter = theme(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        pad, middle = look.px(8), self.height() / 2
        width = self.width() - 2 * pad
        left = pad + width * self.value() / HIGHEST_WEIGHT
        painter.setBrush(look.color("line"))
        painter.drawRoundedRect(QRectF(pad, middle - 2, width, 4), 2, 2)
        painter.setBrush(look.color("accent"))
        painter.drawRoundedRect(QRectF(pad, middle - 2, left - pad, 4), 2, 2)
        radius = look.px(6)
        painter.setPen(look.color("accent"))
        painter.setBrush(look.color("accent" if self.hasFocus() else "surface"))
        painter.drawEllipse(QRectF(left - radius, middle - radius, 2 * radius, 2 * radius))
        painter.end()


class WeightLine(Retranslated, QFrame):
    """One thing that matters."""

    changed = Signal(object)
    removed = Signal(str)

    def __init__(self, importance: Importance) -> None:
        super().__init__()
        set_role(self, "clause")
        self.importance = importance
        code = importance.code
        self._name = Label(partial(name_of, code), wrap=True)
        self._remove = IconButton("x", tr_noop("No longer asked for"), on_click=lambda: self.removed.emit(code))
        self.slider = WeightSlider(code)
        self.slider.setValue(importance.weight)
        self._number = Label(lambda: str(self.importance.weight), role="secondary")
        self._number.setMinimumWidth(theme().px(16))
        self.must = QCheckBox()
        self.must.setChecked(importance.must)
        self._wish = self._make_wish()
        head = row(self._name, self._remove, gap=4)
        head.setStretch(0, 1)
        weight = row(self.slider, self._number, gap=6)
        weight.setStretch(0, 1)
        stack = column(head, weight, gap=4, margins=(10, 6, 6, 8))
        asked = row(self._wish, self._unit(), STRETCH, self.must, gap=6)
        asked.setStretch(0, _OF_WISH)  # long units leave it less, never nothing
        asked.setStretch(2, 1)
        stack.addLayout(asked)
        self.setLayout(stack)
        self.slider.valueChanged.connect(lambda value: self._change(replace(self.importance, weight=value)))
        self.must.toggled.connect(lambda on: self._change(replace(self.importance, must=on)))
        self.retranslate()

    def retranslate(self) -> None:
        self.must.setText(tr("must have"))
        name_widget(self.must, tr("{name}: must have", name=name_of(self.importance.code)))
        if isinstance(self._wish, QLineEdit):
            self._wish.setPlaceholderText(self._direction())
            name_widget(self._wish, tr("{name}: wished", name=name_of(self.importance.code)))
        else:
            name_widget(self._wish.combo, tr("{name}: wished", name=name_of(self.importance.code)))

    def _direction(self) -> str:
        better = better_of(self.importance.code)
        if better is Better.LOWER:
            return tr("at most")
        return tr("at least") if better is Better.HIGHER else tr("about")

    def _unit(self) -> Label:
        is_typed = isinstance(self._wish, QLineEdit)
        return Label(lambda: unit_of(self.importance.code) if is_typed else "", role="secondary")

    def _make_wish(self) -> "_End | ChoiceEditor":
        code, wished = self.importance.code, self.importance.wished
        if is_number(code):
            field = _End()
            set_size(field, width=_LEAST_WISH, at_least=True)
            field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            if isinstance(wished, float | int):
                field.setText(number_text(code, float(wished)))
            field.editingFinished.connect(lambda: self._change(replace(self.importance, wished=field.number())))
            return field
        editor = ChoiceEditor(_choices(code), may_be_empty=True, placeholder=tr_noop("has it"))
        _narrow(editor.combo)
        editor.set_value(wished)
        editor.edited.connect(lambda: self._change(replace(self.importance, wished=editor.value())))
        return editor

    def _change(self, importance: Importance) -> None:
        if importance != self.importance:
            self.importance = importance
            self._number.retranslate()
            self.changed.emit(importance)


class Weights(QWidget):
    """The list of what matters; emits all of it whenever something changes."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[WeightLine] = []
        self._hint = Label(
            tr_noop("Say what matters to the customer: the list is sorted by it, and every hit says why."),
            role="secondary", wrap=True,
        )  # fmt: skip
        self.adder = ChoiceEditor([], may_be_empty=False, placeholder=tr_noop("Add what matters"))
        self.adder.edited.connect(self._add)
        _narrow(self.adder.combo)
        name_widget(self.adder.combo, tr("Add what matters"))
        content = QWidget()
        set_role(content, "plain")
        self._stack = column(gap=8)
        inner = column(self._hint, self._stack, self.adder, STRETCH, gap=10, margins=(0, 4, 10, 8))
        content.setLayout(inner)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        self.setLayout(column(scroll))
        self._offer()

    def importances(self) -> tuple[Importance, ...]:
        """All of it, in the order in which it was added."""
        return tuple(line.importance for line in self._lines)

    def lines(self) -> list[WeightLine]:
        """The lines shown."""
        return list(self._lines)

    def show_importances(self, importances: Iterable[Importance]) -> None:
        """Other things that matter, without saying so."""
        wanted = list(importances)
        if tuple(wanted) == self.importances():
            return
        for line in self._lines:
            line.hide()
            line.deleteLater()
        self._lines = []
        for importance in wanted:
            self._put(importance)
        self._offer()

    def add(self, code: str) -> None:
        """Ask for one more; does nothing for one that is asked for."""
        if any(line.importance.code == code for line in self._lines) or len(self._lines) >= MOST_IMPORTANCES:
            return
        self._put(Importance(code=code, weight=_DEFAULT_WEIGHT))
        self._offer()
        self._lines[-1].slider.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit(self.importances())

    def _put(self, importance: Importance) -> None:
        line = WeightLine(importance)
        line.changed.connect(lambda _one: self.changed.emit(self.importances()))
        line.removed.connect(self._remove)
        self._lines.append(line)
        self._stack.addWidget(line)

    def _remove(self, code: str) -> None:
        line = next(line for line in self._lines if line.importance.code == code)
        self._lines.remove(line)
        line.hide()
        line.deleteLater()
        self._offer()
        self.adder.combo.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit(self.importances())

    def _add(self) -> None:
        code = self.adder.value()
        self.adder.set_value(None)
        if code:
            self.add(str(code))

    def _offer(self) -> None:
        """What is asked most often first, then the rest of the dictionary."""
        taken = {line.importance.code for line in self._lines}
        known = specification_dictionary().parameters
        suggested = [code for code in SUGGESTED if code == PRICE or code in known]
        rest = [
            code for code, one in known.items()
            if code not in suggested and one.type is not ParameterType.TEXT
        ]  # fmt: skip
        offered = [code for code in (*suggested, *rest) if code not in taken]
        self.adder.set_choices([Choice(code, partial(name_of, code)) for code in offered])
        self._hint.setVisible(not self._lines)


def _narrow(combo: QComboBox) -> None:
    """As wide as there is room, not as its longest entry."""
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(6)


def _choices(code: str) -> list[Choice]:
    parameter = specification_dictionary().parameters[code]
    values = [one.code for one in parameter.choices] or ["yes", "no"]
    return [Choice(value, partial(value_label, code, value)) for value in values]
