"""Customers who wait: for one vehicle or for any of a model, queue by queue; whom to offer what."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from app.inventory.queue_queries import (
    OFFERED,
    WaitingDetail,
    WishRow,
    count_wishes,
    get_waiting,
    list_wishes,
)
from app.inventory.rules import WishState
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column, State
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.editing import FormSheet
from ui.kit.feedback import EmptyState
from ui.kit.filters import Facet, FacetOption
from ui.kit.form import Form
from ui.kit.keys import Key
from ui.kit.record_page import PanelContent, RecordPage
from ui.vehicles.running_out import RunningOut
from ui.vehicles.waiting_panel import vehicle_words, waiting_content
from ui.vehicles.waiting_questions import join_command, leave_question, move_question, offer_question, wish_form

STATES = {
    OFFERED: State(tr_noop("Offered"), "accent"),
    WishState.WAITING.value: State(WishState.WAITING.label, "warn"),
    WishState.FULFILLED.value: State(WishState.FULFILLED.label, "good"),
    WishState.LEFT.value: State(WishState.LEFT.label, "neutral"),
}


class WaitingPage(RecordPage):
    """All queues of the branch. Opened with `wish_id` it shows that place."""

    title = tr_noop("Waiting customers")
    key = "waiting"
    param = "wish_id"
    watches = ("unit_wish",)
    concerns = ("vehicle_unit", "vehicle_transfer")

    def __init__(self, context: PageContext) -> None:
        self.columns = _columns(context)  # type: ignore[misc]
        super().__init__(context)
        self.running_out = RunningOut(self.table, self.model, context.clock, until=lambda row: row.offered_until)
        self.filters.search.set_words(tr_noop("Customer"))
        options = [FacetOption(code, shown.label) for code, shown in STATES.items()]
        self.filters.add_facet(Facet("state", tr_noop("Status"), options))
        self.filters.add_facet(Facet("mine", tr_noop("Salesperson"), [FacetOption(True, tr_noop("My customers"))]))
        self._add_actions()

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Sequence[WishRow]:
        return list_wishes(reader, after=after, limit=limit, **filters)

    def count_rows(self, reader: Any, **filters: Any) -> tuple[int, int]:
        return count_wishes(reader, **filters)

    def describe_count(self, matched: int, total: int | None) -> str:
        return tr("{n} of {all} places in queues", n=formats.count(matched), all=formats.count(total))

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered)
        return EmptyState(
            tr_noop("Nobody waits"),
            tr_noop(
                "Whoever wants a vehicle that is held, sold or not there yet gets a place here, and is offered the next"
                " one that fits."
            ),
            action=Button.for_action(
                self.context.actions.get("waiting.new"), self.context.actions, kind="primary"
            ) if self.context.may(Permission.INVENTORY_HOLD) else None,
            icon="clock",
        )  # fmt: skip

    def get_record(self, reader: Any, record_id: str) -> WaitingDetail:
        return get_waiting(reader, record_id)

    def panel_content(self, record: WaitingDetail) -> PanelContent:
        return PanelContent(
            title=lambda: record.row.customer_name or "–",
            subtitle=lambda: vehicle_words(record.row),
            content=waiting_content(self.context, record, STATES[record.row.standing]),
            verbs=(
                "waiting.offer", "waiting.offer_early", "waiting.unit", "waiting.other_branches", "waiting.customer",
            ),
            more=("waiting.move", "waiting.leave"),
            next_step="offer" in record.actions,
        )  # fmt: skip

    # --- actions ---------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        do, arrange = Permission.INVENTORY_HOLD, Permission.INVENTORY_ARRANGE_QUEUE
        self.add_action(
            Action("waiting.new", tr_noop("New place in a queue"), self.enter_new, key=Key.NEW, icon="user-plus",
                   permission=do),
            primary=True,
        )  # fmt: skip
        for action in (
            Action("waiting.offer", tr_noop("Offer now…"), self._ask_offer, key="Ctrl+O", icon="phone", permission=do,
                   enabled=lambda: self.offers("offer")),
            Action("waiting.offer_early", tr_noop("Offer before their turn…"), self._ask_offer, icon="phone",
                   permission=arrange, enabled=lambda: self.offers("offer_early")),
            Action("waiting.unit", tr_noop("Open the vehicle"), self._open_unit, icon="car",
                   enabled=lambda: self.offers("unit") or (self.is_shown and self.record.offered is not None)),
            Action("waiting.customer", tr_noop("Open the customer"), self._open_customer, icon="user",
                   permission=Permission.CUSTOMERS_VIEW, enabled=lambda: self.is_shown),
            Action("waiting.other_branches", tr_noop("Ask other branches…"), self._ask_branches,
                   icon="arrow-left-right", permission=Permission.TRANSFERS_REQUEST, enabled=self._needs_another),
            Action("waiting.move", tr_noop("Change their place…"), self._ask_move, icon="list", permission=arrange,
                   enabled=lambda: self.offers("move")),
            Action("waiting.leave", tr_noop("Leave the queue…"), self._ask_leave, key=Key.DELETE, icon="log-out",
                   permission=do, enabled=lambda: self.offers("leave")),
        ):  # fmt: skip
            self.add_action(action)

    def enter_new(self) -> None:
        """The form for somebody who waits for any vehicle of a model."""
        form = wish_form(self.context)
        save = Button(tr_noop("Join the queue"), kind="primary", on_click=lambda: self._save(form, save))
        form.submitted.connect(lambda: self._save(form, save))
        self.open_sheet(FormSheet(form, buttons=[self.cancel_button(), save]), tr_noop("New place in a queue"))
        form.keep_draft("waiting.new")
        form.focus_first()

    def _save(self, form: Form, button: Button) -> None:
        if not button.isEnabled() or not form.check_all():
            return

        def saved(wish_id: str) -> None:
            form.drop_draft()
            self.close_sheet()
            self.show_record(wish_id)

        job = self.context.operations.run_command(
            form, join_command(form.values()), on_done=saved, name=tr_noop("Join the queue")
        )
        button.busy_while(job)

    def _ask_offer(self) -> None:
        self.ask(offer_question(self.context, self.record))

    def _ask_move(self) -> None:
        self.ask(move_question(self.context, self.record))

    def _ask_leave(self) -> None:
        self.ask(leave_question(self.context, self.record))

    def _needs_another(self) -> bool:
        """Nothing that fits is here."""
        return self.offers("leave") and self.record.row.unit_id is None and not self.record.units

    def _ask_branches(self) -> None:
        line = self.record.row
        self.context.navigator.open("transfers", trim_id=line.trim_id, colour=line.exterior_colour.stored())

    def _open_unit(self) -> None:
        unit = self.record.offered
        self.context.navigator.open("vehicles", unit_id=unit.id if unit is not None else self.record.row.unit_id)

    def _open_customer(self) -> None:
        self.context.navigator.open("customers", customer_id=self.record.row.customer_id)


def _columns(context: PageContext) -> tuple[Column, ...]:
    return (
        Column("vehicle", tr_noop("Waits for"), width=232, stretch=True, format=str),
        Column("exterior_colour", tr_noop("Colour"), width=96, value=lambda row: row, format=_colour),
        Column("place", tr_noop("Turn"), kind="integer", width=56, format=lambda place: str(place) if place else ""),
        Column("customer_name", tr_noop("Customer"), width=96),
        Column("standing", tr_noop("Status"), kind="state", states=STATES, width=104),
        Column("offered_until", tr_noop("Offer until"), width=112,
               format=lambda until: formats.moment(until) if until is not None else ""),
        Column("since", tr_noop("Waits since"), width=104, format=partial(_since, context)),
        Column("salesperson", tr_noop("Salesperson"), width=88),
        Column("earnest_reference", tr_noop("Receipt"), kind="code", width=104, visible=False),
    )  # fmt: skip


def _colour(row: WishRow) -> str:
    if row.unit_id is not None:
        return ""
    return str(row.exterior_colour) or tr("any")


def _since(context: PageContext, since: Any) -> str:
    return formats.duration((context.clock.now() - since).total_seconds())
