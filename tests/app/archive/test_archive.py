"""What happens to a contract after its seal: how long it is kept, who holds it, what is due by which day."""

import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest

from app.archive.commands import ExportEvidence, LiftLegalHold, PlaceLegalHold
from app.archive.errors import ContractNotSealed, ContractStillOpen, HoldAlreadyLifted
from app.archive.queries import contract_keeping, count_held
from app.archive.rules import kept_until, retention_years
from app.contracts.after_signing.milestones import MilestoneKind
from app.contracts.commands import VoidContract
from app.contracts.keys.held_keys import HeldKeys
from app.contracts.kinds.registry import RetentionClass
from app.contracts.proof.package import read_package
from app.contracts.proof.package_examination import FindingCode, KnownFromElsewhere, Standing, examine_package
from app.kernel.errors import PermissionDenied, ValueRequired
from app.payments.commands import ConfirmPayment, ReversePayment
from app.tasks.rules import TaskKind, TaskState, task_text
from db.models.contracts import Contract
from db.models.orders import SalesOrder
from db.models.payments import Payment
from db.models.tasks import Task
from tests.app.sale_desk import SaleDesk


@pytest.mark.parametrize("kind", RetentionClass)
def test_every_class_has_its_years(kind: RetentionClass) -> None:
    assert retention_years(kind, date(2026, 11, 23)) >= 3


def test_years_are_counted_from_the_end_of_the_year() -> None:
    closed = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)  # already 2027 in the branch
    assert kept_until(RetentionClass.REPAIR, closed) == date(2033, 12, 31)
    assert kept_until(RetentionClass.MONEY, closed - timedelta(days=1)) == date(2056, 12, 31)


def test_an_open_contract_is_not_yet_in_the_archive(desk: SaleDesk) -> None:
    contract_id = desk.locked_contract()
    assert desk.read(contract_keeping, contract_id).kept_until is None
    with pytest.raises(ContractStillOpen):
        desk.do(PlaceLegalHold(contract_id=contract_id, reason="法院"), desk.manager)


def test_a_hold_keeps_a_contract_past_its_time_until_it_is_lifted(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    keeping = desk.read(contract_keeping, contract_id)
    assert keeping.retention is RetentionClass.SALE and not keeping.may_go
    hold = desk.do(PlaceLegalHold(contract_id=contract_id, reason="买卖合同纠纷，法院保全"), desk.manager)
    desk.clock.advance(timedelta(days=366 * 12))
    held = desk.read(contract_keeping, contract_id)
    assert (held.held, held.may_go) == (True, False)
    assert held.holds[0].reason == "买卖合同纠纷，法院保全"
    assert desk.read(count_held) == 1
    desk.do(LiftLegalHold(legal_hold_id=hold, reason="已结案"), desk.manager)
    free = desk.read(contract_keeping, contract_id)
    assert (free.held, free.may_go, free.holds[0].lift_reason) == (False, True, "已结案")
    assert desk.read(count_held) == 0
    with pytest.raises(HoldAlreadyLifted):
        desk.do(LiftLegalHold(legal_hold_id=hold, reason="再次"), desk.manager)


def test_holds_need_a_reason_and_somebody_who_may(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    with pytest.raises(ValueRequired) as caught:
        desk.do(PlaceLegalHold(contract_id=contract_id, reason=" "), desk.manager)
    assert caught.value.field == "reason"
    with pytest.raises(PermissionDenied):
        desk.do(PlaceLegalHold(contract_id=contract_id, reason="法院"))


def due(desk: SaleDesk, order_id: str) -> dict[str, str]:
    kinds = (TaskKind.CONTRACT_PAYMENT_DUE, TaskKind.CONTRACT_DELIVERY_DUE)
    return {task.kind: task.state for task in desk.rows(Task, record_id=order_id) if task.kind in kinds}


def test_what_a_sealed_contract_asks_for_becomes_tasks(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    contract = desk.row(Contract, contract_id)
    order = desk.row(SalesOrder, contract.order_id)
    rows = desk.read(contract_keeping, contract_id).milestones
    assert {row.kind: (row.due_on, row.amount, row.met) for row in rows} == {
        MilestoneKind.PAYMENT_DUE: (order.planned_delivery_on, order.on_road_total, False),
        MilestoneKind.DELIVERY_DUE: (order.planned_delivery_on, None, False),
    }
    tasks = {task.kind: task for task in desk.rows(Task, record_id=order.id)}
    payment = tasks[TaskKind.CONTRACT_PAYMENT_DUE]
    assert payment.assignee_staff_id == order.salesperson_id
    assert payment.due_at.isoformat() == f"{order.planned_delivery_on}T10:00:00+00:00"
    assert contract.number in task_text(payment.kind, payment.params)


def test_paying_in_full_settles_the_payment_and_a_reversal_opens_it_again(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    order = desk.row(SalesOrder, desk.row(Contract, contract_id).order_id)
    paid = sum(payment.amount for payment in desk.rows(Payment, order_id=order.id))
    received = desk.pay(order.id, str(order.on_road_total - paid), kind="balance")
    assert due(desk, order.id) == {"contract_payment_due": TaskState.DONE, "contract_delivery_due": TaskState.OPEN}
    met = {row.kind: row.met for row in desk.read(contract_keeping, contract_id).milestones}
    assert met == {MilestoneKind.PAYMENT_DUE: True, MilestoneKind.DELIVERY_DUE: False}
    payment = desk.row(Payment, received.payment_ids[0])
    desk.do(ConfirmPayment(payment_id=payment.id, expected_revision=payment.revision), desk.cashier)
    desk.do(
        ReversePayment(payment_id=payment.id, expected_revision=payment.revision + 1, reason="退票"), desk.cashier
    )
    assert due(desk, order.id)["contract_payment_due"] == TaskState.OPEN


def test_what_is_late_is_said(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    desk.clock.advance(timedelta(days=400))
    assert all(row.overdue for row in desk.read(contract_keeping, contract_id).milestones)


def test_a_voided_contract_asks_for_nothing(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    contract = desk.row(Contract, contract_id)
    desk.do(VoidContract(contract_id=contract_id, expected_revision=contract.revision, reason="客户退车"), desk.manager)
    assert set(due(desk, contract.order_id).values()) == {TaskState.DONE}


def test_the_evidence_of_a_sealed_contract_proves_it_elsewhere(desk: SaleDesk, held_keys: HeldKeys) -> None:
    contract_id = desk.sealed_contract()
    number = desk.row(Contract, contract_id).number
    exported = desk.do(ExportEvidence(contract_id=contract_id, reason="法院调取"), desk.manager)
    assert exported.name == f"{number}.evidence.zip"
    package = read_package(exported.content)
    assert package.authorities == (held_keys.authority().certificate_pem,)
    assert (package.about.number, package.about.exported_by) == (number, desk.manager.name)
    report = examine_package(package, KnownFromElsewhere(roots=(held_keys.authority().certificate_pem,)))
    opened = [finding.code for finding in report.findings if finding.standing is not Standing.HOLDS]
    assert opened == [FindingCode.LOG_MISSING]  # this desk has no centre
    assert {FindingCode.EVIDENCE_FITS, FindingCode.SEAL_CLOSES, FindingCode.AUTHORITY_KNOWN} <= report.codes()


def test_an_export_needs_a_reason_a_permission_and_a_seal_and_is_in_the_audit_trail(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    with pytest.raises(PermissionDenied):
        desk.do(ExportEvidence(contract_id=contract_id, reason="想看看"))
    with pytest.raises(ValueRequired):
        desk.do(ExportEvidence(contract_id=contract_id, reason=" "), desk.manager)
    exported = desk.do(ExportEvidence(contract_id=contract_id, reason="法院调取"), desk.manager)
    with desk.dispatcher.database.read() as session:
        entry = session.connection().exec_driver_sql(
            "SELECT reason, changes FROM audit_entry ORDER BY rowid DESC LIMIT 1"
        ).one()  # fmt: skip
    assert entry.reason == "法院调取"
    assert hashlib.sha256(exported.content).hexdigest() in entry.changes and "strokes" not in entry.changes
    with pytest.raises(ContractNotSealed):
        desk.do(ExportEvidence(contract_id=desk.locked_contract(), reason="法院调取"), desk.manager)
