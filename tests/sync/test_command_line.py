"""The service's commands, as an administrator gives them."""

import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sync.server.command_line import main
from sync.server.devices import ensure_tenant
from sync.server.settings import ServiceSettings
from sync.server.store import open_store
from tests.sync.service_process import ROOT, ServiceProcess


@pytest.fixture(autouse=True)
def logging_stays() -> Iterator[None]:
    """`serve` logs to standard error, which is not there any more after a test."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def _run(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> tuple[int, str]:
    status = main([*arguments, "--data", str(folder)])
    shown = capsys.readouterr()
    return status, (shown.out + shown.err).strip()


def test_codes_are_made_desks_are_listed_and_shut_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nothing = tmp_path / "nowhere"
    assert "there is no database" in _run(capsys, nothing, "check")[1] and not nothing.exists()
    open_store(ServiceSettings(data=tmp_path)).close()
    assert _run(capsys, tmp_path, "check") == (0, "no group has joined yet")
    status, code = _run(capsys, tmp_path, "enrol", "--branch", "SH01", "--desk", "D01", "--scopes", "*")
    assert status == 0 and len(code) == 14
    status, said = _run(capsys, tmp_path, "enrol", "--branch", "SH01", "--desk", "D01", "--scopes", "BJ07")
    assert (status, "BJ07" in said) == (1, True)
    status, said = _run(capsys, tmp_path, "enrol", "--branch", "sh 01", "--desk", "D01")
    assert (status, "capital letters" in said) == (1, True)
    with ServiceProcess(tmp_path) as service:
        enrolled = httpx.post(f"{service.url}/v1/enrol", json={"code": code, "branch_id": "b" * 32}).json()
        assert enrolled["branch_code"] == "SH01"
    device = enrolled["device_id"]
    assert _run(capsys, tmp_path, "devices")[1].startswith(f"{device}  SH01-D01  active  all")
    for asked in ("devices", "compact", "recount-digests", "reconcile", "check", "restored"):
        status, said = _run(capsys, tmp_path, asked, "--tenant", "lotos")
        assert (status, said) == (1, "forecourt service: no group lotos; known: main")
    assert _run(capsys, tmp_path, "enrol", "--branch", "A", "--desk", "B", "--hours", "0")[0] == 1
    assert "small letters" in _run(capsys, tmp_path, "enrol", "--branch", "A", "--desk", "B", "--tenant", "a.b")[1]
    assert _run(capsys, tmp_path, "revoke", device)[0] == 0
    assert _run(capsys, tmp_path, "revoke", device)[0] == 1
    assert "revoked" in _run(capsys, tmp_path, "devices")[1]
    store = open_store(ServiceSettings(data=tmp_path))
    change = "UPDATE tenant SET closed = ?, moved_to = ? WHERE tenant_id = 'main'"
    for closed, place, words in (("moved", "north", "moved to the database north"), ("moving", "", "try again soon")):
        with store.write() as connection:
            store.run(connection, change, (closed, place))
        status, said = _run(capsys, tmp_path, "enrol", "--branch", "SH01", "--desk", "D02")
        assert status == 1 and words in said
    with store.write() as connection:
        store.run(connection, change, ("", ""))
    store.close()
    assert _run(capsys, tmp_path, "check") == (0, "all is well")
    assert "0 tombstones" in _run(capsys, tmp_path, "compact")[1]
    assert _run(capsys, tmp_path, "restored")[1].startswith("main: epoch ")


def test_what_must_never_be_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = open_store(ServiceSettings(data=tmp_path))
    with store.write() as connection:
        ensure_tenant(store, connection, "main", now=1)
        store.insert_many(
            connection, "vehicle_claim",
            ("tenant_id", "vin", "kind", "holder_id", "scope", "vehicle_id", "number", "branch_id", "desk_code",
             "staff_id", "customer_id", "until", "at"),
            [("main", vin, "order", "o" * 32, "s", "v", "n", "b", "d", "", "", None, 1) for vin in ("VIN1", "VIN2")],
        )  # fmt: skip
    store.close()
    status, said = _run(capsys, tmp_path, "check")
    assert (status, said.startswith("1 orders that hold more than one vehicle")) == (1, True)


def test_the_service_ends_when_it_is_told_and_keeps_its_data_to_itself(tmp_path: Path) -> None:
    service = ServiceProcess(tmp_path / "data").start()
    assert httpx.get(f"{service.url}/v1/health").json()["status"] == "ok"
    if os.name != "nt":
        assert (tmp_path / "data").stat().st_mode & 0o077 == 0 or (tmp_path / "data" / "service.db").exists()
    assert service.stop() in (0, -signal.SIGTERM)
    assert not list((tmp_path / "data").glob("service.db-*")), "what it kept is in one file, which may be copied"


def test_a_taken_port_is_said_plainly(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "sync.server", "--port", port, "--data", str(tmp_path)],
            cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"forecourt service: cannot listen on 127.0.0.1 port {port}: ")
    assert "in use" in done.stderr


def test_half_a_certificate_and_a_newer_database_are_said_plainly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = _run(capsys, tmp_path, "--tls-cert", "c.pem")
    assert said == (1, "forecourt service: --tls-cert and --tls-key belong together")
    store = open_store(ServiceSettings(data=tmp_path))
    with store.write() as connection:
        store.run(connection, "UPDATE alembic_version SET version_num = '9999'")
    store.close()
    status, words = _run(capsys, tmp_path, "--port", "0")
    assert (status, "schema 9999" in words) == (1, True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--port", "99999"), "--port is a number"),
        (("--workers", "2"), "several workers need PostgreSQL"),
        (("--behind-proxy", "10.0.0.5,proxy"), "--behind-proxy takes addresses"),
        (("--behind-proxy", "*"), "name the proxies"),
        (("--root-path", "forecourt"), "/forecourt"),
        (("--public-url", "http://sign.example.cn"), "phones are never sent anywhere without TLS"),
        (("--public-url", "sign.example.cn"), "--public-url is an address such as https://"),
        (("--public-url", "https://sign.example.cn/?a=1"), "without a name, a query or anything after #"),
        (("--public-url", "https://sign.example.cn/#a"), "without a name, a query or anything after #"),
        (("--public-url", "https://me@sign.example.cn"), "without a name, a query or anything after #"),
        (("--public-url", "https://sign.example.cn:99999"), "--public-url is an address such as https://"),
        (("--public-url", "https://签.example.cn"), "--public-url is an address such as https://"),
        (("--public-url", "https://sign.example.cn/here"), "ends in /here, but --root-path says /"),
        (("--public-url", "https://" + "a" * 200 + ".example.cn"), "at most 200 characters"),
        (("--revocation-networks", "10.2.0.1/16"), "--revocation-networks takes networks"),
        (("--archive", "there", "--archive-days", "0"), "--archive-days is at least 1"),
        (("--tls-cert", "missing.pem", "--tls-key", "missing.key"), "--tls-cert: missing.pem: No such file"),
        (("--tls-cert", "pyproject.toml", "--tls-key", "pyproject.toml"), "cannot be used"),
        (("--database", "nonsense"), "a database is named like"),
        (("--database", "mysql://host/name"), "a database is named like"),
        (("--database", "postgresql://u:secret@127.0.0.1:1/name"), "u:***@127.0.0.1:1/name cannot"),
        (("--metrics", "127.0.0.1:99999"), "--metrics takes HOST:PORT"),
        (("--tenants", "missing.json"), "missing.json"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_said_in_a_line(
    given: tuple[str, ...], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, words = _run(capsys, tmp_path, "serve", "--port", "0", *given)
    assert status == 1 and words.startswith("forecourt service: ") and said in words and "secret" not in words


def test_a_file_that_is_no_database_is_said_plainly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "service.db").write_text("not a database, but long enough to be looked at" * 100)
    status, words = _run(capsys, tmp_path, "check")
    assert (status, "not a database" in words) == (1, True)
