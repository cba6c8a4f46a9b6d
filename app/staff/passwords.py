"""Hashing passwords and PINs with Argon2id. The library is imported when somebody signs in, not before."""

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

_LONGEST = 1024
"""A longer text is no password; hashing a pasted book would only keep the desk busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HashingCost:
    """Argon2id's price: passes, memory in KiB, lanes (RFC 9106, section 4, second recommended option)."""

    passes: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 4


COST = HashingCost()
_NOBODY: dict[HashingCost, str] = {}


def hash_password(password: str) -> str:
    """The encoded Argon2id hash of a password or PIN, with its salt and cost."""
    return _hasher().hash(_plain(password))


def password_matches(stored: str | None, password: str) -> bool:
    """Whether the password belongs to the stored hash; an empty or damaged hash matches nothing.

    Without a stored hash it takes as long as with one, so that the time does not tell whether there is such a person.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    if len(password) > _LONGEST:
        return False
    try:
        return _hasher().verify(stored or _hash_of_nobody(), _plain(password)) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Whether the hash was made at another cost than the present one."""
    return _hasher().check_needs_rehash(stored)


def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=COST.passes, memory_cost=COST.memory_kib, parallelism=COST.lanes)


def _hash_of_nobody() -> str:
    if COST not in _NOBODY:
        _NOBODY[COST] = _hasher().hash("nobody signs in with this")
    return _NOBODY[COST]


def _plain(password: str) -> str:
    # An input method may send the same password as full-width or decomposed characters.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
