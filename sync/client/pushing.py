"""Sends what waits, batch after batch. The next one is under way while the answers to the last are written down."""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from sync.client.applying import RowWriter, receive_time
from sync.client.connection import DirectConnection
from sync.client.errors import AnswerNotUnderstood, RequestRefused
from sync.client.exchange import Exchange, Standing
from sync.client.outbox import Batch, acknowledge, next_batch, void
from sync.client.pulling import pull_message
from sync.protocol.hlc import HybridTime
from sync.protocol.merging import device_of

_log = logging.getLogger(__name__)


def push_all(exchange: Exchange, standing: Standing) -> None:
    """Send every waiting operation. Raises SyncProblem; what was acknowledged by then stays so."""
    if not standing.unsent:
        return
    batch = next_batch(exchange.database, standing.acknowledged, most=exchange.batch_operations)
    while batch is not None and not exchange.stopping.is_set():
        if len(batch.operations) < exchange.batch_operations:
            batch = _push_one(exchange, batch, standing)
        else:
            batch = _push_many(exchange, batch, standing.epoch)


def _push_one(exchange: Exchange, batch: Batch, standing: Standing) -> Batch | None:
    """A batch that is not full: hardly anything follows it, so the first page is asked for in the same breath."""
    try:
        answer = exchange.transport.push(
            batch.message(standing.epoch, pull=pull_message(exchange, standing, acknowledged=batch.last))
        )
    except RequestRefused:
        return _push_alone(exchange, batch, standing.epoch)
    _take_answers(exchange, batch, answer)
    page = answer.get("page")
    exchange.page = page if isinstance(page, dict) else None
    if batch.last.n >= standing.given_n:
        return None  # what was made meanwhile is sent the next time: whoever made it has poked
    return next_batch(exchange.database, batch.last, most=exchange.batch_operations)


def _push_many(exchange: Exchange, batch: Batch, epoch: str) -> Batch | None:
    """Full batches in a row, one of them always under way; returns the one to go on with."""
    database, most = exchange.database, exchange.batch_operations
    with ThreadPoolExecutor(1, thread_name_prefix="sync-send") as sender:
        sending: Future[dict[str, Any]] = sender.submit(exchange.transport.push, batch.message(epoch))
        while True:
            following = next_batch(database, batch.last, most=most)
            try:
                answer = sending.result()
            except RequestRefused:
                return _push_alone(exchange, batch, epoch)
            goes_on = following is not None and not exchange.stopping.is_set()
            if following is not None and goes_on:
                sending = sender.submit(exchange.transport.push, following.message(epoch))
            _take_answers(exchange, batch, answer)
            if following is None or not goes_on:
                return following
            batch = following


def _push_alone(exchange: Exchange, batch: Batch, epoch: str) -> Batch | None:
    """The service cannot take this batch in: send its first transaction alone, or else only its numbers."""
    single = next_batch(exchange.database, batch.previous, most=1)
    if single is None:
        return None
    try:
        if batch.transactions == 1:
            raise RequestRefused(reason="")
        answer = exchange.transport.push(single.message(epoch))
    except RequestRefused:
        _log.warning("operations %s to %s cannot be sent", single.operations[0][0], single.last.n)
        void(exchange.database, single)
        emptied = next_batch(exchange.database, batch.previous, most=1)
        if emptied is None:
            return None
        single, answer = emptied, exchange.transport.push(emptied.message(epoch))
    _take_answers(exchange, single, answer)
    return next_batch(exchange.database, single.last, most=exchange.batch_operations)


def _take_answers(exchange: Exchange, batch: Batch, answer: dict[str, Any]) -> None:
    results = answer.get("results")
    if not isinstance(results, list) or [one[0] for one in results] != [one[0] for one in batch.operations]:
        raise AnswerNotUnderstood(address=exchange.transport.address)
    rows = exchange.rows_of(answer)

    def take(connection: DirectConnection, writer: RowWriter) -> tuple[int, int]:
        counts = acknowledge(connection, batch, results, now=exchange.now())
        writer.apply(rows, again=True)
        _sober_up(exchange, connection, answer)
        receive_time(connection, rows, now_ms=int(answer.get("now", 0)))
        return counts

    rejected, conflicts = exchange.write(rows, take)
    exchange.pushed += len(results)
    exchange.rejected += rejected
    exchange.conflicts += conflicts


def _sober_up(exchange: Exchange, connection: DirectConnection, answer: dict[str, Any]) -> None:
    """Where this desk's clock ran far ahead, take the centre's time: what comes next must not be cut again."""
    exchange.ahead_ms = max(exchange.ahead_ms, int(answer.get("ahead_ms", 0)))
    if not answer.get("ahead_ms"):
        return
    stored = connection.exec_driver_sql("SELECT hybrid_time FROM desk_state WHERE id = 1").scalar()
    sober = HybridTime(int(answer["now"]), 0, device_of(stored))
    connection.exec_driver_sql("UPDATE desk_state SET hybrid_time = ? WHERE id = 1", (str(sober),))
