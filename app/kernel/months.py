"""Calendar months in branch time: figures are cut by them, and books are closed by them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from app.kernel.clock import BRANCH_TIME


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month in branch time."""

    year: int
    number: int

    @classmethod
    def of(cls, instant: datetime) -> "Month":
        """The month an instant falls in."""
        local = instant.astimezone(BRANCH_TIME)
        return cls(local.year, local.month)

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read "2026-11"; raises ValueError for anything else."""
        day = date.fromisoformat(f"{text}-01")
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    def plus(self, months: int) -> "Month":
        """The month so many months later, or earlier for a negative number."""
        count = self.year * 12 + self.number - 1 + months
        return Month(count // 12, count % 12 + 1)

    @property
    def begins_at(self) -> datetime:
        """Its first instant, in UTC."""
        return datetime.combine(date(self.year, self.number, 1), time.min, BRANCH_TIME).astimezone(UTC)

    @property
    def ends_at(self) -> datetime:
        """The first instant after it, in UTC."""
        return self.plus(1).begins_at
