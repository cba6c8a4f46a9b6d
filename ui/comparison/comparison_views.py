"""The three views of a comparison - specifications, costs, charts -, and what each of them has for tools."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QStackedWidget, QWidget

from app.comparison.cost_rows import assumption_pairs
from app.comparison.queries import Comparison, ComparisonTerms
from app.comparison.rules import SPANS
from app.runtime.language import language, tr_noop
from ui.comparison.assumption_form import years_words
from ui.comparison.side_model import SideModel, cost_rows, specification_rows
from ui.comparison.side_table import SideTable
from ui.comparison.trim_strip import trim_words
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label, Segmented
from ui.kit.feedback import EmptyState
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.theme import set_size

SPECIFICATIONS, COSTS, CHARTS = "specifications", "costs", "charts"
VIEWS = (SPECIFICATIONS, COSTS, CHARTS)


def view_choice() -> Segmented:
    """Which of the views is shown."""
    view = Segmented(
        [Choice(SPECIFICATIONS, tr_noop("Specifications")), Choice(COSTS, tr_noop("Costs")),
         Choice(CHARTS, tr_noop("Charts"))], name=tr_noop("Show"),
    )  # fmt: skip
    view.set_value(SPECIFICATIONS)
    view.setSizePolicy(QSizePolicy.Policy.Fixed, view.sizePolicy().verticalPolicy())  # or its words would be cut
    return view


class ViewTools(QStackedWidget):
    """`lines_chosen` when other lines are to be shown, `years_chosen` when the costs are to span other years."""

    lines_chosen = Signal()
    years_chosen = Signal(object)

    def __init__(self, *, on_assumptions: Callable[[], None], on_axes: Callable[[], None]) -> None:
        super().__init__()
        self.everything = Segmented(
            [Choice(False, tr_noop("Key figures")), Choice(True, tr_noop("Everything"))], name=tr_noop("How much")
        )
        self.everything.set_value(False)
        self.everything.chosen.connect(lambda _value: self.lines_chosen.emit())
        self.differing = QCheckBox()
        self.differing.toggled.connect(lambda _on: self.lines_chosen.emit())
        self.years = Segmented(
            [Choice(years, partial(years_words, years)) for years in SPANS], name=tr_noop("Kept for")
        )
        self.years.chosen.connect(self.years_chosen)
        assumptions = Button(tr_noop("Assumptions"), icon="sliders-horizontal", on_click=on_assumptions)
        axes = Button(tr_noop("Axes"), icon="sliders-horizontal", on_click=on_axes)
        self._rows = [
            row(STRETCH, self.differing, self.everything, STRETCH, gap=16),
            row(STRETCH, self.years, assumptions, STRETCH, gap=12),
            row(STRETCH, axes, STRETCH, gap=12),
        ]
        for line in self._rows:
            self.addWidget(boxed(line))
        self.lean(left=False)

    def lean(self, *, left: bool) -> None:
        """To the left below other controls, to the right beside them."""
        for line in self._rows:
            line.setStretch(0, 0 if left else 1)
            line.setStretch(line.count() - 1, 1 if left else 0)


class ComparisonViews(QStackedWidget):
    """Specifications and costs side by side, the charts, or what to do first. `laid_out` when columns moved."""

    laid_out = Signal()

    def __init__(self, context: PageContext, *, on_stock: Callable[[], None]) -> None:
        super().__init__()
        self._context = context
        self._charts: QWidget | None = None
        self.specifications = SideTable(SideModel(), tr_noop("Specifications side by side"))
        self.costs = SideTable(SideModel(), tr_noop("Costs side by side"))
        for table in (self.specifications, self.costs):
            table.laid_out.connect(partial(self._on_laid_out, table))
        self.costs.explained.connect(self._on_explained)
        self._legend = Label(
            tr_noop("Bar: differs · ✓: the best · Order: core first, then what is looked at most on this desk"),
            role="secondary",
        )  # fmt: skip
        self._explained = Label("", role="secondary", wrap=True)
        set_size(self._explained, height=34, at_least=True)
        self._assumed = Label("", role="secondary", wrap=True)
        self._nothing = EmptyState(
            tr_noop("Nothing to compare yet"),
            tr_noop("Add two to six trims by name above, or collect them in the catalogue."),
            icon="git-compare",
            action=Button(tr_noop("Compare what stands in stock"), kind="primary", on_click=on_stock),
        )
        self._lay_out()

    def _lay_out(self) -> None:
        costs = column(self._assumed, gap=8)
        costs.addWidget(self.costs, 1)
        costs.addWidget(self._explained)
        specifications = column(gap=8)
        specifications.addWidget(self.specifications, 1)
        specifications.addWidget(self._legend)
        self.addWidget(boxed(specifications))
        self.addWidget(boxed(costs))
        self._chart_place = column()
        self.addWidget(boxed(self._chart_place))
        self.addWidget(self._nothing)

    def table_of(self, view: str) -> SideTable | None:
        """The table of a view; the charts have none."""
        return {SPECIFICATIONS: self.specifications, COSTS: self.costs}.get(view)

    def show_room(self, roomy: bool) -> None:
        """Without room the table goes before what is said around it."""
        self._legend.setVisible(roomy)
        self._assumed.setVisible(roomy)

    def turn_to(self, view: str) -> None:
        """Show this view."""
        self.setCurrentIndex(VIEWS.index(view))

    def show_nothing(self) -> None:
        """Say what to do first."""
        self.setCurrentWidget(self._nothing)

    def show_comparison(self, found: Comparison, *, view: str, terms: ComparisonTerms) -> None:
        """Fill a view."""
        names = [partial(trim_words, trim) for trim in found.trims]
        if view == SPECIFICATIONS:
            chosen = found.chosen(
                differences_only=terms.differences_only, everything=terms.everything
            )  # the switches need no new reading
            self.specifications.model().show_rows(names, specification_rows(chosen))  # type: ignore[attr-defined]
        elif view == COSTS:
            self.costs.model().show_rows(names, cost_rows(found))  # type: ignore[attr-defined]
            self._assumed.set_text(" · ".join(f"{n} {v}" for n, v in assumption_pairs(found, language())[:5]))
        else:
            self._show_charts(found)

    def _show_charts(self, found: Comparison) -> None:
        if self._charts is None:
            from ui.comparison.chart_cards import ChartCards  # pyqtgraph costs a quarter of a second

            self._charts = ChartCards(self._context)
            self._chart_place.addWidget(self._charts)
        self._charts.show_comparison(found)  # type: ignore[attr-defined]

    def _on_laid_out(self, table: SideTable) -> None:
        if table.isVisible():
            self.laid_out.emit()

    def _on_explained(self, said: Any) -> None:
        self._explained.set_words(said)
