"""The operations that wait here: taken out in order, marked when the centre has answered, kept when it refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.base import replicated_models
from db.engine import Database
from db.types import dump_json
from sync.client.connection import DirectConnection
from sync.protocol.codec import dump
from sync.protocol.codes import Outcome
from sync.protocol.limits import PUSH_BYTES, PUSH_OPERATIONS
from sync.protocol.operations import PUT, VOID, chain

HISTORY_DAYS = 30
"""Answered operations are kept so long for the history of a record."""

_OPERATIONS = "SELECT n, kind, table_name, record_id, txn_id, CAST(body AS BLOB) FROM outbox_operation"
_MICROSECONDS_A_DAY = 24 * 3600 * 1_000_000


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """How far the centre has answered: the last operation and the hash of all up to it."""

    n: int
    hash: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Operations that travel together. `operations` are `(n, kind, table, id, txn)`."""

    previous: Acknowledged
    operations: list[tuple[int, str, str, str, str]]
    bodies: list[bytes]
    last: Acknowledged

    def message(
        self, epoch: str, *, pull: dict[str, Any] | None = None, waiting: list[int] | None = None
    ) -> bytes:  # fmt: skip
        """The body of the push: the stored texts with their numbers put in front, what to read afterwards, and what
        waits behind it (see `waiting_after`), which `pull` says where there is one."""
        told: dict[str, Any] = {"epoch": epoch, "previous": {"n": self.previous.n, "hash": self.previous.hash}}
        head = dump({**told, "pull": pull} if waiting is None else {**told, "pull": pull, "waiting": waiting})
        return b"".join((head[:-1], b',"operations":[', b",".join(self.bodies), b"]}"))

    @property
    def transactions(self) -> int:
        return len({operation[4] for operation in self.operations})


def read_acknowledged(connection: Any) -> Acknowledged:
    """From the desk's own row."""
    row = connection.exec_driver_sql("SELECT acknowledged_n, acknowledged_hash FROM desk_state WHERE id = 1").first()
    return Acknowledged(row[0], row[1])


def highest_n(connection: Any) -> int:
    """The last number this desk has ever given to an operation."""
    given = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'outbox_operation'").scalar()
    return int(given or 0)


def waiting_after(database: Database, n: int, *, given_n: int) -> list[int]:
    """How many operations follow number `n`, and when the first of them was made (microseconds); for headquarters."""
    if given_n <= n:
        return [0, 0]
    with database.glance() as snapshot:
        first = DirectConnection(snapshot).exec_driver_sql(
            "SELECT created_at FROM outbox_operation WHERE n > ? ORDER BY n LIMIT 1", (n,)
        ).scalar()  # fmt: skip
    return [given_n - n, int(first or 0)]


def next_batch(database: Database, after: Acknowledged, *, most: int = PUSH_OPERATIONS) -> Batch | None:
    """The operations after these, whole transactions only: up to `most` or a mebibyte, but at least one transaction."""
    with database.glance() as snapshot:
        connection = DirectConnection(snapshot)
        rows = _read(connection, after.n, most + 1)
        if not rows:
            return None
        if len(rows) > most:
            rows = _cut(connection, rows, most)
    return _batch(after, _within_bytes(rows))


def _read(connection: DirectConnection, after: int, limit: int) -> list[Any]:
    return connection.exec_driver_sql(f"{_OPERATIONS} WHERE n > ? ORDER BY n LIMIT ?", (after, limit)).fetchall()


def _cut(connection: DirectConnection, rows: list[Any], most: int) -> list[Any]:
    """Up to `most` rows without the beginning of a transaction; a single larger transaction is taken whole."""
    beyond = rows[most][4]
    cut = most
    while cut and rows[cut - 1][4] == beyond:
        cut -= 1
    if cut:
        return rows[:cut]
    return connection.exec_driver_sql(f"{_OPERATIONS} WHERE txn_id = ? ORDER BY n", (beyond,)).fetchall()


def _within_bytes(rows: list[Any]) -> list[Any]:
    size = 0
    end = 0
    for at, row in enumerate(rows):
        size += len(row[5])
        if size > PUSH_BYTES and end:
            return rows[:end]
        if at + 1 == len(rows) or rows[at + 1][4] != row[4]:
            end = at + 1
    return rows


def _batch(after: Acknowledged, rows: list[Any]) -> Batch:
    digest = after.hash
    bodies = []
    for n, kind, table, record_id, txn, body in rows:
        digest = chain(digest, n, txn, kind, table, record_id)
        text = body if kind != VOID else dump({"txn": txn, "kind": kind, "table": table, "id": record_id})
        bodies.append(b'{"n":%d,%b' % (n, text[1:]))
    return Batch(after, [row[:5] for row in rows], bodies, Acknowledged(rows[-1][0], digest))


def void(database: Database, batch: Batch) -> None:
    """Send these operations without their contents, which the service cannot take in; here the contents stay."""
    with database.exclusive() as connection:
        DirectConnection(connection).exec_driver_sql(
            "UPDATE outbox_operation SET kind = ? WHERE n = ?", [(VOID, operation[0]) for operation in batch.operations]
        )


def acknowledge(
    connection: DirectConnection, batch: Batch, results: Sequence[Sequence[Any]], *, now: int
) -> tuple[int, int]:  # fmt: skip
    """Write down the centre's answers; returns how many operations were refused and how many claims were lost.

    `results` are `[n, outcome, ver, seq]`, with code and detail after it where something is to be said. `now` in
    microseconds.
    """
    versions: dict[str, dict[str, tuple[int, int, str]]] = {}
    rejected = conflicts = 0
    for operation, result in zip(batch.operations, results, strict=True):
        n, outcome, ver, seq = result[:4]
        if outcome == Outcome.ACCEPTED:
            if ver and operation[1] == PUT:
                versions.setdefault(operation[2], {})[operation[3]] = (ver, seq, operation[3])
            continue
        rejected += outcome == Outcome.REJECTED
        conflicts += outcome == Outcome.CONFLICT
        code, detail = (*result[4:], "", {})[:2]
        connection.exec_driver_sql(
            "UPDATE outbox_operation SET state = ?, answered_at = ?, result = ? WHERE n = ?",
            (outcome, now, dump_json({"code": code, "detail": detail}), n),
        )
    for table, changed in versions.items():
        write_versions(connection, table, list(changed.values()))
    connection.exec_driver_sql(
        "UPDATE desk_state SET acknowledged_n = ?, acknowledged_hash = ? WHERE id = 1", (batch.last.n, batch.last.hash)
    )
    return rejected, conflicts


def note_sent(connection: DirectConnection, batch: Batch, *, now: int, centre_ms: int, request_id: str) -> None:
    """Write down when the centre answered this batch, by both clocks. `now` in microseconds."""
    connection.exec_driver_sql(
        "INSERT INTO sent_batch (last_n, first_n, answered_at, centre_ms, request_id) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (last_n) DO NOTHING",
        (batch.last.n, batch.operations[0][0], now, centre_ms, request_id),
    )


def write_versions(connection: DirectConnection, table: str, rows: list[tuple[int, int, str]]) -> None:
    """Give local rows the centre's version and place: `(ver, seq, id)`."""
    if table in replicated_models():
        connection.exec_driver_sql(f"UPDATE {table} SET ver = ?, seq = ? WHERE id = ?", rows)


def forget_old(connection: DirectConnection, *, now: int, most: int = 1000) -> int:
    """Drop answered operations older than the history, refused ones only once dismissed; tells how many."""
    return connection.exec_driver_sql(
        "DELETE FROM outbox_operation WHERE n IN (SELECT n FROM (SELECT n, state, created_at FROM outbox_operation"
        " WHERE n <= (SELECT acknowledged_n FROM desk_state) ORDER BY n LIMIT ?) WHERE state <> 'rejected'"
        " AND created_at < ?)",
        (most, now - HISTORY_DAYS * _MICROSECONDS_A_DAY),
    ).rowcount
