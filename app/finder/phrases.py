"""What a typed text says beside names: "续航600km以上", "under 200,000", "7座", "四驱" become restrictions.

A modest set of phrases, all of them listed here; everything else stays a word to be looked for in names. Each phrase
that was understood is handed back with the piece of text it stands for, so that it can be shown and taken away.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from app.catalog.energies import NEW_ENERGY, Energy
from app.catalog.rules import Better, Parameter, ParameterType, specification_dictionary
from app.catalog.units import convert, find_unit
from app.finder.rules import ENERGY, PRICE, Restriction, StockWish
from app.kernel.errors import DomainError

_AROUND = 0.1
"""What "about" leaves open, as a share."""
_LEAST_PRICE = 10_000
"""A bare number from here on, with a comparison, is a price."""

_NUMBER = r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_MORE_BEFORE = r">=|≥|>|大于|超过|高于|不低于|不少于|至少|at least|over|more than|above|from|min"
_LESS_BEFORE = r"<=|≤|<|小于|低于|不超过|不高于|最多|under|below|less than|up to|at most|within|max"
_ABOUT_BEFORE = r"约|大约|about|around|~"
_MORE_AFTER = r"以上|起|\+|or more|and up|and over"
_LESS_AFTER = r"以下|以内|之内|内|or less|and under"
_ABOUT_AFTER = r"左右|上下"
_BEFORE = rf"(?<![a-z])(?P<before>(?:{_MORE_BEFORE}|{_LESS_BEFORE}|{_ABOUT_BEFORE})\s*)"
_AFTER = rf"(?P<after>\s*(?:{_MORE_AFTER}|{_LESS_AFTER}|{_ABOUT_AFTER}))"
_TO = r"\s*(?:-|–|~|至|到|to)\s*"
_MONEY = r"万元|万|w|k|元|块|yuan|rmb|cny"
_BUDGET = r"(?:预算|价格|售价|price|budget)"
_DIGITS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10}

_QUANTITIES: tuple[tuple[str, str], ...] = (
    (r"续航里程|续航|range", "electric_range"), (r"综合续航|total range", "total_range"),
    (r"[亏馈]电油耗|depleted consumption", "consumption_charge_sustaining"),
    (r"油耗|fuel consumption|consumption", "consumption_combined"), (r"电耗", "electricity_consumption"),
    (r"百公里加速|零百加速|零百|破百|0-100|acceleration", "acceleration_0_100"),
    (r"轴距|wheelbase", "wheelbase"), (r"车长|长度|length", "length"), (r"车宽|宽度|width", "width"),
    (r"车高|高度|height", "height"), (r"离地间隙|ground clearance", "ground_clearance"),
    (r"后备箱|后备厢|行李舱|尾箱|luggage|boot|trunk", "luggage_volume"), (r"油箱|fuel tank", "fuel_tank"),
    (r"电池容量|电池|battery", "battery_capacity"), (r"充电功率|快充功率|charging power", "charging_power"),
    (r"快充时间|快充|fast charging", "fast_charging_time"), (r"总功率|系统功率|功率|power", "system_power"),
    (r"扭矩|torque", "system_torque"), (r"排量|displacement", "displacement"),
    (r"极速|最高车速|top speed", "top_speed"),
    (r"气囊|airbags?", "airbags"), (r"中控屏|屏幕|screen", "screen_size"),
    (r"整车质保|质保|warranty", "warranty_years"),
    (r"拖挂|牵引|towing", "towing_capacity"), (r"整备质量|车重|weight", "curb_weight"),
    (r"扬声器|speakers?", "speakers"),
)  # fmt: skip
"""Words for quantities, and what they are called in the dictionary."""

_BY_UNIT: tuple[tuple[str, str], ...] = (
    (r"l/100\s*km|升/百公里|升每百公里", "consumption_combined"), (r"kwh|千瓦时|度", "battery_capacity"),
    (r"公里|千米|km(?!/)", "electric_range"), (r"秒|s(?![a-z])", "acceleration_0_100"),
)  # fmt: skip
"""With a comparison, a unit alone says what is meant."""

_WORDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (r"四驱|全驱|awd|4wd|4x4|all.wheel(?: drive)?|four.wheel(?: drive)?", "drive", ("all",)),
    (r"后驱|rwd|rear.wheel(?: drive)?", "drive", ("rear",)),
    (r"前驱|fwd|front.wheel(?: drive)?", "drive", ("front",)),
    (r"插电式?混动|插混|phev|plug.in(?: hybrid)?", ENERGY, (Energy.PLUG_IN_HYBRID.value,)),
    (r"增程式?|erev|range.extended", ENERGY, (Energy.RANGE_EXTENDED.value,)),
    (r"新能源车?|new energy|nev", ENERGY, tuple(sorted(energy.value for energy in NEW_ENERGY))),
    (r"纯电动?车?|电动车|bev|electric", ENERGY, (Energy.ELECTRIC.value,)),
    (r"油电混动|混动|hev|hybrid", ENERGY, (Energy.HYBRID.value, Energy.PLUG_IN_HYBRID.value)),
    (r"汽油车?|燃油车|油车|petrol|gasoline", ENERGY, (Energy.PETROL.value,)),
    (r"柴油车?|diesel", ENERGY, (Energy.DIESEL.value,)),
    (r"燃料电池|氢能|fuel cell", ENERGY, (Energy.FUEL_CELL.value,)),
    (r"suv|越野车", "body", ("suv",)), (r"mpv|商务车|people carrier", "body", ("mpv",)),
    (r"三厢轿?车?|轿车|sedan|saloon", "body", ("sedan",)), (r"两厢车?|hatchback", "body", ("hatchback",)),
    (r"旅行车|瓦罐|wagon|estate", "body", ("wagon",)), (r"皮卡|pick.?up", "body", ("pickup",)),
    (r"轿跑|coup[eé]", "body", ("coupe",)), (r"敞篷车?|convertible|cabrio(?:let)?", "body", ("convertible",)),
    (r"手动挡?|manual gearbox", "transmission", ("manual",)),
    (r"360影像|全景影像|surround view", "surround_camera", ("standard", "optional")),
    (r"全景天窗|panoramic (?:sun)?roof", "sunroof", ("panoramic_opening", "panoramic_fixed")),
    (r"天窗|sunroof", "sunroof", ("panoramic_opening", "panoramic_fixed", "single")),
)  # fmt: skip

_IN_STOCK = r"有?现车|in stock"
_OF_A_YEAR = re.compile(r"(20\d\d)\s*年?款")
_UNFINISHED = re.compile(rf"(?<![a-z])(?:{_MORE_BEFORE}|{_LESS_BEFORE}|{_ABOUT_BEFORE})\s*[\d,.]*\s*$")
"""A comparison that stops before it says with what, as while it is typed."""
_SAID_FOR: dict[tuple[str, str], str] = {
    ("l", "L/100km"): "L/100km", ("升", "L/100km"): "L/100km", ("度", "kWh/100km"): "kWh/100km",
    ("kwh", "kWh/100km"): "kWh/100km", ("寸", "in"): "in", ("英寸", "in"): "in", ("度", "kWh"): "kWh",
}  # fmt: skip
"""Units as they are said, where the dictionary has a longer one."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A piece of the text, and what was taken from it: a restriction, or a wish about the stock. With neither it names
    a quantity and says not how much."""

    phrase: str
    restriction: Restriction | None = None
    stock: StockWish | None = None
    waiting_for: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """`words` is what is left to be looked for in names."""

    words: str
    understood: tuple[Understood, ...]


UNFINISHED = "…"
"""What a comparison waits for that has no number yet."""


def without_phrase(text: str, phrase: str) -> str:
    """The text with one phrase taken out, as when its chip is taken away."""
    place = _plain(text).find(phrase)
    left = _plain(text) if place < 0 else _plain(text)[:place] + " " + _plain(text)[place + len(phrase) :]
    return " ".join(left.split())


@lru_cache(maxsize=256)
def parse(text: str) -> Parsed:
    """Take the phrases out of a text; the first of two that speak of the same parameter wins the range, values of the
    same parameter add up."""
    left = _OF_A_YEAR.sub(r" \1 ", _plain(text))
    found: list[tuple[str, Restriction | StockWish]] = []
    for pattern, meaning in _readings():
        left = _take(left, pattern, meaning, found)
    understood = list(_combined(found))
    unfinished = _UNFINISHED.search(left)
    if unfinished and (match := unfinished.group().strip()):
        left = left[: unfinished.start()]
        understood.append(Understood(match, waiting_for=UNFINISHED))
    return Parsed(" ".join(left.split()), tuple(understood))


def waiting_words(words: str) -> tuple[tuple[str, str], ...]:
    """Quantities that are named without saying how much, as (piece of the text, code of the parameter)."""
    found: list[tuple[str, str]] = []
    for pattern, code in _quantities():
        match = re.search(rf"(?<![a-z])(?:{pattern})(?![a-z])", words)
        if match and not any(match.group() in phrase for phrase, _ in found):
            found.append((match.group(), code))
    return tuple(found)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


Meaning = Callable[[re.Match[str]], Restriction | StockWish | None]


@lru_cache(maxsize=1)
def _readings() -> tuple[tuple[re.Pattern[str], Meaning], ...]:
    """All phrases, the most telling first."""
    return tuple((re.compile(pattern), meaning) for pattern, meaning in _all_readings())


def _all_readings() -> Iterator[tuple[str, Meaning]]:
    yield _IN_STOCK, lambda match: StockWish.HERE
    yield from _seats()
    for words, code in _quantities():
        yield from _quantity(words, code)
    yield from _prices()
    for units, code in _BY_UNIT:
        parameter = specification_dictionary().parameters.get(code)
        if parameter is not None:
            needed = _amount("low", units, needed=True)
            yield rf"{_BEFORE}{needed}", _reader(parameter)
            yield rf"{needed}{_AFTER}", _reader(parameter)
    for words, code, values in (*_WORDS, *_equipment()):
        yield _whole(words), lambda match, code=code, values=values: Restriction(code=code, values=values)  # type: ignore[misc]


def _amount(name: str, units: str, *, needed: bool = False) -> str:
    """A number under a name, with its unit, which may have to stand there."""
    return rf"(?:[¥￥]\s*)?(?P<{name}>{_NUMBER})\s*(?P<{name}_unit>{units}){'' if needed else '?'}"


def _quantities() -> Iterator[tuple[str, str]]:
    known = specification_dictionary().parameters
    return ((words, code) for words, code in _QUANTITIES if code in known)


def _quantity(words: str, code: str) -> Iterator[tuple[str, Meaning]]:
    parameter = specification_dictionary().parameters[code]
    units = r"[a-z/%°·]+(?:/100\s?km)?|公里|千米|毫米|厘米|米|升|秒|度|千瓦时|千瓦|分钟|小时|年|英寸|寸|个|公斤|吨"
    low, high = _amount("low", units), _amount("high", units)
    names = rf"(?<![a-z])(?:{words})\s*(?:大于|:|：)?\s*"
    yield rf"{names}{low}{_TO}{high}", _reader(parameter)
    yield rf"{names}{_BEFORE}?{low}{_AFTER}?", _reader(parameter)
    yield rf"{_BEFORE}?{low}{_AFTER}?\s*(?:的|of)?\s*(?:{words})(?![a-z])", _reader(parameter)


def _reader(parameter: Parameter) -> Meaning:
    def read(match: re.Match[str]) -> Restriction | None:
        groups = match.groupdict()
        low = _in_unit(parameter, groups["low"], groups.get("low_unit") or groups.get("high_unit") or "")
        if low is None:
            return None
        if groups.get("high"):
            high = _in_unit(parameter, groups["high"], groups.get("high_unit") or "")
            return None if high is None else Restriction(code=parameter.code, low=min(low, high), high=max(low, high))
        return _compared(parameter.code, low, groups, better=parameter.better)

    return read


def _compared(code: str, value: float, groups: dict[str, str | None], *, better: Better) -> Restriction:
    """A range from a number and the words around it; without any, the better side of it, else about as much."""
    before, after = (groups.get("before") or "").strip(), (groups.get("after") or "").strip()
    if re.fullmatch(_MORE_BEFORE, before) or re.fullmatch(_MORE_AFTER, after):
        return Restriction(code=code, low=value)
    if re.fullmatch(_LESS_BEFORE, before) or re.fullmatch(_LESS_AFTER, after):
        return Restriction(code=code, high=value)
    said_about = bool(before or after)
    if not said_about and better is Better.HIGHER:
        return Restriction(code=code, low=value)
    if not said_about and better is Better.LOWER:
        return Restriction(code=code, high=value)
    return Restriction(code=code, low=round(value * (1 - _AROUND), 6), high=round(value * (1 + _AROUND), 6))


def _in_unit(parameter: Parameter, number: str, unit: str) -> float | None:
    """The number in the parameter's own unit; None where the unit does not go with it."""
    from decimal import Decimal

    value = Decimal(number.replace(",", ""))
    unit = _SAID_FOR.get((unit.strip(), parameter.unit), unit.strip().replace("个", ""))
    if not unit or not parameter.unit:
        return float(value) if not unit or parameter.type is ParameterType.INTEGER else None
    known = find_unit(unit)
    if known is None:
        return None
    try:
        return float(value if known.code == parameter.unit else convert(value, known.code, parameter.unit))
    except (DomainError, ZeroDivisionError):
        return None


def _prices() -> Iterator[tuple[str, Meaning]]:
    low, high = _amount("low", _MONEY), _amount("high", _MONEY)
    yield rf"(?:{_BUDGET}\s*)?{low}{_TO}{high}", _price_range
    yield rf"{_BUDGET}?\s*{_BEFORE}{low}", _price
    yield rf"(?:{_BUDGET}\s*)?{low}{_AFTER}", _price
    yield rf"{_BUDGET}\s*{low}", _price
    yield _amount("low", "万元?", needed=True), lambda match: _compared(
        PRICE, _yuan(match["low"], match["low_unit"]), {"before": "about"}, better=Better.LOWER
    )


def _price_range(match: re.Match[str]) -> Restriction | None:
    high = _yuan(match["high"], match["high_unit"])
    low = _yuan(match["low"], match["low_unit"] or match["high_unit"])
    if max(low, high) < _LEAST_PRICE or not (match["high_unit"] or low >= _LEAST_PRICE):
        return None
    return Restriction(code=PRICE, low=min(low, high), high=max(low, high))


def _price(match: re.Match[str]) -> Restriction | None:
    value = _yuan(match["low"], match["low_unit"])
    groups = match.groupdict()
    return None if value < _LEAST_PRICE else _compared(PRICE, value, groups, better=Better.LOWER)


def _yuan(number: str, unit: str | None) -> float:
    factor = {"万": 10_000, "万元": 10_000, "w": 10_000, "k": 1_000}.get(unit or "", 1)
    return float(number.replace(",", "")) * factor


def _seats() -> Iterator[tuple[str, Meaning]]:
    number = r"(?P<n>\d{1,2}|[一二两三四五六七八九十])"
    words = r"(?:座|人座|[- ]?seat(?:er|s)?(?![a-z]))"
    yield rf"(?P<least>\d)\s*[/或-]\s*{number}\s*{words}", _seat_range
    yield rf"{number}\s*{words}(?P<more>以上|\s*or more|\+)?", _seat_range


def _seat_range(match: re.Match[str]) -> Restriction:
    groups = match.groupdict()
    most = float(_DIGITS.get(groups["n"] or "") or groups["n"])
    least = float(groups.get("least") or most)
    return Restriction(code="seats", low=min(least, most), high=None if groups.get("more") else max(least, most))


def _equipment() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The names of everything that is standard, optional or absent: named, it has to be there."""
    for code, parameter in specification_dictionary().parameters.items():
        values = [choice.code for choice in parameter.choices]
        there = tuple(value for value in values if value in ("standard", "optional"))
        if parameter.type is ParameterType.BOOLEAN:
            there = ("yes",)
        if there and (parameter.type is ParameterType.BOOLEAN or "absent" in values):
            names = [re.escape(_plain(name)) for name in (parameter.name.zh, parameter.name.en) if len(name) > 1]
            yield "|".join(sorted(names, key=len, reverse=True)), code, there


def _whole(words: str) -> str:
    """A word as a whole: Latin letters must not go on before or behind it."""
    return rf"(?<![a-z0-9])(?:{words})(?![a-z0-9])"


def _take(
    left: str, pattern: re.Pattern[str], meaning: Meaning, found: list[tuple[str, Restriction | StockWish]]
) -> str:
    """Take every match that means something out of the text."""

    def taken(match: re.Match[str]) -> str:
        meant = meaning(match)
        if meant is None:
            return match.group()
        found.append((match.group().strip(), meant))
        return " "

    return pattern.sub(taken, left)


def _combined(found: list[tuple[str, Restriction | StockWish]]) -> tuple[Understood, ...]:
    understood: list[Understood] = []
    for phrase, meant in found:
        if isinstance(meant, StockWish):
            understood.append(Understood(phrase, stock=meant))
        else:
            understood.append(Understood(phrase, restriction=meant))
    return tuple(understood)
