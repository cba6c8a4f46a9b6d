"""Up to six trims side by side: what they have, what they cost over the years, drawn, printed, saved as sheets."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog

from app.catalog.interest import record_interest
from app.comparison.lines import MOST
from app.comparison.ownership import CostKind
from app.comparison.queries import (
    Comparison,
    ComparisonChoices,
    ComparisonTerms,
    get_choices,
    get_comparison,
    trims_in_stock,
)
from app.kernel.changes import Changes
from app.runtime.language import tr, tr_noop
from ui.comparison.comparison_actions import comparison_actions
from ui.comparison.comparison_head import ComparisonHead, trim_lookup
from ui.comparison.comparison_views import CHARTS, COSTS, SPECIFICATIONS, VIEWS, ComparisonViews, ViewTools, view_choice
from ui.comparison.paper_and_sheets import ask_for_workbook, comparison_paper, write_workbook
from ui.comparison.side_table import WIDEST
from ui.comparison.terms_panel import TermsPanel
from ui.comparison.trim_set import keep_terms, kept_terms, moved_trim, without_trim
from ui.comparison.trim_strip import TrimStrip
from ui.kit.context import PageContext
from ui.kit.editing import SheetPage
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.picture_loading import load_main
from ui.kit.theme import theme

WATCHES = ("make", "series", "model_year", "trim", "vehicle_unit")
_PICTURES = ("attachment",)
_ROOM_FOR_MAKES, _ROOM_FOR_PICTURES, _ROOM_FOR_CHARTS = 600, 700, 860
"""Heights in pixels of the design: on a lower page table or charts need the room of makes and pictures more."""


class ComparisonPage(SheetPage):
    """Opened with `trim_ids` it compares these, perhaps for a `customer_id`; else what was compared last here."""

    title = tr_noop("Comparison")
    scope = "comparison"

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.terms = ComparisonTerms(trim_ids=(), everything=False)
        self.comparison: Comparison | None = None
        self.choices: ComparisonChoices | None = None
        self._restored = self._stale = False
        self._pictured: tuple[str, ...] = ()
        self._looked: set[str] = set()
        self.lookup = trim_lookup(context)
        self.lookup.edited.connect(self._on_lookup_edited)
        self.view = view_choice()
        self.view.chosen.connect(self.show_view)
        self.strip = TrimStrip()
        self.strip.moved.connect(self.move_trim)
        self.strip.removed.connect(self.remove_trim)
        self.strip.baseline_chosen.connect(self.choose_baseline)
        self.strip.price_wanted.connect(self.ask_price)
        self.strip.reached.connect(self._on_card_reached)
        self.tools = ViewTools(on_assumptions=self.open_assumptions, on_axes=self.open_axes)
        self.tools.lines_chosen.connect(self._on_lines_chosen)
        self.tools.years_chosen.connect(self._on_years_chosen)
        self.views = ComparisonViews(context, on_stock=self.compare_stock)
        self.views.laid_out.connect(self._align)
        self.views.specifications.rested.connect(self._on_rested)
        self.views.costs.wanted.connect(self._on_cost_wanted)
        self.questions = TermsPanel(self, context, panel=self.panel, terms=lambda: self.terms, take=self._take)
        self._build()
        self._add_actions()

    # --- building --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.tools.setSizePolicy(self.view.sizePolicy())
        choosing = row(self.lookup, self.view, STRETCH, gap=12)
        choosing.setStretch(0, 100)  # as wide as it may become; the rest stays empty
        body = column(ComparisonHead(boxed(choosing), self.tools), self.strip, gap=12)
        body.addWidget(self.views, 1)
        self.set_main_view(boxed(body))
        self._name_controls()
        self._show_counted()

    def _add_actions(self) -> None:
        for action, place in comparison_actions(self, enabled=self._has_trims):
            self.add_action(action, primary=place == "primary", button=place == "button", menu=place == "menu")
        self._enable_buttons()

    # --- life ------------------------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        wanted = params.get("trim_ids")
        if wanted:
            self.close_sheet()
            self._restored = True
            kept = tuple(dict.fromkeys(str(one) for one in wanted))
            if len(kept) > MOST:
                self.messages.show_info(lambda: tr("The first {n} of {all} are shown.", n=MOST, all=len(kept)))
            customer_id = str(params.get("customer_id") or "")
            self._take(
                replace(
                    self.terms, trim_ids=kept[:MOST], reference_id="", prices=(), rates=(), customer_id=customer_id
                )
            )
        elif not self._restored:
            self._restored = True
            self._restore()
        elif self._stale:
            self.fetch()
        self._stale = False
        if self.sheet is None:
            (self.views.specifications if self._has_trims() else self.lookup.focus_widget()).setFocus()

    def on_changes(self, changes: Changes, initiator: object) -> None:
        if changes.touches(*_PICTURES):
            self._pictured = ()
        if not changes.touches(*WATCHES, *_PICTURES) or not self.terms.trim_ids:
            return
        if self.isVisible():
            self.fetch()
        else:
            self._stale = True

    def retranslate(self) -> None:
        super().retranslate()
        if hasattr(self, "questions"):
            self._name_controls()
            self._show_comparison()

    def _name_controls(self) -> None:
        self.tools.differing.setText(tr("Only what differs"))
        self.lookup.set_name(tr("Add a trim"))

    # --- the set of trims ------------------------------------------------------------------------

    def add_trim(self, trim_id: str) -> None:
        """One more column; says so where there is no room or it stands there already."""
        if trim_id in self.terms.trim_ids:
            self.messages.show_info(tr_noop("This trim stands here already."))
            return
        if len(self.terms.trim_ids) >= MOST:
            self.messages.show_info(lambda: tr("{most} trims fit side by side. Take one away first.", most=MOST))
            return
        self.messages.clear()
        self._take(replace(self.terms, trim_ids=(*self.terms.trim_ids, trim_id)))

    def remove_trim(self, trim_id: str) -> None:
        """One column less."""
        self.messages.clear()
        self._take(without_trim(self.terms, trim_id))

    def move_trim(self, here: int, there: int) -> None:
        """A column to another place."""
        self._take(moved_trim(self.terms, here, there))

    def choose_baseline(self, trim_id: str) -> None:
        """The trim the others are measured by."""
        self._take(replace(self.terms, reference_id=trim_id))

    def clear(self) -> None:
        """No trims, no prices, no customer: as for the next one."""
        self.panel.close_panel()
        self._take(replace(self.terms, trim_ids=(), reference_id="", prices=(), rates=(), customer_id=""))
        self.focus_lookup()

    def compare_stock(self) -> None:
        """The models of which most stand free in the house."""
        self.context.operations.run_query(self, trims_in_stock, on_done=self._on_stock, key="stock")

    def _on_stock(self, trim_ids: tuple[str, ...]) -> None:
        if trim_ids:
            self._take(replace(self.terms, trim_ids=trim_ids, reference_id=""))
        else:
            self.messages.show_info(tr_noop("Nothing stands free in the house. Add trims by name."))

    def focus_lookup(self) -> None:
        """Where trims are added."""
        self.lookup.focus_widget().setFocus()

    def fetch(self) -> None:
        """Work everything out again."""
        if self.choices is None:
            self.context.operations.run_query(self, get_choices, on_done=self._on_choices, key="choices")
        if not self.terms.trim_ids:
            self.comparison = None
            self._show_comparison()
            return
        self.context.operations.run_query(
            self, get_comparison, self.terms, on_done=self._on_comparison, key="comparison", first=True
        )

    def _take(self, terms: ComparisonTerms) -> None:
        self.terms = terms
        keep_terms(self.context, self.terms)
        self.fetch()

    def _has_trims(self) -> bool:
        return bool(self.terms.trim_ids) and self.sheet is None

    def _restore(self) -> None:
        self.terms = kept_terms(self.context, self.terms)
        self.tools.everything.set_value(self.terms.everything)
        self.fetch()

    # --- showing ---------------------------------------------------------------------------------

    def show_view(self, name: str) -> None:
        """Specifications, costs or charts."""
        if self.sheet is not None:
            return
        self.view.set_value(name)
        self.panel.close_panel()
        self._show_comparison()
        table = self.views.table_of(name)
        if table is not None:
            table.setFocus()

    def _on_choices(self, choices: ComparisonChoices) -> None:
        self.choices = choices
        if self.terms.assumed is None:
            self.tools.years.set_value(choices.usual.years)

    def _on_comparison(self, comparison: Comparison) -> None:
        self.comparison = comparison
        still = tuple(trim.id for trim in comparison.trims)
        if still != self.terms.trim_ids:
            self.terms = replace(self.terms, trim_ids=still)
            keep_terms(self.context, self.terms)
        self._show_comparison()
        self._fetch_pictures(still)

    def _fetch_pictures(self, trim_ids: tuple[str, ...]) -> None:
        """Once for each set of trims; moving a column needs none."""
        if set(trim_ids) == set(self._pictured) and self._pictured:
            return
        self._pictured = trim_ids
        size = QSize(theme().px(WIDEST), theme().px(WIDEST * 3 // 4)) * self.devicePixelRatioF()
        self.context.operations.run_query(
            self, load_main, "trim", trim_ids, size, on_done=self.strip.show_pictures, key="pictures"
        )

    def _show_comparison(self) -> None:
        found = self.comparison
        view, something = self.view.value(), found is not None and bool(found.trims)
        self._enable_buttons()
        self._show_counted()
        self.tools.setCurrentIndex(VIEWS.index(view))
        self.tools.setVisible(something)
        self.strip.setVisible(something)
        if found is None or not something:
            self.views.show_nothing()
            self.strip.show_trims((), baseline=0)
            return
        self.views.turn_to(view)
        self.tools.years.set_value(found.assumed.years)
        self._show_room()
        self.views.show_comparison(found, view=view, terms=self.terms)
        self.strip.show_trims(found.trims, baseline=found.reference)
        self._align()

    def _show_room(self) -> None:
        needed = _ROOM_FOR_CHARTS if self.view.value() == CHARTS else _ROOM_FOR_PICTURES
        high, look = self.height(), theme()
        self.strip.show_room(roomy=high >= look.px(needed), low=high < look.px(_ROOM_FOR_MAKES))
        self.views.show_room(high >= look.px(_ROOM_FOR_MAKES))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "strip"):
            self._show_room()

    def _show_counted(self) -> None:
        count = len(self.terms.trim_ids)
        name = self.comparison.prepared_for if self.comparison is not None else ""

        def said() -> str:
            counted = tr("{n} of {most} trims", n=count, most=MOST)
            return " · ".join((counted, tr("Prepared for {name}", name=name))) if name else counted

        self.set_subtitle(said if count else "")

    def _enable_buttons(self) -> None:
        for name in ("comparison.sheets", "comparison.print", "comparison.customer"):
            button = self.header_button(name)
            if button is not None:
                button.setEnabled(self._has_trims())

    def _align(self) -> None:
        table = self.views.table_of(self.view.value())
        if table is None:
            self.strip.align_evenly()
        else:
            self.strip.align(table.place_of, names_width=table.names_width)

    def _on_card_reached(self, number: int) -> None:
        table = self.views.table_of(self.view.value())
        if table is not None:
            table.show_trim(number)

    def _on_lines_chosen(self) -> None:
        self.terms = replace(
            self.terms,
            differences_only=self.tools.differing.isChecked(),
            everything=bool(self.tools.everything.value()),
        )
        keep_terms(self.context, self.terms)
        self._show_comparison()

    # --- what is asked in the panel --------------------------------------------------------------

    def _on_years_chosen(self, years: int) -> None:
        self.questions.keep_for(years, self.choices)

    def open_assumptions(self) -> None:
        """What the costs take for granted, in the panel."""
        if self.choices is None:
            return
        if self.view.value() == SPECIFICATIONS:
            self.show_view(COSTS)
        self.questions.ask_assumptions(self.choices)

    def open_axes(self) -> None:
        """Which axes the radar has, in the panel."""
        if self.comparison is None:
            return
        self.show_view(CHARTS)
        self.questions.ask_axes(self.comparison)

    def ask_price(self, trim_id: str, about: CostKind = CostKind.PRICE) -> None:
        """Which price a trim is compared at and what it consumes, in the panel."""
        found = self.comparison
        trim = next((one for one in found.trims if one.id == trim_id), None) if found is not None else None
        if found is not None and trim is not None:
            self.questions.ask_price(trim, found.assumed, about=about)

    def _on_cost_wanted(self, place: int, code: str) -> None:
        if self.comparison is not None:
            self.ask_price(self.comparison.trims[place].id, CostKind(code))

    def _on_rested(self, code: str) -> None:
        """The cursor stayed on a parameter: that counts for the order, once while the page lives."""
        if code not in self._looked:
            self._looked.add(code)
            self.context.operations.run_command(self, record_interest((code,)))

    # --- paper and sheets ------------------------------------------------------------------------

    def open_paper(self) -> None:
        """The comparison as it will be printed; printed at once where it stands there already."""
        from ui.kit.paper_sheet import PaperSheet

        if isinstance(self.sheet, PaperSheet):
            self.sheet.print()
            return
        sheet = comparison_paper(self.context, self.terms, on_back=self.close_sheet)
        self.open_sheet(sheet, tr_noop("Vehicle comparison"))

    def save_sheets(self) -> QFileDialog:
        """Ask where the workbook goes, then make and write it."""
        return ask_for_workbook(self, self.context, on_chosen=self.write_sheets)

    def write_sheets(self, path: Path) -> None:
        """The workbook in the language in use."""
        write_workbook(self, self.context, self.terms, path=path)

    def main_view_back(self) -> None:
        self._enable_buttons()
        self._show_comparison()

    # --- slots -----------------------------------------------------------------------------------

    def _on_lookup_edited(self) -> None:
        chosen = self.lookup.chosen
        if chosen is not None:
            self.lookup.choose(None)
            self.add_trim(str(chosen.value))
