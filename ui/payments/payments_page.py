"""Payments: received, confirmed, reconciled, reversed; receipts in both languages."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.customers.queries import get_customer
from app.kernel.changes import Changes
from app.kernel.permissions import Permission
from app.payments.commands import ConfirmPayment, PaymentReceived, ReconcilePayment, ReversePayment
from app.payments.queries import PaymentRow, count_payments, list_payments, receipt_pdf
from app.payments.rules import PaymentAction, PaymentKind, PaymentMethod, PaymentState
from app.printing.queries import receipt_to_print
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.feedback import EmptyState
from ui.kit.fields import MultiLineField
from ui.kit.filters import Facet, FacetOption
from ui.kit.keys import Key
from ui.kit.layout import boxed, column
from ui.kit.panel_form import PanelForm
from ui.kit.paper_sheet import Paper, PaperSheet
from ui.kit.print_dialog import PrintHow, open_print
from ui.kit.print_history import PrintHistory
from ui.kit.record_page import PanelContent, RecordPage
from ui.payments.payment_panel import PaymentRecord, get_payment_record, payment_content
from ui.payments.payment_states import PAYMENT_STATES, kind_text, method_text
from ui.payments.receive_sheet import ReceiveSheet

_A = PaymentAction
_REASON_LIMIT = 400


class PaymentsPage(RecordPage):
    """All payments of the branch, newest first."""

    title = tr_noop("Payments")
    key = "payments"
    param = "payment_id"
    watches = ("payment",)
    concerns = ("sales_order", "customer")
    multiple = True
    columns = (
        Column("number", tr_noop("Number"), kind="code", width=146),
        Column("customer_name", tr_noop("Customer"), width=84),
        Column("kind", tr_noop("Kind"), width=146, format=kind_text),
        Column("amount", tr_noop("Amount"), kind="money", width=98),
        Column("state", tr_noop("Status"), kind="state", states=PAYMENT_STATES, width=140),
        Column("method", tr_noop("Method"), width=98, format=method_text),
        Column("received_at", tr_noop("Received at"), kind="moment", width=124),
        Column("order_number", tr_noop("Order"), kind="code", width=164, stretch=True),
        Column("reference", tr_noop("Reference"), width=120, visible=False),
        Column("received_by", tr_noop("Received by"), width=88, visible=False),
    )

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        kinds = [FacetOption(kind.value, kind.label) for kind in PaymentKind]
        methods = [FacetOption(method.value, method.label) for method in PaymentMethod]
        states = [FacetOption(code, state.label) for code, state in PAYMENT_STATES.items()]
        self.filters.add_facet(Facet("kind", tr_noop("Kind"), kinds))
        self.filters.add_facet(Facet("method", tr_noop("Method"), methods))
        self.filters.add_facet(Facet("state", tr_noop("Status"), states))
        self._add_actions()

    # --- list ------------------------------------------------------------------------------------

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Sequence[PaymentRow]:
        return list_payments(reader, after=after, limit=limit, **filters)

    def count_rows(self, reader: Any, **filters: Any) -> tuple[int, int]:
        return count_payments(reader, **filters)

    def describe_count(self, matched: int, total: int | None) -> str:
        return tr("{n} of {all} payments", n=formats.count(matched), all=formats.count(total))

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered)
        receive = None
        if self.context.may(Permission.PAYMENTS_RECEIVE):
            receive = Button(
                tr_noop("Receive payment"), kind="primary", icon="hand-coins", on_click=self.receive_payment
            )
        return EmptyState(
            tr_noop("No payments yet"),
            tr_noop("Receive earnest money or an advance for an order; its receipt can be printed at once."),
            icon="wallet",
            action=receive,
        )

    def activate(self, params: Mapping[str, Any]) -> None:
        """`receive_for` opens the form for an order; `receipt=True` shows the receipt of the selected payment."""
        super().activate(params)
        if params.get("receive_for") and self.context.may(Permission.PAYMENTS_RECEIVE):
            self.receive_payment(str(params["receive_for"]))
        elif params.get("receipt") and params.get(self.param):
            self._fetch_receipt(str(params[self.param]))

    def on_changes(self, changes: Changes, initiator: object) -> None:
        super().on_changes(changes, initiator)
        if isinstance(self.sheet, ReceiveSheet) and changes.touches("payment", "sales_order"):
            self.sheet.refresh()

    # --- panel -----------------------------------------------------------------------------------

    def get_record(self, reader: Any, record_id: str) -> PaymentRecord:
        return get_payment_record(reader, record_id)

    def panel_content(self, record: PaymentRecord) -> PanelContent:
        payment = record.row
        return PanelContent(
            title=lambda: payment.number,
            subtitle=lambda: payment.customer_name,
            content=boxed(
                column(
                    payment_content(record, go=self.context.navigator.open),
                    PrintHistory(self.context, source="receipt", record_id=payment.id), gap=16,
                )
            ),
            verbs=("payments.confirm", "payments.reconcile", "payments.print"),
            more=("payments.form", "payments.order", "payments.document", "payments.reverse"),
            next_step=bool({_A.CONFIRM, _A.RECONCILE} & set(record.actions)),
        )

    def open_row(self, row: PaymentRow) -> None:
        """Return shows the receipt."""
        self.show_record(row.id)
        self._open_receipt(row)

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        add = self._add_verb
        receive = Action("payments.receive", tr_noop("Receive payment"), self.receive_payment, key=Key.NEW,
                         icon="hand-coins", permission=Permission.PAYMENTS_RECEIVE)  # fmt: skip
        self.add_action(receive, primary=True)
        add("payments.confirm", tr_noop("Confirm the money"), self._confirm, lambda: self.offers(_A.CONFIRM),
            key="Ctrl+G", icon="check", permission=Permission.PAYMENTS_RECEIVE)  # fmt: skip
        add("payments.reconcile", tr_noop("Reconcile"), self._reconcile, lambda: self.offers(_A.RECONCILE),
            key="Ctrl+T", icon="landmark", permission=Permission.PAYMENTS_REVERSE)  # fmt: skip
        add("payments.print", tr_noop("Receipt"), self._print, lambda: self.is_shown,
            key=Key.PRINT, icon="printer")  # fmt: skip
        add("payments.print_chosen", tr_noop("Print the chosen receipts"), self._print_chosen,
            lambda: len(self.table.selected_rows()) > 1, key="Ctrl+Shift+P", icon="printer")  # fmt: skip
        add("payments.form", tr_noop("Fill a pre-printed form"), self._fill_form, lambda: self.is_shown,
            icon="clipboard-list")  # fmt: skip
        add("payments.reverse", tr_noop("Reverse"), self._reverse, lambda: self.offers(_A.REVERSE),
            key=Key.DELETE, icon="undo", permission=Permission.PAYMENTS_REVERSE)  # fmt: skip
        add("payments.document", tr_noop("Receipt to be sealed…"), self._new_document, self._may_document,
            icon="file-plus", permission=Permission.CONTRACTS_SIGN)  # fmt: skip
        add("payments.order", tr_noop("Open the order"), self._open_order, lambda: self.is_shown,
            key="Ctrl+O", icon="receipt", permission=Permission.ORDERS_VIEW)  # fmt: skip

    def _may_document(self) -> bool:
        return self.is_shown and self.record.row.amount > 0 and self.record.row.state != PaymentState.REVERSED

    def _new_document(self) -> None:
        self.context.navigator.open("contracts", new=True, payment_id=self.record.row.id)

    def _add_verb(self, action_id: str, text: str, handler: Any, enabled: Any, **more: Any) -> None:
        self.add_action(Action(action_id, text, handler, enabled=enabled, **more))

    def receive_payment(self, order_id: str = "") -> None:
        """The form in the place of the list."""
        sheet = ReceiveSheet(self.context, cancel=self.cancel_button())
        sheet.received.connect(self._on_received)
        self.open_sheet(sheet, tr_noop("Receive payment"))
        sheet.begin(order_id)

    def _on_received(self, received: PaymentReceived) -> None:
        numbers, excess = ", ".join(received.numbers), received.advance_from_excess
        first = received.payment_ids[0]
        self.close_sheet()
        self.context.notifications.show(
            lambda: tr("Received and stored: {number}", number=numbers),
            tone="good",
            action=tr_noop("Print the receipt"),
            on_action=lambda: self.context.navigator.open(self.key, payment_id=first, receipt=True),
        )
        if excess:
            self.context.notifications.show(
                lambda: tr("{amount} is above 20 % and was posted as an advance.", amount=formats.money(excess)),
                tone="warn",
            )
        self._pinned = True
        self.table.select_id(first)
        self.show_record(first)

    def _confirm(self) -> None:
        payment = self.record.row
        self.run(
            ConfirmPayment(payment_id=payment.id, expected_revision=payment.revision),
            said=lambda: tr("Payment {number} is confirmed.", number=payment.number),
        )

    def _reconcile(self) -> None:
        payment = self.record.row
        self.run(
            ReconcilePayment(payment_id=payment.id, expected_revision=payment.revision),
            said=lambda: tr("Payment {number} is reconciled.", number=payment.number),
        )

    def _reverse(self) -> None:
        payment = self.record.row

        def said(_contra_id: str) -> None:
            self.context.notifications.show(
                lambda: tr("Payment {number} is reversed by a contra entry.", number=payment.number), tone="good"
            )

        self.ask(
            PanelForm(
                self.context,
                lambda: tr("Reverse {amount}?", amount=formats.yuan(payment.amount)),
                [MultiLineField("reason", tr_noop("Reason"), required=True, span=2, max_length=_REASON_LIMIT, lines=3)],
                verb=tr_noop("Reverse"),
                command=lambda values: ReversePayment(
                    payment_id=payment.id, expected_revision=payment.revision, reason=values["reason"]
                ),
                on_done=said,
                text=tr_noop("The entry stays; a contra entry with the same amount below zero is added."),
                danger=True,
            )
        )

    def _open_order(self) -> None:
        self.context.navigator.open("orders", order_id=self.record.row.order_id)

    # --- receipts --------------------------------------------------------------------------------

    def _print(self) -> None:
        if isinstance(self.sheet, PaperSheet):
            self.sheet.print()
        else:
            self._open_receipt(self.record.row)

    def _fill_form(self) -> None:
        self.context.navigator.open("forms", source="receipt", record_id=self.record.row.id)

    def _print_chosen(self) -> None:
        papers = [receipt_to_print(row.id, row.number) for row in self.table.selected_rows()]
        open_print(self, self.context, papers, title=tr_noop("Receipts"), how=PrintHow(kind="receipt"))

    def _fetch_receipt(self, payment_id: str) -> None:
        self.context.operations.run_query(
            self, self.get_record, payment_id, on_done=lambda record: self._open_receipt(record.row), key="receipt"
        )

    def _open_receipt(self, payment: PaymentRow) -> None:
        def fetch(reader: Any, language: str) -> Paper:
            chosen = language or get_customer(reader, payment.customer_id).paper_language
            return Paper(receipt_pdf(reader, payment.id, language=chosen), chosen)

        def title() -> str:
            return tr("Receipt {number}", number=payment.number)

        sheet = PaperSheet(
            self.context, fetch, title=title, file_name=payment.number, back=self.back_button(),
            prints=("receipt", payment.id), kind="receipt",
        )  # fmt: skip
        self.open_sheet(sheet, title)
