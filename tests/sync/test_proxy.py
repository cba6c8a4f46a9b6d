"""The service over TLS of its own, and behind a proxy that has it."""

import socket
import ssl
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from sync.client import errors
from sync.client.credentials import KeptCredentials
from sync.client.transport import HttpTransport
from sync.server.attempts import ATTEMPTS
from tests.sync.certificates import Authority
from tests.sync.raw_device import BRANCH
from tests.sync.service_process import ROOT, ServiceProcess

_PREFIX = "/forecourt"
_HSTS = "strict-transport-security"
_ENDS_WITHIN = 3.0


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@contextmanager
def _proxy(service: ServiceProcess, authority: Authority) -> Iterator[str]:
    certificate, key = authority.sign()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.sync.tls_proxy", service.url, str(certificate), str(key), _PREFIX],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def _client(url: str, authority: Authority) -> httpx.Client:
    return httpx.Client(base_url=url, verify=ssl.create_default_context(cafile=authority.certificate), timeout=30)


def _guess(http: httpx.Client, whom: str) -> int:
    return http.post(
        "/v1/enrol", json={"code": "AAAA-BBBB-CCCC"}, headers={"X-Test-Client": whom, "X-Forwarded-For": whom}
    ).status_code


def test_behind_a_proxy_desks_are_known_by_what_it_forwards(authority: Authority, tmp_path: Path) -> None:
    arguments = ("--behind-proxy", "127.0.0.1,10.0.0.0/8", "--root-path", _PREFIX)
    with ServiceProcess(tmp_path, arguments=arguments) as service, _proxy(service, authority) as url:
        desk = HttpTransport(url, KeptCredentials(), ca_file=authority.certificate)
        desk.enrol(code=service.enrol(), branch_id=BRANCH, after_n=0, after_hash="")
        assert desk.pull({"cursors": {}})["rows"] == []
        desk.close()
        with _client(url, authority) as http:
            assert http.get("/v1/health").headers[_HSTS].startswith("max-age=")
            assert http.get("/v1/openapi.json").json()["servers"] == [{"url": _PREFIX}]
            told = http.get("/.well-known/oauth-authorization-server").json()
            assert told["issuer"].endswith(_PREFIX) and told["token_endpoint"] == f"{told['issuer']}/oauth/token"
            assert http.get("/v1/push").headers["allow"] == "POST"
            assert [_guess(http, "192.0.2.1") for _ in range(ATTEMPTS + 1)] == [403] * ATTEMPTS + [429]
            assert _guess(http, "192.0.2.2") == 403


def test_nobody_else_is_believed(authority: Authority, tmp_path: Path) -> None:
    """Who says to be somebody else is still who it is: not a proxy that was named."""
    for arguments in ((), ("--behind-proxy", "10.0.0.5")):
        service = ServiceProcess(tmp_path / str(len(arguments)), arguments=arguments)
        with service, httpx.Client(timeout=30) as http:
            http.base_url = httpx.URL(service.url)
            told = [_guess(http, f"192.0.2.{turn}") for turn in range(ATTEMPTS + 1)]
            assert told == [403] * ATTEMPTS + [429]
            assert _HSTS not in http.get("/v1/health", headers={"X-Forwarded-Proto": "https"}).headers


@pytest.fixture(scope="module")
def secured(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    certificate, key = authority.sign()
    service = ServiceProcess(
        tmp_path_factory.mktemp("tls"), arguments=("--tls-cert", str(certificate), "--tls-key", str(key))
    )
    yield service.start()
    service.stop()


def test_over_tls_answers_say_to_stay_with_it(secured: ServiceProcess, authority: Authority) -> None:
    with _client(secured.url, authority) as http:
        assert http.get("/v1/health").headers[_HSTS].startswith("max-age=")


def test_a_desk_refuses_what_another_authority_signed_and_another_name(
    secured: ServiceProcess, authority: Authority, tmp_path: Path
) -> None:
    stranger = Authority(tmp_path, "Somebody else")
    doubting = HttpTransport(secured.url, KeptCredentials(), ca_file=stranger.certificate)
    with pytest.raises(errors.CertificateNotTrusted):
        doubting.health()
    doubting.close()
    named = HttpTransport(
        secured.url.replace("127.0.0.1", "localhost"), KeptCredentials(), ca_file=authority.certificate
    )
    with pytest.raises(errors.CertificateNotTrusted):
        named.health()
    named.close()


@pytest.mark.parametrize(
    ("most", "fits"), [(ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)]
)
def test_nothing_older_than_tls_1_2(
    secured: ServiceProcess, authority: Authority, most: ssl.TLSVersion, fits: bool
) -> None:
    context = ssl.create_default_context(cafile=authority.certificate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # what is old is what is tried
        context.minimum_version = min(most, ssl.TLSVersion.TLSv1_2)
        context.maximum_version = most
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    place = urlsplit(secured.url)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=10) as plain:
        if fits:
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as safe:
                assert safe.version() == {ssl.TLSVersion.TLSv1_2: "TLSv1.2"}.get(most, "TLSv1.3")
        else:
            with pytest.raises((ssl.SSLError, ConnectionError)):
                context.wrap_socket(plain, server_hostname="127.0.0.1")


def test_over_tls_it_ends_although_a_desk_keeps_its_connection(authority: Authority, tmp_path: Path) -> None:
    """Whoever keeps a connection for later does not say goodbye on it; the service waits for nobody who is silent."""
    certificate, key = authority.sign()
    service = ServiceProcess(tmp_path, arguments=("--tls-cert", str(certificate), "--tls-key", str(key))).start()
    with _client(service.url, authority) as desk:
        assert desk.get("/v1/health").status_code == 200
        told = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - told < _ENDS_WITHIN
