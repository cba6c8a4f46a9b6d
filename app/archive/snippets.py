"""The place of a text where what was typed was found."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_BEFORE, _AFTER = 6, 60
_ELLIPSIS = "…"
_IDENTITY = re.compile(r"(?<![0-9A-Za-z])(\d{3})\d{11}(\d{3}[\dXx])(?![0-9A-Za-z])")
_PHONE = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of text, and the stretches in it that were looked for as (start, end)."""

    text: str
    marks: tuple[tuple[int, int], ...]


def snippet_of(text: str, words: Sequence[str]) -> Snippet | None:
    """Around the first place of the longest word that stands in the text; None where none does.

    Numbers of identity cards and phones are masked, as everywhere: who needs them opens the document.
    """
    plain = _comparable(text, words)
    place = next((found for found in (_first(plain, word) for word in words) if found is not None), None)
    if place is None:
        return None
    start, end = max(0, place[0] - _BEFORE), min(len(text), place[1] + _AFTER)
    while start > 0 and text[start - 1].isascii() and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isascii() and text[end].isalnum():
        end += 1
    shown = masked(text[start:end].replace("\n", " "))
    marks = _marks(_comparable(shown, words), words)
    lead = _ELLIPSIS if start else ""
    moved = tuple((a + len(lead), b + len(lead)) for a, b in marks)
    return Snippet(lead + shown + (_ELLIPSIS if end < len(text) else ""), moved)


def masked(text: str) -> str:
    """The text with the middle of identity and phone numbers hidden; its length stays."""
    text = _IDENTITY.sub(lambda found: f"{found[1]}{'*' * 11}{found[2]}", text)
    return _PHONE.sub(r"\1****\2", text)


def _comparable(text: str, words: Sequence[str]) -> str:
    """In small letters, character by character: places stay where they are. Chinese has none."""
    if not any(word.isascii() for word in words):
        return text
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _first(plain: str, word: str) -> tuple[int, int] | None:
    return next(_places(plain, word), None)


def _marks(plain: str, words: Sequence[str]) -> list[tuple[int, int]]:
    taken: list[tuple[int, int]] = []
    for word in words:
        for place in _places(plain, word):
            if all(place[1] <= start or place[0] >= end for start, end in taken):
                taken.append(place)
    return sorted(taken)


def _places(plain: str, word: str) -> Iterator[tuple[int, int]]:
    """Where a word stands; a Latin one begins there, Chinese stands anywhere."""
    start = plain.find(word)
    while start >= 0:
        before = plain[start - 1 : start]
        if not (word.isascii() and before.isascii() and before.isalnum()):
            yield start, start + len(word)
        start = plain.find(word, start + 1)
