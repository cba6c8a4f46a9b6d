"""Closed months in words: their names, states, figures, and where each open matter is settled."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from app.documents.wording import MONTH_NAMES
from app.month_close.matters import seen_at
from app.month_close.paper import FIGURES
from app.month_close.queries import CloseRow
from app.month_close.rules import Check, MatterRecord
from app.periods.rules import MonthState
from app.runtime.language import CHINESE, language, tr
from ui.kit import formats
from ui.kit.columns import State
from ui.kit.figure_lines import Figure
from ui.sync.details import page_of
from ui.sync.words import table_text

STATES: dict[str, State] = {
    MonthState.CLOSED: State(MonthState.CLOSED.label, "good"),
    MonthState.REOPEN_ASKED: State(MonthState.REOPEN_ASKED.label, "warn"),
    MonthState.REOPENED: State(MonthState.REOPENED.label, "neutral"),
}
_MONEY = frozenset({"orders_total", "revenue", "received", "stock_value"})
_MORE_PAGES = {"stock_count": ("counts", "count_id"), "task": ("tasks", "task_id")}
PLACES: Mapping[Check, tuple[str, dict[str, Any]]] = {
    Check.DIFFERENCES: ("reconciliation", {}),
    Check.UNSENT: ("sync", {"tab": "waiting"}),
    Check.REFUSED: ("sync", {"tab": "refused"}),
    Check.CONFLICTS: ("sync", {"tab": "conflicts"}),
    Check.PROVISIONAL: ("reconciliation", {}),
    Check.UNPAID: ("orders", {}),
    Check.UNCONFIRMED: ("payments", {}),
    Check.UNRECONCILED: ("payments", {}),
    Check.REFUNDS: ("tasks", {}),
    Check.TRANSFERS: ("transfers", {}),
    Check.COUNTS: ("counts", {}),
}
"""Where a line of the list is settled: page and parameters."""


def month_text(month: str) -> str:
    """ "November 2026", 2026年11月."""
    day = date.fromisoformat(f"{month}-01")
    if language() == CHINESE:
        return f"{day.year}年{day.month}月"
    return f"{MONTH_NAMES[day.month - 1]} {day.year}"


def record_place(record: MatterRecord) -> tuple[str, dict[str, Any]] | None:
    """The page that shows a record, None where it has none."""
    place = page_of(record.table) or _MORE_PAGES.get(record.table)
    return None if place is None else (place[0], {place[1]: record.id})


def record_text(record: MatterRecord) -> str:
    """A record by its title, or by what it is."""
    named = record.title or table_text(record.table)
    since = seen_at(record)
    return named if since is None else f"{named} · {formats.moment(since)}"


def figures_of(row: CloseRow | Any, *, costs: bool) -> list[Figure]:
    """The figures of a closing, or of a list, as lines."""
    return [
        Figure(label, partial(figure_text, name, getattr(row.figures, name)))
        for name, label in FIGURES
        if costs or name != "stock_value"
    ]


def figure_text(name: str, value: Any) -> str:
    """A count or an amount."""
    return formats.money(value) if name in _MONEY else formats.count(value)


def late_text(row: CloseRow) -> str:
    """How much came late for a closed month, in a few words; empty where nothing did."""
    if not row.late and not row.gone:
        return ""
    if not row.late:
        return tr("{n} changed", n=row.gone)
    return tr("{n} late", n=row.late)
