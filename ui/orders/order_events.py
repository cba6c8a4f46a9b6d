"""What happened to an order, told from its rows."""

from datetime import datetime

from app.contracts.rules import ContractState
from app.orders.queries import OrderContractRow, OrderDetail, OrderPaymentRow
from app.orders.rules import OrderState
from app.payments.rules import PaymentState
from app.runtime.language import tr
from ui.kit import formats
from ui.kit.text import Words, words
from ui.orders.order_states import PAYMENT_TONES, kind_label
from ui.orders.timeline import Event

_ENDED = (OrderState.CANCELLED, OrderState.RETURNED, OrderState.DELIVERED, OrderState.COMPLETED)


def order_events(detail: OrderDetail) -> list[Event]:
    """The events by their time; the planned delivery comes last and is still ahead."""
    line, conflict = detail.row, detail.conflict
    told: list[tuple[datetime, Event]] = [(line.ordered_at, _ordered(detail))]
    told += [(payment.received_at, _paid(payment)) for payment in detail.payments]
    told += [(contract.created_at, _drafted(contract)) for contract in detail.contracts]
    if conflict is not None and conflict.winner_at is not None:
        number = conflict.winner_number
        lost = Event(
            _when(conflict.winner_at), lambda: tr("{number} claimed the vehicle first", number=number), tone="bad"
        )
        told.append((conflict.winner_at, lost))
    if detail.cancelled_at is not None:
        told.append((detail.cancelled_at, Event(_when(detail.cancelled_at), lambda: tr("Cancelled"), tone="bad")))
    events = [event for _when_, event in sorted(told, key=lambda each: each[0])]
    if line.planned_delivery_on is not None and line.state not in _ENDED:
        day = line.planned_delivery_on
        events.append(Event(lambda: formats.date_text(day), lambda: tr("Delivery planned"), tone="accent", ahead=True))
    return events


def _ordered(detail: OrderDetail) -> Event:
    number = detail.provisional_number
    return Event(_when(detail.row.ordered_at), lambda: tr("Ordered as {number}", number=number), tone="accent")


def _paid(payment: OrderPaymentRow) -> Event:
    text = kind_label(payment.kind)
    tone = PAYMENT_TONES[PaymentState(payment.state)]
    return Event(
        _when(payment.received_at), lambda: f"{words(text)} {formats.money(payment.amount)}",
        tone="bad" if payment.amount < 0 else tone,
    )  # fmt: skip


def _drafted(contract: OrderContractRow) -> Event:
    state = ContractState(contract.state)
    return Event(
        _when(contract.created_at),
        lambda: tr("Contract {number}: {state}", number=contract.number, state=words(state.label)),
        tone="good" if state in (ContractState.SEALED, ContractState.ARCHIVED) else "info",
    )


def _when(instant: datetime) -> Words:
    return lambda: formats.moment(instant)
