"""What differs between two versions of a text, word by word. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_TOKEN = re.compile(r"\*\*|\{[^{}]*\}|[A-Za-z0-9’']+|\s+|.", re.DOTALL)
_TOO_SHORT = 2
"""A stretch of so few characters between two changes is shown as changed with them: it only disturbs reading."""


class Change(StrEnum):
    """What happened to a stretch of text."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of text and what happened to it."""

    change: Change
    text: str


def word_changes(before: str, after: str) -> tuple[Stretch, ...]:
    """The way from one text to another: Latin words, numbers and placeholders as wholes, Chinese by its characters.
    What was removed stands before what came in its place."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    return tuple(_joined(_steps(old, new)))


def _steps(old: list[str], new: list[str]) -> Iterator[Stretch]:
    for what, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            yield Stretch(Change.SAME, "".join(old[i:j]))
            continue
        if j > i:
            yield Stretch(Change.REMOVED, "".join(old[i:j]))
        if m > k:
            yield Stretch(Change.ADDED, "".join(new[k:m]))


def _joined(steps: Iterator[Stretch]) -> list[Stretch]:
    """Changes with next to nothing between them as one change."""
    found: list[Stretch] = []
    removed = added = ""

    def settle() -> None:
        nonlocal removed, added
        if removed:
            found.append(Stretch(Change.REMOVED, removed))
        if added:
            found.append(Stretch(Change.ADDED, added))
        removed = added = ""

    pieces = list(steps)
    for n, piece in enumerate(pieces):
        between = 0 < n < len(pieces) - 1 and len(piece.text.strip()) < _TOO_SHORT
        if piece.change is Change.SAME and between and (removed or added):
            removed, added = removed + piece.text, added + piece.text
        elif piece.change is Change.SAME:
            settle()
            found.append(piece)
        elif piece.change is Change.REMOVED:
            removed += piece.text
        else:
            added += piece.text
    settle()
    return found
