"""The key of the local database, and who may have it.

One random 32-byte key per database. Slot A is the operating system's keyring. Slot B, always there, wraps the same
key with a passphrase, a recovery code or both, in `key_slots.json` beside the database. Nothing is ever
written in plain text: where there is no keyring, KeyringUnavailable says so and the caller asks for a passphrase.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from hmac import compare_digest
from pathlib import Path
from types import MappingProxyType
from typing import Any

from app.runtime import os_keyring
from app.runtime.atomic_file import environment_problem, write_atomically
from app.runtime.errors import (
    EnvironmentProblem,
    KeyringEntryMissing,
    KeySlotNotSet,
    KeySlotsDamaged,
    KeySlotsExist,
    KeySlotsMissing,
    PassphraseTooShort,
    WrongPassphrase,
    WrongRecoveryCode,
)
from app.runtime.key_wrapping import KEY_BYTES, Cost, Unwrappable, WrappedKey, subkey, unwrap, wrap
from app.runtime.language import tr, tr_noop
from app.runtime.paths import Profile
from app.runtime.recovery_code import new_recovery_code, normal_recovery_code

__all__ = [
    "Cost",
    "SlotKind",
    "SlotUse",
    "create_key_slots",
    "keyring_problem",
    "last_slot_used",
    "new_recovery_code",
    "put_key_in_keyring",
    "set_passphrase",
    "set_recovery_code",
    "slots_of",
    "take_key_from_keyring",
    "unlock_with_keyring",
    "unlock_with_passphrase",
    "unlock_with_recovery_code",
]

SHORTEST_PASSPHRASE = 10
_FORMAT = 1


class SlotKind(StrEnum):
    """The ways to the key."""

    KEYRING = "keyring"
    PASSPHRASE = "passphrase"
    RECOVERY_CODE = "recovery_code"


_WORDS = {
    SlotKind.KEYRING: tr_noop("key in this computer's key store"),
    SlotKind.PASSPHRASE: tr_noop("passphrase"),
    SlotKind.RECOVERY_CODE: tr_noop("recovery code"),
}


@dataclass(frozen=True, slots=True)
class SlotUse:
    """Which slot opened the database last, and when (UTC)."""

    slot: SlotKind
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slots:
    database_id: str
    key_check: str
    in_keyring: bool
    wrapped: Mapping[SlotKind, WrappedKey]


def create_key_slots(
    profile: Profile,
    *,
    with_keyring: bool,
    passphrase: str | None = None,
    recovery_code: str | None = None,
    cost: Cost | None = None,
) -> bytes:
    """Make a new database key, put it into its slots and return it (32 bytes).

    At least one of `passphrase` and `recovery_code` is needed, else ValueError. Raises KeyringUnavailable before
    anything is written, KeySlotsExist rather than overwrite, PassphraseTooShort, the recovery code's errors, and
    those of `write_atomically`.
    """
    if passphrase is None and recovery_code is None:
        raise ValueError("a passphrase or a recovery code is needed beside the keyring")
    if profile.key_slots_path.exists():
        raise KeySlotsExist(file=str(profile.key_slots_path))
    key = os.urandom(KEY_BYTES)
    slots = _Slots(
        database_id=os.urandom(16).hex(),
        key_check=_key_check(key),
        in_keyring=with_keyring,
        wrapped=MappingProxyType({}),
    )
    if passphrase is not None:
        slots = _with_wrapped(slots, SlotKind.PASSPHRASE, key, _good_passphrase(passphrase), cost)
    if recovery_code is not None:
        slots = _with_wrapped(slots, SlotKind.RECOVERY_CODE, key, normal_recovery_code(recovery_code), cost)
    if with_keyring:
        os_keyring.put(_account(slots), key.hex())
    _write(profile, slots)
    return key


def slots_of(profile: Profile) -> frozenset[SlotKind]:
    """The ways set up for this database. Raises KeySlotsMissing or KeySlotsDamaged."""
    slots = _read(profile)
    ways = set(slots.wrapped)
    return frozenset(ways | {SlotKind.KEYRING} if slots.in_keyring else ways)


def keyring_problem() -> EnvironmentProblem | None:
    """Why the keyring cannot be used on this computer; None if it can."""
    try:
        os_keyring.find_backend()
    except EnvironmentProblem as problem:
        return problem
    return None


def unlock_with_keyring(profile: Profile) -> bytes:
    """The database key from the operating system's key store.

    Raises KeyringUnavailable, KeyringEntryMissing, KeySlotNotSet, KeySlotsMissing or KeySlotsDamaged.
    """
    slots = _read(profile)
    if not slots.in_keyring:
        raise KeySlotNotSet(kind=tr(_WORDS[SlotKind.KEYRING]))
    stored = os_keyring.get(_account(slots))
    try:
        key = bytes.fromhex(stored or "")
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES or not compare_digest(_key_check(key), slots.key_check):
        raise KeyringEntryMissing()
    _record_use(profile, SlotKind.KEYRING)
    return key


def unlock_with_passphrase(profile: Profile, passphrase: str) -> bytes:
    """The database key; about 0.1 s and 64 MiB. Raises WrongPassphrase, KeySlotNotSet and the file's errors."""
    key = _unwrapped(profile, SlotKind.PASSPHRASE, passphrase)
    if key is None:
        raise WrongPassphrase(field="passphrase")
    _record_use(profile, SlotKind.PASSPHRASE)
    return key


def unlock_with_recovery_code(profile: Profile, recovery_code: str) -> bytes:
    """The database key. Raises RecoveryCodeMistyped with the group, WrongRecoveryCode, KeySlotNotSet."""
    key = _unwrapped(profile, SlotKind.RECOVERY_CODE, normal_recovery_code(recovery_code))
    if key is None:
        raise WrongRecoveryCode(field="recovery_code")
    _record_use(profile, SlotKind.RECOVERY_CODE)
    return key


def set_passphrase(profile: Profile, key: bytes, passphrase: str, *, cost: Cost | None = None) -> None:
    """Set or replace the passphrase of an unlocked database. The old one opens it no longer."""
    slots = _owned(profile, key)
    _write(profile, _with_wrapped(slots, SlotKind.PASSPHRASE, key, _good_passphrase(passphrase), cost))


def set_recovery_code(profile: Profile, key: bytes, recovery_code: str, *, cost: Cost | None = None) -> None:
    """Set or replace the recovery code of an unlocked database. The old one opens it no longer."""
    slots = _owned(profile, key)
    normal = normal_recovery_code(recovery_code)
    _write(profile, _with_wrapped(slots, SlotKind.RECOVERY_CODE, key, normal, cost))


def put_key_in_keyring(profile: Profile, key: bytes) -> None:
    """Keep the key of an unlocked database in the keyring from now on. Raises KeyringUnavailable."""
    slots = _owned(profile, key)
    os_keyring.put(_account(slots), key.hex())
    _write(profile, replace(slots, in_keyring=True))


def take_key_from_keyring(profile: Profile) -> None:
    """Ask for the passphrase at every start from now on. Raises KeyringUnavailable when it is locked."""
    slots = _read(profile)
    if slots.in_keyring:
        os_keyring.remove(_account(slots))
        _write(profile, replace(slots, in_keyring=False))


def last_slot_used(profile: Profile) -> SlotUse | None:
    """Which slot opened the database last; None if that is not known."""
    try:
        stored = json.loads(_use_path(profile).read_text(encoding="utf-8"))
        return SlotUse(SlotKind(stored["slot"]), datetime.fromisoformat(stored["at"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _good_passphrase(passphrase: str) -> str:
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise PassphraseTooShort(field="passphrase", limit=SHORTEST_PASSPHRASE)
    return passphrase


def _key_check(key: bytes) -> str:
    # Says whether a key belongs to this database without opening it; derived, so it tells nothing of the key.
    return subkey(key, b"key-check")[:16].hex()


def _account(slots: _Slots) -> str:
    return f"database:{slots.database_id}"


def _context(slots: _Slots, kind: SlotKind) -> bytes:
    return f"forecourt/{_FORMAT}/{slots.database_id}/{kind}".encode()


def _with_wrapped(slots: _Slots, kind: SlotKind, key: bytes, secret: str, cost: Cost | None) -> _Slots:
    wrapped = wrap(key, secret, context=_context(slots, kind), cost=cost or Cost())
    return replace(slots, wrapped=MappingProxyType({**slots.wrapped, kind: wrapped}))


def _unwrapped(profile: Profile, kind: SlotKind, secret: str) -> bytes | None:
    slots = _read(profile)
    if kind not in slots.wrapped:
        raise KeySlotNotSet(kind=tr(_WORDS[kind]))
    try:
        return unwrap(slots.wrapped[kind], secret, context=_context(slots, kind))
    except Unwrappable:
        return None


def _owned(profile: Profile, key: bytes) -> _Slots:
    slots = _read(profile)
    if not compare_digest(_key_check(key), slots.key_check):
        raise ValueError("this key belongs to another database")
    return slots


def _write(profile: Profile, slots: _Slots) -> None:
    content: dict[str, Any] = {
        "format": _FORMAT,
        "database_id": slots.database_id,
        "key_check": slots.key_check,
        "in_keyring": slots.in_keyring,
        "wrapped": {kind.value: wrapped.as_json() for kind, wrapped in slots.wrapped.items()},
    }
    write_atomically(profile.key_slots_path, json.dumps(content, indent=2).encode("utf-8") + b"\n")


def _read(profile: Profile) -> _Slots:
    path = profile.key_slots_path
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise KeySlotsMissing(file=str(path)) from error
    except OSError as error:
        raise environment_problem(error, folder=profile.root) from error
    try:
        return _parsed(json.loads(raw.decode("utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise KeySlotsDamaged(file=str(path), reason=str(error) or type(error).__name__) from error


def _parsed(stored: Any) -> _Slots:
    if stored["format"] != _FORMAT:
        raise ValueError(f"format {stored['format']}")
    wrapped = {SlotKind(kind): WrappedKey.from_json(one) for kind, one in stored["wrapped"].items()}
    identity, check = stored["database_id"], stored["key_check"]
    if len(bytes.fromhex(identity)) != 16 or len(bytes.fromhex(check)) != 16 or not wrapped:
        raise ValueError("incomplete")
    return _Slots(
        database_id=identity,
        key_check=check,
        in_keyring=stored["in_keyring"] is True,
        wrapped=MappingProxyType(wrapped),
    )


def _use_path(profile: Profile) -> Path:
    return profile.root / "key_slot_used.json"


def _record_use(profile: Profile, slot: SlotKind) -> None:
    content = json.dumps({"slot": slot.value, "at": datetime.now(UTC).isoformat()})
    try:
        write_atomically(_use_path(profile), content.encode("utf-8"))
    except EnvironmentProblem as problem:
        # A full disk must not keep people out of their data; opening the database says more about it.
        import logging

        logging.getLogger(__name__).warning("key slot %s used, but not recorded: %s", slot, problem)
