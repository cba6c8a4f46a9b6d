"""Takes many specifications in, all or none, and takes an import back."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import func, select

from app.catalog.import_commands import ImportSpecifications, UndoSpecificationImport
from app.catalog.import_errors import ImportChangedSince, ImportInUse, ImportUndoneAlready
from app.catalog.import_preview import trim_columns
from app.catalog.import_tree import CatalogueTree, NodeChange, SpecificationImport, uppermost_first
from app.catalog.version_rules import Delta, inverse, same
from app.catalog.versions import (
    Edit,
    change_by,
    content_of,
    effective_day,
    model_of,
    put_content,
    record_versions,
    take_out,
)
from app.kernel.clock import branch_date, branch_day
from app.kernel.commands import requires
from app.kernel.errors import RecordNotFound, limited_text
from app.kernel.ids import new_id
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.runtime.language import tr
from db.models.catalogue_versions import SpecificationVersion
from db.models.exchange import SpecificationImport as ImportRow
from db.models.exchange import SpecificationImportChange
from db.models.inventory import VehicleUnit

_PROGRESS_EVERY = 100
_PORTION = 250
Tell = Callable[[str, float], None]
_CHILDREN = {"make": ("series", "make_id"), "series": ("model_year", "series_id"),
             "model_year": ("trim", "model_year_id")}  # fmt: skip


@requires(Permission.CATALOG_EDIT)
def import_specifications(command: ImportSpecifications, uow: UnitOfWork) -> SpecificationImport:
    """Take in many entries, all or none; returns what was added and changed."""
    source = limited_text(command.source, field="source", limit=120)
    reason = limited_text(command.reason, field="reason", limit=400) or source
    effective = effective_day(uow, command.effective_from)
    tree = CatalogueTree(uow.session, source)
    with uow.session.no_autoflush:
        for done, number in enumerate(uppermost_first(command.records)):
            record = command.records[number]
            if command.progress is not None and done % _PROGRESS_EVERY == 0:
                command.progress(f"{record.make_zh} {record.series_zh}", 0.3 * done / len(command.records))
            tree.take_in(record, trim_columns(record, latest=uow.now.year + 2))
    tell = command.progress or _nobody
    tell("", 0.3)
    result = tree.result()
    if not tree.changes:
        return result
    uow.reason = reason
    uow.travel_in_portions()  # what is above comes first, so that each portion makes sense after those before it
    versions = _write(uow, tree.changes, reason=reason, effective_from=effective, tell=tell)
    import_id = _remember(uow, tree.changes, versions, source=source, tell=tell)
    uow.undo_with(UndoSpecificationImport(import_id=import_id))
    uow.record("SpecificationsImported")
    tell(tr("Saving"), 1.0)
    return SpecificationImport(
        result.makes, result.series, result.model_years, result.trims_added, result.trims_changed, import_id
    )


def _nobody(_message: str, _fraction: float) -> None:
    """Nobody is told."""


def _write(
    uow: UnitOfWork, changes: list[NodeChange], *, reason: str, effective_from: Any, tell: Tell
) -> list[str]:
    """Add what is new today, change the rest from its day on; returns the ids of the versions.

    Written by portions, so that it can be cancelled on the way.
    """
    ahead = effective_from > branch_date(uow.now)
    new = [change for change in changes if change.before is None]
    others = [change for change in changes if change.before is not None]
    for change in others:
        if change.before is not None and not ahead:
            put_content(change.node, change.delta.over(change.before))
    written: dict[int, str] = {}
    for part, day in ((new, None), (others, effective_from)):
        for start in range(0, len(part), _PORTION):
            portion = part[start : start + _PORTION]
            if part is new:
                for change in portion:
                    uow.add(change.node)
            edits = [Edit(change.node, change.before, change.delta) for change in portion]
            versions = record_versions(uow, edits, reason=reason, effective_from=day)
            written.update((id(change), version.id) for change, version in zip(portion, versions, strict=True))
            uow.session.flush()
            tell("", 0.3 + 0.5 * len(written) / len(changes))
    return [written[id(change)] for change in changes]


def _remember(
    uow: UnitOfWork, changes: list[NodeChange], versions: list[str], *, source: str, tell: Tell
) -> str:
    """Keep at this desk what it takes to go back."""
    import_id = new_id()
    added = sum(change.before is None and change.node.__tablename__ == "trim" for change in changes)
    changed = sum(change.before is not None for change in changes)
    uow.session.add(
        ImportRow(id=import_id, source=source, taken_at=uow.now, staff_id=uow.actor.staff_id, added=added,
                  changed=changed)
    )  # fmt: skip
    for number, (change, version) in enumerate(zip(changes, versions, strict=True), start=1):
        uow.session.add(
            SpecificationImportChange(
                import_id=import_id, n=number - 1, table_name=change.node.__tablename__, record_id=change.node.id,
                version_id=version, before=_touched(change), after=dict(change.delta.set),
            )
        )  # fmt: skip
        if number % _PORTION == 0:
            uow.session.flush()
            tell("", 0.8 + 0.2 * number / len(changes))
    return import_id


def _touched(change: NodeChange) -> dict[str, Any] | None:
    before = change.before
    return None if before is None else {name: before[name] for name in change.delta.fields if name in before}


@requires(Permission.CATALOG_EDIT)
def undo_specification_import(command: UndoSpecificationImport, uow: UnitOfWork) -> str:
    """Take an import back as a whole; returns its id."""
    taken = uow.session.get(ImportRow, command.import_id)
    if taken is None:
        raise RecordNotFound()
    if taken.undone_at is not None:
        raise ImportUndoneAlready(at=branch_day(taken.undone_at))
    changes = list(
        uow.session.execute(
            select(SpecificationImportChange)
            .where(SpecificationImportChange.import_id == taken.id)
            .order_by(SpecificationImportChange.n.desc())
        ).scalars()
    )
    waiting = _waiting_versions(uow, changes)
    rows = _rows_as_left(uow, [change for change in changes if change.version_id not in waiting])
    _refuse_trims_in_use(uow, [rows[c.record_id] for c in changes if c.table_name == "trim" and c.before is None])
    uow.reason = taken.source
    uow.travel_in_portions()
    for done, change in enumerate(changes):
        if command.progress is not None and done % _PROGRESS_EVERY == 0:
            command.progress("", done / len(changes))
        if change.version_id in waiting:
            waiting[change.version_id].withdrawn_at = uow.now
        else:
            _go_back(uow, rows[change.record_id], change, reason=taken.source)
    taken.undone_at, taken.undone_by_staff_id = uow.now, uow.actor.staff_id
    uow.record("SpecificationImportUndone")
    return taken.id


def _waiting_versions(uow: UnitOfWork, changes: list[SpecificationImportChange]) -> Mapping[str, SpecificationVersion]:
    """The versions that have not come into force: they are withdrawn, whatever else happened."""
    today, wanted = branch_date(uow.now), {change.version_id for change in changes}
    query = select(SpecificationVersion).where(
        SpecificationVersion.scheduled, SpecificationVersion.effective_from > today
    )
    return {version.id: version for version in uow.session.execute(query).scalars() if version.id in wanted}


def _rows_as_left(uow: UnitOfWork, changes: list[SpecificationImportChange]) -> dict[str, Any]:
    """The rows by id; raises ImportChangedSince where one is not as the import left it."""
    ids: dict[str, set[str]] = {}
    latest: dict[str, dict[str, Any]] = {}
    for change in reversed(changes):
        ids.setdefault(change.table_name, set()).add(change.record_id)
        latest.setdefault(change.record_id, {}).update(change.after)
    rows: dict[str, Any] = {}
    for table, wanted in ids.items():
        model = model_of(table)
        found = uow.session.execute(select(model).where(model.deleted_at.is_(None))).scalars()
        rows.update((row.id, row) for row in found if row.id in wanted)
    added = {change.record_id for change in changes if change.before is None and change.table_name == "trim"}
    touched = [one for one, after in latest.items() if not _is_as_left(rows.get(one), after, whole=one in added)]
    if touched:
        named = rows.get(touched[0])
        name = getattr(named, "name_zh", "") or latest[touched[0]].get("name_zh") or "–"
        raise ImportChangedSince(n=len(touched), name=name)
    return rows


def _is_as_left(row: Any, after: dict[str, Any], *, whole: bool) -> bool:
    if row is None:
        return False
    present = content_of(row)
    if whole and len(present) != len(after):
        return False
    return all(name in present and same(present[name], value) for name, value in after.items())


def _refuse_trims_in_use(uow: UnitOfWork, trims: list[Any]) -> None:
    query = select(VehicleUnit.trim_id).where(VehicleUnit.deleted_at.is_(None)).distinct()
    used = set(uow.session.execute(query).scalars())
    kept = [trim for trim in trims if trim.id in used]
    if kept:
        raise ImportInUse(n=len(kept), name=kept[0].name_zh)


def _go_back(uow: UnitOfWork, row: Any, change: SpecificationImportChange, *, reason: str) -> None:
    """Take one change back; an added level stays while somebody else has put something below it."""
    if change.before is None:
        if not _has_children(uow, row):
            take_out(uow, row, reason=reason)
        return
    back = inverse(Delta(change.after), change.before)
    change_by(uow, row, back, reason=reason)


def _has_children(uow: UnitOfWork, row: Any) -> bool:
    below = _CHILDREN.get(row.__tablename__)
    if below is None:
        return False
    uow.session.flush()
    child = model_of(below[0])
    query = (
        select(func.count())
        .select_from(child)
        .where(getattr(child, below[1]) == row.id, child.deleted_at.is_(None))
    )  # fmt: skip
    return bool(uow.session.execute(query).scalar_one())
