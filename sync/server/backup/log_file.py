"""Reads SQLite's write-ahead log while others write it (https://www.sqlite.org/fileformat2.html#walformat).

A log is a header and frames, each a page with the checksum of everything before it. What is torn, or left over from an
earlier use of the file, fails that checksum. A frame that names the database's size ends a commit.
"""

import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

HEADER, FRAME = 32, 24
_MAGIC, _BIG_ENDIAN = 0x377F0682, 1
_WORD = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Position:
    """How far a log was read: `salt` says which use of the file, `sums` the checksum up to `offset`.

    A salt of None stands for a log that had not begun. `may_begin_anew`: all of it is in the database and who reads it
    stands behind it, so that the next writer may use the file from its beginning.
    """

    salt: tuple[int, int] | None
    offset: int
    sums: tuple[int, int]
    page_size: int
    may_begin_anew: bool = False


START = Position(None, 0, (0, 0), 0, may_begin_anew=True)


class LogParted(RuntimeError):
    """The log went on without being read: what is archived cannot be continued."""


@lru_cache(maxsize=4)
def _factors(pairs: int) -> tuple[np.ndarray, ...]:
    """What each word of a text of so many pairs counts in the two sums at its end, and what the sums before it do.

    The sums are s0 += x + s1; s1 += y + s0 over 32 bits: linear, so a whole page is four products.
    """
    step = np.array([[1, 1], [1, 2]], dtype=np.uint64)
    taken = np.array([[1, 0], [1, 1]], dtype=np.uint64)
    power = np.eye(2, dtype=np.uint64)
    factors = np.empty((pairs, 2, 2), dtype=np.uint32)
    for place in range(pairs - 1, -1, -1):
        factors[place] = (power @ taken) & _WORD
        power = (power @ step) & np.uint64(_WORD)
    flat = [np.ascontiguousarray(factors[:, row, column]) for row in (0, 1) for column in (0, 1)]
    return (*flat, power)


def summed(sums: tuple[int, int], text: bytes, *, big_endian: bool) -> tuple[int, int]:
    """The checksum after a further text, whose length is a multiple of 8."""
    words = np.frombuffer(text, dtype=">u4" if big_endian else "<u4").astype(np.uint32)
    first, second = words[0::2], words[1::2]
    x0, y0, x1, y1, power = _factors(len(first))
    with np.errstate(over="ignore"):
        more0 = int(np.dot(x0, first)) + int(np.dot(y0, second))
        more1 = int(np.dot(x1, first)) + int(np.dot(y1, second))
    (a, b), (c, d) = power.tolist()
    return (a * sums[0] + b * sums[1] + more0) & _WORD, (c * sums[0] + d * sums[1] + more1) & _WORD


def read_commits(log: Path, since: Position) -> tuple[bytes, Position]:
    """The frames of all commits after a position, and where they end; nothing where nothing was committed.

    Raises LogParted when the file was used anew although that could not be.
    """
    try:
        stream = log.open("rb")
    except FileNotFoundError:
        return b"", since
    with stream:
        header = stream.read(HEADER)
        if len(header) < HEADER:
            return b"", since
        magic, _, page_size, _, salt1, salt2, sum1, sum2 = struct.unpack(">8I", header)
        big_endian = bool(magic & _BIG_ENDIAN)
        if magic & ~_BIG_ENDIAN != _MAGIC or summed((0, 0), header[:24], big_endian=big_endian) != (sum1, sum2):
            return b"", since  # it is being written
        salt = (salt1, salt2)
        if since.salt != salt:
            if not since.may_begin_anew:
                raise LogParted(f"the log has salt {salt}, after {since.salt}")
            since = Position(salt, HEADER, (sum1, sum2), page_size)
        stream.seek(since.offset)
        return _whole_commits(stream.read(), since, big_endian=big_endian)


def _whole_commits(text: bytes, since: Position, *, big_endian: bool) -> tuple[bytes, Position]:
    size, sums, end, at_end = FRAME + since.page_size, since.sums, 0, since.sums
    for start in range(0, len(text) - size + 1, size):
        _, committed, salt1, salt2, sum1, sum2 = struct.unpack_from(">6I", text, start)
        if (salt1, salt2) != since.salt:
            break
        sums = summed(sums, text[start : start + 8] + text[start + FRAME : start + size], big_endian=big_endian)
        if sums != (sum1, sum2):
            break
        if committed:
            end, at_end = start + size, sums
    anew = since.may_begin_anew and not end
    return text[:end], Position(since.salt, since.offset + end, at_end, since.page_size, may_begin_anew=anew)


def apply_commits(database: Path, frames: bytes, page_size: int) -> None:
    """Write the pages of archived commits into a database file that nobody has open."""
    size = FRAME + page_size
    with database.open("r+b") as stream:
        pages = 0
        for start in range(0, len(frames), size):
            page, committed = struct.unpack_from(">2I", frames, start)
            stream.seek((page - 1) * page_size)
            stream.write(frames[start + FRAME : start + size])
            pages = committed or pages
        stream.truncate(pages * page_size)
