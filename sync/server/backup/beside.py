"""Archiving beside the service's work; what it needs is imported only where it was asked for."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sync.server.databases import USUAL, Stores, by_name
from sync.server.settings import ServiceSettings
from sync.server.store import Store

if TYPE_CHECKING:
    from sync.server.backup.archiving import Archiver

_FURTHER = "databases"


def folders_in(archive: Path) -> dict[str, Path]:
    """The archives in a folder, by what to say before their lines: the usual database's, then those of further ones."""
    further = sorted((archive / _FURTHER).glob("*"))
    return {"": archive, **{f"{folder.name}: ": folder for folder in further}}


@contextmanager
def archiving(settings: ServiceSettings, stores: Stores) -> Iterator[None]:
    """Archive while the service runs, where it was asked for: the usual database into the folder, further SQLite files
    of `--tenants` each into one of its name in it; a PostgreSQL server archives its own log.

    Raises ArchiveInUse, and ValueError where the usual database is a server's.
    """
    if settings.archive is None:
        yield
        return
    known = by_name(stores)
    if known[USUAL].is_postgres:
        raise ValueError("--archive is for SQLite; PostgreSQL archives its own log: see `backup --settings`")
    with ExitStack() as stack:
        for name, store in known.items():
            if not store.is_postgres:
                folder = settings.archive if name == USUAL else settings.archive / _FURTHER / name
                stack.enter_context(_archiver(settings, store, folder))
        yield


def _archiver(settings: ServiceSettings, store: Store, archive: Path) -> "Archiver":
    from sync.server.backup.archiving import KEY_FILE, Archiver
    from sync.server.backup.contents_copy import ContentsCopy

    folder = settings.contents_folder
    copying = None if folder is None else ContentsCopy(store, folder, archive)
    return Archiver(
        Path(str(store.engine.url.database)), archive, contents=copying, keep_days=settings.archive_days,
        key_file=settings.data / KEY_FILE,
    )  # fmt: skip
