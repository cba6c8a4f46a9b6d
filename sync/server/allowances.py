"""How many requests a minute a desk, and an address, may make.

Generous on purpose: they stop a program that went wild, not a branch at work. A desk that comes back after 30 days with
50,000 operations makes some hundred requests; forty desks behind one address at once make some thousand. Each process
counts for itself, so several let through a multiple: nothing that has to be exact is counted here (wrong codes and keys
are: `attempts`).
"""

import time
from collections.abc import Mapping
from types import MappingProxyType

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from sync.protocol.codes import ErrorCode
from sync.server.addresses import network_of
from sync.server.endpoints import Pace
from sync.server.refusals import Refusal

A_MINUTE: Mapping[Pace, tuple[int, int]] = MappingProxyType(
    {
        Pace.SYNC: (12_000, 60_000),
        Pace.QUESTION: (3_000, 12_000),
        Pace.CONTENT: (12_000, 60_000),
        Pace.SECRET: (120, 3_000),
        Pace.STATUS: (1_200, 6_000),
    }
)
"""Requests in a minute: of one desk or person, and of one address."""

_LOOK_SECONDS = 10.0
_NEVER_REACHED = 1_000_000_000


class _Counters(MemoryStorage):
    """Looks for what has expired now and then; by itself it would start a thread for that with nearly every request,
    which takes a tenth of the time of a small push."""

    _looked = -_LOOK_SECONDS

    def _MemoryStorage__schedule_expiry(self) -> None:  # the name the class itself calls it by
        now = time.monotonic()
        if now - self._looked > _LOOK_SECONDS:
            self._looked = now
            super()._MemoryStorage__schedule_expiry()  # type: ignore[misc]


class Allowances:
    """Counts requests; on any thread."""

    def __init__(self, a_minute: Mapping[Pace, tuple[int, int]] = A_MINUTE) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(_Counters())
        self._callers = {pace: RateLimitItemPerMinute(most) for pace, (most, _) in a_minute.items()}
        self._addresses = {pace: RateLimitItemPerMinute(most) for pace, (_, most) in a_minute.items()}

    def of_address(self, pace: Pace, address: str) -> None:
        """Count a request of an address; raises Refusal TOO_MANY_REQUESTS."""
        self._count(self._addresses[pace], pace, "address", network_of(address))

    def of_caller(self, pace: Pace, caller: str) -> None:
        """Count a request of a desk or person, by its id; raises Refusal TOO_MANY_REQUESTS."""
        self._count(self._callers[pace], pace, "caller", caller)

    def _count(self, item: RateLimitItemPerMinute, pace: Pace, *key: str) -> None:
        if not self._limiter.hit(item, pace.value, *key):
            reset = self._limiter.get_window_stats(item, pace.value, *key).reset_time
            raise Refusal(ErrorCode.TOO_MANY_REQUESTS, retry_after=max(1, round(reset - time.time())))


def unlimited() -> Allowances:
    """Allowances nobody reaches: for measuring, and where something in front limits already."""
    return Allowances(dict.fromkeys(Pace, (_NEVER_REACHED, _NEVER_REACHED)))
