"""At the right of the sale, always in sight: the vehicle, the customer, the lines and the total."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QWidget

from app.inventory.queries import UnitDetail
from app.kernel.clock import Clock
from app.orders.rules import ClaimState
from app.orders.securing import SaleSecurity
from app.quotations.queries import LineRow, QuotationPreview
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.controls import Label, MoneyLabel, StatusDot
from ui.kit.layout import Divider, column
from ui.kit.text import Retranslated
from ui.kit.theme import set_role, theme
from ui.sales.offer_station import describe_plan

WIDTH = 304
CLAIM_TONES = {
    ClaimState.PROVISIONAL: "warn", ClaimState.CONFIRMED: "good", ClaimState.CONFLICT: "bad",
    ClaimState.RELEASED: "neutral",
}  # fmt: skip
CLAIM_WORDS = {
    ClaimState.PROVISIONAL: tr_noop("Provisional until the centre agrees"),
    ClaimState.CONFIRMED: tr_noop("Confirmed by the centre"),
    ClaimState.CONFLICT: tr_noop("The vehicle went to another order"),
    ClaimState.RELEASED: tr_noop("Released"),
}


def secured_words(security: SaleSecurity) -> str:
    """Until when the centre keeps the vehicle for this desk."""
    return tr("Secured until {time}", time=formats.moment(security.until))


class LineTable(Retranslated, QWidget):
    """Labels at the left, amounts at the right in tabular figures; the source of a figure in its tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: Sequence[LineRow] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(theme().px(6))
        self._grid.setColumnStretch(0, 1)

    def set_lines(self, lines: Sequence[LineRow]) -> None:
        """Show these lines."""
        self._lines = lines
        self.retranslate()

    def retranslate(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for number, line in enumerate(self._lines):
            name, amount = Label("", role="secondary", wrap=True), Label("")
            name.set_text(str(line.label))
            amount.set_text(formats.money(line.amount))
            amount.setFont(theme().font("body", tabular=True))
            for label in (name, amount):
                label.setToolTip(str(line.source))
            self._grid.addWidget(name, number, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(amount, number, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)


class SummaryPanel(Retranslated, QFrame):
    """What the sale has come to so far."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        set_role(self, "card")
        self.setFixedWidth(theme().px(WIDTH))
        self._unit: UnitDetail | None = None
        self._preview: QuotationPreview | None = None
        self.vehicle = Label("", role="section", wrap=True)
        self.about_vehicle = Label("", role="secondary", wrap=True)
        self.held = Label("", role="secondary", wrap=True)
        self.secured = Label("", role="secondary", wrap=True)
        self.customer = Label("", wrap=True)
        self.order = Label("", role="secondary", wrap=True)
        self.claim = StatusDot("", "neutral")
        self.lines = LineTable()
        self.total_label = Label(tr_noop("On-road total"), role="secondary")
        self.total = MoneyLabel()
        self.plan = Label("", role="secondary", wrap=True)
        self.notes = Label("", role="secondary", wrap=True)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        holder = QWidget()
        set_role(holder, "plain")
        holder.setLayout(column(self.lines, self.plan, self.notes, None, gap=12))
        scroll.setWidget(holder)
        outer = column(
            self.vehicle, self.about_vehicle, self.held, self.secured, self.customer, self.order, self.claim, Divider(),
            margins=20,
        )
        outer.addWidget(scroll, 1)
        outer.addLayout(column(Divider(), self.total_label, self.total, gap=4))
        self.setLayout(outer)
        self.clear()

    def clear(self) -> None:
        """Nothing is chosen."""
        self._unit = self._preview = None
        self.set_customer("")
        self.set_order("", None)
        self.lines.set_lines(())
        self.retranslate()

    def set_unit(self, unit: UnitDetail | None) -> None:
        """The vehicle."""
        self._unit = unit
        self.retranslate()

    def set_customer(self, name: str) -> None:
        """Who buys."""
        self.customer.set_text(name)
        self.customer.setVisible(bool(name))

    def set_preview(self, preview: QuotationPreview | None) -> None:
        """What it comes to."""
        self._preview = preview
        self.lines.set_lines(preview.lines if preview is not None else ())
        self.retranslate()

    def set_order(self, number: str, claim: str | None, security: SaleSecurity | None = None) -> None:
        """The order and the centre's word on it, or the lease under which it was sold."""
        self.order.set_words((lambda: tr("Order {number}", number=number)) if number else "")
        self.order.setVisible(bool(number))
        self.claim.setVisible(claim is not None)
        if claim is not None:
            state = ClaimState(claim)
            if security is not None and security.counts:
                self.claim.set_state(partial(secured_words, security), "good")
            else:
                self.claim.set_state(CLAIM_WORDS[state], CLAIM_TONES[state])

    def retranslate(self) -> None:
        unit, preview = self._unit, self._preview
        self.vehicle.set_text(str(unit.row.name) if unit is not None else tr("No vehicle chosen yet"))
        self.about_vehicle.set_text(f"{unit.row.exterior_colour} · {unit.row.vin}" if unit is not None else "")
        self.about_vehicle.setVisible(unit is not None)
        until = unit.row.held_until if unit is not None else None
        now = self._clock.now()
        left = "" if until is None else formats.remaining((until - now).total_seconds())
        self.held.set_text(tr("Held for you, {span} left", span=left) if until is not None else "")
        self.held.setToolTip(tr("Held until {time}", time=formats.moment(until)) if until is not None else "")
        self.held.setVisible(until is not None)
        lease = unit.lease if unit is not None else None
        kept = lease is not None and lease.own and lease.counts
        self.secured.set_text(tr("Secured until {time}", time=formats.moment(lease.until)) if lease and kept else "")
        self.secured.setVisible(kept)
        self.total.set_text(formats.money(preview.on_road_total) if preview is not None else "–")
        self.plan.set_text(describe_plan(preview) if preview is not None else "")
        self.plan.setVisible(bool(self.plan.text()))
        self.notes.set_text("\n".join(str(note) for note in preview.notes) if preview is not None else "")
        self.notes.setVisible(bool(self.notes.text()))
