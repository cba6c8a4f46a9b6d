"""The growing wait after wrong passwords."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.staff.errors import SignInDelayed
from app.staff.rules import login_delay, require_may_try, sign_in_wait

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
LONGEST = timedelta(minutes=5)
failures = st.integers(min_value=0, max_value=10**9)


@pytest.mark.parametrize(
    ("count", "seconds"), [(0, 0), (1, 0), (2, 0), (3, 5), (4, 10), (5, 20), (8, 160), (9, 300), (1000, 300)]
)
def test_the_wait_doubles_up_to_five_minutes(count: int, seconds: int) -> None:
    assert login_delay(count) == timedelta(seconds=seconds)


@given(failures)
def test_the_wait_never_shrinks_and_never_locks_out(count: int) -> None:
    assert login_delay(count) <= login_delay(count + 1) <= LONGEST


@given(failures, st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_a_clock_set_back_or_forth_never_prolongs_the_wait(count: int, moved: timedelta) -> None:
    wait = sign_in_wait(count, NOW, NOW + moved)
    assert timedelta(0) <= wait <= login_delay(count)


def test_says_how_long_to_wait_in_whole_seconds() -> None:
    require_may_try(9, None, NOW)
    require_may_try(3, NOW - timedelta(seconds=5), NOW)
    with pytest.raises(SignInDelayed) as caught:
        require_may_try(3, NOW - timedelta(milliseconds=200), NOW)
    assert caught.value.params == {"seconds": 5}
    assert caught.value.field == "password"
