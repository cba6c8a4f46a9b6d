"""Deleting loses to a payment and to a contract, also where the deletion was first at the centre.

What was deleted has lost its body there and at every desk that heard of it. The desk that paid still holds it: it keeps
the record until the centre has answered, and shows it when the centre asks. So does any other desk that has it.
"""

import logging
from collections.abc import Collection
from functools import partial
from typing import Any

from db.types import dump_json
from sync.client.applying import RowWriter
from sync.client.connection import DirectConnection
from sync.client.exchange import Exchange
from sync.client.keeping import Key
from sync.client.publishing import Piece, claims_of, message_of, take_published
from sync.client.tables import PulledRow, plan_of
from sync.protocol.codes import Outcome
from sync.protocol.guarding import GUARDED
from sync.protocol.merging import EVERY

_log = logging.getLogger(__name__)
_BEFORE_ALL = "0" * 16 + "-0"
"""The time of what deleting left of a record: whatever another desk still has of it is newer."""


def bring_back(exchange: Exchange, *, but: Collection[Key]) -> set[Key]:
    """Show the centre the records it asked for in this exchange, as far as they are here; tells which it refused.

    `but` are those it refused before. Raises SyncProblem; the centre then asks again with the next page.
    """
    asked = {key: remains for key, remains in exchange.needed.items() if key not in but}
    exchange.needed = {}
    refused: set[Key] = set()
    for table in sorted({table for table, _ in asked}):
        piece, deleted = _piece(exchange, table, {one: remains for (of, one), remains in asked.items() if of == table})
        if not piece.rows:
            continue
        standing = exchange.standing()
        claims = claims_of(exchange.database, piece.ids, standing.desk_code) if table == "sales_order" else []
        answer = exchange.transport.publish(message_of(standing.epoch, rows=piece.rows, claims=claims))
        take_published(exchange, piece, answer)
        results = dict(zip(piece.ids, answer["results"], strict=True))
        refused |= {(table, one) for one, result in results.items() if result[0] == Outcome.REJECTED}
        _undo_own(exchange, table, [one for one in deleted if results[one][0] != Outcome.REJECTED])
        _log.warning("%s of %s brought back, which were deleted elsewhere", len(piece.ids), table)
    return refused


def _piece(exchange: Exchange, table: str, asked: dict[str, bool]) -> tuple[Piece, list[str]]:
    """The rows of these that are here: whole (also where this desk deleted it: the body stayed here for undoing that),
    or, where that will do, what deleting left. With the ids of those that are deleted here."""
    piece, plan = Piece(table, [], []), plan_of(table)
    deleted: list[str] = []
    if plan is None:
        return piece, deleted
    with exchange.database.read() as session:
        found = DirectConnection(session.connection()).exec_driver_sql(
            f"{plan.select_sql} WHERE ver > 0 AND id IN (SELECT value FROM json_each(?)) ORDER BY id",
            (dump_json(list(asked)),),
        )
        for row in map(plan.published, found):
            fields, clocks = row.fields, row.clocks
            is_deleted = fields.pop("deleted_at", None) is not None
            if is_deleted and clocks.pop("deleted_at", None) is None:  # the centre's tombstone: not whole
                if not asked[row.id]:
                    continue
                clocks = {EVERY: _BEFORE_ALL}
            if is_deleted:
                deleted.append(row.id)
            piece.ids.append(row.id)
            piece.rows.append([row.scope, table, row.id, row.created_at, row.updated_at, fields, clocks])
    return piece, deleted


def _undo_own(exchange: Exchange, table: str, ids: list[str]) -> None:
    """What this desk had deleted is there again as the centre has it now. A centre that had forgotten the deletion took
    the row as it was shown, and does not say it back to whom it is from."""
    if ids:
        rows = exchange.rows_of(exchange.transport.ask("rows", {"table": table, "ids": ids}))
        exchange.write(rows, partial(_write, rows))


def needed_in(page: dict[str, Any]) -> dict[Key, bool]:
    """The records a page asks for, and whether what deleting left of them will do. Raises ValueError."""
    told = page.get("needed") or ()
    if not all(isinstance(one, list) and len(one) >= 3 and isinstance(one[1], str) for one in told):
        raise ValueError("records asked for are [table, id, remains]")
    return {(one[0], one[1]): bool(one[2]) for one in told if one[0] in GUARDED}


def let_go(exchange: Exchange) -> None:
    """Payments and contracts were refused: what was kept here for their sake becomes what the centre has, deleted where
    it is deleted there. Raises SyncProblem."""
    doubtful, exchange.doubtful = exchange.doubtful, set()
    for table in sorted({table for table, _ in doubtful}):
        ids = sorted(one for of, one in doubtful if of == table)
        answer = exchange.transport.ask("rows", {"table": table, "ids": ids})
        at = exchange.now()
        gone = [
            PulledRow("", table, one, 1, 0, at, at, {"deleted_at": at}, {EVERY: _BEFORE_ALL})
            for one in answer.get("unknown") or ()
        ]
        rows = exchange.rows_of(answer) + gone
        exchange.write(rows, partial(_write, rows))


def _write(rows: list[PulledRow], connection: DirectConnection, writer: RowWriter) -> None:
    writer.apply(rows, again=True)
