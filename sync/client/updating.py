"""What a desk does once its program was updated: takes into its tables what the earlier version could only keep.

Fields it did not know lie in `extra`; rows it could not write lie aside; tables it did not know were passed over, and
are asked for by name. All of it may be repeated and interrupted.
"""

import json
import logging
from functools import partial
from typing import Any

from app.kernel.changes import Changes
from db.base import replicated_models
from db.engine import Database
from db.schema import HEAD
from db.types import dump_json
from sync.client import unwritten
from sync.client.applying import RowWriter
from sync.client.connection import DirectConnection
from sync.client.exchange import Exchange
from sync.client.tables import PulledRow, TablePlan, plan_of

_log = logging.getLogger(__name__)
_AT_ONCE = 500


def is_updated(database: Database) -> bool:
    """Whether this version of the program has not taken stock of the database yet."""
    with database.read() as session:
        known = session.connection().exec_driver_sql("SELECT read_with FROM desk_state WHERE id = 1").scalar()
    return known != HEAD


def settle_update(exchange: Exchange) -> None:
    """Bring everything an earlier version kept to its place. Raises SyncProblem while asking for whole tables."""
    unfold_extras(exchange.database)
    retry_kept(exchange)
    read_skipped(exchange)
    with exchange.database.exclusive() as raw:
        DirectConnection(raw).exec_driver_sql("UPDATE desk_state SET read_with = ? WHERE id = 1", (HEAD,))


def unfold_extras(database: Database) -> int:
    """Move fields that have a column by now out of `extra`; tells how many rows had some."""
    moved = 0
    for table in replicated_models():
        plan = plan_of(table)
        after = "" if _has_extras(database, table) else None
        while plan is not None and after is not None:
            after, count = _unfold(database, plan, after)
            moved += count
    return moved


def _has_extras(database: Database, table: str) -> bool:
    """Looked for where people's writes do not wait: mostly there are none."""
    with database.read() as session:
        found = session.connection().exec_driver_sql(f"SELECT 1 FROM {table} WHERE extra IS NOT NULL LIMIT 1")
        return found.first() is not None


def _unfold(database: Database, plan: TablePlan, after: str) -> tuple[Any, int]:
    with database.exclusive() as raw:
        connection = DirectConnection(raw)
        rows = connection.exec_driver_sql(
            f"SELECT id, extra FROM {plan.table} WHERE extra IS NOT NULL AND id > ? ORDER BY id LIMIT ?",
            (after, _AT_ONCE),
        ).fetchall()
        count = 0
        for record_id, text in rows:
            extra = json.loads(text)
            known = {name: value for name, value in extra.items() if name in plan.defaults}
            if not known:
                continue
            rest = {name: value for name, value in extra.items() if name not in known}
            stored = plan.stored(known)
            settings = ", ".join(f"{name} = ?" for name in stored)
            try:
                connection.exec_driver_sql(
                    f"UPDATE {plan.table} SET {settings}, extra = ?, revision = revision + 1 WHERE id = ?",
                    (*stored.values(), dump_json(rest) if rest else None, record_id),
                )
                count += 1
            except unwritten.BAD_VALUES:
                _log.exception("what is beside %s of %s does not fit its columns", record_id, plan.table)
    return (rows[-1][0] if len(rows) == _AT_ONCE else None), count


def retry_kept(exchange: Exchange, ids: list[str] | None = None) -> int:
    """Write the rows that were kept aside once more; tells how many remain aside."""

    def work(connection: DirectConnection, writer: Any) -> int:
        rows = unwritten.kept_rows(connection, ids=ids)
        writer.apply(rows, again=True)
        return int(connection.exec_driver_sql("SELECT count(*) FROM unwritten_row").scalar())

    return exchange.write([], work)


def read_skipped(exchange: Exchange) -> int:
    """Read the tables that an earlier version passed over and this one knows, whole; tells how many rows came."""
    with exchange.database.read() as session:
        marks = unwritten.skipped_tables(DirectConnection(session.connection()))
    known = sorted({table for table, _ in marks if plan_of(table) is not None})
    if not known:
        return 0
    message: dict[str, Any] = {
        "epoch": exchange.standing().epoch, "cursors": {}, "limit": exchange.page_rows, "tables": known,
    }  # fmt: skip
    read = 0
    while True:
        page = exchange.transport.pull(message)
        rows = exchange.rows_of(page)
        if rows:
            exchange.write(rows, partial(_apply, rows))
        read += len(rows)
        message = {**message, "cursors": {**message["cursors"], **(page.get("cursors") or {})}}
        if not page.get("more") or exchange.stopping.is_set():
            break
    if not page.get("more"):
        with exchange.database.exclusive() as raw:
            DirectConnection(raw).exec_driver_sql(
                "DELETE FROM skipped_table WHERE table_name = ?", [(table,) for table in known]
            )
        exchange.tell_changes(Changes(everything=True))
    return read


def _apply(rows: list[PulledRow], _connection: DirectConnection, writer: RowWriter) -> None:
    writer.apply(rows)
