"""`python -m benchmarks.exchange.ours DOCUMENTS FOLDER`: our side of the comparison, as one line of JSON.

Two desks (SQLCipher, synchronous=FULL, search index and all), the service in a process of its own on its SQLite
default, real HTTP.
"""

import itertools
import json
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from app.kernel.permissions import Role
from benchmarks.exchange.documents import Document, read_documents
from benchmarks.exchange.phases import Phases, phase
from db.engine import Database
from db.ids import new_id
from db.schema import ensure_desk, upgrade
from db.types import dump_json
from sync.client.credentials import KeptCredentials
from sync.client.engine import SyncEngine
from sync.client.enrolment import enrol
from sync.client.tables import PulledRow, plan_of
from sync.client.transport import HttpTransport
from sync.protocol.versions import SCHEMA_VERSION
from tests.factories.databases import KEY, build_template, open_copy
from tests.factories.people import SHANGHAI, actor_of, staff_of
from tests.sync.service_process import ServiceProcess

CHANGED = 100
SINGLE = 25
_PORTION = 2_000


def main(documents: Path, folder: Path) -> Phases:
    """Push, pull, 100 changed orders each way, and one order to the centre and to the other desk."""
    folder.mkdir(parents=True)
    template = build_template(folder / "template.db")
    first = open_copy(template, folder / "first.db")
    second = Database(folder / "second.db", KEY)
    upgrade(second)
    ensure_desk(second)
    with ServiceProcess(folder / "service") as service, joined(first, service, "D01") as sender:
        sender.sync_once()
        with joined(second, service, "D02") as receiver:
            receiver.sync_once()
            found = _exchange(sender, receiver, documents)
    first.close()
    second.close()
    return found


@contextmanager
def joined(database: Database, service: ServiceProcess, desk: str) -> Iterator[SyncEngine]:
    """The engine of a desk that is enrolled at the service."""
    transport = HttpTransport(service.url, KeptCredentials())
    enrol(database, transport, code=service.enrol("SH01", desk), now=datetime.now(UTC))
    try:
        yield SyncEngine(database, transport)
    finally:
        transport.close()


def _exchange(sender: SyncEngine, receiver: SyncEngine, documents: Path) -> Phases:
    found: Phases = {}
    written = write_orders(sender.database, read_documents(documents))
    with phase(found, "push"):
        sender.sync_once()
    with phase(found, "pull"):
        receiver.sync_once()
    arrived = _count(receiver.database)
    if arrived != written:
        raise RuntimeError(f"{arrived} of {written} orders arrived")
    ids = [record_id for record_id, _ in itertools.islice(read_documents(documents), 500 + SINGLE)]
    edit = _editor(sender.database)
    edit(ids[:CHANGED], "CHANGED")
    with phase(found, "push_changed"):
        sender.sync_once()
    with phase(found, "pull_changed"):
        receiver.sync_once()
    found["one_ms"] = statistics.median(_one(sender, receiver, edit, ids[500 + turn]) for turn in range(SINGLE))
    return found


def _one(sender: SyncEngine, receiver: SyncEngine, edit: Callable[[list[str], str], None], record_id: str) -> float:
    edit([record_id], f"TURN_{record_id[:6]}")
    found: Phases = {}
    with phase(found, "one"):
        sender.sync_once()
        receiver.sync_once()
    return found["one_ms"]


def _count(database: Database) -> int:
    with database.read() as session:
        return int(session.connection().exec_driver_sql("SELECT count(*) FROM sales_order").scalar_one())


def write_orders(database: Database, documents: Iterator[Document]) -> int:
    """Rows and operations as so many commands leave them, one transaction of the outbox each; tells how many."""
    written = 0
    while portion := list(itertools.islice(documents, _PORTION)):
        _write_portion(database, portion)
        written += len(portion)
    return written


def _write_portion(database: Database, documents: list[Document]) -> None:
    plan = plan_of("sales_order")
    assert plan is not None
    with database.exclusive() as connection:
        driver = connection.connection.driver_connection
        clock = driver.execute("SELECT hybrid_time FROM desk_state").fetchone()[0]
        rows, operations = [], []
        for record_id, fields in documents:
            at = fields["ordered_at"]
            rows.append(
                plan.values(PulledRow(SHANGHAI.id, "sales_order", record_id, 0, 0, at, at, fields, {"*": clock}))
            )
            txn = new_id()
            body = {
                "txn": txn, "v": SCHEMA_VERSION, "kind": "put", "table": "sales_order", "id": record_id,
                "scope": SHANGHAI.id, "base": 0, "fields": fields, "clock": clock, "at": at, "by": "", "new": True,
            }  # fmt: skip
            operations.append((txn, "put", "sales_order", record_id, dump_json(body), at))
        driver.executemany(plan.insert_sql, rows)
        driver.executemany(
            "INSERT INTO outbox_operation (txn_id, kind, table_name, record_id, body, created_at, state)"
            " VALUES (?, ?, ?, ?, ?, ?, 'pending')",
            operations,
        )


def _editor(database: Database) -> Callable[[list[str], str], None]:
    """Changes the state of orders through the captured session, as a handler would."""
    from db.capture import Author
    from db.models.orders import SalesOrder

    actor = actor_of(staff_of(Role.ADMINISTRATOR))
    author = Author(actor.staff_id, actor.branch_id, actor.desk_code)

    def edit(ids: list[str], state: str) -> None:
        with database.transaction(now=datetime.now(UTC), author=author) as transaction:
            for record_id in ids:
                transaction.session.get_one(SalesOrder, record_id).state = state
            transaction.commit(name="Benchmark")

    return edit


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
