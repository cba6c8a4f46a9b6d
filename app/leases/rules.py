"""Whether a lease counts at this moment. It does only while time is left provably: in doubt it does not.

A lease is a promise in the centre's time. The desk knows when it asked, by its own clock, and how long the promise
held from then; it never needs to know how wrong its clock is. It has to notice, though, when somebody sets that clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.kernel.labels import Labelled
from app.runtime.language import tr_noop

ENDING = timedelta(hours=2)
"""So long before its end a lease that is not renewed is worth a word."""

_SMALL_STEP = timedelta(seconds=60)
"""Computers correct their clocks by such steps; the centre keeps others away so much longer."""
_HYBRID_AHEAD = timedelta(minutes=5) + _SMALL_STEP
"""What arrives from other desks may take the hybrid clock so far ahead of this one's."""


class LeaseStanding(Labelled):
    SECURED = "secured", tr_noop("Secured")
    ENDED = "ended", tr_noop("Run out")
    CLOCK_WRONG = "clock_wrong", tr_noop("Clock in doubt")
    GIVEN_BACK = "given_back", tr_noop("Given back")
    REFUSED = "refused", tr_noop("Ended by the centre")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTimes:
    """What a desk knows of a lease. All instants but the centre's are this desk's own."""

    taken_at: datetime
    ends_at: datetime
    seen_at: datetime
    hybrid_ms: int
    """Of the hybrid clock when the lease was taken."""
    given_back: bool = False
    refused: bool = False


def time_left(lease: LeaseTimes, *, now: datetime, hybrid_ms: int) -> timedelta:
    """How much is left of it, by whichever clock says least; never below zero."""
    by_clock = lease.ends_at - max(now, lease.seen_at)
    by_hybrid = lease.ends_at - lease.taken_at - timedelta(milliseconds=max(hybrid_ms - lease.hybrid_ms, 0))
    return max(min(by_clock, by_hybrid), timedelta(0))


def is_clock_in_doubt(lease: LeaseTimes, *, now: datetime, hybrid_ms: int) -> bool:
    """Whether this desk's clock was set back since: it shows less than it has shown, or the hybrid clock proves."""
    if now < lease.seen_at - _SMALL_STEP:
        return True
    proven = timedelta(milliseconds=max(hybrid_ms - lease.hybrid_ms, 0))
    return proven - (now - lease.taken_at) > _HYBRID_AHEAD


def standing(lease: LeaseTimes, *, now: datetime, hybrid_ms: int) -> LeaseStanding:
    """Whether the desk may sell the vehicle bindingly now; only SECURED says yes."""
    if lease.refused:
        return LeaseStanding.REFUSED
    if lease.given_back:
        return LeaseStanding.GIVEN_BACK
    if is_clock_in_doubt(lease, now=now, hybrid_ms=hybrid_ms):
        return LeaseStanding.CLOCK_WRONG
    if time_left(lease, now=now, hybrid_ms=hybrid_ms) <= timedelta(0):
        return LeaseStanding.ENDED
    return LeaseStanding.SECURED
