"""A lease counts only while time is left provably, whatever is done to the clock of the computer."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.leases.rules import LeaseStanding, LeaseTimes, standing, time_left

TAKEN = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HYBRID = int(TAKEN.timestamp() * 1000)
LEASE = LeaseTimes(taken_at=TAKEN, ends_at=TAKEN + DAY, seen_at=TAKEN, hybrid_ms=HYBRID)
spans = st.timedeltas(timedelta(0), timedelta(days=400))


def at(elapsed: timedelta, *, lease: LeaseTimes = LEASE, hybrid: timedelta = timedelta(0)) -> LeaseStanding:
    """Where the lease stands when the clocks show so much more than when it was taken."""
    return standing(lease, now=TAKEN + elapsed, hybrid_ms=HYBRID + int(hybrid.total_seconds() * 1000))


def test_a_lease_counts_until_its_end_and_not_after() -> None:
    assert at(timedelta(0)) is LeaseStanding.SECURED
    assert at(DAY - timedelta(seconds=1)) is LeaseStanding.SECURED
    assert at(DAY) is LeaseStanding.ENDED
    assert at(timedelta(days=365)) is LeaseStanding.ENDED


@pytest.mark.parametrize("back", [timedelta(minutes=-2), timedelta(days=-1), timedelta(days=-365)])
def test_a_clock_that_was_set_back_before_the_lease_was_taken_ends_it(back: timedelta) -> None:
    assert at(back) is LeaseStanding.CLOCK_WRONG


def test_a_clock_that_was_set_back_since_it_was_last_looked_at_ends_it() -> None:
    seen = LeaseTimes(taken_at=TAKEN, ends_at=TAKEN + DAY, seen_at=TAKEN + timedelta(hours=20), hybrid_ms=HYBRID)
    assert at(timedelta(hours=2), lease=seen) is LeaseStanding.CLOCK_WRONG
    assert at(timedelta(hours=21), lease=seen) is LeaseStanding.SECURED
    small = at(timedelta(hours=20) - timedelta(seconds=30), lease=seen)
    assert small is LeaseStanding.SECURED  # a computer that corrects itself by seconds is not in doubt


def test_the_hybrid_clock_proves_that_time_went_by() -> None:
    assert at(timedelta(hours=1), hybrid=timedelta(hours=9)) is LeaseStanding.CLOCK_WRONG
    assert at(timedelta(hours=1), hybrid=timedelta(hours=1, minutes=4)) is LeaseStanding.SECURED
    assert at(DAY - timedelta(minutes=1), hybrid=DAY) is LeaseStanding.ENDED


def test_what_was_given_back_or_taken_away_does_not_count_whatever_time_is_left() -> None:
    for names, expected in (
        ({"given_back": True}, LeaseStanding.GIVEN_BACK),
        ({"refused": True}, LeaseStanding.REFUSED),
        ({"given_back": True, "refused": True}, LeaseStanding.REFUSED),
    ):
        lease = LeaseTimes(taken_at=TAKEN, ends_at=TAKEN + DAY, seen_at=TAKEN, hybrid_ms=HYBRID, **names)
        assert at(timedelta(hours=1), lease=lease) is expected


@given(real=spans, offset=st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_a_clock_that_is_wrong_all_along_changes_nothing(real: timedelta, offset: timedelta) -> None:
    taken = TAKEN + offset
    lease = LeaseTimes(taken_at=taken, ends_at=taken + DAY, seen_at=taken, hybrid_ms=HYBRID)
    assert (standing(lease, now=taken + real, hybrid_ms=HYBRID) is LeaseStanding.SECURED) == (real < DAY)


@given(real=spans, jump=st.timedeltas(timedelta(days=-400), timedelta(days=400)), looked=st.floats(0, 1))
def test_a_lease_that_is_over_never_counts_where_the_clock_was_looked_at_or_anything_was_written(
    real: timedelta, jump: timedelta, looked: float
) -> None:
    """However the clock jumps: what the desk has seen or written since proves at least so much time."""
    proven = real * looked
    shown = real + jump
    lease = LeaseTimes(taken_at=TAKEN, ends_at=TAKEN + DAY, seen_at=TAKEN + proven, hybrid_ms=HYBRID)
    if proven >= DAY:
        assert at(shown, lease=lease) is not LeaseStanding.SECURED
        assert at(shown, hybrid=proven) is not LeaseStanding.SECURED
    if at(shown, lease=lease) is LeaseStanding.SECURED:
        left = time_left(lease, now=TAKEN + shown, hybrid_ms=HYBRID)
        assert timedelta(0) < left <= DAY - proven
