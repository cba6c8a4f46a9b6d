"""Keeps which findings were put aside, and why."""

from sqlalchemy import select

from app.anomalies.commands import DismissFindings, FoundRight, RestoreFindings
from app.anomalies.findings import TRIM, UNIT
from app.kernel.commands import requires
from app.kernel.errors import ReasonRequired, ValueNotAllowed, limited_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from db.models.exchange import AnomalyDismissal

_NEEDED = {TRIM: Permission.CATALOG_EDIT, UNIT: Permission.INVENTORY_EDIT}


@requires(Permission.CATALOG_VIEW)
def dismiss_findings(command: DismissFindings, uow: UnitOfWork) -> tuple[str, ...]:
    """Put findings aside; returns the ids of the dismissals."""
    reason = limited_text(command.reason, field="reason", limit=400)
    if not reason:
        raise ReasonRequired(field="reason")
    uow.reason = reason
    ids = tuple(_dismissed(uow, found, reason) for found in command.findings)
    uow.undo_with(RestoreFindings(dismissal_ids=ids))
    return ids


def _dismissed(uow: UnitOfWork, found: FoundRight, reason: str) -> str:
    if found.subject_table not in _NEEDED:
        raise ValueNotAllowed(field="subject_table", value=found.subject_table)
    uow.require(_NEEDED[found.subject_table])
    query = select(AnomalyDismissal).where(
        AnomalyDismissal.subject_id == found.subject_id,
        AnomalyDismissal.rule == found.key,
        AnomalyDismissal.deleted_at.is_(None),
    )
    kept = uow.session.execute(query).scalars().first()
    if kept is None:
        kept = uow.add(
            AnomalyDismissal(subject_table=found.subject_table, subject_id=found.subject_id, rule=found.key)
        )
    kept.fingerprint, kept.reason = found.fingerprint, reason
    kept.staff_id, kept.dismissed_at = uow.actor.staff_id, uow.now
    return kept.id


@requires(Permission.CATALOG_VIEW)
def restore_findings(command: RestoreFindings, uow: UnitOfWork) -> tuple[str, ...]:
    """Take dismissals back; returns their ids."""
    for dismissal_id in command.dismissal_ids:
        kept = uow.get(AnomalyDismissal, dismissal_id)
        uow.require(_NEEDED[kept.subject_table])
        kept.deleted_at = uow.now
    return command.dismissal_ids
