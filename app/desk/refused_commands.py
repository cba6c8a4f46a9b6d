"""What somebody decides about changes the centre refused, and about values that another desk's change replaced."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendRefusedChange(Command):
    """Send refused changes once more, each with all that was refused with it; returns how many operations that were."""

    operations: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectRefusedChange(Command):
    """Enter other values for fields of a refused change, and send it again with all that was refused with it.

    `values` are as forms give them: text, Decimal, int, bool, ISO day, aware instant, None.
    """

    operation: int
    values: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropRefusedChange(Command):
    """Let refused changes be, each with all that was refused with it. They stay in the history.

    Undone by TakeUpRefusedChange.
    """

    operations: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeUpRefusedChange(Command):
    """Look at dropped changes again after all."""

    operations: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealRefusedValue(Command):
    """Show one masked value of a refused change, with a reason that is kept in the audit trail; returns it."""

    operation: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevealReplacedValue(Command):
    """Show the two masked values of a field that two desks changed, with a reason; returns (own, theirs)."""

    entry: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepTheirValue(Command):
    """Note that what another desk entered is right."""

    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UseOwnValue(Command):
    """Enter once more what another desk's change replaced, on the record as it stands now."""

    entry: int
    expected_revision: int
