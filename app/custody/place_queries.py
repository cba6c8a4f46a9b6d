"""Reading the register of places: how full each is, and what stands on which spot."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from app.inventory.places import SEPARATOR, PlaceKind, zone_of
from app.inventory.rules import StockState
from app.inventory.unit_rows import UnitRow, rows_by_id
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.custody import StockPlace
from db.models.inventory import VehicleUnit

_IN_HOUSE = (StockState.IN_STOCK.value, StockState.LENT.value)
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRow:
    """A place and how many units stand there; `id` is empty for text that names no registered place."""

    id: str
    revision: int
    code: str
    name: Bilingual
    kind: PlaceKind | None
    capacity: int
    active: bool
    units: int

    @property
    def full(self) -> bool:
        """Whether it takes no more."""
        return 0 < self.capacity <= self.units


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A spot of a place with who stands there; several units share one where somebody wrote it twice."""

    name: str
    units: tuple[UnitRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceDetail:
    """A place with its spots in their order; `more` units are not shown."""

    row: PlaceRow
    spots: tuple[Spot, ...]
    more: int


def list_places(reader: Reader, *, closed: bool = False) -> tuple[PlaceRow, ...]:
    """The places of the branch with how full they are, then texts in use that name no registered place."""
    reader.require(Permission.INVENTORY_VIEW)
    counts = _units_by_zone(reader)
    query = select(StockPlace).where(
        StockPlace.branch_id == reader.actor.branch_id, StockPlace.deleted_at.is_(None)
    )
    if not closed:
        query = query.where(StockPlace.active.is_(True))
    rows = [
        PlaceRow(
            id=place.id,
            revision=place.revision,
            code=place.code,
            name=Bilingual(place.name_zh, place.name_en),
            kind=PlaceKind(place.kind),
            capacity=place.capacity,
            active=place.active,
            units=counts.pop(place.code, 0),
        )
        for place in reader.session.scalars(query.order_by(StockPlace.code))
    ]
    others = [
        PlaceRow(
            id="", revision=0, code=zone, name=Bilingual(zone, zone), kind=None, capacity=0, active=True, units=units
        )
        for zone, units in sorted(counts.items())
        if zone
    ]
    return (*rows, *others)


def get_place(reader: Reader, code: str) -> PlaceDetail | None:
    """What stands where in a place, registered or not; None for one that is neither registered nor in use."""
    found = next((row for row in list_places(reader, closed=True) if row.code == code), None)
    if found is None:
        return None
    query = select(VehicleUnit.id, VehicleUnit.location).where(
        *_in_house(reader),
        or_(
            VehicleUnit.location == code, VehicleUnit.location.startswith(code + SEPARATOR, autoescape=True)
        ),
    )  # fmt: skip
    where = {row[0]: row[1] for row in reader.session.execute(query.order_by(VehicleUnit.location).limit(MOST_SHOWN))}
    spots: dict[str, list[UnitRow]] = {}
    for row in rows_by_id(reader, list(where)):
        spots.setdefault(where[row.id].removeprefix(code).removeprefix(SEPARATOR), []).append(row)
    ordered = sorted(spots, key=_in_order)
    return PlaceDetail(
        row=found,
        spots=tuple(Spot(name=name, units=tuple(spots[name])) for name in ordered),
        more=max(0, found.units - len(where)),
    )


def place_choices(reader: Reader, branch_id: str) -> tuple[PlaceRow, ...]:
    """The registered places of a branch, to put a unit at."""
    reader.require(Permission.INVENTORY_VIEW)
    query = select(StockPlace).where(
        StockPlace.branch_id == branch_id, StockPlace.active.is_(True), StockPlace.deleted_at.is_(None)
    )
    return tuple(
        PlaceRow(
            id=place.id, revision=place.revision, code=place.code, name=Bilingual(place.name_zh, place.name_en),
            kind=PlaceKind(place.kind), capacity=place.capacity, active=True, units=0,
        )
        for place in reader.session.scalars(query.order_by(StockPlace.code))
    )  # fmt: skip


def _in_order(spot: str) -> tuple[int, int, str]:
    return (0, int(spot), "") if spot.isdigit() else (1, 0, spot)


def _in_house(reader: Reader) -> tuple[ColumnElement[bool], ...]:
    return (
        VehicleUnit.branch_id == reader.actor.branch_id,
        VehicleUnit.stock_state.in_(_IN_HOUSE),
        VehicleUnit.deleted_at.is_(None),
    )


def _units_by_zone(reader: Reader) -> dict[str, int]:
    query = select(VehicleUnit.location, func.count()).where(*_in_house(reader)).group_by(VehicleUnit.location)
    counts: dict[str, int] = {}
    for location, units in reader.session.execute(query):
        counts[zone_of(location)] = counts.get(zone_of(location), 0) + units
    return counts
