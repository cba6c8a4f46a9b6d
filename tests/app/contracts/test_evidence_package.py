"""The evidence package: what it proves to somebody without this house's database, and that every forgery is named."""

import json
import random
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.contracts.evidence_package import EvidencePackage, PackageAbout, read_package, readme_of, write_package
from app.contracts.package_examination import (
    FINDING_TEXTS,
    LOG_FAULTS,
    FindingCode,
    KnownFromElsewhere,
    PackageReport,
    Standing,
    examine_document,
    examine_package,
)
from app.contracts.paper_errors import EvidencePackageUnreadable
from app.contracts.verify import main
from app.runtime.language import CHINESE, ENGLISH, catalogue
from sync.protocol.document_log import LogHead, LogProof, key_id_of, leaf_of
from sync.protocol.merkle import leaf_hash, node_hash
from tests.app.contracts.sealed_samples import Sealed, sealed_sample
from tests.app.documents.paper_samples import NOON

_ROOT = Path(__file__).parents[3]
_ENTERED = NOON + timedelta(hours=30)
_LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_PUBLIC = _LOG_KEY.public_key().public_bytes_raw().hex()


@pytest.fixture(scope="module")
def sealed() -> Sealed:
    return sealed_sample()


@pytest.fixture(scope="module")
def other() -> Sealed:
    return sealed_sample("PD01-D2-CT-000124")


@pytest.fixture(scope="module")
def package(sealed: Sealed) -> EvidencePackage:
    return package_of(sealed)


def proof_of(digest: str, *, key: Ed25519PrivateKey = _LOG_KEY) -> LogProof:
    """The second entry of a log of two."""
    at = int((_ENTERED - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
    first = leaf_hash(leaf_of("00" * 32, at - 1))
    public = key.public_key().public_bytes_raw().hex()
    root = node_hash(first, leaf_hash(leaf_of(digest, at))).hex()
    head = LogHead(log="ab" * 16, epoch="1", size=2, root=root, at=at + 5, key_id=key_id_of(public), signature="00")
    head = replace(head, signature=key.sign(head.signed_bytes()).hex())
    return LogProof(digest=digest, at=at, index=1, path=(first,), head=head, public_key=public)


def package_of(sealed: Sealed, **changes: Any) -> EvidencePackage:
    number = sealed.contract.template  # any text: what it says of itself proves nothing
    about = PackageAbout(
        number="PD01-D2-CT-000123", kind=number, title="汽车买卖合同", locked=sealed.locked.sha256,
        sealed=sealed.seal.sha256, exported_at=NOON, exported_by="林晓雯", reason="法院调取",
    )  # fmt: skip
    parts: dict[str, Any] = {
        "about": about,
        "readme": readme_of("PD01-D2-CT-000123"),
        "document": sealed.seal.pdf,
        "evidence": {one.field: one.evidence for one in (sealed.buyer, sealed.seller, sealed.seal)},
        "authorities": (sealed.root,),
        "proofs": {sealed.seal.sha256: proof_of(sealed.seal.sha256).as_json()},
    }
    return EvidencePackage(**(parts | changes))


def broken(report: PackageReport) -> set[FindingCode]:
    return {finding.code for finding in report.findings if finding.standing is Standing.BROKEN}


def test_a_whole_package_holds_for_whoever_knows_the_roots(sealed: Sealed, package: EvidencePackage) -> None:
    report = examine_package(package, KnownFromElsewhere(roots=(sealed.root,), log_key=_PUBLIC))
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
    assert report.proved_since == _ENTERED


def test_without_anything_from_elsewhere_the_reader_is_told_what_to_compare(package: EvidencePackage) -> None:
    report = examine_package(package)
    opened = {finding.code for finding in report.findings if finding.standing is Standing.OPEN}
    assert opened == {FindingCode.AUTHORITY_FROM_PACKAGE, FindingCode.LOG_KEY_FROM_PACKAGE}
    assert report.standing is Standing.OPEN


def test_the_same_parts_make_the_same_bytes_and_come_out_again(package: EvidencePackage) -> None:
    data = write_package(package)
    assert read_package(data) == package
    assert write_package(read_package(data)) == data


def test_any_byte_flipped_is_noticed(package: EvidencePackage) -> None:
    data = write_package(package)
    chosen = random.Random(5)
    document = data.index(b"%PDF-")
    places = [*range(60), *(len(data) - back for back in range(1, 400)), *chosen.sample(range(len(data)), 60)]
    within = range(document, document + len(package.document))
    found = 0
    for place in places:
        damaged = bytearray(data)
        damaged[place] ^= 1 << chosen.randrange(8)
        with pytest.raises(EvidencePackageUnreadable):
            read_package(bytes(damaged))
        found += place in within
    assert found > 10  # parts of the document itself were among them


@pytest.mark.parametrize("place", [0, 3_000, -3_000, -40_000])
def test_a_document_changed_inside_a_new_container_is_broken(package: EvidencePackage, place: int) -> None:
    damaged = bytearray(package.document)
    damaged[place] ^= 4
    report = examine_package(read_package(write_package(replace(package, document=bytes(damaged)))))
    assert report.standing is Standing.BROKEN
    assert report.document.problems


def swapped(package: EvidencePackage, field: str, evidence: bytes) -> EvidencePackage:
    return replace(package, evidence={**package.evidence, field: evidence})


def test_evidence_of_another_contract_is_named(package: EvidencePackage, other: Sealed) -> None:
    report = examine_package(swapped(package, "signature_buyer", other.buyer.evidence))
    assert broken(report) == {FindingCode.EVIDENCE_OF_ANOTHER}


def test_the_other_contract_under_this_evidence_is_named(package: EvidencePackage, other: Sealed) -> None:
    report = examine_package(replace(package, document=other.seal.pdf))
    assert {FindingCode.EVIDENCE_OF_ANOTHER, FindingCode.LOG_BROKEN, FindingCode.DOCUMENT_BROKEN} <= broken(report)


def test_changed_evidence_is_named(package: EvidencePackage, sealed: Sealed) -> None:
    told = json.loads(sealed.buyer.evidence)
    told["acknowledgements"] = told["acknowledgements"][:-1]
    report = examine_package(swapped(package, "signature_buyer", json.dumps(told).encode()))
    assert broken(report) == {FindingCode.EVIDENCE_EXCHANGED}


def test_evidence_exchanged_between_the_signers_is_named(package: EvidencePackage, sealed: Sealed) -> None:
    report = examine_package(swapped(package, "signature_buyer", sealed.seller.evidence))
    assert broken(report) == {FindingCode.EVIDENCE_EXCHANGED}


def test_missing_evidence_is_left_open_and_additional_evidence_is_named(
    package: EvidencePackage, other: Sealed
) -> None:
    kept = {name: content for name, content in package.evidence.items() if name != "signature_buyer"}
    report = examine_package(replace(package, evidence=kept))
    assert FindingCode.EVIDENCE_MISSING in report.codes() and not broken(report)
    report = examine_package(replace(package, evidence={**package.evidence, "signature_guarantor": b"{}"}))
    assert broken(report) == {FindingCode.EVIDENCE_WITHOUT_SIGNATURE}


def test_a_stripped_signature_is_named(package: EvidencePackage, sealed: Sealed) -> None:
    report = examine_package(replace(package, document=sealed.seller.pdf))
    assert FindingCode.DOCUMENT_BROKEN in broken(report)  # without the seal
    assert FindingCode.EVIDENCE_WITHOUT_SIGNATURE in broken(report)


def log_changed(package: EvidencePackage, change: Callable[[dict[str, Any]], None]) -> EvidencePackage:
    ((digest, proof),) = package.proofs.items()
    told: dict[str, Any] = json.loads(json.dumps(proof))
    change(told)
    return replace(package, proofs={digest: told})


def _earlier(told: dict[str, Any]) -> None:
    told["at"] -= 86_400_000_000


def _other_entry(told: dict[str, Any]) -> None:
    told["path"] = ["11" * 32]


def _grown(told: dict[str, Any]) -> None:
    told["head"]["size"] = 3


def _empty(told: dict[str, Any]) -> None:
    told.clear()


@pytest.mark.parametrize("change", [_earlier, _other_entry, _grown, _empty])
def test_a_changed_proof_of_the_log_is_named(
    package: EvidencePackage, change: Callable[[dict[str, Any]], None]
) -> None:
    report = examine_package(log_changed(package, change))
    assert broken(report) == {FindingCode.LOG_BROKEN}
    assert report.proved_since is None


def test_a_forked_log_is_named_to_whoever_knows_the_key(package: EvidencePackage, sealed: Sealed) -> None:
    forged = proof_of(sealed.seal.sha256, key=Ed25519PrivateKey.generate()).as_json()
    report = examine_package(
        replace(package, proofs={sealed.seal.sha256: forged}), KnownFromElsewhere(log_key=_PUBLIC)
    )
    assert broken(report) == {FindingCode.LOG_BROKEN}


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
        f"sys.argv = ['verify', {str(file)!r}, '--root', {str(root)!r}, '--log-key', {_PUBLIC!r}, '--language', 'en']\n"
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
