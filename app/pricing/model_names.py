"""The trims and series prices are set for: finding them by words, and what they are called."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.pricing.rules import PriceLevel
from db.lists import listed
from db.models.catalog import Make, ModelYear, Series, Trim


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A series or a trim to set prices for."""

    level: PriceLevel
    id: str
    name: Bilingual


def find_models(reader: Reader, text: str, *, limit: int = 20) -> tuple[ModelChoice, ...]:
    """Series and trims whose names hold all words of a text, series first."""
    reader.require(Permission.PRICING_VIEW)
    words = text.casefold().split()
    series = select(Series.id, Make.name_zh, Series.name_zh, Make.name_en, Series.name_en)
    series = series.join(Make, Make.id == Series.make_id).where(Series.deleted_at.is_(None))
    found = [
        ModelChoice(PriceLevel.SERIES, row[0], Bilingual(f"{row[1]} {row[2]}", f"{row[3]} {row[4]}"))
        for row in reader.session.execute(series.order_by(Make.name_en, Series.name_en))
    ]
    trims = trim_names(reader, list(reader.session.scalars(select(Trim.id).where(Trim.deleted_at.is_(None)))))
    found += [ModelChoice(PriceLevel.TRIM, trim_id, name) for trim_id, name in trims.items()]
    fitting = [one for one in found if all(word in f"{one.name.zh} {one.name.en}".casefold() for word in words)]
    return tuple(fitting[:limit])


def trim_names(reader: Reader, trim_ids: Sequence[str]) -> dict[str, Bilingual]:
    """Make, series, year and trim."""
    query = (
        select(
            Trim.id, Make.name_zh, Series.name_zh, ModelYear.year, Trim.name_zh, Make.name_en, Series.name_en,
            Trim.name_en,
        )
        .join(ModelYear, ModelYear.id == Trim.model_year_id)
        .join(Series, Series.id == ModelYear.series_id)
        .join(Make, Make.id == Series.make_id)
        .where(Trim.id.in_(listed(sorted(set(trim_ids)))))
    )  # fmt: skip
    return {
        row[0]: Bilingual(f"{row[1]} {row[2]} {row[3]}款 {row[4]}", f"{row[5]} {row[6]} {row[3]} {row[7]}")
        for row in reader.session.execute(query)
    }


def series_names(reader: Reader, series_ids: Sequence[str]) -> dict[str, Bilingual]:
    """Make and series."""
    query = (
        select(Series.id, Make.name_zh, Series.name_zh, Make.name_en, Series.name_en)
        .join(Make, Make.id == Series.make_id)
        .where(Series.id.in_(listed(list(series_ids))))
    )
    return {row[0]: Bilingual(f"{row[1]} {row[2]}", f"{row[3]} {row[4]}") for row in reader.session.execute(query)}
