"""What a caller may not do too often, too large or too slowly."""

import asyncio
import re
import socket
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import zstandard

from sync.client import errors
from sync.client.credentials import Credentials, KeptCredentials
from sync.client.transport import HttpTransport
from sync.protocol.codes import ErrorCode
from sync.protocol.limits import BODY_BYTES, PLAIN_BYTES, PUSH_OPERATIONS
from sync.server.addresses import network_of
from sync.server.allowances import A_MINUTE, Allowances
from sync.server.attempts import ADDRESS_ATTEMPTS, ATTEMPTS, WINDOW_SECONDS, Attempts, forget
from sync.server.bodies import BODY_SECONDS, read_body
from sync.server.connections import AT_ONCE, HEAD_BYTES, HEAD_SECONDS, KEEP_ALIVE_SECONDS
from sync.server.contents import Contents
from sync.server.endpoints import Pace
from sync.server.refusals import Refusal
from sync.server.settings import ServiceSettings
from sync.server.stopping import GRACE_SECONDS
from sync.server.store import Store, open_store
from sync.server.web import make_app
from tests.sync.conftest import BACKENDS, Group
from tests.sync.faulty_server import answering, response
from tests.sync.raw_device import Join, RawDevice
from tests.sync.served_app import exchange, served
from tests.sync.service_process import ROOT, ServiceProcess

_NOW = 1_800_000_000_000_000


# --- how often ---------------------------------------------------------------------------------------


def test_a_caller_and_an_address_have_their_allowance_and_are_told_when_to_come_again() -> None:
    allowances = Allowances({Pace.SYNC: (3, 5)})
    for _ in range(3):
        allowances.of_caller(Pace.SYNC, "a" * 32)
    with pytest.raises(Refusal) as caught:
        allowances.of_caller(Pace.SYNC, "a" * 32)
    assert caught.value.code is ErrorCode.TOO_MANY_REQUESTS
    assert caught.value.retry_after is not None and 1 <= caught.value.retry_after <= 120
    allowances.of_caller(Pace.SYNC, "b" * 32)
    for _ in range(5):
        allowances.of_address(Pace.SYNC, "2001:db8::1")
    with pytest.raises(Refusal):
        allowances.of_address(Pace.SYNC, "2001:db8::2")  # the same network


def test_what_has_expired_is_not_looked_for_with_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[float] = []
    monkeypatch.setattr(threading.Timer, "start", lambda timer: begun.append(timer.interval))
    allowances = Allowances()
    begun.clear()
    for number in range(200):
        allowances.of_address(Pace.SYNC, f"10.0.0.{number}")
    assert len(begun) == 1


def test_addresses_are_counted_by_what_one_computer_may_have() -> None:
    assert network_of("2001:db8:1:2:3::4") == "2001:db8:1:2::/64"
    assert network_of("::ffff:10.1.2.3") == network_of("10.1.2.3") == "10.1.2.3"
    assert network_of("") == "" and network_of("fe80::1%eth0").endswith("/64")


def test_who_has_much_to_send_is_not_hindered() -> None:
    """30 days offline with 50,000 operations, one order a push at worst; forty desks behind one address at once."""
    of_desk, of_address = A_MINUTE[Pace.SYNC]
    at_most_a_minute = 60_000 / 7.6  # a push of one order takes 7.6 ms
    assert of_desk > at_most_a_minute
    assert of_desk > 50_000 / PUSH_OPERATIONS * 10
    assert of_address >= 40 * 1_000
    assert A_MINUTE[Pace.SECRET][1] >= 40 * 10


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(ServiceSettings(data=tmp_path))
    yield made
    made.close()


def _asked(store: Store, allowances: Allowances, times: int) -> list[httpx.Response]:
    app = make_app(store, contents=Contents(store), allowances=allowances)

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app, client=("192.0.2.7", 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
            return [await http.get("/v1/health") for _ in range(times)]

    return asyncio.run(ask())


def test_too_many_requests_are_answered_so(store: Store) -> None:
    allowances = Allowances({**A_MINUTE, Pace.STATUS: (2, 2)})
    answers = _asked(store, allowances, 3)
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["error"] == "too_many_requests"
    assert 1 <= int(answers[2].headers["retry-after"]) <= 120


def test_a_desk_waits_as_long_as_it_is_told() -> None:
    told = b'{"error": "too_many_requests", "detail": {}, "request_id": "abcdefgh"}'
    with answering(response("429 Too Many", told, "Content-Type: application/json", "Retry-After: 9")) as server:
        transport = HttpTransport(server.url, KeptCredentials(Credentials("main", "d" * 32, "k")))
        with pytest.raises(errors.TooManyRequests) as caught:
            transport.enrol(code="AAAA-BBBB-CCCC", branch_id="", after_n=0, after_hash="")
        transport.close()
    assert caught.value.passing and caught.value.retry_after == 9


# --- guessing ----------------------------------------------------------------------------------------


@pytest.fixture(params=BACKENDS)
def two_instances(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    """Two services on one database."""
    url = ""
    if request.param == "postgresql":
        url = request.getfixturevalue("cluster").create_database()
    stores = [open_store(ServiceSettings(data=tmp_path, database=url)) for _ in range(2)]
    yield stores[0], stores[1]
    for one in stores:
        one.close()


def test_wrong_ones_are_counted_for_all_instances_together(two_instances: tuple[Store, Store]) -> None:
    here, there = (Attempts(store) for store in two_instances)
    for turn in range(ATTEMPTS):
        here.check("enrol", "192.0.2.7", "", now=_NOW)
        (here if turn % 2 else there).failed("enrol", "192.0.2.7", "", now=_NOW + turn)
    for attempts in (here, there):
        with pytest.raises(Refusal) as caught:
            attempts.check("enrol", "192.0.2.7", "", now=_NOW + 20_000_000)
        assert (caught.value.code, caught.value.retry_after) == (ErrorCode.TOO_MANY_ATTEMPTS, WINDOW_SECONDS - 20)
        attempts.check("enrol", "192.0.2.8", "", now=_NOW + 20_000_000)
        attempts.check("enrol", "192.0.2.7", "", now=_NOW + WINDOW_SECONDS * 1_000_000)
    there.failed("enrol", "192.0.2.7", "", now=_NOW + WINDOW_SECONDS * 1_000_000 + 1)
    here.check("enrol", "192.0.2.7", "", now=_NOW + WINDOW_SECONDS * 1_000_000 + 2)
    assert forget(two_instances[0], now=_NOW + 2 * 24 * 3600 * 1_000_000) == 1


def test_a_desk_with_an_old_key_does_not_lock_its_branch_out(two_instances: tuple[Store, Store]) -> None:
    attempts = Attempts(two_instances[0])
    for _ in range(ATTEMPTS):
        attempts.failed("token", "192.0.2.7", "old", now=_NOW)
    with pytest.raises(Refusal):
        attempts.check("token", "192.0.2.7", "old", now=_NOW)
    attempts.check("token", "192.0.2.7", "other", now=_NOW)
    for turn in range(ADDRESS_ATTEMPTS - ATTEMPTS):
        attempts.failed("token", "192.0.2.7", f"guess {turn}", now=_NOW)
    with pytest.raises(Refusal):
        attempts.check("token", "192.0.2.7", "other", now=_NOW)


def test_a_desk_that_guesses_its_key_is_stopped(small_group: Group, join: Join) -> None:
    good, bad = join(), join("D02")
    form = {
        "grant_type": "client_credentials", "client_id": f"{bad.identity['tenant']}.{bad.device_id}",
        "client_secret": "wrong",
    }  # fmt: skip
    statuses = [bad.http.post("/oauth/token", data=form).status_code for _ in range(ATTEMPTS + 1)]
    assert statuses == [401] * ATTEMPTS + [429]
    assert good.new_token()


# --- how large ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def device(own_service: ServiceProcess) -> Iterator[RawDevice]:
    made = RawDevice(own_service.url, own_service.enrol())
    yield made
    made.close()


def _sent(device: RawDevice, body: Any, **headers: str) -> tuple[int, str]:
    answer = device.http.post("/v1/pull", content=body, headers={**device.headers, **headers})
    return answer.status_code, answer.json()["error"]


def test_a_body_beyond_the_limit_is_refused_whether_announced_or_not(device: RawDevice) -> None:
    piece = b" " * (1 << 20)
    told = {"Authorization": f"Bearer {device.token}", "Content-Length": str(BODY_BYTES + 1)}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    place = device.http.base_url
    answer = exchange(
        (str(place.host), int(place.port or 0)),
        f"POST /v1/pull HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n".encode(),
    )
    assert b" 413 " in answer.split(b"\r\n")[0] and b"too_large" in answer  # before a byte of it was read
    try:
        said = _sent(device, (piece for _ in range((BODY_BYTES >> 20) + 1)))
    except httpx.TransportError:
        said = (413, "too_large")  # the connection was closed while this side was still sending
    assert said == (413, "too_large")


@pytest.mark.parametrize("encoding", ["zstd", "gzip"])
def test_a_bomb_is_refused_before_it_goes_off(device: RawDevice, encoding: str) -> None:
    plain = b" " * (PLAIN_BYTES + 1)
    body = zstandard.ZstdCompressor().compress(plain) if encoding == "zstd" else zlib.compress(plain, wbits=31)
    assert len(body) < PLAIN_BYTES / 500
    assert _sent(device, body, **{"Content-Encoding": encoding}) == (413, "too_large")


def test_a_bomb_that_does_not_say_its_size_is_refused_too(device: RawDevice) -> None:
    packer = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    body = packer.compress(b" " * (PLAIN_BYTES + 1)) + packer.flush()
    assert _sent(device, body, **{"Content-Encoding": "zstd"}) == (413, "too_large")


def test_broken_and_unknown_compression_is_said(device: RawDevice) -> None:
    good = zstandard.ZstdCompressor(write_checksum=True).compress(b"{}" * 1000)
    assert _sent(device, good[:-2], **{"Content-Encoding": "zstd"}) == (400, "body_corrupt")
    assert _sent(device, b"{}", **{"Content-Encoding": "br"}) == (415, "encoding_unknown")


def test_a_head_beyond_the_limit_is_refused() -> None:
    with served() as place:
        large = b"GET / HTTP/1.1\r\nHost: x\r\nX-Large: " + b"a" * (HEAD_BYTES + 1)
        assert b" 400 " in exchange(place, large).split(b"\r\n")[0]
        endless = b"GET /" + b"a" * (HEAD_BYTES + 1)
        assert b" 400 " in exchange(place, endless).split(b"\r\n")[0]


# --- how slowly --------------------------------------------------------------------------------------


@pytest.mark.parametrize("begun", [b"", b"GET / HTT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow:"])
def test_a_head_that_does_not_come_ends_the_connection(begun: bytes) -> None:
    # A reset is the hard way to end it: nothing is owed to such a connection.
    with served(head_seconds=0.05) as place, suppress(ConnectionResetError):
        assert exchange(place, begun) == b""


def test_a_second_head_that_does_not_come_ends_the_connection_too() -> None:
    with served(head_seconds=0.05) as place:
        first = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        try:
            told = exchange(place, first + b"GET /again HT")
        except ConnectionResetError:
            return
        assert told.startswith(b"HTTP/1.1 200") and told.count(b"HTTP/1.1") == 1


def test_a_body_that_does_not_come_is_given_up() -> None:
    class Slow:
        headers: dict[str, str] = {}  # noqa: RUF012

        async def stream(self) -> Any:
            yield b"{"
            await asyncio.Event().wait()

    with pytest.raises(Refusal) as caught:
        asyncio.run(read_body(Slow(), limit=100, seconds=0.01))  # type: ignore[arg-type]
    assert caught.value.code is ErrorCode.TOO_SLOW


def test_more_connections_than_allowed_are_told_to_come_again() -> None:
    request = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with served(limit_concurrency=2) as place:
        with socket.create_connection(place), socket.create_connection(place) as second:
            second.sendall(request)
            assert b" 503 " in second.recv(1000)
        assert b" 200 " in exchange(place, request)


# --- what is written about it ------------------------------------------------------------------------


def test_the_documents_say_the_numbers_that_hold() -> None:
    text = (ROOT / "docs" / "running_the_service.md").read_text(encoding="utf-8")
    paces = (Pace.SYNC, Pace.QUESTION, Pace.CONTENT, Pace.SECRET)
    assert " / ".join(f"{A_MINUTE[pace][0]:,}" for pace in paces) in text
    assert " / ".join(f"{A_MINUTE[pace][1]:,}" for pace in paces) in text
    assert f"| {ATTEMPTS} | 429" in text and f"| {ADDRESS_ATTEMPTS} | 429" in text
    assert f"{HEAD_BYTES >> 10} KiB, there within {HEAD_SECONDS:.0f} s" in text
    assert f"there within {BODY_SECONDS:.0f} s | 413" in text and f"| {AT_ONCE:,} | 503" in text
    assert f"most {GRACE_SECONDS} s" in text.replace("\n", " ") and f"| {KEEP_ALIVE_SECONDS} s | closed" in text
    metrics = {name for name in re.findall(r"forecourt_[a-z_]+", text) if name != "forecourt_service"}
    code = "".join((ROOT / "sync/server" / name).read_text() for name in ("measuring.py", "gauges.py"))
    assert {name for name in metrics if re.sub("_(total|info)$", "", name) not in code} == set()
    parser = subprocess.run(
        [sys.executable, "-m", "sync.server", "serve", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for option in set(re.findall(r"`(--[a-z-]+)", text)):
        assert option in parser.stdout or option == "--help", option
