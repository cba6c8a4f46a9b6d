"""Which records others keep from being deleted. Said once, for desks and the centre."""

from collections.abc import Iterator
from typing import Any

GUARDS: dict[str, tuple[tuple[str, str], ...]] = {
    "payment": (("sales_order", "order_id"), ("customer", "customer_id")),
    "contract": (("sales_order", "order_id"), ("customer", "customer_id")),
}
"""By table: the records a new row of it keeps from being deleted, as (table, field with the id)."""

GUARDED = frozenset(table for guards in GUARDS.values() for table, _ in guards)
"""Tables whose records may be kept so."""


def guarded_by(table: str, fields: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The records, as (table, id), that a row of `table` with these fields keeps from being deleted."""
    for guarded, name in GUARDS.get(table, ()):
        record_id = fields.get(name)
        if isinstance(record_id, str) and record_id:
            yield guarded, record_id
