"""A signature given on a phone: the same rules as at the desk, and what is put on record of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.contracts.commands import ClauseAcknowledgement, DeclineContract, PhoneVisit
from app.contracts.errors import (
    ClausesNotAcknowledged,
    PartyOutOfTurn,
    PhoneNotOffered,
    PhoneVisitWrong,
    ShownDocumentDiffers,
    SignatureAlreadyGiven,
    SigningPeriodOver,
)
from app.contracts.phone_queries import phone_terms
from app.contracts.queries import get_contract
from app.contracts.sealing.evidence import Screen, evidence_from_json
from app.contracts.signers.identity_commands import NotePhoneLocked
from app.contracts.signers.identity_notice import phone_notice
from app.contracts.signing import kept_evidence
from db.models.contracts import ContractSignature
from tests.app.contracts.party_samples import co_buyer, locked_for
from tests.app.sale_desk import SaleDesk

SECOND = timedelta(seconds=1)


def visit(desk: SaleDesk, **changed: Any) -> PhoneVisit:
    """Opened a minute ago, read, given just now."""
    now = desk.clock.now()
    made = PhoneVisit(
        request_id="a" * 32, opened_at=now - 60 * SECOND, read_at=now - 30 * SECOND, given_at=now - SECOND,
        address="203.0.113.7", user_agent="Mozilla/5.0",
    )  # fmt: skip
    return replace(made, **changed)


def on_phone(desk: SaleDesk, contract_id: str, phone: PhoneVisit | None, **changed: Any) -> Any:
    """The command a desk makes of what a phone sent."""
    detail = desk.read(get_contract, contract_id)
    at = changed.pop("acknowledged_at", desk.clock.now() - 20 * SECOND)
    given = tuple(ClauseAcknowledgement(clause_id=clause.id, at=at) for clause in detail.clauses)
    command = desk.signature(contract_id, "buyer")
    return desk.do(
        replace(command, **{"screen": "phone", "phone": phone, "pen": "touch", "acknowledgements": given, **changed})
    )


def test_the_evidence_says_how_it_was_read_and_signed(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    seen = visit(desk, wrong_codes=2)
    on_phone(desk, contract_id, seen, language="en")
    (row,) = desk.rows(ContractSignature)
    evidence = evidence_from_json(kept_evidence(row))
    assert (evidence.screen, evidence.language, evidence.device.pen) == (Screen.PHONE, "en", "touch")
    (step,) = [one for one in evidence.identity_steps if one.kind == "phone"]
    assert (step.result, step.detail["wrong_codes"], step.detail["address"]) == ("passed", 2, "203.0.113.7")
    assert step.detail["given_at"] == seen.given_at.isoformat(timespec="microseconds")
    hints = [one.detail["hint"] for one in evidence.identity_steps if one.kind == "risk_hint"]
    assert "wrong_phone_code" in hints
    assert {one.acknowledged_at for one in evidence.acknowledgements} == {desk.clock.now() - 20 * SECOND}


@pytest.mark.parametrize(
    "changed",
    [
        {"read_at": None},
        {"opened_at_after": 10},
        {"wrong_codes": -1},
    ],
)
def test_a_visit_that_does_not_fit_together_is_refused(desk: SaleDesk, changed: dict[str, Any]) -> None:
    contract_id = desk.locked_contract()
    after = changed.pop("opened_at_after", None)
    seen = visit(desk, **changed)
    if after is not None:
        seen = replace(seen, opened_at=seen.given_at + after * SECOND)
    with pytest.raises(PhoneVisitWrong):
        on_phone(desk, contract_id, seen)
    assert desk.rows(ContractSignature) == []


def test_acknowledgements_lie_between_opening_and_giving(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    seen = visit(desk)
    for at in (seen.opened_at - SECOND, seen.given_at + SECOND):
        with pytest.raises(PhoneVisitWrong):
            on_phone(desk, contract_id, seen, acknowledged_at=at)
    with pytest.raises(PhoneVisitWrong):
        on_phone(desk, contract_id, None)
    with pytest.raises(PhoneVisitWrong):
        on_phone(desk, contract_id, seen, screen="desk")


def test_the_rules_are_those_of_the_desk(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    with pytest.raises(ShownDocumentDiffers):
        on_phone(desk, contract_id, visit(desk), shown_digest="0" * 64)
    with pytest.raises(ClausesNotAcknowledged):
        on_phone(desk, contract_id, visit(desk), acknowledgements=())
    on_phone(desk, contract_id, visit(desk))
    with pytest.raises(SignatureAlreadyGiven):
        on_phone(desk, contract_id, visit(desk))
    with pytest.raises(PhoneVisitWrong):
        on_phone(desk, contract_id, None, party="dealer", acknowledgements=())


def test_nobody_signs_on_a_phone_after_the_time(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    seen = visit(desk)
    desk.clock.advance(timedelta(days=15))
    with pytest.raises(SigningPeriodOver):
        on_phone(desk, contract_id, seen)


def test_what_is_sent_to_a_phone_is_for_the_party_whose_turn_it_is(desk: SaleDesk) -> None:
    contract_id = locked_for(desk, co_buyer())
    terms = desk.read(phone_terms, contract_id, "buyer")
    detail = desk.read(get_contract, contract_id)
    assert terms.document.startswith(b"%PDF") and terms.digest == detail.shown_digest
    assert (terms.signer, terms.role, terms.clauses) == ("张伟", {"zh_CN": "买方", "en": "Buyer"}, detail.clauses)
    assert terms.sign_until == detail.sign_until and all(terms.notice[code] for code in ("zh_CN", "en"))
    with pytest.raises(PartyOutOfTurn):
        desk.read(phone_terms, contract_id, "co_buyer_1")
    for party in ("dealer", "nobody"):
        with pytest.raises(PhoneNotOffered):
            desk.read(phone_terms, contract_id, party)


def test_a_draft_is_shown_on_no_phone(desk: SaleDesk) -> None:
    contract_id = desk.draft_contract(desk.paid_order()).contract_id
    with pytest.raises(PhoneNotOffered):
        desk.read(phone_terms, contract_id, "buyer")


def test_declining_on_a_phone_is_on_record_too(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    revision = desk.read(get_contract, contract_id).row.revision
    seen = visit(desk, read_at=None)
    desk.do(
        DeclineContract(
            contract_id=contract_id, expected_revision=revision, reason="too dear", party="buyer", phone=seen
        )
    )
    (buyer, _dealer) = desk.read(get_contract, contract_id).parties
    assert [(step.kind, step.detail["read_at"]) for step in buyer.steps if step.kind == "phone"] == [("phone", "")]


def test_a_locked_request_makes_one_look_twice(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    desk.do(NotePhoneLocked(contract_id=contract_id, party="buyer", request_id="b" * 32, wrong_codes=5))
    (buyer, _dealer) = desk.read(get_contract, contract_id).parties
    assert (buyer.steps[0].kind, buyer.steps[0].result) == ("phone", "failed")
    assert "wrong_phone_code" in {step.detail.get("hint") for step in buyer.steps}


def test_whoever_signs_on_a_phone_is_told_what_is_kept() -> None:
    english, chinese = phone_notice("Yunchi", "en"), phone_notice("云驰", "zh_CN")
    assert len(english) == len(chinese) and "72 hours" in " ".join(english) and "72" in "".join(chinese)
    assert not any("one-time code" in line for line in english), "no code goes to the phone"
