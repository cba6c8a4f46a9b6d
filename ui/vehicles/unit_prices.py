"""What a unit is asked today and why, and how its prices came about; for the unit panel."""

from typing import Any

from PySide6.QtWidgets import QWidget

from app.kernel.permissions import Permission
from app.pricing.history_queries import PriceHistoryRow, UnitPrices, get_unit_prices
from app.pricing.rules import PricePhase
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Label, MoneyLabel
from ui.kit.disclosure import Disclosure
from ui.kit.layout import boxed, column, empty
from ui.kit.record_line import RecordLine


class UnitPriceSection(QWidget):
    """Hidden until there is something to tell; fetches by itself."""

    def __init__(self, context: PageContext, unit_id: str) -> None:
        super().__init__()
        self.context, self._unit_id = context, unit_id
        self.found: UnitPrices | None = None
        self._stack = column(gap=8)
        self.setLayout(self._stack)
        self.hide()
        self.refresh()

    def refresh(self) -> None:
        """Fetch again."""
        if self.context.may(Permission.PRICING_VIEW):
            self.context.operations.run_query(
                self, get_unit_prices, self._unit_id, on_done=self._on_prices, on_error=lambda _error: True,
                key="prices",
            )  # fmt: skip

    def _on_prices(self, found: UnitPrices) -> None:
        if found == self.found:
            return
        self.found = found
        empty(self._stack)
        if found.campaign is not None:
            self._stack.addWidget(Label(tr_noop("Price with the campaign"), role="secondary"))
            self._stack.addWidget(MoneyLabel(lambda: formats.yuan(found.asked)))
        for why in found.why:
            self._stack.addWidget(Label(lambda why=why: str(why), role="secondary", wrap=True))  # type: ignore[misc]
        if found.history:
            self._stack.addWidget(Disclosure(tr_noop("Price history"), lambda: _history(found, self.context)))
        self.setVisible(bool(found.campaign or found.why or found.history))


def _history(found: UnitPrices, context: PageContext) -> QWidget:
    stack = column(gap=2)
    for entry in found.history:
        stack.addWidget(_line(entry, context))
    return boxed(stack)


def _line(entry: PriceHistoryRow, context: PageContext) -> RecordLine:
    tone = {PricePhase.IN_FORCE: "good", PricePhase.SCHEDULED: "info"}.get(entry.phase, "")
    line = RecordLine(
        lambda: str(entry.name) or tr(entry.kind.label), subtitle=lambda: _about(entry), figure=lambda: _price(entry),
        tone=tone,
    )  # fmt: skip
    line.clicked.connect(lambda: context.navigator.open("prices", change_id=entry.change_id))
    return line


def _about(entry: PriceHistoryRow) -> str:
    first = formats.date_text(entry.starts)
    days = tr("{first} to {last}", first=first, last=formats.date_text(entry.valid_to)) if entry.valid_to else first
    parts: list[Any] = [tr(entry.phase.label), days, entry.decided_by]
    return " · ".join(part for part in parts if part)


def _price(entry: PriceHistoryRow) -> str:
    amount = entry.campaign_price or entry.list_price or entry.floor_price
    return formats.money(amount) if amount is not None else ""
