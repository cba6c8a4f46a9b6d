"""Which column of a list stands for what: chosen by a person, guessed from headings and values before that."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from app.catalog.energies import Energy
from app.catalog.heading_names import (
    IMPERIAL,
    HeadingMeaning,
    folded,
    is_coded,
    likely_units,
    make_behind,
    meaning_of,
    ranked_names,
)
from app.catalog.import_cells import read_energy, read_parameter
from app.catalog.import_commands import Level
from app.catalog.package_specifications import DOLLAR as YUAN_FOR_A_DOLLAR
from app.catalog.rules import Parameter, ParameterType, specification_dictionary
from app.kernel.errors import DomainError
from app.kernel.labels import Labelled
from app.runtime.language import tr_noop

_LOOKED_AT = 200
_FIT = 0.9
_WORTH = 0.5
_YEAR_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)|(?<=\D)([5-9]\d)(?=\D*$)")


class SpecificationField(Labelled):
    """What a column can stand for, apart from the parameters of the dictionary."""

    MAKE_ZH = "make_zh", tr_noop("Make (Chinese)")
    MAKE_EN = "make_en", tr_noop("Make (English)")
    COUNTRY = "country", tr_noop("Home country of the make")
    SERIES_ZH = "series_zh", tr_noop("Series (Chinese)")
    SERIES_EN = "series_en", tr_noop("Series (English)")
    SERIES_BODY = "series_body", tr_noop("Body of the series")
    YEAR = "year", tr_noop("Model year")
    TRIM_ZH = "trim_zh", tr_noop("Trim (Chinese)")
    TRIM_EN = "trim_en", tr_noop("Trim (English)")
    FULL_NAME = "full_name", tr_noop("Make, series and trim in one")
    ENERGY = "energy", tr_noop("Energy")
    SEATS = "seats", tr_noop("Seats")
    GUIDE_PRICE = "guide_price", tr_noop("Guide price")
    TAX_DIRECTORY = "in_tax_directory", tr_noop("In the tax directory")
    LEVEL = "level", tr_noop("Level of the row")
    RECORD_ID = "record_id", tr_noop("ID of an exported entry")


class PriceUnit(Labelled):
    """What the figures of a price column count."""

    YUAN = "CNY", tr_noop("Yuan")
    TEN_THOUSAND_YUAN = "CNY10000", tr_noop("10,000 yuan")
    DOLLAR = "USD", tr_noop("US dollars")
    THOUSAND_DOLLARS = "USD1000", tr_noop("1,000 US dollars")

    def factor(self, rate: Decimal = YUAN_FOR_A_DOLLAR) -> Decimal:
        """Yuan for one; `rate` is yuan for a dollar."""
        return {"CNY": Decimal(1), "CNY10000": Decimal(10_000), "USD": rate, "USD1000": rate * 1000}[self.value]


NEEDED: Mapping[Level, tuple[SpecificationField, ...]] = {
    Level.MAKE: (SpecificationField.MAKE_ZH,),
    Level.SERIES: (SpecificationField.MAKE_ZH, SpecificationField.SERIES_ZH),
    Level.MODEL_YEAR: (SpecificationField.MAKE_ZH, SpecificationField.SERIES_ZH, SpecificationField.YEAR),
    Level.TRIM: (
        SpecificationField.MAKE_ZH, SpecificationField.SERIES_ZH, SpecificationField.YEAR, SpecificationField.TRIM_ZH,
    ),
}  # fmt: skip
"""What names an entry of each level."""
IN_FULL_NAME = frozenset({SpecificationField.MAKE_ZH, SpecificationField.SERIES_ZH, SpecificationField.TRIM_ZH})


@dataclass(frozen=True, slots=True)
class ParameterColumn:
    """A column with values of one parameter; `unit` is the code of its unit, empty for the dictionary's."""

    code: str
    column: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """A column of yes and no that says one thing: the make is Buick, the body a coupe."""

    column: int
    target: str
    value: str


@dataclass(frozen=True, slots=True)
class SpecificationMapping:
    """Which column stands for what, and what holds for all rows.

    `level` counts where no column says the level. `constants` are texts as they would stand in a column. With
    `number_doubles`, rows of the same name become "… (2)", instead of being refused. `taken_as` says what somebody
    decided about names that look misspelt, by `name_key`: the name meant, in both languages; empty to leave it.
    """

    fields: Mapping[SpecificationField, int]
    parameters: tuple[ParameterColumn, ...] = ()
    level: Level = Level.TRIM
    constants: Mapping[SpecificationField, str] = field(default_factory=dict)
    indicators: tuple[Indicator, ...] = ()
    price_unit: PriceUnit = PriceUnit.YUAN
    rate: Decimal = YUAN_FOR_A_DOLLAR
    number_doubles: bool = False
    taken_as: Mapping[str, str] = field(default_factory=dict)

    def missing(self) -> list[SpecificationField]:
        """What is needed and neither a column nor the same for all rows."""
        given = set(self.fields) | {key for key, text in self.constants.items() if text.strip()}
        given |= {SpecificationField(one.target) for one in self.indicators if one.target in _FIELDS}
        if SpecificationField.FULL_NAME in given:
            given |= IN_FULL_NAME
        return [target for target in NEEDED[self.level] if target not in given]


def name_key(target: SpecificationField, written: str, *, make: str = "") -> str:
    """By what a decision about the name of a make, or of a series of a make, is kept."""
    return f"{target.value}:{folded(make)}:{folded(written)}"


_FIELDS = frozenset(member.value for member in SpecificationField)


def suggest_mapping(
    headers: Sequence[str], rows: Sequence[Sequence[str]] = (), *, name: str = "", several: bool = False
) -> SpecificationMapping:
    """What each column most likely stands for: by its heading, and by whether its values fit.

    `name` is the file's name: where no column says the model year, it may. With `several` the list had several cars in
    a row: a study of what people would buy, in which make and series go by the name of the file.
    """
    meanings = [meaning_of(header) for header in headers]
    values = [_samples(rows, column) for column in range(len(headers))]
    coded = [is_coded(header) for header in headers]
    values = [[] if sure else cells for sure, cells in zip(coded, values, strict=True)]
    meanings = _seen_by_values(meanings, values, coded)
    fields = _fields(headers, meanings)
    price = fields.get(SpecificationField.GUIDE_PRICE)
    if several and price is not None and _is_computed(values[price]):
        del fields[SpecificationField.GUIDE_PRICE]
    parameters = _parameters(meanings, fields, values, known=bool(rows))
    indicators = _indicators(headers, values, fields, parameters) if rows else ()
    constants = _constants(fields, parameters, name) if rows else {}
    if several:
        constants = {**_named_by_file(fields, name), **constants}
    return SpecificationMapping(
        fields=fields,
        parameters=parameters,
        constants=constants,
        indicators=indicators,
        price_unit=_price_unit(headers, values, fields),
        number_doubles=several or (bool(rows) and SpecificationField.TRIM_ZH not in fields),
    )


def _seen_by_values(
    meanings: Sequence[HeadingMeaning | None], values: Sequence[list[str]], coded: Sequence[bool]
) -> list[HeadingMeaning | None]:
    """The meanings, other ones where a heading says one thing and all values another: a type that is a body, a fuel
    that is a kind of drive, a range of cars that do not all drive by battery."""
    found = list(meanings)
    known = {meaning.key for meaning in found if meaning}
    body = specification_dictionary().parameters["body"]
    for column, meaning in enumerate(meanings):
        if meaning is None or coded[column] or not values[column]:
            continue
        if meaning.key == "vehicle_class" and "body" not in known and _share_that_fits(body, values[column], "") == 1:
            found[column] = HeadingMeaning("body")
        elif meaning.key == "fuel" and SpecificationField.ENERGY not in known and _energies(values[column]):
            found[column] = HeadingMeaning(SpecificationField.ENERGY.value, is_field=True)
    drives = next((_energies(values[n]) for n, one in enumerate(found) if one and one.key == "energy"), set())
    if drives - _BY_BATTERY:
        found = [
            HeadingMeaning("total_range", one.unit)
            if one and one.key == "electric_range" and "total_range" not in known and not coded[n]
            else one
            for n, one in enumerate(found)
        ]
    return found


_BY_BATTERY = frozenset({Energy.ELECTRIC, Energy.PLUG_IN_HYBRID, Energy.RANGE_EXTENDED})


def _energies(texts: Sequence[str]) -> set[Energy | None]:
    """The kinds of drive that texts name, none where one names no such thing."""
    try:
        return {read_energy(text) for text in texts}
    except DomainError:
        return set()


def _is_computed(texts: Sequence[str]) -> bool:
    """Whether figures are what somebody computed, not what somebody asks: most have more than four decimals."""
    long = sum(len(text.partition(".")[2]) > 4 for text in texts)
    return long * 2 > len(texts)


def _named_by_file(fields: Mapping[SpecificationField, int], name: str) -> dict[SpecificationField, str]:
    stem = name.partition(".")[0].strip()[:60]
    found = dict.fromkeys((SpecificationField.MAKE_ZH, SpecificationField.SERIES_ZH), stem)
    found[SpecificationField.YEAR] = str(date.today().year)
    return {target: text for target, text in found.items() if text and target not in fields}


def _fields(headers: Sequence[str], meanings: Sequence[HeadingMeaning | None]) -> dict[SpecificationField, int]:
    """The surest column of each field."""
    found: dict[SpecificationField, int] = {}
    for target in SpecificationField:
        ranked = ranked_names(target.value)
        columns = [n for n, meaning in enumerate(meanings) if meaning and meaning.is_field and meaning.key == target]

        def rank(column: int, ranked: tuple[str, ...] = ranked) -> int:
            plain = folded(headers[column])
            return ranked.index(plain) if plain in ranked else -1 if "[" in headers[column] else len(ranked)

        if columns:
            found[target] = min(columns, key=rank)
    if SpecificationField.SERIES_ZH in found:
        found.pop(SpecificationField.FULL_NAME, None)
    return found


def _samples(rows: Sequence[Sequence[str]], column: int) -> list[str]:
    """Different values of a column, taken from all over the list."""
    step = max(1, len(rows) // (2 * _LOOKED_AT))
    cells = (row[column] for row in rows[::step] if column < len(row) and row[column])
    return list(dict.fromkeys(cells))[:_LOOKED_AT]


def _parameters(
    meanings: Sequence[HeadingMeaning | None], fields: Mapping[SpecificationField, int], values: Sequence[list[str]],
    *, known: bool,
) -> tuple[ParameterColumn, ...]:  # fmt: skip
    dictionary = specification_dictionary().parameters
    chosen: dict[str, ParameterColumn] = {}
    open_units: list[str] = []
    for column, meaning in enumerate(meanings):
        if meaning is None or meaning.is_field or meaning.key in chosen or column in fields.values():
            continue
        parameter = dictionary[meaning.key]
        unit = meaning.unit
        if known and values[column]:
            if not unit and parameter.unit:
                unit = _best_unit(parameter, values[column])
                open_units.append(meaning.key)
            if _share_that_fits(parameter, values[column], unit) < _WORTH:
                continue
        chosen[meaning.key] = ParameterColumn(meaning.key, column, unit)
    if any(one.unit in IMPERIAL for one in chosen.values()):
        for code in open_units:
            if code in chosen:
                chosen[code] = _in_imperial(dictionary[code], chosen[code], values[chosen[code].column])
    return tuple(chosen.values())


def _best_unit(parameter: Parameter, samples: Sequence[str]) -> str:
    """The unit in which the values lie in the dictionary's range; its own if they do, and for want of a better one."""
    own = ""
    best, best_share = own, _share_that_fits(parameter, samples, own)
    if best_share >= _FIT:
        return own
    for unit in likely_units(parameter.code)[1:]:
        share = _share_that_fits(parameter, samples, unit)
        if share > best_share + 0.05:
            best, best_share = unit, share
    return best


def _in_imperial(parameter: Parameter, column: ParameterColumn, samples: Sequence[str]) -> ParameterColumn:
    """In a list with inches and miles, the pound is likelier than the kilogram where both are possible."""
    if column.unit and column.unit != parameter.unit:
        return column
    for unit in likely_units(parameter.code):
        if unit in IMPERIAL and _share_that_fits(parameter, samples, unit) >= _FIT:
            return ParameterColumn(column.code, column.column, unit)
    return column


def _share_that_fits(parameter: Parameter, samples: Sequence[str], unit: str) -> float:
    if parameter.type is ParameterType.TEXT or not samples:
        return 1.0
    good = 0
    for text in samples:
        try:
            read_parameter(parameter, text, unit=unit)
        except DomainError:
            continue
        good += 1
    return good / len(samples)


def _indicators(
    headers: Sequence[str],
    values: Sequence[list[str]],
    fields: Mapping[SpecificationField, int],
    parameters: Sequence[ParameterColumn],
) -> tuple[Indicator, ...]:
    """Columns of 0 and 1 that spread one thing: the names of makes, or the choices of a parameter."""
    used = set(fields.values()) | {one.column for one in parameters}
    yes_no = [n for n, cells in enumerate(values) if n not in used and cells and set(cells) <= {"0", "1"}]
    found: list[Indicator] = []
    if SpecificationField.MAKE_ZH not in fields:
        makes = [Indicator(n, SpecificationField.MAKE_ZH.value, make_behind(headers[n]) or headers[n].strip())
                 for n in yes_no if make_behind(headers[n])]  # fmt: skip
        found += makes if len(makes) > 1 else []
    mapped = {one.code for one in parameters}
    for code, parameter in specification_dictionary().parameters.items():
        if parameter.type is not ParameterType.CHOICE or code in mapped:
            continue
        names = {folded(text): choice.code for choice in parameter.choices
                 for text in (choice.code, choice.name.en, choice.name.zh)}  # fmt: skip
        spread = [Indicator(n, code, names[folded(headers[n])]) for n in yes_no if folded(headers[n]) in names]
        if len(spread) > 1 and not {one.column for one in spread} & {one.column for one in found}:
            found += spread
    return tuple(found)


def _constants(
    fields: Mapping[SpecificationField, int], parameters: Sequence[ParameterColumn], name: str
) -> dict[SpecificationField, str]:
    """What the list does not say, as far as it can be told from the rest; a person sees it and can change it."""
    found: dict[SpecificationField, str] = {}
    year = _YEAR_IN_NAME.search(name)
    if SpecificationField.YEAR not in fields and year:
        found[SpecificationField.YEAR] = year.group(1) or f"19{year.group(2)}"
    codes = {one.code for one in parameters}
    if SpecificationField.ENERGY not in fields:
        if codes & {"displacement", "cylinders", "consumption_combined", "consumption_city", "fuel_tank"}:
            found[SpecificationField.ENERGY] = "petrol"
        elif codes & {"battery_capacity", "electric_range", "electricity_consumption"}:
            found[SpecificationField.ENERGY] = "electric"
    if SpecificationField.TRIM_ZH not in fields and SpecificationField.SERIES_ZH in fields and len(codes) > 2:
        found[SpecificationField.TRIM_ZH] = "标准型"
        found[SpecificationField.TRIM_EN] = "Standard"
    return found


def _price_unit(
    headers: Sequence[str], values: Sequence[list[str]], fields: Mapping[SpecificationField, int]
) -> PriceUnit:
    column = fields.get(SpecificationField.GUIDE_PRICE)
    if column is None or is_coded(headers[column]):
        return PriceUnit.YUAN
    heading = headers[column].casefold()
    dollars = any(word in heading for word in ("$", "usd", "美元", "dollar"))
    if "万" in heading and not any("万" in text for text in values[column]):
        return PriceUnit.TEN_THOUSAND_YUAN
    if any("万" in text for text in values[column]):
        return PriceUnit.YUAN
    amounts = [abs(float(text.replace(",", ""))) for text in values[column] if re.fullmatch(r"-?[\d.,]+", text)
               and text.count(".") <= 1 and any(c.isdigit() for c in text)]  # fmt: skip
    middle = sorted(amounts)[len(amounts) // 2] if amounts else 100_000.0
    if middle < 1_000 and amounts:
        yuan = any(word in heading for word in ("cny", "rmb", "yuan", "¥", "￥"))
        chinese = yuan or any("\u4e00" <= character <= "\u9fff" for character in "".join(headers))
        return PriceUnit.TEN_THOUSAND_YUAN if chinese and not dollars else PriceUnit.THOUSAND_DOLLARS
    return PriceUnit.DOLLAR if dollars else PriceUnit.YUAN
