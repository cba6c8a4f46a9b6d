"""Earnest money or an advance: received first, then the receipt."""

from datetime import datetime
from decimal import Decimal

from PySide6.QtCore import Qt, Signal

from app.payments.commands import PaymentReceived, ReceivePayment
from app.payments.queries import PaymentStanding, get_payment_standing
from app.payments.rules import PaymentKind, PaymentMethod
from app.printing.queries import receipt_to_print
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.fields import ChoiceField, MoneyField, Section, SegmentField, TextField
from ui.kit.form import Form
from ui.kit.layout import STRETCH, column, row
from ui.kit.printable import printable
from ui.kit.station import Station

ROUND_TO = Decimal(1000)


class PaymentStation(Station):
    """`received()` after the money is stored; `skipped()` when it comes later."""

    received = Signal()
    skipped = Signal()

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._order_id = ""
        self._standing: PaymentStanding | None = None
        self.last: PaymentReceived | None = None
        self.form = Form(
            context,
            [
                Section(tr_noop("Money received"), [
                    SegmentField("kind", tr_noop("Kind"), span=2, required=True, choices=[
                        Choice(PaymentKind.EARNEST_MONEY, PaymentKind.EARNEST_MONEY.label),
                        Choice(PaymentKind.ADVANCE, PaymentKind.ADVANCE.label),
                    ]),
                    MoneyField("amount", tr_noop("Amount"), required=True),
                    ChoiceField("method", tr_noop("Method"), required=True,
                                choices=[Choice(method, method.label) for method in PaymentMethod]),
                    TextField("reference", tr_noop("Reference"), check=printable, max_length=80,
                              placeholder=tr_noop("Card slip or transfer number"), span=2),
                ])
            ],
            submit_on_return=True,
        )  # fmt: skip
        self.form.changed.connect(self._explain)
        self.form.submitted.connect(self._receive)
        self.explanation = Label("", role="secondary", wrap=True)
        self.go = Button(tr_noop("Receive"), kind="primary", on_click=self._receive)
        self.later = Button(tr_noop("Without payment"), kind="quiet", on_click=self.skipped.emit)
        holder = row(self.form)
        holder.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.arrange(
            [
                Label(tr_noop("What does the customer pay now?"), role="section"),
                column(holder, self.explanation),
                STRETCH,
            ],
            secondary=[self.later], primary=self.go, form_submits=True,
        )  # fmt: skip

    def begin(self, order_id: str) -> None:
        """The order is placed."""
        if order_id != self._order_id:
            self.form.clear()
            self.form.set_values({"kind": PaymentKind.EARNEST_MONEY, "method": PaymentMethod.BANK_CARD})
        self._order_id = order_id
        self.context.operations.run_query(
            self, get_payment_standing, order_id, on_done=self._on_standing, key="standing"
        )

    def take_focus(self) -> None:
        """Type the amount."""
        self.form.focus_field("amount")

    def _on_standing(self, standing: PaymentStanding) -> None:
        self._standing = standing
        self._explain()

    def _explain(self, _name: str = "") -> None:
        standing = self._standing
        if standing is None:
            return
        earnest = self.form.value("kind") == PaymentKind.EARNEST_MONEY
        room, outstanding = formats.money(standing.earnest_room), formats.money(standing.outstanding)
        if earnest:
            self.explanation.set_words(lambda: tr(
                "Earnest money binds both sides: up to {room} here (20 % of the contract price, Civil Code 586)."
                " What is above becomes an advance. Outstanding: {outstanding}.", room=room, outstanding=outstanding,
            ))  # fmt: skip
        else:
            self.explanation.set_words(lambda: tr(
                "An advance counts towards the price and carries no penalty. Outstanding: {outstanding}.",
                outstanding=outstanding,
            ))  # fmt: skip

    def _receive(self) -> None:
        if not self.go.isEnabled() or not self.form.check_all():
            return
        typed = self.form.values()
        at: datetime = self.context.clock.now()
        command = ReceivePayment(
            order_id=self._order_id, kind=typed["kind"], method=typed["method"], amount=typed["amount"],
            reference=typed["reference"], received_at=at,
        )  # fmt: skip
        self.go.busy_while(self.context.operations.run_command(self.form, command, on_done=self._on_received))

    def _on_received(self, received: PaymentReceived) -> None:
        self.last = received
        number, amount = received.numbers[0], self.form.value("amount")
        excess = received.advance_from_excess
        shown = self.context.notifications.show
        shown(
            lambda: tr("Received {amount}, receipt {number}", amount=formats.money(amount), number=number), tone="good",
            action=tr_noop("Print the receipt"), on_action=lambda: self.print_receipt(received.payment_ids[0]),
        )  # fmt: skip
        if excess:
            shown(
                lambda: tr("{amount} is above 20 % and was posted as an advance.", amount=formats.money(excess)),
                tone="warn",
            )
        self.received.emit()

    def print_receipt(self, payment_id: str) -> None:
        """Print what is stored."""
        from ui.kit.print_dialog import PrintHow, open_print

        paper = receipt_to_print(payment_id, tr("Receipt"))
        open_print(
            self.window(), self.context, [paper], title=tr_noop("Receipt"), how=PrintHow(kind="receipt")
        )
