"""backup, restore: copies of the database, and going back to a moment."""

import argparse
import time
from datetime import UTC, datetime
from pathlib import Path

from sync.server.commands.declaring import Subcommands, open_present
from sync.server.settings import ServiceSettings

_TIME_FORMS = "2026-11-22T19:30:00+08:00, 2026-11-22T11:30:00Z, or without a zone in this computer's time"


def add(to: Subcommands) -> None:
    backing = to.command("backup", _backup, help="copy the database, or see whether backups are in order")
    backing.add_argument("--archive", type=Path, metavar="DIR", help="the folder of the backups")
    backing.add_argument(
        "--check", action="store_true", help="copy nothing: prove what is there, and say what is not in order"
    )
    backing.add_argument(
        "--settings", action="store_true", help="print what PostgreSQL's configuration needs, and end"
    )
    backing.add_argument("--bin", type=Path, metavar="DIR", help="where PostgreSQL's programs are")
    restoring = to.command("restore", _restore, help="put the database back as it was at a moment, in a new folder")
    restoring.add_argument("--archive", type=Path, required=True, metavar="DIR", help="the folder of the backups")
    restoring.add_argument("--to", type=_moment, metavar="TIME", help=f"the moment (default: the last): {_TIME_FORMS}")
    restoring.add_argument("--verify", action="store_true", help="fail where afterwards something does not hold")
    restoring.add_argument(
        "--cluster", type=Path, metavar="DIR", help="PostgreSQL: the new, empty folder for the server's files"
    )
    restoring.add_argument("--contents", default="", metavar="DIR", help="as for serve")


def _moment(text: str) -> int:
    """Milliseconds since the epoch."""
    try:
        return int(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as {_TIME_FORMS}") from error


def shown(at: int) -> str:
    """A moment as people read it."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _backup(asked: argparse.Namespace, settings: ServiceSettings) -> int:
    from sync.server.backup import postgres

    if asked.archive is None:
        raise ValueError("--archive DIR says where the backups are")
    archive = asked.archive.resolve()
    if asked.settings:
        print(postgres.configuration(archive))
        return 0
    if settings.database and not settings.database.startswith("sqlite"):
        if asked.check:
            return _told(postgres.problems(settings.database, archive))
        print(f"base copy in {postgres.copy_base(settings.database, archive, programs=asked.bin)}")
        return 0
    return _check_archive(archive) if asked.check else _copy_once(settings, archive)


def _told(problems: list[str]) -> int:
    for problem in problems:
        print(problem)
    if not problems:
        print("backups are in order")
    return 1 if problems else 0


def _check_archive(archive: Path) -> int:
    from sync.server.backup.beside import folders_in
    from sync.server.backup.restoring import verify

    for name, folder in folders_in(archive).items():
        extent = verify(folder)
        print(
            f"{name}{extent.generations} base copies and {extent.pieces} pieces, all as they were written; any moment"
            f" from {shown(extent.first)} to {shown(extent.last)} can be gone back to"
        )
        late = int(time.time() - extent.last / 1000)
        print(f"{name}the last commit archived is {late} s old")
    return 0


def _copy_once(settings: ServiceSettings, archive: Path) -> int:
    """One base copy of a SQLite database, with its contents; the service may run meanwhile."""
    from dataclasses import replace

    from sync.server.backup.beside import archiving

    stores = open_present(settings)
    try:
        with archiving(replace(settings, archive=archive), stores):
            pass
    finally:
        stores.close()
    return _check_archive(archive)


def _restore(asked: argparse.Namespace, settings: ServiceSettings) -> int:
    archive = asked.archive.resolve()
    if asked.cluster is not None:
        from sync.server.backup import postgres

        print(postgres.prepare_cluster(archive, asked.cluster.resolve(), to=asked.to))
        return 0
    from sync.server.backup.restoring import restore

    done = restore(archive, settings.data, to=asked.to, contents=settings.contents_folder)
    print(
        f"{settings.data / 'service.db'} is as it was at {shown(done.at)} (base {done.generation}, {done.pieces}"
        " pieces); every desk sends again what it lacks"
    )
    if done.lacking_contents:
        print(f"{done.lacking_contents} pictures or documents are not in the archive; desks that have them send them")
    for finding in done.findings:
        print(f"{finding.count} {finding.what} ({finding.tenant}: {finding.example or finding.name})")
    return 1 if asked.verify and done.findings else 0
