"""Which of many units are worth looking at: the database says so, so that a house of 100,000 is not read to find ten.

Every condition is at least as wide as the check of `app.anomalies.unit_rules` it stands for; the checks decide.
"""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Integer, String, and_, case, cast, false, func, or_, select, type_coerce

from app.anomalies.unit_rules import COST_ABOVE, FAR, NO_COLOUR, UnitFacts
from app.catalog.vin import YEAR_CODES, year_letters
from app.kernel.labels import Bilingual
from app.kernel.unit_of_work import Reader
from db.models.catalog import ModelYear, Series, Trim
from db.models.inventory import VehicleUnit

IN_THE_HOUSE = ("IN_STOCK", "IN_TRANSIT", "LENT")
_AT_ONCE = 500
_COLUMNS = (
    VehicleUnit.id, VehicleUnit.vin, ModelYear.year, VehicleUnit.energy, Trim.energy, Trim.guide_price,
    VehicleUnit.cost, VehicleUnit.list_price, VehicleUnit.floor_price, VehicleUnit.exterior_colour,
    VehicleUnit.engine_number, VehicleUnit.manufactured_on, VehicleUnit.arrived_on, VehicleUnit.stock_state,
    Series.name_zh, Series.name_en,
)  # fmt: skip


def units_to_look_at(
    reader: Reader, *, today: date, progress: Callable[[], object] | None = None
) -> Iterator[UnitFacts]:
    """The branch's units in the house that a check may say something of, the newest first; `progress` may raise."""
    years = reader.session.execute(select(ModelYear.year).distinct()).scalars()
    query = (
        select(*_COLUMNS)
        .join(Trim, Trim.id == VehicleUnit.trim_id)
        .join(ModelYear, ModelYear.id == Trim.model_year_id)
        .join(Series, Series.id == VehicleUnit.series_id)
        .where(
            VehicleUnit.branch_id == reader.actor.branch_id,
            VehicleUnit.stock_state.in_(IN_THE_HOUSE),
            VehicleUnit.allocation_state != "DELIVERED",
            VehicleUnit.deleted_at.is_(None),
            or_(_year_of_vin(set(years), today), _prices(), _words(), _dates()),
        )
        .order_by(VehicleUnit.id.desc())
    )
    for portion in reader.session.execute(query).partitions(_AT_ONCE):
        if progress is not None:
            progress()
        yield from (_facts(row) for row in portion)


def _year_of_vin(years: set[int], today: date) -> ColumnElement[bool]:
    """The letter for the year is none of those of the years around the trim's."""
    if not years:
        return false()
    around = {year: "".join(year_letters(range(year - 1, year + 2), today=today)) for year in years}
    letter = func.substr(VehicleUnit.vin, 10, 1)
    fits = func.instr(case(around, value=ModelYear.year, else_=""), letter)
    return and_(fits == 0, func.instr(YEAR_CODES, letter) > 0)


def _prices() -> ColumnElement[bool]:
    listed, guide, floor, cost = (
        type_coerce(column, Integer)
        for column in (VehicleUnit.list_price, Trim.guide_price, VehicleUnit.floor_price, VehicleUnit.cost)
    )
    far = func.abs(listed - guide) * 100 > guide * _percent(FAR)
    return and_(listed > 0, or_(and_(guide > 0, far), floor > listed, cost * 100 > listed * _percent(COST_ABOVE)))


def _percent(share: Decimal) -> int:
    return int(share * 100)


def _words() -> ColumnElement[bool]:
    colour = func.trim(VehicleUnit.exterior_colour)
    return or_(
        VehicleUnit.energy != Trim.energy,
        func.lower(colour).in_(sorted(NO_COLOUR)),
        and_(VehicleUnit.stock_state == "IN_STOCK", func.trim(VehicleUnit.engine_number) == ""),
    )


def _dates() -> ColumnElement[bool]:
    made = VehicleUnit.manufactured_on
    year = cast(func.substr(type_coerce(made, String), 1, 4), Integer)
    return or_(made > VehicleUnit.arrived_on, year > ModelYear.year + 2, year < ModelYear.year - 2)


def _facts(row: Any) -> UnitFacts:
    return UnitFacts(
        id=row[0], name=Bilingual(f"{row[14]} {row[1]}", f"{row[15] or row[14]} {row[1]}"), vin=row[1],
        model_year=row[2], energy=row[3], trim_energy=row[4], guide_price=row[5], cost=row[6] or Decimal(0),
        list_price=row[7], floor_price=row[8], exterior_colour=row[9], engine_number=row[10],
        manufactured_on=row[11], arrived_on=row[12], in_stock=row[13] == "IN_STOCK",
    )  # fmt: skip
