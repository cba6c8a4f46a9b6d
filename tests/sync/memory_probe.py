"""Prints the most memory a desk took, in MiB, after receiving, sending, proving and being filled with so many rows.

`python -m tests.sync.memory_probe FOLDER ROWS WHAT` with WHAT one of pull, push, verify, bootstrap. The centre is made
up here: it gives rows as they are asked for and keeps none. Caches of the database are small, so that they do not hide
what else there is.
"""

import json
import resource
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import db.engine
import db.search_filling
from db.engine import Database
from db.schema import ensure_desk, upgrade
from sync.client.engine import SyncEngine
from sync.protocol import codec
from sync.protocol.digests import MASK, mark_of, written
from sync.protocol.limits import PAGE_ROWS

SCOPE, TABLE, EPOCH = "b" * 32, "unit_move", "e" * 32
KEY = bytes(32)


def record_id(n: int) -> str:
    return f"0199a5c2{n:016x}{n * 2654435761 % (1 << 32):08x}"


def row(n: int) -> list[Any]:
    fields = {"branch_id": SCOPE, "unit_id": record_id(n), "moved_at": n, "moved_by_staff_id": "s" * 32, "note": "移动"}
    return [SCOPE, TABLE, record_id(n), 1, n, 1, 1, fields, {"*": "0199a5c2b4e00000-00000000"}]


class MadeUp:
    """The client's side of a centre with rows 1 to `rows`."""

    address, is_enrolled = "made-up", True

    def __init__(self, rows: int) -> None:
        self.rows = rows

    def pull(self, message: dict[str, Any]) -> dict[str, Any]:
        after = message["cursors"].get(SCOPE, 0)
        until = min(after + message["limit"], self.rows)
        large = {SCOPE: self.rows} if not after and message.get("snapshots", 1 << 60) <= self.rows else {}
        listed = [] if large else [row(n) for n in range(after + 1, until + 1)]
        return {
            "epoch": EPOCH, "now": 1, "applied": 0, "rows": listed, "more": until < self.rows and not large,
            "cursors": {} if large else {SCOPE: until}, "large": large,
        }  # fmt: skip

    def pull_ahead(self, message: dict[str, Any]) -> Callable[[], dict[str, Any]]:
        travelled = codec.compress(codec.dump(self.pull(message)), codec.ZSTD)
        return lambda: codec.load(codec.decompress(travelled, codec.ZSTD))  # type: ignore[no-any-return]

    def push(self, body: bytes) -> dict[str, Any]:
        operations = codec.load(body)["operations"]
        results = [[one["n"], "accepted", 1, one["n"]] for one in operations]
        return {"epoch": EPOCH, "applied": results[-1][0], "now": 1, "ahead_ms": 0, "results": results, "rows": []}

    def ask(self, question: str, message: dict[str, Any]) -> dict[str, Any]:
        total = sum(mark_of(record_id(n), 1) for n in range(1, self.rows + 1)) & MASK
        tables = {TABLE: [self.rows, written(total)]}
        if question == "digest":
            return {"epoch": EPOCH, "scopes": {SCOPE: {"head": self.rows, "tables": tables}}}
        parts = range(-(-self.rows // PAGE_ROWS))
        listed = [[len(self._numbers(n)), 1, sha256(self._plain(n)).hexdigest()] for n in parts]
        return {
            "epoch": EPOCH, "now": 1, "snapshot": "5" * 32, "scope": SCOPE, "seq": self.rows, "rows": self.rows,
            "tables": tables, "finished": True, "parts": listed,
        }  # fmt: skip

    def snapshot_part(self, message: dict[str, Any]) -> bytes:
        return self._plain(message["part"])

    def _numbers(self, part: int) -> range:
        return range(part * PAGE_ROWS + 1, min((part + 1) * PAGE_ROWS, self.rows) + 1)

    def _plain(self, part: int) -> bytes:
        return codec.dump({"rows": [row(n) for n in self._numbers(part)]})


def operations(rows: int) -> Any:
    for n in range(1, rows + 1):
        body = {
            "txn": record_id(n), "v": 1, "kind": "put", "table": TABLE, "id": record_id(n), "scope": SCOPE, "base": 0,
            "fields": row(n)[7], "clock": "0199a5c2b4e00000-00000000", "new": True,
        }  # fmt: skip
        yield record_id(n), "put", TABLE, record_id(n), json.dumps(body), 1, "pending"


def main(folder: Path, rows: int, what: str) -> None:
    db.engine._CACHE = "PRAGMA cache_size = -2048"
    db.engine._FILLING_CACHE = "PRAGMA cache_size = -2048"
    db.search_filling._HASH_BYTES = 1 << 18
    database = Database(folder / "desk.db", KEY)
    upgrade(database)
    ensure_desk(database)
    with database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE desk_state SET publish_due = 0, epoch = ?", (EPOCH,))
        if what == "push":
            connection.connection.driver_connection.executemany(
                "INSERT INTO outbox_operation (txn_id, kind, table_name, record_id, body, created_at, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                operations(rows),
            )
    large = 1 if what == "bootstrap" else 1 << 60
    centre = MadeUp(rows if what != "push" else 0)
    engine = SyncEngine(database, centre, snapshot_rows=large)  # type: ignore[arg-type]
    centre.pull = _acknowledging(centre, rows) if what == "push" else centre.pull  # type: ignore[method-assign]
    engine.sync_once()
    if what == "verify":
        found = engine.check_copy(asked=True)
        assert found is not None and found.rows == rows and not found.repaired, found
    with database.read() as session:
        stored = session.connection().exec_driver_sql(f"SELECT count(*) FROM {TABLE}").scalar()
        sent = session.connection().exec_driver_sql("SELECT acknowledged_n FROM desk_state").scalar()
    assert (sent if what == "push" else stored) == rows, (sent, stored)
    database.close()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _acknowledging(centre: MadeUp, rows: int) -> Any:
    inner = centre.pull

    def pull(message: dict[str, Any]) -> dict[str, Any]:
        return {**inner(message), "applied": rows}

    return pull


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
