"""Queues in the panel, and the watch that tells of holds from any page."""

from collections.abc import Callable
from datetime import timedelta

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLabel

from app.inventory.commands import HoldUnit, JoinQueue
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from db.models.inventory import VehicleUnit
from tests.factories.records import Records
from tests.ui.workplaces import Notes
from ui.kit.context import PageContext
from ui.kit.record_line import RecordLine
from ui.vehicles.hold_watch import HoldWatch
from ui.vehicles.vehicles_page import VehiclesPage

Settle = Callable[[], None]


def _open(page: VehiclesPage, unit: VehicleUnit, settle: Settle) -> None:
    page.activate({"unit_id": unit.id})
    settle()
    settle()


def _lines(page: VehiclesPage) -> str:
    return " | ".join(line.accessibleName() for line in page.panel.findChildren(RecordLine))


def test_customers_wait_for_what_a_colleague_holds(
    page: VehiclesPage,
    stock: list[VehicleUnit],
    records: Records,
    settle: Settle,
    context: PageContext,
    dispatcher: Dispatcher,
    salesperson: Actor,
) -> None:
    dispatcher.execute(HoldUnit(unit_id=stock[0].id), salesperson)
    first, second = records.customer(name="甲"), records.customer(name="乙")
    dispatcher.execute(JoinQueue(unit_id=stock[0].id, customer_id=first.id), salesperson)
    _open(page, stock[0], settle)
    assert "1 · 甲" in _lines(page)
    assert context.actions.run("vehicles.wait")
    assert page.view is not None
    question = page.view.head.question
    assert question is not None
    question.form.set_values({"customer_id": second.id, "wanted": "this"})
    question.submit()
    settle()
    settle()
    assert "2 · 乙" in _lines(page)
    assert context.actions.run("vehicles.arrange_queue")
    question = page.view.head.question
    assert question is not None
    question.form.set_values({"reason": "first order of the house"})
    question.submit()
    settle()
    settle()
    assert "1 · 乙" in _lines(page) and "2 customers wait" in _said(page)


def _said(page: VehiclesPage) -> str:
    return " | ".join(label.text() for label in page.panel.findChildren(QLabel))


def test_the_watch_tells_once_of_what_ends(
    stock: list[VehicleUnit],
    context: PageContext,
    notifications: Notes,
    dispatcher: Dispatcher,
    actor: Actor,
    clock: FixedClock,
    settle: Settle,
) -> None:
    owner = QObject()
    watch = HoldWatch(context, owner)
    dispatcher.execute(HoldUnit(unit_id=stock[0].id, until=clock.now() + timedelta(hours=3)), actor)
    for expected in (0, 1, 1):
        watch.look()
        settle()
        settle()
        assert len(notifications.shown) == expected
        clock.advance(timedelta(hours=2, minutes=20) if not expected else timedelta(0))
    clock.advance(timedelta(hours=2))
    watch.look()
    settle()
    settle()
    assert len(notifications.shown) == 2
    watch._timer.stop()
