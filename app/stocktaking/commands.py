"""What can be done in a stock count."""

from dataclasses import dataclass

from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCount(Command):
    """Freeze the list of what should stand in the house, and begin; returns the count's id.

    `coverage` BRANCH, PLACES (then `places` names zones) or SELECTION (then `unit_ids`). Raises NothingToCount,
    NothingChosen, CountUnderWay.
    """

    coverage: str = "BRANCH"
    places: tuple[str, ...] = ()
    unit_ids: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordScan(Command):
    """A number was read at a place; returns `Counted`: what it means, with the figures of the count.

    `text` is a VIN, a stock number, or the end of a VIN (at least four digits). Anybody may count at the same time, at
    any desk, also offline. Raises NumberNotReadable, TailNotClear, TailUnknown, CountClosed.
    """

    count_id: str
    text: str
    location: str = ""
    method: str = "SCAN"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordScans(Command):
    """A pasted list of numbers, one a line; returns how many were taken and the lines that were not."""

    count_id: str
    lines: tuple[str, ...]
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawScan(Command):
    """Take a scan back that was read by mistake; the entry stays and no longer counts."""

    count_id: str
    scan_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginRecount(Command):
    """From now on scans belong to the second look for the differences."""

    count_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecideDifference(Command):
    """Say why there is a difference; posted with the sign-off. Raises ReasonDoesNotFit, NothingToDecide."""

    count_id: str
    vin: str
    reason: str
    note: str = ""
    location: str = ""
    """Where it stands, for a vehicle found after the count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff(Command):
    """A second person confirms the count; every decision is posted in the same breath. Returns the count's id.

    Raises SignedByCounter, CountNotReady, AdjustmentImpossible.
    """

    count_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonCount(Command):
    """Give a count up; nothing is posted."""

    count_id: str
    expected_revision: int
    reason: str
