"""Takes many specifications in, all or none, and takes an import back."""

from typing import Any

from sqlalchemy import func, select

from app.catalog.energies import Energy
from app.catalog.errors import PriceNegative, SeatsOutOfRange, YearOutOfRange
from app.catalog.import_commands import ImportSpecifications, Level, SpecificationRecord, UndoSpecificationImport
from app.catalog.import_errors import ImportChangedSince, ImportInUse, ImportUndoneAlready
from app.catalog.import_tree import (
    PARAMETER,
    CatalogueTree,
    SpecificationImport,
    content_of,
    model_of,
    own_parameters,
    value_from_wire,
)
from app.kernel.clock import branch_day
from app.kernel.commands import requires
from app.kernel.errors import RecordNotFound, limited_text
from app.kernel.ids import new_id
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from db.models.exchange import SpecificationImport as ImportRow
from db.models.exchange import SpecificationImportChange
from db.models.inventory import VehicleUnit

FIRST_YEAR = 1950
_PROGRESS_EVERY = 100
_CHILDREN = {"make": ("series", "make_id"), "series": ("model_year", "series_id"),
             "model_year": ("trim", "model_year_id")}  # fmt: skip


@requires(Permission.CATALOG_EDIT)
def import_specifications(command: ImportSpecifications, uow: UnitOfWork) -> SpecificationImport:
    """Take in many entries, all or none; returns what was added and changed."""
    source = limited_text(command.source, field="source", limit=120)
    uow.reason = limited_text(command.reason, field="reason", limit=400) or source
    tree = CatalogueTree(uow, source)
    for done, record in enumerate(command.records):
        if command.progress is not None and done % _PROGRESS_EVERY == 0:
            command.progress(f"{record.make_zh} {record.series_zh}", done / len(command.records))
        tree.take_in(record, _checked(record, latest=uow.now.year + 2))
    if command.progress is not None:
        command.progress("", 1.0)
    result = tree.result()
    if not tree.changes:
        return result
    import_id = _remember(uow, tree, source=source)
    uow.undo_with(UndoSpecificationImport(import_id=import_id))
    uow.record("SpecificationsImported")
    return SpecificationImport(
        result.makes, result.series, result.model_years, result.trims_added, result.trims_changed, import_id
    )


def _checked(record: SpecificationRecord, *, latest: int) -> dict[str, Any]:
    """The column values a record gives for its trim; raises YearOutOfRange, SeatsOutOfRange or PriceNegative."""
    if record.level in (Level.MODEL_YEAR, Level.TRIM) and not FIRST_YEAR <= (record.year or 0) <= latest:
        raise YearOutOfRange(field="year", year=record.year or 0, lowest=FIRST_YEAR, highest=latest)
    if record.level is not Level.TRIM:
        return {}
    if record.seats is not None and not 1 <= record.seats <= 60:
        raise SeatsOutOfRange(field="seats", seats=record.seats)
    if record.guide_price is not None and record.guide_price < 0:
        raise PriceNegative(field="guide_price")
    given = {
        "energy": None if record.energy is None else Energy(record.energy).value, "seats": record.seats,
        "guide_price": record.guide_price, "in_tax_directory": record.in_tax_directory,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value is not None}


def _remember(uow: UnitOfWork, tree: CatalogueTree, *, source: str) -> str:
    """Keep at this desk what it takes to go back."""
    import_id = new_id()
    added = sum(change.before is None and change.table == "trim" for change in tree.changes)
    changed = sum(change.before is not None for change in tree.changes)
    uow.session.add(
        ImportRow(id=import_id, source=source, taken_at=uow.now, staff_id=uow.actor.staff_id, added=added,
                  changed=changed)
    )  # fmt: skip
    uow.session.add_all(
        SpecificationImportChange(
            import_id=import_id, n=number, table_name=change.table, record_id=change.record_id, before=change.before,
            after=change.after,
        )
        for number, change in enumerate(tree.changes)
    )  # fmt: skip
    return import_id


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
    rows = _rows_as_left(uow, changes)
    _refuse_trims_in_use(uow, [rows[c.record_id] for c in changes if c.table_name == "trim" and c.before is None])
    for done, change in enumerate(changes):
        if command.progress is not None and done % _PROGRESS_EVERY == 0:
            command.progress("", done / len(changes))
        _go_back(uow, rows[change.record_id], change)
    taken.undone_at, taken.undone_by_staff_id = uow.now, uow.actor.staff_id
    uow.reason = taken.source
    uow.record("SpecificationImportUndone")
    return taken.id


def _rows_as_left(uow: UnitOfWork, changes: list[SpecificationImportChange]) -> dict[str, Any]:
    """The rows by id; raises ImportChangedSince where one is not as the import left it."""
    ids: dict[str, set[str]] = {}
    for change in changes:
        ids.setdefault(change.table_name, set()).add(change.record_id)
    rows: dict[str, Any] = {}
    for table, wanted in ids.items():
        model = model_of(table)
        found = uow.session.execute(select(model).where(model.deleted_at.is_(None))).scalars()
        rows.update((row.id, row) for row in found if row.id in wanted)
    latest: dict[str, dict[str, Any]] = {}
    for change in reversed(changes):
        latest.setdefault(change.record_id, {}).update(change.after)
    names = {change.record_id: change.after.get("name_zh", "") for change in changes}
    added = {change.record_id for change in changes if change.before is None and change.table_name == "trim"}
    touched = [i for i, after in latest.items() if not _is_as_left(rows.get(i), after, whole=i in added)]
    if touched:
        first = rows.get(touched[0])
        raise ImportChangedSince(n=len(touched), name=getattr(first, "name_zh", "") or names[touched[0]] or "–")
    return rows


def _is_as_left(row: Any, after: dict[str, Any], *, whole: bool) -> bool:
    if row is None:
        return False
    present = content_of(row)
    if whole:
        return present == after
    return all(name in present and present[name] == value for name, value in after.items())


def _refuse_trims_in_use(uow: UnitOfWork, trims: list[Any]) -> None:
    used = set(
        uow.session.execute(
            select(VehicleUnit.trim_id).where(VehicleUnit.deleted_at.is_(None)).distinct()
        ).scalars()
    )  # fmt: skip
    kept = [trim for trim in trims if trim.id in used]
    if kept:
        raise ImportInUse(n=len(kept), name=kept[0].name_zh)


def _go_back(uow: UnitOfWork, row: Any, change: SpecificationImportChange) -> None:
    """Take one change back; an added level stays while somebody else has put something below it."""
    if change.before is None:
        if not _has_children(uow, row):
            row.deleted_at = uow.now
        return
    columns = row.__table__.columns
    parameters = own_parameters(row)
    for name in change.after:
        if name.startswith(PARAMETER):
            code = name.removeprefix(PARAMETER)
            parameters.pop(code, None)
            if name in change.before:
                parameters[code] = change.before[name]
        else:
            setattr(row, name, value_from_wire(columns[name].type, change.before[name]))
    if parameters != own_parameters(row):
        row.parameters = parameters


def _has_children(uow: UnitOfWork, row: Any) -> bool:
    below = _CHILDREN.get(row.__tablename__)
    if below is None:
        return False
    uow.session.flush()
    child = model_of(below[0])
    query = select(func.count()).select_from(child).where(
        getattr(child, below[1]) == row.id, child.deleted_at.is_(None)
    )  # fmt: skip
    return bool(uow.session.execute(query).scalar_one())

