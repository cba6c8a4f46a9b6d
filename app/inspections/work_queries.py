"""Reading what is to be inspected: the work list of the branch, by when each unit is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, tuple_

from app.inspections.findings import staff_names
from app.inspections.rules import InspectionState, WorkState, due_span
from app.inventory.rules import AllocationState, PdiState, StockState
from app.inventory.unit_rows import AboutUnit, UnitRow, rows_by_id
from app.kernel.clock import branch_date
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.lists import listed
from db.models.inspections import Inspection
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder

HERE = (StockState.IN_STOCK.value, StockState.LENT.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow(AboutUnit):
    """A unit in the work list; `id` is the unit's. `due_on` is its arrival and the house's span, or the day before a
    planned delivery where that is earlier."""

    id: str
    cursor: tuple[str, str]
    unit: UnitRow
    state: WorkState
    due_on: date
    overdue: bool
    sold: bool
    deliver_on: date | None
    inspection_id: str | None
    inspector: str
    finished_at: datetime | None

    @property
    def place(self) -> str:
        """Where the unit stands."""
        return self.unit.location


def list_inspection_work(
    reader: Reader,
    *,
    after: Any = None,
    limit: int = 100,
    state: str | None = None,
    text: str = "",
    sold: bool = False,
) -> tuple[WorkRow, ...]:
    """Units of the branch by when their inspection is due; without a state, those that have not passed yet."""
    reader.require(Permission.INVENTORY_VIEW)
    due = _due(reader)
    backwards = state == WorkState.DONE
    place = tuple_(due, VehicleUnit.id)
    query = (
        _from_units(select(VehicleUnit.id, due, SalesOrder.planned_delivery_on))
        .where(*_conditions(reader, state=state, text=text, sold=sold))
        .order_by(*((due.desc(), VehicleUnit.id.desc()) if backwards else (due, VehicleUnit.id)))
        .limit(limit)
    )
    if after is not None:
        query = query.where(place < tuple(after) if backwards else place > tuple(after))
    return _work_rows(reader, list(reader.session.execute(query)))


def count_inspection_work(
    reader: Reader, *, state: str | None = None, text: str = "", sold: bool = False
) -> tuple[int, int]:
    """How many units match, and how many stand in the house."""
    reader.require(Permission.INVENTORY_VIEW)
    count = select(func.count()).select_from(VehicleUnit)
    matching = count.where(*_conditions(reader, state=state, text=text, sold=sold))
    return reader.session.scalar(matching) or 0, reader.session.scalar(count.where(*_in_house(reader))) or 0


def _from_units(query: Any) -> Any:
    on_order = and_(SalesOrder.id == VehicleUnit.order_id, SalesOrder.deleted_at.is_(None))
    return query.select_from(VehicleUnit).outerjoin(SalesOrder, on_order)


def work_row_of(reader: Reader, unit_id: str) -> WorkRow:
    """The line of one unit, in the list or not."""
    found = _from_units(select(VehicleUnit.id, _due(reader), SalesOrder.planned_delivery_on))
    return _work_rows(reader, list(reader.session.execute(found.where(VehicleUnit.id == unit_id))))[0]


def _newest_of(reader: Reader, unit_ids: Sequence[str]) -> dict[str, Inspection]:
    """The inspection that counts of each of these units: the one in progress, else the newest; given up ones do not."""
    query = select(Inspection).where(
        Inspection.unit_id.in_(listed(unit_ids)),
        Inspection.deleted_at.is_(None),
        Inspection.state != InspectionState.ABANDONED.value,
    )
    newest: dict[str, Inspection] = {}
    for row in reader.session.scalars(query.order_by(Inspection.started_at, Inspection.id)) if unit_ids else ():
        before = newest.get(row.unit_id)
        if before is None or before.state != InspectionState.OPEN or row.state == InspectionState.OPEN:
            newest[row.unit_id] = row
    return newest


def _due(reader: Reader) -> Any:
    days = due_span(branch_date(reader.now)).days
    by_arrival = func.date(VehicleUnit.arrived_on, literal(f"+{days} days"))
    by_delivery = func.date(SalesOrder.planned_delivery_on, literal("-1 days"))
    return func.min(by_arrival, func.coalesce(by_delivery, by_arrival))


def _in_house(reader: Reader) -> list[ColumnElement[bool]]:
    return [
        VehicleUnit.branch_id == reader.actor.branch_id,
        VehicleUnit.stock_state.in_(HERE),
        VehicleUnit.deleted_at.is_(None),
    ]


def _conditions(reader: Reader, *, state: str | None, text: str, sold: bool) -> list[ColumnElement[bool]]:
    """Begins with what stands in the house and with what is in progress, so that what was sold does not matter."""
    rules = _in_house(reader)
    running = VehicleUnit.id.in_(
        select(Inspection.unit_id).where(
            Inspection.branch_id == reader.actor.branch_id,
            Inspection.state == InspectionState.OPEN.value,
            Inspection.deleted_at.is_(None),
        )
    )
    if state is None:
        rules.append(or_(VehicleUnit.pdi_state != PdiState.PASS.value, running))
    elif state == WorkState.RUNNING:
        rules.append(running)
    else:
        pdi = {WorkState.TO_DO: PdiState.UNCHECKED, WorkState.FAILED: PdiState.FAIL, WorkState.DONE: PdiState.PASS}
        rules += [VehicleUnit.pdi_state == pdi[WorkState(state)].value, ~running]
    if sold:
        rules.append(VehicleUnit.allocation_state == AllocationState.ALLOCATED.value)
    wanted = text.strip()
    if wanted:
        rules.append(
            or_(
                VehicleUnit.vin.contains(wanted.upper(), autoescape=True),
                VehicleUnit.stock_number.contains(wanted.upper(), autoescape=True),
                VehicleUnit.location.contains(wanted, autoescape=True),
            )
        )
    return rules


def _work_rows(reader: Reader, found: Sequence[Any]) -> tuple[WorkRow, ...]:
    units = {row.id: row for row in rows_by_id(reader, [values[0] for values in found])}
    inspections = _newest_of(reader, list(units))
    names = staff_names(reader.session, {row.inspector_staff_id for row in inspections.values()})
    today = branch_date(reader.now)
    rows = []
    for unit_id, due, delivery in found:
        unit, inspection = units[unit_id], inspections.get(unit_id)
        state = _work_state(unit, inspection)
        due_on = date.fromisoformat(due)
        rows.append(
            WorkRow(
                id=unit_id,
                cursor=(due, unit_id),
                unit=unit,
                state=state,
                due_on=due_on,
                overdue=state is not WorkState.DONE and due_on < today,
                sold=unit.allocation is AllocationState.ALLOCATED,
                deliver_on=delivery,
                inspection_id=inspection.id if inspection else None,
                inspector=names.get(inspection.inspector_staff_id, "") if inspection else "",
                finished_at=inspection.finished_at if inspection else None,
            )
        )
    return tuple(rows)


def _work_state(unit: UnitRow, inspection: Inspection | None) -> WorkState:
    if inspection is not None and inspection.state == InspectionState.OPEN:
        return WorkState.RUNNING
    states = {PdiState.UNCHECKED: WorkState.TO_DO, PdiState.FAIL: WorkState.FAILED, PdiState.PASS: WorkState.DONE}
    return states[unit.pdi]
