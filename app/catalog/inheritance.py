"""What a trim is in full: make, series, model year and trim laid over each other."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.unit_of_work import Reader, UnitOfWork
from db.models.catalog import Make, ModelYear, Series, Trim

Parameters = Mapping[str, Any]
_AT_ONCE = 500
"""How many ids one statement names."""


def merged(*levels: Parameters | None) -> dict[str, Any]:
    """The values that hold where these levels are laid over each other, the uppermost first.

    A lower level overrides an upper one; null takes an inherited value away.
    """
    values: dict[str, Any] = {}
    for level in levels:
        values.update(level or {})
    return {code: value for code, value in values.items() if value is not None}


def parameters_of(session: Session, trim: Any) -> dict[str, Any]:
    """What holds for one trim."""
    year = session.get(ModelYear, trim.model_year_id)
    series = session.get(Series, year.series_id) if year is not None else None
    make = session.get(Make, series.make_id) if series is not None else None
    return merged(*(entry.parameters for entry in (make, series, year, trim) if entry is not None))


def effective_parameters(
    reader: Reader | UnitOfWork, trim_ids: Sequence[str] | None = None
) -> dict[str, dict[str, Any]]:
    """`{trim id: {code: stored value}}` of these trims, of every live one for None; unknown ids are left out."""
    query = (
        select(Trim.id, Make.parameters, Series.parameters, ModelYear.parameters, Trim.parameters)
        .join(ModelYear, ModelYear.id == Trim.model_year_id)
        .join(Series, Series.id == ModelYear.series_id)
        .join(Make, Make.id == Series.make_id)
    )
    if trim_ids is None:
        rows = reader.session.execute(query.where(Trim.deleted_at.is_(None))).all()
        return {row[0]: merged(*row[1:]) for row in rows}
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(trim_ids), _AT_ONCE):
        part = query.where(Trim.id.in_(trim_ids[start : start + _AT_ONCE]))
        found.update((row[0], merged(*row[1:])) for row in reader.session.execute(part))
    return found
