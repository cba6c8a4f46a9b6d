"""Pictures through the real windows: dropped at one desk, put in order, seen at another; a desk killed meanwhile."""

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from app.attachments.queries import Whereabouts
from app.kernel.clock import SystemClock
from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from db.engine import Database
from sync.client.content_courier import ContentCourier
from sync.client.credentials import KeptCredentials
from sync.client.engine import SyncEngine
from sync.client.transport import HttpTransport
from tests.factories.databases import KEY, open_copy
from tests.factories.people import PASSWORD
from tests.factories.pictures import camera_notes, picture
from tests.journeys import page_walk
from tests.journeys.centre import Centre
from tests.journeys.test_sigkill_sync import _join
from tests.journeys.test_two_desks import connect, in_step
from ui.catalog.catalogue_page import CataloguePage
from ui.catalog.entry_pane import EntryPane
from ui.kit.gallery import Gallery
from ui.vehicles.vehicles_page import VehiclesPage

Start = Callable[..., Application]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    """A service of this test's own."""
    with Centre(tmp_path / "service") as running:
        yield running


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Three photos as a phone takes them."""
    paths = [tmp_path / f"IMG_{number}.jpg" for number in (1, 2, 3)]
    for number, path in enumerate(paths):
        path.write_bytes(picture(number, size=(1600, 1200), exif=camera_notes()))
    return paths


def unit_gallery(application: Application, hands: Hands) -> Gallery:
    """The pictures in the panel of the first unit."""
    with application.desk.database.read() as session:
        unit_id = session.connection().exec_driver_sql("SELECT min(id) FROM vehicle_unit").scalar()
    window = main_window(application)
    window.pages.open("vehicles", unit_id=unit_id)
    page = window.pages.current_page
    assert isinstance(page, VehiclesPage)
    found = hands.wait(lambda: page.panel.findChildren(Gallery), "the unit's panel with its pictures")
    gallery: Gallery = next(one for one in found if one.purpose == "picture")
    hands.wait(lambda: gallery._loaded and application.operations.settled(), "its pictures are read")
    return gallery


def drop(gallery: Gallery, files: list[Path]) -> None:
    """Let files go over the gallery."""
    carried = QMimeData()
    carried.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
    gallery.dropEvent(
        QDropEvent(
            QPointF(20, 20), Qt.DropAction.CopyAction, carried, Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )  # fmt: skip


def shown(gallery: Gallery) -> bool:
    """Whether every tile shows its picture."""
    gallery.grab()
    return bool(gallery.rows) and all(gallery.model.picture(row) is not None for row in gallery.rows)


def test_photos_dropped_at_one_desk_are_seen_at_the_other(
    start_application: Start, hands: Hands, centre: Centre, photos: list[Path]
) -> None:  # fmt: skip
    one = start_application("a", desk_code="D01")
    sign_in(one, hands, login="zhaomin", password=PASSWORD)
    gallery = unit_gallery(one, hands)
    drop(gallery, photos)
    hands.wait(lambda: len(gallery.rows) == 3 and shown(gallery), "three photos are shown")
    gallery.grid.setFocus()
    gallery.grid.setCurrentIndex(gallery.model.index(2))
    QTest.keyClick(gallery.grid, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    hands.wait(lambda: gallery.rows[0].file_name == "IMG_3.jpg", "the third is the main picture")
    connect(one, hands, centre, "D01")
    sent = "SELECT count(*) FROM content WHERE complete = 1"
    hands.wait(lambda: centre.rows(sent) == [(9,)], "the bytes follow the rows")

    other = start_application("b", desk_code="D02")
    sign_in(other, hands, login="zhaomin", password=PASSWORD)
    connect(other, hands, centre, "D02")
    seen = unit_gallery(other, hands)
    hands.wait(lambda: [row.file_name for row in seen.rows] == ["IMG_3.jpg", "IMG_1.jpg", "IMG_2.jpg"], "the rows came")
    hands.wait(lambda: shown(seen), "looking at them fetched the small pictures")
    assert {row.whereabouts for row in seen.rows} == {Whereabouts.ELSEWHERE}
    seen.open_at(0)
    hands.wait(lambda: seen.rows[0].whereabouts is Whereabouts.BOTH, "looking closer fetched the photo")
    view = seen.view
    assert view is not None
    hands.wait(lambda: view.canvas._picture.width() == 1200, "it stands upright, as it was held")
    QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.keyClick(seen.grid, Qt.Key.Key_Delete)
    hands.wait(lambda: len(seen.rows) == 2, "one is removed at the other desk")
    in_step(other, hands)
    main_window(one).pages.open("vehicles")
    one._link.sync_now()  # type: ignore[union-attr]
    hands.wait(lambda: len(gallery.rows) == 2, "and disappears at the first")


def test_a_model_has_pictures_and_documents_offline(
    start_application: Start, hands: Hands, photos: list[Path]
) -> None:  # fmt: skip
    desk = start_application("a")
    sign_in(desk, hands, login="zhaomin", password=PASSWORD)
    with desk.desk.database.read() as session:
        trim_id = session.connection().exec_driver_sql("SELECT min(id) FROM trim").scalar()
    window = main_window(desk)
    window.pages.open("catalogue", trim_id=trim_id)
    page = window.pages.current_page
    assert isinstance(page, CataloguePage)
    pane = hands.wait(lambda: page.findChild(EntryPane), "the trim's pane")
    pane.show_view("pictures")
    hands.wait(lambda: pane.pictures._loaded, "its pictures are read")
    drop(pane.pictures, photos[:2])
    hands.wait(lambda: len(pane.pictures.rows) == 2 and shown(pane.pictures), "two photos are shown")
    hands.wait(lambda: pane.picture.isVisible(), "and the first of them beside the name")


@pytest.mark.parametrize(("spoken", "left"), [("zh_CN", page_walk.left_in_english), ("en", page_walk.left_in_chinese)])
def test_every_control_has_a_name_and_no_word_is_cut_or_foreign(
    start_application: Start, hands: Hands, photos: list[Path], spoken: str, left: Callable[[QWidget], list[str]]
) -> None:  # fmt: skip
    desk = start_application("a", language=spoken)
    sign_in(desk, hands, login="zhaomin", password=PASSWORD)
    window, gallery = main_window(desk), unit_gallery(desk, hands)
    drop(gallery, photos)
    hands.wait(lambda: len(gallery.rows) == 3 and shown(gallery), "three photos are shown")
    gallery.grid.setCurrentIndex(gallery.model.index(1))
    gallery._ask_name()
    window.activateWindow()
    hands.wait(window.isActiveWindow, "the window has the keys")
    window.next_area()
    wrong = page_walk.unnamed(window) + page_walk.unreachable(window, window) + page_walk.cut(gallery) + left(gallery)
    assert gallery._section.question is not None
    gallery._section.question.leave()
    gallery.open_at(1)
    view = gallery.view
    assert view is not None
    hands.wait(lambda: not view.canvas._picture.isNull(), "a photo in full")
    wrong += page_walk.unnamed(window) + page_walk.cut(view) + page_walk.outside(window) + left(view)
    assert not wrong, "\n".join(wrong)
    view.leave()


# --- killed while sending ------------------------------------------------------------------------



def test_killed_while_storing_and_sending_nothing_is_lost(showroom: Path, centre: Centre, tmp_path: Path) -> None:
    path, group = tmp_path / "desk.db", "pictures"
    open_copy(showroom, path).close()
    credentials = _join(path, centre, group)
    acknowledged: set[str] = set()
    for kill in range(2):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.journeys.picture_desk", str(path), centre.url, credentials.tenant,
             credentials.device_id, credentials.key, str(kill)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        chance = random.Random(700 + kill)
        for _line in range(chance.randrange(3, 9)):
            line = process.stdout.readline()
            if not line:
                break
            acknowledged |= set(json.loads(line)["ids"])
        process.kill()
        rest = process.stdout.read()
        acknowledged |= {one for line in rest.splitlines() if line.endswith("}") for one in json.loads(line)["ids"]}
        process.stdout.close()
        process.wait()
    database, transport = Database(path, KEY), HttpTransport(centre.url, KeptCredentials(credentials))
    try:
        SyncEngine(database, transport, clock=SystemClock()).sync_once()
        ContentCourier(database, transport).carry()
        with database.read() as session:
            run = session.connection().exec_driver_sql
            rows = {row[0]: row[1:] for row in run("SELECT id, sha256, thumb_sha256, icon_sha256 FROM attachment")}
            unsent = run("SELECT count(*) FROM local_content WHERE sent_epoch = ''").scalar()
        assert acknowledged
        assert acknowledged <= set(rows)
        assert unsent == 0
        kept = {row[0] for row in centre.rows("SELECT sha256 FROM content WHERE tenant_id = ? AND complete = 1", group)}
        for digests in rows.values():
            assert set(digests) <= kept
            assert all(database.contents.read(sha256) is not None for sha256 in digests)
    finally:
        transport.close()
        database.close()
