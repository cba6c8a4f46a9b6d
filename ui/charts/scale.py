"""Round numbers for the value axis, and which labels of the other axis fit."""

import math
from collections.abc import Sequence

_STEPS = (1, 2, 2.5, 5, 10)


def nice_ticks(lowest: float, highest: float, *, whole: bool, about: int = 5) -> tuple[float, ...]:
    """Round values from at most `lowest` to at least `highest`, zero among them: about so many steps.

    `whole`: counted things have no halves.
    """
    low, high = min(lowest, 0.0), max(highest, 0.0)
    if low == high:
        high = 1.0
    rough = (high - low) / about
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * magnitude for factor in _STEPS if factor * magnitude >= rough * 0.999)
    if whole:
        step = max(1.0, math.ceil(step - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(round(number * step, 10) for number in range(first, last + 1))


def shown_labels(widths: Sequence[float], pitch: float, *, gap: float) -> tuple[int, ...]:
    """Which labels of these widths fit side by side, `pitch` apart: every n-th, the last one always among them."""
    if not widths or pitch <= 0:
        return ()
    every = max(1, math.ceil((max(widths) + gap) / pitch))
    return tuple(sorted(range(len(widths) - 1, -1, -every)))
