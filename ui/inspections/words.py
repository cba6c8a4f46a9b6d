"""Words and tones of inspections."""

from app.inspections.queries import DefectRow, InspectionRow
from app.inspections.rules import DefectState, InspectionState, Severity, WorkState
from app.inspections.work_queries import WorkRow
from app.runtime.language import tr, trn
from ui.kit import formats
from ui.kit.columns import State

WORK_STATES: dict[WorkState, State] = {
    WorkState.TO_DO: State(WorkState.TO_DO.label, "neutral"),
    WorkState.RUNNING: State(WorkState.RUNNING.label, "accent"),
    WorkState.FAILED: State(WorkState.FAILED.label, "bad"),
    WorkState.DONE: State(WorkState.DONE.label, "good"),
}
RESULT_TONES = {
    InspectionState.OPEN: "accent",
    InspectionState.PASSED: "good",
    InspectionState.FAILED: "bad",
    InspectionState.ABANDONED: "neutral",
}
SEVERITY_TONES = {Severity.SAFETY: "bad", Severity.QUALITY: "warn", Severity.COSMETIC: "neutral"}
DEFECT_TONES = {
    DefectState.OPEN: "bad",
    DefectState.REPAIRED: "warn",
    DefectState.CLEARED: "good",
    DefectState.WITHDRAWN: "neutral",
}


def due_text(row: WorkRow) -> str:
    """The day it is due, and why when a delivery is planned."""
    if row.state is WorkState.DONE:
        return formats.day_of(row.finished_at)
    return formats.date_text(row.due_on)


def due_tooltip(row: WorkRow) -> str:
    """What makes it due."""
    if row.deliver_on is not None:
        return tr("Delivery is planned for {date}", date=formats.date_text(row.deliver_on))
    return tr("Arrived on {date}", date=formats.date_text(row.unit.arrived_on))


def inspection_words(row: InspectionRow) -> str:
    """Who, when, and how many defects."""
    parts = [formats.moment(row.finished_at or row.started_at), row.finished_by or row.inspector]
    if row.defects:
        parts.append(trn("{n} defect", "{n} defects", row.defects))
    return " · ".join(part for part in parts if part)


def defect_words(row: DefectRow) -> str:
    """How far a defect has come."""
    if row.state is DefectState.CLEARED:
        return tr("{repair}, by {name}; looked at by {other}", repair=row.repair, name=row.repaired_by,
                  other=row.cleared_by or "–")  # fmt: skip
    if row.state is DefectState.REPAIRED:
        return tr("{repair}, by {name}; to be looked at again", repair=row.repair, name=row.repaired_by)
    return tr("To be repaired by {name}", name=row.responsible) if row.responsible else tr("To be repaired")
