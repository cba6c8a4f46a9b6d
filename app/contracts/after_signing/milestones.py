"""What a sealed sales contract says has to happen by a day, and the tasks that come of it.

The rows say what was agreed and never change; whether it has happened is read from the payments and the order. The
tasks are about the order, so that whatever settles the matter can tick them off without knowing of contracts.
"""

from datetime import UTC, date, datetime, time

from sqlalchemy import select

from app.kernel.clock import BRANCH_TIME
from app.kernel.ids import derived_id
from app.kernel.labels import Labelled
from app.kernel.unit_of_work import UnitOfWork
from app.runtime.language import tr_noop
from app.tasks.follow_up import close_tasks, create_task
from app.tasks.rules import TaskKind
from db.models.archive import ContractMilestone
from db.models.contracts import Contract
from db.models.customers import Customer
from db.models.orders import SalesOrder

CLOSING_TIME = time(18, 0)
"""When a day counts as over for a task, in the branch's time."""


class MilestoneKind(Labelled):
    """What has to happen."""

    PAYMENT_DUE = "payment_due", tr_noop("Paid in full")
    DELIVERY_DUE = "delivery_due", tr_noop("Vehicle delivered")


TASKS = {
    MilestoneKind.PAYMENT_DUE: TaskKind.CONTRACT_PAYMENT_DUE,
    MilestoneKind.DELIVERY_DUE: TaskKind.CONTRACT_DELIVERY_DUE,
}


def begin_milestones(uow: UnitOfWork, contract: Contract, order: SalesOrder) -> None:
    """Note what the contract over this order asks for, and leave the tasks; nothing for an order without a day.

    What an earlier contract over the order asked for no longer counts. The balance is due when the vehicle is handed
    over, as the contract has it.
    """
    day = order.planned_delivery_on
    close_tasks(uow, record_id=order.id, kind=tuple(TASKS.values()))
    if day is None or order.delivered_at is not None:
        return
    for kind in MilestoneKind:
        amount = order.on_road_total if kind is MilestoneKind.PAYMENT_DUE else None
        milestone = ContractMilestone(
            id=derived_id(kind.value, contract.id, contract.number), scope=contract.scope, branch_id=contract.branch_id,
            contract_id=contract.id, order_id=order.id, kind=kind.value, due_on=day, amount=amount,
        )  # fmt: skip
        uow.add(milestone)
        _leave_task(uow, contract, order, kind=kind, day=day)


def resume_milestones(uow: UnitOfWork, contract: Contract) -> None:
    """The contract is in force again: what it asked for is due again."""
    order = uow.session.get(SalesOrder, contract.order_id)
    if order is None or order.delivered_at is not None:
        return
    query = select(ContractMilestone).where(
        ContractMilestone.contract_id == contract.id, ContractMilestone.deleted_at.is_(None)
    )
    for milestone in list(uow.session.scalars(query)):
        _leave_task(uow, contract, order, kind=MilestoneKind(milestone.kind), day=milestone.due_on)


def _leave_task(uow: UnitOfWork, contract: Contract, order: SalesOrder, *, kind: MilestoneKind, day: date) -> None:
    customer = uow.session.get(Customer, order.customer_id)
    create_task(
        uow, kind=TASKS[kind], record_table="sales_order", record_id=order.id,
        params={"number": contract.number, "customer": customer.name if customer else "", "day": day.isoformat()},
        branch_id=contract.branch_id, assignee_staff_id=order.salesperson_id,
        due_at=datetime.combine(day, CLOSING_TIME, BRANCH_TIME).astimezone(UTC),
    )  # fmt: skip


def end_milestones(uow: UnitOfWork, contract: Contract) -> None:
    """The contract is out of force: nothing is due by it any more."""
    query = select(ContractMilestone.id).where(ContractMilestone.contract_id == contract.id)
    if uow.session.scalars(query.limit(1)).first() is not None:
        close_tasks(uow, record_id=contract.order_id, kind=tuple(TASKS.values()))
