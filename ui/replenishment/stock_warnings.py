"""What stands too long or is too many, in the panel: what to do about it, and offering it to another branch."""

from collections.abc import Callable
from typing import Any

from app.kernel.permissions import Permission
from app.replenishment.offers import Surplus, list_surplus
from app.replenishment.rules import CAMPAIGN_CUTS, AgedAction
from app.replenishment.slow_stock_queries import AgedRow, OverstockRow
from app.runtime.language import tr_noop, trn
from ui.kit import formats
from ui.kit.controls import Button, Label
from ui.kit.detail_panel import Facts
from ui.kit.editing import SheetPage
from ui.kit.layout import boxed, column
from ui.kit.panel_form import PanelForm
from ui.kit.text import Words
from ui.replenishment import questions
from ui.replenishment.words import ACTIONS, better_words, days_text, money_or_dash


class StockWarnings:
    """Shows a warning and the ways out of it. `ask(title, form)` shows a form in the panel."""

    def __init__(self, page: SheetPage, *, ask: Callable[[Words, PanelForm], object]) -> None:
        self._page, self._context, self._messages = page, page.context, page.messages
        self._ask = ask

    def show_aged(self, line: AgedRow) -> None:
        """A vehicle that stands too long."""
        unit = line.unit
        facts: list[tuple[Words, Words]] = [
            (tr_noop("VIN"), unit.vin),
            (tr_noop("Stands since"), lambda: f"{formats.date_text(unit.arrived_on)} · {days_text(unit.age_days)}"),
            (tr_noop("Place"), unit.location or "–"),
            (tr_noop("List price"), formats.money(unit.list_price)),
            (tr_noop("Cost"), money_or_dash(unit.cost)),
        ]
        self._show_warning(lambda: str(unit.name), line, facts, unit_ids=(unit.id,))

    def show_overstock(self, line: OverstockRow) -> None:
        """A trim with more than it sells."""
        facts: list[tuple[Words, Words]] = [
            (tr_noop("Free"), formats.count(line.free)),
            (tr_noop("Lasts"), lambda: days_text(line.days)),
            (tr_noop("Too many"), formats.count(line.surplus)),
        ]
        self._show_warning(lambda: str(line.name), line, facts, unit_ids=())

    def _show_warning(
        self, title: Words, line: AgedRow | OverstockRow, facts: list[tuple[Words, Words]], *,
        unit_ids: tuple[str, ...],
    ) -> None:  # fmt: skip
        state = ACTIONS[line.action]
        stack = column(Label(state.label, role="section", wrap=True), gap=12)
        better = better_words(line)
        if better:
            stack.addWidget(Label(lambda: better_words(line), role="secondary", wrap=True))
        stack.addWidget(Facts(facts))
        self._page.panel.show_content(title, boxed(stack), actions=self._ways_out(line, unit_ids))

    def _ways_out(self, line: AgedRow | OverstockRow, unit_ids: tuple[str, ...]) -> list[Button]:
        go = self._context.navigator.open
        found: list[tuple[AgedAction, Button]] = []
        if self._context.may(Permission.PRICING_EDIT):
            cut = str(CAMPAIGN_CUTS.get(line.action, CAMPAIGN_CUTS[AgedAction.CAMPAIGN]))
            propose: dict[str, Any] = {"kind": "CAMPAIGN", "percent": cut}
            if isinstance(line, OverstockRow):
                propose["trims"] = ((line.id, line.name),)
            else:
                propose["unit_ids"] = unit_ids
            campaign = Button(
                tr_noop("Plan a campaign"), icon="badge-percent", on_click=lambda: go("prices", propose=propose)
            )
            found.append((AgedAction.CAMPAIGN, campaign))
        if line.better_branch_id and self._context.may(Permission.TRANSFERS_REQUEST):
            transfer = Button(tr_noop("Transfer"), icon="arrow-left-right", on_click=lambda: self._ask_offer(line))
            found.append((AgedAction.TRANSFER, transfer))
        if unit_ids:
            unit = Button(
                tr_noop("Open the vehicle"), icon="car", on_click=lambda: go("vehicles", unit_id=unit_ids[0])
            )
            found.append((AgedAction.DISPLAY, unit))
        deeper = AgedAction.CAMPAIGN if line.action is AgedAction.CLEARANCE else line.action
        found.sort(key=lambda one: one[0] is not deeper)
        return [button for _, button in found]

    def _ask_offer(self, line: AgedRow | OverstockRow) -> None:
        """Which vehicles to offer to the branch that sells them better."""

        def ask(found: Surplus) -> None:
            if not found.units:
                self._messages.show_info(tr_noop("None of these vehicles can go now: they are held, sold or blocked."))
                return
            form = questions.offering(
                self._context, found.units, chosen=found.suggested, branch_id=line.better_branch_id,
                branch=line.better_branch, on_done=self._on_offered,
            )  # fmt: skip
            self._ask(tr_noop("Transfer"), form)

        if isinstance(line, AgedRow):
            ask(Surplus(units=(line.unit,), suggested=1))
        else:
            self._context.operations.run_query(
                self._page, list_surplus, line.id, surplus=line.surplus, on_done=ask, key="surplus"
            )

    def _on_offered(self, transfer_ids: tuple[str, ...]) -> None:
        said = len(transfer_ids)
        self._context.notifications.show(
            lambda: trn("{n} vehicle offered.", "{n} vehicles offered.", said), tone="good"
        )
        self._context.navigator.open("transfers", transfer_id=transfer_ids[0])
