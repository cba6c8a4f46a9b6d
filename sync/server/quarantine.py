"""Operations set aside: what revoked desks, and desks with a doubtful history, sent. People decide what becomes of it.

Releasing applies operations as the centre's own act, in the order in which the desk made them, transaction by
transaction, under an identity made for it: the desk's branch, scopes and role, and a key nobody has. The desk's own
identity stays shut, and its numbers are not touched, so that whatever it still says is told from what was released.
What the centre has had from the desk before is not applied again; what it refuses is refused now as ever, and the
answer is kept with the decision.
"""

import json
import logging
from dataclasses import dataclass, replace
from typing import Any

from db.base import replicated_models
from sync.protocol.codec import load
from sync.protocol.codes import ErrorCode, Outcome
from sync.protocol.operations import chain
from sync.server.administration_log import Act, note
from sync.server.devices import Device, ensure_open, find_device, new_identity
from sync.server.push import POISON, Push, apply_within
from sync.server.store import Connection, Store

_log = logging.getLogger(__name__)
RELEASED, DROPPED = "released", "dropped"
MOST_AT_ONCE = 2_000
"""Operations in one decision; whoever decides more asks again."""
_OPEN = (
    " FROM quarantined_operation q WHERE q.tenant_id = ? AND NOT EXISTS (SELECT 1 FROM quarantine_decision e"
    " WHERE e.tenant_id = q.tenant_id AND e.device_id = q.device_id AND e.n = q.n AND e.hash = q.hash)"
)
_HIDDEN = "•••"
_DECISION = ("tenant_id", "device_id", "n", "hash", "decision", "outcome", "at", "who")


@dataclass(frozen=True, slots=True)
class Kept:
    """One operation set aside."""

    device_id: str
    n: int
    hash: str
    reason: str
    received_at: int
    operation: dict[str, Any]


def count_open(store: Store, connection: Connection, tenant: str) -> dict[str, int]:
    """How many operations wait for a decision, by device."""
    rows = store.run(connection, f"SELECT q.device_id, count(*){_OPEN} GROUP BY q.device_id", (tenant,))
    return {row[0]: int(row[1]) for row in rows.fetchall()}


def list_open(
    store: Store, connection: Connection, tenant: str, *, device_id: str = "",
    after: tuple[str, int, str] = ("", 0, ""), limit: int,
) -> list[Kept]:  # fmt: skip
    """Operations that wait for a decision, of one device or of all, in the order of devices and numbers."""
    rows = store.run(
        connection,
        f"SELECT q.device_id, q.n, q.hash, q.reason, q.received_at, q.body{_OPEN} AND (? = '' OR q.device_id = ?)"
        " AND (q.device_id, q.n, q.hash) > (?, ?, ?) ORDER BY q.device_id, q.n, q.hash LIMIT ?",
        (tenant, device_id, device_id, *after, limit),
    )
    return [
        Kept(device_id, n, digest, reason, received_at, load(body.encode("utf-8")))
        for device_id, n, digest, reason, received_at, body in rows.fetchall()
    ]


def drop(store: Store, act: Act, device_id: str, keys: list[tuple[int, str]] | None, *, reason: str) -> int:
    """Let operations be for good: those named by number and hash, or all of a device (at most MOST_AT_ONCE)."""
    with store.write() as connection:
        ensure_open(store, connection, act.tenant)
        wanted = _wanted(store, connection, act.tenant, device_id, keys)
        _decide(store, connection, act, wanted, DROPPED, [""] * len(wanted))
        if wanted:
            note(
                store, connection, act, "quarantine_dropped", device_id, operations=len(wanted), reason=reason,
                first=wanted[0].n, last=wanted[-1].n,
            )  # fmt: skip
    return len(wanted)


def release(
    store: Store, act: Act, device_id: str, keys: list[tuple[int, str]] | None, *, reason: str
) -> dict[str, int]:  # fmt: skip
    """Apply operations: those named, with the rest of their transactions, or all of a device (at most MOST_AT_ONCE).

    Each transaction is applied and decided in one commit, so that an interruption leaves whole ones only. Returns
    how many were applied by outcome; "known" are those the centre has had before.
    """
    counts: dict[str, int] = {}
    with store.write() as connection:
        ensure_open(store, connection, act.tenant)
        wanted = _wanted(store, connection, act.tenant, device_id, keys, whole=True)
        known = find_device(store, connection, act.tenant, device_id, lock=True)
        if not wanted or known is None:
            return counts
        identity = new_identity(store, connection, known, now=act.at)
        note(
            store, connection, act, "quarantine_released", device_id, operations=len(wanted), reason=reason,
            first=wanted[0].n, last=wanted[-1].n, identity=identity.id,
        )  # fmt: skip
    for portion in _transactions(wanted):
        for outcome in _apply_portion(store, act, known, identity.id, portion):
            counts[outcome] = counts.get(outcome, 0) + 1
    return counts


def _wanted(
    store: Store, connection: Connection, tenant: str, device_id: str, keys: list[tuple[int, str]] | None, *,
    whole: bool = False,
) -> list[Kept]:  # fmt: skip
    """What of the named is still undecided, by number; with `whole` all of each transaction it is part of."""
    found = list_open(store, connection, tenant, device_id=device_id, limit=MOST_AT_ONCE)
    if keys is None:
        return found
    named = {(n, digest) for n, digest in keys}
    chosen = [one for one in found if (one.n, one.hash) in named]
    if not whole:
        return chosen
    together = {one.operation.get("txn") for one in chosen}
    return [one for one in found if one.operation.get("txn") in together]


def _transactions(wanted: list[Kept]) -> list[list[Kept]]:
    """The same, transaction by transaction; of two histories under one number the first that came counts first."""
    portions: list[list[Kept]] = []
    for one in wanted:
        if portions and portions[-1][-1].operation.get("txn") == one.operation.get("txn"):
            portions[-1].append(one)
        else:
            portions.append([one])
    return portions


def _apply_portion(store: Store, act: Act, origin: Device, identity: str, portion: list[Kept]) -> list[str]:
    """What became of each; what no database can hold is refused, as in a push."""
    try:
        return _applied(store, act, origin, identity, portion, unusable=False)
    except POISON:
        _log.exception("operations %s to %s of %s in quarantine", portion[0].n, portion[-1].n, origin.id)
        return _applied(store, act, origin, identity, portion, unusable=True)


def _applied(
    store: Store, act: Act, origin: Device, identity: str, portion: list[Kept], *, unusable: bool
) -> list[str]:  # fmt: skip
    with store.write() as connection:
        ensure_open(store, connection, act.tenant)
        still = _still_open(store, connection, act.tenant, portion)
        device = find_device(store, connection, act.tenant, identity, lock=True)
        if device is None or not still:
            return []
        fresh = [one for one in still if not _was_applied(store, connection, origin, one)]
        outcomes = {one.n: "known" for one in still}
        if fresh:
            push = _push_of(device, fresh)
            push = push.voided() if unusable else push
            answer = apply_within(store, connection, replace(device, revoked_at=None), push, now_ms=act.at // 1000)
            for one, result in zip(fresh, answer["results"], strict=True):
                said = result[1] if result[1] != Outcome.REJECTED else f"{result[1]} {result[4]}"
                outcomes[one.n] = str(said)
        _decide(store, connection, act, still, RELEASED, [outcomes[one.n] for one in still])
    return [outcomes[one.n].partition(" ")[0] for one in still]


def _still_open(store: Store, connection: Connection, tenant: str, portion: list[Kept]) -> list[Kept]:
    decided = {
        (row[0], row[1])
        for row in store.run(
            connection,
            "SELECT n, hash FROM quarantine_decision WHERE tenant_id = ? AND device_id = ? AND n BETWEEN ? AND ?",
            (tenant, portion[0].device_id, portion[0].n, portion[-1].n),
        ).fetchall()
    }
    return [one for one in portion if (one.n, one.hash) not in decided]


def _was_applied(store: Store, connection: Connection, origin: Device, one: Kept) -> bool:
    """Whether the centre had this very operation from the desk before it was shut out."""
    if one.n > origin.last_n:
        return False
    if one.n == origin.last_n:
        return one.hash == origin.last_hash
    known = store.run(
        connection, "SELECT hash FROM applied_operation WHERE tenant_id = ? AND device_id = ? AND n = ?",
        (origin.tenant, origin.id, one.n),
    ).scalar()  # fmt: skip
    if known is None:  # an answer that reached the desk is kept no longer
        return one.reason == ErrorCode.DEVICE_REVOKED
    return bool(known == one.hash)


def _push_of(device: Device, wanted: list[Kept]) -> Push:
    """The operations under the numbers of the identity that applies them."""
    digest, operations, hashes = device.last_hash, [], []
    for n, one in enumerate(wanted, start=device.last_n + 1):
        told = {**one.operation, "n": n}
        digest = chain(digest, n, told["txn"], told["kind"], told["table"], told["id"])
        operations.append(told)
        hashes.append(digest)
    return Push("", device.last_n, device.last_hash, operations, hashes)


def _decide(
    store: Store, connection: Connection, act: Act, wanted: list[Kept], decision: str, outcomes: list[str]
) -> None:  # fmt: skip
    store.insert_missing(
        connection, "quarantine_decision", _DECISION,
        [(act.tenant, one.device_id, one.n, one.hash, decision, outcome[:60], act.at, act.who[:80])
         for one, outcome in zip(wanted, outcomes, strict=True)],
    )  # fmt: skip


def fields_of(operation: dict[str, Any]) -> dict[str, Any]:
    """What an operation says, for somebody who looks at it: never longer than a screen can show, and nothing of what
    is personal but that it is there."""
    told, model = operation.get("fields"), replicated_models().get(str(operation.get("table")))
    if not isinstance(told, dict):
        return {}
    personal = frozenset() if model is None else model.__personal__
    return {
        str(name): _HIDDEN if name in personal and value else _short(value) for name, value in sorted(told.items())
    }


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}…"
