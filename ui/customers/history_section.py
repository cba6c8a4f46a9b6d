"""What happened with a customer: offers, orders, contracts, payments, appointments, the newest first."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.customers.queries import HistoryRow, list_customer_history
from app.runtime.language import tr, tr_noop
from ui.customers.words import history_state, state_tone
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.layout import column
from ui.kit.panel_form import PanelSection
from ui.kit.record_line import RecordLine

FIRST_ROWS = 12
FURTHER_ROWS = 40
_KINDS: dict[str, tuple[str, str, str, str]] = {
    "quotation": (tr_noop("Quotation"), "scale", "quotations", "quotation_id"),
    "order": (tr_noop("Order"), "receipt", "orders", "order_id"),
    "contract": (tr_noop("Contract"), "file-text", "contracts", "contract_id"),
    "payment": (tr_noop("Payment"), "wallet", "payments", "payment_id"),
    "appointment": (tr_noop("Appointment"), "calendar", "workshop", "appointment_id"),
}
"""Kind → its word, icon, page and the page's parameter."""


class HistorySection(PanelSection):
    """Lines that open the record; older ones are fetched on demand."""

    def __init__(self, context: PageContext, customer_id: str, rows: Sequence[HistoryRow]) -> None:
        super().__init__(tr_noop("History"))
        self._context, self._customer_id = context, customer_id
        self._cursor = ""
        self._lines: QVBoxLayout = column(gap=0)
        holder = QWidget()
        holder.setLayout(self._lines)
        self._older = Button(tr_noop("Show older"), kind="quiet", on_click=self._fetch)
        self.add(holder, self._older)
        self._show(rows, wanted=FIRST_ROWS)
        if not rows:
            self.add(Label(tr_noop("Nothing yet: no offer, order or appointment."), role="secondary", wrap=True))

    def _fetch(self) -> None:
        job = self._context.operations.run_query(
            self, list_customer_history, self._customer_id, after=self._cursor, limit=FURTHER_ROWS,
            on_done=lambda rows: self._show(rows, wanted=FURTHER_ROWS), key="older",
        )  # fmt: skip
        self._older.busy_while(job)

    def _show(self, rows: Sequence[HistoryRow], *, wanted: int) -> None:
        for happened in rows:
            self._lines.addWidget(self._line(happened))
        if rows:
            self._cursor = rows[-1].cursor
        self._older.setVisible(len(rows) >= wanted)

    def _line(self, happened: HistoryRow) -> RecordLine:
        kind, icon, page, parameter = _KINDS[happened.kind]
        line = RecordLine(
            lambda: happened.number,
            subtitle=lambda: " · ".join(
                (tr(kind), history_state(happened.kind, happened.state), formats.day_of(happened.at))
            ),
            figure=lambda: "" if happened.amount is None else formats.money(happened.amount),
            icon=icon,
            tone=state_tone(happened.state),
            tooltip=lambda: formats.moment(happened.at),
        )
        params: dict[str, Any] = {parameter: happened.id}
        line.clicked.connect(lambda: self._context.navigator.open(page, **params))
        return line
