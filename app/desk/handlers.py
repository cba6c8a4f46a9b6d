"""Keeping what stays at this desk. Nothing here travels or is audited: it is nobody's business but the owner's."""

from sqlalchemy import func, select

from app.desk.commands import ConfigureDesk, DiscardDraft, SaveDraft, SavePreference
from app.desk.errors import DeskHasUnsentChanges
from app.desk.rules import KEY_LONGEST, require_draft_size, require_preference_size
from app.kernel.codes import usable_code
from app.kernel.commands import requires
from app.kernel.errors import RecordNotFound, require_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from db.models.desk import DeskState, FormDraft, OutboxOperation, StoredPreference
from db.models.staff import Branch
from db.types import dump_json


@requires(None)
def save_draft(command: SaveDraft, uow: UnitOfWork) -> None:
    """Raises DraftTooLarge."""
    key = require_text(command.form_key, field="form_key", limit=KEY_LONGEST)
    payload = dict(command.payload)
    require_draft_size(len(dump_json(payload)))
    draft = uow.session.get(FormDraft, (uow.actor.staff_id, key))
    if draft is None:
        draft = uow.add(FormDraft(staff_id=uow.actor.staff_id, form_key=key))
    draft.payload = payload
    draft.updated_at = uow.now


@requires(None)
def discard_draft(command: DiscardDraft, uow: UnitOfWork) -> None:
    """Only the owner's own draft can be named."""
    draft = uow.session.get(FormDraft, (uow.actor.staff_id, command.form_key))
    if draft is not None:
        uow.session.delete(draft)


@requires(None)
def save_preference(command: SavePreference, uow: UnitOfWork) -> None:
    """Raises PreferenceTooLarge."""
    key = require_text(command.key, field="key", limit=KEY_LONGEST)
    require_preference_size(len(dump_json(command.value)))
    stored = uow.session.get(StoredPreference, (uow.actor.staff_id, key))
    if command.value is None:
        if stored is not None:
            uow.session.delete(stored)
        return
    if stored is None:
        stored = uow.add(StoredPreference(staff_id=uow.actor.staff_id, key=key))
    stored.value = command.value


@requires(Permission.SYNC_CONFIGURE)
def configure_desk(command: ConfigureDesk, uow: UnitOfWork) -> None:
    """Raises CodeUnusable (field `desk_code`), RecordNotFound (field `branch_id`) or DeskHasUnsentChanges.

    A desk with unsent changes keeps its place: they are numbered and scoped by it.
    """
    code = usable_code(command.desk_code, field="desk_code")
    uow.get(Branch, command.branch_id, field="branch_id")
    desk = uow.session.get(DeskState, 1)
    if desk is None:
        raise RecordNotFound()
    if (desk.branch_id, desk.desk_code) == (command.branch_id, code):
        return
    pending = select(func.count()).select_from(OutboxOperation).where(OutboxOperation.state == "pending")
    if desk.branch_id is not None and uow.session.scalar(pending):
        raise DeskHasUnsentChanges()
    uow.note(table="desk_state", record_id=desk.device_id, branch_id=command.branch_id, desk_code=code)
    desk.branch_id, desk.desk_code = command.branch_id, code
