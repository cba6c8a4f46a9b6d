"""Orders: what state they are in, what is still to be paid, whose vehicle the centre gave away."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.kernel.changes import Changes
from app.kernel.permissions import Permission
from app.orders.commands import AskForUnitAgain, ConfirmOrder, SubmitOrder
from app.orders.queries import ConflictRow, OrderRow, count_orders, list_conflicts, list_orders
from app.orders.rules import ClaimState, OrderAction
from app.runtime.language import tr, tr_noop, trn
from app.staff.queries import BranchRow, StaffRow, find_staff, list_branches
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.feedback import EmptyState
from ui.kit.filters import Facet, FacetOption
from ui.kit.keys import Key
from ui.kit.record_page import PanelContent, RecordPage
from ui.orders import order_questions as questions
from ui.orders.conflict_sheet import ConflictSheet
from ui.orders.order_panel import OrderRecord, get_order_record, order_content
from ui.orders.order_states import (
    BEFORE_DELIVERY,
    CLAIM_STATES,
    ORDER_STATES,
    PAYMENT_FACETS,
    SECURED,
    SETTLED,
    SHOWN_CLAIMS,
)

_A = OrderAction
_REVIEWS = (_A.APPROVE_AS_MANAGER, _A.APPROVE_FINANCE)
_VERBS = (
    "orders.ask_again", "orders.resolve", "orders.confirm", "orders.submit", "orders.continue", "orders.receive",
    "orders.return",
)  # fmt: skip


class OrdersPage(RecordPage):
    """All orders of the branch, newest first."""

    title = tr_noop("Orders")
    key = "orders"
    param = "order_id"
    watches = ("sales_order", "payment")
    concerns = ("sales_order_line", "contract", "quotation", "customer", "vehicle_unit")

    def __init__(self, context: PageContext) -> None:
        self._winners: dict[str, str] = {}
        self.columns = self._columns()  # type: ignore[misc]  # a tooltip asks this page for the winner
        super().__init__(context)
        self._mine = FacetOption(context.actor.staff_id, tr_noop("Mine"))
        for name, label, states in (
            ("state", tr_noop("Status"), ORDER_STATES),
            ("claim_state", tr_noop("Centre"), CLAIM_STATES),
            ("payment_state", tr_noop("Payment"), PAYMENT_FACETS),
        ):
            options = [FacetOption(code, state.label) for code, state in states.items()]
            self.filters.add_facet(Facet(name, label, options))
        self.filters.add_facet(Facet("salesperson_id", tr_noop("Salesperson"), [self._mine]))
        self.filters.add_facet(Facet("branch_id", tr_noop("Branch")))
        self._add_actions()

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("number", tr_noop("Number"), kind="code", width=154),
            Column("customer_name", tr_noop("Customer"), width=96),
            Column("state", tr_noop("Status"), kind="state", states=ORDER_STATES, width=148),
            Column("claim_state", tr_noop("Centre"), kind="state", states=SHOWN_CLAIMS, width=108,
                   value=lambda row: SECURED if row.secured else row.claim_state,
                   tooltip=self._claim_tooltip),
            Column("payment_state", tr_noop("Payment"), kind="state", states=PAYMENT_FACETS, width=104),
            Column("vehicle", tr_noop("Vehicle"), width=148, stretch=True, format=str, tooltip=lambda line: line.vin),
            Column("on_road_total", tr_noop("On-road total"), kind="money", width=106),
            Column("outstanding", tr_noop("Outstanding"), kind="money", width=112, visible=False),
            Column("ordered_at", tr_noop("Ordered at"), kind="moment", width=124),
            Column("planned_delivery_on", tr_noop("Delivery"), kind="date", width=96, visible=False),
            Column("salesperson", tr_noop("Salesperson"), width=88, visible=False),
            Column("vin", tr_noop("VIN"), kind="code", width=168, visible=False),
        )  # fmt: skip

    def _claim_tooltip(self, line: OrderRow) -> str:
        winner = self._winners.get(line.id, "")
        return tr("In conflict with {number}", number=winner) if winner else ""

    # --- list ------------------------------------------------------------------------------------

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Sequence[OrderRow]:
        return list_orders(reader, after=after, limit=limit, **filters)

    def count_rows(self, reader: Any, **filters: Any) -> tuple[int, int]:
        return count_orders(reader, **filters)

    def describe_count(self, matched: int, total: int | None) -> str:
        return tr("{n} of {all} orders", n=formats.count(matched), all=formats.count(total))

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered)
        begin = None
        if self.context.may(Permission.QUOTATIONS_EDIT):
            begin = Button(tr_noop("Begin a sale"), kind="primary", icon="handshake", on_click=self._begin_sale)
        return EmptyState(
            tr_noop("No orders yet"),
            tr_noop("An order begins with an offer the customer accepts. Begin a sale, or open an offer."),
            icon="receipt",
            action=begin,
        )

    def activate(self, params: Mapping[str, Any]) -> None:
        super().activate(params)
        run = self.context.operations.run_query
        run(self, find_staff, "", limit=100, on_done=self._on_staff, key="staff")
        run(self, list_branches, on_done=self._on_branches, key="branches")
        run(self, list_conflicts, on_done=self._on_conflicts, key="conflicts")

    def on_changes(self, changes: Changes, initiator: object) -> None:
        super().on_changes(changes, initiator)
        if changes.touches("sales_order"):
            self.context.operations.run_query(self, list_conflicts, on_done=self._on_conflicts, key="conflicts")

    def _on_staff(self, staff: Sequence[StaffRow]) -> None:
        actor = self.context.actor
        others = [person for person in staff if person.id != actor.staff_id and person.branch_id == actor.branch_id]
        self.filters.set_options("salesperson_id", [self._mine, *map(_person_option, others)])

    def _on_branches(self, branches: Sequence[BranchRow]) -> None:
        self.filters.set_options("branch_id", map(_branch_option, branches))

    def _on_conflicts(self, conflicts: Sequence[ConflictRow]) -> None:
        """Orders that lost their vehicle are told above the list until they are settled."""
        before, self._winners = set(self._winners), {each.id: each.winner_number for each in conflicts}
        if not conflicts:
            if before and self.messages.text() == _lost_words(len(before)):
                self.messages.clear()
        elif set(self._winners) - before:
            self.messages.show_message(
                lambda: _lost_words(len(conflicts)),
                tone="bad",
                action=tr_noop("Show them"),
                on_action=self._show_conflicts,
            )

    def _show_conflicts(self) -> None:
        self.close_sheet()
        self.filters.set_values({"claim_state": [ClaimState.CONFLICT.value]}, silently=False)

    # --- panel -----------------------------------------------------------------------------------

    def get_record(self, reader: Any, record_id: str) -> OrderRecord:
        return get_order_record(reader, record_id)

    def panel_content(self, record: OrderRecord) -> PanelContent:
        line = record.row
        may_resolve = self.context.may(Permission.ORDERS_RESOLVE_CONFLICT)
        return PanelContent(
            title=lambda: line.number,
            subtitle=lambda: line.customer_name,
            content=order_content(record, go=self.context.navigator.open, may_resolve=may_resolve),
            verbs=_VERBS,
            more=("orders.document", "orders.plan_delivery", "orders.cancel"),
        )

    def record_shown(self, record: OrderRecord) -> None:
        if isinstance(self.sheet, ConflictSheet):
            self.sheet.refresh(record)

    def open_row(self, row: OrderRow) -> None:
        """Return goes on with the sale, or settles the conflict that stops it."""
        if row.claim_state == ClaimState.CONFLICT and self.context.may(Permission.ORDERS_RESOLVE_CONFLICT):
            self.show_record(row.id)
            self.context.operations.run_query(
                self, self.get_record, row.id, on_done=self._open_conflict, key="conflict"
            )
        elif row.state in BEFORE_DELIVERY and self.context.may(Permission.QUOTATIONS_EDIT):
            self.context.navigator.open("sale", order_id=row.id)
        else:
            self.show_record(row.id)

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        add, edit = self._add_verb, Permission.ORDERS_EDIT
        begin = Action("orders.new", tr_noop("Begin a sale"), self._begin_sale, key=Key.NEW, icon="handshake",
                       permission=Permission.QUOTATIONS_EDIT)  # fmt: skip
        self.add_action(begin, primary=True)
        add("orders.ask_again", tr_noop("Ask for the vehicle again"), self._ask_again, lambda: self.offers("ask_again"),
            key="Ctrl+Y", icon="refresh-cw", permission=edit)
        add("orders.resolve", tr_noop("Settle the conflict"), self._resolve, lambda: self.offers("resolve_conflict"),
            key="Ctrl+R", icon="alert-triangle", permission=Permission.ORDERS_RESOLVE_CONFLICT)  # fmt: skip
        add("orders.continue", tr_noop("Continue the sale"), self._continue, self._may_continue,
            key="Ctrl+O", icon="play", permission=Permission.QUOTATIONS_EDIT)  # fmt: skip
        add("orders.receive", tr_noop("Receive payment"), self._receive, self._may_receive,
            key="Ctrl+T", icon="hand-coins", permission=Permission.PAYMENTS_RECEIVE)  # fmt: skip
        add("orders.submit", tr_noop("Submit again"), self._submit, lambda: self.offers(_A.SUBMIT),
            key="Ctrl+H", icon="send", permission=edit)  # fmt: skip
        add("orders.confirm", tr_noop("Approve"), self._confirm, self._may_review,
            key="Ctrl+G", icon="check", permission=Permission.ORDERS_APPROVE)  # fmt: skip
        add("orders.return", tr_noop("Send back"), self._return, lambda: self.offers(_A.REJECT) and not self.record.own,
            key="Ctrl+U", icon="undo", permission=Permission.ORDERS_APPROVE)  # fmt: skip
        add("orders.document", tr_noop("New document…"), self._new_document, lambda: self.is_shown,
            icon="file-plus", permission=Permission.CONTRACTS_DRAFT)  # fmt: skip
        add("orders.plan_delivery", tr_noop("Plan the delivery"), self._plan, lambda: self.offers("plan_delivery"),
            key=Key.EDIT, icon="calendar-days", permission=edit)  # fmt: skip
        add("orders.cancel", tr_noop("Cancel the order"), self._cancel, lambda: self.offers(_A.CANCEL),
            key=Key.DELETE, icon="ban", permission=Permission.ORDERS_CANCEL)  # fmt: skip

    def _new_document(self) -> None:
        self.context.navigator.open("contracts", new=True, order_id=self.record.row.id)

    def _add_verb(self, action_id: str, text: str, handler: Any, enabled: Any, **more: Any) -> None:
        self.add_action(Action(action_id, text, handler, enabled=enabled, **more))

    def _may_continue(self) -> bool:
        return self.is_shown and self.record.row.state in BEFORE_DELIVERY and not self._in_conflict()

    def _may_receive(self) -> bool:
        if not self.is_shown or self._in_conflict():
            return False
        return self.record.row.state not in SETTLED and self.record.row.outstanding > 0

    def _may_review(self) -> bool:
        return not (self.record and self.record.own) and any(self.offers(action) for action in _REVIEWS)

    def _in_conflict(self) -> bool:
        return bool(self.record.row.claim_state == ClaimState.CONFLICT)

    def _begin_sale(self) -> None:
        self.context.navigator.open("sale")

    def _continue(self) -> None:
        self.context.navigator.open("sale", order_id=self.record.row.id)

    def _receive(self) -> None:
        self.context.navigator.open("payments", receive_for=self.record.row.id)

    def _ask_again(self) -> None:
        line = self.record.row
        self.run(
            AskForUnitAgain(order_id=line.id, expected_revision=line.revision),
            said=lambda: tr("Order {number} asks for its vehicle again.", number=line.number),
        )

    def _submit(self) -> None:
        line = self.record.row
        self.run(
            SubmitOrder(order_id=line.id, expected_revision=line.revision),
            said=lambda: tr("Order {number} is submitted.", number=line.number),
        )

    def _confirm(self) -> None:
        line = self.record.row
        self.run(
            ConfirmOrder(order_id=line.id, expected_revision=line.revision),
            said=lambda: tr("Order {number} is approved.", number=line.number),
        )

    def _return(self) -> None:
        self.ask(questions.return_to_seller(self.context, self.record.row))

    def _plan(self) -> None:
        self.ask(questions.delivery_day(self.context, self.record.row))

    def _cancel(self) -> None:
        self.ask(questions.cancellation(self.context, self.record.row, self.record.standing))

    # --- conflict --------------------------------------------------------------------------------

    def _resolve(self) -> None:
        self._open_conflict(self.record)

    def _open_conflict(self, record: OrderRecord) -> None:
        if record.detail.conflict is None:
            return
        self.record = record
        sheet = ConflictSheet(self.context, record, back=self.back_button())
        sheet.settled.connect(self._on_settled)
        sheet.overtaken.connect(self._on_overtaken)
        number = record.row.number
        self.open_sheet(sheet, lambda: tr("Settle the conflict of {number}", number=number))
        sheet.take_focus()

    def _on_settled(self, text: Any, quote: str) -> None:
        line = self.record.row
        self.context.notifications.show(text, tone="good")
        self.close_sheet()
        if quote:
            self.context.navigator.open("sale", vehicle_unit_id=quote, customer_id=line.customer_id)

    def _on_overtaken(self) -> None:
        self.close_sheet()
        self.messages.show_info(tr_noop("This conflict was settled elsewhere meanwhile."))


def _person_option(person: StaffRow) -> FacetOption:
    return FacetOption(person.id, lambda: person.name)


def _branch_option(branch: BranchRow) -> FacetOption:
    return FacetOption(branch.id, lambda: branch.name)


def _lost_words(n: int) -> str:
    return trn("{n} order lost its vehicle at the centre.", "{n} orders lost their vehicle at the centre.", n)
