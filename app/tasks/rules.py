"""What kinds of tasks there are and how they are worded."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from app.kernel.labels import Labelled
from app.kernel.money import format_money, from_fen
from app.runtime.language import tr, tr_noop


class TaskState(Labelled):
    OPEN = "OPEN", tr_noop("Open")
    DONE = "DONE", tr_noop("Done")


class TaskKind(Labelled):
    """The label words the task; its placeholders are filled from `params`, amounts from `<name>_fen`."""

    APPROVE_QUOTATION = (
        "approve_quotation",
        tr_noop("Quotation {number} for {customer} is {gap} below the floor price: approve or reject it"),
    )
    RESOLVE_CLAIM_CONFLICT = (
        "resolve_claim_conflict",
        tr_noop("Order {number}: its vehicle went to order {winner}. Find another unit or cancel"),
    )
    REVIEW_ORDER = "review_order", tr_noop("Order {number} for {customer}: review it")
    RETURN_PAYMENT = "return_payment", tr_noop("Order {number} was cancelled: settle {amount} with {customer}")
    FOLLOW_UP = "follow_up", tr_noop("Follow up with {customer}")
    RECORD_REJECTED = "record_rejected", tr_noop("The centre refused a change of {record}: look at it")


_UNKNOWN_KIND = tr_noop("Look at {record}")
_MISSING = "—"


def task_text(kind: str, params: Mapping[str, Any]) -> str:
    """The task in the language in use. A missing placeholder shows as a dash, an unknown kind in general words.

    A newer version of the program may know more kinds than this one.
    """
    known = next((member for member in TaskKind if member == kind), None)
    text = tr(known.label if known is not None else _UNKNOWN_KIND)
    values: defaultdict[str, str] = defaultdict(lambda: _MISSING)
    for name, value in params.items():
        if name.endswith("_fen") and isinstance(value, int):
            values[name.removesuffix("_fen")] = format_money(from_fen(value))
        elif value not in (None, ""):
            values[name] = str(value)
    return text.format_map(values)
