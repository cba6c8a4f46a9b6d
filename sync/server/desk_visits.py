"""What desks tell of themselves with each request, written down now and then: being asked should not have to write."""

import threading
import time
from collections.abc import Mapping
from typing import Any

from sync.protocol.versions import PROTOCOL_VERSION
from sync.server.databases import Stores
from sync.server.devices import Device, ensure_open
from sync.server.refusals import Refusal

_SECONDS = 300
_NOT_TOLD = -1
_PROGRAM = "Forecourt/"
_SOON = 60
"""Seconds after the last note from which on it is written down at once that a desk has nothing waiting any more."""
_LATER = ", ".join(
    f"{name} = CASE WHEN excluded.unsent_said_at > device_visit.unsent_said_at THEN excluded.{name}"
    f" ELSE device_visit.{name} END"
    for name in ("unsent", "oldest_unsent_at", "unsent_said_at")
)
"""Another worker may have heard of it later than this one."""


class DeskVisits:
    """Remembers the last visit of each desk, at most every five minutes, and at once when the program is another."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._lock = threading.Lock()
        self._noted: dict[tuple[str, str], tuple[float, str]] = {}
        self._ahead: dict[tuple[str, str], int] = {}
        self._schema: dict[tuple[str, str], int] = {}
        self._waiting: dict[tuple[str, str], tuple[int, int, int]] = {}
        """How much desks had waiting, since when, and when they said so."""

    def note(self, device: Device, headers: Mapping[str, str], *, now: int) -> None:
        """A desk was here. `now` in microseconds."""
        key, told = (device.tenant, device.id), headers.get("user-agent", "")
        known = self._noted.get(key)
        if known is not None and known[1] == told and time.monotonic() - known[0] < _SECONDS:
            return
        with self._lock:
            if self._noted.get(key) is not known:
                return
            self._noted[key] = (time.monotonic(), told)
        try:
            self._write(device, told, headers, now=now)
        except Refusal:  # the group moves to another database just now: the next visit tells the same
            self._noted.pop(key, None)

    def note_push(self, device: Device, *, ahead_ms: int, schema_version: int | None) -> None:
        """How far the desk's clock was ahead of the centre's at its last push, and which fields it wrote; stored with
        its next visit, at once where the clock was right before or the fields were others."""
        key = (device.tenant, device.id)
        known = self._schema.get(key)
        if (ahead_ms and not self._ahead.get(key)) or (schema_version or known) != known:
            self._noted.pop(key, None)
        if schema_version:
            self._schema[key] = schema_version
        if ahead_ms or key in self._ahead:
            self._ahead[key] = ahead_ms

    def note_waiting(self, device: Device, unsent: int, oldest_at: int, *, now: int) -> None:
        """How many operations the desk had not sent, the first made at `oldest_at`; stored with its next visit. That is
        its next request where it had none before, and soon where it has none any more. Instants in microseconds."""
        key = (device.tenant, device.id)
        before = self._waiting.get(key)
        self._waiting[key] = (unsent, oldest_at, now)
        had, noted = before is not None and before[0] > 0, self._noted.get(key)
        if had != (unsent > 0) and noted is not None and (unsent or time.monotonic() - noted[0] >= _SOON):
            self._noted.pop(key, None)

    def _write(self, device: Device, told: str, headers: Mapping[str, str], *, now: int) -> None:
        program, platform = described(told)
        version = headers.get("forecourt-protocol", "")
        store = self._stores.of(device.tenant)
        unsent, oldest_at, said_at = self._waiting.get((device.tenant, device.id), (_NOT_TOLD, 0, 0))
        values: dict[str, Any] = {
            "program": program, "platform": platform,
            "protocol": int(version) if version.isascii() and version.isdigit() and len(version) < 6
            else PROTOCOL_VERSION,
            "schema_version": self._schema.get((device.tenant, device.id), _NOT_TOLD), "unsent": unsent,
            "ahead_ms": self._ahead.get((device.tenant, device.id), 0), "seen_at": now,
            "oldest_unsent_at": oldest_at, "unsent_said_at": said_at,
        }  # fmt: skip
        columns = ", ".join(values)
        with store.write() as connection:
            ensure_open(store, connection, device.tenant)
            store.run(
                connection,
                f"INSERT INTO device_visit (tenant_id, device_id, {columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (tenant_id, device_id) DO UPDATE SET program = excluded.program, platform ="
                " excluded.platform, protocol = excluded.protocol, ahead_ms = excluded.ahead_ms, seen_at ="
                " excluded.seen_at, schema_version = CASE WHEN excluded.schema_version < 0 THEN"
                f" device_visit.schema_version ELSE excluded.schema_version END, {_LATER}",
                (device.tenant, device.id, *values.values()),
            )


def described(told: str) -> tuple[str, str]:
    """Program version and computer from `Forecourt/0.1.0 (Windows 11; AMD64)`; empty for what is something else."""
    plain = "".join(letter for letter in told if letter.isprintable())
    if not plain.startswith(_PROGRAM):
        return "", plain[:80]
    version, _, rest = plain[len(_PROGRAM) :].partition(" ")
    return version[:40], rest.strip("() ")[:80]
