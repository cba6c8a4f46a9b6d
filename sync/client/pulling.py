"""Takes over the feed, page after page. The next one is asked for while the last one is written."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from sync.client.applying import RowWriter, receive_time
from sync.client.blank import is_blank
from sync.client.bringing_back import needed_in
from sync.client.connection import DirectConnection
from sync.client.desk_names import names_in, write_names
from sync.client.errors import AnswerNotUnderstood, CentreLostOperations, HistoryDiffers
from sync.client.exchange import Exchange, Moved, Progress, Standing
from sync.client.healing import read_again, sweep
from sync.client.outbox import Acknowledged, waiting_after
from sync.protocol.limits import FIRST_PAGE_ROWS

_WORTH_WRITING = 500
"""Places of the feed that are passed over rather than written down; the next page begins with them again."""


def pull_all(exchange: Exchange, standing: Standing) -> bool:
    """Read every feed up to its head; tells whether that was reached. Raises SyncProblem; whole pages stay.

    Scopes that are better read by snapshot are left in `exchange.large`. What was written is told at the head, or where
    the way there ends. A scope that a desk at work is given is read as a whole: it may have had it before and have lost
    what it wrote there itself, which else is left out.
    """
    exchange.large = {}
    try:
        complete = _read_on(exchange, standing)
        if standing.is_sweeping and complete:
            sweep(exchange)
    except _ScopesGained as gained:
        for scope in gained.scopes:
            read_again(exchange.database, scope)
        return pull_all(exchange, exchange.standing())
    finally:
        exchange.tell_gathered()
    return complete


def _read_on(exchange: Exchange, standing: Standing) -> bool:
    message = pull_message(exchange, standing, acknowledged=standing.acknowledged)
    known = standing.cursors
    page, exchange.page = exchange.page, None
    if page is None:
        page = exchange.transport.pull(message)
    exchange.note_centre_time(int(page.get("now", 0)))
    with _Ahead(exchange) as ahead:
        while True:
            _check_history(page, standing)
            _check_gained(page, message)
            exchange.large |= page.get("large") or {}
            if exchange.large and not exchange.fills_new_file and is_blank(exchange.database):
                return False  # a new desk is filled as a whole: this page comes again
            cursors = {**message["cursors"], **(page.get("cursors") or {})}
            message = {
                **message, "cursors": cursors, "epoch": str(page.get("epoch", "")), "limit": exchange.page_rows,
                "floors": page.get("floors") or {}, "names": _heard(exchange, page, message["names"]),
            }  # fmt: skip
            goes_on = bool(page.get("more")) and not exchange.stopping.is_set()
            asking = ahead.ask(message) if goes_on else None
            _take_page(exchange, page, known)
            known = cursors
            if asking is None:
                break
            del page  # two of them need not be in memory
            page = asking.result()()
    unread = {*exchange.large, *(page.get("lost") or ())}
    exchange.cursors = {scope: seq for scope, seq in cursors.items() if scope not in unread}
    return not page.get("more") and not exchange.large


class _ScopesGained(Exception):
    """A desk that has read feeds before was given these."""

    def __init__(self, scopes: list[str]) -> None:
        super().__init__()
        self.scopes = scopes


def _check_gained(page: dict[str, Any], message: dict[str, Any]) -> None:
    if "acknowledged" in message and message["cursors"]:
        gained = [scope for scope in page.get("cursors") or () if scope not in message["cursors"]]
        if gained:
            raise _ScopesGained(gained)


class _Ahead:
    """Asks for pages on a thread, which exists only from the second page on."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._thread: ThreadPoolExecutor | None = None

    def ask(self, message: dict[str, Any]) -> Future[Callable[[], dict[str, Any]]]:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="sync-receive")
        return self._thread.submit(self._exchange.transport.pull_ahead, message)

    def __enter__(self) -> "_Ahead":
        return self

    def __exit__(self, *details: object) -> None:
        if self._thread is not None:
            self._thread.shutdown(wait=True)


def pull_message(exchange: Exchange, standing: Standing, *, acknowledged: Acknowledged) -> dict[str, Any]:
    """What asks for the first page once the centre has answered operations up to `acknowledged`."""
    message: dict[str, Any] = {
        "epoch": standing.epoch, "cursors": standing.cursors, "limit": min(FIRST_PAGE_ROWS, exchange.page_rows),
        "desk": f"{standing.branch_id}/{standing.desk_code}", "names": standing.names_heard,
        "waiting": waiting_after(exchange.database, acknowledged.n, given_n=standing.given_n),
    }  # fmt: skip
    # Who has no cursor at all has read nothing: it will be filled as a whole.
    by_snapshot = exchange.snapshot_rows[0 if exchange.fills_new_file or not standing.cursors else 1]
    if by_snapshot:
        message["snapshots"] = by_snapshot
    if not standing.is_sweeping:
        # Told how far this desk's own operations are known here, the centre leaves out what it has from this desk.
        message["acknowledged"] = {"n": acknowledged.n, "hash": acknowledged.hash}
    return message


def _check_history(page: dict[str, Any], standing: Standing) -> None:
    """The centre has operations under this desk's name that this desk never made: a restored or cloned disk. Or it has
    fewer than it acknowledged: it came from a backup, and nobody told it."""
    applied = int(page.get("applied", 0))
    if applied > standing.given_n:
        raise HistoryDiffers(detail={"applied": applied})
    if applied < standing.acknowledged.n:
        raise CentreLostOperations(detail={"applied": applied})


def _moved(exchange: Exchange, page: dict[str, Any]) -> Moved | None:
    """The centre has another branch or name for this desk than it said it has."""
    told = page.get("desk")
    if told is None:
        return None
    try:
        return Moved(str(told["branch_id"]), str(told["branch_code"]), str(told["desk_code"]))
    except (KeyError, TypeError) as error:
        raise AnswerNotUnderstood(address=exchange.transport.address) from error


def _needed(exchange: Exchange, page: dict[str, Any]) -> dict[tuple[str, str], bool]:
    try:
        return needed_in(page)
    except ValueError as error:
        raise AnswerNotUnderstood(address=exchange.transport.address) from error


def _names(exchange: Exchange, page: dict[str, Any]) -> tuple[int, list[tuple[str, str, str]]] | None:
    try:
        return names_in(page)
    except ValueError as error:
        raise AnswerNotUnderstood(address=exchange.transport.address) from error


def _progress(exchange: Exchange, *, left: int) -> Progress:
    """How far reading has come with the page just written.

    What the centre says is left are places, of which some may hold nothing new: about as many rows. What is small of a
    new file is not told as a part of the whole: it is none.
    """
    done = exchange.pulled
    if exchange.fills_new_file or (not left and exchange.pages_since is None):
        return Progress(done, 0, 0, None, None)
    now = time.monotonic()
    if exchange.pages_since is None:
        exchange.pages_since, exchange.pages_before = now, done
    read = done - exchange.pages_before
    seconds = (now - exchange.pages_since) * left / read if read else None
    return Progress(done, done + left, 0, None, seconds, about=True)


def _heard(exchange: Exchange, page: dict[str, Any], before: int) -> int:
    """How far desks' names were told once this page is taken over."""
    told = _names(exchange, page)
    return before if told is None else told[0]


def _take_page(exchange: Exchange, page: dict[str, Any], known: dict[str, int]) -> None:
    """Rows and cursors in one transaction; none at all where hardly anything moved."""
    rows = exchange.rows_of(page)
    needed = _needed(exchange, page)
    exchange.needed |= needed
    lost = [(scope,) for scope in page.get("lost") or () if scope in known]
    moved = [(scope, seq) for scope, seq in (page.get("cursors") or {}).items() if known.get(scope) != seq]
    # Past what this desk wrote itself a cursor moves without rows: worth a write to the disk only now and then.
    moved_to, names = _moved(exchange, page), _names(exchange, page)
    hardly = all(scope in known and 0 < seq - known[scope] < _WORTH_WRITING for scope, seq in moved)
    if hardly and not rows and not lost and moved_to is None and names is None:
        return

    def take(connection: DirectConnection, writer: RowWriter) -> None:
        writer.needed = needed
        writer.apply(rows)
        receive_time(connection, rows, now_ms=int(page.get("now", 0)))
        connection.exec_driver_sql(
            "INSERT INTO sync_cursor (scope, seq, sweeping) VALUES (?, ?, 0)"
            " ON CONFLICT (scope) DO UPDATE SET seq = excluded.seq",
            moved,
        )
        connection.exec_driver_sql("UPDATE sync_cursor SET leaving = 1 WHERE scope = ?", lost)
        if names is not None:
            write_names(connection, *names)
        if moved_to is not None:
            connection.exec_driver_sql(
                "UPDATE desk_state SET branch_id = ?, desk_code = ? WHERE id = 1",
                (moved_to.branch_id, moved_to.desk_code),
            )
        connection.exec_driver_sql("UPDATE desk_state SET epoch = ? WHERE id = 1", (str(page.get("epoch", "")),))

    exchange.write(rows, take, later=True)
    exchange.pulled += len(rows)
    exchange.has_lost = exchange.has_lost or bool(lost)
    if rows and exchange.tell_progress is not None:
        exchange.tell_progress(_progress(exchange, left=int(page.get("left") or 0)))
    if moved_to is not None:
        exchange.moved_to = moved_to
        exchange.gathered.add_everything()
