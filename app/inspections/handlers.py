"""What commands do in inspections."""

from app.inspections.commands import (
    AbandonInspection,
    AnswerItem,
    BeginInspection,
    ChangeDefect,
    ClearDefect,
    FinishInspection,
    NoteDefect,
    ReopenDefect,
    ReopenInspection,
    RepairDefect,
    SetReadings,
    WithdrawDefect,
)
from app.inspections.errors import (
    ChecklistIncomplete,
    DefectOnItem,
    DefectStateWrong,
    InspectionClosed,
    ReadingOutOfRange,
    UnitNotHere,
)
from app.inspections.findings import (
    answer_id,
    answers_of,
    before_this,
    defects_of,
    is_newest,
    open_inspection,
    require_item,
    result_of,
)
from app.inspections.rules import DefectState, InspectionState, Verdict, checklist_on, checklist_version
from app.inventory.axes import follow_inspection
from app.inventory.rules import PdiState, StockState
from app.inventory.unit_checks import checked_odometer
from app.kernel.clock import branch_date
from app.kernel.commands import requires
from app.kernel.errors import limited_text, require_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from db.models.inspections import Inspection, InspectionAnswer, InspectionDefect
from db.models.inventory import VehicleUnit

_HERE = (StockState.IN_STOCK, StockState.LENT)
_RESULTS = {InspectionState.PASSED: PdiState.PASS, InspectionState.FAILED: PdiState.FAIL}


@requires(Permission.INSPECTIONS_PERFORM)
def begin_inspection(command: BeginInspection, uow: UnitOfWork) -> str:
    """Begin an inspection or go on with the one in progress; returns its id."""
    unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
    running = open_inspection(uow.session, unit.id)
    if running is not None:
        return running.id
    if unit.stock_state not in _HERE:
        raise UnitNotHere(field="unit_id", state=StockState(unit.stock_state).label)
    made = Inspection(
        branch_id=unit.branch_id,
        unit_id=unit.id,
        checklist=checklist_on(branch_date(uow.now), unit.energy).version,
        energy=unit.energy,
        state=InspectionState.OPEN.value,
        inspector_staff_id=uow.actor.staff_id,
        started_at=uow.now,
        odometer_km=unit.odometer_km,
    )
    uow.add(made)
    uow.record("InspectionBegun")
    return made.id


@requires(Permission.INSPECTIONS_PERFORM)
def answer_item(command: AnswerItem, uow: UnitOfWork) -> str:
    """Store an answer; returns the id of its row."""
    inspection = _running(uow, command.inspection_id)
    require_item(inspection, command.item)
    if command.verdict is Verdict.DEFECT or any(
        defect.item == command.item and defect.state != DefectState.WITHDRAWN
        for defect in defects_of(uow.session, inspection.id)
    ):
        raise DefectOnItem(field="item")
    row = _answer(uow, inspection, command.item)
    former = Verdict(row.verdict) if row.verdict else None
    uow.undo_with(
        AnswerItem(
            inspection_id=inspection.id, item=command.item, verdict=former, measured=row.measured or "",
            note=row.note or "",
        )
    )  # fmt: skip
    _set_answer(uow, row, command.verdict, measured=command.measured, note=command.note)
    return row.id


@requires(Permission.INSPECTIONS_PERFORM)
def note_defect(command: NoteDefect, uow: UnitOfWork) -> str:
    """Write down a defect; returns its id."""
    inspection = _running(uow, command.inspection_id)
    require_item(inspection, command.item)
    defect = InspectionDefect(
        branch_id=inspection.branch_id,
        inspection_id=inspection.id,
        unit_id=inspection.unit_id,
        item=command.item,
        severity=command.severity.value,
        description=require_text(command.description, field="description", limit=400),
        responsible=limited_text(command.responsible, field="responsible", limit=80),
        state=DefectState.OPEN.value,
    )
    row = _answer(uow, inspection, command.item)
    _set_answer(uow, row, Verdict.DEFECT, measured=command.measured or row.measured or "", note=row.note or "")
    uow.add(defect)
    uow.undo_with(WithdrawDefect(defect_id=defect.id, reason="Undo"))
    uow.record("DefectNoted")
    return defect.id


@requires(Permission.INSPECTIONS_PERFORM)
def change_defect(command: ChangeDefect, uow: UnitOfWork) -> str:
    """Correct a defect; returns its id."""
    defect = _defect(uow, command.defect_id, DefectState.OPEN)
    uow.check_revision(defect, command.expected_revision)
    before = {"severity": defect.severity, "description": defect.description, "responsible": defect.responsible}
    defect.severity = command.severity.value
    defect.description = require_text(command.description, field="description", limit=400)
    defect.responsible = limited_text(command.responsible, field="responsible", limit=80)
    uow.session.flush()
    before["severity"] = type(command.severity)(before["severity"])
    uow.undo_with(ChangeDefect(defect_id=defect.id, expected_revision=defect.revision, **before))  # type: ignore[arg-type]
    return defect.id


@requires(Permission.INSPECTIONS_PERFORM)
def withdraw_defect(command: WithdrawDefect, uow: UnitOfWork) -> str:
    """A defect was none; returns its id."""
    defect = _defect(uow, command.defect_id, DefectState.OPEN)
    inspection = _running(uow, defect.inspection_id)
    uow.reason = require_text(command.reason, field="reason", limit=400)
    defect.state = DefectState.WITHDRAWN.value
    uow.session.flush()
    others = (d.item for d in defects_of(uow.session, inspection.id) if d.state != DefectState.WITHDRAWN)
    if defect.item not in others:
        row = _answer(uow, inspection, defect.item)
        _set_answer(uow, row, None, measured=row.measured or "", note=row.note or "")
    uow.record("DefectWithdrawn")
    return defect.id


@requires(Permission.INSPECTIONS_PERFORM)
def repair_defect(command: RepairDefect, uow: UnitOfWork) -> str:
    """A defect was repaired; returns its id."""
    defect = _defect(uow, command.defect_id, DefectState.OPEN)
    defect.repair = require_text(command.repair, field="repair", limit=400)
    defect.repaired_by = require_text(command.repaired_by, field="repaired_by", limit=80)
    defect.repaired_at = command.repaired_at or uow.now
    defect.state = DefectState.REPAIRED.value
    uow.undo_with(ReopenDefect(defect_id=defect.id, reason="Undo"))
    uow.record("DefectRepaired")
    return defect.id


@requires(Permission.INSPECTIONS_PERFORM)
def clear_defect(command: ClearDefect, uow: UnitOfWork) -> str:
    """A repair was looked at; returns the defect's id."""
    defect = _defect(uow, command.defect_id, DefectState.REPAIRED)
    defect.state = DefectState.CLEARED.value
    defect.cleared_at, defect.cleared_by_staff_id = uow.now, uow.actor.staff_id
    uow.undo_with(ReopenDefect(defect_id=defect.id, reason="Undo", still_repaired=True))
    _judge_again(uow, uow.get(Inspection, defect.inspection_id))
    uow.record("DefectCleared")
    return defect.id


@requires(Permission.INSPECTIONS_PERFORM)
def reopen_defect(command: ReopenDefect, uow: UnitOfWork) -> str:
    """A defect is to be repaired again; returns its id."""
    defect = uow.get(InspectionDefect, command.defect_id, field="defect_id")
    if defect.state not in (DefectState.REPAIRED, DefectState.CLEARED):
        raise DefectStateWrong(field="defect_id", state=DefectState(defect.state).label)
    uow.reason = require_text(command.reason, field="reason", limit=400)
    defect.state = (DefectState.REPAIRED if command.still_repaired else DefectState.OPEN).value
    defect.cleared_at = defect.cleared_by_staff_id = None
    _judge_again(uow, uow.get(Inspection, defect.inspection_id))
    uow.record("DefectReopened")
    return defect.id


@requires(Permission.INSPECTIONS_PERFORM)
def set_readings(command: SetReadings, uow: UnitOfWork) -> str:
    """Store the readings; returns the inspection's id."""
    inspection = _running(uow, command.inspection_id)
    before = (inspection.odometer_km, inspection.battery_percent, inspection.note)
    if command.odometer_km is not None:
        checked_odometer(command.odometer_km)
    if command.battery_percent is not None and not 0 <= command.battery_percent <= 100:
        raise ReadingOutOfRange(field="battery_percent", low=0, high=100)
    inspection.odometer_km = command.odometer_km
    inspection.battery_percent = command.battery_percent
    inspection.note = limited_text(command.note, field="note", limit=400)
    uow.undo_with(
        SetReadings(
            inspection_id=inspection.id, odometer_km=before[0], battery_percent=before[1], note=before[2]
        )
    )  # fmt: skip
    return inspection.id


@requires(Permission.INSPECTIONS_PERFORM)
def finish_inspection(command: FinishInspection, uow: UnitOfWork) -> InspectionState:
    """End an inspection and let the unit's axis follow; returns its state."""
    inspection = _running(uow, command.inspection_id)
    checklist = checklist_version(inspection.checklist, inspection.energy)
    missing = checklist.missing(answers_of(uow.session, inspection.id))
    if missing and not command.as_failed:
        raise ChecklistIncomplete(field="inspection_id", count=len(missing), item=str(missing[0].text))
    result = InspectionState.FAILED if missing else result_of(uow.session, inspection)
    _end(uow, inspection, result)
    unit = uow.get(VehicleUnit, inspection.unit_id)
    if inspection.odometer_km is not None and inspection.odometer_km > unit.odometer_km:
        unit.odometer_km = inspection.odometer_km
    uow.session.flush()
    uow.undo_with(ReopenInspection(inspection_id=inspection.id, expected_revision=inspection.revision))
    uow.record("InspectionFinished")
    return result


@requires(Permission.INSPECTIONS_PERFORM)
def reopen_inspection(command: ReopenInspection, uow: UnitOfWork) -> str:
    """In progress again; returns its id."""
    inspection = uow.get(Inspection, command.inspection_id, field="inspection_id")
    uow.check_revision(inspection, command.expected_revision)
    if inspection.state not in _RESULTS:
        raise InspectionClosed(field="inspection_id", state=InspectionState(inspection.state).label)
    inspection.state = InspectionState.OPEN.value
    inspection.finished_at = inspection.finished_by_staff_id = None
    uow.session.flush()
    follow_inspection(uow, uow.get(VehicleUnit, inspection.unit_id), before_this(uow.session, inspection))
    return inspection.id


@requires(Permission.INSPECTIONS_PERFORM)
def abandon_inspection(command: AbandonInspection, uow: UnitOfWork) -> str:
    """Give an inspection up; returns its id."""
    inspection = _running(uow, command.inspection_id)
    uow.reason = require_text(command.reason, field="reason", limit=400)
    inspection.state = InspectionState.ABANDONED.value
    inspection.finished_at, inspection.finished_by_staff_id = uow.now, uow.actor.staff_id
    uow.record("InspectionAbandoned")
    return inspection.id


def _running(uow: UnitOfWork, inspection_id: str) -> Inspection:
    inspection = uow.get(Inspection, inspection_id, field="inspection_id")
    if inspection.state != InspectionState.OPEN:
        raise InspectionClosed(field="inspection_id", state=InspectionState(inspection.state).label)
    return inspection


def _defect(uow: UnitOfWork, defect_id: str, state: DefectState) -> InspectionDefect:
    defect = uow.get(InspectionDefect, defect_id, field="defect_id")
    if defect.state != state:
        raise DefectStateWrong(field="defect_id", state=DefectState(defect.state).label)
    return defect


def _answer(uow: UnitOfWork, inspection: Inspection, item: str) -> InspectionAnswer:
    """The row of an item's answer, made where there is none yet."""
    row_id = answer_id(inspection.id, item)
    known = uow.session.get(InspectionAnswer, row_id)
    if known is not None:
        return known
    return uow.add(
        InspectionAnswer(
            id=row_id, branch_id=inspection.branch_id, inspection_id=inspection.id, unit_id=inspection.unit_id,
            item=item, verdict="", measured="", note="", answered_by_staff_id=uow.actor.staff_id, answered_at=uow.now,
        )
    )  # fmt: skip


def _set_answer(
    uow: UnitOfWork, row: InspectionAnswer, verdict: Verdict | None, *, measured: str, note: str
) -> None:
    row.verdict = "" if verdict is None else verdict.value
    row.measured = limited_text(measured, field="measured", limit=40)
    row.note = limited_text(note, field="note", limit=400)
    row.answered_by_staff_id, row.answered_at = uow.actor.staff_id, uow.now


def _end(uow: UnitOfWork, inspection: Inspection, result: InspectionState) -> None:
    inspection.state = result.value
    inspection.finished_at, inspection.finished_by_staff_id = uow.now, uow.actor.staff_id
    follow_inspection(uow, uow.get(VehicleUnit, inspection.unit_id), _RESULTS[result])


def _judge_again(uow: UnitOfWork, inspection: Inspection) -> None:
    """A closed inspection passes with the last defect that is gone, and fails again with one that came back."""
    if inspection.state not in _RESULTS:
        return
    uow.session.flush()
    missing = checklist_version(inspection.checklist, inspection.energy).missing(
        answers_of(uow.session, inspection.id)
    )
    result = InspectionState.FAILED if missing else result_of(uow.session, inspection)
    if result != inspection.state and is_newest(uow.session, inspection):
        _end(uow, inspection, result)
