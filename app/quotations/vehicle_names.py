"""How a unit is called on screens and paper: make, series, year and trim, in both languages."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.labels import Bilingual
from db.models.catalog import Make, ModelYear, Series, Trim
from db.models.inventory import VehicleUnit

NAME_COLUMNS = (
    Make.name_zh, Make.name_en, Series.name_zh, Series.name_en, ModelYear.year, Trim.name_zh, Trim.name_en,
)  # fmt: skip
"""What `vehicle_name` takes, in this order."""


def join_names(query: Any) -> Any:
    """Join what a unit's name is made of to a query that has `VehicleUnit`; a unit without a trim stays."""
    return (
        query.outerjoin(Trim, Trim.id == VehicleUnit.trim_id)
        .outerjoin(ModelYear, ModelYear.id == Trim.model_year_id)
        .outerjoin(Series, Series.id == ModelYear.series_id)
        .outerjoin(Make, Make.id == Series.make_id)
    )


def vehicle_name(columns: Any) -> Bilingual:
    """The name from the values of `NAME_COLUMNS`; empty where the specification is not on this desk."""
    make_zh, make_en, series_zh, series_en, year, trim_zh, trim_en = columns
    if trim_zh is None:
        return Bilingual("", "")
    zh = (make_zh, series_zh, f"{year}款" if year else "", trim_zh)
    en = (make_en or make_zh, series_en or series_zh, str(year or ""), trim_en or trim_zh)
    return Bilingual(" ".join(part for part in zh if part), " ".join(part for part in en if part))


def name_of_unit(session: Session, unit_id: str) -> Bilingual:
    """The name of one unit."""
    query = join_names(select(*NAME_COLUMNS).select_from(VehicleUnit)).where(VehicleUnit.id == unit_id)
    row = session.execute(query).first()
    return Bilingual("", "") if row is None else vehicle_name(row)
