"""A desk is moved to another branch while people work at it: pages follow, and nothing of the lost branch is left."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QWidget

from app.kernel.clock import SystemClock
from app.kernel.permissions import Role
from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from app.wiring.ports import find_records
from app.wiring.start import Application
from db.base import replicated_models
from sync.client.credentials import KeptCredentials
from sync.client.engine import SyncEngine
from sync.client.enrolment import enrol
from sync.client.transport import HttpTransport
from sync.server.devices import DEFAULT_TENANT, list_devices
from sync.server.scopes import change_scopes
from tests.factories.databases import open_copy
from tests.factories.people import HANGZHOU, PASSWORD, SHANGHAI, actor_of, staff_of
from tests.factories.pictures import camera_notes, picture
from tests.factories.records import Records
from tests.journeys.centre import Centre
from tests.journeys.test_pictures import drop, unit_gallery
from tests.journeys.test_pictures import shown as pictures_shown
from tests.journeys.test_two_desks import connect, exchange, page
from ui.customers.customers_page import CustomersPage
from ui.vehicles.vehicles_page import VehiclesPage

Start = Callable[..., Application]
THERE_VIN, THERE_NAME = "LSVAA4180T2777777", "杭州客人"


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A service of this test's own."""
    with Centre(tmp_path / "service") as running:
        yield running


def other_branch(centre: Centre, template: Path, folder: Path) -> None:
    """A vehicle and a customer of the other branch, sent by a desk there."""
    database = open_copy(template, folder / "hangzhou.db", branch_id=HANGZHOU.id, desk_code="D07")
    transport = HttpTransport(centre.url, KeptCredentials())
    enrol(database, transport, code=centre.code("D07", branch="HZ01"), now=datetime.now(UTC))
    actor = actor_of(staff_of(Role.BRANCH_MANAGER, HANGZHOU), desk_code="D07")
    records = Records(database, clock=SystemClock(), actor=actor)
    records.unit(records.trim(), vin=THERE_VIN)
    records.customer(name=THERE_NAME)
    SyncEngine(database, transport).sync_once()
    transport.close()
    database.close()


def move(centre: Centre, desk: str, *, branch: str, as_desk: str) -> None:
    """What an administrator does at headquarters."""
    device = next(one for one in list_devices(centre.store, DEFAULT_TENANT) if one.desk_code == desk)
    change_scopes(
        centre.store, DEFAULT_TENANT, device.id, [], now=time.time_ns() // 1000, branch=branch, desk_code=as_desk
    )


def read(application: Application, statement: str, *values: Any) -> list[Any]:
    with application.desk.database.read() as session:
        return [tuple(row) for row in session.connection().exec_driver_sql(statement, values)]


def words_of(widget: QWidget) -> str:
    """Everything a page says."""
    return "\n".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible())


def names(shown: CustomersPage) -> list[str]:
    return [row.name for row in shown.model.rows]


def vins(shown: VehiclesPage) -> list[str]:
    return [row.vin for row in shown.model.rows]


def found(application: Application, hands: Hands, text: str) -> list[str]:
    """What the palette lists for a text."""
    hits: list[Any] = []
    operations, window = application.operations, main_window(application)
    operations.run_query(window, find_records, text, on_done=lambda got: hits.append([hit.title for hit in got]))
    hands.wait(lambda: hits, f"an answer to {text}")
    return list(hits[0])


def test_the_pages_of_a_moved_desk_follow(
    start_application: Start, hands: Hands, centre: Centre, database_template: Path, tmp_path: Path
) -> None:
    desk = start_application("a", desk_code="D01")
    sign_in(desk, hands, login="zhaomin", password=PASSWORD)
    photo = tmp_path / "IMG_1.jpg"
    photo.write_bytes(picture(1, size=(800, 600), exif=camera_notes()))
    gallery = unit_gallery(desk, hands)
    drop(gallery, [photo])
    hands.wait(lambda: len(gallery.rows) == 1 and pictures_shown(gallery), "the photo is shown")
    connect(desk, hands, centre, "D01")
    hands.wait(lambda: centre.rows("SELECT count(*) FROM content WHERE complete = 1") == [(3,)], "its bytes are sent")
    other_branch(centre, database_template, tmp_path)

    vin, name = read(desk, "SELECT vin FROM vehicle_unit ORDER BY id LIMIT 1")[0][0], "王小明"
    customer = read(desk, "SELECT id FROM customer WHERE name = ?", name)[0][0]
    customers = page(desk, "customers", CustomersPage, customer_id=customer)
    hands.wait(lambda: customers.view is not None and name in names(customers), "the customer is shown")
    vehicles = page(desk, "vehicles", VehiclesPage, unit_id=gallery_unit(desk))
    hands.wait(lambda: vehicles.view is not None and vin in vins(vehicles), "the vehicle is shown")
    assert found(desk, hands, vin) and found(desk, hands, name)
    contents = list(desk.desk.database.contents.folder.rglob("*"))
    assert [path for path in contents if path.is_file()]

    move(centre, "D01", branch="HZ01", as_desk="D09")
    exchange(desk, hands)

    assert (desk.desk.actor.branch_code, desk.desk.actor.desk_code) == ("HZ01", "D09")
    vehicles = page(desk, "vehicles", VehiclesPage)
    hands.wait(lambda: "no longer exists here" in words_of(vehicles), "it says that the vehicle looked at is gone")
    hands.wait(lambda: vins(vehicles) == [THERE_VIN], "only what stands in the new branch")
    hands.wait(lambda: vehicles.view is None or not vehicles.view.isVisible(), "the panel of a lost vehicle closes")
    assert vin not in words_of(vehicles)
    customers = page(desk, "customers", CustomersPage)
    hands.wait(lambda: names(customers) == [THERE_NAME], "only the new branch's customers")
    hands.wait(lambda: customers.view is None or not customers.view.isVisible(), "a lost customer's file closes")
    assert name not in words_of(customers)
    assert found(desk, hands, vin) == [] and found(desk, hands, name) == []
    assert found(desk, hands, THERE_VIN) and found(desk, hands, THERE_NAME)
    window = main_window(desk)
    assert "HZ01" in words_of(window.navigation) and "SH01" not in words_of(window.navigation)
    said = [str(notice.text() if callable(notice.text) else notice.text) for notice in window.notifications.notices]
    assert any("belongs to branch HZ01 now, as D09" in text for text in said)
    nothing_left(desk)
    assert centre.findings() == []


def gallery_unit(desk: Application) -> str:
    return str(read(desk, "SELECT min(id) FROM vehicle_unit")[0][0])


def nothing_left(desk: Application) -> None:
    """No row, no entry to be found by, no picture of the branch that was lost."""
    for table in replicated_models():
        assert read(desk, f"SELECT id FROM {table} WHERE scope = ?", SHANGHAI.id) == [], table
    records = {row[0] for table in replicated_models() for row in read(desk, f"SELECT id FROM {table}")}
    assert {row[0] for row in read(desk, "SELECT record_id FROM search_entry")} <= records
    assert read(desk, "SELECT sha256 FROM local_content") == []
    assert [path for path in desk.desk.database.contents.folder.rglob("*") if path.is_file()] == []
