"""What verification says of untouched, unfinished and unreadable files; what forgers do stands in `tampering`."""

from dataclasses import replace

import pytest

from app.contracts.keys.signing_keys import create_authority
from app.contracts.proof.verification import (
    PROBLEM_TEXTS,
    VERDICT_TEXTS,
    Coverage,
    ProblemCode,
    Verdict,
    verify,
)
from app.contracts.sealing.evidence import SignerRole
from app.contracts.sealing.steps import sign_by_hand
from app.runtime.language import CHINESE, set_language
from tests.app.contracts.sealed_samples import Sealed, sealed_sample
from tests.app.contracts.signing_samples import evidence_for
from tests.app.contracts.tampering.forgeries import changed, insert_page
from tests.app.documents.paper_samples import NOON, SELLER


@pytest.fixture(scope="module")
def sealed() -> Sealed:
    return sealed_sample()


def test_untouched_file_is_intact(sealed: Sealed) -> None:
    report = verify(sealed.seal.pdf, [sealed.root], sealed.expected)
    assert report.problems == ()
    assert report.verdict is Verdict.INTACT
    assert report.pages == sealed.contract.pages
    assert report.awaiting == ()
    assert report.sha256 == sealed.seal.sha256
    buyer, seller, house = report.signatures
    assert (buyer.signer, seller.signer, house.signer) == ("欧阳䶮", "陈嘉宁", SELLER.name)
    assert [one.coverage for one in report.signatures] == [
        Coverage.ITS_REVISION,
        Coverage.ITS_REVISION,
        Coverage.WHOLE_FILE,
    ]
    assert all(one.intact and one.trusted and not one.changes for one in report.signatures)
    assert buyer.signed_at is not None and (buyer.signed_at - NOON).total_seconds() == 300
    assert buyer.evidence_sha256 == sealed.buyer.evidence_sha256
    assert house.is_seal and not buyer.is_seal


def test_half_signed_file_is_intact_and_says_who_is_awaited(sealed: Sealed) -> None:
    report = verify(sealed.buyer.pdf, [sealed.root])
    assert report.verdict is Verdict.INTACT
    assert set(report.awaiting) == {"signature_seller", "seal_seller"}


def test_order_of_signing_does_not_matter(sealed: Sealed) -> None:
    seller = sign_by_hand(
        sealed.locked.pdf,
        evidence=evidence_for(sealed.contract, sealed.locked.sha256, SignerRole.SELLER),
        authority=sealed.authority,
    )
    buyer = sign_by_hand(
        seller.pdf,
        evidence=evidence_for(sealed.contract, sealed.locked.sha256, SignerRole.BUYER),
        authority=sealed.authority,
    )
    report = verify(buyer.pdf, [sealed.root])
    assert report.problems == ()
    assert [one.signer for one in report.signatures] == ["陈嘉宁", "欧阳䶮"]


def test_unsigned_file(sealed: Sealed) -> None:
    report = verify(sealed.locked.pdf, [sealed.root])
    assert report.verdict is Verdict.UNSIGNED
    assert report.codes() == {ProblemCode.NO_SIGNATURE}


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.7\n%%EOF\n", b"\x00" * 5000])
def test_what_is_no_pdf_is_unreadable_and_never_raises(data: bytes) -> None:
    report = verify(data, [])
    assert report.verdict is Verdict.UNREADABLE
    assert report.codes() == {ProblemCode.FILE_UNREADABLE}


def test_flipped_bytes_in_the_container_that_no_signature_covers_are_noticed(sealed: Sealed) -> None:
    pdf = sealed.seal.pdf
    start = pdf.rindex(b"/Contents <") + len(b"/Contents <")
    # The length, an algorithm's parameters, the embedded certificate, the signature itself, the padding.
    for place in (2, 83, 400, 1200, 1890, 2700, 2760, 6100):
        damaged = bytearray(pdf)
        damaged[start + place] = ord("0") if damaged[start + place] != ord("0") else ord("1")
        report = verify(bytes(damaged), [sealed.root])
        assert report.verdict in (Verdict.CHANGED, Verdict.UNREADABLE), place
    lower = bytearray(pdf)
    lower[start : start + 200] = pdf[start : start + 200].lower()
    assert verify(bytes(lower), [sealed.root]).verdict is Verdict.CHANGED


def test_contract_signed_by_a_stranger_is_unchanged_but_not_trusted(sealed: Sealed) -> None:
    stranger = create_authority(organisation=SELLER.name, now=NOON)
    for roots in ([stranger.certificate_pem], []):
        report = verify(sealed.seal.pdf, roots)
        assert report.verdict is Verdict.UNTRUSTED
        assert report.codes() == {ProblemCode.CERTIFICATE_UNTRUSTED}
        assert all(one.intact and not one.trusted for one in report.signatures)


def test_evidence_that_was_exchanged_is_noticed(sealed: Sealed) -> None:
    other = replace(sealed.expected, evidence={"signature_buyer": "0" * 64})
    report = verify(sealed.seal.pdf, [sealed.root], other)
    assert report.verdict is Verdict.CHANGED
    assert report.codes() == {ProblemCode.EVIDENCE_DIFFERS}


def test_every_finding_and_verdict_has_words_in_both_languages(sealed: Sealed) -> None:
    assert set(PROBLEM_TEXTS) == set(ProblemCode)
    assert set(VERDICT_TEXTS) == set(Verdict)
    report = verify(changed(sealed.seal.pdf, insert_page), [sealed.root])
    english = [problem.message() for problem in report.problems]
    set_language(CHINESE)
    chinese = [problem.message() for problem in report.problems]
    assert report.summary() == "签署后已被更改：请勿采信此文件。"
    assert all(en != zh for en, zh in zip(english, chinese, strict=True))
