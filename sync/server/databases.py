"""Which database a dealer group (tenant) lives in, where one service works on several.

A file says which databases there are, and which groups are not in the usual one:

    {"databases": {"north": "postgresql://user:password@host/name"}, "tenants": {"lotus": "north"}}

The file is where looking begins; the last word has the group's own row in `tenant`. A group that was moved leaves a row
behind that refuses everything and says where it went, so that an instance with yesterday's file follows instead of
writing to what nobody reads any more.
"""

import json
import logging
import os
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sync.server.settings import ServiceSettings
from sync.server.store import Store, open_store

USUAL = "default"
"""The name of the database given by `--database`."""
_NAME = re.compile(r"[0-9A-Za-z_-]{1,40}")
_LOOK_SECONDS = 5
_MOST_MOVES = 8
_log = logging.getLogger(__name__)


class Stores(Protocol):
    """Where each group's database is found: a `Store` (the same for all) or `Databases`."""

    def of(self, tenant: str) -> Store:
        """The database of a group; asked before anything of the group is read."""

    def every(self) -> list[Store]:
        """All databases of the service."""

    def look_again(self, tenant: str) -> bool:
        """Whether the group is elsewhere than `of` said until now; asked after a refusal."""

    def close(self) -> None:
        """Close every connection."""


@dataclass(frozen=True, slots=True)
class Directory:
    """The file's content: URLs by the name of a database, names by group."""

    databases: dict[str, str]
    tenants: dict[str, str]

    @classmethod
    def read(cls, file: Path) -> "Directory":
        """Raises ValueError with what is wrong in the file."""
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            databases, tenants = content.get("databases", {}), content.get("tenants", {})
        except (json.JSONDecodeError, AttributeError) as error:
            raise ValueError(f"{file}: no JSON object with databases and tenants: {error}") from error
        if not _all_texts(databases) or not _all_texts(tenants):
            raise ValueError(f"{file}: databases and tenants each name texts by texts")
        unusable = sorted(name for name in databases if not _NAME.fullmatch(name))
        if unusable:
            raise ValueError(f"{file}: {', '.join(unusable)}: a database is named by letters, digits, - and _")
        if USUAL in databases:
            raise ValueError(f"{file}: {USUAL} is the name of the database given by --database")
        unknown = sorted(set(tenants.values()) - {*databases, USUAL})
        if unknown:
            raise ValueError(f"{file}: no database is named {', '.join(unknown)}")
        return cls(databases, tenants)

    def write(self, file: Path) -> None:
        """Replace the file in one step; it holds passwords, so it is for its owner only."""
        beside = file.with_name(f".{file.name}.{os.getpid()}")
        content = {"databases": self.databases, "tenants": self.tenants}
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
            json.dump(content, stream, indent=2, sort_keys=True)
            stream.write("\n")
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, file)


def _all_texts(values: object) -> bool:
    return isinstance(values, dict) and all(isinstance(value, str) for value in values.values())


def open_stores(settings: ServiceSettings) -> Stores:
    """The database, or all of them where a file says which group is where."""
    usual = open_store(settings)
    if settings.tenants is None:
        return usual
    try:
        return Databases(usual, settings.tenants)
    except BaseException:
        usual.close()
        raise


def by_name(stores: Stores) -> dict[str, Store]:
    """The databases of a service by their names."""
    return stores.by_name() if isinstance(stores, Databases) else {USUAL: stores.every()[0]}


class Databases:
    """All databases of a service; threads share it. Each is opened, and brought to the present schema, at once."""

    def __init__(self, usual: Store, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._stores = {USUAL: usual}
        self._directory = Directory({}, {})
        self._places: dict[str, str] = {}
        self._stamp: tuple[int, int] | None = None
        self._looked_at = time.monotonic()
        self._read_file()

    def of(self, tenant: str) -> Store:
        if time.monotonic() - self._looked_at > _LOOK_SECONDS:
            self._looked_at = time.monotonic()
            self._read_file_if_changed()
        return self._stores[self._places.get(tenant, USUAL)]

    def named(self, name: str) -> Store:
        """The database of this name; raises ValueError."""
        if name not in self._stores:
            raise ValueError(f"{self._file} names no database {name}; it has {', '.join(sorted(self._stores))}")
        return self._stores[name]

    def by_name(self) -> dict[str, Store]:
        """All databases by their names; the usual one is among them."""
        return dict(self._stores)

    def place_of(self, tenant: str) -> str:
        """The name of a group's database."""
        return self._places.get(tenant, USUAL)

    def every(self) -> list[Store]:
        return list(self._stores.values())

    def look_again(self, tenant: str) -> bool:
        """Follow the marks a moved group left behind, from where the file says; tells whether that led elsewhere."""
        before = self.place_of(tenant)
        self._read_file_if_changed()
        place = self._directory.tenants.get(tenant, USUAL)
        for _ in range(_MOST_MOVES):
            further = moved_to(self._stores[place], tenant)
            if not further or further not in self._stores:
                break
            place = further
        with self._lock:
            self._places[tenant] = place
        if place != before:
            _log.warning("the group %s is in the database %s by now", tenant, place)
        return place != before

    def write_place(self, tenant: str, place: str) -> None:
        """Say in the file where a group is."""
        directory = Directory.read(self._file)
        directory.tenants[tenant] = place
        directory.write(self._file)
        self._read_file()

    def _read_file_if_changed(self) -> None:
        try:
            if self._stamp != _stamp_of(self._file):
                self._read_file()
        except (OSError, ValueError):
            _log.exception("going on with the tenants read before")

    def _read_file(self) -> None:
        stamp, directory = _stamp_of(self._file), Directory.read(self._file)
        with self._lock:
            for name, url in directory.databases.items():
                if name not in self._stores:
                    store = Store(url)
                    store.ensure_schema()
                    self._stores[name] = store
            self._places = dict(directory.tenants)
            self._directory, self._stamp = directory, stamp

    def close(self) -> None:
        for store in self._stores.values():
            store.close()


def moved_to(store: Store, tenant: str) -> str:
    """The name of the database a group was moved to from this one, empty where it was not."""
    with store.read() as connection:
        return str(
            store.run(
                connection, "SELECT moved_to FROM tenant WHERE tenant_id = ? AND closed = 'moved'", (tenant,)
            ).scalar()
            or ""
        )


def _stamp_of(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_mtime_ns, found.st_ino
