"""What a trim is reckoned with: guide price, asked price of a unit or an amount of one's own, and what it consumes."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from app.comparison.cost_words import short
from app.comparison.energy_costs import rate_on_file
from app.comparison.lines import ComparedTrim
from app.comparison.own_prices import OwnPrice
from app.comparison.own_rates import HIGHEST_RATE, OwnRate
from app.comparison.ownership import PLUGS, Assumptions, Carrier, carriers_of
from app.inventory.unit_rows import UnitRow
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Choice
from ui.kit.fields import ChoiceField, MoneyField, NumberField, Section
from ui.kit.form import Form

_GUIDE, _ENTERED = "", "entered"


class PriceForm(Form):
    """Named fields `basis`, `amount` and one a carrier; `own_price` and `own_rates` say what is chosen."""

    def __init__(
        self,
        context: PageContext,
        trim: ComparedTrim,
        units: Sequence[UnitRow],
        chosen: OwnPrice | None,
        *,
        assumed: Assumptions,
    ) -> None:
        self.trim = trim
        self.carriers = carriers_of(trim.energy)
        self._filed = {one: rate_on_file(trim.facts, one, assumed) for one in self.carriers}
        choices = [Choice(_GUIDE, lambda: tr("Guide price {amount}", amount=formats.yuan(trim.guide_price or None)))]
        choices += [Choice(unit.id, partial(_unit_words, unit)) for unit in units]
        choices.append(Choice(_ENTERED, tr_noop("An amount of your own")))
        super().__init__(
            context,
            [
                Section("", [
                    ChoiceField("basis", tr_noop("Price to compare with"), choices=choices, required=True, span=2),
                    MoneyField("amount", tr_noop("Amount"), span=2, required=True),
                ]),
                Section(tr_noop("Consumption"), [_rate_field(trim, *one) for one in self._filed.items()]),
            ],
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

    def asked_first(self) -> Carrier:
        """The carrier nothing is on file of, else the first."""
        return next((one for one in self.carriers if self._filed[one] is None), self.carriers[0])

    def own_rates(self) -> tuple[OwnRate, ...]:
        """What is entered; empty fields take what is on file. Raises ValueError for what cannot be read."""
        typed = self.values()
        if any(typed[one.value] is None and not self.editor(one.value).is_empty() for one in self.carriers):
            raise ValueError("no number")
        return tuple(
            OwnRate(trim_id=self.trim.id, carrier=one, rate=typed[one.value])
            for one in self.carriers
            if typed[one.value] is not None
        )

    def _show(self, chosen: OwnPrice | None, unit_ids: set[str]) -> None:
        basis = _GUIDE
        if chosen is not None:
            basis = chosen.unit_id if chosen.unit_id in unit_ids else _GUIDE if chosen.unit_id else _ENTERED
        amount = self.trim.facts.price if chosen is None or chosen.amount is None else chosen.amount
        rates = {one.value: self.trim.facts.own_rates.get(one) for one in self.carriers}
        self.set_values({"basis": basis, "amount": amount or None, **rates})
        self.set_field_visible("amount", basis == _ENTERED)

    def _on_changed(self, name: str) -> None:
        if name == "basis":
            self.set_field_visible("amount", self.value("basis") == _ENTERED)


def _rate_field(trim: ComparedTrim, carrier: Carrier, filed: Decimal | None) -> NumberField:
    """Empty it takes what is on file, which the line beneath says."""
    depleted = carrier is Carrier.FUEL and trim.energy in PLUGS
    label = tr_noop("Fuel, battery empty") if depleted else carrier.label

    def hint() -> str:
        if filed is None:
            return tr("Nothing is on file: enter it here.")
        return tr("Empty: {rate} {unit} as on file", rate=short(filed), unit=carrier.unit)

    return NumberField(carrier.value, label, suffix=carrier.unit, most=HIGHEST_RATE, hint=hint, span=2)


def _unit_words(unit: UnitRow) -> str:
    """`¥209,800 · SH-0123 · White`: which unit, and what is asked for it."""
    parts = (formats.yuan(unit.list_price), unit.stock_number or unit.vin, str(unit.exterior_colour))
    return " · ".join(part for part in parts if part)
