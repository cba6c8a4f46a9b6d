"""Choosing the vehicle: type a piece of anything, Return takes the unit and holds it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.inventory.queries import UnitRow, find_units_for_sale
from app.inventory.rules import AllocationState, StockState
from app.pricing.queries import AskedBook, AskedPrice
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.columns import Column, State
from ui.kit.context import PageContext
from ui.kit.controls import Label, SearchField
from ui.kit.feedback import EmptyState
from ui.kit.layout import column
from ui.kit.record_table import RecordTable
from ui.kit.scanner import Scan
from ui.kit.station import Station
from ui.kit.table_model import KeysetTableModel
from ui.kit.vin_editor import TAKES_SCANS

SHOWN = 50
STATES = {
    AllocationState.FREE: State(tr_noop("Free"), "good"),
    AllocationState.HELD: State(tr_noop("Held for you"), "info"),
    StockState.IN_TRANSIT: State(tr_noop("In transit"), "neutral"),
}


def _standing(row: UnitRow) -> AllocationState | StockState:
    """What the seller has to know first: held, not here yet, or free."""
    free = row.allocation is AllocationState.FREE
    return StockState.IN_TRANSIT if free and row.stock is StockState.IN_TRANSIT else row.allocation


def sale_columns(book: AskedBook) -> tuple[Column, ...]:
    """The columns of the vehicles for sale; the price is what is asked today, the list price struck out before it."""
    return (
        Column("name", tr_noop("Vehicle"), width=220, stretch=True, format=str),
        Column("exterior_colour", tr_noop("Colour"), width=104, format=str),
        Column("list_price", tr_noop("Price"), kind="money", width=148,
               value=lambda row: asked_of(book, row), struck=lambda row: list_price_of(book, row),
               tooltip=lambda row: campaign_words(book.of(row))),
        Column("allocation", tr_noop("Status"), kind="state", width=104, states=STATES, value=_standing),
        Column("vin", tr_noop("VIN"), kind="code", width=156),
        Column("location", tr_noop("Place"), width=72, visible=False),
        Column("age_days", tr_noop("Age"), kind="integer", width=72, visible=False,
               format=lambda n: trn("{n} day", "{n} days", n)),
    )  # fmt: skip


def asked_of(book: AskedBook, row: UnitRow) -> Decimal:
    """What is asked for a unit."""
    found = book.of(row)
    return row.list_price if found is None else found.asked


def list_price_of(book: AskedBook, row: UnitRow) -> str:
    """The list price where less is asked, else nothing."""
    found = book.of(row)
    return "" if found is None or found.campaign is None else f"{found.list_price:,.0f}"


def campaign_words(price: AskedPrice | None) -> str:
    """Which campaign lowers a price, and until when."""
    if price is None or price.campaign is None:
        return ""
    if price.until is None:
        return tr("Campaign “{name}”", name=str(price.campaign))
    return tr("Campaign “{name}” until {date}", name=str(price.campaign), date=formats.date_text(price.until))


class PickField(SearchField):
    """A search field from which Down goes into the list and Return takes its first line."""

    into_list = Signal()
    take_first = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.into_list.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.take_first.emit()
        else:
            super().keyPressEvent(event)


class PickList(QWidget):
    """A search field over a table in which one click, or Return, takes a row: `taken(row)`."""

    taken = Signal(object)

    def __init__(
        self, context: PageContext, *, columns: Sequence[Column], list_rows: Any, placeholder: str, name: str
    ) -> None:
        super().__init__()
        self.search = PickField(placeholder)
        self.model = KeysetTableModel(context.operations, columns, list_rows, first_page=SHOWN, parent=self)
        self.table = RecordTable(self.model, name=name, views=context.views, view_key="")
        self.search.searched.connect(lambda text: self.model.load({"text": text}))
        self.search.into_list.connect(self._into_list)
        self.search.take_first.connect(self._take_first)
        self.table.opened.connect(self.taken)
        self.table.clicked.connect(self._on_table_clicked)
        self.model.rows_shown.connect(self._on_rows_shown)
        self.nothing = EmptyState(tr_noop("Nothing matches"), tr_noop("Look for another piece of the name or number."))
        self.nothing.hide()
        layout = column(self.search, gap=12)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.nothing, 1)
        self.setLayout(layout)
        self._waiting_for_first = False

    def take(self, text: str) -> None:
        """Look for a text, and take the first row it finds."""
        self._waiting_for_first = True
        self.search.setText(text)
        self.model.load({"text": text})

    def load(self) -> None:
        """Fetch anew."""
        self.model.load({"text": self.search.text()})

    def _into_list(self) -> None:
        if self.model.rows:
            self.table.setFocus()
            if not self.table.currentIndex().isValid():
                self.table.selectRow(0)

    def _take_first(self) -> None:
        if self.model.filters.get("text", "") == self.search.text() and not self.model.loading:
            row = self.table.current_row() or self.model.row_at(0)
            if row is not None:
                self.taken.emit(row)
        else:
            self._waiting_for_first = True

    def _on_table_clicked(self, _index: object) -> None:
        row = self.table.current_row()
        if row is not None:
            self.taken.emit(row)

    def _on_rows_shown(self) -> None:
        empty = not self.model.rows and not self.model.loading
        self.nothing.setVisible(empty)
        self.table.setVisible(not empty)
        if self._waiting_for_first and self.model.filters.get("text", "") == self.search.text():
            self._waiting_for_first = False
            row = self.model.row_at(0)
            if row is not None:
                self.taken.emit(row)


class UnitStation(Station):
    """`chosen(unit row)`: the unit the customer wants. A scan takes the unit with that VIN or stock number."""

    chosen = Signal(object)

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.book = AskedBook()
        self.picker = PickList(
            context, columns=sale_columns(self.book), list_rows=self._list_units, name=tr_noop("Vehicles for sale"),
            placeholder=tr_noop("Model, colour, VIN, stock number or pinyin initials"),
        )  # fmt: skip
        self.picker.search.setProperty(TAKES_SCANS, True)
        self.picker.taken.connect(self.chosen)
        context.scanner.take(self, self._on_scanned)
        self.picker.model.rows_shown.connect(self._say_campaigns)
        self.campaigns = Label(self._campaigns_shown, role="secondary", wrap=True)
        self.campaigns.hide()
        self.arrange(
            [
                Label(tr_noop("Which vehicle?"), role="section"),
                Label(lambda: tr("Free units, and those held for you. One click or Return takes a unit and holds it."),
                      role="secondary", wrap=True),
                self.campaigns,
                self.picker,
            ]
        )  # fmt: skip

    def take_focus(self) -> None:
        """Fetch what is free now, and type."""
        self.picker.load()
        self.picker.search.setFocus()
        self.picker.search.selectAll()

    def _on_scanned(self, scan: Scan) -> bool:
        self.picker.take(scan.vin or scan.text.strip())
        return True

    def _list_units(self, reader: Any, *, after: Any, limit: int, text: str = "") -> Sequence[UnitRow]:
        if after is not None:
            return ()
        rows = find_units_for_sale(reader, text=text, limit=SHOWN).rows
        self.book.note(reader, rows)
        return rows

    def _campaigns_shown(self) -> str:
        found = (campaign_words(self.book.of(row)) for row in self.picker.model.rows)
        return " · ".join(dict.fromkeys(words for words in found if words))

    def _say_campaigns(self) -> None:
        if self.book.take_changed():
            self.picker.model.retranslate()
        self.campaigns.retranslate()
        self.campaigns.setVisible(bool(self._campaigns_shown()))
