"""A desk of the machine: a real encrypted database and the real engine on a simulated line, with its own clock."""

import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.kernel.clock import FixedClock
from app.kernel.commands import Command
from app.kernel.dispatcher import Dispatcher
from app.kernel.errors import DomainError
from app.kernel.permissions import Role
from app.leases.queries import lease_of
from db.engine import Database
from sync.client.credentials import Credentials, KeptCredentials
from sync.client.engine import SyncEngine
from sync.client.enrolment import enrol
from sync.client.errors import SyncProblem
from sync.client.exchange import Moved
from sync.protocol.upcasting import STEPS
from sync.protocol.versions import SCHEMA_VERSION
from tests.factories.databases import KEY
from tests.factories.people import HANGZHOU, SHANGHAI, BranchFixture
from tests.sync.desks import Desk
from tests.sync.machine.network import DeskDied, Fault, Line, Network, SimulatedTransport

PAGE_ROWS, BATCH_OPERATIONS = 9, 12
_REPEATED = STEPS[-1].repeated[0].fields
"""What the version before did not write into orders."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What lies on a disk besides the database: who the desk is, and what the machine knows of its identities."""

    credentials: Credentials | None
    begins: tuple[tuple[str, tuple[int, str]], ...]


def _compile_once(database: Database) -> None:
    """Let all databases of this process share their compiled statements: hundreds are opened, and each would begin by
    compiling the same ones, for a quarter of the time."""
    for at, engine in enumerate((database._writer, database._readers, database._first_reader)):
        known = _COMPILED.setdefault(at, engine)
        engine._compiled_cache, engine.dialect = known._compiled_cache, known.dialect


_COMPILED: dict[int, Any] = {}


class WatchedDesk(Desk):
    """A desk that is looked at with plain SQL between all steps: on a connection of its own, without the object layer,
    whose beginnings and ends would be most of the time of such a look."""

    @property
    def looking(self) -> Any:
        """The driver's connection; every statement sees the last commit. One nobody else uses here: no page asks."""
        lent = self.database._first_reader.raw_connection()
        connection = lent.driver_connection
        lent.close()
        return connection

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return list(self.looking.execute(sql, values))

    def row(self, table: str, record_id: str) -> dict[str, Any]:
        found = self.looking.execute(f"SELECT * FROM {table} WHERE id = ?", (record_id,))
        values = found.fetchone()
        return {} if values is None else dict(zip((one[0] for one in found.description), values, strict=True))


class Station:
    """One desk and its way to the centre. `skew` is how far its clock is off the centre's."""

    def __init__(
        self, name: str, branch: BranchFixture, path: Path, network: Network, *, kept: Kept, scopes: Any
    ) -> None:
        self.name, self.branch, self.path, self.network, self.scopes = name, branch, path, network, scopes
        self.code = name
        """What the desk is called in its branch."""
        self.is_old = False
        """Whether its program speaks the schema version before."""
        self.skew = timedelta()
        self.line = Line()
        self.backup: tuple[Path, Kept] | None = None
        self._credentials = KeptCredentials(kept.credentials)
        self.transport = SimulatedTransport(network, self.line, self._credentials)
        self.transport.begins.update(kept.begins)
        self._open()

    def _open(self) -> None:
        clock = FixedClock(self._time())
        database = Database(self.path, KEY, readers=1)
        _compile_once(database)
        engine = SyncEngine(
            database, self.transport, clock=clock, page_rows=PAGE_ROWS, batch_operations=BATCH_OPERATIONS,
            on_moved=self._moved,
        )  # fmt: skip
        self.desk = WatchedDesk(self.code, database, engine, clock, self.branch, [], [])

    def _moved(self, to: Moved) -> None:
        """The centre says that this desk belongs elsewhere: whoever works at it signs in there."""
        self.branch = self.desk.branch = SHANGHAI if to.branch_id == SHANGHAI.id else HANGZHOU
        self.code = self.desk.name = to.desk_code

    def _time(self) -> datetime:
        return datetime.fromtimestamp(self.network.centre.now_ms / 1000, UTC) + self.skew

    def set_clock(self) -> None:
        """The desk's clock shows the centre's time, as far off as it is."""
        self.desk.clock.instant = self._time()

    def kept(self) -> Kept:
        """Everything a copy of the disk has besides the database."""
        return Kept(self._credentials.load(), tuple(self.transport.begins.items()))

    # --- people ---------------------------------------------------------------------------------

    def run(self, command: Command, role: Role = Role.BRANCH_MANAGER) -> Any:
        """Give a command; what the desk itself refuses is not done and gives None."""
        self.set_clock()
        value = None
        with suppress(DomainError):
            value = Dispatcher(self.desk.database, clock=self.desk.clock).execute(command, self.desk.actor(role)).value
        self._write_as_before()
        return value

    def do(self, work: Any) -> Any:
        """Run a test's own writing; what the desk refuses is not done."""
        self.set_clock()
        value = None
        with suppress(DomainError):
            value = work(self.desk)
        self._write_as_before()
        return value

    def _write_as_before(self) -> None:
        """What an old program writes: its orders do not repeat their vehicles, and its operations say their version."""
        if not self.is_old:
            return
        with self.desk.database.exclusive() as connection:
            waiting = "n > (SELECT acknowledged_n FROM desk_state) AND json_extract(body, '$.v') = ?"
            connection.exec_driver_sql(
                f"UPDATE sales_order SET {', '.join(f'{name} = NULL' for name in _REPEATED)} WHERE ver = 0 AND id IN"
                f" (SELECT record_id FROM outbox_operation WHERE {waiting} AND table_name = 'sales_order')",
                (SCHEMA_VERSION,),
            )
            fields = ", ".join(f"'$.fields.{name}'" for name in _REPEATED)
            connection.exec_driver_sql(
                "UPDATE outbox_operation SET body = json_set(CASE table_name WHEN 'sales_order' THEN"
                f" json_remove(body, {fields}) ELSE body END, '$.v', ?) WHERE {waiting}",
                (SCHEMA_VERSION - 1, SCHEMA_VERSION),
            )

    # --- vehicles secured -------------------------------------------------------------------------

    def secure(self, vin: str, *, hours: int, fault: Fault) -> None:
        """Ask the centre to keep a vehicle for this desk."""
        self.set_clock()
        self.line.begin(fault, 1)
        try:
            self.desk.engine.leases.secure([vin], hours=hours, by="")
        except SyncProblem:
            return
        except DeskDied:
            self.reopen()
        finally:
            self.line.begin(Fault.NONE, 0)

    def may_sell_bindingly(self, unit_id: str) -> str:
        """The VIN, where this desk counts on a lease of that vehicle now; else nothing."""
        vins = self.ids("SELECT vin FROM vehicle_lease WHERE vehicle_id = ?", unit_id)
        if not vins:
            return ""
        self.set_clock()
        with self.desk.database.read() as session:
            lease = lease_of(session, vins[0], now=self.desk.clock.now())
        return vins[0] if lease is not None and lease.counts else ""

    def ids(self, statement: str, *values: Any) -> list[str]:
        """The first column of rows of this desk's database."""
        return [row[0] for row in self.desk.rows(statement, *values)]

    # --- exchanges ------------------------------------------------------------------------------

    def exchange(self, fault: Fault = Fault.NONE, at: int = 1) -> bool:
        """One exchange; tells whether it ended well. A desk that dies in it is opened again."""
        self.set_clock()
        self.line.begin(fault, at)
        try:
            self.desk.sync()
        except SyncProblem:
            return False
        except DeskDied:
            self.reopen()
            return False
        finally:
            self.line.begin(Fault.NONE, 0)
        self.desk.engine.keep_leases()
        self.desk.engine.keep_log()
        return True

    def join(self) -> None:
        """Enrol with a new code, as an administrator lets a desk in."""
        self.set_clock()
        # A desk that died when it heard that it was moved knows so, although nobody saw it say so.
        known = self.ids("SELECT branch_id FROM desk_state")
        branch = next((one for one in (SHANGHAI, HANGZHOU) if one.id in known), self.branch)
        code = self.network.centre.code(branch.code, self.code, scopes=self.scopes)
        enrol(self.desk.database, self.transport, code=code, now=self.desk.clock.now())

    @property
    def device_id(self) -> str:
        """The identity it speaks with."""
        known = self._credentials.load()
        return "" if known is None else known.device_id

    # --- the disk -------------------------------------------------------------------------------

    def reopen(self) -> None:
        """The program ends and starts again."""
        self.desk.database.close()
        self.transport.close()
        before = self.transport.begins
        self.transport = SimulatedTransport(self.network, self.line, self._credentials)
        self.transport.begins = before
        self._open()

    def save_backup(self, target: Path) -> None:
        """Copy the disk."""
        self.desk.database.backup_to(target)
        self.backup = (target, self.kept())

    def restore_backup(self) -> None:
        """The disk died; the last backup is put in its place."""
        assert self.backup is not None
        path, kept = self.backup
        self.desk.database.close()
        for end in ("-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)
        shutil.copyfile(path, self.path)
        if kept.credentials is not None:
            self._credentials.save(kept.credentials)
        self.transport.begins = dict(kept.begins)
        self.reopen()

    def close(self) -> None:
        self.transport.close()
        self.desk.database.close()
