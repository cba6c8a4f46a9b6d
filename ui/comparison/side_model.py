"""Rows over trims: column 0 names the row, one column a trim. Specifications and costs are both shown so."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.comparison.cost_rows import missing_words
from app.comparison.lines import Line
from app.comparison.ownership import CostFigure, CostKind, OwnershipCost
from app.comparison.queries import Comparison
from app.runtime.language import language, tr, tr_noop, trn
from ui.kit import formats
from ui.kit.text import Words, words
from ui.kit.theme import theme

CELL_ROLE = int(Qt.ItemDataRole.UserRole)
ROW_ROLE = CELL_ROLE + 1
ASKED = {CostKind.PRICE: tr_noop("Enter a price"), CostKind.ENERGY: tr_noop("Enter the consumption")}
"""What can be entered for one comparison, and what a cell says in which it is missing."""
_Index = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()


@dataclass(frozen=True, slots=True)
class SideCell:
    """What stands in a cell: a value, beneath it how far it is from the baseline (`step`: 1 better, -1 worse). A cell
    that `asks` takes an answer when it is pressed: what stands beneath says which."""

    text: Words
    delta: Words = ""
    step: int = 0
    best: bool = False
    explained: Words = ""
    asks: bool = False


@dataclass(frozen=True, slots=True)
class SideRow:
    """A heading (no cells) or a line; a `strong` line is a sum. `code` names a parameter; `why` says why it stands so
    high."""

    name: Words
    cells: tuple[SideCell, ...] = ()
    differs: bool = False
    strong: bool = False
    code: str = ""
    why: Words = ""

    @property
    def is_heading(self) -> bool:
        """Whether it names a group."""
        return not self.cells


class SideModel(QAbstractTableModel):
    """Rows for a comparison; names of the trims are the horizontal headers."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.rows: list[SideRow] = []
        self.names: list[Words] = []

    def show_rows(self, names: Sequence[Words], rows: Sequence[SideRow]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.names, self.rows = list(names), list(rows)
        self.endResetModel()

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.names) + 1

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal or role != 0 or not 0 <= section <= len(self.names):
            return None
        return tr("Compared") if section == 0 else words(self.names[section - 1])

    def data(self, index: _Index, role: int = 0) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self.rows):
            return None
        row, place = self.rows[index.row()], index.column() - 1
        if role == ROW_ROLE:
            return row
        if place < 0 or row.is_heading:
            if place < 0 and role == int(Qt.ItemDataRole.ToolTipRole):
                return "\n".join(part for part in (words(row.name), words(row.why)) if part)
            return words(row.name) if place < 0 and role == 0 else None
        cell = row.cells[place]
        if role == CELL_ROLE:
            return cell
        if role == int(Qt.ItemDataRole.DisplayRole):
            return words(cell.text)
        if role == int(Qt.ItemDataRole.ToolTipRole):
            return "\n".join(part for part in (words(cell.text), words(cell.delta), words(cell.explained)) if part)
        if role == int(Qt.ItemDataRole.AccessibleTextRole):
            return self._spoken(row, cell)
        if role == int(Qt.ItemDataRole.FontRole):
            return theme().font(bold=cell.best or row.strong, tabular=True)
        return None

    def _spoken(self, row: SideRow, cell: SideCell) -> str:
        said = [words(row.name), words(cell.text)]
        if cell.best:
            said.append(tr("the best"))
        if words(cell.delta):
            said.append(words(cell.delta))
        return ", ".join(said)


def specification_rows(comparison: Comparison) -> list[SideRow]:
    """The lines the comparison's terms ask for, under the names of their groups."""
    rows: list[SideRow] = []
    for group in comparison.groups:
        rows.append(SideRow(_in_use(group.name)))
        rows += [_line_row(line, comparison.looks.get(line.code, 0)) for line in group.lines]
    return rows


def _line_row(line: Line, looks: int) -> SideRow:
    cells = tuple(
        SideCell(_in_use(cell.text), _in_use(cell.delta), cell.step, place in line.best)
        for place, cell in enumerate(line.cells)
    )
    why: Words = partial(_looks_words, looks) if looks else ""
    return SideRow(_in_use(line.label), cells, line.differs, code=line.code, why=why)


def _looks_words(looks: int) -> str:
    return trn(
        "Stands higher: looked at {n} time on this desk in 30 days",
        "Stands higher: looked at {n} times on this desk in 30 days", looks,
    )  # fmt: skip


def cost_rows(comparison: Comparison) -> list[SideRow]:
    """One row a kind of cost, then the sums; each cell explains itself."""
    costs = comparison.costs
    rows = [_cost_row(kind, costs) for kind in CostKind]
    known = [cost.total for cost in costs if cost.complete]
    best = min(known) if len(set(known)) > 1 else None
    base = costs[comparison.reference] if costs else None
    totals = []
    for place, cost in enumerate(costs):
        delta: Words = ""
        if not cost.complete:
            delta = partial(_missing_words, cost)
        elif base is not None and place != comparison.reference and base.complete:
            delta = _apart(cost.total - base.total)
        step = 0 if base is None or not (cost.complete and base.complete) else _sign(base.total - cost.total)
        won = cost.complete and cost.total == best
        totals.append(SideCell(partial(formats.yuan, cost.total), delta, step, won))
    rows.append(SideRow(lambda: tr("Cost of ownership"), tuple(totals), differs=True, strong=True))
    monthly = tuple(SideCell(partial(formats.yuan, cost.monthly)) for cost in costs)
    rows.append(SideRow(lambda: tr("by month"), monthly, differs=True))
    ways = tuple(SideCell(partial(formats.yuan, cost.per_kilometre)) for cost in costs)
    rows.append(SideRow(lambda: tr("by kilometre"), ways, differs=True))
    return rows


def _cost_row(kind: CostKind, costs: Sequence[OwnershipCost]) -> SideRow:
    cells = tuple(_cost_cell(cost.figure(kind)) for cost in costs)
    return SideRow(_kind_words(kind), cells, differs=True, code=kind.value if kind in ASKED else "")


def _kind_words(kind: CostKind) -> Callable[[], str]:
    def said() -> str:
        return f"− {tr(kind.label)}" if kind is CostKind.RESIDUAL else tr(kind.label)

    return said


def _cost_cell(figure: CostFigure) -> SideCell:
    def text() -> str:
        if figure.amount is None:
            return tr("not known")
        shown = formats.yuan(figure.amount)
        return f"−{shown}" if figure.kind is CostKind.RESIDUAL and figure.amount else shown

    def explained() -> str:
        parts = [str(figure.formula), str(figure.source)]
        if figure.status is not None:
            parts.append(tr(figure.status.label))
        return " · ".join(part for part in parts if part)

    if figure.amount is not None:
        return SideCell(text, explained=explained)
    asked = ASKED.get(figure.kind, "")
    missing: Words = (lambda: tr(asked)) if asked else (lambda: str(figure.formula))
    return SideCell(text, missing, explained=explained, asks=bool(asked))


def _missing_words(cost: OwnershipCost) -> str:
    return missing_words(cost, language())


def _apart(amount: Any) -> Words:
    sign = "+" if amount > 0 else "−"
    return lambda: f"{sign}¥{abs(amount):,.0f}" if amount else "="


def _sign(amount: Any) -> int:
    return int(amount > 0) - int(amount < 0)


def _in_use(name: Any) -> Callable[[], str]:
    return lambda: str(name)
