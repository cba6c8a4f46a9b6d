"""JSON and compression on the wire: zstd at level 3 with a checksum, gzip where a side lacks zstd.

Every call makes its own compressor: one shared by threads corrupts what it writes.
"""

import zlib
from typing import Any

import orjson

from sync.protocol.limits import PLAIN_BYTES

try:
    import zstandard
except ImportError:  # a desk without the package still speaks gzip
    zstandard = None  # type: ignore[assignment]

ZSTD, GZIP, IDENTITY = "zstd", "gzip", "identity"
_LEVEL = 3
_GZIP_LEVEL = 1
_GZIP_WINDOW = 31
_STEP = 1 << 18


class CorruptBody(ValueError):
    """A body that is not what it says it is: broken compression, a failed checksum, no JSON."""


class ExplosiveBody(CorruptBody):
    """A body that would be larger than allowed when decompressed."""


class UnknownEncoding(ValueError):
    """A content encoding this side does not speak."""


def encodings() -> tuple[str, ...]:
    """What this side can decompress, the preferred one first."""
    return (GZIP,) if zstandard is None else (ZSTD, GZIP)


def choose_encoding(accepted: str) -> str:
    """The best encoding that an Accept-Encoding header allows."""
    names = {part.partition(";")[0].strip().lower() for part in accepted.split(",")}
    return next((encoding for encoding in encodings() if encoding in names), IDENTITY)


def dump(value: Any) -> bytes:
    """Compact JSON in UTF-8. Raises TypeError for what JSON cannot say."""
    return orjson.dumps(value)


def load(body: bytes) -> Any:
    """The value of a JSON text; raises CorruptBody."""
    try:
        return orjson.loads(body)
    except ValueError as error:
        raise CorruptBody("not JSON") from error


def embed(text: str | bytes) -> Any:
    """JSON text to be put into a larger value as it is, without reading it again."""
    return orjson.Fragment(text)


def compress(body: bytes, encoding: str) -> bytes:
    """The body in this encoding; raises UnknownEncoding."""
    if encoding == IDENTITY:
        return body
    if encoding == ZSTD and zstandard is not None:
        return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(body)
    if encoding == GZIP:
        packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
        return packer.compress(body) + packer.flush()
    raise UnknownEncoding(encoding)


class Packer:
    """Compresses what comes in pieces, as zstd; needs the package, which the service always has."""

    def __init__(self) -> None:
        self._packer = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compressobj()

    def add(self, data: bytes) -> bytes:
        """What is ready by now."""
        packed: bytes = self._packer.compress(data)
        return packed

    def end(self) -> bytes:
        """What is left."""
        packed: bytes = self._packer.flush()
        return packed


def decompress(body: bytes, encoding: str, *, limit: int = PLAIN_BYTES) -> bytes:
    """The plain body. Raises UnknownEncoding, CorruptBody, or ExplosiveBody beyond `limit` bytes.

    Reads step by step: a small bomb never gets the memory it asks for.
    """
    name = (encoding or IDENTITY).strip().lower()
    if name == IDENTITY:
        if len(body) > limit:
            raise ExplosiveBody(f"more than {limit} bytes")
        return body
    if name == ZSTD and zstandard is not None:
        return _unpack_zstd(body, limit)
    if name == GZIP:
        return _unpack_gzip(body, limit)
    raise UnknownEncoding(name[:20])


def _unpack_zstd(body: bytes, limit: int) -> bytes:
    try:
        size = zstandard.frame_content_size(body)
        if size > limit:
            raise ExplosiveBody(f"says it has {size} bytes")
        if size > 0:
            return zstandard.ZstdDecompressor().decompress(body)
        with zstandard.ZstdDecompressor().stream_reader(body) as reader:
            plain: bytes = reader.read(limit + 1)
    except zstandard.ZstdError as error:
        raise CorruptBody(str(error)) from error
    if len(plain) > limit:
        raise ExplosiveBody(f"more than {limit} bytes")
    return plain


def _unpack_gzip(body: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(_GZIP_WINDOW)
    parts: list[bytes] = []
    size = 0
    rest = body
    try:
        while rest and not unpacker.eof:
            part = unpacker.decompress(rest, _STEP)
            rest = unpacker.unconsumed_tail
            size += len(part)
            if size > limit:
                raise ExplosiveBody(f"more than {limit} bytes")
            parts.append(part)
            if not part and not rest:
                break
    except zlib.error as error:
        raise CorruptBody(str(error)) from error
    if not unpacker.eof:
        raise CorruptBody("cut short")
    return b"".join(parts)
