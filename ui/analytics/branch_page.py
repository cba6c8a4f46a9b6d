"""The branch manager's page: headline numbers with their comparison, and charts whose bars open what is behind them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.analytics.queries import Figure
from app.kernel.changes import Changes
from app.kernel.money import format_money
from app.kernel.months import Month
from app.runtime.language import pick, tr, tr_noop, trn
from ui.analytics.drill_list import aged_units_list, sold_orders_list
from ui.analytics.figure_card import FigureCard
from ui.analytics.figures import (
    BranchFigures,
    gross_by_month,
    read_figures,
    stock_by_age,
    units_by_make,
    units_by_month,
    vehicles,
)
from ui.analytics.words import change_words, month_words
from ui.charts.card_grid import CardGrid
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Choice, Segmented
from ui.kit.feedback import EmptyState
from ui.kit.filters import Facet, FacetChip, FacetOption
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, column, row
from ui.kit.page import Page
from ui.kit.text import Words
from ui.kit.theme import set_role

WATCHED = ("sales_order", "vehicle_unit", "make")
PERIODS = (6, 12, 24)
FIGURE_LEAST, CHART_LEAST = 164, 430


class BranchPage(Page):
    """Everything from the desk's own data, also without the network."""

    title = tr_noop("Branch figures")
    scope = "analytics"

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.figures: BranchFigures | None = None
        self._stale = True
        self._focus_due = False
        self.period = Segmented([_period(months) for months in PERIODS], name=tr_noop("Period"))
        self.period.set_value(PERIODS[-1])
        self.branch = FacetChip(Facet("branch_id", tr_noop("Branch"), single=True))
        self.branch.set_chosen([context.actor.branch_id])
        self._make_cards()
        self.set_body(self._build_body())
        self.period.chosen.connect(lambda _months: self.fetch())
        self.branch.changed.connect(self.fetch)
        self._add_actions()

    # --- life ------------------------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        if self._stale:
            self.fetch()
        self._focus_due = self.figures is None
        if not self._focus_due:
            self.units.focus_view()

    def on_changes(self, changes: Changes, initiator: object) -> None:
        if not changes.touches(*WATCHED):
            return
        self._stale = True
        if self.isVisible():
            self.fetch()

    def retranslate(self) -> None:
        super().retranslate()
        if getattr(self, "figures", None) is not None:
            self._show_figures()

    def fetch(self) -> None:
        """Read everything again."""
        self._stale = False
        self.set_loading(self.figures is None)
        self.context.operations.run_query(
            self, read_figures, months=self.period.value(), branch_id=self.branch_id, on_done=self._on_read,
            on_error=self._on_read_failed, key="figures",
        )  # fmt: skip

    @property
    def branch_id(self) -> str | None:
        """The branch chosen; None for all."""
        chosen = self.branch.chosen()
        return str(chosen[0]) if chosen else None

    def _on_read(self, figures: BranchFigures) -> None:
        self.figures = figures
        self.set_loading(False)
        self.branch.set_options([FacetOption(b.id, _name_of(b.name_zh, b.name_en)) for b in figures.branches])
        self.set_empty(_nothing_yet() if figures.empty else None)
        self._show_figures()
        if self._focus_due:
            self._focus_due = False
            self.units.focus_view()

    def _on_read_failed(self, _error: BaseException) -> bool:
        self.set_loading(False)
        return False

    # --- showing ---------------------------------------------------------------------------------

    def _show_figures(self) -> None:
        assert self.figures is not None
        figures, number = self.figures, len(self.figures.months)
        now = self.context.clock.now()
        self.set_subtitle(lambda: _compared(figures.headline.month, now))
        self._show_headline()
        span = trn("last {n} month", "last {n} months", number)
        self.units.show_data(units_by_month(figures.months), span)
        self.gross.show_data(gross_by_month(figures.months), span)
        others = next((row.units for row in figures.makes if not row.id), 0)
        rest = tr("{span}, others {n}", span=span, n=formats.count(others)) if others else span
        self.makes.show_data(units_by_make(figures.makes), rest)
        self.ages.show_data(stock_by_age(figures.ages), tr("on the floor now"))

    def _show_headline(self) -> None:
        assert self.figures is not None
        head = self.figures.headline
        sold, gross, each, stock = head.units_sold, head.gross, head.gross_per_unit, head.stock_units
        _compare(self.sold_card, sold, lambda value: formats.count(int(value)))
        _compare(self.gross_card, gross, format_money)
        _compare(self.each_card, each, format_money)
        self.stock_card.show_figure(
            lambda: formats.count(int(stock.value)),
            lambda: change_words(stock),
            further=lambda: tr("{amount} cost", amount=format_money(head.stock_cost.value)),
            direction=_direction(stock),
        )
        days = head.average_age_days
        self.age_card.show_figure(
            lambda: "–" if days is None else trn("{n} day", "{n} days", days),
            lambda: tr("{vehicles} over 90 days", vehicles=vehicles(head.units_over_90_days)),
        )

    # --- what is behind a bar --------------------------------------------------------------------

    def _open_month(self, month: str) -> None:
        content = sold_orders_list(self.context, month=month, branch_id=self.branch_id)
        found = next((r for r in self.figures.months if r.month == month), None) if self.figures else None
        if found is not None:
            self.panel.show_content(
                lambda: month_words(month), content, subtitle=lambda: _sum_words(found.units, found.gross)
            )

    def _open_make(self, make_id: str) -> None:
        found = next((r for r in self.figures.makes if r.id == make_id), None) if self.figures else None
        content = sold_orders_list(self.context, make_id=make_id, branch_id=self.branch_id, months=self.period.value())
        if found is not None:
            self.panel.show_content(lambda: found.name, content, subtitle=lambda: _sum_words(found.units, found.gross))

    def _open_age(self, age: str) -> None:
        found = next((r for r in self.figures.ages if r.id == age), None) if self.figures else None
        content = aged_units_list(self.context, age=age, branch_id=self.branch_id)
        if found is not None:
            self.panel.show_content(
                lambda: tr(found.label), content,
                subtitle=lambda: f"{vehicles(found.units)} · {tr('{amount} cost', amount=formats.yuan(found.cost))}",
            )  # fmt: skip

    # --- building --------------------------------------------------------------------------------

    def _make_cards(self) -> None:
        # Here and not above: pyqtgraph is imported with the first chart, not with the page's module.
        from ui.charts.bars import BarChart, RankChart
        from ui.charts.chart_card import ChartCard

        context = self.context
        self.sold_card = FigureCard(tr_noop("Sold this month"))
        self.gross_card = FigureCard(tr_noop("Gross this month"))
        self.each_card = FigureCard(tr_noop("Gross a vehicle"))
        self.stock_card = FigureCard(tr_noop("Vehicles on the floor"))
        self.age_card = FigureCard(tr_noop("Average time on the floor"))
        by_month, gross = tr_noop("Vehicles sold by month"), tr_noop("Gross by month")
        by_make, by_age = tr_noop("Vehicles sold by make"), tr_noop("Stock by age")
        self.units = ChartCard(context, "units-by-month", by_month, chart=BarChart(by_month))
        self.gross = ChartCard(context, "gross-by-month", gross, chart=BarChart(gross))
        self.makes = ChartCard(context, "units-by-make", by_make, chart=RankChart(by_make))
        self.ages = ChartCard(context, "stock-by-age", by_age, chart=RankChart(by_age))
        self.units.chosen.connect(self._open_month)
        self.gross.chosen.connect(self._open_month)
        self.makes.chosen.connect(self._open_make)
        self.ages.chosen.connect(self._open_age)

    def _build_body(self) -> QWidget:
        cards = (self.sold_card, self.gross_card, self.each_card, self.stock_card, self.age_card)
        self.figure_grid = CardGrid(cards, narrowest=FIGURE_LEAST)
        self.chart_grid = CardGrid((self.units, self.gross, self.makes, self.ages), narrowest=CHART_LEAST)
        inner = QWidget()
        set_role(inner, "plain")
        stack = column(self.figure_grid, gap=12)
        stack.addWidget(self.chart_grid, 1)
        inner.setLayout(stack)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it follows the focus of what it holds
        scroll.setWidget(inner)
        body = QWidget()
        outer = column(row(self.period, self.branch, STRETCH, gap=12), gap=12)
        outer.addWidget(scroll, 1)
        body.setLayout(outer)
        return body

    def charts(self) -> tuple[Any, ...]:
        """The chart cards, in their order."""
        return (self.units, self.gross, self.makes, self.ages)

    def _add_actions(self) -> None:
        self.add_action(
            Action("analytics.refresh", tr_noop("Fetch again"), self.fetch, key=Key.REFRESH, icon="refresh-cw")
        )
        self.add_action(
            Action("analytics.tables", tr_noop("Charts as tables"), self._switch_all, key="Ctrl+T", icon="list"),
            button=True,
        )
        for card in self.charts():
            self._add_saving(card)

    def _add_saving(self, card: Any) -> None:
        def named(text: str) -> Words:
            return lambda: tr(text, chart=card.chart.accessibleName())

        data = Action(f"analytics.data.{card.key}", named(tr_noop("Save data: {chart}")), card.ask_data)
        picture = Action(f"analytics.picture.{card.key}", named(tr_noop("Save picture: {chart}")), card.ask_picture)
        self.add_action(replace(data, icon="file-spreadsheet"), menu=True)
        self.add_action(replace(picture, icon="file-text"))

    def _switch_all(self) -> None:
        to_table = not all(card.shows_table for card in self.charts())
        for card in self.charts():
            if card.shows_table != to_table:
                card.switch_view()
        self.units.focus_view()


def _compare(card: FigureCard, figure: Figure, write: Callable[[Decimal], str]) -> None:
    before, direction = figure.previous, _direction(figure)
    card.show_figure(
        lambda: write(figure.value),
        lambda: change_words(figure),
        further=lambda: "" if before is None else tr("before: {value}", value=write(before)),
        direction=direction,
        tone="good" if direction > 0 else "bad",
    )


def _direction(figure: Figure) -> int:
    change = figure.change or 0
    return (change > 0) - (change < 0)


def _compared(month: str, now: datetime) -> str:
    before = str(Month.parse(month).plus(-1))
    return tr(
        "{month} to {time}, against as much of {before}",
        month=month_words(month), time=formats.moment(now)[5:], before=month_words(before),
    )  # fmt: skip


def _period(months: int) -> Choice:
    return Choice(months, lambda: trn("{n} month", "{n} months", months))


def _name_of(zh: str, en: str) -> Words:
    return lambda: pick(zh, en)


def _sum_words(units: int, gross: Any) -> str:
    return f"{vehicles(units)} · {tr('{amount} gross', amount=formats.yuan(gross))}"


def _nothing_yet() -> EmptyState:
    return EmptyState(
        tr_noop("No figures yet"),
        tr_noop("They appear with the first vehicle on the floor and the first confirmed order."),
        icon="bar-chart",
    )
