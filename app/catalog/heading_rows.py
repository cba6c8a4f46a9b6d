"""Which row of a table holds the headings, and how headings are told apart."""

import re
from collections import Counter
from collections.abc import Sequence

_CODED = re.compile(r"\[[a-z0-9_.]+\]$")
"""How the headings of our own exports end."""
_NUMERIC = re.compile(r"[\d\s.,:/%¥+-]*")


def told_apart(headers: Sequence[str]) -> list[str]:
    """The headings, those that stand there again with a number behind them."""
    often: Counter[str] = Counter()
    found = []
    for heading in headers:
        often[heading] += 1
        found.append(heading if often[heading] == 1 else f"{heading} ({often[heading]})")
    return found


def header_place(rows: list[list[str]]) -> int | None:
    """Which row holds the headings: the first as wide as most whose filled cells are words, not figures, and distinct;
    a few may stand there twice where there are figures below them."""
    widths = [sum(1 for cell in row if cell) for row in rows]
    usual = max(widths)
    for number, row in enumerate(rows):
        cells = [cell for cell in row if cell]
        if len(cells) > 1 and sum(bool(_CODED.search(cell)) for cell in cells) * 2 > len(cells):
            return number
        words = [cell for cell in cells if not _NUMERIC.fullmatch(cell) and len(cell) <= 60]
        different = len({cell.casefold() for cell in cells})
        distinct = different == len(cells) or (different * 10 >= len(cells) * 6 and _figures_below(rows, number))
        if len(cells) * 2 > usual and len(words) == len(cells) and distinct:
            return None if _looks_like_data(cells) else number
    return None


def _figures_below(rows: list[list[str]], number: int) -> bool:
    """Whether the next row has a figure under one of the words of this one."""
    below = rows[number + 1] if number + 1 < len(rows) else []
    pairs = zip(rows[number], below, strict=False)
    return any(word and figure and _NUMERIC.fullmatch(figure) for word, figure in pairs)


def _looks_like_data(cells: list[str]) -> bool:
    """Whether a row of words is data all the same: one of them is a VIN or a date."""
    return any(re.fullmatch(r"[A-HJ-NPR-Z0-9]{17}|\d{4}[-/.年]\d{1,2}.*", cell.upper()) for cell in cells)
