"""Archiving beside the service's work; what it needs is imported only where it was asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sync.server.settings import ServiceSettings
from sync.server.store import Store


@contextmanager
def archiving(settings: ServiceSettings, store: Store) -> Iterator[None]:
    """Archive while the service runs, where it was asked for. Raises ArchiveInUse, ValueError for a server."""
    if settings.archive is None:
        yield
        return
    if store.is_postgres:
        raise ValueError("--archive is for SQLite; PostgreSQL archives its own log: see `backup --settings`")
    from sync.server.backup.archiving import KEY_FILE, Archiver
    from sync.server.backup.contents_copy import ContentsCopy

    folder = settings.contents_folder
    copying = None if folder is None else ContentsCopy(store, folder, settings.archive)
    with Archiver(
        Path(str(store.engine.url.database)), settings.archive, contents=copying, keep_days=settings.archive_days,
        key_file=settings.data / KEY_FILE,
    ):  # fmt: skip
        yield
