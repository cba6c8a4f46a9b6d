"""Lines of real sentences, in every kind of paragraph: where they may begin and end, and what is never divided.

The rules are written here anew (GB/T 15834, CLREQ), not taken from the code that is tested.
"""

import re
from dataclasses import dataclass

import pytest

from app.contracts.paper.clause_layout import CHINESE_CLAUSE, CLAUSE_WIDTH, ENGLISH_CLAUSE
from app.documents.fonts import character_widths, register_fonts
from app.documents.styles import (
    A4_WIDTH,
    BODY,
    FIGURE,
    GRID,
    LABEL,
    PAGE_MARGIN,
    SECOND,
    SECTION,
    SMALL,
    TITLE,
    VALUE,
    TextStyle,
)
from app.documents.text_block import TextBlock
from tests.app.documents.line_corpus import corpus

WIDTH = A4_WIDTH - 2 * PAGE_MARGIN
HALF = (WIDTH - 2.5 * GRID) / 2


@dataclass(frozen=True)
class Paragraph:
    """A kind of paragraph: its style and the width it has on paper."""

    name: str
    style: TextStyle
    width: float


PARAGRAPHS = (
    Paragraph("label", LABEL, WIDTH / 4 - 12),
    Paragraph("value", VALUE, WIDTH / 4 - 12),
    Paragraph("body", BODY, WIDTH),
    Paragraph("justified clause", CHINESE_CLAUSE, CLAUSE_WIDTH),
    Paragraph("conspicuous clause", CHINESE_CLAUSE.but(bold=True), CLAUSE_WIDTH - GRID),
    Paragraph("second clause", ENGLISH_CLAUSE, CLAUSE_WIDTH),
    Paragraph("table cell", BODY, 17 * GRID),
    Paragraph("figure of a table", FIGURE, 12 * GRID),
    Paragraph("basis of a price", SMALL.but(size=7, leading=14), WIDTH * 0.4),
    Paragraph("notice", SECOND, (WIDTH - 3 * GRID) / 2),
    Paragraph("statement", BODY, WIDTH - 3 * GRID),
    Paragraph("title", TITLE, WIDTH * 0.55),
    Paragraph("heading", SECTION, WIDTH),
    Paragraph("heading of an article", BODY.but(bold=True, leading=16), CLAUSE_WIDTH),
    Paragraph("party", BODY.but(bold=True, size=10, leading=18), HALF),
    Paragraph("address of a party", VALUE, HALF - 12 * GRID),
    Paragraph("undertaking of a guarantor", SMALL, HALF),
    Paragraph("line below a signature", LABEL.but(leading=14), HALF),
)
NEVER_FIRST = set("，。、；：？！）》〉】』」〕］｝”’…—～·‰℃%,.;:?!)]}")
NEVER_LAST = set("（《〈【『「〔［｛“‘¥￥$([{")
WHOLE = (
    re.compile(r"(?<![A-Z0-9])[A-HJ-NPR-Z0-9]{17}(?![A-Z0-9])"),
    re.compile(r"[京沪粤浙苏][A-Z][·\- ]?[A-Z0-9]{4,6}挂?"),
    re.compile(r"(?<![\w.])[-±]?[¥￥]?\d+(?:[,.:/\-]\d+)*"),
    re.compile(r"\d+(?:[.,]\d+)* ?(?:km|mm|kWh|V|%|‰|℃)(?![A-Za-z])"),
    re.compile(r"[A-Za-z]{2,}"),
    re.compile(r"[\w.+]+@[\w.]+\w", re.ASCII),
    re.compile(r"\d{4}年\d{1,2}月(?:\d{1,2}日)?"),
    re.compile(r"…{2}|—{2}"),
)


def broken(paragraph: Paragraph, text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text as it is set, and the places of its lines."""
    block = TextBlock(text, paragraph.style)
    block.wrap(paragraph.width, 1_000)
    return block.text, [(line.start, line.end) for line in block._lines]


def width_of(text: str, style: TextStyle) -> float:
    return sum(character_widths(text, bold=style.bold, size=style.size))


def with_marks(text: str, match: re.Match[str]) -> str:
    """What is found, with the marks that may not leave it: brackets before, punctuation behind."""
    start, end = match.span()
    while start and text[start - 1] in NEVER_LAST:
        start -= 1
    while end < len(text) and text[end] in NEVER_FIRST:
        end += 1
    return text[start:end]


def opens(text: str, index: int) -> bool:
    """Whether a straight quote at this place opens: an even number of them stands before it."""
    return text[:index].count('"') % 2 == 0


def test_there_are_enough_sentences() -> None:
    assert len(corpus()) >= 500


@pytest.mark.parametrize("paragraph", PARAGRAPHS, ids=lambda one: one.name)
def test_no_line_begins_or_ends_with_the_wrong_mark(paragraph: Paragraph) -> None:
    register_fonts()
    wrong = []
    for text in corpus():
        said, lines = broken(paragraph, text)
        for start, _end in lines[1:]:
            if said[start] in NEVER_FIRST or (said[start] == '"' and not opens(said, start)):
                wrong.append(f"begins: {said[max(start - 12, 0) : start]}⏎{said[start : start + 12]}")
        for _start, end in lines[:-1]:
            if said[end - 1] in NEVER_LAST or (said[end - 1] == '"' and opens(said, end - 1)):
                wrong.append(f"ends: {said[max(end - 12, 0) : end]}⏎{said[end : end + 12]}")
    assert not wrong, "\n".join(wrong[:20])


@pytest.mark.parametrize("paragraph", PARAGRAPHS, ids=lambda one: one.name)
def test_numbers_vins_plates_and_words_stay_whole(paragraph: Paragraph) -> None:
    register_fonts()
    wrong = []
    for text in corpus():
        said, lines = broken(paragraph, text)
        cuts = [start for start, _end in lines[1:]]
        for match in (found for pattern in WHOLE for found in pattern.finditer(said)):
            inside = [cut for cut in cuts if match.start() < cut < match.end()]
            if inside and width_of(with_marks(said, match), paragraph.style) <= paragraph.width:
                wrong.append(f"{match.group()!r} in {said[: match.end() + 6][-40:]!r}")
    assert not wrong, "\n".join(wrong[:20])


@pytest.mark.parametrize("paragraph", PARAGRAPHS, ids=lambda one: one.name)
def test_every_character_stands_in_exactly_one_line_and_no_line_is_too_wide(paragraph: Paragraph) -> None:
    register_fonts()
    for text in corpus():
        said, lines = broken(paragraph, text)
        assert "".join(said[start:end] for start, end in lines).replace(" ", "") == said.replace(" ", "")
        block = TextBlock(text, paragraph.style)
        block.wrap(paragraph.width, 1_000)
        assert all(line.width <= paragraph.width + 0.01 for line in block._lines)
