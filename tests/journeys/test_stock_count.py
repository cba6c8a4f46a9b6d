"""A stock count through real windows: begun, scanned, recounted, decided, signed off by a second person, on paper."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent

from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from tests.factories.people import PASSWORD
from tests.journeys.test_two_desks import one, page
from ui.kit.paper_sheet import PaperSheet
from ui.kit.scanner import Scan
from ui.stocktaking.counting_sheet import CountingSheet
from ui.stocktaking.counts_page import BeginSheet, CountsPage
from ui.stocktaking.differences_sheet import DifferencesSheet

Start = Callable[..., Application]
SELLER, MANAGER = "wangfang", "zhaomin"
STRANGER = "LSVAA4182E2184847"


def vins(application: Application) -> list[str]:
    with application.desk.database.read() as session:
        rows = session.connection().exec_driver_sql("SELECT vin FROM vehicle_unit ORDER BY id")
        return [row[0] for row in rows]


def begin(application: Application, hands: Hands) -> CountingSheet:
    """Freeze the list of the whole branch; the counting sheet opens by itself."""
    shown = page(application, "counts", CountsPage)
    main_window(application).actions_registry.run("counts.begin")
    sheet = shown.sheet
    assert isinstance(sheet, BeginSheet)
    hands.click(sheet.go)
    hands.wait(lambda: isinstance(shown.sheet, CountingSheet), "the counting begins")
    counting = shown.sheet
    assert isinstance(counting, CountingSheet)
    hands.wait(lambda: counting.detail is not None and len(counting.model.rows) == 12, "the list is there")
    return counting


def counted(counting: CountingSheet, hands: Hands, vin: str, word: str) -> None:
    hands.wait(
        lambda: counting.feedback.number.text() == vin and counting.feedback.word.text() == word, f"{vin}: {word}"
    )


def test_counted_recounted_decided_and_signed_off(start_application: Start, hands: Hands, tmp_path: Path) -> None:
    here = start_application("a")
    sign_in(here, hands, login=SELLER, password=PASSWORD)
    counting = begin(here, hands)
    every = vins(here)
    zone = counting.place.editor("zone")
    hands.wait(lambda: "A" in zone.suggestions(), "known places can be chosen")
    hands.press(Qt.Key.Key_Down, on=zone.line)
    hands.wait(lambda: zone.line.completer().popup().isVisible(), "they are shown without a letter typed")
    zone.line.completer().popup().hide()
    counting.place.set_value("zone", "A")
    counting.place.set_value("spot", "01")
    for vin in every[:6]:
        main_window(here).context.scanner.give(Scan(vin, vin))
        counted(counting, hands, vin, "In its place")
    hands.type(every[6][-6:], into=counting.number)
    press(counting, Qt.Key.Key_Return)
    counted(counting, hands, every[6], "In its place")
    counting.place.set_value("spot", "99")
    main_window(here).context.scanner.give(Scan(every[7], every[7]))
    counted(counting, hands, every[7], "Wrong place")
    main_window(here).context.scanner.give(Scan(STRANGER, STRANGER))
    counted(counting, hands, STRANGER, "Unknown number")
    hands.type("??", into=counting.number)
    press(counting, Qt.Key.Key_Return)
    hands.wait(lambda: counting.feedback.word.text() == "Not taken", "what is no number is refused")
    counting.number.clear()
    counting.place.set_value("spot", "")
    QGuiApplication.clipboard().setText("\n".join([*every[8:11], "no vehicle"]))
    hands.click(counting.paste)
    hands.wait(lambda: counting.feedback.word.text() == "List taken", "a list is taken")
    hands.wait(lambda: "11" in counting.figures.seen.text(), "eleven of twelve are accounted for")

    shown = main_window(here).pages.current_page
    assert isinstance(shown, CountsPage)
    shown.close_sheet()
    hands.wait(lambda: shown.is_shown and shown.record.undecided == 3, "three differences are open")
    assert not shown.offers("sign")
    main_window(here).actions_registry.run("counts.recount")
    hands.wait(lambda: shown.record.row.state == "RECOUNTING", "they are looked for again")
    main_window(here).actions_registry.run("counts.decide")
    sheet = shown.sheet
    assert isinstance(sheet, DifferencesSheet)
    hands.wait(lambda: len(sheet.model.rows) == 3, "each is listed")
    for row in list(sheet.model.rows):
        sheet.table.select_id(row.id)
        hands.wait(lambda row=row: sheet.current is not None and sheet.current.id == row.id, "one is chosen")
        if row.outcome == "MISSING":
            sheet.form.set_values({"reason": "LOST", "note": "再次查找未果"})
        hands.wait(sheet.go.isEnabled, "it can be decided")
        hands.click(sheet.go)
        hands.wait(
            lambda row=row: any(one.id == row.id and one.reason for one in sheet.model.rows), "the decision is kept"
        )
    hands.wait(lambda: sheet.told.text() == "All are decided", "nothing is left")
    shown.close_sheet()

    count_id = shown.record.row.id
    switch(here, hands, login=MANAGER)
    shown = page(here, "counts", CountsPage, count_id=count_id)
    hands.wait(lambda: shown.is_shown and shown.offers("sign"), "the manager may sign")
    main_window(here).actions_registry.run("counts.sign")
    hands.wait(lambda: shown.question is not None, "asked once more")
    question = shown.question
    assert question is not None
    hands.click(question.verb)
    hands.wait(lambda: shown.record.row.state == "SIGNED", "it is signed off")
    assert one(here, "SELECT location FROM vehicle_unit WHERE vin = ?", every[7]).endswith("-99")
    assert one(here, "SELECT quality_state FROM vehicle_unit WHERE vin = ?", every[11]) == "FROZEN"
    assert one(here, "SELECT count(*) FROM task WHERE kind IN ('vehicle_lost', 'enter_vehicle')") == 2
    table = tmp_path / "count.xlsx"
    shown.save(table)
    hands.wait(lambda: table.exists() and table.read_bytes().startswith(b"PK"), "the table is saved")
    main_window(here).actions_registry.run("counts.report")
    hands.wait(lambda: isinstance(shown.sheet, PaperSheet) and shown.sheet.paper is not None, "it is on paper")


def switch(application: Application, hands: Hands, *, login: str) -> None:
    """Somebody else takes the desk."""
    window = main_window(application)
    window.lock()
    card = window.lock_overlay.sign_in
    hands.wait(lambda: card.staff_list.count() > 0, "the people of the branch are listed")
    hands.type(login, into=card.name_field)
    hands.press(Qt.Key.Key_Return, on=card.name_field)
    hands.type(PASSWORD, into=card.secret_field)
    hands.press(Qt.Key.Key_Return, on=card.secret_field)
    hands.wait(lambda: not window.locked, "the desk is theirs")


def press(counting: CountingSheet, key: Qt.Key) -> None:
    """A key in the number field."""
    counting.number.keyPressEvent(QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier))
