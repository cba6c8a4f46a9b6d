"""A desk that backs itself up: when its window is closed, by hand, when the disk is full, and put back afterwards."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.desk.backups import check_backup, list_backups
from app.desk.restoring import DeskInUse, restore_backup
from app.payments.commands import RecordSale
from app.quotations.commands import QuotationTerms
from app.runtime.errors import DiskFull
from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from tests.factories.databases import KEY
from tests.factories.people import PASSWORD
from ui.sync.backups_page import BackupsPage

Start = Callable[..., Application]


def _backups_page(application: Application) -> BackupsPage:
    window = main_window(application)
    window.pages.open("backups")
    page = window.pages.current_page
    assert isinstance(page, BackupsPage)
    return page


def _sell(application: Application) -> str:
    """One sale, published to the pages as theirs are; the order's id."""
    desk = application.desk
    with desk.database.read() as session:
        run = session.connection().exec_driver_sql
        unit_id = run("SELECT id FROM vehicle_unit WHERE allocation_state = 'FREE' ORDER BY id LIMIT 1").scalar_one()
        customer_id = run("SELECT id FROM customer ORDER BY id LIMIT 1").scalar_one()
    sale = RecordSale(
        customer_id=customer_id, earnest_amount=Decimal("5000.00"), method="cash",
        terms=QuotationTerms(vehicle_unit_id=unit_id, vessel_tax=Decimal("420.00")),
    )  # fmt: skip
    outcome = desk.dispatcher.execute(sale, desk.actor)
    application.operations.publish(outcome.changes)
    return str(outcome.value.order_id)


def _orders(application: Application) -> list[str]:
    with application.desk.database.read() as session:
        return [row[0] for row in session.connection().exec_driver_sql("SELECT id FROM sales_order ORDER BY id")]


def test_closed_backed_up_and_put_back(start_application: Start, hands: Hands, qapp: QApplication) -> None:
    application = start_application("a")
    sign_in(application, hands, login="zhaomin", password=PASSWORD)
    page = _backups_page(application)
    assert page.card.headline.text() == "There is no backup yet."
    before = _sell(application)
    hands.click(page.header_button("backups.make"))  # type: ignore[arg-type]
    hands.wait(lambda: page.list.model.rows, "the backup stands in the list")
    (by_hand,) = page.list.model.rows
    after = _sell(application)
    with pytest.raises(DeskInUse):
        restore_backup(by_hand, key=KEY, root=application.profile.root, now=datetime.now(UTC))
    application.close()
    at_exit, first = list_backups(application.profile.backups_dir)
    assert first == by_hand
    check_backup(at_exit, KEY)

    restore_backup(by_hand, key=KEY, root=application.profile.root, now=datetime.now(UTC))
    assert _reopened(qapp, application.profile.root) == [before]
    restore_backup(at_exit, key=KEY, root=application.profile.root, now=datetime.now(UTC) + timedelta(seconds=1))
    assert _reopened(qapp, application.profile.root) == sorted([before, after])


def _reopened(qapp: QApplication, root: Path) -> list[str]:
    """The orders a desk shows when it is started again."""
    from app.runtime.paths import open_profile

    application = Application(qapp, open_profile(root))
    application.take_profile()
    try:
        application.desk.open(KEY)
        return _orders(application)
    finally:
        application.close()


def test_closing_again_without_work_makes_no_further_backup(start_application: Start, hands: Hands) -> None:
    application = start_application("a")
    sign_in(application, hands, login="zhaomin", password=PASSWORD)
    _sell(application)
    application.close()
    assert len(list_backups(application.profile.backups_dir)) == 1


def test_a_backup_that_fails_is_told_and_leads_to_the_page(start_application: Start, hands: Hands) -> None:
    application = start_application("a")
    sign_in(application, hands, login="zhaomin", password=PASSWORD)
    window = main_window(application)
    hands.wait(lambda: application._backups is not None, "the desk looks after its backups")
    assert application._backups is not None
    application._backups._say(DiskFull(folder=str(application.profile.backups_dir)))
    hands.wait(lambda: window.notifications.notices, "it is told")
    notice = window.notifications.notices[0]
    assert notice.tone == "bad" and callable(notice.text)
    assert notice.text().startswith("No backup could be made. The disk that holds")
    assert notice.on_action is not None
    notice.on_action()
    assert isinstance(window.pages.current_page, BackupsPage)


def test_a_salesperson_is_told_but_not_led_where_they_may_not_go(start_application: Start, hands: Hands) -> None:
    application = start_application("a")
    sign_in(application, hands, login="wangfang", password=PASSWORD)
    window = main_window(application)
    assert "backups" not in {spec.key for spec in window.pages.permitted()}
    assert application._backups is not None
    application._backups._say(DiskFull(folder="/data"))
    hands.wait(lambda: window.notifications.notices, "it is told")
    assert window.notifications.notices[0].action is None
