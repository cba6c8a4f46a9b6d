"""Differences with the centre of many kinds at once, through a real window: each says why, and its button ends it."""

import shutil
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.inventory.commands import HoldUnit, MoveUnit, RemoveUnit
from app.inventory.queries import get_unit
from app.kernel.months import Month
from app.month_close.rules import Check
from app.payments.commands import ConfirmPayment, ReceivePayment
from app.periods.errors import MonthIsClosed
from app.tour.guided_sale import main_window
from app.tour.hands import Hands
from app.wiring.start import Application
from sync.client.differences import ORDERS, UNITS, Difference, Remedy, Why
from sync.server.store import Store
from tests.journeys.centre import Centre
from tests.journeys.test_transfers import branches, centre, hangzhou, page  # noqa: F401  (fixtures)
from tests.journeys.test_two_desks import _customers, do, exchange, sale
from ui.kit.controls import Button
from ui.kit.dialogs import Dialog
from ui.kit.editors import MultiLineEditor
from ui.payments.payments_page import PaymentsPage
from ui.sync.month_sheet import MonthSheet
from ui.sync.months_page import MonthsPage
from ui.sync.reconciliation_page import ReconciliationPage

OTHER_ORDER = "9" * 32


def compared(here: Application, hands: Hands) -> ReconciliationPage:
    """The page, with a comparison made now."""
    shown = page(here, "reconciliation", ReconciliationPage)
    before = shown.comparison
    shown.compare()
    hands.wait(lambda: shown.comparison is not before and here.operations.settled(), "it is compared")
    return shown  # type: ignore[no-any-return]


def resolve(here: Application, hands: Hands, shown: ReconciliationPage, one: Difference) -> None:
    """Select a line, read why, press its button; afterwards it is gone."""
    hands.wait(lambda: shown.table.select_id(one.id), "it can be selected")
    hands.wait(lambda: shown.panel.isVisible(), "the panel says why")
    before = shown.comparison
    main_window(here).actions_registry.run("reconciliation.resolve")
    if one.remedy is Remedy.FREE_UNIT:
        (dialog,) = shown.findChildren(Dialog)
        dialog.findChild(MultiLineEditor).box.setPlainText("查无此单")
        next(button for button in dialog.findChildren(Button) if button.text() == "Free it").click()
    hands.wait(lambda: shown.comparison is not before and here.operations.settled(), "it is put right and compared")
    assert shown.comparison is not None
    assert one.id not in {other.id for other in shown.comparison.differences}, one.why


def units(here: Application) -> list[tuple[str, str]]:
    with here.desk.database.read() as session:
        rows = session.connection().exec_driver_sql("SELECT id, vin FROM vehicle_unit ORDER BY id")
        return [(row[0], row[1]) for row in rows]


def damage_here(here: Application, ids: list[str]) -> None:
    """Another value, an older copy, and none at all."""
    with here.desk.database.exclusive() as connection:
        run = connection.exec_driver_sql
        run("UPDATE vehicle_unit SET list_price = 100 WHERE id = ?", (ids[0],))
        run("UPDATE vehicle_unit SET ver = ver - 1, seq = 1, location = 'Z-01' WHERE id = ?", (ids[1],))
        run("DELETE FROM vehicle_unit WHERE id = ?", (ids[2],))


def damage_there(centre: Centre, rows: list[tuple[str, str]], *, here: str, there: str) -> None:  # noqa: F811
    """A record lost, all claims forgotten and a strange one entered, and a vehicle that is another branch's."""
    lost, sold, moved = rows
    with centre.store.write() as connection:

        def run(statement: str, *values: Any) -> None:
            centre.store.run(connection, statement, values)

        run("DELETE FROM replica_row WHERE record_id = ?", lost[0])
        run("UPDATE vehicle_claim SET kind = '' WHERE kind <> ''")
        run(
            "INSERT INTO vehicle_claim (tenant_id, vin, kind, holder_id, scope, vehicle_id, number, branch_id,"
            " desk_code, staff_id, customer_id, until, at)"
            " VALUES ('main', ?, 'order', ?, ?, ?, 'SH01-D09-SO-000001', ?, 'D09', '', '', NULL, 1)",
            sold[1], OTHER_ORDER, here, sold[0], here,
        )  # fmt: skip
        run("UPDATE replica_row SET scope = ? WHERE record_id = ?", there, moved[0])
        run("UPDATE vehicle_owner SET scope = ? WHERE vin = ?", there, moved[1])


def test_every_line_says_why_and_its_button_ends_it(
    branches: tuple[Application, Application], hands: Hands, centre: Centre  # noqa: F811
) -> None:  # fmt: skip
    here, there = branches
    rows = units(here)
    ids = [row[0] for row in rows]
    order = do(here, sale(ids[6], _customers(here)["王小明"])).order_id
    until = do(here, HoldUnit(unit_id=ids[7]))
    exchange(here, hands)
    damage_here(here, ids)
    damage_there(
        centre, [rows[3], rows[8], rows[9]], here=here.desk.actor.branch_id, there=there.desk.actor.branch_id
    )  # fmt: skip
    here.desk.dispatcher.execute(MoveUnit(unit_id=ids[4], location="C-09"), here.desk.actor)  # nobody pokes the engine
    shown = compared(here, hands)
    assert shown.comparison is not None
    found = {one.record_id: one for one in shown.comparison.differences if one.table == UNITS}
    beside = {one.record_id: one for one in shown.comparison.differences if one.table != UNITS}
    assert {key: one.why for key, one in beside.items()} == {order: Why.CLAIM_MISSING}
    assert beside[order].table == ORDERS, "the order says it has its vehicle, and at the centre nobody has"
    assert {ids.index(key): one.why for key, one in found.items()} == {
        0: Why.DIFFERS, 1: Why.BEHIND, 2: Why.MISSING, 3: Why.UNKNOWN_THERE, 4: Why.NOT_SENT, 6: Why.NOT_CLAIMED,
        7: Why.HOLD_ENDED, 8: Why.ORDER_LOST, 9: Why.ELSEWHERE,
    }  # fmt: skip
    assert all(found[ids[place]].title == rows[place][1] for place in (0, 1, 2, 3)), "each is named by its VIN"
    for one in found.values():
        if shown.comparison is not None and one.id in {left.id for left in shown.comparison.differences}:
            resolve(here, hands, shown, one)
    hands.wait(lambda: shown.agreed.isVisible(), "both sides say the same")
    unit = here.desk.read(get_unit, ids[6])
    assert unit.order is not None and unit.order.order_id == order and centre.owners()[rows[6][1]] == order
    hold = here.desk.read(get_unit, ids[7]).hold
    assert hold is not None and hold.until == until
    assert here.desk.read(get_unit, ids[8]).row.allocation == "FREE" and rows[8][1] not in centre.owners()
    assert here.desk.read(get_unit, ids[4]).row.location == "C-09"
    close_last_month(here, hands, order)


def close_last_month(here: Application, hands: Hands, order: str) -> None:
    """The list names what is unsettled and leads to it; then the month is closed, and nothing more is posted in it."""
    month = Month.of(here.desk.clock.now()).plus(-1)
    command = ReceivePayment(
        order_id=order, kind="balance", method="cash", amount=Decimal("300.00"),
        received_at=month.begins_at + timedelta(days=9),
    )  # fmt: skip
    payment = do(here, command).payment_ids[0]
    shown, sheet = month_sheet(here, hands)
    assert shown._next_text().startswith("Close ")
    check_month(here, hands, sheet)
    assert sheet.checklist is not None and set(sheet.checklist.matters) == {Check.UNCONFIRMED}
    assert not sheet.close_button.isEnabled() and "confirm it" in sheet.lines[Check.UNCONFIRMED].accessibleName()
    hands.click(sheet.lines[Check.UNCONFIRMED])
    assert isinstance(main_window(here).pages.current_page, PaymentsPage)
    do(here, ConfirmPayment(payment_id=payment, expected_revision=1))
    shown, sheet = month_sheet(here, hands)
    check_month(here, hands, sheet)
    hands.click(sheet.close_button)
    hands.wait(lambda: shown.sheet is None and shown.is_shown, "the month is closed and shown")
    assert shown.record.row.month == str(month) and shown.record.row.figures.received == Decimal("300.00")
    with pytest.raises(MonthIsClosed):
        do(here, command)


def month_sheet(here: Application, hands: Hands) -> tuple[MonthsPage, MonthSheet]:
    """The list of what has to be settled, filled."""
    shown = page(here, "months", MonthsPage, next=True)
    sheet = shown.sheet
    assert isinstance(sheet, MonthSheet)
    hands.wait(lambda: sheet.checklist is not None, "the list is there")
    return shown, sheet


def check_month(here: Application, hands: Hands, sheet: MonthSheet) -> None:
    """Press the button, and wait for how everything stands."""
    before = sheet.checklist
    hands.click(sheet.check_button)
    hands.wait(lambda: sheet.checklist is not before and here.operations.settled(), "it is checked")


def test_an_older_database_of_the_service_is_brought_up_to_date(
    branches: tuple[Application, Application], hands: Hands, centre: Centre  # noqa: F811
) -> None:  # fmt: skip
    here, _ = branches
    (moved, _), (removed, _), *_ = units(here)
    service = centre.service
    service.stop()
    backup = service.data.with_name("backup")
    shutil.copytree(service.data, backup)
    service.start()
    do(here, MoveUnit(unit_id=moved, location="C-09"))
    revision = here.desk.read(get_unit, removed).row.revision
    do(here, RemoveUnit(unit_id=removed, expected_revision=revision, reason="误录"))
    exchange(here, hands)
    service.stop()
    centre.store.close()
    shutil.rmtree(service.data)
    shutil.copytree(backup, service.data)
    service.start()
    centre.store = Store(f"sqlite:///{service.data / 'service.db'}", pool=2)
    shown = compared(here, hands)
    assert shown.comparison is not None
    for one in list(shown.comparison.differences):
        if one.id in {left.id for left in shown.comparison.differences}:
            resolve(here, hands, shown, one)
    hands.wait(lambda: shown.agreed.isVisible(), "both sides say the same")
    assert here.desk.read(get_unit, moved).row.location == "C-09"
    assert centre.findings() == []
