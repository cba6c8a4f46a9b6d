"""The two lists of the reconciliation: what differs, and how each branch stands; and which of it fits the filters."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from app.runtime.language import tr_noop
from sync.client.differences import ORDERS, PAYMENTS, TABLES, UNITS, Comparison, Difference, Why
from sync.client.group_reconciliation import GroupComparison
from ui.kit import formats
from ui.kit.columns import Column, State
from ui.kit.filters import FacetOption
from ui.kit.text import words
from ui.sync.difference_words import KINDS, Codes, cause_text, here_text, record_text, there_text
from ui.sync.reconciliation_report import AGREES, DIFFERS, UNDER_WAY, state_of
from ui.sync.words import table_text

FACETS = {"why": tr_noop("What differs"), "table": tr_noop("Kind"), "branch": tr_noop("Branch")}
_STANDING = {AGREES: State(AGREES, "good"), UNDER_WAY: State(UNDER_WAY, "warn"), DIFFERS: State(DIFFERS, "bad")}


def difference_columns(codes: Callable[[], Codes]) -> tuple[Column, ...]:
    """One line for each difference; `codes()` is what records are called by now."""

    def said(text: Callable[[Difference, Codes], str]) -> dict[str, Any]:
        def words_of(one: Difference) -> str:
            return text(one, codes())

        return {"value": lambda one: one, "format": words_of, "tooltip": words_of}

    return (
        Column("branch_id", tr_noop("Branch"), width=72, format=lambda branch_id: codes().get(branch_id, "–")),
        Column("why", tr_noop("What differs"), kind="state", width=168, states=KINDS),
        Column("table", tr_noop("Kind"), width=88, format=table_text),
        Column("record", tr_noop("Record"), kind="code", width=160, value=record_text),
        Column("here", tr_noop("Here"), width=160, **said(here_text)),
        Column("there", tr_noop("At the centre"), width=164, **said(there_text)),
        Column("cause", tr_noop("Why"), width=180, stretch=True, **said(cause_text)),
    )


def branch_columns(codes: Callable[[], Codes], titles: Callable[[], Mapping[str, str]]) -> tuple[Column, ...]:
    """One line for each branch; `titles()` are the branches' names by their ids."""

    def looked(table: str) -> Callable[[Comparison], int]:
        return lambda branch: branch.looked_at.get(table, 0)

    return (
        Column("code", tr_noop("Branch"), width=88, value=lambda branch: codes().get(branch.branch_id, "–")),
        Column("name", tr_noop("Name"), width=200, stretch=True,
               value=lambda branch: titles().get(branch.branch_id, "")),
        Column("vehicles", tr_noop("Vehicles"), kind="integer", width=96, value=looked(UNITS)),
        Column("orders", tr_noop("Orders"), kind="integer", width=96, value=looked(ORDERS)),
        Column("payments", tr_noop("Payments"), kind="integer", width=96, value=looked(PAYMENTS)),
        Column("total", tr_noop("Differences"), kind="integer", width=104),
        Column("kinds", tr_noop("What differs"), width=240, value=_kinds_text),
        Column("state", tr_noop("Status"), kind="state", width=148, value=state_of, states=_STANDING),
    )  # fmt: skip


def _kinds_text(branch: Comparison) -> str:
    """The kinds found in a branch, the most frequent first."""
    kinds: Counter[str] = Counter()
    for (_table, why), count in branch.kinds.items():
        kinds[why] += count
    return " · ".join(f"{words(KINDS[Why(why)].label)} {formats.count(n)}" for why, n in kinds.most_common(3))


def facet_options(found: GroupComparison | None, code_of: Callable[[str], str]) -> dict[str, list[FacetOption]]:
    """What the filters offer: what was found, with how often."""
    differences = [] if found is None else found.differences
    whys, tables, branches = (
        Counter(one.why for one in differences), Counter(one.table for one in differences),
        Counter(one.branch_id for one in differences),
    )  # fmt: skip
    return {
        "why": [FacetOption(why, KINDS[why].label, n) for why, n in whys.most_common()],
        "table": [FacetOption(one, partial(table_text, one), tables[one]) for one in TABLES if tables[one]],
        "branch": [FacetOption(one, partial(code_of, one), n) for one, n in branches.most_common()],
    }


def fitting(found: GroupComparison | None, values: Mapping[str, Any]) -> list[Difference]:
    """The differences that fit what is chosen in the filters."""
    differences = [] if found is None else found.differences
    wanted = {name: set(_listed(values[name])) for name in FACETS if values.get(name)}
    text = str(values.get("text") or "").strip().casefold()
    return [
        one
        for one in differences
        if one.why in wanted.get("why", {one.why})
        and one.table in wanted.get("table", {one.table})
        and one.branch_id in wanted.get("branch", {one.branch_id})
        and (not text or text in record_text(one).casefold())
    ]


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, (list, tuple, set, frozenset)) else [value]
