"""Closing months and opening them again."""

from dataclasses import dataclass

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseMonth(Command):
    """Close a month of the actor's branch upon a comparison with the centre made just before (`run_id`).

    Refused, with every matter named, while anything of the branch and of that month or an earlier one is unsettled.
    Returns the closing's id. Raises MonthNotOver, EarlierMonthOpen, NotReviewed, MonthNotSettled.
    """

    month: str
    run_id: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskToReopenMonth(Command):
    """Ask an administrator to open a closed month again; `reason` is required. Only for the last closed month."""

    close_id: str
    expected_revision: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepMonthClosed(Command):
    """Take back, or decline, that a month should be opened again."""

    close_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenMonth(Command):
    """Open a closed month again that somebody else has asked for; its figures stay on record."""

    close_id: str
    expected_revision: int
