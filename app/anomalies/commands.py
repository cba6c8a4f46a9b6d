"""What can be done about a finding that is right as it is."""

from dataclasses import dataclass

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRight:
    """A finding somebody looked at: its subject, its key and the fingerprint of the values it was found in."""

    subject_table: str
    subject_id: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissFindings(Command):
    """Put findings aside with a reason, for the whole group; returns the ids of the dismissals. Can be undone.

    A finding comes back when its values change. Raises ReasonRequired.
    """

    findings: tuple[FoundRight, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoreFindings(Command):
    """Take dismissals back: the findings are on the list again. Returns their ids."""

    dismissal_ids: tuple[str, ...]
