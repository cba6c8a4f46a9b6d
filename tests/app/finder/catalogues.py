"""Catalogues in memory for the finder's tests, and what a question means, worked out trim by trim."""

from collections import Counter
from random import Random
from typing import Any

import numpy as np
from hypothesis import strategies as st

from app.catalog.rules import Parameter, ParameterType, specification_dictionary
from app.finder.columns import Node, TrimColumns, TrimRecord
from app.finder.rules import ENERGY, MAKE, NO, PRICE, YEAR, YES, Question, Restriction
from app.finder.stock import FreeUnits

ASKED = (
    PRICE, ENERGY, MAKE, YEAR, "electric_range", "consumption_combined", "seats", "drive", "sunroof", "battery_swap",
    "heated_seats", "electric_range_winter", "vehicle_class",
)  # fmt: skip
MAKES = tuple(Node(f"{n:032x}", f"品牌{n}", f"Make {n}", f"p{n}", f"pin pai {n}") for n in range(4))
_ENERGIES = ("electric", "petrol", "hybrid")
_TEXTS = ("紧凑型", "中型", "大型")


def value_for(code: str, chance: Random) -> Any:
    """A value that a trim may have of what is asked for; few different ones, so that they meet."""
    parameter = parameter_of(code)
    assert parameter is not None
    if parameter.type in (ParameterType.NUMBER, ParameterType.INTEGER):
        scale = 10**parameter.places
        number = int((parameter.lowest or 0) * scale) + chance.randrange(12)
        return number if scale == 1 else number / scale
    if parameter.type is ParameterType.RANGE:
        low = chance.randrange(100, 110)
        return [low, low + chance.randrange(8)]
    if parameter.type is ParameterType.BOOLEAN:
        return chance.random() < 0.5
    return chance.choice(_TEXTS if parameter.type is ParameterType.TEXT else [one.code for one in parameter.choices])


def parameter_of(code: str) -> Parameter | None:
    return specification_dictionary().parameters.get(code)


@st.composite
def catalogues(draw: st.DrawFn) -> list[TrimRecord]:
    """Up to thirty trims, much of them not stated."""
    chance = Random(draw(st.integers(0, 1 << 32)))
    codes = [code for code in ASKED if not code.startswith("@")]
    return [
        record(
            n, make=chance.choice(MAKES), energy=chance.choice(_ENERGIES), price=chance.randrange(8, 20) * 10_000.0,
            year=chance.randrange(2024, 2027),
            parameters={code: value_for(code, chance) for code in codes if chance.random() < 0.6},
        )
        for n in range(chance.randrange(30))
    ]  # fmt: skip


def record(n: int, **values: Any) -> TrimRecord:
    """A trim with sensible values where none are given."""
    make = values.pop("make", MAKES[0])
    series = values.pop("series", Node(f"5{make.id[1:]}", "系列", "Series", "xl", "xi lie"))
    given = {
        "id": f"{n:032x}", "stamp": "1", "year_id": f"{n % 3:032x}", "make": make, "series": series, "year": 2026,
        "name_zh": f"型号{n}", "name_en": f"Trim {n}", "pinyin": "xinghao", "energy": "petrol", "price": 150_000.0,
        "parameters": {},
    }  # fmt: skip
    return TrimRecord(**(given | values))


def columns_of(records: list[TrimRecord]) -> TrimColumns:
    """The columns of these trims."""
    return TrimColumns.empty().with_changes([records], parent_stamps={})


def no_stock(columns: TrimColumns) -> FreeUnits:
    """Nothing is free anywhere."""
    zeros = np.zeros(len(columns), np.int32)
    return FreeUnits(zeros, zeros, zeros, zeros)


@st.composite
def restrictions(draw: st.DrawFn) -> tuple[Restriction, ...]:
    """Up to four restrictions of different parameters."""
    chance = Random(draw(st.integers(0, 1 << 32)))
    return tuple(_restriction(code, chance) for code in chance.sample(ASKED, chance.randrange(5)))


def _restriction(code: str, chance: Random) -> Restriction:
    parameter = parameter_of(code)
    if code == PRICE:
        return Restriction(code=code, low=chance.randrange(8, 20) * 10_000.0)
    if parameter is not None and parameter.type is ParameterType.RANGE:
        return Restriction(code=code, low=_end(chance, chance.randrange(98, 120)), high=_end(chance, 104))
    if parameter is not None and parameter.type in (ParameterType.NUMBER, ParameterType.INTEGER):
        return Restriction(
            code=code, low=_end(chance, value_for(code, chance)), high=_end(chance, value_for(code, chance))
        )
    own = {ENERGY: _ENERGIES, MAKE: [make.id for make in MAKES], YEAR: ["2024", "2025", "2026"]}.get(code)
    drawn = [chance.choice(own) if own else value_for(code, chance) for _ in range(chance.randrange(1, 3))]
    return Restriction(code=code, values=tuple({True: YES, False: NO}.get(value, value) for value in drawn))


def _end(chance: Random, value: float) -> float | None:
    return value if chance.random() < 0.6 else None


# --- the oracle --------------------------------------------------------------------------------------


def value_of(one: TrimRecord, code: str) -> Any:
    own = {PRICE: one.price, ENERGY: one.energy, MAKE: one.make.id, YEAR: str(one.year)}
    value = own.get(code, one.parameters.get(code))
    return {True: YES, False: NO}[value] if isinstance(value, bool) else value


def fits(one: TrimRecord, restriction: Restriction) -> bool:
    value = value_of(one, restriction.code)
    if value is None:
        return False
    if isinstance(value, str):
        return value in restriction.values
    low, high = value if isinstance(value, list) else (value, value)
    return (restriction.low is None or high >= restriction.low) and (
        restriction.high is None or low <= restriction.high
    )


def fitting(records: list[TrimRecord], question: Question, *, without: str = "") -> list[TrimRecord]:
    rules = [one for one in question.restrictions if one.code != without]
    return [one for one in records if all(fits(one, rule) for rule in rules)]


def counted(records: list[TrimRecord], question: Question, code: str) -> Counter[Any]:
    """How many trims each value of a facet would leave."""
    return Counter(value_of(one, code) for one in fitting(records, question, without=code)
                   if not isinstance(value_of(one, code), list))  # fmt: skip
