"""How a value that is known only as it is stored is shown: in the audit trail, and held against the centre's."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from app.kernel.money import from_fen
from app.runtime.language import tr
from ui.kit import formats

MONEY_FIELDS = frozenset(
    {
        "amount", "campaign_price", "cost", "discount", "floor_before", "floor_price", "freight", "guide_price",
        "list_before", "list_price", "on_road_total", "orders_total", "principal", "received", "revenue",
        "stock_value", "subsidy", "termination_forfeited", "termination_penalty", "termination_returned",
        "transfer_price", "unit_cost", "vehicle_price",
    }
)  # fmt: skip
"""Fields stored as whole fen; a test compares them with the models."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SHORT_ID = 8
_LONGEST = 200


def is_derived(field: str) -> bool:
    """Whether the program works a field out by itself: nobody entered it, nobody corrects it."""
    return field == "branch_id" or field.endswith(("_pinyin", "_initials", "_key", "_digest"))


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


def _is_id(field: str, value: str) -> bool:
    return field.endswith("_id") and len(value) == 32 and all(c in "0123456789abcdef" for c in value)
