"""Where time comes from: always UTC, always through one object that a test can set."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

BRANCH_TIME = timezone(timedelta(hours=8), "CST")
"""Wall-clock time in China, which has one zone and no summer time; days and months of reports are cut here."""


class Clock(Protocol):
    """Tells the present instant, aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """A clock that stands still until it is moved; for tests and for playing back a day."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant

    def advance(self, delta: timedelta) -> None:
        """Move the clock by `delta`, which may be negative."""
        self.instant += delta


def branch_day(instant: datetime) -> str:
    """The ISO date on which an instant falls in the branch."""
    return instant.astimezone(BRANCH_TIME).date().isoformat()


def branch_date(instant: datetime) -> date:
    """The calendar day on which an instant falls in the branch."""
    return instant.astimezone(BRANCH_TIME).date()
