"""What the panel of the Sync page shows: a record with what this desk sent about it, a refusal, a lost vehicle."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from app.desk.record_titles import CLAIM_TABLE
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.layout import boxed, column, empty
from ui.kit.stored_values import value_text
from ui.kit.text import Words
from ui.sync.lines import ConflictLine, OperationLine, RecordLine, list_operations
from ui.sync.settling_details import FieldOrigins
from ui.sync.words import OPERATION_STATES, operation_text, refusal_text, table_text, winner_text

HISTORY_SHOWN = 30
_PAGES = {
    "sales_order": ("orders", "order_id"),
    "quotation": ("quotations", "quotation_id"),
    "contract": ("contracts", "contract_id"),
    "payment": ("payments", "payment_id"),
    "customer": ("customers", "customer_id"),
    "vehicle_unit": ("vehicles", "unit_id"),
    "vehicle_transfer": ("transfers", "transfer_id"),
    "service_appointment": ("workshop", "appointment_id"),
    "month_close": ("months", "close_id"),
}
"""Table → the page that shows its records, and the parameter it wants."""


def page_of(table: str) -> tuple[str, str] | None:
    """Where records of a table are shown, None where they have no page of their own."""
    return _PAGES.get(table)


def record_title(line: RecordLine | OperationLine) -> str:
    """ "Order SH01-D01-SO-000007"."""
    return f"{table_text(line.table)} {line.title}".strip()


class RecordHistory(QWidget):
    """What this desk has changed about a record, newest first, and what became of it; `together` with what waits of
    what belongs to it."""

    def __init__(self, context: PageContext, record_id: str, *, together: bool = False) -> None:
        super().__init__()
        self._record_id = record_id
        self._lines = column(gap=12)
        self.setLayout(column(Label(tr_noop("Sent about this record"), role="section"), self._lines, gap=8))
        context.operations.run_query(
            self, list_operations, limit=HISTORY_SHOWN, on_done=self._show, key="history",
            record_id=None if together else record_id, owner_id=record_id if together else None,
        )  # fmt: skip

    def _show(self, lines: Sequence[OperationLine]) -> None:
        empty(self._lines)
        if not lines:
            self._lines.addWidget(Label(tr_noop("Nothing was sent from this desk."), role="secondary", wrap=True))
        for line in lines:
            self._lines.addWidget(_history_line(line, of_part=line.record_id != self._record_id))


def _history_line(line: OperationLine, *, of_part: bool) -> QWidget:
    def said() -> str:
        text = operation_text(line.row)
        return tr("{record}: {field}", record=table_text(line.table), field=text) if of_part else text

    state = OPERATION_STATES[line.state]
    what = Label(said, wrap=True)
    parts: list[QWidget] = [StatusDot(state.label, state.tone), what]
    row = line.row
    when = Label(lambda: " · ".join(filter(None, (row.person, formats.moment(row.created_at)))), role="secondary")
    if line.state in ("rejected", "dismissed") and line.row.code:
        parts.append(Label(lambda: refusal_text(line.row), role="secondary", wrap=True))
    return boxed(column(*parts, when, gap=2))


def waiting_details(context: PageContext, line: RecordLine) -> QWidget:
    """A record with unsent changes."""
    facts = Facts(
        [
            (tr_noop("Changes"), lambda: formats.count(line.operations)),
            (tr_noop("Changed"), lambda: tr(", ").join(table_text(table) for table in line.tables)),
            (tr_noop("Waits since"), lambda: formats.moment(line.since)),
        ]
    )
    return boxed(column(facts, RecordHistory(context, line.record_id, together=True), gap=16))


def operation_details(context: PageContext, line: OperationLine) -> QWidget:
    """Any operation of the history."""
    row = line.row
    facts: list[tuple[Words, Words | QWidget]] = [
        (tr_noop("The change"), lambda: operation_text(row)),
        (tr_noop("Entered by"), lambda: row.person or "–"),
        (tr_noop("Changed at"), lambda: formats.moment(row.created_at)),
    ]
    parts: list[QWidget] = [Facts(facts), RecordHistory(context, line.record_id)]
    if line.table != CLAIM_TABLE:  # a claim has no fields
        parts.append(FieldOrigins(context, line.table, line.record_id))
    return boxed(column(*parts, gap=16))


def conflict_details(context: PageContext, line: ConflictLine) -> QWidget:
    """An order that lost its vehicle, and the one that has it."""
    row = line.row
    text = Label(
        lambda: tr(
            "The centre gave the vehicle to {winner}. This order needs another vehicle, or is cancelled.",
            winner=winner_text(row.winner, line.winner_branch, line.winner_person),
        ),
        wrap=True,
    )
    facts: list[tuple[Words, Words | QWidget]] = [
        (tr_noop("Customer"), line.customer),
        (tr_noop("VIN"), line.vin),
        (tr_noop("Ordered at"), lambda: formats.moment(row.ordered_at)),
        (tr_noop("The vehicle went to"), lambda: winner_text(row.winner, line.winner_branch)),
        (tr_noop("Sold by"), lambda: _seller_text(line)),
        (tr_noop("Since"), lambda: _since_text(line)),
    ]
    return boxed(column(text, Facts(facts), RecordHistory(context, row.order_id), gap=12))


def _seller_text(line: ConflictLine) -> str:
    if line.winner_person or not line.row.winner.get("staff_id"):
        return line.winner_person or "–"
    return tr("somebody whose name this desk does not have")


def _since_text(line: ConflictLine) -> str:
    at = line.row.winner.get("at")
    return value_text("claimed_at", at) if isinstance(at, int) else "–"
