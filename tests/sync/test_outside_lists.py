"""Lists of outside authorities: fetched for desks, believed only from their signer, asked for nowhere inside."""

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from sync.client.credentials import KeptCredentials
from sync.client.errors import DeviceRevoked, RequestRefused
from sync.client.transport import HttpTransport
from sync.protocol.limits import OUTSIDE_LIST
from sync.server.devices import digest, make_code, revoke
from sync.server.list_fetching import NotFetched, fetch, networks_of, place_of
from sync.server.outside_list_endpoints import LIST_NETWORKS
from sync.server.outside_lists import KEPT, Fetched, OutsideLists
from sync.server.store import Store
from sync.server.web import make_app
from tests.factories.outside_authority import OutsideAuthority, outside_authority
from tests.sync.served_app import served

HERE = networks_of("127.0.0.0/8")


@pytest.fixture
def outside() -> Iterator[OutsideAuthority]:
    with outside_authority() as made:
        yield made


def refused(address: str, **more: Any) -> str:
    with pytest.raises(NotFetched) as caught:
        fetch(address, **dict[str, Any]({"most": 1000, "allowed": HERE} | more))
    return caught.value.reason


@pytest.mark.parametrize(
    "address",
    ["ldap://127.0.0.1/cn=a", "file:///etc/passwd", "http://", "http://me:secret@127.0.0.1/a", "http://127.0.0.1:x/",
     "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y", "http://127.0.0.1/" + "a" * 600, "http://[::1/"],
)  # fmt: skip
def test_only_plain_web_addresses_are_asked(address: str) -> None:
    with pytest.raises(NotFetched) as caught:
        place_of(address)
    assert caught.value.reason == "address"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.0.0.7", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "[::1]",
     "[::ffff:10.0.0.7]", "[64:ff9b::a00:7]", "[2002:a00:7::1]", "[fd00::1]", "[fe80::1]", "localhost"],
)  # fmt: skip
def test_nothing_inside_the_house_is_asked(host: str) -> None:
    assert refused(f"http://{host}/a.crl", allowed=()) == "private"


def test_nothing_public_is_asked_on_other_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def refusing(place: Any, **_more: Any) -> socket.socket:
        asked.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refusing)
    assert refused("http://8.8.8.8:25/a.crl") == "private" and asked == []
    assert refused("http://8.8.8.8/a.crl") == "unreachable" and asked == [("8.8.8.8", 80)]


def test_a_name_that_also_leads_inside_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """One public address does not open the door for a private one beside it."""
    both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 80)) for one in ("8.8.8.8", "10.0.0.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_given, **_more: both)
    assert refused("http://crl.example/a.crl") == "private"


def test_what_does_not_answer_as_it_should(outside: OutsideAuthority) -> None:
    outside.answers |= {"/moved": 302, "/gone": 404, "/large": b"x" * 1001, "/fits": b"x" * 1000}
    assert refused(f"{outside.url}/moved") == "status" and outside.asked == ["/moved"], "no redirect is followed"
    assert refused(f"{outside.url}/gone") == "status"
    assert refused(f"{outside.url}/large") == "size"
    assert len(fetch(f"{outside.url}/fits", most=1000, allowed=HERE)) == 1000
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert refused(f"http://127.0.0.1:{port}/") == "unreachable"


@pytest.mark.parametrize("begins", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 200 OK\r\n\r\n"])
def test_a_server_that_drips_holds_nobody(begins: bytes) -> None:
    """Neither with its headers nor with what follows them."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        over = threading.Event()

        def drip() -> None:
            taken, _from = listening.accept()
            with taken:
                try:
                    taken.sendall(begins)
                    while not over.wait(0.05):
                        taken.sendall(b"X")
                except OSError:
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        begun = time.monotonic()
        with suppress(NotFetched):  # half a list is a list for nobody: whoever reads it says so
            fetch(f"http://127.0.0.1:{listening.getsockname()[1]}/", most=1000, allowed=HERE, seconds=0.4)
        assert time.monotonic() - begun < 2
        over.set()
        thread.join()


def lists_of(outside: OutsideAuthority) -> OutsideLists:
    return OutsideLists(lambda address: fetch(address, most=OUTSIDE_LIST, allowed=HERE))


def asked(outside: OutsideAuthority, *, lists: OutsideLists | None = None) -> Fetched:
    return (lists or lists_of(outside)).of(outside.seal, outside.middle, now=outside.now)


def test_a_list_is_believed_only_whole_and_from_its_issuer(outside: OutsideAuthority) -> None:
    assert asked(outside).content == outside.answers["/middle.crl"]
    pem = x509.load_der_x509_crl(asked(outside).content).public_bytes(serialization.Encoding.PEM)
    outside.answers["/middle.crl"] = pem
    assert asked(outside).content == pem
    outside.answers["/middle.crl"] = outside.answers["/root.crl"]
    assert asked(outside).reason == "other_issuer"
    with outside_authority() as namesake:  # of the same name, with another key
        outside.answers["/middle.crl"] = namesake.answers["/middle.crl"]
        assert asked(outside).reason == "other_issuer"
    outside.answers["/middle.crl"] = b"<html>"
    assert asked(outside).reason == "unreadable"
    outside.publish(at=outside.now - timedelta(days=30))
    assert asked(outside).reason == "outdated"
    outside.publish(extensions=(x509.DeltaCRLIndicator(1),))
    assert asked(outside).reason == "partial"
    outside.publish(entries=2500)
    assert asked(outside).reason == "size"
    assert lists_of(outside).of(outside.root, outside.root, now=outside.now).reason == "none"


def test_a_list_is_kept_for_an_hour_and_a_failure_for_less(outside: OutsideAuthority) -> None:
    lists = lists_of(outside)
    for _turn in range(3):
        assert lists.of(outside.seal, outside.middle, now=outside.now).content
    assert outside.asked == ["/middle.crl"]
    outside.answers["/middle.crl"] = 503
    later = outside.now + KEPT + timedelta(seconds=1)
    for _turn in range(3):
        assert lists.of(outside.seal, outside.middle, now=later).reason == "status"
    assert len(outside.asked) == 2


@contextmanager
def desk_at(folder: Path, *, networks: str) -> Iterator[tuple[HttpTransport, Store]]:
    store = Store(f"sqlite:///{folder / 'centre.db'}", pool=4)
    store.ensure_schema()
    with served(make_app(store, extra={LIST_NETWORKS: networks})) as (host, port):
        code = make_code(
            store, tenant="main", branch_code="SH01", desk_code="D01", scopes="*", role="sales",
            now=time.time_ns() // 1000, seconds=600,
        )  # fmt: skip
        transport = HttpTransport(f"http://{host}:{port}", KeptCredentials(), read_seconds=20.0)
        transport.enrol(code=code, branch_id=digest("SH01")[:32], after_n=0, after_hash="")
        yield transport, store
        transport.close()
    store.close()


def test_a_desk_gets_the_lists_of_a_chain(outside: OutsideAuthority, tmp_path: Path) -> None:
    with desk_at(tmp_path, networks="127.0.0.0/8") as (desk, store):
        told = desk.ask("outside-lists", {"certificates": outside.chain})["lists"]
        assert [one["reason"] for one in told] == ["", ""]
        assert [one["address"] for one in told] == [f"{outside.url}/middle.crl", f"{outside.url}/root.crl"]
        read = x509.load_pem_x509_crl(told[0]["list"].encode())
        assert read.issuer == outside.middle.subject
        for wrong in (outside.chain[::-1], outside.chain[:1], [*outside.chain[:2], "x"]):
            with pytest.raises(RequestRefused):
                desk.ask("outside-lists", {"certificates": wrong})
        revoke(store, "main", desk_id(store), now=time.time_ns() // 1000)
        with pytest.raises(DeviceRevoked):
            desk.ask("outside-lists", {"certificates": outside.chain})


def test_the_service_asks_nothing_private_unless_told(outside: OutsideAuthority, tmp_path: Path) -> None:
    with desk_at(tmp_path, networks="") as (desk, _store):
        told = desk.ask("outside-lists", {"certificates": outside.chain})["lists"]
    assert [(one["list"], one["reason"]) for one in told] == [("", "private")] * 2 and outside.asked == []


def desk_id(store: Store) -> str:
    with store.read() as connection:
        return str(store.run(connection, "SELECT device_id FROM device").scalar())


def test_networks_are_read_as_they_are_written() -> None:
    assert networks_of("10.2.0.0/16, fd00::/8") == (
        ipaddress.ip_network("10.2.0.0/16"), ipaddress.ip_network("fd00::/8"),
    )  # fmt: skip
    assert networks_of("") == ()
