"""Two to four trims side by side: what differs is marked, what is better stands in bold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QBrush, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.catalog.queries import TrimDetail
from app.catalog.rules import best_positions, specification_dictionary, value_text
from app.kernel.labels import Bilingual
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.controls import Button, Choice, Label, Segmented
from ui.kit.layout import STRETCH, column, row
from ui.kit.text import Retranslated, name_widget
from ui.kit.theme import Themed, set_role, theme

MOST = 4
LEAST = 2
DIFFERS_ROLE = int(Qt.ItemDataRole.UserRole)
_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_UNKNOWN = Bilingual("–", "–")


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a group's heading (no texts), or a property with a text for each trim."""

    label: Bilingual
    texts: tuple[Bilingual, ...] = ()
    differs: bool = False
    best: frozenset[int] = frozenset()

    @property
    def is_heading(self) -> bool:
        """Whether it names a group."""
        return not self.texts


def comparison_lines(trims: Sequence[TrimDetail]) -> list[Line]:
    """All properties any of the trims has, by group, in the dictionary's order."""
    dictionary = specification_dictionary()
    lines = _general(trims)
    group = ""
    for code, parameter in dictionary.parameters.items():
        values = [trim.raw_parameters.get(code) for trim in trims]
        if all(value is None for value in values):
            continue
        if parameter.group != group:
            group = parameter.group
            lines.append(Line(dictionary.groups[group]))
        texts = tuple(_UNKNOWN if value is None else value_text(parameter, value) for value in values)
        lines.append(Line(parameter.name, texts, len(set(texts)) > 1, best_positions(parameter, values)))
    return lines


def _general(trims: Sequence[TrimDetail]) -> list[Line]:
    prices = [trim.row.guide_price for trim in trims]
    cheapest = frozenset(n for n, price in enumerate(prices) if price == min(prices)) if len(set(prices)) > 1 else None
    rows: tuple[tuple[Bilingual, list[str], frozenset[int]], ...] = (
        (Bilingual("指导价", "Guide price"), [formats.yuan(price) for price in prices], cheapest or frozenset()),
        (Bilingual("座位数", "Seats"), [str(trim.row.seats) for trim in trims], frozenset()),
        (Bilingual("在账数量", "In the books"), [str(trim.units) for trim in trims], frozenset()),
    )
    lines = [
        Line(label, tuple(Bilingual(text, text) for text in texts), len(set(texts)) > 1, best)
        for label, texts, best in rows
    ]
    energies = tuple(_energy(trim) for trim in trims)
    lines.insert(1, Line(Bilingual("能源", "Energy"), energies, len(set(energies)) > 1))
    return lines


def _energy(trim: TrimDetail) -> Bilingual:
    from app.runtime.language import CHINESE, ENGLISH, tr_in

    label = trim.row.energy.label
    return Bilingual(tr_in(CHINESE, label), tr_in(ENGLISH, label))


class ComparisonModel(QAbstractTableModel):
    """Lines over trims: column 0 names the property, one column a trim."""

    def __init__(self, trims: Sequence[TrimDetail], *, parent: Any = None) -> None:
        super().__init__(parent)
        self.trims = list(trims)
        self._all = comparison_lines(trims)
        self.lines = list(self._all)

    def show_differences_only(self, only: bool) -> None:
        """Leave out what all have alike, and groups of which nothing is left."""
        self.beginResetModel()
        wanted = [line for line in self._all if line.is_heading or line.differs] if only else list(self._all)
        self.lines = [
            line
            for place, line in enumerate(wanted)
            if not (line.is_heading and (place + 1 == len(wanted) or wanted[place + 1].is_heading))
        ]
        self.endResetModel()

    def retranslate(self) -> None:
        """Words changed."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.trims))
        if self.lines:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.lines) - 1, len(self.trims)))

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.trims) + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal or role != 0 or section > len(self.trims):
            return None
        return "" if section == 0 else str(self.trims[section - 1].row.full_name)

    def data(self, index: _Index, role: int = 0) -> Any:
        if not 0 <= index.row() < len(self.lines):
            return None
        line, place = self.lines[index.row()], index.column() - 1
        if role == int(Qt.ItemDataRole.DisplayRole):
            if place < 0:
                return str(line.label)
            return "" if line.is_heading else self._text(line, place)
        if role == int(Qt.ItemDataRole.FontRole):
            return theme().font("body", bold=line.is_heading or place in line.best, tabular=True)
        if role == int(Qt.ItemDataRole.ForegroundRole):
            return QBrush(theme().color(self._ink(line, place)))
        if role == DIFFERS_ROLE:
            return line.differs
        if role == int(Qt.ItemDataRole.AccessibleTextRole) and place >= 0 and not line.is_heading:
            return self._spoken(line, place)
        return None

    def _text(self, line: Line, place: int) -> str:
        return f"{line.texts[place]} ✓" if place in line.best else str(line.texts[place])

    def _spoken(self, line: Line, place: int) -> str:
        text = str(line.texts[place])
        return tr("{value}, better", value=text) if place in line.best else text

    def _ink(self, line: Line, place: int) -> str:
        if line.is_heading:
            return "text"
        if place in line.best:
            return "accent"
        return "text" if line.differs else "muted"


class DifferenceDelegate(QStyledItemDelegate):
    """A bar at the left of lines in which the trims differ."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        if index.data(DIFFERS_ROLE):
            look, place = theme(), option.rect
            bar = QRect(place.left(), place.top() + look.px(5), look.px(3), place.height() - look.px(11))
            painter.fillRect(bar, look.color("accent"))


class ComparisonTable(Retranslated, Themed, QTableView):
    """The comparison as a table; names of the trims stay in sight."""

    def __init__(self, model: ComparisonModel, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        set_role(self, "comparison")
        self.setModel(model)
        self.setShowGrid(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setSectionsClickable(False)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextWordWrap)  # type: ignore[attr-defined]
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self.setItemDelegateForColumn(0, DifferenceDelegate(self))
        model.modelReset.connect(self._span_headings)
        self._span_headings()
        self.restyle()
        self.retranslate()

    def restyle(self) -> None:
        self.horizontalHeader().resizeSection(0, theme().px(200))
        self.horizontalHeader().setFixedHeight(theme().px(52))
        self.verticalHeader().setDefaultSectionSize(theme().px(30))

    def retranslate(self) -> None:
        name_widget(self, tr("Comparison"))
        self._model.retranslate()

    def _span_headings(self) -> None:
        self.clearSpans()
        for number, line in enumerate(self._model.lines):
            if line.is_heading:
                self.setSpan(number, 0, 1, self._model.columnCount())


def comparison_sheet(trims: Sequence[TrimDetail], *, back: Button) -> QWidget:
    """The table under a line with a way back and the choice to see differences only."""
    model = ComparisonModel(trims)
    table = ComparisonTable(model)
    model.setParent(table)
    shown = Segmented(
        [Choice(False, tr_noop("Everything")), Choice(True, tr_noop("Only what differs"))], name=tr_noop("Show")
    )
    shown.set_value(False)
    shown.chosen.connect(lambda only: model.show_differences_only(bool(only)))
    legend = Label(tr_noop("Bar: differs · ✓: better"), role="secondary")
    sheet = QWidget()
    layout = column(row(back, STRETCH, legend, shown, gap=12), gap=12)
    layout.addWidget(table, 1)
    sheet.setLayout(layout)
    return sheet
