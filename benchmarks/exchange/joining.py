"""`python -m benchmarks.exchange.joining ORDERS FOLDER`: a new desk joins a branch with so many orders, by pages and by
snapshot, as one line of JSON.

Each way is taken by a process of its own, a new one each time: what one desk's memory grew to does not help the next.
The service is one process on its SQLite default. The first desk to ask has the snapshot built; later ones are served
from it.
"""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks.exchange.documents import make_documents
from benchmarks.exchange.ours import joined, write_orders
from benchmarks.exchange.phases import Phases, phase
from db.engine import Database
from db.schema import ensure_desk, upgrade
from sync.client.credentials import KeptCredentials
from sync.client.engine import SyncEngine
from sync.client.enrolment import enrol
from sync.client.transport import HttpTransport
from tests.factories.databases import KEY, build_template, open_copy
from tests.sync.service_process import ROOT, ServiceProcess

PAGES, BUILT, KEPT = "pages", "built", "kept"
"""By pages; by snapshot that the centre has yet to build; by one it has."""
_BY_PAGES, _BY_SNAPSHOT = 0, 1
_SECONDS = 900


def main(count: int, folder: Path) -> Phases:
    """What joining takes each way: the desk's figures of `phases`, and `WAY_service_cpu_ms`."""
    folder.mkdir(parents=True)
    first = open_copy(build_template(folder / "template.db"), folder / "first.db")
    with ServiceProcess(folder / "service") as service:
        with joined(first, service, "D01") as sender:
            sender.sync_once()
            write_orders(first, make_documents(count))
            sender.sync_once()
        first.close()
        found: Phases = {}
        for number, way in enumerate((PAGES, BUILT, KEPT), start=2):
            used = _used(service)
            found |= _in_a_process(service, way, folder / f"{way}.db", desk=f"D{number:02d}", count=count)
            found[f"{way}_service_cpu_ms"] = (_used(service) - used) * 1000
    return found


def _in_a_process(service: ServiceProcess, way: str, path: Path, *, desk: str, count: int) -> Phases:
    command = [sys.executable, "-m", "benchmarks.exchange.joining", "one", way, service.url, str(service.data),
               str(path), desk, str(count)]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def one(way: str, url: str, data: str, path: str, desk: str, count: str) -> Phases:
    """Join once, in this process: receive everything, and make it findable as quickly as ever."""
    database = Database(Path(path), KEY)
    upgrade(database)
    ensure_desk(database)
    service = ServiceProcess(Path(data))
    service.url = url
    found: Phases = {}
    transport = HttpTransport(url, KeptCredentials())
    enrol(database, transport, code=service.enrol("SH01", desk), now=datetime.now(UTC))
    engine = SyncEngine(database, transport, snapshot_rows=_BY_PAGES if way == PAGES else _BY_SNAPSHOT)
    with phase(found, way):
        engine.sync_once()
        engine.tidy_search()
    transport.close()
    with database.read() as session:
        arrived = session.connection().exec_driver_sql("SELECT count(*) FROM sales_order").scalar_one()
    database.close()
    if arrived != int(count):
        raise RuntimeError(f"{arrived} of {count} orders arrived")
    return found


def _used(service: ServiceProcess) -> float:
    """Processor seconds of the service so far."""
    time.sleep(0.1)  # what it still closes belongs to the way before
    taken = psutil.Process(service.pid).cpu_times()
    return float(taken.user + taken.system)


if __name__ == "__main__":
    told = one(*sys.argv[2:]) if sys.argv[1] == "one" else main(int(sys.argv[1]), Path(sys.argv[2]))
    print(json.dumps(told))
