"""What stands on a closed month: its figures as they were, and that two people open it again; and that no desk that has
heard of it enters money into it.

What a desk wrote before it had heard of the closing is taken over like everything else, and shown beside it.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple

from app.kernel.months import Month
from app.kernel.permissions import Permission
from app.periods.rules import POSTED, STANDING, closed_until, month_of_entry
from db.types import instant_at
from sync.protocol.codes import Rejection
from sync.protocol.merging import clock_of
from sync.server.devices import Device
from sync.server.ledger import Row
from sync.server.outcomes import Refused
from sync.server.store import Connection, Store

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


class _Closed(NamedTuple):
    """The last closed month of a branch as the desk has read of it, and the hybrid time it was closed at."""

    month: Month
    clock: str


class ClosedMonths:
    """The closed months that matter for one push; a branch's are read once, and only for what is dated back."""

    def __init__(self, store: Store, connection: Connection, device: Device, *, now_ms: int) -> None:
        self._store, self._connection, self._device = store, connection, device
        self._present = Month.of(instant_at(now_ms * 1000))
        self._known: dict[str, _Closed | None] = {}

    def check(self, operation: Mapping[str, Any], created: Iterable[Row]) -> None:
        """Raise Refused for a new entry of money, dated in a month that its desk knew to be closed when it wrote it.

        Money that comes with its own new order is taken whatever its day: no sale is lost over a wrong clock.
        """
        field = POSTED[operation["table"]]
        month = _month(operation["fields"].get(field))
        if month is None or month >= self._present:
            return
        closed = self._of(operation["scope"])
        if closed is None or month > closed.month or operation["clock"][:16] <= closed.clock[:16]:
            return
        order_id = operation["fields"].get("order_id")
        if order_id is None or all(row.id != order_id for row in created):
            raise Refused(
                Rejection.MONTH_CLOSED, field=field, month=str(month), open=str(closed.month.plus(1))
            )

    def _of(self, scope: str) -> _Closed | None:
        if scope not in self._known:
            self._known[scope] = self._read(scope)
        return self._known[scope]

    def _read(self, scope: str) -> _Closed | None:
        month, state = (self._store.field("r", name) for name in ("month", "state"))
        rows = self._store.run(
            self._connection,
            f"SELECT {month}, {state}, r.field_clock FROM replica_row r LEFT JOIN device_cursor c"
            " ON c.tenant_id = r.tenant_id AND c.device_id = ? AND c.scope = r.scope WHERE r.tenant_id = ?"
            " AND r.table_name = ? AND r.scope = ? AND r.deleted = 0 AND (c.seq >= r.seq OR r.origin = ?)",
            (self._device.id, self._device.tenant, MONTH_CLOSE, scope, self._device.id),
        ).fetchall()
        last = closed_until((name, stands) for name, stands, _ in rows)
        if last is None:
            return None
        clocks = (clock for name, stands, clock in rows if name == str(last) and stands in STANDING)
        return _Closed(last, max(clock_of(json.loads(clock), "month") for clock in clocks))


def _month(dated: Any) -> Month | None:
    """The month of an instant in microseconds or of a day; None for neither, which the columns refuse."""
    try:
        return month_of_entry(instant_at(dated) if isinstance(dated, int) else date.fromisoformat(dated))
    except (TypeError, ValueError, OverflowError):
        return None
