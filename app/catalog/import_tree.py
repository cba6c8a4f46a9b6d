"""The catalogue in memory while many entries are taken in: finds or makes each level by name, and keeps what it did."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from app.catalog.energies import NEW_ENERGY, Energy
from app.catalog.errors import NotNewEnergy
from app.catalog.import_commands import Level, SpecificationRecord
from app.catalog.import_errors import NewTrimNeedsEnergy, RecordElsewhere
from app.catalog.rules import check_parameters
from app.kernel.chinese_names import pinyin_initials
from app.kernel.errors import limited_text, require_text
from app.kernel.unit_of_work import UnitOfWork
from db.base import replicated_models
from db.models.catalog import Make, ModelYear, Series, Trim
from db.types import Json, to_wire

PARAMETER = "parameters."
"""Before a parameter's code in the fields of a change."""
Node = Make | Series | ModelYear | Trim


@dataclass(frozen=True, slots=True)
class SpecificationImport:
    """How many entries of each level were added, and how many entries were brought up to date."""

    makes: int
    series: int
    model_years: int
    trims_added: int
    trims_changed: int
    import_id: str = ""


@dataclass(frozen=True, slots=True)
class NodeChange:
    """What was done to one row, in wire values; `before` is None for an added one and lacks what was not there."""

    table: str
    record_id: str
    before: dict[str, Any] | None
    after: dict[str, Any]


def wire_values(node: Any, names: Iterable[str]) -> dict[str, Any]:
    """The values of these columns as they travel."""
    columns = node.__table__.columns
    return {name: to_wire(columns[name].type, getattr(node, name)) for name in names}


def own_parameters(node: Any) -> dict[str, Any]:
    """What a row of any level says itself; null stands for an inherited value taken away."""
    return dict(node.parameters or {})


def value_from_wire(column_type: Any, value: Any) -> Any:
    """A travelling value as the row holds it."""
    from_stored = getattr(column_type, "process_result_value", None)
    return value if from_stored is None or isinstance(column_type, Json) else from_stored(value, None)


def content_of(node: Any) -> dict[str, Any]:
    """All a row says: its columns apart from the keeping of the books, and its parameters one by one."""
    found = wire_values(node, CONTENT[node.__tablename__])
    return found | {f"{PARAMETER}{code}": value for code, value in own_parameters(node).items()}


CONTENT: Mapping[str, tuple[str, ...]] = {
    "make": ("name_zh", "name_en", "country"),
    "series": ("name_zh", "name_en", "body"),
    "model_year": ("year",),
    "trim": ("name_zh", "name_en", "energy", "seats", "guide_price", "in_tax_directory", "source"),
}


@dataclass(slots=True)
class CatalogueTree:
    """Everything live in the catalogue by name, read once; what is missing is added through the unit of work."""

    uow: UnitOfWork
    source: str
    changes: list[NodeChange] = field(default_factory=list)
    _makes: dict[str, Make] = field(default_factory=dict)
    _series: dict[tuple[str, str], Series] = field(default_factory=dict)
    _years: dict[tuple[str, int], ModelYear] = field(default_factory=dict)
    _trims: dict[tuple[str, str], Trim] = field(default_factory=dict)
    _by_id: dict[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for make in self._live(Make):
            if make.name_en:
                self._makes.setdefault(make.name_en, make)
        self._makes |= {make.name_zh: make for make in self._live(Make)}
        self._series = {(series.make_id, series.name_zh): series for series in self._live(Series)}
        self._years = {(year.series_id, year.year): year for year in self._live(ModelYear)}
        self._trims = {(trim.model_year_id, trim.name_zh): trim for trim in self._live(Trim)}

    def _live(self, model: Any) -> list[Any]:
        found = list(self.uow.session.execute(select(model).where(model.deleted_at.is_(None))).scalars())
        self._by_id.update((row.id, row) for row in found)
        return found

    def take_in(self, record: SpecificationRecord, values: dict[str, Any]) -> None:
        """Bring the entry of a record to these checked column values, making what is missing.

        Raises what the names and the parameters raise, NewTrimNeedsEnergy and RecordElsewhere.
        """
        make = self._make(record)
        if record.level is Level.MAKE:
            self._change(make, {"name_en": record.make_en, "country": record.country}, record)
            return
        series = self._series_of(make, record)
        if record.level is Level.SERIES:
            self._change(series, {"name_en": record.series_en, "body": record.body}, record)
            return
        year = self._year(series, record.year or 0)
        if record.level is Level.MODEL_YEAR:
            self._change(year, {}, record)
        else:
            self._trim(year, record, values)

    def result(self) -> SpecificationImport:
        """What was done so far."""
        added = [change.table for change in self.changes if change.before is None]
        changed = sum(change.before is not None for change in self.changes)
        counts = [added.count(table) for table in ("make", "series", "model_year", "trim")]
        return SpecificationImport(*counts, changed)

    # --- levels ----------------------------------------------------------------------------------

    def _known(self, record: SpecificationRecord, level: Level, kind: Any) -> Any:
        """The entry a record names by its id, if the record is about this level."""
        found = self._by_id.get(record.record_id) if record.record_id and record.level is level else None
        return found if isinstance(found, kind) else None

    def _make(self, record: SpecificationRecord) -> Make:
        name = require_text(record.make_zh, field="make_zh", limit=60)
        make = self._known(record, Level.MAKE, Make) or self._makes.get(name)
        if make is None:
            make = Make(
                name_zh=name,
                name_en=limited_text(record.make_en, field="make_en", limit=60),
                name_initials=pinyin_initials(name, person=False),
                country=limited_text(record.country, field="country", limit=2).upper(),
            )
            self._makes[name] = self._add(make)
        return make

    def _series_of(self, make: Make, record: SpecificationRecord) -> Series:
        name = require_text(record.series_zh, field="series_zh", limit=80)
        known = self._known(record, Level.SERIES, Series)
        series = known if known is not None and known.make_id == make.id else self._series.get((make.id, name))
        if series is None:
            series = Series(
                make_id=make.id,
                name_zh=name,
                name_en=limited_text(record.series_en, field="series_en", limit=80),
                name_initials=pinyin_initials(name, person=False),
                body=limited_text(record.body, field="body", limit=24),
            )
            self._series[make.id, name] = self._add(series)
        return series

    def _year(self, series: Series, number: int) -> ModelYear:
        year = self._years.get((series.id, number))
        if year is None:
            year = ModelYear(series_id=series.id, year=number)
            self._years[series.id, number] = self._add(year)
        return year

    def _trim(self, year: ModelYear, record: SpecificationRecord, values: dict[str, Any]) -> None:
        name = require_text(record.trim_zh, field="trim_zh", limit=120)
        english = limited_text(record.trim_en, field="trim_en", limit=120)
        known = self._known(record, Level.TRIM, Trim)
        if known is not None and known.model_year_id != year.id:
            raise RecordElsewhere(field="record_id", name=known.name_zh)
        same = self._trims.get((year.id, name))
        trim = known if known is not None and same is None else same
        if trim is None:
            if "energy" not in values:
                raise NewTrimNeedsEnergy(field="energy")
            _require_new_energy(values["energy"], values.get("in_tax_directory", False))
            given = {"seats": 5, "guide_price": Decimal("0.00"), "in_tax_directory": False} | values
            trim = Trim(model_year_id=year.id, name_zh=name, name_en=english, source=self.source, **given)
            trim.parameters = _laid_over({}, record.parameters)
            self._trims[year.id, name] = self._add(trim)
            return
        if not values.get("guide_price", True):  # the source knows none
            values = {key: value for key, value in values.items() if key != "guide_price"}
        _require_new_energy(values.get("energy", trim.energy), values.get("in_tax_directory", False))
        self._change(trim, {"name_zh": name, "name_en": english, **values}, record)

    # --- writing ---------------------------------------------------------------------------------

    def _add(self, node: Any) -> Any:
        self.uow.add(node)
        self.changes.append(NodeChange(node.__tablename__, node.id, None, content_of(node)))
        return node

    def _change(self, node: Any, given: Mapping[str, Any], record: SpecificationRecord) -> None:
        """Set what a record says and differs; a row that says the same is not touched."""
        fields = {name: value for name, value in given.items() if value not in (None, "")}
        differing = [name for name, value in fields.items() if getattr(node, name) != value]
        own = own_parameters(node)
        laid = _laid_over(own, record.parameters)
        codes = [code for code, value in laid.items() if code not in own or not _same(own[code], value)]
        if not differing and not codes:
            return
        if isinstance(node, Trim) and node.source != self.source:
            fields["source"] = self.source
            differing.append("source")
        before = wire_values(node, differing) | {f"{PARAMETER}{c}": own[c] for c in codes if c in own}
        for name in differing:
            setattr(node, name, fields[name])
        if codes:
            node.parameters = laid
        after = wire_values(node, differing) | {f"{PARAMETER}{code}": laid[code] for code in codes}
        self.changes.append(NodeChange(node.__tablename__, node.id, before, after))


def _require_new_energy(energy: str, in_tax_directory: bool) -> None:
    if in_tax_directory and Energy(energy) not in NEW_ENERGY:
        raise NotNewEnergy(field="in_tax_directory")


def _laid_over(own: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """One's own parameters with those given; checked by the dictionary, null kept as it is."""
    checked = check_parameters({code: value for code, value in given.items() if value is not None})
    taken_away = {code: None for code, value in given.items() if value is None}
    return {**own, **checked, **taken_away}


def _same(one: Any, other: Any) -> bool:
    """Equal in value and kind: 1 is not yes."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def model_of(table: str) -> Any:
    """The model of a table of the catalogue."""
    return replicated_models()[table]
