"""Pages of the feed: what a desk has not seen yet, scope by scope, in the order of commits."""

from typing import Any

from db.base import GROUP_SCOPE
from sync.protocol.codec import embed
from sync.protocol.codes import ErrorCode
from sync.protocol.limits import FIRST_PAGE_ROWS, PAGE_BYTES, PAGE_ROWS
from sync.protocol.operations import is_table
from sync.server.desk_names import names_since
from sync.server.devices import Device, find_device
from sync.server.digests import rows_of
from sync.server.needed_records import asked_of
from sync.server.refusals import Refusal
from sync.server.store import Connection, Store

_MOST_TABLES = 200
_NO_CLOCK = "0" * 16 + "-centre"
_ROW = "scope, table_name, record_id, ver, seq, created_at, updated_at, body, field_clock"


def read_page(store: Store, device: Device, message: Any, *, now_ms: int) -> dict[str, Any]:
    """The next page after the desk's cursors. Raises Refusal."""
    if device.revoked_at is not None:
        raise Refusal(ErrorCode.DEVICE_REVOKED)
    cursors, limit = _checked(message)
    tables = _tables(message)
    with store.read() as connection:
        epoch, names, needed, scopes = _heads(store, connection, device)
        told = str(message.get("epoch") or "")
        if told and told != epoch:
            raise Refusal(ErrorCode.EPOCH_CHANGED, epoch=epoch)
        if told and _knows_more(device, message.get("acknowledged")):
            raise Refusal(ErrorCode.OPERATIONS_MISSING, expected=device.last_n + 1)
        own = device.id if _has_all_answers(device, message.get("acknowledged")) else ""
        page = _Page(store, connection, device, own=own, limit=limit, tables=tables, floors=_floors(message))
        least = message.get("snapshots")
        by_snapshot = type(least) is int and least > 0 and not tables
        large = _large(store, connection, device, cursors, scopes, least=least) if by_snapshot else {}
        for scope, head, min_seq in scopes:
            if scope not in large:
                page.read(scope, after=cursors.get(scope, 0), head=head, min_seq=min_seq)
        heard = message.get("names")
        if type(heard) is int and heard != names:
            page.names = names_since(store, connection, device.tenant, told=heard, known=names)
        asked = asked_of(store, connection, device, now=now_ms * 1000) if needed else []
    answer = {
        "epoch": epoch, "now": now_ms, "applied": device.last_n, "rows": page.rows, "cursors": page.cursors,
        "more": page.more,
    }  # fmt: skip
    if page.more:
        answer["left"] = sum(head - page.cursors[scope] for scope, head, _ in scopes if scope in page.cursors)
    if page.names:
        answer["names"] = page.names
    if page.floors:
        answer["floors"] = page.floors
    if large:
        answer["large"] = large
    if asked:
        answer["needed"] = asked
    told_desk = message.get("desk")
    if told_desk is not None and told_desk != f"{device.branch_id}/{device.desk_code}":
        answer["desk"] = {
            "branch_id": device.branch_id, "branch_code": device.branch_code, "desk_code": device.desk_code,
        }  # fmt: skip
    lost = [scope for scope in cursors if not device.may_use(scope)]
    return answer | {"lost": sorted(lost)} if lost else answer


def _large(
    store: Store, connection: Connection, device: Device, cursors: dict[str, int],
    scopes: list[tuple[str, int, int]], *, least: int,
) -> dict[str, int]:  # fmt: skip
    """Scopes that this desk has yet to begin and wants to read by snapshot, having so many rows; with their rows."""
    unread = [scope for scope, head, _ in scopes if not cursors.get(scope) and head >= least]
    counted = {scope: rows_of(store, connection, device.tenant, scope) for scope in unread}
    return {scope: rows for scope, rows in counted.items() if rows >= least}


def page_after_push(store: Store, device: Device, message: Any, *, now_ms: int) -> dict[str, Any] | None:
    """The page a desk asked for together with its push; None where it has to ask by itself to learn why not.

    The push has been applied, and nothing about reading may take that back.
    """
    try:
        with store.read() as connection:
            current = find_device(store, connection, device.tenant, device.id)
        return None if current is None else read_page(store, current, message, now_ms=now_ms)
    except Refusal:
        return None


def _checked(message: Any) -> tuple[dict[str, int], int]:
    cursors = message.get("cursors") if isinstance(message, dict) else None
    if not isinstance(cursors, dict) or any(type(seq) is not int or seq < 0 for seq in cursors.values()):
        raise Refusal(ErrorCode.MALFORMED, field="cursors")
    limit = message.get("limit", FIRST_PAGE_ROWS)
    if type(limit) is not int or limit < 1:
        raise Refusal(ErrorCode.MALFORMED, field="limit")
    return cursors, min(limit, PAGE_ROWS)


def _tables(message: dict[str, Any]) -> list[str]:
    """The only tables a desk asks for: those an earlier version of it could not read. Empty for all."""
    tables = message.get("tables") or []
    if not isinstance(tables, list) or len(tables) > _MOST_TABLES or not all(is_table(name) for name in tables):
        raise Refusal(ErrorCode.MALFORMED, field="tables")
    return tables


def _floors(message: Any) -> dict[str, int]:
    """By scope, from which place on the feed was complete when the desk began to read it from the start."""
    floors = message.get("floors")
    if floors is None:
        return {}
    if not isinstance(floors, dict) or any(type(seq) is not int for seq in floors.values()):
        raise Refusal(ErrorCode.MALFORMED, field="floors")
    return floors


def _knows_more(device: Device, acknowledged: Any) -> bool:
    """Whether the desk has answers to operations that this database has never heard of."""
    n = acknowledged.get("n") if isinstance(acknowledged, dict) else None
    return type(n) is int and n > device.last_n


def _has_all_answers(device: Device, acknowledged: Any) -> bool:
    """Whether the desk knows of everything that came from it: only then its own rows need not come back.

    A cloned or restored disk knows less, and must receive what its namesake sent.
    """
    return (
        isinstance(acknowledged, dict)
        and acknowledged.get("n") == device.last_n
        and acknowledged.get("hash") == device.last_hash
    )


def _heads(store: Store, connection: Connection, device: Device) -> tuple[str, int, int, list[tuple[str, int, int]]]:
    """The group's epoch, how often one of its desks got a name, how many records desks are asked to bring back, and the
    device's scopes with head and first complete place; what all share comes first.

    One statement: most requests a centre answers are looks that find nothing.
    """
    only = ""
    named: tuple[Any, ...] = ()
    if device.scopes is not None:
        only, named = f" AND {store.any_of('s.scope')}", (store.listed(sorted(device.scopes)),)
    rows = store.run(
        connection,
        "SELECT t.epoch, s.scope, s.head, s.min_seq, t.names, (SELECT count(*) FROM needed_record WHERE tenant_id = ?)"
        f" FROM tenant t LEFT JOIN sync_scope s ON s.tenant_id = t.tenant_id{only} WHERE t.tenant_id = ?",
        (device.tenant, *named, device.tenant),
    ).fetchall()
    scopes = [(row[1], row[2], row[3]) for row in rows if row[1] is not None]
    epoch, names, needed = (str(rows[0][0]), int(rows[0][4]), int(rows[0][5])) if rows else ("", 0, 0)
    return epoch, names, needed, sorted(scopes, key=lambda row: (row[0] != GROUP_SCOPE, row[0]))


class _Page:
    """Filled scope by scope until it has enough rows or bytes."""

    def __init__(
        self, store: Store, connection: Connection, device: Device, *, own: str, limit: int, tables: list[str],
        floors: dict[str, int],
    ) -> None:  # fmt: skip
        self._store, self._connection, self._tenant, self._own = store, connection, device.tenant, own
        self._device = device
        self._room, self._bytes = limit, PAGE_BYTES
        self._only = f" AND {store.any_of('table_name')}" if tables else ""
        self._tables = (store.listed(tables),) if tables else ()
        self._begun = floors
        self.rows: list[Any] = []
        self.cursors: dict[str, int] = {}
        self.floors: dict[str, int] = {}
        self.names: dict[str, Any] = {}
        self.more = False

    def read(self, scope: str, *, after: int, head: int, min_seq: int) -> None:
        """Add one scope's rows. `head` was read before the rows: all up to it are visible by now."""
        if after > head:
            # The centre had more once: it was restored from a backup and nobody told it.
            raise Refusal(ErrorCode.OPERATIONS_MISSING, scope=scope, head=head)
        if 0 < after < min_seq and self._begun.get(scope) != min_seq:
            raise Refusal(ErrorCode.CURSOR_TOO_OLD, scope=scope)
        self.cursors[scope] = after
        if after == head:
            return
        if self._room <= 0 or self._bytes <= 0:
            self.more = True
            return
        leaves = self._leaves(scope, after, head)
        until = self._until(scope, after, leaves)
        rows = self._store.run(
            self._connection,
            f"SELECT {_ROW} FROM replica_row WHERE tenant_id = ? AND scope = ? AND seq > ? AND seq <= ?"
            f" AND origin <> ?{self._only} ORDER BY seq",
            (self._tenant, scope, after, head if until is None else until, self._own or "-", *self._tables),
        ).fetchall()
        self.rows += [[*row[:7], embed(row[7]), embed(row[8])] for row in rows]
        self._room -= len(rows)
        if leaves:
            self._add_leaves(scope, [leave for leave in leaves if until is None or leave[3] <= until], since=len(rows))
        self.cursors[scope] = head if until is None else until
        if self.cursors[scope] < min_seq:
            self.floors[scope] = min_seq  # whoever began at the start does not miss what is gone below this
        self.more = self.more or until is not None

    def _leaves(self, scope: str, after: int, head: int) -> list[Any]:
        """The next records that left this scope: mostly none."""
        if self._tables:
            return []
        found = self._store.run(
            self._connection,
            "SELECT l.table_name, l.record_id, l.ver, l.seq, l.to_scope, l.at, r.scope FROM scope_leave l"
            " LEFT JOIN replica_row r ON r.tenant_id = l.tenant_id AND r.table_name = l.table_name"
            " AND r.record_id = l.record_id WHERE l.tenant_id = ? AND l.scope = ? AND l.seq > ? AND l.seq <= ?"
            " ORDER BY l.seq LIMIT ?",
            (self._tenant, scope, after, head, self._room + 1),
        )
        return found.fetchall()

    def _add_leaves(self, scope: str, leaves: list[Any], *, since: int) -> None:
        """Marks of what left, in their places among the rows. Who reads where a record is now gets it from there."""
        marks = [
            [scope, table, record_id, ver, seq, at, at, {"deleted_at": at, "left_to": present or to}, {"*": _NO_CLOCK}]
            for table, record_id, ver, seq, to, at, present in leaves
            if present is None or not self._device.may_use(present)
        ]
        start = len(self.rows) - since
        self.rows[start:] = sorted(self.rows[start:] + marks, key=lambda row: row[4])
        self._room -= len(marks)

    def _until(self, scope: str, after: int, leaves: list[Any]) -> int | None:
        """The place at which this page has to stop, None if it reaches the head."""
        sizes = self._store.run(
            self._connection,
            "SELECT seq, size FROM replica_row WHERE tenant_id = ? AND scope = ? AND seq > ? AND origin <> ?"
            f"{self._only} ORDER BY seq LIMIT ?",
            (self._tenant, scope, after, self._own or "-", *self._tables, self._room + 1),
        ).fetchall()
        if leaves:
            sizes = sorted([(row[0], row[1]) for row in sizes] + [(leave[3], 0) for leave in leaves])
            sizes = sizes[: self._room + 1]
        for position, (_, size) in enumerate(sizes):
            if position and (position == self._room or self._bytes < size):
                return int(sizes[position - 1][0])
            self._bytes -= size
        return None
