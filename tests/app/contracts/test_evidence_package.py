"""The evidence package: what it proves to somebody without this house's database."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.contracts.proof.package import EvidencePackage, read_package, write_package
from app.contracts.proof.package_examination import (
    FINDING_TEXTS,
    LOG_FAULTS,
    FindingCode,
    KnownFromElsewhere,
    Standing,
    examine_document,
    examine_package,
)
from app.contracts.verify import main
from app.runtime.language import CHINESE, ENGLISH, catalogue
from tests.app.contracts.sealed_samples import Sealed, sealed_sample
from tests.app.contracts.tampering.samples import ENTERED, PUBLIC_LOG_KEY, package_of

_ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def sealed() -> Sealed:
    return sealed_sample()


@pytest.fixture(scope="module")
def other() -> Sealed:
    return sealed_sample("PD01-D2-CT-000124")


@pytest.fixture(scope="module")
def package(sealed: Sealed) -> EvidencePackage:
    return package_of(sealed)


def test_a_whole_package_holds_for_whoever_knows_the_roots(sealed: Sealed, package: EvidencePackage) -> None:
    report = examine_package(package, KnownFromElsewhere(roots=(sealed.root,), log_key=PUBLIC_LOG_KEY))
    assert [finding.code for finding in report.findings] == [
        FindingCode.DOCUMENT_STANDS,
        FindingCode.SIGNED,
        FindingCode.EVIDENCE_FITS,
        FindingCode.SIGNED,
        FindingCode.EVIDENCE_FITS,
        FindingCode.SEALED,
        FindingCode.SEAL_CLOSES,
        FindingCode.LOGGED,
        FindingCode.LOG_KEY_KNOWN,
        FindingCode.AUTHORITY_KNOWN,
    ]
    assert report.standing is Standing.HOLDS
    assert report.proved_since == ENTERED


def test_without_anything_from_elsewhere_the_reader_is_told_what_to_compare(package: EvidencePackage) -> None:
    report = examine_package(package)
    opened = {finding.code for finding in report.findings if finding.standing is Standing.OPEN}
    assert opened == {FindingCode.AUTHORITY_FROM_PACKAGE, FindingCode.LOG_KEY_FROM_PACKAGE}
    assert report.standing is Standing.OPEN


def test_the_same_parts_make_the_same_bytes_and_come_out_again(package: EvidencePackage) -> None:
    data = write_package(package)
    assert read_package(data) == package
    assert write_package(read_package(data)) == data


def test_a_signer_under_a_foreign_authority_is_not_believed(package: EvidencePackage, other: Sealed) -> None:
    report = examine_package(package, KnownFromElsewhere(roots=(other.root,)))
    assert FindingCode.AUTHORITY_UNKNOWN in report.codes()
    assert report.standing is Standing.OPEN


def test_a_pdf_alone_says_what_it_can(sealed: Sealed) -> None:
    report = examine_document(sealed.seal.pdf, KnownFromElsewhere(roots=(sealed.root,)))
    assert report.standing is Standing.HOLDS
    assert report.proved_since is None
    assert FindingCode.EVIDENCE_FITS not in report.codes()


@pytest.mark.parametrize("texts", [FINDING_TEXTS, LOG_FAULTS])
def test_every_finding_has_words_in_both_languages(texts: Mapping[Any, str]) -> None:
    chinese = catalogue(CHINESE)
    assert [code for code, text in texts.items() if text not in chinese and not text.startswith("{")] == []
    if texts is FINDING_TEXTS:
        assert set(texts) == set(FindingCode)


def test_the_verifier_stands_alone(package: EvidencePackage, sealed: Sealed, tmp_path: Path) -> None:
    """In a process of its own, with nothing of the database, the desk or the window in it."""
    file, root = tmp_path / "合同.evidence.zip", tmp_path / "root.pem"
    file.write_bytes(write_package(package))
    root.write_bytes(sealed.root)
    told = (
        "import sys, runpy\n"
        f"sys.argv = ['verify', {str(file)!r}, '--root', {str(root)!r}, '--log-key', {PUBLIC_LOG_KEY!r},"
        " '--language', 'en']\n"
        "try:\n    runpy.run_module('app.contracts.verify', run_name='__main__')\n"
        "finally:\n    print(sorted(name for name in sys.modules"
        " if name.split('.')[0] in ('sqlalchemy', 'sqlcipher3', 'PySide6', 'db', 'ui', 'requests')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", told], cwd=_ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "[]"
    assert "✓ The seal closes exactly these signatures." in lines
    assert "Everything holds." in lines


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_the_verifier_ends_as_it_found(
    package: EvidencePackage, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    file = tmp_path / "contract.evidence.zip"
    data = write_package(package)
    file.write_bytes(data)
    assert main([str(file), "--language", language]) == 3
    assert main([str(file), "--json"]) == 3
    told = capsys.readouterr().out
    assert json.loads(told[told.index("{") :])["standing"] == "open"
    file.write_bytes(data[:-1])
    assert main([str(file), "--language", language]) == 2
    file.write_bytes(package.document[:-2] + b"xx")
    assert main([str(file), "--language", language]) == 1
    file.write_bytes(b"not a contract")
    assert main([str(file), "--language", language]) == 1
    assert main([str(tmp_path / "none.zip")]) == 2
    assert main([str(file), "--log-key", "zz"]) == 2
    assert "64" in capsys.readouterr().err
