"""The centre's append-only log of sealed documents: one Merkle tree (RFC 9162) a dealer group.

An entry is added in the transaction in which the centre accepts a contract with a `sealed_digest` it has not seen
before. Whoever adds holds the row of `document_log` until the commit, after all other locks, so entries stand in the
order of commits, also with several instances on one PostgreSQL. Entries and the hashes of complete subtrees never
change: a reader that knows the size needs no lock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from db.ids import new_id
from sync.protocol.document_log import is_sealed_digest, leaf_of
from sync.protocol.merkle import (
    Hash,
    Node,
    complete_nodes,
    consistency_ranges,
    growth,
    inclusion_ranges,
    leaf_hash,
    needed_nodes,
    range_hash,
    root_hash,
)
from sync.server.store import Connection, Store

TABLE, FIELD = "contract", "sealed_digest"
"""Where sealed documents are found among the replicated records."""
_LOG = ("tenant_id", "log_id", "size", "last_at")
_ENTRY = ("tenant_id", "number", "digest", "at")
_HASH = ("tenant_id", "node", "hash")
_PORTION = 1_000
"""Entries looked through in one step."""


def node_number(node: Node) -> int:
    """A subtree's number as it is stored: its place in the tree read from left to right, leaves at even numbers."""
    level, place = node
    return ((2 * place + 1) << level) - 1


# --- adding ------------------------------------------------------------------------------------------


def enter(store: Store, connection: Connection, *, tenant: str, digests: Iterable[Any], now: int) -> int:
    """Add those of these digests that are not in the log; tells how many. In the caller's transaction, as its last
    lock. `now` in microseconds; no entry is earlier than the one before it."""
    wanted = [digest for digest in dict.fromkeys(digests) if is_sealed_digest(digest)]
    if not _missing(store, connection, tenant, wanted):
        return 0
    size, last_at = open_log(store, connection, tenant)
    missing = _missing(store, connection, tenant, wanted)  # another one may have added it before the lock was ours
    if not missing:
        return 0
    at = max(now, last_at)
    known = read_nodes(store, connection, tenant, complete_nodes(0, size))
    made = growth(size, [leaf_hash(leaf_of(digest, at)) for digest in missing], known)
    entries = [(tenant, number, digest, at) for number, digest in enumerate(missing, start=size)]
    store.insert_many(connection, "document_log_entry", _ENTRY, entries)
    hashes = [(tenant, node_number(node), digest.hex()) for node, digest in made.items()]
    store.insert_many(connection, "document_log_hash", _HASH, hashes)
    store.run(
        connection, "UPDATE document_log SET size = ?, last_at = ? WHERE tenant_id = ?",
        (size + len(missing), at, tenant),
    )  # fmt: skip
    return len(missing)


def open_log(store: Store, connection: Connection, tenant: str) -> tuple[int, int]:
    """Lock the group's log, which is made where there is none; its size and the time of its last entry."""
    store.insert_missing(connection, "document_log", _LOG, [(tenant, new_id(), 0, 0)])
    found = store.run(
        connection, f"SELECT size, last_at FROM document_log WHERE tenant_id = ?{store.lock}", (tenant,)
    ).first()
    return int(found[0]), int(found[1])


def _missing(store: Store, connection: Connection, tenant: str, digests: Sequence[str]) -> list[str]:
    known = {digest for digest, _, _ in _entries(store, connection, tenant, digests)}
    return [digest for digest in digests if digest not in known]


# --- reading -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LogState:
    """A group's log as it stands, and the epoch the centre is in."""

    log: str
    epoch: str
    size: int
    last_at: int


@dataclass(frozen=True, slots=True)
class Proofs:
    """What a desk is told of one state: hashes in hex. `consistency` is None where the log was never so small."""

    root: str
    consistency: list[str] | None
    entries: dict[str, dict[str, Any]]
    unknown: list[str]


def read_state(store: Store, connection: Connection, tenant: str) -> LogState | None:
    """None where the group has no log yet."""
    row = store.run(
        connection,
        "SELECT l.log_id, t.epoch, l.size, l.last_at FROM document_log l JOIN tenant t ON t.tenant_id = l.tenant_id"
        " WHERE l.tenant_id = ?",
        (tenant,),
    ).first()
    return None if row is None else LogState(str(row[0]), str(row[1]), int(row[2]), int(row[3]))


def prove(
    store: Store, connection: Connection, tenant: str, *, size: int, known: int, digests: Sequence[str]
) -> Proofs:
    """The root of the first `size` entries, that they begin with the first `known`, and where these digests stand."""
    found = {
        digest: (number, at)
        for digest, number, at in _entries(store, connection, tenant, digests) if number < size
    }  # fmt: skip
    paths = {digest: inclusion_ranges(number, size) for digest, (number, _) in found.items()}
    continues = consistency_ranges(known, size) if known <= size else None
    ranges = {(0, size), *(continues or ()), *(one for path in paths.values() for one in path)}
    nodes = read_nodes(store, connection, tenant, needed_nodes(ranges))
    hashes = {one: range_hash(one, nodes).hex() for one in ranges}
    return Proofs(
        root=root_hash(size, nodes).hex(),
        consistency=None if continues is None else [hashes[one] for one in continues],
        entries={
            digest: {"index": number, "at": at, "path": [hashes[one] for one in paths[digest]]}
            for digest, (number, at) in sorted(found.items())
        },
        unknown=sorted(set(digests) - found.keys()),
    )


def read_nodes(store: Store, connection: Connection, tenant: str, nodes: Iterable[Node]) -> dict[Node, Hash]:
    """The hashes of these complete subtrees. Raises KeyError where one is missing."""
    wanted = set(nodes)
    found = _stored(store, connection, tenant, wanted)
    if len(found) != len(wanted):
        raise KeyError(f"the log of {tenant} lacks hashes: `check` says more")
    return found


def _stored(store: Store, connection: Connection, tenant: str, nodes: Iterable[Node]) -> dict[Node, Hash]:
    numbers = {node_number(node): node for node in nodes}
    rows = store.run(
        connection,
        f"SELECT node, hash FROM document_log_hash WHERE tenant_id = ? AND {store.any_of('node')}",
        (tenant, store.listed(sorted(numbers))),
    )
    return {numbers[int(number)]: bytes.fromhex(digest) for number, digest in rows.fetchall()}


def _entries(
    store: Store, connection: Connection, tenant: str, digests: Sequence[str]
) -> list[tuple[str, int, int]]:  # fmt: skip
    rows = store.run(
        connection,
        f"SELECT digest, number, at FROM document_log_entry WHERE tenant_id = ? AND {store.any_of('digest')}",
        (tenant, store.listed(digests)),
    )
    return [(str(digest), int(number), int(at)) for digest, number, at in rows.fetchall()]


# --- looking it through ------------------------------------------------------------------------------


def wrong_hashes(store: Store, tenant: str) -> int:
    """How many stored hashes are not those of the entries, missing or too many; makes the whole tree anew, in
    portions."""
    wrong = size = 0
    peaks: dict[Node, Hash] = {}
    with store.snapshot() as connection:
        while True:
            rows = store.run(
                connection,
                "SELECT digest, at FROM document_log_entry WHERE tenant_id = ? AND number >= ? ORDER BY number"
                f" LIMIT {_PORTION}",
                (tenant, size),
            ).fetchall()
            made = growth(size, [leaf_hash(leaf_of(digest, at)) for digest, at in rows], peaks)
            stored = _stored(store, connection, tenant, made)
            wrong += sum(stored.get(node) != digest for node, digest in made.items())
            size += len(rows)
            peaks = {node: (made if node in made else peaks)[node] for node in complete_nodes(0, size)}
            if len(rows) < _PORTION:
                break
        count = store.run(connection, "SELECT count(*) FROM document_log_hash WHERE tenant_id = ?", (tenant,)).scalar()
    return wrong + max(0, int(count) - (2 * size - size.bit_count()))
