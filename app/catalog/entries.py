"""One entry of the catalogue, of whatever level, as its page shows it: own values, inherited ones, what is coming."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from app.catalog.history import VersionRow, list_scheduled, parameter_text
from app.catalog.import_commands import Level
from app.catalog.inheritance import merged
from app.catalog.interest import OrderedParameter, ordered_parameters
from app.catalog.queries import TrimDetail, get_trim
from app.catalog.rules import specification_dictionary
from app.catalog.units import carrier_of, convert, energy_carriers, units
from app.catalog.version_rules import PARAMETER
from app.catalog.versions import content_of, model_of
from app.kernel.labels import UNNAMED, Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.catalog import Make, ModelYear, Series, Trim
from db.models.catalogue_versions import SpecificationVersion

_THROUGH_FUEL = {"fuel_consumption", "electricity_consumption"}
_BELOW: Mapping[Level, Any] = {
    Level.MAKE: Series.make_id, Level.SERIES: ModelYear.series_id, Level.MODEL_YEAR: Trim.model_year_id,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryValue:
    """A parameter as it holds for an entry.

    `own` says that the entry says it itself; `taken_away` that it takes an inherited value away; `origin` is the level
    and `origin_name` the entry that says it otherwise, with its value in `inherited` also where it is overridden.
    """

    shown: OrderedParameter
    value: Any
    text: Bilingual
    own: bool
    taken_away: bool
    origin: Level | None
    origin_name: Bilingual
    inherited: Bilingual

    @property
    def code(self) -> str:
        """The parameter's code."""
        return self.shown.code

    @property
    def overrides(self) -> bool:
        """Whether the entry says otherwise than what it inherits."""
        return self.own and self.origin is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDetail:
    """An entry with everything its page shows. `fields` is what it says apart from parameters, as it travels.

    `values` stand in the order of display, `coming` are its scheduled changes, `unknown` what the dictionary no longer
    knows; `trim` is there for a trim.
    """

    level: Level
    id: str
    revision: int
    path: Bilingual
    name: Bilingual
    fields: Mapping[str, Any]
    own: Mapping[str, Any]
    inherited: Mapping[str, Any]
    values: tuple[EntryValue, ...]
    unknown: Mapping[str, Any]
    coming: tuple[VersionRow, ...]
    coming_above: int
    versions: int
    below: int
    trim: TrimDetail | None
    parent_id: str


def get_entry(reader: Reader, level: str, entry_id: str) -> EntryDetail:
    """One entry; raises RecordNotFound."""
    reader.require(Permission.CATALOG_VIEW)
    entry = reader.get(model_of(level), entry_id)
    line = _line_of(reader, entry)
    above, own = line[:-1], dict(entry.parameters or {})
    inherited = merged(*(one.parameters for one in above))
    values, unknown = _values(reader, above, own, inherited)
    content = content_of(entry)
    return EntryDetail(
        level=Level(level), id=entry.id, revision=entry.revision, path=_path(line), name=_name(entry),
        fields={field: value for field, value in content.items() if not field.startswith(PARAMETER)},
        own=own, inherited=inherited, values=values, unknown=unknown, coming=list_scheduled(reader, [entry.id]),
        coming_above=len(list_scheduled(reader, [one.id for one in above])), versions=_versions(reader, entry.id),
        below=_below(reader, Level(level), entry.id), trim=get_trim(reader, entry.id) if level == "trim" else None,
        parent_id=above[-1].id if above else "",
    )  # fmt: skip


def in_other_units(reader: Reader, code: str, stored: Any, *, energy: str = "") -> tuple[Bilingual, ...]:
    """A stored number or range as people say it in other units, such as kW in PS; energy by way of the fuel it names.

    `energy` is the drive's (`Energy`). Takes half a second the first time, for the unit library.
    """
    reader.require(Permission.CATALOG_VIEW)
    parameter = specification_dictionary().parameters.get(code)
    ends = stored if isinstance(stored, list) else [stored]
    if parameter is None or not parameter.unit or any(isinstance(end, bool | str | None) for end in ends):
        return ()
    numbers = [Decimal(str(end)) for end in ends]
    return tuple(_said_in(numbers, parameter.unit, other, energy) for other in units()[parameter.unit].also)


def _said_in(numbers: list[Decimal], unit: str, other: str, energy: str) -> Bilingual:
    """Rounded to what one would say; the fuel in brackets where one was needed."""
    carrier = None
    if {units()[unit].dimension, units()[other].dimension} == _THROUGH_FUEL:
        carrier = carrier_of(energy) or energy_carriers()["petrol"]
    told = [convert(number, unit, other, carrier=carrier.code if carrier else "") for number in numbers]
    text = "–".join(dict.fromkeys(f"{number:,.0f}" if abs(number) >= 100 else f"{number:,.1f}" for number in told))
    symbol = units()[other].symbol
    zh, en = f"{text} {symbol.zh}", f"{text} {symbol.en}"
    return Bilingual(f"{zh}（{carrier.name.zh}）", f"{en} ({carrier.name.en})") if carrier else Bilingual(zh, en)


def year_entry(reader: Reader, series_id: str, year: int) -> str:
    """The id of a model year of a series, "" when there is none."""
    reader.require(Permission.CATALOG_VIEW)
    query = select(ModelYear.id).where(
        ModelYear.series_id == series_id, ModelYear.year == year, ModelYear.deleted_at.is_(None)
    )
    return str(reader.session.execute(query).scalar() or "")


def _line_of(reader: Reader, entry: Any) -> list[Any]:
    """The entry after all it inherits from, the make first."""
    line = [entry]
    above = {Trim: (ModelYear, "model_year_id"), ModelYear: (Series, "series_id"), Series: (Make, "make_id")}
    while type(line[0]) in above:
        model, column = above[type(line[0])]
        parent = reader.session.get(model, getattr(line[0], column))
        if parent is None:
            break
        line.insert(0, parent)
    return line


def _values(
    reader: Reader, above: list[Any], own: Mapping[str, Any], inherited: Mapping[str, Any]
) -> tuple[tuple[EntryValue, ...], dict[str, Any]]:
    ordered = ordered_parameters(reader, {*own, *inherited})
    known = {one.code for one in ordered}
    said_by = {code: one for one in above for code, value in (one.parameters or {}).items() if value is not None}
    rows = []
    for one in ordered:
        origin = said_by.get(one.code) if one.code in inherited else None
        value = own.get(one.code) if one.code in own else inherited.get(one.code)
        rows.append(
            EntryValue(
                shown=one, value=value, text=parameter_text(one.code, value), own=one.code in own,
                taken_away=one.code in own and value is None,
                origin=None if origin is None else Level(origin.__tablename__),
                origin_name=UNNAMED if origin is None else _name(origin),
                inherited=parameter_text(one.code, inherited[one.code]) if one.code in inherited else UNNAMED,
            )
        )  # fmt: skip
    return tuple(rows), {code: value for code, value in {**inherited, **own}.items() if code not in known}


def _name(entry: Any) -> Bilingual:
    if isinstance(entry, ModelYear):
        return Bilingual(f"{entry.year}款", str(entry.year))
    return Bilingual(entry.name_zh, entry.name_en)


def _path(line: list[Any]) -> Bilingual:
    names = [_name(entry) for entry in line]
    return Bilingual(" ".join(name.zh for name in names), " ".join(name.en or name.zh for name in names))


def _versions(reader: Reader, entry_id: str) -> int:
    query = select(func.count()).select_from(SpecificationVersion)
    query = query.where(SpecificationVersion.subject_id == entry_id, SpecificationVersion.deleted_at.is_(None))
    return reader.session.execute(query).scalar_one()


def _below(reader: Reader, level: Level, entry_id: str) -> int:
    """How many entries stand directly below."""
    above = _BELOW.get(level)
    if above is None:
        return 0
    below = above.class_
    query = select(func.count()).select_from(below).where(above == entry_id, below.deleted_at.is_(None))
    return reader.session.execute(query).scalar_one()
