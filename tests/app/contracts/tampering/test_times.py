"""Moved clocks, ended and revoked certificates: what each takes from a signature is said in words of both languages."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from app.contracts.keys.revocation import Revoked, new_list
from app.contracts.proof.findings import ProblemCode, shown
from app.contracts.proof.verification import Verdict, VerificationReport, verify
from app.contracts.sealing.evidence import SignerRole
from app.contracts.sealing.steps import lock, seal, sign_by_hand
from app.runtime.language import CHINESE, ENGLISH, set_language
from tests.app.contracts.signing_samples import evidence_for, sample_contract, seal_evidence
from tests.app.contracts.stamping_samples import YEAR, LocalCentre, SealedSample, sealed_sample
from tests.app.documents.paper_samples import NOON, SELLER

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def sample() -> SealedSample:
    return sealed_sample()


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[LocalCentre]:
    made = LocalCentre(tmp_path)
    yield made
    made.close()


def revoked(sample: SealedSample, days: int) -> tuple[bytes, ...]:
    """The dealer's list: the seal was lost so many days after NOON."""
    serial = x509.load_pem_x509_certificate(sample.dealer.certificate_pem).serial_number
    entry = Revoked(NOON + days * DAY, serial, "keyCompromise")
    return (new_list(sample.authority, [entry], now=max(NOON, NOON + days * DAY)),)


def _ahead(sample: SealedSample, centre: LocalCentre) -> VerificationReport:
    """The signing desk said it was noon; the centre stamped it two hours before."""
    centre.now = NOON - timedelta(hours=2)
    return sample.checked(sample.stamped(centre).pdf, centre)


def _expired(sample: SealedSample, centre: LocalCentre) -> VerificationReport:
    return sample.checked(sample.pdf, centre, now=NOON + 12 * YEAR)


def _stamp_expired(sample: SealedSample, centre: LocalCentre) -> VerificationReport:
    return sample.checked(sample.stamped(centre).pdf, centre, now=NOON + 8 * YEAR)


def _revoked_before(sample: SealedSample, centre: LocalCentre) -> VerificationReport:
    return sample.checked(sample.stamped(centre).pdf, centre, lists=revoked(sample, -3))


def _revoked_unproved(sample: SealedSample, centre: LocalCentre) -> VerificationReport:
    return sample.checked(sample.pdf, centre, lists=revoked(sample, 3), now=NOON + 9 * DAY)


def _revoked_later(sample: SealedSample, centre: LocalCentre) -> VerificationReport:
    return sample.checked(sample.stamped(centre).pdf, centre, lists=revoked(sample, 3), now=NOON + 9 * DAY)


def _set_back(sample: SealedSample, centre: LocalCentre) -> VerificationReport:
    """The thief of the key sets his clock back to before the revocation; the time-stamp tells when it was."""
    centre.now = NOON + 30 * DAY
    return sample.checked(
        sample.stamped(centre).pdf, centre, lists=revoked(sample, 7), now=NOON + 31 * DAY
    )


def _with_other_roots(sample: SealedSample, centre: LocalCentre) -> VerificationReport:
    return verify(sample.stamped(centre).pdf, [sample.root], time_roots=[sample.root], now=NOON + DAY)


@pytest.mark.parametrize(
    ("happened", "code", "verdict"),
    [
        (_ahead, ProblemCode.CLOCK_AHEAD, Verdict.INTACT),
        (_set_back, ProblemCode.CERTIFICATE_REVOKED, Verdict.UNTRUSTED),
        (_expired, ProblemCode.CERTIFICATE_EXPIRED, Verdict.UNTRUSTED),
        (_stamp_expired, ProblemCode.STAMP_EXPIRED, Verdict.INTACT),
        (_revoked_before, ProblemCode.CERTIFICATE_REVOKED, Verdict.UNTRUSTED),
        (_revoked_unproved, ProblemCode.REVOCATION_UNPROVED, Verdict.UNTRUSTED),
        (_revoked_later, ProblemCode.REVOKED_LATER, Verdict.INTACT),
        (_with_other_roots, ProblemCode.STAMP_UNTRUSTED, Verdict.UNTRUSTED),
    ],
)
def test_what_happened_to_clock_or_certificate_is_named(
    sample: SealedSample, centre: LocalCentre, verdict: Verdict, code: ProblemCode,
    happened: Callable[[SealedSample, LocalCentre], VerificationReport],
) -> None:  # fmt: skip
    report = happened(sample, centre)
    assert (report.verdict, code in report.codes()) == (verdict, True), report.problems
    english = [one.message() for one in report.problems]
    set_language(CHINESE)
    chinese = [one.message() for one in report.problems]
    set_language(ENGLISH)
    assert all(en and en != zh for en, zh in zip(english, chinese, strict=True))


def test_a_clock_that_was_set_back_between_two_signatures_is_named(centre: LocalCentre) -> None:
    """The seal closes what was signed five minutes past noon, and says that it was made two hours before."""
    sample, contract = sealed_sample(), sample_contract()
    locked = lock(contract.pdf)
    content, digests = locked.pdf, []
    for role in (SignerRole.BUYER, SignerRole.SELLER):
        evidence = evidence_for(contract, locked.sha256, role)
        content = sign_by_hand(content, evidence=evidence, authority=sample.authority).pdf
        digests.append(evidence.sha256())
    closing = replace(seal_evidence(locked.sha256, *digests), sealed_at=NOON + timedelta(minutes=1))
    sealed = seal(
        content, evidence=closing, key=sample.dealer, authority_pem=sample.root, organisation=SELLER.name
    ).pdf  # fmt: skip
    report = sample.checked(sealed, centre)
    assert report.codes() == {ProblemCode.CLOCK_BACK} and report.verdict is Verdict.INTACT
    told = report.problems[0].message()
    assert shown(closing.sealed_at) in told and shown(evidence.signed_at) in told
