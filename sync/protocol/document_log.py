"""The centre's log of sealed documents, as whoever checks it needs it: signed heads, proofs, and what can be wrong.

The log is a Merkle tree that only grows (`merkle`). One leaf is one sealed document: the SHA-256 of its bytes and the
centre's time at which it was entered. The centre signs a **head** (size and root) with Ed25519 (RFC 8032). A **proof**
says that a document stands in the tree of a head. Needs the standard library and `cryptography`, nothing of the house:
who has a proof as JSON and the log's public key checks it without the centre and without a desk.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from sync.protocol.merkle import Hash, is_consistent, is_included, leaf_hash

PROOF_FORM = "forecourt-log-proof/1"
"""Stands in every proof as JSON."""
_HEAD_FORM, _RENEWAL_FORM = "forecourt-log-head/1", "forecourt-log-key/1"
_SEALED_DOCUMENT = b"\x01"
"""Begins a leaf: what kind of entry it is."""
CLOCK_TOLERANCE = 300_000_000
"""Microseconds by which a later head may seem earlier: instances of one service have clocks of their own."""
_HEX = re.compile("[0-9a-f]*")
_DIGEST, _KEY, _SIGNATURE, _ID = 64, 64, 128, 32
_MOST = 1 << 62
_LONGEST_PATH = 64


class Fault(StrEnum):
    """What can be wrong with a log or a proof."""

    MALFORMED = "malformed"
    """Not a head, or not a proof."""
    SIGNATURE_WRONG = "signature_wrong"
    """The head is not signed with the key it names."""
    KEY_CHANGED = "key_changed"
    """Another key, and nothing that the known one signed says that it follows it."""
    OTHER_LOG = "other_log"
    """Another log than the one known so far."""
    SHORTER = "shorter"
    """The log has fewer entries than it had: some were cut off."""
    FORKED = "forked"
    """Two different logs of one size: somebody was shown another one."""
    REWRITTEN = "rewritten"
    """The log does not begin with the entries it had: one was changed, taken out or put between."""
    MOVED_BACK = "moved_back"
    """A later head carries an earlier time."""
    NOT_INCLUDED = "not_included"
    """The path does not lead from this document to the head."""
    OTHER_DOCUMENT = "other_document"
    """The proof is about another document."""
    RESTORED = "restored"
    """The centre says that it came from a backup (another epoch), and the log is not the one it was."""


class LogFault(ValueError):
    """Something is wrong with a log or a proof; `fault` says what."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(f"{fault.value}: {detail}" if detail else fault.value)
        self.fault = fault


def is_sealed_digest(text: object) -> bool:
    """Whether a text is a SHA-256 as records carry it: 64 lower-case hex digits."""
    return isinstance(text, str) and len(text) == _DIGEST and _HEX.fullmatch(text) is not None


def leaf_of(digest: str, at: int) -> bytes:
    """The leaf of a sealed document: the byte 1, the time in microseconds (64 bits, big-endian), the 32 bytes of its
    SHA-256. Raises ValueError for what is none."""
    if not is_sealed_digest(digest):
        raise ValueError("not the SHA-256 of a document")
    return _SEALED_DOCUMENT + at.to_bytes(8, "big") + bytes.fromhex(digest)


def key_id_of(public_key: str) -> str:
    """The short name of a public key: the first 32 hex digits of its SHA-256."""
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:_ID]


# --- heads -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHead:
    """The log as it stood: `size` entries with this `root` (hex), signed at `at` (microseconds of the centre's clock).

    `log` names the log, `epoch` the centre's epoch: it changes when the centre was restored from a backup, which is the
    only reason for which a log may be another one than before.
    """

    log: str
    epoch: str
    size: int
    root: str
    at: int
    key_id: str
    signature: str

    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        return head_bytes(log=self.log, epoch=self.epoch, size=self.size, root=self.root, at=self.at)

    def check_signature(self, public_key: str) -> None:
        """Raises LogFault SIGNATURE_WRONG unless this key signed this head."""
        if key_id_of(public_key) != self.key_id or not is_signed(public_key, self.signature, self.signed_bytes()):
            raise LogFault(Fault.SIGNATURE_WRONG, f"head of {self.size}")

    def as_json(self) -> dict[str, Any]:
        """As it travels and is kept."""
        return {
            "log": self.log, "epoch": self.epoch, "size": self.size, "root": self.root, "at": self.at,
            "key_id": self.key_id, "signature": self.signature,
        }  # fmt: skip

    @classmethod
    def read(cls, told: Any) -> Self:
        """From JSON. Raises LogFault MALFORMED."""
        told = _object(told)
        return cls(
            log=_hex(told, "log", _ID), epoch=_word(told, "epoch"), size=_number(told, "size"),
            root=_hex(told, "root", _DIGEST), at=_number(told, "at"), key_id=_hex(told, "key_id", _ID),
            signature=_hex(told, "signature", _SIGNATURE),
        )  # fmt: skip


def read_travelling_head(told: Any) -> tuple[LogHead, str]:
    """A head that came with a seal, and the key it says it is signed with, which has signed it. Raises LogFault."""
    told = _object(told)
    head, key = LogHead.read(told.get("head")), _hex(told, "public_key", _KEY)
    head.check_signature(key)
    return head, key


def head_bytes(*, log: str, epoch: str, size: int, root: str, at: int) -> bytes:
    """What is signed of a head: lines of text, each ended by a line feed."""
    return "".join(f"{line}\n" for line in (_HEAD_FORM, log, epoch, size, root, at)).encode("utf-8")


def check_continues(old: LogHead, new: LogHead, path: Sequence[Hash]) -> None:
    """That the later head is of the same log, which only grew since the earlier one. Raises LogFault.

    Signatures are checked apart. Where the epoch changed, the one fault is RESTORED: the centre owns up to having
    forgotten something, in a head it signed.
    """
    fault = _break_between(old, new, path)
    if fault is None:
        return
    detail = f"{old.size} entries before, {new.size} now"
    raise LogFault(fault if old.epoch == new.epoch else Fault.RESTORED, detail)


def _break_between(old: LogHead, new: LogHead, path: Sequence[Hash]) -> Fault | None:
    if old.log != new.log:
        return Fault.OTHER_LOG
    if new.size < old.size:
        return Fault.SHORTER
    if new.size == old.size and new.root != old.root:
        return Fault.FORKED
    roots = {"old_root": bytes.fromhex(old.root), "new_root": bytes.fromhex(new.root)}
    if not is_consistent(old.size, new.size, path=path, **roots):
        return Fault.REWRITTEN
    if old.epoch == new.epoch and new.at + CLOCK_TOLERANCE < old.at:
        return Fault.MOVED_BACK
    return None


# --- keys --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRenewal:
    """A new key of a log, announced by the one before: `signature` is the earlier key's."""

    log: str
    previous: str
    public_key: str
    signature: str

    def signed_bytes(self) -> bytes:
        """What the earlier key signs."""
        return f"{_RENEWAL_FORM}\n{self.log}\n{self.previous}\n{self.public_key}\n".encode()

    def as_json(self) -> dict[str, Any]:
        """As it travels."""
        return {
            "log": self.log, "previous": self.previous, "public_key": self.public_key, "signature": self.signature,
        }  # fmt: skip

    @classmethod
    def read(cls, told: Any) -> Self:
        """From JSON. Raises LogFault MALFORMED."""
        told = _object(told)
        return cls(
            log=_hex(told, "log", _ID), previous=_hex(told, "previous", _KEY),
            public_key=_hex(told, "public_key", _KEY), signature=_hex(told, "signature", _SIGNATURE),
        )  # fmt: skip


def follow_keys(known: str, now: str, renewals: Iterable[KeyRenewal], *, log: str) -> None:
    """That the key in use now is the known one, or follows it step by step. Raises LogFault KEY_CHANGED."""
    here = known
    for renewal in renewals:
        if here == now:
            return
        if renewal.previous == here and renewal.log == log:
            if not is_signed(here, renewal.signature, renewal.signed_bytes()):
                break
            here = renewal.public_key
    if here != now:
        raise LogFault(Fault.KEY_CHANGED, f"{key_id_of(known)} before, {key_id_of(now)} now")


def is_signed(public_key: str, signature: str, data: bytes) -> bool:
    """Whether this Ed25519 key (hex) made this signature (hex)."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(bytes.fromhex(signature), data)
    except (InvalidSignature, ValueError):
        return False
    return True


# --- proofs ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProof:
    """That a sealed document is entry `index` (from 0) of the log with this head; `at` is when it was entered, in
    microseconds of the centre's clock. Complete by itself."""

    digest: str
    at: int
    index: int
    path: tuple[Hash, ...]
    head: LogHead
    public_key: str

    @property
    def number(self) -> int:
        """Which entry it is, counted from 1, as people are told."""
        return self.index + 1

    def check(self, *, digest: str = "", public_key: str = "") -> None:
        """Raises LogFault where it proves nothing, is about another document than `digest`, or signed with another key
        than `public_key`. Without a key it is the one in the proof, which says only that the proof agrees with itself.
        """
        if digest and digest != self.digest:
            raise LogFault(Fault.OTHER_DOCUMENT, self.digest)
        if public_key and public_key != self.public_key:
            raise LogFault(Fault.KEY_CHANGED, key_id_of(self.public_key))
        self.head.check_signature(self.public_key)
        leaf = leaf_hash(leaf_of(self.digest, self.at))
        root = bytes.fromhex(self.head.root)
        if not is_included(leaf, number=self.index, size=self.head.size, path=self.path, root=root):
            raise LogFault(Fault.NOT_INCLUDED, f"entry {self.number} of {self.head.size}")

    def as_json(self) -> dict[str, Any]:
        """For the evidence package: everything, as JSON can say it."""
        return {
            "form": PROOF_FORM, "digest": self.digest, "at": self.at, "index": self.index,
            "path": [one.hex() for one in self.path], "head": self.head.as_json(), "public_key": self.public_key,
        }  # fmt: skip

    @classmethod
    def read(cls, told: Any) -> Self:
        """From JSON. Raises LogFault MALFORMED."""
        told = _object(told)
        if told.get("form") != PROOF_FORM:
            raise LogFault(Fault.MALFORMED, "form")
        return cls(
            digest=_hex(told, "digest", _DIGEST), at=_number(told, "at"), index=_number(told, "index"),
            path=read_path(told.get("path")), head=LogHead.read(told.get("head")),
            public_key=_hex(told, "public_key", _KEY),
        )  # fmt: skip


def verify_log_proof(told: Any, *, digest: str, public_key: str = "") -> LogProof:
    """Check a proof as JSON: that the document with this SHA-256 stands in the log of the head that came with it.

    With `public_key` (hex), which the caller has from elsewhere, the head is the centre's beyond doubt. Raises
    LogFault.
    """
    proof = LogProof.read(told)
    proof.check(digest=digest, public_key=public_key)
    return proof


def read_path(told: Any) -> tuple[Hash, ...]:
    """The hashes of a proof from JSON. Raises LogFault MALFORMED."""
    if not isinstance(told, list) or len(told) > _LONGEST_PATH or not all(is_sealed_digest(one) for one in told):
        raise LogFault(Fault.MALFORMED, "path")
    return tuple(bytes.fromhex(one) for one in told)


def _object(told: Any) -> Mapping[str, Any]:
    if not isinstance(told, Mapping):
        raise LogFault(Fault.MALFORMED)
    return told


def _hex(told: Mapping[str, Any], name: str, digits: int) -> str:
    value = told.get(name)
    if not isinstance(value, str) or len(value) != digits or not _HEX.fullmatch(value):
        raise LogFault(Fault.MALFORMED, name)
    return value


def _number(told: Mapping[str, Any], name: str) -> int:
    value = told.get(name)
    if type(value) is not int or not 0 <= value < _MOST:
        raise LogFault(Fault.MALFORMED, name)
    return value


def _word(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or len(value) > _DIGEST or not value.isprintable():
        raise LogFault(Fault.MALFORMED, name)
    return value
