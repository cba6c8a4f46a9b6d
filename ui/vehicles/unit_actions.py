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
from app.leases.port import LeasePort
from app.runtime.language import tr, tr_noop
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Button, IconButton
from ui.kit.keys import Key
from ui.kit.lease_words import given_back_words
from ui.kit.panel_form import PanelForm
from ui.kit.text import Words, words
from ui.kit.theme import theme
from ui.vehicles import unit_questions as questions
from ui.vehicles.several_units import SeveralUnits
from ui.vehicles.unit_questions import AxisAction, axis_command, may_act, needs_reason, reason_question
from ui.vehicles.unit_reading import UnitRecord

AXIS_ACTIONS: dict[AxisAction, tuple[str, str]] = {
    StockAction.LEND: ("vehicles.lend", "log-out"),
    StockAction.LEAVE: ("vehicles.leave", "truck"),
    StockAction.BRING_BACK: ("vehicles.bring_back", "log-in"),
    StockAction.TAKE_BACK: ("vehicles.take_back", "undo"),
    QualityAction.REPORT_DAMAGE: ("vehicles.damage", "alert-triangle"),
    QualityAction.REPAIR: ("vehicles.repair", "wrench"),
    QualityAction.FREEZE: ("vehicles.freeze", "ban"),
    QualityAction.UNFREEZE: ("vehicles.unfreeze", "unlock"),
}
"""Steps on the axes → id and icon of their action."""

_BUTTONS = (
    "vehicles.sell", "vehicles.order", "vehicles.hold", "vehicles.extend", "vehicles.release", "vehicles.wait",
)  # fmt: skip
"""What stands below the panel where it is possible."""
_MENU: tuple[tuple[str, ...], ...] = (
    ("vehicles.edit", "vehicles.move", "vehicles.prices", "vehicles.arrived", "vehicles.transfer"),
    ("vehicles.secure", "vehicles.give_back"),
    ("vehicles.wait", "vehicles.leave_queue", "vehicles.arrange_queue"),
    ("vehicles.inspect", "vehicles.certificate", "vehicles.keys", "vehicles.hand_over"),
    ("vehicles.costs", "vehicles.document", "vehicles.label"),
    tuple(name for name, _icon in AXIS_ACTIONS.values()),
    ("vehicles.trim", "vehicles.remove"),
)


class ActsOnUnit(Protocol):
    """What the actions need of the page."""

    context: PageContext

    @property
    def detail(self) -> UnitDetail | None:
        """The unit shown, None while something else is in front."""

    @property
    def record(self) -> UnitRecord | None:
        """All about the unit shown."""

    def add_action(self, action: Action) -> None: ...

    @property
    def leases(self) -> LeasePort | None:
        """What secures vehicles at the centre, None where there is no centre to ask."""

    @property
    def several(self) -> SeveralUnits:
        """The vehicles selected, where these are several."""

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
        selling = (*self._selling(), *self._securing(), *self._waiting())
        for action in (*selling, *self._keeping(), *self._caring(), *self._axes()):
            page.add_action(action)

    def buttons(self) -> list[QWidget]:
        """What fits the unit shown: the sale first, then its hold, then a menu with the rest."""
        made: list[QWidget] = []
        for name in _BUTTONS:
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

    def _securing(self) -> list[Action]:
        secure = Permission.INVENTORY_SECURE
        return [
            Action("vehicles.secure", self._secure_words, self._ask_to_secure, key="Ctrl+Shift+L", icon="lock",
                   permission=secure, enabled=self._may_secure),
            Action("vehicles.give_back", tr_noop("Give the secured vehicle back"), self._give_back, icon="unlock",
                   permission=secure, enabled=self._if(self._is_secured_here)),
        ]  # fmt: skip

    def _waiting(self) -> list[Action]:
        arrange = Permission.INVENTORY_ARRANGE_QUEUE
        return [
            Action("vehicles.wait", tr_noop("Wait for it…"), self._asker(questions.queue_question), key="Ctrl+Y",
                   icon="users", permission=Permission.INVENTORY_HOLD, enabled=self._if(self._can_be_wanted)),
            Action("vehicles.leave_queue", tr_noop("Leave the queue…"),
                   self._queue_asker(questions.leave_queue_question), icon="x", permission=Permission.INVENTORY_HOLD,
                   enabled=lambda: self._waiting_now() > 0),
            Action("vehicles.arrange_queue", tr_noop("Change the order of the queue…"),
                   self._queue_asker(questions.arrange_question), icon="arrow-up", permission=arrange,
                   enabled=lambda: self._waiting_now() > 1),
        ]  # fmt: skip

    def _caring(self) -> list[Action]:
        return [
            Action("vehicles.inspect", tr_noop("Inspect…"), partial(self._travel, "inspections", "unit_id"),
                   icon="clipboard-check", permission=Permission.INSPECTIONS_PERFORM, enabled=self._if(_is_here)),
            Action("vehicles.certificate", tr_noop("Certificate…"), partial(self._travel, "custody", "certificate_of"),
                   icon="file-check", permission=Permission.CUSTODY_CERTIFICATES, enabled=self._if(bool)),
            Action("vehicles.keys", tr_noop("Keys…"), partial(self._travel, "keys", "keys_of"), icon="key-round",
                   permission=Permission.CUSTODY_KEYS, enabled=self._if(bool)),
            Action("vehicles.costs", tr_noop("Costs and loan…"), partial(self._travel, "costs", "unit_id"),
                   icon="coins", permission=Permission.INVENTORY_VIEW_COST, enabled=self._if(bool)),
            Action("vehicles.document", tr_noop("New document…"), self._new_document, icon="file-plus",
                   permission=Permission.CONTRACTS_DRAFT, enabled=self._if(bool)),
            Action("vehicles.label", tr_noop("Print a label…"), self._open_label, icon="qr-code", key=Key.PRINT,
                   enabled=self._if(bool)),
            Action("vehicles.hand_over", tr_noop("Hand over to the buyer…"),
                   self._asker(questions.handover_question), icon="car", permission=Permission.ORDERS_EDIT,
                   enabled=self._if(_can_be_handed_over)),
        ]  # fmt: skip

    def _keeping(self) -> list[Action]:
        edit = Permission.INVENTORY_EDIT
        return [
            Action("vehicles.edit", tr_noop("Change…"), self._page.enter_change, key=Key.EDIT, icon="pencil",
                   permission=edit, enabled=self._if(bool)),
            Action("vehicles.move", tr_noop("Move…"), self._asker(questions.move_question), key="Ctrl+G",
                   icon="map-pin", permission=edit, enabled=self._if(_has_not_left)),
            Action("vehicles.prices", tr_noop("Change the prices…"), self._asker(questions.price_question),
                   key="Ctrl+U", icon="tag", permission=edit, enabled=self._if(_has_not_left)),
            Action("vehicles.arrived", tr_noop("Mark as arrived…"), self._asker(questions.arrival_question),
                   icon="truck", permission=edit,
                   enabled=self._if(lambda unit: unit.row.stock is StockState.IN_TRANSIT)),
            Action("vehicles.transfer", tr_noop("Offer to another branch…"),
                   partial(self._travel, "transfers", "unit_id"), icon="arrow-left-right",
                   permission=Permission.TRANSFERS_REQUEST, enabled=self._if(self._can_be_given)),
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
        if detail.obstacles or _is_secured_elsewhere(detail):
            return False
        held_for_somebody = detail.hold is not None and detail.hold.customer_id is not None
        return detail.row.allocation is AllocationState.FREE or self._is_mine(detail) or held_for_somebody

    def _can_be_given(self, detail: UnitDetail) -> bool:
        """Free, in the house or on its way, and this branch's own."""
        here = detail.row.stock in (StockState.IN_STOCK, StockState.IN_TRANSIT)
        own = detail.row.branch_id == self._context.actor.branch_id
        return here and own and detail.row.allocation is AllocationState.FREE

    def _secure_words(self) -> str:
        detail = self._page.detail
        longer = detail is not None and self._is_secured_here(detail)
        return tr("Secure it for longer…") if longer else tr("Secure for selling offline…")

    def _is_secured_here(self, detail: UnitDetail) -> bool:
        return self._page.leases is not None and detail.lease is not None and detail.lease.own

    def _can_be_secured(self, detail: UnitDetail) -> bool:
        """This branch's own, and nobody else's: neither sold, held by a colleague, nor secured for another desk."""
        if self._page.leases is None or detail.row.branch_id != self._context.actor.branch_id or detail.obstacles:
            return False
        if detail.lease is not None and not detail.lease.own:
            return False
        return detail.row.allocation is AllocationState.FREE or self._is_mine(detail)

    def _may_secure(self) -> bool:
        return self._page.several.may_be_secured or self._if(self._can_be_secured)()

    def _ask_to_secure(self) -> None:
        detail, port = self._page.detail, self._page.leases
        if self._page.several.rows:
            self._page.several.ask_to_secure()
        elif detail is not None and port is not None:
            self._page.ask(questions.secure_question(self._context, [detail.row.vin], port))

    def _give_back(self) -> None:
        detail, port = self._page.detail, self._page.leases
        if detail is None or port is None:
            return
        vin, notifications = detail.row.vin, self._context.notifications
        self._context.operations.run_long(
            self._context.operations, lambda _progress: port.give_back([vin]), title=tr_noop("Giving the vehicle back"),
            on_done=lambda heard: notifications.show(given_back_words(heard), tone="good"),
        )  # fmt: skip

    def _asker(self, question: Callable[[PageContext, UnitDetail], PanelForm]) -> Callable[[], None]:
        def ask() -> None:
            detail = self._page.detail
            if detail is not None:
                self._page.ask(question(self._context, detail))

        return ask

    def _queue_asker(self, question: Callable[[PageContext, Any], PanelForm]) -> Callable[[], None]:
        def ask() -> None:
            record = self._page.record
            if record is not None and record.queue:
                self._page.ask(question(self._context, record.queue))

        return ask

    def _waiting_now(self) -> int:
        record = self._page.record
        return len(record.queue) if record is not None else 0

    def _can_be_wanted(self, detail: UnitDetail) -> bool:
        """Somebody else has it, or others wait for it already."""
        if detail.row.allocation is AllocationState.DELIVERED or self._is_mine(detail):
            return False
        taken = detail.row.allocation is not AllocationState.FREE or _is_secured_elsewhere(detail)
        return taken or bool(detail.obstacles) or self._waiting_now() > 0

    def _open_label(self) -> None:
        detail = self._page.detail
        if detail is not None:
            self._context.navigator.open("labels", unit_ids=[detail.row.id])

    def _travel(self, page: str, param: str) -> None:
        detail = self._page.detail
        if detail is not None:
            self._context.navigator.open(page, **{param: detail.row.id})

    def _new_document(self) -> None:
        detail = self._page.detail
        if detail is not None:
            self._context.navigator.open("contracts", new=True, unit_id=detail.row.id)

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
        if detail is None or not _offers(step, detail):
            return
        if needs_reason(detail, step):
            self._page.ask(reason_question(self._context, detail, step))
        else:
            self._page.run(axis_command(detail, step), step.label)


def _is_secured_elsewhere(detail: UnitDetail) -> bool:
    """Whether another desk has it, as far as this one knows: nothing done here would stand."""
    return detail.lease is not None and not detail.lease.own and detail.lease.counts


def _can_be_held(detail: UnitDetail) -> bool:
    free = detail.row.allocation is AllocationState.FREE
    return free and not detail.obstacles and not _is_secured_elsewhere(detail)


def _is_here(detail: UnitDetail) -> bool:
    return detail.row.stock in (StockState.IN_STOCK, StockState.LENT)


def _has_not_left(detail: UnitDetail) -> bool:
    return detail.row.stock is not StockState.OUT


def _can_be_handed_over(detail: UnitDetail) -> bool:
    return detail.row.allocation is AllocationState.ALLOCATED and not detail.handover_obstacles


def _can_be_removed(detail: UnitDetail) -> bool:
    return detail.row.allocation is AllocationState.FREE


def _offers(step: AxisAction, detail: UnitDetail) -> bool:
    if step is StockAction.LEAVE and detail.row.allocation is not AllocationState.FREE:
        return False  # what is sold leaves by its handover
    if step in (QualityAction.REPORT_DAMAGE, QualityAction.FREEZE) and not _has_not_left(detail):
        return False  # somebody else's by now
    return may_act(detail, step)


def _run_later(run: Callable[[str], bool], action_id: str, _checked: bool = False) -> None:
    run(action_id)
