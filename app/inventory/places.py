"""Where units stand: registered places of the branch, and the history of moves.

A unit's place is kept as text, "A-12" or "S": the code of a registered place and perhaps a spot in it. So it stays
findable and importable as people write it; what names no registered place is kept as it was written.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.errors import limited_text
from app.kernel.ids import derived_id
from app.kernel.labels import Labelled
from app.kernel.unit_of_work import UnitOfWork
from app.runtime.language import tr_noop
from db.models.custody import StockPlace, UnitMove
from db.models.inventory import VehicleUnit

LOCATION_LIMIT = 60
SEPARATOR = "-"


class PlaceKind(Labelled):
    SHOWROOM = "SHOWROOM", tr_noop("Showroom")
    YARD = "YARD", tr_noop("Yard")
    WAREHOUSE = "WAREHOUSE", tr_noop("Warehouse")
    WORKSHOP = "WORKSHOP", tr_noop("Workshop")
    DELIVERY = "DELIVERY", tr_noop("Delivery bay")


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """What a registered place is called."""

    id: str
    code: str
    name_zh: str
    name_en: str


def place_id(branch_id: str, code: str) -> str:
    """The id of the place with a code: the same at every desk."""
    return derived_id("stock_place", branch_id, code)


def zone_of(location: str) -> str:
    """The zone a place as text lies in: "A" of "A-12", the text itself without a spot."""
    return location.partition(SEPARATOR)[0].strip()


def resolved(location: str, places: Iterable[PlaceNames]) -> tuple[str, str | None]:
    """A place as it is kept, and the id of the registered place it lies in, None for one that is only text.

    A place may be written by its code or its name in either language, in any case, with a spot behind it.
    """
    wanted = location.casefold()
    for place in places:
        for name in (place.code, place.name_zh, place.name_en):
            known = name.casefold()
            if known and wanted == known:
                return place.code, place.id
            if known and wanted.startswith(known) and wanted[len(known) :].lstrip().startswith(SEPARATOR):
                spot = location[len(known) :].lstrip().removeprefix(SEPARATOR).strip()
                return (f"{place.code}{SEPARATOR}{spot}" if spot else place.code), place.id
    return location, None


def registered_places(session: Session, branch_id: str) -> list[PlaceNames]:
    """The places of a branch that are in use."""
    query = select(StockPlace.id, StockPlace.code, StockPlace.name_zh, StockPlace.name_en).where(
        StockPlace.branch_id == branch_id, StockPlace.active.is_(True), StockPlace.deleted_at.is_(None)
    )
    return [PlaceNames(*row) for row in session.execute(query.order_by(StockPlace.code))]


def written_place(uow: UnitOfWork, location: str, *, branch_id: str) -> str:
    """A place as it is kept for a unit that is taken in; raises ValueTooLong (field `location`)."""
    text = limited_text(location, field="location", limit=LOCATION_LIMIT)
    return resolved(text, registered_places(uow.session, branch_id))[0] if text else ""


def put_at(uow: UnitOfWork, unit: VehicleUnit, location: str, *, note: str = "") -> str:
    """Write down that a unit stands somewhere else now, with a line in the history of its moves.

    Returns the place as it is kept; raises ValueTooLong (fields `location` and `note`).
    """
    text = limited_text(location, field="location", limit=LOCATION_LIMIT)
    place, registered = resolved(text, registered_places(uow.session, unit.branch_id)) if text else ("", None)
    if place == unit.location:
        return place
    uow.add(
        UnitMove(
            branch_id=unit.branch_id,
            unit_id=unit.id,
            from_location=unit.location,
            to_location=place,
            place_id=registered,
            note=limited_text(note, field="note", limit=200),
            moved_at=uow.now,
            moved_by_staff_id=uow.actor.staff_id,
        )
    )
    unit.location = place
    return place
