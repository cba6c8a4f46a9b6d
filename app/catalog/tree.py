"""The catalogue in memory while many trims are taken in: finds or makes each level by name."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.catalog.commands import SpecificationRecord
from app.kernel.chinese_names import pinyin_initials
from app.kernel.errors import limited_text, require_text
from app.kernel.unit_of_work import UnitOfWork
from db.models.catalog import Make, ModelYear, Series, Trim


@dataclass(frozen=True, slots=True)
class SpecificationImport:
    """How many entries of each level were added, and how many trims were brought up to date."""

    makes: int
    series: int
    model_years: int
    trims_added: int
    trims_changed: int


@dataclass(slots=True)
class _Counts:
    makes: int = 0
    series: int = 0
    model_years: int = 0
    trims_added: int = 0
    trims_changed: int = 0


@dataclass(slots=True)
class CatalogueTree:
    """Everything live in the catalogue by name, read once; what is missing is added through the unit of work."""

    uow: UnitOfWork
    _makes: dict[str, Make] = field(default_factory=dict)
    _series: dict[tuple[str, str], Series] = field(default_factory=dict)
    _years: dict[tuple[str, int], ModelYear] = field(default_factory=dict)
    _trims: dict[tuple[str, str], Trim] = field(default_factory=dict)
    _counts: _Counts = field(default_factory=_Counts)

    def __post_init__(self) -> None:
        for make in self._live(Make):
            self._makes.setdefault(make.name_zh, make)
            if make.name_en:
                self._makes.setdefault(make.name_en, make)
        self._series = {(series.make_id, series.name_zh): series for series in self._live(Series)}
        self._years = {(year.series_id, year.year): year for year in self._live(ModelYear)}
        self._trims = {(trim.model_year_id, trim.name_zh): trim for trim in self._live(Trim)}

    def _live(self, model: Any) -> Any:
        return self.uow.session.execute(select(model).where(model.deleted_at.is_(None))).scalars()

    def take_in(self, record: SpecificationRecord, values: dict[str, Any], *, source: str) -> Trim:
        """The trim of a record with these checked values, new or brought up to date.

        A guide price of zero says that the source knows none: it does not replace one that is known.
        """
        year = self._year(self._series_of(self._make(record), record), record.year)
        name = require_text(record.trim_zh, field="trim_zh", limit=120)
        trim = self._trims.get((year.id, name))
        if trim is None:
            trim = Trim(model_year_id=year.id, name_zh=name)
            self._trims[year.id, name] = self.uow.add(trim)
            self._counts.trims_added += 1
        else:
            values = {key: value for key, value in values.items() if key != "guide_price" or value}
            self._counts.trims_changed += any(getattr(trim, key) != value for key, value in values.items())
        trim.name_en = limited_text(record.trim_en, field="trim_en", limit=120)
        trim.source = source
        for key, value in values.items():
            setattr(trim, key, value)
        return trim

    def result(self) -> SpecificationImport:
        """What was done so far."""
        done = self._counts
        return SpecificationImport(done.makes, done.series, done.model_years, done.trims_added, done.trims_changed)

    def _make(self, record: SpecificationRecord) -> Make:
        name = require_text(record.make_zh, field="make_zh", limit=60)
        make = self._makes.get(name)
        if make is None:
            make = Make(
                name_zh=name,
                name_en=limited_text(record.make_en, field="make_en", limit=60),
                name_initials=pinyin_initials(name, person=False),
                country=record.country,
            )
            self._makes[name] = self.uow.add(make)
            self._counts.makes += 1
        return make

    def _series_of(self, make: Make, record: SpecificationRecord) -> Series:
        name = require_text(record.series_zh, field="series_zh", limit=80)
        series = self._series.get((make.id, name))
        if series is None:
            series = Series(
                make_id=make.id,
                name_zh=name,
                name_en=limited_text(record.series_en, field="series_en", limit=80),
                name_initials=pinyin_initials(name, person=False),
                body=limited_text(record.body, field="body", limit=24),
            )
            self._series[make.id, name] = self.uow.add(series)
            self._counts.series += 1
        return series

    def _year(self, series: Series, number: int) -> ModelYear:
        year = self._years.get((series.id, number))
        if year is None:
            year = ModelYear(series_id=series.id, year=number)
            self._years[series.id, number] = self.uow.add(year)
            self._counts.model_years += 1
        return year
