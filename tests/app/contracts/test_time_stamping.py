"""Time-stamped contracts: what they prove, for how long, and every way of tampering with the stamped parts."""

import io
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm

from app.contracts.proof.findings import ProblemCode
from app.contracts.proof.package_examination import FindingCode, KnownFromElsewhere, Standing, examine_document
from app.contracts.proof.time_proof import ProofLevel, StampState
from app.contracts.proof.verification import Verdict, verify
from app.contracts.stamps.errors import StampRefused
from app.contracts.stamps.time_stamping import StampedDocument
from app.runtime.language import CHINESE, set_language
from sync.server.time_stamp_keys import Revoked
from tests.app.contracts.stamping_samples import YEAR, LocalCentre, SealedSample, sealed_sample
from tests.app.documents.paper_samples import NOON


@pytest.fixture(scope="module")
def sample() -> SealedSample:
    return sealed_sample()


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCentre]:
    made = LocalCentre(tmp_path_factory.mktemp("centre"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def stamped(sample: SealedSample, centre: LocalCentre) -> StampedDocument:
    return sample.stamped(centre)


@pytest.fixture
def own_centre(tmp_path: Path) -> Iterator[LocalCentre]:
    """A centre whose clock and keys the test moves."""
    made = LocalCentre(tmp_path)
    yield made
    made.close()


def stamps_in(pdf: bytes) -> list[object]:
    found = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return [one for one in found if one.sig_object_type == "/DocTimeStamp"]


def exchanged(pdf: bytes, number: int, token: bytes) -> bytes:
    """The file with another token in the place of a time-stamp's."""
    found = stamps_in(pdf)[number]
    _, before, after, _ = (int(edge) for edge in found.byte_range)  # type: ignore[attr-defined]
    room = after - before - 2
    return pdf[: before + 1] + token.hex().upper().ljust(room, "0").encode("ascii") + pdf[after - 1 :]


def test_what_was_sealed_is_the_beginning_of_what_is_stamped(sample: SealedSample, stamped: StampedDocument) -> None:
    assert stamped.pdf.startswith(sample.pdf)
    assert stamped.at == NOON + timedelta(hours=1)
    assert stamped.ends_at > NOON + 5 * YEAR
    assert len(stamped.pdf) - len(sample.pdf) < 40_000


def test_a_sealed_contract_becomes_long_term(
    sample: SealedSample, centre: LocalCentre, stamped: StampedDocument
) -> None:
    before = sample.checked(sample.pdf, centre)
    assert (before.verdict, before.proof.level, before.proof.at) == (Verdict.INTACT, ProofLevel.B_B, None)
    report = sample.checked(stamped.pdf, centre)
    assert report.verdict is Verdict.INTACT and not report.problems
    assert report.proof.level is ProofLevel.B_LTA
    assert [one.state for one in report.proof.stamps] == [StampState.GOOD, StampState.GOOD]
    assert {one.proved_at for one in report.signatures} == {NOON + timedelta(hours=1)}
    assert [one.coverage.value for one in report.signatures] == ["its_revision"] * 3
    known = verify(stamped.pdf, [sample.root], sample.expected, time_roots=centre.roots, now=NOON + YEAR)
    assert known.verdict is Verdict.INTACT and known.codes() == {ProblemCode.OTHER_STAMPS}


def test_nothing_but_the_first_time_stamp_is_level_t(
    sample: SealedSample, centre: LocalCentre, stamped: StampedDocument
) -> None:
    """The file as it was after the first time-stamp: what is needed later, and the archive time-stamp, are missing."""
    first = stamps_in(stamped.pdf)[0]
    _, _, after, length = (int(edge) for edge in first.byte_range)  # type: ignore[attr-defined]
    report = sample.checked(stamped.pdf[: after + length], centre)
    assert (report.verdict, report.proof.level) == (Verdict.INTACT, ProofLevel.B_T)


def test_pyhanko_calls_the_time_stamps_maintenance_of_a_certified_file(stamped: StampedDocument) -> None:
    """The seal forbids all changes (DocMDP 1); time-stamps and stores of certificates are none."""
    reader = PdfFileReader(io.BytesIO(stamped.pdf))
    (seal,) = [one for one in reader.embedded_signatures if one.field_name == "seal_seller"]
    seal.compute_integrity_info()
    assert seal.docmdp_level is MDPPerm.NO_CHANGES
    assert seal.diff_result.modification_level is ModificationLevel.LTA_UPDATES  # type: ignore[union-attr]
    told = seal.summarise_integrity_info()
    assert told["docmdp_ok"] is True


def test_pdfsig_finds_every_signature_valid(stamped: StampedDocument, tmp_path: Path) -> None:
    tool = shutil.which("pdfsig")
    assert tool, "install poppler-utils: `bootstrap.py test` does"
    file = tmp_path / "stamped.pdf"
    file.write_bytes(stamped.pdf)
    shown = subprocess.run([tool, "-nocert", str(file)], capture_output=True, text=True, timeout=60, check=False).stdout
    parts = [part for part in shown.split("Signature #") if "Field Name" in part]
    signed = [part for part in parts if "ETSI.CAdES.detached" in part]
    assert len(signed) == 3 and all("Signature is Valid." in part for part in signed)
    assert sum("Field Name: time_stamp_" in part for part in parts) == 2
    assert "Total document signed" in parts[-1] and "time_stamp_2" in parts[-1]


def test_openssl_takes_both_time_stamps_over_their_bytes(
    centre: LocalCentre, stamped: StampedDocument, tmp_path: Path
) -> None:
    (tmp_path / "roots.pem").write_bytes(b"".join(centre.roots))
    for found in stamps_in(stamped.pdf):
        start, before, after, length = (int(edge) for edge in found.byte_range)  # type: ignore[attr-defined]
        (tmp_path / "covered").write_bytes(stamped.pdf[start:before] + stamped.pdf[after : after + length])
        (tmp_path / "token.der").write_bytes(found.pkcs7_content)  # type: ignore[attr-defined]
        at = int((NOON + timedelta(hours=1)).timestamp())
        arguments = [
            "openssl", "ts", "-verify", "-token_in", "-in", "token.der", "-data", "covered", "-CAfile", "roots.pem",
            "-attime", str(at),
        ]  # fmt: skip
        done = subprocess.run(arguments, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
        assert "Verification: OK" in done.stdout + done.stderr, done.stderr


@pytest.mark.parametrize("number", [0, 1])
def test_a_time_stamp_over_other_bytes_is_named(
    sample: SealedSample, centre: LocalCentre, stamped: StampedDocument, number: int
) -> None:
    other = stamps_in(stamped.pdf)[1 - number].pkcs7_content  # type: ignore[attr-defined]
    report = sample.checked(exchanged(stamped.pdf, number, other), centre)
    assert report.verdict is Verdict.CHANGED and ProblemCode.STAMP_DAMAGED in report.codes()
    assert report.proof.level is not ProofLevel.B_LTA


def test_every_altered_byte_behind_the_seal_is_found(
    sample: SealedSample, centre: LocalCentre, stamped: StampedDocument
) -> None:
    begin, end = len(sample.pdf), len(stamped.pdf)
    for place in range(begin + 7, end, (end - begin) // 12):
        altered = bytearray(stamped.pdf)
        altered[place] ^= 1
        report = sample.checked(bytes(altered), centre)
        assert report.verdict is not Verdict.INTACT or report.proof.level is not ProofLevel.B_LTA, place


def test_a_store_that_was_stripped_is_named(
    sample: SealedSample, centre: LocalCentre, stamped: StampedDocument
) -> None:
    """A later revision without the store of certificates: nobody has stamped that."""
    writer = IncrementalPdfFileWriter(io.BytesIO(stamped.pdf))
    del writer.root[pdf_name("/DSS")]
    writer.update_root()
    output = io.BytesIO()
    writer.write(output)
    report = sample.checked(output.getvalue(), centre)
    assert report.verdict is Verdict.CHANGED
    assert ProblemCode.ADDED_AFTER_LAST_SIGNATURE in report.codes()
    assert ProblemCode.STAMP_DAMAGED in report.codes() or ProblemCode.FORBIDDEN_CHANGE in report.codes()


def test_a_time_stamp_of_an_unknown_authority_proves_nothing(
    sample: SealedSample, centre: LocalCentre, own_centre: LocalCentre
) -> None:
    foreign = sample.stamped(own_centre)
    report = sample.checked(foreign.pdf, centre)
    assert (report.verdict, report.proof.level) == (Verdict.UNTRUSTED, ProofLevel.B_B)
    assert report.codes() == {ProblemCode.STAMP_UNTRUSTED}
    assert all(one.intact and one.trusted for one in report.signatures)
    assert "do not trust" in report.problems[0].message()


def test_a_foreign_time_stamp_on_top_takes_nothing_from_the_proof(
    sample: SealedSample, centre: LocalCentre, own_centre: LocalCentre, stamped: StampedDocument
) -> None:
    report = sample.checked(sample.stamped(own_centre, pdf=stamped.pdf).pdf, centre)
    assert report.codes() == {ProblemCode.STAMP_UNTRUSTED} and report.verdict is Verdict.UNTRUSTED
    assert report.proof.at == NOON + timedelta(hours=1)


def test_a_desk_whose_clock_was_ahead_is_named(sample: SealedSample, own_centre: LocalCentre) -> None:
    own_centre.now = NOON - timedelta(hours=2)
    report = sample.checked(sample.stamped(own_centre).pdf, own_centre)
    assert report.verdict is Verdict.INTACT and report.codes() == {ProblemCode.CLOCK_AHEAD}
    assert len(report.problems) == 3 and all(one.is_remark for one in report.problems)
    assert "clock" in report.problems[0].message()


def test_the_proof_is_renewed_before_it_ends(sample: SealedSample, own_centre: LocalCentre) -> None:
    first = sample.stamped(own_centre)
    much_later = NOON + 8 * YEAR
    report = sample.checked(first.pdf, own_centre, now=much_later)
    assert report.proof.level is ProofLevel.B_B and report.codes() == {ProblemCode.STAMP_EXPIRED}
    own_centre.now = NOON + 4 * YEAR
    second = sample.stamped(own_centre, pdf=first.pdf)
    assert second.pdf.startswith(first.pdf) and second.at == first.at and second.ends_at > NOON + 9 * YEAR
    report = sample.checked(second.pdf, own_centre, now=much_later)
    assert (report.verdict, report.proof.level) == (Verdict.INTACT, ProofLevel.B_LTA)
    assert report.proof.at == first.at and not report.problems
    own_centre.now = NOON + 9 * YEAR
    third = sample.stamped(own_centre, pdf=second.pdf)
    report = sample.checked(third.pdf, own_centre, now=NOON + 12 * YEAR)
    assert report.proof.at == first.at and len(report.proof.stamps) == 4
    # The seal's own certificate has ended by then; the time-stamps prove that it was sealed before.
    assert report.verdict is Verdict.INTACT and report.codes() == {ProblemCode.EXPIRED_LATER}
    unproved = sample.checked(sample.pdf, own_centre, now=NOON + 12 * YEAR)
    assert unproved.verdict is Verdict.UNTRUSTED and unproved.codes() == {ProblemCode.CERTIFICATE_EXPIRED}


@pytest.mark.parametrize(
    ("reason", "level"), [(Revoked.KEY_COMPROMISE, ProofLevel.B_B), (Revoked.SUPERSEDED, ProofLevel.B_LTA)]
)
def test_a_revoked_time_stamp_key(
    sample: SealedSample, own_centre: LocalCentre, reason: Revoked, level: ProofLevel
) -> None:
    """A key that may be in other hands proves nothing by itself; a replaced one proves what it stamped before."""
    done = sample.stamped(own_centre)
    own_centre.now += timedelta(days=10)
    own_centre.replace_key(reason)
    lists = own_centre.authority().revocation_lists
    report = sample.checked(done.pdf, own_centre, lists=lists, now=NOON + timedelta(days=20))
    assert report.proof.level is level
    assert (ProblemCode.STAMP_REVOKED in report.codes()) == (level is ProofLevel.B_B)
    assert report.verdict is (Verdict.UNTRUSTED if level is ProofLevel.B_B else Verdict.INTACT)


def test_an_archive_time_stamp_keeps_what_a_compromised_key_proved_before(
    sample: SealedSample, own_centre: LocalCentre
) -> None:
    first = sample.stamped(own_centre)
    own_centre.now = NOON + YEAR + timedelta(days=1)  # the centre signs with another key by now
    second = sample.stamped(own_centre, pdf=first.pdf)
    lists = own_centre.authority().revocation_lists
    assert sample.checked(second.pdf, own_centre, lists=lists, now=NOON + 2 * YEAR).proof.at == first.at


def test_a_refusal_of_the_authority_is_told(sample: SealedSample, own_centre: LocalCentre) -> None:
    sample.stamped(own_centre)
    own_centre.now -= timedelta(hours=1)
    with pytest.raises(StampRefused) as refused:
        sample.stamped(own_centre)
    assert refused.value.params["reason"] == "time_not_available"


@pytest.mark.parametrize("reply", [b"", b"no answer", b"\x30\x03\x02\x01\x00"])
def test_nonsense_instead_of_a_reply_is_told(sample: SealedSample, own_centre: LocalCentre, reply: bytes) -> None:
    own_centre.stamp = lambda query: reply  # type: ignore[method-assign]
    with pytest.raises(StampRefused):
        sample.stamped(own_centre)


def test_a_reply_to_another_question_is_not_taken(sample: SealedSample, own_centre: LocalCentre) -> None:
    """A recorded reply has another nonce."""
    kept: list[bytes] = []
    real = own_centre.stamp

    def replayed(query: bytes) -> bytes:
        kept.append(real(query))
        return kept[0]

    own_centre.stamp = replayed  # type: ignore[method-assign]
    with pytest.raises(StampRefused):
        sample.stamped(own_centre)


def test_the_stand_alone_verifier_says_since_when(
    sample: SealedSample, centre: LocalCentre, stamped: StampedDocument
) -> None:
    known = KnownFromElsewhere(roots=(sample.root,), time_roots=centre.roots)
    report = examine_document(stamped.pdf, known)
    assert report.standing is Standing.HOLDS and report.proved_since == stamped.at
    assert {FindingCode.TIME_STAMPED, FindingCode.TIME_AUTHORITY_KNOWN} <= report.codes()
    stranger = examine_document(stamped.pdf, KnownFromElsewhere(roots=(sample.root,)))
    assert stranger.standing is Standing.OPEN and stranger.proved_since is None
    assert FindingCode.DOCUMENT_REMARK in stranger.codes() and FindingCode.DOCUMENT_STANDS in stranger.codes()
    other = exchanged(stamped.pdf, 0, stamps_in(stamped.pdf)[1].pkcs7_content)  # type: ignore[attr-defined]
    assert examine_document(other, known).standing is Standing.BROKEN


def test_the_levels_are_told_in_both_languages(
    sample: SealedSample, centre: LocalCentre, stamped: StampedDocument
) -> None:
    plain, proved = sample.checked(sample.pdf, centre), sample.checked(stamped.pdf, centre)
    assert plain.level_words() == "Signed; no time-stamp proves when (PAdES B-B)."
    assert "since 2026-11-22 13:05" in proved.level_words() and "PAdES B-LTA" in proved.level_words()
    set_language(CHINESE)
    try:
        assert "时间戳证明本文件自 2026-11-22 13:05 起即已存在" in proved.level_words()
    finally:
        set_language("en")
