"""Entries of the trail as the list shows them: where personal data was revealed, whose it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.audit.queries import AuditRow, list_audit_entries
from app.audit.rules import REVEAL_COMMANDS
from app.customers.queries import get_customer
from app.kernel.errors import RecordNotFound
from app.kernel.unit_of_work import Reader
from ui.audit.words import records_words


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list. `subject` is the customer's name of a reveal, else empty."""

    row: AuditRow
    subject: str = ""

    @property
    def id(self) -> str:
        """The entry's number."""
        return self.row.id

    @property
    def cursor(self) -> str:
        """Where the next page begins."""
        return self.row.cursor

    @property
    def at(self) -> datetime:
        """When it happened."""
        return self.row.at

    @property
    def about(self) -> str:
        """What it is about, in the language in use."""
        return " · ".join(part for part in (self.subject, records_words(self.row)) if part)


def list_entries(reader: Reader, **filters: Any) -> Sequence[Entry]:
    """As `list_audit_entries`; reveals with the name of the customer, who may have been removed since."""
    rows = list_audit_entries(reader, **filters)
    names: dict[str, str] = {}
    return tuple(Entry(row, _subject(reader, row, names)) for row in rows)


def _subject(reader: Reader, row: AuditRow, names: dict[str, str]) -> str:
    if row.command not in REVEAL_COMMANDS or len(row.changes) != 1 or row.changes[0].table != "customer":
        return ""
    customer_id = row.changes[0].record_id
    if customer_id not in names:
        try:
            names[customer_id] = get_customer(reader, customer_id).name
        except RecordNotFound:
            names[customer_id] = ""
    return names[customer_id]
