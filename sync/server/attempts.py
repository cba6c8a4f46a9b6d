"""Slows down guessing: so many wrong codes, keys or passwords in a minute.

Counted in the database, so that all workers and instances of a service share the count. Kept are digests of where
from and what for, for a day; they belong to no dealer group (`tenant_id` is empty), because a wrong code may name any.
"""

import hashlib

from sync.protocol.codes import ErrorCode
from sync.server.addresses import network_of
from sync.server.refusals import Refusal
from sync.server.store import Store

ATTEMPTS = 10
"""Wrong ones for one thing (a desk's key) from one address, or from one address where there is no such thing."""
ADDRESS_ATTEMPTS = 100
"""Wrong ones for different things from one address: one desk with an old key does not lock its branch out."""
WINDOW_SECONDS = 60
KEPT_SECONDS = 24 * 3600
_SECOND = 1_000_000
_COUNT = (
    "INSERT INTO failed_attempt (tenant_id, subject, begun_at, failed) VALUES ('', ?, ?, 1)"
    " ON CONFLICT (tenant_id, subject) DO UPDATE SET"
    " failed = CASE WHEN failed_attempt.begun_at <= ? THEN 1 ELSE failed_attempt.failed + 1 END,"
    " begun_at = CASE WHEN failed_attempt.begun_at <= ? THEN excluded.begun_at ELSE failed_attempt.begun_at END"
)


class Attempts:
    """Wrong ones, by address and by what was tried. `now` is in microseconds."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def check(self, endpoint: str, address: str, thing: str, *, now: int) -> None:
        """Raises Refusal TOO_MANY_ATTEMPTS; `thing` is what is being guessed, empty where it is the guess itself."""
        keys = _keys(endpoint, address, thing)
        with self._store.read() as connection:
            rows = self._store.run(
                connection,
                f"SELECT subject, begun_at, failed FROM failed_attempt WHERE tenant_id = '' AND"
                f" {self._store.any_of('subject')} AND begun_at > ?",
                (self._store.listed(keys), now - WINDOW_SECONDS * _SECOND),
            ).fetchall()
        full = [begun_at for subject, begun_at, failed in rows if failed >= keys[subject]]
        if full:
            left = max(full) + WINDOW_SECONDS * _SECOND - now
            raise Refusal(ErrorCode.TOO_MANY_ATTEMPTS, retry_after=max(1, min(-(-left // _SECOND), WINDOW_SECONDS)))

    def failed(self, endpoint: str, address: str, thing: str, *, now: int) -> None:
        """Count a wrong one."""
        before = now - WINDOW_SECONDS * _SECOND
        with self._store.write() as connection:
            for subject in sorted(_keys(endpoint, address, thing)):  # in one order: two of them wait, never for ever
                self._store.run(connection, _COUNT, (subject, now, before, before))


def forget(store: Store, *, now: int) -> int:
    """Drop what is older than a day; tells how many went. `now` in microseconds."""
    with store.write() as connection:
        before = now - KEPT_SECONDS * _SECOND
        return store.run(connection, "DELETE FROM failed_attempt WHERE begun_at <= ?", (before,)).rowcount


def _keys(endpoint: str, address: str, thing: str) -> dict[str, int]:
    """What is counted, with how many are allowed."""
    network = network_of(address)
    if not thing:
        return {_digest(endpoint, network): ATTEMPTS}
    return {_digest(endpoint, network): ADDRESS_ATTEMPTS, _digest(endpoint, network, thing): ATTEMPTS}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
