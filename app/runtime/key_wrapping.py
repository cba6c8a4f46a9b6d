"""How the database key is wrapped: Argon2id over what a person knows, AES-256-GCM over the key.

Source: RFC 9106, section 4, second recommended option (memory-constrained): 3 passes, 64 MiB, 4 lanes.
"""

import base64
import binascii
import os
import unicodedata
from dataclasses import dataclass
from typing import Any

KEY_BYTES = 32
_SALT_BYTES = 16
_NONCE_BYTES = 12
_HIGHEST = {"passes": 20, "memory_kib": 1024 * 1024, "lanes": 16}


class Unwrappable(Exception):
    """The secret is wrong, or the slot was changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Argon2id's price: passes over the memory, memory in KiB, lanes."""

    passes: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 4

    @property
    def is_bearable(self) -> bool:
        """Whether Argon2id takes it and this computer can pay it: a forged file must not ask for all memory."""
        given = {name: getattr(self, name) for name in _HIGHEST}
        whole = all(type(value) is int and 0 < value <= _HIGHEST[name] for name, value in given.items())
        return whole and self.memory_kib >= 8 * self.lanes


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """One slot as it is stored; bytes, except for the cost."""

    cost: Cost
    salt: bytes
    nonce: bytes
    sealed: bytes

    def as_json(self) -> dict[str, Any]:
        cost = {"passes": self.cost.passes, "memory_kib": self.cost.memory_kib, "lanes": self.cost.lanes}
        stored = {name: _text(getattr(self, name)) for name in ("salt", "nonce", "sealed")}
        return {"kdf": "argon2id", "cipher": "aes-256-gcm", **cost, **stored}

    @classmethod
    def from_json(cls, stored: object) -> "WrappedKey":
        """Raises ValueError for anything `as_json` does not write."""
        if not isinstance(stored, dict):
            raise ValueError("not a slot")
        if (stored.get("kdf"), stored.get("cipher")) != ("argon2id", "aes-256-gcm"):
            raise ValueError("unknown kind of slot")
        asked: dict[str, Any] = {name: stored.get(name) for name in _HIGHEST}
        cost = Cost(**asked)
        if not cost.is_bearable:
            raise ValueError("impossible cost")
        parts = {name: _bytes(stored.get(name)) for name in ("salt", "nonce", "sealed")}
        sizes = (len(parts["salt"]), len(parts["nonce"]), len(parts["sealed"]))
        if sizes != (_SALT_BYTES, _NONCE_BYTES, KEY_BYTES + 16):
            raise ValueError("wrong length")
        return cls(cost=cost, **parts)


def wrap(key: bytes, secret: str, *, context: bytes, cost: Cost) -> WrappedKey:
    """Seal the 32-byte `key` with `secret`; `context` (slot and database) is bound in and not stored."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_derive(secret, salt, cost)).encrypt(nonce, key, context)
    return WrappedKey(cost=cost, salt=salt, nonce=nonce, sealed=sealed)


def unwrap(wrapped: WrappedKey, secret: str, *, context: bytes) -> bytes:
    """The 32-byte key. Raises Unwrappable for a wrong secret or a changed slot."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        derived = _derive(secret, wrapped.salt, wrapped.cost)
        return AESGCM(derived).decrypt(wrapped.nonce, wrapped.sealed, context)
    except InvalidTag as error:
        raise Unwrappable from error


def subkey(key: bytes, purpose: bytes) -> bytes:
    """A 32-byte key for one purpose, derived from the database key (HKDF, SHA-256)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"forecourt/" + purpose).derive(key)


def _derive(secret: str, salt: bytes, cost: Cost) -> bytes:
    from argon2.low_level import Type, hash_secret_raw

    # An input method may send the same passphrase as full-width or decomposed characters.
    normal = unicodedata.normalize("NFKC", secret).encode("utf-8", "surrogatepass")
    return hash_secret_raw(
        normal,
        salt,
        time_cost=cost.passes,
        memory_cost=cost.memory_kib,
        parallelism=cost.lanes,
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _bytes(stored: object) -> bytes:
    if not isinstance(stored, str):
        raise ValueError("not base64")
    try:
        return base64.b64decode(stored, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
