"""What a question to the catalogue is, and how well a vehicle fits what somebody said matters to them.

A fit is a weighted mean of satisfactions from 0 to 1, one for each thing that matters. What is not known about a
vehicle counts `MISSING_COUNTS`, and is said to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from app.catalog.rules import Better
from app.kernel.labels import Labelled
from app.runtime.language import tr_noop

MISSING_COUNTS = 0.25
"""The satisfaction of a value that is not stated: a quarter, so that silence neither wins nor rules out."""
HIGHEST_WEIGHT = 10
WORST, BEST = 5.0, 95.0
"""Percentiles of the candidates between which a value is scaled: a few odd ones do not squeeze all others together."""
MOST_BINS = 24
MOST_TEXT = 120
MOST_RESTRICTIONS, MOST_IMPORTANCES = 40, 16
YES, NO = "yes", "no"
"""The values of a restriction on something that is there or not."""

PRICE, ENERGY, MAKE, SERIES, YEAR = "@price", "@energy", "@make", "@series", "@year"
"""What can be asked for beside the parameters of the dictionary."""


class StockWish(Labelled):
    """Which trims are wanted, by what stands where."""

    ANY = "any", tr_noop("In the catalogue")
    OBTAINABLE = "obtainable", tr_noop("Free anywhere")
    HERE = "here", tr_noop("Free at this branch")


class Order(Labelled):
    """In which order hits come. BEST is by fit where something matters, else by what is free here."""

    BEST = "best", tr_noop("Best first")
    CHEAPEST = "cheapest", tr_noop("Cheapest first")
    DEAREST = "dearest", tr_noop("Dearest first")
    NEWEST = "newest", tr_noop("Newest first")


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """A parameter that has to lie in a range (ends included, None is open), or have one of several values.

    A parameter that is a span fits where the spans overlap. What is not stated never fits.
    """

    code: str
    low: float | None = None
    high: float | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """Something that matters, from 0 to 10. `wished` is a number or the code of a value; without it the better end of
    the scale is wanted. `must` takes away what does not have it."""

    code: str
    weight: int = 5
    wished: float | str | None = None
    must: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything that was asked. `facets` names the facets to be counted, None for all."""

    text: str = ""
    restrictions: tuple[Restriction, ...] = ()
    importances: tuple[Importance, ...] = ()
    stock: StockWish = StockWish.ANY
    order: Order = Order.BEST
    facets: tuple[str, ...] | None = ()

    def restricted(self, code: str) -> Restriction | None:
        """The restriction of one parameter."""
        return next((one for one in self.restrictions if one.code == code), None)

    def with_restriction(self, restriction: Restriction) -> "Question":
        """The question with this restriction in the place of the former one; an empty one takes it away."""
        kept = [one for one in self.restrictions if one.code != restriction.code]
        empty = restriction.low is None and restriction.high is None and not restriction.values
        return replace(self, restrictions=tuple(kept if empty else [*kept, restriction]))


def question_as_json(question: Question) -> dict[str, Any]:
    """As it is stored with a saved search."""
    return {
        "text": question.text,
        "restrictions": [_slim(code=r.code, low=r.low, high=r.high, values=list(r.values)) for r in
                         question.restrictions],
        "importances": [_slim(code=i.code, weight=i.weight, wished=i.wished, must=i.must) for i in
                        question.importances],
        "stock": question.stock.value,
        "order": question.order.value,
    }  # fmt: skip


def _slim(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, [], False)}


def question_from_json(stored: Mapping[str, Any]) -> Question:
    """A stored question; what a later version of the program added to it is left out."""
    restrictions = [
        Restriction(code=str(one["code"]), low=_number(one.get("low")), high=_number(one.get("high")),
                    values=tuple(str(value) for value in one.get("values", ())))
        for one in stored.get("restrictions", ())[:MOST_RESTRICTIONS]
    ]  # fmt: skip
    importances = [
        Importance(code=str(one["code"]), weight=clipped_weight(one.get("weight", 5)),
                   wished=_wished(one.get("wished")), must=bool(one.get("must", False)))
        for one in stored.get("importances", ())[:MOST_IMPORTANCES]
    ]  # fmt: skip
    return Question(
        text=str(stored.get("text", ""))[:MOST_TEXT], restrictions=tuple(restrictions),
        importances=tuple(importances), stock=_member(StockWish, stored.get("stock"), StockWish.ANY),
        order=_member(Order, stored.get("order"), Order.BEST),
    )  # fmt: skip


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _wished(value: Any) -> float | str | None:
    return value if value is None or isinstance(value, str) else float(value)


def _member(kind: type[Any], value: Any, default: Any) -> Any:
    return kind(value) if value in {one.value for one in kind} else default


def clipped_weight(weight: Any) -> int:
    """A weight from 0 to 10."""
    return max(0, min(HIGHEST_WEIGHT, int(weight)))


# --- fit ---------------------------------------------------------------------------------------------


class Judgement(StrEnum):
    """Why a part of a fit counts what it counts."""

    BETTER = "better"
    """Scaled between the worst and the best of what fits."""
    REACHED = "reached"
    """At least (or at most) what was wished."""
    CLOSE = "close"
    """By its distance from what was wished."""
    HAS = "has"
    HAS_NOT = "has_not"
    MISSING = "missing"
    """Not stated: counts a quarter."""


Ends = tuple[float, float]
"""The value that satisfies not at all, and the one that satisfies wholly."""


def satisfied(values: Any, *, wished: float | None, better: Better) -> tuple[Any, Ends | None]:
    """Satisfactions of an array of numbers from 0 to 1, NaN where it is NaN, and between which ends they lie.

    Without a wish: 1 at the better end of what is known, 0 at the other one; all equal are all satisfied. With one: by
    distance from it, and where higher (lower) is better reaching it satisfies wholly. No ends where all are equal or
    both directions from the wish are worse.
    """
    import numpy as np

    known = values[~np.isnan(values)]
    low, high = (float(end) for end in np.percentile(known, [WORST, BEST])) if len(known) else (0.0, 0.0)
    ends = _ends(low, high, wished=wished, better=better)
    if ends is not None:
        return np.clip((values - ends[0]) / (ends[1] - ends[0]), 0.0, 1.0), ends
    if wished is None:
        return np.where(np.isnan(values), np.nan, 1.0), None
    return 1.0 - np.clip(np.abs(wished - values) / _spread_of(high - low, wished), 0.0, 1.0), None


def _ends(low: float, high: float, *, wished: float | None, better: Better) -> Ends | None:
    if wished is None:
        ends = (high, low) if better is Better.LOWER else (low, high)
        return ends if low < high else None
    spread = _spread_of(high - low, wished)
    if better is Better.HIGHER:
        return wished - spread, wished
    return (wished + spread, wished) if better is Better.LOWER else None


def _spread_of(width: float, wished: float) -> float:
    """How far from a wish nothing satisfies any more."""
    return max(width, abs(wished) * 0.25, 1e-9)


def ranked_choice(codes: Any, *, count: int, wished: int | None) -> Any:
    """Satisfactions of an array of places in a list of choices, NaN for -1: the first is best, or the wished one."""
    import numpy as np

    rank = np.clip(codes / max(1, count - 1), 0.0, 1.0) if wished is None else codes != wished
    return np.where(codes < 0, np.nan, 1.0 - rank)


def weighted(satisfactions: Sequence[Any], weights: Sequence[int]) -> Any:
    """Fits from 0 to 1: the weighted mean, what is missing counting `MISSING_COUNTS`. None where nothing weighs."""
    import numpy as np

    total = sum(weights)
    if not total:
        return None
    fit = np.zeros(len(satisfactions[0]))
    for satisfaction, weight in zip(satisfactions, weights, strict=True):
        if weight:
            fit += np.where(np.isnan(satisfaction), MISSING_COUNTS, satisfaction) * (weight / total)
    return fit


def points_of(satisfactions: Sequence[float], weights: Sequence[int]) -> list[int]:
    """What each part adds to a fit out of 100, in whole points that add up to the rounded fit: what is satisfied wholly
    gets all it can, else by the largest remainders, and nothing more than it can."""
    total = sum(weights)
    if not total:
        return [0] * len(weights)
    exact = [100.0 * weight * share / total for weight, share in zip(weights, satisfactions, strict=True)]
    points = [int(value + 1e-9) for value in exact]
    left = round_half_up(sum(exact)) - sum(points)
    whole = [1.0] * len(weights)
    most = points if list(satisfactions) == whole else points_of(whole, weights)
    order = sorted(range(len(exact)), key=lambda i: (satisfactions[i] < 1 - 1e-9, points[i] - exact[i], i))
    open_ = order if most is points else [i for i in order if points[i] < most[i]]
    for i in (*open_, *order)[: max(0, left)]:
        points[i] += 1
    return points


def round_half_up(value: float) -> int:
    """Rounded as people do; what floating point cannot hold is not held against a half."""
    return int(value + 0.5 + 1e-9)


# --- histograms --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bins:
    """Even bins from `start`; what lies outside counts in the first or the last."""

    start: float
    step: float
    count: int

    @property
    def end(self) -> float:
        """Where the last bin ends."""
        return self.start + self.step * self.count


def bins_of(lowest: float, highest: float, *, places: int) -> Bins:
    """At most 24 bins with round edges over a range; no finer than values are kept."""
    finest = float(Decimal(1).scaleb(-places))
    wanted = max((highest - lowest) / MOST_BINS, finest)
    step = _round_step(wanted)
    start = _floor_to(lowest, step)
    count = int((highest - start) / step + 1e-9) + 1
    return Bins(start, step, count)


def _round_step(wanted: float) -> float:
    exponent = Decimal(repr(wanted)).adjusted()
    for factor in (1, 2, 5, 10):
        step = float(Decimal(factor).scaleb(exponent))
        if step >= wanted * (1 - 1e-9):
            return step
    return float(Decimal(10).scaleb(exponent))


def _floor_to(value: float, step: float) -> float:
    places = int(value / step)
    if places * step > value + 1e-9:
        places -= 1
    return float(Decimal(repr(step)) * places)
