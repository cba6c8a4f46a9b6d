"""A desk meets its service: wrong codes, a second address, leaving and coming back, and what the service refuses."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton

from app.kernel.errors import PermissionDenied
from app.runtime.paths import open_profile
from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from app.wiring.joining import finish_joining, join_group
from app.wiring.ports import StartDoor
from app.wiring.start import Application
from db import schema
from db.models.customers import Customer
from sync.client.engine import SyncEngine
from sync.client.errors import BranchUnknown, EnrolmentCodeRefused
from tests.app.sale_desk import SaleDesk
from tests.factories.databases import KEY
from tests.factories.people import PASSWORD
from tests.journeys.centre import Centre
from ui.shell.ports import Beginning
from ui.sync.sync_page import SyncPage

Start = Callable[..., Application]


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A service of this test's own."""
    with Centre(tmp_path / "service") as running:
        yield running


def _sync_page(application: Application) -> SyncPage:
    window = main_window(application)
    window.pages.open("sync")
    page = window.pages.current_page
    assert isinstance(page, SyncPage)
    return page


def _type(page: SyncPage, hands: Hands, address: str, code: str) -> None:
    form = page.connect_form.form
    form.clear()
    hands.type(address, into=form.editor("address").focus_widget())
    hands.type(code, into=form.editor("code").focus_widget())
    hands.click(page.connect_form.go)


def _state(application: Application) -> str:
    assert application._link is not None
    return str(application._link.feed.latest.state)


def test_wrong_entries_are_said_and_cost_nothing(start_application: Start, hands: Hands, centre: Centre) -> None:
    desk = start_application("a")
    sign_in(desk, hands, login="zhaomin", password=PASSWORD)
    page = _sync_page(desk)
    problems = page.connect_form.form.problems
    _type(page, hands, centre.url, "AAAA-BBBB-CCCC")
    hands.wait(problems, "the refusal stands in the form")
    assert problems()["code"].startswith(EnrolmentCodeRefused.text)
    _type(page, hands, "127.0.0.1:1", centre.code("D01"))
    hands.wait(problems, "the refusal stands in the form")
    assert "http://127.0.0.1:1 does not answer" in problems()["address"]
    assert _state(desk) == "not_enrolled"
    _type(page, hands, centre.url, centre.code("D01"))
    hands.wait(lambda: _state(desk) == "agreed", "the desk is connected")

    # A connected desk that tries another code goes on with the service it has when that fails.
    main_window(desk).actions_registry.run("sync.connect")
    _type(page, hands, centre.url, "AAAA-BBBB-CCCC")
    hands.wait(problems, "the refusal stands in the form")
    page._leave_connecting()
    before = desk._link.feed.latest.last_agreed_at  # type: ignore[union-attr]
    hands.click(page.exchange_button)
    hands.wait(lambda: desk._link.feed.latest.last_agreed_at != before, "it still exchanges")  # type: ignore[union-attr]


def test_leaving_and_coming_back(start_application: Start, hands: Hands, centre: Centre) -> None:
    desk = start_application("a", desk_code="D01")
    sign_in(desk, hands, login="zhaomin", password=PASSWORD)
    page = _sync_page(desk)
    _type(page, hands, centre.url, centre.code("D07"))
    hands.wait(lambda: _state(desk) == "agreed", "the desk is connected")
    assert desk.desk.actor.desk_code == "D07", "from now on documents are numbered as the centre knows this desk"
    page._disconnect()
    hands.wait(lambda: page.connect_form.isVisible(), "the page offers to connect again")
    assert _state(desk) == "not_enrolled"
    customer = SaleDesk.reopened(desk.desk.database, desk.desk.clock).records.customer()  # type: ignore[arg-type]
    assert desk._link is not None
    desk._link.poke()
    hands.wait(lambda: desk._link.feed.latest.unsent == 1, "what waits is counted")  # type: ignore[union-attr]
    _type(page, hands, centre.url, centre.code("D07"))
    hands.wait(lambda: _state(desk) == "agreed", "the desk is connected again")
    assert customer.id in centre.ids("customer")


def test_a_refused_change_is_sent_again_or_let_be(start_application: Start, hands: Hands, centre: Centre) -> None:
    desks = []
    for name, code in (("a", "D01"), ("b", "D02")):
        desk = start_application(name, desk_code=code)
        sign_in(desk, hands, login="zhaomin", password=PASSWORD)
        _type(_sync_page(desk), hands, centre.url, centre.code(code))
        hands.wait(lambda desk=desk: _state(desk) == "agreed", "the desk is connected")
        desks.append(desk)
    first, second = desks
    with first.desk.database.read() as session:
        customer_id = session.connection().exec_driver_sql("SELECT id FROM customer LIMIT 1").scalar_one()
    centre.service.kill()
    here = SaleDesk.reopened(first.desk.database, first.desk.clock)  # type: ignore[arg-type]
    there = SaleDesk.reopened(second.desk.database, second.desk.clock)  # type: ignore[arg-type]
    here.change(Customer, customer_id, deleted_at=first.desk.clock.now())
    there.change(Customer, customer_id, note="calls on Friday")
    centre.service.start()
    for desk in desks:
        before = desk._link.feed.latest.last_agreed_at  # type: ignore[union-attr]
        hands.click(_sync_page(desk).exchange_button)
        hands.wait(
            lambda desk=desk, before=before: desk._link.feed.latest.last_agreed_at != before, "what waits is answered"
        )
    page = _sync_page(second)
    page.show_tab("refused")
    hands.wait(lambda: page.tabs["refused"].content.model.rows, "the refusal is listed")
    page.tabs["refused"].content.table.selectRow(0)
    main_window(second).actions_registry.run("sync.resend")
    hands.wait(
        lambda: any("was removed" in one.text() for one in page.messages.findChildren(QLabel)),
        "it says that the customer is gone",
    )
    assert len(page.tabs["refused"].content.model.rows) == 1
    main_window(second).actions_registry.run("sync.dismiss")
    press(second, hands, "Let it be")
    hands.wait(lambda: not page.tabs["refused"].content.model.rows, "it is let be")
    hands.wait(lambda: second._link.feed.latest.rejected == 0, "the line at the bottom knows")  # type: ignore[union-attr]


def press(application: Application, hands: Hands, verb: str) -> None:
    """Answer the question that is asked."""

    def button() -> QPushButton | None:
        return next(
            (
                one
                for dialog in main_window(application).findChildren(QDialog)
                if dialog.isVisible()
                for one in dialog.findChildren(QPushButton)
                if one.text() == verb
            ),
            None,
        )

    hands.wait(lambda: button() is not None, f"somebody asks for {verb}")
    hands.click(button())  # type: ignore[arg-type]


def test_only_who_may_configure_reaches_the_service(start_application: Start, hands: Hands, centre: Centre) -> None:
    desk = start_application("a")
    sign_in(desk, hands, login="wangfang", password=PASSWORD)
    page = _sync_page(desk)
    assert not page.connect_form.isVisible()
    link = desk._link
    assert link is not None
    for attempt in (
        lambda: link.connect(centre.url, "x"),
        link.disconnect,
        link.retry_unwritten,
    ):
        with pytest.raises(PermissionDenied):
            attempt()


def test_joining_can_be_cut_off_and_goes_on(
    start_application: Start, hands: Hands, centre: Centre, qapp: QApplication, tmp_path: Path
) -> None:
    empty = Application(qapp, open_profile(tmp_path / "b").prepare())
    try:
        empty.desk.open(KEY)
        schema.ensure_desk(empty.desk.database)
        with pytest.raises(BranchUnknown):
            join_group(empty.desk, address=centre.url, code=centre.code("D02"), progress=lambda _m, _f: None)
        first = start_application("a")
        sign_in(first, hands, login="zhaomin", password=PASSWORD)
        _type(_sync_page(first), hands, centre.url, centre.code("D01"))
        hands.wait(lambda: _state(first) == "agreed", "the branch's data is at the centre")

        class CutOff(Exception):
            """The computer goes off."""

        told: list[str] = []

        def cut(message: str, _fraction: float | None) -> None:
            if "received" in message:
                raise CutOff

        code = centre.code("D02")
        with pytest.raises(CutOff):
            join_group(empty.desk, address=centre.url, code=code, progress=cut)
        door = StartDoor(empty.desk)  # what the first window does at the next start
        assert door.beginning() in (Beginning.JOINING, Beginning.READY)
        door.finish_joining(lambda message, _fraction: told.append(message))
        assert door.beginning() is Beginning.READY
        tiles = door.list_staff()
        assert {tile.login for tile in tiles} >= {"zhaomin", "wangfang"}
        finish_joining(empty.desk, lambda _message, _fraction: None)
        with empty.desk.database.read() as session:
            assert session.connection().exec_driver_sql("SELECT count(*) FROM vehicle_unit").scalar_one() == 12
    finally:
        empty.close()


def test_a_large_branch_is_joined_by_snapshot_and_goes_on_where_it_was_cut_off(
    start_application: Start, hands: Hands, centre: Centre, qapp: QApplication, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    first = start_application("a")
    sign_in(first, hands, login="zhaomin", password=PASSWORD)
    _type(_sync_page(first), hands, centre.url, centre.code("D01"))
    hands.wait(lambda: _state(first) == "agreed", "the branch's data is at the centre")
    monkeypatch.setitem(SyncEngine.__init__.__kwdefaults__, "snapshot_rows", 5)  # this branch counts as a large one
    empty = Application(qapp, open_profile(tmp_path / "b").prepare())

    class CutOff(Exception):
        """The computer goes off."""

    told: list[str] = []

    def cut(message: str, _fraction: float | None) -> None:
        told.append(message)
        if " of " in message and "MB" in message:
            raise CutOff

    try:
        empty.desk.open(KEY)
        schema.ensure_desk(empty.desk.database)
        with pytest.raises(CutOff):
            join_group(empty.desk, address=centre.url, code=centre.code("D02"), progress=cut)
        begun = empty.desk.database.path.with_name(empty.desk.database.path.name + ".joining")
        assert begun.exists() and "records received" in told[-1]
        door = StartDoor(empty.desk)  # what the first window does at the next start
        assert door.beginning() in (Beginning.JOINING, Beginning.READY)
        door.finish_joining(lambda message, _fraction: told.append(message))
        assert door.beginning() is Beginning.READY
        tiles = door.list_staff()
        assert {tile.login for tile in tiles} >= {"zhaomin", "wangfang"} and not begun.exists()
        with empty.desk.database.read() as session:
            assert session.connection().exec_driver_sql("SELECT count(*) FROM vehicle_unit").scalar_one() == 12
    finally:
        empty.close()
