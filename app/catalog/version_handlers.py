"""What commands do with single values and with versions of the catalogue."""

from app.catalog.rules import specification_dictionary
from app.catalog.version_commands import (
    ReinstateVersion,
    ReturnToVersion,
    TakeBackOverrides,
    UndoVersion,
    WithdrawVersion,
)
from app.catalog.version_errors import (
    ChangedSinceVersion,
    NothingToTakeBack,
    VersionDayPassed,
    VersionInForce,
    VersionNotWithdrawn,
    VersionWithdrawnAlready,
)
from app.catalog.version_rules import (
    PARAMETER,
    REMOVED,
    Change,
    Delta,
    content_before,
    content_by,
    inverse,
    same,
)
from app.catalog.versions import (
    CONTENT,
    as_change,
    as_changes,
    change_by,
    change_entry,
    content_of,
    model_of,
    require_reason,
    undone_words,
    versions_of,
)
from app.kernel.clock import branch_date
from app.kernel.commands import requires
from app.kernel.errors import RecordNotFound, ValueNotAllowed
from app.kernel.labels import Listing
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from db.models.catalogue_versions import SpecificationVersion

_OVERRIDING = ("series", "model_year", "trim")


@requires(Permission.CATALOG_EDIT)
def take_back_overrides(command: TakeBackOverrides, uow: UnitOfWork) -> str:
    """Drop own values, so that the inherited ones count again; returns the id of the version."""
    if command.level not in _OVERRIDING:
        raise ValueNotAllowed(field="level", value=command.level)
    entry = uow.get(model_of(command.level), command.entry_id, field="entry_id")
    uow.check_revision(entry, command.expected_revision)
    own = content_of(entry)
    fields = frozenset(f"{PARAMETER}{code}" for code in command.codes) & frozenset(own)
    if not fields:
        raise NothingToTakeBack(field="codes")
    reason = require_reason(uow, command.reason)
    version = change_by(uow, entry, Delta({}, fields), reason=reason, effective_from=command.effective_from)
    uow.undo_with(UndoVersion(version_id=version.id))
    return version.id


@requires(Permission.CATALOG_EDIT)
def withdraw_version(command: WithdrawVersion, uow: UnitOfWork) -> str:
    """Take back a change that has not come into force; returns its id."""
    version = _version(uow, command.version_id)
    require_reason(uow, command.reason)
    return _withdrawn(uow, version)


@requires(Permission.CATALOG_EDIT)
def reinstate_version(command: ReinstateVersion, uow: UnitOfWork) -> str:
    """Let a withdrawn change come after all; returns its id."""
    version = _version(uow, command.version_id)
    reason = require_reason(uow, command.reason)
    if version.withdrawn_at is None:
        raise VersionNotWithdrawn()
    if version.effective_from <= branch_date(uow.now):
        raise VersionDayPassed(day=version.effective_from)
    version.withdrawn_at = None
    uow.undo_with(WithdrawVersion(version_id=version.id, reason=undone_words(reason)))
    return version.id


def _withdrawn(uow: UnitOfWork, version: SpecificationVersion) -> str:
    if version.withdrawn_at is not None:
        raise VersionWithdrawnAlready()
    if version.effective_from <= branch_date(uow.now):
        raise VersionInForce(day=version.effective_from)
    version.withdrawn_at = uow.now
    uow.undo_with(ReinstateVersion(version_id=version.id, reason=undone_words(uow.reason)))
    return version.id


@requires(Permission.CATALOG_EDIT)
def undo_version(command: UndoVersion, uow: UnitOfWork) -> str:
    """Take one change back by a further version; returns that version's id."""
    version = _version(uow, command.version_id)
    if version.effective_from > branch_date(uow.now):
        uow.reason = undone_words(version.reason)
        return _withdrawn(uow, version)
    entry = uow.get(model_of(version.subject_kind), version.subject_id)
    change = as_change(version)
    if REMOVED in change.delta.set:
        raise RecordNotFound()
    present = content_of(entry)
    touched = _changed_since(change, present)
    if touched:
        raise ChangedSinceVersion(fields=Listing(_named(field) for field in touched))
    before = content_before(as_changes(versions_of(uow.session, [entry.id])[entry.id]), change)
    uow.reason = undone_words(version.reason)
    back = change_by(uow, entry, inverse(change.delta, before), reason=uow.reason)
    uow.undo_with(UndoVersion(version_id=back.id))
    return back.id


@requires(Permission.CATALOG_EDIT)
def return_to_version(command: ReturnToVersion, uow: UnitOfWork) -> str:
    """Make an entry say again what it said by an earlier version; returns the id of the further version."""
    version = _version(uow, command.version_id)
    entry = uow.get(model_of(version.subject_kind), version.subject_id)
    content = content_by(as_changes(versions_of(uow.session, [entry.id])[entry.id]), as_change(version))
    content.pop(REMOVED, None)
    reason = require_reason(uow, command.reason)
    kept = {field: value for field, value in content_of(entry).items() if field in CONTENT[version.subject_kind]}
    further = change_entry(uow, entry, {**kept, **content}, reason=reason, effective_from=command.effective_from)
    if further is None:
        return ""
    uow.undo_with(UndoVersion(version_id=further.id))
    return further.id


def _version(uow: UnitOfWork, version_id: str) -> SpecificationVersion:
    return uow.get(SpecificationVersion, version_id, field="version_id")


def _changed_since(change: Change, present: dict[str, object]) -> list[str]:
    """The fields of a change that are no longer as it left them."""
    moved = [f for f, value in change.delta.set.items() if f not in present or not same(present[f], value)]
    return moved + sorted(change.delta.drop & frozenset(present))


def _named(field: str) -> object:
    parameter = specification_dictionary().parameters.get(field.removeprefix(PARAMETER))
    return parameter.name if parameter is not None else field
