"""Prices out of line with the configuration: what a trim's equipment, size and make let expect, and how far it is off.

The logarithm of the price is explained by sizes and powers (logarithms too), equipment counted by group, body, drive,
energy, gearbox and make, with a linear model fitted so that outliers do not pull it: Tukey's biweight, reweighted until
it settles, from a start by Huber's weights (Huber & Ronchetti, Robust Statistics, 2009, chapter 7). A little shrinkage
keeps what the data cannot tell apart near zero. Deviations are measured in robust standard deviations of the residuals.

A make of few trims has no column of its own; what its name is worth is told by its other trims, weighed as a random
effect (best linear prediction from the spread between makes and within). That can only excuse a price, never accuse
one: a dear make is not out of line for being dear, and a wrong price does not make its sister's look wrong.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from app.anomalies.findings import Finding, Rule, Severity, TrimFacts, label, shown
from app.catalog.energies import Energy
from app.catalog.import_cells import is_fitted
from app.catalog.rules import specification_dictionary
from app.kernel.labels import Note, note
from app.kernel.money import format_money
from app.runtime.language import tr_noop

if TYPE_CHECKING:
    import numpy as np

FEWEST = 24
"""So many comparable trims are needed before any is called out of line."""
SURE = 3.5
"""Robust deviations beyond which a price is out of line …"""
LEAST = 0.12
"""… if it is also this far off: a house of few trims may be exact to a percent."""
_CUT = 4.685
_HUBER = 1.345
_ROUNDS = 40
_SHRINK = 0.6
_MEASURES = (
    "length", "wheelbase", "curb_weight", "engine_power", "motor_power", "displacement", "battery_capacity",
    "electric_range", "screen_size", "acceleration_0_100", "consumption_combined",
)  # fmt: skip
_GROUPS = ("safety", "driver_assistance", "comfort", "connectivity", "battery_charging")
_KINDS = ("body", "drive", "transmission")
_COMMON = 0.35
"""A measure counts where at least this share of the trims has it; the others get the median."""
_FEWEST_OF_KIND = 4
_LEAST_BETWEEN_MAKES = 0.25
"""Makes differ at least by this much, in logarithms, also where a list has only a few alike."""
_TIMES = 2
_WORTH = {"standard": 1.0, "optional": 1 / 3}
_LINES = 4
_NEIGHBOURS = 3
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class PriceView:
    """What the model says of one trim; shares are of the expected price (0.18: 18 % above)."""

    trim: TrimFacts
    expected: Decimal
    share: float
    deviations: float
    comparable: int
    like: tuple[TrimFacts, ...]
    reasons: tuple[tuple[str, float], ...]
    """What moves the expected price away from the median trim's, the most important first: feature and share."""


def price_findings(trims: Sequence[TrimFacts], *, tell: Callable[[], object] = lambda: None) -> list[Finding]:
    """The trims whose price is out of line with their configuration; `tell` is called again and again, may raise."""
    return [_finding(view) for view in price_views(trims, tell=tell) if is_out_of_line(view)]


def is_out_of_line(view: PriceView) -> bool:
    """Whether a price is both unlikely and far off."""
    return abs(view.deviations) > SURE and abs(view.share) > LEAST


def price_views(trims: Sequence[TrimFacts], *, tell: Callable[[], object] = lambda: None) -> Iterator[PriceView]:
    """What the model says of every priced trim; nothing where too few can be compared.

    Cars that drive by battery and those that do not are modelled apart; so are imported ones, and the decades.
    """
    markets: dict[tuple[Any, ...], list[TrimFacts]] = {}
    for trim in trims:
        if 10_000 <= trim.guide_price <= 50_000_000:
            market = (trim.energy == Energy.ELECTRIC.value, trim.parameters.get("imported") is True, trim.year // 10)
            markets.setdefault(market, []).append(trim)
    for comparable in markets.values():
        tell()
        if len(comparable) >= FEWEST:
            yield from _views(comparable, tell)


def _views(trims: Sequence[TrimFacts], tell: Callable[[], object]) -> Iterator[PriceView]:
    import numpy as np

    names, matrix = _features(trims)
    tell()
    if len(trims) < len(names) / 2 + 12:
        return
    target = np.array([math.log(float(trim.guide_price)) for trim in trims])
    middle = np.median(matrix, axis=0)
    spread = np.where((deviation := matrix.std(axis=0)) > 0, deviation, 1.0)
    scaled = (matrix - middle) / spread
    start, weights = fit(scaled, target)
    fitted = start[0] + scaled @ start[1:]
    residuals = target - fitted
    scale = max(1.4826 * float(np.median(np.abs(residuals - np.median(residuals)))), 0.01)
    worth = _worth_of_makes(trims, names, residuals, scale, levels=start[1:] / spread)
    for number, trim in enumerate(trims):
        tell()
        off, name, wide = _excused(float(residuals[number]), worth.get(number, ()), scale)
        explained = abs(off / wide) > SURE
        shares = dict(zip(names, scaled[number] * start[1:], strict=True))
        if name:
            shares[f"make:{trim.make.zh}"] = name
        yield PriceView(
            trim=trim,
            expected=_rounded(math.exp(float(fitted[number]) + name)),
            share=math.expm1(off),
            deviations=off / wide,
            comparable=len(trims),
            like=tuple(trims[i] for i in _nearest(scaled, number, weights)) if explained else (),
            reasons=tuple(_reasons(shares)) if explained else (),
        )


def _excused(residual: float, worth: Sequence[tuple[float, float]], scale: float) -> tuple[float, float, float]:
    """How far a price is off, after what its make's name may be worth, and how far it may be: the mildest reading."""
    readings = [(residual, 0.0, scale), *((residual - name, name, wide) for name, wide in worth)]
    return min(readings, key=lambda reading: abs(reading[0] / reading[2]))


def _worth_of_makes(
    trims: Sequence[TrimFacts], names: Sequence[str], residuals: Any, scale: float, *, levels: Any
) -> dict[int, list[tuple[float, float]]]:
    """For each trim of a make without a column: what each of the make's other trims says its name is worth, and how far
    prices may then be off; both in logarithms. `levels` are what the columns are worth.

    With one other at most nobody knows: then prices may be as far off as makes differ.
    """
    import numpy as np

    of_make: dict[str, list[int]] = {}
    for number, trim in enumerate(trims):
        of_make.setdefault(trim.make.zh, []).append(number)
    modelled = {name: float(level) for name, level in zip(names, levels, strict=True)}
    worth = [
        modelled.get(f"make:{make}", 0.0) + float(np.median([residuals[n] for n in own]))
        for make, own in of_make.items()
    ]  # fmt: skip
    spread = 1.4826 * float(np.median(np.abs(np.array(worth) - np.median(worth))))
    between = max(spread, _LEAST_BETWEEN_MAKES) ** 2
    found: dict[int, list[tuple[float, float]]] = {}
    for own in of_make.values():
        if len(own) >= _FEWEST_OF_KIND:
            continue
        for number in own:
            others = [float(residuals[n]) for n in own if n != number]
            trust = len(others) * between / (len(others) * between + scale**2)
            wide = math.sqrt(scale**2 + between * (1 - trust))
            found[number] = [(trust * other, wide) for other in others]
            if len(others) < 2:
                found[number].append((0.0, math.sqrt(scale**2 + between)))
    return found


def fit(features: "np.ndarray[Any, Any]", target: "np.ndarray[Any, Any]") -> tuple[Any, Any]:
    """Coefficients (the intercept first) and the weights each row ended with; features are in standard deviations."""
    import numpy as np

    rows, columns = features.shape
    design = np.hstack([np.ones((rows, 1)), features])
    shrink = np.diag([1e-9, *([_SHRINK] * columns)])
    weights = np.ones(rows)
    found = np.zeros(columns + 1)
    for number in range(_ROUNDS):
        weighted = design * weights[:, None]
        new = np.linalg.solve(design.T @ weighted + shrink, weighted.T @ target)
        residuals = target - design @ new
        scale = max(1.4826 * float(np.median(np.abs(residuals))), 1e-4)
        along = np.abs(residuals) / scale
        if number < 5:
            weights = np.minimum(1.0, _HUBER / np.maximum(along, 1e-9))
        else:
            weights = np.where(along < _CUT, (1 - (along / _CUT) ** 2) ** 2, 0.0)
        if number > 6 and np.allclose(new, found, atol=1e-6):
            found = new
            break
        found = new
    return found, weights


def _features(trims: Sequence[TrimFacts]) -> tuple[list[str], "np.ndarray[Any, Any]"]:
    """Names and columns: `measure:length`, `equipment:comfort`, `body:suv`, `make:大众`, `energy:hybrid`, `year`."""
    import numpy as np

    columns: dict[str, list[float]] = {}
    for code in _MEASURES:
        values = [value if (value := trim.number(code)) and value > 0 else None for trim in trims]
        known = sorted(value for value in values if value)
        if len(known) >= _COMMON * len(trims) and known[0] < known[-1]:
            usual = known[len(known) // 2]
            columns[f"measure:{code}"] = [math.log(value or usual) for value in values]
    for group in _GROUPS:
        counts = [_equipment(trim, group) for trim in trims]
        if min(counts) < max(counts):
            columns[f"equipment:{group}"] = counts
    for kind, of in _kinds(trims).items():
        often = Counter(of)
        base = often.most_common(1)[0][0]
        for what, times in often.items():
            if what and what != base and times >= _FEWEST_OF_KIND:
                columns[f"{kind}:{what}"] = [float(one == what) for one in of]
    years = [float(trim.year) for trim in trims]
    if min(years) < max(years):
        columns["year"] = years
    columns["seats"] = [float(trim.seats) for trim in trims]
    used = {name: values for name, values in columns.items() if min(values) < max(values)}
    return list(used), np.array(list(used.values()), dtype=float).T.reshape(len(trims), len(used))


def _kinds(trims: Sequence[TrimFacts]) -> Mapping[str, list[str]]:
    found = {kind: [str(trim.parameters.get(kind, "")) for trim in trims] for kind in _KINDS}
    return {**found, "make": [trim.make.zh for trim in trims], "energy": [trim.energy for trim in trims]}


def _equipment(trim: TrimFacts, group: str) -> float:
    """How much equipment of a group is standard; what can be ordered counts a third."""
    known = trim.parameters
    return sum(_WORTH.get(str(known.get(code)), 0.0) for code in _fitted_in(group))


@lru_cache(maxsize=16)
def _fitted_in(group: str) -> tuple[str, ...]:
    """The parameters of a group that are standard, optional or absent."""
    return tuple(one.code for one in specification_dictionary().parameters.values()
                 if one.group == group and is_fitted(one))  # fmt: skip


def _nearest(scaled: Any, number: int, weights: Any) -> list[int]:
    """The trims most alike in configuration whose own price is in line."""
    import numpy as np

    distances = ((scaled - scaled[number]) ** 2).sum(axis=1)
    distances = np.where(weights > 0.5, distances, np.inf)
    distances[number] = np.inf
    nearest = np.argsort(distances, kind="stable")[:_NEIGHBOURS]
    return [int(one) for one in nearest if np.isfinite(distances[one])]


def _reasons(shares: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    ranked = sorted(shares.items(), key=lambda pair: -abs(pair[1]))
    for name, share in ranked[:_LINES]:
        if abs(share) >= 0.01:
            yield name, math.expm1(float(share))


def _rounded(price: float) -> Decimal:
    """Three digits are all such an estimate is worth."""
    step = 10 ** max(0, int(math.log10(price)) - 2)
    return Decimal(round(price / step) * step)


# --- in words --------------------------------------------------------------------------------------


def _finding(view: PriceView) -> Finding:
    trim = view.trim
    above = tr_noop("List price {percent} above trims with the same equipment")
    below = tr_noop("List price {percent} below trims with the same equipment")
    times = tr_noop("List price {times} times that of trims with the same equipment")
    said = note(above if view.share > 0 else below, percent=f"{abs(view.share) * 100:.0f} %")
    if view.share > _TIMES:
        said = note(times, times=f"{view.share + 1:.1f}")
    sure = Severity.IMPLAUSIBLE if abs(view.share) > 0.35 else Severity.LOOK
    codes = [name.partition(":")[2] for name, _share in view.reasons if name.startswith("measure:")]
    return trim.finding(
        Rule.PRICE_LINE, sure, said, codes=sorted(codes), details=explanation(view), guide_price=trim.guide_price
    )


def explanation(view: PriceView) -> tuple[object, ...]:
    """What the expectation rests on, line by line."""
    lines: list[object] = [
        note(
            tr_noop("{price} asked; {expected} would be expected from {n} comparable trims"),
            price=_yuan(view.trim.guide_price), expected=_yuan(view.expected), n=view.comparable,
        )
    ]
    lines += [_reason(view.trim, name, share) for name, share in view.reasons]
    for other in view.like:
        text = tr_noop("Most alike: {name}, {price}")
        lines.append(note(text, name=other.name, price=_yuan(other.guide_price)))
    return tuple(lines)


def _yuan(amount: Decimal) -> str:
    return format_money(amount).removesuffix(".00")


def _reason(trim: TrimFacts, name: str, share: float) -> Note:
    kind, _, what = name.partition(":")
    percent = f"{share * 100:+.0f} %".replace("-", "−")
    if kind == "measure":
        value = trim.parameters.get(what)
        text = tr_noop("{parameter} {value}: {percent} against the usual trim")
        return note(text, parameter=label(what), value="–" if value is None else shown(what, value), percent=percent)
    if kind == "equipment":
        group = specification_dictionary().groups[what]
        return note(tr_noop("Equipment, {group}: {percent} against the usual trim"), group=group, percent=percent)
    if kind in _KINDS:
        text = tr_noop("{parameter} {value}: {percent} against the usual trim")
        return note(text, parameter=label(kind), value=shown(kind, what), percent=percent)
    words: object = {"year": tr_noop("Model year"), "seats": tr_noop("Seats")}.get(kind)
    if kind == "make":
        words = trim.make if trim.make.zh == what else tr_noop("Make")
    elif kind == "energy":
        words = Energy(what).label
    return note(tr_noop("{what}: {percent} against the usual trim"), what=words, percent=percent)
