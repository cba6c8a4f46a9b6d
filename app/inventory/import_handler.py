"""Writes the checked rows of a file, all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from app.inventory.commands import ImportUnits
from app.inventory.errors import ImportHasErrors, NothingToImport
from app.inventory.import_units import PreparedUnit, UnitImport, problems_with_stock
from app.inventory.places import registered_places, resolved
from app.inventory.rules import StockState
from app.inventory.waiting import offer_list
from app.kernel.commands import requires
from app.kernel.money import to_fen
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.runtime.language import tr
from db.models.inventory import VehicleUnit


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
    rows = _rows(uow, checked.prepared)

    def told(done: int) -> None:
        if command.progress is not None:
            command.progress(tr("{n} of {total} units", n=done, total=len(rows)), 0.9 * done / len(rows))

    ids = uow.add_many(VehicleUnit, rows, progress=told)
    if command.progress is not None:
        command.progress(tr("Saving"), 0.9)
    here = {StockState.IN_STOCK.value, StockState.IN_TRANSIT.value}
    offer_list(
        uow,
        (
            (unit_id, row["trim_id"], row["exterior_colour"])
            for unit_id, row in zip(ids, rows, strict=True)
            if row["stock_state"] in here
        ),
    )
    uow.reason = checked.name
    uow.record("UnitsImported")
    return ImportResult(tuple(ids), checked.refused)


def _rows(uow: UnitOfWork, units: Sequence[PreparedUnit]) -> list[dict[str, Any]]:
    """The units as they travel; those without a stock number get the desk's next ones."""
    numbers = iter(uow.next_numbers("ST", sum(not unit.stock_number for unit in units)))
    branch_id = uow.actor.branch_id
    known = registered_places(uow.session, branch_id)
    place = lru_cache(maxsize=None)(lambda text: resolved(text, known)[0] if text else "")
    fen, day = lru_cache(maxsize=None)(to_fen), lru_cache(maxsize=None)(date.isoformat)
    return [
        {
            "branch_id": branch_id, "trim_id": unit.trim.trim_id, "make_id": unit.trim.make_id,
            "series_id": unit.trim.series_id, "energy": unit.trim.energy, "vin": unit.vin,
            "stock_number": unit.stock_number or next(numbers), "engine_number": unit.engine_number,
            "exterior_colour": unit.exterior_colour, "interior_colour": unit.interior_colour,
            "location": place(unit.location), "cost": fen(unit.cost), "list_price": fen(unit.list_price),
            "floor_price": fen(unit.floor_price), "arrived_on": day(unit.arrived_on),
            "manufactured_on": None if unit.manufactured_on is None else day(unit.manufactured_on),
            "odometer_km": unit.odometer_km, "stock_state": unit.stock_state.value,
        }
        for unit in units
    ]  # fmt: skip
