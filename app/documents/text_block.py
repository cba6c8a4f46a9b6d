"""A paragraph of mixed Chinese and Latin text as a ReportLab flowable, with bold runs and four alignments."""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from itertools import groupby

from reportlab.platypus.flowables import Flowable

from app.documents.fonts import ASCENT, BOLD, DESCENT, REGULAR, character_widths, require_printable
from app.documents.line_breaking import Line, break_lines, break_places, is_wide, natural_advances
from app.documents.styles import Align, TextStyle, paint
from app.documents.text_runs import Run

_LATIN_APOSTROPHE = re.compile(r"(?<=[A-Za-z])’")
_STRAIGHT = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'"})
_MOST_STRETCH = 0.22
"""A justified line may grow each gap by this much of the type size; a looser line stays ragged."""


_KEPT = 1_000
"""Paragraphs whose measures stay at hand: a contract's clauses are the same words in every contract."""


def _typeset(text: str) -> str:
    """Curly quotes in Latin text become straight ones: the typeface draws them as wide as a Chinese character."""
    text = _LATIN_APOSTROPHE.sub("'", text)
    return text if any(is_wide(char) for char in text) else text.translate(_STRAIGHT)


def first_baseline(style: TextStyle) -> float:
    """Points from a block's top to its first baseline: the Chinese square is centred in the leading."""
    return (style.leading - (ASCENT + DESCENT) * style.size) / 2 + ASCENT * style.size


class TextBlock(Flowable):
    """Text of one style. Splits between lines; at least two lines stay on each side of a page break."""

    def __init__(self, content: str | Iterable[Run], style: TextStyle) -> None:
        super().__init__()
        runs = (Run(content),) if isinstance(content, str) else tuple(content)
        self.style = style
        self.runs = tuple(replace(run, text=_typeset(run.text)) for run in runs if run.text)
        self.text = "".join(run.text for run in self.runs)
        # Here, so that no text at all reaches paper with a box in place of a character, and before ReportLab lays
        # anything out: what it cannot word again it would turn into an error of its own.
        require_printable(self.text)
        self.spaceBefore = style.space_before
        self.spaceAfter = style.space_after
        self.keepWithNext = style.keep_with_next
        self._advances: list[float] | None = None
        self._lines: list[Line] = []
        self._lines_width = -1.0

    def natural_width(self) -> float:
        """The width of the text on one line, in points."""
        return sum(self._measured())

    def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:
        self.width = availWidth
        self.height = len(self._broken(availWidth)) * self.style.leading
        return self.width, self.height

    def split(self, availWidth: float, availHeight: float) -> list[Flowable]:
        lines = self._broken(availWidth)
        fitting = int((availHeight + 1e-6) // self.style.leading)
        if fitting >= len(lines):
            return [self]
        fitting = min(fitting, len(lines) - 2)
        if fitting < 2:
            return []
        cut = lines[fitting].start
        head = TextBlock(self._between(0, lines[fitting - 1].end), replace(self.style, space_after=0.0))
        tail = TextBlock(self._between(cut, len(self.text)), replace(self.style, space_before=0.0))
        return [head, tail]

    def draw(self) -> None:
        style = self.style
        baseline = self.height - first_baseline(style)
        for line in self._broken(self.width):
            if line.end > line.start:
                self._draw_line(line, baseline)
            baseline -= style.leading

    def _measured(self) -> list[float]:
        if self._advances is None:
            self._advances = _advances(self.runs, self.style.bold, self.style.size)
        return self._advances

    def _broken(self, width: float) -> list[Line]:
        if width != self._lines_width:
            self._lines = _lines(self.runs, self.style.bold, self.style.size, width)
            self._lines_width = width
        return self._lines

    def _is_bold(self, run: Run) -> bool:
        return _is_bold(run, self.style.bold)

    def _between(self, start: int, end: int) -> tuple[Run, ...]:
        pieces: list[Run] = []
        position = 0
        for run in self.runs:
            first, last = max(start - position, 0), min(end - position, len(run.text))
            if first < last:
                pieces.append(Run(run.text[first:last], run.bold, run.color))
            position += len(run.text)
        return tuple(pieces)

    def _draw_line(self, line: Line, baseline: float) -> None:
        spare = self.width - line.width
        x = {Align.RIGHT: spare, Align.CENTER: spare / 2}.get(self.style.align, 0.0)
        advances = self._measured()[line.start : line.end]
        if self.style.align is Align.JUSTIFY and not line.closes_paragraph:
            advances = _stretched(self.text[line.start : line.end], advances, spare, size=self.style.size)
        position = 0
        for run in self._between(line.start, line.end):
            part = advances[position : position + len(run.text)]
            self._draw_run(run, part, x=x, baseline=baseline)
            x += sum(part)
            position += len(run.text)

    def _draw_run(self, run: Run, advances: list[float], *, x: float, baseline: float) -> None:
        """One text operation for each stretch of equal letter spacing."""
        size, bold = self.style.size, self._is_bold(run)
        canvas = self.canv
        canvas.setFillColor(paint(run.color or self.style.color))
        natural = character_widths(run.text, bold=bold, size=size)
        if advances == natural:
            extras = [0.0] * len(natural)
        else:
            extras = [round(a - n, 4) for a, n in zip(advances, natural, strict=True)]
        start = 0
        for extra, group in groupby(extras):
            end = start + len(list(group))
            text = canvas.beginText(x, baseline)
            text.setFont(BOLD if bold else REGULAR, size)
            if extra and end - start > 1:
                text.setCharSpace(extra)
            text.textOut(run.text[start:end])
            if extra and end - start > 1:
                text.setCharSpace(0)
            canvas.drawText(text)
            x += sum(advances[start:end])
            start = end


def _is_bold(run: Run, otherwise: bool) -> bool:
    return otherwise if run.bold is None else run.bold


@lru_cache(maxsize=_KEPT)
def _advances(runs: tuple[Run, ...], bold: bool, size: float) -> list[float]:
    """The advance of each character; not to be changed, several blocks share it. Raises CharactersNotPrintable."""
    text = "".join(run.text for run in runs)
    # Here, so that no text at all reaches paper with a box in place of a character.
    require_printable(text)
    widths: list[float] = []
    for run in runs:
        widths.extend(character_widths(run.text, bold=_is_bold(run, bold), size=size))
    return natural_advances(text, widths)


@lru_cache(maxsize=_KEPT)
def _lines(runs: tuple[Run, ...], bold: bool, size: float, width: float) -> list[Line]:
    """Where the lines of a paragraph end; not to be changed."""
    return break_lines("".join(run.text for run in runs), _advances(runs, bold, size), width)


def _stretched(text: str, advances: list[float], spare: float, *, size: float) -> list[float]:
    """The advances with the spare width given to gaps between Chinese characters and to blanks."""
    if spare <= 0:
        return advances
    gaps = [place - 1 for place in break_places(text)]
    gaps = [gap for gap in gaps if text[gap] == " " or is_wide(text[gap]) or is_wide(text[gap + 1])]
    if not gaps or spare / len(gaps) > _MOST_STRETCH * size:
        return advances
    share = spare / len(gaps)
    stretched = list(advances)
    for gap in gaps:
        stretched[gap] += share
    return stretched
