"""What can be done with single values and with versions of the catalogue."""

from dataclasses import dataclass
from datetime import date

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackOverrides(Command):
    """Drop own values of an entry, so that the inherited ones count again; returns the id of the version.

    `level` is "series", "model_year" or "trim". Raises NothingToTakeBack, ReasonRequired, EffectiveDateOutOfRange. Can
    be undone.
    """

    level: str
    entry_id: str
    expected_revision: int
    codes: tuple[str, ...]
    reason: str
    effective_from: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawVersion(Command):
    """Take back a change that has not come into force; returns its id. It stays in the history as withdrawn.

    Raises VersionInForce, VersionWithdrawnAlready, ReasonRequired. Can be undone until the day it was to come.
    """

    version_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReinstateVersion(Command):
    """Let a withdrawn change come after all, on its day; returns its id. Can be undone.

    Raises VersionNotWithdrawn, VersionDayPassed, ReasonRequired.
    """

    version_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoVersion(Command):
    """Take one change back by a further version; returns the new version's id, or that of the change it withdrew.

    Raises ChangedSinceVersion when the same was changed again. Can be undone itself.
    """

    version_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnToVersion(Command):
    """Make an entry say again what it said by an earlier version, as a further version; returns its id, "" when it
    says so already. Can be undone. Raises ReasonRequired, EffectiveDateOutOfRange.
    """

    version_id: str
    reason: str
    effective_from: date | None = None
