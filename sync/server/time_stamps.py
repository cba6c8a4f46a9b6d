"""Time-stamps after RFC 3161: that certain bytes existed at a certain time, signed by the service.

The token names its certificate by ESSCertIDv2 (RFC 5816). What a request asks for and cannot have is refused in the
reply itself, by the codes of RFC 3161 (2.4.2). The clock is not believed when it tells an earlier time than that of a
time-stamp given before: then none is given until it has caught up, or somebody has said that it was wrong before.
"""

import hashlib
import secrets
from datetime import UTC, datetime
from enum import StrEnum

from asn1crypto import cms, core, tsp, x509
from asn1crypto.parser import parse
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sync.server.service_key import WrongServiceKey
from sync.server.store import Store
from sync.server.time_stamp_keys import StampKey, StampKeys

POLICY = "2.25.153172694187466270316520814527209946503"
"""Under what rules these time-stamps are given: docs/running_the_service.md, "Time-stamps"."""
ACCURACY_SECONDS = 1
LATEST = "time_stamp_latest"
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
DIGESTS = {"sha256": 32, "sha384": 48, "sha512": 64}
_SERIAL_BYTES = 16
_SECOND = 1_000_000


class Failure(StrEnum):
    """PKIFailureInfo of RFC 3161 (2.4.2), by the names of `asn1crypto`."""

    BAD_ALG = "bad_alg"
    BAD_REQUEST = "bad_request"
    BAD_DATA_FORMAT = "bad_data_format"
    TIME_NOT_AVAILABLE = "time_not_available"
    UNACCEPTED_POLICY = "unaccepted_policy"
    UNACCEPTED_EXTENSION = "unaccepted_extensions"
    SYSTEM_FAILURE = "system_failure"


class StampRefused(Exception):
    """No time-stamp for this request; `text` is for whoever reads the reply."""

    def __init__(self, failure: Failure, text: str) -> None:
        super().__init__(failure.value, text)
        self.failure, self.text = failure, text


class RefusalReply(core.Sequence):
    """A TimeStampResp without a token, which `asn1crypto` does not know."""

    _fields = [("status", tsp.PKIStatusInfo)]  # noqa: RUF012


class TimeStamps:
    """Gives time-stamps; on any thread."""

    def __init__(self, store: Store, keys: StampKeys) -> None:
        self._store, self._keys = store, keys

    def reply(self, query: bytes, *, now_ms: int) -> bytes:
        """The TimeStampResp for a TimeStampReq, both DER. Refusals stand in it; `now_ms` since the epoch."""
        try:
            request = _request_in(query)
            moment = datetime.fromtimestamp(now_ms // 1000, UTC)
            key = self._signing_key(moment)
            self._believe(now_ms * 1000)
            token = _token(request, key, moment)
        except StampRefused as refused:
            return _refusal(refused)
        status = tsp.PKIStatusInfo({"status": "granted"})
        return bytes(tsp.TimeStampResp({"status": status, "time_stamp_token": token}).dump())

    def _signing_key(self, now: datetime) -> StampKey:
        try:
            key = self._keys.present(now=now)
        except WrongServiceKey as error:
            raise StampRefused(Failure.SYSTEM_FAILURE, "the service cannot open its time-stamp key") from error
        certificate = key.certificate
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise StampRefused(Failure.TIME_NOT_AVAILABLE, "the service's clock is outside its certificate's time")
        return key

    def _believe(self, now: int) -> None:
        """Note the time of a time-stamp; raises StampRefused where a later one was given. In microseconds."""
        store = self._store
        with store.write() as connection:
            store.run(
                connection, "INSERT INTO service_state (name, value) VALUES (?, '0') ON CONFLICT (name) DO NOTHING",
                (LATEST,),
            )  # fmt: skip
            latest = int(
                store.run(
                    connection, f"SELECT value FROM service_state WHERE name = ?{store.lock}", (LATEST,)
                ).scalar() or 0
            )  # fmt: skip
            if now + ACCURACY_SECONDS * _SECOND < latest:
                raise StampRefused(Failure.TIME_NOT_AVAILABLE, "the service's clock was set back")
            if now > latest:
                store.run(connection, "UPDATE service_state SET value = ? WHERE name = ?", (str(now), LATEST))


def latest_stamp(store: Store) -> datetime | None:
    """When the latest time-stamp was given."""
    with store.read() as connection:
        found = store.run(connection, "SELECT value FROM service_state WHERE name = ?", (LATEST,)).scalar()
    return datetime.fromtimestamp(int(found) / _SECOND, UTC) if int(found or 0) else None


def forget_latest(store: Store) -> None:
    """Believe the clock from now on, although it tells an earlier time: it was wrong before."""
    with store.write() as connection:
        store.run(connection, "UPDATE service_state SET value = '0' WHERE name = ?", (LATEST,))


def _request_in(query: bytes) -> tsp.TimeStampReq:
    """The request; raises StampRefused for what is none, or asks for what is not given here."""
    try:
        parse(query, strict=True)
        request = tsp.TimeStampReq.load(query, strict=True)
        told = request.native
        algorithm = str(told["message_imprint"]["hash_algorithm"]["algorithm"])
        digest, version = bytes(told["message_imprint"]["hashed_message"]), str(told["version"])
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StampRefused(Failure.BAD_DATA_FORMAT, "this is no TimeStampReq") from error
    if version != "v1":
        raise StampRefused(Failure.BAD_REQUEST, "only version 1 is known")
    if algorithm not in DIGESTS:
        raise StampRefused(Failure.BAD_ALG, f"digests are taken of {', '.join(DIGESTS)}")
    if len(digest) != DIGESTS[algorithm]:
        raise StampRefused(Failure.BAD_DATA_FORMAT, f"a digest of {algorithm} has {DIGESTS[algorithm]} bytes")
    if request["req_policy"].native and request["req_policy"].dotted != POLICY:
        raise StampRefused(Failure.UNACCEPTED_POLICY, f"the policy is {POLICY}")
    if told["extensions"]:
        raise StampRefused(Failure.UNACCEPTED_EXTENSION, "no extensions are known")
    return request


def _token(request: tsp.TimeStampReq, key: StampKey, moment: datetime) -> cms.ContentInfo:
    info: dict[str, object] = {
        "version": "v1",
        "policy": POLICY,
        "message_imprint": request["message_imprint"],
        # Random, not counted: a database that comes back from a backup gives none twice.
        "serial_number": int.from_bytes(secrets.token_bytes(_SERIAL_BYTES), "big") | 1,
        "gen_time": moment,
        "accuracy": {"seconds": ACCURACY_SECONDS},
        "tsa": x509.GeneralName("directory_name", _certificate(key).subject),
    }
    if request["nonce"].native is not None:
        info["nonce"] = request["nonce"].native
    content = tsp.TSTInfo(info).dump()
    certificate = _certificate(key)
    signed = _signed_attributes(content, certificate)
    signature = key.key.sign(signed.untag().dump(), ec.ECDSA(hashes.SHA256()))
    signer = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            "issuer_and_serial_number",
            cms.IssuerAndSerialNumber({"issuer": certificate.issuer, "serial_number": certificate.serial_number}),
        ),
        "digest_algorithm": {"algorithm": "sha256"},
        "signed_attrs": signed,
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": signature,
    }
    data: dict[str, object] = {
        "version": "v3",
        "digest_algorithms": [{"algorithm": "sha256"}],
        "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
        "signer_infos": [signer],
    }
    if request["cert_req"].native:
        data["certificates"] = [cms.CertificateChoices("certificate", certificate)]
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(data)})


def _signed_attributes(content: bytes, certificate: x509.Certificate) -> cms.CMSAttributes:
    named = tsp.ESSCertIDv2(
        {
            "cert_hash": hashlib.sha256(certificate.dump()).digest(),
            "issuer_serial": {
                "issuer": [x509.GeneralName("directory_name", certificate.issuer)],
                "serial_number": certificate.serial_number,
            },
        }
    )
    told = (
        ("content_type", "tst_info"),
        ("message_digest", hashlib.sha256(content).digest()),
        ("signing_certificate_v2", tsp.SigningCertificateV2({"certs": [named]})),
    )
    return cms.CMSAttributes([cms.CMSAttribute({"type": kind, "values": [value]}) for kind, value in told])


def _certificate(key: StampKey) -> x509.Certificate:
    return x509.Certificate.load(key.certificate.public_bytes(serialization.Encoding.DER))


def _refusal(refused: StampRefused) -> bytes:
    status = tsp.PKIStatusInfo(
        {
            "status": "rejection",
            "status_string": [refused.text],
            "fail_info": tsp.PKIFailureInfo({refused.failure.value}),
        }
    )
    return bytes(RefusalReply({"status": status}).dump())
