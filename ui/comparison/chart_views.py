"""What the charts of the comparison show, with the same as tables."""

from collections.abc import Sequence
from decimal import Decimal

from app.comparison.cost_rows import STACK, bars_of, missing_words
from app.comparison.queries import Comparison
from app.runtime.language import language, tr
from ui.charts.chart_data import ChartData
from ui.charts.series import Series
from ui.kit import formats
from ui.kit.text import Words


def cost_data(comparison: Comparison) -> tuple[ChartData, list[str]]:
    """Stretches by trim, as a table with the sums, and the words at the ends of the bars."""
    parts = [bars_of(cost) for cost in comparison.costs]
    names = short_names(comparison)
    series = [
        Series(_translated(label), [float(stretches[number]) for stretches in parts])
        for number, (label, _kinds) in enumerate(STACK)
    ]
    totals = [
        formats.yuan(cost.total) if cost.complete else f"{formats.yuan(cost.total)} · {tr('incomplete')}"
        for cost in comparison.costs
    ]
    said = [
        "\n".join([str(trim.name), *_stretch_words(stretches), f"{tr('Cost of ownership')}: {total}", *_missing(cost)])
        for trim, stretches, total, cost in zip(comparison.trims, parts, totals, comparison.costs, strict=True)
    ]
    rows: list[list[str | int | Decimal]] = [
        [str(trim.name), *stretches, cost.total]
        for trim, stretches, cost in zip(comparison.trims, parts, comparison.costs, strict=True)
    ]
    columns = [tr("Model"), *(tr(label) for label, _kinds in STACK), tr("Cost of ownership")]
    keys = [trim.id for trim in comparison.trims]
    data = ChartData(names, series, said, keys, tr("yuan"), columns, rows)
    return data, totals


def short_names(comparison: Comparison) -> list[str]:
    """Series and trim of each; where two are called alike, with the year, too."""
    names = [f"{trim.series} {trim.trim}" for trim in comparison.trims]
    return [
        name if names.count(name) == 1 else f"{trim.series} {trim.year} {trim.trim}"
        for name, trim in zip(names, comparison.trims, strict=True)
    ]


def _stretch_words(stretches: Sequence[Decimal]) -> list[str]:
    return [
        f"{tr(label)}: {formats.yuan(amount)}"
        for (label, _kinds), amount in zip(STACK, stretches, strict=True)
        if amount
    ]


def _missing(cost: object) -> list[str]:
    said = missing_words(cost, language())  # type: ignore[arg-type]
    return [said] if said else []


def radar_data(comparison: Comparison) -> ChartData:
    """Shares of the best by axis; the table holds the values themselves, each with its share."""
    axes = comparison.axes
    names = [str(trim.name) for trim in comparison.trims]
    series = [
        Series(_ready(name), [axis.shares[place] for axis in axes])
        for place, name in enumerate(short_names(comparison))
    ]
    said = []
    rows: list[list[str | int | Decimal]] = []
    for axis in axes:
        better = tr("lower is better") if axis.lower_is_better else tr("higher is better")
        cells = [_value_words(str(text), share) for text, share in zip(axis.texts, axis.shares, strict=True)]
        said.append("\n".join([f"{axis.name} ({better})", *(f"{n}: {c}" for n, c in zip(names, cells, strict=True))]))
        rows.append([f"{axis.name} ({better})", *cells])
    return ChartData([str(axis.name) for axis in axes], series, said, (), "", [tr("Axis"), *names], rows)


def _value_words(text: str, share: float | None) -> str:
    return text if share is None else f"{text} · {round(share * 100)} %"


def _translated(text: str) -> Words:
    return lambda: tr(text)


def _ready(text: str) -> Words:
    return lambda: text
