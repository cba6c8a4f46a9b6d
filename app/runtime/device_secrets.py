"""Secrets of this device, above all its key for the central service, sealed under the database key.

Whoever can open the database can read them, nobody else: no second passphrase, and no keyring is needed.
"""

import base64
import json
import os

from app.runtime.atomic_file import environment_problem, write_atomically
from app.runtime.key_wrapping import subkey
from app.runtime.paths import Profile

_PURPOSE = b"device-secrets"


def store_device_secret(profile: Profile, key: bytes, *, name: str, value: str) -> None:
    """Seal one secret of this device (its service key, a token) under the database key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    stored = _read_device_secrets(profile)
    nonce = os.urandom(12)
    sealed = AESGCM(subkey(key, _PURPOSE)).encrypt(nonce, value.encode("utf-8"), name.encode("utf-8"))
    stored[name] = base64.b64encode(nonce + sealed).decode("ascii")
    _write_device_secrets(profile, stored)


def read_device_secret(profile: Profile, key: bytes, *, name: str) -> str | None:
    """The secret; None if it was never stored, or belongs to another database or a damaged file.

    The caller then enrols the device again, which is the way out of all three.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    sealed = _read_device_secrets(profile).get(name)
    if sealed is None:
        return None
    try:
        raw = base64.b64decode(sealed, validate=True)
        opened = AESGCM(subkey(key, _PURPOSE)).decrypt(raw[:12], raw[12:], name.encode("utf-8"))
    except (InvalidTag, ValueError):
        return None
    return opened.decode("utf-8")


def forget_device_secret(profile: Profile, *, name: str) -> None:
    """Remove the secret; nothing happens if there is none."""
    stored = _read_device_secrets(profile)
    if stored.pop(name, None) is not None:
        _write_device_secrets(profile, stored)


def _read_device_secrets(profile: Profile) -> dict[str, str]:
    try:
        stored = json.loads(profile.device_secrets_path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise environment_problem(error, folder=profile.root) from error
    except ValueError:
        return {}
    if not isinstance(stored, dict):
        return {}
    return {name: value for name, value in stored.items() if isinstance(value, str)}


def _write_device_secrets(profile: Profile, stored: dict[str, str]) -> None:
    write_atomically(profile.device_secrets_path, json.dumps(stored, indent=2).encode("utf-8"))
