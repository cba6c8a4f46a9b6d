"""The gallery: files come in by drop, paste and dialog, are put in order, named, removed, looked at."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.attachments.commands import AttachFiles
from app.attachments.intake import GivenFile, take_in
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from db.engine import Database
from db.models.catalog import Trim
from tests.factories.pictures import PDF, office_file, picture
from tests.factories.records import Records
from tests.ui.shown_windows import ShownWindows
from ui.kit.context import PageContext
from ui.kit.gallery import Gallery
from ui.kit.main_picture import MainPicture
from ui.kit.picture_view import PictureView

Settle = Callable[[], None]


@pytest.fixture
def actor(manager: Actor) -> Actor:
    return manager


@pytest.fixture
def trim(records: Records) -> Trim:
    return records.trim()


@pytest.fixture
def gallery(context: PageContext, show: Callable[..., QWidget], settle: Settle, trim: Trim) -> Gallery:
    """A gallery of a trim, 400 pixels wide."""
    made = Gallery(context, subject_table="trim", subject_id=trim.id, editable=True)
    show(made, 400, 600)
    settle()
    return made


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Three pictures."""
    paths = []
    for number in (1, 2, 3):
        path = tmp_path / f"car {number}.jpg"
        path.write_bytes(picture(number))
        paths.append(path)
    return paths


def names(gallery: Gallery) -> list[str]:
    return [row.file_name for row in gallery.rows]


def drop(gallery: Gallery, files: list[Path]) -> None:
    carried = QMimeData()
    carried.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
    event = QDropEvent(
        QPointF(20, 20), Qt.DropAction.CopyAction, carried, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    gallery.dropEvent(event)
    assert event.isAccepted()


def test_an_empty_one_says_what_to_do(gallery: Gallery) -> None:
    assert gallery._nothing.isVisible()
    assert "Drop some here" in gallery._nothing.text()
    assert not gallery.grid.isVisible()


def test_dropped_pictures_are_shown_in_their_order(
    gallery: Gallery, files: list[Path], settle: Settle, qtbot: QtBot
) -> None:  # fmt: skip
    drop(gallery, files)
    settle()
    assert names(gallery) == ["car 1.jpg", "car 2.jpg", "car 3.jpg"]
    gallery.grab()
    qtbot.waitUntil(lambda: all(gallery.model.picture(row) is not None for row in gallery.rows))
    assert gallery.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "car 1.jpg, 1 of 3, main picture"


def test_keys_arrange_name_remove_and_undo(
    gallery: Gallery, files: list[Path], settle: Settle, context: PageContext
) -> None:  # fmt: skip
    gallery.add_files(files)
    settle()
    gallery.grid.setFocus()
    QTest.keyClick(gallery.grid, Qt.Key.Key_Right)
    QTest.keyClick(gallery.grid, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert names(gallery) == ["car 2.jpg", "car 1.jpg", "car 3.jpg"]
    QTest.keyClick(gallery.grid, Qt.Key.Key_F2)
    question = gallery._section.question
    assert question is not None
    question.form.set_values({"title": "Seen from the left"})
    question.submit()
    settle()
    assert gallery.rows[0].name == "Seen from the left"
    QTest.keyClick(gallery.grid, Qt.Key.Key_Delete)
    settle()
    assert names(gallery) == ["car 1.jpg", "car 3.jpg"]
    context.operations.undo(gallery)
    settle()
    assert gallery.rows[0].name == "Seen from the left"


def test_a_tile_is_dragged_behind_another(gallery: Gallery, files: list[Path], settle: Settle) -> None:
    gallery.add_files(files)
    settle()
    gallery.grab()
    last = gallery.grid.visualRect(gallery.model.index(2))
    gallery.grid.drop_tile(gallery.rows[0].id, last.center() + QPoint(10, 0))
    settle()
    assert names(gallery) == ["car 2.jpg", "car 3.jpg", "car 1.jpg"]


def test_pasted_pictures_are_added(gallery: Gallery, settle: Settle) -> None:
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkGreen)
    QGuiApplication.clipboard().setImage(image)
    gallery.paste()
    settle()
    assert names(gallery) == ["Picture from the clipboard.png"]
    gallery.paste()
    settle()
    assert gallery.messages.text() == "Here already: Picture from the clipboard.png"
    QGuiApplication.clipboard().setText("words")
    gallery.paste()
    assert "no picture" in gallery.messages.text()


def test_what_cannot_be_kept_is_said_and_the_rest_is_kept(
    gallery: Gallery, files: list[Path], settle: Settle, tmp_path: Path
) -> None:  # fmt: skip
    (tmp_path / "a.pdf").write_bytes(PDF)
    (tmp_path / "b.jpg").write_bytes(b"nothing")
    gallery.add_files([tmp_path / "a.pdf", tmp_path / "b.jpg", files[0]])
    settle()
    assert names(gallery) == ["car 1.jpg"]
    assert "document, not a picture" in gallery.messages.text()
    assert "1 more file was not added" in gallery.messages.text()


def test_the_large_view_is_walked_with_keys_and_left(gallery: Gallery, files: list[Path], settle: Settle) -> None:
    gallery.add_files(files)
    settle()
    gallery.grid.setCurrentIndex(gallery.model.index(0))
    QTest.keyClick(gallery.grid, Qt.Key.Key_Return)
    settle()
    view = gallery.view
    assert view is not None
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Plus, Qt.Key.Key_R, Qt.Key.Key_0):
        QTest.keyClick(view, key)
        settle()
    assert view.current.file_name == "car 2.jpg"
    assert view.canvas.turned == 90
    assert view.accessibleName() == "car 2.jpg"
    view.grab()
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert gallery.view is None
    assert gallery.grid.currentIndex().row() == 1


def test_a_picture_is_kept_as_it_was_turned(gallery: Gallery, files: list[Path], settle: Settle) -> None:
    gallery.add_files(files)
    settle()
    before = gallery.rows[0]
    gallery.open_at(0)
    settle()
    view = gallery.view
    assert view is not None and not view.keep_button.isVisible()
    QTest.keyClick(view, Qt.Key.Key_R)
    assert view.keep_button.isVisible()
    view.keep_button.click()
    settle()
    settle()
    after = gallery.rows[0]
    assert (after.id, after.width, after.height) == (before.id, before.height, before.width)
    assert gallery.view is view and view.canvas.turned == 0 and not view.keep_button.isVisible()
    view.leave()
    settle()


def test_a_picture_that_is_not_here_is_said_and_comes(
    gallery: Gallery, files: list[Path], settle: Settle, database: Database
) -> None:  # fmt: skip
    gallery.add_files(files[:1])
    settle()
    content = database.contents.read(gallery.rows[0].sha256)
    assert content is not None
    database.contents.remove(gallery.rows[0].sha256)
    gallery.open_at(0)
    settle()
    assert gallery.view is not None
    assert "Not at this desk yet" in gallery.view.messages.text()
    database.contents.put(content)
    gallery.reload()
    settle()
    assert gallery.view.messages.text() == ""
    gallery.view.leave()


def test_a_file_is_saved_where_one_wants(
    gallery: Gallery, files: list[Path], settle: Settle, tmp_path: Path
) -> None:  # fmt: skip
    gallery.add_files(files[:1])
    settle()
    gallery.saver.save(gallery.rows[0], tmp_path / "out.jpg")
    settle()
    assert (tmp_path / "out.jpg").stat().st_size == gallery.rows[0].size
    gallery.saver.save(gallery.rows[0], tmp_path / "missing" / "out.jpg")
    settle()
    assert "could not be saved" in gallery.messages.text()


def test_documents_have_their_icon_and_name(
    context: PageContext, show: Callable[..., QWidget], settle: Settle, trim: Trim, tmp_path: Path
) -> None:  # fmt: skip
    (tmp_path / "book.pdf").write_bytes(PDF)
    (tmp_path / "list.xlsx").write_bytes(office_file())
    documents = Gallery(context, subject_table="trim", subject_id=trim.id, purpose="document", editable=True)
    show(documents, 400, 600)
    documents.add_files([tmp_path / "book.pdf", tmp_path / "list.xlsx"])
    settle()
    assert names(documents) == ["book.pdf", "list.xlsx"]
    documents.open_at(1)
    settle()
    assert documents.view is not None
    documents.view.step(-1)
    settle()
    documents.view.leave()


def test_who_may_not_change_sees_no_verbs(
    context: PageContext, show: Callable[..., QWidget], settle: Settle, trim: Trim, gallery: Gallery, files: list[Path]
) -> None:  # fmt: skip
    gallery.add_files(files)
    settle()
    reading = Gallery(context, subject_table="trim", subject_id=trim.id)
    show(reading, 400, 600)
    settle()
    assert len(reading.rows) == 3
    reading.grid.setCurrentIndex(reading.model.index(1))
    assert reading.open_button.isVisible()
    assert not reading.remove_button.isVisible()
    assert not reading.add_button.isVisible()
    QTest.keyClick(reading.grid, Qt.Key.Key_Delete)
    settle()
    assert len(reading.rows) == 3


def test_pictures_are_fetched_only_where_they_are_seen(
    gallery: Gallery, settle: Settle, dispatcher: Dispatcher, tmp_path: Path
) -> None:  # fmt: skip
    paths = []
    for number in range(40):
        path = tmp_path / f"{number:03}.png"
        path.write_bytes(picture(number, size=(40, 30), kind="PNG"))
        paths.append(path)
    gallery.add_files(paths)
    settle()
    gallery.grab()
    settle()
    known = gallery.model._pictures
    assert 0 < len(known) < 40
    assert gallery.grid.height() < 500


def test_the_model_keeps_its_promises(
    gallery: Gallery, qtmodeltester: ModelTester, files: list[Path], settle: Settle
) -> None:  # fmt: skip
    gallery.add_files(files)
    settle()
    qtmodeltester.check(gallery.model)


def test_the_main_picture_shows_where_there_is_one(
    context: PageContext, show: Callable[..., QWidget], settle: Settle, trim: Trim, gallery: Gallery, files: list[Path]
) -> None:  # fmt: skip
    around = QWidget()
    main = MainPicture(context, subject_table="trim", subject_id=trim.id)
    main.setParent(around)
    show(around, 300, 300)
    settle()
    assert not main.isVisible()
    gallery.add_files(files)
    settle()
    assert main.isVisible()
    assert main._picture is not None
    main.grab()
    main.click()
    settle()
    view = around.findChild(PictureView)
    assert view is not None
    assert len(view.rows) == 3
    QTest.keyClick(view, Qt.Key.Key_Escape)


def test_says_whose_picture_stands_for_a_record_without_one(
    context: PageContext, show: Callable[..., QWidget], settle: Settle, trim: Trim, dispatcher: Dispatcher,
    manager: Actor, files: list[Path],
) -> None:  # fmt: skip
    taken = dispatcher.read(take_in, manager, [GivenFile("car.jpg", files[0].read_bytes())]).files
    above = AttachFiles(subject_table="model_year", subject_id=trim.model_year_id, files=taken)
    dispatcher.execute(above, manager)
    gallery = Gallery(context, subject_table="trim", subject_id=trim.id, editable=True)
    show(gallery, 400, 600)
    settle()
    settle()
    assert gallery._inherited.isVisible() and "model year" in gallery._inherited.text()
    drop(gallery, files[1:2])
    settle()
    settle()
    assert gallery.rows and not gallery._inherited.isVisible()


def test_a_name_is_asked_again_for_another_file(gallery: Gallery, settle: Settle, files: list[Path]) -> None:
    drop(gallery, files)
    settle()
    settle()
    for place in (0, 1):
        gallery.grid.setCurrentIndex(gallery.model.index(place))
        gallery._ask_name()
        settle()
        question = gallery._section.question
        assert question is not None and question.isVisible()


@pytest.mark.parametrize("editable", [True, False])
def test_making_a_gallery_opens_no_window(
    context: PageContext, trim: Trim, qapp: QApplication, qtbot: QtBot, settle: Settle, editable: bool
) -> None:
    """One that flashes takes the focus from whatever somebody is typing into."""
    windows = ShownWindows()
    qapp.installEventFilter(windows)
    qtbot.addWidget(Gallery(context, subject_table="trim", subject_id=trim.id, editable=editable))
    settle()
    qapp.removeEventFilter(windows)
    assert windows.shown == []
