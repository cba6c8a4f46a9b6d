"""Up to four parties sign a contract one after the other; all of them end in one sealed document that verifies."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.contracts.checking import verify_contract
from app.contracts.commands import DeclineContract, LockContract
from app.contracts.errors import (
    BuyerUnderAge,
    ClausesNotAcknowledged,
    ContractLocked,
    ContractOutdated,
    PartyNotAwaited,
    PartyNotInDocument,
    PartyOutOfTurn,
    PartyTwice,
    RepresentativeMissing,
    SigningPeriodOver,
    TooManySigners,
)
from app.contracts.queries import contract_document, get_contract
from app.contracts.signers.party_commands import SetContractParties, TendContracts
from app.contracts.signers.party_queries import contracts_need_tending
from app.desk.refused_commands import RevealRefusedValue
from app.kernel.errors import DomainError, RecordChangedMeanwhile
from app.tasks.rules import task_text
from db.models.contracts import Contract, ContractSignature
from db.models.customers import Customer
from db.models.signing import ContractParty
from db.models.tasks import Task
from tests.app.contracts.party_samples import co_buyer, guarantor, identity_number, locked_for, set_parties
from tests.app.sale_desk import SaleDesk

FOUR = ("buyer", "co_buyer_1", "guarantor_1", "dealer")


def sign(desk: SaleDesk, contract_id: str, *codes: str) -> None:
    """These parties sign, a minute apart."""
    for code in codes:
        desk.clock.advance(timedelta(minutes=1))
        desk.do(desk.signature(contract_id, code))


def test_drafting_puts_buyer_and_dealer_in(desk: SaleDesk) -> None:
    contract_id = desk.draft_contract(desk.paid_order()).contract_id
    parties = desk.read(get_contract, contract_id).parties
    assert [(party.code, party.name, party.signer, party.state) for party in parties] == [
        ("buyer", "张伟", "张伟", "AWAITED"),
        ("dealer", parties[1].name, "王芳", "AWAITED"),
    ]
    assert parties[0].identity == "110105********002X" and "*" in parties[0].phone
    desk.draft_contract(desk.row(Contract, contract_id).order_id)
    assert len(desk.rows(ContractParty)) == 2


def test_four_parties_sign_in_order_and_the_seal_closes(desk: SaleDesk) -> None:
    contract_id = locked_for(desk, guarantor(), co_buyer())
    assert tuple(party.code for party in desk.read(get_contract, contract_id).parties) == FOUR
    locked = desk.read(contract_document, contract_id).content
    for done, code in enumerate(FOUR):
        assert desk.read(get_contract, contract_id).missing == FOUR[done:]
        for later in FOUR[done + 1 :]:
            with pytest.raises(PartyOutOfTurn):
                desk.do(desk.signature(contract_id, later))
        sign(desk, contract_id, code)
        assert desk.row(Contract, contract_id).state == ("SIGNED" if code == "dealer" else "PARTIALLY_SIGNED")
    desk.do(desk.seal(contract_id))
    sealed = desk.read(contract_document, contract_id)
    assert sealed.content.startswith(locked)
    found = desk.read(verify_contract, contract_id)
    assert found.intact, found.report.problems
    assert [signature.field for signature in found.report.signatures] == [
        "signature_buyer", "signature_co_buyer_1", "signature_guarantor_1", "signature_seller", "seal_seller",
    ]  # fmt: skip
    assert [signature.signer for signature in found.report.signatures[:3]] == ["张伟", "李娜", "张建国"]
    kept = {row.party: row.evidence for row in desk.rows(ContractSignature)}
    assert all(len(kept[code]["acknowledgements"]) == 6 for code in FOUR[:3]) and not kept["dealer"]["acknowledgements"]
    assert [kept[code]["party"] for code in FOUR] == list(FOUR)
    assert {row.state for row in desk.rows(ContractParty)} == {"SIGNED"}


def test_changed_evidence_of_a_further_party_is_found(desk: SaleDesk) -> None:
    contract_id = locked_for(desk, co_buyer())
    sign(desk, contract_id, "buyer", "co_buyer_1", "dealer")
    desk.do(desk.seal(contract_id))
    (row,) = desk.rows(ContractSignature, party="co_buyer_1")
    desk.change(ContractSignature, row.id, evidence={**row.evidence, "place": "elsewhere"})
    assert [problem.code for problem in desk.read(verify_contract, contract_id).report.problems] == ["evidence_differs"]


def test_every_party_but_the_dealer_acknowledges_each_clause(desk: SaleDesk) -> None:
    contract_id = locked_for(desk, guarantor())
    sign(desk, contract_id, "buyer")
    with pytest.raises(ClausesNotAcknowledged):
        desk.do(desk.signature(contract_id, "guarantor_1", acknowledgements=()))
    sign(desk, contract_id, "guarantor_1", "dealer")


def test_further_parties_stand_on_the_paper_and_make_a_draft_outdated(desk: SaleDesk) -> None:
    drafted = desk.draft_contract(desk.paid_order())
    before = desk.read(contract_document, drafted.contract_id).content
    detail = desk.read(get_contract, drafted.contract_id)
    desk.do(SetContractParties(contract_id=drafted.contract_id, expected_revision=detail.row.revision,
                               parties=(guarantor(),)))  # fmt: skip
    changed = desk.read(get_contract, drafted.contract_id)
    assert changed.outdated and "lock" not in changed.actions
    with pytest.raises(ContractOutdated):
        desk.do(LockContract(contract_id=drafted.contract_id, expected_revision=changed.row.revision,
                             shown_digest=changed.shown_digest))  # fmt: skip
    with pytest.raises(RecordChangedMeanwhile):
        desk.do(SetContractParties(contract_id=drafted.contract_id, expected_revision=detail.row.revision, parties=()))
    order_id = desk.row(Contract, drafted.contract_id).order_id
    desk.draft_contract(order_id)
    places = [place["name"] for place in desk.row(Contract, drafted.contract_id).signature_fields]
    assert places[-4:] == ["signature_seller", "seal_seller", "signature_buyer", "signature_guarantor_1"]
    set_parties(desk, drafted.contract_id)
    # Only the time on the paper differs from what it was before anybody was added.
    again = desk.read(contract_document, drafted.contract_id).content
    assert (len(again), desk.read(get_contract, drafted.contract_id).row.page_count) == (len(before), drafted.pages)


def test_rows_stay_where_a_party_is_changed_and_what_is_left_empty_is_kept(desk: SaleDesk) -> None:
    contract_id = desk.draft_contract(desk.paid_order()).contract_id
    assert set_parties(desk, contract_id, co_buyer(), guarantor()) == FOUR
    (spouse,) = desk.rows(ContractParty, code="co_buyer_1")
    (father,) = desk.rows(ContractParty, code="guarantor_1")
    change = guarantor(name="张建军", identity_number="", phone="", address="", party_id=father.id)
    assert set_parties(desk, contract_id, change) == ("buyer", "guarantor_1", "dealer")
    now = desk.row(ContractParty, father.id)
    assert (now.name, now.identity_number, now.phone) == ("张建军", father.identity_number, father.phone)
    assert desk.row(ContractParty, spouse.id).deleted_at is not None


def test_a_customer_on_record_fills_what_is_left_empty(desk: SaleDesk) -> None:
    other: Customer = desk.records.customer(name="孙丽", phone="13600136003", identity_number=identity_number(
        date(1988, 8, 8), 44))  # fmt: skip
    contract_id = desk.draft_contract(desk.paid_order()).contract_id
    entry = replace(co_buyer(), name="", identity_number="", phone="", customer_id=other.id)
    set_parties(desk, contract_id, entry)
    (row,) = desk.rows(ContractParty, code="co_buyer_1")
    assert (row.name, row.phone, row.identity_number) == ("孙丽", "13600136003", other.identity_number)


def test_a_company_signs_through_a_person(desk: SaleDesk) -> None:
    contract_id = desk.draft_contract(desk.paid_order()).contract_id
    company = guarantor(name="上海某某贸易有限公司", identity_kind="company_code", identity_number="91310000775785552L")
    with pytest.raises(RepresentativeMissing):
        set_parties(desk, contract_id, company)
    set_parties(desk, contract_id, replace(company, representative="钱进"))
    party = desk.read(get_contract, contract_id).parties[1]
    assert (party.name, party.signer, party.is_company) == ("上海某某贸易有限公司", "钱进", True)


@pytest.mark.parametrize(
    ("entries", "error", "field"),
    [
        ((co_buyer(role="customer"),), PartyNotInDocument, "parties"),
        ((co_buyer(role="dealer"),), PartyNotInDocument, "parties"),
        ((co_buyer(role="buyer"),), PartyNotInDocument, "parties"),
        ((co_buyer(), guarantor(), co_buyer(identity_number=identity_number(date(1991, 1, 1)))), TooManySigners,
         "parties"),
        ((co_buyer(), guarantor(identity_number=co_buyer().identity_number)), PartyTwice,
         "parties.1.identity_number"),
    ],
)  # fmt: skip
def test_who_cannot_be_added(desk: SaleDesk, entries: tuple, error: type[DomainError], field: str) -> None:
    contract_id = desk.draft_contract(desk.paid_order()).contract_id
    with pytest.raises(error) as caught:
        set_parties(desk, contract_id, *entries)
    assert caught.value.field == field
    assert len(desk.rows(ContractParty)) == 2


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"name": " "}, "value_required", "parties.0.name"),
        ({"identity_number": "310115199005170229"}, "identity_check_digit_wrong", "parties.0.identity_number"),
        ({"identity_number": ""}, "value_required", "parties.0.identity_number"),
        ({"identity_kind": "library_card"}, "value_not_allowed", "parties.0.identity_kind"),
        ({"phone": "12"}, "phone_wrong", "parties.0.phone"),
        ({"email": "@"}, "email_wrong", "parties.0.email"),
    ],
)
def test_what_is_wrong_with_a_party_stands_beside_its_field(
    desk: SaleDesk, changes: dict[str, str], code: str, field: str
) -> None:
    contract_id = desk.draft_contract(desk.paid_order()).contract_id
    with pytest.raises(DomainError) as caught:
        set_parties(desk, contract_id, replace(co_buyer(), **changes))
    assert (caught.value.code, caught.value.field) == (code, field)


def test_parties_are_set_in_a_draft_only(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    with pytest.raises(ContractLocked):
        set_parties(desk, contract_id, co_buyer())


def test_a_party_declines_with_a_reason(desk: SaleDesk) -> None:
    contract_id = locked_for(desk, co_buyer())
    sign(desk, contract_id, "buyer")
    revision = desk.row(Contract, contract_id).revision
    decline = DeclineContract(contract_id=contract_id, expected_revision=revision, party="buyer", reason="价格")
    with pytest.raises(PartyNotAwaited):
        desk.do(decline)
    desk.do(replace(decline, party="co_buyer_1"))
    detail = desk.read(get_contract, contract_id)
    assert (detail.row.state, detail.void_reason) == ("DECLINED", "价格")
    assert [(party.code, party.state) for party in detail.parties] == [
        ("buyer", "SIGNED"), ("co_buyer_1", "DECLINED"), ("dealer", "AWAITED"),
    ]  # fmt: skip
    assert detail.parties[1].decline_reason == "价格"


def test_signing_goes_on_days_later_until_the_time_is_over(desk: SaleDesk) -> None:
    contract_id = locked_for(desk, guarantor())
    until = desk.read(get_contract, contract_id).sign_until
    assert until == desk.clock.now() + timedelta(days=14)
    sign(desk, contract_id, "buyer")
    assert not desk.read(contracts_need_tending)
    desk.clock.advance(timedelta(days=13))
    sign(desk, contract_id, "guarantor_1")
    assert desk.read(contracts_need_tending) and desk.do(TendContracts()) == 1
    assert not desk.read(contracts_need_tending), "reminded of once"
    desk.clock.advance(timedelta(days=1))
    with pytest.raises(SigningPeriodOver):
        desk.do(desk.signature(contract_id, "dealer"))
    assert desk.read(contracts_need_tending)
    assert desk.do(TendContracts()) == 1
    assert desk.row(Contract, contract_id).state == "EXPIRED"
    assert not desk.read(contracts_need_tending) and desk.do(TendContracts()) == 0
    expired = desk.row(Contract, contract_id)
    assert desk.draft_contract(expired.order_id).number != expired.number


def test_somebody_is_reminded_of_what_waits_for_a_day_until_everybody_has_signed(desk: SaleDesk) -> None:
    contract_id = locked_for(desk)
    contract, locked = desk.row(Contract, contract_id), desk.read(get_contract, contract_id)
    assert (locked.missing[0], locked.waiting_since) == ("buyer", contract.locked_at)
    desk.clock.advance(timedelta(hours=1))
    sign(desk, contract_id, "buyer")
    signed_at = desk.rows(ContractSignature)[0].signed_at
    assert signed_at > contract.locked_at and desk.read(get_contract, contract_id).waiting_since == signed_at
    desk.clock.advance(timedelta(hours=22, minutes=58))
    assert not desk.read(contracts_need_tending) and desk.rows(Task, kind="contract_unsigned") == []
    desk.clock.advance(timedelta(minutes=1))
    assert desk.do(TendContracts()) == 1 and desk.do(TendContracts()) == 0
    (task,) = desk.rows(Task, kind="contract_unsigned")
    assert (task.record_table, task.record_id, task.due_at) == ("contract", contract_id, contract.sign_until)
    assert task.assignee_staff_id == desk.seller.staff_id and contract.number in task_text(task.kind, task.params)
    sign(desk, contract_id, "dealer")
    assert desk.row(Task, task.id).state == "DONE"
    assert desk.read(get_contract, contract_id).waiting_since is None


def test_two_desks_that_took_one_signature_offline_seal_the_first(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    sign(desk, contract_id, "buyer")
    (first,) = desk.rows(ContractSignature)
    desk.records.save(ContractSignature(
        scope=first.scope, contract_id=contract_id, party="buyer", signer_name="张伟",
        signed_at=first.signed_at + timedelta(minutes=2), document_digest=first.document_digest,
        evidence_digest=first.evidence_digest, evidence={**first.evidence, "place": "D02"},
    ))  # fmt: skip
    sign(desk, contract_id, "dealer")
    desk.do(desk.seal(contract_id))
    assert desk.read(verify_contract, contract_id).intact


def test_a_contract_from_before_there_were_parties_is_still_signed(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    for row in desk.rows(ContractParty):
        desk.change(ContractParty, row.id, deleted_at=desk.clock.now())
    desk.change(Contract, contract_id, sign_until=None)
    desk.clock.advance(timedelta(days=60))
    assert [party.code for party in desk.read(get_contract, contract_id).parties] == ["buyer", "dealer"]
    sign(desk, contract_id, "buyer", "dealer")
    desk.do(desk.seal(contract_id))
    assert desk.read(verify_contract, contract_id).intact


def test_a_minor_does_not_sign_as_the_buyer(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    (buyer,) = desk.rows(ContractParty, code="buyer")
    desk.change(ContractParty, buyer.id, identity_number=identity_number(date(2010, 1, 1)))
    with pytest.raises(BuyerUnderAge):
        desk.do(desk.signature(contract_id))


def test_nothing_hands_out_how_somebody_signed(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    command = desk.signature(contract_id)
    assert str(command.strokes[0][5][1]) not in repr(command)
    desk.do(command)
    detail = repr(desk.read(get_contract, contract_id))
    assert "strokes" not in detail and "StrokePoint" not in detail
    with desk.dispatcher.database.read() as session:
        run = session.connection().exec_driver_sql
        number = run("SELECT n FROM outbox_operation WHERE table_name = 'contract_signature'").scalar_one()
        audit = list(run("SELECT changes FROM audit_entry").scalars())
    assert not any("strokes" in entry for entry in audit)
    reveal = RevealRefusedValue(operation=number, field="evidence", reason="x")
    for actor in (desk.manager, desk.administrator):
        with pytest.raises(DomainError) as caught:
            desk.do(reveal, actor)
        assert caught.value.code in ("value_stays_sealed", "permission_denied")
    assert caught.value.code == "value_stays_sealed"
