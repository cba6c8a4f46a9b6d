"""Old and new prices line by line; one line can be given another price or be left out."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.kernel.permissions import Permission
from app.pricing.queries import PreviewRow
from app.runtime.language import tr_noop, trn
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.fields import MoneyField, Section
from ui.kit.form import Form
from ui.kit.layout import STRETCH, column, row
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.kit.theme import set_size
from ui.pricing.words import WARNINGS, signed, warning_state

_COLUMNS = (
    Column("name", tr_noop("Vehicle"), width=140, stretch=True, format=str, tooltip=lambda line: str(line.name)),
    Column("detail", tr_noop("VIN"), kind="code", width=160, visible=False),
    Column("age_days", tr_noop("Age"), kind="integer", width=56, visible=False),
    Column("units", tr_noop("Units"), kind="integer", width=56, visible=False),
    Column("before", tr_noop("Now"), kind="money", width=92),
    Column("after", tr_noop("New price"), kind="money", width=92),
    Column("change", tr_noop("Difference"), kind="money", width=84, format=signed),
)
_COSTS = (Column("margin", tr_noop("Margin"), kind="percent", width=64),)
_LAST = (
    Column("guide_price", tr_noop("Guide price"), kind="money", width=100, visible=False),
    Column("warnings", tr_noop("Look at"), kind="state", states=WARNINGS, width=140,
           value=lambda line: warning_state(line.warnings)),
)  # fmt: skip


class PreviewTable(QWidget):
    """`rows` as they will be stored; `edited` are the ids somebody changed. `changed` when a line was."""

    changed = Signal()

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self.rows: list[PreviewRow] = []
        self.edited: set[str] = set()
        self.left_out = False
        columns = (*_COLUMNS, *(_COSTS if context.may(Permission.INVENTORY_VIEW_COST) else ()), *_LAST)
        self.model = KeysetTableModel(context.operations, columns, self._list, parent=self)
        self.table = RecordTable(
            self.model, name=tr_noop("Preview of prices"), views=context.views, view_key="prices.preview"
        )
        self.form = Form(
            context, [Section("", [MoneyField("price", tr_noop("New price of the line"), required=True)])], columns=1,
            submit_on_return=True,
        )  # fmt: skip
        set_size(self.form, width=176)
        self._set = Button(tr_noop("Set"), on_click=self.set_price)
        self._leave = Button(tr_noop("Leave it out"), kind="quiet", icon="x", on_click=self.leave_out)
        tools = row(self.form, self._set, self._leave, STRETCH, gap=8)
        self._which = Label("", role="secondary", wrap=True)
        stack = column(gap=8)
        stack.addWidget(self.table, 1)
        stack.addWidget(self._which)
        stack.addLayout(tools)
        self.setLayout(stack)
        self.form.submitted.connect(self.set_price)
        self.table.selected.connect(self._on_selected)
        self._on_selected(None)

    def show_rows(self, rows: Sequence[PreviewRow], *, edited: bool) -> None:
        """Show these lines; with `edited` False they are fresh from the calculation."""
        self.rows = sorted(rows, key=lambda line: not line.stops) if not edited else list(rows)
        if not edited:
            self.edited, self.left_out = set(), False
        self.model.load({})

    def set_prices(self, prices: Mapping[str, Decimal]) -> None:
        """Give lines the prices a draft kept for them, where those are others than calculated."""
        others = {one.id for one in self.rows if prices.get(one.id, one.after) != one.after}
        self.edited |= others
        self.rows = [one.with_price(prices[one.id]) if one.id in others else one for one in self.rows]
        self.model.refresh()

    def set_price(self) -> None:
        """Give the selected line the price that was typed."""
        line, price = self.table.current_row(), self.form.value("price")
        if line is None or not self.form.check_all():
            return
        self.edited.add(line.id)
        self.rows = [one.with_price(price) if one.id == line.id else one for one in self.rows]
        self.model.refresh()
        self.changed.emit()

    def leave_out(self) -> None:
        """Take the selected line off."""
        line = self.table.current_row()
        if line is None:
            return
        self.left_out = True
        self.rows = [one for one in self.rows if one.id != line.id]
        self.model.refresh()
        self.changed.emit()

    def _list(self, _reader: Any, *, after: Any, limit: int, **_filters: Any) -> Sequence[PreviewRow]:
        rows = self.rows
        start = 0 if after is None else next((n + 1 for n, one in enumerate(rows) if one.id == after), len(rows))
        return rows[start : start + limit]

    def _on_selected(self, line: PreviewRow | None) -> None:
        for widget in (self._set, self._leave, self.form):
            widget.setEnabled(line is not None)
        self.form.set_values({"price": None if line is None else line.after})
        self._which.set_words(lambda: "" if line is None else _which(line))


def _which(line: PreviewRow) -> str:
    """Which vehicle a line is about: many of them are called the same."""
    parts = [str(line.name), line.detail]
    if line.age_days is not None:
        parts.append(trn("{n} day in stock", "{n} days in stock", line.age_days))
    elif line.units:
        parts.append(trn("{n} vehicle", "{n} vehicles", line.units))
    return " · ".join(part for part in parts if part)

