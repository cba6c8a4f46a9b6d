"""What commands do to pictures and documents."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select

from app.attachments.commands import (
    ArrangeAttachments,
    Attached,
    AttachFiles,
    RemoveAttachment,
    RemoveAttachments,
    RenameAttachment,
    ReplaceAttachment,
    StoredFile,
)
from app.attachments.errors import ContentMissing, SubjectUnknown, TooManyFiles
from app.attachments.rules import MOST_FILES, SUBJECTS, Subject, clean_name, is_purpose
from app.kernel.commands import requires
from app.kernel.errors import PermissionDenied, limited_text
from app.kernel.unit_of_work import UnitOfWork
from db.base import replicated_models
from db.contents import ContentStore
from db.models.attachments import Attachment, LocalContent
from db.models.inspections import Inspection


@requires(None)
def attach_files(command: AttachFiles, uow: UnitOfWork) -> Attached:
    """Add stored files to a record; returns an Attached."""
    subject = _subject_row(uow, command.subject_table, command.subject_id)
    if not is_purpose(command.purpose):
        raise SubjectUnknown()
    present = _of_subject(uow, command.subject_id, command.purpose)
    if len(present) + len(command.files) > MOST_FILES:
        raise TooManyFiles(limit=MOST_FILES)
    known = {row.sha256 for row in present} | {row.source_sha256 for row in present if row.source_sha256}
    position = max((row.position for row in present), default=-1) + 1
    unit_id = _unit_of(uow, command.subject_table, subject)
    ids, already = [], []
    for file in command.files:
        if known & {file.sha256, file.source_sha256}:
            already.append(file.file_name)
            continue
        known.add(file.sha256)
        _note_contents(uow, file)
        row = _row(file, command, subject, uow.actor.staff_id)
        row.unit_id = unit_id
        row.position = position if file.position is None else file.position
        position = max(position, row.position + 1)
        ids.append(uow.add(row).id)
    if ids:
        uow.undo_with(RemoveAttachments(attachment_ids=tuple(ids)))
    return Attached(ids=tuple(ids), already=tuple(already))


@requires(None)
def remove_attachment(command: RemoveAttachment, uow: UnitOfWork) -> None:
    """Take a picture or document away from its record."""
    row = _editable(uow, command.attachment_id)
    row.deleted_at = uow.now
    uow.undo_with(
        AttachFiles(
            subject_table=row.subject_table, subject_id=row.subject_id, purpose=row.purpose, files=(_stored(row),)
        )
    )


@requires(None)
def remove_attachments(command: RemoveAttachments, uow: UnitOfWork) -> None:
    """Take several away at once; they are those of one record."""
    rows = [_editable(uow, attachment_id) for attachment_id in command.attachment_ids]
    for row in rows:
        row.deleted_at = uow.now
    if rows:
        first = rows[0]
        uow.undo_with(
            AttachFiles(
                subject_table=first.subject_table, subject_id=first.subject_id, purpose=first.purpose,
                files=tuple(_stored(row) for row in rows),
            )
        )  # fmt: skip


@requires(None)
def arrange_attachments(command: ArrangeAttachments, uow: UnitOfWork) -> None:
    """Put a record's files of one purpose in this order."""
    _subject_row(uow, command.subject_table, command.subject_id)
    present = _of_subject(uow, command.subject_id, command.purpose)
    before = tuple(row.id for row in present)
    wanted = {attachment_id: place for place, attachment_id in enumerate(command.attachment_ids)}
    for place, row in enumerate(sorted(present, key=lambda row: wanted.get(row.id, len(wanted)))):
        if row.position != place:
            row.position = place
    uow.undo_with(
        ArrangeAttachments(
            subject_table=command.subject_table, subject_id=command.subject_id, purpose=command.purpose,
            attachment_ids=before,
        )
    )  # fmt: skip


@requires(None)
def rename_attachment(command: RenameAttachment, uow: UnitOfWork) -> None:
    """Say in words what a picture or document shows."""
    row = _editable(uow, command.attachment_id)
    uow.undo_with(RenameAttachment(attachment_id=row.id, title=row.title))
    row.title = limited_text(command.title, field="title", limit=120)


@requires(None)
def replace_attachment(command: ReplaceAttachment, uow: UnitOfWork) -> str:
    """Keep a further content in the place of the one a picture had."""
    row, file = _editable(uow, command.attachment_id), command.file
    former = _stored(row)
    _note_contents(uow, file)
    row.media_type, row.size, row.sha256, row.source_sha256 = (
        file.media_type, file.size, file.sha256, file.source_sha256,
    )  # fmt: skip
    row.width, row.height = file.width, file.height
    row.thumb_sha256, row.thumb_size = file.thumb_sha256, file.thumb_size
    row.icon_sha256, row.icon_size = file.icon_sha256, file.icon_size
    uow.undo_with(ReplaceAttachment(attachment_id=row.id, file=former))
    return row.id


def _rules_of(subject_table: str) -> Subject:
    rules = SUBJECTS.get(subject_table)
    if rules is None:
        raise SubjectUnknown()
    return rules


def _require_edit(uow: UnitOfWork, subject_table: str) -> None:
    permissions = _rules_of(subject_table).edit
    if not any(uow.actor.may(permission) for permission in permissions):
        raise PermissionDenied(permission=permissions[0].value)


def _subject_row(uow: UnitOfWork, subject_table: str, subject_id: str) -> Any:
    """The record, which must exist, of somebody who may change its files."""
    _require_edit(uow, subject_table)
    return uow.get(replicated_models()[subject_table], subject_id, field="subject_id")


def _unit_of(uow: UnitOfWork, subject_table: str, subject: Any) -> str | None:
    """The unit a record belongs to, None for what belongs to none."""
    if subject_table == "vehicle_unit":
        return str(subject.id)
    if subject_table == "inspection_answer":
        inspection = uow.session.get(Inspection, subject.inspection_id)
        return None if inspection is None else inspection.unit_id
    return getattr(subject, "unit_id", None)


def _editable(uow: UnitOfWork, attachment_id: str) -> Attachment:
    row = uow.get(Attachment, attachment_id, field="attachment_id")
    _require_edit(uow, row.subject_table)
    return row


def _of_subject(uow: UnitOfWork, subject_id: str, purpose: str) -> Sequence[Attachment]:
    return uow.session.scalars(
        select(Attachment)
        .where(Attachment.subject_id == subject_id, Attachment.purpose == purpose, Attachment.deleted_at.is_(None))
        .order_by(Attachment.position, Attachment.id)
    ).all()


def _note_contents(uow: UnitOfWork, file: StoredFile) -> None:
    """The desk's list of what lies here gets the file's contents; raises ContentMissing for one that does not."""
    store: ContentStore = uow.session.info["contents"]
    for sha256, _size in file.contents:
        if not store.has(sha256):
            raise ContentMissing(name=file.file_name)
    note_local(uow.session, file.contents, at=uow.now)


def note_local(session: Any, contents: Iterable[tuple[str, int]], *, at: Any) -> None:
    """Write down that contents (digest, size) lie here since `at`; those known already stay as they are."""
    for sha256, size in contents:
        if session.get(LocalContent, sha256) is None:
            session.add(LocalContent(sha256=sha256, size=size, stored_at=at))


def _row(file: StoredFile, command: AttachFiles, subject: Any, staff_id: str) -> Attachment:
    return Attachment(
        scope=subject.scope,
        branch_id=getattr(subject, "branch_id", None),
        subject_table=command.subject_table,
        subject_id=command.subject_id,
        purpose=command.purpose,
        file_name=clean_name(file.file_name),
        title=limited_text(file.title, field="title", limit=120),
        media_type=file.media_type,
        size=file.size,
        sha256=file.sha256,
        source_sha256=file.source_sha256,
        width=file.width,
        height=file.height,
        thumb_sha256=file.thumb_sha256,
        thumb_size=file.thumb_size,
        icon_sha256=file.icon_sha256,
        icon_size=file.icon_size,
        taken_at=file.taken_at,
        added_by_staff_id=staff_id,
    )


def _stored(row: Attachment) -> StoredFile:
    """What would attach it again where it was."""
    return StoredFile(
        file_name=row.file_name, title=row.title, media_type=row.media_type, size=row.size, sha256=row.sha256,
        source_sha256=row.source_sha256, width=row.width, height=row.height, thumb_sha256=row.thumb_sha256,
        thumb_size=row.thumb_size, icon_sha256=row.icon_sha256, icon_size=row.icon_size, taken_at=row.taken_at,
        position=row.position,
    )  # fmt: skip
