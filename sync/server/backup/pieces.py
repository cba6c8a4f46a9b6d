"""An archive's files: base copies, and pieces of the log in the order of commits, each proved by a chain of digests.

    ARCHIVE/20261122T190000.123Z/base.json, base.db.zst, 00000001.pieces, …
    ARCHIVE/contents/TENANT/ab/abcd…

A folder named by a time is a generation: a base copy and everything committed after it. Files of pieces are only ever
added to, so that they can be copied elsewhere while they grow; a torn end is where a machine stopped.
"""

import hashlib
import json
import os
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import zstandard

from sync.server.backup.problems import ArchiveDamaged

_HEAD = struct.Struct(">4sQQII32s")
_MAGIC = b"FCP1"
_FILE_BYTES = 64 << 20
_BLOCK = 1 << 20
LEVEL = 3


@dataclass(frozen=True, slots=True)
class Base:
    """What `base.json` says; `at` in milliseconds since the epoch, `size` and `sha256` of the unpacked file."""

    at: int
    size: int
    sha256: str
    page_size: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Commits up to `at`, milliseconds since the epoch: when they were read, so none of them is later."""

    number: int
    at: int
    frames: bytes


def generation_name(at: int) -> str:
    """A folder's name for a time in milliseconds: sorted as text they are sorted in time."""
    moment = datetime.fromtimestamp(at / 1000, UTC)
    return moment.strftime("%Y%m%dT%H%M%S.") + f"{at % 1000:03d}Z"


def generations(archive: Path) -> list[Path]:
    """Those with a complete base, the oldest first."""
    return sorted(path.parent for path in archive.glob("*Z/base.json"))


def read_base(generation: Path) -> Base:
    """What the base is; raises ArchiveDamaged."""
    try:
        return Base(**json.loads((generation / "base.json").read_text(encoding="ascii")))
    except (OSError, TypeError, ValueError) as error:
        raise ArchiveDamaged(f"{generation / 'base.json'}: {error}") from error


def pack_base(plain: Path, generation: Path, *, at: int, page_size: int) -> None:
    """Compress a copied database into the archive; only `base.json` makes it count."""
    digest, size = hashlib.sha256(), 0
    packed = generation / "base.db.zst"
    with plain.open("rb") as source, packed.open("wb") as target:
        with zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).stream_writer(target, closefd=False) as writer:
            while block := source.read(_BLOCK):
                digest.update(block)
                size += len(block)
                writer.write(block)
        target.flush()
        os.fsync(target.fileno())
    write_whole(generation / "base.json", json.dumps(asdict(Base(at, size, digest.hexdigest(), page_size))).encode())


def unpack_base(generation: Path, plain: Path) -> Base:
    """The base as a file again, proved; raises ArchiveDamaged."""
    base, digest = read_base(generation), hashlib.sha256()
    packed = generation / "base.db.zst"
    try:
        with packed.open("rb") as source, plain.open("wb") as target:
            for block in zstandard.ZstdDecompressor().read_to_iter(source, write_size=_BLOCK):
                digest.update(block)
                target.write(block)
    except (OSError, zstandard.ZstdError) as error:
        raise ArchiveDamaged(f"{packed}: {error}") from error
    if digest.hexdigest() != base.sha256:
        raise ArchiveDamaged(f"{packed}: its content has another digest than when it was written")
    return base


def write_whole(path: Path, content: bytes) -> None:
    """Write a small file so that it is there whole or not at all."""
    beside = path.with_name(f".{path.name}")
    with beside.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(beside, path)


class PieceWriter:
    """Adds pieces to a generation; one thread."""

    def __init__(self, generation: Path) -> None:
        self._generation = generation
        self._chain = bytes.fromhex(read_base(generation).sha256)
        self._number = 0
        self._file = 0

    def write(self, frames: bytes, *, at: int) -> int:
        """Add a piece; it is on the disk when this returns. Tells its number."""
        packed = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).compress(frames)
        self._number += 1
        self._chain = _chained(self._chain, self._number, at, packed)
        head = _HEAD.pack(_MAGIC, self._number, at, len(frames), len(packed), self._chain)
        path = self._generation / f"{self._file:08d}.pieces"
        with path.open("ab") as stream:
            stream.write(head + packed)
            stream.flush()
            os.fsync(stream.fileno())
            if stream.tell() >= _FILE_BYTES:
                self._file += 1
        return self._number


def _chained(before: bytes, number: int, at: int, packed: bytes) -> bytes:
    return hashlib.sha256(before + struct.pack(">QQ", number, at) + packed).digest()


def read_pieces(generation: Path) -> Iterator[Piece]:
    """Every piece in order, proved. Raises ArchiveDamaged, except for a torn end of the last file."""
    chain, number = bytes.fromhex(read_base(generation).sha256), 0
    files = sorted(generation.glob("*.pieces"))
    for place, path in enumerate(files):
        if path.name != f"{place:08d}.pieces":
            raise ArchiveDamaged(f"{generation}: a file of pieces before {path.name} is missing")
        content = path.read_bytes()
        start = 0
        while start < len(content):
            piece = content[start + _HEAD.size :]
            if start + _HEAD.size <= len(content):
                magic, found, at, length, packed_length, digest = _HEAD.unpack_from(content, start)
            if start + _HEAD.size > len(content) or len(piece) < packed_length:
                if path == files[-1]:
                    return
                raise ArchiveDamaged(f"{path}: it ends in the middle of a piece")
            packed, number = piece[:packed_length], number + 1
            chain = _chained(chain, number, at, packed)
            if magic != _MAGIC or found != number or chain != digest:
                raise ArchiveDamaged(f"{path}: piece {number} is not what was written")
            yield Piece(number, at, zstandard.ZstdDecompressor().decompress(packed, max_output_size=length))
            start += _HEAD.size + packed_length
