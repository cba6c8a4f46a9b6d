"""Shows the centre rows that no operation carries: what a desk was seeded with, or what a restored centre may lack.

In bounded pieces, which may come twice: the centre merges them by their fields' own clocks.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from app.runtime.language import tr_noop
from db.engine import Database
from db.types import dump_json
from sync.client.applying import RowWriter, receive_time
from sync.client.connection import DirectConnection
from sync.client.errors import AnswerNotUnderstood
from sync.client.exchange import Exchange, Standing
from sync.client.outbox import write_versions
from sync.client.tables import TablePlan, plan_of, replicated_tables
from sync.protocol.codes import Outcome
from sync.protocol.guarding import GUARDS
from sync.protocol.limits import PUBLISH_ROWS, PUSH_BYTES
from sync.protocol.operations import HOLD, ORDER
from sync.protocol.versions import SCHEMA_VERSION

_log = logging.getLogger(__name__)
SENDING = tr_noop("Sending what this desk was set up with")
Progress = Callable[[str, float | None], None]
"""`progress(message, fraction)`; raises to cancel."""

_TRAVELS = (
    "EXISTS (SELECT 1 FROM outbox_operation w WHERE w.table_name = '{table}' AND w.record_id = {key} AND w.kind = 'put'"
    " AND w.n > (SELECT acknowledged_n FROM desk_state WHERE id = 1) AND w.body LIKE '%\"new\":true%')"
)
"""A record that waits in the outbox from its beginning: shown as it is now, its own earlier states would come after."""
_WAITING_ORDER = _TRAVELS.format(table="sales_order", key="o.id")
_CLAIMS = (
    "SELECT v.id, v.vin, v.scope, v.allocation_state, v.branch_id, v.held_by_staff_id, v.held_until, o.id, o.number,"
    " o.scope, o.branch_id, coalesce(o.ordered_at, v.updated_at) FROM vehicle_unit v"
    f" LEFT JOIN sales_order o ON o.id = v.order_id AND o.deleted_at IS NULL AND NOT {_WAITING_ORDER}"
    " WHERE v.deleted_at IS NULL AND v.allocation_state IN ('ALLOCATED', 'DELIVERED', 'HELD') AND v.id > ?"
    " ORDER BY v.id LIMIT ?"
)
_UNDECIDED = (
    "SELECT v.id, v.vin, v.scope, 'ALLOCATED', v.branch_id, NULL, NULL, o.id, o.number, o.scope, o.branch_id,"
    " o.ordered_at FROM sales_order o JOIN vehicle_unit v ON v.id = o.vehicle_unit_id WHERE o.deleted_at IS NULL"
    " AND o.state NOT IN ('CANCELLED', 'RETURNED', 'DELIVERED', 'COMPLETED')"
    " AND o.claim_state IN ('confirmed', 'provisional') AND (v.deleted_at IS NOT NULL OR v.order_id IS NOT o.id)"
    f" AND NOT {_WAITING_ORDER} AND o.id > ? ORDER BY o.id LIMIT ?"
)
"""Orders whose vehicle does not say that it is theirs: removed, gone, or another order's by now. The centre decides."""
_UNSEEN = (
    "SELECT o.vehicle_unit_id, w.record_id, o.scope, 'ALLOCATED', o.branch_id, NULL, NULL, o.id, o.number, o.scope,"
    " o.branch_id, o.ordered_at FROM outbox_operation w JOIN sales_order o"
    " ON o.id = json_extract(w.body, '$.fields.holder_id')"
    " AND o.vehicle_unit_id = json_extract(w.body, '$.fields.vehicle_id') WHERE w.kind = 'claim'"
    " AND o.deleted_at IS NULL AND o.state NOT IN ('CANCELLED', 'RETURNED')"
    " AND o.claim_state IN ('confirmed', 'provisional')"
    " AND NOT EXISTS (SELECT 1 FROM vehicle_unit v WHERE v.id = o.vehicle_unit_id)"
    f" AND NOT {_WAITING_ORDER} AND o.id > ? ORDER BY o.id LIMIT ?"
)
"""Orders whose vehicle is not here any more: its branch was taken from this desk. What was claimed then names it."""
_OF_ORDERS = (
    "SELECT v.id, v.vin, v.scope, 'ALLOCATED', v.branch_id, NULL, NULL, o.id, o.number, o.scope, o.branch_id,"
    " o.ordered_at FROM sales_order o JOIN vehicle_unit v ON v.id = o.vehicle_unit_id WHERE o.deleted_at IS NULL"
    " AND o.state NOT IN ('CANCELLED', 'RETURNED', 'DELIVERED', 'COMPLETED')"
    " AND o.claim_state IN ('confirmed', 'provisional') AND o.id IN (SELECT value FROM json_each(?))"
)
_UNIT, _ORDER = 0, 7
"""Places of the keys by which the two are read."""


@dataclass(slots=True)
class Piece:
    """Rows of one table that travel together, as `[scope, table, id, created, updated, fields, clocks]`."""

    table: str
    ids: list[str]
    rows: list[list[Any]]


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a piece: rows the centre took over, and rows it did not want."""

    taken: int
    refused: int


def pieces(database: Database) -> Iterator[Piece]:
    """All rows with version 0, piece by piece; what is acknowledged meanwhile is not read again."""
    # Payments and contracts first: what they need is brought back where the centre has it deleted.
    for table in sorted(replicated_tables(), key=lambda name: name not in GUARDS):
        plan = plan_of(table)
        after = ""
        while plan is not None:
            piece = _next_piece(database, plan, after)
            if piece is None:
                break
            yield piece
            after = piece.ids[-1]


def _next_piece(database: Database, plan: TablePlan, after: str) -> Piece | None:
    with database.read() as session:
        found = DirectConnection(session.connection()).exec_driver_sql(
            f"{plan.select_sql} WHERE ver = 0 AND id > ? AND NOT {_TRAVELS.format(table=plan.table, key='id')}"
            " ORDER BY id LIMIT ?",
            (after, PUBLISH_ROWS),
        )
        piece = Piece(plan.table, [], [])
        size = 0
        for values in found:
            row = plan.published(values)
            size += plan.bulk(values)
            if piece.rows and size > PUSH_BYTES:
                break
            piece.ids.append(row.id)
            piece.rows.append(
                [row.scope, plan.table, row.id, row.created_at, row.updated_at, row.fields, row.clocks]
            )  # fmt: skip
    return piece if piece.rows else None


def note_published(connection: DirectConnection, piece: Piece, results: list[list[Any]]) -> Published:
    """Give the rows that were taken over their versions and places."""
    versions = [
        (result[1], result[2], record_id)
        for record_id, result in zip(piece.ids, results, strict=True)
        if result[0] == Outcome.ACCEPTED and result[1]
    ]
    write_versions(connection, piece.table, versions)
    return Published(len(versions), len(piece.ids) - len(versions))


def claims(database: Database, desk_code: str) -> Iterator[list[list[Any]]]:
    """Claims of the orders and holds that have a vehicle here, or had one when they were made, `[scope, vin, fields]`,
    in bounded lists."""
    for statement, key in ((_CLAIMS, _UNIT), (_UNDECIDED, _ORDER), (_UNSEEN, _ORDER)):
        after = ""
        while rows := _claim_rows(database, statement, after):
            after = rows[-1][key]
            listed = [claim for row in rows if (claim := _claim(row, desk_code)) is not None]
            if listed:
                yield listed


def claims_of(database: Database, order_ids: Sequence[str], desk_code: str) -> list[list[Any]]:
    """The claims of these orders, as far as they are neither over nor lost."""
    with database.read() as session:
        rows = DirectConnection(session.connection()).exec_driver_sql(_OF_ORDERS, (dump_json(list(order_ids)),))
        return [claim for row in rows if (claim := _claim(row, desk_code)) is not None]


def _claim_rows(database: Database, statement: str, after: str) -> list[Any]:
    with database.read() as session:
        return DirectConnection(session.connection()).exec_driver_sql(statement, (after, PUBLISH_ROWS)).fetchall()


def _claim(row: Any, desk_code: str) -> list[Any] | None:
    unit, vin, scope, state, branch, holder, until, order, number, order_scope, order_branch, at = row
    if state == "HELD":
        if holder is None or until is None:
            return None
        fields = {
            "vehicle_id": unit, "kind": HOLD, "holder_id": holder, "number": "", "branch_id": branch,
            "desk_code": desk_code, "until": until, "at": at,
        }  # fmt: skip
        return [scope, vin, fields]
    if order is None:
        return None
    fields = {
        "vehicle_id": unit, "kind": ORDER, "holder_id": order, "number": number, "branch_id": order_branch,
        "desk_code": desk_code, "until": None, "at": at,
    }  # fmt: skip
    return [order_scope, vin, fields]


def publish(exchange: Exchange, standing: Standing, progress: Progress | None = None) -> int:
    """Show the centre everything it has never acknowledged, then who has which vehicle; tells how many rows it took.

    Raises SyncProblem; what was taken stays taken, and the next call goes on with the rest.
    """
    taken = refused = 0
    for piece, answer in _answered(exchange, standing.epoch):
        done = take_published(exchange, piece, answer)
        taken, refused = taken + done.taken, refused + done.refused
        if progress is not None:
            progress(SENDING, None)
    if exchange.stopping.is_set():
        return taken
    for listed in claims(exchange.database, standing.desk_code):
        answer = exchange.transport.publish(message_of(standing.epoch, claims=listed))
        take_published(exchange, Piece("", [], []), answer)
    with exchange.database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE desk_state SET publish_due = 0 WHERE id = 1")
    if refused:
        _log.warning("%s rows stay at this desk only: the centre does not take them from it", refused)
    return taken


def _answered(exchange: Exchange, epoch: str) -> Iterator[tuple[Piece, dict[str, Any]]]:
    """Every piece with the centre's answer; the next one is under way while the last one's answer is written down."""
    with ThreadPoolExecutor(1, thread_name_prefix="sync-send") as sender:
        sent: tuple[Piece, Future[dict[str, Any]]] | None = None
        for piece in pieces(exchange.database):
            if exchange.stopping.is_set():
                break
            before = sent
            answer = None if before is None else before[1].result()
            sent = (piece, sender.submit(exchange.transport.publish, message_of(epoch, rows=piece.rows)))
            if before is not None and answer is not None:
                yield before[0], answer
        if sent is not None:
            yield sent[0], sent[1].result()


def message_of(epoch: str, *, rows: Sequence[Any] = (), claims: Sequence[Any] = ()) -> dict[str, Any]:
    """A publication."""
    return {"epoch": epoch, "v": SCHEMA_VERSION, "rows": list(rows), "claims": list(claims)}


def take_published(exchange: Exchange, piece: Piece, answer: dict[str, Any]) -> Published:
    """Write down what the centre said of a piece. Raises AnswerNotUnderstood."""
    results = answer.get("results")
    if not isinstance(results, list) or len(results) != len(piece.ids):
        raise AnswerNotUnderstood(address=exchange.transport.address)
    rows = exchange.rows_of(answer)

    def take(connection: DirectConnection, writer: RowWriter) -> Published:
        done = note_published(connection, piece, results)
        writer.apply(rows, again=True)
        receive_time(connection, rows, now_ms=int(answer.get("now", 0)))
        return done

    return exchange.write(rows, take)
