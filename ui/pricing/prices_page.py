"""Prices: what counts, what is scheduled, what waits for approval; new changes with a preview; a calendar."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from app.kernel.permissions import Permission
from app.pricing.commands import SubmitPrices
from app.pricing.queries import (
    PriceChangeDetail,
    PriceChangeRow,
    PriceDraft,
    count_price_changes,
    get_price_change,
    get_price_draft,
    list_price_changes,
)
from app.pricing.rules import PriceKind, PriceOrigin, PricePhase
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.feedback import EmptyState
from ui.kit.filters import Facet, FacetOption
from ui.kit.keys import Key
from ui.kit.record_page import PanelContent, RecordPage
from ui.pricing import change_questions as questions
from ui.pricing.change_panel import change_content
from ui.pricing.change_sheet import ChangeSheet
from ui.pricing.timeline import TimelineSheet
from ui.pricing.words import PHASES

_VERBS = ("prices.approve", "prices.reject", "prices.submit", "prices.resume", "prices.end", "prices.withdraw")
_STEPS = frozenset({"approve", "submit"})


class PricesPage(RecordPage):
    """All price changes of the branch, the newest first."""

    title = tr_noop("Prices")
    key = "prices"
    param = "change_id"
    watches = ("price_change", "price_line")
    columns = (
        Column("title", tr_noop("What"), width=160, stretch=True, format=str),
        Column("kind", tr_noop("Kind"), width=132, format=lambda kind: tr(kind.label)),
        Column("phase", tr_noop("Status"), kind="state", states=PHASES, width=144),
        Column("valid_from", tr_noop("Counts from"), kind="date", width=96),
        Column("valid_to", tr_noop("Last day"), kind="date", width=92),
        Column("lines", tr_noop("Lines"), kind="integer", width=64),
        Column("largest_change", tr_noop("Largest change"), kind="percent", width=120),
        Column("drafted_by", tr_noop("Proposed by"), width=96),
        Column("number", tr_noop("Number"), kind="code", width=156, visible=False),
        Column("created_at", tr_noop("Made"), kind="moment", width=132, visible=False),
    )

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        phases = [FacetOption(phase.value, phase.label) for phase in PricePhase]
        kinds = [FacetOption(kind.value, kind.label) for kind in PriceKind]
        self.filters.add_facet(Facet("phase", tr_noop("Status"), phases))
        self.filters.add_facet(Facet("kind", tr_noop("Kind"), kinds))
        self.filters.add_facet(
            Facet("origin", tr_noop("How"), [FacetOption(one.value, one.label) for one in PriceOrigin])
        )
        self._add_actions()

    # --- list ------------------------------------------------------------------------------------

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Sequence[PriceChangeRow]:
        return list_price_changes(reader, after=after, limit=limit, **filters)

    def count_rows(self, reader: Any, **filters: Any) -> tuple[int, int]:
        return count_price_changes(reader, **filters)

    def describe_count(self, matched: int, total: int | None) -> str:
        return tr("{n} of {all} price changes", n=formats.count(matched), all=formats.count(total))

    def empty_state(self, filtered: bool) -> EmptyState:
        if filtered:
            return super().empty_state(filtered)
        begin = None
        if self.context.may(Permission.PRICING_EDIT):
            begin = Button(tr_noop("New price change"), kind="primary", icon="tag", on_click=self._new)
        return EmptyState(
            tr_noop("No price changes yet"),
            tr_noop("Set list and floor prices for many vehicles at once, or plan a campaign, and see before what "
                    "changes."),
            icon="tag", action=begin,
        )  # fmt: skip

    def activate(self, params: Mapping[str, Any]) -> None:
        super().activate(params)
        propose = params.get("propose")
        if propose and self.context.may(Permission.PRICING_EDIT):
            self._new(propose)

    # --- panel -----------------------------------------------------------------------------------

    def get_record(self, reader: Any, record_id: str) -> PriceChangeDetail:
        return get_price_change(reader, record_id)

    def panel_content(self, record: PriceChangeDetail) -> PanelContent:
        return PanelContent(
            title=lambda: str(record.row.title), subtitle=lambda: tr(record.row.kind.label),
            content=change_content(record, go=self.context.navigator.open), verbs=_VERBS,
            next_step=not _STEPS.isdisjoint(record.actions),
        )  # fmt: skip

    def _add_actions(self) -> None:
        edit, approve = Permission.PRICING_EDIT, Permission.PRICING_APPROVE
        self.add_action(
            Action("prices.new", tr_noop("New price change"), self._new, key=Key.NEW, icon="tag", permission=edit),
            primary=True,
        )
        self.add_action(
            Action("prices.calendar", tr_noop("Calendar"), self._calendar, icon="calendar-days"), button=True
        )
        for code, text, icon, handler, permission in (
            ("approve", tr_noop("Approve"), "check", self._approve, approve),
            ("reject", tr_noop("Reject"), "x", self._reject, approve),
            ("submit", tr_noop("Submit"), "send", self._submit, edit),
            ("resume", tr_noop("Continue editing"), "pencil", self._resume, edit),
            ("end", tr_noop("End the campaign"), "flag", self._end, edit),
            ("withdraw", tr_noop("Withdraw"), "undo", self._withdraw, edit),
        ):
            self.add_action(
                Action(f"prices.{code}", text, handler, icon=icon, permission=permission,
                       enabled=partial(self.offers, code))
            )  # fmt: skip

    # --- doing -----------------------------------------------------------------------------------

    def _new(self, propose: Mapping[str, Any] | None = None) -> None:
        given = propose if isinstance(propose, Mapping) else None
        sheet = ChangeSheet(self.context, back=self.back_button(), propose=given)
        sheet.stored.connect(self._on_stored)
        self.open_sheet(sheet, tr_noop("New price change"))
        sheet.take_focus()

    def _on_stored(self, change_id: str) -> None:
        self.close_sheet()
        self.context.notifications.show(tr_noop("The price change is stored."), tone="good")
        self.show_record(change_id)

    def _resume(self) -> None:
        self.context.operations.run_query(
            self, get_price_draft, self.record.row.id, on_done=self._open_draft, key="draft"
        )

    def _open_draft(self, draft: PriceDraft) -> None:
        sheet = ChangeSheet(self.context, back=self.back_button(), draft=draft)
        sheet.stored.connect(self._on_stored)
        self.open_sheet(sheet, tr_noop("Draft of a price change"))
        sheet.take_focus()

    def _calendar(self) -> None:
        sheet = TimelineSheet(self.context, back=self.back_button())
        sheet.timeline.opened.connect(self._on_bar_opened)
        self.open_sheet(sheet, tr_noop("Calendar of prices"))

    def _on_bar_opened(self, change_id: str) -> None:
        self.close_sheet()
        self.show_record(change_id)

    def _approve(self) -> None:
        self.ask(questions.approval(self.context, self.record.row))

    def _reject(self) -> None:
        self.ask(questions.rejection(self.context, self.record.row))

    def _withdraw(self) -> None:
        self.ask(questions.withdrawal(self.context, self.record.row))

    def _end(self) -> None:
        self.ask(questions.ending(self.context, self.record.row))

    def _submit(self) -> None:
        line = self.record.row
        self.run(SubmitPrices(change_id=line.id, expected_revision=line.revision), said=tr_noop("Submitted."))
