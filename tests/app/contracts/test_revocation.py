"""Revoked certificates, withdrawn authorities, keys from a real authority: what a signature is worth then."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from app.contracts.keys.errors import SigningKeyUnusable
from app.contracts.keys.held_keys import HeldKeys
from app.contracts.keys.revocation import (
    RevocationLists,
    RevocationReason,
    Revoked,
    Withdrawal,
    is_stale,
    new_list,
    revoked_in,
)
from app.contracts.keys.signing_keys import (
    SigningKey,
    certificate_of,
    create_authority,
    create_dealer_key,
    from_pkcs12,
    to_pkcs12,
)
from app.contracts.proof.findings import ProblemCode
from app.contracts.proof.time_proof import ProofLevel
from app.contracts.proof.verification import Verdict, verify
from app.runtime.language import CHINESE, set_language
from tests.app.contracts.stamping_samples import YEAR, LocalCentre, SealedSample, sealed_sample
from tests.app.documents.paper_samples import NOON, SELLER


@pytest.fixture(scope="module")
def sample() -> SealedSample:
    return sealed_sample()


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCentre]:
    made = LocalCentre(tmp_path_factory.mktemp("centre"))
    yield made
    made.close()


def serial_of(key: SigningKey) -> int:
    return certificate_of(key.certificate_pem).serial_number


def listed(sample: SealedSample, at: datetime, reason: str = "keyCompromise") -> tuple[bytes, ...]:
    return (new_list(sample.authority, [Revoked(at, serial_of(sample.dealer), reason)], now=at + timedelta(days=1)),)


def test_a_list_says_what_was_put_on_it(sample: SealedSample) -> None:
    entry = Revoked(NOON, 4711, RevocationReason.AFFILIATION_CHANGED.value)
    pem = new_list(sample.authority, [entry, Revoked(NOON, 12, "unspecified")], now=NOON)
    assert set(revoked_in(pem)) == {entry, Revoked(NOON, 12, "unspecified")}
    assert not is_stale(pem, now=NOON + timedelta(days=29)) and is_stale(pem, now=NOON + timedelta(days=31))
    with pytest.raises(SigningKeyUnusable):
        revoked_in(b"nonsense")


def test_only_the_issuer_can_revoke(sample: SealedSample) -> None:
    other = create_authority(organisation=SELLER.name, now=NOON)  # of the same name
    forged = new_list(other, [Revoked(NOON, serial_of(sample.dealer), "keyCompromise")], now=NOON)
    lists = RevocationLists([forged, b"nonsense", sample.revocation_list])
    certificate, issuer = certificate_of(sample.dealer.certificate_pem), certificate_of(sample.root)
    assert lists.of(certificate, issuer) is None and lists.cover(issuer)
    assert not RevocationLists([forged]).cover(issuer)


def test_sealed_before_the_revocation_stays_valid_where_it_is_proved(
    sample: SealedSample, centre: LocalCentre
) -> None:
    lost = NOON + timedelta(days=3)
    stamped = sample.stamped(centre)
    now = NOON + timedelta(days=9)
    report = sample.checked(stamped.pdf, centre, lists=listed(sample, lost), now=now)
    assert report.verdict is Verdict.INTACT and report.codes() == {ProblemCode.REVOKED_LATER}
    assert report.proof.level is ProofLevel.B_LTA
    unproved = sample.checked(sample.pdf, centre, lists=listed(sample, lost), now=now)
    assert unproved.verdict is Verdict.UNTRUSTED and unproved.codes() == {ProblemCode.REVOCATION_UNPROVED}


def test_sealed_after_the_revocation_does_not_count(sample: SealedSample, centre: LocalCentre) -> None:
    lists = listed(sample, NOON - timedelta(days=3), "superseded")
    for pdf in (sample.pdf, sample.stamped(centre).pdf):
        report = sample.checked(pdf, centre, lists=lists)
        assert report.verdict is Verdict.UNTRUSTED and report.codes() == {ProblemCode.CERTIFICATE_REVOKED}
    message = report.problems[0].message()
    assert "was revoked on 2026-11-19 12:05" in message and "Replaced by another certificate" in message
    set_language(CHINESE)
    try:
        assert "已由其他证书替代" in report.problems[0].message()
    finally:
        set_language("en")


def test_a_clock_set_back_does_not_save_a_revoked_key(sample: SealedSample, tmp_path: Path) -> None:
    """The thief's computer says that it is still last week; the time-stamp says when it really was."""
    late = LocalCentre(tmp_path, now=NOON + timedelta(days=30))
    report = sample.checked(
        sample.stamped(late).pdf, late, lists=listed(sample, NOON + timedelta(days=7)), now=NOON + timedelta(days=31)
    )
    late.close()
    assert report.verdict is Verdict.UNTRUSTED and ProblemCode.CERTIFICATE_REVOKED in report.codes()


def test_lists_in_the_file_count_too(sample: SealedSample, centre: LocalCentre) -> None:
    """What was revoked when it was stamped stands in its own store."""
    revoked = replace(sample, revocation_list=listed(sample, NOON - timedelta(days=1))[0])
    assert sample.checked(revoked.stamped(centre).pdf, centre).codes() == {ProblemCode.CERTIFICATE_REVOKED}


def test_nothing_of_a_withdrawn_authority_counts_from_then_on(sample: SealedSample, centre: LocalCentre) -> None:
    stamped = sample.stamped(centre).pdf

    def checked(pdf: bytes, at: datetime) -> frozenset[ProblemCode]:
        gone = Withdrawal(sample.authority.fingerprint(), at, "keyCompromise")
        return verify(
            pdf, [sample.root], time_roots=centre.roots, withdrawn=[gone], now=NOON + timedelta(days=9)
        ).codes()

    assert checked(stamped, NOON + timedelta(days=1)) == {ProblemCode.REVOKED_LATER}
    assert checked(stamped, NOON - timedelta(days=1)) == {ProblemCode.CERTIFICATE_REVOKED}
    assert checked(sample.pdf, NOON + timedelta(days=1)) == {ProblemCode.REVOCATION_UNPROVED}


# --- keys of a real authority ------------------------------------------------------------------------------------


def _real_authority() -> tuple[SigningKey, SigningKey]:
    """A public root, and an authority below it for the dealer group, as a certification service gives it out (RSA)."""
    root_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    group_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Public Root")])
    group_name = x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, "Lotus Group CA"),
         x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lotus Group")]
    )  # fmt: skip

    def made(subject: x509.Name, key: rsa.RSAPrivateKey) -> x509.Certificate:
        usage = {
            "content_commitment", "data_encipherment", "decipher_only", "digital_signature", "encipher_only",
            "key_agreement", "key_encipherment",
        }  # fmt: skip
        draft = x509.CertificateBuilder().subject_name(subject).issuer_name(root_name).public_key(key.public_key())
        draft = draft.serial_number(x509.random_serial_number()).not_valid_before(NOON - YEAR)
        draft = draft.not_valid_after(NOON + 12 * YEAR)
        draft = draft.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        others = dict.fromkeys(usage, False)
        draft = draft.add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **others), critical=True)
        draft = draft.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        return draft.sign(root_key, hashes.SHA256())

    def packed(certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> SigningKey:
        return SigningKey(
            certificate_pem=certificate.public_bytes(serialization.Encoding.PEM),
            key_pem=key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )

    return packed(made(root_name, root_key), root_key), packed(made(group_name, group_key), group_key)


@pytest.fixture(scope="module")
def public_root() -> tuple[SigningKey, SigningKey]:
    return _real_authority()


def _container(key: SigningKey, *, above: list[bytes]) -> bytes:
    private = serialization.load_pem_private_key(key.key_pem, None)
    return pkcs12.serialize_key_and_certificates(
        b"lotus", private, certificate_of(key.certificate_pem), [certificate_of(one) for one in above],  # type: ignore[arg-type]
        serialization.BestAvailableEncryption(b"passphrase"),
    )  # fmt: skip


def test_a_real_authority_works_from_signing_to_the_archive(
    public_root: tuple[SigningKey, SigningKey], centre: LocalCentre
) -> None:
    root, group = public_root
    held = HeldKeys.create(organisation=SELLER.name, branch="浦东店", now=NOON)
    key = from_pkcs12(_container(group, above=[root.certificate_pem]), passphrase=b"passphrase")
    assert key.chain == (root.certificate_pem,)
    keys = HeldKeys.from_text(held.with_key(key, now=NOON).to_text())
    assert keys.authority().chain == (root.certificate_pem,)
    done = sealed_sample(authority=keys.authority(), dealer=keys.dealer())
    for trusted in ((root.certificate_pem,), keys.trusted_roots()):  # an outsider, and a desk of the group
        report = done.checked(done.pdf, centre, roots=tuple(trusted))
        assert report.verdict is Verdict.INTACT, report.problems
    assert done.checked(done.pdf, centre, roots=(centre.roots[0],)).codes() == {ProblemCode.CERTIFICATE_UNTRUSTED}
    stamped = done.stamped(centre)
    report = done.checked(stamped.pdf, centre, roots=(group.certificate_pem,))
    assert (report.verdict, report.proof.level) == (Verdict.INTACT, ProofLevel.B_LTA)


def test_a_seal_from_a_real_authority_takes_the_place_of_the_own_one(
    public_root: tuple[SigningKey, SigningKey], centre: LocalCentre
) -> None:
    root, group = public_root
    bought = create_dealer_key(
        replace(group, chain=(root.certificate_pem,)), organisation=SELLER.name, branch="", now=NOON
    )
    container = to_pkcs12(bought, authority_pem=group.certificate_pem, passphrase=b"passphrase")
    held = HeldKeys.create(organisation=SELLER.name, branch="浦东店", now=NOON)
    keys = held.with_key(from_pkcs12(container, passphrase=b"passphrase"), now=NOON)
    assert keys.seal_root() == root.certificate_pem and keys.authority() == held.authority()
    done = sealed_sample(authority=keys.authority(), dealer=keys.dealer())
    assert done.checked(done.pdf, centre, roots=tuple(keys.trusted_roots())).verdict is Verdict.INTACT
    with pytest.raises(SigningKeyUnusable):  # only the real authority can give another one
        keys.renew_dealer(now=NOON)


def test_a_seal_without_its_authority_is_refused() -> None:
    held = HeldKeys.create(organisation=SELLER.name, branch="浦东店", now=NOON)
    lonely = replace(held.dealer(), chain=())
    with pytest.raises(SigningKeyUnusable):
        held.with_key(lonely, now=NOON)
    with pytest.raises(SigningKeyUnusable):
        held.with_key(held.dealer(), now=NOON + 11 * YEAR)


def test_a_weak_key_is_refused() -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Weak")])
    draft = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(weak.public_key())
    draft = draft.serial_number(1).not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    certificate = draft.not_valid_after(datetime(2027, 1, 1, tzinfo=UTC)).sign(weak, hashes.SHA256())
    container = pkcs12.serialize_key_and_certificates(
        b"weak", weak, certificate, None, serialization.BestAvailableEncryption(b"x")
    )
    with pytest.raises(SigningKeyUnusable):
        from_pkcs12(container, passphrase=b"x")


def test_a_seal_gets_another_key(sample: SealedSample) -> None:
    held = HeldKeys.create(organisation=SELLER.name, branch="浦东店", now=NOON)
    renewed = held.renewed(now=NOON + YEAR)
    assert renewed.authority() == held.authority() and serial_of(renewed.dealer()) != serial_of(held.dealer())
    earlier = held.to_text().replace('"organisation"', '"former"')  # as it was kept before
    assert HeldKeys.from_text(earlier).renewed(now=NOON).dealer().chain == (held.authority().certificate_pem,)


def test_a_certificate_slipped_into_a_container_is_found(sample: SealedSample, centre: LocalCentre) -> None:
    """Only certificates on the way to the root may stand beside the signer's."""
    stranger = create_authority(organisation="别家", now=NOON)
    odd = replace(sample.dealer, chain=(*sample.dealer.chain, _below(stranger)))
    report = sealed_sample(authority=sample.authority, dealer=odd).checked(
        sealed_sample(authority=sample.authority, dealer=odd).pdf, centre
    )
    assert report.verdict is Verdict.CHANGED and ProblemCode.SIGNATURE_DAMAGED in report.codes()


def _below(authority: SigningKey) -> bytes:
    return create_dealer_key(authority, organisation="别家", branch="", now=NOON).certificate_pem
