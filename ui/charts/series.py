"""What a chart shows, apart from how."""

from collections.abc import Sequence
from dataclasses import dataclass

from ui.kit.text import Words

PALETTE = tuple(f"chart_{number}" for number in range(1, 7))
"""Tokens of the ordered palette, which colour-blind readers can tell apart."""


@dataclass(frozen=True, slots=True)
class Series:
    """A name and one value for each category; None where there is no value. `token` replaces the palette's colour.

    `labels`: words that stand at the bars, as many as fit. `running`: categories that are not complete yet; they are
    drawn lighter.
    """

    name: Words
    values: Sequence[float | None]
    token: str = ""
    labels: Sequence[str] = ()
    running: frozenset[int] = frozenset()
