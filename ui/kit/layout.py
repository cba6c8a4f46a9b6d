"""Arranging things on the 8-pixel grid."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.kit.controls import Label
from ui.kit.text import Words
from ui.kit.theme import set_role, theme

STRETCH = None
"""Among the items of `column` and `row`: takes up the room that is left."""

Item = QWidget | QBoxLayout | int | None


def column(*items: Item, gap: int = 8, margins: int | tuple[int, int, int, int] = 0) -> QVBoxLayout:
    """Items from top to bottom. A number is a space of that many pixels, `STRETCH` takes the rest."""
    return _fill(QVBoxLayout(), items, gap, margins)  # type: ignore[return-value]


def row(*items: Item, gap: int = 8, margins: int | tuple[int, int, int, int] = 0) -> QHBoxLayout:
    """Items from left to right. A number is a space of that many pixels, `STRETCH` takes the rest."""
    return _fill(QHBoxLayout(), items, gap, margins)  # type: ignore[return-value]


def boxed(layout: QBoxLayout, *, role: str = "plain") -> QWidget:
    """A widget around a layout."""
    widget = QFrame()
    set_role(widget, role)
    widget.setLayout(layout)
    return widget


def _fill(
    layout: QBoxLayout, items: tuple[Item, ...], gap: int, margins: int | tuple[int, int, int, int]
) -> QBoxLayout:
    look = theme()
    sides = (margins,) * 4 if isinstance(margins, int) else margins
    layout.setContentsMargins(*(look.px(side) for side in sides))
    layout.setSpacing(look.px(gap))
    for item in items:
        if item is STRETCH:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(look.px(item))
        elif isinstance(item, QBoxLayout):
            layout.addLayout(item)
        else:
            layout.addWidget(item)
    return layout


class Card(QFrame):
    """A raised surface with an optional heading; add widgets to `body`."""

    def __init__(self, title: Words = "", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.body = column(margins=16, gap=8)
        if title:
            self.body.addWidget(Label(title, role="section"))
        self.setLayout(self.body)

    def add(self, *widgets: QWidget) -> None:
        """Append widgets."""
        for widget in widgets:
            self.body.addWidget(widget)


class Divider(QFrame):
    """A thin line between things."""

    def __init__(self, *, vertical: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "divider")
        if vertical:
            self.setFixedWidth(1)
            self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        else:
            self.setFixedHeight(1)


class Heading(QWidget):
    """A section's heading with something small at its right."""

    def __init__(self, title: Words, trailing: QWidget | None = None, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        label = Label(title, role="section")
        items: list[Item] = [label, STRETCH]
        if trailing is not None:
            items.append(trailing)
        line = row(*items)
        line.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(line)
