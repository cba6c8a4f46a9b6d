"""Puts a SQLite database back as it was at a moment, from an archive; desks then send again what it lacks."""

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sync.server.backup.archiving import KEY_FILE
from sync.server.backup.contents_copy import copy_content
from sync.server.backup.log_file import apply_commits
from sync.server.backup.pieces import generations, read_base, read_pieces, unpack_base
from sync.server.backup.problems import ArchiveDamaged, NothingToRestore
from sync.server.invariants import Finding, check, tenants_in
from sync.server.sole_service import SoleService
from sync.server.store import Store
from sync.server.upkeep import start_epoch

FILE_NAME = "service.db"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: `at` is the moment of its last commit's piece, milliseconds since the epoch."""

    generation: str
    at: int
    pieces: int
    lacking_contents: int
    findings: list[Finding]


@dataclass(frozen=True, slots=True)
class Extent:
    """From when to when an archive can be gone back to, in milliseconds; and how much it holds."""

    first: int
    last: int
    generations: int
    pieces: int


def restore(archive: Path, data: Path, *, to: int | None = None, contents: Path | None = None) -> Restored:
    """Make `data/service.db` what the database was at `to` (milliseconds; the last there is without it).

    Every group begins a new epoch. Raises NothingToRestore, ArchiveDamaged, or ServiceElsewhere while a service works
    on the folder, even if its file was moved away; the database is untouched then.
    """
    target = data / FILE_NAME
    if target.exists():
        raise NothingToRestore(f"{target} is there; name an empty folder, or move it away")
    generation = _generation_at(archive, to)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with SoleService() as sole:
        sole.take(f"sqlite:///{target}")
        return _put_back(archive, generation, target, to, contents)


def _put_back(archive: Path, generation: Path, target: Path, to: int | None, contents: Path | None) -> Restored:
    data = target.parent
    plain = data / ".restoring.db"
    for leftover in data.glob(".restoring.db*"):
        leftover.unlink()
    at, pieces = _rebuild(generation, plain, to)
    store = Store(f"sqlite:///{plain}", pool=2)
    try:
        store.ensure_schema()
        lacking = _bring_contents(store, archive / "contents", contents)
        with store.read() as connection:
            tenants = tenants_in(store, connection)
        for tenant in tenants:
            start_epoch(store, tenant)
        findings = check(store)
    finally:
        store.close()
    if (generation / KEY_FILE).exists() and not (data / KEY_FILE).exists():
        shutil.copy2(generation / KEY_FILE, data / KEY_FILE)
    os.replace(plain, target)
    return Restored(generation.name, at, pieces, lacking, findings)


def verify(archive: Path) -> Extent:
    """Prove every base copy and every piece by its digest; raises ArchiveDamaged or NothingToRestore."""
    known = generations(archive)
    if not known:
        raise NothingToRestore(f"{archive} has no base copy")
    pieces, last = 0, 0
    for generation in known:
        plain = generation / ".verifying.db"
        try:
            last = max(last, unpack_base(generation, plain).at)
        finally:
            plain.unlink(missing_ok=True)
        for piece in read_pieces(generation):
            pieces, last = pieces + 1, max(last, piece.at)
    return Extent(read_base(known[0]).at, last, len(known), pieces)


def _generation_at(archive: Path, to: int | None) -> Path:
    known = [one for one in generations(archive) if to is None or read_base(one).at <= to]
    if not known:
        raise NothingToRestore(f"{archive} has no base copy of before that moment")
    return known[-1]


def _rebuild(generation: Path, plain: Path, to: int | None) -> tuple[int, int]:
    """The base with all pieces up to the moment; tells the last piece's time and how many there were."""
    base = unpack_base(generation, plain)
    at, count = base.at, 0
    for piece in read_pieces(generation):
        if to is not None and piece.at > to:
            break
        apply_commits(plain, piece.frames, base.page_size)
        at, count = piece.at, count + 1
    with closing(sqlite3.connect(plain)) as connection:
        said = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if said != "ok":
        raise ArchiveDamaged(f"{generation}: the rebuilt database is damaged: {said}")
    return at, count


def _bring_contents(store: Store, archived: Path, contents: Path | None) -> int:
    """Put files of contents back; those that are nowhere are forgotten, so that desks send them again."""
    if contents is None:
        return 0
    lacking = 0
    with store.write() as connection:
        rows = store.run(connection, "SELECT tenant_id, sha256, complete FROM content ORDER BY tenant_id, sha256")
        for tenant, sha256, complete in rows.fetchall():
            if complete:
                copy_content(archived, contents, tenant, sha256)
            if not complete or not (contents / tenant / sha256[:2] / sha256).exists():
                lacking += 1
                store.run(connection, "DELETE FROM content WHERE tenant_id = ? AND sha256 = ?", (tenant, sha256))
    return lacking
