"""Everything that can be done with the selected unit: registered once, offered by state and permission."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from app.inventory.commands import ReleaseUnit
from app.inventory.queries import UnitDetail
from app.inventory.rules import (
    AllocationState,
    QualityAction,
    StockAction,
    StockState,
)
from app.kernel.commands import Command
from app.kernel.permissions import Permission
from app.runtime.language import tr_noop
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Button, IconButton
from ui.kit.keys import Key
from ui.kit.panel_form import PanelForm
from ui.kit.text import Words, words
from ui.kit.theme import theme
from ui.vehicles import unit_questions as questions
from ui.vehicles.unit_questions import AxisAction, axis_command, may_act, needs_reason, reason_question

AXIS_ACTIONS: dict[AxisAction, tuple[str, str]] = {
    StockAction.LEND: ("vehicles.lend", "log-out"),
    StockAction.BRING_BACK: ("vehicles.bring_back", "log-in"),
    StockAction.TAKE_BACK: ("vehicles.take_back", "undo"),
    QualityAction.REPORT_DAMAGE: ("vehicles.damage", "alert-triangle"),
    QualityAction.REPAIR: ("vehicles.repair", "wrench"),
    QualityAction.FREEZE: ("vehicles.freeze", "ban"),
    QualityAction.UNFREEZE: ("vehicles.unfreeze", "unlock"),
}
"""Steps on the axes → id and icon of their action."""

_MENU: tuple[tuple[str, ...], ...] = (
    ("vehicles.edit", "vehicles.move", "vehicles.prices", "vehicles.arrived"),
    tuple(name for name, _icon in AXIS_ACTIONS.values()),
    ("vehicles.trim", "vehicles.remove"),
)


class ActsOnUnit(Protocol):
    """What the actions need of the page."""

    context: PageContext

    @property
    def detail(self) -> UnitDetail | None:
        """The unit shown, None while something else is in front."""

    def add_action(self, action: Action) -> None: ...

    def ask(self, question: PanelForm) -> None:
        """Show a question in the panel."""

    def run(self, command: Command, name: Words) -> None:
        """Run a command about the unit shown."""

    def enter_change(self) -> None: ...

    def ask_removal(self) -> None: ...


class UnitActions:
    """Registers the actions, and makes the buttons and the menu of the panel."""

    def __init__(self, page: ActsOnUnit) -> None:
        self._page = page
        self._context = page.context
        for action in (*self._selling(), *self._keeping(), *self._axes()):
            page.add_action(action)

    def buttons(self) -> list[QWidget]:
        """What fits the unit shown: the sale first, then its hold, then a menu with the rest."""
        made: list[QWidget] = []
        for name in ("vehicles.sell", "vehicles.order", "vehicles.hold", "vehicles.extend", "vehicles.release"):
            action = self._context.actions.get(name)
            if self._context.actions.permitted(action) and action.is_enabled():
                made.append(Button.for_action(action, self._context.actions, kind="secondary" if made else "primary"))
        more = IconButton("more-horizontal", tr_noop("More about this vehicle"))
        more.clicked.connect(lambda: self.open_menu(more))
        return [*made, more]

    def open_menu(self, button: QWidget, at: QPoint | None = None) -> None:
        """Everything else that is possible now."""
        menu = QMenu(button)
        menu.aboutToHide.connect(menu.deleteLater)
        registry = self._context.actions
        for group in _MENU:
            offered = [registry.get(name) for name in group]
            offered = [action for action in offered if registry.permitted(action) and action.is_enabled()]
            if offered and menu.actions():
                menu.addSeparator()
            for action in offered:
                entry = menu.addAction(theme().icon(action.icon or ""), words(action.text))
                entry.triggered.connect(partial(_run_later, registry.run, action.id))
        menu.popup(at or button.mapToGlobal(QPoint(0, -menu.sizeHint().height())))

    # --- which actions there are -----------------------------------------------------------------

    def _selling(self) -> list[Action]:
        hold = Permission.INVENTORY_HOLD
        return [
            Action("vehicles.sell", tr_noop("Sell"), self._sell, key="Ctrl+E", icon="handshake",
                   permission=Permission.QUOTATIONS_EDIT, enabled=self._if(self._can_be_sold)),
            Action("vehicles.order", tr_noop("Open the order"), self._open_order, icon="receipt",
                   permission=Permission.ORDERS_VIEW, enabled=self._if(lambda unit: unit.order is not None)),
            Action("vehicles.hold", tr_noop("Hold"), self._asker(questions.hold_question), key="Ctrl+H", icon="clock",
                   permission=hold, enabled=self._if(_can_be_held)),
            Action("vehicles.extend", tr_noop("Extend"), self._asker(questions.extend_question), key="Ctrl+T",
                   icon="calendar-clock", permission=hold, enabled=self._if(self._is_mine)),
            Action("vehicles.release", tr_noop("Release"), self._release, key="Ctrl+R", icon="unlock",
                   permission=hold, enabled=self._if(lambda unit: unit.hold is not None)),
        ]  # fmt: skip

    def _keeping(self) -> list[Action]:
        edit = Permission.INVENTORY_EDIT
        return [
            Action("vehicles.edit", tr_noop("Change…"), self._page.enter_change, key=Key.EDIT, icon="pencil",
                   permission=edit, enabled=self._if(bool)),
            Action("vehicles.move", tr_noop("Move…"), self._asker(questions.move_question), key="Ctrl+G",
                   icon="map-pin", permission=edit, enabled=self._if(bool)),
            Action("vehicles.prices", tr_noop("Change the prices…"), self._asker(questions.price_question),
                   key="Ctrl+U", icon="tag", permission=edit, enabled=self._if(bool)),
            Action("vehicles.arrived", tr_noop("Mark as arrived…"), self._asker(questions.arrival_question),
                   icon="truck", permission=edit,
                   enabled=self._if(lambda unit: unit.row.stock is StockState.IN_TRANSIT)),
            Action("vehicles.trim", tr_noop("Show in the catalogue"), self._open_trim, icon="book-open",
                   permission=Permission.CATALOG_VIEW, enabled=self._if(bool)),
            Action("vehicles.remove", tr_noop("Remove…"), self._page.ask_removal, key=Key.DELETE, icon="trash-2",
                   permission=edit, enabled=self._if(_can_be_removed)),
        ]  # fmt: skip

    def _axes(self) -> list[Action]:
        return [
            Action(
                name, step.label, partial(self._take_step, step), icon=icon, permission=Permission.INVENTORY_EDIT,
                enabled=self._if(partial(_offers, step)),
            )
            for step, (name, icon) in AXIS_ACTIONS.items()
        ]  # fmt: skip

    # --- what they do ----------------------------------------------------------------------------

    def _if(self, condition: Callable[[UnitDetail], object]) -> Callable[[], bool]:
        def enabled() -> bool:
            detail = self._page.detail
            return detail is not None and bool(condition(detail))

        return enabled

    def _is_mine(self, detail: UnitDetail) -> bool:
        return detail.hold is not None and detail.hold.staff_id == self._context.actor.staff_id

    def _can_be_sold(self, detail: UnitDetail) -> bool:
        """Free, or held by oneself, or held for the customer the sale would then be for."""
        if detail.obstacles:
            return False
        held_for_somebody = detail.hold is not None and detail.hold.customer_id is not None
        return detail.row.allocation is AllocationState.FREE or self._is_mine(detail) or held_for_somebody

    def _asker(self, question: Callable[[PageContext, UnitDetail], PanelForm]) -> Callable[[], None]:
        def ask() -> None:
            detail = self._page.detail
            if detail is not None:
                self._page.ask(question(self._context, detail))

        return ask

    def _sell(self) -> None:
        detail = self._page.detail
        if detail is None:
            return
        params: dict[str, Any] = {"vehicle_unit_id": detail.row.id}
        if detail.hold is not None and detail.hold.customer_id:
            params["customer_id"] = detail.hold.customer_id
        self._context.navigator.open("sale", **params)

    def _open_order(self) -> None:
        detail = self._page.detail
        if detail is not None and detail.order is not None:
            self._context.navigator.open("orders", order_id=detail.order.order_id)

    def _open_trim(self) -> None:
        detail = self._page.detail
        if detail is not None:
            self._context.navigator.open("catalogue", trim_id=detail.row.trim_id)

    def _release(self) -> None:
        detail = self._page.detail
        if detail is None:
            return
        if self._is_mine(detail):
            self._page.run(ReleaseUnit(unit_id=detail.row.id), tr_noop("Release the vehicle"))
        else:
            self._page.ask(questions.release_question(self._context, detail))

    def _take_step(self, step: AxisAction) -> None:
        detail = self._page.detail
        if detail is None or not may_act(detail, step):
            return
        if needs_reason(detail, step):
            self._page.ask(reason_question(self._context, detail, step))
        else:
            self._page.run(axis_command(detail, step), step.label)


def _can_be_held(detail: UnitDetail) -> bool:
    return detail.row.allocation is AllocationState.FREE and not detail.obstacles


def _can_be_removed(detail: UnitDetail) -> bool:
    return detail.row.allocation is AllocationState.FREE


def _offers(step: AxisAction, detail: UnitDetail) -> bool:
    return may_act(detail, step)


def _run_later(run: Callable[[str], bool], action_id: str, _checked: bool = False) -> None:
    run(action_id)
