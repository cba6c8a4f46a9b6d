"""What a decision changes in the books, by the axes' own commands, inside the transaction of the sign-off."""

from app.inventory.commands import MarkArrived, RemoveUnit, SetQuality, SetStock
from app.inventory.handlers import remove_unit
from app.inventory.places import put_at
from app.inventory.rules import QualityAction, StockAction, StockState
from app.inventory.state_handlers import mark_arrived, set_quality, set_stock
from app.kernel.clock import branch_date
from app.kernel.errors import DomainError
from app.kernel.ids import derived_id
from app.kernel.unit_of_work import UnitOfWork
from app.stocktaking.errors import AdjustmentImpossible
from app.stocktaking.rules import Reason
from app.tasks.follow_up import create_task
from app.tasks.rules import TaskKind
from db.models.inventory import VehicleUnit
from db.models.stocktaking import StockCount, StockCountFinding


def post(uow: UnitOfWork, count: StockCount, finding: StockCountFinding) -> None:
    """Carry one decision out. Raises AdjustmentImpossible where the vehicle's state does not allow it any more."""
    try:
        _post(uow, count, finding)
    except AdjustmentImpossible:
        raise
    except DomainError as error:
        raise AdjustmentImpossible(vin=finding.vin, reason=Reason(finding.reason).label) from error


def _post(uow: UnitOfWork, count: StockCount, finding: StockCountFinding) -> None:
    reason = Reason(finding.reason)
    unit = uow.get(VehicleUnit, finding.unit_id) if finding.unit_id and reason in _CHANGES_UNIT else None
    because = f"{count.number}: {finding.note}" if finding.note else count.number
    if unit is not None and reason in (Reason.PLACE_CORRECTED, Reason.FOUND) and finding.found_location:
        put_at(uow, unit, finding.found_location, note=count.number)
    elif unit is not None and reason is Reason.LOST:
        if unit.quality_state != "FROZEN":
            set_quality(SetQuality(unit_id=unit.id, action=QualityAction.FREEZE, reason=because), uow)
        _task(uow, finding, count, TaskKind.VEHICLE_LOST)
    elif unit is not None and reason is Reason.LENT_UNBOOKED:
        set_stock(SetStock(unit_id=unit.id, action=StockAction.LEND, reason=because), uow)
    elif unit is not None and reason is Reason.MISTAKEN_ENTRY:
        uow.session.flush()
        remove_unit(RemoveUnit(unit_id=unit.id, expected_revision=unit.revision, reason=because), uow)
    elif unit is not None and reason is Reason.ARRIVED_UNBOOKED:
        today = branch_date(uow.now)
        mark_arrived(MarkArrived(unit_id=unit.id, arrived_on=today, location=finding.found_location), uow)
    elif unit is not None and reason is Reason.RETURNED_UNBOOKED:
        back = StockAction.BRING_BACK if unit.stock_state == StockState.LENT else StockAction.TAKE_BACK
        set_stock(SetStock(unit_id=unit.id, action=back, reason=because), uow)
        if finding.found_location:
            put_at(uow, unit, finding.found_location, note=count.number)
    elif reason in (Reason.OTHER_BRANCH, Reason.TO_BE_ENTERED):
        kind = TaskKind.ARRANGE_TRANSFER if reason is Reason.OTHER_BRANCH else TaskKind.ENTER_VEHICLE
        _task(uow, finding, count, kind)


_CHANGES_UNIT = frozenset(
    {
        Reason.PLACE_CORRECTED, Reason.FOUND, Reason.LOST, Reason.LENT_UNBOOKED, Reason.MISTAKEN_ENTRY,
        Reason.ARRIVED_UNBOOKED, Reason.RETURNED_UNBOOKED,
    }
)  # fmt: skip


def _task(uow: UnitOfWork, finding: StockCountFinding, count: StockCount, kind: TaskKind) -> None:
    create_task(
        uow, kind=kind, record_table="stock_count", record_id=count.id, branch_id=count.branch_id,
        params={"vin": finding.vin, "number": count.number, "place": finding.found_location or "—"},
        task_id=derived_id("stock_count_task", finding.id),
    )  # fmt: skip
