"""What both sides compare instead of rows: how many there are, and a sum over them that hardly ever agrees by chance.

The sum is kept as rows come and go: one is added, one is taken away, in any order. 62 bits, so that two of them still
fit a signed 64-bit column when they are added.
"""

from collections.abc import Iterable
from hashlib import sha256

BUCKETS = 64
"""Parts of a table that are compared by themselves, so that a difference is found without listing all rows."""

_BITS = 62
MASK = (1 << _BITS) - 1
_BUCKET_OF_END = {f"{n:02x}": n % BUCKETS for n in range(256)}
_from_bytes = int.from_bytes


def mark_of(record_id: str, ver: int) -> int:
    """A record in one version: the first 62 bits of SHA-256 over `id|ver`."""
    return _from_bytes(sha256(f"{record_id}|{ver}".encode()).digest()[:8]) >> 2


def bucket_of(record_id: str) -> int:
    """The bucket of a record: the number in the last two hex digits of its id, modulo 64."""
    return _BUCKET_OF_END.get(record_id[-2:], 0)


def written(total: int) -> str:
    """A sum as it travels: 16 hex digits, because not every reader of JSON keeps 62 bits."""
    return f"{total & MASK:016x}"


def marks_of(rows: Iterable[tuple[str, int]]) -> int:
    """The sum of the marks of records, each `(id, ver)`, not yet modulo 2^62."""
    from_bytes, digest = int.from_bytes, sha256
    return sum(from_bytes(digest(f"{record_id}|{ver}".encode()).digest()[:8]) >> 2 for record_id, ver in rows)


class Tally:
    """Counts and sums by whatever is compared; sums are kept modulo 2^62."""

    __slots__ = ("entries",)

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str, int], list[int]] = {}
        """`[rows, sum]` by (scope, table, bucket). A tally of changes may be negative."""

    def add(self, scope: str, table: str, record_id: str, ver: int) -> None:
        """One more row."""
        key = (scope, table, _BUCKET_OF_END.get(record_id[-2:], 0))
        entry = self.entries.get(key)
        mark = _from_bytes(sha256(f"{record_id}|{ver}".encode()).digest()[:8]) >> 2
        if entry is None:
            self.entries[key] = [1, mark]
        else:
            entry[0] += 1
            entry[1] += mark

    def remove(self, scope: str, table: str, record_id: str, ver: int) -> None:
        """One row less, in the version in which it was counted."""
        entry = self.entries.setdefault((scope, table, _BUCKET_OF_END.get(record_id[-2:], 0)), [0, 0])
        entry[0] -= 1
        entry[1] -= mark_of(record_id, ver)

    def total(self, scope: str, table: str) -> tuple[int, int]:
        """Rows and sum of a table in a scope, over all buckets."""
        found = [self.entries.get((scope, table, bucket), (0, 0)) for bucket in range(BUCKETS)]
        return sum(entry[0] for entry in found), sum(entry[1] for entry in found) & MASK

    def bucket(self, scope: str, table: str, bucket: int) -> tuple[int, int]:
        """Rows and sum of one bucket."""
        rows, total = self.entries.get((scope, table, bucket), (0, 0))
        return rows, total & MASK
