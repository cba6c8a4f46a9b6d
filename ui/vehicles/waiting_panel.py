"""The panel of somebody who waits: what for, the offer, the vehicles that would fit now, the queue."""

from functools import partial

from PySide6.QtWidgets import QWidget

from app.inventory.queue_queries import WaitingDetail, WishRow
from app.inventory.rules import WishState
from app.inventory.unit_rows import UnitRow
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.columns import State
from ui.kit.context import PageContext
from ui.kit.controls import Label, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.layout import boxed, column
from ui.kit.record_line import RecordLine


def waiting_content(context: PageContext, record: WaitingDetail, state: State) -> QWidget:
    """Everything about one place in a queue."""
    parts: list[QWidget] = [_facts(record.row, state)]
    if record.offered is not None:
        parts.append(_units(context, tr_noop("Offered now"), (record.offered,)))
    elif record.units:
        count = len(record.units)
        parts.append(
            _units(
                context,
                lambda: trn("{n} vehicle could be offered now", "{n} vehicles could be offered now", count),
                record.units[:5],
            )
        )
    elif record.row.state is WishState.WAITING:
        parts.append(Label(tr_noop("Nothing that fits is free now. What becomes free is offered by itself, in the order"
                                   " of the queue."), role="secondary", wrap=True))  # fmt: skip
    if record.queue:
        parts.append(_queue(context, record))
    return boxed(column(*parts, gap=16))


def vehicle_words(row: WishRow) -> str:
    """What somebody waits for: "Lavida 1.5L, any colour"."""
    if row.unit_id is not None:
        return str(row.vehicle)
    colour = str(row.exterior_colour)
    return f"{row.vehicle} · {colour}" if colour else tr("{vehicle} · any colour", vehicle=str(row.vehicle))


def _facts(row: WishRow, state: State) -> Facts:
    facts: list[object] = [
        (tr_noop("Status"), StatusDot(state.label, state.tone)),
        (tr_noop("Waits since"), partial(formats.moment, row.since)),
        (tr_noop("Salesperson"), row.salesperson or "–"),
    ]
    if row.place:
        facts.insert(1, (tr_noop("Place in the queue"), str(row.place)))
    if row.offered_until is not None:
        facts.insert(2, (tr_noop("Offer until"), partial(formats.moment, row.offered_until)))
    if row.earnest_reference:
        facts.append((tr_noop("Receipt of earnest money"), row.earnest_reference))
    if row.note:
        facts.append((tr_noop("Note"), row.note))
    return Facts(facts)  # type: ignore[arg-type]


def _units(context: PageContext, heading: object, units: tuple[UnitRow, ...]) -> QWidget:
    stack = column(Label(heading, role="section"), gap=2)  # type: ignore[arg-type]
    for unit in units:
        line = RecordLine(
            partial(_unit_title, unit),
            subtitle=partial(_unit_words, unit),
            figure=partial(formats.money, unit.list_price),
            icon="car",
        )
        line.clicked.connect(partial(_open, context, "vehicles", "unit_id", unit.id))
        stack.addWidget(line)
    return boxed(stack)


def _unit_title(unit: UnitRow) -> str:
    return f"{unit.exterior_colour} · {unit.stock_number or unit.vin}"


def _unit_words(unit: UnitRow) -> str:
    return " · ".join(part for part in (tr(unit.stock.label), unit.location) if part)


def _queue(context: PageContext, record: WaitingDetail) -> QWidget:
    count = len(record.queue)
    heading = Label(lambda: trn("{n} customer waits", "{n} customers wait", count), role="section")
    stack = column(heading, gap=2)
    for wish in record.queue:
        own = wish.id == record.row.id
        line = RecordLine(
            partial(_place_title, wish),
            subtitle=partial(_place_words, context, wish),
            icon="circle-dot" if own else "user",
            tone="accent" if wish.offered_until is not None else "",
        )
        line.clicked.connect(partial(_open, context, "waiting", "wish_id", wish.id))
        stack.addWidget(line)
    return boxed(stack)


def _place_title(wish: WishRow) -> str:
    return f"{wish.place} · {wish.customer_name or '–'}"


def _place_words(context: PageContext, wish: WishRow) -> str:
    if wish.offered_until is not None:
        said = tr("offered until {time}", time=formats.moment(wish.offered_until))
    else:
        span = (context.clock.now() - wish.since).total_seconds()
        said = tr("for {span}", span=formats.duration(span))
    wanted = tr("this very vehicle") if wish.unit_id is not None else tr("any like it")
    return " · ".join(part for part in (wish.salesperson, said, wanted) if part)


def _open(context: PageContext, page: str, name: str, record_id: str) -> None:
    context.navigator.open(page, **{name: record_id})
