"""Names at the left, figures at the right in tabular digits; where a figure comes from in its tooltip."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app.runtime.language import tr
from ui.kit import formats
from ui.kit.controls import Label
from ui.kit.layout import Divider, empty
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import Themed, theme


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: a name, what stands at the right, and perhaps where it comes from."""

    name: Words
    value: Words
    source: Words = ""


class AmountLine(Protocol):
    """A line of an offer or an order; label and source are worded in the language in use by `str()`."""

    @property
    def label(self) -> object: ...

    @property
    def amount(self) -> Decimal: ...

    @property
    def source(self) -> object: ...


def amount_figures(lines: Iterable[AmountLine]) -> list[Figure]:
    """Lines of an offer or an order as figures."""
    return [_amount_figure(line) for line in lines]


def _amount_figure(line: AmountLine) -> Figure:
    return Figure(lambda: str(line.label), lambda: formats.money(line.amount), lambda: str(line.source))


class FigureLines(Retranslated, Themed, QWidget):
    """Figures one below the other; `total` stands below a line, in bold."""

    def __init__(
        self, figures: Iterable[Figure] = (), *, total: Figure | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._figures: list[tuple[Figure, Label, Label]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme().px(16))
        self._grid.setVerticalSpacing(theme().px(6))
        self._grid.setColumnStretch(0, 1)
        self.set_figures(figures, total=total)

    def set_figures(self, figures: Iterable[Figure], *, total: Figure | None = None) -> None:
        """Show these."""
        empty(self._grid)
        self._figures = []
        for figure in figures:
            self._add(figure, role="body")
        if total is not None:
            self._grid.addWidget(Divider(), self._grid.rowCount(), 0, 1, 2)
            self._add(total, role="section")
        self.restyle()
        self.retranslate()

    def texts(self) -> list[tuple[str, str]]:
        """Names and figures as they are read."""
        return [(name.text(), value.text()) for _figure, name, value in self._figures]

    def _add(self, figure: Figure, *, role: str) -> None:
        number = self._grid.rowCount()
        name, value = Label("", role="secondary", wrap=True), Label("", role=role)
        value.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        value.setProperty("figure_role", role)
        middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        self._grid.addWidget(name, number, 0, middle)
        self._grid.addWidget(value, number, 1, right | middle)
        self._figures.append((figure, name, value))

    def restyle(self) -> None:
        for _figure, _name, value in self._figures:
            role = str(value.property("figure_role"))
            value.setFont(theme().font(role, bold=role == "section", tabular=True))

    def retranslate(self) -> None:
        for figure, name, value in self._figures:
            name.set_text(words(figure.name))
            value.set_text(words(figure.value))
            source = words(figure.source)
            for label in (name, value):
                label.setToolTip(tr("Source: {source}", source=source) if source else "")
                label.setAccessibleDescription(source)
