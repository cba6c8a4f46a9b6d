"""Whose key time-stamps are signed with: roots of the service, and certificates below them that do nothing else.

A root lasts 30 years and signs only certificates and revocation lists. A signing certificate lasts six years, but its
key signs for one year only and is forgotten then: a time-stamp can be checked for five years at least before it needs
an archive time-stamp over it. Roots that were ever used stay known. Everything stands in `service_state`, one for all
workers and instances on one database, with the keys sealed under the service's own key (`service_key`).
"""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sync.server.service_key import ServiceKey
from sync.server.store import Connection, Store

STATE = "time_stamp_authority"
ROOT_LIFE, SIGNER_LIFE = timedelta(days=30 * 365), timedelta(days=6 * 365)
SIGNS_FOR = timedelta(days=365)
"""So long the key of a signing certificate is used."""
ROOT_ENDS_BEFORE = SIGNER_LIFE + SIGNS_FOR
"""A root that has less than this ahead is followed by another one."""
LIST_LIFE = timedelta(days=90)
"""A revocation list says that there is another one by then."""
_SLACK = timedelta(minutes=10)
_SERIAL_BITS = 152


class Revoked(StrEnum):
    """Why a signing certificate is good for nothing any more, in the words of RFC 5280."""

    KEY_COMPROMISE = "keyCompromise"
    SUPERSEDED = "superseded"
    CESSATION = "cessationOfOperation"


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate (PEM) and its key, sealed; an empty key was forgotten."""

    certificate: str
    sealed_key: str

    def read(self) -> x509.Certificate:
        """The certificate."""
        return x509.load_pem_x509_certificate(self.certificate.encode("ascii"))


@dataclass(frozen=True, slots=True)
class Revocation:
    """A signing certificate that was revoked; `at` in seconds since the epoch."""

    serial: int
    at: int
    reason: str


@dataclass(frozen=True, slots=True)
class Authority:
    """All roots and signing certificates there ever were, the present ones last."""

    roots: tuple[Certified, ...] = ()
    signers: tuple[Certified, ...] = ()
    revoked: tuple[Revocation, ...] = ()

    def to_text(self) -> str:
        """As it is stored."""
        told = {
            "roots": [[one.certificate, one.sealed_key] for one in self.roots],
            "signers": [[one.certificate, one.sealed_key] for one in self.signers],
            "revoked": [[str(one.serial), one.at, one.reason] for one in self.revoked],
        }
        return json.dumps(told)

    @classmethod
    def from_text(cls, text: str) -> "Authority":
        """What was stored; an empty text is an authority with nothing yet."""
        told = json.loads(text or "{}")
        return cls(
            roots=tuple(Certified(*one) for one in told.get("roots", ())),
            signers=tuple(Certified(*one) for one in told.get("signers", ())),
            revoked=tuple(Revocation(int(serial), at, reason) for serial, at, reason in told.get("revoked", ())),
        )


@dataclass(frozen=True, slots=True)
class StampKey:
    """What time-stamps are signed with now."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)


class StampKeys:
    """The authority of one service. Threads, workers and instances share it by the database. Times are aware UTC."""

    def __init__(self, store: Store, key: ServiceKey) -> None:
        self._store, self._key = store, key
        self._opened: tuple[str, StampKey] | None = None

    def present(self, *, now: datetime) -> StampKey:
        """The key to sign with, made or renewed where that is due. Raises WrongServiceKey."""
        authority = self.authority(now=now)
        signer = authority.signers[-1]
        opened = self._opened
        if opened is None or opened[0] != signer.certificate:
            opened = self._opened = (signer.certificate, StampKey(signer.read(), self._private(signer)))
        return opened[1]

    def authority(self, *, now: datetime) -> Authority:
        """Roots and certificates, made or renewed where that is due."""
        with self._store.read() as connection:
            known = Authority.from_text(_stored(self._store, connection))
        if not _is_due(known, now):
            return known
        return self._change(lambda authority: self._renewed(authority, now) if _is_due(authority, now) else authority)

    def revocation_lists(self, *, now: datetime) -> list[bytes]:
        """What each root says of the certificates below it, signed anew (PEM). Raises WrongServiceKey."""
        authority = self.authority(now=now)
        return [
            self._list(root, authority.revoked, now=now).public_bytes(serialization.Encoding.PEM)
            for root in authority.roots
            if root.read().not_valid_after_utc > now
        ]

    def replace_signer(self, *, now: datetime, reason: Revoked) -> x509.Certificate:
        """Revoke the present signing certificate and go on with a new one, which it gives."""

        def replaced(authority: Authority) -> Authority:
            before = authority.signers[-1].read()
            at = Revocation(before.serial_number, int(now.timestamp()), reason.value)
            return self._renewed(replace(authority, revoked=(*authority.revoked, at)), now)

        self.authority(now=now)
        return self._change(replaced).signers[-1].read()

    def _change(self, change: Any) -> Authority:
        """Change what is stored; whoever else wants to waits, and finds it done."""
        store = self._store
        with store.write() as connection:
            store.run(
                connection, "INSERT INTO service_state (name, value) VALUES (?, '') ON CONFLICT (name) DO NOTHING",
                (STATE,),
            )  # fmt: skip
            before = Authority.from_text(_stored(store, connection, lock=store.lock))
            after: Authority = change(before)
            if after is not before:
                store.run(connection, "UPDATE service_state SET value = ? WHERE name = ?", (after.to_text(), STATE))
        return after

    def _renewed(self, authority: Authority, now: datetime) -> Authority:
        roots = authority.roots
        if not roots or roots[-1].read().not_valid_after_utc - now < ROOT_ENDS_BEFORE:
            roots = (*roots, self._new_root(now))
        root = roots[-1]
        # The keys of earlier certificates are forgotten: nobody can date anything back with them.
        past = tuple(Certified(one.certificate, "") for one in authority.signers)
        return replace(authority, roots=roots, signers=(*past, self._new_signer(root, now)))

    def _new_root(self, now: datetime) -> Certified:
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(f"Forecourt Time-Stamp Root {now:%Y}")
        draft = _draft(name, name, key.public_key(), now=now, life=ROOT_LIFE)
        draft = draft.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        draft = draft.add_extension(_usage(certifies=True), critical=True)
        return self._kept(draft.sign(key, hashes.SHA256()), key)

    def _new_signer(self, root: Certified, now: datetime) -> Certified:
        key, issuer, issuer_key = ec.generate_private_key(ec.SECP256R1()), root.read(), self._private(root)
        draft = (
            _draft(_name(f"Forecourt Time-Stamps {now:%Y-%m}"), issuer.subject, key.public_key(), now=now,
                   life=SIGNER_LIFE)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(certifies=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        )  # fmt: skip
        return self._kept(draft.sign(issuer_key, hashes.SHA256()), key)

    def _list(
        self, root: Certified, revoked: tuple[Revocation, ...], *, now: datetime
    ) -> x509.CertificateRevocationList:  # fmt: skip
        issuer, key = root.read(), self._private(root)
        at = now.replace(microsecond=0)
        draft = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.subject).last_update(at - _SLACK).next_update(at + LIST_LIFE)
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        )  # fmt: skip
        for one in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(one.serial)
            entry = entry.revocation_date(datetime.fromtimestamp(one.at, UTC))
            entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags(one.reason)), critical=False)
            draft = draft.add_revoked_certificate(entry.build())
        return draft.sign(key, hashes.SHA256())

    def _kept(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Certified:
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = certificate.public_bytes(serialization.Encoding.PEM)
        return Certified(public.decode("ascii"), self._key.seal(private.decode("ascii")))

    def _private(self, kept: Certified) -> ec.EllipticCurvePrivateKey:
        opened = serialization.load_pem_private_key(self._key.open(kept.sealed_key).encode("ascii"), None)
        assert isinstance(opened, ec.EllipticCurvePrivateKey)
        return opened


def _stored(store: Store, connection: Connection, *, lock: str = "") -> str:
    found = store.run(connection, f"SELECT value FROM service_state WHERE name = ?{lock}", (STATE,)).scalar()
    return str(found or "")


def _is_due(authority: Authority, now: datetime) -> bool:
    """Whether there is no key yet, or it has signed for long enough."""
    if not authority.signers:
        return True
    return now - authority.signers[-1].read().not_valid_before_utc >= SIGNS_FOR


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Forecourt"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "central service"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _draft(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    begins = now.replace(microsecond=0) - _SLACK
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number() >> (160 - _SERIAL_BITS))
        .not_valid_before(begins)
        .not_valid_after(begins + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, certifies: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certifies, content_commitment=not certifies, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=certifies, crl_sign=certifies,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
