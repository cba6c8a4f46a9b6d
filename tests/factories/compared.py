"""Six trims of six kinds, with most of what people compare on file, for comparison, its paper and its benchmark."""

from decimal import Decimal
from typing import Any

from app.catalog.rules import ParameterType, specification_dictionary
from db.models.catalog import Trim
from tests.factories.records import Records

_CARS: tuple[tuple[str, str, str, str, str, str, str, str, bool, dict[str, Any]], ...] = (
    ("比亚迪", "BYD", "汉", "Han", "EV 605km 前驱尊贵型", "EV 605 km Premium", "electric", "219800.00", True,
     {"battery_capacity": 72, "electric_range": 605, "electricity_consumption": 13.5, "motor_power": 168,
      "acceleration_0_100": 7.9, "length": 4995, "wheelbase": 2920, "airbags": 9, "luggage_volume": 410}),
    ("大众", "Volkswagen", "帕萨特", "Passat", "380TSI 龙耀版", "380TSI Elite", "petrol", "229900.00", False,
     {"displacement": 2.0, "consumption_combined": 6.6, "engine_power": 162, "acceleration_0_100": 7.4,
      "length": 5006, "wheelbase": 2871, "airbags": 7, "luggage_volume": 533, "fuel_tank": 68}),
    ("丰田", "Toyota", "凯美瑞", "Camry", "双擎 2.0HG 豪华版", "2.0 HG Hybrid Luxury", "hybrid", "206800.00", False,
     {"displacement": 2.0, "consumption_combined": 4.5, "engine_power": 112, "motor_power": 83, "system_power": 145,
      "acceleration_0_100": 8.7, "length": 4915, "wheelbase": 2825, "airbags": 8, "luggage_volume": 500}),
    ("吉利", "Geely", "银河L7", "Galaxy L7", "PHEV 115km MAX", "PHEV 115 km MAX", "plug_in_hybrid", "157700.00", True,
     {"displacement": 1.5, "consumption_charge_sustaining": 5.23, "electricity_consumption": 15.2,
      "battery_capacity": 19.09, "electric_range": 115, "engine_power": 120, "motor_power": 107,
      "acceleration_0_100": 6.9, "length": 4700, "wheelbase": 2785, "airbags": 6}),
    ("理想", "Li Auto", "L6", "L6", "Max", "Max", "range_extended", "279800.00", True,
     {"displacement": 1.5, "consumption_charge_sustaining": 6.9, "electricity_consumption": 18.1,
      "battery_capacity": 36.8, "electric_range": 212, "total_range": 1390, "system_power": 300,
      "acceleration_0_100": 5.4, "length": 4925, "wheelbase": 2920, "airbags": 9}),
    ("哈弗", "Haval", "H9", "H9", "2.4T 柴油四驱尊享版", "2.4T Diesel 4WD", "diesel", "239900.00", False,
     {"displacement": 2.4, "consumption_wltc": 8.4, "engine_power": 137, "length": 5070, "wheelbase": 2850,
      "airbags": 6, "service_interval": 10_000, "service_interval_months": 12}),
)  # fmt: skip


def six_trims(records: Records, *, filled: bool = True) -> list[Trim]:
    """The six, each of its own make; `filled` gives every one a value for every parameter that is a choice."""
    trims = []
    for number, (make_zh, make_en, series_zh, series_en, zh, en, energy, price, listed, own) in enumerate(_CARS):
        make = records.make(name_zh=make_zh, name_en=make_en)
        year = records.model_year(records.series(make, name_zh=series_zh, name_en=series_en))
        parameters = {**(_equipment(number) if filled else {}), **own}
        trims.append(
            records.trim(year, name_zh=zh, name_en=en, energy=energy, guide_price=Decimal(price),
                         in_tax_directory=listed, parameters=parameters)
        )  # fmt: skip
    return trims


def _equipment(number: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for place, (code, parameter) in enumerate(specification_dictionary().parameters.items()):
        if parameter.type is ParameterType.CHOICE and parameter.choices:
            found[code] = parameter.choices[(number * place) % len(parameter.choices)].code
        elif parameter.type is ParameterType.BOOLEAN:
            found[code] = (number + place) % 3 != 0
    return found
