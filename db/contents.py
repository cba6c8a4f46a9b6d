"""Contents beside the database: pictures and documents, kept once each under their SHA-256, encrypted.

One file a content. Its name is a keyed hash of the digest, so that whoever has the folder without the key cannot even
tell whether a known picture is among them; its bytes are sealed with AES-256-GCM under a key derived from the
database key. Files appear whole or not at all and never change, so that backups have to copy only new ones.
"""

import hashlib
import hmac
import logging
import os
import re
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_log = logging.getLogger(__name__)
_MAGIC = b"FCC1"
_NONCE = 12
_TAG = 16
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOST_ASKED = 2_000
OVERHEAD = len(_MAGIC) + _NONCE + _TAG
"""Bytes a stored content is larger than the content itself."""


def digest_of(content: bytes) -> str:
    """The name of a content: its SHA-256 in 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def is_digest(text: object) -> bool:
    """Whether this can name a content."""
    return isinstance(text, str) and _DIGEST.fullmatch(text) is not None


def contents_folder(database_path: Path) -> Path:
    """Where the contents of a database lie: beside it."""
    return database_path.with_name(f"{database_path.stem}-contents")


@dataclass(frozen=True, slots=True)
class Asked:
    """A content somebody wants to look at that is not at this desk; `attachment_id` names a row that has it."""

    sha256: str
    size: int
    attachment_id: str


class ContentStore:
    """The folder of one database. All methods may be called on any thread; none is for the GUI thread."""

    def __init__(self, folder: Path, key: bytes) -> None:
        self.folder = folder
        self._seal_key = _derived(key, b"forecourt/contents")
        self._name_key = _derived(key, b"forecourt/content-names")
        self._asked: OrderedDict[str, Asked] = OrderedDict()
        self._asking = threading.Condition()

    def place_of(self, sha256: str) -> Path:
        """The file of a content, whether it is there or not. Raises ValueError for what is no digest."""
        if not is_digest(sha256):
            raise ValueError("a content is named by its SHA-256")
        name = hmac.new(self._name_key, sha256.encode("ascii"), hashlib.sha256).hexdigest()
        return self.folder / name[:2] / name

    def has(self, sha256: str) -> bool:
        """Whether the content lies here; its bytes are proved when they are read."""
        return self.place_of(sha256).is_file()

    def put(self, content: bytes) -> str:
        """Keep a content; returns its digest. After a crash it is there whole or not at all.

        Raises OSError for what the system refuses (full, read-only); then nothing is left behind.
        """
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        sha256 = digest_of(content)
        place = self.place_of(sha256)
        with suppress(FileNotFoundError):
            if place.stat().st_size == len(content) + OVERHEAD:
                os.utime(place)  # asked for again just now: not to be swept away with old ones
                return sha256
        nonce = os.urandom(_NONCE)
        sealed = AESGCM(self._seal_key).encrypt(nonce, content, sha256.encode("ascii"))
        _write(place, _MAGIC + nonce + sealed)
        return sha256

    def read(self, sha256: str) -> bytes | None:
        """The content; None where it is not here or its file is damaged, which is then removed."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        place = self.place_of(sha256)
        try:
            stored = place.read_bytes()
        except FileNotFoundError:
            return None
        try:
            if stored[: len(_MAGIC)] != _MAGIC:
                raise InvalidTag
            nonce, sealed = stored[len(_MAGIC) : len(_MAGIC) + _NONCE], stored[len(_MAGIC) + _NONCE :]
            return AESGCM(self._seal_key).decrypt(nonce, sealed, sha256.encode("ascii"))
        except (InvalidTag, ValueError):
            _log.warning("a content is damaged and was removed: %s", sha256)
            place.unlink(missing_ok=True)
            return None

    def remove(self, sha256: str) -> None:
        """Forget a content; nothing happens if it is not here."""
        self.place_of(sha256).unlink(missing_ok=True)

    def touched_since(self, sha256: str, at: float) -> bool:
        """Whether it was stored, or stored again, since that time (seconds since the epoch)."""
        try:
            return self.place_of(sha256).stat().st_mtime >= at
        except FileNotFoundError:
            return False

    def sweep(self, known: Iterable[str], *, before: float) -> int:
        """Remove files last written before that time (seconds since the epoch) that are no known content.

        That is what a crash between storing a content and writing its row leaves behind. Tells how many went.
        """
        names = {self.place_of(sha256).name for sha256 in known}
        removed = 0
        for place in self.folder.glob("*/*"):
            if place.name not in names:
                with suppress(OSError):
                    if place.stat().st_mtime < before:
                        place.unlink()
                        removed += 1
        return removed

    # --- what somebody waits for -----------------------------------------------------------------

    def ask(self, asked: Asked) -> None:
        """Somebody looks at this and it is not here: fetch it before what was asked for earlier."""
        with self._asking:
            self._asked.pop(asked.sha256, None)
            self._asked[asked.sha256] = asked
            while len(self._asked) > _MOST_ASKED:
                self._asked.popitem(last=False)
            self._asking.notify_all()

    def next_asked(self) -> Asked | None:
        """What was asked for last and is still wanted; it is taken off the list."""
        with self._asking:
            return self._asked.popitem(last=True)[1] if self._asked else None

    def wait_asked(self, seconds: float) -> bool:
        """Wait until something is asked for or `wake` is called; tells whether anything is."""
        with self._asking:
            if not self._asked:
                self._asking.wait(seconds)
            return bool(self._asked)

    def wake(self) -> None:
        """End a `wait_asked`."""
        with self._asking:
            self._asking.notify_all()


def _derived(key: bytes, purpose: bytes) -> bytes:
    """HKDF-SHA-256 without salt, one block."""
    extracted = hmac.new(bytes(32), key, hashlib.sha256).digest()
    return hmac.new(extracted, purpose + b"\x01", hashlib.sha256).digest()


def _write(place: Path, stored: bytes) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=".new-", dir=place.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(stored)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, place)
        temporary = None
        _flush_folder(place.parent)
    finally:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # no handle on a folder to flush there, and no need: the rename is in the journal
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
