"""Twenty thousand trims with realistic parameters, made from the demo's: other years, other equipment, other prices.

What a series shares stands at the series, what a year shares at the year, the rest at the trim, as in a kept catalogue.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from random import Random
from typing import Any

from app.catalog.energies import Energy
from app.catalog.rules import Parameter, ParameterType, specification_dictionary
from app.demo.catalogue import DemoTrim
from app.demo.loading import Loader
from app.kernel.money import to_fen

TRIMS = 20_000
_STATED = 0.7
"""How likely a parameter that could be stated is."""
_OF_THE_SERIES = ("dimensions", "chassis")
_TEMPLATES = 12
_OTHER_EVERY = 6
_GRADES = (
    ("进取版", "Enterprising"), ("舒适版", "Comfort"), ("豪华版", "Luxury"), ("尊贵版", "Premium"),
    ("旗舰版", "Flagship"),
    ("智驾版", "Smart Drive"), ("运动版", "Sport"), ("长续航版", "Long Range"), ("四驱性能版", "AWD Performance"),
    ("冠军版", "Champion"), ("荣耀版", "Honour"), ("先锋版", "Pioneer"),
)  # fmt: skip
_WITHOUT_BATTERY = frozenset({Energy.PETROL, Energy.DIESEL})
_WITHOUT_ENGINE = frozenset({Energy.ELECTRIC, Energy.FUEL_CELL})
_OF_ENGINES = frozenset(
    {
        "displacement", "cylinders", "cylinder_layout", "valves_per_cylinder", "aspiration", "compression_ratio",
        "engine_code", "engine_power", "engine_power_speed", "engine_torque", "engine_torque_speed", "fuel",
        "fuel_injection", "stop_start", "fuel_tank", "consumption_combined", "consumption_city", "consumption_highway",
        "consumption_wltc", "consumption_charge_sustaining", "consumption_reported", "particulate_filter",
    }
)  # fmt: skip
_OF_MOTORS = frozenset(
    {"motors", "motor_type", "motor_layout", "motor_power", "motor_torque", "front_motor_power", "rear_motor_power",
     "electricity_consumption", "electricity_consumption_wltc", "one_pedal"}
)  # fmt: skip


def add_trims(loader: Loader, bases: list[DemoTrim], chance: Random, *, at: datetime, count: int) -> list[DemoTrim]:
    """Put so many further trims into the loader, below the series that are in it."""
    shelf = _Shelf(loader, chance, at)
    return [shelf.trim(chance.choice(bases), n) for n in range(count)]


class _Shelf:
    def __init__(self, loader: Loader, chance: Random, at: datetime) -> None:
        self._loader, self._chance, self._at = loader, chance, at
        self._years = {(row["series_id"], row["year"]): row["id"] for row in loader.rows["model_year"]}
        self._series = {row["id"]: row for row in loader.rows["series"]}
        self._templates: dict[tuple[Energy, int], dict[str, Any]] = {}

    def trim(self, base: DemoTrim, number: int) -> DemoTrim:
        """A trim like `base` of some year, with a grade of its own."""
        chance = self._chance
        year = chance.randrange(2018, 2027)
        zh, en = chance.choice(_GRADES)
        price = (base.guide_price * Decimal(chance.randrange(82, 130)) / 100).quantize(Decimal(100)) * Decimal("1.00")
        name = f"{base.name_zh} {zh} {number % 97}"
        parameters = self._parameters(base)
        trim_id = self._loader.add(
            "trim", at=self._at, model_year_id=self._year(base, year), name_zh=name,
            name_en=f"{base.name_zh.encode('ascii', 'ignore').decode().strip()} {en} {number % 97}",
            energy=base.energy.value, seats=chance.choice((base.seats, base.seats, base.seats, 7)),
            guide_price=to_fen(price), in_tax_directory=int(base.in_tax_directory), parameters=parameters,
            source="benchmark",
        )  # fmt: skip
        return replace(
            base, id=trim_id, name_zh=name, year=year, guide_price=price, parameters=parameters, weight=0.02
        )

    def _year(self, base: DemoTrim, year: int) -> str:
        key = (base.series_id, year)
        if key not in self._years:
            series = self._series[base.series_id]
            if not series.get("parameters"):
                series["parameters"] = self._drawn(base.energy, groups=_OF_THE_SERIES)
            self._years[key] = self._loader.add(
                "model_year", at=self._at, series_id=base.series_id, year=year,
                parameters=self._drawn(base.energy, groups=("warranty",)),
            )  # fmt: skip
        return self._years[key]

    def _parameters(self, base: DemoTrim) -> dict[str, Any]:
        """A template of its kind of drive, one in six values drawn anew, what the base says varied a little."""
        chance = self._chance
        key = (base.energy, chance.randrange(_TEMPLATES))
        if key not in self._templates:
            self._templates[key] = self._drawn(base.energy, without=(*_OF_THE_SERIES, "warranty"))
        known = specification_dictionary().parameters
        values = dict(self._templates[key])
        for code in chance.sample(sorted(values), len(values) // _OTHER_EVERY):
            values[code] = _value(known[code], chance)
        for code, value in base.parameters.items():
            parameter = known[code]
            if parameter.type is ParameterType.NUMBER and chance.random() < 0.7:
                value = _rounded(parameter, float(value) * chance.uniform(0.9, 1.12))
            values[code] = value
        return values

    def _drawn(self, energy: Energy, *, groups: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> dict[str, Any]:
        chance = self._chance
        return {
            code: _value(parameter, chance)
            for code, parameter in specification_dictionary().parameters.items()
            if (parameter.group in groups if groups else parameter.group not in without)
            and chance.random() < _STATED
            and _goes_with(parameter, energy)
        }


def _goes_with(parameter: Parameter, energy: Energy) -> bool:
    if energy in _WITHOUT_BATTERY and (parameter.group == "battery_charging" or parameter.code in _OF_MOTORS):
        return False
    return not (energy in _WITHOUT_ENGINE and parameter.code in _OF_ENGINES)


def _value(parameter: Parameter, chance: Random) -> Any:
    if parameter.type is ParameterType.CHOICE:
        return chance.choice(parameter.choices).code
    if parameter.type is ParameterType.BOOLEAN:
        return chance.random() < 0.4
    if parameter.type is ParameterType.TEXT:
        return f"{parameter.name.en[:20]} {chance.randrange(30)}"
    if parameter.type is ParameterType.RANGE:
        return sorted((_drawn_number(parameter, chance), _drawn_number(parameter, chance)))
    return _drawn_number(parameter, chance)


def _drawn_number(parameter: Parameter, chance: Random) -> float | int:
    low, high = float(parameter.lowest or 0), float(parameter.highest or 0)
    return _rounded(parameter, low + (high - low) * chance.betavariate(2, 6))


def _rounded(parameter: Parameter, value: float) -> float | int:
    low, high = float(parameter.lowest or 0), float(parameter.highest or 0)
    rounded = round(min(high, max(low, value)), parameter.places)
    return int(rounded) if rounded == int(rounded) else rounded
