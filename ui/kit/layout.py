"""Arranging things on the 8-pixel grid."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLayout, QLayoutItem, QSizePolicy, QVBoxLayout, QWidget

from ui.kit.controls import Label
from ui.kit.text import Words
from ui.kit.theme import set_role, theme

STRETCH = None
"""Among the items of `column` and `row`: takes up the room that is left."""

Item = QWidget | QLayout | int | None


def column(*items: Item, gap: int = 8, margins: int | tuple[int, int, int, int] = 0) -> QVBoxLayout:
    """Items from top to bottom. A number is a space of that many pixels, `STRETCH` takes the rest."""
    return _fill(QVBoxLayout(), items, gap, margins)  # type: ignore[return-value]


def row(*items: Item, gap: int = 8, margins: int | tuple[int, int, int, int] = 0) -> QHBoxLayout:
    """Items from left to right. A number is a space of that many pixels, `STRETCH` takes the rest."""
    return _fill(QHBoxLayout(), items, gap, margins)  # type: ignore[return-value]


def boxed(layout: QLayout, *, role: str = "plain") -> QWidget:
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
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        else:
            layout.addWidget(item)
    return layout


def empty(layout: QLayout) -> None:
    """Take everything out of a layout; widgets are hidden at once and deleted with the next turn of the event loop."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            empty(inner)


class Flow(QLayout):
    """Items from left to right that go on in a further line where the width ends."""

    def __init__(self, *, gap: int = 8, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(theme().px(gap))

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:
        sizes = [item.sizeHint() for item in self._shown()]
        width = sum(size.width() for size in sizes) + self.spacing() * max(0, len(sizes) - 1)
        return QSize(width, max((size.height() for size in sizes), default=0))

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._shown()]
        return QSize(
            max((size.width() for size in sizes), default=0), max((size.height() for size in sizes), default=0)
        )

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        left, top, line = rect.left(), rect.top(), 0
        for item in self._shown():
            size = item.sizeHint()
            if left > rect.left() and left + size.width() > rect.left() + rect.width():
                left, top, line = rect.left(), top + line + self.spacing(), 0
            if move:
                item.setGeometry(QRect(left, top, size.width(), size.height()))
            left += size.width() + self.spacing()
            line = max(line, size.height())
        return top + line - rect.top()


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
