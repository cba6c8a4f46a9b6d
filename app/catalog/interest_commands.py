"""What a desk remembers of what was looked at in the catalogue."""

from dataclasses import dataclass

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordInterest(Command):
    """Note that these parameters were looked at; unknown codes are left out. Stays at this desk, without who it was."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetInterest(Command):
    """Start the order of parameters afresh; of `codes` only, where some are named."""

    codes: tuple[str, ...] = ()
