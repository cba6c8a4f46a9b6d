"""The head of a unit's panel: what it costs, where it stands on its axes, who holds it, which order has it."""

from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.inventory.queries import HoldInfo, LeaseInfo, OrderLink, UnitDetail, UnitRow
from app.inventory.rules import AllocationState
from app.kernel.labels import Labelled, Listing
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Label, MoneyLabel, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.layout import column, row
from ui.kit.main_picture import MainPicture
from ui.kit.panel_form import PanelSection
from ui.kit.record_line import RecordLine
from ui.kit.text import Words
from ui.vehicles.words import TONES, lease_meaning, lease_words, time_left

TICK_MS = 15_000


class UnitHead(PanelSection):
    """Questions about the unit are asked above it. `hold_ended` when a hold or a lease runs out before one's eyes."""

    hold_ended = Signal()

    def __init__(self, context: PageContext, detail: UnitDetail) -> None:
        super().__init__("")
        self._context, self.detail = context, detail
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._on_timer)
        self.add(self._prices(), self._axes())
        self.hold_note: Label | None = None
        if detail.hold is not None:
            self.add(self._hold(detail.hold))
            self._timer.start()
        if detail.lease is not None:
            self.add(self._lease(detail.lease))
            self._timer.start()
        if detail.order is not None:
            self.add(self._order(detail.order))
        if detail.row.allocation is AllocationState.ALLOCATED and detail.handover_obstacles:
            self.add(Label(partial(_before_handover, detail), role="secondary", wrap=True))

    def _prices(self) -> QWidget:
        unit, holder = self.detail.row, QWidget()
        price = MoneyLabel(lambda: formats.yuan(unit.list_price))
        stack = column(Label(tr_noop("List price"), role="secondary"), price, gap=0)
        if self._context.may(Permission.INVENTORY_VIEW_COST):
            stack.addWidget(Label(lambda: _inner_prices(unit), role="secondary", wrap=True))
        picture = MainPicture(
            self._context, subject_table="vehicle_unit", subject_id=unit.id, width=112, height=84
        )
        line = row(stack, picture, gap=12)
        line.setStretch(0, 1)
        line.setAlignment(stack, Qt.AlignmentFlag.AlignTop)
        holder.setLayout(line)
        return holder

    def _axes(self) -> Facts:
        unit = self.detail.row
        return Facts(
            [
                (tr_noop("Stock"), _dot(unit.stock)),
                (tr_noop("Sale"), _dot(unit.allocation)),
                (tr_noop("Condition"), _dot(unit.quality)),
                (tr_noop("Inspection"), _dot(unit.pdi)),
                (tr_noop("Certificate"), _dot(unit.certificate)),
            ]
        )

    def _hold(self, hold: HoldInfo) -> QWidget:
        holder = QWidget()
        self.hold_note = Label(lambda: self._rest(hold), role="badge")
        self.hold_note.setProperty("tone", "warn")
        for_whom = Label(lambda: _held_by(hold), role="secondary", wrap=True)
        until = Label(lambda: tr("Held until {time}", time=formats.moment(hold.until)))
        self.hold_note.setToolTip(formats.moment(hold.until))
        line = row(until, self.hold_note)
        line.addStretch(1)
        line.setAlignment(self.hold_note, Qt.AlignmentFlag.AlignVCenter)
        holder.setLayout(column(line, for_whom, gap=2, margins=(0, 4, 0, 0)))
        return holder

    def _lease(self, lease: LeaseInfo) -> QWidget:
        """For which desk the centre keeps it, or that this desk's lease does not count any more."""
        tone = "good" if lease.counts and lease.own else "warn"
        line = RecordLine(
            lambda: lease_words(lease), subtitle=lambda: lease_meaning(lease),
            icon="lock" if lease.counts else "unlock", tone=tone, tooltip=lambda: formats.moment(lease.until),
        )  # fmt: skip
        line.clicked.connect(lambda: self._context.navigator.open("sync", tab="leases"))
        return line

    def _order(self, order: OrderLink) -> RecordLine:
        line = RecordLine(
            lambda: order.number or tr("Order of another branch"),
            subtitle=lambda: _order_states(order),
            icon="receipt",
            tone="bad" if order.claim_state == "conflict" else "info",
        )
        line.clicked.connect(lambda: self._context.navigator.open("orders", order_id=order.order_id))
        return line

    def _rest(self, hold: HoldInfo) -> str:
        return time_left(hold.until, self._context.clock.now())

    def _on_timer(self) -> None:
        hold, lease, now = self.detail.hold, self.detail.lease, self._context.clock.now()
        if self.hold_note is not None:
            self.hold_note.retranslate()
        over = hold is not None and hold.until <= now
        if over or (lease is not None and lease.counts and lease.until <= now):
            self._timer.stop()
            self.hold_ended.emit()


def _dot(state: Labelled) -> StatusDot:
    return StatusDot(state.label, TONES[state])


def _inner_prices(unit: UnitRow) -> str:
    parts = [tr("Floor {price}", price=formats.money(unit.floor_price))]
    if unit.cost is not None:
        parts.append(tr("Cost {price}", price=formats.money(unit.cost)))
        if unit.list_price:
            margin = (unit.list_price - unit.cost) * 100 / unit.list_price
            parts.append(tr("Margin {share}", share=formats.percent(margin.quantize(margin.__class__("0.1")))))
    return " · ".join(parts)


def _before_handover(detail: UnitDetail) -> str:
    return tr("Not to be handed over yet: {obstacles}.", obstacles=Listing(detail.handover_obstacles))


def _held_by(hold: HoldInfo) -> str:
    if hold.customer_name:
        return tr("By {staff} for {customer}", staff=hold.staff_name or "–", customer=hold.customer_name)
    return tr("By {staff}", staff=hold.staff_name or "–")


def _order_states(order: OrderLink) -> str:
    from app.orders.rules import ClaimState, OrderState

    words: list[Words] = []
    for kind, code in ((OrderState, order.state), (ClaimState, order.claim_state)):
        known = {member.value: member.label for member in kind}
        words.append(tr(known[code]) if code in known else code)
    return " · ".join(str(word) for word in dict.fromkeys(words))
