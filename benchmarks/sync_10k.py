"""10,000 orders from one encrypted desk to the centre and to another encrypted desk, against PouchDB.

Ours: two desks (SQLCipher, synchronous=FULL), the service in a process of its own on its SQLite default, real HTTP,
search index and all. The peer: PouchDB 9 on LevelDB replicating through express-pouchdb in batches of 1,000, the very
same documents. Both take turns; compared are medians of the rounds. The peer's packages are installed once into a cache
folder.
"""

import json
import os
import random
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from app.kernel.permissions import Role
from benchmarks.figures import Figure
from db.engine import Database
from db.ids import new_id
from db.schema import ensure_desk, upgrade
from db.types import dump_json
from sync.client.credentials import KeptCredentials
from sync.client.engine import SyncEngine
from sync.client.enrolment import enrol
from sync.client.tables import PulledRow, plan_of
from sync.client.transport import HttpTransport
from tests.factories.databases import KEY, build_template, open_copy
from tests.factories.people import SHANGHAI, actor_of, staff_of
from tests.sync.service_process import ServiceProcess

ORDERS = 10_000
CHANGED = 100
SINGLE = 25
ROUNDS = 3
BATCH = 1_000
GOAL = 4.0
GOAL_CHANGED_MS = 20.0
GOAL_ONE_MS = 10.0
_SEED = 20261122
_PEER = Path(__file__).resolve().parent / "peers" / "pouchdb"
_INSTALL_SECONDS = 300
_MEASURE_SECONDS = 300
_BIRTH = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
Measured = dict[str, float]


class NoPeer(RuntimeError):
    """The peer cannot run on this machine; says why."""


def run() -> list[Figure]:
    """Push, pull, 100 changed orders each way, and one order from its commit at one desk to its commit at the other."""
    with tempfile.TemporaryDirectory(prefix="forecourt-bench-") as name:
        folder = Path(name)
        documents = make_documents(ORDERS)
        peer, why = _prepared_peer(folder, documents)
        ours: list[Measured] = []
        theirs: list[Measured] = []
        for turn in range(ROUNDS):
            if peer is not None:
                theirs.append(peer(folder / f"peer{turn}"))
            ours.append(_measure_ours(folder / f"ours{turn}", documents))
    return _figures(_median(ours), _median(theirs) if theirs else None, why)


def make_documents(count: int) -> list[tuple[str, dict[str, Any]]]:
    """Orders as `(id, fields)`, about 490 bytes of JSON each, the same at every call."""
    dice = random.Random(_SEED)

    def identifier() -> str:
        return f"{dice.getrandbits(128):032x}"

    customers = [identifier() for _ in range(count // 20 + 1)]
    ids = sorted(identifier() for _ in range(count))
    return [
        (
            ids[number],
            {
                "branch_id": SHANGHAI.id, "number": f"SH01-D01-SO-{number:06d}",
                "state": dice.choice(["CONFIRMED", "DELIVERED", "DRAFT"]), "claim_state": "provisional",
                "customer_id": dice.choice(customers), "vehicle_unit_id": identifier(), "salesperson_id": identifier(),
                "make_id": identifier(), "currency": "CNY", "vehicle_price": dice.randrange(8_000_000, 50_000_000),
                "on_road_total": dice.randrange(8_000_000, 50_000_000),
                "unit_cost": dice.randrange(8_000_000, 50_000_000),
                "ordered_at": int(_BIRTH.timestamp()) * 1_000_000 + number, "cancel_reason": "",
            },
        )
        for number in range(count)
    ]  # fmt: skip


# -- ours


def _measure_ours(folder: Path, documents: list[tuple[str, dict[str, Any]]]) -> Measured:
    folder.mkdir()
    template = build_template(folder / "template.db")
    first = open_copy(template, folder / "first.db")
    second = Database(folder / "second.db", KEY)
    upgrade(second)
    ensure_desk(second)
    with ServiceProcess(folder / "service") as service, _engine(first, service, "D01") as sender:
        sender.sync_once()
        with _engine(second, service, "D02") as receiver:
            receiver.sync_once()
            found = _exchange(sender, receiver, documents)
    first.close()
    second.close()
    shutil.rmtree(folder)
    return found


@contextmanager
def _engine(database: Database, service: ServiceProcess, desk: str) -> Iterator[SyncEngine]:
    transport = HttpTransport(service.url, KeptCredentials())
    enrol(database, transport, code=service.enrol("SH01", desk), now=datetime.now(UTC))
    try:
        yield SyncEngine(database, transport)
    finally:
        transport.close()


def _exchange(sender: SyncEngine, receiver: SyncEngine, documents: list[tuple[str, dict[str, Any]]]) -> Measured:
    _write_orders(sender.database, documents)
    found = {"push_ms": _timed(sender.sync_once), "pull_ms": _timed(receiver.sync_once)}
    arrived = _count(receiver.database)
    if arrived != len(documents):
        raise RuntimeError(f"{arrived} of {len(documents)} orders arrived")
    edit = _editor(sender.database)
    edit([record_id for record_id, _ in documents[:CHANGED]], "CHANGED")
    found["push_changed_ms"] = _timed(sender.sync_once)
    found["pull_changed_ms"] = _timed(receiver.sync_once)
    single = []
    for turn in range(SINGLE):
        edit([documents[500 + turn][0]], f"TURN_{turn}")
        single.append(_timed(sender.sync_once) + _timed(receiver.sync_once))
    found["one_ms"] = statistics.median(single)
    return found


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _count(database: Database) -> int:
    with database.read() as session:
        return int(session.connection().exec_driver_sql("SELECT count(*) FROM sales_order").scalar_one())


def _write_orders(database: Database, documents: list[tuple[str, dict[str, Any]]]) -> None:
    """Rows and operations as 10,000 commands leave them, one transaction of the outbox each."""
    plan = plan_of("sales_order")
    assert plan is not None
    at = int(_BIRTH.timestamp()) * 1_000_000
    with database.exclusive() as connection:
        driver = connection.connection.driver_connection
        clock = driver.execute("SELECT hybrid_time FROM desk_state").fetchone()[0]
        rows, operations = [], []
        for record_id, fields in documents:
            row = PulledRow(SHANGHAI.id, "sales_order", record_id, 0, 0, at, at, fields, {"*": clock})
            rows.append(plan.values(row))
            txn = new_id()
            body = {
                "txn": txn, "v": 1, "kind": "put", "table": "sales_order", "id": record_id, "scope": SHANGHAI.id,
                "base": 0, "fields": fields, "clock": clock, "at": at, "by": "", "new": True,
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


# -- the peer


def _prepared_peer(
    folder: Path, documents: list[tuple[str, dict[str, Any]]]
) -> tuple[Callable[[Path], Measured] | None, str]:
    """How to measure the peer, or why it cannot be."""
    try:
        installed = _installed_peer()
    except NoPeer as missing:
        return None, str(missing)
    file = folder / "documents.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        for record_id, fields in documents:
            lines.write(dump_json({"_id": record_id, **fields}) + "\n")
    return lambda work: _measure_peer(installed, file, work), ""


def _installed_peer() -> Path:
    """The folder with the peer's packages, installed at the first use. Raises NoPeer."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NoPeer("not measured: node and npm are not installed")
    cache = user_cache_path("forecourt") / "benchmark-peers" / "pouchdb"
    cache.mkdir(parents=True, exist_ok=True)
    wanted = (_PEER / "package.json").read_text(encoding="utf-8")
    stamp = cache / "installed.json"
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        (cache / "package.json").write_text(wanted, encoding="utf-8")
        command = [npm, "install", "--silent", "--no-audit", "--no-fund"]
        try:
            done = subprocess.run(
                command, cwd=cache, capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise NoPeer("not measured: npm install took too long") from error
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise NoPeer(f"not measured: npm install failed: {' '.join(last)[:120]}")
        stamp.write_text(wanted, encoding="utf-8")
    shutil.copyfile(_PEER / "measure.js", cache / "measure.js")
    return cache


def _measure_peer(installed: Path, file: Path, work: Path) -> Measured:
    work.mkdir()
    done = subprocess.run(
        [str(shutil.which("node")), str(installed / "measure.js"), str(file), str(work), str(BATCH)],
        cwd=installed, capture_output=True, text=True, timeout=_MEASURE_SECONDS, check=False,
        env={**os.environ, "NODE_NO_WARNINGS": "1"},
    )  # fmt: skip
    shutil.rmtree(work, ignore_errors=True)
    if done.returncode:
        raise RuntimeError(f"the peer failed: {done.stderr[-400:]}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


# -- figures


def _median(rounds: list[Measured]) -> Measured:
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}


def _figures(ours: Measured, theirs: Measured | None, why: str) -> list[Figure]:
    return [
        _against("sync-10k push", "push_ms", ours, theirs, why),
        _against("sync-10k pull", "pull_ms", ours, theirs, why),
        _within("sync-10k push of 100 changed", "push_changed_ms", ours, theirs, why, limit=GOAL_CHANGED_MS),
        _within("sync-10k pull of 100 changed", "pull_changed_ms", ours, theirs, why, limit=GOAL_CHANGED_MS),
        _within("sync-10k one order to the other desk, p50", "one_ms", ours, theirs, why, limit=GOAL_ONE_MS),
    ]


def _peer_text(name: str, theirs: Measured | None, why: str) -> str:
    return why if theirs is None else f"PouchDB 9 + express-pouchdb, batch 1000: {theirs[name]:.0f} ms"


def _against(title: str, name: str, ours: Measured, theirs: Measured | None, why: str) -> Figure:
    """How many times the peer's rate, which is the goal."""
    ratio = None if theirs is None else theirs[name] / ours[name]
    return Figure(
        name=title, value=ours[name], unit="ms", peer=_peer_text(name, theirs, why), ratio=ratio,
        goal=f"≥ {GOAL:g} × its rate", holds=None if ratio is None else ratio >= GOAL,
    )  # fmt: skip


def _within(title: str, name: str, ours: Measured, theirs: Measured | None, why: str, *, limit: float) -> Figure:
    """A time of its own to keep; the ratio is told beside it."""
    return Figure(
        name=title, value=ours[name], unit="ms", peer=_peer_text(name, theirs, why),
        ratio=None if theirs is None else theirs[name] / ours[name], goal=f"≤ {limit:g} ms", holds=ours[name] <= limit,
    )  # fmt: skip
