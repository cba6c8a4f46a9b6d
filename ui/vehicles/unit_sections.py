"""The sections of a unit's panel below its head: inspection, certificate, keys, queue, history.

A section is added to `SECTIONS`: what makes its widget of a `UnitRecord`, and what of the record it depends on, so that
it is made again only when that changed. Pictures and prices find their place in the same list.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from PySide6.QtWidgets import QWidget

from app.custody.key_queries import KeyEntryRow, KeyRow
from app.custody.move_queries import MoveRow
from app.custody.queries import EntryRow
from app.custody.rules import CUSTODY_STEPS_DONE, KEY_STEPS_DONE, Holder, KeyState
from app.inspections.queries import InspectionRow
from app.inspections.rules import InspectionState
from app.inventory.queue_queries import WishRow
from app.inventory.rules import PdiState, StockState
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from app.transfers.queries import TransferRow
from app.unit_costs.queries import UnitCosts
from app.unit_costs.rules import LoanStanding
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Label
from ui.kit.detail_panel import Facts
from ui.kit.disclosure import Disclosure
from ui.kit.layout import boxed, column
from ui.kit.record_line import RecordLine
from ui.vehicles.unit_reading import UnitRecord
from ui.vehicles.words import time_left

HISTORY_LINES = 30
INSPECTION_TONES = {
    InspectionState.OPEN: "accent",
    InspectionState.PASSED: "good",
    InspectionState.FAILED: "bad",
    InspectionState.ABANDONED: "neutral",
}
LOAN_TONES = {LoanStanding.DUE_SOON: "warn", LoanStanding.OVERDUE: "bad"}


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the panel: `make(context, record)`, and `of(record)`: what it shows, None for a section that is not
    there at all."""

    make: Callable[[PageContext, UnitRecord], QWidget]
    of: Callable[[UnitRecord], object]


def transfer_section(context: PageContext, record: UnitRecord) -> QWidget:
    """Where the unit is going, and whether the centre has said so: until it arrives it is this branch's."""
    line = RecordLine(
        partial(_transfer_title, record), subtitle=partial(_transfer_words, record), icon="truck", tone="accent"
    )
    line.clicked.connect(lambda: context.navigator.open("transfers", transfer_id=_transfer(record).id))
    return boxed(column(Label(tr_noop("Between branches"), role="section"), line, gap=2))


def _transfer(record: UnitRecord) -> TransferRow:
    if record.transfer is None:
        raise LookupError("no transfer is under way")
    return record.transfer


def _transfer_title(record: UnitRecord) -> str:
    transfer = _transfer(record)
    return tr("To {branch}: {state}", branch=transfer.target.code, state=tr(transfer.effective.label))


def _transfer_words(record: UnitRecord) -> str:
    transfer = _transfer(record)
    waits = tr("waiting for the centre") if transfer.waiting else ""
    return " · ".join(part for part in (transfer.number, waits) if part)


def queue_section(context: PageContext, record: UnitRecord) -> QWidget:
    """Who waits, the first in front."""
    count = len(record.queue)
    stack = column(Label(lambda: trn("{n} customer waits", "{n} customers wait", count), role="section"), gap=2)
    for wish in record.queue:
        line = RecordLine(
            partial(_wish_title, wish),
            subtitle=partial(_wish_words, context, wish),
            icon="user",
            tone="accent" if wish.offered_until is not None else "",
            tooltip=partial(_wish_tooltip, wish),
        )
        line.clicked.connect(partial(_go, context, "customers", "customer_id", wish.customer_id))
        stack.addWidget(line)
    return boxed(stack)


def inspection_section(context: PageContext, record: UnitRecord) -> QWidget:
    """The newest inspection; how many there were."""
    stack = column(Label(tr_noop("Inspection before delivery"), role="section"), gap=2)
    newest = next((row for row in record.inspections if row.state is not InspectionState.ABANDONED), None)
    pdi = record.detail.row.pdi
    if newest is None and pdi is not PdiState.UNCHECKED:
        line = RecordLine(pdi.label, subtitle=tr_noop("without a checklist on file"), icon="clipboard-check")
    elif newest is None:
        line = RecordLine(tr_noop("Not inspected yet"), icon="clipboard-check")
    else:
        line = RecordLine(
            partial(_inspection_title, newest), subtitle=partial(_inspection_words, newest), icon="clipboard-check",
            tone=INSPECTION_TONES[newest.state],
        )  # fmt: skip
    line.clicked.connect(partial(_go, context, "inspections", "unit_id", record.detail.row.id))
    stack.addWidget(line)
    return boxed(stack)


def certificate_section(context: PageContext, record: UnitRecord) -> QWidget:
    """Where the certificate is and since when."""
    row = record.certificate.row
    line = RecordLine(
        lambda: holder_words(row.holder, row.holder_name),
        subtitle=partial(_certificate_words, record),
        icon="file-check",
        tone="bad" if row.overdue else "",
    )
    line.clicked.connect(partial(_go, context, "custody", "certificate_of", row.id))
    return boxed(column(Label(tr_noop("Certificate"), role="section"), line, gap=2))


def key_section(context: PageContext, record: UnitRecord) -> QWidget:
    """Each key and who has it."""
    keys = record.keys.row.keys
    stack = column(Label(tr_noop("Car keys"), role="section"), gap=2)
    for key in keys:
        line = RecordLine(
            partial(_key_title, key), figure=partial(_key_place, key), icon="key-round",
            tone="bad" if key.overdue else "", subtitle=partial(_key_words, context, key),
        )  # fmt: skip
        line.clicked.connect(partial(_go, context, "keys", "keys_of", key.unit_id))
        stack.addWidget(line)
    if not keys:
        line = RecordLine(tr_noop("Not in the key register yet"), icon="key-round")
        line.clicked.connect(partial(_go, context, "keys", "keys_of", record.detail.row.id))
        stack.addWidget(line)
    return boxed(stack)


def cost_section(context: PageContext, record: UnitRecord) -> QWidget:
    """What the unit has cost until today, and the loan it stands on."""
    costs = record.costs
    assert costs is not None
    running = costs.running
    line = RecordLine(
        tr_noop("Landed cost"), figure=lambda: formats.money(costs.landed), subtitle=partial(_cost_words, costs),
        icon="coins", tone=LOAN_TONES.get(running.standing, "") if running is not None else "",
    )  # fmt: skip
    line.clicked.connect(partial(_go, context, "costs", "unit_id", record.detail.row.id))
    return boxed(column(Label(tr_noop("Costs"), role="section"), line, gap=2))


def _cost_words(costs: UnitCosts) -> str:
    running = costs.running
    if running is None:
        return tr("no loan · {margin} left at the list price", margin=formats.money(costs.margin_at_list))
    return tr(
        "{lender} · {interest} interest a day, {sum} so far", lender=running.lender,
        interest=formats.money(running.interest_a_day), sum=formats.money(costs.interest),
    )  # fmt: skip


def picture_section(context: PageContext, record: UnitRecord) -> QWidget:
    """The unit's own pictures; they keep themselves fresh."""
    return _gallery(context, record, "picture")


def document_section(context: PageContext, record: UnitRecord) -> QWidget:
    """The unit's documents."""
    return _gallery(context, record, "document")


def _gallery(context: PageContext, record: UnitRecord, purpose: str) -> QWidget:
    from ui.kit.gallery import Gallery

    may = context.may(Permission.INVENTORY_EDIT) or context.may(Permission.INSPECTIONS_PERFORM)
    return Gallery(
        context, subject_table="vehicle_unit", subject_id=record.detail.row.id, purpose=purpose, editable=may
    )


def history_section(context: PageContext, record: UnitRecord) -> QWidget:
    """What happened to the unit, the last first; opens on demand."""
    return Disclosure(tr_noop("What happened"), partial(_history, record))


def _history(record: UnitRecord) -> QWidget:
    events: list[tuple[datetime, Callable[[], str]]] = []
    events += [(line.moved_at, partial(_move_words, line)) for line in record.moves]
    events += [(line.happened_at, partial(_entry_words, line)) for line in record.certificate.entries]
    events += [(line.happened_at, partial(_key_entry_words, line)) for line in record.keys.entries]
    events += [(line.finished_at or line.started_at, partial(_inspection_event, line)) for line in record.inspections]
    events.append((record.detail.created_at, lambda: tr("Taken into the books")))
    events.sort(key=lambda event: event[0], reverse=True)
    facts = [(formats.moment(at), said) for at, said in events[:HISTORY_LINES]]
    return boxed(column(Facts([(partial(str, at), said) for at, said in facts]), margins=(20, 0, 0, 8)))


def _is_here(record: UnitRecord) -> bool:
    return record.detail.row.stock in (StockState.IN_STOCK, StockState.LENT)


SECTIONS: tuple[Section, ...] = (
    Section(transfer_section, lambda record: record.transfer),
    Section(queue_section, lambda record: record.queue or None),
    Section(inspection_section, lambda record: (record.inspections, record.detail.row.pdi)),
    Section(certificate_section, lambda record: (record.certificate,)),
    Section(
        key_section,
        lambda record: (record.keys,) if record.keys.row.keys or _is_here(record) else None,
    ),
    Section(cost_section, lambda record: record.costs),
    Section(picture_section, lambda record: record.detail.row.id),
    Section(document_section, lambda record: record.detail.row.id),
    Section(
        history_section, lambda record: (record.moves, record.certificate, record.keys, record.inspections)
    ),
)  # fmt: skip
"""In the order in which they stand."""


def holder_words(holder: Holder, name: str) -> str:
    """ "The bank, ICBC Pudong"; only the kind where no name was written down."""
    return tr("{holder}, {name}", holder=tr(holder.label), name=name) if name else tr(holder.label)


def _go(context: PageContext, page: str, param: str, record_id: str) -> None:
    context.navigator.open(page, **{param: record_id})


def _wish_title(wish: WishRow) -> str:
    return f"{wish.place} · {wish.customer_name or '–'}"


def _wish_words(context: PageContext, wish: WishRow) -> str:
    now = context.clock.now()
    parts = [wish.salesperson]
    if wish.offered_until is not None:
        parts.append(tr("offered, {left}", left=time_left(wish.offered_until, now)))
    else:
        parts.append(tr("for {span}", span=formats.duration((now - wish.since).total_seconds())))
    if wish.unit_id is None:
        parts.append(tr("any like this"))
    return " · ".join(part for part in parts if part)


def _wish_tooltip(wish: WishRow) -> str:
    lines = [tr("Waits since {time}", time=formats.moment(wish.since))]
    if wish.offered_until is not None:
        lines.append(tr("Offered until {time}", time=formats.moment(wish.offered_until)))
    if wish.earnest_reference:
        lines.append(tr("Receipt {number}", number=wish.earnest_reference))
    return "\n".join([*lines, *([wish.note] if wish.note else [])])


def _inspection_title(row: InspectionRow) -> str:
    day = formats.day_of(row.finished_at or row.started_at)
    return tr("{state}, {date}", state=tr(row.state.label), date=day)


def _inspection_words(row: InspectionRow) -> str:
    parts = [row.inspector]
    if row.open_defects:
        parts.append(trn("{n} defect open", "{n} defects open", row.open_defects))
    elif row.defects:
        parts.append(trn("{n} defect repaired", "{n} defects repaired", row.defects))
    else:
        parts.append(tr("no defects"))
    return " · ".join(part for part in parts if part)


def _certificate_words(record: UnitRecord) -> str:
    row = record.certificate.row
    parts = [tr(row.state.label)]
    if row.due_back_on is not None:
        parts.append(
            tr("overdue since {date}", date=formats.date_text(row.due_back_on))
            if row.overdue
            else tr("back by {date}", date=formats.date_text(row.due_back_on))
        )
    elif row.since is not None:
        parts.append(formats.day_of(row.since))
    if row.contract_number and row.holder is Holder.BANK:
        parts.append(row.contract_number)
    return " · ".join(parts)


def _key_title(key: KeyRow) -> str:
    return tr("Key {n}", n=key.number) + (f" · {key.tag}" if key.tag else "")


def _key_place(key: KeyRow) -> str:
    if key.state is KeyState.BOARD:
        return tr("slot {slot}", slot=key.slot)
    return key.holder_name if key.state in (KeyState.OUT, KeyState.CUSTOMER) else tr(key.state.label)


def _key_words(context: PageContext, key: KeyRow) -> str:
    if key.state is not KeyState.OUT or key.due_back_at is None:
        return ""
    purpose = tr(key.purpose.label) if key.purpose is not None else ""
    now = context.clock.now()
    late = (now - key.due_back_at).total_seconds()
    due = tr("{span} overdue", span=formats.duration(late)) if late > 0 else time_left(key.due_back_at, now)
    return " · ".join(part for part in (purpose, due) if part)


def _move_words(line: MoveRow) -> str:
    said = tr("Moved from {source} to {target}", source=line.source or "–", target=line.target or "–")
    return " · ".join(part for part in (said, line.note, line.moved_by) if part)


def _entry_words(line: EntryRow) -> str:
    said = tr("Certificate: {step}", step=tr(CUSTODY_STEPS_DONE[line.step]))
    return " · ".join(part for part in (said, line.target_name, line.reason, line.recorded_by) if part)


def _key_entry_words(line: KeyEntryRow) -> str:
    said = tr("Key {n}: {step}", n=line.number, step=tr(KEY_STEPS_DONE[line.step]))
    return " · ".join(part for part in (said, line.target, line.recorded_by) if part)


def _inspection_event(row: InspectionRow) -> str:
    return " · ".join(part for part in (tr("Inspection: {state}", state=tr(row.state.label)), row.inspector) if part)
