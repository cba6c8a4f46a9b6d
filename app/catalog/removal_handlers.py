"""What commands do to take entries out of the catalogue and to put them back."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from app.catalog.errors import NameTaken, TrimInUse, TrimWanted
from app.catalog.removal_commands import RemoveEntry, RemoveTrim, RestoreEntry
from app.catalog.version_errors import EntryAboveRemoved, EntryNotEmpty, EntryNotRemoved
from app.catalog.versions import CONTENT, model_of, put_back, require_reason, take_out, undone_words
from app.kernel.commands import Command, requires
from app.kernel.errors import RecordNotFound, ValueNotAllowed
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
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
    """Put a removed entry back as it was; returns its id."""
    if command.level not in CONTENT:
        raise ValueNotAllowed(field="level", value=command.level)
    entry = uow.session.get(model_of(command.level), command.entry_id)
    if entry is None:
        raise RecordNotFound(field="entry_id")
    if entry.deleted_at is None:
        raise EntryNotRemoved(name=_name_of(entry))
    _require_place(uow, command.level, entry)
    put_back(uow, entry, reason=require_reason(uow, command.reason))
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


def _require_place(uow: UnitOfWork, level: str, entry: Any) -> None:
    """What it stood below is there, and nothing took its name meanwhile."""
    model, same_place = type(entry), []
    if level in _ABOVE:
        above, column = _ABOVE[level]
        parent = uow.session.get(above, getattr(entry, column))
        if parent is None or parent.deleted_at is not None:
            raise EntryAboveRemoved(name=_name_of(entry))
        same_place = [getattr(model, column) == getattr(entry, column)]
    name = "year" if level == "model_year" else "name_zh"
    if _count(uow, model, getattr(model, name) == getattr(entry, name), *same_place):
        raise NameTaken(name=_name_of(entry))


def _name_of(entry: Any) -> str:
    return str(entry.year) if isinstance(entry, ModelYear) else str(entry.name_zh)


def _count(uow: UnitOfWork, model: Any, *conditions: Any) -> int:
    """How many live rows meet these."""
    query = select(func.count()).select_from(model).where(model.deleted_at.is_(None), *conditions)
    return int(uow.session.execute(query).scalar_one())
