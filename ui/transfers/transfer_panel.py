"""One transfer in the panel: where it stands, the vehicle, what left and what arrived."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from PySide6.QtWidgets import QFrame, QWidget

from app.runtime.language import tr, tr_noop
from app.transfers.queries import TransferDetail
from app.transfers.rules import TransferState
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.disclosure import Disclosure
from ui.kit.layout import STRETCH, Divider, boxed, column, row
from ui.kit.record_line import RecordLine
from ui.kit.text import Words
from ui.kit.theme import set_role
from ui.transfers.words import (
    STATES,
    branch_text,
    certificate_text,
    condition_text,
    next_step_text,
    waits_text,
)

_HAPPENED = {
    TransferState.PENDING.value: tr_noop("Asked for"),
    TransferState.APPROVED.value: tr_noop("Approved"),
    TransferState.DEPARTED.value: tr_noop("Sent off"),
    TransferState.MOVED.value: tr_noop("Taken in"),
}


def transfer_content(record: TransferDetail, context: PageContext) -> QWidget:
    """The panel's content."""
    line = record.row
    state = STATES[line.effective.value]
    stack = column(row(StatusDot(state.label, state.tone), STRETCH, Label(lambda: next_step_text(line))), gap=16)
    if line.waiting:
        stack.addWidget(note(lambda: waits_text(line), tone="info"))
    if record.end_reason:
        stack.addWidget(note(lambda: tr("{name}: {reason}", name=record.ended_by, reason=record.end_reason),
                             tone="bad"))  # fmt: skip
    stack.addWidget(_vehicle(record, context))
    stack.addWidget(Facts(_route(record)))
    stack.addWidget(Divider())
    stack.addWidget(Facts([(_HAPPENED[stage.state], _moment(stage.at, stage.by)) for stage in record.stages]))
    if record.stages[2].at is not None:
        stack.addWidget(Label(tr_noop("On departure"), role="section"))
        stack.addWidget(Facts(_departure(record)))
    if record.stages[3].at is not None:
        stack.addWidget(Label(tr_noop("On arrival"), role="section"))
        stack.addWidget(Facts(_arrival(record)))
        if record.damage_note:
            stack.addWidget(note(lambda: record.damage_note, tone="warn"))
    stack.addWidget(Disclosure(tr_noop("Pictures"), lambda: _pictures(record, context)))
    return boxed(stack)


def note(words: Words, *, tone: str) -> QFrame:
    """A washed line that has to be read."""
    frame = QFrame()
    set_role(frame, "message", tone=tone)
    frame.setLayout(column(Label(words, wrap=True), margins=12))
    return frame


def _vehicle(record: TransferDetail, context: PageContext) -> QWidget:
    line = record.row
    colours = " · ".join(part for part in (str(line.exterior_colour), line.vin) if part)
    shown = RecordLine(
        lambda: str(line.model) or tr("Model not here yet"),
        subtitle=lambda: colours or tr("Any vehicle of this model"), icon="car",
    )  # fmt: skip
    if record.unit_here:
        shown.clicked.connect(lambda: context.navigator.open("vehicles", unit_id=line.unit_id))
    else:
        shown.setEnabled(False)
    return shown


def _route(record: TransferDetail) -> list[tuple[Words, Words]]:
    line = record.row
    facts: list[tuple[Words, Any]] = [
        (tr_noop("From"), lambda: branch_text(line.source)),
        (tr_noop("To"), lambda: branch_text(line.target)),
    ]
    if line.needed_by is not None:
        facts.append((tr_noop("Needed by"), lambda: formats.date_text(line.needed_by)))
    if record.note:
        facts.append((tr_noop("Note"), lambda: record.note))
    if record.order_number:
        facts.append((tr_noop("Goes along with"), lambda: tr("Order {number}", number=record.order_number)))
    if record.transfer_price is not None:
        facts.append((tr_noop("Transfer price"), lambda: formats.yuan(record.transfer_price)))
    if record.freight is not None:
        facts.append((tr_noop("Freight"), lambda: formats.yuan(record.freight)))
    return facts


def _departure(record: TransferDetail) -> list[tuple[Words, Words]]:
    carried = " · ".join(part for part in (record.carrier, record.driver, record.driver_phone) if part)
    certificate = " ".join(part for part in (certificate_text(record.certificate_by), record.courier_number) if part)
    return [
        (tr_noop("Carried by"), lambda: carried or "–"),
        (tr_noop("Odometer"), lambda: _kilometres(record.departure_odometer_km)),
        (tr_noop("Keys"), lambda: _number(record.keys)),
        (tr_noop("Certificate"), lambda: certificate),
    ]


def _arrival(record: TransferDetail) -> list[tuple[Words, Words]]:
    return [
        (tr_noop("Condition"), lambda: condition_text(record.condition)),
        (tr_noop("Odometer"), lambda: _kilometres(record.arrival_odometer_km)),
        (tr_noop("Keys"), lambda: _number(record.keys_arrived)),
        (tr_noop("Certificate"), lambda: tr("Arrived") if record.certificate_arrived else tr("Still missing")),
        (tr_noop("Place"), lambda: record.arrival_location or "–"),
    ]


def _moment(at: datetime | None, by: str) -> Callable[[], str]:
    if at is None:
        return lambda: "–"
    return lambda: f"{formats.moment(at)} · {by}" if by else formats.moment(at)


def _kilometres(number: int | None) -> str:
    return "–" if number is None else formats.kilometres(number)


def _number(number: int | None) -> str:
    return "–" if number is None else str(number)


def _pictures(record: TransferDetail, context: PageContext) -> QWidget:
    from ui.kit.gallery import Gallery

    editable = record.row.effective not in (TransferState.REJECTED, TransferState.CANCELLED)
    return Gallery(context, subject_table="vehicle_transfer", subject_id=record.row.id, editable=editable)
