"""Transfers on their page, on the real database: what the journey between two branches does not reach."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from app.runtime.language import CHINESE, set_language
from app.transfers.commands import OfferTransfer, RequestTransfer
from app.transfers.group_stock import Wanted
from app.transfers.queries import get_transfer
from app.wiring.due_work import DUE_WORK, DueWorks
from sync.client.errors import NotEnrolled
from tests.factories.people import HANGZHOU, SHANGHAI, actor_of, staff_of
from tests.factories.records import Records
from tests.ui.record_pages import Driver, Settle, Show, open_page, unnamed_controls
from ui.kit.context import PageContext
from ui.transfers.ports import StockAnswer
from ui.transfers.request_sheets import GroupStockSheet, OfferSheet, WishSheet
from ui.transfers.transfers_page import TransfersPage

VERBS = {
    f"transfers.{verb}" for verb in
    ("ask", "wish", "offer", "approve", "reject", "send", "receive", "cancel", "freight", "note", "order")
}  # fmt: skip
Open = Callable[..., Driver]


@dataclass
class AwayCentre:
    """A centre that nobody reaches, or one that breaks."""

    error: BaseException = field(default_factory=NotEnrolled)

    def find_stock(self, wanted: Wanted) -> StockAnswer:
        raise self.error


@pytest.fixture
def centre() -> AwayCentre:
    return AwayCentre()


@pytest.fixture
def actor(actor_with: Callable[[Role], Actor]) -> Actor:
    """The branch manager."""
    return actor_with(Role.BRANCH_MANAGER)


@pytest.fixture
def there() -> Actor:
    """The manager of the other branch."""
    return actor_of(staff_of(Role.BRANCH_MANAGER, HANGZHOU), desk_code="D07")


@pytest.fixture
def open_transfers(
    context: PageContext, show: Show, settle: Settle, qtbot: QtBot, centre: AwayCentre
) -> Open:
    def opened(**params: Any) -> Driver:
        page = TransfersPage(context, centre)
        return open_page(page, context=context, show=show, settle=settle, qtbot=qtbot, **params)

    return opened


def requested(dispatcher: Dispatcher, there: Actor, records: Records) -> str:
    unit = records.unit()
    command = RequestTransfer(trim_id=unit.trim_id, from_branch_id=SHANGHAI.id, unit_id=unit.id, vin=unit.vin)
    return str(dispatcher.execute(command, there).value)


def test_an_empty_list_says_what_to_do(open_transfers: Open) -> None:
    driver = open_transfers()
    assert driver.says("Nothing to do here", driver.page)
    assert driver.possible() & VERBS == {"transfers.ask", "transfers.wish", "transfers.offer"}
    assert unnamed_controls(driver.page) == []


def test_a_rejection_needs_its_reason_beside_the_field(
    dispatcher: Dispatcher, manager: Actor, there: Actor, records: Records, open_transfers: Open
) -> None:
    transfer = requested(dispatcher, there, records)
    driver = open_transfers(transfer_id=transfer)
    assert driver.run("transfers.reject")
    driver.answer(reason="")
    assert driver.page.question is not None and list(driver.page.question.form.problems()) == ["reason"]
    driver.answer(reason="已有客户预约看车")
    assert dispatcher.read(get_transfer, manager, transfer).row.effective.value == "REJECTED"


def test_what_arrives_damaged_has_to_be_described(
    dispatcher: Dispatcher, manager: Actor, there: Actor, records: Records, open_transfers: Open
) -> None:
    unit = records.unit()
    offered = OfferTransfer(unit_id=unit.id, to_branch_id=HANGZHOU.id)
    transfer = str(dispatcher.execute(offered, manager).value)
    driver = open_transfers(transfer_id=transfer)
    driver.run("transfers.approve")
    driver.answer()
    driver.run("transfers.send")
    driver.answer(keys=12, odometer_km=30, driver="陈师傅")
    question = driver.page.question
    assert question is not None and "keys" in question.form.problems(), "the error stands beside its field"
    driver.answer(keys=2)
    row = dispatcher.read(get_transfer, manager, transfer).row
    assert row.effective.value == "DEPARTED" and not row.confirmed, "the centre has not said so"
    assert "transfers.receive" not in driver.possible(), "the other branch takes it in"


def test_without_the_centre_it_says_so_and_offers_what_it_knows(open_transfers: Open) -> None:
    driver = open_transfers(ask=True)
    sheet = driver.page.sheet
    assert isinstance(sheet, GroupStockSheet)
    assert driver.says("The centre is not reached", sheet) and not sheet.go.isEnabled()


def test_a_broken_centre_is_not_called_away(
    open_transfers: Open, centre: AwayCentre, bugs: list[str], expected_errors: list[str]
) -> None:
    expected_errors.append("error")
    centre.error = KeyError("rows")
    driver = open_transfers(ask=True)
    assert isinstance(driver.page.sheet, GroupStockSheet)
    assert not driver.says("The centre is not reached", driver.page.sheet)
    assert any("KeyError" in bug for bug in bugs)


def test_a_wish_that_comes_in_leaves_a_task(
    dispatcher: Dispatcher, there: Actor, records: Records, context: PageContext, settle: Settle, open_transfers: Open
) -> None:
    driver = open_transfers()
    wishes = [work for work in DUE_WORK if work.key == "wishes"]
    DueWorks(SimpleNamespace(signed_in=True, actor=context.operations.actor), context.operations, driver.page, wishes)
    dispatcher.execute(RequestTransfer(trim_id=records.unit().trim_id), there)
    driver.changed_elsewhere("vehicle_transfer")
    with dispatcher.database.read() as session:
        rows = session.connection().exec_driver_sql("SELECT kind, state FROM task").fetchall()
    assert [tuple(row) for row in rows] == [("transfer_wish", "OPEN")]


class TestWhoOnlyLooks:
    @pytest.fixture
    def actor(self, actor_with: Callable[[Role], Actor]) -> Actor:
        return actor_with(Role.CASHIER)

    def test_sees_the_transfer_and_decides_nothing(
        self, dispatcher: Dispatcher, there: Actor, records: Records, open_transfers: Open
    ) -> None:
        driver = open_transfers(transfer_id=requested(dispatcher, there, records))
        assert driver.possible() & VERBS == {"transfers.note"}


def test_in_chinese(dispatcher: Dispatcher, there: Actor, records: Records, open_transfers: Open) -> None:
    driver = open_transfers(transfer_id=requested(dispatcher, there, records))
    set_language(CHINESE)
    driver.page.retranslate()
    driver.settle()
    assert driver.says("已申请") and "批准" in driver.verbs()


def test_opened_with_a_vehicle_to_offer_or_a_model_to_wish_for(
    open_transfers: Open, records: Records, dispatcher: Dispatcher, actor: Actor
) -> None:
    unit = records.unit()
    driver = open_transfers(unit_id=unit.id, branch_id=HANGZHOU.id)
    offer = driver.page.sheet
    assert isinstance(offer, OfferSheet)
    driver.settle()
    assert offer.form.value("unit_id") == unit.id and offer.form.value("to_branch_id") == HANGZHOU.id
    offer.send()
    driver.settle()
    shown = driver.page.record.row
    assert (shown.unit_id, shown.target.code) == (unit.id, HANGZHOU.code)
    driver.page.activate({"trim_id": unit.trim_id, "colour": "星河白"})
    wish = driver.page.sheet
    assert isinstance(wish, WishSheet)
    driver.settle()
    wish.send()
    driver.settle()
    assert (driver.page.record.row.trim_id, str(driver.page.record.row.exterior_colour)) == (unit.trim_id, "星河白")
