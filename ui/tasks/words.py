"""When a task is due, in the words people use, and where its record is."""

from dataclasses import dataclass
from datetime import datetime

from app.kernel.clock import branch_date
from app.runtime.language import tr, tr_noop
from app.tasks.queries import TaskRow
from app.tasks.rules import TaskState
from ui.kit import formats
from ui.kit.columns import State
from ui.kit.text import Words

OVERDUE = "overdue"
STATES: dict[str, State] = {
    TaskState.OPEN.value: State(TaskState.OPEN.label, "info"),
    OVERDUE: State(tr_noop("Overdue"), "bad"),
    TaskState.DONE.value: State(TaskState.DONE.label, "good"),
}


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """The page of a kind of record, its parameter, and the verb that goes there."""

    page: str
    param: str
    verb: Words
    icon: str


RECORD_PLACES: dict[str, RecordPlace] = {
    "quotation": RecordPlace("quotations", "quotation_id", tr_noop("Open the quotation"), "scale"),
    "sales_order": RecordPlace("orders", "order_id", tr_noop("Open the order"), "receipt"),
    "contract": RecordPlace("contracts", "contract_id", tr_noop("Open the contract"), "file-text"),
    "disposal_list": RecordPlace("archive", "disposal_id", tr_noop("Open the destruction list"), "archive"),
    "payment": RecordPlace("payments", "payment_id", tr_noop("Open the payment"), "wallet"),
    "customer": RecordPlace("customers", "customer_id", tr_noop("Open the customer"), "user"),
    "month_close": RecordPlace("months", "close_id", tr_noop("Open the month"), "calendar-check"),
    "stock_count": RecordPlace("counts", "count_id", tr_noop("Open the count"), "clipboard-check"),
    "vehicle_transfer": RecordPlace("transfers", "transfer_id", tr_noop("Open the transfer"), "truck"),
    "vehicle_unit": RecordPlace("vehicles", "unit_id", tr_noop("Open the vehicle"), "car"),
    "price_change": RecordPlace("prices", "change_id", tr_noop("Open the price change"), "tag"),
    "purchase_proposal": RecordPlace(
        "replenishment", "proposal_id", tr_noop("Open the purchase proposal"), "package"
    ),
    "clause_version": RecordPlace("clauses", "clause_id", tr_noop("Open the clause"), "book-open"),
    "template_version": RecordPlace("templates", "template_id", tr_noop("Open the template"), "file-pen"),
    "signing_authority": RecordPlace("signing_keys", "authority_id", tr_noop("Open the signing keys"), "shield-check"),
    "service_appointment": RecordPlace("workshop", "appointment_id", tr_noop("Open the appointment"), "calendar"),
}


def place_of(row: TaskRow) -> RecordPlace | None:
    """Where a task's record is opened; None for a kind that has no page."""
    return RECORD_PLACES.get(row.record_table) if row.record_id else None


def state_of(row: TaskRow) -> str:
    """The key of a task's state in `STATES`."""
    return OVERDUE if row.overdue else row.state


def due_words(due_at: datetime | None, now: datetime) -> str:
    """ "in 2 h", "tomorrow 10:00", "3 days overdue"; an en dash without a date."""
    if due_at is None:
        return "–"
    seconds = (due_at - now).total_seconds()
    if seconds < 0:
        return tr("{span} overdue", span=formats.duration(-seconds))
    days = (branch_date(due_at) - branch_date(now)).days
    if days == 0:
        return tr("in {span}", span=formats.duration(seconds))
    if days == 1:
        return tr("tomorrow {time}", time=formats.clock_time(due_at))
    return tr("in {span}", span=formats.duration(days * 86_400)) if days < 7 else formats.day_of(due_at)
