"""A key from a real authority is looked at closely: what cannot be used is refused in words, with its field."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.contracts.keys.held_keys import HeldKeys
from app.contracts.keys.intake import KeyUse, certificates_in, examine_key
from app.contracts.keys.signing_keys import SigningKey, certificate_of
from app.kernel.errors import DomainError

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
PASSWORD = "通行证-7"
ROOT_KEY, MIDDLE_KEY, SEAL_KEY = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))


def named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certified(
    subject: str, key: Any, *, issuer: str, by: Any, ca: bool = False, days: int = 365, begins: int = -1,
    usage: tuple[str, ...] = (), purposes: tuple[Any, ...] = (),
) -> x509.Certificate:  # fmt: skip
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
             "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip
    asked = usage or (("key_cert_sign", "crl_sign") if ca else ("digital_signature", "content_commitment"))
    draft = (
        x509.CertificateBuilder().subject_name(named(subject)).issuer_name(named(issuer)).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(NOW + timedelta(days=begins))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**{name: name in asked for name in names}), critical=True)
    )  # fmt: skip
    if purposes:
        draft = draft.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return draft.sign(by, hashes.SHA256())


ROOT = certified("真实机构根", ROOT_KEY, issuer="真实机构根", by=ROOT_KEY, ca=True)
MIDDLE = certified("真实机构", MIDDLE_KEY, issuer="真实机构根", by=ROOT_KEY, ca=True)
SEAL = certified("上海车行", SEAL_KEY, issuer="真实机构", by=MIDDLE_KEY)


Chain = tuple[x509.Certificate, ...]


def container(
    certificate: x509.Certificate | None = SEAL, key: Any = SEAL_KEY, chain: Chain = (MIDDLE, ROOT)
) -> bytes:
    how = serialization.BestAvailableEncryption(PASSWORD.encode())
    return pkcs12.serialize_key_and_certificates(b"seal", key, certificate, list(chain), how)


def look(content: bytes, use: KeyUse = KeyUse.SEAL, **more: Any) -> SigningKey:
    given = {"passphrase": PASSWORD, "now": NOW, "name": "seal.p12"}
    return examine_key(content, use=use, **given | more)


def refused(call: Callable[[], object]) -> tuple[str, str | None]:
    with pytest.raises(DomainError) as caught:
        call()
    assert PASSWORD not in caught.value.message() + repr(caught.value)
    return caught.value.code, caught.value.field


def test_a_sound_key_comes_with_its_chain() -> None:
    key = look(container())
    assert [certificate_of(pem) for pem in key.chain] == [MIDDLE, ROOT]
    made = HeldKeys.create(organisation="车行", branch="", now=NOW).with_key(key, now=NOW)
    assert made.dealer().fingerprint() == key.fingerprint()


def test_what_the_file_leaves_out_is_brought_beside_it() -> None:
    short = container(chain=())
    assert refused(lambda: look(short)) == ("certificate_chain_incomplete", "further")
    assert refused(lambda: look(container(chain=(MIDDLE,)))) == ("certificate_chain_incomplete", "further")
    pem, der = (
        b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (ROOT, MIDDLE)),
        pkcs7.serialize_certificates([ROOT, MIDDLE], serialization.Encoding.DER),
    )
    for further in (pem, der, pkcs7.serialize_certificates([ROOT, MIDDLE], serialization.Encoding.PEM)):
        assert len(look(short, further=further).chain) == 2
    assert certificates_in(ROOT.public_bytes(serialization.Encoding.DER)) == [ROOT]
    assert refused(lambda: look(short, further=b"no", further_name="x.pem")) == ("certificates_not_readable", "further")


def test_files_that_are_none_and_passwords_that_are_wrong() -> None:
    assert refused(lambda: look(b"")) == ("key_file_not_readable", "file")
    assert refused(lambda: look(b"x" * 3000)) == ("key_file_not_readable", "file")
    assert refused(lambda: look(container()[:-20])) == ("key_file_not_readable", "file")
    assert refused(lambda: look(container() + bytes(2 << 20))) == ("key_file_not_readable", "file")
    for wrong in ("", "通行证", PASSWORD + " "):
        with pytest.raises(DomainError) as caught:
            look(container(), passphrase=wrong)
        assert (caught.value.code, caught.value.field) == ("key_passphrase_wrong", "passphrase")


def test_no_key_or_another_ones() -> None:
    assert refused(lambda: look(container(certificate=None, key=None, chain=(ROOT,)))) == (
        "key_file_without_key", "file",
    )  # fmt: skip


def test_kinds_of_keys_that_readers_of_pdf_do_not_check() -> None:
    weak = (
        rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP192R1()),
        ed25519.Ed25519PrivateKey.generate(),
    )  # fmt: skip
    for key in weak:
        brought = container(certified("弱", key, issuer="真实机构", by=MIDDLE_KEY), key)
        assert refused(partial(look, brought)) == ("key_algorithm_not_usable", "file")
    strong = rsa.generate_private_key(65537, 2048)
    assert look(container(certified("强", strong, issuer="真实机构", by=MIDDLE_KEY), strong)).chain


def test_certificates_that_do_not_count_today() -> None:
    ended = certified("旧", SEAL_KEY, issuer="真实机构", by=MIDDLE_KEY, begins=-30, days=-1)
    later = certified("新", SEAL_KEY, issuer="真实机构", by=MIDDLE_KEY, begins=3)
    above = certified("真实机构", MIDDLE_KEY, issuer="真实机构根", by=ROOT_KEY, ca=True, begins=-30, days=-1)
    assert refused(lambda: look(container(ended))) == ("certificate_ended", "file")
    assert refused(lambda: look(container(later))) == ("certificate_not_begun", "file")
    assert refused(lambda: look(container(chain=(above, ROOT)))) == ("certificate_ended", "file")


def test_what_a_certificate_is_for() -> None:
    server, mails = (ExtendedKeyUsageOID.SERVER_AUTH,), (ExtendedKeyUsageOID.EMAIL_PROTECTION,)
    tls = certified("网站", SEAL_KEY, issuer="真实机构", by=MIDDLE_KEY, purposes=server)
    mail = certified("邮件", SEAL_KEY, issuer="真实机构", by=MIDDLE_KEY, purposes=mails)
    locks = certified("加密", SEAL_KEY, issuer="真实机构", by=MIDDLE_KEY, usage=("key_encipherment",))
    assert refused(lambda: look(container(tls))) == ("certificate_for_other_use", "file")
    assert refused(lambda: look(container(locks))) == ("certificate_for_other_use", "file")
    assert look(container(mail)).chain
    assert refused(lambda: look(container(), KeyUse.AUTHORITY)) == ("certificate_may_not_certify", "use")
    middle = container(MIDDLE, MIDDLE_KEY, (ROOT,))
    assert refused(lambda: look(middle)) == ("certificate_is_authority", "use")
    held = HeldKeys.create(organisation="车行", branch="", now=NOW).with_key(look(middle, KeyUse.AUTHORITY), now=NOW)
    certificate_of(held.dealer().certificate_pem).verify_directly_issued_by(MIDDLE)
