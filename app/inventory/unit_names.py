"""What one unit is called where a whole row would be too much, such as in a task."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.labels import UNNAMED, Bilingual
from db.lists import listed
from db.models.catalog import Make, ModelYear, Series, Trim
from db.models.inventory import VehicleUnit


def trim_names(session: Session, trim_ids: Collection[str]) -> dict[str, Bilingual]:
    """Make, series, year and trim by the trim's id; what has not arrived here yet is left out."""
    if not trim_ids:
        return {}
    query = (
        select(
            Trim.id, ModelYear.year, Make.name_zh, Make.name_en, Series.name_zh, Series.name_en, Trim.name_zh,
            Trim.name_en,
        )
        .join(ModelYear, ModelYear.id == Trim.model_year_id)
        .join(Series, Series.id == ModelYear.series_id)
        .join(Make, Make.id == Series.make_id)
        .where(Trim.id.in_(listed(sorted(trim_ids))))
    )  # fmt: skip
    return {
        trim_id: Bilingual(
            f"{make} {series} {year}款 {trim}", f"{make_en or make} {series_en or series} {year} {trim_en or trim}"
        )
        for trim_id, year, make, make_en, series, series_en, trim, trim_en in session.execute(query)
    }


def unit_name(session: Session, unit: VehicleUnit) -> Bilingual:
    """Make, series, year and trim with the stock number."""
    trim = trim_names(session, {unit.trim_id}).get(unit.trim_id, UNNAMED)
    number = unit.stock_number or unit.vin
    return Bilingual(f"{trim.zh} {number}".strip(), f"{trim.en} {number}".strip())
