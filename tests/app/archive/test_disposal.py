"""Destroying documents after their time: by two people, never before the day or under a hold, and nothing is left of
them but a line."""

from datetime import timedelta

import pytest

from app.archive.commands import ConfirmDisposal, PlaceLegalHold, ProposeDisposal, RejectDisposal
from app.archive.errors import (
    DisposalDecided,
    DisposalHeld,
    DisposalListed,
    DisposalTooEarly,
    NothingToDispose,
    OwnDisposal,
)
from app.archive.indexing import tend_whole_archive
from app.archive.queries import contract_keeping, disposal_lines, list_disposals
from app.archive.search import list_archive
from app.contracts.errors import DocumentDestroyed
from app.contracts.queries import contract_document, get_contract
from app.contracts.rules import ContractState
from app.kernel.errors import PermissionDenied, ValueRequired
from app.tasks.rules import TaskKind, TaskState
from db.models.contracts import Contract, ContractDocument, ContractSignature
from db.models.disposal import DisposalLine
from db.models.signing import ContractParty
from db.models.tasks import Task
from tests.app.sale_desk import SaleDesk


@pytest.fixture
def old(desk: SaleDesk) -> str:
    """A sealed contract whose time of keeping is over."""
    contract_id = desk.sealed_contract()
    tend_whole_archive(desk.dispatcher.database)
    desk.clock.advance(timedelta(days=366 * 31))
    return contract_id


def propose(desk: SaleDesk, contract_id: str) -> str:
    return str(desk.do(ProposeDisposal(contract_ids=(contract_id,), reason="保管期满"), desk.manager))


def test_two_people_destroy_a_document_and_a_line_remains(desk: SaleDesk, old: str) -> None:
    before = desk.row(Contract, old)
    list_id = propose(desk, old)
    assert [task.state for task in desk.rows(Task, kind=TaskKind.CONFIRM_DISPOSAL)] == [TaskState.OPEN]
    done = desk.do(ConfirmDisposal(disposal_list_id=list_id, supervisor="陈静"), desk.administrator)
    assert done == 1
    for model in (ContractDocument, ContractSignature, ContractParty):
        rows = desk.rows(model, contract_id=old)
        assert rows and all(row.deleted_at is not None for row in rows), model
    assert {bytes(row.content) for row in desk.rows(ContractDocument, contract_id=old)} == {b""}
    assert all(row.evidence == {} and not row.signer_name for row in desk.rows(ContractSignature, contract_id=old))
    assert not any(row.name or row.identity_number for row in desk.rows(ContractParty, contract_id=old))
    after = desk.row(Contract, old)
    assert (after.state, after.number, after.sealed_digest) == (
        ContractState.DISPOSED, before.number, before.sealed_digest,
    )  # fmt: skip
    (line,) = desk.read(disposal_lines, list_id)
    assert (line.number, line.sealed_digest) == (before.number, before.sealed_digest)
    (shown,) = desk.read(list_disposals)
    assert (shown.proposed_by, shown.decided_by, shown.supervisor, shown.reason) == (
        desk.manager.name, desk.administrator.name, "陈静", "保管期满",
    )  # fmt: skip
    keeping = desk.read(contract_keeping, old)
    assert keeping.destroyed is not None and keeping.destroyed.number == shown.number
    assert (keeping.kept_until, keeping.may_go, keeping.sealed) == (None, False, False)
    assert desk.read(get_contract, old).actions == ()
    assert [task.state for task in desk.rows(Task, kind=TaskKind.CONFIRM_DISPOSAL)] == [TaskState.DONE]


def test_its_words_are_found_no_more_its_number_is(desk: SaleDesk, old: str) -> None:
    list_id = propose(desk, old)
    desk.do(ConfirmDisposal(disposal_list_id=list_id, supervisor="陈静"), desk.administrator)
    tend_whole_archive(desk.dispatcher.database)
    contract = desk.row(Contract, old)
    for typed in ("民法典", "张伟", "zhangwei"):
        assert desk.read(list_archive, text=typed) == [], typed
    for typed in (contract.number, contract.sealed_digest):
        assert [row.state for row in desk.read(list_archive, text=typed)] == ["DISPOSED"]
    with desk.dispatcher.database.read() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM archive_pending").scalar_one() == 0


def test_remains_at_a_desk_that_only_heard_of_it_are_blanked(desk: SaleDesk, old: str) -> None:
    """The centre says of a deleted row that it is gone; what it held is blanked where it lies."""
    database = desk.dispatcher.database
    with database.exclusive() as connection:
        for table in ("contract_document", "contract_signature", "contract_party"):
            connection.exec_driver_sql(f"UPDATE {table} SET deleted_at = 1 WHERE contract_id = ?", (old,))
        connection.exec_driver_sql("UPDATE contract SET state = 'DISPOSED' WHERE id = ?", (old,))
    tend_whole_archive(database)
    assert {bytes(row.content) for row in desk.rows(ContractDocument, contract_id=old)} == {b""}
    assert all(row.evidence == {} for row in desk.rows(ContractSignature, contract_id=old))
    assert not any(row.name for row in desk.rows(ContractParty, contract_id=old))


def test_nobody_destroys_alone(desk: SaleDesk, old: str) -> None:
    list_id = propose(desk, old)
    with pytest.raises(OwnDisposal):
        desk.do(ConfirmDisposal(disposal_list_id=list_id, supervisor="陈静"), desk.manager)
    with pytest.raises(ValueRequired):
        desk.do(ConfirmDisposal(disposal_list_id=list_id, supervisor=" "), desk.administrator)
    with pytest.raises(PermissionDenied):
        desk.do(ConfirmDisposal(disposal_list_id=list_id, supervisor="陈静"))
    with pytest.raises(PermissionDenied):
        desk.do(ProposeDisposal(contract_ids=(old,), reason="保管期满"))
    assert desk.row(Contract, old).state == ContractState.SEALED


def test_nothing_goes_before_its_day_or_under_a_hold(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    with pytest.raises(DisposalTooEarly):
        propose(desk, contract_id)
    with pytest.raises(NothingToDispose):
        desk.do(ProposeDisposal(contract_ids=(), reason="保管期满"), desk.manager)
    desk.clock.advance(timedelta(days=366 * 31))
    list_id = propose(desk, contract_id)
    desk.do(PlaceLegalHold(contract_id=contract_id, reason="法院"), desk.manager)
    with pytest.raises(DisposalHeld):
        desk.do(ConfirmDisposal(disposal_list_id=list_id, supervisor="陈静"), desk.administrator)
    assert bytes(desk.rows(ContractDocument, contract_id=contract_id)[0].content) != b""


def test_a_rejected_list_frees_its_documents_for_another(desk: SaleDesk, old: str) -> None:
    first = propose(desk, old)
    with pytest.raises(DisposalListed):
        propose(desk, old)
    desk.do(RejectDisposal(disposal_list_id=first, reason="仍有保险理赔"), desk.administrator)
    for command in (
        RejectDisposal(disposal_list_id=first, reason="再次"),
        ConfirmDisposal(disposal_list_id=first, supervisor="陈静"),
    ):
        with pytest.raises(DisposalDecided):
            desk.do(command, desk.administrator)
    second = propose(desk, old)
    assert desk.row(DisposalLine, old).list_id == second


def test_a_destroyed_document_is_neither_held_nor_destroyed_again(desk: SaleDesk, old: str) -> None:
    list_id = propose(desk, old)
    desk.do(ConfirmDisposal(disposal_list_id=list_id, supervisor="陈静"), desk.administrator)
    with pytest.raises(DisposalTooEarly):
        propose(desk, old)
    with pytest.raises(DocumentDestroyed):
        desk.read(contract_document, old)
