"""What a count may be about: the places of the branch, and vehicles named one by one or chosen on the stock page."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, or_, select

from app.catalog.vin import clean_vin, vin_in
from app.inventory.places import registered_places
from app.inventory.queries import UnitFilter, list_locations, list_units
from app.inventory.rules import StockState
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.stocktaking.rules import zone_of
from db.models.inventory import VehicleUnit

MOST_CHOSEN = 5_000
"""So many vehicles a selection holds; a larger count is one of places, or of the branch."""
_AT_ONCE = 400
_PAGE = 500
_BETWEEN = re.compile(r"[\n\r,;，；、\t]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CountPlace:
    """A place that can be counted and how many vehicles should stand there.

    `code` is what `StartCount.places` takes; it is empty for vehicles that stand at no place. `name` is empty for text
    in use that names no registered place.
    """

    code: str
    name: Bilingual
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Vehicles of a selection, and what was typed and names none that should stand in the house."""

    unit_ids: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def list_count_places(reader: Reader) -> tuple[CountPlace, ...]:
    """Registered places in the order of their codes, then texts in use, then what stands at no place."""
    reader.require(Permission.INVENTORY_VIEW)
    unit = VehicleUnit
    query = select(unit.location, func.count()).where(*_standing_here(reader)).group_by(unit.location)
    counts: dict[str, int] = {}
    written: dict[str, str] = {}
    for location, units in reader.session.execute(query):
        zone = zone_of(location)
        counts[zone] = counts.get(zone, 0) + units
        written.setdefault(zone, location.partition("-")[0].strip())
    nameless = Bilingual("", "")
    places = [
        CountPlace(
            code=place.code, name=Bilingual(place.name_zh, place.name_en), units=counts.pop(zone_of(place.code), 0)
        )
        for place in registered_places(reader.session, reader.actor.branch_id)
    ]  # fmt: skip
    others = sorted(counts.items(), key=lambda each: (not each[0], each[0]))
    return (*places, *(CountPlace(code=written[zone], name=nameless, units=units) for zone, units in others))


def place_names(reader: Reader) -> list[str]:
    """What a counter may say of where they stand: places by code and by name, known ones first."""
    places = list_count_places(reader)
    named = [name for place in places for name in (place.code, str(place.name))]
    return [name for name in dict.fromkeys(named) if name]


def spot_names(reader: Reader) -> list[str]:
    """Where a vehicle may stand: the places, then every spot in use."""
    return list(dict.fromkeys([*place_names(reader), *list_locations(reader, reader.actor.branch_id)]))


def find_chosen(reader: Reader, text: str) -> Chosen:
    """The vehicles a typed or pasted list names by VIN or stock number, one a line or between commas."""
    reader.require(Permission.INVENTORY_VIEW)
    pieces = [piece.strip() for piece in _BETWEEN.split(text) if piece.strip()][:MOST_CHOSEN]
    named = {piece: (vin_in(piece) or clean_vin(piece), piece.upper()) for piece in pieces}
    by_name: dict[str, str] = {}
    wanted = sorted({name for names in named.values() for name in names})
    unit = VehicleUnit
    for part in (wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE)):
        query = select(unit.id, unit.vin, unit.stock_number).where(
            *_standing_here(reader), or_(unit.vin.in_(part), unit.stock_number.in_(part))
        )
        for unit_id, vin, stock_number in reader.session.execute(query):
            by_name |= {vin: unit_id, stock_number: unit_id}
    found = [_unit_of(names, by_name) for names in named.values()]
    return Chosen(
        unit_ids=tuple(dict.fromkeys(unit_id for unit_id in found if unit_id)),
        left_out=tuple(piece for piece, unit_id in zip(named, found, strict=True) if not unit_id),
    )


def find_filtered(reader: Reader, filter: UnitFilter) -> Chosen:
    """The vehicles of this branch that fit a filter of the stock page and should stand in the house."""
    here = replace(filter, stock_states=(StockState.IN_STOCK,), branch_ids=(reader.actor.branch_id,))
    ids: list[str] = []
    after = None
    while len(ids) < MOST_CHOSEN:
        page = list_units(reader, filter=here, after=after, limit=_PAGE)
        ids += [row.id for row in page.rows]
        after = page.next_cursor
        if after is None:
            break
    return Chosen(unit_ids=tuple(ids[:MOST_CHOSEN]))


def _unit_of(names: Sequence[str], by_name: dict[str, str]) -> str:
    return next((by_name[name] for name in names if name in by_name), "")


def _standing_here(reader: Reader) -> tuple[ColumnElement[bool], ...]:
    unit = VehicleUnit
    return (
        unit.branch_id == reader.actor.branch_id, unit.stock_state == StockState.IN_STOCK.value,
        unit.deleted_at.is_(None),
    )  # fmt: skip
