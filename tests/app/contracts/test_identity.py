"""How a signer is known: documents compared, photos, codes, hints; all of it evidence, none of it in plain text."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.attachments.intake import GivenFile, take_in
from app.contracts.checking import verify_contract
from app.contracts.errors import AddressMissing, CodeNotOpen, CodeTooSoon, PhotoConsentMissing, TooManyCodes
from app.contracts.queries import get_contract
from app.contracts.signers.code_sending import send_code, use_code_gateways, ways
from app.contracts.signers.identity_checks import hints_of
from app.contracts.signers.identity_commands import (
    CheckIdentityDocument,
    ConfirmCode,
    IssueCode,
    KeepDocumentPhoto,
    NoteCodeUnsent,
    NoteIdentityNotice,
)
from app.contracts.signers.identity_notice import identity_notice
from app.contracts.signers.identity_rules import age_on, hashed, is_code, new_code
from app.contracts.signers.party_commands import TendContracts
from app.contracts.signers.party_queries import contracts_need_tending, notice_facts
from app.kernel.errors import DomainError
from app.runtime.code_gateways import ConsoleGateway, WayMissing
from db.models.attachments import Attachment
from db.models.contracts import Contract, ContractSignature
from db.models.customers import Consent, Customer
from db.models.signing import ContractParty, IdentityStep, OneTimeCode
from tests.app.contracts.party_samples import co_buyer, guarantor, identity_number, locked_for
from tests.app.sale_desk import SaleDesk
from tests.factories.pictures import picture

NUMBER = "11010519491231002X"


def check(desk: SaleDesk, contract_id: str, **changes: Any) -> Any:
    """Compare the buyer's card, everything right."""
    given = {"contract_id": contract_id, "party": "buyer", "name": "张伟", "number": NUMBER}
    return desk.do(CheckIdentityDocument(**(given | changes)))


def issue(desk: SaleDesk, contract_id: str, party: str = "buyer", channel: str = "phone") -> Any:
    return desk.do(IssueCode(contract_id=contract_id, party=party, channel=channel, way="console"))


def wrong(code: str) -> str:
    """Six digits that are others."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_card_is_compared_with_the_contract(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    checked = check(desk, contract_id, number="110105 1949-1231 002x")
    assert checked.passed and checked.hints == ("old",)
    step = desk.row(IdentityStep, checked.step_id)
    assert (step.kind, step.result, step.by_staff_id) == ("card_check", "passed", desk.seller.staff_id)
    assert step.detail["number"] == "110105********002X" and step.detail["age"] == 76
    differs = check(desk, contract_id, name="张维", number=identity_number(date(1980, 2, 3)))
    assert not differs.passed and set(differs.hints) == {"old", "name_differs", "number_differs"}


@pytest.mark.parametrize(
    ("number", "code"),
    [("110105194912310021", "identity_check_digit_wrong"), ("1101", "identity_length_wrong"),
     ("11010519491331002X", "identity_date_wrong")],
)  # fmt: skip
def test_a_number_that_cannot_exist_leaves_nothing(desk: SaleDesk, number: str, code: str) -> None:
    contract_id = desk.locked_contract()
    with pytest.raises(DomainError) as caught:
        check(desk, contract_id, number=number)
    assert (caught.value.code, caught.value.field) == (code, "number")
    assert desk.rows(IdentityStep) == []


def test_the_steps_are_in_the_evidence_and_none_of_it_in_plain_text(desk: SaleDesk) -> None:
    contract_id = locked_for(desk, co_buyer())
    desk.do(NoteIdentityNotice(contract_id=contract_id, party="buyer", language="zh_CN"))
    check(desk, contract_id)
    issued = issue(desk, contract_id)
    assert desk.do(ConfirmCode(contract_id=contract_id, party="buyer", code=issued.code)).passed
    for party in ("buyer", "co_buyer_1", "dealer"):
        desk.do(desk.signature(contract_id, party))
    desk.do(desk.seal(contract_id))
    assert desk.read(verify_contract, contract_id).intact
    (signature,) = desk.rows(ContractSignature, party="buyer")
    kinds = [step["kind"] for step in signature.evidence["identity_steps"]]
    assert kinds[0] == "notice" and {"card_check", "one_time_code", "risk_hint"} < set(kinds)
    assert all(step["by"] == "王芳" for step in signature.evidence["identity_steps"])
    said = json.dumps([signature.evidence, *(step.detail for step in desk.rows(IdentityStep))], ensure_ascii=False)
    assert NUMBER not in said and issued.code not in said and issued.address not in said
    (other,) = desk.rows(ContractSignature, party="co_buyer_1")
    assert other.evidence["identity_steps"] == []


def test_only_the_salted_hash_of_a_code_is_kept_and_nothing_of_it_travels_or_is_audited(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    issued = issue(desk, contract_id)
    assert len(issued.code) == 6 and issued.code.isdigit() and issued.code not in repr(issued)
    (row,) = desk.rows(OneTimeCode)
    stored = " ".join(map(str, (row.salt, row.digest, row.address_digest, row.way)))
    assert issued.code not in stored and issued.address not in stored
    assert not any("one_time_code" in body and row.digest in body for body in desk.operations("put"))
    with desk.dispatcher.database.read() as session:
        audit = list(session.connection().exec_driver_sql("SELECT changes FROM audit_entry").scalars())
    assert not any(row.digest in entry for entry in audit)
    assert "111111" not in repr(ConfirmCode(contract_id=contract_id, party="buyer", code="111111"))


def test_a_code_is_good_for_five_entries(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    issued = issue(desk, contract_id)
    enter = ConfirmCode(contract_id=contract_id, party="buyer", code=wrong(issued.code))
    assert [desk.do(enter).left for _ in range(5)] == [4, 3, 2, 1, 0]
    with pytest.raises(CodeNotOpen):
        desk.do(replace(enter, code=issued.code))
    hints = desk.read(lambda reader: hints_of(reader.session, reader.session.get_one(
        ContractParty, desk.rows(ContractParty, code="buyer")[0].id), now=reader.now))  # fmt: skip
    assert "many_failures" in hints


def test_a_code_is_good_for_five_minutes_and_once(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    issued = issue(desk, contract_id)
    enter = ConfirmCode(contract_id=contract_id, party="buyer", code=f" {issued.code[:3]} {issued.code[3:]}")
    desk.clock.advance(timedelta(minutes=5))
    with pytest.raises(CodeNotOpen):
        desk.do(enter)
    again = issue(desk, contract_id)
    desk.clock.advance(timedelta(minutes=4, seconds=59))
    assert desk.do(replace(enter, code=again.code)).passed
    with pytest.raises(CodeNotOpen):
        desk.do(replace(enter, code=again.code))


def test_a_new_code_replaces_the_one_before(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    first = issue(desk, contract_id)
    desk.clock.advance(timedelta(minutes=1))
    second = issue(desk, contract_id)
    states = [row.state for row in desk.rows(OneTimeCode)]
    assert states == ["REPLACED", "OPEN"]
    if first.code != second.code:
        assert not desk.do(ConfirmCode(contract_id=contract_id, party="buyer", code=first.code)).passed
    assert desk.do(ConfirmCode(contract_id=contract_id, party="buyer", code=second.code)).passed


def test_codes_are_sent_at_a_pace(desk: SaleDesk) -> None:
    contract_id = locked_for(desk, co_buyer())
    issue(desk, contract_id)
    with pytest.raises(CodeTooSoon) as caught:
        issue(desk, contract_id)
    assert caught.value.params["seconds"] == 60
    unsent = issue(desk, contract_id, "co_buyer_1", "email")
    desk.do(NoteCodeUnsent(code_id=unsent.code_id))
    with pytest.raises(CodeNotOpen):
        desk.do(ConfirmCode(contract_id=contract_id, party="co_buyer_1", code=unsent.code))
    issue(desk, contract_id, "co_buyer_1", "email")  # what never left does not count
    for _ in range(4):
        desk.clock.advance(timedelta(minutes=1))
        issue(desk, contract_id)
    desk.clock.advance(timedelta(minutes=1))
    with pytest.raises(TooManyCodes):
        issue(desk, contract_id)
    desk.clock.advance(timedelta(hours=1))
    assert issue(desk, contract_id).shown_address.count("*") >= 4


def test_a_contract_sends_so_many_codes_an_hour_and_no_more(desk: SaleDesk) -> None:
    contract_id = locked_for(desk, co_buyer())
    for turn in range(10):
        party, channel = (("buyer", "phone"), ("co_buyer_1", "phone"), ("co_buyer_1", "email"))[turn % 3]
        issue(desk, contract_id, party, channel)
        desk.clock.advance(timedelta(minutes=1))
    with pytest.raises(TooManyCodes):
        issue(desk, contract_id, "co_buyer_1", "phone")


def test_who_has_no_address_gets_no_code(desk: SaleDesk) -> None:
    contract_id = locked_for(desk, guarantor())
    with pytest.raises(AddressMissing):
        issue(desk, contract_id, "guarantor_1", "email")


@pytest.mark.parametrize("party", ["dealer", "stranger"])
def test_only_those_who_are_awaited_are_checked(desk: SaleDesk, party: str) -> None:
    contract_id = desk.locked_contract()
    with pytest.raises(DomainError):
        check(desk, contract_id, party=party)
    desk.do(desk.signature(contract_id))
    with pytest.raises(DomainError):
        check(desk, contract_id)
    assert desk.rows(IdentityStep) == []


def test_a_photo_needs_a_consent_of_its_own_and_goes_when_its_time_is_over(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    taken = desk.read(take_in, [GivenFile("card.jpg", picture())], pictures_only=True)
    keep = KeepDocumentPhoto(contract_id=contract_id, party="buyer", file=taken.files[0], consented=False)
    with pytest.raises(PhotoConsentMissing):
        desk.do(keep)
    assert desk.rows(Consent) == [] and desk.rows(Attachment) == []
    step = desk.row(IdentityStep, desk.do(replace(keep, consented=True)))
    (consent,) = desk.rows(Consent)
    assert (consent.purpose, step.detail["consent_id"]) == ("sensitive_identity", consent.id)
    (photo,) = desk.rows(Attachment)
    assert (photo.subject_table, photo.sha256) == ("contract_party", step.attachment_sha256)
    assert desk.read(get_contract, contract_id).parties[0].steps[-1].has_photo
    assert not desk.read(contracts_need_tending)
    desk.do(desk.signature(contract_id))
    desk.change(Contract, contract_id, state="SEALED")
    desk.clock.advance(timedelta(days=5 * 366))
    assert desk.read(contracts_need_tending)
    assert desk.do(TendContracts()) == 1
    assert desk.row(Attachment, photo.id).deleted_at is not None


def test_the_hints_are_recorded_once_and_stop_nobody(desk: SaleDesk) -> None:
    desk.records.customer(name="别人", phone="13700137002")
    contract_id = locked_for(desk, guarantor())
    for _ in range(2):
        check(desk, contract_id, party="guarantor_1", name="张建国", number=guarantor().identity_number)
    noted = [step.detail["hint"] for step in desk.rows(IdentityStep, kind="risk_hint")]
    assert noted == ["old", "phone_shared"]
    for party in ("buyer", "guarantor_1", "dealer"):
        desk.do(desk.signature(contract_id, party))
    assert desk.row(Contract, contract_id).state == "SIGNED"


def test_the_notice_says_purposes_and_retention_in_both_languages(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    house = desk.read(notice_facts, contract_id).house
    for language in ("zh_CN", "en"):
        notice = identity_notice(house, language)
        assert notice.version and len(notice.lines) == 5 and house in notice.lines[0]
        assert "5" in notice.photo_consent and house in notice.photo_consent


def test_a_code_is_sent_in_the_customers_language_outside_of_the_transaction(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    said: list[str] = []
    use_code_gateways(ConsoleGateway(said.append))
    assert ways() == {"email": "console", "phone": "console"}
    issued = issue(desk, contract_id)
    send_code(issued)
    assert len(said) == 1 and issued.code in said[0] and "验证码" in said[0]
    send_code(replace(issued, language="en"))
    assert "is your code for signing contract" in said[1]
    use_code_gateways()
    with pytest.raises(WayMissing):
        send_code(issued)
    assert ways() == {}


def test_codes_are_random_and_hashed_with_a_salt() -> None:
    codes = {new_code() for _ in range(200)}
    assert len(codes) > 190 and all(len(code) == 6 and code.isdigit() for code in codes)
    first, second = hashed("012345"), hashed("012345")
    assert first.digest != second.digest and "012345" not in first.digest
    assert is_code("012345", first) and not is_code("12345", first) and not is_code("", first)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [(date(2008, 11, 23), date(2026, 11, 23), 18), (date(2008, 11, 24), date(2026, 11, 23), 17),
     (date(2008, 2, 29), date(2026, 2, 28), 17), (date(2008, 2, 29), date(2026, 3, 1), 18)],
)  # fmt: skip
def test_age_in_full_years(born: date, day: date, age: int) -> None:
    assert age_on(born, day) == age


def test_the_card_of_who_signs_for_a_company_is_compared_with_the_customers_record(desk: SaleDesk) -> None:
    card = identity_number(date(1985, 4, 1))
    desk.change(
        Customer, desk.customer.id, kind="company", name="上海远途科技有限公司", identity_kind="company_code",
        identity_number="91110108MA01YBNX62", contact_name="李雷", contact_identity_number=card,
    )  # fmt: skip
    contract_id = desk.locked_contract()
    given = {"name": "李雷", "number": identity_number(date(1985, 4, 2))}
    other = check(desk, contract_id, **given)
    assert not other.passed and "number_differs" in other.hints
    assert check(desk, contract_id, **(given | {"number": card})).passed
