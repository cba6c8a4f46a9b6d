"""A vehicle from branch to branch through two real windows and a real service, and what the centre has of each."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.runtime.paths import open_profile
from app.runtime.settings import Settings, save_settings
from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from app.wiring.signing import give_signing_keys
from app.wiring.start import Application
from sync.client.differences import Why
from sync.server.devices import DEFAULT_TENANT, make_code
from tests.factories.databases import KEY, open_copy
from tests.factories.people import HANGZHOU, PASSWORD
from tests.journeys.centre import Centre
from tests.journeys.test_two_desks import exchange, in_step, one, page, sync_page
from ui.kit.paper_sheet import PaperSheet
from ui.sync.reconciliation_page import ReconciliationPage
from ui.tasks.tasks_page import TasksPage
from ui.transfers.request_sheets import GroupStockSheet
from ui.transfers.transfers_page import TransfersPage
from ui.vehicles.vehicles_page import VehiclesPage

Start = Callable[..., Application]
HERE_MANAGER, THERE_MANAGER = "zhaomin", "xujun"


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A service of this test's own."""
    with Centre(tmp_path / "service") as running:
        yield running


@pytest.fixture
def hangzhou(qapp: QApplication, database_template: Path, tmp_path: Path) -> Iterator[Application]:
    """A desk of the other branch, with people and no vehicles, at its sign-in window."""
    profile = open_profile(tmp_path / "hangzhou").prepare()
    open_copy(database_template, profile.database_path, branch_id=HANGZHOU.id, desk_code="D07").close()
    profile.key_slots_path.write_text("{}", encoding="utf-8")  # the key is handed over below
    save_settings(profile, Settings(language="en", theme="light"))
    application = Application(qapp, profile)
    application.take_profile()
    application.desk.open(KEY)
    give_signing_keys(application.desk)
    application.show_first_window()
    yield application
    application.close()


def join(application: Application, hands: Hands, centre: Centre, *, branch: str, desk: str) -> None:
    """Connect a desk that reads its own branch and the group, as branches do."""
    shown = sync_page(application)
    hands.wait(lambda: shown.connect_form.isVisible(), "the page offers to connect")
    code = make_code(
        centre.store, tenant=DEFAULT_TENANT, branch_code=branch, desk_code=desk, scopes=(), role="administrator",
        now=time.time_ns() // 1000, seconds=600,
    )  # fmt: skip
    hands.type(centre.url, into=shown.connect_form.form.editor("address").focus_widget())
    hands.type(code, into=shown.connect_form.form.editor("code").focus_widget())
    hands.click(shown.connect_form.go)
    in_step(application, hands)


@pytest.fixture
def branches(
    start_application: Start, hangzhou: Application, hands: Hands, centre: Centre
) -> tuple[Application, Application]:
    """Both desks signed in and in step with the centre."""
    here = start_application("a", desk_code="D01")
    sign_in(here, hands, login=HERE_MANAGER, password=PASSWORD)
    join(here, hands, centre, branch="SH01", desk="D01")
    sign_in(hangzhou, hands, login=THERE_MANAGER, password=PASSWORD)
    join(hangzhou, hands, centre, branch="HZ01", desk="D07")
    return here, hangzhou


def at(application: Application, hands: Hands, transfer: str) -> TransfersPage:
    """The page, with this transfer in its panel."""
    shown = page(application, "transfers", TransfersPage, transfer_id=transfer)
    hands.wait(lambda: shown.is_shown and shown.record.row.id == transfer, "the transfer is shown")
    hands.wait(lambda: shown.context.operations.settled(), "nothing is under way")
    return shown  # type: ignore[no-any-return]


def verb(application: Application, hands: Hands, name: str, *, offered: str) -> TransfersPage:
    """Press a verb of the transfer in sight; its question stands in the panel then."""
    shown = main_window(application).pages.current_page
    assert isinstance(shown, TransfersPage)
    hands.wait(lambda: shown.offers(offered), f"the transfer offers to {offered}")
    main_window(application).actions_registry.run(f"transfers.{name}")
    hands.wait(lambda: shown.question is not None, "the question stands in the panel")
    return shown


def answer(shown: TransfersPage, hands: Hands, **values: object) -> None:
    """Fill the question in and confirm it."""
    question = shown.question
    assert question is not None
    question.form.set_values(values)
    hands.click(question.verb)
    hands.wait(lambda: shown.question is not question, "it is stored")


def test_asked_for_approved_sent_off_and_received(
    branches: tuple[Application, Application], hands: Hands, centre: Centre
) -> None:
    here, there = branches
    vin = one(here, "SELECT vin FROM vehicle_unit ORDER BY list_price, id LIMIT 1")
    shown = page(there, "transfers", TransfersPage, ask=True)
    sheet = shown.sheet
    assert isinstance(sheet, GroupStockSheet)
    hands.wait(lambda: len(sheet.model.rows) == 12, "the other branch's vehicles are told by the centre")
    sheet.search.setText(vin[-6:])
    hands.wait(lambda: [unit.vin for unit in sheet.model.rows] == [vin], "they are searched")
    sheet.table.select_id(sheet.model.rows[0].id)
    hands.wait(sheet.go.isEnabled, "a vehicle is chosen")
    centre.service.kill()
    hands.click(sheet.go)
    hands.wait(lambda: shown.sheet is None and shown.is_shown, "the request is stored and shown")
    transfer = shown.record.row.id
    assert shown.record.row.waiting
    centre.service.start()
    exchange(there, hands)
    assert not at(there, hands, transfer).record.row.waiting

    exchange(here, hands)
    tasks = page(here, "tasks", TasksPage)
    hands.wait(lambda: any("HZ01 asks for" in row.text for row in tasks.model.rows), "the other branch has a task")
    tasks.open_row(next(row for row in tasks.model.rows if "HZ01 asks for" in row.text))
    answer(verb(here, hands, "approve", offered="approve"), hands)
    exchange(here, hands)
    assert at(here, hands, transfer).record.row.state == "APPROVED"
    answer(verb(here, hands, "send", offered="depart"), hands, driver="陈师傅", carrier="安吉物流", odometer_km=15)
    exchange(here, hands)
    assert one(here, "SELECT stock_state FROM vehicle_unit WHERE vin = ?", vin) == "IN_TRANSIT"

    exchange(there, hands)
    at(there, hands, transfer)
    receiving = verb(there, hands, "receive", offered="arrive")
    centre.service.kill()
    answer(receiving, hands, odometer_km=190, location="H-02")
    hands.wait(lambda: receiving.record.row.waiting, "it waits for the centre")
    centre.service.start()
    exchange(there, hands)
    assert at(there, hands, transfer).record.row.state == "MOVED"
    stock = page(there, "vehicles", VehiclesPage)
    hands.wait(lambda: [row.vin for row in stock.model.rows] == [vin], "it stands in their stock")
    exchange(here, hands)
    stock = page(here, "vehicles", VehiclesPage)
    hands.wait(lambda: len(stock.model.rows) == 11, "and no longer in the other one's")
    assert centre.findings() == []
    again = at(there, hands, transfer)
    main_window(there).actions_registry.run("transfers.note")
    hands.wait(lambda: isinstance(again.sheet, PaperSheet) and again.sheet.paper is not None, "its note is on paper")
    assert again.sheet.paper.content.startswith(b"%PDF")


def test_differences_are_explained_and_settled(
    branches: tuple[Application, Application], hands: Hands, centre: Centre, tmp_path: Path
) -> None:
    here, _ = branches
    shown = page(here, "reconciliation", ReconciliationPage)
    hands.wait(lambda: shown.comparison is not None, "it is compared at once")
    assert shown.comparison.total == 0 and shown.comparison.looked_at["vehicle_unit"] == 12
    with here.desk.database.exclusive() as connection:  # a damaged copy
        connection.exec_driver_sql(
            "UPDATE vehicle_unit SET list_price = 1 WHERE id IN (SELECT id FROM vehicle_unit ORDER BY id LIMIT 2)"
        )
    shown.compare()
    hands.wait(lambda: len(shown.model.rows) == 2, "both are found")
    assert {row.why for row in shown.model.rows} == {Why.DIFFERS}
    path = shown.model.rows[0]
    shown.table.select_id(path.id)
    hands.wait(lambda: shown.panel.isVisible(), "the panel says why")
    saved = tmp_path / "differences.csv"
    shown.save(saved)
    hands.wait(saved.exists, "the list is saved")
    text = saved.read_text(encoding="utf-8-sig")
    assert path.title in text and "the copy here is damaged" in text
    main_window(here).actions_registry.run("reconciliation.resolve_all")
    hands.wait(lambda: shown.comparison is not None and shown.comparison.total == 0, "both are put right")
    hands.wait(lambda: shown.agreed.isVisible(), "the page says so")
    centre.service.kill()
    shown.compare()
    hands.wait(lambda: "does not answer" in shown.messages.text(), "without the centre it says what it needs")
