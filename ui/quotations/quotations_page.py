"""Offers: found, printed, decided on, and turned into orders."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.customers.queries import get_customer
from app.kernel.permissions import Permission
from app.orders.commands import OrderPlaced
from app.quotations.commands import AcceptQuotation, PresentQuotation
from app.quotations.queries import QuotationRow, count_quotations, list_quotations, quotation_pdf
from app.quotations.rules import QuotationAction
from app.runtime.language import tr, tr_noop
from app.staff.queries import StaffRow, find_staff
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.feedback import EmptyState
from ui.kit.filters import Facet, FacetOption
from ui.kit.keys import Key
from ui.kit.paper_sheet import Paper, PaperSheet
from ui.kit.record_page import PanelContent, RecordPage
from ui.quotations import quotation_questions as questions
from ui.quotations.quotation_panel import QuotationRecord, get_quotation_record, quotation_content
from ui.quotations.quotation_states import QUOTATION_STATES

_A = QuotationAction
_VERBS = (
    "quotations.approve", "quotations.reject", "quotations.convert", "quotations.request_approval",
    "quotations.accept", "quotations.present", "quotations.print",
)  # fmt: skip
_STEPS = frozenset({_A.APPROVE, _A.CONVERT, _A.REQUEST_APPROVAL, _A.ACCEPT, _A.PRESENT})


class QuotationsPage(RecordPage):
    """All offers of the branch, newest first."""

    title = tr_noop("Quotations")
    key = "quotations"
    param = "quotation_id"
    watches = ("quotation", "quotation_line")
    concerns = ("sales_order", "customer", "vehicle_unit")
    columns = (
        Column("number", tr_noop("Number"), kind="code", width=156),
        Column("customer_name", tr_noop("Customer"), width=104),
        Column("state", tr_noop("Status"), kind="state", states=QUOTATION_STATES, width=148),
        Column("vehicle", tr_noop("Vehicle"), width=200, stretch=True, format=str, tooltip=lambda line: line.vin),
        Column("on_road_total", tr_noop("On-road total"), kind="money", width=112),
        Column("valid_until", tr_noop("Valid until"), kind="date", width=96),
        Column("salesperson", tr_noop("Salesperson"), width=88),
        Column("created_at", tr_noop("Made"), kind="moment", width=132, visible=False),
        Column("version_number", tr_noop("Version"), kind="integer", width=72, visible=False),
        Column("vin", tr_noop("VIN"), kind="code", width=168, visible=False),
    )

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self._mine = FacetOption(context.actor.staff_id, tr_noop("Mine"))
        options = [FacetOption(code, state.label) for code, state in QUOTATION_STATES.items()]
        self.filters.add_facet(Facet("state", tr_noop("Status"), options))
        self.filters.add_facet(Facet("salesperson_id", tr_noop("Salesperson"), [self._mine]))
        self._add_actions()

    # --- list ------------------------------------------------------------------------------------

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Sequence[QuotationRow]:
        return list_quotations(reader, after=after, limit=limit, **filters)

    def count_rows(self, reader: Any, **filters: Any) -> tuple[int, int]:
        return count_quotations(reader, **filters)

    def describe_count(self, matched: int, total: int | None) -> str:
        return tr("{n} of {all} quotations", n=formats.count(matched), all=formats.count(total))

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered)
        begin = None
        if self.context.may(Permission.QUOTATIONS_EDIT):
            begin = Button(tr_noop("Begin a sale"), kind="primary", icon="handshake", on_click=self._begin_sale)
        return EmptyState(
            tr_noop("No quotations yet"),
            tr_noop("An offer is made in a sale: choose a vehicle and a customer, and the on-road total follows."),
            icon="scale",
            action=begin,
        )

    def activate(self, params: Mapping[str, Any]) -> None:
        super().activate(params)
        self.context.operations.run_query(self, find_staff, "", limit=100, on_done=self._on_staff, key="staff")

    def _on_staff(self, staff: Sequence[StaffRow]) -> None:
        actor = self.context.actor
        others = [person for person in staff if person.id != actor.staff_id and person.branch_id == actor.branch_id]
        self.filters.set_options("salesperson_id", [self._mine, *map(_person_option, others)])

    # --- panel -----------------------------------------------------------------------------------

    def get_record(self, reader: Any, record_id: str) -> QuotationRecord:
        return get_quotation_record(reader, record_id)

    def panel_content(self, record: QuotationRecord) -> PanelContent:
        line = record.row
        return PanelContent(
            title=lambda: line.number,
            subtitle=lambda: line.customer_name,
            content=quotation_content(record, go=self.context.navigator.open, show=self.show_record),
            verbs=_VERBS,
            more=("quotations.revise", "quotations.lose"),
            next_step=bool(_STEPS & set(record.actions)),
        )

    def open_row(self, row: QuotationRow) -> None:
        """Return prints: that is what an offer is opened for."""
        self.show_record(row.id)
        self._open_paper(row)

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        add, edit = self._add_verb, Permission.QUOTATIONS_EDIT
        begin = Action("quotations.new", tr_noop("Begin a sale"), self._begin_sale, key=Key.NEW, icon="handshake",
                       permission=edit)  # fmt: skip
        self.add_action(begin, primary=True)
        add("quotations.print", _A.CONVERT, tr_noop("Print"), self._print, key=Key.PRINT, icon="printer", always=True)
        add("quotations.request_approval", _A.REQUEST_APPROVAL, _A.REQUEST_APPROVAL.label, self._request_approval,
            key="Ctrl+H", icon="send", permission=edit)  # fmt: skip
        add("quotations.approve", _A.APPROVE, _A.APPROVE.label, self._approve, key="Ctrl+G", icon="check",
            permission=Permission.QUOTATIONS_APPROVE)  # fmt: skip
        add("quotations.reject", _A.REJECT, _A.REJECT.label, self._reject, key="Ctrl+R", icon="ban",
            permission=Permission.QUOTATIONS_APPROVE)  # fmt: skip
        add("quotations.present", _A.PRESENT, _A.PRESENT.label, self._present, key="Ctrl+T", icon="eye",
            permission=edit)  # fmt: skip
        add("quotations.accept", _A.ACCEPT, tr_noop("Customer accepts"), self._accept, key="Ctrl+U",
            icon="badge-check", permission=edit)  # fmt: skip
        add("quotations.convert", _A.CONVERT, _A.CONVERT.label, self._convert, key="Ctrl+O", icon="receipt",
            permission=Permission.ORDERS_EDIT)  # fmt: skip
        add("quotations.revise", _A.SUPERSEDE, _A.SUPERSEDE.label, self._revise, key=Key.EDIT, icon="file-pen",
            permission=edit)  # fmt: skip
        add("quotations.lose", _A.LOSE, _A.LOSE.label, self._lose, key=Key.DELETE, icon="flag", permission=edit)

    def _add_verb(
        self, action_id: str, code: str, text: str, handler: Any, *, always: bool = False, **more: Any
    ) -> None:
        def enabled() -> bool:
            return self.is_shown if always else self.offers(code)

        self.add_action(Action(action_id, text, handler, enabled=enabled, **more))

    def _begin_sale(self) -> None:
        self.context.navigator.open("sale")

    def _request_approval(self) -> None:
        self.ask(questions.approval_request(self.context, self.record.row))

    def _approve(self) -> None:
        self.ask(questions.approval(self.context, self.record.row))

    def _reject(self) -> None:
        self.ask(questions.rejection(self.context, self.record.row))

    def _lose(self) -> None:
        self.ask(questions.loss(self.context, self.record.row))

    def _convert(self) -> None:
        self.ask(questions.conversion(self.context, self.record.row, on_placed=self._on_placed))

    def _on_placed(self, placed: OrderPlaced) -> None:
        number = placed.number
        self.context.notifications.show(lambda: tr("Order {number} is placed.", number=number), tone="good")
        self.context.navigator.open("sale", order_id=placed.order_id)

    def _present(self) -> None:
        line = self.record.row
        self.run(PresentQuotation(quotation_id=line.id, expected_revision=line.revision))

    def _accept(self) -> None:
        line = self.record.row
        self.run(AcceptQuotation(quotation_id=line.id, expected_revision=line.revision))

    def _revise(self) -> None:
        line = self.record.row
        self.context.navigator.open(
            "sale", quotation_id=line.id, vehicle_unit_id=line.vehicle_unit_id, customer_id=line.customer_id
        )

    def _print(self) -> None:
        if isinstance(self.sheet, PaperSheet):
            self.sheet.print()
        else:
            self._open_paper(self.record.row)

    def _open_paper(self, line: QuotationRow) -> None:
        def fetch(reader: Any, language: str) -> Paper:
            chosen = language or get_customer(reader, line.customer_id).paper_language
            return Paper(quotation_pdf(reader, line.id, language=chosen), chosen)

        def title() -> str:
            return tr("Quotation {number}", number=line.number)

        sheet = PaperSheet(
            self.context, fetch, title=title, file_name=line.number, back=self.back_button(),
            kind="quotation",
        )  # fmt: skip
        self.open_sheet(sheet, title)


def _person_option(person: StaffRow) -> FacetOption:
    return FacetOption(person.id, lambda: person.name)
