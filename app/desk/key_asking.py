"""The database key for commands without a window: from the computer's key store, from a file, or asked for."""

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

from app.runtime import secrets
from app.runtime.errors import (
    EnvironmentProblem,
    KeyringEntryMissing,
    KeyringUnavailable,
    KeySlotNotSet,
    RecoveryCodeIncomplete,
    RecoveryCodeMistyped,
    WrongPassphrase,
    WrongRecoveryCode,
)
from app.runtime.language import tr, tr_noop
from app.runtime.paths import Profile

ATTEMPTS = 3
Ask = Callable[[str], str]
_NOT_THIS_WAY = (KeyringUnavailable, KeyringEntryMissing, KeySlotNotSet)
_WRONG = (WrongPassphrase, WrongRecoveryCode, RecoveryCodeMistyped, RecoveryCodeIncomplete, KeySlotNotSet)


class PassphraseFileOpen(EnvironmentProblem):
    code = "passphrase_file_open"
    text = tr_noop("Others can read {path}. Take their rights away (chmod 600) and start again.")


class PassphraseFileMissing(EnvironmentProblem):
    code = "passphrase_file_missing"
    text = tr_noop("{path} cannot be read. Check the path and who may read it.")


class NobodyToAsk(EnvironmentProblem):
    code = "nobody_to_ask"
    text = tr_noop(
        "This computer's key store does not open the data, and there is nobody to ask. Name a file with the passphrase "
        "(--passphrase-file), readable by this user only."
    )


def key_of(profile: Profile, ask: Ask) -> bytes:
    """From the computer's key store, else from the passphrase or the recovery code, with three attempts."""
    try:
        return secrets.unlock_with_keyring(profile)
    except _NOT_THIS_WAY:
        pass
    for attempt in range(ATTEMPTS):
        try:
            return unlocked(profile, ask(tr("Passphrase or recovery code: ")))
        except _WRONG as problem:
            if attempt == ATTEMPTS - 1:
                raise
            print(problem.message(), file=sys.stderr)
    raise AssertionError("the last attempt returns or raises")


def unattended_key_of(profile: Profile, *, passphrase_file: str, ask: Ask) -> bytes:
    """For runs nobody watches: the file where one is named (`-` for standard input), else the computer's key store;
    a person is asked only at a terminal. Raises NobodyToAsk and the problems of the key slots."""
    if passphrase_file:
        return unlocked(profile, _read(passphrase_file))
    if sys.stdin is not None and sys.stdin.isatty():
        return key_of(profile, ask)
    try:
        return secrets.unlock_with_keyring(profile)
    except _NOT_THIS_WAY as problem:
        raise NobodyToAsk() from problem


def _read(name: str) -> str:
    if name == "-":
        return sys.stdin.readline().rstrip("\r\n")
    path = Path(name)
    try:
        if os.name == "posix" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise PassphraseFileOpen(path=str(path))
        return path.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
    except OSError as problem:
        raise PassphraseFileMissing(path=str(path)) from problem


def unlocked(profile: Profile, typed: str) -> bytes:
    """The passphrase may look like anything, so it is tried first; what has the shape of a code is tried as one."""
    try:
        return secrets.unlock_with_passphrase(profile, typed)
    except (WrongPassphrase, KeySlotNotSet) as problem:
        try:
            return secrets.unlock_with_recovery_code(profile, typed)
        except RecoveryCodeIncomplete:
            raise problem from None
