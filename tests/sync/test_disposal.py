"""What is destroyed at one desk is gone at the others and at the centre, which holds it to two people and the day."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.archive.commands import ConfirmDisposal, LiftLegalHold, PlaceLegalHold, ProposeDisposal
from app.archive.disposal import destroy, line_of
from app.archive.indexing import tend_whole_archive
from app.contracts.keys.held_keys import HeldKeys, use_signing_keys
from app.contracts.rules import ContractState
from app.kernel.permissions import Role
from db.models.contracts import Contract
from db.models.disposal import DisposalList
from sync.server.store import Store
from sync.server.upkeep import check
from tests.app.sale_desk import SaleDesk
from tests.factories.people import SHANGHAI
from tests.sync.conftest import BACKENDS
from tests.sync.desks import Desk
from tests.sync.transfer_desks import branch_desk, close, dispatcher_of, run

Made = tuple[Desk, Desk, Store]
PROPOSER, CONFIRMER = Role.BRANCH_MANAGER, Role.ADMINISTRATOR


@pytest.fixture
def group(database_template: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Made]:
    """Two desks of a branch and their centre, on SQLite or the backend that is named by an indirect parameter."""
    url = f"sqlite:///{tmp_path / 'centre.db'}"
    if getattr(request, "param", "sqlite") == "postgresql":
        url = request.getfixturevalue("cluster").create_database()
    store = Store(url, pool=2)
    store.ensure_schema()
    first = branch_desk(store, database_template, tmp_path, "D01", branch=SHANGHAI)
    second = branch_desk(store, database_template, tmp_path, "D02", branch=SHANGHAI)
    second.clock.advance(first.clock.now() - second.clock.now())
    use_signing_keys(HeldKeys.create(organisation="上海测试店汽车销售有限公司", branch="SH01", now=first.clock.now()))
    yield first, second, store
    use_signing_keys(None)
    assert check(store) == []
    close(first, second)
    store.close()


def sealed_everywhere(group: Made) -> str:
    """A sealed contract both desks and the centre have."""
    first, second, _ = group
    contract_id = SaleDesk(dispatcher_of(first), first.records, first.clock).sealed_contract()
    agree(first, second)
    assert second.one("SELECT state FROM contract WHERE id = ?", contract_id) == "SEALED"
    return contract_id


def agree(*desks: Desk) -> None:
    for _ in range(2):
        for desk in desks:
            desk.sync()


def parts(desk: Desk, contract_id: str) -> list[tuple[Any, ...]]:
    """What is left of a document at a desk: (bytes, whether it is deleted)."""
    sql = "SELECT length(content), deleted_at IS NOT NULL FROM contract_document WHERE contract_id = ?"
    return desk.rows(sql, contract_id)


def refused(desk: Desk) -> int:
    """How many changes the centre refused."""
    return int(desk.one("SELECT count(*) FROM outbox_operation WHERE state = 'rejected'"))


@pytest.fixture
def over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents whose time was over years ago."""
    monkeypatch.setattr("app.archive.disposal.last_day", lambda contract: date(2020, 12, 31))


def bodies(store: Store) -> list[str]:
    """What the centre still holds of the documents' parts."""
    sql = "SELECT body FROM replica_row WHERE table_name IN ('contract_document', 'contract_signature')"
    with store.read() as connection:
        return [str(row[0]) for row in store.run(connection, sql)]


def test_what_two_people_destroyed_is_gone_everywhere(group: Made, over: None) -> None:
    first, second, store = group
    contract_id = sealed_everywhere(group)
    list_id = run(first, ProposeDisposal(contract_ids=(contract_id,), reason="保管期满"), role=PROPOSER)
    agree(first, second)
    run(second, ConfirmDisposal(disposal_list_id=list_id, supervisor="陈静"), role=CONFIRMER)
    agree(second, first)
    assert (refused(first), refused(second)) == (0, 0)
    for desk in (first, second):
        tend_whole_archive(desk.database)
        assert desk.one("SELECT state FROM contract WHERE id = ?", contract_id) == ContractState.DISPOSED
        assert set(parts(desk, contract_id)) == {(0, 1)}
        assert set(desk.rows("SELECT evidence, signer_name FROM contract_signature")) == {("{}", "")}
        assert set(desk.rows("SELECT name, identity_number FROM contract_party")) == {("", "")}
        assert desk.one("SELECT sealed_digest FROM disposal_line WHERE id = ?", contract_id)
    assert not any("content" in body or "strokes" in body for body in bodies(store))


def test_the_centre_lets_nobody_destroy_alone_or_before_the_day(group: Made) -> None:
    first, second, _ = group
    contract_id = sealed_everywhere(group)
    kept = parts(second, contract_id)
    list_id = forged_list(first, contract_id, kept_until=date(2020, 12, 31))
    agree(first, second)
    forged_destruction(first, contract_id, list_id, by=PROPOSER)
    agree(first, second)
    assert refused(first) > 0
    assert second.one("SELECT state FROM contract WHERE id = ?", contract_id) == "SEALED"
    assert parts(second, contract_id) == kept
    assert second.one("SELECT state FROM disposal_list WHERE id = ?", list_id) == "PROPOSED"


def test_a_list_confirmed_before_the_day_destroys_nothing_at_the_centre(group: Made) -> None:
    first, second, _ = group
    contract_id = sealed_everywhere(group)
    kept = parts(second, contract_id)
    list_id = forged_list(first, contract_id, kept_until=date(2090, 12, 31))
    agree(first, second)
    forged_destruction(first, contract_id, list_id, by=CONFIRMER)
    agree(first, second)
    assert refused(first) > 0
    assert second.one("SELECT state FROM contract WHERE id = ?", contract_id) == "SEALED"
    assert parts(second, contract_id) == kept


@pytest.mark.parametrize("group", BACKENDS, indirect=True)
def test_the_centre_confirms_nothing_while_a_hold_it_knows_rests_on_a_document(group: Made, over: None) -> None:
    """The desk that confirms has not heard of the hold; afterwards it stands as before, here and there."""
    first, second, _ = group
    contract_id = sealed_everywhere(group)
    list_id = run(first, ProposeDisposal(contract_ids=(contract_id,), reason="保管期满"), role=PROPOSER)
    agree(first, second)
    kept = parts(second, contract_id)
    hold = run(first, PlaceLegalHold(contract_id=contract_id, reason="法院保全"), role=PROPOSER)
    first.sync()
    run(second, ConfirmDisposal(disposal_list_id=list_id, supervisor="陈静"), role=CONFIRMER)
    agree(second, first)
    code = "SELECT json_extract(result, '$.code') FROM outbox_operation WHERE state = 'rejected'"
    assert "record_held" in {row[0] for row in second.rows(code)}
    for desk in (first, second):
        assert desk.one("SELECT state FROM disposal_list WHERE id = ?", list_id) == "PROPOSED"
        assert desk.one("SELECT state FROM contract WHERE id = ?", contract_id) == "SEALED"
        assert parts(desk, contract_id) == kept, "what was blanked at the desk is there again"
    run(first, LiftLegalHold(legal_hold_id=hold, reason="已结案"), role=PROPOSER)
    agree(first, second)
    run(second, ConfirmDisposal(disposal_list_id=list_id, supervisor="陈静"), role=CONFIRMER)
    agree(second, first)
    for desk in (first, second):
        assert desk.one("SELECT state FROM contract WHERE id = ?", contract_id) == ContractState.DISPOSED


def test_a_list_confirmed_before_the_hold_destroys_nothing_under_it(group: Made) -> None:
    """A desk that confirms first and destroys later, past its own rules."""
    first, second, _ = group
    contract_id = sealed_everywhere(group)
    kept = parts(second, contract_id)
    list_id = forged_list(first, contract_id, kept_until=date(2020, 12, 31))
    agree(first, second)
    forged_destruction(first, contract_id, list_id, by=CONFIRMER, parts_too=False)
    first.sync()
    run(second, PlaceLegalHold(contract_id=contract_id, reason="法院保全"), role=PROPOSER)
    second.sync()
    first.do(lambda uow: destroy(uow, uow.get(Contract, contract_id)), role=CONFIRMER)
    agree(first, second)
    assert second.one("SELECT state FROM disposal_list WHERE id = ?", list_id) == "CONFIRMED"
    assert refused(first) > 0
    assert second.one("SELECT state FROM contract WHERE id = ?", contract_id) == "SEALED"
    assert parts(second, contract_id) == kept


def forged_list(desk: Desk, contract_id: str, *, kept_until: date) -> str:
    """A list a desk writes past its own rules."""

    def work(uow: Any) -> str:
        proposed = uow.add(
            DisposalList(
                scope=SHANGHAI.id, branch_id=SHANGHAI.id, number="SH01-D01-DL-000001", reason="保管期满", documents=1,
                proposed_by_staff_id=uow.actor.staff_id, proposed_at=uow.now,
            )
        )  # fmt: skip
        uow.session.flush()
        uow.add(line_of(uow.get(Contract, contract_id), proposed.id, kept_until))
        return str(proposed.id)

    return str(desk.do(work, role=PROPOSER))


def forged_destruction(
    desk: Desk, contract_id: str, list_id: str, *, by: Role, parts_too: bool = True
) -> None:
    """A desk that confirms and destroys without asking its own rules."""

    def work(uow: Any) -> None:
        chosen = uow.get(DisposalList, list_id)
        chosen.state, chosen.decided_by_staff_id, chosen.decided_at = "CONFIRMED", uow.actor.staff_id, uow.now
        uow.session.flush()
        if parts_too:
            destroy(uow, uow.get(Contract, contract_id))

    desk.do(work, role=by)
