"""How the audit trail's stored values are shown."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from app.audit.queries import AuditedChange, AuditRow
from app.audit.rules import field_label
from app.kernel.money import from_fen
from app.runtime.language import tr, trn
from ui.kit import formats

MONEY_FIELDS = frozenset(
    {
        "amount", "campaign_price", "cost", "discount", "floor_before", "floor_price", "freight", "guide_price",
        "list_before", "list_price", "on_road_total", "principal", "subsidy", "transfer_price", "unit_cost",
        "vehicle_price",
    }
)  # fmt: skip
"""Fields stored as whole fen; a test compares them with the models."""

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

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHORT_ID = 8
_LONGEST = 200


def value_text(field: str, value: Any) -> str:
    """A stored value as people read it: money with grouping, instants on the branch's clock, long texts cut."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, int) and field in MONEY_FIELDS:
        return formats.yuan(from_fen(value))
    if isinstance(value, int) and field.endswith(("_at", "_until")):
        return formats.moment(_EPOCH + timedelta(microseconds=value))
    if isinstance(value, int):
        return formats.count(value) if field != "year" else str(value)
    if isinstance(value, str) and _is_id(field, value):
        return f"…{value[-_SHORT_ID:]}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


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


def _is_id(field: str, value: str) -> bool:
    return field.endswith("_id") and len(value) == 32 and all(c in "0123456789abcdef" for c in value)
