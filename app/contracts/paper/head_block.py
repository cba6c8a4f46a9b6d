"""The head of a document: what it is called, its number, when it was drafted, where it is signed."""

from collections.abc import Iterable
from datetime import date

from reportlab.platypus.flowables import Flowable

from app.documents.blocks import columns
from app.documents.paper_data import Words
from app.documents.styles import A4_WIDTH, INK, LABEL, PAGE_MARGIN, SUBTITLE, TITLE, Align
from app.documents.text_block import TextBlock
from app.documents.wording import day_in_words
from app.runtime.language import tr_in, tr_noop

_WIDTH = A4_WIDTH - 2 * PAGE_MARGIN
_RIGHT = LABEL.but(align=Align.RIGHT, size=8, leading=12)


def document_head(
    title: Words, languages: tuple[str, str], *, number: str, drafted_on: date, signing_place: Words,
    lines: Iterable[str],
) -> Flowable:
    """Title in both languages at the left; at the right what people look for first, then the further `lines`."""
    first, second = languages
    facts = [
        TextBlock(number, _RIGHT.but(color=INK, bold=True)),
        TextBlock(f"{tr_in(first, tr_noop('Day of drafting'))} {day_in_words(drafted_on, first)}", _RIGHT),
        TextBlock(f"{tr_in(first, tr_noop('Place of signing'))} {signing_place.in_language(first)}", _RIGHT),
        *(TextBlock(line, _RIGHT) for line in lines),
    ]
    names = [TextBlock(title.in_language(first), TITLE), TextBlock(title.in_language(second), SUBTITLE)]
    return columns([[names, facts]], [_WIDTH * 0.55, _WIDTH * 0.45])
