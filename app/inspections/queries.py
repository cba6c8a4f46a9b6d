"""Reading inspections: one unit's in full, and what has to be disclosed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.inspections.findings import answers_of, defects_of, staff_names
from app.inspections.rules import Checklist, DefectState, InspectionState, Severity, Verdict, blocks, checklist_version
from app.inspections.work_queries import HERE, WorkRow, work_row_of
from app.inventory.unit_rows import UnitRow, rows_by_id
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.inspections import Inspection, InspectionDefect
from db.models.inventory import VehicleUnit


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


def get_unit_inspections(reader: Reader, unit_id: str) -> UnitInspections:
    """A unit with its inspections; raises RecordNotFound."""
    reader.require(Permission.INVENTORY_VIEW)
    unit = reader.get(VehicleUnit, unit_id)
    row = work_row_of(reader, unit.id)
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
    names = staff_names(reader.session, {answer.answered_by_staff_id for answer in answers.values()})
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


def _actions(unit: VehicleUnit, newest: InspectionDetail | None) -> frozenset[str]:
    running = newest is not None and newest.row.state is InspectionState.OPEN
    offered = {"resume", "abandon"} if running else set()
    if not running and unit.stock_state in HERE:
        offered.add("begin")
    if newest is not None:
        offered.add("print")
    return frozenset(offered)


def _inspection_rows(reader: Reader, found: Sequence[Inspection]) -> tuple[InspectionRow, ...]:
    people = {row.inspector_staff_id for row in found} | {row.finished_by_staff_id for row in found}
    names = staff_names(reader.session, people - {None})
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
    names = staff_names(reader.session, {row.cleared_by_staff_id for row in found} - {None})
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
