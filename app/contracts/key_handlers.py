"""Handlers about the keys this desk signs with."""

from datetime import UTC, datetime, time

from app.contracts.key_commands import NoteSigningKey, WarnOfEndingKeys
from app.contracts.key_intake import KeyUse
from app.contracts.key_queries import ending_keys, warning_id
from app.contracts.stamping import own_authority
from app.kernel.commands import requires
from app.kernel.errors import ValueNotAllowed
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.tasks.follow_up import close_tasks, create_task
from app.tasks.rules import TaskKind


@requires(Permission.CONTRACTS_REVOKE)
def note_signing_key(command: NoteSigningKey, uow: UnitOfWork) -> str:
    """Write down that another key is used; returns the id of this desk's authority."""
    use = next((one for one in KeyUse if one == command.use), None)
    if use is None:
        raise ValueNotAllowed(field="use", value=command.use)
    row = own_authority(uow.session)
    record_id = row.id if row is not None else command.fingerprint[:32]
    uow.note(
        table="signing_authority", record_id=record_id, taken=use.value, sha256=command.fingerprint,
        subject=command.subject, ends_on=command.ends_on.isoformat(),
    )  # fmt: skip
    close_tasks(uow, record_id=record_id, kind=TaskKind.SIGNING_KEY_ENDING)
    uow.record("SigningKeyTaken")
    return record_id


@requires(Permission.CONTRACTS_REVOKE)
def warn_of_ending_keys(command: WarnOfEndingKeys, uow: UnitOfWork) -> int:
    """Leave a task for each certificate that ends; returns how many there are."""
    found = ending_keys(uow.session, uow.now)
    for one in found:
        create_task(
            uow, kind=TaskKind.SIGNING_KEY_ENDING, record_table="signing_authority", record_id=one.authority_id,
            params={"subject": one.subject, "desk": one.desk_code, "day": one.ends_on.isoformat()},
            due_at=datetime.combine(one.ends_on, time(0), UTC), task_id=warning_id(one),
        )  # fmt: skip
    uow.record("EndingKeysTold")
    return len(found)
