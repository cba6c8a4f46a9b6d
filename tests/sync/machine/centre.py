"""The centre of the machine: the service's declared endpoints on a real database, with a clock that is told."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sync.protocol import codec
from sync.server.contents import Contents
from sync.server.desk_visits import DeskVisits
from sync.server.devices import DEFAULT_TENANT, authenticate, issue_token, list_devices, make_code, revoke
from sync.server.endpoint_list import ENDPOINTS
from sync.server.endpoints import Caller, Endpoint, Parts
from sync.server.leases import end_lease
from sync.server.scopes import change_scopes
from sync.server.store import Store
from sync.server.upkeep import CursorNotes, check, compact, prune, start_epoch

TENANT = DEFAULT_TENANT
DAY_MS = 24 * 3600 * 1000
_BY_NAME = {one.name: one for one in ENDPOINTS if one.work is not None or one.bound is not None}


class BreakingStore(Store):
    """A store whose next commit can be made to fail, as on a full disk or when the server is killed before it."""

    break_commits = False

    @contextmanager
    def write(self) -> Iterator[Any]:
        with super().write() as connection:
            yield connection
            if self.break_commits:
                raise sqlite3.OperationalError("database or disk is full")


class Centre:
    """`deliver` answers a request as the web layer would. `now_ms` is the centre's time."""

    def __init__(self, path: Path, *, now_ms: int) -> None:
        self.path, self.now_ms = path, now_ms
        self.pruned = False
        self.is_changed = True
        """Whether anything was done here since somebody last looked."""
        self._open()

    def _open(self) -> None:
        is_new = not self.path.exists()
        self.store = BreakingStore(f"sqlite:///{self.path}", pool=2)
        if is_new:
            self.store.ensure_schema()
        contents = Contents(self.store, folder=self.path.parent / "contents")
        self.parts = Parts(
            store=self.store, contents=contents, cursors=CursorNotes(self.store), visits=DeskVisits(self.store),
            clock_ms=lambda: self.now_ms,
        )  # fmt: skip
        self._works = {name: one.work_in(self.parts) for name, one in _BY_NAME.items()}
        self._heads: dict[str, int] = dict(self._all_heads())

    def deliver(self, name: str, body: bytes, token: str) -> dict[str, Any]:
        """One request; raises Refusal, StoreUnavailable. Proves that every place it gave was given once."""
        self.is_changed = True
        if name == "token":
            return issue_token(self.store, **codec.load(body), now=self.now_ms * 1000)
        endpoint: Endpoint = _BY_NAME[name]
        caller = None
        if endpoint.caller is Caller.DESK:
            caller = authenticate(self.store, f"Bearer {token}", now=self.now_ms * 1000)
        message = codec.load(body)
        if not endpoint.checked_by_work and endpoint.message is not None:
            message = endpoint.message.model_validate(message)
        try:
            answer = self._works[name](self.store, caller, message, now_ms=self.now_ms)
        finally:
            self._check_places()
        return codec.load(codec.dump(answer))  # type: ignore[no-any-return]

    def _all_heads(self) -> list[Any]:
        return self.rows("SELECT scope, head FROM sync_scope WHERE tenant_id = ?", TENANT)

    def _check_places(self) -> None:
        """Sequences are unique and none is skipped: a request fills every place by which it moved a head."""
        for scope, head in self._all_heads():
            before = self._heads.get(scope, 0)
            if head == before:
                continue
            given = self.rows(
                "SELECT seq FROM replica_row WHERE tenant_id = ? AND scope = ? AND seq > ? UNION ALL"
                " SELECT seq FROM scope_leave WHERE tenant_id = ? AND scope = ? AND seq > ? ORDER BY seq",
                TENANT, scope, before, TENANT, scope, before,
            )  # fmt: skip
            assert [row[0] for row in given] == list(range(before + 1, head + 1)), f"places of {scope}"
            self._heads[scope] = head

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read the database."""
        with self.store.read() as connection:
            return [tuple(row) for row in self.store.run(connection, statement, values)]

    def findings(self) -> list[Any]:
        """What the service's own check finds wrong."""
        return list(check(self.store))

    def code(self, branch_code: str, desk_code: str, *, scopes: Any) -> str:
        """A one-time code."""
        return make_code(
            self.store, tenant=TENANT, branch_code=branch_code, desk_code=desk_code, scopes=scopes,
            role="administrator", now=self.now_ms * 1000, seconds=600,
        )  # fmt: skip

    def revoke(self, device_id: str) -> None:
        """Shut a desk out."""
        self.is_changed = True
        revoke(self.store, TENANT, device_id, now=self.now_ms * 1000)
        self._check_places()

    def end_lease(self, vin: str) -> None:
        """Headquarters take a lease away."""
        self.is_changed = True
        end_lease(self.store, TENANT, vin, now=self.now_ms * 1000)
        self._check_places()

    def change_scopes(self, device_id: str, scopes: Any, **moved: str) -> frozenset[str]:
        """Give a desk other branches, perhaps another one of its own; tells what it lost. Raises ScopesRefused."""
        self.is_changed = True
        lost = change_scopes(self.store, TENANT, device_id, scopes, now=self.now_ms * 1000, **moved).lost
        self._check_places()
        return lost

    def devices(self) -> list[Any]:
        """All identities ever given."""
        return list_devices(self.store, TENANT)

    def copy_to(self, target: Path) -> None:
        """A backup, made while the service works."""
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)

    def restore(self, copy: Path, *, announced: bool) -> None:
        """Put an earlier copy back; unless `announced`, nobody tells the service that it is one."""
        self.is_changed = True
        self.store.close()
        for end in ("-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)
        shutil.copyfile(copy, self.path)
        self._open()
        if announced:
            start_epoch(self.store, TENANT)

    def compact(self) -> dict[str, int]:
        """Drop old tombstones."""
        self.is_changed = True
        return compact(self.store, TENANT, now=self.now_ms * 1000)

    def prune(self) -> None:
        """Drop answers that have arrived."""
        self.pruned = self.is_changed = True
        prune(self.store, now=self.now_ms * 1000)

    def close(self) -> None:
        self.store.close()
