"""50,000 orders, as `sync-10k`, and what memory the desk takes for five times the rows."""

from benchmarks import sync_10k
from benchmarks.exchange.rounds import Told, both_ways, compared
from benchmarks.figures import Figure

ORDERS = 50_000
ROUNDS = 3
MOST_GROWTH = 1.5
_LEAST_MB = 20.0
"""Below this a peak is the allocator's, not the exchange's."""


def run() -> list[Figure]:
    """Push and pull: the rate, the time, the bytes, the memory."""
    few, _, _ = compared(sync_10k.ORDERS, sync_10k.ROUNDS)
    many, _, _ = compared(ORDERS, ROUNDS)
    return [*both_ways("sync-50k", ORDERS, ROUNDS), *(_memory(phase, few, many) for phase in ("push", "pull"))]


def _memory(phase: str, few: Told, many: Told) -> Figure:
    small, large = ((told.medians or {})[f"{phase}_peak_mb"] for told in (few, many))
    ratio = large / max(small, _LEAST_MB)
    return Figure(
        name=f"sync-50k {phase}, memory of the desk", value=large, unit="MB more", ratio=ratio,
        peer=f"10,000 orders: {small:.1f} MB more", goal=f"≤ {MOST_GROWTH:g} × that", holds=ratio <= MOST_GROWTH,
    )  # fmt: skip
