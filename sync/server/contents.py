"""Contents at the centre: who may send and fetch which, resumable, proved by their digest, each group for itself.

A content is known by its SHA-256. Whoever sends or fetches one names an attachment that has it: the row must have been
acknowledged, live in a scope of the desk, and name that digest and size. So nothing is taken that no row announced,
and a digest that somebody overheard opens nothing.
"""

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sync.protocol.codes import ErrorCode
from sync.protocol.limits import CONTENT_BYTES, CONTENT_PART
from sync.protocol.operations import is_identifier
from sync.server.databases import Stores
from sync.server.devices import Device, ensure_open
from sync.server.refusals import Refusal
from sync.server.store import Connection, Store

AT_ONCE = 4
"""More requests for contents than these wait outside: orders come first."""
TENANT_BYTES = 200 << 30
"""A group's contents may take so much room, unless the service is told otherwise."""
ORPHAN_DAYS = 30
_DAY = 24 * 3600 * 1_000_000
_RETRY_SECONDS = 2
_ATTACHMENT = "SELECT scope, deleted, body FROM replica_row WHERE tenant_id = ? AND table_name = 'attachment'"
_NAMED = (("sha256", "size"), ("thumb_sha256", "thumb_size"), ("icon_sha256", "icon_size"))
_READ_AHEAD = 1 << 20


@dataclass(frozen=True, slots=True)
class Standing:
    """How much of a content is here; `complete` once its digest was proved."""

    size: int
    received: int
    complete: bool

    def told(self) -> dict[str, Any]:
        """As it travels."""
        return {"size": self.size, "received": self.received, "complete": self.complete}


class Shelf(Protocol):
    """Where the bytes are. Writes happen inside the transaction that counts them."""

    def append(self, connection: Connection, *, tenant: str, sha256: str, start: int, body: bytes) -> None:
        """Keep bytes that begin at `start`; what an interrupted write left there is replaced."""

    def read(self, connection: Connection, *, tenant: str, sha256: str, start: int, size: int) -> bytes:
        """At most `size` bytes from `start` on."""

    def remove(self, connection: Connection, *, tenant: str, sha256: str) -> None:
        """Forget them."""


class DatabaseShelf:
    """The bytes in the service's own database: its backup has everything."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def append(self, connection: Connection, *, tenant: str, sha256: str, start: int, body: bytes) -> None:
        self._stores.of(tenant).run(
            connection,
            "INSERT INTO content_part (tenant_id, sha256, start, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (tenant_id, sha256, start) DO UPDATE SET body = excluded.body",
            (tenant, sha256, start, body),
        )

    def read(self, connection: Connection, *, tenant: str, sha256: str, start: int, size: int) -> bytes:
        rows = self._stores.of(tenant).run(
            connection,
            "SELECT start, body FROM content_part WHERE tenant_id = ? AND sha256 = ? AND start < ? AND start > ?"
            " ORDER BY start",
            (tenant, sha256, start + size, start - CONTENT_PART),
        )
        found = b"".join(bytes(body)[max(0, start - place) :] for place, body in rows)
        return found[:size]

    def remove(self, connection: Connection, *, tenant: str, sha256: str) -> None:
        self._stores.of(tenant).run(
            connection, "DELETE FROM content_part WHERE tenant_id = ? AND sha256 = ?", (tenant, sha256)
        )  # fmt: skip


class FolderShelf:
    """The bytes as files in a folder beside the database: it has to be backed up with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _place(self, tenant: str, sha256: str) -> Path:
        return self._folder / tenant / sha256[:2] / sha256

    def append(self, connection: Connection, *, tenant: str, sha256: str, start: int, body: bytes) -> None:
        place = self._place(tenant, sha256)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with place.open("r+b" if place.exists() else "xb") as stream:
            stream.truncate(start)
            stream.seek(start)
            stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())

    def read(self, connection: Connection, *, tenant: str, sha256: str, start: int, size: int) -> bytes:
        try:
            with self._place(tenant, sha256).open("rb") as stream:
                stream.seek(start)
                return stream.read(size)
        except FileNotFoundError:
            return b""

    def remove(self, connection: Connection, *, tenant: str, sha256: str) -> None:
        with suppress(FileNotFoundError):
            self._place(tenant, sha256).unlink()


class Contents:
    """What the endpoints call; on any thread. Raises Refusal."""

    def __init__(self, stores: Stores, *, folder: Path | None = None, tenant_bytes: int = TENANT_BYTES) -> None:
        self._stores = stores
        self._shelf: Shelf = DatabaseShelf(stores) if folder is None else FolderShelf(folder)
        self._tenant_bytes = tenant_bytes
        self._gate = threading.BoundedSemaphore(AT_ONCE)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One of the few requests at once; raises Refusal BUSY where there are enough."""
        if not self._gate.acquire(blocking=False):
            raise Refusal(ErrorCode.BUSY, retry_after=_RETRY_SECONDS)
        try:
            yield
        finally:
            self._gate.release()

    def standing(self, device: Device, sha256: str, attachment_id: str) -> Standing:
        """How much of it is here; raises CONTENT_DENIED."""
        with self._stores.of(device.tenant).read() as connection:
            size = self._announced(connection, device, sha256, attachment_id)
            known = self._known(connection, device.tenant, sha256)
        return known or Standing(size, 0, complete=False)

    def receive(
        self, device: Device, sha256: str, attachment_id: str, *, start: int, total: int, body: bytes, now: int
    ) -> Standing:  # fmt: skip
        """Take a part; a repeated one changes nothing. `now` in microseconds.

        Raises CONTENT_DENIED, CONTENT_OFFSET (with what was received), CONTENT_CORRUPT, CONTENT_FULL or TOO_LARGE.
        """
        tenant = device.tenant
        store = self._stores.of(tenant)
        with store.write() as connection:
            ensure_open(store, connection, tenant)
            size = self._announced(connection, device, sha256, attachment_id)
            if total != size or not body or start + len(body) > size:
                raise Refusal(ErrorCode.MALFORMED, field="range")
            if size > CONTENT_BYTES:
                raise Refusal(ErrorCode.TOO_LARGE, limit=CONTENT_BYTES)
            known = self._opened(connection, tenant, sha256, size, now)
            if known.complete or start + len(body) <= known.received:
                return known
            if start != known.received:
                raise Refusal(ErrorCode.CONTENT_OFFSET, received=known.received)
            self._shelf.append(connection, tenant=tenant, sha256=sha256, start=start, body=body)
            received = start + len(body)
            whole = received == size
            good = not whole or self._digest(connection, tenant, sha256, size) == sha256
            if not good:
                self._forget(connection, tenant, sha256)
            else:
                store.run(
                    connection,
                    "UPDATE content SET received = ?, complete = ?, changed_at = ? WHERE tenant_id = ? AND sha256 = ?",
                    (received, int(whole), now, tenant, sha256),
                )
        if not good:  # only now, so that what was forgotten stays forgotten
            raise Refusal(ErrorCode.CONTENT_CORRUPT)
        return Standing(size, received, complete=whole)

    def part(self, device: Device, sha256: str, attachment_id: str, *, start: int) -> tuple[bytes, int]:
        """Bytes from `start` on, at most one part, and the size of the whole.

        Raises CONTENT_DENIED, or CONTENT_UNKNOWN for what has not (or not wholly) arrived here.
        """
        with self._stores.of(device.tenant).read() as connection:
            size = self._announced(connection, device, sha256, attachment_id)
            known = self._known(connection, device.tenant, sha256)
            if known is None or not known.complete:
                raise Refusal(ErrorCode.CONTENT_UNKNOWN)
            if not 0 <= start < size:
                raise Refusal(ErrorCode.MALFORMED, field="range")
            body = self._shelf.read(
                connection, tenant=device.tenant, sha256=sha256, start=start, size=min(CONTENT_PART, size - start)
            )
        if not body:
            raise Refusal(ErrorCode.CONTENT_UNKNOWN)
        return body, size

    # --- inside ----------------------------------------------------------------------------------

    def _announced(self, connection: Connection, device: Device, sha256: str, attachment_id: str) -> int:
        """The size the attachment says this content has; raises CONTENT_DENIED where it says nothing of it."""
        if device.revoked_at is not None:
            raise Refusal(ErrorCode.DEVICE_REVOKED)
        if not is_identifier(attachment_id):
            raise Refusal(ErrorCode.MALFORMED, field="attachment")
        row = self._stores.of(device.tenant).run(
            connection, f"{_ATTACHMENT} AND record_id = ?", (device.tenant, attachment_id)
        ).first()  # fmt: skip
        if row is not None and not row[1] and device.may_use(row[0]):
            for digest, size in _contents_in(row[2]):
                if digest == sha256:
                    return size
        raise Refusal(ErrorCode.CONTENT_DENIED)

    def _known(self, connection: Connection, tenant: str, sha256: str, *, lock: bool = False) -> Standing | None:
        store = self._stores.of(tenant)
        row = store.run(
            connection,
            "SELECT size, received, complete FROM content WHERE tenant_id = ? AND sha256 = ?"
            + (store.lock if lock else ""),
            (tenant, sha256),
        ).first()
        return None if row is None else Standing(row[0], row[1], bool(row[2]))

    def _opened(self, connection: Connection, tenant: str, sha256: str, size: int, now: int) -> Standing:
        """The content's row, made if it is new, and locked: two desks may send the same picture."""
        known = self._known(connection, tenant, sha256, lock=True)
        if known is not None:
            return known
        store = self._stores.of(tenant)
        used = store.run(
            connection, "SELECT coalesce(sum(size), 0) FROM content WHERE tenant_id = ?", (tenant,)
        ).scalar()
        if used + size > self._tenant_bytes:
            raise Refusal(ErrorCode.CONTENT_FULL, limit=self._tenant_bytes)
        store.insert_missing(
            connection, "content", ("tenant_id", "sha256", "size", "received", "complete", "changed_at"),
            [(tenant, sha256, size, 0, 0, now)],
        )  # fmt: skip
        known = self._known(connection, tenant, sha256, lock=True)
        assert known is not None
        return known

    def _digest(self, connection: Connection, tenant: str, sha256: str, size: int) -> str:
        found = hashlib.sha256()
        for start in range(0, size, _READ_AHEAD):
            found.update(
                self._shelf.read(
                    connection, tenant=tenant, sha256=sha256, start=start, size=min(_READ_AHEAD, size - start)
                )
            )
        return found.hexdigest()

    def _forget(self, connection: Connection, tenant: str, sha256: str) -> None:
        self._shelf.remove(connection, tenant=tenant, sha256=sha256)
        self._stores.of(tenant).run(
            connection, "DELETE FROM content WHERE tenant_id = ? AND sha256 = ?", (tenant, sha256)
        )  # fmt: skip

    def drop_orphans(self, *, now: int) -> int:
        """Forget contents that no attachment has named for 30 days; tells how many. `now` in microseconds."""
        return sum(self._drop_orphans_in(store, now - ORPHAN_DAYS * _DAY) for store in self._stores.every())

    def _drop_orphans_in(self, store: Store, before: int) -> int:
        """A group after the other, each in a transaction of its own."""
        dropped = 0
        with store.read() as connection:
            tenants = store.run(connection, "SELECT tenant_id FROM tenant WHERE closed = '' ORDER BY tenant_id")
            named = [str(row[0]) for row in tenants.fetchall()]
        for tenant in named:
            if self._stores.of(tenant) is not store:
                continue
            with store.write() as connection:
                ensure_open(store, connection, tenant)
                old = store.run(
                    connection, "SELECT sha256 FROM content WHERE tenant_id = ? AND changed_at < ?", (tenant, before)
                ).fetchall()
                kept = self._named(connection, tenant) if old else set()
                for sha256 in (row[0] for row in old if row[0] not in kept):
                    self._forget(connection, tenant, sha256)
                    dropped += 1
        return dropped

    def _named(self, connection: Connection, tenant: str) -> set[str]:
        rows = self._stores.of(tenant).run(connection, f"{_ATTACHMENT} AND deleted = 0", (tenant,))
        return {digest for row in rows for digest, _size in _contents_in(row[2])}


def _contents_in(body: str) -> list[tuple[str, int]]:
    """Digests and sizes an attachment's fields name; a row of another version of the program may lack some."""
    fields = json.loads(body)
    found = [(fields.get(digest), fields.get(size)) for digest, size in _NAMED]
    return [(digest, size) for digest, size in found if digest and isinstance(size, int) and size > 0]
