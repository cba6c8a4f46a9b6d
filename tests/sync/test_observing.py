"""What the service tells those who run it: logs without secrets, whether it is ready, and metrics."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sync.protocol.versions import PROTOCOL_VERSION
from sync.server import schema
from sync.server.logs import _Json, _Text, note_request
from sync.server.settings import METRICS, ServiceSettings
from sync.server.status_endpoints import _LEAST_DISK_BYTES
from sync.server.store import open_store
from tests.sync.raw_device import RawDevice, new_order
from tests.sync.service_process import ServiceProcess


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServiceProcess, str]]:
    """A service with metrics, and where they are."""
    service = ServiceProcess(tmp_path_factory.mktemp("watched"), arguments=("--metrics", "127.0.0.1:0")).start()
    line = service.further_line()
    assert line.startswith(METRICS)
    yield service, line.removeprefix(METRICS).strip()
    service.stop()


def _lines(service: ServiceProcess) -> list[dict[str, object]]:
    return [json.loads(line) for line in service.log().splitlines()]


def _told(service: ServiceProcess, request_id: str) -> dict[str, object]:
    return next(line for line in _lines(service) if line.get("request_id") == request_id)


def test_a_request_is_one_line_with_its_id_and_no_secrets(watched: tuple[ServiceProcess, str]) -> None:
    service, _ = watched
    device = RawDevice(service.url, service.enrol())
    message = device.message([device.put(name="Lin Secret", phone="13800001111") for _ in range(3)])
    headers = {**device.headers, "x-request-id": "observed-0001"}
    assert device.http.post("/v1/push", json=message, headers=headers).headers["x-request-id"] == "observed-0001"
    refused = device.http.post("/v1/pull", json={"cursors": 5}, headers={**headers, "x-request-id": "observed-0002"})
    assert refused.json()["request_id"] == "observed-0002"
    line = _told(service, "observed-0001")
    assert line["endpoint"] == "push" and line["status"] == 200 and line["rows"] == 3 and line["level"] == "info"
    assert (line["tenant"], line["device"]) == ("main", device.device_id)
    assert str(line["time"]).endswith("Z") and float(str(line["ms"])) > 0
    assert line["in"] == len(httpx.Request("POST", "http://x", json=message).content) and int(str(line["out"])) > 100
    bad = _told(service, "observed-0002")
    assert (bad["status"], bad["code"], bad["rows"]) == (400, "malformed", None)
    device.close()
    for secret in ("Lin Secret", "13800001111", device.token, device.identity["key"], "127.0.0.1"):
        assert secret not in service.log()


def test_lines_for_people_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    written = {}
    for form in (_Json(), _Text()):
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(form)
        log = logging.getLogger("forecourt.requests")
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        note_request({"request_id": "r" * 8, "endpoint": "push", "status": 500, "rows": None}, status=500)
        try:
            raise ValueError("what went wrong")
        except ValueError:
            log.exception("request %s", "r" * 8)
        log.removeHandler(handler)
        written[type(form).__name__] = stream.getvalue()
    first, second = (json.loads(line) for line in written["_Json"].splitlines())
    assert (first["level"], first["event"], first["endpoint"]) == ("error", "request", "push")
    assert "what went wrong" in second["trace"] and second["event"] == "request rrrrrrrr"
    assert " ERROR request request_id=rrrrrrrr endpoint=push status=500\n" in written["_Text"]


def test_metrics_tell_of_operations_claims_and_desks(watched: tuple[ServiceProcess, str]) -> None:
    service, place = watched
    first, second = RawDevice(service.url, service.enrol()), RawDevice(service.url, service.enrol(desk="D02"))
    vin = "LSVAA49J132047371"
    for device in (first, second):
        order = new_order(device)
        device.push(order, device.claim(vin, order["id"], txn=order["txn"]))
    first.push({**first.put(), "fields": []})
    with httpx.Client(base_url=service.url) as http:
        http.get("/v1/nowhere")
    told = httpx.get(place).text
    for line in (
        'forecourt_claims_total{result="won"} 1.0', 'forecourt_claims_total{result="lost"} 1.0',
        'forecourt_operations_total{outcome="conflict"} 1.0', 'forecourt_operations_total{outcome="rejected"} 1.0',
        'forecourt_requests_total{endpoint="unknown",status="404"} 1.0', 'forecourt_database_up{database="0"} 1.0',
        "forecourt_requests_in_hand 0.0", 'forecourt_conflicts_open{tenant="main"} 1.0',
    ):  # fmt: skip
        assert line in told, line
    assert 'forecourt_request_seconds_count{endpoint="push"}' in told and 'forecourt_epoch_info{' in told
    assert f'protocol="{PROTOCOL_VERSION}"' in told and f'database="{schema.HEAD}"' in told
    for line in ('forecourt_desks_seen{tenant="main"}', 'forecourt_desk_silent_seconds{tenant="main"}',
                 'forecourt_desk_lag_rows{tenant="main"}', "forecourt_pool_in_use"):  # fmt: skip
        assert line in told, line
    for device in (first, second):
        device.close()


def test_metrics_are_not_where_desks_go(watched: tuple[ServiceProcess, str]) -> None:
    service, place = watched
    assert httpx.get(f"{service.url}/metrics").status_code == 404
    assert place.startswith("http://127.0.0.1:")


def test_ready_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    from sync.server.contents import Contents
    from sync.server.stopping import STOPPING
    from sync.server.web import make_app

    store = open_store(ServiceSettings(data=tmp_path))
    app = make_app(store, contents=Contents(store))

    async def ask(name: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as http:
            return await http.get(f"/v1/{name}")

    def reason() -> object:
        answer = asyncio.run(ask("ready"))
        return (answer.status_code, answer.json().get("detail", {}).get("reason", answer.json().get("status")))

    assert reason() == (200, "ready")
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": _LEAST_DISK_BYTES - 1})())
    assert reason() == (503, "disk")
    with store.write() as connection:
        store.run(connection, "UPDATE alembic_version SET version_num = '0001'")
    assert reason() == (503, "schema")
    STOPPING.set()
    try:
        assert reason() == (503, "stopping")
        assert asyncio.run(ask("health")).status_code == 200
    finally:
        STOPPING.clear()
        store.close()
