"""What commands do to take entries out of the catalogue and to put them back."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from app.catalog.errors import NameTaken, TrimInUse, TrimWanted
from app.catalog.removal_commands import RemoveEntry, RemoveTrim, RestoreEntry
from app.catalog.version_errors import EntryAboveRemoved, EntryNotEmpty, EntryNotRemoved
from app.catalog.versions import (
    CONTENT,
    content_of,
    model_of,
    put_back,
    put_content,
    require_reason,
    successor_of,
    take_out,
    undone_words,
)
from app.kernel.commands import Command, requires
from app.kernel.errors import RecordNotFound, ValueNotAllowed
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from db.models.attachments import Attachment
from db.models.catalog import Make, ModelYear, Series, Trim
from db.models.inventory import VehicleUnit
from db.models.wishes import UnitWish

_BELOW: Mapping[str, tuple[Any, Any]] = {
    "make": (Make, Series.make_id), "series": (Series, ModelYear.series_id),
    "model_year": (ModelYear, Trim.model_year_id),
}  # fmt: skip
_ABOVE: Mapping[str, tuple[Any, str]] = {
    "series": (Make, "make_id"), "model_year": (Series, "series_id"), "trim": (ModelYear, "model_year_id"),
}  # fmt: skip


@requires(Permission.CATALOG_EDIT)
def remove_trim(command: RemoveTrim, uow: UnitOfWork) -> str:
    """Take a trim out of the catalogue; returns its id."""
    trim = uow.get(Trim, command.trim_id, field="trim_id")
    uow.check_revision(trim, command.expected_revision)
    units = _count(uow, VehicleUnit, VehicleUnit.trim_id == trim.id)
    if units:
        raise TrimInUse(units=units)
    wishes = _count(uow, UnitWish, UnitWish.trim_id == trim.id, UnitWish.state == "WAITING")
    if wishes:
        raise TrimWanted(wishes=wishes)
    return _removed(uow, trim, command.reason)


@requires(Permission.CATALOG_EDIT)
def remove_entry(command: RemoveEntry, uow: UnitOfWork) -> str:
    """Take an empty make, series or model year out of the catalogue; returns its id."""
    if command.level not in _BELOW:
        raise ValueNotAllowed(field="level", value=command.level)
    model, above = _BELOW[command.level]
    entry = uow.get(model, command.entry_id, field="entry_id")
    uow.check_revision(entry, command.expected_revision)
    count = _count(uow, above.class_, above == entry.id)
    if count:
        raise EntryNotEmpty(entries=count)
    return _removed(uow, entry, command.reason)


@requires(Permission.CATALOG_EDIT)
def restore_entry(command: RestoreEntry, uow: UnitOfWork) -> str:
    """Put a removed entry back as it was; returns its id, which is a new one."""
    if command.level not in CONTENT:
        raise ValueNotAllowed(field="level", value=command.level)
    gone = uow.session.get(model_of(command.level), command.entry_id)
    if gone is None:
        raise RecordNotFound(field="entry_id")
    if gone.deleted_at is None:
        raise EntryNotRemoved(name=_name_of(gone))
    place = _free_place(uow, command.level, gone)
    entry = type(gone)(**place)
    put_content(entry, content_of(gone))
    put_back(uow, gone, entry, reason=require_reason(uow, command.reason))
    _bring_files(uow, gone, entry)
    uow.session.flush()
    uow.undo_with(removal_of(entry, reason=undone_words(command.reason)))
    return str(entry.id)


def removal_of(entry: Any, *, reason: str) -> Command:
    """The command that takes an entry, as it stands now, out again."""
    level = entry.__tablename__
    if level == "trim":
        return RemoveTrim(trim_id=entry.id, expected_revision=entry.revision, reason=reason)
    return RemoveEntry(level=level, entry_id=entry.id, expected_revision=entry.revision, reason=reason)


def _removed(uow: UnitOfWork, entry: Any, reason: str) -> str:
    take_out(uow, entry, reason=require_reason(uow, reason))
    uow.undo_with(RestoreEntry(level=entry.__tablename__, entry_id=entry.id, reason=undone_words(reason)))
    return str(entry.id)


def _free_place(uow: UnitOfWork, level: str, gone: Any) -> dict[str, str]:
    """What it stood below, or what was put back for that, by column; nothing took its name there meanwhile."""
    model, place = type(gone), {}
    if level in _ABOVE:
        above, column = _ABOVE[level]
        parent = _living(uow, above, getattr(gone, column))
        if parent is None:
            raise EntryAboveRemoved(name=_name_of(gone))
        place = {column: str(parent.id)}
    name = "year" if level == "model_year" else "name_zh"
    same_place = [getattr(model, column) == parent_id for column, parent_id in place.items()]
    if _count(uow, model, getattr(model, name) == getattr(gone, name), *same_place):
        raise NameTaken(name=_name_of(gone))
    return place


def _living(uow: UnitOfWork, model: Any, entry_id: str) -> Any | None:
    """An entry, or the one that was put back for it."""
    entry = uow.session.get(model, entry_id)
    while entry is not None and entry.deleted_at is not None:
        entry = uow.session.get(model, successor_of(uow.session, entry.id))
    return entry


def _bring_files(uow: UnitOfWork, gone: Any, entry: Any) -> None:
    """Pictures and documents belong to the entry that was put back."""
    query = select(Attachment).where(Attachment.subject_id == gone.id, Attachment.deleted_at.is_(None))
    for attachment in uow.session.execute(query).scalars():
        attachment.subject_id = entry.id


def _name_of(entry: Any) -> str:
    return str(entry.year) if isinstance(entry, ModelYear) else str(entry.name_zh)


def _count(uow: UnitOfWork, model: Any, *conditions: Any) -> int:
    """How many live rows meet these."""
    query = select(func.count()).select_from(model).where(model.deleted_at.is_(None), *conditions)
    return int(uow.session.execute(query).scalar_one())
