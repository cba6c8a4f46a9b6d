"""The sale from the first look to the sealed contract, on one page, with everything in sight."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from app.customers.queries import CustomerDetails, get_customer
from app.inventory.commands import HoldUnit, ReleaseUnit
from app.inventory.queries import UnitDetail, UnitRow, get_unit
from app.kernel.changes import Changes
from app.kernel.permissions import Permission
from app.leases.port import LeasePort, Secured
from app.orders.commands import OrderPlaced, PlaceOrder
from app.orders.queries import OrderDetail, get_order
from app.orders.rules import ClaimState
from app.quotations.commands import DraftQuotation, QuotationDrafted, QuotationTerms, ReviseQuotation
from app.quotations.queries import QuotationDetail, get_quotation, quotation_pdf
from app.quotations.rules import QuotationState
from app.runtime.language import tr, tr_noop
from sync.protocol.limits import LEASE_HOURS
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.keys import Key
from ui.kit.lease_words import answer_words
from ui.kit.page import Page
from ui.kit.stepper import ROOMY, Stepper
from ui.kit.theme import theme
from ui.sales.contract_station import ContractStation
from ui.sales.customer_station import CustomerStation
from ui.sales.offer_station import OfferStation
from ui.sales.payment_station import PaymentStation
from ui.sales.sale_state import DRAFT_KEY, ORDER, STEP_LABELS, SaleState, Step
from ui.sales.summary_panel import CLAIM_WORDS, SummaryPanel, secured_words
from ui.sales.unit_station import UnitStation
from ui.signing.done_station import DoneStation
from ui.signing.phone_port import PhonePort
from ui.signing.signing_station import SigningStation

ORDERABLE = frozenset(
    {QuotationState.DRAFT, QuotationState.APPROVED, QuotationState.PRESENTED, QuotationState.ACCEPTED}
)
_PARAMS = ("vehicle_unit_id", "customer_id", "quotation_id", "order_id")
WITH_SUMMARY = frozenset({Step.VEHICLE, Step.CUSTOMER, Step.OFFER, Step.PAYMENT})
"""Afterwards the document needs the room and says it all."""


class SalePage(Page):
    """Leads through the stations; what was reached is kept, also across a crash."""

    title = tr_noop("New sale")

    def __init__(
        self, context: PageContext, leases: LeasePort | None = None, phones: PhonePort | None = None, *,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(context, parent=parent)
        self._leases = leases
        self.state = SaleState()
        self._unit: UnitDetail | None = None
        self._customer: CustomerDetails | None = None
        self._quotation: QuotationDetail | None = None
        self._order_after_drafting = False
        self._offered = self._offer_to_restore = False
        self.stepper = Stepper(STEP_LABELS)
        self.stepper.chosen.connect(self._on_step_chosen)
        self.units = UnitStation(context)
        self.customers = CustomerStation(context)
        self.offer = OfferStation(context)
        self.payment = PaymentStation(context)
        self.contract = ContractStation(context)
        self.signing = SigningStation(context, phones)
        self.done = DoneStation(context, go_on=tr_noop("Next sale"))
        self.summary = SummaryPanel(context.clock)
        self._stations = QStackedWidget()
        for station in self._by_step().values():
            self._stations.addWidget(station)
        self._connect_stations()
        across = QHBoxLayout()
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(theme().px(16))
        across.addWidget(self.stepper)
        across.addWidget(self._stations, 1)
        across.addWidget(self.summary)
        body = QWidget()
        body.setLayout(across)
        self.set_body(body)
        self.add_action(Action("sale.new", tr_noop("Begin a new sale"), self.begin_anew, key=Key.NEW, icon="plus"))
        self.add_action(
            Action("sale.secure", tr_noop("Secure this vehicle for selling offline"), self._secure, icon="lock",
                   key="Ctrl+Shift+L", permission=Permission.INVENTORY_SECURE, enabled=self._can_be_secured),
            menu=True,
        )  # fmt: skip
        self.add_action(
            Action("sale.back", tr_noop("One station back"), self._go_back, icon="arrow-left", key="Ctrl+Backspace")
        )
        self._show_step(Step.VEHICLE)

    # --- a vehicle for where there is no network -------------------------------------------------

    def _can_be_secured(self) -> bool:
        """A vehicle is chosen, and not sold yet: afterwards the centre is asked anyhow."""
        return self._leases is not None and self._unit is not None and not self.state.order_id

    def _secure(self) -> None:
        port, unit = self._leases, self._unit
        if port is None or unit is None:
            return
        self.context.operations.run_long(
            self, lambda _progress: port.secure([unit.row.vin], LEASE_HOURS), title=tr_noop("Securing the vehicle"),
            on_done=self._on_secured,
        )  # fmt: skip

    def _on_secured(self, answer: Secured) -> None:
        text, tone = answer_words(answer)
        self.context.notifications.show(text, tone=tone)
        if self.state.vehicle_unit_id:
            self.context.operations.run_query(
                self, get_unit, self.state.vehicle_unit_id, on_done=self._on_unit, key="unit"
            )

    # --- life ------------------------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        """Begin with a vehicle or a customer that another page chose; go on with what was left unfinished."""
        given = {name: str(params.get(name) or "") for name in _PARAMS}
        unit_id, customer_id = given["vehicle_unit_id"], given["customer_id"]
        if given["order_id"]:
            self._resume_order(given["order_id"])
        elif given["quotation_id"] and unit_id and customer_id:
            self.resume(SaleState(Step.OFFER, unit_id, customer_id, given["quotation_id"]))
        elif unit_id or customer_id:
            self.begin_anew()
            if customer_id:
                self._take_customer(customer_id)
            if unit_id:
                self._hold(unit_id)
        elif not self.state.begun and not self._offered:
            self._offered = True
            drafts = self.context.drafts
            self.context.operations.run_plain(self, lambda: drafts.load(DRAFT_KEY), on_done=self._on_draft)
        self._station().take_focus()

    def on_changes(self, changes: Changes, initiator: object) -> None:
        """The manager decided, or the centre did."""
        state = self.state
        if state.quotation_id in changes.ids("quotation") and not state.order_id:
            self._fetch_quotation()
        if state.order_id and (state.order_id in changes.ids("sales_order") or changes.everything):
            self._fetch_order()

    def begin_anew(self) -> None:
        """Forget the sale in hand; what was stored stays stored, an untouched hold is released."""
        if self._unit is not None and not self.state.order_id and self.state.step != Step.DONE:
            self.context.operations.run_command(
                self, ReleaseUnit(unit_id=self._unit.row.id), on_error=lambda _error: True
            )
        self.state = SaleState()
        self._unit = self._customer = self._quotation = None
        self.contract.forget()
        self.summary.clear()
        self.set_subtitle("")
        for step in ORDER:
            self.stepper.set_note(step, "")
        drafts = self.context.drafts
        self.context.operations.run_plain(self, lambda: drafts.discard(DRAFT_KEY), writes=True)
        self._show_step(Step.VEHICLE)

    def _resume_order(self, order_id: str) -> None:
        self.context.operations.run_query(
            self, get_order, order_id, on_done=lambda order: self.resume(SaleState.of_order(order)), key="resume"
        )

    def resume(self, state: SaleState) -> None:
        """Go on with a sale: everything is read again by its id."""
        self.state = state
        self._unit = self._customer = self._quotation = None
        self.contract.forget()
        run = self.context.operations.run_query
        if state.order_id:
            self._fetch_order()
        if state.vehicle_unit_id:
            run(self, get_unit, state.vehicle_unit_id, on_done=self._on_unit, key="unit")
        if state.customer_id:
            run(self, get_customer, state.customer_id, on_done=self._on_customer, key="customer")
        self._show_step(Step(state.step))
        if state.quotation_id and not state.order_id:
            self._offer_to_restore = True
            self._fetch_quotation()

    # --- stations --------------------------------------------------------------------------------

    def _by_step(self) -> dict[Step, Any]:
        return {
            Step.VEHICLE: self.units, Step.CUSTOMER: self.customers, Step.OFFER: self.offer,
            Step.PAYMENT: self.payment, Step.CONTRACT: self.contract, Step.SIGNING: self.signing,
            Step.DONE: self.done,
        }  # fmt: skip

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The steps stand there where a form or a document with its verbs does not need their room."""
        wide = self.state.step in (Step.OFFER, Step.CONTRACT, Step.SIGNING)
        self.stepper.setVisible(not wide or self.width() >= theme().px(ROOMY))

    def _station(self) -> Any:
        return self._by_step()[Step(self.state.step)]

    def _connect_stations(self) -> None:
        self.units.chosen.connect(lambda row: self._hold(row.id, row))
        self.customers.chosen.connect(self._take_customer)
        self.offer.previewed.connect(self.summary.set_preview)
        self.offer.wanted.connect(self._on_offer_wanted)
        self.offer.approved_wanted.connect(self._on_approved_wanted)
        self.offer.print_wanted.connect(self._on_print_wanted)
        self.payment.received.connect(self._on_payment_received)
        self.payment.skipped.connect(lambda: self._advance(Step.CONTRACT))
        self.contract.drafted.connect(self._on_contract_drafted)
        self.signing.ended.connect(self._on_signing_ended)
        self.contract.locked.connect(lambda _contract_id: self._advance(Step.SIGNING))
        self.signing.sealed.connect(self._on_sealed)
        self.done.finished.connect(self.begin_anew)

    def _show_step(self, step: Step) -> None:
        self.state.step = step
        station = self._station()
        self._stations.setCurrentWidget(station)
        chosen = self._unit is not None or self._customer is not None
        self.summary.setVisible(step in WITH_SUMMARY and (chosen or step is not Step.VEHICLE))
        self._fit()
        self.stepper.show_progress(step, self._reached())
        if step is Step.OFFER and self._unit is not None and self._customer is not None:
            self.offer.begin(self._unit.row.id, self._customer.id)
        elif step is Step.PAYMENT:
            self.payment.begin(self.state.order_id)
        elif step is Step.CONTRACT:
            language = self._customer.paper_language if self._customer is not None else "zh_CN"
            self.contract.begin(self.state.order_id, self.state.contract_id, language=language)
        elif step is Step.SIGNING:
            self.signing.begin(self.state.contract_id)
        elif step is Step.DONE:
            self.done.begin(self.state.contract_id)
        if self.isVisible():
            station.take_focus()

    def _reached(self) -> Step:
        state = self.state
        if state.step == Step.DONE:
            return Step.DONE
        if state.contract_id and state.step in (Step.CONTRACT, Step.SIGNING):
            return Step(state.step)
        if state.order_id:
            return max(Step(state.step), Step.PAYMENT, key=ORDER.index)
        if self._unit is not None and self._customer is not None:
            return Step.OFFER
        return Step.CUSTOMER if self._unit is not None else Step.VEHICLE

    def _advance(self, step: Step) -> None:
        self.state.step = step
        self._keep()
        self._show_step(step)

    def _on_step_chosen(self, step: str) -> None:
        before_order = (Step.VEHICLE, Step.CUSTOMER, Step.OFFER)
        if bool(self.state.order_id) == (Step(step) in before_order) or self.state.step == Step.DONE:
            return
        if Step(step) is Step.SIGNING and not self.state.contract_id:
            return
        self._show_step(Step(step))

    def _go_back(self) -> None:
        index = ORDER.index(Step(self.state.step))
        if index > 0:
            self._on_step_chosen(ORDER[index - 1])

    # --- vehicle and customer --------------------------------------------------------------------

    def _hold(self, unit_id: str, row: UnitRow | None = None) -> None:
        self.messages.clear()
        command = HoldUnit(unit_id=unit_id, customer_id=self.state.customer_id or None)
        self.context.operations.run_command(self, command, on_done=lambda _until: self._on_held(unit_id))

    def _on_held(self, unit_id: str) -> None:
        before = self._unit
        if before is not None and before.row.id != unit_id:
            self.context.operations.run_command(self, ReleaseUnit(unit_id=before.row.id), on_error=lambda _error: True)
        self.state.vehicle_unit_id = unit_id
        self.context.operations.run_query(self, get_unit, unit_id, on_done=self._on_unit_taken, key="unit")

    def _on_unit_taken(self, unit: UnitDetail) -> None:
        self._on_unit(unit)
        self._advance(Step.OFFER if self._customer is not None else Step.CUSTOMER)

    def _on_unit(self, unit: UnitDetail) -> None:
        self._unit = unit
        self.summary.set_unit(unit)
        self.stepper.set_note(Step.VEHICLE, str(unit.row.name))
        self._maybe_offer()

    def _take_customer(self, customer_id: str) -> None:
        self.state.customer_id = customer_id
        self.context.operations.run_query(
            self, get_customer, customer_id, on_done=self._on_customer_taken, key="customer"
        )

    def _on_customer_taken(self, customer: CustomerDetails) -> None:
        self._on_customer(customer)
        self._advance(Step.OFFER if self._unit is not None else Step.VEHICLE)

    def _on_customer(self, customer: CustomerDetails) -> None:
        self._customer = customer
        self.summary.set_customer(customer.name)
        self.stepper.set_note(Step.CUSTOMER, customer.name)
        self._maybe_offer()

    def _maybe_offer(self) -> None:
        if self.state.step == Step.OFFER and self._unit is not None and self._customer is not None:
            self.offer.begin(self._unit.row.id, self._customer.id)
            self._show_quotation()

    # --- offer and order -------------------------------------------------------------------------

    def _on_offer_wanted(self, terms: QuotationTerms, reason: str) -> None:
        if self._quotation is not None and self._quotation.row.state in ORDERABLE and self._quotation.terms == terms:
            self._place(self._quotation.row.id, self._quotation.row.revision)
            return
        self._order_after_drafting = True
        run = self.context.operations.run_command
        self.offer.busy_while(run(self.offer, self._storing(terms, reason), on_done=self._on_drafted))

    def _storing(self, terms: QuotationTerms, reason: str = "") -> DraftQuotation | ReviseQuotation:
        """A first version, or the next one of the offer in hand."""
        if self._quotation is None:
            return DraftQuotation(customer_id=self.state.customer_id, terms=terms, approval_reason=reason)
        row = self._quotation.row
        return ReviseQuotation(quotation_id=row.id, expected_revision=row.revision, terms=terms, approval_reason=reason)

    def _on_approved_wanted(self) -> None:
        if self._quotation is not None:
            self._place(self._quotation.row.id, self._quotation.row.revision)

    def _on_drafted(self, drafted: QuotationDrafted) -> None:
        self.state.quotation_id = drafted.quotation_id
        self._keep()
        if drafted.state == QuotationState.PENDING_APPROVAL:
            self._fetch_quotation()
        elif self._order_after_drafting:
            self._place(drafted.quotation_id, drafted.revision)

    def _fetch_quotation(self) -> None:
        self.context.operations.run_query(
            self, get_quotation, self.state.quotation_id, on_done=self._on_quotation, key="quotation"
        )

    def _on_quotation(self, quotation: QuotationDetail) -> None:
        self._quotation = quotation
        self._show_quotation()

    def _show_quotation(self) -> None:
        """What has become of the stored offer, once vehicle and customer are there too."""
        quotation = self._quotation
        if quotation is None or self._unit is None or self._customer is None:
            return
        self.stepper.set_note(Step.OFFER, quotation.row.number)
        if self.state.step != Step.OFFER:
            return
        if self._offer_to_restore:
            self._offer_to_restore = False
            self.offer.form.show_terms(quotation.terms, reason=quotation.approval_reason)
            self.offer.refresh_preview()
        state = quotation.row.state
        self.offer.set_waiting(state == QuotationState.PENDING_APPROVAL)
        if state == QuotationState.APPROVED:
            self.offer.set_approved(quotation.decided_by)
        elif state == QuotationState.REJECTED:
            note = quotation.decision_note
            self.offer.messages.show_message(lambda: tr("The price was refused: {reason}", reason=note), tone="bad")

    def _place(self, quotation_id: str, revision: int) -> None:
        command = PlaceOrder(
            quotation_id=quotation_id, expected_revision=revision, planned_delivery=self.offer.form.planned_delivery()
        )
        self.offer.busy_while(self.context.operations.run_command(self.offer, command, on_done=self._on_placed))

    def _on_placed(self, placed: OrderPlaced) -> None:
        self.state.order_id = placed.order_id
        self.summary.set_order(placed.number, ClaimState.PROVISIONAL)
        self.stepper.set_note(Step.OFFER, placed.number)
        self._fetch_order()
        self._advance(Step.PAYMENT)

    def _on_signing_ended(self) -> None:
        """A party declined: another contract is drafted from here."""
        self.state.contract_id = ""
        self.contract.forget()
        self._advance(Step.CONTRACT)

    def _on_payment_received(self) -> None:
        last = self.payment.last
        if last is not None:
            self.stepper.set_note(Step.PAYMENT, formats.money(self.payment.form.value("amount")))
        self._advance(Step.CONTRACT)

    def _fetch_order(self) -> None:
        self.context.operations.run_query(self, get_order, self.state.order_id, on_done=self._on_order, key="order")

    def _on_order(self, order: OrderDetail) -> None:
        row = order.row
        self.summary.set_order(row.number, row.claim_state, order.security)
        self.set_subtitle(lambda: tr("Order {number} · {claim}", number=row.number, claim=_claim_of(order)))
        run = self.context.operations.run_query
        if self._unit is None:
            self.state.vehicle_unit_id = row.vehicle_unit_id
            run(self, get_unit, row.vehicle_unit_id, on_done=self._on_unit, key="unit")
        if self._customer is None:
            self.state.customer_id = row.customer_id
            run(self, get_customer, row.customer_id, on_done=self._on_customer, key="customer")
        if row.claim_state == ClaimState.CONFLICT:
            winner = order.conflict.winner_number if order.conflict is not None else ""
            self.messages.show_message(
                lambda: tr(
                    "The centre gave this vehicle to order {number}. Settle it on the Orders page.", number=winner
                ),
                tone="bad", action=tr_noop("Open the order"),
                on_action=lambda: self.context.navigator.open("orders", order_id=row.id),
            )  # fmt: skip

    def _on_print_wanted(self, terms: QuotationTerms) -> None:
        self._order_after_drafting = False
        if self._quotation is not None and self._quotation.terms == terms:
            self._print_quotation(self._quotation.row.id)
            return
        self.context.operations.run_command(self.offer, self._storing(terms), on_done=self._on_print_drafted)

    def _on_print_drafted(self, drafted: QuotationDrafted) -> None:
        self.state.quotation_id = drafted.quotation_id
        self._keep()
        self._fetch_quotation()
        self._print_quotation(drafted.quotation_id)

    def _print_quotation(self, quotation_id: str) -> None:
        from app.printing.queries import PaperToPrint
        from ui.kit.print_dialog import PrintHow, open_print

        paper = PaperToPrint(label=tr("Offer"), fetch=lambda reader: quotation_pdf(reader, quotation_id))
        open_print(self, self.context, [paper], title=tr_noop("Offer"), how=PrintHow(kind="quotation"))

    # --- contract --------------------------------------------------------------------------------

    def _on_contract_drafted(self, contract_id: str) -> None:
        self.state.contract_id = contract_id
        self._keep()
        self.stepper.show_progress(Step(self.state.step), self._reached())

    def _on_sealed(self, _contract_id: str) -> None:
        drafts = self.context.drafts
        self.context.operations.run_plain(self, lambda: drafts.discard(DRAFT_KEY), writes=True)
        self._show_step(Step.DONE)

    # --- across a crash --------------------------------------------------------------------------

    def _keep(self) -> None:
        drafts, payload = self.context.drafts, self.state.stored()
        self.context.operations.run_plain(self, lambda: drafts.save(DRAFT_KEY, payload), writes=True)

    def _on_draft(self, payload: dict[str, Any] | None) -> None:
        if not payload or self.state.begun:
            return
        state = SaleState.from_stored(payload)
        if state.begun or state.order_id:
            self.messages.show_message(
                tr_noop("A sale was left unfinished."), tone="info",
                action=tr_noop("Go on with it"), on_action=lambda: self.resume(state),
            )  # fmt: skip

    def sizeHint(self) -> QSize:
        return QSize(theme().px(1072), theme().px(720))


def _claim_of(order: OrderDetail) -> str:
    """The centre's word on the vehicle, or the lease under which it was sold."""
    if order.security is not None and order.security.counts:
        return secured_words(order.security)
    return tr(CLAIM_WORDS[ClaimState(order.row.claim_state)])
