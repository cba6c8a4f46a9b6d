"""Verification against forgers: every way of tampering we know is found and named; an untouched file is intact."""

import io
import random
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter, copy_into_new_writer

from app.contracts.evidence import SignerRole
from app.contracts.sealing import sign_by_hand
from app.contracts.signing_keys import create_authority
from app.contracts.verification import (
    PROBLEM_TEXTS,
    VERDICT_TEXTS,
    Coverage,
    ProblemCode,
    Verdict,
    verify,
)
from app.runtime.language import CHINESE, set_language
from tests.app.contracts.sealed_samples import Sealed, sealed_sample
from tests.app.contracts.signing_samples import evidence_for
from tests.app.documents.paper_samples import NOON, SELLER


@pytest.fixture(scope="module")
def sealed() -> Sealed:
    return sealed_sample()


def changed(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    """The file with one more revision appended, as a forger with a PDF library would."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def fields_of(writer: IncrementalPdfFileWriter) -> list[Any]:
    fields = writer.root["/AcroForm"]["/Fields"]
    return [fields[index] for index in range(len(fields))]


def overlay(writer: IncrementalPdfFileWriter) -> None:
    content = generic.StreamObject(stream_data=b"q 1 0 0 rg 60 500 400 60 re f Q")
    writer.add_stream_to_page(0, writer.add_object(content), prepend=False)


def note_over_page(writer: IncrementalPdfFileWriter) -> None:
    page, _ = writer.find_page_for_modification(0)
    note = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Square"),
            pdf_name("/Rect"): generic.ArrayObject([generic.NumberObject(n) for n in (60, 500, 460, 560)]),
            pdf_name("/F"): generic.NumberObject(4),
        }
    )
    reference = writer.add_object(note)
    dictionary = page.get_object()
    if "/Annots" in dictionary:
        dictionary["/Annots"].append(reference)
    else:
        dictionary["/Annots"] = generic.ArrayObject([reference])
    writer.update_container(dictionary)


def insert_page(writer: IncrementalPdfFileWriter) -> None:
    content = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
    page = PageObject(
        contents=content, media_box=generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 595, 842)])
    )
    writer.insert_page(page, after=1)


def untick(writer: IncrementalPdfFileWriter) -> None:
    for field in fields_of(writer):
        if field["/T"] == "acknowledge_02":
            field[pdf_name("/V")] = field[pdf_name("/AS")] = pdf_name("/Off")
            writer.update_container(field)


def drop_signature(writer: IncrementalPdfFileWriter) -> None:
    for field in fields_of(writer):
        if field["/T"] == "signature_seller":
            del field["/V"]
            writer.update_container(field)


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


def test_flipped_bytes_anywhere_are_noticed(sealed: Sealed) -> None:
    dice = random.Random(11)
    pdf = sealed.seal.pdf
    places = [dice.randrange(len(pdf)) for _ in range(14)] + [len(pdf) - 3, 12]
    for place in places:
        damaged = bytearray(pdf)
        damaged[place] ^= 1 << dice.randrange(8)
        report = verify(bytes(damaged), [sealed.root])
        assert report.verdict in (Verdict.CHANGED, Verdict.UNREADABLE), place


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


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (overlay, ProblemCode.PAGES_ALTERED),
        (note_over_page, ProblemCode.PAGES_MARKED),
        (insert_page, ProblemCode.PAGES_ADDED),
        (untick, ProblemCode.FIELDS_CHANGED),
        (drop_signature, ProblemCode.FIELDS_CHANGED),
    ],
)
def test_what_a_forger_appends_is_found_and_named(
    sealed: Sealed, forge: Callable[[IncrementalPdfFileWriter], None], code: ProblemCode
) -> None:
    report = verify(changed(sealed.seal.pdf, forge), [sealed.root])
    assert report.verdict is Verdict.CHANGED
    assert code in report.codes()
    assert ProblemCode.ADDED_AFTER_LAST_SIGNATURE in report.codes()
    assert not any(one.coverage is Coverage.WHOLE_FILE for one in report.signatures)
    assert all(problem.message() for problem in report.problems)


@pytest.mark.parametrize("forge", [overlay, insert_page])
def test_change_slipped_in_between_two_signatures_is_found(
    sealed: Sealed, forge: Callable[[IncrementalPdfFileWriter], None]
) -> None:
    slipped = changed(sealed.buyer.pdf, forge)
    evidence = evidence_for(sealed.contract, sealed.locked.sha256, SignerRole.SELLER)
    both = sign_by_hand(slipped, evidence=evidence, authority=sealed.authority)
    report = verify(both.pdf, [sealed.root])
    assert report.verdict is Verdict.CHANGED
    assert ProblemCode.FORBIDDEN_CHANGE in report.codes()
    buyer, seller = report.signatures
    assert not buyer.intact and buyer.changes
    assert seller.intact


def test_trailing_bytes_are_noticed(sealed: Sealed) -> None:
    report = verify(sealed.seal.pdf + b"\n% hello", [sealed.root])
    assert report.verdict is Verdict.CHANGED
    assert ProblemCode.ADDED_AFTER_LAST_SIGNATURE in report.codes()


def test_signature_cut_off_is_missed_by_whoever_knows_how_many_there_were(sealed: Sealed) -> None:
    report = verify(sealed.buyer.pdf, [sealed.root], sealed.expected)
    assert report.verdict is Verdict.CHANGED
    assert {ProblemCode.SIGNATURE_MISSING, ProblemCode.FILE_DIFFERS} <= report.codes()
    assert "seal_seller" in " ".join(problem.message() for problem in report.problems)


def test_all_signatures_stripped_by_rewriting(sealed: Sealed) -> None:
    writer: PdfFileWriter = copy_into_new_writer(PdfFileReader(io.BytesIO(sealed.seal.pdf)))
    del writer.root["/AcroForm"]
    target = io.BytesIO()
    writer.write(target)
    assert verify(target.getvalue(), [sealed.root]).verdict is Verdict.UNSIGNED
    report = verify(target.getvalue(), [sealed.root], sealed.expected)
    assert report.verdict is Verdict.CHANGED
    assert {ProblemCode.SIGNATURE_MISSING, ProblemCode.LOCKED_TEXT_DIFFERS} <= report.codes()


def test_rewritten_file_with_its_signatures_kept_is_noticed(sealed: Sealed) -> None:
    target = io.BytesIO()
    copy_into_new_writer(PdfFileReader(io.BytesIO(sealed.seal.pdf))).write(target)
    assert verify(target.getvalue(), [sealed.root]).verdict in (Verdict.CHANGED, Verdict.UNREADABLE)


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


if shutil.which("pdfsig"):

    def test_another_program_agrees_on_an_untouched_file(sealed: Sealed, tmp_path: Path) -> None:
        file = tmp_path / "contract.pdf"
        file.write_bytes(sealed.seal.pdf)
        done = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, timeout=60, check=False)
        said = done.stdout.decode()
        assert said.count("Signature is Valid") == 3
        assert said.count("ETSI.CAdES.detached") == 3
        assert "Total document signed" in said
