"""Several of a list, as boxes to tick, all in sight."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtWidgets import QCheckBox, QGridLayout, QSizePolicy, QWidget

from ui.kit.context import PageContext
from ui.kit.controls import Choice, Label
from ui.kit.editors import Editor
from ui.kit.fields import Field
from ui.kit.layout import empty
from ui.kit.text import words
from ui.kit.theme import theme


class TickEditor(Editor):
    """The value is a tuple of what is ticked, in the order of the choices."""

    def __init__(self, choices: Sequence[Choice], *, columns: int, nothing: Callable[[], str] | str = "") -> None:
        super().__init__()
        self._columns, self._nothing = columns, nothing
        self._choices: list[Choice] = []
        self._boxes: dict[Any, QCheckBox] = {}
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme().px(16))
        self._grid.setVerticalSpacing(theme().px(2))
        for place in range(columns):
            self._grid.setColumnStretch(place, 1)
        self._line.addLayout(self._grid)
        self.set_choices(choices)

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Other boxes; what was ticked stays ticked where it is still there."""
        ticked = set(self.value())
        if [choice.value for choice in choices] == [choice.value for choice in self._choices] and self._boxes:
            return
        self._choices = list(choices)
        empty(self._grid)
        self._boxes = {}
        for place, choice in enumerate(self._choices):
            box = QCheckBox(self)
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # long words give way, see the tip
            box.setChecked(choice.value in ticked)
            box.clicked.connect(lambda _on: self.edited.emit())
            self._boxes[choice.value] = box
            self._grid.addWidget(box, place // self._columns, place % self._columns)
        if not self._boxes and self._nothing:
            self._grid.addWidget(Label(self._nothing, role="secondary"), 0, 0)
        self.retranslate()

    def boxes(self) -> dict[Any, QCheckBox]:
        """The boxes by their values."""
        return dict(self._boxes)

    def focus_widget(self) -> QWidget:
        return next(iter(self._boxes.values()), self)

    def set_name(self, name: str, description: str = "") -> None:
        """That of all boxes together; each has its own words."""
        self.setAccessibleName(name)
        self.setAccessibleDescription(description)

    def set_invalid(self, invalid: bool) -> None:
        """Boxes carry no outline; the words below say what is wrong."""

    def value(self) -> tuple[Any, ...]:
        return tuple(choice.value for choice in self._choices if self._boxes[choice.value].isChecked())

    def set_value(self, value: Any) -> None:
        wanted = set(value or ())
        for code, box in self._boxes.items():
            box.setChecked(code in wanted)

    def is_empty(self) -> bool:
        return not self.value()

    def raw(self) -> Any:
        return list(self.value())

    def retranslate(self) -> None:
        for choice in self._choices:
            self._boxes[choice.value].setText(words(choice.label).replace("&", "&&"))
            self._boxes[choice.value].setToolTip(words(choice.label))


@dataclass(frozen=True, slots=True)
class TickField(Field):
    """Several of a list; `nothing` stands there while there is nothing to tick."""

    choices: list[Choice] = field(default_factory=list, kw_only=True)
    columns: int = field(default=2, kw_only=True)
    nothing: Callable[[], str] | str = field(default="", kw_only=True)

    def make_editor(self, context: PageContext) -> Editor:
        return TickEditor(self.choices, columns=self.columns, nothing=self.nothing)
