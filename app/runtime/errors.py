"""What the machine, rather than the dealership, refuses: folders, disks, keys, files.

The same shape as `app.kernel.errors.DomainError`, which lies above: `code`, `text`, `field`, `params`, `message()`.
"""

from typing import Any, ClassVar

from app.runtime.language import tr, tr_noop


class EnvironmentProblem(Exception):
    """The computer says no, and the text says what a person can do about it.

    `code` is stable and documented; `text` holds `{placeholders}` filled from the keyword arguments.
    """

    code: ClassVar[str] = "environment_problem"
    text: ClassVar[str] = tr_noop("The computer refused this. Try again; the log says more.")

    def __init__(self, *, field: str | None = None, **params: Any) -> None:
        self.field = field
        self.params = params
        super().__init__(self.code, field, params)

    def message(self) -> str:
        """The text in the language in use."""
        return tr(self.text, **self.params)

    def __str__(self) -> str:
        return f"{self.code}: {self.text.format(**self.params)}"


class ProfileNotCreatable(EnvironmentProblem):
    code = "profile_not_creatable"
    text = tr_noop(
        "The folder {folder} cannot be made ({reason}). Start with another folder: --profile FOLDER, "
        "or set FORECOURT_HOME."
    )


class ProfileReadOnly(EnvironmentProblem):
    code = "profile_read_only"
    text = tr_noop(
        "The folder {folder} cannot be written to. Give your account the right to write there, "
        "or start with another folder: --profile FOLDER."
    )


class DiskFull(EnvironmentProblem):
    code = "disk_full"
    text = tr_noop("The disk that holds {folder} is full. Free some space and try again; nothing was lost.")


class DiskFailing(EnvironmentProblem):
    code = "disk_failing"
    text = tr_noop("{folder} could not be read or written ({reason}). Check the disk and its cable, then try again.")


class ResourceMissing(EnvironmentProblem):
    code = "resource_missing"
    text = tr_noop("The file {name} of the program is missing or damaged. Install Forecourt again.")


class KeyringUnavailable(EnvironmentProblem):
    """No acceptable key store of the operating system; the caller asks for a passphrase instead."""

    code = "keyring_unavailable"
    text = tr_noop(
        "This computer has no safe place for the key ({reason}). Use a passphrase, which is asked for at every start."
    )


class KeyringEntryMissing(EnvironmentProblem):
    code = "keyring_entry_missing"
    text = tr_noop(
        "The key store of this computer does not hold the key of this database. Enter the passphrase or "
        "the recovery code."
    )


class KeySlotsMissing(EnvironmentProblem):
    code = "key_slots_missing"
    text = tr_noop("{file} is missing: without it this database cannot be opened. Put it back from a backup.")


class KeySlotsDamaged(EnvironmentProblem):
    code = "key_slots_damaged"
    text = tr_noop("{file} is damaged ({reason}). Put it back from a backup.")


class KeySlotsExist(EnvironmentProblem):
    code = "key_slots_exist"
    text = tr_noop("{file} already holds the key of a database and is never overwritten. Choose another folder.")


class KeySlotNotSet(EnvironmentProblem):
    code = "key_slot_not_set"
    text = tr_noop("This database was not set up with a {kind}. Unlock it in another way.")


class WrongPassphrase(EnvironmentProblem):
    code = "wrong_passphrase"
    text = tr_noop(
        "The passphrase does not open this database. Check the keyboard layout and capitals, or use the recovery code."
    )


class WrongRecoveryCode(EnvironmentProblem):
    code = "wrong_recovery_code"
    text = tr_noop("This recovery code belongs to another database. Look for the one made with this branch.")


class RecoveryCodeMistyped(EnvironmentProblem):
    code = "recovery_code_mistyped"
    text = tr_noop("Group {group} of the recovery code is mistyped. Compare it with the paper.")


class RecoveryCodeIncomplete(EnvironmentProblem):
    code = "recovery_code_incomplete"
    text = tr_noop("A recovery code has {groups} groups of {size} characters. Type all of them.")


class PassphraseTooShort(EnvironmentProblem):
    code = "passphrase_too_short"
    text = tr_noop("Use at least {limit} characters: a few unrelated words are easy to keep in mind.")
