"""A sealed contract is amended by another one: until that is sealed nothing changes, and afterwards one counts."""

from datetime import date, timedelta

import pytest

from app.contracts.after_signing.amendment_commands import AmendContract
from app.contracts.checking import verify_contract, verify_file
from app.contracts.commands import ArchiveContract, DeclineContract, DraftContract, LockContract, VoidContract
from app.contracts.errors import (
    AmendedContractEnded,
    AmendmentUnderway,
    ContractAlreadyUnderway,
)
from app.contracts.queries import contract_document, get_contract
from app.contracts.signers.party_commands import SetContractParties, TendContracts
from app.contracts.signers.party_queries import contracts_need_tending
from app.documents.errors import CharactersNotPrintable
from app.kernel.errors import PermissionDenied, ValueRequired, ValueTooLong
from app.kernel.state_machine import TransitionNotAllowed
from app.orders.commands import CancelOrder, PlanDelivery
from app.orders.errors import ContractStillBinding
from app.orders.ties import signed_contract_number
from app.tasks.rules import TaskKind, TaskState
from db.ids import new_id
from db.models.archive import ContractMilestone
from db.models.contracts import Contract
from db.models.orders import SalesOrder
from db.models.signing import ContractParty
from db.models.tasks import Task
from tests.app.contracts.party_samples import guarantor
from tests.app.documents.reading import text_of
from tests.app.sale_desk import DELIVERY, SaleDesk

CHANGES = "交车日期改为2026年12月20日"
LATER = date(2026, 12, 20)


def amend(desk: SaleDesk, contract_id: str, changes: str = CHANGES) -> str:
    """The id of a drafted amendment."""
    return str(desk.do(AmendContract(contract_id=contract_id, changes=changes)).contract_id)


def lock(desk: SaleDesk, contract_id: str) -> None:
    detail = desk.read(get_contract, contract_id)
    desk.do(LockContract(contract_id=contract_id, expected_revision=detail.row.revision,
                         shown_digest=detail.shown_digest))  # fmt: skip


def sign(desk: SaleDesk, contract_id: str) -> None:
    for party in ("buyer", "dealer"):
        desk.do(desk.signature(contract_id, party))


def sealed_amendment(desk: SaleDesk, contract_id: str) -> str:
    """The id of an amendment that is in force."""
    amendment = amend(desk, contract_id)
    lock(desk, amendment)
    sign(desk, amendment)
    desk.do(desk.seal(amendment))
    return amendment


def postpone(desk: SaleDesk, contract_id: str) -> str:
    """Another day of delivery; the id of the order."""
    order_id = desk.row(Contract, contract_id).order_id
    revision = desk.row(SalesOrder, order_id).revision
    desk.do(PlanDelivery(order_id=order_id, expected_revision=revision, planned_delivery=LATER))
    return str(order_id)


def revision(desk: SaleDesk, contract_id: str) -> int:
    return int(desk.row(Contract, contract_id).revision)


def state(desk: SaleDesk, contract_id: str) -> str:
    return str(desk.row(Contract, contract_id).state)


def open_tasks(desk: SaleDesk, kind: TaskKind) -> list[Task]:
    return desk.rows(Task, kind=kind.value, state=TaskState.OPEN.value)


def test_the_amendment_takes_the_place_when_it_is_sealed_and_not_before(desk: SaleDesk) -> None:
    first = desk.sealed_contract()
    order_id = postpone(desk, first)
    amendment = amend(desk, first)
    row = desk.row(Contract, amendment)
    assert (row.number, row.amends_id, row.amendment_changes) == ("SH01-D01-CT-000002", first, CHANGES)
    lock(desk, amendment)
    sign(desk, amendment)
    assert state(desk, first) == "SEALED" and not desk.row(Contract, first).replaced_by_id
    desk.do(desk.seal(amendment))
    assert (state(desk, first), state(desk, amendment)) == ("SUPERSEDED", "SEALED")
    before, after = desk.read(get_contract, first), desk.read(get_contract, amendment)
    assert before.lineage.replaced_by.id == amendment and before.actions == ()
    assert (after.lineage.amends.id, after.lineage.replaces, after.lineage.changes) == (first, None, CHANGES)
    due = desk.rows(ContractMilestone, contract_id=amendment)
    assert {one.due_on for one in due} == {LATER}
    tasks = open_tasks(desk, TaskKind.CONTRACT_DELIVERY_DUE)
    assert [task.params["number"] for task in tasks] == [row.number] and tasks[0].record_id == order_id
    assert desk.read(verify_contract, first).intact, "what was signed stays provable"


def test_the_paper_names_what_it_amends_and_what_changes(desk: SaleDesk) -> None:
    first = desk.sealed_contract()
    postpone(desk, first)
    amendment = amend(desk, first)
    text = text_of(desk.read(contract_document, amendment).content)
    row = desk.row(Contract, first)
    assert row.number in text and CHANGES in text
    assert row.sealed_digest[:16] in text and row.sealed_digest[-16:] in text
    assert "变更" in text and "Thiscontractamendscontract" in text
    assert "2026年12月20日" in text


def test_an_amendment_that_ends_leaves_the_contract_in_force(desk: SaleDesk) -> None:
    first = desk.sealed_contract()
    declined = amend(desk, first)
    lock(desk, declined)
    desk.do(DeclineContract(contract_id=declined, expected_revision=revision(desk, declined), reason="不同意",
                            party="buyer"))  # fmt: skip
    voided = amend(desk, first)
    assert voided != declined
    lock(desk, voided)
    desk.do(desk.signature(voided, "buyer"))
    desk.do(VoidContract(contract_id=voided, expected_revision=revision(desk, voided), reason="重拟"), desk.manager)
    expired = amend(desk, first)
    lock(desk, expired)
    desk.clock.advance(timedelta(days=60))
    desk.do(TendContracts())
    assert [state(desk, one) for one in (declined, voided, expired)] == ["DECLINED", "VOIDED", "EXPIRED"]
    assert state(desk, first) == "SEALED" and desk.read(get_contract, first).lineage.replaced_by is None
    text = text_of(desk.read(contract_document, amend(desk, first)).content)
    assert "Replaces" not in text, "an amendment that never came into force took nobody's place"


def test_a_draft_is_redrafted_under_its_number_and_keeps_what_it_amends(desk: SaleDesk) -> None:
    first = desk.sealed_contract()
    amendment = amend(desk, first)
    assert amend(desk, first, "选装包改为舒适包") == amendment
    order_id = postpone(desk, first)
    assert desk.read(get_contract, amendment).outdated
    again = desk.draft_contract(order_id)
    assert again.contract_id == amendment and not desk.read(get_contract, amendment).outdated
    assert desk.row(Contract, amendment).amends_id == first
    assert "选装包改为舒适包" in text_of(desk.read(contract_document, amendment).content)


def test_the_same_parties_sign(desk: SaleDesk) -> None:
    drafted = desk.draft_contract(desk.paid_order())
    desk.do(SetContractParties(contract_id=drafted.contract_id, expected_revision=drafted.revision,
                               parties=(guarantor(),)))  # fmt: skip
    desk.draft_contract(desk.row(Contract, drafted.contract_id).order_id)
    lock(desk, drafted.contract_id)
    for party in ("buyer", "guarantor_1", "dealer"):
        desk.do(desk.signature(drafted.contract_id, party))
    desk.do(desk.seal(drafted.contract_id))
    amendment = amend(desk, drafted.contract_id)
    kept = [desk.rows(ContractParty, contract_id=one) for one in (drafted.contract_id, amendment)]
    said = [[(row.code, row.name, row.identity_number, row.place) for row in rows] for rows in kept]
    assert sorted(said[0]) == sorted(said[1]) and len(said[1]) == 3
    assert {row.state for row in kept[1]} == {"AWAITED"}
    lock(desk, amendment)


def test_what_amending_asks_for(desk: SaleDesk) -> None:
    draft = desk.draft_contract(desk.paid_order()).contract_id
    with pytest.raises(TransitionNotAllowed):
        amend(desk, draft)
    first = desk.sealed_contract()
    with pytest.raises(ValueRequired):
        amend(desk, first, "  ")
    with pytest.raises(ValueTooLong):
        amend(desk, first, "改" * 401)
    with pytest.raises(CharactersNotPrintable) as unprintable:
        amend(desk, first, "送车 🚗")
    assert unprintable.value.field == "changes"
    with pytest.raises(PermissionDenied):
        desk.do(AmendContract(contract_id=first, changes=CHANGES), desk.cashier)
    with pytest.raises(ContractAlreadyUnderway):
        desk.do(DraftContract(order_id=desk.row(Contract, first).order_id))
    lock(desk, amend(desk, first))
    with pytest.raises(AmendmentUnderway):
        amend(desk, first)


def test_an_archived_contract_and_an_amendment_can_be_amended(desk: SaleDesk) -> None:
    first = desk.sealed_contract()
    desk.do(ArchiveContract(contract_id=first, expected_revision=revision(desk, first)))
    second = sealed_amendment(desk, first)
    third = sealed_amendment(desk, second)
    assert [state(desk, one) for one in (first, second, third)] == ["SUPERSEDED", "SUPERSEDED", "SEALED"]
    order_id = desk.row(Contract, first).order_id
    with desk.dispatcher.database.read() as session:
        assert signed_contract_number(session, order_id) == desk.row(Contract, third).number


def test_a_voided_amendment_puts_the_contract_into_force_again(desk: SaleDesk) -> None:
    first = desk.sealed_contract()
    postpone(desk, first)
    amendment = sealed_amendment(desk, first)
    desk.do(VoidContract(contract_id=amendment, expected_revision=revision(desk, amendment), reason="重大误解"),
            desk.manager)  # fmt: skip
    assert (state(desk, first), desk.row(Contract, first).replaced_by_id) == ("SEALED", None)
    tasks = open_tasks(desk, TaskKind.CONTRACT_DELIVERY_DUE)
    assert [task.params["day"] for task in tasks] == [DELIVERY.isoformat()]


def test_an_amendment_of_what_ended_meanwhile_is_not_sealed(desk: SaleDesk) -> None:
    first = desk.sealed_contract()
    amendment = amend(desk, first)
    lock(desk, amendment)
    sign(desk, amendment)
    desk.do(VoidContract(contract_id=first, expected_revision=revision(desk, first), reason="重签"), desk.manager)
    with pytest.raises(AmendedContractEnded):
        desk.do(desk.seal(amendment))
    assert state(desk, amendment) == "SIGNED", "nothing is lost: it can be voided with a reason"


def test_a_contract_in_place_of_a_voided_one_names_it_and_is_named(desk: SaleDesk) -> None:
    first = desk.sealed_contract()
    desk.do(VoidContract(contract_id=first, expected_revision=revision(desk, first), reason="车型有误"), desk.manager)
    second = desk.draft_contract(desk.row(Contract, first).order_id).contract_id
    old, new = desk.read(get_contract, first), desk.read(get_contract, second)
    assert (old.lineage.replaced_by.id, new.lineage.replaces.id) == (second, first)
    assert old.row.number in text_of(desk.read(contract_document, second).content)


def test_checking_says_that_a_newer_version_counts(desk: SaleDesk) -> None:
    first = desk.sealed_contract()
    paper = desk.read(contract_document, first).content
    assert desk.read(verify_file, paper).newer is None
    amendment = sealed_amendment(desk, first)
    found = desk.read(verify_file, paper)
    assert found.intact and (found.newer.id, found.newer.state) == (amendment, "SEALED")


def test_two_desks_that_amended_the_same_contract_are_told_and_lose_nothing(desk: SaleDesk) -> None:
    first = desk.sealed_contract()
    amendment = sealed_amendment(desk, first)
    # What another desk sealed meanwhile arrives as rows.
    other = _arrived(desk, amends_id=first, number="SH01-D02-CT-000009")
    assert desk.read(contracts_need_tending)
    desk.do(TendContracts())
    task, = open_tasks(desk, TaskKind.SETTLE_AMENDMENTS)
    assert (task.record_id, task.params["amended"]) == (other, desk.row(Contract, first).number)
    assert [one.id for one in desk.read(get_contract, amendment).lineage.rivals] == [other]
    assert not desk.read(contracts_need_tending) and desk.do(TendContracts()) == 0
    # The manager decides: the other one counts.
    desk.do(VoidContract(contract_id=amendment, expected_revision=revision(desk, amendment), reason="以另一份为准"),
            desk.manager)  # fmt: skip
    assert (state(desk, first), desk.row(Contract, first).replaced_by_id) == ("SUPERSEDED", other)
    desk.do(TendContracts())
    assert open_tasks(desk, TaskKind.SETTLE_AMENDMENTS) == []


def test_what_was_filed_away_elsewhere_meanwhile_is_superseded_after_all(desk: SaleDesk) -> None:
    first = desk.sealed_contract()
    amendment = sealed_amendment(desk, first)
    desk.change(Contract, first, state="ARCHIVED")
    assert desk.read(contracts_need_tending) and desk.do(TendContracts()) == 1
    assert (state(desk, first), desk.row(Contract, first).replaced_by_id) == ("SUPERSEDED", amendment)
    assert not open_tasks(desk, TaskKind.SETTLE_AMENDMENTS) and not desk.read(contracts_need_tending)


def _arrived(desk: SaleDesk, **values: str) -> str:
    first = desk.row(Contract, values["amends_id"])
    given = {
        "id": new_id(), "branch_id": first.branch_id, "order_id": first.order_id, "customer_id": first.customer_id,
        "state": "SEALED", "template_code": "vehicle_sale", "template_version": "1", "sealed_digest": "a" * 64,
    } | values  # fmt: skip
    desk.records.save(Contract(**given))
    return str(given["id"])


def test_an_order_under_an_amended_contract_stays_bound(desk: SaleDesk) -> None:
    first = desk.sealed_contract()
    amendment = sealed_amendment(desk, first)
    order = desk.row(SalesOrder, desk.row(Contract, first).order_id)
    with pytest.raises(ContractStillBinding) as refused:
        desk.do(CancelOrder(order_id=order.id, expected_revision=order.revision, reason="不买了"), desk.manager)
    assert desk.row(Contract, amendment).number in str(refused.value)
