"""How trade rises and falls over the year: a quiet Spring Festival, a golden autumn, the rush of December."""

from datetime import date, timedelta
from random import Random

_MONTHS = (0.95, 0.80, 0.95, 0.92, 0.98, 1.10, 0.86, 0.93, 1.18, 1.20, 1.10, 1.36)
"""From January to December; June and December are the ends of half-years, for which houses have targets."""
_WEEKDAYS = (0.78, 0.76, 0.80, 0.84, 0.98, 1.52, 1.40)
_SPRING_FESTIVALS = (
    date(2020, 1, 25), date(2021, 2, 12), date(2022, 2, 1), date(2023, 1, 22), date(2024, 2, 10), date(2025, 1, 29),
    date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26), date(2029, 2, 13), date(2030, 2, 3), date(2031, 1, 23),
    date(2032, 2, 11), date(2033, 1, 31), date(2034, 2, 19), date(2035, 2, 8),
)  # fmt: skip
_GROWTH_A_YEAR = 0.12


def day_weight(day: date, *, first: date) -> float:
    """How much is sold on a day, 1 on an average one at the beginning."""
    weight = _MONTHS[day.month - 1] * _WEEKDAYS[day.weekday()]
    weight *= 1 + _GROWTH_A_YEAR * (day - first).days / 365
    if day.month == 10 and day.day <= 7:
        weight *= 1.25
    for festival in _SPRING_FESTIVALS:
        weight *= _around_festival((day - festival).days)
    return weight


def _around_festival(days: int) -> float:
    """The last purchases before the holiday, closed houses, and a slow beginning after it."""
    if -14 <= days <= -3:
        return 1.25
    if -2 <= days <= 7:
        return 0.10
    return 0.65 if 8 <= days <= 20 else 1.0


def trading_days(today: date, *, months: int) -> list[date]:
    """All days from `months` months ago up to today."""
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    day = date(year, month + 1, min(today.day, 28))
    return [day + timedelta(days=n) for n in range((today - day).days + 1)]


def spread(chance: Random, days: list[date], count: int) -> list[date]:
    """`count` days drawn by their weights, in order."""
    weights = [day_weight(day, first=days[0]) for day in days]
    return sorted(chance.choices(days, weights, k=count))
