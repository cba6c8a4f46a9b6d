"""Initials by which the names of makes and series are found from a Latin keyboard: 比亚迪 → byd."""

import re
import unicodedata

_WORDS = re.compile(r"[\u3400-\u9fff]+|[a-z]+|\d+")
_READINGS = {"长安": "chang an", "长城": "chang cheng", "长": "chang", "乐": "le", "行": "xing"}
"""Names whose usual reading a dictionary gets wrong."""


def name_initials(name: str) -> str:
    """The first letters of the pinyin of each character and of each Latin word, digits as they are."""
    parts: list[str] = []
    for word in _WORDS.findall(unicodedata.normalize("NFKC", name).casefold()):
        parts += _syllables(word) if word[0] >= "\u3400" else [word]
    return "".join(part if part.isdigit() else part[0] for part in parts if part)


def _syllables(han: str) -> list[str]:
    if han in _READINGS:
        return _READINGS[han].split()
    from pypinyin import lazy_pinyin  # its dictionary costs 190 ms

    return [_READINGS.get(character, reading) for character, reading in zip(han, lazy_pinyin(han), strict=True)]
