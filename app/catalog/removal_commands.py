"""What can be done to take entries out of the catalogue and to put them back."""

from dataclasses import dataclass

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveTrim(Command):
    """Take a trim out of the catalogue; returns its id. Its history stays, with who removed it, when and why.

    Raises TrimInUse while a unit is of this trim, TrimWanted while somebody waits for one, and ReasonRequired. Undone
    by RestoreEntry.
    """

    trim_id: str
    expected_revision: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveEntry(Command):
    """Take an empty make, series or model year out of the catalogue; returns its id. `level` as in `Level`.

    Raises EntryNotEmpty and ReasonRequired. Undone by RestoreEntry.
    """

    level: str
    entry_id: str
    expected_revision: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreEntry(Command):
    """Put a removed entry of any level back as it was, with its history and its files; returns its id, a new one.

    Undone by removing it. Raises EntryNotRemoved, EntryAboveRemoved while what it stood below is gone, NameTaken and
    ReasonRequired.
    """

    level: str
    entry_id: str
    reason: str
