"""How demand is judged from what was sold: rate, season, spread; and the stock that meets it. Pure figures.

Sources: E. A. Silver, D. F. Pyke, D. J. Thomas, "Inventory and Production Management in Supply Chains" (4th ed.):
periodic review with an order-up-to level, safety stock, slow-moving items. S. Axsäter, "Inventory Control" (3rd ed.):
mean and variance of demand over an uncertain lead time, Poisson and negative binomial demand.

Most trims sell less than one a week. There the normal distribution is wrong: half a car is not sold, and the tail is
longer. So the level comes from the Poisson distribution, or from the negative binomial one where sales vary more than
that, and from the normal one only where many are sold.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist

from app.kernel.labels import Labelled
from app.runtime.language import tr_noop

Month = tuple[int, int]
"""(year, month)"""

HALF_LIFE_MONTHS = 6.0
"""After so many months a sale counts half as much for the rate."""
SEASON_WEIGHT = 24.0
"""So many sales a calendar month needs until its own experience counts as much as "no season"."""
SPREAD_WEIGHT = 12.0
"""So many months of evidence stand for "sales come one by one" before the spread of a trim counts."""
NORMAL_FROM = 50.0
"""From so many expected sales on, the normal distribution is good enough."""
_POISSON_UP_TO = 1.05


class Distribution(Labelled):
    POISSON = "poisson", tr_noop("Poisson distribution")
    NEGATIVE_BINOMIAL = "negative_binomial", tr_noop("negative binomial distribution")
    NORMAL = "normal", tr_noop("normal distribution")


@dataclass(frozen=True, slots=True)
class Demand:
    """What sells: `daily` on an average selling day, and how much more than Poisson it varies (1 = as Poisson)."""

    daily: float
    dispersion: float

    @property
    def monthly(self) -> float:
        """Sales of an average month."""
        return self.daily * 365 / 12


@dataclass(frozen=True, slots=True)
class LeadTime:
    """Days from order to arrival: mean and standard deviation."""

    mean: float
    spread: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetStock:
    """What should be there or on its way when an order is placed, and the figures it comes from.

    `mean` and `deviation` of the sales until the order after this one has arrived; `target` is the smallest number that
    covers them with the chosen probability; `safety` is what of it lies above the mean.
    """

    days: float
    mean: float
    deviation: float
    level: int
    distribution: Distribution
    target: int

    @property
    def safety(self) -> float:
        """Target less expected sales."""
        return self.target - self.mean


def season_indices(sold: Mapping[Month, float], selling_days: Mapping[Month, float]) -> tuple[float, ...]:
    """Twelve factors around 1, January first: sales of a calendar month against an even year.

    Each is drawn towards 1 by SEASON_WEIGHT sales, so that a few sales make no season. The factors are such that the
    same year comes out as was sold.
    """
    days = sum(selling_days.values())
    total = sum(sold.get(month, 0.0) for month in selling_days)
    if days <= 0 or total <= 0:
        return (1.0,) * 12
    rate = total / days
    raw = []
    for number in range(1, 13):
        months = [month for month in selling_days if month[1] == number]
        expected = rate * sum(selling_days[month] for month in months)
        seen = sum(sold.get(month, 0.0) for month in months)
        raw.append((seen + SEASON_WEIGHT) / (expected + SEASON_WEIGHT))
    mean = sum(raw) / 12
    return tuple(value / mean for value in raw)


def judge_demand(
    sold: Mapping[Month, float], selling_days: Mapping[Month, float], season: Sequence[float], *, newest: Month
) -> Demand:
    """Rate and spread from monthly sales, seasons taken out, recent months counting more.

    `selling_days` names the months to look at, with the days that could be sold on in each.
    """
    weighted_sales = weighted_days = 0.0
    for month, days in selling_days.items():
        weight = 0.5 ** (_months_between(month, newest) / HALF_LIFE_MONTHS)
        weighted_sales += weight * sold.get(month, 0.0)
        weighted_days += weight * days * season[month[1] - 1]
    if weighted_days <= 0:
        return Demand(0.0, 1.0)
    daily = weighted_sales / weighted_days
    return Demand(daily, _dispersion(sold, selling_days, season))


def _dispersion(sold: Mapping[Month, float], selling_days: Mapping[Month, float], season: Sequence[float]) -> float:
    """Pearson's statistic over its degrees of freedom, drawn towards 1; never below it."""
    exposure = {month: days * season[month[1] - 1] for month, days in selling_days.items() if days > 0}
    total, whole = sum(sold.get(month, 0.0) for month in exposure), sum(exposure.values())
    if total <= 0 or len(exposure) < 3:
        return 1.0
    pearson = sum(
        (sold.get(month, 0.0) - total * days / whole) ** 2 / (total * days / whole) for month, days in exposure.items()
    )
    return max(1.0, (pearson + SPREAD_WEIGHT) / (len(exposure) - 1 + SPREAD_WEIGHT))


def _months_between(month: Month, newest: Month) -> int:
    return max(0, (newest[0] - month[0]) * 12 + newest[1] - month[1])


def target_stock(
    demand: Demand, lead_time: LeadTime, *, review_days: int, level: int, season: float = 1.0
) -> TargetStock:
    """The order-up-to level: order every `review_days`, wait for the lead time, run out in at most 100 - `level` % of
    the rounds. `season` is the mean factor of the days to cover.

    With daily rate d, days to cover L = review + lead time: mean = d·L, variance = dispersion·d·L + d²·σ(L)².
    """
    days = review_days + lead_time.mean
    daily = demand.daily * season
    mean = daily * days
    variance = demand.dispersion * mean + (daily * lead_time.spread) ** 2
    target, distribution = quantile(mean, variance, level / 100)
    return TargetStock(
        days=days, mean=mean, deviation=math.sqrt(variance), level=level, distribution=distribution, target=target
    )


def quantile(mean: float, variance: float, level: float) -> tuple[int, Distribution]:
    """The smallest whole number that demand does not exceed with the probability `level`, and how it was found."""
    if not 0 < level < 1:
        raise ValueError("a level lies between 0 and 1")
    if mean <= 0:
        return 0, Distribution.POISSON
    if mean >= NORMAL_FROM:
        return math.ceil(NormalDist(mean, math.sqrt(variance)).inv_cdf(level) - 1e-9), Distribution.NORMAL
    if variance <= mean * _POISSON_UP_TO:
        return poisson_quantile(mean, level), Distribution.POISSON
    return negative_binomial_quantile(mean, variance, level), Distribution.NEGATIVE_BINOMIAL


def poisson_quantile(mean: float, level: float) -> int:
    """The smallest n with P(X ≤ n) ≥ level for a Poisson X."""
    probability = reached = math.exp(-mean)
    number = 0
    while reached < level:
        number += 1
        probability *= mean / number
        reached += probability
        if probability < 1e-18 and number > mean:
            break
    return number


def negative_binomial_quantile(mean: float, variance: float, level: float) -> int:
    """The same for a negative binomial X with this mean and variance (variance above the mean)."""
    share = mean / variance  # p
    size = mean * share / (1 - share)  # r
    probability = reached = share**size
    number = 0
    while reached < level:
        number += 1
        probability *= (size + number - 1) / number * (1 - share)
        reached += probability
        if probability < 1e-18 and number > mean:
            break
    return number


def selling_days(first: date, last: date, *, festival: frozenset[date], share: float) -> dict[Month, float]:
    """Days by month from `first` to `last`; a day of the Spring Festival counts as `share` of a day, so that a festival
    that moves from January to February does not look like a season."""
    found: dict[Month, float] = {}
    day = first
    while day <= last:
        key = (day.year, day.month)
        found[key] = found.get(key, 0.0) + (share if day in festival else 1.0)
        day += timedelta(days=1)
    return found


def season_ahead(
    season: Sequence[float], first: date, days: float, *, festival: frozenset[date], share: float
) -> float:
    """The mean factor of the days to come, festival days counted as the part of a day they are."""
    count = max(1, round(days))
    ahead = [first + timedelta(days=number) for number in range(count)]
    return sum(season[day.month - 1] * (share if day in festival else 1.0) for day in ahead) / count
