"""What stands on a closed month: its figures as they were, and that two people open it again.

What belongs into a closed month and comes late is none of this: it is taken over like everything else, and shown.
"""

from collections.abc import Collection, Mapping
from typing import Any

from app.kernel.permissions import Permission
from sync.protocol.codes import Rejection
from sync.server.outcomes import Refused

MONTH_CLOSE = "month_close"
_CLOSED, _ASKED, _REOPENED = "CLOSED", "REOPEN_ASKED", "REOPENED"
_NEXT: Mapping[str, frozenset[str]] = {_CLOSED: frozenset({_ASKED}), _ASKED: frozenset({_CLOSED, _REOPENED})}
"""By the state the centre knows, where a desk may take a closing, one step at a time."""
_MOVES = frozenset(
    {
        "state", "reopen_asked_at", "reopen_asked_by_staff_id", "reopen_reason", "reopened_at", "reopened_by_staff_id",
    }
)  # fmt: skip
"""All that ever changes of a closing."""


def check_closing(
    present: Mapping[str, Any], operation: Mapping[str, Any], *, is_known: bool, permissions: Collection[Permission]
) -> None:
    """Raise Refused where an operation changes what was closed, or opens a month without a second person.

    Two desks that close one month write one record: the second one is refused and gets what the first one kept.
    """
    fields = operation["fields"]
    if not is_known:
        if fields.get("state", _CLOSED) != _CLOSED or Permission.MONTHS_CLOSE not in permissions:
            raise Refused(Rejection.PERMISSION_DENIED, table=MONTH_CLOSE)
        return
    changed = next((name for name in sorted(fields.keys() - _MOVES) if fields[name] != present.get(name)), "")
    if changed:
        raise Refused(Rejection.RECORD_IMMUTABLE, field=changed)
    before, after = present.get("state", _CLOSED), fields.get("state", present.get("state", _CLOSED))
    if after == before:
        return
    if after not in _NEXT.get(before, frozenset()):
        raise Refused(Rejection.RECORD_IMMUTABLE, field="state")
    if after == _REOPENED:
        asked_by = present.get("reopen_asked_by_staff_id")
        own = asked_by in (operation.get("by", ""), fields.get("reopened_by_staff_id"))
        if own or Permission.MONTHS_REOPEN not in permissions:
            raise Refused(Rejection.PERMISSION_DENIED, table=MONTH_CLOSE)
