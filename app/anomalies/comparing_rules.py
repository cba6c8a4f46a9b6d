"""Checks of trims against their like: unusual values, and values that look as if they were in another unit."""

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from app.anomalies.findings import Finding, Rule, Severity, TrimFacts, label, shown
from app.catalog.energies import Energy
from app.catalog.rules import Parameter, ParameterType, specification_dictionary
from app.catalog.units import units
from app.kernel.labels import Note, note
from app.runtime.language import tr_noop

FEWEST_ALIKE = 12
FURTHEST = 7.0
"""Robust deviations from the median; a list of thousands has some cars that are simply large."""
_LEAST_SPREAD = 0.03
_LEAST_FACTOR = 1.6
"""So many times the usual value, or a part of it as small, is needed besides."""
_MEASURED_GROUPS = frozenset({"powertrain", "battery_charging", "dimensions", "chassis", "environment"})
_NEAR = 0.012
_ALIKE = 1.1
_FEWEST_OF_SERIES = 2
Known = tuple[TrimFacts, float]
_CONFUSED: Mapping[str, tuple[tuple[str, float], ...]] = {
    "kW": (("PS", 1.359622), ("hp", 1.341022), ("W", 1000.0)),
    "mm": (("in", 1 / 25.4), ("cm", 0.1), ("m", 0.001)),
    "km": (("mi", 1 / 1.609344),), "kg": (("lb", 2.204623), ("t", 0.001)), "Nm": (("lbft", 0.737562),),
    "km/h": (("mph", 1 / 1.609344),), "L": (("gal", 1 / 3.785412), ("mL", 1000.0)), "h": (("min", 60.0),),
    "kWh/100km": (("Wh/km", 10.0),), "L/100km": (),
}  # fmt: skip
"""For the unit values are kept in: how many times larger the figure is if it was taken down in another."""
_MPG = 235.2146
_FAR = 0.4


def compare_trims(trims: Sequence[TrimFacts], *, tell: Callable[[], object] = lambda: None) -> list[Finding]:
    """What stands out among its like; a value that looks like another unit's is said once, by that.

    `tell` is called again and again and may raise.
    """
    mixed = list(_mixed_units(trims, tell))
    said = {(finding.subject_id, finding.about) for finding in mixed}
    return [*mixed, *(one for one in _unusual(trims, tell) if (one.subject_id, one.about) not in said)]


def segment_of(trim: TrimFacts) -> tuple[str, str]:
    """What a trim is compared within: its body, and whether it drives by battery."""
    drives = "electric" if trim.energy == Energy.ELECTRIC.value else "fuel"
    return str(trim.parameters.get("body", "")), drives


def _unusual(trims: Sequence[TrimFacts], tell: Callable[[], object]) -> Iterator[Finding]:
    segments: dict[tuple[str, str], list[TrimFacts]] = defaultdict(list)
    for trim in trims:
        segments[segment_of(trim)].append(trim)
    for alike in segments.values():
        for parameter in _measured():
            tell()
            known = [(trim, value) for trim in alike if (value := trim.number(parameter.code)) and value > 0]
            if len(known) >= FEWEST_ALIKE:
                yield from _outliers(parameter, known)


def _measured() -> Iterable[Parameter]:
    """Parameters that are measured; what a maker decides, such as a warranty, is as it is."""
    known = specification_dictionary().parameters.values()
    return (p for p in known if p.type is ParameterType.NUMBER and p.unit and p.group in _MEASURED_GROUPS)


def _outliers(parameter: Parameter, known: Sequence[tuple[TrimFacts, float]]) -> Iterator[Finding]:
    """Further from the median than seven robust deviations, on a scale of proportions."""
    logs = [math.log(value) for _trim, value in known]
    middle = statistics.median(logs)
    spread = max(_LEAST_SPREAD, 1.4826 * statistics.median(abs(value - middle) for value in logs))
    for (trim, value), place in zip(known, logs, strict=True):
        if abs(place - middle) <= max(FURTHEST * spread, math.log(_LEAST_FACTOR)):
            continue
        text = tr_noop("{parameter} is {value}; {n} trims of this kind have about {usual}")
        said = note(text, parameter=parameter.name, value=shown(parameter.code, value), n=len(known),
                    usual=shown(parameter.code, _rounded(parameter, math.exp(middle))))  # fmt: skip
        yield trim.finding(Rule.UNUSUAL, Severity.LOOK, said, codes=[parameter.code], about=parameter.code)


def _mixed_units(trims: Sequence[TrimFacts], tell: Callable[[], object]) -> Iterator[Finding]:
    """A value of one trim that is its sisters' value in another unit, to one part in a hundred."""
    series: dict[str, list[TrimFacts]] = defaultdict(list)
    for trim in trims:
        series[trim.series_id].append(trim)
    for sisters in series.values():
        if len(sisters) <= _FEWEST_OF_SERIES:
            continue
        tell()
        for parameter in _measured():
            known = [(trim, value) for trim in sisters if (value := trim.number(parameter.code)) and value > 0]
            for alike in _of_one_kind(parameter, known):
                yield from _in_other_units(parameter, alike)


def _of_one_kind(parameter: Parameter, known: Sequence[Known]) -> Iterable[Sequence[Known]]:
    """The trims whose values should be about the same: of engines those of the same displacement."""
    if not parameter.code.startswith("engine_"):
        return [known]
    engines: dict[float | None, list[Known]] = defaultdict(list)
    for trim, value in known:
        engines[trim.number("displacement")].append((trim, value))
    return engines.values()


def _in_other_units(parameter: Parameter, known: Sequence[Known]) -> Iterator[Finding]:
    ranked = sorted(value for _trim, value in known)
    if len(ranked) <= _FEWEST_OF_SERIES or ranked[-1] <= _ALIKE * ranked[0]:
        return
    found: dict[float, tuple[str, list[float]]] = {}
    for trim, value in known:
        if value not in found:
            others = list(ranked)
            others.remove(value)
            found[value] = _other_unit(parameter, value, others), others
        unit, others = found[value]
        if unit:
            yield _unit_finding(trim, parameter, value, unit, others)


def _other_unit(parameter: Parameter, value: float, others: Sequence[float]) -> str:
    """The unit in which a value would be the usual one of the others (in ascending order), empty for none."""
    if others[0] * 0.9 <= value <= others[-1] * _ALIKE:
        return ""
    middle = statistics.median(others)
    for unit, factor in _CONFUSED.get(parameter.unit, ()):
        if any(abs(value / (other * factor) - 1) < _NEAR for other in {*others, middle}):
            return unit
    # Around 15 both figures are the same: only what is far from the others tells the two apart.
    far = [other for other in others if abs(math.log(value / other)) > _FAR]
    if parameter.unit == "L/100km" and any(abs(value * other / _MPG - 1) < _NEAR for other in far):
        return "mpg"
    return ""


def _unit_finding(
    trim: TrimFacts, parameter: Parameter, value: float, unit: str, others: Sequence[float]
) -> Finding:
    usual = _rounded(parameter, statistics.median(others))
    text = tr_noop("{parameter} is {value}, its sisters have {usual}: it looks like a figure in {unit}")
    said = note(text, parameter=parameter.name, value=shown(parameter.code, value),
                usual=shown(parameter.code, usual), unit=units()[unit].symbol)  # fmt: skip
    return trim.finding(Rule.UNIT_MIXED, Severity.IMPLAUSIBLE, said, codes=[parameter.code], about=parameter.code)


def _rounded(parameter: Parameter, value: float) -> float:
    return round(value, parameter.places) if parameter.places else float(round(value))


def column_unit(code: str, pairs: Sequence[tuple[float, float]]) -> Note | None:
    """What it means that a whole column differs from what is known by one factor; pairs of (known, new) values."""
    parameter = specification_dictionary().parameters[code]
    useful = [(known, new) for known, new in pairs if known > 0 and new > 0]
    if len(useful) < 3:
        return None
    for unit, factor in _CONFUSED.get(parameter.unit, ()):
        fitting = sum(abs(new / (known * factor) - 1) < _NEAR for known, new in useful)
        if fitting * 10 >= len(useful) * 8:
            text = tr_noop("“{parameter}” is {factor} times what {n} trims have now: the column seems to be in {unit}")
            return note(text, parameter=label(code), factor=f"{factor:.4g}", n=fitting, unit=units()[unit].symbol)
    return None

