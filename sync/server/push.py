"""One push: a desk's next operations, each applied once, whatever happens to the answer."""

import json
import logging
from dataclasses import dataclass, replace
from typing import Any

from sync.protocol.codec import dump
from sync.protocol.codes import ErrorCode, Outcome
from sync.protocol.limits import TRANSACTION_OPERATIONS
from sync.protocol.operations import VOID, chain
from sync.server.changes import Changes
from sync.server.devices import Device, epoch_of, find_device
from sync.server.outcomes import Result
from sync.server.refusals import Refusal
from sync.server.store import Connection, Store, StoreRefused
from sync.server.upcasting import upcast

_log = logging.getLogger(__name__)
_APPLIED = ("tenant_id", "device_id", "n", "hash", "outcome", "ver", "seq", "code", "detail")


@dataclass(frozen=True, slots=True)
class Push:
    """A push as it was asked for: operations `first_n`, `first_n + 1`, …, and the hash of all before them."""

    epoch: str
    previous_n: int
    previous_hash: str
    operations: list[dict[str, Any]]
    hashes: list[str]

    @classmethod
    def read(cls, message: Any) -> "Push":
        """Check the outer form; raises Refusal MALFORMED or TOO_LARGE. Each operation is judged by itself later."""
        if not isinstance(message, dict) or not isinstance(message.get("operations"), list):
            raise Refusal(ErrorCode.MALFORMED, field="operations")
        previous, operations = message.get("previous"), message["operations"]
        if not isinstance(previous, dict) or type(previous.get("n")) is not int or previous["n"] < 0:
            raise Refusal(ErrorCode.MALFORMED, field="previous")
        if len(operations) > TRANSACTION_OPERATIONS:
            raise Refusal(ErrorCode.TOO_LARGE, limit=TRANSACTION_OPERATIONS)
        before = digest = str(previous.get("hash", ""))
        hashes: list[str] = []
        for n, operation in enumerate(operations, start=previous["n"] + 1):
            try:
                if type(operation["n"]) is not int or operation["n"] != n:
                    raise Refusal(ErrorCode.MALFORMED, field="n")
                digest = chain(digest, n, operation["txn"], operation["kind"], operation["table"], operation["id"])
            except (TypeError, KeyError) as error:
                raise Refusal(ErrorCode.MALFORMED, field="txn, kind, table or id", n=n) from error
            hashes.append(digest)
        return cls(str(message.get("epoch") or ""), previous["n"], before, operations, hashes)

    @property
    def last_n(self) -> int:
        return self.previous_n + len(self.operations)

    def halves(self) -> tuple["Push", "Push"] | None:
        """This push as two, cut between transactions; None where it is a single one."""
        starts = [
            at for at in range(1, len(self.operations)) if self.operations[at]["txn"] != self.operations[at - 1]["txn"]
        ]
        if not starts:
            return None
        cut = min(starts, key=lambda at: abs(at - len(self.operations) // 2))
        middle = self.previous_n + cut
        return (
            Push(self.epoch, self.previous_n, self.previous_hash, self.operations[:cut], self.hashes[:cut]),
            Push(self.epoch, middle, self.hash_at(middle), self.operations[cut:], self.hashes[cut:]),
        )

    def voided(self) -> "Push":
        """The same numbers and hashes, to be refused one and all."""
        return replace(self, operations=[{**one, "kind": VOID} for one in self.operations])

    def hash_at(self, n: int) -> str:
        """The hash of all operations up to `n`, which lies within this push or just before it."""
        return self.previous_hash if n == self.previous_n else self.hashes[n - self.previous_n - 1]


POISON = (StoreRefused, TypeError, ValueError, KeyError, AttributeError, OverflowError)
"""Errors that come again however often the same operations are tried; all others are passing ones."""


def apply_push(store: Store, device: Device, push: Push, *, now_ms: int) -> dict[str, Any]:
    """Apply what is new, answer what is known. Raises Refusal; then nothing was applied.

    Operations of revoked desks and of doubtful histories are put into quarantine, which is committed. A transaction
    that the database cannot hold is found by halving, and refused alone.
    """
    try:
        return _in_one_transaction(store, device, push, now_ms=now_ms)
    except POISON:
        _log.exception("operations %s to %s of %s", push.previous_n + 1, push.last_n, device.id)
        halves = push.halves()
        if halves is None:
            return _in_one_transaction(store, device, push.voided(), now_ms=now_ms)
    first, second = (apply_push(store, device, half, now_ms=now_ms) for half in halves)
    return {**second, "results": first["results"] + second["results"], "rows": first["rows"] + second["rows"]}


def apply_within(
    store: Store, connection: Connection, device: Device, push: Push, *, now_ms: int
) -> dict[str, Any]:  # fmt: skip
    """Apply in the caller's transaction, as the centre's own act; the device's row is locked. May raise POISON."""
    epoch = epoch_of(store, connection, device.tenant)
    return _apply(store, connection, device, push, epoch=epoch, now_ms=now_ms)


def _in_one_transaction(store: Store, device: Device, push: Push, *, now_ms: int) -> dict[str, Any]:
    refusal: Refusal
    with store.write() as connection:
        current = find_device(store, connection, device.tenant, device.id, lock=True)
        if current is None:
            raise Refusal(ErrorCode.TOKEN_EXPIRED)
        epoch = epoch_of(store, connection, device.tenant)
        try:
            _check(store, connection, current, push, epoch)
        except Refusal as refused:
            refusal = refused
            if refused.code in (ErrorCode.DEVICE_REVOKED, ErrorCode.HISTORY_DIFFERS):
                kept = _quarantine(store, connection, current, push, reason=refused.code, now=now_ms * 1000)
                refused.detail["quarantined"] = kept
        else:
            return _apply(store, connection, current, push, epoch=epoch, now_ms=now_ms)
    raise refusal


def _check(store: Store, connection: Connection, device: Device, push: Push, epoch: str) -> None:
    if device.revoked_at is not None:
        raise Refusal(ErrorCode.DEVICE_REVOKED)
    if push.epoch and push.epoch != epoch:
        raise Refusal(ErrorCode.EPOCH_CHANGED, epoch=epoch)
    if push.previous_n > device.last_n:
        raise Refusal(ErrorCode.OPERATIONS_MISSING, expected=device.last_n + 1)
    if push.last_n >= device.last_n:
        known: str | None = device.last_hash
        told = push.hash_at(device.last_n)
    else:
        told = push.hash_at(push.last_n)
        known = store.run(
            connection,
            "SELECT hash FROM applied_operation WHERE tenant_id = ? AND device_id = ? AND n = ?",
            (device.tenant, device.id, push.last_n),
        ).scalar()
    if told != known:
        raise Refusal(ErrorCode.HISTORY_DIFFERS, applied=device.last_n)


def _quarantine(
    store: Store, connection: Connection, device: Device, push: Push, *, reason: str, now: int
) -> int:  # fmt: skip
    rows = [
        (device.tenant, device.id, one["n"], digest, reason, dump(one).decode("utf-8"), now)
        for one, digest in zip(push.operations, push.hashes, strict=True)
    ]
    store.insert_missing(
        connection, "quarantined_operation",
        ("tenant_id", "device_id", "n", "hash", "reason", "body", "received_at"), rows,
    )  # fmt: skip
    return len(rows)


def _apply(
    store: Store, connection: Connection, device: Device, push: Push, *, epoch: str, now_ms: int
) -> dict[str, Any]:
    known = push.operations[: device.last_n - push.previous_n]
    fresh = upcast(push.operations[len(known) :])
    changes = Changes(store, connection, device, now_ms=now_ms)
    answers = _stored_answers(store, connection, device, push, len(known))
    if known:
        changes.load_all(known)
    if fresh:
        changes.prepare(fresh)
        results = changes.apply(fresh)
        changes.write()
        answers += _store_answers(store, connection, device, push, changes, results)
        fresh = [one for one, result in zip(fresh, results, strict=True) if not _is_as_written(result, device)]
    _note_device(store, connection, device, push, now=now_ms * 1000)
    refused = {answer[0] for answer in answers if answer[1] == Outcome.REJECTED}
    if push.last_n < device.last_n:  # perhaps from a copy of the desk's disk, which lacks what its namesake sent since
        refused.update(one["n"] for one in push.operations)
    return {
        "epoch": epoch, "applied": max(device.last_n, push.last_n), "now": now_ms, "ahead_ms": changes.records.ahead_ms,
        "results": answers,
        "rows": [row.on_wire() for row in changes.differing_rows([*known, *fresh], refused=refused)],
    }  # fmt: skip


def _is_as_written(result: Result, device: Device) -> bool:
    """Whether the desk has the record just as the centre does: that is what most results are."""
    return result.row is not None and result.row.origin == device.id and result.outcome is Outcome.ACCEPTED


def _stored_answers(
    store: Store, connection: Connection, device: Device, push: Push, count: int
) -> list[list[Any]]:  # fmt: skip
    if not count:
        return []
    rows = store.run(
        connection,
        "SELECT n, outcome, ver, seq, code, detail FROM applied_operation"
        " WHERE tenant_id = ? AND device_id = ? AND n > ? AND n <= ? ORDER BY n",
        (device.tenant, device.id, push.previous_n, push.previous_n + count),
    )
    return [_answer(*row) for row in rows.fetchall()]


def _answer(n: int, outcome: str, ver: int, seq: int, code: str, detail: str) -> list[Any]:
    if not code and not detail:
        return [n, outcome, ver, seq]
    return [n, outcome, ver, seq, code, json.loads(detail or "{}")]


def _store_answers(
    store: Store, connection: Connection, device: Device, push: Push, changes: Changes, results: list[Result]
) -> list[list[Any]]:
    rows, answers = [], []
    tenant, device_id, hashes, offset = device.tenant, device.id, push.hashes, push.previous_n + 1
    plain, usual = Outcome.ACCEPTED, Outcome.ACCEPTED.value
    for result in results:
        n, code = result.n, result.code
        outcome = usual if result.outcome is plain else result.outcome.value
        ver, seq = changes.place_of(result)
        detail = dump(result.detail).decode("utf-8") if result.detail else ""
        rows.append((tenant, device_id, n, hashes[n - offset], outcome, ver, seq, str(code), detail))
        answers.append([n, outcome, ver, seq, code, result.detail or {}] if code or detail else [n, outcome, ver, seq])
    store.insert_many(connection, "applied_operation", _APPLIED, rows)
    return answers


def _note_device(store: Store, connection: Connection, device: Device, push: Push, *, now: int) -> None:
    last_n = max(device.last_n, push.last_n)
    store.run(
        connection,
        "UPDATE device SET last_n = ?, last_hash = ?, seen_n = ?, last_seen_at = ?"
        " WHERE tenant_id = ? AND device_id = ?",
        (
            last_n, push.hash_at(last_n) if last_n > device.last_n else device.last_hash,
            max(device.seen_n, push.previous_n), now, device.tenant, device.id,
        ),
    )  # fmt: skip
