"""Copies pictures and documents that lie in a folder into the archive: each once, proved by its name."""

import hashlib
import os
from pathlib import Path

from sync.server.invariants import tenants_in
from sync.server.store import Store

_BLOCK = 1 << 20
_SLACK = 60_000_000
"""Microseconds looked back: transactions of several desks do not commit in the order of their times."""


class ContentsCopy:
    """The complete contents of a folder; what is there already is not copied again."""

    def __init__(self, store: Store, folder: Path, archive: Path) -> None:
        self._store, self._folder, self._target = store, folder, archive / "contents"
        self._since = 0

    def copy_new(self) -> int:
        """Copy what became complete since the last time; tells how many files."""
        copied, latest = 0, self._since
        with self._store.read() as connection:
            tenants = tenants_in(self._store, connection)
        for tenant in tenants:
            with self._store.read() as connection:
                rows = self._store.run(
                    connection,
                    "SELECT sha256, changed_at FROM content WHERE tenant_id = ? AND changed_at >= ? AND complete = 1",
                    (tenant, self._since - _SLACK),
                ).fetchall()
            for sha256, changed_at in rows:
                copied += copy_content(self._folder, self._target, tenant, sha256)
                latest = max(latest, changed_at)
        self._since = latest
        return copied


def copy_content(source: Path, target: Path, tenant: str, sha256: str) -> bool:
    """Copy one content unless it is there; tells whether it was copied. What has another digest is left out."""
    there = target / tenant / sha256[:2] / sha256
    here = source / tenant / sha256[:2] / sha256
    if there.exists() or not here.exists():
        return False
    there.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside, digest = there.with_name(f".{sha256}"), hashlib.sha256()
    with here.open("rb") as reading, beside.open("wb") as writing:
        while block := reading.read(_BLOCK):
            digest.update(block)
            writing.write(block)
        writing.flush()
        os.fsync(writing.fileno())
    if digest.hexdigest() != sha256:
        beside.unlink()
        return False
    os.replace(beside, there)
    return True
