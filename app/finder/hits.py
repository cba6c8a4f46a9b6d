"""Hits as they are shown: the key figures of a trim, its free units, and its fit with a reason for each part."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from app.catalog.energies import Energy
from app.catalog.rules import specification_dictionary, value_text
from app.finder.answering import Answering, Scale, better_of
from app.finder.columns import TrimColumns
from app.finder.rules import (
    ENERGY,
    MAKE,
    MISSING_COUNTS,
    PRICE,
    SERIES,
    YEAR,
    Importance,
    Judgement,
    points_of,
)
from app.kernel.labels import Bilingual, Labelled
from app.runtime.language import tr_noop

_ELECTRIC_FACTS = ("electric_range", "battery_capacity", "acceleration_0_100", "drive")
_PLUG_IN_FACTS = ("electric_range", "consumption_charge_sustaining", "system_power", "drive")
_ENGINE_FACTS = ("displacement", "engine_power", "consumption_combined", "drive")
_FACTS = {
    Energy.ELECTRIC: _ELECTRIC_FACTS, Energy.FUEL_CELL: _ELECTRIC_FACTS, Energy.PLUG_IN_HYBRID: _PLUG_IN_FACTS,
    Energy.RANGE_EXTENDED: _PLUG_IN_FACTS,
}  # fmt: skip
_MOST_FACTS = 6


class OwnFacet(Labelled):
    """Names of what can be asked for beside the dictionary."""

    PRICE = PRICE, tr_noop("Guide price")
    ENERGY = ENERGY, tr_noop("Energy")
    MAKE = MAKE, tr_noop("Make")
    SERIES = SERIES, tr_noop("Series")
    YEAR = YEAR, tr_noop("Model year")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFact:
    """One parameter of a hit as it is shown; `text` is None where it is not stated."""

    code: str
    label: Bilingual | Labelled
    text: Bilingual | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """What one thing that matters adds to a fit: `points` of at most `most`. `better_than` is the share of what fits
    (0 to 1) that satisfies less. `text` is the value, None where it is not stated (it counts a quarter then). Of a
    number `worst` counts nothing and `best` in full."""

    code: str
    label: Bilingual | Labelled
    text: Bilingual | None
    wished: Bilingual | None
    judgement: Judgement
    points: int
    most: int
    better_than: float
    worst: Bilingual | None = None
    best: Bilingual | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRow:
    """A trim that fits: price, key parameters, free units, and how well it fits (None where nothing matters)."""

    id: str
    make: Bilingual
    series: Bilingual
    year: int
    name: Bilingual
    energy: Energy
    guide_price: Decimal
    facts: tuple[KeyFact, ...]
    here: int
    coming: int
    elsewhere: int
    score: int | None
    parts: tuple[PartRow, ...]

    @property
    def title(self) -> Bilingual:
        """Make, series, year and trim in one line."""
        make, series, name = (one.en or one.zh for one in (self.make, self.series, self.name))
        return Bilingual(
            f"{self.make.zh} {self.series.zh} {self.year}款 {self.name.zh}", f"{make} {series} {self.year} {name}"
        )


def hit_at(answering: Answering, position: int) -> HitRow:
    """The hit at a position among what fits."""
    place = int(answering.fitting[position])
    scales = answering.scales
    weights = [scale.importance.weight for scale in scales]
    shares = [_share(scale, position) for scale in scales]
    points, most = points_of(shares, weights), points_of([1.0] * len(shares), weights)
    parts = tuple(
        _part(answering, scale, position=position, place=place, points=one, most=all_of_it)
        for scale, one, all_of_it in zip(scales, points, most, strict=True)
    )
    return _row(answering, place, score=sum(points) if scales else None, parts=parts)


def bare_hit(answering: Answering, place: int) -> HitRow:
    return _row(answering, place, score=None, parts=())


def _share(scale: Scale, position: int) -> float:
    share = float(scale.satisfaction[position])
    return MISSING_COUNTS if share != share else share


def _row(answering: Answering, place: int, *, score: int | None, parts: tuple[PartRow, ...]) -> HitRow:
    columns, free = answering.columns, answering.free
    energy = Energy(columns.vocabulary(ENERGY)[columns.code_column(ENERGY)[place]])
    matters = [one.importance.code for one in answering.scales]
    return HitRow(
        id=columns.lists.ids[place], make=columns.node(MAKE, place).label,
        series=columns.node(SERIES, place).label,
        year=int(columns.vocabulary(YEAR)[columns.code_column(YEAR)[place]]),
        name=Bilingual(columns.lists.names_zh[place], columns.lists.names_en[place]), energy=energy,
        guide_price=Decimal(f"{columns.prices[place]:.2f}"), facts=_facts(columns, place, energy, matters),
        here=int(free.here[place]), coming=int(free.coming[place]), elsewhere=int(free.elsewhere[place]), score=score,
        parts=parts,
    )  # fmt: skip


def _facts(columns: TrimColumns, place: int, energy: Energy, matters: Sequence[str]) -> tuple[KeyFact, ...]:
    """What matters first, then what one asks first of such a drive; the latter only where it is stated."""
    known = specification_dictionary().parameters
    facts = [_fact(columns, place, code) for code in matters if code in known]
    for code in _FACTS.get(energy, _ENGINE_FACTS):
        if code in known and code not in matters:
            fact = _fact(columns, place, code)
            if fact.text is not None:
                facts.append(fact)
    return tuple(facts[:_MOST_FACTS])


def _fact(columns: TrimColumns, place: int, code: str) -> KeyFact:
    return KeyFact(code=code, label=label_of(code), text=_text_of(columns, place, code))


def label_of(code: str) -> Bilingual | Labelled:
    """The name of a parameter or of what can be asked for beside them."""
    parameter = specification_dictionary().parameters.get(code)
    return OwnFacet(code) if parameter is None else parameter.name


def _text_of(columns: TrimColumns, place: int, code: str) -> Bilingual | None:
    if code == PRICE:
        return plain_text(f"¥{columns.prices[place]:,.0f}")
    parameter = specification_dictionary().parameters[code]
    stored = columns.stored(parameter, place)
    return None if stored is None else value_words(code, tuple(stored) if isinstance(stored, list) else stored)


@lru_cache(maxsize=50_000, typed=True)
def value_words(code: str, stored: Any) -> Bilingual:
    """A stored value as people read it; a span comes as a tuple."""
    parameter = specification_dictionary().parameters[code]
    return value_text(parameter, list(stored) if isinstance(stored, tuple) else stored)


def plain_text(text: str) -> Bilingual:
    return Bilingual(text, text)


def _part(
    answering: Answering, scale: Scale, *, position: int, place: int, points: int, most: int
) -> PartRow:
    importance = scale.importance
    text = _text_of(answering.columns, place, importance.code)
    worst, best = (None, None) if scale.ends is None else (number_words(importance.code, end) for end in scale.ends)
    return PartRow(
        code=importance.code, label=label_of(importance.code), text=text, wished=wished_text(importance),
        judgement=_judgement(answering, scale, position), points=points, most=most,
        better_than=0.0 if text is None else scale.better_than(position), worst=worst, best=best,
    )  # fmt: skip


def number_words(code: str, number: float) -> Bilingual:
    """A number of a parameter, or an amount, as it is read."""
    if code == PRICE:
        return plain_text(f"¥{number:,.0f}")
    places = specification_dictionary().parameters[code].places
    return value_words(code, int(number) if number == int(number) else round(number, places))


def wished_text(importance: Importance) -> Bilingual | None:
    """What was wished, as it is read."""
    wished = importance.wished
    if wished is None:
        return None
    if importance.code == PRICE:
        return plain_text(f"¥{float(wished):,.0f}")
    parameter = specification_dictionary().parameters.get(importance.code)
    if parameter is None:
        return plain_text(str(wished))
    stored: Any = wished
    if isinstance(wished, float):
        stored = int(wished) if wished == int(wished) else round(wished, parameter.places)
    elif wished in ("yes", "no") and not parameter.choices:
        stored = wished == "yes"
    return value_text(parameter, stored)


def _judgement(answering: Answering, scale: Scale, position: int) -> Judgement:
    share = float(scale.satisfaction[position])
    if share != share:
        return Judgement.MISSING
    importance = scale.importance
    if not answering.columns.is_number(importance.code):
        return Judgement.HAS if share >= 1.0 else Judgement.HAS_NOT if share <= 0.0 else Judgement.BETTER
    if importance.wished is None:
        return Judgement.BETTER
    return Judgement.REACHED if share >= 1.0 and better_of(importance.code).value in ("higher", "lower") else (
        Judgement.CLOSE
    )
