"""Receiving money for an order: which order, what kind, how much; where the order stands is in sight all the time."""

from decimal import Decimal
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from app.kernel.money import ZERO
from app.orders.queries import OrderDetail, OrderRow, get_order, list_orders
from app.orders.rules import ClaimState, OrderState
from app.payments.commands import PaymentReceived, ReceivePayment
from app.payments.queries import PaymentStanding, get_payment_standing
from app.payments.rules import PaymentFacet, PaymentKind, PaymentMethod, receipt_effect
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.editing import FormSheet
from ui.kit.fields import (
    ChoiceField,
    DateTimeField,
    LookupField,
    MoneyField,
    MultiLineField,
    Section,
    SegmentField,
    TextField,
)
from ui.kit.form import Form
from ui.kit.layout import STRETCH, Divider, column
from ui.kit.printable import printable
from ui.kit.text import Words
from ui.kit.theme import set_role
from ui.payments.standing import StandingView

DRAFT_KEY = "payment.receive"
FOUND = 10
_OPEN = [facet.value for facet in PaymentFacet if facet is not PaymentFacet.PAID]
_CLOSED = frozenset({OrderState.CANCELLED, OrderState.RETURNED})


def find_open_orders(reader: Any, text: str) -> list[Choice]:
    """Orders on which something is still outstanding, by number, customer or vehicle."""
    rows = list_orders(reader, text=text, payment_state=_OPEN, limit=2 * FOUND)
    payable = [row for row in rows if row.state not in _CLOSED and row.claim_state != ClaimState.CONFLICT]
    return [order_choice(row) for row in payable[:FOUND]]


def order_choice(order: OrderRow) -> Choice:
    """An order as an entry of the lookup."""
    return Choice(
        order.id,
        lambda: f"{order.number} · {order.customer_name}",
        lambda: tr("outstanding {amount}", amount=formats.money(order.outstanding)),
    )


class ReceiveSheet(FormSheet):
    """`received(PaymentReceived)` after the money is stored."""

    received = Signal(object)

    def __init__(self, context: PageContext, *, cancel: Button) -> None:
        self.context = context
        self.standing: PaymentStanding | None = None
        self.go = Button(tr_noop("Receive"), kind="primary", icon="hand-coins", on_click=self.receive)
        self.summary = Label("", role="section")
        self.aside = _StandingAside()
        form = Form(context, _sections(), submit_on_return=True)
        super().__init__(form, buttons=[cancel, self.go], summary=self.summary, aside=self.aside)
        form.set_values({"kind": PaymentKind.BALANCE.value, "method": PaymentMethod.BANK_CARD.value})
        form.changed.connect(self._on_form_changed)
        form.submitted.connect(self.receive)
        form.draft_restored.connect(lambda: self._on_form_changed("order_id"))
        self.aside.all_wanted.connect(self._fill_all)
        self._explain()

    def begin(self, order_id: str = "") -> None:
        """Begin with an order another page chose; otherwise offer what was left unfinished."""
        if not order_id:
            self.form.keep_draft(DRAFT_KEY)
            self.form.focus_first()
            return
        self.context.operations.run_query(self, get_order, order_id, on_done=self._on_order, key="order")

    def receive(self) -> None:
        """Store it, if everything is all right."""
        if not self.go.isEnabled() or not self.form.check_all():
            return
        typed = self.form.values()
        command = ReceivePayment(
            order_id=typed["order_id"], kind=typed["kind"], method=typed["method"], amount=typed["amount"],
            reference=typed["reference"], received_at=typed["received_at"], note=typed["note"],
        )  # fmt: skip
        job = self.context.operations.run_command(self.form, command, on_done=self._on_received)
        self.go.busy_while(job)

    def refresh(self) -> None:
        """Somebody received something meanwhile: read the standing again."""
        order_id = self.form.value("order_id")
        if order_id:
            self.context.operations.run_query(
                self, get_payment_standing, order_id, on_done=self._on_standing, key="standing"
            )

    # --- inside ----------------------------------------------------------------------------------

    def _on_order(self, order: OrderDetail) -> None:
        self.form.editor("order_id").choose(order_choice(order.row))
        nothing_yet = not order.payments
        kind = PaymentKind.EARNEST_MONEY if nothing_yet else PaymentKind.BALANCE
        self.form.set_value("kind", kind.value)
        self.refresh()
        self.form.focus_field("amount")

    def _on_form_changed(self, name: str) -> None:
        if name == "order_id":
            if self.form.value("order_id"):
                self.refresh()
            else:
                self._on_standing(None)
        else:
            self._explain()

    def _on_standing(self, standing: PaymentStanding | None) -> None:
        self.standing = standing
        self.aside.set_standing(standing)
        self._explain()

    def _fill_all(self) -> None:
        if self.standing is not None:
            earnest = self.form.value("kind") == PaymentKind.EARNEST_MONEY
            self.form.set_value("amount", self.standing.earnest_room if earnest else self.standing.outstanding)
            self._explain()
            self.form.focus_field("amount")

    def _explain(self) -> None:
        """What the kind means in law, and what becomes of an amount above the cap."""
        kind, amount = self.form.value("kind"), self.form.value("amount")
        self.form.set_hint("kind", receipt_effect(kind) if kind else "")
        split = self._split(kind, amount)
        self.form.set_hint("amount", split or "", tone="warn" if split else "neutral")
        self.aside.set_kind(kind)
        self.summary.set_text(formats.yuan(amount) if amount else "")

    def _split(self, kind: str | None, amount: Decimal | None) -> Words | None:
        standing = self.standing
        if standing is None or amount is None or kind != PaymentKind.EARNEST_MONEY or amount <= standing.earnest_room:
            return None
        binds, rest = standing.earnest_room, amount - max(standing.earnest_room, ZERO)
        return lambda: tr(
            "{binds} as earnest money (定金), {rest} as an advance (订金): more than the legal share does not bind.",
            binds=formats.money(binds), rest=formats.money(rest),
        )  # fmt: skip

    def _on_received(self, received: PaymentReceived) -> None:
        self.form.drop_draft()
        self.form.mark_clean()
        self.received.emit(received)


class _StandingAside(QFrame):
    """The order's standing beside the form, with the amount that suggests itself."""

    all_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        set_role(self, "card")
        self._view = StandingView()
        self._nothing = Label(
            tr_noop("Choose an order: what is outstanding on it stands here."), role="secondary", wrap=True
        )
        self.fill = Button("", kind="secondary", on_click=self.all_wanted.emit)
        self._rule = Divider()
        self._kind: str | None = None
        self._standing: PaymentStanding | None = None
        self.setLayout(column(self._nothing, self._view, self._rule, self.fill, STRETCH, gap=12, margins=16))
        self.set_standing(None)

    def set_standing(self, standing: PaymentStanding | None) -> None:
        """Of this order; None before one is chosen."""
        self._standing = standing
        self._nothing.setVisible(standing is None)
        self._view.set_standing(standing)
        self._show_fill()

    def set_kind(self, kind: str | None) -> None:
        """For which kind an amount is suggested."""
        self._kind = kind
        self._show_fill()

    def _show_fill(self) -> None:
        standing = self._standing
        earnest = self._kind == PaymentKind.EARNEST_MONEY
        amount = ZERO if standing is None else standing.earnest_room if earnest else standing.outstanding
        for widget in (self.fill, self._rule):
            widget.setVisible(amount > ZERO)
        shown = formats.money(amount)
        self.fill.set_words(lambda: tr("Fill in {amount}", amount=shown))


def _sections() -> list[Section]:
    return [
        Section(
            tr_noop("Which order?"),
            [
                LookupField(
                    "order_id", tr_noop("Order"), search=find_open_orders, required=True, span=2,
                    placeholder=tr_noop("Number, customer, VIN or pinyin initials"),
                )
            ],
        ),
        Section(
            tr_noop("What was received?"),
            [
                SegmentField(
                    "kind", tr_noop("Kind"), required=True, span=2,
                    choices=[Choice(kind.value, kind.label) for kind in PaymentKind],
                ),
                MoneyField("amount", tr_noop("Amount"), required=True),
                ChoiceField(
                    "method", tr_noop("Method"), required=True,
                    choices=[Choice(method.value, method.label) for method in PaymentMethod],
                ),
                TextField(
                    "reference", tr_noop("Reference"), check=printable, max_length=80,
                    placeholder=tr_noop("Card slip or transfer number"),
                ),
                DateTimeField("received_at", tr_noop("Received at"), hint=tr_noop("Empty: now")),
                MultiLineField("note", tr_noop("Note"), check=printable, span=2, max_length=400, lines=2),
            ],
        ),
    ]  # fmt: skip
