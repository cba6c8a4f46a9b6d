"""Every way in which the other side can fail becomes a typed problem with words, and nothing is lost."""

import json
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import zstandard
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.runtime.language import CHINESE, set_language, tr
from sync.client import errors
from sync.client.credentials import Credentials, KeptCredentials, SealedCredentials
from sync.client.errors import BY_CODE, SyncProblem, problem_kind
from sync.client.refusal_words import REFUSAL_WORDS, UNKNOWN_REFUSAL, refusal_words
from sync.client.status import SyncState
from sync.client.transport import HttpTransport
from sync.protocol.codes import ErrorCode, Rejection
from tests.sync.conftest import Group
from tests.sync.faulty_server import answering, response
from tests.sync.service_process import ServiceProcess

JSON = "Content-Type: application/json"
HTML = b"<html><body>Sign in to the network</body></html>"


def _problem(url: str, *, read_seconds: float = 5.0) -> SyncProblem:
    transport = HttpTransport(url, KeptCredentials(Credentials("main", "d" * 32, "k")), read_seconds=read_seconds)
    try:
        with pytest.raises(SyncProblem) as caught:
            transport.pull({"cursors": {}})
        return caught.value
    finally:
        transport.close()


CASES = {
    "html": (response("200 OK", HTML, "Content-Type: text/html"), errors.AnswerNotUnderstood),
    "redirect": (response("302 Found", b"", "Location: http://login.example/"), errors.AnswerNotUnderstood),
    "html error": (response("500 Oops", HTML, "Content-Type: text/html"), errors.ServiceFailing),
    "gateway": (response("502 Bad Gateway", HTML, "Content-Type: text/html"), errors.ServiceFailing),
    "busy": (response("503 Busy", b"", "Retry-After: 7"), errors.ServiceBusy),
    "forbidden": (response("403 Forbidden", HTML, "Content-Type: text/html"), errors.AnswerNotUnderstood),
    "not json": (response("200 OK", b"{", JSON), errors.AnswerDamaged),
    "not an object": (response("200 OK", b"[]", JSON), errors.AnswerNotUnderstood),
    "no token in it": (response("200 OK", b"{}", JSON), errors.AnswerNotUnderstood),
    "cut short": (response("200 OK", b'{"token":', JSON, length=400), errors.AnswerDamaged),
    "cut chunk": (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{",
        errors.AnswerDamaged,
    ),
    "bad zstd": (response("200 OK", b"\x28\xb5\x2f\xfdxx", JSON, "Content-Encoding: zstd"), errors.AnswerDamaged),
    "bad gzip": (response("200 OK", b"nogzip", JSON, "Content-Encoding: gzip"), errors.AnswerDamaged),
    "unknown encoding": (response("200 OK", b"{}", JSON, "Content-Encoding: br"), errors.AnswerDamaged),
    "bomb": (
        response("200 OK", zstandard.ZstdCompressor().compress(b" " * (65 << 20)), JSON, "Content-Encoding: zstd"),
        errors.AnswerDamaged,
    ),
    "gzip bomb": (
        response("200 OK", zlib.compress(b" " * (65 << 20), wbits=31), JSON, "Content-Encoding: gzip"),
        errors.AnswerDamaged,
    ),
    "not http": (b"SSH-2.0-OpenSSH_9\r\n", errors.ServiceUnreachable),
    "nothing": (b"", errors.ServiceUnreachable),
}


@pytest.mark.parametrize("case", CASES)
def test_answers_that_are_none_are_named_and_pass_by_themselves(case: str) -> None:
    answer, kind = CASES[case]
    with answering(answer) as server:
        problem = _problem(server.url)
    assert type(problem) is kind
    assert problem.passing
    if case == "busy":
        assert problem.retry_after == 7


@pytest.mark.parametrize("case", [case for case in CASES if case != "no token in it"])
def test_a_page_that_is_read_later_fails_as_one_that_is_read_at_once(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, kind = CASES[case]
    monkeypatch.setattr(HttpTransport, "_current_token", lambda self: "token")
    with answering(answer) as server:
        transport = HttpTransport(server.url, KeptCredentials(Credentials("main", "d" * 32, "k")), read_seconds=5.0)
        with pytest.raises(SyncProblem) as caught:
            transport.pull_ahead({"cursors": {}})()
        transport.close()
    assert type(caught.value) is kind
    assert caught.value.request_id


def test_a_service_without_what_every_service_has_is_none() -> None:
    body = json.dumps({"error": "not_found", "detail": {}, "request_id": "r" * 32}).encode()
    with answering(response("404 Not Found", body, JSON)) as server:
        transport = HttpTransport(server.url, KeptCredentials(Credentials("main", "d" * 32, "k")))
        with pytest.raises(errors.AnswerNotUnderstood):
            transport.pull({"cursors": {}})
        transport.close()


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_code_of_the_protocol_has_a_problem_of_its_own_words(code: ErrorCode) -> None:
    body = json.dumps({"error": code, "detail": {"branch": "SH01"}, "request_id": "r" * 32}).encode()
    with answering(response("418 Teapot", body, JSON)) as server:
        problem = _problem(server.url)
    wanted = errors.AnswerNotUnderstood if code is ErrorCode.NOT_FOUND else BY_CODE[code]  # no token: it is none
    assert type(problem) in (wanted, errors.TokenExpired)
    assert "{" not in problem.message()
    set_language(CHINESE)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in problem.message())


@pytest.mark.parametrize("kind", sorted({*BY_CODE.values(), *SyncProblem.__subclasses__()}, key=lambda one: one.code))
def test_every_problem_says_what_happened_what_it_means_and_what_to_do(kind: type[SyncProblem]) -> None:
    params = {"address": "https://x", "branch": "SH01", "reason": "x", "status": 500}
    assert problem_kind(kind.code).text == kind.text and problem_kind("unheard_of") is SyncProblem
    for wanted in ("en", CHINESE):
        set_language(wanted)
        said = [tr(one, **params) for one in (kind.text, kind.effect, kind.advice)]
        assert len(set(said)) == 3 and all(len(one) > 3 and "{" not in one for one in said)
        assert all(one.endswith((".", "。")) for one in said), "whole sentences"
        assert kind(**params).message() == (" " if wanted == "en" else "").join(said)


@pytest.mark.parametrize("code", list(Rejection))
def test_every_refusal_of_an_operation_says_the_same_three_things(code: Rejection) -> None:
    words = refusal_words(code)
    assert words is REFUSAL_WORDS[code] and refusal_words("unheard_of") is UNKNOWN_REFUSAL
    for wanted in ("en", CHINESE):
        set_language(wanted)
        said = [tr(one) for one in words]
        assert len(set(said)) == 3 and all(one.endswith((".", "。")) for one in said)


def test_a_service_that_is_not_there_or_says_nothing() -> None:
    with answering(b"") as server:
        gone = server.url
    assert type(_problem(gone)) is errors.ServiceUnreachable
    with answering(b"", silent=True) as server:
        assert type(_problem(server.url, read_seconds=0.3)) is errors.ServiceTimedOut


@pytest.mark.parametrize("address", ["", "nonsense", "ftp://host", "http://", "https://[::1"])
def test_an_address_that_is_none(address: str) -> None:
    assert type(_problem(address)) is errors.AddressNotUsable


def test_a_desk_without_credentials_says_so() -> None:
    transport = HttpTransport("http://127.0.0.1:1", KeptCredentials())
    with pytest.raises(errors.NotEnrolled):
        transport.pull({"cursors": {}})
    transport.close()


def test_an_expired_token_is_renewed_without_anybody_noticing(small_group: Group) -> None:
    desk = small_group.desk("D01")
    desk.sync()
    with small_group.store.write() as connection:
        small_group.store.run(
            connection, "UPDATE access_token SET expires_at = 1 WHERE tenant_id = ?", (small_group.tenant,)
        )
    desk.records.customer()
    assert desk.sync().pushed == 1


def test_a_wrong_key_and_a_revoked_desk_stop_until_somebody_acts(small_group: Group) -> None:
    desk = small_group.desk("D01")
    desk.records.customer()
    known = desk.engine.transport.credentials.load()
    assert known is not None
    with small_group.store.write() as connection:
        small_group.store.run(connection, "UPDATE device SET revoked_at = 1 WHERE tenant_id = ?", (small_group.tenant,))
    with pytest.raises(errors.DeviceRevoked):
        desk.sync()
    assert desk.engine.status.state == SyncState.REFUSED
    assert (desk.engine.status.unsent, desk.engine.status.problem) == (1, "device_revoked")
    assert "key" not in repr(known).replace(known.device_id, "")
    stranger = HttpTransport(small_group.service.url, KeptCredentials(Credentials(known.tenant, known.device_id, "x")))
    with pytest.raises(errors.DeviceKeyRefused):
        stranger.pull({"cursors": {}})
    stranger.close()


def test_wrong_codes_are_refused_and_guessing_is_slowed_down(own_service: ServiceProcess) -> None:
    transport = HttpTransport(own_service.url, KeptCredentials())
    kinds = []
    for _ in range(11):
        with pytest.raises(SyncProblem) as caught:
            transport.enrol(code="AAAA-BBBB-CCCC", branch_id="", after_n=0, after_hash="")
        kinds.append(type(caught.value))
    transport.close()
    assert kinds == [errors.EnrolmentCodeRefused] * 10 + [errors.TooManyAttempts]


def test_credentials_are_sealed_and_forgotten(tmp_path: Path) -> None:
    from app.runtime.paths import Profile

    profile = Profile(tmp_path).prepare()
    kept = SealedCredentials(profile, bytes(32))
    assert kept.load() is None
    kept.save(Credentials("main", "d" * 32, "a very secret key"))
    assert kept.load() == Credentials("main", "d" * 32, "a very secret key")
    assert "very secret" not in profile.device_secrets_path.read_text()
    assert SealedCredentials(profile, bytes(31) + b"x").load() is None
    kept.forget()
    assert kept.load() is None


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    from ipaddress import ip_address

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, private = folder / "cert.pem", folder / "key.pem"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


def test_over_tls_the_service_has_to_prove_who_it_is(tmp_path: Path) -> None:
    certificate, key = _certificate(tmp_path)
    arguments = ("--tls-cert", str(certificate), "--tls-key", str(key))
    with ServiceProcess(tmp_path / "tls", arguments=arguments) as service:
        assert service.url.startswith("https://")
        trusting = HttpTransport(service.url, KeptCredentials(), ca_file=certificate)
        assert trusting.health()["status"] == "ok"
        trusting.close()
        doubting = HttpTransport(service.url, KeptCredentials())
        with pytest.raises(errors.CertificateNotTrusted):
            doubting.health()
        doubting.close()
