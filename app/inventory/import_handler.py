"""Writes the checked rows of a file, all of them or none."""

from dataclasses import dataclass

from app.inventory.commands import ImportUnits
from app.inventory.errors import ImportHasErrors, NothingToImport
from app.inventory.import_units import PreparedUnit, UnitImport, problems_with_stock
from app.kernel.commands import requires
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.runtime.language import tr
from db.models.inventory import VehicleUnit

_CHUNK = 250


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The units taken in, in the order of the file, and how many rows were left out."""

    unit_ids: tuple[str, ...]
    left_out: int


@requires(Permission.INVENTORY_IMPORT)
def import_units(command: ImportUnits, uow: UnitOfWork) -> ImportResult:
    """Take in the checked rows; the stock is compared once more, since it may have changed meanwhile."""
    checked: UnitImport = command.prepared
    if checked.refused and not command.skip_bad_rows:
        raise ImportHasErrors(rows=checked.refused, problems=checked.problems)
    if not checked.prepared:
        raise NothingToImport()
    stale = problems_with_stock(uow.session, checked.prepared, lambda target: target.label)
    if stale:
        raise ImportHasErrors(rows=len({problem.line for problem in stale}), problems=tuple(stale))
    ids: list[str] = []
    total = len(checked.prepared)
    for start in range(0, total, _CHUNK):
        if command.progress is not None:
            command.progress(tr("{n} of {total} units", n=start, total=total), 0.9 * start / total)
        ids += [uow.add(_unit(uow, prepared)).id for prepared in checked.prepared[start : start + _CHUNK]]
        uow.session.flush()
    if command.progress is not None:
        command.progress(tr("Saving"), 0.9)
    uow.reason = checked.name
    uow.record("UnitsImported")
    return ImportResult(tuple(ids), checked.refused)


def _unit(uow: UnitOfWork, row: PreparedUnit) -> VehicleUnit:
    return VehicleUnit(
        branch_id=uow.actor.branch_id,
        trim_id=row.trim.trim_id,
        make_id=row.trim.make_id,
        series_id=row.trim.series_id,
        energy=row.trim.energy,
        vin=row.vin,
        stock_number=row.stock_number or uow.next_number("ST"),
        engine_number=row.engine_number,
        exterior_colour=row.exterior_colour,
        interior_colour=row.interior_colour,
        location=row.location,
        cost=row.cost,
        list_price=row.list_price,
        floor_price=row.floor_price,
        manufactured_on=row.manufactured_on,
        arrived_on=row.arrived_on,
        odometer_km=row.odometer_km,
        stock_state=row.stock_state.value,
    )
