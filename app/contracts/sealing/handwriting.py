"""Handwriting that leaves the house: only under a passphrase, and bound to the one signature it belongs to.

Whoever has how a pen moved can draw the signature again. So a package carries the evidence with the digest of the
strokes, which is enough to check everything; the strokes themselves go in only sealed, for an expert whom somebody
tells the passphrase. Key by scrypt (RFC 7914), AES-256-GCM over the bytes and over what they belong to.
"""

import os

from app.contracts.sealing.errors import HandwritingLocked

LEAST_PASSPHRASE = 12
"""Characters."""
_MAGIC = b"FCH1"
_SALT, _NONCE, _KEY = 16, 12, 32
_COST, _BLOCK, _PARALLEL = 2**15, 8, 1
"""32 MB and about 0.1 s for each guess."""


def seal_handwriting(content: bytes, *, passphrase: str, belongs_to: str) -> bytes:
    """The bytes sealed; `belongs_to` is the digest the signature carries."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = os.urandom(_SALT), os.urandom(_NONCE)
    sealed = AESGCM(_key(passphrase, salt)).encrypt(nonce, content, belongs_to.encode("ascii"))
    return _MAGIC + salt + nonce + sealed


def open_handwriting(sealed: bytes, *, passphrase: str, belongs_to: str) -> bytes:
    """What was sealed. Raises HandwritingLocked for another passphrase, another signature and altered bytes."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    start = len(_MAGIC)
    salt, nonce = sealed[start : start + _SALT], sealed[start + _SALT : start + _SALT + _NONCE]
    if not sealed.startswith(_MAGIC) or len(nonce) != _NONCE:
        raise HandwritingLocked()
    try:
        key = AESGCM(_key(passphrase, salt))
        return key.decrypt(nonce, sealed[start + _SALT + _NONCE :], belongs_to.encode("ascii"))
    except InvalidTag:
        raise HandwritingLocked() from None


def _key(passphrase: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=_KEY, n=_COST, r=_BLOCK, p=_PARALLEL).derive(passphrase.encode("utf-8"))
