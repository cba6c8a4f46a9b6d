"""In which encoding a text was saved that does not say so itself.

UTF-8 proves itself. Of the others, almost any bytes can be read as GB18030, so that what comes out is looked at: real
Chinese is made of usual characters, several in a row; accents of Western letters come out as single rare ones between
letters, and Big5 as a mixture of rare ones.
"""

import codecs
import re

from app.catalog.errors import NotATable, TextDamaged

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LOOKED_AT = 200_000
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_ODD = re.compile(r"[\x00-\x08\x0e-\x1f\ufffd]")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_USUAL = 0.6
_SURE = 0.8


def decode(content: bytes, *, name: str = "") -> tuple[str, str]:
    """The text and the encoding it was read with; raises NotATable, or TextDamaged for a text with broken lines."""
    marked = [encoding for mark, encoding in _MARKS if content.startswith(mark)]
    for encoding in marked or _likely(content):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding
    line = _first_broken_line(content)
    if line and not _CONTROL.search(content):
        raise TextDamaged(name=name, line=line)
    raise NotATable(name=name)


def _likely(content: bytes) -> list[str]:
    """Encodings to try, the likeliest first."""
    wide = _wide(content)
    if wide:
        return [wide]
    if b"\0" in content:
        return []
    found = ["utf-8", "gb18030"]
    start = content[:_LOOKED_AT]
    text = start.decode("gb18030", "replace")
    if _is_western(text):
        return ["utf-8", "cp1252", "latin-1"]
    if _is_big5(start, text):
        return ["utf-8", "big5", "gb18030"]
    return found


def _wide(content: bytes) -> str:
    """UTF-16 without its mark: the commas and line ends have a zero beside them, always on the same side."""
    start = content[:_LOOKED_AT]
    after, before = start[1::2].count(0), start[::2].count(0)
    if len(content) % 2 or not after + before:
        return ""
    encoding = "utf-16-le" if not before else "utf-16-be" if not after else ""
    text = start[: len(start) // 2 * 2].decode(encoding, "replace") if encoding else "\0"
    return "" if _ODD.search(text) else encoding


def _is_western(text: str) -> bool:
    """Whether what is no plain letter stands alone, and right beside Latin letters."""
    runs = list(_FOREIGN.finditer(text))
    if not runs:
        return False
    alone = sum(len(run.group()) == 1 and _beside_letters(text, run.start(), run.end()) for run in runs)
    return alone >= _SURE * len(runs)


def _beside_letters(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return any(one.isascii() and one.isalpha() for one in (before, after))


def _is_big5(content: bytes, text: str) -> bool:
    """Whether the characters are rare ones in GB18030 and usual ones in Big5."""
    try:
        other = content.decode("big5", "strict" if len(content) < _LOOKED_AT else "ignore")
    except UnicodeDecodeError:
        return False
    return _share(text, "gb2312", 0xB0, 0xD7) < _USUAL and _share(other, "big5", 0xA4, 0xC6) >= _SURE


def _share(text: str, encoding: str, first: int, last: int) -> float:
    """The share of characters that stand in the rows of usual ones of a character set."""
    foreign = [one for one in text if one > "\u2e7f"][:5_000]
    usual = sum(first <= (one.encode(encoding, "ignore") or b"\0")[0] <= last for one in foreign)
    return usual / len(foreign) if foreign else 1.0


def _first_broken_line(content: bytes) -> int:
    """The first line that is no UTF-8, where nearly all of them are; 0 for what was never UTF-8."""
    lines = content.split(b"\n")
    broken = [number for number, line in enumerate(lines, start=1) if not _is_utf8(line)]
    return broken[0] if broken and len(broken) * 2 <= len(lines) else 0


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
