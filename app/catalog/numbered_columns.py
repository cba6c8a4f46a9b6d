"""Wide lists: several cars in a row, their values in numbered columns ("price1 … price6"), laid out as a row each.

Studies of what people would buy are published like this: a row for each person asked, and in it the cars shown to
them. A car that was shown often is one car; what it was offered for differs from person to person, so that the price
does not make it another, and the middle one is kept.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.catalog.errors import TooManyRows
from app.catalog.heading_names import is_coded, is_known_heading, meaning_of, said_besides
from app.catalog.import_cells import read_energy, read_parameter
from app.catalog.rules import specification_dictionary
from app.catalog.source_tables import MOST_ROWS, SourceTable
from app.kernel.errors import DomainError
from app.kernel.labels import Bilingual, state_label
from app.runtime.language import CHINESE, ENGLISH

NAME_HEADINGS = ("车型 [trim_zh]", "Trim [trim_en]")
_NUMBERED = re.compile(r"(.*[^\W\d_])[\s_.#-]*(\d{1,2})")
_FEWEST_GROUPS = 3
_FEWEST_KNOWN = 2
_NAME_LIMIT = 120
_PRICE, _TRIM = "guide_price", ("trim_zh", "trim_en", "full_name")


@dataclass(frozen=True, slots=True)
class NumberedColumns:
    """What stands in numbered columns: the columns of each name, car by car; and the columns about the whole row."""

    groups: Mapping[str, tuple[int, ...]]
    shared: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many cars a row has."""
        return len(next(iter(self.groups.values())))


def numbered_columns(headers: Sequence[str]) -> NumberedColumns | None:
    """The groups of columns that are numbered alike, None where a list has no such thing.

    At least three names with the same numbers, without a gap from 0 or 1 on, and the catalogue knows two of the names.
    """
    found: dict[str, dict[int, int]] = defaultdict(dict)
    for column, heading in enumerate(headers):
        plain = unicodedata.normalize("NFKC", heading).strip()
        numbered = None if is_coded(heading) or is_known_heading(heading) else _NUMBERED.fullmatch(plain)
        if numbered:
            found[numbered.group(1)].setdefault(int(numbered.group(2)), column)
    alike: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for name, columns in found.items():
        alike[tuple(sorted(columns))].append(name)
    numbers, names = max(alike.items(), key=lambda one: len(one[1]), default=((), []))
    whole = len(numbers) > 1 and numbers[0] <= 1 and numbers[-1] - numbers[0] == len(numbers) - 1
    if not whole or len(names) < _FEWEST_GROUPS or sum(map(is_known_heading, names)) < _FEWEST_KNOWN:
        return None
    groups = {name: tuple(found[name][number] for number in numbers) for name in names}
    used = {column for columns in groups.values() for column in columns}
    return NumberedColumns(groups, tuple(n for n in range(len(headers)) if n not in used))


def laid_out_singly(table: SourceTable) -> SourceTable:
    """The table with a row for each different car, named by what tells it apart; as it was without numbered columns.

    Columns about the person asked are left out, those the catalogue knows stay. Raises TooManyRows.
    """
    numbered = numbered_columns(table.headers) if table.has_header else None
    if numbered is None:
        return table
    kept = [n for n in numbered.shared if is_known_heading(table.headers[n])]
    headers = (*(table.headers[n] for n in kept), *numbered.groups)
    price = next((n for n, heading in enumerate(headers) if _key(heading) == _PRICE), -1)
    cars: dict[tuple[str, ...], list[str]] = {}
    lines: dict[tuple[str, ...], int] = {}
    shown = 0
    for row, line in zip(table.rows, table.lines, strict=True):
        shared = [table.cell(row, n) for n in kept]
        for place in range(numbered.count):
            own = [table.cell(row, columns[place]) for columns in numbered.groups.values()]
            if not any(own):
                continue
            shown += 1
            cells = [*shared, *own]
            asked = cells.pop(price) if price >= 0 else ""
            car = tuple(cells)
            if car not in cars:
                if len(cars) >= MOST_ROWS:
                    raise TooManyRows(limit=f"{MOST_ROWS:,}")
                lines[car] = line
            cars.setdefault(car, []).append(asked)
    rows = [_with_price(car, asked, price) for car, asked in cars.items()]
    return replace(
        _named(headers, rows, table, price),
        lines=tuple(lines.values()), in_row=numbered.count, folded=shown - len(cars),
        left_out=len(numbered.shared) - len(kept),
    )  # fmt: skip


def _with_price(car: tuple[str, ...], asked: Sequence[str], price: int) -> tuple[str, ...]:
    return car if price < 0 else (*car[:price], _middle(asked), *car[price:])


def _middle(texts: Sequence[str]) -> str:
    """The middle one of some figures; the first where they are no figures."""
    try:
        ranked = sorted((text for text in texts if text), key=lambda text: float(text.replace(",", "")))
    except ValueError:
        return texts[0]
    return ranked[(len(ranked) - 1) // 2] if ranked else ""


# --- names -----------------------------------------------------------------------------------------


def _named(headers: Sequence[str], rows: Sequence[tuple[str, ...]], table: SourceTable, price: int) -> SourceTable:
    """The table with a column of names in each language, unless it names its cars."""
    if any(_key(heading) in _TRIM for heading in headers):
        return replace(table, headers=tuple(headers), rows=tuple(rows))
    telling = [n for n in range(len(headers)) if n != price and len({row[n] for row in rows}) > 1]
    readings = {n: _reading(headers[n], {row[n] for row in rows}) for n in telling}
    telling.sort(key=lambda n: readings[n][0])
    words = {n: readings[n][1] for n in telling}
    names = [_name([words[n][row[n]] for n in telling if row[n]]) for row in rows]
    return replace(
        table, headers=(*headers, *NAME_HEADINGS),
        rows=tuple((*row, name.zh, name.en) for row, name in zip(rows, names, strict=True)),
    )  # fmt: skip


def _name(parts: Sequence[Bilingual]) -> Bilingual:
    return Bilingual(
        " · ".join(part.zh for part in parts)[:_NAME_LIMIT], " · ".join(part.en for part in parts)[:_NAME_LIMIT]
    )


def _reading(heading: str, texts: set[str]) -> tuple[int, dict[str, Bilingual]]:
    """The place of a column in the names, body and fuel first, and how each of its texts is said there."""
    for place, read in enumerate((_body_word, _energy_word)):
        found = {text: read(text) for text in texts if text}
        if all(found.values()):
            return place, {text: word for text, word in found.items() if word}
    return 2, {text: Bilingual(f"{heading} {text}", f"{heading} {text}") for text in texts}


def _body_word(text: str) -> Bilingual | None:
    return _choice_name("body", text)


def _energy_word(text: str) -> Bilingual | None:
    fuel = said_besides("energy", text).get("fuel")
    if fuel:
        return _choice_name("fuel", fuel)
    try:
        energy = read_energy(text)
    except DomainError:
        return None
    return Bilingual(state_label(energy, CHINESE), state_label(energy, ENGLISH)) if energy else None


def _choice_name(parameter: str, text: str) -> Bilingual | None:
    known = specification_dictionary().parameters[parameter]
    try:
        code = read_parameter(known, text)
    except DomainError:
        return None
    return next((choice.name for choice in known.choices if choice.code == code), None)


def _key(heading: str) -> str:
    meaning = meaning_of(heading)
    return meaning.key if meaning else ""
