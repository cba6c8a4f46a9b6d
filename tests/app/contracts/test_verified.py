"""Whether a contract of the house is intact, as its rows and any file handed in tell."""

import pytest

from app.contracts.checking import verify_contract, verify_file
from app.contracts.errors import DocumentTooLarge, SigningKeyMissing
from app.contracts.keys.held_keys import HeldKeys, use_signing_keys
from app.contracts.proof.verification import ProblemCode, Verdict
from app.contracts.queries import contract_document
from db.models.contracts import Contract, ContractDocument, ContractSignature
from tests.app.sale_desk import SaleDesk


def test_a_sealed_contract_is_intact_as_rows_and_as_a_file(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    assert desk.read(verify_contract, contract_id).intact
    content = desk.read(contract_document, contract_id).content
    checked = desk.read(verify_file, content)
    assert (checked.contract_id, checked.number, checked.intact) == (contract_id, "SH01-D01-CT-000001", True)
    assert [signature.field for signature in checked.report.signatures] == [
        "signature_buyer",
        "signature_seller",
        "seal_seller",
    ]
    assert checked.report.summary() == "Intact: nothing has changed since it was signed."


def test_a_changed_file_is_told_from_the_contract_it_was(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    content = desk.read(contract_document, contract_id).content
    longer = desk.read(verify_file, content + b"\n")
    assert (longer.contract_id, longer.report.verdict) == (contract_id, Verdict.CHANGED)
    assert ProblemCode.FILE_DIFFERS in longer.report.codes()
    flipped = bytearray(content)
    flipped[len(content) // 4] ^= 1
    assert not desk.read(verify_file, bytes(flipped)).intact


def test_a_locked_contract_is_only_unsigned(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    checked = desk.read(verify_contract, contract_id)
    assert (checked.intact, checked.report.verdict, checked.state) == (False, Verdict.UNSIGNED, "LOCKED")


@pytest.mark.parametrize("content", [b"", b"<html>not a PDF</html>", b"%PDF-1.7\n%%EOF"])
def test_what_is_no_contract_gets_a_verdict_too(desk: SaleDesk, content: bytes) -> None:
    checked = desk.read(verify_file, content)
    assert (checked.contract_id, checked.intact) == (None, False)
    assert checked.report.summary()


def test_a_huge_file_is_not_even_read(desk: SaleDesk) -> None:
    with pytest.raises(DocumentTooLarge) as caught:
        desk.read(verify_file, bytes(31_000_000))
    assert caught.value.field == "content"


def test_evidence_edited_in_the_database_is_noticed(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    (buyer,) = desk.rows(ContractSignature, contract_id=contract_id, party="buyer")
    evidence = {**buyer.evidence, "signed_at": "2026-11-21T04:00:00.000000+00:00"}
    desk.change(ContractSignature, buyer.id, evidence=evidence)
    checked = desk.read(verify_contract, contract_id)
    assert checked.report.codes() == {ProblemCode.EVIDENCE_DIFFERS}


def test_a_document_exchanged_in_the_database_is_noticed(desk: SaleDesk) -> None:
    first, second = desk.sealed_contract(), desk.sealed_contract()
    (mine,) = desk.rows(ContractDocument, contract_id=first, stage="sealed")
    (other,) = desk.rows(ContractDocument, contract_id=second, stage="sealed")
    desk.change(ContractDocument, mine.id, content=other.content, digest=other.digest)
    checked = desk.read(verify_contract, first)
    assert {ProblemCode.LOCKED_TEXT_DIFFERS, ProblemCode.FILE_DIFFERS} <= checked.report.codes()


def test_another_houses_keys_are_not_trusted(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    use_signing_keys(HeldKeys.create(organisation="别家", branch="X", now=desk.clock.now()))
    assert desk.read(verify_contract, contract_id).report.verdict is Verdict.UNTRUSTED
    use_signing_keys(None)
    assert desk.read(verify_contract, contract_id).report.verdict is Verdict.UNTRUSTED


def test_the_root_of_another_desk_makes_its_contracts_trusted(desk: SaleDesk, held_keys: HeldKeys) -> None:
    contract_id = desk.sealed_contract()
    own = HeldKeys.create(organisation="杭州店", branch="HZ01", now=desk.clock.now())
    root = held_keys.authority().certificate_pem
    neighbour = HeldKeys(authority_key=own.authority_key, dealer_key=own.dealer_key, further_roots=(root,))
    use_signing_keys(HeldKeys.from_text(neighbour.to_text()))
    assert desk.read(verify_contract, contract_id).intact


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"authority": ["a", "b"]}'])
def test_damaged_stored_keys_are_missing_keys(text: str) -> None:
    with pytest.raises(SigningKeyMissing):
        HeldKeys.from_text(text)


def test_a_voided_contract_keeps_its_intact_document(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    desk.change(Contract, contract_id, state="VOIDED", void_reason="x")
    checked = desk.read(verify_contract, contract_id)
    assert (checked.intact, checked.state) == (True, "VOIDED")
