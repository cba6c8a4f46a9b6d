"""Texts of the house at two desks: what both write offline survives, and the centre holds both to two people."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.clauses.approval_tasks import approval_tasks_are_over
from app.clauses.clause_queries import ClauseDetail, get_clause
from app.clauses.commands import (
    ApproveText,
    ProposeText,
    RejectText,
    SaveClauseDraft,
    TendApprovalTasks,
    WithdrawText,
)
from app.clauses.rules import TextSort
from app.contracts.templates.in_force import clause_id, template_in_force
from app.contracts.templates.text_versions import TextPhase, terms_digest
from app.kernel.clock import branch_date
from app.kernel.permissions import Role
from db.models.clause_library import ClauseVersion
from db.types import to_wire
from sync.server.store import Store
from sync.server.upkeep import check
from tests.factories.people import HANGZHOU, SHANGHAI
from tests.sync.desks import Desk
from tests.sync.transfer_desks import branch_desk, close, dispatcher_of, run

WRITER, APPROVER = Role.BRANCH_MANAGER, Role.ADMINISTRATOR
STORAGE = "vehicle_sale.delivery.storage"
Made = tuple[Desk, Desk, Store]


@pytest.fixture
def group(database_template: Path, tmp_path: Path) -> Iterator[Made]:
    """A desk in Shanghai, one in Hangzhou, and their centre."""
    store = Store(f"sqlite:///{tmp_path / 'centre.db'}", pool=2)
    store.ensure_schema()
    first = branch_desk(store, database_template, tmp_path, "D01", branch=SHANGHAI)
    second = branch_desk(store, database_template, tmp_path, "D02", branch=HANGZHOU)
    second.clock.advance(first.clock.now() - second.clock.now())
    yield first, second, store
    assert check(store) == []
    close(first, second)
    store.close()


def agree(*desks: Desk) -> None:
    for _ in range(2):
        for desk in desks:
            desk.sync()


def today(desk: Desk) -> date:
    return branch_date(desk.clock.now())


def drafted(desk: Desk, zh: str, *, code: str = STORAGE, role: Role = WRITER, **more: Any) -> str:
    given: dict[str, Any] = {
        "code": code, "title_zh": "保管费", "kinds": ("vehicle_sale",), "text_zh": zh, "text_en": f"({zh})",
        "limits_customer": True, "effective_from": today(desk),
    }  # fmt: skip
    return str(run(desk, SaveClauseDraft(**given | more), role=role))


def step(desk: Desk, version: str) -> dict[str, Any]:
    revision = int(desk.row("clause_version", version)["revision"])
    return {"sort": TextSort.CLAUSE, "version_id": version, "expected_revision": revision}


def propose(desk: Desk, version: str, *, role: Role = WRITER) -> str:
    run(desk, ProposeText(**step(desk, version)), role=role)
    return version


def approve(desk: Desk, version: str, *, role: Role = APPROVER) -> None:
    run(desk, ApproveText(**step(desk, version)), role=role)


def seen(desk: Desk, code: str = STORAGE) -> ClauseDetail:
    detail: ClauseDetail = dispatcher_of(desk).read(get_clause, desk.actor(Role.BRANCH_MANAGER), clause_id(code))
    return detail


def same_texts(first: Desk, second: Desk) -> bool:
    """Whether both hold the same of everything but tasks: those stay in their branch."""
    kept = [{name: rows for name, rows in desk.snapshot().items() if name != "task"} for desk in (first, second)]
    return kept[0] == kept[1]


def state(desk: Desk, version: str) -> str:
    return str(desk.row("clause_version", version)["state"])


def printed(desk: Desk) -> str:
    """What the contract says of storage today."""
    with desk.database.read() as session:
        template = template_in_force(session, "vehicle_sale", today(desk)).template
    return next(one.text.zh for article in template.articles for one in article.clauses if one.id == "delivery.storage")


def test_drafted_in_one_branch_approved_in_another_in_force_in_both(group: Made) -> None:
    first, second, _ = group
    version = propose(first, drafted(first, "每日五十元。"))
    agree(first, second)
    assert state(second, version) == "PROPOSED"
    # 徐军 manages Hangzhou: another person than 赵敏, who manages Shanghai.
    approve(second, version, role=Role.BRANCH_MANAGER)
    agree(second, first)
    assert printed(first) == printed(second) == "每日五十元。"
    assert same_texts(first, second)
    assert dispatcher_of(first).read(approval_tasks_are_over, first.actor(WRITER))
    run(first, TendApprovalTasks(), role=WRITER)  # the task is the first branch's, the decision the group's
    assert first.rows("SELECT state FROM task WHERE kind = 'approve_text'") == [("DONE",)]
    assert not dispatcher_of(first).read(approval_tasks_are_over, first.actor(WRITER))
    agree(first, second)
    assert first.rows("SELECT 1 FROM outbox_operation WHERE state <> 'pending'") == []


def test_what_two_desks_write_offline_survives_at_both(group: Made) -> None:
    first, second, _ = group
    one, two = propose(first, drafted(first, "每日五十元。")), propose(second, drafted(second, "每日六十元。"))
    assert seen(first).row.id == seen(second).row.id
    agree(first, second)
    assert {version.id for version in seen(first).versions if not version.shipped} == {one, two}
    assert same_texts(first, second)
    approve(first, one)
    first.clock.advance(second.clock.now() - first.clock.now())
    approve(first, two)
    agree(first, second)
    phases = {version.id: version.phase for version in seen(second).versions}
    assert {phases[one], phases[two]} == {TextPhase.IN_FORCE, TextPhase.SUPERSEDED}
    assert printed(first) == printed(second)


def test_of_two_decisions_the_first_to_arrive_counts(group: Made) -> None:
    first, second, _ = group
    version = propose(first, drafted(first, "每日五十元。"))
    agree(first, second)
    run(second, RejectText(**step(second, version), reason="不行"), role=WRITER)
    approve(first, version)
    agree(second, first)
    assert (state(first, version), state(second, version)) == ("REJECTED", "REJECTED")


def test_who_approved_one_wording_did_not_approve_another(group: Made) -> None:
    first, second, _ = group
    version = drafted(first, "每日五十元。")
    agree(first, second)
    drafted(second, "每日五千元。", version_id=version, expected_revision=1)
    propose(first, version)
    approve(first, version)  # offline, of the wording it has
    second.sync()
    agree(first, second)
    assert state(first, version) == state(second, version) == "PROPOSED"
    assert printed(first) == printed(second) == seen(second).versions[1].text.zh


def forged(desk: Desk, version: str, *, by: Role, whole: bool = True, **values: Any) -> str:
    """A desk that writes past its own rules; what the centre made of it."""
    row = desk.row("clause_version", version)

    def work(uow: Any) -> None:
        found = uow.get(ClauseVersion, version)
        for name, value in values.items():
            setattr(found, name, value)
        if whole:
            columns = found.__table__.columns
            fields = {column.name: to_wire(column.type, getattr(found, column.name)) for column in columns}
            found.approved_digest = terms_digest("clause_version", fields)

    desk.do(work, role=by)
    desk.sync()
    desk.sync()
    assert row
    return state(desk, version)


def test_the_centre_takes_no_approval_by_the_writer_nor_of_other_words(group: Made) -> None:
    first, second, _ = group
    version = propose(first, drafted(first, "每日五十元。"))
    agree(first, second)
    writer = first.row("clause_version", version)["drafted_by_staff_id"]
    assert forged(first, version, by=WRITER, state="APPROVED", decided_by_staff_id=writer) == "PROPOSED"
    assert forged(first, version, by=APPROVER, state="APPROVED", decided_by_staff_id=writer) == "PROPOSED"
    assert forged(second, version, by=APPROVER, state="APPROVED", decided_by_staff_id="5" * 31 + "7", whole=False,
                  approved_digest="0" * 64) == "PROPOSED"  # fmt: skip
    seller = "5" * 31 + "8"
    assert forged(second, version, by=Role.SALESPERSON, state="APPROVED", decided_by_staff_id=seller) == "PROPOSED"


def test_the_centre_keeps_what_was_approved_as_it_was(group: Made) -> None:
    first, second, _ = group
    version = propose(first, drafted(first, "每日五十元。"))
    approve(first, version)
    agree(first, second)
    forged(second, version, by=APPROVER, whole=False, text_zh="每日五千元。")
    assert seen(second).versions[0].text.zh == "每日五十元。"
    run(second, WithdrawText(**step(second, version), reason="过时"), role=WRITER)
    agree(second, first)
    assert state(first, version) == "WITHDRAWN" and seen(first).row.phase is TextPhase.SHIPPED
