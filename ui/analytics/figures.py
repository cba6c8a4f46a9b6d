"""What the manager's page reads in one go, and how it becomes charts."""

from dataclasses import dataclass
from decimal import Decimal

from app.analytics.queries import (
    Headline,
    MakeRow,
    MonthRow,
    StockAgeRow,
    get_headline,
    list_sales_by_make,
    list_sales_by_month,
    list_stock_age,
)
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr, trn
from app.staff.queries import BranchRow, list_branches
from ui.analytics.words import money_scale, month_tick, month_words, scaled_text
from ui.charts.chart_data import ChartData
from ui.charts.series import Series
from ui.kit import formats

MAKES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class BranchFigures:
    """The figures of one branch (or of all that this desk has data of) over a number of months."""

    headline: Headline
    months: tuple[MonthRow, ...]
    makes: tuple[MakeRow, ...]
    ages: tuple[StockAgeRow, ...]
    branches: tuple[BranchRow, ...]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show at all."""
        return not any(row.units for row in self.months) and not any(row.units for row in self.ages)


def read_figures(reader: Reader, *, months: int, branch_id: str | None) -> BranchFigures:
    """Everything the page shows; on a reader thread."""
    return BranchFigures(
        headline=get_headline(reader, branch_id=branch_id),
        months=list_sales_by_month(reader, months=months, branch_id=branch_id),
        makes=list_sales_by_make(reader, months=months, branch_id=branch_id, limit=MAKES_SHOWN),
        ages=list_stock_age(reader, branch_id=branch_id),
        branches=list_branches(reader),
    )


def vehicles(number: int) -> str:
    """ "41 vehicles"."""
    return trn("{n} vehicle", "{n} vehicles", number) if number < 1000 else tr("{n} vehicles", n=f"{number:,}")


def units_by_month(rows: tuple[MonthRow, ...]) -> ChartData:
    """Vehicles sold by month."""
    running = frozenset(n for n, row in enumerate(rows) if not row.complete)
    return ChartData(
        categories=[month_tick(row.month) for row in rows],
        series=[Series(tr("Sold"), [row.units for row in rows], labels=[str(r.units) for r in rows], running=running)],
        said=[f"{_month(row)}\n{vehicles(row.units)}\n{formats.yuan(row.price)}" for row in rows],
        keys=[row.month for row in rows],
        unit=tr("vehicles"),
        columns=[tr("Month"), tr("Vehicles sold"), tr("Agreed prices (¥)")],
        rows=[(row.month, row.units, row.price) for row in rows],
    )


def gross_by_month(rows: tuple[MonthRow, ...]) -> ChartData:
    """What vehicles brought above their cost, by month."""
    divisor, unit = money_scale(max((abs(row.gross) for row in rows), default=Decimal(0)))
    running = frozenset(n for n, row in enumerate(rows) if not row.complete)
    labels = [scaled_text(row.gross, divisor) for row in rows]
    values = [float(row.gross / divisor) for row in rows]
    return ChartData(
        categories=[month_tick(row.month) for row in rows],
        series=[Series(tr("Gross"), values, token="chart_3", labels=labels, running=running)],
        said=[f"{_month(row)}\n{formats.yuan(row.gross)}\n{vehicles(row.units)}" for row in rows],
        keys=[row.month for row in rows],
        unit=unit,
        columns=[tr("Month"), tr("Gross (¥)"), tr("Vehicles sold")],
        rows=[(row.month, row.gross, row.units) for row in rows],
    )


def units_by_make(rows: tuple[MakeRow, ...]) -> ChartData:
    """Vehicles sold by make, the largest first. The rest is in the table only: its bar would be no make's."""
    named = [row for row in rows if row.id]
    return ChartData(
        categories=[row.name for row in named],
        series=[Series(tr("Sold"), [row.units for row in named], labels=[f"{row.units:,}" for row in named])],
        said=[
            f"{row.name}\n{vehicles(row.units)}\n{tr('{amount} gross', amount=formats.yuan(row.gross))}"
            for row in named
        ],
        keys=[row.id for row in named],
        unit=tr("vehicles"),
        columns=[tr("Make"), tr("Vehicles sold"), tr("Gross (¥)")],
        rows=[(row.name or tr("Others"), row.units, row.gross) for row in rows],
    )


def stock_by_age(rows: tuple[StockAgeRow, ...]) -> ChartData:
    """Vehicles on the floor by how long they have been standing."""
    return ChartData(
        categories=[tr(row.label) for row in rows],
        series=[
            Series(
                tr("On the floor"), [row.units for row in rows], token="chart_2",
                labels=[f"{row.units:,}" for row in rows],
            )
        ],
        said=[
            f"{tr(row.label)}\n{vehicles(row.units)}\n{tr('{amount} cost', amount=formats.yuan(row.cost))}"
            for row in rows
        ],
        keys=[row.id if row.units else "" for row in rows],
        unit=tr("vehicles"),
        columns=[tr("Days on the floor"), tr("Vehicles"), tr("Cost (¥)")],
        rows=[(tr(row.label), row.units, row.cost) for row in rows],
    )  # fmt: skip


def _month(row: MonthRow) -> str:
    return month_words(row.month) if row.complete else tr("{month}, so far", month=month_words(row.month))
