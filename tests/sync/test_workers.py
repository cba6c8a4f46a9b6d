"""Several workers, several instances, one database: sold once, numbered without gaps; and how a service ends."""

import os
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from sync.server.command_line import main
from sync.server.store import Store
from sync.server.upkeep import check
from tests.sync.postgres_cluster import Cluster
from tests.sync.raw_device import RawDevice, new_order, outcomes
from tests.sync.service_process import ServiceProcess

_DESKS = 6
_VINS = [f"LSVAA49J13204737{n}" for n in range(5)]
_KEY = "c2VydmljZS1rZXktb2YtdGhlLXRlc3RzLTAwMDAwMDA="
_PATIENCE = 30.0


class Instances:
    """Three workers and two more services by themselves, on one PostgreSQL."""

    def __init__(self, folder: Path, database: str) -> None:
        several = ("--workers", "3", "--metrics", "127.0.0.1:0")
        self.services = [
            ServiceProcess(folder / "several", database=database, arguments=several),
            ServiceProcess(folder / "first", database=database),
            ServiceProcess(folder / "second", database=database),
        ]
        self.database = database
        for service in self.services:
            service.start()
        self.metrics = self.services[0].further_line().partition(" at ")[2].strip()

    def stop(self) -> None:
        for service in self.services:
            service.stop()


@pytest.fixture(scope="module")
def instances(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instances]:
    patch = pytest.MonkeyPatch()
    patch.setenv("FORECOURT_SERVICE_KEY", _KEY)
    made = Instances(tmp_path_factory.mktemp("instances"), cluster.create_database())
    yield made
    made.stop()
    patch.undo()


def _workers(service: ServiceProcess) -> list[int]:
    """Processes that answer, of a service with several."""
    found = psutil.Process(service.pid).children(recursive=True)
    return [child.pid for child in found if any("spawn_main" in word for word in child.cmdline())]


def _sell(device: RawDevice, vins: list[str]) -> list[str]:
    """One order a vehicle, each a push; gives what became of each claim."""
    told = []
    for vin in vins:
        order = new_order(device)
        told.append(outcomes(device.push(order, device.claim(vin, order["id"], txn=order["txn"])))[1])
    return told


def test_a_vehicle_is_sold_once_whoever_answers(instances: Instances) -> None:
    code_giver = instances.services[0]
    devices = [
        RawDevice(instances.services[n % 3].url, code_giver.enrol(desk=f"D{n:02d}")) for n in range(_DESKS)
    ]
    for device in devices:
        for service in instances.services:  # a token given by one is good everywhere
            answer = httpx.post(f"{service.url}/v1/pull", json={"cursors": {}}, headers=device.headers)
            assert answer.status_code == 200
    with ThreadPoolExecutor(_DESKS) as pool:
        told = list(pool.map(lambda device: _sell(device, _VINS), devices))
    for place in range(len(_VINS)):
        results = [one[place] for one in told]
        assert results.count("accepted") == 1 and sum(one.startswith("conflict") for one in results) == _DESKS - 1
    rows = devices[0].pull_all()
    assert len({(row[0], row[4]) for row in rows}) == len(rows)
    numbers = sorted(row[7]["final_number"] for row in rows if row[7].get("final_number"))
    counted = [int(number.rpartition("-")[2]) for number in numbers]
    assert counted == list(range(1, len(_VINS) + 1))
    store = Store(instances.database)
    assert check(store) == []
    with store.read() as connection:
        for scope, head in store.run(connection, "SELECT scope, head FROM sync_scope").fetchall():
            seqs = {row[4] for row in rows if row[0] == scope}
            assert not seqs or max(seqs) == head
    store.close()
    for device in devices:
        device.close()


def test_all_workers_are_counted_together(instances: Instances) -> None:
    service = instances.services[0]

    def requests() -> float:
        told = httpx.get(instances.metrics).text.splitlines()
        line = 'forecourt_requests_total{endpoint="health",status="200"} '
        return sum(float(one.removeprefix(line)) for one in told if one.startswith(line))

    before = requests()
    for _ in range(30):
        assert httpx.get(f"{service.url}/v1/health").status_code == 200
    assert requests() - before == 30


def test_a_worker_that_dies_is_started_again(instances: Instances) -> None:
    service = instances.services[0]
    before = _workers(service)
    assert len(before) == 3
    os.kill(before[0], signal.SIGKILL)
    psutil.wait_procs([psutil.Process(before[0])] if psutil.pid_exists(before[0]) else [], timeout=_PATIENCE)
    for _ in range(10_000):  # each asks the others, who go on answering
        assert httpx.get(f"{service.url}/v1/health").status_code == 200
        now = _workers(service)
        if len(now) == 3 and before[0] not in now:
            break
    else:
        pytest.fail("no worker came in its place")
    assert set(before[1:]) <= set(now)


def test_workers_end_with_the_first_process(cluster: Cluster, tmp_path: Path) -> None:
    service = ServiceProcess(tmp_path, database=cluster.create_database(), arguments=("--workers", "2")).start()
    assert httpx.get(f"{service.url}/v1/ready").status_code == 200
    workers = [psutil.Process(pid) for pid in _workers(service)]
    assert len(workers) == 2
    service.kill()
    gone, alive = psutil.wait_procs(workers, timeout=_PATIENCE)
    assert alive == [] and len(gone) == 2


def test_sqlite_has_one_worker(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--workers", "2", "--data", str(tmp_path)]) == 1
    assert "several workers need PostgreSQL" in capsys.readouterr().err


# --- ending ------------------------------------------------------------------------------------------


def _half_a_push(device: RawDevice, message: Any) -> tuple[socket.socket, bytes]:
    """A connection on which a push has begun, and what is still to be sent."""
    request = device.http.build_request("POST", "/v1/push", json=message, headers=device.headers)
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    url = device.http.base_url
    connection = socket.create_connection((url.host, url.port or 0), timeout=_PATIENCE)
    middle = len(request.content) // 2
    connection.sendall(f"POST /v1/push HTTP/1.1\r\n{head}Expect: 100-continue\r\n\r\n".encode())
    assert b" 100 " in _until(connection, b"\r\n\r\n")  # it is in hand: the service waits for the body
    connection.sendall(request.content[:middle])
    return connection, request.content[middle:]


def _until(connection: socket.socket, end: bytes) -> bytes:
    told = b""
    while end not in told and (part := connection.recv(1 << 16)):
        told += part
    return told


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_in_hand_is_answered_before_the_end(cluster: Cluster, tmp_path: Path, workers: int) -> None:
    """First not ready, then nothing new, the push under way gets its answer, and it ends."""
    service = ServiceProcess(
        tmp_path, database=cluster.create_database(), arguments=("--workers", str(workers), "--drain-seconds", "600")
    ).start()
    device = RawDevice(service.url, service.enrol())
    connection, rest = _half_a_push(device, device.message([device.put(name="Lin")]))
    with httpx.Client(base_url=service.url) as http:
        assert http.get("/v1/ready").json() == {"status": "ready"}
        process = service.ask_to_stop()
        said: set[object] = set()
        while "stopping" not in said:  # every worker hears of it
            answer = httpx.get(f"{service.url}/v1/ready", timeout=_PATIENCE)
            said.add(answer.json().get("detail", {}).get("reason"))
        process.send_signal(signal.SIGTERM)  # told again: nothing new from now on
    with pytest.raises(httpx.TransportError):
        while True:
            httpx.get(f"{service.url}/v1/health", timeout=_PATIENCE)
    connection.sendall(rest)
    told = _until(connection, b'"rows":[]')
    connection.close()
    assert told.startswith(b"HTTP/1.1 200") and b'"applied":1' in told
    device.close()
    assert process.wait(_PATIENCE) in (0, -signal.SIGTERM)
    service.kill()
