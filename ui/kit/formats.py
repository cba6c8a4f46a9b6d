"""How values are written for people, in the language in use. Instants are aware UTC, shown on the branch's clock."""

from datetime import date, datetime
from decimal import Decimal

from app.kernel.clock import BRANCH_TIME
from app.kernel.money import format_money
from app.runtime.language import CHINESE, language, tr, trn


def money(amount: Decimal | None) -> str:
    """Grouped, two places: 218,900.00; an en dash for None."""
    return "–" if amount is None else format_money(amount, symbol=False)


def yuan(amount: Decimal | None) -> str:
    """Money with its sign, for a single figure: ¥218,900.00."""
    return "–" if amount is None else format_money(amount)


def count(number: int | None) -> str:
    """Grouped: 2,031."""
    return "–" if number is None else f"{number:,}"


def percent(share: Decimal | None) -> str:
    """12.5 % for Decimal("12.5"): the number is already in percent; as many places as it has, at most two."""
    if share is None:
        return "–"
    text = f"{share:.2f}".rstrip("0").rstrip(".")
    return f"{text}%" if language() == CHINESE else f"{text} %"


def kilometres(number: int | None) -> str:
    """12,480 km."""
    return "–" if number is None else tr("{n} km", n=f"{number:,}")


def date_text(iso: str | date | None) -> str:
    """An ISO date, kept as 2026-11-22: the same in both languages, sorts by eye."""
    if not iso:
        return "–"
    return iso.isoformat() if isinstance(iso, date) else iso


def moment(instant: datetime | None) -> str:
    """An instant on the branch's clock: 2026-11-22 09:12."""
    return "–" if instant is None else instant.astimezone(BRANCH_TIME).strftime("%Y-%m-%d %H:%M")


def day_of(instant: datetime | None) -> str:
    """The day of an instant on the branch's clock: 2026-11-22."""
    return "–" if instant is None else instant.astimezone(BRANCH_TIME).strftime("%Y-%m-%d")


def clock_time(instant: datetime) -> str:
    """Only the time of day on the branch's clock: 09:12."""
    return instant.astimezone(BRANCH_TIME).strftime("%H:%M")


def duration(seconds: float) -> str:
    """A span in the words people use: 40 s, 12 min, 3 h, 5 days."""
    if seconds < 60:
        return tr("{n} s", n=max(0, int(seconds)))
    if seconds < 3600:
        return tr("{n} min", n=int(seconds // 60))
    if seconds < 86_400:
        return tr("{n} h", n=int(seconds // 3600))
    return trn("{n} day", "{n} days", int(seconds // 86_400))


def remaining(seconds: float) -> str:
    """A span that runs out: hours with their minutes as long as these matter; never longer than it is."""
    left = max(0.0, seconds)
    hours, minutes = int(left // 3600), int(left % 3600 // 60)
    if 1 <= hours < 10 and minutes:
        return tr("{hours} h {minutes} min", hours=hours, minutes=minutes)
    return duration(left)


def ago(instant: datetime, now: datetime) -> str:
    """How long ago: "just now", "12 min ago"; the exact moment belongs into the tooltip."""
    seconds = (now - instant).total_seconds()
    if seconds < 60:
        return tr("just now")
    return tr("{span} ago", span=duration(seconds))


def time_left(seconds: float) -> str:
    """How long something still takes, as well as one knows: about 2 minutes left."""
    minutes = round(seconds / 60)
    if minutes:
        return trn("about {n} minute left", "about {n} minutes left", minutes)
    return trn("about {n} second left", "about {n} seconds left", max(round(seconds), 1))


def bytes_text(number: int) -> str:
    """The size of a file: 840 KB, 2.4 MB."""
    if number < 1_000_000:
        return tr("{n} KB", n=f"{max(1, round(number / 1000)):,}")
    return tr("{n} MB", n=f"{number / 1e6:,.1f}")
