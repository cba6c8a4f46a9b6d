"""What orders go by, in the panel: minimums, lead times, and how the branch orders."""

from collections.abc import Callable
from typing import Any

from app.kernel.commands import Command
from app.kernel.permissions import Permission
from app.replenishment.commands import RemoveStockMinimum, SetLeadTime
from app.replenishment.need_rows import OrderingPolicy
from app.replenishment.queries import LeadTimeRow, MinimumRow
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.controls import Button
from ui.kit.detail_panel import Facts
from ui.kit.editing import SheetPage
from ui.kit.panel_form import PanelForm
from ui.kit.text import Words
from ui.replenishment import questions
from ui.replenishment.words import lead_text


class OrderingTerms:
    """Shows what orders go by, and asks for it anew. `ask(title, form)` shows a form in the panel."""

    def __init__(self, page: SheetPage, *, ask: Callable[[Words, PanelForm], object]) -> None:
        self._page, self._context = page, page.context
        self._ask = ask

    def show_minimum(self, line: MinimumRow) -> None:
        """A minimum and what is available."""
        facts: list[tuple[Words, Words]] = [
            (tr_noop("Trim"), lambda: str(line.trim) or tr("any trim")),
            (tr_noop("Colour"), lambda: str(line.colour) or tr("any colour")),
            (tr_noop("Minimum"), formats.count(line.quantity)),
            (tr_noop("Available"), formats.count(line.available)),
            (tr_noop("Lacking"), formats.count(line.lacking)),
            (tr_noop("Set by"), f"{line.set_by} · {formats.moment(line.set_at)}"),
            (tr_noop("Note"), line.note or "–"),
        ]
        buttons = []
        if self._context.may(Permission.REPLENISHMENT_EDIT):
            buttons = [
                Button(tr_noop("Change"), kind="primary", icon="pencil", on_click=lambda: self._ask(
                    tr_noop("Minimums"), questions.minimum(self._context, line, on_done=self._on_set))),
                Button(tr_noop("Remove"), icon="trash-2", on_click=lambda: self._remove(line)),
            ]  # fmt: skip
        self._page.panel.show_content(lambda: str(line.series), Facts(facts), actions=buttons)

    def _remove(self, line: MinimumRow) -> None:
        self._context.operations.run_command(self._page, RemoveStockMinimum(minimum_id=line.id), on_done=self._on_set)

    def new_minimum(self) -> None:
        """Ask for another minimum."""
        self._ask(tr_noop("Minimums"), questions.minimum(self._context, None, on_done=self._on_set))

    def ask_policy(self, policy: OrderingPolicy) -> None:
        """Ask how the branch orders."""
        self._ask(tr_noop("How we order"), questions.policy(self._context, policy, on_done=self._on_set))

    def ask_lead_time(self) -> None:
        """Ask for the lead time of a make."""
        self._ask(tr_noop("Lead time"), questions.lead_time(self._context, on_done=self._on_set))

    def show_lead_time(self, line: LeadTimeRow) -> None:
        """The lead time of a make and what it rests on."""
        none = "–"
        facts: list[tuple[Words, Words]] = [
            (tr_noop("Counted with"), lambda: lead_text(line.counts)),
            (tr_noop("Rests on"), lambda: tr(line.source.label)),
            (tr_noop("Entered"), lambda: lead_text(line.entered) if line.entered else none),
            (tr_noop("As measured"), lambda: lead_text(line.measured) if line.measured else none),
            (tr_noop("Arrivals"), formats.count(line.arrivals) if line.arrivals else none),
        ]
        buttons = []
        if self._context.may(Permission.REPLENISHMENT_EDIT):
            buttons.append(Button(tr_noop("Change"), kind="primary", icon="pencil", on_click=lambda: self._ask(
                tr_noop("Lead time"), questions.lead_time(self._context, line, on_done=self._on_set))))  # fmt: skip
            if line.entered:
                forget = SetLeadTime(make_id=line.id, mean_days=None, spread_days=None)
                words = tr_noop("Use what was measured") if line.measured else tr_noop("Use the house rule")
                buttons.append(Button(words, on_click=lambda: self._set(forget)))
        self._page.panel.show_content(lambda: str(line.make), Facts(facts), actions=buttons)

    def _set(self, command: Command) -> None:
        self._context.operations.run_command(self._page, command, on_done=self._on_set)

    def _on_set(self, _value: Any) -> None:
        self._page.panel.close_panel()
