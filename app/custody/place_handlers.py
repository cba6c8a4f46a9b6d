"""What commands do about the register of places."""

from dataclasses import replace

from sqlalchemy import func, or_, select

from app.custody.commands import AddPlace, ChangePlace, RegisterPlacesInUse
from app.custody.errors import CapacityOutOfRange, PlaceCodeUnusable, PlaceExists, PlaceOccupied
from app.inventory.places import SEPARATOR, PlaceKind, place_id, zone_of
from app.inventory.rules import StockState
from app.kernel.commands import requires
from app.kernel.errors import limited_text, require_text
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from db.models.custody import StockPlace
from db.models.inventory import VehicleUnit

CODE_LIMIT = 12
MOST_UNITS = 5_000
_SHOWROOMS = ("展厅", "SHOWROOM")


@requires(Permission.INVENTORY_EDIT)
def add_place(command: AddPlace, uow: UnitOfWork) -> str:
    """Enter a place; returns its id."""
    code = _checked_code(command.code)
    row_id = place_id(uow.actor.branch_id, code)
    known = uow.session.get(StockPlace, row_id)
    if known is not None and known.active:
        raise PlaceExists(field="code", code=code)
    place = known or uow.add(StockPlace(id=row_id, branch_id=uow.actor.branch_id, code=code))
    _set(place, command)
    place.active = True
    uow.session.flush()
    uow.undo_with(
        ChangePlace(
            place_id=place.id, expected_revision=place.revision, name_zh=place.name_zh, name_en=place.name_en,
            kind=PlaceKind(place.kind), capacity=place.capacity, active=False,
        )
    )  # fmt: skip
    return place.id


@requires(Permission.INVENTORY_EDIT)
def change_place(command: ChangePlace, uow: UnitOfWork) -> str:
    """Change a place; returns its id."""
    place = uow.get(StockPlace, command.place_id, field="place_id")
    uow.check_revision(place, command.expected_revision)
    if place.active and not command.active:
        standing = _units_at(uow, place)
        if standing:
            raise PlaceOccupied(field="active", count=standing)
    before = ChangePlace(
        place_id=place.id, expected_revision=place.revision, name_zh=place.name_zh, name_en=place.name_en,
        kind=PlaceKind(place.kind), capacity=place.capacity, active=place.active,
    )  # fmt: skip
    _set(place, command)
    place.active = command.active
    uow.session.flush()
    uow.undo_with(replace(before, expected_revision=place.revision))
    return place.id


@requires(Permission.INVENTORY_EDIT)
def register_places_in_use(command: RegisterPlacesInUse, uow: UnitOfWork) -> int:
    """Make places of what is written so far; returns how many are new."""
    query = select(VehicleUnit.location).where(
        VehicleUnit.branch_id == uow.actor.branch_id,
        VehicleUnit.stock_state.in_((StockState.IN_STOCK.value, StockState.LENT.value)),
        VehicleUnit.location != "",
        VehicleUnit.deleted_at.is_(None),
    )
    zones = {zone_of(location) for location in uow.session.scalars(query.distinct())}
    made = 0
    for zone in sorted(zone for zone in zones if 1 <= len(zone) <= CODE_LIMIT):
        row_id = place_id(uow.actor.branch_id, zone)
        if uow.session.get(StockPlace, row_id) is not None:
            continue
        kind = PlaceKind.SHOWROOM if zone.upper().startswith(_SHOWROOMS) else PlaceKind.YARD
        uow.add(
            StockPlace(
                id=row_id, branch_id=uow.actor.branch_id, code=zone, name_zh=zone, name_en="", kind=kind.value,
                capacity=0, active=True,
            )
        )  # fmt: skip
        made += 1
    uow.record("PlacesRegistered")
    return made


def _checked_code(text: str) -> str:
    code = text.strip()
    if not 1 <= len(code) <= CODE_LIMIT or SEPARATOR in code:
        raise PlaceCodeUnusable(field="code")
    return code.upper()


def _set(place: StockPlace, command: AddPlace | ChangePlace) -> None:
    if not 0 <= command.capacity <= MOST_UNITS:
        raise CapacityOutOfRange(field="capacity")
    place.name_zh = require_text(command.name_zh, field="name_zh", limit=40)
    place.name_en = limited_text(command.name_en, field="name_en", limit=40)
    place.kind, place.capacity = command.kind.value, command.capacity


def _units_at(uow: UnitOfWork, place: StockPlace) -> int:
    query = select(func.count()).where(
        VehicleUnit.branch_id == place.branch_id,
        VehicleUnit.stock_state.in_((StockState.IN_STOCK.value, StockState.LENT.value)),
        or_(
            VehicleUnit.location == place.code,
            VehicleUnit.location.startswith(place.code + SEPARATOR, autoescape=True),
        ),
        VehicleUnit.deleted_at.is_(None),
    )
    return uow.session.scalar(query) or 0
