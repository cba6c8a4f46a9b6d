"""Which backups are worth their room: many of today, few of last year."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from app.kernel.clock import BRANCH_TIME

NEWEST = 8
DAYS, WEEKS, MONTHS = 14, 8, 12


def worth_keeping(moments: Iterable[datetime], *, now: datetime) -> frozenset[datetime]:
    """Of these moments (aware): the newest 8, then the last of each of 14 days, 8 weeks and 12 months.

    Days, weeks and months are those of the branch's calendar, the present one counted. The newest is always kept, and
    so is what a clock that was set back has left in the future.
    """
    ordered = sorted(set(moments), reverse=True)
    kept = set(ordered[:NEWEST]) | {moment for moment in ordered if moment > now}
    today = now.astimezone(BRANCH_TIME).date()
    monday = today - timedelta(days=today.weekday())
    month = today.year * 12 + today.month
    kept |= _last_of_each(ordered, lambda day: (today - day.date()).days < DAYS, lambda day: day.date())
    kept |= _last_of_each(
        ordered,
        lambda day: (monday - day.date()).days <= (WEEKS - 1) * 7,
        lambda day: day.date() - timedelta(days=day.weekday()),
    )
    kept |= _last_of_each(
        ordered, lambda day: month - (day.year * 12 + day.month) < MONTHS, lambda day: (day.year, day.month)
    )
    return frozenset(kept)


def _last_of_each(
    newest_first: list[datetime], counts: Callable[[datetime], bool], span_of: Callable[[datetime], object]
) -> set[datetime]:
    """The newest moment of each span that still counts; both functions are given branch time."""
    last: dict[object, datetime] = {}
    for moment in newest_first:
        day = moment.astimezone(BRANCH_TIME)
        if counts(day):
            last.setdefault(span_of(day), moment)
    return set(last.values())
