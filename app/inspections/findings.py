"""What an inspection has found so far, inside the caller's session."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.inspections.errors import ItemUnknown
from app.inspections.rules import DefectState, InspectionState, Severity, blocks, checklist_version
from app.inventory.rules import PdiState
from app.kernel.ids import derived_id
from db.models.inspections import Inspection, InspectionAnswer, InspectionDefect
from db.models.staff import StaffMember

_PDI = {InspectionState.PASSED.value: PdiState.PASS, InspectionState.FAILED.value: PdiState.FAIL}


def answer_id(inspection_id: str, item: str) -> str:
    """The id of the answer to an item: the same at every desk."""
    return derived_id("inspection_answer", inspection_id, item)


def open_inspection(session: Session, unit_id: str) -> Inspection | None:
    """The inspection of a unit in progress; the one begun first where two desks began one each."""
    query = select(Inspection).where(
        Inspection.unit_id == unit_id, Inspection.state == InspectionState.OPEN.value, Inspection.deleted_at.is_(None)
    )
    return session.scalars(query.order_by(Inspection.started_at, Inspection.id).limit(1)).first()


def require_item(inspection: Inspection, item: str) -> None:
    """Raises ItemUnknown unless the inspection's checklist has the item."""
    if checklist_version(inspection.checklist, inspection.energy).find(item) is None:
        raise ItemUnknown(field="item")


def answers_of(session: Session, inspection_id: str) -> dict[str, InspectionAnswer]:
    """Answers by item; those that were taken back are left out."""
    query = select(InspectionAnswer).where(
        InspectionAnswer.inspection_id == inspection_id, InspectionAnswer.deleted_at.is_(None)
    )
    return {row.item: row for row in session.scalars(query) if row.verdict}


def defects_of(session: Session, inspection_id: str) -> list[InspectionDefect]:
    """Defects in the order in which they were found."""
    query = select(InspectionDefect).where(
        InspectionDefect.inspection_id == inspection_id, InspectionDefect.deleted_at.is_(None)
    )
    return list(session.scalars(query.order_by(InspectionDefect.id)))


def result_of(session: Session, inspection: Inspection) -> InspectionState:
    """Passed unless a defect above cosmetic is open."""
    open_ones = any(
        blocks(Severity(defect.severity), DefectState(defect.state)) for defect in defects_of(session, inspection.id)
    )
    return InspectionState.FAILED if open_ones else InspectionState.PASSED


def before_this(session: Session, inspection: Inspection) -> PdiState:
    """What the unit's axis says without this inspection: the result of the one finished last besides it."""
    query = select(Inspection.state).where(
        Inspection.unit_id == inspection.unit_id,
        Inspection.id != inspection.id,
        Inspection.state.in_(list(_PDI)),
        Inspection.deleted_at.is_(None),
    )
    state = session.scalars(query.order_by(Inspection.finished_at.desc(), Inspection.id.desc()).limit(1)).first()
    return _PDI[state] if state else PdiState.UNCHECKED


def is_newest(session: Session, inspection: Inspection) -> bool:
    """Whether no other inspection of the unit was begun after this one: only the newest moves the axis."""
    query = select(Inspection.id).where(
        Inspection.unit_id == inspection.unit_id,
        Inspection.id != inspection.id,
        Inspection.state.in_(list(_PDI)),
        Inspection.started_at > inspection.started_at,
        Inspection.deleted_at.is_(None),
    )
    return session.scalars(query.limit(1)).first() is None


def staff_names(session: Session, ids: set[Any]) -> dict[str, str]:
    """Names by id."""
    query = select(StaffMember.id, StaffMember.name).where(StaffMember.id.in_(sorted(ids)))
    return {row[0]: row[1] for row in session.execute(query)} if ids else {}
