"""Purchase proposals at two desks of a branch: what needs two people needs them at the centre too."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.kernel.commands import Command
from app.kernel.permissions import Role
from app.replenishment.commands import (
    ApproveProposal,
    ChangeProposal,
    DraftProposal,
    MarkProposalOrdered,
    SubmitProposal,
    TakeBackProposal,
    WantedUnits,
)
from db.models.replenishment import PurchaseLine, PurchaseProposal
from sync.server.store import Store
from sync.server.upkeep import check
from tests.factories.people import SHANGHAI
from tests.sync.desks import Desk
from tests.sync.transfer_desks import branch_desk, close, run

MANAGER, OTHER = Role.BRANCH_MANAGER, Role.ADMINISTRATOR
Pair = tuple[Desk, Desk]


@pytest.fixture
def desks(database_template: Path, tmp_path: Path) -> Iterator[Pair]:
    """Two desks of one branch and their centre."""
    store = Store(f"sqlite:///{tmp_path / 'centre.db'}", pool=2)
    store.ensure_schema()
    first, second = (branch_desk(store, database_template, tmp_path, one, branch=SHANGHAI) for one in ("D01", "D02"))
    yield first, second
    assert check(store) == []
    close(first, second)
    store.close()


def agree(*desks: Desk) -> None:
    for _ in range(2):
        for desk in desks:
            desk.sync()


def drafted(desk: Desk) -> tuple[str, str]:
    """A draft of two vehicles, and its trim."""
    trim_id = desk.records.trim().id
    lines = (WantedUnits(trim_id=trim_id, exterior_colour="", quantity=2),)
    return run(desk, DraftProposal(lines=lines), role=MANAGER), trim_id


def act(desk: Desk, command: type[Command], proposal_id: str, /, *, role: Role = MANAGER, **more: Any) -> None:
    revision = desk.row("purchase_proposal", proposal_id)["revision"]
    run(desk, command(proposal_id=proposal_id, expected_revision=revision, **more), role=role)


def test_drafted_at_one_desk_approved_at_the_other_and_ordered(desks: Pair) -> None:
    first, second = desks
    proposal, trim_id = drafted(first)
    act(first, SubmitProposal, proposal)
    agree(first, second)
    act(second, TakeBackProposal, proposal)
    line = WantedUnits(trim_id=trim_id, exterior_colour="", quantity=3)
    act(second, ChangeProposal, proposal, lines=(line,))
    act(second, SubmitProposal, proposal)
    act(second, ApproveProposal, proposal, role=OTHER)
    act(second, MarkProposalOrdered, proposal)
    agree(second, first)
    assert first.row("purchase_proposal", proposal)["state"] == "ORDERED"
    assert first.one("SELECT quantity FROM purchase_line WHERE deleted_at IS NULL") == 3
    assert first.snapshot() == second.snapshot()


def test_the_centre_refuses_an_approval_by_whoever_drafted_it(desks: Pair) -> None:
    first, second = desks
    proposal, _ = drafted(first)
    act(first, SubmitProposal, proposal)
    agree(first, second)
    by_role = {role: first.actor(role).staff_id for role in (MANAGER, OTHER, Role.SALESPERSON)}

    def refused(role: Role, state: str, *, decided_by: Role, **more: Any) -> bool:
        def work(uow: Any) -> None:
            row = uow.get(PurchaseProposal, proposal)
            row.state, row.decided_at, row.decided_by_staff_id = state, datetime.now(UTC), by_role[decided_by]
            for name, value in more.items():
                setattr(row, name, value)

        first.do(work, role=role)
        return int(first.sync().rejected) == 1

    assert refused(MANAGER, "APPROVED", decided_by=MANAGER)
    assert refused(MANAGER, "ORDERED", decided_by=OTHER)
    assert refused(OTHER, "APPROVED", decided_by=MANAGER)
    assert refused(MANAGER, "APPROVED", decided_by=MANAGER, drafted_by_staff_id=by_role[OTHER])
    assert refused(Role.SALESPERSON, "APPROVED", decided_by=Role.SALESPERSON)
    line = first.one("SELECT id FROM purchase_line")
    first.set(PurchaseLine, line, quantity=50)
    assert first.sync().rejected == 1
    agree(first, second)
    assert {desk.row("purchase_proposal", proposal)["state"] for desk in desks} == {"PENDING_APPROVAL"}
    assert {desk.row("purchase_line", line)["quantity"] for desk in desks} == {2}
