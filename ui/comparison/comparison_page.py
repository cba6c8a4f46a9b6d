"""Up to six trims side by side: what they have, what they cost over the years, drawn, printed, saved as sheets."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QFileDialog, QStackedWidget, QWidget

from app.catalog.interest import record_interest
from app.catalog.queries import TrimRow
from app.comparison.cost_rows import assumption_pairs
from app.comparison.lines import MOST
from app.comparison.own_prices import OwnPrice, priced_units
from app.comparison.queries import (
    Comparison,
    ComparisonChoices,
    ComparisonTerms,
    comparison_pdf,
    comparison_sheets,
    find_trims_to_compare,
    get_choices,
    get_comparison,
    trims_in_stock,
)
from app.comparison.rules import SPANS
from app.kernel.changes import Changes
from app.kernel.permissions import Permission
from app.runtime.language import language, tr, tr_noop
from ui.comparison.assumption_form import AssumptionForm
from ui.comparison.customer_form import PreparedForForm
from ui.comparison.price_form import PriceForm
from ui.comparison.side_model import SideModel, cost_rows, specification_rows
from ui.comparison.side_table import WIDEST, SideTable
from ui.comparison.trim_strip import TrimStrip, trim_words
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.choice_editors import LookupEditor
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label, Segmented
from ui.kit.editing import SheetPage
from ui.kit.feedback import EmptyState
from ui.kit.form import Form
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.picture_loading import load_main
from ui.kit.text import words
from ui.kit.theme import set_size, theme

WATCHES = ("make", "series", "model_year", "trim", "vehicle_unit")
_PICTURES = ("attachment",)
_ROOM_FOR_TOOLS = 760
"""Width in pixels of the design that choosing and tools need beside each other."""
_ROOM_FOR_PICTURES, _ROOM_FOR_CHARTS = 700, 860
"""Heights in pixels of the design: on a lower page table or charts need the room of the pictures more."""
_KEY = "comparison"
_SPECIFICATIONS, _COSTS, _CHARTS = "specifications", "costs", "charts"
_AFTER_MS = 250


class ComparisonPage(SheetPage):
    """Opened with `trim_ids` it compares these, perhaps for a `customer_id`; else what was compared last here."""

    title = tr_noop("Comparison")
    scope = "comparison"

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.terms = ComparisonTerms(trim_ids=(), everything=False)
        self.comparison: Comparison | None = None
        self.choices: ComparisonChoices | None = None
        self.form: AssumptionForm | None = None
        self._restored = self._stale = False
        self._charts: QWidget | None = None
        self._question: Form | None = None
        self._pictured: tuple[str, ...] = ()
        self._looked: set[str] = set()
        self.lookup = LookupEditor(
            _search, context.operations, placeholder=tr_noop("Add a trim: make, series, year or initials")
        )
        self.lookup.set_name(words(tr_noop("Add a trim")))
        set_size(self.lookup, width=88, at_least=True)
        self.lookup.setMaximumWidth(theme().px(300))
        self.lookup.edited.connect(self._on_lookup_edited)
        self.view = Segmented(
            [Choice(_SPECIFICATIONS, tr_noop("Specifications")), Choice(_COSTS, tr_noop("Costs")),
             Choice(_CHARTS, tr_noop("Charts"))], name=tr_noop("Show"),
        )  # fmt: skip
        self.view.set_value(_SPECIFICATIONS)
        self.view.chosen.connect(self.show_view)
        self.strip = TrimStrip()
        self.strip.moved.connect(self.move_trim)
        self.strip.removed.connect(self.remove_trim)
        self.strip.baseline_chosen.connect(self.choose_baseline)
        self.strip.price_wanted.connect(self.ask_price)
        self.specifications = SideTable(SideModel(), tr_noop("Specifications side by side"))
        self.costs = SideTable(SideModel(), tr_noop("Costs side by side"))
        for table in (self.specifications, self.costs):
            table.laid_out.connect(partial(self._on_laid_out, table))
        self.costs.explained.connect(self._on_explained)
        self.specifications.rested.connect(self._on_rested)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_AFTER_MS)
        self._later.timeout.connect(self._on_form_settled)
        self._build()
        self._add_actions()

    # --- building --------------------------------------------------------------------------------

    def _build(self) -> None:
        self.everything = Segmented(
            [Choice(False, tr_noop("Key figures")), Choice(True, tr_noop("Everything"))], name=tr_noop("How much")
        )
        self.everything.set_value(False)
        self.everything.chosen.connect(lambda _value: self._on_lines_chosen())
        self.differing = QCheckBox()
        self.differing.toggled.connect(lambda _on: self._on_lines_chosen())
        self.years = Segmented(
            [Choice(years, lambda years=years: tr("{n} years", n=years)) for years in SPANS], name=tr_noop("Kept for")
        )
        self.years.chosen.connect(self._on_years_chosen)
        self.assumptions = Button(
            tr_noop("Assumptions"), icon="sliders-horizontal", on_click=self.open_assumptions
        )
        self.axes_button = Button(tr_noop("Axes"), icon="sliders-horizontal", on_click=self.open_axes)
        self._legend = Label(
            tr_noop("Bar: differs · ✓: the best · Order: core first, then what is looked at most on this desk"),
            role="secondary",
        )  # fmt: skip
        self._explained = Label("", role="secondary", wrap=True)
        set_size(self._explained, height=34, at_least=True)
        self._assumed = Label("", role="secondary", wrap=True)
        self._tools = QStackedWidget()
        self._tools.addWidget(boxed(row(self.differing, self.everything, gap=16)))
        self._tools.addWidget(boxed(row(self.years, self.assumptions, gap=12)))
        self._tools.addWidget(boxed(row(STRETCH, self.axes_button, gap=12)))
        self._tools.setSizePolicy(self.view.sizePolicy())
        costs = column(self._assumed, gap=8)
        costs.addWidget(self.costs, 1)
        costs.addWidget(self._explained)
        specifications = column(gap=8)
        specifications.addWidget(self.specifications, 1)
        specifications.addWidget(self._legend)
        self.stack = QStackedWidget()
        self.stack.addWidget(boxed(specifications))
        self.stack.addWidget(boxed(costs))
        self._chart_place = column()
        self.stack.addWidget(boxed(self._chart_place))
        choosing = row(self.lookup, self.view, gap=12)
        choosing.setStretch(0, 1)
        head = _Head(boxed(choosing), self._tools)
        body = column(head, self.strip, gap=12)
        body.addWidget(self.stack, 1)
        self._nothing = EmptyState(
            tr_noop("Nothing to compare yet"),
            tr_noop("Add two to six trims by name above, or collect them in the catalogue."),
            icon="git-compare",
            action=Button(tr_noop("Compare what stands in stock"), kind="primary", on_click=self.compare_stock),
        )
        self.stack.addWidget(self._nothing)
        self.set_main_view(boxed(body))
        self._name_controls()
        self._show_counted()

    def _add_actions(self) -> None:
        something = self._has_trims
        for action, place in (
            (Action("comparison.sheets", tr_noop("Save as XLSX"), self.save_sheets, key="Ctrl+E",
                    icon="file-spreadsheet", enabled=something), "button"),
            (Action("comparison.customer", tr_noop("Prepared for"), self.ask_customer, key="Ctrl+U", icon="user",
                    permission=Permission.CUSTOMERS_VIEW, enabled=something), "button"),
            (Action("comparison.print", tr_noop("Print"), self.open_paper, key=Key.PRINT, icon="printer",
                    enabled=something), "primary"),
            (Action("comparison.clear", tr_noop("Start anew"), self.clear, icon="eraser", enabled=something), "menu"),
            (Action("comparison.add", tr_noop("Add a trim"), self.focus_lookup, key=Key.NEW, icon="plus"), ""),
            (Action("comparison.find", tr_noop("Search"), self.focus_lookup, key=Key.FILTER, icon="search"), ""),
            (Action("comparison.specifications", tr_noop("Show specifications"),
                    partial(self.show_view, _SPECIFICATIONS), key="Ctrl+1", icon="list"), ""),
            (Action("comparison.costs", tr_noop("Show costs"), partial(self.show_view, _COSTS), key="Ctrl+2",
                    icon="coins"), ""),
            (Action("comparison.charts", tr_noop("Show charts"), partial(self.show_view, _CHARTS), key="Ctrl+3",
                    icon="chart-column"), ""),
            (Action("comparison.differences", tr_noop("Only what differs"), self.differing.toggle, key="Ctrl+I",
                    icon="filter", enabled=something), ""),
            (Action("comparison.assumptions", tr_noop("Assumptions"), self.open_assumptions, key=Key.DETAILS,
                    icon="sliders-horizontal", enabled=something), ""),
            (Action("comparison.axes", tr_noop("Choose axes"), self.open_axes, key="Ctrl+G", icon="sliders-horizontal",
                    enabled=something), ""),
            (Action("comparison.refresh", tr_noop("Fetch again"), self.fetch, key=Key.REFRESH, icon="refresh-cw"), ""),
        ):  # fmt: skip
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
                replace(self.terms, trim_ids=kept[:MOST], reference_id="", prices=(), customer_id=customer_id)
            )
        elif not self._restored:
            self._restored = True
            self._restore()
        elif self._stale:
            self.fetch()
        self._stale = False
        if self.sheet is None:
            (self.specifications if self._has_trims() else self.lookup.focus_widget()).setFocus()

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
        if hasattr(self, "differing"):
            self._name_controls()
            self._show_comparison()

    def _name_controls(self) -> None:
        self.differing.setText(tr("Only what differs"))
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
        left = tuple(one for one in self.terms.trim_ids if one != trim_id)
        reference = "" if self.terms.reference_id == trim_id else self.terms.reference_id
        self._take(replace(self.terms, trim_ids=left, reference_id=reference))

    def move_trim(self, here: int, there: int) -> None:
        """A column to another place."""
        ids = list(self.terms.trim_ids)
        reference = self._baseline_id()
        ids.insert(there, ids.pop(here))
        self._take(replace(self.terms, trim_ids=tuple(ids), reference_id=reference))

    def choose_baseline(self, trim_id: str) -> None:
        """The trim the others are measured by."""
        self._take(replace(self.terms, reference_id=trim_id))

    def clear(self) -> None:
        """No trims, no prices, no customer: as for the next one."""
        self.panel.close_panel()
        self._take(replace(self.terms, trim_ids=(), reference_id="", prices=(), customer_id=""))
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
        self._keep()
        self.fetch()

    def _baseline_id(self) -> str:
        if self.terms.reference_id in self.terms.trim_ids:
            return self.terms.reference_id
        return self.terms.trim_ids[0] if self.terms.trim_ids else ""

    def _has_trims(self) -> bool:
        return bool(self.terms.trim_ids) and self.sheet is None

    def _keep(self) -> None:
        """What stands here is here again tomorrow, for the person at this desk."""
        self.context.views.save(
            _KEY,
            {"trim_ids": list(self.terms.trim_ids), "reference_id": self.terms.reference_id,
             "axes": list(self.terms.axes), "everything": self.terms.everything},
        )  # fmt: skip

    def _restore(self) -> None:
        kept = self.context.views.load(_KEY) or {}
        self.terms = replace(
            self.terms,
            trim_ids=tuple(str(one) for one in kept.get("trim_ids", ()))[:MOST],
            reference_id=str(kept.get("reference_id", "")),
            axes=tuple(str(one) for one in kept.get("axes", ())),
            everything=bool(kept.get("everything", False)),
        )
        self.everything.set_value(self.terms.everything)
        self.fetch()

    # --- showing ---------------------------------------------------------------------------------

    def show_view(self, name: str) -> None:
        """Specifications, costs or charts."""
        if self.sheet is not None:
            return
        self.view.set_value(name)
        self.panel.close_panel()
        self._show_comparison()
        table = {_SPECIFICATIONS: self.specifications, _COSTS: self.costs}.get(name)
        if table is not None:
            table.setFocus()

    def _on_choices(self, choices: ComparisonChoices) -> None:
        self.choices = choices
        if self.terms.assumed is None:
            self.years.set_value(choices.usual.years)

    def _on_comparison(self, comparison: Comparison) -> None:
        self.comparison = comparison
        still = tuple(trim.id for trim in comparison.trims)
        if still != self.terms.trim_ids:
            self.terms = replace(self.terms, trim_ids=still)
            self._keep()
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
        found, place = self.comparison, (_SPECIFICATIONS, _COSTS, _CHARTS).index(self.view.value())
        self._enable_buttons()
        self._show_counted()
        self._tools.setCurrentIndex(place)
        self._tools.setVisible(found is not None and bool(found.trims))
        self.strip.setVisible(found is not None and bool(found.trims))
        if found is None or not found.trims:
            self.stack.setCurrentWidget(self._nothing)
            self.strip.show_trims((), baseline=0)
            return
        self.stack.setCurrentIndex(place)
        self.years.set_value(found.assumed.years)
        self._show_room()
        names = [partial(trim_words, trim) for trim in found.trims]
        chosen = found.chosen(
            differences_only=self.terms.differences_only, everything=self.terms.everything
        )  # the switches need no new reading
        if self.view.value() == _SPECIFICATIONS:
            self.specifications.model().show_rows(names, specification_rows(chosen))  # type: ignore[attr-defined]
        elif self.view.value() == _COSTS:
            self.costs.model().show_rows(names, cost_rows(found))  # type: ignore[attr-defined]
            self._assumed.set_text(" · ".join(f"{n} {v}" for n, v in assumption_pairs(found, language())[:5]))
        else:
            self._show_charts(found)
        self.strip.show_trims(found.trims, baseline=found.reference)
        self._align()

    def _show_room(self) -> None:
        needed = _ROOM_FOR_CHARTS if self.view.value() == _CHARTS else _ROOM_FOR_PICTURES
        self.strip.show_room(self.height() >= theme().px(needed))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "strip"):
            self._show_room()

    def _show_charts(self, found: Comparison) -> None:
        if self._charts is None:
            from ui.comparison.chart_cards import ChartCards  # pyqtgraph costs a quarter of a second

            self._charts = ChartCards(self.context)
            self._chart_place.addWidget(self._charts)
        self._charts.show_comparison(found)  # type: ignore[attr-defined]

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

    def _on_laid_out(self, table: SideTable) -> None:
        if table.isVisible():
            self._align()

    def _align(self) -> None:
        table = self.costs if self.view.value() == _COSTS else self.specifications
        if self.view.value() == _CHARTS:
            self.strip.align(self._even_place)
        else:
            self.strip.align(table.place_of)

    def _even_place(self, number: int) -> tuple[int, int]:
        """Above the charts there are no columns: the cards share the width."""
        wide = min(self.strip.width() // max(1, len(self.strip.cards)), theme().px(WIDEST))
        return number * wide, wide

    def _on_lines_chosen(self) -> None:
        self.terms = replace(
            self.terms, differences_only=self.differing.isChecked(), everything=bool(self.everything.value())
        )
        self._keep()
        self._show_comparison()

    def _on_explained(self, said: Any) -> None:
        self._explained.set_words(said)

    # --- assumptions and axes --------------------------------------------------------------------

    def _on_years_chosen(self, years: int) -> None:
        base = self.terms.assumed or (self.choices.usual if self.choices is not None else None)
        if base is not None:
            self._take(replace(self.terms, assumed=replace(base, years=years)))
            if self.form is not None and self.form.isVisible():
                self.form.show_terms(self.terms)

    def open_assumptions(self) -> None:
        """What the costs take for granted, in the panel."""
        if self.choices is None:
            return
        if self.view.value() == _SPECIFICATIONS:
            self.show_view(_COSTS)
        self.form = AssumptionForm(self.context, self.choices, self.terms)
        self.form.changed.connect(lambda _name: self._later.start())
        usual = Button(tr_noop("As usual"), icon="rotate-ccw", on_click=self._on_usual_clicked)
        self.panel.show_content(
            tr_noop("Assumptions"), self.form, subtitle=tr_noop("For this comparison only; they are printed with it."),
            actions=[usual],
        )  # fmt: skip
        self.form.focus_first()

    def _on_form_settled(self) -> None:
        if isinstance(self._question, PriceForm) and self._question.isVisible():
            with suppress(ValueError):  # nothing to compare with yet
                self.take_price(self._question.trim.id, self._question.own_price())
            return
        terms = self.form.terms(self.terms) if self.form is not None and self.form.isVisible() else None
        if terms is not None:
            self._take(terms)

    def _on_usual_clicked(self) -> None:
        self._take(replace(self.terms, assumed=None, city="none"))
        if self.form is not None:
            self.form.show_terms(self.terms)

    def open_axes(self) -> None:
        """Which axes the radar has, in the panel."""
        if self.comparison is None:
            return
        from ui.comparison.axis_choice import AxisChoice

        self.show_view(_CHARTS)
        choice = AxisChoice(self.comparison)
        choice.chosen.connect(self._on_axes_chosen)
        self.panel.show_content(
            tr_noop("Axes of the radar"), choice, subtitle=tr_noop("Three to eight; each is a share of the best.")
        )
        choice.focus_first()

    def _on_axes_chosen(self, codes: tuple[str, ...]) -> None:
        self._take(replace(self.terms, axes=codes))

    # --- whose price, and for whom -----------------------------------------------------------------

    def ask_price(self, trim_id: str) -> None:
        """Which price a trim is compared at, in the panel."""
        trim = next((one for one in self.comparison.trims if one.id == trim_id), None) if self.comparison else None
        if trim is None:
            return
        chosen = next((one for one in self.terms.prices if one.trim_id == trim_id), None)
        if not self.context.may(Permission.INVENTORY_VIEW):
            self._show_price_form(PriceForm(self.context, trim, (), chosen))
            return
        self.context.operations.run_query(
            self, priced_units, trim_id, key="units",
            on_done=lambda units: self._show_price_form(PriceForm(self.context, trim, units, chosen)),
        )  # fmt: skip

    def _show_price_form(self, form: PriceForm) -> None:
        self._question = form
        form.changed.connect(lambda _name: self._later.start())
        self.panel.show_content(
            lambda: trim_words(form.trim), form,
            subtitle=tr_noop("Costs, taxes and insurance are worked out of this price; it is printed with its origin."),
        )  # fmt: skip
        form.focus_first()

    def take_price(self, trim_id: str, price: OwnPrice | None) -> None:
        """Compare a trim at this price, at its guide price for None."""
        others = tuple(one for one in self.terms.prices if one.trim_id != trim_id)
        prices = others if price is None else (*others, price)
        if prices != self.terms.prices:
            self._take(replace(self.terms, prices=prices))

    def ask_customer(self) -> None:
        """Whom it is prepared for, in the panel."""
        form = PreparedForForm(self.context)
        form.changed.connect(lambda _name: self._on_customer_chosen(form))
        nobody = Button(tr_noop("For nobody in particular"), on_click=lambda: self._take_customer(""))
        self.panel.show_content(
            tr_noop("Prepared for"), form, actions=[nobody],
            subtitle=tr_noop("The name stands on the page and on the paper, nothing else of the customer does."),
        )  # fmt: skip
        form.focus_first()

    def _on_customer_chosen(self, form: PreparedForForm) -> None:
        customer_id = form.value("customer_id")
        if customer_id:
            self._take_customer(str(customer_id))

    def _take_customer(self, customer_id: str) -> None:
        self.panel.close_panel()
        self._take(replace(self.terms, customer_id=customer_id))

    def _on_rested(self, code: str) -> None:
        """The cursor stayed on a parameter: that counts for the order, once while the page lives."""
        if code not in self._looked:
            self._looked.add(code)
            self.context.operations.run_command(self, record_interest((code,)))

    # --- paper and sheets ------------------------------------------------------------------------

    def open_paper(self) -> None:
        """The comparison as it will be printed, in either language."""
        from ui.kit.paper_sheet import Paper, PaperSheet

        if isinstance(self.sheet, PaperSheet):
            self.sheet.print()
            return
        terms = self.terms

        def fetch(reader: Any, wanted: str) -> Paper:
            chosen = wanted or language()
            return Paper(comparison_pdf(reader, terms, language=chosen), chosen)

        sheet = PaperSheet(
            self.context, fetch, title=tr_noop("Vehicle comparison"), file_name=self._file_name(),
            back=Button(tr_noop("Back to the comparison"), kind="quiet", icon="arrow-left", on_click=self.close_sheet),
        )  # fmt: skip
        self.open_sheet(sheet, tr_noop("Vehicle comparison"))

    def save_sheets(self) -> QFileDialog:
        """Ask where the workbook goes, then make and write it off the GUI thread."""
        dialog = QFileDialog(self, tr("Save as XLSX"), f"{self._file_name()}.xlsx", "XLSX (*.xlsx)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("xlsx")
        dialog.fileSelected.connect(lambda chosen: self.write_sheets(Path(chosen)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def write_sheets(self, path: Path) -> None:
        """The workbook in the language in use; says so when it is written."""
        terms, spoken = self.terms, language()

        def written(content: bytes) -> None:
            from app.runtime.atomic_file import write_atomically

            self.context.operations.run_plain(
                self, lambda: write_atomically(path, content, mode=0o644), on_done=lambda _done: said()
            )

        def said() -> None:
            self.context.notifications.show(lambda: tr("Saved as {file}", file=path.name), tone="good")

        self.context.operations.run_query(
            self, comparison_sheets, terms, language=spoken, on_done=written, key="sheets"
        )

    def main_view_back(self) -> None:
        self._enable_buttons()
        self._show_comparison()

    def _file_name(self) -> str:
        day = self.context.clock.now().strftime("%Y%m%d")
        return f"{tr('Vehicle comparison')} {day}"

    # --- slots -----------------------------------------------------------------------------------

    def _on_lookup_edited(self) -> None:
        chosen = self.lookup.chosen
        if chosen is not None:
            self.lookup.choose(None)
            self.add_trim(str(chosen.value))


class _Head(QWidget):
    """What is chosen at the left, the tools of the view at the right, below each other where there is no room."""

    def __init__(self, left: QWidget, right: QWidget) -> None:
        super().__init__()
        self._across = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._across.setContentsMargins(0, 0, 0, 0)
        self._across.addWidget(left, 3)
        self._across.addStretch(1)
        self._across.addWidget(right)
        self._right = right
        self.setLayout(self._across)
        self.setMinimumWidth(1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < theme().px(_ROOM_FOR_TOOLS)
        wanted = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if wanted != self._across.direction():
            self._across.setDirection(wanted)
            self._across.setAlignment(self._right, Qt.AlignmentFlag.AlignLeft if narrow else Qt.AlignmentFlag(0))


def _search(reader: Any, text: str) -> list[Choice]:
    return [_choice(trim) for trim in find_trims_to_compare(reader, text)]


def _choice(trim: TrimRow) -> Choice:
    return Choice(trim.id, lambda: str(trim.full_name), lambda: formats.yuan(trim.guide_price))
