"""Choosing the unit that replaces a lost one: free units of its trim first, then of its series."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.inventory.queries import UnitFilter, UnitRow, get_unit, list_units
from app.inventory.rules import AllocationState, QualityState, StockState
from app.runtime.language import tr_noop, trn
from ui.kit.columns import Column, State
from ui.kit.context import PageContext
from ui.kit.controls import SearchField
from ui.kit.feedback import EmptyState
from ui.kit.layout import column
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.kit.theme import set_size

SHOWN = 60
_FITS = {True: State(tr_noop("Same trim"), "good"), False: State(tr_noop("Other trim"), "neutral")}


@dataclass(frozen=True, slots=True)
class UnitOption:
    """A free unit; `same_trim` where it can take the place of the lost one without a new offer."""

    row: UnitRow
    same_trim: bool

    @property
    def id(self) -> str:
        """The unit's id."""
        return self.row.id


_COLUMNS = (
    Column("name", tr_noop("Vehicle"), width=200, stretch=True, value=lambda unit: unit.row.name, format=str),
    Column("exterior", tr_noop("Colour"), width=104, value=lambda unit: unit.row.exterior_colour, format=str),
    Column("vin", tr_noop("VIN"), kind="code", width=164, value=lambda unit: unit.row.vin),
    Column("branch", tr_noop("Branch"), width=72, value=lambda unit: unit.row.branch_code),
    Column("location", tr_noop("Location"), width=80, value=lambda unit: unit.row.location),
    Column("age", tr_noop("Age"), kind="integer", width=76, value=lambda unit: unit.row.age_days,
           format=lambda n: trn("{n} day", "{n} days", n)),
    Column("list_price", tr_noop("List price"), kind="money", width=104, value=lambda unit: unit.row.list_price),
    Column("fits", tr_noop("Fits"), kind="state", width=104, value=lambda unit: unit.same_trim, states=_FITS),
)  # fmt: skip


def list_options(reader: Any, lost_unit_id: str, *, text: str = "", limit: int = SHOWN) -> list[UnitOption]:
    """Free units that are in order: those of the lost unit's trim first, then others of its series."""
    lost = get_unit(reader, lost_unit_id)
    trim_id, series_id = lost.row.trim_id, lost.specification.row.series_id
    free = {
        "text": text,
        "allocation_states": (AllocationState.FREE,),
        "stock_states": (StockState.IN_STOCK, StockState.IN_TRANSIT),
    }
    same = list_units(reader, filter=UnitFilter(trim_ids=(trim_id,), **free), limit=limit).rows  # type: ignore[arg-type]
    others = list_units(reader, filter=UnitFilter(series_ids=(series_id,), **free), limit=limit).rows  # type: ignore[arg-type]
    fitting = [UnitOption(unit, True) for unit in same]
    fitting += [UnitOption(unit, False) for unit in others if unit.trim_id != trim_id]
    here = ("", f"{reader.actor.branch_code}-{reader.actor.desk_code}")
    return [
        option for option in fitting
        if option.row.quality == QualityState.NORMAL and option.row.secured_for in here and option.id != lost_unit_id
    ]  # fmt: skip


class _ChoiceField(SearchField):
    """Down goes into the list."""

    into_list = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.into_list.emit()
        else:
            super().keyPressEvent(event)


class UnitChoice(QWidget):
    """A search field over the free units. `chosen(option or None)` on selection, `taken(option)` on Return."""

    chosen = Signal(object)
    taken = Signal(object)

    def __init__(self, context: PageContext, lost_unit_id: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lost_unit_id = lost_unit_id
        self.search = _ChoiceField(tr_noop("Colour, VIN, stock number or place"))
        set_size(self.search, width=320)
        self.model = KeysetTableModel(context.operations, _COLUMNS, self._list_rows, first_page=2 * SHOWN, parent=self)
        self.table = RecordTable(self.model, name=tr_noop("Free units"))
        self.nothing = EmptyState(
            tr_noop("No free unit of this series"),
            tr_noop("Cancel this order, or order a unit and settle the conflict when it has arrived."),
            icon="car",
        )
        self.nothing.hide()
        self.search.searched.connect(lambda text: self.model.load({"text": text}))
        self.search.into_list.connect(self._into_list)
        self.search.returnPressed.connect(self._into_list)
        self.table.selected.connect(self.chosen)
        self.table.opened.connect(self.taken)
        self.model.rows_shown.connect(self._on_model_rows_shown)
        stack = column(self.search, gap=8)
        stack.addWidget(self.table, 1)
        stack.addWidget(self.nothing, 1)
        self.setLayout(stack)
        self.model.load({})

    def current(self) -> UnitOption | None:
        """The selected unit."""
        option: UnitOption | None = self.table.current_row()
        return option

    def _list_rows(self, reader: Any, *, after: Any, limit: int, text: str = "") -> Sequence[UnitOption]:
        return [] if after is not None else list_options(reader, self._lost_unit_id, text=text)

    def _into_list(self) -> None:
        if self.model.rows:
            self.table.setFocus()
            self.table.selectRow(max(0, self.table.currentIndex().row()))

    def _on_model_rows_shown(self) -> None:
        empty = not self.model.rows and not self.model.filters.get("text")
        self.nothing.setVisible(empty)
        self.table.setVisible(not empty)
