"""Signing in: how long somebody waits after wrong passwords."""

from datetime import datetime, timedelta

from app.staff.errors import SignInDelayed

FREE_ATTEMPTS = 2
_FIRST_DELAY = timedelta(seconds=5)
_LONGEST_DELAY = timedelta(minutes=5)
_DOUBLINGS = 6
"""After so many doublings the longest delay is reached; more would only make large numbers."""


def login_delay(failures: int) -> timedelta:
    """The wait after so many failures in a row: none for two, then 5 s, doubling up to 5 minutes.

    It never grows into a lock-out, which would let anybody shut a colleague out.
    """
    if failures <= FREE_ATTEMPTS:
        return timedelta(0)
    doublings = min(failures - FREE_ATTEMPTS - 1, _DOUBLINGS)
    return min(_FIRST_DELAY * (1 << doublings), _LONGEST_DELAY)


def sign_in_wait(failures: int, last_failed_at: datetime | None, now: datetime) -> timedelta:
    """What is left of the wait; zero when one may try. A clock set back never makes it longer than the delay."""
    delay = login_delay(failures)
    if last_failed_at is None:
        return timedelta(0)
    passed = max(now - last_failed_at, timedelta(0))
    return max(delay - passed, timedelta(0))


def require_may_try(failures: int, last_failed_at: datetime | None, now: datetime) -> None:
    """Raises SignInDelayed (field `password`) while the wait lasts."""
    wait = sign_in_wait(failures, last_failed_at, now)
    if wait:
        raise SignInDelayed(field="password", seconds=-(-wait // timedelta(seconds=1)))
