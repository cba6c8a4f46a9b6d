"""Keys and certificates for signing: a small authority of the dealer group, the dealer's seal, one-off signatures.

Keys made here are ECDSA on P-256; one that a real authority gave in a PKCS#12 container may be RSA too, and brings the
certificates above it. Whoever calls keeps the key in the keyring and nowhere else. For a person's handwritten signature
a key is made, used once and forgotten: its certificate names the signer and carries the digest of the evidence, so that
what is proven is exactly this act.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from app.contracts.keys.errors import SigningKeyUnusable

EVIDENCE_URN = "urn:forecourt:evidence:sha256:"
_AUTHORITY_YEARS = 30
_SEAL_YEARS = 10
_CLOCK_SLACK = timedelta(minutes=10)
_LONGEST_NAME = 64
_YEAR = timedelta(days=365)
_LEAST_RSA_BITS = 2048
_LONGEST_CHAIN = 8
SPELLED = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A certificate with its private key, both PEM. The key is a secret: keyring only.

    `chain` are the certificates above it, its issuer first; the root is among them where it is known.
    """

    certificate_pem: bytes
    key_pem: bytes
    chain: tuple[bytes, ...] = ()

    def fingerprint(self) -> str:
        """SHA-256 of the certificate, 64 hex digits."""
        return fingerprint_of(self.certificate_pem)

    def intermediates(self) -> tuple[bytes, ...]:
        """What goes into a signature beside the certificate itself: the chain without its root."""
        return tuple(pem for pem in self.chain if not is_self_issued(certificate_of(pem)))


def create_authority(*, organisation: str, now: datetime) -> SigningKey:
    """The group's own root: its certificate is what verification trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"{organisation} · Forecourt CA", organisation=organisation, unit="certificate authority")
    certificate = (
        _draft(name, issuer=name, key=key.public_key(), now=now, valid=_AUTHORITY_YEARS * _YEAR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        .add_extension(_usage(certifies=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return packed(certificate, key)


def create_dealer_key(authority: SigningKey, *, organisation: str, branch: str, now: datetime) -> SigningKey:
    """The key of the dealer's electronic seal, certified by the authority. Raises SigningKeyUnusable."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(organisation, organisation=organisation, unit=branch)
    return _certified(authority, subject, key, now=now, valid=_SEAL_YEARS * _YEAR, evidence_sha256=None)


def create_event_key(
    authority: SigningKey, *, signer: str, organisation: str, evidence_sha256: str, now: datetime
) -> SigningKey:
    """A key for one signature of one person, bound to its evidence; forget it after signing.

    The certificate outlives the key (to the end of the authority's), because no later use can abuse a key that
    no longer exists, and a contract is looked at years later. Raises SigningKeyUnusable.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(signer, organisation=organisation, unit="signed by hand, one-off certificate")
    until = certificate_of(authority.certificate_pem).not_valid_after_utc - now - timedelta(days=1)
    return _certified(authority, subject, key, now=now, valid=until, evidence_sha256=evidence_sha256)


def to_pkcs12(key: SigningKey, *, authority_pem: bytes, passphrase: bytes) -> bytes:
    """An encrypted container for moving a key to another desk. Raises SigningKeyUnusable."""
    certificate, private = unpacked(key)
    return pkcs12.serialize_key_and_certificates(
        b"forecourt",
        private,
        certificate,
        [certificate_of(pem) for pem in key.chain or (authority_pem,)],
        serialization.BestAvailableEncryption(passphrase),
    )


def from_pkcs12(container: bytes, *, passphrase: bytes) -> SigningKey:
    """The key out of such a container, with its chain. Raises SigningKeyUnusable for a wrong passphrase, damaged bytes,
    or a key that is too weak."""
    try:
        private, certificate, further = pkcs12.load_key_and_certificates(container, passphrase)
    except (ValueError, TypeError) as error:
        raise SigningKeyUnusable() from error
    if certificate is None or not _is_usable(private):
        raise SigningKeyUnusable()
    chain = tuple(one.public_bytes(serialization.Encoding.PEM) for one in chain_of(certificate, further))
    return packed(certificate, private, chain=chain)  # type: ignore[arg-type]


def is_bought(seal: SigningKey, authority: SigningKey) -> bool:
    """Whether the seal's key came from elsewhere than the desk's authority."""
    return bool(seal.chain) and seal.chain[0] != authority.certificate_pem


def certifies(key: SigningKey) -> bool:
    """Whether the key is an authority's: its certificate may certify others."""
    try:
        found = certificate_of(key.certificate_pem).extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound:
        return False
    return bool(found.value.ca)


def is_self_issued(certificate: x509.Certificate) -> bool:
    """Whether a certificate names itself as its issuer, as roots do."""
    return certificate.issuer == certificate.subject


def chain_of(certificate: x509.Certificate, further: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """Of the other certificates those above this one, its issuer first; what does not belong is left out."""
    chain: list[x509.Certificate] = []
    below, left = certificate, list(further)
    while not is_self_issued(below) and len(chain) < _LONGEST_CHAIN:
        issuer = next((one for one in left if is_issued_by(below, one)), None)
        if issuer is None:
            break
        left.remove(issuer)
        chain.append(issuer)
        below = issuer
    return chain


def is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether a certificate bears the signature of this issuer."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _is_usable(private: object) -> bool:
    if isinstance(private, rsa.RSAPrivateKey):
        return private.key_size >= _LEAST_RSA_BITS
    return isinstance(private, ec.EllipticCurvePrivateKey)


def certificate_of(pem: bytes) -> x509.Certificate:
    """The certificate in a PEM. Raises SigningKeyUnusable."""
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise SigningKeyUnusable() from error


def fingerprint_of(pem: bytes) -> str:
    """SHA-256 of a certificate, 64 hex digits. Raises SigningKeyUnusable."""
    return certificate_of(pem).fingerprint(hashes.SHA256()).hex()


def check_key(key: SigningKey, *, authority_pem: bytes, now: datetime) -> None:
    """Raise SigningKeyUnusable unless key, certificate and authority belong together and hold at `now`."""
    certificate, private = unpacked(key)
    if not is_issued_by(certificate, certificate_of(authority_pem)):
        raise SigningKeyUnusable()
    same = certificate.public_key().public_bytes(*SPELLED) == private.public_key().public_bytes(*SPELLED)
    if not same or not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise SigningKeyUnusable()


def _certified(
    authority: SigningKey,
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    *,
    now: datetime,
    valid: timedelta,
    evidence_sha256: str | None,
) -> SigningKey:
    issuer, issuer_key = unpacked(authority)
    # No certificate outlives the one above it, which with a real authority's may end soon.
    valid = min(valid, issuer.not_valid_after_utc - now)
    draft = (
        _draft(subject, issuer=issuer.subject, key=key.public_key(), now=now, valid=valid)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(certifies=False), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if evidence_sha256:
        bound = x509.UniformResourceIdentifier(EVIDENCE_URN + evidence_sha256)
        draft = draft.add_extension(x509.SubjectAlternativeName([bound]), critical=False)
    above = (authority.certificate_pem, *authority.chain)
    return packed(draft.sign(issuer_key, hashes.SHA256()), key, chain=above)


def _draft(
    subject: x509.Name, *, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, valid: timedelta
) -> x509.CertificateBuilder:
    start = now.replace(microsecond=0) - _CLOCK_SLACK
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + valid)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, certifies: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certifies,
        content_commitment=not certifies,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certifies,
        crl_sign=certifies,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common: str, *, organisation: str, unit: str) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.COUNTRY_NAME, "CN")]
    for oid, text in (
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        (NameOID.COMMON_NAME, common),
    ):
        if text:
            attributes.append(x509.NameAttribute(oid, _fitting(text)))
    return x509.Name(attributes)


def _fitting(text: str) -> str:
    """X.520 allows 64; counted in bytes, to be safe with every reader."""
    while len(text.encode("utf-8")) > _LONGEST_NAME:
        text = text[:-1]
    return text


def packed(certificate: x509.Certificate, key: PrivateKey, *, chain: tuple[bytes, ...] = ()) -> SigningKey:
    return SigningKey(
        certificate_pem=certificate.public_bytes(serialization.Encoding.PEM),
        key_pem=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        chain=chain,
    )


def unpacked(key: SigningKey) -> tuple[x509.Certificate, PrivateKey]:
    """Certificate and key as `cryptography` has them. Raises SigningKeyUnusable."""
    try:
        private = serialization.load_pem_private_key(key.key_pem, None)
    except (ValueError, TypeError) as error:
        raise SigningKeyUnusable() from error
    if not _is_usable(private):
        raise SigningKeyUnusable()
    return certificate_of(key.certificate_pem), private  # type: ignore[return-value]
