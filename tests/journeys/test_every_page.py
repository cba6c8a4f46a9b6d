"""Every page of the window, on a small demo branch: names, reach, words, looks, sizes; and the window's own keys."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.demo import build_demo
from app.kernel.command_labels import command_label
from app.kernel.permissions import Role
from app.runtime.language import CHINESE, ENGLISH, LANGUAGES, set_language, tr
from app.runtime.paths import open_profile
from app.tasks.commands import CompleteTask
from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from db.engine import Database
from db.schema import upgrade
from tests.factories.databases import KEY
from tests.journeys import page_walk
from tests.journeys.demo_desk import LOGIN, OTHER_LOGIN, PASSWORD, TYPED, begin_customer, name_entry, open_desk
from ui.kit.theme import Look
from ui.shell.main_window import MINIMUM, MainWindow

ROOT = Path(__file__).resolve().parents[2]
SCALE = 0.02
DRAFT_SECONDS = 2.0


@pytest.fixture(scope="session")
def demo_branch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a small demo branch, built once."""
    path = tmp_path_factory.mktemp("demo") / "demo.db"
    database = Database(path, KEY)
    upgrade(database)
    build_demo(database, scale=SCALE, password=PASSWORD)
    database.close()
    return path


@pytest.fixture
def profile_root(demo_branch: Path, tmp_path: Path) -> Path:
    """A profile of this test's own with a copy of the demo branch."""
    shutil.copyfile(demo_branch, open_profile(tmp_path / "profile").prepare().database_path)
    return tmp_path / "profile"


@pytest.fixture
def application(qapp: QApplication, profile_root: Path, hands: Hands) -> Iterator[Application]:
    """The application with the administrator signed in."""
    made = open_desk(qapp, profile_root)
    sign_in(made, hands, login=LOGIN, password=PASSWORD)
    yield made
    made.close()


@pytest.fixture
def window(application: Application) -> MainWindow:
    """The main window at its minimum size."""
    made = main_window(application)
    made.resize(*MINIMUM)
    return made


@pytest.fixture
def go(application: Application, window: MainWindow, hands: Hands) -> Callable[[str], QWidget]:
    """Opens a page and waits for its data."""

    def opened(key: str) -> QWidget:
        window.pages.open(key)
        settle(application, hands)
        page = window.pages.current_page
        assert page is not None
        return page

    return opened


def settle(application: Application, hands: Hands) -> None:
    """Until nothing is under way and it is painted."""
    for _ in range(2):
        hands.qt.processEvents()
        hands.wait(lambda: application.operations.settled(), "nothing is under way")


def keys(window: MainWindow) -> list[str]:
    """The pages the administrator may open: all."""
    permitted = [spec.key for spec in window.pages.permitted()]
    assert set(permitted) == set(window.pages.specs)
    return permitted


def _out_of_reach(window: MainWindow, page: QWidget, hands: Hands) -> list[str]:
    """Controls without a name, controls and areas that no key leads to, keys listed twice or not at all."""
    wrong = [f"without a name: {one}" for one in page_walk.unnamed(window)]
    window.next_area()
    wrong += [f"not reached by Tab: {one}" for one in page_walk.unreachable(window, window)]
    for area in page.areas():
        inside = [one for one in page_walk.controls(area) if one.focusPolicy() & page_walk.TAB]
        wrong += [f"F6 does not lead into {area!r}"] if inside and not _reached_by_f6(window, area) else []
    listed = _listed_keys(window, hands)
    wrong += [f"listed twice: {one}" for one in listed if listed.count(one) > 1]
    return wrong + [f"not listed: {one}" for one in ("Ctrl+K", "F1", "Ctrl+L") if one not in listed]


def _listed_keys(window: MainWindow, hands: Hands) -> list[str]:
    """The keys that F1 shows."""
    QTest.keyClick(window, Qt.Key.Key_F1)
    overlay = window.keys_overlay
    hands.wait(overlay.isVisible, "the keys are shown")
    listed = [QKeySequence(one).toString() for one in overlay.shown().values()]
    hands.press(Qt.Key.Key_Escape, on=overlay.field)
    return listed


def _reached_by_f6(window: MainWindow, area: QWidget) -> bool:
    for _ in range(6):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_F6)
        focus = QApplication.focusWidget()
        if focus is not None and (focus is area or area.isAncestorOf(focus)):
            return True
    return False


def without_room(window: MainWindow, least: list[int]) -> list[str]:
    """What is cut, stands outside, or makes the window larger than its smallest size."""
    wrong = [f"cut: {one}" for one in page_walk.cut(window)]
    wrong += [f"outside: {one}" for one in page_walk.outside(window)]
    if [window.width(), window.height()] != least:
        wrong.append(f"pushes the window to {window.size().toTuple()}")
        window.resize(*least)
    return wrong


LEFT = {CHINESE: page_walk.left_in_english, ENGLISH: page_walk.left_in_chinese}
"""By the language in use, what finds words of the other one."""


def test_everything_is_named_and_reached_and_no_word_of_the_other_language_is_left(
    application: Application, window: MainWindow, go: Callable[[str], QWidget], hands: Hands
) -> None:
    wrong = []
    for key in keys(window):  # all are made in English, and hear of the switch whether in front or not
        wrong += [f"{key}: {one}" for one in _out_of_reach(window, go(key), hands)]
    for spoken, left in LEFT.items():
        set_language(spoken)
        settle(application, hands)
        for key in keys(window):
            go(key)
            found = left(window) + without_room(window, list(MINIMUM))
            wrong += [f"{key} in {spoken}: {one}" for one in found]
    assert not wrong, "\n".join(wrong)


def test_words_have_room_at_twice_the_size_in_the_dark_on_pages_open_before_and_on_others(
    application: Application, window: MainWindow, go: Callable[[str], QWidget]
) -> None:
    for key in keys(window)[::2]:
        go(key)
    application.theme.choose(Look(scheme="dark", scale=2.0))
    least = [application.theme.px(side) for side in MINIMUM]
    window.resize(*least)
    wrong = []
    for spoken in LANGUAGES:
        set_language(spoken)
        for key in keys(window):
            go(key)
            wrong += [f"{key} in {spoken}: {one}" for one in without_room(window, least)]
            picture = window.grab().toImage()
            wrong += [f"{key} stays light"] if picture.pixelColor(picture.width() - 4, 4).lightness() >= 128 else []
    assert not wrong, "\n".join(wrong)


def test_the_palette_finds_records_and_commands(application: Application, window: MainWindow, hands: Hands) -> None:
    with application.desk.database.read() as session:
        run = session.connection().exec_driver_sql
        vin = run("SELECT vin FROM vehicle_unit WHERE allocation_state = 'FREE' LIMIT 1").scalar_one()
        customer, initials = run(
            "SELECT name, name_initials FROM customer WHERE length(name_initials) = 3 ORDER BY name_initials LIMIT 1"
        ).one()
        number, final = run("SELECT number, final_number FROM sales_order LIMIT 1").one()
    palette = window.palette_overlay
    for typed, expected in (
        (vin[-8:], vin),
        (initials, customer),
        (number, final),
        ("lock", tr("Lock or switch user")),
    ):
        QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        hands.wait(palette.isVisible, "the palette is open")
        hands.type(typed, into=palette.field)

        def found(wanted: str = expected) -> bool:
            return any(wanted in f"{one.title} {one.subtitle}" for one in palette.model.entries if not one.is_heading)

        hands.wait(found, f"{typed} finds {expected}")
        hands.press(Qt.Key.Key_Escape, on=palette.field)


def test_undo_names_the_command_in_the_language_in_use(
    application: Application, window: MainWindow, go: Callable[[str], QWidget], hands: Hands
) -> None:
    page = go("tasks")
    with application.desk.database.read() as session:
        query = "SELECT id FROM task WHERE state = 'OPEN' LIMIT 1"
        task_id = session.connection().exec_driver_sql(query).scalar_one()
    window.operations.run_command(page, CompleteTask(task_id=task_id))
    settle(application, hands)
    set_language(CHINESE)
    name = command_label("CompleteTask")
    assert name != "Complete task"
    listed = window.actions_registry.get("window.undo").text
    assert callable(listed) and name in listed()
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    hands.wait(lambda: any(name in toast.text() for toast in window.toasts.toasts), "the undone command is named")
    set_language(ENGLISH)


def test_another_person_takes_the_desk_within_two_seconds(
    application: Application, window: MainWindow, go: Callable[[str], QWidget], hands: Hands
) -> None:
    go("vehicles")
    before = window.actor.staff_id if window.actor is not None else ""
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    card = window.lock_overlay.sign_in
    hands.wait(lambda: window.locked and card.staff_list.count(), "the desk is locked")
    hands.type(OTHER_LOGIN, into=card.name_field)
    hands.press(Qt.Key.Key_Return, on=card.name_field)
    hands.type(PASSWORD, into=card.secret_field)
    hands.press(Qt.Key.Key_Return, on=card.secret_field)
    hands.wait(lambda: not window.locked and window.pages.current_page, "the other person has a page")
    assert window.actor is not None and window.actor.staff_id != before
    assert window.actor.role == Role.SALESPERSON


def test_what_was_half_typed_survives_a_kill(qapp: QApplication, profile_root: Path, hands: Hands) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.demo_desk", str(profile_root)], cwd=ROOT, env=environment,
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None and process.stdout.readline() == "typed\n"
        time.sleep(DRAFT_SECONDS)  # the promise: no more than this is lost
    finally:
        process.kill()
        process.wait(timeout=10)
        process.stdout.close()
    application = open_desk(qapp, profile_root)
    try:
        sign_in(application, hands, login=LOGIN, password=PASSWORD)
        form = begin_customer(application, hands)
        hands.wait(form.messages.text, "the unfinished entry is offered")
        form.messages._run_action()
        hands.wait(lambda: form.value("name") == TYPED, "it goes on where it was")
        assert name_entry(form).isVisible()
    finally:
        application.close()
