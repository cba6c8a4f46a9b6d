"""Hybrid logical clock: orders changes of different desks without trusting any desk's clock.

After Kulkarni et al., "Logical Physical Clocks" (2014): 48 bits of milliseconds, 16 bits of counter, the device's
short name as tie-breaker. Written as text that sorts as the clock does: `018f3a2b4c5d0001-SH01D02`.
"""

from dataclasses import dataclass

MAX_AHEAD_MS = 5 * 60 * 1000
"""How far a clock may run ahead of the centre before it is clamped and flagged (never refused)."""

_MS_DIGITS, _COUNTER_DIGITS = 12, 4
_COUNTER_LIMIT = 1 << 16


@dataclass(frozen=True, slots=True, order=True)
class HybridTime:
    """One reading: milliseconds since the epoch (UTC), counter, device."""

    ms: int
    counter: int
    device: str

    def __str__(self) -> str:
        return f"{self.ms:0{_MS_DIGITS}x}{self.counter:0{_COUNTER_DIGITS}x}-{self.device}"

    @classmethod
    def parse(cls, text: str) -> "HybridTime":
        """Read the written form; raises ValueError when it is not one."""
        digits, separator, device = text.partition("-")
        if not separator or len(digits) != _MS_DIGITS + _COUNTER_DIGITS:
            raise ValueError(f"not a hybrid time: {text[:40]!r}")
        return cls(int(digits[:_MS_DIGITS], 16), int(digits[_MS_DIGITS:], 16), device)


def tick(last: HybridTime, wall_ms: int) -> HybridTime:
    """The next reading of one device: after `last`, and at the wall clock's time where that is later."""
    if wall_ms > last.ms:
        return HybridTime(wall_ms, 0, last.device)
    if last.counter + 1 < _COUNTER_LIMIT:
        return HybridTime(last.ms, last.counter + 1, last.device)
    return HybridTime(last.ms + 1, 0, last.device)


def receive(last: HybridTime, seen: HybridTime, wall_ms: int) -> HybridTime:
    """The reading after a message that carries `seen`; a reading too far ahead is clamped before it is taken over."""
    limit = wall_ms + MAX_AHEAD_MS
    seen_ms = min(seen.ms, limit)
    newest = max(last, HybridTime(seen_ms, seen.counter if seen_ms == seen.ms else 0, last.device))
    return tick(HybridTime(newest.ms, newest.counter, last.device), wall_ms)


def clamp(seen: HybridTime, wall_ms: int) -> tuple[HybridTime, bool]:
    """The reading, cut to five minutes ahead of the wall clock, and whether it had to be cut."""
    limit = wall_ms + MAX_AHEAD_MS
    return (HybridTime(limit, 0, seen.device), True) if seen.ms > limit else (seen, False)
