"""A key from a real authority, looked at closely before anything is signed with it (PKCS#12, RFC 7292; RFC 5280)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar

from asn1crypto import pkcs12 as asn1_pkcs12
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

from app.contracts.keys.errors import (
    CertificateChainIncomplete,
    CertificateDigestWeak,
    CertificateEnded,
    CertificateForOtherUse,
    CertificateIsAuthority,
    CertificateMayNotCertify,
    CertificateNotBegun,
    CertificatesNotReadable,
    KeyAlgorithmNotUsable,
    KeyFileNotReadable,
    KeyFileWithoutKey,
    KeyPassphraseWrong,
)
from app.contracts.keys.signing_keys import SPELLED, SigningKey, certifies, chain_of, is_self_issued, packed
from app.kernel.errors import DomainError
from app.kernel.labels import Labelled
from app.runtime.language import tr_noop

FILE_BYTES = 1 << 20
LEAST_RSA_BITS = 2048
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_BROKEN = ("md5", "sha1")
_OTHER_USES = {
    ExtendedKeyUsageOID.SERVER_AUTH: "TLS server", ExtendedKeyUsageOID.CODE_SIGNING: "code signing",
    ExtendedKeyUsageOID.TIME_STAMPING: "time-stamps", ExtendedKeyUsageOID.OCSP_SIGNING: "OCSP",
}  # fmt: skip
"""Uses that do not go with documents; a certificate for these alone is refused."""


class KeyUse(Labelled):
    """What a key is taken for."""

    SEAL = "seal", tr_noop("The dealer's seal")
    AUTHORITY = "authority", tr_noop("The desk's authority")


def examine_key(
    container: bytes, *, passphrase: str, use: KeyUse, now: datetime, further: bytes = b"", name: str = "",
    further_name: str = "",
) -> SigningKey:  # fmt: skip
    """The key with its chain up to the root; `further` may hold certificates that the container leaves out.

    Raises errors of `key_errors`, with field `file`, `passphrase`, `further` or `use`. Neither the password nor the key
    stands in any of them.
    """
    private, certificate, others = _opened(container, passphrase, name)
    _require_algorithm(private)
    if certificate.public_key().public_bytes(*SPELLED) != private.public_key().public_bytes(*SPELLED):
        raise KeyFileWithoutKey(field="file")
    chain = chain_of(certificate, [*others, *certificates_in(further, name=further_name)])
    for one in (certificate, *chain):
        _require_sound(one, now)
    key = packed(certificate, private, chain=tuple(map(_pem, chain)))
    _require_use(key, certificate, use)
    top = chain[-1] if chain else certificate
    if not is_self_issued(top):
        raise CertificateChainIncomplete(field="further", issuer=name_of(top.issuer))
    return key


def certificates_in(content: bytes, *, name: str = "") -> list[x509.Certificate]:
    """All certificates of a file: PEM, one in DER, or PKCS#7 in either form; none for no bytes.

    Raises CertificatesNotReadable (field `further`).
    """
    if not content:
        return []
    if len(content) <= FILE_BYTES:
        for read in (x509.load_pem_x509_certificates, _one_der, pkcs7.load_pem_pkcs7_certificates,
                     pkcs7.load_der_pkcs7_certificates):  # fmt: skip
            try:
                return list(read(content))
            except (ValueError, UnsupportedAlgorithm):
                continue
    raise CertificatesNotReadable(field="further", name=name)


def name_of(name: x509.Name) -> str:
    """What a name says first: its common name, else its organisation, else all of it."""
    for oid in (x509.NameOID.COMMON_NAME, x509.NameOID.ORGANIZATION_NAME):
        found = name.get_attributes_for_oid(oid)
        if found:
            return str(found[0].value)
    return name.rfc4514_string()


def algorithm_of(public: object) -> str:
    """The kind of a key in the words of the trade, such as "ECDSA P-256" or "RSA 2048"."""
    if isinstance(public, ec.EllipticCurvePublicKey):
        return f"ECDSA {_CURVE_NAMES.get(public.curve.name, public.curve.name)}"
    if isinstance(public, rsa.RSAPublicKey):
        return f"RSA {public.key_size}"
    return type(public).__name__.strip("_").removesuffix("PublicKey")


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


_CURVE_NAMES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}


def _one_der(content: bytes) -> Iterable[x509.Certificate]:
    return [x509.load_der_x509_certificate(content)]


def _opened(container: bytes, passphrase: str, name: str) -> tuple[Any, x509.Certificate, list[x509.Certificate]]:
    if len(container) > FILE_BYTES or not _is_pkcs12(container):
        raise KeyFileNotReadable(field="file", name=name)
    try:
        private, certificate, others = pkcs12.load_key_and_certificates(container, passphrase.encode("utf-8"))
    except UnsupportedAlgorithm:
        raise KeyAlgorithmNotUsable(field="file", algorithm="–") from None
    except (ValueError, TypeError) as error:
        if "password" in str(error).lower() or "mac" in str(error).lower():
            raise KeyPassphraseWrong(field="passphrase") from None
        raise KeyFileNotReadable(field="file", name=name) from None
    if private is None or certificate is None:
        raise KeyFileWithoutKey(field="file")
    return private, certificate, others


def _is_pkcs12(container: bytes) -> bool:
    try:
        return bool(asn1_pkcs12.Pfx.load(container, strict=True)["version"].native == "v3")
    except (ValueError, TypeError):
        return False


def _require_algorithm(private: Any) -> None:
    public = private.public_key() if hasattr(private, "public_key") else private
    if isinstance(private, rsa.RSAPrivateKey) and private.key_size >= LEAST_RSA_BITS:
        return
    if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, _CURVES):
        return
    raise KeyAlgorithmNotUsable(field="file", algorithm=algorithm_of(public))


def _require_sound(certificate: x509.Certificate, now: datetime) -> None:
    if now > certificate.not_valid_after_utc:
        raise CertificateEnded(field="file", day=certificate.not_valid_after_utc.date().isoformat())
    if now < certificate.not_valid_before_utc:
        raise CertificateNotBegun(field="file", day=certificate.not_valid_before_utc.date().isoformat())
    digest = certificate.signature_hash_algorithm
    if isinstance(digest, hashes.HashAlgorithm) and digest.name in _BROKEN and not is_self_issued(certificate):
        # A root is trusted for its bytes; who signed it, and how, proves nothing.
        raise CertificateDigestWeak(field="file", algorithm=digest.name.upper())


def _require_use(key: SigningKey, certificate: x509.Certificate, use: KeyUse) -> None:
    usage = _extension(certificate, x509.KeyUsage)
    if use is KeyUse.AUTHORITY:
        if not certifies(key):
            raise CertificateMayNotCertify(field="use")
        if usage is not None and not (usage.key_cert_sign and usage.crl_sign):
            raise _for_other_use(usage)
        return
    if certifies(key):
        raise CertificateIsAuthority(field="use")
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        raise _for_other_use(usage)
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    if purposes is not None and all(one in _OTHER_USES for one in purposes):
        raise CertificateForOtherUse(field="file", uses=", ".join(_OTHER_USES[one] for one in purposes))


def _for_other_use(usage: x509.KeyUsage) -> DomainError:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign")  # fmt: skip
    uses = ", ".join(name.replace("_", " ") for name in names if getattr(usage, name)) or "–"
    return CertificateForOtherUse(field="file", uses=uses)


E = TypeVar("E", bound=x509.ExtensionType)


def _extension(certificate: x509.Certificate, kind: type[E]) -> E | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError):
        return None
