"""How the audit trail's stored values are shown."""

from app.audit.queries import AuditedChange, AuditRow
from app.audit.rules import field_label
from app.runtime.language import tr, trn
from ui.kit import formats
from ui.kit.stored_values import value_text

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
}
"""Table → the page that shows its rows, and the page's parameter."""

def change_lines(change: AuditedChange) -> list[tuple[str, str]]:
    """Field and value in words, without what a reader has no use for."""
    lines = []
    for name, value in sorted(change.values.items()):
        if name == REVEAL:
            lines.append((tr("Revealed"), field_label(str(value))))
        else:
            lines.append((field_label(name), value_text(name, value)))
    return lines


def records_words(row: AuditRow) -> str:
    """What an entry is about: "Order, Vehicle", "Customer: Phone" for a reveal, or how many more."""
    words = list(dict.fromkeys(_change_words(change) for change in row.changes))
    if len(words) > 3:
        return trn("{first} and {n} more", "{first} and {n} more", len(words) - 2, first=", ".join(words[:2]))
    return ", ".join(words)


def _change_words(change: AuditedChange) -> str:
    if REVEAL in change.values:
        return tr("{record}: {field}", record=change.record, field=field_label(str(change.values[REVEAL])))
    if not change.record_id:
        return tr("{record} ({n})", record=change.record, n=formats.count(change.records))
    return change.record
