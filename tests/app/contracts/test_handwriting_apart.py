"""Strokes stay in the house: what leaves it names them by a digest, or holds them under a passphrase."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.archive.commands import ExportEvidence
from app.archive.errors import PassphraseTooShort
from app.contracts.checking import verify_contract
from app.contracts.keys.held_keys import HeldKeys
from app.contracts.proof.package import EvidencePackage, read_package, write_package
from app.contracts.proof.package_examination import FindingCode, KnownFromElsewhere, Standing, examine_package
from app.contracts.proof.verification import ProblemCode
from app.contracts.sealing.errors import HandwritingLocked
from app.contracts.sealing.evidence import SignatureEvidence, evidence_from_json, strokes_json
from app.contracts.sealing.handwriting import open_handwriting
from app.contracts.signing import kept_strokes
from app.contracts.verify import main
from db.models.contracts import ContractSignature
from tests.app.sale_desk import SaleDesk

PASSPHRASE = "vier Pferde am Brunnen"


@pytest.fixture
def contract_id(desk: SaleDesk) -> str:
    return desk.sealed_contract()


def exported(desk: SaleDesk, contract_id: str, passphrase: str = "") -> EvidencePackage:
    made = desk.do(ExportEvidence(contract_id=contract_id, reason="court", passphrase=passphrase), desk.manager)
    return read_package(made.content)


def buyer_of(desk: SaleDesk, contract_id: str) -> ContractSignature:
    (row,) = desk.rows(ContractSignature, contract_id=contract_id, party="buyer")
    return row  # type: ignore[no-any-return]


def examined(package: EvidencePackage, keys: HeldKeys, passphrase: str = "") -> dict[FindingCode, set[Standing]]:
    known = KnownFromElsewhere(roots=tuple(keys.trusted_roots()), passphrase=passphrase)
    found: dict[FindingCode, set[Standing]] = {}
    for one in examine_package(package, known).findings:
        found.setdefault(one.code, set()).add(one.standing)
        assert one.message()
    return found


def test_a_package_proves_the_signatures_without_the_strokes(
    desk: SaleDesk, contract_id: str, held_keys: HeldKeys
) -> None:
    package = exported(desk, contract_id)
    strokes = kept_strokes(buyer_of(desk, contract_id))
    assert strokes and package.handwriting == {}
    points = [f"[{point.t_ms},{point.x},{point.y},{point.pressure}]" for stroke in strokes for point in stroke]
    content = write_package(package)
    assert not any(point.encode() in content for point in points)
    found = examined(package, held_keys)
    assert found[FindingCode.EVIDENCE_FITS] == {Standing.HOLDS}
    assert not {FindingCode.HANDWRITING_LOCKED, FindingCode.EVIDENCE_MISSING} & found.keys()


def test_under_a_passphrase_an_expert_gets_exactly_what_was_signed_with(
    desk: SaleDesk, contract_id: str, held_keys: HeldKeys, tmp_path: Path
) -> None:
    package = exported(desk, contract_id, PASSPHRASE)
    row = buyer_of(desk, contract_id)
    sealed = package.handwriting["signature_buyer"]
    assert set(package.handwriting) == {"signature_buyer", "signature_seller"}
    opened = open_handwriting(sealed, passphrase=PASSPHRASE, belongs_to=row.evidence_digest)
    assert opened == strokes_json(kept_strokes(row) or ())
    for passphrase, belongs_to in ((PASSPHRASE + "!", row.evidence_digest), (PASSPHRASE, "0" * 64)):
        with pytest.raises(HandwritingLocked):
            open_handwriting(sealed, passphrase=passphrase, belongs_to=belongs_to)
    assert examined(package, held_keys)[FindingCode.HANDWRITING_LOCKED] == {Standing.HOLDS}
    assert examined(package, held_keys, PASSPHRASE)[FindingCode.HANDWRITING_FITS] == {Standing.HOLDS}
    assert examined(package, held_keys, "something else")[FindingCode.HANDWRITING_OTHER] == {Standing.BROKEN}
    (tmp_path / "p.zip").write_bytes(write_package(package))
    (tmp_path / "passphrase").write_text(PASSPHRASE + "\n", encoding="utf-8")
    (tmp_path / "root.pem").write_bytes(held_keys.trusted_roots()[0])
    known = ["--root", str(tmp_path / "root.pem"), "--passphrase-file", str(tmp_path / "passphrase")]
    assert main([str(tmp_path / "p.zip"), *known]) == 3, "the log alone is left open"


def test_handwriting_moved_to_another_signature_is_named(
    desk: SaleDesk, contract_id: str, held_keys: HeldKeys
) -> None:
    package = exported(desk, contract_id, PASSPHRASE)
    moved = {**package.handwriting, "signature_buyer": package.handwriting["signature_seller"]}
    found = examined(replace(package, handwriting=moved), held_keys, PASSPHRASE)
    assert found[FindingCode.HANDWRITING_OTHER] == {Standing.BROKEN}
    spare = {**package.handwriting, "signature_guarantor": b"FCH1"}
    found = examined(replace(package, handwriting=spare), held_keys)
    assert found[FindingCode.EVIDENCE_WITHOUT_SIGNATURE] == {Standing.BROKEN}


def test_evidence_with_the_strokes_in_it_leaves_only_under_a_passphrase(
    desk: SaleDesk, held_keys: HeldKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As desks kept it before the third version."""
    from app.contracts import handlers

    inner = handlers.evidence_of

    def second(*given: object, **named: object) -> SignatureEvidence:
        return replace(inner(*given, **named), version=2)  # type: ignore[arg-type]

    monkeypatch.setattr(handlers, "evidence_of", second)
    contract_id = desk.sealed_contract()
    assert desk.read(verify_contract, contract_id).intact
    row = buyer_of(desk, contract_id)
    assert kept_strokes(row) is None and row.evidence["strokes"]
    plain = exported(desk, contract_id)
    assert set(plain.evidence) == {"seal_seller"}
    assert examined(plain, held_keys)[FindingCode.EVIDENCE_MISSING] == {Standing.OPEN}
    package = exported(desk, contract_id, PASSPHRASE)
    assert examined(package, held_keys)[FindingCode.EVIDENCE_LOCKED] == {Standing.OPEN}
    found = examined(package, held_keys, PASSPHRASE)
    assert found[FindingCode.EVIDENCE_FITS] == {Standing.HOLDS} and FindingCode.EVIDENCE_LOCKED not in found
    content = open_handwriting(
        package.handwriting["signature_buyer"], passphrase=PASSPHRASE, belongs_to=row.evidence_digest
    )
    assert evidence_from_json(content).strokes


def test_strokes_changed_in_the_database_are_noticed(desk: SaleDesk, contract_id: str) -> None:
    row = buyer_of(desk, contract_id)
    strokes = json.loads(json.dumps(row.evidence["strokes"]))
    strokes[0][0][1] += 1
    desk.change(ContractSignature, row.id, evidence={**row.evidence, "strokes": strokes})
    assert desk.read(verify_contract, contract_id).report.codes() == {ProblemCode.EVIDENCE_DIFFERS}


def test_a_short_passphrase_is_refused(desk: SaleDesk, contract_id: str) -> None:
    with pytest.raises(PassphraseTooShort) as caught:
        exported(desk, contract_id, "short")
    assert caught.value.field == "passphrase"
