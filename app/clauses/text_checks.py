"""What can be wrong with a text that is going to be printed, each with its place in the text. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from app.clauses.errors import (
    BraceUnmatched,
    PlaceholderMisspelt,
    PlaceholderNotOfKind,
    PlaceholderUnknown,
    StarsUnmatched,
)
from app.kernel.errors import DomainError
from app.kernel.labels import Bilingual

_PIECE = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_STARS = re.compile(r"\*\*")
_NEAR_ENOUGH = 0.6
Known = Mapping[Bilingual, AbstractSet[str]]
"""By what a kind of document is called: the names of the placeholders it can fill."""


@dataclass(frozen=True, slots=True)
class TextProblem:
    """Something wrong with a text: where it stands (0 is before the first character), how long it is, and the words."""

    start: int
    length: int
    error: DomainError


def placeholders_in(text: str) -> Iterator[tuple[int, str]]:
    """The placeholders of a text, each with the place of its brace; what is between braces need not be a name."""
    for piece in _PIECE.finditer(text):
        if len(piece[0]) > 1 and piece[0] not in ("{{", "}}"):
            yield piece.start(), piece[0][1:-1]


def text_problems(text: str, known: Known, *, field: str) -> list[TextProblem]:
    """All that is wrong with a text, in its order.

    A placeholder that no kind fills is unknown; one that some fill and others do not is named with the kind that does
    not.
    """
    found = [*_braces(text, field), *_stars(text, field), *_names(text, known, field)]
    return sorted(found, key=lambda problem: problem.start)


def require_sound(text: str, known: Known, *, field: str) -> None:
    """Raise the first of the problems."""
    for problem in text_problems(text, known, field=field):
        raise problem.error


def _braces(text: str, field: str) -> Iterable[TextProblem]:
    for piece in _PIECE.finditer(text):
        if piece[0] in ("{", "}"):
            yield TextProblem(piece.start(), 1, BraceUnmatched(field=field, position=piece.start() + 1))


def _stars(text: str, field: str) -> Iterable[TextProblem]:
    marks = list(_STARS.finditer(text))
    if len(marks) % 2:
        start = marks[-1].start()
        yield TextProblem(start, 2, StarsUnmatched(field=field, position=start + 1))


def _names(text: str, known: Known, field: str) -> Iterable[TextProblem]:
    everywhere = set().union(*known.values()) if known else set()
    for start, name in placeholders_in(text):
        where: dict[str, Any] = {"field": field, "position": start + 1, "placeholder": name}
        missing = next((kind for kind, names in known.items() if name not in names), None)
        if _NAME.fullmatch(name) and missing is None and known:
            continue
        if name in everywhere:
            error: DomainError = PlaceholderNotOfKind(**where, kind=missing)
        elif near := get_close_matches(name.strip().lower(), sorted(everywhere), n=1, cutoff=_NEAR_ENOUGH):
            error = PlaceholderMisspelt(**where, near=near[0])
        else:
            error = PlaceholderUnknown(**where)
        yield TextProblem(start, len(name) + 2, error)
