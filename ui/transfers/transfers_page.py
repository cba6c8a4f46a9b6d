"""Vehicles between branches: what is to be decided, what is on its way, what arrived."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from app.transfers.queries import (
    TransferDetail,
    TransferRow,
    View,
    count_transfers,
    count_views,
    get_transfer,
    list_transfers,
    transfer_note_pdf,
)
from app.transfers.rules import TransferAction, TransferState
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Segmented
from ui.kit.feedback import EmptyState
from ui.kit.keys import Key
from ui.kit.paper_sheet import Paper, PaperSheet
from ui.kit.record_page import PanelContent, RecordPage
from ui.transfers import transfer_questions as questions
from ui.transfers.ports import GroupStockPort
from ui.transfers.request_sheets import GroupStockSheet, OfferSheet, WishSheet
from ui.transfers.transfer_panel import transfer_content
from ui.transfers.words import STATES, centre_text, direction_text, next_step_text, waits_text

_A = TransferAction
_VIEWS: tuple[tuple[View, str, str], ...] = (
    (View.TO_DO, tr_noop("For us to do"), tr_noop("What this branch decides, sends off or takes in")),
    (View.ASKED, tr_noop("Asked for"), tr_noop("Requests and offers that are not decided")),
    (View.ON_THE_WAY, tr_noop("On their way"), tr_noop("Approved, or on the road")),
    (View.ARRIVED, tr_noop("Arrived"), tr_noop("Vehicles that have changed branches")),
    (View.CLOSED, tr_noop("Ended"), tr_noop("Rejected or called off")),
)


class TransfersPage(RecordPage):
    """Both branches see the same transfer; what it says is the centre's word, and what waits for it is said."""

    title = tr_noop("Transfers")
    scope = "transfers"
    key = "transfers"
    param = "transfer_id"
    watches = ("vehicle_transfer",)
    concerns = ("vehicle_unit", "attachment")
    columns = (
        Column("number", tr_noop("Number"), kind="code", width=148),
        Column("state", tr_noop("Status"), kind="state", width=100, states=STATES,
               value=lambda row: row.effective.value),
        Column("direction", tr_noop("Route"), width=112, value=lambda row: row, format=direction_text),
        Column("model", tr_noop("Vehicle"), width=180, stretch=True, format=str),
        Column("vin", tr_noop("VIN"), kind="code", width=152, format=lambda vin: vin or "–"),
        Column("exterior_colour", tr_noop("Colour"), width=96, visible=False, format=str),
        Column("next", tr_noop("Next"), width=136, value=lambda row: row, format=next_step_text,
               tooltip=next_step_text),
        Column("centre", tr_noop("Centre"), width=76, value=lambda row: row, format=centre_text, tooltip=waits_text),
        Column("changed_at", tr_noop("Since"), kind="moment", width=112),
        Column("needed_by", tr_noop("Needed by"), width=104, visible=False, format=formats.date_text),
    )  # fmt: skip

    def __init__(self, context: PageContext, port: GroupStockPort) -> None:
        self._port = port
        self.view = View.TO_DO.value
        """The list in sight; read on reader threads."""
        self._counts: Mapping[str, int] = {}
        super().__init__(context)
        self.views = Segmented([self._choice(*each) for each in _VIEWS], name=tr_noop("Show"))
        self.views.set_value(self.view)
        self.views.chosen.connect(self.show_view)
        self.filters.add_widget(self.views)
        self.filters.search.set_words(tr_noop("Number, VIN or carrier"))
        self._add_actions()

    def _choice(self, view: View, label: str, hint: str) -> Choice:
        def text() -> str:
            counted = self._counts.get(view.value, 0)
            word = tr(label)
            return f"{word} {counted:,}" if counted else word

        return Choice(view.value, text, hint)

    # --- list ------------------------------------------------------------------------------------

    def show_view(self, view: str) -> None:
        """One of the lists."""
        self.view = view
        self.views.set_value(view)
        self.model.load()

    def list_rows(
        self, reader: Any, *, after: Any, limit: int, text: str = "", **filters: Any
    ) -> Sequence[TransferRow]:  # fmt: skip
        return list_transfers(reader, view=self.view, text=text, after=after, limit=limit)

    def count_rows(self, reader: Any, *, text: str = "", **filters: Any) -> int:
        return count_transfers(reader, view=self.view, text=text)

    def describe_count(self, matched: int, total: int | None) -> str:
        return trn("{n} transfer", "{n} transfers", matched)

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered)
        if self.view == View.TO_DO:
            ask = None
            if self.context.may(Permission.TRANSFERS_REQUEST):
                ask = Button(tr_noop("Ask for a vehicle"), kind="primary", icon="search", on_click=self.find_vehicle)
            return EmptyState(
                tr_noop("Nothing to do here"),
                tr_noop("Requests of other branches and vehicles on their way to this one appear here."),
                icon="truck",
                action=ask,
            )
        return EmptyState(tr_noop("Nothing in this list"), icon="truck")

    def activate(self, params: Mapping[str, Any]) -> None:
        """`transfer_id` selects one; `ask=True` opens the search of other branches' stock, `view` one of the lists.

        `unit_id` is a vehicle to offer, perhaps to the branch `branch_id`; `trim_id` a model to wish for, perhaps in a
        `colour`.
        """
        if params.get("view"):
            self.show_view(str(params["view"]))
        super().activate(params)
        self._count_views()
        if not self.context.may(Permission.TRANSFERS_REQUEST):
            return
        if params.get("unit_id"):
            branch_id = params.get("branch_id")
            self.offer().begin_with(str(params["unit_id"]), str(branch_id) if branch_id else None)
        elif params.get("trim_id"):
            self.wish().begin_with(str(params["trim_id"]), str(params.get("colour") or ""))
        elif params.get("ask"):
            self.find_vehicle()

    def on_changes(self, changes: Any, initiator: object) -> None:
        super().on_changes(changes, initiator)
        if changes.touches(*self.watches):
            self._count_views()

    def _count_views(self) -> None:
        self.context.operations.run_query(self, count_views, on_done=self._on_counts, key="views")

    def _on_counts(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self.views.retranslate()

    # --- panel -----------------------------------------------------------------------------------

    def get_record(self, reader: Any, record_id: str) -> TransferDetail:
        return get_transfer(reader, record_id)

    def panel_content(self, record: TransferDetail) -> PanelContent:
        row = record.row
        return PanelContent(
            title=lambda: row.number,
            subtitle=lambda: direction_text(row),
            content=transfer_content(record, self.context),
            verbs=("transfers.approve", "transfers.send", "transfers.receive", "transfers.reject", "transfers.note"),
            more=("transfers.freight", "transfers.order", "transfers.cancel"),
            next_step=bool({_A.APPROVE, _A.DEPART, _A.ARRIVE} & set(record.actions)),
        )

    def open_row(self, row: TransferRow) -> None:
        """Return shows the note that goes along."""
        self.show_record(row.id)
        if row.unit_id:
            self._open_note(row)

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        request, approve, move = (
            Permission.TRANSFERS_REQUEST, Permission.TRANSFERS_APPROVE, Permission.TRANSFERS_MOVE,
        )  # fmt: skip
        add = self.add_action
        add(Action("transfers.ask", tr_noop("Ask for a vehicle"), self.find_vehicle, key=Key.NEW, icon="search",
                   permission=request), primary=True)  # fmt: skip
        add(Action("transfers.wish", tr_noop("Wish for a model"), self.wish, icon="star", permission=request),
            menu=True)  # fmt: skip
        add(Action("transfers.offer", tr_noop("Offer a vehicle"), self.offer, icon="truck", permission=request),
            menu=True)  # fmt: skip
        self._verb("approve", tr_noop("Approve"), questions.approve_question, _A.APPROVE, "Ctrl+G", "check", approve)
        self._verb("reject", tr_noop("Reject"), questions.reject_question, _A.REJECT, "Ctrl+R", "x", approve)
        self._verb("send", tr_noop("Send off"), questions.send_question, _A.DEPART, "Ctrl+T", "truck", move)
        self._verb("receive", tr_noop("Take in"), questions.receive_question, _A.ARRIVE, "Ctrl+U", "warehouse", move)
        self._verb("cancel", tr_noop("Call off"), questions.cancel_question, _A.CANCEL, Key.DELETE, "ban", request)
        add(Action("transfers.freight", tr_noop("Note the freight"), self._freight, icon="banknote", permission=move,
                   enabled=lambda: self.is_shown and self.record.row.effective in
                   (TransferState.DEPARTED, TransferState.MOVED)))  # fmt: skip
        add(Action("transfers.note", tr_noop("Transfer note"), self._note, key=Key.PRINT, icon="printer",
                   enabled=lambda: self.is_shown and bool(self.record.row.unit_id)))  # fmt: skip
        add(Action("transfers.order", tr_noop("Open the order"), self._open_order, key="Ctrl+O", icon="receipt",
                   permission=Permission.ORDERS_VIEW,
                   enabled=lambda: self.is_shown and bool(self.record.order_id)))  # fmt: skip

    def _verb(
        self, name: str, text: str, question: Any, action: TransferAction, key: str, icon: str, permission: Permission
    ) -> None:
        def ask() -> None:
            self.ask(question(self.context, self.record, said=self._said))

        self.add_action(
            Action(f"transfers.{name}", text, ask, key=key, icon=icon, permission=permission,
                   enabled=lambda: self.offers(action))
        )  # fmt: skip

    def _said(self, _transfer_id: str) -> None:
        """What has just been done stays in sight, though it may belong into another list now."""
        self._pinned = True
        self.context.notifications.show(tr_noop("Stored. The centre is asked."), tone="good")

    def find_vehicle(self) -> None:
        """What other branches have, in the place of the list."""
        wish = Button(tr_noop("Wish for a model"), kind="quiet", icon="star", on_click=self.wish)
        sheet = GroupStockSheet(self.context, self._port, cancel=self.cancel_button(), wish=wish)
        self._open(sheet, tr_noop("Ask for a vehicle"))

    def wish(self) -> WishSheet:
        """A model that some branch may have."""
        sheet = WishSheet(self.context, cancel=self.cancel_button())
        self._open(sheet, tr_noop("Wish for a model"))
        return sheet

    def offer(self) -> OfferSheet:
        """One of the branch's vehicles for another one."""
        sheet = OfferSheet(self.context, cancel=self.cancel_button())
        self._open(sheet, tr_noop("Offer a vehicle"))
        return sheet

    def _open(self, sheet: Any, title: str) -> None:
        sheet.asked.connect(self._on_asked)
        self.open_sheet(sheet, title)
        sheet.take_focus()

    def _on_asked(self, transfer_id: str) -> None:
        self.close_sheet()
        self.show_view(View.ASKED.value)
        self.context.notifications.show(
            tr_noop("Stored. The other branch sees it after the next exchange."), tone="good"
        )
        self._pinned = True
        self.show_record(transfer_id)

    def _freight(self) -> None:
        self.ask(questions.freight_question(self.context, self.record, said=lambda _done: None))

    def _open_order(self) -> None:
        self.context.navigator.open("orders", order_id=self.record.order_id)

    # --- the note --------------------------------------------------------------------------------

    def _note(self) -> None:
        if isinstance(self.sheet, PaperSheet):
            self.sheet.print()
        else:
            self._open_note(self.record.row)

    def _open_note(self, row: TransferRow) -> None:
        from app.runtime.language import language

        def fetch(reader: Any, asked: str) -> Paper:
            chosen = asked or language()
            return Paper(transfer_note_pdf(reader, row.id, language=chosen), chosen)

        def title() -> str:
            return tr("Transfer note {number}", number=row.number)

        self.open_sheet(
            PaperSheet(self.context, fetch, title=title, file_name=row.number, back=self.back_button()), title
        )
