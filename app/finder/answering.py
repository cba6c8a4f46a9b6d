"""Answering a question over the columns: which trims fit, how many each value of a facet would leave, who comes first.

A facet is counted without its own restriction, so that a second value can be added to it. That needs one pass: a trim
counts for every facet when it fails nothing, and for one facet when it fails that one only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.catalog.rules import Better, specification_dictionary
from app.finder.columns import HIGH, TrimColumns, packed_bits, shape
from app.finder.names import Correction, NameMatch
from app.finder.rules import (
    ENERGY,
    MAKE,
    NO,
    PRICE,
    SERIES,
    YEAR,
    Bins,
    Ends,
    Importance,
    Order,
    Question,
    Restriction,
    StockWish,
    ranked_choice,
    satisfied,
    weighted,
)
from app.finder.stock import FreeUnits

OWN_FACETS = (PRICE, ENERGY, MAKE, SERIES, YEAR)
_LATEST = 2100
_NOT_THERE = ("absent", "none", NO)


@dataclass(frozen=True, slots=True)
class FacetCount:
    """Counts of one facet: of a number by bin, of anything else by code, the unstated beside them."""

    code: str
    counts: tuple[int, ...]
    missing: int
    bins: Bins | None = None


@dataclass(frozen=True)
class Scale:
    """How much each trim that fits satisfies one importance: an array, NaN where it is not stated."""

    importance: Importance
    satisfaction: Any
    ends: Ends | None = None
    """Of a number: the value that counts nothing, and the one that counts in full."""

    @cached_property
    def stated(self) -> Any:
        """What is stated, rising."""
        import numpy as np

        return np.sort(self.satisfaction[~np.isnan(self.satisfaction)])

    def better_than(self, position: int) -> float:
        """The share of what fits and is stated that satisfies less than the one at this position."""
        import numpy as np

        worse = np.searchsorted(self.stated, self.satisfaction[position] - 1e-9)
        return float(worse) / max(1, len(self.stated))


class Answering:
    """One question over one set of columns."""

    def __init__(
        self, columns: TrimColumns, free: FreeUnits, question: Question, *,
        restrictions: Sequence[Restriction], named: NameMatch | None, stock: StockWish, words: str = "",
    ) -> None:  # fmt: skip
        self.words = words
        self.columns, self.free, self.question = columns, free, question
        self.restrictions, self.named, self.stock = tuple(restrictions), named, stock

    @cached_property
    def _common(self) -> Any:
        """What fits everything that is no facet: the names, what has to be there, the stock."""
        import numpy as np

        fitting = np.ones(len(self.columns), bool)
        if self.named is not None:
            fitting &= self.named.fitting
        if self.stock is StockWish.HERE:
            fitting &= self.free.here > 0
        elif self.stock is StockWish.OBTAINABLE:
            fitting &= self.free.total > 0
        for importance in self.question.importances:
            if importance.must:
                fitting &= has_it(self.columns, importance)
        return fitting

    @cached_property
    def _by_code(self) -> dict[str, Any]:
        """For each restricted parameter, which trims it lets through; several ranges of one all have to fit."""
        found: dict[str, Any] = {}
        for restriction in self.restrictions:
            fits = fitting_restriction(self.columns, restriction)
            found[restriction.code] = found[restriction.code] & fits if restriction.code in found else fits
        return found

    @cached_property
    def _failed(self) -> Any:
        """How many restrictions each trim fails."""
        import numpy as np

        failed = np.zeros(len(self.columns), np.int16)
        for fits in self._by_code.values():
            failed += ~fits
        return failed

    @cached_property
    def fitting(self) -> Any:
        """The places of the trims that fit everything, in order."""
        import numpy as np

        return np.flatnonzero(self._common & (self._failed == 0))

    @cached_property
    def _fitting_bits(self) -> Any:
        return packed_bits(self._common & (self._failed == 0))

    def _bits_without(self, code: str) -> Any:
        """The trims that fit everything but, perhaps, the restriction of one facet, as bits."""
        own = self._by_code.get(code)
        if own is None:
            return self._fitting_bits
        return packed_bits(self._common & ((self._failed == 0) | ((self._failed == 1) & ~own)))

    # --- facets ----------------------------------------------------------------------------------

    def facets(self, codes: Iterable[str]) -> list[FacetCount]:
        """The counts of these facets; one that nothing is stated of is left out."""
        found = (self._facet(code) for code in codes)
        return [facet for facet in found if facet is not None]

    def _facet(self, code: str) -> FacetCount | None:
        """The trims of each value are a row of bits: those left are counted by what they have in common."""
        bits = self.columns.bits(code)
        if bits is None:
            return None
        counts = np_counts(bits, self._bits_without(code))
        if self.columns.is_number(code):
            binned = self.columns.bins(code)
            return None if binned is None else FacetCount(code, tuple(counts[1:]), counts[0], binned[0])
        return FacetCount(code, tuple(counts[1:]), counts[0])

    # --- fit and order ---------------------------------------------------------------------------

    @cached_property
    def scales(self) -> tuple[Scale, ...]:
        """How much every trim satisfies each thing that matters, scaled over what fits."""
        return tuple(Scale(one, *self._satisfaction(one)) for one in self.question.importances if one.weight)

    def _satisfaction(self, importance: Importance) -> tuple[Any, Ends | None]:
        """Over the trims that fit, in the order of `fitting`; of a number also between which ends."""

        code, wished = importance.code, importance.wished
        better = better_of(code)
        if self.columns.is_number(code):
            values = self.columns.number_column(code)[self.fitting].astype(float)
            return satisfied(values, wished=float(wished) if isinstance(wished, int | float) else None, better=better)
        return self._chosen_satisfaction(code, wished if isinstance(wished, str) else None, better), None

    def _chosen_satisfaction(self, code: str, wished: str | None, better: Better) -> Any:
        import numpy as np

        codes = self.columns.code_column(code)[self.fitting]
        if wished is not None:
            return ranked_choice(codes, count=2, wished=self.columns.code_of(code, wished))
        if better is Better.FIRST:
            return ranked_choice(codes, count=len(specification_dictionary().parameters[code].choices), wished=None)
        there = [self.columns.code_of(code, value) for value in values_there(self.columns, code)]
        return np.where(codes < 0, np.nan, np.isin(codes, there).astype(float))

    @cached_property
    def scores(self) -> Any:
        """Fits from 0 to 1 of the trims that fit, None where nothing matters."""
        return weighted([scale.satisfaction for scale in self.scales], [s.importance.weight for s in self.scales])

    @cached_property
    def ranking(self) -> Any:
        """Positions in `fitting`, the best first; what is equal in everything comes in the order of its id."""
        import numpy as np

        places = self.fitting
        prices = self.columns.prices[places]
        order = self.question.order
        if order is Order.CHEAPEST:
            return np.argsort(prices, kind="stable")
        if order is Order.DEAREST:
            return np.argsort(-prices, kind="stable")
        years = self._years[places]
        if order is Order.NEWEST:
            return np.lexsort((prices, -years))
        free = self.free
        near = np.where(free.here[places] > 0, 3, np.where(free.coming[places] > 0, 2, free.total[places] > 0))
        # One whole number out of nearness, year and price: sorted in a fraction of the time of three keys.
        key = ((3 - near.astype(np.int64)) << 56) + ((_LATEST - years).astype(np.int64) << 44) + prices.astype(np.int64)
        first = [] if self.scores is None else [-np.round(self.scores, 9)]
        if self.named is not None:
            first.insert(0, -self.named.closeness[places])
        return np.lexsort([key, *first]) if first else np.argsort(key, kind="stable")

    @cached_property
    def _years(self) -> Any:
        import numpy as np

        years = np.array([int(year) for year in self.columns.vocabulary(YEAR)] or [0], np.int32)
        return years[self.columns.code_column(YEAR)]

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """Words that were taken for others."""
        return () if self.named is None else self.named.corrections


def np_counts(bits: Any, fitting: Any) -> list[int]:
    """How many bits each row has in common with those that fit."""
    import numpy as np

    counts: list[int] = np.bitwise_count(bits & fitting).sum(axis=1, dtype=np.int32).tolist()
    return counts


def better_of(code: str) -> Better:
    """Which direction wins; a lower price does."""
    if code == PRICE:
        return Better.LOWER
    parameter = specification_dictionary().parameters.get(code)
    return Better.NONE if parameter is None else parameter.better


def fitting_restriction(columns: TrimColumns, restriction: Restriction) -> Any:
    """Which trims a restriction lets through; what is not stated never fits, a restriction of nothing known neither."""
    import numpy as np

    code = restriction.code
    if columns.is_number(code):
        lower = columns.number_column(code)
        upper = columns.number_column(code + HIGH) if code in shape().spans else lower
        fits = ~np.isnan(lower)
        if restriction.low is not None:
            fits &= upper >= upper.dtype.type(restriction.low)
        if restriction.high is not None:
            fits &= lower <= lower.dtype.type(restriction.high)
        return fits
    if code not in shape().codes:
        return np.zeros(len(columns), bool)
    wanted = [columns.code_of(code, value) for value in restriction.values]
    return np.isin(columns.code_column(code), wanted)


def has_it(columns: TrimColumns, importance: Importance) -> Any:
    """Which trims have what has to be there: the wished number or better, the wished value, or without a wish anything
    that is stated (equipment that is absent is not there)."""
    code, wished = importance.code, importance.wished
    if columns.is_number(code):
        better = better_of(code)
        if not isinstance(wished, int | float):
            return fitting_restriction(columns, Restriction(code=code))
        low = wished if better is not Better.LOWER else None
        return fitting_restriction(columns, Restriction(code=code, low=low, high=wished if low is None else None))
    if isinstance(wished, str):
        return fitting_restriction(columns, Restriction(code=code, values=(wished,)))
    return fitting_restriction(columns, Restriction(code=code, values=values_there(columns, code)))


def values_there(columns: TrimColumns, code: str) -> tuple[str, ...]:
    """The values that say that something is there."""
    values = columns.vocabulary(code) if code in shape().codes else []
    return tuple(value for value in values if value not in _NOT_THERE)
