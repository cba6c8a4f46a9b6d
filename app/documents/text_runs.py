"""Text in stretches of one weight, and the little markup that templates may use."""

import re
from dataclasses import dataclass

_BOLD_MARK = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one weight and colour; None takes the block's."""

    text: str
    bold: bool | None = None
    color: str | None = None


def runs_from(markup: str) -> tuple[Run, ...]:
    """Runs of a text in which **two stars** enclose what is bold. Fill values in afterwards, never before."""
    runs: list[Run] = []
    for index, piece in enumerate(_BOLD_MARK.split(markup)):
        if piece:
            runs.append(Run(piece, bold=True if index % 2 else None))
    return tuple(runs)
