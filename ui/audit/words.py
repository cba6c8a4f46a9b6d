"""How the audit trail's stored values are shown."""

from app.audit.code_labels import code_text
from app.audit.queries import AuditedChange, AuditRow
from app.audit.rules import field_label, table_label
from app.kernel.labels import Listing
from app.runtime.language import tr, trn
from app.tasks.rules import task_text
from ui.kit import formats
from ui.kit.stored_values import value_text

_TABLES = frozenset({"record_table", "subject_kind", "subject_table"})
"""Fields that name a table."""
REVEAL = "reveal"
"""The key of what was revealed, among the values of a reveal's entry."""

RECORD_PLACES: dict[str, tuple[str, str]] = {
    "quotation": ("quotations", "quotation_id"),
    "sales_order": ("orders", "order_id"),
    "contract": ("contracts", "contract_id"),
    "payment": ("payments", "payment_id"),
    "customer": ("customers", "customer_id"),
    "vehicle_unit": ("vehicles", "unit_id"),
    "service_appointment": ("workshop", "appointment_id"),
    "task": ("tasks", "task_id"),
    "saved_search": ("finder", "search_id"),
    "staff_member": ("staff", "staff_id"),
    "price_change": ("prices", "change_id"),
    "purchase_proposal": ("replenishment", "proposal_id"),
    "vehicle_transfer": ("transfers", "transfer_id"),
    "stock_count": ("counts", "count_id"),
    "month_close": ("months", "close_id"),
    "clause": ("clauses", "clause_id"),
    "clause_version": ("clauses", "clause_id"),
    "contract_template": ("templates", "template_id"),
    "template_version": ("templates", "template_id"),
}
"""Table → the page that shows its rows, and the page's parameter."""

def change_lines(change: AuditedChange) -> list[tuple[str, str]]:
    """Field and value in words, without what a reader has no use for."""
    lines = []
    for name, value in sorted(change.values.items()):
        if name == REVEAL:
            lines.append((tr("Revealed"), field_label(str(value))))
        elif not (change.table == "task" and name == "params" and "kind" in change.values):  # its words say them
            lines.append((field_label(name), _value_words(change, name, value)))
    return lines


def _value_words(change: AuditedChange, name: str, value: object) -> str:
    """A stored value: codes by what they mean, a task by what it says, a formula as one says it."""
    if change.table == "task" and name == "kind":
        return task_text(str(value), change.values.get("params") or {})
    if name in _TABLES:
        return table_label(str(value)) if value else value_text(name, value)
    if isinstance(value, dict) and {"kind", "value", "rounding"} <= value.keys():
        return " · ".join((code_text("formula", "kind", value["kind"]) or value["kind"], str(value["value"]),
                           code_text("formula", "rounding", value["rounding"]) or value["rounding"]))  # fmt: skip
    worded = code_text(change.table, name, value) if isinstance(value, str) else None
    return value_text(name, value) if worded is None else worded


def records_words(row: AuditRow) -> str:
    """What an entry is about: "Order, Vehicle", "Customer: Phone" for a reveal, or how many more."""
    words = list(dict.fromkeys(_change_words(change) for change in row.changes))
    if len(words) > 3:
        return trn("{first} and {n} more", "{first} and {n} more", len(words) - 2, first=str(Listing(words[:2])))
    return str(Listing(words))


def _change_words(change: AuditedChange) -> str:
    if REVEAL in change.values:
        return tr("{record}: {field}", record=change.record, field=field_label(str(change.values[REVEAL])))
    if not change.record_id:
        return tr("{record} ({n})", record=change.record, n=formats.count(change.records))
    return change.record
