"""Which price a trim is compared at: the guide price, the asked price of a unit, or an amount that is entered."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from app.comparison.lines import ComparedTrim
from app.comparison.own_prices import OwnPrice
from app.inventory.unit_rows import UnitRow
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.fields import ChoiceField, MoneyField, Section
from ui.kit.form import Form

_GUIDE, _ENTERED = "", "entered"


class PriceForm(Form):
    """Named fields `basis` and `amount`; `own_price` says what is chosen."""

    def __init__(
        self, context: PageContext, trim: ComparedTrim, units: Sequence[UnitRow], chosen: OwnPrice | None
    ) -> None:
        self.trim = trim
        choices = [Choice(_GUIDE, lambda: tr("Guide price {amount}", amount=formats.yuan(trim.guide_price or None)))]
        choices += [Choice(unit.id, partial(_unit_words, unit)) for unit in units]
        choices.append(Choice(_ENTERED, tr_noop("An amount of your own")))
        super().__init__(
            context,
            [Section("", [
                ChoiceField("basis", tr_noop("Price to compare with"), choices=choices, required=True, span=2),
                MoneyField("amount", tr_noop("Amount"), span=2, required=True),
            ])],
        )  # fmt: skip
        self._show(chosen, {unit.id for unit in units})
        self.changed.connect(self._on_changed)

    def own_price(self) -> OwnPrice | None:
        """What is chosen; None for the guide price. Raises ValueError while there is no amount yet."""
        basis = str(self.value("basis") or _GUIDE)
        if basis == _GUIDE:
            return None
        if basis != _ENTERED:
            return OwnPrice(trim_id=self.trim.id, unit_id=basis)
        amount = self.value("amount")
        if not isinstance(amount, Decimal) or amount <= 0:
            raise ValueError("no amount yet")
        return OwnPrice(trim_id=self.trim.id, amount=amount)

    def _show(self, chosen: OwnPrice | None, unit_ids: set[str]) -> None:
        basis = _GUIDE
        if chosen is not None:
            basis = chosen.unit_id if chosen.unit_id in unit_ids else _GUIDE if chosen.unit_id else _ENTERED
        amount = self.trim.facts.price if chosen is None or chosen.amount is None else chosen.amount
        self.set_values({"basis": basis, "amount": amount or None})
        self.set_field_visible("amount", basis == _ENTERED)

    def _on_changed(self, name: str) -> None:
        if name == "basis":
            self.set_field_visible("amount", self.value("basis") == _ENTERED)


def _unit_words(unit: UnitRow) -> str:
    """`¥209,800 · SH-0123 · White`: which unit, and what is asked for it."""
    parts = (formats.yuan(unit.list_price), unit.stock_number or unit.vin, str(unit.exterior_colour))
    return " · ".join(part for part in parts if part)
