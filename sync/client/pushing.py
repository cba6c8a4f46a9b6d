"""Sends what waits, batch after batch. The next one is under way while the answers to the last are written down."""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from sync.client.applying import RowWriter, receive_time
from sync.client.connection import DirectConnection
from sync.client.errors import AnswerNotUnderstood, RequestRefused
from sync.client.exchange import Exchange, Standing
from sync.client.keeping import Key, kept_for
from sync.client.outbox import Batch, acknowledge, next_batch, note_sent, void, waiting_after
from sync.client.pulling import pull_message
from sync.client.tables import PulledRow
from sync.client.transport import REQUEST_ID
from sync.protocol.codes import Outcome
from sync.protocol.guarding import GUARDED, GUARDS
from sync.protocol.hlc import HybridTime
from sync.protocol.merging import device_of

_log = logging.getLogger(__name__)

_TOGETHER = 4
"""Full batches whose answers are written down in one transaction. A desk that dies before that asks again and is given
the same answers."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A batch with what the centre said of it."""

    batch: Batch
    results: list[Any]
    rows: list[PulledRow]
    now_ms: int
    ahead_ms: int
    request_id: str = ""


def push_all(exchange: Exchange, standing: Standing) -> None:
    """Send every waiting operation. Raises SyncProblem; what was acknowledged by then stays so."""
    if not standing.unsent:
        return
    exchange.to_send = exchange.pushed + standing.unsent
    batch = next_batch(exchange.database, standing.acknowledged, most=exchange.batch_operations)
    while batch is not None and not exchange.stopping.is_set():
        exchange.page = None  # one that came with an earlier batch does not know of this one
        if len(batch.operations) < exchange.batch_operations:
            batch = _push_one(exchange, batch, standing)
        else:
            batch = _push_many(exchange, batch, standing)


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


def _push_many(exchange: Exchange, batch: Batch, standing: Standing) -> Batch | None:
    """Full batches in a row, one of them always under way; returns the one to go on with."""
    answered: list[Answered] = []

    def body(of: Batch) -> bytes:
        waiting = waiting_after(exchange.database, of.last.n, given_n=standing.given_n)
        return of.message(standing.epoch, waiting=waiting)

    with ThreadPoolExecutor(1, thread_name_prefix="sync-send") as sender:
        sending = sender.submit(exchange.transport.push, body(batch))
        try:
            while True:
                following = next_batch(exchange.database, batch.last, most=exchange.batch_operations)
                answer = sending.result()
                goes_on = following is not None and not exchange.stopping.is_set()
                if following is not None and goes_on:
                    sending = sender.submit(exchange.transport.push, body(following))
                answered.append(_checked(exchange, batch, answer))
                if sum(len(one.batch.operations) for one in answered) >= _TOGETHER * exchange.batch_operations:
                    _write_down(exchange, answered)
                    answered = []
                if following is None or not goes_on:
                    return following
                batch = following
        except RequestRefused:
            refused = batch
        finally:
            _write_down(exchange, answered)
    return _push_alone(exchange, refused, standing.epoch)


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
    _write_down(exchange, [_checked(exchange, batch, answer)])


def _checked(exchange: Exchange, batch: Batch, answer: dict[str, Any]) -> "Answered":
    results = answer.get("results")
    if not isinstance(results, list) or [one[0] for one in results] != [one[0] for one in batch.operations]:
        raise AnswerNotUnderstood(address=exchange.transport.address)
    now, ahead = int(answer.get("now", 0)), int(answer.get("ahead_ms", 0))
    return Answered(batch, results, exchange.rows_of(answer), now, ahead, str(answer.get(REQUEST_ID, "")))


def _write_down(exchange: Exchange, answered: Sequence["Answered"]) -> None:
    """All these answers in one transaction."""
    if not answered:
        return

    def take(connection: DirectConnection, writer: RowWriter) -> tuple[int, int]:
        rejected = conflicts = 0
        if any(row.is_tombstone and row.table in GUARDED for one in answered for row in one.rows):
            writer.keep_for_waiting()  # before the payment among these is answered
        for one in answered:
            counts = acknowledge(connection, one.batch, one.results, now=exchange.now())
            note_sent(connection, one.batch, now=exchange.now(), centre_ms=one.now_ms, request_id=one.request_id)
            rejected, conflicts = rejected + counts[0], conflicts + counts[1]
            writer.apply(one.rows, again=True)
            if counts[0]:
                exchange.doubtful |= _kept_for_refused(connection, one)
            if one.ahead_ms:
                _sober_up(connection, one.now_ms)
            receive_time(connection, one.rows, now_ms=one.now_ms)
        return rejected, conflicts

    rejected, conflicts = exchange.write([row for one in answered for row in one.rows], take)
    exchange.acknowledged = answered[-1].batch.last
    exchange.pushed += sum(len(one.results) for one in answered)
    if exchange.tell_sent is not None and exchange.to_send > exchange.batch_operations:
        exchange.tell_sent(exchange.pushed, exchange.to_send)
    exchange.rejected += rejected
    exchange.conflicts += conflicts
    exchange.ahead_ms = max(exchange.ahead_ms, *(one.ahead_ms for one in answered))


def _kept_for_refused(connection: DirectConnection, one: "Answered") -> set[Key]:
    """What was kept for the sake of payments and contracts that are refused."""
    refused = (
        operation[0]
        for operation, result in zip(one.batch.operations, one.results, strict=True)
        if result[1] == Outcome.REJECTED and operation[2] in GUARDS
    )
    return {key for n in refused for key in kept_for(connection, n)}


def _sober_up(connection: DirectConnection, now_ms: int) -> None:
    """This desk's clock ran far ahead: take the centre's time, so that what comes next is not cut again."""
    stored = connection.exec_driver_sql("SELECT hybrid_time FROM desk_state WHERE id = 1").scalar()
    sober = HybridTime(now_ms, 0, device_of(stored))
    connection.exec_driver_sql("UPDATE desk_state SET hybrid_time = ? WHERE id = 1", (str(sober),))
