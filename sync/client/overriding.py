"""Values entered here that another desk's change of the same field replaced, made without knowing of them.

Last writer wins, and the one who wrote first would never hear of it. Whether the other one knew is told by time: what
was written (by its hybrid clock) before the centre had this desk's operation cannot have been written knowing it.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any

from db.types import dump_json
from sync.client.connection import DirectConnection
from sync.client.outbox import HISTORY_DAYS
from sync.client.override_rules import is_quiet
from sync.client.tables import PulledRow
from sync.protocol.merging import EVERY, NEVER, clock_of, device_of

_log = logging.getLogger(__name__)
MOST_KEPT = 2_000
"""Entries; beyond it nothing is added until old ones have aged out."""
_CENTRE = "centre"
_MICROSECONDS_A_DAY = 24 * 3600 * 1_000_000


def note_overridden(connection: DirectConnection, table: str, rows: Sequence[PulledRow], *, now: int) -> int:
    """Look through rows as the centre has them, before what waits here is laid over them; tells how many values of
    this desk they replaced. `now` in microseconds."""
    desk = connection.exec_driver_sql("SELECT device_id, acknowledged_n FROM desk_state WHERE id = 1").first()
    own, done = desk[0][-8:], desk[1]
    changed = [(oldest, row) for row in rows if len(row.clocks) > 1 and (oldest := _oldest_foreign(row, own))]
    if not changed or not done:
        return 0
    foreign = {row.id: row for _, row in changed}
    oldest = min(changed, key=itemgetter(0))[0]
    known = connection.exec_driver_sql(
        "SELECT last_n FROM sent_batch WHERE centre_ms <= ? ORDER BY last_n DESC LIMIT 1", (_ms(oldest),)
    ).scalar()
    if (known or 0) >= done:
        return 0
    entries = list(_entries(foreign, _operations(connection, table, foreign, after=known or 0, done=done), own))
    return _write(connection, table, entries, now=now)


def _oldest_foreign(row: PulledRow, own: str) -> str | None:
    """The first time another desk changed a field of this record by itself."""
    known = (own, _CENTRE)
    times = [clock for name, clock in row.clocks.items() if name != EVERY and device_of(clock) not in known]
    return min(times, default=None)


def _ms(clock: str) -> int:
    return int(clock[:12], 16)


def _operations(
    connection: DirectConnection, table: str, ids: Iterable[str], *, after: int, done: int
) -> list[tuple[Any, ...]]:  # fmt: skip
    """Accepted puts of this desk about these records that the centre got after it had operation `after`."""
    return connection.exec_driver_sql(
        "SELECT o.record_id, o.n, o.body, o.created_at, (SELECT b.centre_ms FROM sent_batch b WHERE b.last_n >= o.n"
        " ORDER BY b.last_n LIMIT 1) FROM outbox_operation o WHERE o.record_id IN (SELECT value FROM json_each(?))"
        " AND o.table_name = ? AND o.n > ? AND o.n <= ? AND o.kind = 'put' AND o.state = 'pending' ORDER BY o.n",
        (json.dumps(list(ids)), table, after, done),
    ).fetchall()


def _entries(rows: dict[str, PulledRow], operations: Sequence[Any], own: str) -> Iterator[tuple[Any, ...]]:
    """`(record, field, n, own value, own at, person, their value, their clock)`, the newest own value of each field."""
    newest: dict[tuple[str, str], tuple[Any, ...]] = {}
    clocks: set[str] = set()
    for record_id, n, text, created_at, centre_ms in operations:
        body = json.loads(text)
        clocks.add(body["clock"])
        for name, value in body["fields"].items():
            newest[record_id, name] = (n, value, created_at, body.get("by", ""), body["clock"], centre_ms)
    for (record_id, name), (n, value, created_at, person, clock, centre_ms) in newest.items():
        row = rows[record_id]
        theirs = clock_of(row.clocks, name)
        if theirs in (NEVER, clock) or theirs in clocks or device_of(theirs) in (own, _CENTRE):
            continue
        came_before = centre_ms is not None and _ms(theirs) < centre_ms and theirs[:12] != clock[:12]
        if came_before and row.fields.get(name) != value and not is_quiet(row.table, name, row.fields):
            yield record_id, name, n, value, created_at, person, row.fields.get(name), theirs


def _write(connection: DirectConnection, table: str, entries: list[tuple[Any, ...]], *, now: int) -> int:
    if not entries:
        return 0
    kept = connection.exec_driver_sql("SELECT count(*) FROM overridden_value").scalar()
    if kept + len(entries) > MOST_KEPT:
        _log.warning("of %s overridden values %s are kept", len(entries), max(MOST_KEPT - kept, 0))
        entries = entries[: max(MOST_KEPT - kept, 0)]
    written = 0
    for record_id, name, n, value, created_at, person, theirs, clock in entries:
        # A value that is replaced once more is still the same loss: the newest other value is what counts.
        changed = connection.exec_driver_sql(
            "UPDATE overridden_value SET their_value = ?, their_clock = ? WHERE record_id = ? AND field = ? AND n = ?"
            " AND table_name = ?",
            (_stored(theirs), clock, record_id, name, n, table),
        ).rowcount
        if changed:
            continue
        connection.exec_driver_sql(
            "INSERT INTO overridden_value (table_name, record_id, field, n, own_value, own_at, own_staff_id,"
            " their_value, their_clock, noticed_at, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open')",
            (table, record_id, name, n, _stored(value), created_at, person, _stored(theirs), clock, now),
        )
        written += 1
    return written


def _stored(value: Any) -> str | None:
    return None if value is None else dump_json(value)


def forget_overridden(connection: DirectConnection, table: str, ids: Iterable[str]) -> None:
    """These records were deleted: what people had entered about them goes too."""
    connection.exec_driver_sql(
        "DELETE FROM overridden_value WHERE table_name = ? AND record_id IN (SELECT value FROM json_each(?))",
        (table, json.dumps(list(ids))),
    )


def age_out(connection: DirectConnection, *, now: int) -> None:
    """Drop what is older than the history of a record. `now` in microseconds."""
    before = now - HISTORY_DAYS * _MICROSECONDS_A_DAY
    connection.exec_driver_sql("DELETE FROM overridden_value WHERE noticed_at < ?", (before,))
    connection.exec_driver_sql(
        "DELETE FROM sent_batch WHERE answered_at < ? AND last_n < (SELECT coalesce(min(n), 0) FROM outbox_operation)",
        (before,),
    )
    connection.exec_driver_sql(
        "DELETE FROM refusal_decision WHERE at < ? AND n NOT IN (SELECT n FROM outbox_operation)", (before,)
    )
