"""Where a line of mixed Chinese and Latin text may end.

Follows the spirit of UAX #14 and of the Chinese layout requirements (CLREQ): punctuation that closes never
begins a line, one that opens never ends it, and what is read as one thing (a number with its sign and
unit, a day, a VIN, a plate, a document number, a Latin word) stays in one piece. Knows nothing of fonts: widths are
handed in.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

NOT_AT_LINE_START = frozenset(
    "，。、；：？！）》〉】』」〕］｝”’〗〙〟…—～·•‧％‰℃℉々〻ゝゞーァィゥェォッャュョぁぃぅぇぉっゃゅょ,.;:?!)]}%°′″/–"
)
NOT_AT_LINE_END = frozenset("（《〈【『「〔［｛“‘〖〘〝¥￥$€£№＃#([{＄")

HALF_WIDE_CLOSING = frozenset("，。、；：！？）》〉】』」〕］｝〗〙")
"""Closing marks with ink in the left half only: at a line's end, or before more punctuation, half counts."""
HALF_WIDE_OPENING = frozenset("（《〈【『「〔［｛〖〘")

_PLATE = (
    r"[京津沪渝冀晋辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川贵云藏陕甘青宁蒙新使领]"
    r"[A-HJ-NP-Z][·•‧\- ]?[A-HJ-NP-Z0-9]{4,6}[挂学警港澳领使超]?(?![A-Za-z0-9])"
)
_UNIT = (
    r"(?:[ \u00a0]?(?:%|％|‰|℃|°C?|kWh|kW|km/h|km|mm|cm|kg|Nm|CNY|L|V)(?![A-Za-z])"
    r"|[ \u00a0](?:day|week|month|year|hour)s?(?![A-Za-z])"
    r"|[ \u00a0]?[万亿]?(?:个?月|公里|小时|分钟|[年日时元角分个期天号条款项页份次台辆%])|[万亿])"
)
_NUMBER = (
    r"(?:第[ \u00a0]?)?"
    r"[-−+±]?(?:(?:CNY|RMB|[¥￥$€£№#])[ \u00a0]?)?[-−+±]?\d+(?:[.,:/\-–~～×]\d+)*(?![A-Za-z0-9]|[.,:/]\d)"
    + _UNIT
    + "?"
)
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = rf"\d{{4}}年\d{{1,2}}月(?:\d{{1,2}}日)?|\d{{1,2}}[ \u00a0](?:{_MONTHS})(?![A-Za-z])"
_WORD = r"[A-Za-z0-9\u00c0-\u024f]+(?:[’'._/:@+&=?#~\-·][A-Za-z0-9\u00c0-\u024f]+)*"
_PAIR = r"—{2,}|…{2,}|\.{3,}"
_REFERENCE = r"(?<![A-Za-z])(?:[Aa]rts?|[Nn]os?|[Pp]p?)\.[ \u00a0]\d+(?:[-–]\d+)?"
_TERM = r"\([\u4e00-\u9fff]{1,4}\)"
"""A short Chinese term that an English text gives in brackets."""
_ATOM = re.compile("|".join((_PLATE, _DATE, _REFERENCE, _NUMBER, _WORD, _PAIR, _TERM)))
_SOFT_HYPHEN_PLACE = re.compile(r"(?<=[a-zà-ÿ]-)(?=[a-zà-ÿ]{2})")
_SPACES = " \t\u3000"
_STRAIGHT_QUOTE = '"'
_DIVIDES = frozenset("@/._-?&=:+~")
"""Behind these an address too long for its line is divided before it is divided anywhere else."""
_TOLERANCE = 1e-6
_AMBIGUOUS_WIDE = frozenset("“”‘’…—·")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a text: characters `start` to `end` without blanks at the end; `width` as the advances."""

    start: int
    end: int
    width: float
    closes_paragraph: bool


@cache
def is_wide(char: str) -> bool:
    """True for a character set on the Chinese square: Han, kana, full-width forms and Chinese punctuation."""
    code = ord(char)
    return (
        0x2E80 <= code <= 0xA4CF
        or 0xF900 <= code <= 0xFAFF
        or 0xFE30 <= code <= 0xFE4F
        or 0xFF00 <= code <= 0xFFEF
        or 0x20000 <= code <= 0x3FFFF
    )


def unbreakable_spans(text: str) -> list[tuple[int, int]]:
    """The pieces of a text that must not be divided, as (start, end)."""
    spans: list[tuple[int, int]] = []
    for match in _ATOM.finditer(text):
        start = match.start()
        for place in _SOFT_HYPHEN_PLACE.finditer(match.group()):
            spans.append((start, match.start() + place.start()))
            start = match.start() + place.start()
        spans.append((start, match.end()))
    return spans


def break_places(text: str) -> list[int]:
    """The indices before which a line may begin, in order; neither 0 nor the end are among them."""
    inside = bytearray(len(text) + 1)
    starts_piece = bytearray(len(text) + 1)
    for start, end in unbreakable_spans(text):
        inside[start + 1 : end] = b"\x01" * (end - start - 1)
        if start and text[start - 1] == "-":
            starts_piece[start] = 1
    quotes = _straight_quotes(text)
    return [
        index
        for index in range(1, len(text))
        if not inside[index] and (starts_piece[index] or _may_break(text, index, quotes))
    ]


def _straight_quotes(text: str) -> dict[int, bool]:
    """Where straight quotes stand, and whether each opens: they look alike, so every second one closes."""
    places = [index for index, char in enumerate(text) if char == _STRAIGHT_QUOTE]
    return {index: number % 2 == 0 for number, index in enumerate(places)}


def _may_break(text: str, index: int, quotes: dict[int, bool]) -> bool:
    before, after = text[index - 1], text[index]
    if after in _SPACES or after in NOT_AT_LINE_START or quotes.get(index) is False or quotes.get(index - 1):
        return False
    if before in _SPACES:
        return not _last_visible(text, index) or _last_visible(text, index) not in NOT_AT_LINE_END
    if before in NOT_AT_LINE_END:
        return False
    if is_wide(before) or is_wide(after):
        return True
    return before in _AMBIGUOUS_WIDE or (after in _AMBIGUOUS_WIDE and after not in "’”")


def _last_visible(text: str, index: int) -> str:
    return text[:index].rstrip(_SPACES)[-1:]


def natural_advances(text: str, widths: Sequence[float]) -> list[float]:
    """The advance of each character, with runs of full-width punctuation closed up by half a square.

    `widths` are the font's widths, one per character. "）。" would otherwise leave a hole in the line.
    """
    advances = list(widths)
    for index in range(len(text) - 1):
        here, following = text[index], text[index + 1]
        opens_next = following in HALF_WIDE_OPENING
        if here in HALF_WIDE_CLOSING:
            tight = opens_next or following in HALF_WIDE_CLOSING
        else:
            tight = opens_next and here in HALF_WIDE_OPENING
        if tight:
            advances[index] = widths[index] / 2
    return advances


def break_lines(text: str, advances: Sequence[float], width: float) -> list[Line]:
    """Fill lines of at most `width` greedily; a newline in the text ends a paragraph.

    A closing full-width mark at a line's end counts half: its right half is blank and may hang over. A piece
    wider than the whole line is divided between characters, as the only way left. A last line of one lone
    character is avoided.
    """
    measure = _Measure(text, advances)
    lines: list[Line] = []
    start = 0
    for paragraph in text.split("\n"):
        end = start + len(paragraph)
        lines.extend(_break_paragraph(measure, start, end, width))
        start = end + 1
    return lines


class _Measure:
    """Widths of stretches of one text, in constant time."""

    def __init__(self, text: str, advances: Sequence[float]) -> None:
        self.text = text
        self.advances = advances
        self._reached = [0.0, *accumulate(advances)]

    def visible(self, start: int, end: int) -> float:
        """The width of text[start:end] on a line of its own: no blanks at its end, half of a closing mark."""
        while end > start and self.text[end - 1] in _SPACES:
            end -= 1
        if end <= start:
            return 0.0
        used = self._reached[end] - self._reached[start]
        return used - self.advances[end - 1] / 2 if self.text[end - 1] in HALF_WIDE_CLOSING else used

    def forced_cut(self, start: int, end: int, width: float) -> int:
        """Where to divide a piece too wide for any line: as far on as fits, behind a mark of an address where there is
        one, and never before a mark that may not begin a line; at least one character is taken."""
        limit = self._reached[start] + width + _TOLERANCE
        last = next((index for index in range(start, end) if self._reached[index + 1] > limit), end)
        allowed = [index for index in range(start + 1, last + 1) if self._may_begin(index)]
        behind_mark = [index for index in allowed if self.text[index - 1] in _DIVIDES]
        return max(behind_mark or allowed or [start + 1])

    def _may_begin(self, index: int) -> bool:
        return index >= len(self.text) or self.text[index] not in NOT_AT_LINE_START


def _break_paragraph(measure: _Measure, start: int, end: int, width: float) -> list[Line]:
    text = measure.text
    places = [start + place for place in break_places(text[start:end])]
    cuts = _cuts(measure, [*places, end], start=start, width=width)
    _spare_lone_character(text, cuts, places=places, end=end)
    bounds = [start, *cuts, end]
    lines = []
    for index in range(len(bounds) - 1):
        first, last = _trimmed(text, bounds[index], bounds[index + 1], first_line=index == 0)
        closes = index == len(bounds) - 2
        lines.append(Line(first, last, measure.visible(first, last), closes_paragraph=closes))
    return lines


def _cuts(measure: _Measure, places: list[int], *, start: int, width: float) -> list[int]:
    cuts: list[int] = []
    line_start = last_fit = start
    for place in places:
        while measure.visible(line_start, place) > width + _TOLERANCE:
            cut = last_fit if last_fit > line_start else measure.forced_cut(line_start, place, width)
            if cut >= place:
                break
            cuts.append(cut)
            line_start = last_fit = cut
        last_fit = place
    return cuts


def _trimmed(text: str, start: int, end: int, *, first_line: bool) -> tuple[int, int]:
    while end > start and text[end - 1] in _SPACES:
        end -= 1
    if not first_line:
        while start < end and text[start] in _SPACES:
            start += 1
    return start, end


def _spare_lone_character(text: str, cuts: list[int], *, places: list[int], end: int) -> None:
    """Move the last break one place back where one Chinese character (and its mark) would stand alone."""
    if not cuts:
        return
    tail = text[cuts[-1] : end].rstrip(_SPACES)
    lone = tail.rstrip("".join(HALF_WIDE_CLOSING))
    if len(lone) != 1 or not is_wide(lone):
        return
    floor = cuts[-2] if len(cuts) > 1 else 0
    earlier = [place for place in places if floor < place < cuts[-1]]
    if len(earlier) >= 4:
        cuts[-1] = earlier[-1]
