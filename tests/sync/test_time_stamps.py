"""The time-stamp authority against RFC 3161, with OpenSSL as the judge."""

import hashlib
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from asn1crypto import tsp
from cryptography import x509
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes

from sync.server.command_line import main
from sync.server.service_key import ServiceKey, passing_key
from sync.server.store import Store
from sync.server.time_stamp_keys import SIGNER_LIFE, SIGNS_FOR, STATE, Revoked, StampKeys
from sync.server.time_stamps import POLICY, QUERY, REPLY, RefusalReply, TimeStamps, forget_latest, latest_stamp
from tests.sync.conftest import BACKENDS
from tests.sync.raw_device import RawDevice
from tests.sync.service_process import ServiceProcess

DIGEST = hashlib.sha256(b"a sealed contract").digest()


def openssl(*arguments: str, folder: Path) -> str:
    """What OpenSSL says; fails where it is not content."""
    tool = shutil.which("openssl")
    assert tool, "install openssl: `bootstrap.py test` does"
    done = subprocess.run([tool, *arguments], cwd=folder, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def query(**changes: Any) -> bytes:
    """A TimeStampReq."""
    told: dict[str, Any] = {
        "version": "v1",
        "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": DIGEST},
        "nonce": 4711,
        "cert_req": True,
    }
    return bytes(tsp.TimeStampReq(told | changes).dump())


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def info_in(reply: bytes) -> Any:
    """The TSTInfo of a reply that was granted."""
    read = tsp.TimeStampResp.load(reply)
    assert read["status"]["status"].native == "granted"
    return read["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed


class Centre:
    """An authority on a database of its own."""

    def __init__(self, url: str) -> None:
        self.store = Store(url, pool=2)
        self.store.ensure_schema()
        self.key = passing_key()
        self.keys = StampKeys(self.store, self.key)
        self.stamps = TimeStamps(self.store, self.keys)
        self.now = datetime.now(UTC)

    def stamp(self, asked: bytes | None = None, *, now: datetime | None = None) -> bytes:
        return self.stamps.reply(query() if asked is None else asked, now_ms=milliseconds(now or self.now))

    def roots(self, file: Path) -> None:
        known = self.keys.authority(now=self.now)
        file.write_text("".join(one.certificate for one in known.roots), encoding="ascii")


@pytest.fixture(params=BACKENDS)
def centre(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Centre]:
    url = f"sqlite:///{tmp_path / 'service.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("cluster").create_database()
    made = Centre(url)
    yield made
    made.store.close()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Centre]:
    made = Centre(f"sqlite:///{tmp_path / 'alone.db'}")
    yield made
    made.store.close()


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_openssl_takes_the_time_stamp(alone: Centre, tmp_path: Path, algorithm: str) -> None:
    (tmp_path / "contract.pdf").write_bytes(b"a sealed contract")
    openssl("ts", "-query", "-data", "contract.pdf", f"-{algorithm}", "-cert", "-out", "asked.tsq", folder=tmp_path)
    (tmp_path / "reply.tsr").write_bytes(alone.stamp((tmp_path / "asked.tsq").read_bytes()))
    alone.roots(tmp_path / "roots.pem")
    said = openssl(
        "ts", "-verify", "-in", "reply.tsr", "-queryfile", "asked.tsq", "-CAfile", "roots.pem", folder=tmp_path
    )
    assert "Verification: OK" in said
    said = openssl(
        "ts", "-verify", "-in", "reply.tsr", "-data", "contract.pdf", "-CAfile", "roots.pem", folder=tmp_path
    )
    assert "Verification: OK" in said
    shown = openssl("ts", "-reply", "-in", "reply.tsr", "-text", folder=tmp_path)
    assert "Status: Granted." in shown and f"Policy OID: {POLICY}" in shown and "Accuracy: 0x01 seconds" in shown


def test_a_time_stamp_over_other_bytes_is_not_taken(alone: Centre, tmp_path: Path) -> None:
    (tmp_path / "other.pdf").write_bytes(b"another contract")
    (tmp_path / "reply.tsr").write_bytes(alone.stamp())
    alone.roots(tmp_path / "roots.pem")
    arguments = ["openssl", "ts", "-verify", "-in", "reply.tsr", "-data", "other.pdf", "-CAfile", "roots.pem"]
    done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode != 0 and "message imprint mismatch" in (done.stdout + done.stderr)


def test_the_token_says_what_was_asked(centre: Centre) -> None:
    first, second = info_in(centre.stamp()), info_in(centre.stamp())
    assert first["nonce"].native == 4711 and first["policy"].dotted == POLICY
    assert first["message_imprint"]["hashed_message"].native == DIGEST
    assert first["gen_time"].native == centre.now.replace(microsecond=0)
    assert first["serial_number"].native != second["serial_number"].native
    plain = tsp.TimeStampResp.load(centre.stamp(query(cert_req=False, nonce=None)))
    data = plain["time_stamp_token"]["content"]
    assert len(data["certificates"] or []) == 0
    assert data["encap_content_info"]["content"].parsed["nonce"].native is None


def test_the_certificate_is_for_time_stamps_only_and_named_by_its_sha256(centre: Centre) -> None:
    data = tsp.TimeStampResp.load(centre.stamp())["time_stamp_token"]["content"]
    (chosen,) = data["certificates"]
    certificate = x509.load_der_x509_certificate(chosen.chosen.dump())
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert usage.critical and [one.dotted_string for one in usage.value] == ["1.3.6.1.5.5.7.3.8"]
    attributes = {one["type"].native: one["values"][0] for one in data["signer_infos"][0]["signed_attrs"]}
    (named,) = attributes["signing_certificate_v2"]["certs"]
    assert named["cert_hash"].native == certificate.fingerprint(hashes.SHA256())
    assert named["issuer_serial"]["serial_number"].native == certificate.serial_number


@pytest.mark.parametrize(
    ("asked", "failure"),
    [
        (b"\x30\x03nonsense", "bad_data_format"),
        (query() + b"\x00", "bad_data_format"),
        (
            query(message_imprint={"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": DIGEST[:20]}),
            "bad_data_format",
        ),
        (query(message_imprint={"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": DIGEST[:20]}), "bad_alg"),
        (query(version="v2"), "bad_request"),
        (query(req_policy="1.2.3.4"), "unaccepted_policy"),
        (query(extensions=[{"extn_id": "1.2.3.4", "extn_value": b"x"}]), "unaccepted_extensions"),
    ],
    ids=["nonsense", "more-behind", "short-digest", "sha1", "version", "policy", "extension"],
)
def test_what_cannot_be_stamped_is_refused_in_the_reply(
    alone: Centre, tmp_path: Path, asked: bytes, failure: str
) -> None:
    reply = alone.stamp(asked)
    (tmp_path / "reply.tsr").write_bytes(reply)
    assert "Status: Rejected." in openssl("ts", "-reply", "-in", "reply.tsr", "-text", folder=tmp_path)
    assert failures(reply) == {failure}
    assert latest_stamp(alone.store) is None


def failures(reply: bytes) -> set[str]:
    """The PKIFailureInfo of a refusal."""
    read = RefusalReply.load(reply)
    assert read["status"]["status"].native == "rejection"
    return set(read["status"]["fail_info"].native)


def test_the_policy_may_be_named(alone: Centre) -> None:
    assert info_in(alone.stamp(query(req_policy=POLICY)))["policy"].dotted == POLICY


def test_a_clock_that_was_set_back_gives_no_time(centre: Centre) -> None:
    info_in(centre.stamp())
    earlier = centre.now - timedelta(minutes=1)
    assert failures(centre.stamp(now=earlier)) == {"time_not_available"}
    info_in(centre.stamp(now=centre.now - timedelta(milliseconds=500)))  # within the accuracy that is promised
    forget_latest(centre.store)
    info_in(centre.stamp(now=earlier))
    assert latest_stamp(centre.store) == earlier.replace(microsecond=earlier.microsecond // 1000 * 1000)


def test_a_clock_before_the_certificate_gives_no_time(alone: Centre) -> None:
    alone.keys.authority(now=alone.now)
    assert failures(alone.stamp(now=datetime(2001, 1, 1, tzinfo=UTC))) == {"time_not_available"}


def test_a_lost_service_key_is_said_in_the_reply(alone: Centre) -> None:
    alone.stamp()
    other = TimeStamps(alone.store, StampKeys(alone.store, ServiceKey(Fernet.generate_key().decode("ascii"))))
    assert failures(other.reply(query(), now_ms=milliseconds(alone.now))) == {"system_failure"}


def test_all_instances_have_one_authority(centre: Centre) -> None:
    """Several instances start at once on one database: the root is made once."""
    stores = [Store(centre.store.engine.url.render_as_string(hide_password=False), pool=1) for _ in range(4)]
    found: list[str] = []

    def start(store: Store) -> None:
        found.append(StampKeys(store, centre.key).authority(now=centre.now).to_text())

    threads = [threading.Thread(target=start, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for store in stores:
        store.close()
    assert len(found) == 4 and len(set(found)) == 1


def test_the_key_is_renewed_in_time_and_roots_stay_known(alone: Centre) -> None:
    first = alone.keys.authority(now=alone.now)
    later = alone.now + SIGNS_FOR
    second = alone.keys.authority(now=later)
    assert len(second.roots) == 1 and len(second.signers) == 2
    assert second.signers[0] == type(first.signers[0])(first.signers[0].certificate, "")  # nothing is dated back
    ends = second.signers[0].read().not_valid_after_utc
    assert ends - later > SIGNER_LIFE - SIGNS_FOR - timedelta(days=1)
    much_later = alone.now + timedelta(days=25 * 365)
    third = alone.keys.authority(now=much_later)
    assert len(third.roots) == 2 and third.roots[0] == first.roots[0]
    assert third.signers[-1].read().issuer == third.roots[-1].read().subject
    info_in(alone.stamp(now=much_later))
    assert len(alone.keys.revocation_lists(now=much_later)) == 2


def test_keys_are_sealed_and_a_replaced_one_is_revoked(alone: Centre) -> None:
    before = alone.keys.authority(now=alone.now).signers[-1].read()
    with alone.store.read() as connection:
        stored = alone.store.run(connection, "SELECT value FROM service_state WHERE name = ?", (STATE,)).scalar()
    assert "PRIVATE" not in str(stored)
    after = alone.keys.replace_signer(now=alone.now, reason=Revoked.KEY_COMPROMISE)
    assert after.serial_number != before.serial_number
    (listed,) = alone.keys.revocation_lists(now=alone.now)
    revoked = x509.load_pem_x509_crl(listed)
    entry = revoked.get_revoked_certificate_by_serial_number(before.serial_number)
    assert entry is not None and entry.revocation_date_utc == alone.now.replace(microsecond=0)
    root = alone.keys.authority(now=alone.now).roots[-1].read()
    assert revoked.is_signature_valid(root.public_key())  # type: ignore[arg-type]
    assert revoked.get_revoked_certificate_by_serial_number(after.serial_number) is None
    data = tsp.TimeStampResp.load(alone.stamp())["time_stamp_token"]["content"]
    assert data["certificates"][0].chosen.serial_number == after.serial_number


def test_an_administrator_sees_the_authority_and_replaces_its_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ServiceProcess(tmp_path):
        pass
    assert main(["time-stamps", "--data", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert shown.count("root ") == 1 and "no time-stamp was given yet" in shown
    assert main(["time-stamps", "--data", str(tmp_path), "--replace-key", "superseded", "--clock-was-wrong"]) == 0
    assert "revoked: superseded" in capsys.readouterr().out


def test_a_desk_asks_over_http(own_service: ServiceProcess, tmp_path: Path) -> None:
    device = RawDevice(own_service.url, own_service.enrol())
    told = device.post("timestamp-authority", {}).json()
    assert told["policy"] == POLICY and len(told["roots"]) == 1 and len(told["revocation_lists"]) == 1
    headers = {**device.headers, "Content-Type": QUERY}
    answer = device.http.post("/v1/timestamp", content=query(), headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, REPLY)
    assert abs(info_in(answer.content)["gen_time"].native - datetime.now(UTC)) < timedelta(seconds=30)
    for sent, extra, status, code in (
        (query(), {"Content-Type": "application/json"}, 400, "malformed"),
        (b"", {}, 400, "malformed"),
        (b"x" * 5000, {}, 413, "too_large"),
        (query(), {"Content-Encoding": "gzip"}, 415, "encoding_unknown"),
        (query(), {"Authorization": "Bearer nobody"}, 401, "token_missing"),
    ):
        refused = device.http.post("/v1/timestamp", content=sent, headers=headers | extra)
        assert (refused.status_code, refused.json()["error"]) == (status, code)
    assert httpx.post(f"{own_service.url}/v1/timestamp", content=query()).status_code == 401
    device.close()
