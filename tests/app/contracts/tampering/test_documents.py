"""Forged PDFs, sealed and time-stamped: each is found, and named in words of both languages, by the verifier alone."""

from pathlib import Path

import pytest

from app.contracts.proof.findings import ProblemCode
from app.contracts.proof.package import write_package
from app.contracts.proof.verification import Verdict, verify
from app.contracts.verify import main
from tests.app.contracts.tampering.forgeries import FORGERIES, insert_page, overlay, slipped_in, stripped
from tests.app.contracts.tampering.samples import Case, Checker


def file_of(case: Case, stage: str) -> bytes:
    return case.stamped if stage == "stamped" else case.sealed.seal.pdf


@pytest.mark.parametrize("stage", ["sealed", "stamped"])
@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_file_is_found_and_named(case: Case, checker: Checker, name: str, stage: str) -> None:
    forgery = FORGERIES[name]
    said = checker.check(forgery.forge(file_of(case, stage)))
    assert said.status == 1 and said.report is not None
    report = said.report.document
    assert report.verdict in (Verdict.CHANGED, Verdict.UNSIGNED), name
    assert forgery.code in report.codes(), report.codes()
    named = next(one.message() for one in report.problems if one.code is forgery.code)
    assert named in [english for english, _ in said.sentences("broken")]
    assert all(english and english != chinese for english, chinese in said.sentences("broken"))


@pytest.mark.parametrize("change", [overlay, insert_page])
def test_a_change_slipped_in_between_two_signatures_is_found(case: Case, checker: Checker, change: object) -> None:
    forged = slipped_in(case.sealed, change)  # type: ignore[arg-type]
    report = verify(forged, [case.sealed.root])
    assert report.verdict is Verdict.CHANGED and ProblemCode.FORBIDDEN_CHANGE in report.codes()
    buyer, seller = report.signatures
    assert (buyer.intact, seller.intact) == (False, True) and buyer.changes
    assert checker.check(forged).status == 1


def test_a_signature_cut_off_is_missed_by_whoever_knows_how_many_there_were(case: Case) -> None:
    """The file before the seal is a sound file of its own: only who knows that it was sealed misses the seal."""
    report = verify(case.sealed.buyer.pdf, [case.sealed.root], case.sealed.expected)
    assert report.verdict is Verdict.CHANGED
    assert {ProblemCode.SIGNATURE_MISSING, ProblemCode.FILE_DIFFERS} <= report.codes()
    assert "seal_seller" in " ".join(problem.message() for problem in report.problems)


def test_the_untouched_files_hold(case: Case, checker: Checker) -> None:
    for stage in ("sealed", "stamped"):
        said = checker.check(file_of(case, stage))
        assert (said.status, said.sentences("broken"), said.sentences("open")) == (0, [], []), stage


def test_a_file_whose_signatures_were_stripped_is_known_by_its_text(case: Case) -> None:
    report = verify(stripped(case.sealed.seal.pdf), [case.sealed.root], case.sealed.expected)
    assert report.verdict is Verdict.CHANGED
    assert {ProblemCode.SIGNATURE_MISSING, ProblemCode.LOCKED_TEXT_DIFFERS} <= report.codes()


def test_the_program_itself_ends_as_it_found(
    case: Case, checker: Checker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`python -m app.contracts.verify` with what somebody has from elsewhere, in the Chinese it speaks by itself."""
    told = ["--log-key", checker.known.log_key]
    for option, content in (("--root", case.sealed.root), ("--time-root", case.time_roots[0])):
        (tmp_path / f"{option}.pem").write_bytes(content)
        told += [option, str(tmp_path / f"{option}.pem")]
    file = tmp_path / "handed in"
    for content, status, words in (
        (case.stamped, 0, "全部成立"), (FORGERIES["an overlay"].forge(case.stamped), 1, "第 1 页"),
        (write_package(case.package), 0, "全部成立"), (write_package(case.package)[:-1], 2, "证据包"),
    ):  # fmt: skip
        file.write_bytes(content)
        assert main([str(file), *told]) == status
        printed = capsys.readouterr()
        assert words in printed.out + printed.err
