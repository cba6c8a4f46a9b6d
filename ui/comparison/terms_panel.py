"""On which terms trims are compared, asked in the panel: assumptions, axes, whose price, for whom."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer

from app.comparison.lines import ComparedTrim
from app.comparison.own_prices import OwnPrice, priced_units
from app.comparison.own_rates import OwnRate
from app.comparison.ownership import Assumptions, CostKind
from app.comparison.queries import Comparison, ComparisonChoices, ComparisonTerms
from app.inventory.unit_rows import UnitRow
from app.kernel.permissions import Permission
from app.runtime.language import tr_noop
from ui.comparison.assumption_form import AssumptionForm
from ui.comparison.customer_form import PreparedForForm
from ui.comparison.price_form import PriceForm
from ui.comparison.trim_strip import trim_words
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.detail_panel import DetailPanel
from ui.kit.form import Form

_AFTER_MS = 250


class TermsPanel(QObject):
    """Asks in the panel of a page; `take` is given the terms as they are to be."""

    def __init__(
        self,
        page: QObject,
        context: PageContext,
        *,
        panel: DetailPanel,
        terms: Callable[[], ComparisonTerms],
        take: Callable[[ComparisonTerms], None],
    ) -> None:
        super().__init__(page)
        self.form: AssumptionForm | None = None
        self._question: Form | None = None
        self._context, self._panel = context, panel
        self._terms, self._take = terms, take
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_AFTER_MS)
        self._later.timeout.connect(self._on_form_settled)

    # --- assumptions and axes --------------------------------------------------------------------

    def keep_for(self, years: int, choices: ComparisonChoices | None) -> None:
        """The costs over so many years, everything else as it is assumed."""
        base = self._terms().assumed or (choices.usual if choices is not None else None)
        if base is not None:
            self._take(replace(self._terms(), assumed=replace(base, years=years)))
            if self.form is not None and self.form.isVisible():
                self.form.show_terms(self._terms())

    def ask_assumptions(self, choices: ComparisonChoices) -> None:
        """What the costs take for granted."""
        self.form = AssumptionForm(self._context, choices, self._terms())
        self.form.changed.connect(lambda _name: self._later.start())
        usual = Button(tr_noop("As usual"), icon="rotate-ccw", on_click=self._on_usual_clicked)
        self._panel.show_content(
            tr_noop("Assumptions"), self.form, subtitle=tr_noop("For this comparison only; they are printed with it."),
            actions=[usual],
        )  # fmt: skip
        self.form.focus_first()

    def _on_form_settled(self) -> None:
        if isinstance(self._question, PriceForm) and self._question.isVisible():
            with suppress(ValueError):  # nothing to compare with yet
                self.take_price(self._question.trim.id, self._question.own_price())
            with suppress(ValueError):
                self.take_rates(self._question.trim.id, self._question.own_rates())
            return
        terms = self.form.terms(self._terms()) if self.form is not None and self.form.isVisible() else None
        if terms is not None:
            self._take(terms)

    def _on_usual_clicked(self) -> None:
        self._take(replace(self._terms(), assumed=None, city="none"))
        if self.form is not None:
            self.form.show_terms(self._terms())

    def ask_axes(self, comparison: Comparison) -> None:
        """Which axes the radar has."""
        from ui.comparison.axis_choice import AxisChoice

        choice = AxisChoice(comparison)
        choice.chosen.connect(self._on_axes_chosen)
        self._panel.show_content(
            tr_noop("Axes of the radar"), choice, subtitle=tr_noop("Three to eight; each is a share of the best.")
        )
        choice.focus_first()

    def _on_axes_chosen(self, codes: tuple[str, ...]) -> None:
        self._take(replace(self._terms(), axes=codes))

    # --- whose price, and for whom -----------------------------------------------------------------

    def ask_price(self, trim: ComparedTrim, assumed: Assumptions, *, about: CostKind = CostKind.PRICE) -> None:
        """Which price a trim is compared at, and what it consumes; the focus goes to what it is about."""
        chosen = next((one for one in self._terms().prices if one.trim_id == trim.id), None)

        def show(units: Sequence[UnitRow]) -> None:
            self._show_price_form(PriceForm(self._context, trim, units, chosen, assumed=assumed), about)

        if self._context.may(Permission.INVENTORY_VIEW):
            self._context.operations.run_query(self, priced_units, trim.id, key="units", on_done=show)
        else:
            show(())

    def _show_price_form(self, form: PriceForm, about: CostKind) -> None:
        self._question = form
        form.changed.connect(lambda _name: self._later.start())
        self._panel.show_content(
            lambda: trim_words(form.trim), form,
            subtitle=tr_noop("For this comparison only: the costs are worked out of it, and say where it comes from."),
        )  # fmt: skip
        if about is CostKind.ENERGY:
            form.focus_field(form.asked_first().value)
        else:
            form.focus_first()

    def take_rates(self, trim_id: str, rates: Sequence[OwnRate]) -> None:
        """Reckon a trim with these consumptions, with what is on file for the others."""
        terms = self._terms()
        others = tuple(one for one in terms.rates if one.trim_id != trim_id)
        if (*others, *rates) != terms.rates:
            self._take(replace(terms, rates=(*others, *rates)))

    def take_price(self, trim_id: str, price: OwnPrice | None) -> None:
        """Compare a trim at this price, at its guide price for None."""
        terms = self._terms()
        others = tuple(one for one in terms.prices if one.trim_id != trim_id)
        prices = others if price is None else (*others, price)
        if prices != terms.prices:
            self._take(replace(terms, prices=prices))

    def ask_customer(self) -> None:
        """Whom it is prepared for, in the panel."""
        form = PreparedForForm(self._context)
        form.changed.connect(lambda _name: self._on_customer_chosen(form))
        nobody = Button(tr_noop("For nobody in particular"), on_click=lambda: self._take_customer(""))
        self._panel.show_content(
            tr_noop("Prepared for"), form, actions=[nobody],
            subtitle=tr_noop("The name stands on the page and on the paper, nothing else of the customer does."),
        )  # fmt: skip
        form.focus_first()

    def _on_customer_chosen(self, form: PreparedForForm) -> None:
        customer_id = form.value("customer_id")
        if customer_id:
            self._take_customer(str(customer_id))

    def _take_customer(self, customer_id: str) -> None:
        self._panel.close_panel()
        self._take(replace(self._terms(), customer_id=customer_id))
