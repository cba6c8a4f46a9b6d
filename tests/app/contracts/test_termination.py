"""A sealed contract ends by agreement or by right: the deposits follow the law, and the order ends with it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.contracts.after_signing.amendment_commands import AmendContract
from app.contracts.after_signing.termination_commands import TerminateContract
from app.contracts.after_signing.termination_queries import termination_choices
from app.contracts.after_signing.termination_rules import TerminationGround, defaulting_by, require_day
from app.contracts.checking import verify_contract
from app.contracts.commands import DraftContract, LockContract
from app.contracts.errors import AmendmentUnderway, TerminationDayWrong
from app.contracts.queries import get_contract
from app.kernel.clock import branch_date
from app.kernel.errors import PermissionDenied, ReasonRequired, ValueNotAllowed
from app.kernel.state_machine import TransitionNotAllowed
from app.orders.rules import DefaultingParty
from app.tasks.rules import TaskKind, TaskState
from db.models.contracts import Contract
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.tasks import Task
from tests.app.sale_desk import SaleDesk


def end(desk: SaleDesk, contract_id: str, **values: Any) -> TerminateContract:
    """The command that ends a contract, everything in order."""
    given = {"ground": "agreement", "reason": "双方协商一致", "terminated_on": branch_date(desk.clock.now())} | values
    revision = desk.row(Contract, contract_id).revision
    return TerminateContract(contract_id=contract_id, expected_revision=revision, **given)


def open_tasks(desk: SaleDesk, kind: TaskKind) -> list[Task]:
    return desk.rows(Task, kind=kind.value, state=TaskState.OPEN.value)


@pytest.mark.parametrize(
    ("ground", "returned", "forfeited", "penalty"),
    [
        ("agreement", "20000.00", "0.00", "0.00"),
        ("buyer_breach", "0.00", "20000.00", "0.00"),
        ("seller_breach", "20000.00", "0.00", "20000.00"),
        ("force_majeure", "20000.00", "0.00", "0.00"),
    ],
)
def test_deposits_follow_who_defaulted_and_the_order_ends(
    desk: SaleDesk, ground: str, returned: str, forfeited: str, penalty: str
) -> None:
    contract_id = desk.sealed_contract()
    assert open_tasks(desk, TaskKind.CONTRACT_PAYMENT_DUE)
    desk.do(end(desk, contract_id, ground=ground), desk.manager)
    row = desk.row(Contract, contract_id)
    assert (row.state, row.termination_ground) == ("TERMINATED", ground)
    amounts = (row.termination_returned, row.termination_forfeited, row.termination_penalty)
    assert amounts == (Decimal(returned), Decimal(forfeited), Decimal(penalty))
    order = desk.row(SalesOrder, row.order_id)
    assert (order.state, desk.row(VehicleUnit, order.vehicle_unit_id).order_id) == ("CANCELLED", None)
    back = Decimal(returned) + Decimal(penalty)
    assert [task.params["amount_fen"] for task in open_tasks(desk, TaskKind.RETURN_PAYMENT)] == (
        [int(back * 100)] if back else []
    )
    assert not open_tasks(desk, TaskKind.CONTRACT_PAYMENT_DUE), "nothing is due by it any more"
    assert desk.read(verify_contract, contract_id).intact, "it stays provable"


def test_an_advance_goes_back_whoever_defaulted(desk: SaleDesk) -> None:
    order_id = desk.order().order_id
    desk.pay(order_id, "5000.00", kind="advance")
    contract_id = desk.locked_contract(order_id)
    for party in ("buyer", "dealer"):
        desk.do(desk.signature(contract_id, party))
    desk.do(desk.seal(contract_id))
    choices = {one.ground: one for one in desk.read(termination_choices, contract_id, actor=desk.manager).choices}
    assert choices["buyer_breach"].settlement.returned == Decimal("5000.00")
    assert choices["seller_breach"].settlement.penalty == 0
    desk.do(end(desk, contract_id, ground="buyer_breach"), desk.manager)
    assert desk.row(Contract, contract_id).termination_forfeited == 0


def test_what_was_paid_above_the_cap_is_no_earnest_money(desk: SaleDesk) -> None:
    order_id = desk.order().order_id
    desk.pay(order_id, "50000.00")
    contract_id = desk.locked_contract(order_id)
    for party in ("buyer", "dealer"):
        desk.do(desk.signature(contract_id, party))
    desk.do(desk.seal(contract_id))
    choices = {one.ground: one for one in desk.read(termination_choices, contract_id, actor=desk.manager).choices}
    kept = choices["buyer_breach"].settlement
    assert kept.forfeited + kept.returned == Decimal("50000.00") and 0 < kept.forfeited < Decimal("50000.00")


def test_the_order_can_be_left_open(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    desk.do(end(desk, contract_id, cancel_order=False), desk.manager)
    order = desk.row(SalesOrder, desk.row(Contract, contract_id).order_id)
    assert order.state == "CONFIRMED" and desk.row(Contract, contract_id).termination_returned is None
    assert not open_tasks(desk, TaskKind.RETURN_PAYMENT), "what was received stays with the order"
    drafted = desk.do(DraftContract(order_id=order.id))
    assert desk.read(get_contract, drafted.contract_id).lineage.replaces.id == contract_id


def test_a_delivered_order_is_not_cancelled(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    order_id = desk.row(Contract, contract_id).order_id
    desk.change(SalesOrder, order_id, state="DELIVERED", delivered_at=desk.clock.now())
    assert not desk.read(termination_choices, contract_id, actor=desk.manager).order_can_end
    desk.do(end(desk, contract_id, ground="seller_breach"), desk.manager)
    assert desk.row(SalesOrder, order_id).state == "DELIVERED"


def test_what_terminating_asks_for(desk: SaleDesk) -> None:
    draft = desk.draft_contract(desk.paid_order()).contract_id
    with pytest.raises(TransitionNotAllowed):
        desk.do(end(desk, draft), desk.manager)
    contract_id = desk.sealed_contract()
    with pytest.raises(PermissionDenied):
        desk.do(end(desk, contract_id))
    with pytest.raises(ReasonRequired):
        desk.do(end(desk, contract_id, reason=" "), desk.manager)
    with pytest.raises(ValueNotAllowed) as unknown:
        desk.do(end(desk, contract_id, ground="mood"), desk.manager)
    assert unknown.value.field == "ground"
    today = branch_date(desk.clock.now())
    for day in (today + timedelta(days=1), today - timedelta(days=1)):
        with pytest.raises(TerminationDayWrong) as wrong:
            desk.do(end(desk, contract_id, terminated_on=day), desk.manager)
        assert wrong.value.field == "terminated_on"
    assert desk.row(Contract, contract_id).state == "SEALED"


def test_an_amendment_that_is_being_signed_is_ended_first(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    drafted = desk.do(AmendContract(contract_id=contract_id, changes="交车地点"))
    desk.do(LockContract(contract_id=drafted.contract_id, expected_revision=drafted.revision,
                         shown_digest=drafted.digest))  # fmt: skip
    with pytest.raises(AmendmentUnderway):
        desk.do(end(desk, contract_id), desk.manager)


def test_the_panel_says_how_it_ended(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    assert desk.read(get_contract, contract_id).termination is None
    desk.do(end(desk, contract_id, ground="buyer_breach", reason="买方逾期未付款"), desk.manager)
    detail = desk.read(get_contract, contract_id, actor=desk.manager)
    assert (detail.termination.ground, detail.termination.forfeited) == ("buyer_breach", Decimal("20000.00"))
    assert detail.void_reason == "买方逾期未付款" and detail.actions == ()


def test_every_ground_says_who_defaulted() -> None:
    found = {ground: defaulting_by(ground) for ground in TerminationGround}
    assert [ground for ground, party in found.items() if party is not DefaultingParty.NOBODY] == [
        TerminationGround.BUYER_BREACH, TerminationGround.SELLER_BREACH,
    ]  # fmt: skip


def test_the_day_lies_between_sealing_and_today() -> None:
    sealed_on, today = date(2026, 11, 1), date(2026, 11, 23)
    require_day(sealed_on, sealed_on=sealed_on, today=today)
    require_day(today, sealed_on=sealed_on, today=today)
    with pytest.raises(TerminationDayWrong):
        require_day(date(2026, 10, 31), sealed_on=sealed_on, today=today)
