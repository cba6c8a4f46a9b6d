"""When the Spring Festival is: the days around Chinese New Year on which hardly anything is sold."""

from datetime import date, timedelta
from functools import lru_cache

_BEFORE, _AFTER = 1, 6


@lru_cache(maxsize=32)
def festival_days(year: int) -> frozenset[date]:
    """New Year's Eve and the first seven days of the Chinese year that begins in a year; empty where it is unknown."""
    from holidays import country_holidays  # 0.4 s, and only replenishment asks

    named = country_holidays("CN", years=year, language="en_US")
    days = [day for day, name in named.items() if name.startswith("Chinese New Year (")]
    if not days:
        return frozenset()
    first = min(days)
    return frozenset(first + timedelta(days=number) for number in range(-_BEFORE, _AFTER + 1))


def festivals(first: date, last: date) -> frozenset[date]:
    """All days of Spring Festivals in the years of a span."""
    return frozenset().union(*(festival_days(year) for year in range(first.year, last.year + 1)))
