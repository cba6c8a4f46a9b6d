"""Signing in: how long somebody waits after wrong passwords, and what passwords, PINs, names and codes are usable."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise

from app.kernel.errors import ValueTooLong
from app.staff.errors import (
    BayCountWrong,
    LockMinutesWrong,
    LoginUnusable,
    PasswordTooEasy,
    PasswordTooShort,
    PinTooEasy,
    SignInDelayed,
)

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


PASSWORD_SHORTEST = 8
PASSWORD_LONGEST = 128
PIN_SHORTEST = 4
PIN_LONGEST = 8
PIN_ATTEMPTS = 3
"""After so many failures in a row the PIN no longer opens; the password does, and it makes the PIN usable again."""

LOGIN_SHORTEST = 2
LOGIN_LONGEST = 40
MOST_BAYS = 99
LOCK_SHORTEST = 1
LOCK_LONGEST = 120
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]*")
_COMMON = frozenset(
    {
        "password", "password1", "passw0rd", "passwort", "qwertyui", "qwertyuiop", "asdfghjk", "asdfghjkl", "zxcvbnm1",
        "1q2w3e4r", "1qaz2wsx", "abc12345", "a1234567", "a12345678", "q1234567", "iloveyou", "letmein1", "welcome1",
        "admin123", "administrator", "woaini1314", "woaini520", "5201314a", "qq123456", "wang1234", "zhang123",
        "forecourt", "dealership",
    }
)  # fmt: skip
"""The passwords tried first; rows and repeats are recognised by `_is_row`."""


def usable_password(password: str, *, names: tuple[str, ...] = (), field: str = "password") -> str:
    """The password as typed; raises PasswordTooShort, ValueTooLong or PasswordTooEasy for the field.

    Length counts, not kinds of characters (NIST SP 800-63B, 5.1.1.2); refused are the ones tried first, rows, repeats
    and the person's own names.
    """
    if len(password) < PASSWORD_SHORTEST:
        raise PasswordTooShort(field=field, limit=PASSWORD_SHORTEST)
    if len(password) > PASSWORD_LONGEST:
        raise ValueTooLong(field=field, limit=PASSWORD_LONGEST, length=len(password))
    folded = password.casefold()
    own = {name.casefold().replace(" ", "") for name in names if len(name) >= 2}
    if folded in _COMMON or _is_row(folded) or folded.rstrip("0123456789") in own or folded in own:
        raise PasswordTooEasy(field=field)
    return password


def usable_pin(pin: str, *, field: str = "pin") -> str:
    """The PIN; raises PinTooEasy for the field."""
    digits = pin.strip()
    fits = PIN_SHORTEST <= len(digits) <= PIN_LONGEST and digits.isascii() and digits.isdigit()
    if not fits or _is_row(digits):
        raise PinTooEasy(field=field, shortest=PIN_SHORTEST, longest=PIN_LONGEST)
    return digits


def usable_login(login: str, *, field: str = "login") -> str:
    """The sign-in name in small letters; raises LoginUnusable for the field."""
    plain = unicodedata.normalize("NFKC", login[: 4 * LOGIN_LONGEST]).strip().casefold()
    if not LOGIN_SHORTEST <= len(plain) <= LOGIN_LONGEST or not _LOGIN.fullmatch(plain):
        raise LoginUnusable(field=field, shortest=LOGIN_SHORTEST, longest=LOGIN_LONGEST)
    return plain


def usable_bays(bays: Mapping[str, int], *, field: str = "work_bays") -> dict[str, int]:
    """Bays by type; raises BayCountWrong for the field."""
    for kind, count in bays.items():
        if not kind or len(kind) > 24 or type(count) is not int or not 0 <= count <= MOST_BAYS:
            raise BayCountWrong(field=field, limit=MOST_BAYS)
    return dict(bays)


def usable_lock_minutes(minutes: int, *, field: str = "lock_minutes") -> int:
    """Idle minutes until a desk locks; raises LockMinutesWrong for the field."""
    if type(minutes) is not int or not LOCK_SHORTEST <= minutes <= LOCK_LONGEST:
        raise LockMinutesWrong(field=field, shortest=LOCK_SHORTEST, longest=LOCK_LONGEST)
    return minutes


def pin_usable(failures: int) -> bool:
    """Whether a PIN still opens after so many failures in a row."""
    return failures < PIN_ATTEMPTS


def _is_row(text: str) -> bool:
    """Whether the characters repeat one, or go up or down in steps of one: 1111, 1234, 87654321, abcdefgh."""
    steps = {ord(second) - ord(first) for first, second in pairwise(text)}
    return len(steps) == 1 and steps <= {0, 1, -1}
