"""What commands do to the units in stock; the axes' own commands stand in `state_handlers`."""

from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.inventory.allocation import standing_of
from app.inventory.commands import AddUnit, ChangePrices, ChangeUnit, FittedOption, MoveUnit, RemoveUnit
from app.inventory.errors import UnitInUse, UnitSoldUnchangeable, VehicleLeft
from app.inventory.import_handler import import_units
from app.inventory.places import put_at, written_place
from app.inventory.price_history import note_prices
from app.inventory.queue_handlers import (
    join_queue,
    leave_queue,
    move_in_queue,
    offer_wanted,
    rejoin_queue,
    restore_queue_place,
    tend_holds,
)
from app.inventory.rules import AllocationState, StockState, effective_allocation
from app.inventory.state_handlers import (
    extend_hold,
    hand_over_unit,
    hold_unit,
    mark_arrived,
    release_unit,
    restore_state,
    set_quality,
    set_stock,
    take_back_unit,
)
from app.inventory.unit_checks import (
    check_days,
    check_prices,
    checked_odometer,
    checked_stock_number,
    checked_vin,
    require_new_vin,
    stored_options,
)
from app.inventory.waiting import offer_arrivals
from app.kernel.commands import requires
from app.kernel.errors import ReasonRequired, limited_text, require_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.periods.guard import require_open
from db.models.catalog import ModelYear, Series, Trim
from db.models.inventory import VehicleUnit
from db.models.quotations import Quotation
from db.models.staff import Branch

__all__ = [
    "add_unit",
    "change_prices",
    "change_unit",
    "extend_hold",
    "hand_over_unit",
    "hold_unit",
    "import_units",
    "join_queue",
    "leave_queue",
    "mark_arrived",
    "move_in_queue",
    "move_unit",
    "offer_wanted",
    "rejoin_queue",
    "release_unit",
    "remove_unit",
    "restore_queue_place",
    "restore_state",
    "set_quality",
    "set_stock",
    "take_back_unit",
    "tend_holds",
]

_SOLD = (AllocationState.ALLOCATED, AllocationState.DELIVERED)


@requires(Permission.INVENTORY_EDIT)
def add_unit(command: AddUnit, uow: UnitOfWork) -> str:
    """Take a unit into the books; returns its id."""
    vin = checked_vin(command.vin, acknowledged=command.vin_warning_acknowledged)
    require_new_vin(uow, vin)
    check_prices(list_price=command.list_price, floor_price=command.floor_price, cost=command.cost)
    check_days(
        arrived_on=command.arrived_on, manufactured_on=command.manufactured_on, in_transit=command.in_transit,
        now=uow.now,
    )  # fmt: skip
    branch_id = command.branch_id or uow.actor.branch_id
    if not command.in_transit:
        require_open(uow, command.arrived_on, field="arrived_on", branch_id=branch_id)
    if command.branch_id is not None:
        uow.get(Branch, command.branch_id, field="branch_id")
    unit = VehicleUnit(
        branch_id=branch_id,
        vin=vin,
        stock_number=checked_stock_number(uow, command.stock_number),
        cost=command.cost,
        stock_state=(StockState.IN_TRANSIT if command.in_transit else StockState.IN_STOCK).value,
    )
    _set_trim(uow, unit, command.trim_id)
    _set_common(unit, command)
    unit.location = written_place(uow, command.location, branch_id=branch_id)
    uow.add(unit)
    uow.record("UnitAdded")
    offer_arrivals(uow, (unit,))
    uow.session.flush()
    uow.undo_with(RemoveUnit(unit_id=unit.id, expected_revision=unit.revision, reason="Undo"))
    return unit.id


@requires(Permission.INVENTORY_EDIT)
def change_unit(command: ChangeUnit, uow: UnitOfWork) -> str:
    """Set every editable field of a unit; returns its id."""
    unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
    uow.check_revision(unit, command.expected_revision)
    vin = checked_vin(command.vin, acknowledged=command.vin_warning_acknowledged or command.vin == unit.vin)
    if AllocationState(unit.allocation_state) in _SOLD and (vin != unit.vin or command.trim_id != unit.trim_id):
        raise UnitSoldUnchangeable(field="vin" if vin != unit.vin else "trim_id")
    require_new_vin(uow, vin, except_id=unit.id)
    if command.cost is not None:
        uow.require(Permission.INVENTORY_VIEW_COST)
    check_prices(list_price=command.list_price, floor_price=command.floor_price, cost=command.cost)
    check_days(
        arrived_on=command.arrived_on, manufactured_on=command.manufactured_on,
        in_transit=unit.stock_state == StockState.IN_TRANSIT, now=uow.now,
    )  # fmt: skip
    if unit.stock_state != StockState.IN_TRANSIT and command.arrived_on != unit.arrived_on:
        for day in (unit.arrived_on, command.arrived_on):
            require_open(uow, day, field="arrived_on", branch_id=unit.branch_id)
    before = _as_command_values(unit, with_cost=command.cost is not None)
    unit.vin = vin
    unit.stock_number = checked_stock_number(uow, command.stock_number or unit.stock_number, except_id=unit.id)
    if command.cost is not None:
        unit.cost = command.cost
    _set_trim(uow, unit, command.trim_id)
    _set_common(unit, command)
    put_at(uow, unit, command.location)
    uow.session.flush()
    uow.undo_with(
        ChangeUnit(unit_id=unit.id, expected_revision=unit.revision, vin_warning_acknowledged=True, **before)
    )
    return unit.id


@requires(Permission.INVENTORY_EDIT)
def remove_unit(command: RemoveUnit, uow: UnitOfWork) -> str:
    """Take a unit out of the books that was entered by mistake; returns its id."""
    unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
    uow.check_revision(unit, command.expected_revision)
    if not command.reason.strip():
        raise ReasonRequired(field="reason")
    quoted = select(Quotation.id).where(Quotation.vehicle_unit_id == unit.id, Quotation.deleted_at.is_(None)).limit(1)
    free = effective_allocation(standing_of(unit), uow.now) == AllocationState.FREE
    if not free or uow.session.execute(quoted).first() is not None:
        raise UnitInUse(field="unit_id")
    unit.deleted_at = uow.now
    uow.reason = command.reason.strip()
    uow.record("UnitRemoved")
    return unit.id


@requires(Permission.INVENTORY_EDIT)
def move_unit(command: MoveUnit, uow: UnitOfWork) -> str:
    """Put a unit at another place of the branch; returns its id."""
    unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
    if unit.stock_state == StockState.OUT:
        raise VehicleLeft(field="unit_id")
    before = unit.location
    put_at(uow, unit, command.location, note=command.note)
    if unit.location != before:
        uow.undo_with(MoveUnit(unit_id=unit.id, location=before))
    return unit.id


@requires(Permission.INVENTORY_EDIT)
def change_prices(command: ChangePrices, uow: UnitOfWork) -> str:
    """Set list and floor price; returns the unit's id."""
    unit = uow.get(VehicleUnit, command.unit_id, field="unit_id")
    uow.check_revision(unit, command.expected_revision)
    check_prices(list_price=command.list_price, floor_price=command.floor_price, cost=None)
    before = (unit.list_price, unit.floor_price)
    unit.list_price, unit.floor_price = command.list_price, command.floor_price
    note_prices(uow, unit, list_before=before[0], floor_before=before[1])
    uow.session.flush()
    uow.undo_with(
        ChangePrices(
            unit_id=unit.id, expected_revision=unit.revision, list_price=before[0], floor_price=before[1]
        )
    )
    return unit.id


def _set_trim(uow: UnitOfWork, unit: VehicleUnit, trim_id: str) -> None:
    """The trim, and what the unit repeats of it for its facets."""
    if unit.trim_id == trim_id:
        return
    trim = uow.get(Trim, trim_id, field="trim_id")
    series = uow.get(Series, uow.get(ModelYear, trim.model_year_id).series_id)
    unit.trim_id, unit.make_id, unit.series_id, unit.energy = trim.id, series.make_id, series.id, trim.energy


def _set_common(unit: VehicleUnit, command: AddUnit | ChangeUnit) -> None:
    unit.exterior_colour = require_text(command.exterior_colour, field="exterior_colour", limit=40)
    unit.interior_colour = limited_text(command.interior_colour, field="interior_colour", limit=40)
    unit.engine_number = limited_text(command.engine_number, field="engine_number", limit=40)
    unit.list_price, unit.floor_price = command.list_price, command.floor_price
    unit.arrived_on, unit.manufactured_on = command.arrived_on, command.manufactured_on
    unit.odometer_km = checked_odometer(command.odometer_km)
    unit.options = stored_options(command.options)


def _as_command_values(unit: VehicleUnit, *, with_cost: bool) -> dict[str, Any]:
    return {
        "trim_id": unit.trim_id, "vin": unit.vin, "stock_number": unit.stock_number,
        "engine_number": unit.engine_number, "exterior_colour": unit.exterior_colour,
        "interior_colour": unit.interior_colour, "location": unit.location, "list_price": unit.list_price,
        "floor_price": unit.floor_price, "cost": unit.cost if with_cost else None,
        "manufactured_on": unit.manufactured_on, "arrived_on": unit.arrived_on, "odometer_km": unit.odometer_km,
        "options": tuple(
            FittedOption(
                name_zh=option["name_zh"], name_en=option["name_en"], price=Decimal(option["price_fen"]).scaleb(-2)
            )
            for option in unit.options or ()
        ),
    }  # fmt: skip
