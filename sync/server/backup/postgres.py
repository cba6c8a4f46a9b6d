"""Backups of a PostgreSQL server by its own means: base copies and its archived log, and back to a moment with them.

The archive's folder has `base/TIME/`, copies made by pg_basebackup, and `wal/`, to which the server itself copies its
log (`configuration` says how). Who started from a backup sees it by the server's timeline: see `origin`.
"""

import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sync.server.backup.pieces import generation_name
from sync.server.backup.problems import NothingToRestore, ToolFailed, ToolMissing
from sync.server.store import StoreUnavailable

_COPY_SECONDS = 24 * 3600
_OLDEST_COPY = timedelta(days=8)
_OLDEST_LOG = timedelta(minutes=10)
_NAME = "%Y%m%dT%H%M%S.%fZ"


def configuration(archive: Path) -> str:
    """Lines for postgresql.conf, after which the server has to be started again."""
    wal = archive / "wal"
    return "\n".join(
        (
            "wal_level = replica",
            "archive_mode = on",
            f"archive_command = '{_archive_command(wal)}'",
            "archive_timeout = 60  # seconds of commits that may be lost with the disk",
            f"# once, as the account of the server: mkdir -p '{wal}'",
        )
    )


def _archive_command(wal: Path) -> str:
    """Never over a file that is there; whole or not at all."""
    return f'test ! -f "{wal}/%f" && cp "%p" "{wal}/.%f" && sync "{wal}/.%f" && mv "{wal}/.%f" "{wal}/%f"'


def program(name: str, programs: Path | None) -> str:
    """The path of one of PostgreSQL's programs; raises ToolMissing."""
    found = shutil.which(name, path=None if programs is None else str(programs))
    if found is None and programs is None:
        installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
        found = str(installed[-1]) if installed else None
    if found is None:
        raise ToolMissing(
            f"PostgreSQL's program {name} is not here: install postgresql, or say with --bin where it is"
        )
    return found


def _run(*command: str) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_COPY_SECONDS, check=False,
            env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except OSError as error:
        raise ToolFailed(f"{command[0]}: {error}") from error
    if done.returncode:
        raise ToolFailed(f"{Path(command[0]).name}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def copy_base(url: str, archive: Path, *, programs: Path | None = None) -> Path:
    """A copy of the whole server while it works, proved file by file. The account needs the right REPLICATION."""
    base = archive / "base"
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = base / f".{os.getpid()}"
    shutil.rmtree(beside, ignore_errors=True)
    copying = program("pg_basebackup", programs)
    proving = program("pg_verifybackup", programs)
    _run(copying, "-d", url, "-D", str(beside), "--checkpoint=fast", "-X", "stream", "--no-password")
    _run(proving, "-q", str(beside))
    # It is good for every moment after its end.
    ready = base / generation_name(int(datetime.now(UTC).timestamp() * 1000) + 1)
    beside.rename(ready)
    return ready


def copies(archive: Path) -> list[tuple[datetime, Path]]:
    """All base copies with the time of their end, the oldest first."""
    found = sorted((archive / "base").glob("2*Z"))
    return [(datetime.strptime(path.name, _NAME).replace(tzinfo=UTC), path) for path in found]


def problems(url: str, archive: Path, *, now: datetime | None = None) -> list[str]:
    """What keeps this server from being put back as it was a minute ago; empty when all is in order.

    Raises StoreUnavailable where the server does not answer.
    """
    import psycopg

    try:
        return _problems(url, archive, now=now)
    except psycopg.Error as error:
        raise StoreUnavailable(f"the server cannot be asked: {str(error).strip()}") from error


def _problems(url: str, archive: Path, *, now: datetime | None) -> list[str]:
    import psycopg

    moment = now or datetime.now(UTC)
    found = []
    with psycopg.connect(url, connect_timeout=10) as connection:
        settings: dict[str, str] = dict(
            connection.execute(
                "SELECT name, setting FROM pg_settings WHERE name IN ('archive_mode', 'wal_level', 'archive_command',"
                " 'archive_library', 'archive_timeout')"
            ).fetchall()
        )
        last, failed, last_failed = connection.execute(
            "SELECT last_archived_time, failed_count, last_failed_time FROM pg_stat_archiver"
        ).fetchone() or (None, 0, None)
    if settings.get("wal_level") == "minimal":
        found.append("wal_level is minimal: the log cannot be used for going back; set it to replica")
    if settings.get("archive_mode") == "off":
        found.append("archive_mode is off: nothing of the log is kept; see `backup --settings`")
    elif not settings.get("archive_command") and not settings.get("archive_library"):
        found.append("archive_command is empty: the log piles up at the server; see `backup --settings`")
    elif last is None or moment - last > _OLDEST_LOG:
        found.append(f"no part of the log was archived since {last or 'the start'}: look into the server's log")
    if settings.get("archive_timeout") == "0":
        found.append("archive_timeout is 0: on a quiet day hours of commits would go with the disk; set it to 60")
    if failed and last_failed is not None and (last is None or last_failed > last):
        found.append(f"archiving fails ({failed} times): look into the server's log")
    known = copies(archive)
    if not known:
        found.append(f"there is no base copy in {archive / 'base'}: run `backup`")
    elif moment - known[-1][0] > _OLDEST_COPY:
        found.append(f"the last base copy is of {known[-1][0]:%Y-%m-%d}: going back from it takes long; run `backup`")
    return found


def prepare_cluster(archive: Path, cluster: Path, *, to: int | None, programs: Path | None = None) -> str:
    """Lay out a server's folder that goes back to a moment (milliseconds) when it is started; tells what to do next.

    Run it as the server's account. Raises NothingToRestore.
    """
    if cluster.exists() and any(cluster.iterdir()):
        raise NothingToRestore(f"{cluster} is not empty")
    moment = None if to is None else datetime.fromtimestamp(to / 1000, UTC)
    fitting = [path for at, path in copies(archive) if moment is None or at <= moment]
    if not fitting:
        raise NothingToRestore(f"{archive / 'base'} has no copy that was finished before that moment")
    _run(program("pg_verifybackup", programs), "-q", str(fitting[-1]))
    shutil.copytree(fitting[-1], cluster, dirs_exist_ok=True)
    cluster.chmod(0o700)
    lines = [f"restore_command = 'cp \"{archive}/wal/%f\" \"%p\"'", "recovery_target_action = 'promote'"]
    if moment is not None:
        lines.append(f"recovery_target_time = '{moment:%Y-%m-%d %H:%M:%S.%f}+00'")
    with (cluster / "postgresql.auto.conf").open("a", encoding="utf-8") as stream:
        stream.write("\n" + "\n".join(lines) + "\n")
    (cluster / "recovery.signal").touch()
    return (
        f"{cluster} is ready, from the copy of {fitting[-1].name}. Start it: pg_ctl -D '{cluster}' start. Then start"
        " the service on it: it sees that this is a restored server, and every desk sends again what it lacks"
    )
