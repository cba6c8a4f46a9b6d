"""Shows the centre rows that no operation carries: what a desk was seeded with, or what a restored centre may lack.

In bounded pieces, which may come twice: the centre merges them by their fields' own clocks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from db.engine import Database
from sync.client.connection import DirectConnection
from sync.client.outbox import write_versions
from sync.client.tables import TablePlan, plan_of, replicated_tables
from sync.protocol.codes import Outcome
from sync.protocol.limits import PUBLISH_ROWS, PUSH_BYTES
from sync.protocol.operations import HOLD, ORDER

_CLAIMS = (
    "SELECT v.id, v.vin, v.scope, v.allocation_state, v.branch_id, v.held_by_staff_id, v.held_until, o.id, o.number,"
    " o.scope, o.branch_id, coalesce(o.ordered_at, v.updated_at) FROM vehicle_unit v"
    " LEFT JOIN sales_order o ON o.id = v.order_id AND o.deleted_at IS NULL WHERE v.deleted_at IS NULL"
    " AND v.allocation_state IN ('ALLOCATED', 'DELIVERED', 'HELD') AND v.id > ? ORDER BY v.id LIMIT ?"
)


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
    for table in replicated_tables():
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
            f"{plan.select_sql} WHERE ver = 0 AND id > ? ORDER BY id LIMIT ?", (after, PUBLISH_ROWS)
        )
        piece = Piece(plan.table, [], [])
        size = 0
        for values in found:
            row = plan.published(values)
            size += sum(len(value) for value in values if isinstance(value, (str, bytes)))
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
    """Claims of the orders and holds that have a vehicle here, `[scope, vin, fields]`, in bounded lists."""
    after = ""
    while True:
        with database.read() as session:
            rows = (
                DirectConnection(session.connection()).exec_driver_sql(_CLAIMS, (after, PUBLISH_ROWS)).fetchall()
            )  # fmt: skip
        if not rows:
            return
        after = rows[-1][0]
        listed = [claim for row in rows if (claim := _claim(row, desk_code)) is not None]
        if listed:
            yield listed


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


Progress = Callable[[str, float | None], None]
"""`progress(message, fraction)`; raises to cancel."""
