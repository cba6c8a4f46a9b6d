"""The orders or vehicles behind a bar, beside the charts."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.analytics.queries import AgedUnitRow, SoldOrderRow, list_aged_units, list_sold_orders
from app.runtime.language import tr_noop, trn
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.feedback import Skeleton
from ui.kit.layout import column
from ui.kit.record_line import RecordLine

PORTION = 40
_Line = Callable[[Any], RecordLine]


class DrillList(QWidget):
    """Lines that open the record; more are fetched on demand. `query` and `filters` as `run_query` takes them."""

    def __init__(
        self,
        context: PageContext,
        query: Callable[..., Sequence[Any]],
        line: _Line,
        *,
        parent: QWidget | None = None,
        **filters: Any,
    ) -> None:
        super().__init__(parent)
        self._context, self._query, self._line, self._filters = context, query, line, filters
        self._cursor: str | None = None
        self._skeleton = Skeleton(rows=8)
        self._lines: QVBoxLayout = column(gap=2)
        self._more = Button(tr_noop("Show more"), kind="quiet", on_click=self.fetch)
        self._more.hide()
        self.setLayout(column(self._skeleton, self._lines, self._more, gap=4))
        self._skeleton.start()
        self.fetch()

    def fetch(self) -> None:
        """Fetch the next lines."""
        job = self._context.operations.run_query(
            self, self._query, after=self._cursor, limit=PORTION, on_done=self._show, key="rows", **self._filters
        )
        self._more.busy_while(job)

    def lines(self) -> list[RecordLine]:
        """The lines shown."""
        return self.findChildren(RecordLine)

    def _show(self, rows: Sequence[Any]) -> None:
        self._skeleton.stop()
        for row in rows:
            self._lines.addWidget(self._line(row))
        if not rows and self._cursor is None:
            self._lines.addWidget(Label(tr_noop("Nothing behind this bar."), role="secondary"))
        if rows:
            self._cursor = rows[-1].cursor
        self._more.setVisible(len(rows) == PORTION)


def sold_orders_list(context: PageContext, **filters: Any) -> DrillList:
    """The orders behind a month's or a make's bar."""

    def line(row: SoldOrderRow) -> RecordLine:
        made = RecordLine(
            lambda: row.vehicle or row.vin,
            figure=lambda: formats.money(row.gross),
            subtitle=lambda: " · ".join((formats.day_of(row.ordered_at), row.customer_name, row.number)),
            icon="receipt",
            tooltip=lambda: f"{row.vin}\n{formats.yuan(row.vehicle_price)}\n{row.salesperson_name}",
        )
        made.clicked.connect(lambda: context.navigator.open("orders", order_id=row.id))
        return made

    return DrillList(context, list_sold_orders, line, **filters)


def aged_units_list(context: PageContext, **filters: Any) -> DrillList:
    """The vehicles behind an age group's bar."""

    def line(row: AgedUnitRow) -> RecordLine:
        made = RecordLine(
            lambda: row.vehicle or row.vin,
            figure=lambda: trn("{n} day", "{n} days", row.age_days),
            subtitle=lambda: " · ".join(
                part for part in (row.stock_number, row.location, formats.money(row.list_price)) if part
            ),
            icon="car",
            tooltip=lambda: f"{row.vin}\n{row.exterior_colour}",
        )
        made.clicked.connect(lambda: context.navigator.open("vehicles", unit_id=row.id))
        return made

    return DrillList(context, list_aged_units, line, **filters)
