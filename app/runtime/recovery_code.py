"""Recovery codes a person writes down: six groups of five, the last character of each group checks it.

24 random characters of a 32-character alphabet carry 120 bits. The check character is a weighted sum over
GF(32) that also depends on the group's place, so that one wrong character, two swapped neighbours or two
swapped groups are noticed, and the group is named.
"""

import secrets
import unicodedata

from app.runtime.errors import RecoveryCodeIncomplete, RecoveryCodeMistyped

# Crockford's base 32: no I, L, O, U, which are read as 1, 1, 0 and V.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})
_FIELD_POLYNOMIAL = 0b100101  # x^5 + x^2 + 1, primitive over GF(2)
GROUPS = 6
GROUP_SIZE = 5


def new_recovery_code() -> str:
    """A fresh code like "4K7PX-…" of 6 groups of 5 characters."""
    groups = []
    for place in range(GROUPS):
        body = "".join(secrets.choice(_ALPHABET) for _ in range(GROUP_SIZE - 1))
        groups.append(body + _check_character(body, place))
    return "-".join(groups)


def normal_recovery_code(typed: str) -> str:
    """The code as it was shown, from what a person typed: any case, spacing, dashes or full-width letters.

    Raises RecoveryCodeIncomplete or RecoveryCodeMistyped with the number of the first wrong group.
    """
    text = unicodedata.normalize("NFKC", typed[:1000]).upper().translate(_LOOKALIKES)
    symbols = "".join(one for one in text if one.isalnum())
    if len(symbols) != GROUPS * GROUP_SIZE:
        raise RecoveryCodeIncomplete(field="recovery_code", groups=GROUPS, size=GROUP_SIZE)
    groups = [symbols[start : start + GROUP_SIZE] for start in range(0, len(symbols), GROUP_SIZE)]
    for place, group in enumerate(groups):
        known = all(one in _ALPHABET for one in group)
        if not known or _check_character(group[:-1], place) != group[-1]:
            raise RecoveryCodeMistyped(field="recovery_code", group=place + 1)
    return "-".join(groups)


def _check_character(body: str, place: int) -> str:
    # Horner's scheme at the field's generator: every position has its own weight, the place the highest.
    total = place + 1
    for symbol in body:
        total = _doubled(total) ^ _ALPHABET.index(symbol)
    return _ALPHABET[_doubled(total)]


def _doubled(value: int) -> int:
    value <<= 1
    return value ^ _FIELD_POLYNOMIAL if value & 0b100000 else value
