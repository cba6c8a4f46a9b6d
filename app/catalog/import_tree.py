"""The catalogue in memory while many entries are taken in: finds or makes each level by name, and keeps what it did.

The same code makes the preview: rows that are apart from their session, and nothing added anywhere.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalog.energies import NEW_ENERGY, Energy
from app.catalog.errors import NotNewEnergy
from app.catalog.import_commands import Level, SpecificationRecord
from app.catalog.import_errors import NewTrimNeedsEnergy, RecordElsewhere
from app.catalog.inheritance import merged
from app.catalog.rules import check_own_parameters
from app.catalog.version_rules import Delta, code_in, field_of, same
from app.catalog.versions import content_of
from app.kernel.chinese_names import pinyin_initials
from app.kernel.errors import limited_text, require_text
from app.kernel.money import to_fen
from db.models.catalog import Make, ModelYear, Series, Trim

_UNSAID = object()
_MOST_CHECKED = 100_000
_SEATS = 5
_PLAIN = frozenset({str, int, float, bool, type(None), Decimal})
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
    """What a record does to one entry: `before` is its content until then, None for a new one; `earlier` is what other
    records laid over it."""

    node: Any
    before: dict[str, Any] | None
    delta: Delta
    earlier: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class CatalogueTree:
    """Everything live in the catalogue by name, read once. What is missing is made, and listed in `changes`; entries
    that are there are not touched: what would become of them stands in `changes`."""

    session: Session
    source: str
    changes: list[NodeChange] = field(default_factory=list)
    _makes: dict[str, Make] = field(default_factory=dict)
    _series: dict[tuple[str, str], Series] = field(default_factory=dict)
    _years: dict[tuple[str, int], ModelYear] = field(default_factory=dict)
    _trims: dict[tuple[str, str], Trim] = field(default_factory=dict)
    _by_id: dict[str, Node] = field(default_factory=dict)
    _said: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What is to be laid over the entries that are there."""
    _above: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """What is inherited from an entry, until one of the upper levels changes."""
    _checked: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        makes, series, trims = self._live(Make), self._live(Series), self._live(Trim)
        self._makes = _by_english(makes, lambda make: (make.name_en,), lambda key: key[0])
        self._makes |= {make.name_zh: make for make in makes}
        self._series = _by_english(series, lambda one: (one.make_id, one.name_en))
        self._series |= {(one.make_id, one.name_zh): one for one in series}
        self._years = {(year.series_id, year.year): year for year in self._live(ModelYear)}
        self._trims = _by_english(trims, lambda trim: (trim.model_year_id, trim.name_en))
        self._trims |= {(trim.model_year_id, trim.name_zh): trim for trim in trims}

    def _live(self, model: Any) -> list[Any]:
        found = list(self.session.execute(select(model).where(model.deleted_at.is_(None)).order_by(model.id)).scalars())
        self._by_id.update((row.id, row) for row in found)
        return found

    def take_in(self, record: SpecificationRecord, values: Mapping[str, Any]) -> None:
        """Find what becomes of the entry of a record with these checked column values, making what is missing.

        Raises what the names and the parameters raise, NewTrimNeedsEnergy and RecordElsewhere.
        """
        make = self._make(record)
        if record.level is Level.MAKE:
            self._change(make, {"name_en": record.make_en, "country": record.country.upper()}, record)
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

    def path_of(self, node: Any) -> tuple[Any, ...]:
        """The entries from the make down to this one."""
        above = getattr(node, "model_year_id", None) or getattr(node, "series_id", None) or getattr(node, "make_id", "")
        return (*self.path_of(self._by_id[above]), node) if above else (node,)

    def makes(self) -> list[Make]:
        """Every make, those that are to be added too."""
        return [node for node in self._by_id.values() if isinstance(node, Make)]

    def series(self) -> list[Series]:
        """Every series, those that are to be added too."""
        return [node for node in self._by_id.values() if isinstance(node, Series)]

    def inherited(self, node: Any) -> Mapping[str, Any]:
        """The parameters an entry has from the levels above it, as they will be; sisters share them."""
        above = self.path_of(node)[:-1]
        if not above:
            return {}
        known = self._above.get(above[-1].id)
        if known is None:
            known = self._above[above[-1].id] = merged(*(self._own_parameters(one) for one in above))
        return known

    def said(self, node: Any) -> Mapping[str, Any]:
        """What is to be laid over an entry that is there."""
        return self._said.get(node.id, {})

    def _own_parameters(self, node: Any) -> Mapping[str, Any]:
        own = node.parameters or {}
        said = {code: value for field, value in self.said(node).items() if (code := code_in(field))}
        return {**own, **said} if said else own

    def result(self) -> SpecificationImport:
        """What was found so far."""
        added = [change.node.__tablename__ for change in self.changes if change.before is None]
        changed = sum(change.before is not None for change in self.changes)
        makes, series, years, trims = (added.count(table) for table in ("make", "series", "model_year", "trim"))
        return SpecificationImport(makes, series, years, trims, changed)

    # --- levels ----------------------------------------------------------------------------------

    def _known(self, record: SpecificationRecord, level: Level, kind: Any) -> Any:
        """The entry a record names by its id, if the record is about this level."""
        found = self._by_id.get(record.record_id) if record.record_id and record.level is level else None
        return found if isinstance(found, kind) else None

    def _make(self, record: SpecificationRecord) -> Make:
        name = require_text(record.make_zh, field="make_zh", limit=60)
        known: Make | None = self._known(record, Level.MAKE, Make)
        make = known or self._makes.get(name) or self._makes.get(record.make_en.strip())
        if make is None:
            make = Make(
                name_zh=name,
                name_en=limited_text(record.make_en, field="make_en", limit=60),
                name_initials=pinyin_initials(name, person=False),
                country=limited_text(record.country, field="country", limit=2).upper(),
                parameters={},
            )
            self._makes[name] = self._add(make)
        return make

    def _series_of(self, make: Make, record: SpecificationRecord) -> Series:
        name = require_text(record.series_zh, field="series_zh", limit=80)
        known = self._known(record, Level.SERIES, Series)
        series: Series | None = known if known is not None and known.make_id == make.id else None
        series = series or self._series.get((make.id, name))
        if series is None:
            series = Series(
                make_id=make.id,
                name_zh=name,
                name_en=limited_text(record.series_en, field="series_en", limit=80),
                name_initials=pinyin_initials(name, person=False),
                body=limited_text(record.body, field="body", limit=24),
                parameters={},
            )
            self._series[make.id, name] = self._add(series)
        return series

    def _year(self, series: Series, number: int) -> ModelYear:
        year = self._years.get((series.id, number))
        if year is None:
            year = ModelYear(series_id=series.id, year=number, parameters={})
            self._years[series.id, number] = self._add(year)
        return year

    def _trim(self, year: ModelYear, record: SpecificationRecord, values: Mapping[str, Any]) -> None:
        name = require_text(record.trim_zh, field="trim_zh", limit=120)
        english = limited_text(record.trim_en, field="trim_en", limit=120)
        known = self._known(record, Level.TRIM, Trim)
        if known is not None and known.model_year_id != year.id:
            raise RecordElsewhere(field="record_id", name=known.name_zh)
        namesake = self._trims.get((year.id, name))
        trim = known if known is not None and namesake in (None, known) else namesake
        if trim is None:
            self._new_trim(year, record, {"name_zh": name, "name_en": english, **values})
            return
        _require_new_energy(values.get("energy", trim.energy), values.get("in_tax_directory", False))
        given = dict(values)
        if not given.get("guide_price", True):  # the source knows none
            del given["guide_price"]
        renamed = {"name_zh": name} if trim is known else {}
        self._change(trim, {**renamed, "name_en": english, **given}, record)

    def _new_trim(self, year: ModelYear, record: SpecificationRecord, values: dict[str, Any]) -> None:
        if "energy" not in values:
            raise NewTrimNeedsEnergy(field="energy")
        _require_new_energy(values["energy"], values.get("in_tax_directory", False))
        seats = self._usual_seats(year, record)
        given = {"seats": seats, "guide_price": Decimal("0.00"), "in_tax_directory": False} | values
        trim = Trim(model_year_id=year.id, source=self.source, **given)
        trim.parameters = {}
        self._by_id[trim.id] = trim
        own = self._own(trim, self._check(record.parameters, energy=trim.energy))
        stated = self.inherited(trim).get("seats", trim.seats)
        own_book = bool(record.record_id) or "seats" in record.parameters
        if not own_book and stated != trim.seats:  # the series has others
            own = {**own, "seats": trim.seats}
        trim.parameters = own
        self._trims[year.id, trim.name_zh] = self._add(trim)

    def _usual_seats(self, year: ModelYear, record: SpecificationRecord) -> int:
        """As many as the specification says, this record's or an inherited one; five where nobody says anything."""
        above = {**self.inherited(year), **self._own_parameters(year)}
        try:
            stated = int(str(record.parameters.get("seats", above.get("seats"))))
        except ValueError:
            return _SEATS
        return stated if 1 <= stated <= 60 else _SEATS

    def _check(self, parameters: Mapping[str, Any], *, energy: str) -> dict[str, Any]:
        """The parameters in stored form, the same ones if they are. Thousands of trims say the same of most: each
        value is checked once."""
        found: dict[str, Any] = {}
        alike = isinstance(parameters, dict)
        for code, value in parameters.items():
            kind = value.__class__
            key = (code, energy, kind, value if kind in _PLAIN else str(value))
            known = self._checked.get(key)
            if known is None:
                known = check_own_parameters({code: value}, energy=energy)
                if len(self._checked) < _MOST_CHECKED:
                    self._checked[key] = known
            found |= known
            alike = alike and code in known and _kept_alike(value, known[code])
        return parameters if alike and isinstance(parameters, dict) else found

    def _own(self, node: Any, said: dict[str, Any]) -> dict[str, Any]:
        """What an entry has to say itself of what a list says: not what it inherits anyway, unless it says so now."""
        own, above = self._own_parameters(node), self.inherited(node)
        found = {
            code: value
            for code, value in said.items()
            if (not _written_alike(own[code], value) if code in own else not same(above.get(code, _UNSAID), value))
        }
        return said if len(found) == len(said) else found

    # --- what becomes of them --------------------------------------------------------------------

    def _add(self, node: Any) -> Any:
        self._by_id[node.id] = node
        self.changes.append(NodeChange(node, None, Delta(content_of(node))))
        return node

    def _change(self, node: Any, given: Mapping[str, Any], record: SpecificationRecord) -> None:
        """Note what a record says and differs; a record that says the same changes nothing."""
        before = {**content_of(node), **self.said(node)}
        energy = str(given.get("energy") or getattr(node, "energy", ""))
        checked = self._own(node, self._check(record.parameters, energy=energy))
        said = {name: to_fen(value) if name == "guide_price" else value for name, value in given.items()
                if value not in (None, "")}  # fmt: skip
        said |= {field_of(code): value for code, value in checked.items()}
        new = {name: value for name, value in said.items() if name not in before or not same(before[name], value)}
        if not new:
            return
        if isinstance(node, Trim) and before["source"] != self.source:
            new["source"] = self.source
        earlier = self.said(node)
        self._said[node.id] = {**earlier, **new} if earlier else new
        if not isinstance(node, Trim):
            self._above.clear()
        self.changes.append(NodeChange(node, before, Delta(new), earlier))


def _kept_alike(value: Any, stored: Any) -> bool:
    """Whether a value has its stored form already, its parts too."""
    if isinstance(value, list) and isinstance(stored, list):
        return len(value) == len(stored) and all(map(_kept_alike, value, stored))
    return value.__class__ is stored.__class__ and value.__class__ in _PLAIN and bool(value == stored)


def _written_alike(one: Any, other: Any) -> bool:
    """Whether two values differ at most in kind, as a number and its text do."""
    return bool(one == other) or (isinstance(one, str) != isinstance(other, str) and str(one) == str(other))


def uppermost_first(records: Sequence[SpecificationRecord]) -> list[int]:
    """The order in which records are taken in: what lower levels inherit is known before them."""
    levels = list(Level)
    return sorted(range(len(records)), key=lambda number: levels.index(records[number].level))


def _by_english(rows: list[Any], key: Any, plain: Any = tuple) -> dict[Any, Any]:
    """Rows by their English name, where only one has it."""
    often = Counter(key(row) for row in rows)
    return {plain(key(row)): row for row in rows if key(row)[-1] and often[key(row)] == 1}


def _require_new_energy(energy: str, in_tax_directory: bool) -> None:
    if in_tax_directory and Energy(energy) not in NEW_ENERGY:
        raise NotNewEnergy(field="in_tax_directory")
