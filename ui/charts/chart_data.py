"""A chart with everything around it: its bars, what they open, and the same data as a table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from ui.charts.series import Series

Cell = str | int | Decimal
"""A table's cell: text, a number, or money."""


@dataclass(frozen=True, slots=True)
class ChartData:
    """`categories`, `series`, `said` as `Chart.show_series` takes them; `keys`: what a category opens, "" for
    nothing. `unit` stands on the value axis; `columns` and `rows` are the data as a table, one row a category.
    """

    categories: Sequence[str] = ()
    series: Sequence[Series] = ()
    said: Sequence[str] = ()
    keys: Sequence[str] = ()
    unit: str = ""
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = field(default=())
