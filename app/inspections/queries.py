"""Reading inspections: what is to be done in the branch, one unit's inspections in full, what has to be disclosed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, tuple_

from app.inspections.findings import answers_of, defects_of
from app.inspections.rules import (
    Checklist,
    DefectState,
    InspectionState,
    Severity,
    Verdict,
    WorkState,
    blocks,
    checklist_version,
    due_span,
)
from app.inventory.rules import AllocationState, PdiState, StockState
from app.inventory.unit_filters import listed
from app.inventory.unit_rows import UnitRow, rows_by_id
from app.kernel.clock import branch_date
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.inspections import Inspection, InspectionDefect
from db.models.inventory import VehicleUnit
from db.models.orders import SalesOrder
from db.models.staff import StaffMember

_HERE = (StockState.IN_STOCK.value, StockState.LENT.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
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
    def name(self) -> Bilingual:
        """What the unit is called."""
        return self.unit.name

    @property
    def vin(self) -> str:
        """The unit's VIN."""
        return self.unit.vin

    @property
    def place(self) -> str:
        """Where the unit stands."""
        return self.unit.location


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """The answer to one item."""

    item: str
    verdict: Verdict
    measured: str
    note: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectRow:
    """A defect as far as it has come."""

    id: str
    revision: int
    inspection_id: str
    unit_id: str
    item: str
    item_text: Bilingual
    severity: Severity
    description: str
    responsible: str
    state: DefectState
    repair: str
    repaired_at: datetime | None
    repaired_by: str
    cleared_at: datetime | None
    cleared_by: str
    found_at: datetime

    @property
    def blocks(self) -> bool:
        """Whether it keeps the unit from passing."""
        return blocks(self.severity, self.state)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionRow:
    """One inspection in short."""

    id: str
    revision: int
    unit_id: str
    state: InspectionState
    inspector_staff_id: str
    inspector: str
    started_at: datetime
    finished_at: datetime | None
    finished_by: str
    odometer_km: int | None
    battery_percent: int | None
    note: str
    defects: int
    open_defects: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionDetail:
    """One inspection in full."""

    row: InspectionRow
    unit: UnitRow
    checklist: Checklist
    answers: dict[str, AnswerRow]
    defects: tuple[DefectRow, ...]

    @property
    def answered(self) -> int:
        """How many of the checklist's items have an answer."""
        return sum(1 for item in self.checklist.items if item.code in self.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitInspections:
    """A unit with all its inspections, the newest first, which is also there in full; `actions` are what is possible:
    begin, resume, finish, repair, clear, print."""

    row: WorkRow
    history: tuple[InspectionRow, ...]
    newest: InspectionDetail | None
    actions: frozenset[str]


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


def get_unit_inspections(reader: Reader, unit_id: str) -> UnitInspections:
    """A unit with its inspections; raises RecordNotFound."""
    reader.require(Permission.INVENTORY_VIEW)
    unit = reader.get(VehicleUnit, unit_id)
    found = _from_units(select(VehicleUnit.id, _due(reader), SalesOrder.planned_delivery_on))
    row = _work_rows(reader, list(reader.session.execute(found.where(VehicleUnit.id == unit.id))))[0]
    history = list_unit_inspections(reader, unit_id)
    live = [one for one in history if one.state is not InspectionState.ABANDONED]
    detail = get_inspection(reader, live[0].id) if live else None
    return UnitInspections(row=row, history=history, newest=detail, actions=_actions(unit, detail))


def list_unit_inspections(reader: Reader, unit_id: str) -> tuple[InspectionRow, ...]:
    """All inspections of a unit, the newest first."""
    reader.require(Permission.INVENTORY_VIEW)
    query = select(Inspection).where(Inspection.unit_id == unit_id, Inspection.deleted_at.is_(None))
    found = list(reader.session.scalars(query.order_by(Inspection.started_at.desc(), Inspection.id.desc())))
    return _inspection_rows(reader, found)


def get_inspection(reader: Reader, inspection_id: str) -> InspectionDetail:
    """One inspection in full; raises RecordNotFound."""
    reader.require(Permission.INVENTORY_VIEW)
    inspection = reader.get(Inspection, inspection_id)
    answers = answers_of(reader.session, inspection.id)
    names = _staff_names(reader, {answer.answered_by_staff_id for answer in answers.values()})
    checklist = checklist_version(inspection.checklist, inspection.energy)
    return InspectionDetail(
        row=_inspection_rows(reader, [inspection])[0],
        unit=rows_by_id(reader, [inspection.unit_id])[0],
        checklist=checklist,
        answers={
            item: AnswerRow(
                item=item, verdict=Verdict(answer.verdict), measured=answer.measured, note=answer.note,
                by=names.get(answer.answered_by_staff_id, ""), at=answer.answered_at,
            )
            for item, answer in answers.items()
        },
        defects=_defect_rows(reader, defects_of(reader.session, inspection.id), checklist),
    )  # fmt: skip


def disclosable_repairs(reader: Reader, unit_id: str) -> tuple[DefectRow, ...]:
    """Repairs made before the sale, which the buyer must be told of and sign (三包): every defect that was
    repaired, whether it has been looked at again or not."""
    reader.require(Permission.INVENTORY_VIEW)
    repaired = (DefectState.REPAIRED.value, DefectState.CLEARED.value)
    query = select(InspectionDefect).where(
        InspectionDefect.unit_id == unit_id,
        InspectionDefect.state.in_(repaired),
        InspectionDefect.deleted_at.is_(None),
    )
    found = list(reader.session.scalars(query.order_by(InspectionDefect.repaired_at, InspectionDefect.id)))
    by_inspection: dict[str, list[InspectionDefect]] = {}
    for defect in found:
        by_inspection.setdefault(defect.inspection_id, []).append(defect)
    rows: list[DefectRow] = []
    for inspection_id, defects in by_inspection.items():
        inspection = reader.session.get(Inspection, inspection_id)
        if inspection is not None:
            rows += _defect_rows(reader, defects, checklist_version(inspection.checklist, inspection.energy))
    return tuple(rows)


def _from_units(query: Any) -> Any:
    on_order = and_(SalesOrder.id == VehicleUnit.order_id, SalesOrder.deleted_at.is_(None))
    return query.select_from(VehicleUnit).outerjoin(SalesOrder, on_order)


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
        VehicleUnit.stock_state.in_(_HERE),
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
    names = _staff_names(reader, {row.inspector_staff_id for row in inspections.values()})
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


def _actions(unit: VehicleUnit, newest: InspectionDetail | None) -> frozenset[str]:
    running = newest is not None and newest.row.state is InspectionState.OPEN
    offered = {"resume", "abandon"} if running else set()
    if not running and unit.stock_state in _HERE:
        offered.add("begin")
    if newest is not None:
        offered.add("print")
    return frozenset(offered)


def _inspection_rows(reader: Reader, found: Sequence[Inspection]) -> tuple[InspectionRow, ...]:
    people = {row.inspector_staff_id for row in found} | {row.finished_by_staff_id for row in found}
    names = _staff_names(reader, people - {None})
    query = select(InspectionDefect.inspection_id, InspectionDefect.state, InspectionDefect.severity).where(
        InspectionDefect.inspection_id.in_([row.id for row in found]),
        InspectionDefect.state != DefectState.WITHDRAWN.value,
        InspectionDefect.deleted_at.is_(None),
    )
    counted: dict[str, list[bool]] = {}
    for inspection_id, state, _severity in reader.session.execute(query) if found else ():
        counted.setdefault(inspection_id, []).append(state != DefectState.CLEARED)
    return tuple(
        InspectionRow(
            id=row.id,
            revision=row.revision,
            unit_id=row.unit_id,
            state=InspectionState(row.state),
            inspector_staff_id=row.inspector_staff_id,
            inspector=names.get(row.inspector_staff_id, ""),
            started_at=row.started_at,
            finished_at=row.finished_at,
            finished_by=names.get(row.finished_by_staff_id or "", ""),
            odometer_km=row.odometer_km,
            battery_percent=row.battery_percent,
            note=row.note,
            defects=len(counted.get(row.id, ())),
            open_defects=sum(counted.get(row.id, ())),
        )
        for row in found
    )


def _defect_rows(reader: Reader, found: Sequence[InspectionDefect], checklist: Checklist) -> tuple[DefectRow, ...]:
    names = _staff_names(reader, {row.cleared_by_staff_id for row in found} - {None})
    rows = []
    for row in found:
        item = checklist.find(row.item)
        rows.append(
            DefectRow(
                id=row.id,
                revision=row.revision,
                inspection_id=row.inspection_id,
                unit_id=row.unit_id,
                item=row.item,
                item_text=item.text if item else Bilingual(row.item, row.item),
                severity=Severity(row.severity),
                description=row.description,
                responsible=row.responsible,
                state=DefectState(row.state),
                repair=row.repair,
                repaired_at=row.repaired_at,
                repaired_by=row.repaired_by,
                cleared_at=row.cleared_at,
                cleared_by=names.get(row.cleared_by_staff_id or "", ""),
                found_at=row.created_at,
            )
        )
    return tuple(rows)


def _staff_names(reader: Reader, ids: set[Any]) -> dict[str, str]:
    query = select(StaffMember.id, StaffMember.name).where(StaffMember.id.in_(sorted(ids)))
    return {row[0]: row[1] for row in reader.session.execute(query)} if ids else {}
