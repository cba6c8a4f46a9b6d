"""The evidence package: what it proves to somebody without this house's database."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from app.contracts.keys.revocation import Revoked, new_list
from app.contracts.keys.signing_keys import certificate_of
from app.contracts.proof.package import LARGEST_PACKAGE, EvidencePackage, read_package, write_package
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
from tests.app.documents.paper_samples import NOON

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
    assert main([str(file), "--language", language]) == 2
    file.write_bytes(package.document[:5000] + bytes([package.document[5000] ^ 1]) + package.document[5001:])
    assert main([str(file), "--language", language]) == 1


def _garbage(folder: Path) -> dict[str, Path]:
    """What people hand in that is no contract."""
    contents = {
        "text.txt": "只是文本".encode(), "empty.pdf": b"", "random.bin": bytes(range(256)) * 4000,
        "cut.pdf": b"%PDF-1.7\n" + bytes(5000), "nothing.zip": b"PK\x03\x04" + bytes(30),
    }  # fmt: skip
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / "large.pdf").touch()
    os.truncate(folder / "large.pdf", LARGEST_PACKAGE + 1)
    return {name: folder / name for name in (*contents, "large.pdf", "missing.pdf", ".")}


@pytest.mark.parametrize(
    ("name", "words", "zh"),
    [
        ("text.txt", "neither a PDF nor an evidence package", "既不是 PDF"),
        ("random.bin", "neither a PDF nor an evidence package", "既不是 PDF"),
        ("empty.pdf", "“empty.pdf” is empty", "空文件"), ("cut.pdf", "cannot be read as a PDF", "无法作为 PDF 读取"),
        ("large.pdf", "“large.pdf” is larger than any contract", "大于任何合同"),
        ("missing.pdf", "There is no file “missing.pdf”", "找不到文件"), (".", "is a folder", "是文件夹"),
        ("nothing.zip", "damaged or was changed", "已损坏或被改动"),
    ],
)  # fmt: skip
def test_what_is_no_contract_is_said_in_a_sentence(
    name: str, words: str, zh: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = _garbage(tmp_path)[name]
    for language, said in ((ENGLISH, words), (CHINESE, zh)):
        assert main([str(file), "--language", language]) == 2
        told = capsys.readouterr()
        assert said in told.out + told.err and "clock" not in told.out and "时钟" not in told.out


@pytest.mark.parametrize(
    ("option", "name", "words"),
    [
        ("--root", "text.txt", "“text.txt” holds no certificates"), ("--time-root", "cut.pdf", "holds no certificates"),
        ("--root", "missing.pdf", "There is no file"), ("--root", ".", "is a folder"),
        ("--revoked", "text.txt", "“text.txt” holds no list"), ("--revoked", "empty.pdf", "is empty"),
        ("--passphrase-file", "random.bin", "is no text in UTF-8"), ("--passphrase-file", ".", "is a folder"),
        ("--log-key", "", "64 hex digits"),
    ],
)  # fmt: skip
def test_what_is_named_beside_it_is_never_passed_over(
    sealed: Sealed, option: str, name: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor does it make a sound document look damaged."""
    file = tmp_path / "sealed.pdf"
    file.write_bytes(sealed.seal.pdf)
    value = str(_garbage(tmp_path)[name]) if name else "zz"
    assert main([str(file), option, value, "--language", ENGLISH]) == 2
    told = capsys.readouterr()
    assert words in told.err and told.out == ""


def test_lists_and_roots_come_in_any_form(
    sealed: Sealed, other: Sealed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Several in one PEM, or one in DER."""
    file, roots, der = tmp_path / "sealed.pdf", tmp_path / "roots.pem", tmp_path / "list.crl"
    file.write_bytes(sealed.seal.pdf)
    roots.write_bytes(other.root + sealed.root)
    assert main([str(file), "--root", str(roots)]) == 0
    (entry,) = (Revoked(NOON, certificate_of(sealed.seal.certificate_pem).serial_number, "keyCompromise"),)
    lists = [new_list(one.authority, [entry], now=NOON) for one in (other, sealed)]
    der.write_bytes(x509.load_pem_x509_crl(lists[1]).public_bytes(Encoding.DER))
    both = tmp_path / "lists.pem"
    both.write_bytes(b"".join(lists))
    for path in (der, both):
        capsys.readouterr()
        assert main([str(file), "--root", str(roots), "--revoked", str(path), "--language", ENGLISH]) == 1
        assert "was revoked on" in capsys.readouterr().out


def test_a_document_that_still_waits_for_signatures_says_so(
    sealed: Sealed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "half.pdf"
    file.write_bytes(sealed.buyer.pdf)
    for language, said in ((ENGLISH, "Not signed yet: Dealer, The dealer's seal."), (CHINESE, "经销商、经销商印章")):
        assert main([str(file), "--language", language]) == 3
        assert said in capsys.readouterr().out
    file.write_bytes(sealed.locked.pdf)
    assert main([str(file), "--language", ENGLISH]) == 1
    told = capsys.readouterr().out
    assert "Nobody has signed this file." in told and "clock" not in told
