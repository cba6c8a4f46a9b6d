"""What a trim is in full: make, series, model year and trim laid over each other."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Text, bindparam, select, type_coerce
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


def in_full(above: Parameters, own: Parameters) -> Parameters:
    """As `merged`, to be read only: the own values themselves where nothing is inherited or taken away, so that
    thousands of trims are not copied."""
    return merged(above, own) if above or None in own.values() else own


class Lineage(NamedTuple):
    """A trim and what stands above it, as far as it is known here."""

    trim: Trim
    model_year: ModelYear | None
    series: Series | None
    make: Make | None

    @property
    def parameters(self) -> dict[str, Any]:
        """What holds for the trim."""
        return merged(*(entry.parameters for entry in reversed(self) if entry is not None))

    @property
    def ids(self) -> dict[str, str]:
        """The entries by level."""
        return {level: entry.id for level, entry in self._asdict().items() if entry is not None}


_LINEAGE = (
    select(Trim, ModelYear, Series, Make)
    .outerjoin(ModelYear, ModelYear.id == Trim.model_year_id)
    .outerjoin(Series, Series.id == ModelYear.series_id)
    .outerjoin(Make, Make.id == Series.make_id)
    .where(Trim.id == bindparam("trim"))
)


def lineage_of(session: Session, trim_id: str) -> Lineage | None:
    """A trim with its model year, series and make, by one statement; None for an unknown trim."""
    row = session.execute(_LINEAGE, {"trim": trim_id}).first()
    return None if row is None else Lineage(*row)


def effective_parameters(
    reader: Reader | UnitOfWork, trim_ids: Sequence[str] | None = None
) -> dict[str, dict[str, Any]]:
    """`{trim id: {code: stored value}}` of these trims, of every live one for None; unknown ids are left out.

    What stands above the trims is read and laid over each other once for each model year, not for each trim.
    """
    query = select(Trim.id, Trim.model_year_id, _text(Trim.parameters))
    if trim_ids is None:
        return _laid_over(reader.session, reader.session.execute(query.where(Trim.deleted_at.is_(None))).all())
    found: dict[str, dict[str, Any]] = {}
    for part in _portions(trim_ids):
        found |= _laid_over(reader.session, reader.session.execute(query.where(Trim.id.in_(part))).all())
    return found


def _laid_over(session: Session, trims: Sequence[Any]) -> dict[str, dict[str, Any]]:
    inherited = _inherited(session, {year_id for _, year_id, _ in trims})
    found: dict[str, dict[str, Any]] = {}
    for trim_id, year_id, text in trims:
        if year_id not in inherited:
            continue
        values = {**inherited[year_id], **_parsed(text)}
        if None in values.values():
            values = merged(values)
        found[trim_id] = values
    return found


def _inherited(session: Session, year_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """What holds below each of these model years unless a trim says otherwise."""
    query = (
        select(
            ModelYear.id, _text(ModelYear.parameters).label("year"), Series.id,
            _text(Series.parameters).label("series"), _text(Make.parameters).label("make"),
        )
        .join(Series, Series.id == ModelYear.series_id)
        .join(Make, Make.id == Series.make_id)
    )  # fmt: skip
    above: dict[str, dict[str, Any]] = {}
    found: dict[str, dict[str, Any]] = {}
    for part in _portions(sorted(year_ids)):
        for year_id, year, series_id, series, make in session.execute(query.where(ModelYear.id.in_(part))):
            if series_id not in above:
                above[series_id] = merged(_parsed(make), _parsed(series))
            found[year_id] = merged(above[series_id], _parsed(year))
    return found


def _portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))


def _text(column: Any) -> ColumnElement[str | None]:
    """A JSON column as it is stored: for many rows it is parsed here, several times as fast."""
    return type_coerce(column, Text)


def _parsed(text: str | None) -> dict[str, Any]:
    return (orjson.loads(text) if text else None) or {}
