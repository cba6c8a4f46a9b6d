"""Reads of the catalogue: the tree make > series > model year > trim, and one trim in full."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, false, func, literal, or_, select, tuple_

from app.catalog.energies import Energy
from app.catalog.inheritance import merged
from app.catalog.interest import MOST_OFTEN, ordered_parameters
from app.catalog.rules import specification_dictionary, value_text
from app.kernel.errors import RecordNotFound
from app.kernel.labels import UNNAMED, Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.catalog import Make, ModelYear, Series, Trim
from db.models.inventory import VehicleUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeRow:
    """A make; `trims` counts the trims below it."""

    id: str
    name: Bilingual
    initials: str
    country: str
    trims: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRow:
    """A series; `years` newest first."""

    id: str
    make_id: str
    name: Bilingual
    initials: str
    body: str
    years: tuple[int, ...]
    trims: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimRow:
    """A trim in a list."""

    id: str
    make_id: str
    series_id: str
    model_year_id: str
    make: Bilingual
    series: Bilingual
    year: int
    name: Bilingual
    energy: Energy
    seats: int
    guide_price: Decimal
    in_tax_directory: bool
    revision: int

    @property
    def full_name(self) -> Bilingual:
        """Make, series, year and trim in one line."""
        return Bilingual(
            f"{self.make.zh} {self.series.zh} {self.year}款 {self.name.zh}",
            f"{self.make.en or self.make.zh} {self.series.en or self.series.zh} {self.year} "
            f"{self.name.en or self.name.zh}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterRow:
    """One specification as it is shown: `value` in the dictionary's unit, `text` worded in both languages.

    `origin` is the level that says it ("make", "series", "model_year", "trim"), empty where it is the entry's own.
    """

    code: str
    group: Bilingual
    label: Bilingual
    value: Any
    unit: Bilingual
    text: Bilingual
    origin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimDetail:
    """A trim with all parameters that hold for it, inherited ones too, in the dictionary's order, unknown codes last.

    `first` are the core ones, in the order in which people here look at them, and `often` those beyond the core that
    were looked at most (`app.catalog.interest`). `raw_parameters` are the trim's own; `units` counts live units of it.
    """

    row: TrimRow
    parameters: tuple[ParameterRow, ...]
    first: tuple[ParameterRow, ...]
    often: tuple[ParameterRow, ...]
    raw_parameters: dict[str, Any]
    source: str
    units: int


_OTHER = Bilingual("其他", "Other")


def list_makes(reader: Reader) -> tuple[MakeRow, ...]:
    """All makes, by their English name."""
    reader.require(Permission.CATALOG_VIEW)
    query = (
        select(Make.id, Make.name_zh, Make.name_en, Make.name_initials, Make.country, func.count(Trim.id))
        .outerjoin(Series, (Series.make_id == Make.id) & Series.deleted_at.is_(None))
        .outerjoin(ModelYear, (ModelYear.series_id == Series.id) & ModelYear.deleted_at.is_(None))
        .outerjoin(Trim, (Trim.model_year_id == ModelYear.id) & Trim.deleted_at.is_(None))
        .where(Make.deleted_at.is_(None))
        .group_by(Make.id)
        .order_by(Make.name_en, Make.name_zh)
    )
    return tuple(
        MakeRow(id=row[0], name=Bilingual(row[1], row[2]), initials=row[3], country=row[4], trims=row[5])
        for row in reader.session.execute(query)
    )


def list_series(reader: Reader, *, make_id: str | None = None) -> tuple[SeriesRow, ...]:
    """The series of one make, or of all, by name."""
    reader.require(Permission.CATALOG_VIEW)
    query = select(Series).where(Series.deleted_at.is_(None)).order_by(Series.name_en, Series.name_zh)
    if make_id is not None:
        query = query.where(Series.make_id == make_id)
    found = reader.session.execute(query).scalars().all()
    years = _years_of(reader, [series.id for series in found])
    return tuple(
        SeriesRow(
            id=series.id,
            make_id=series.make_id,
            name=Bilingual(series.name_zh, series.name_en),
            initials=series.name_initials,
            body=series.body,
            years=tuple(sorted(years.get(series.id, {}), reverse=True)),
            trims=sum(years.get(series.id, {}).values()),
        )
        for series in found
    )


def _years_of(reader: Reader, series_ids: Sequence[str]) -> dict[str, dict[int, int]]:
    """Per series: how many trims each model year has."""
    query = (
        select(ModelYear.series_id, ModelYear.year, func.count(Trim.id))
        .outerjoin(Trim, (Trim.model_year_id == ModelYear.id) & Trim.deleted_at.is_(None))
        .where(ModelYear.series_id.in_(series_ids), ModelYear.deleted_at.is_(None))
        .group_by(ModelYear.series_id, ModelYear.year)
    )
    years: dict[str, dict[int, int]] = {}
    for series_id, year, trims in reader.session.execute(query):
        years.setdefault(series_id, {})[year] = trims
    return years


def _trim_select() -> Select[Trim, int, str, str, str, str, str, str]:
    names = (Series.id, Series.name_zh, Series.name_en, Make.id, Make.name_zh, Make.name_en)
    found: Select[Trim, int, str, str, str, str, str, str] = _in_lineage(select(Trim, ModelYear.year, *names))
    return found.where(Trim.deleted_at.is_(None))


def _in_lineage(query: Any) -> Any:
    """Trims with all above them."""
    query = query.join(ModelYear, ModelYear.id == Trim.model_year_id)
    return query.join(Series, Series.id == ModelYear.series_id).join(Make, Make.id == Series.make_id)


def _trim_row(row: Any) -> TrimRow:
    trim, year, series_id, series_zh, series_en, make_id, make_zh, make_en = row
    return TrimRow(
        id=trim.id,
        make_id=make_id,
        series_id=series_id,
        model_year_id=trim.model_year_id,
        make=Bilingual(make_zh, make_en),
        series=Bilingual(series_zh, series_en),
        year=year,
        name=Bilingual(trim.name_zh, trim.name_en),
        energy=Energy(trim.energy),
        seats=trim.seats,
        guide_price=trim.guide_price,
        in_tax_directory=trim.in_tax_directory,
        revision=trim.revision,
    )


def list_trims(
    reader: Reader,
    *,
    make_id: str | None = None,
    series_id: str | None = None,
    text: str = "",
    after: str | None = None,
    limit: int = 500,
) -> tuple[TrimRow, ...]:
    """Trims by make and series, the newest year first and the cheapest in it; `text` filters by words in any of the
    names or by initials; `after` is the last row's id."""
    reader.require(Permission.CATALOG_VIEW)
    place: tuple[Any, ...] = (Make.name_en, Series.name_en, -ModelYear.year, Trim.guide_price, Trim.id)
    query = _in_lineage(select(Trim.id)).where(Trim.deleted_at.is_(None)).order_by(*place).limit(limit)
    if make_id is not None:
        query = query.where(Make.id == make_id)
    if series_id is not None:
        query = query.where(Series.id == series_id)
    if after is not None:
        last = reader.session.execute(_in_lineage(select(*place)).where(Trim.id == after)).first()
        stood = () if last is None else [literal(value, one.type) for value, one in zip(last, place, strict=True)]
        query = query.where(tuple_(*place) > tuple_(*stood) if stood else false())
    for word in text.split()[:6]:
        names = (Make.name_zh, Make.name_en, Series.name_zh, Series.name_en, Trim.name_zh, Trim.name_en)
        containing = [name.icontains(word, autoescape=True) for name in names]
        initials = [column.istartswith(word, autoescape=True) for column in (Make.name_initials, Series.name_initials)]
        year = [ModelYear.year == int(word)] if word.isdecimal() and len(word) == 4 else []
        query = query.where(or_(*containing, *initials, *year))
    return trim_rows(reader, list(reader.session.execute(query).scalars()))


def trim_rows(reader: Reader, trim_ids: Sequence[str]) -> tuple[TrimRow, ...]:
    """These trims in the order asked for; one that is gone is left out."""
    reader.require(Permission.CATALOG_VIEW)
    found = {row[0].id: _trim_row(row) for row in reader.session.execute(_trim_select().where(Trim.id.in_(trim_ids)))}
    return tuple(found[trim_id] for trim_id in trim_ids if trim_id in found)


def get_trim(reader: Reader, trim_id: str) -> TrimDetail:
    """One trim in full; raises RecordNotFound."""
    reader.require(Permission.CATALOG_VIEW)
    query = _trim_select().where(Trim.id == trim_id)
    row = reader.session.execute(query).first()
    if row is None:
        raise RecordNotFound()
    trim = row[0]
    units = select(func.count()).select_from(VehicleUnit)
    units = units.where(VehicleUnit.trim_id == trim_id, VehicleUnit.deleted_at.is_(None))
    parameters = parameter_rows(*_held(reader, trim))
    first, often = _layers(reader, parameters)
    return TrimDetail(
        row=_trim_row(row),
        parameters=parameters,
        first=first,
        often=often,
        raw_parameters=dict(trim.parameters or {}),
        source=trim.source,
        units=reader.session.execute(units).scalar_one(),
    )


def _layers(
    reader: Reader, parameters: Sequence[ParameterRow]
) -> tuple[tuple[ParameterRow, ...], tuple[ParameterRow, ...]]:
    """The core parameters, and those looked at most beyond them, in the order of display."""
    by_code = {row.code: row for row in parameters}
    ordered = ordered_parameters(reader, by_code)
    often = [by_code[one.code] for one in ordered if not one.parameter.core and one.interest.opened]
    return tuple(by_code[one.code] for one in ordered if one.parameter.core), tuple(often[:MOST_OFTEN])


def _held(reader: Reader, trim: Trim) -> tuple[dict[str, Any], dict[str, str]]:
    """What holds for a trim, and from which level what is inherited comes."""
    year = reader.session.get(ModelYear, trim.model_year_id)
    series = reader.session.get(Series, year.series_id) if year is not None else None
    make = reader.session.get(Make, series.make_id) if series is not None else None
    levels = [(entry.__tablename__, entry.parameters) for entry in (make, series, year) if entry is not None]
    origins = {code: level for level, own in levels for code in own or {} if code not in (trim.parameters or {})}
    return merged(*(own for _level, own in levels), trim.parameters), origins


def parameter_rows(
    stored: Mapping[str, Any], origins: Mapping[str, str] = MappingProxyType({})
) -> tuple[ParameterRow, ...]:
    """Stored parameters worded in both languages, in the dictionary's order; unknown codes last, as they are."""
    dictionary = specification_dictionary()
    known = [
        ParameterRow(
            code=code,
            group=dictionary.groups[parameter.group],
            label=parameter.name,
            value=stored[code],
            unit=parameter.unit_symbol,
            text=value_text(parameter, stored[code]),
            origin=origins.get(code, ""),
        )
        for code, parameter in dictionary.parameters.items()
        if code in stored
    ]
    unknown = [
        ParameterRow(
            code=code,
            group=_OTHER,
            label=Bilingual(code, code),
            value=value,
            unit=UNNAMED,
            text=Bilingual(str(value), str(value)),
            origin=origins.get(code, ""),
        )
        for code, value in stored.items()
        if code not in dictionary.parameters
    ]
    return (*known, *unknown)
