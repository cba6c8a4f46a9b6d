"""Which axes a radar has: tick three to eight of those the trims have values for."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QWidget

from app.comparison.axes import FEWEST_AXES, MOST_AXES
from app.comparison.queries import Comparison
from app.runtime.language import tr
from ui.kit.controls import Label
from ui.kit.layout import column
from ui.kit.text import Retranslated


class AxisChoice(Retranslated, QWidget):
    """`chosen(codes)` after each tick that leaves a possible number; others are taken back and said."""

    chosen = Signal(object)

    def __init__(self, comparison: Comparison) -> None:
        super().__init__()
        self._axes = comparison.possible_axes
        shown = {axis.code for axis in comparison.axes}
        self.boxes: dict[str, QCheckBox] = {}
        self._said = Label("", role="field-message", wrap=True)
        for axis in sorted(self._axes, key=lambda one: one.code not in shown):
            box = QCheckBox()
            box.setChecked(axis.code in shown)
            box.clicked.connect(lambda _on, code=axis.code: self._on_box_clicked(code))
            self.boxes[axis.code] = box
        self.setLayout(column(self._said, *self.boxes.values(), gap=6))
        self.retranslate()

    def codes(self) -> tuple[str, ...]:
        """What is ticked, in the order shown."""
        return tuple(code for code, box in self.boxes.items() if box.isChecked())

    def focus_first(self) -> None:
        """Put the focus on the first box."""
        for box in self.boxes.values():
            box.setFocus()
            return

    def _on_box_clicked(self, code: str) -> None:
        count = len(self.codes())
        if FEWEST_AXES <= count <= MOST_AXES:
            self._said.set_text("")
            self.chosen.emit(self.codes())
            return
        box = self.boxes[code]
        box.setChecked(not box.isChecked())
        text = tr("At most eight axes can be read. Take one away first.") if count > MOST_AXES else \
            tr("A radar needs three axes. Choose another first.")  # fmt: skip
        self._said.set_text(text)

    def retranslate(self) -> None:
        for axis in self._axes:
            better = tr("lower is better") if axis.lower_is_better else tr("higher is better")
            self.boxes[axis.code].setText(f"{axis.name} · {better}".replace("&", "&&"))
