"""A unit's care through the real window: inspected with the keyboard, its certificate, its keys, its place."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QToolButton

from app.custody.rules import CustodyStep
from app.inspections.rules import Severity
from app.inventory.queries import get_unit
from app.runtime.language import tr
from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from tests.factories.people import PASSWORD
from tests.factories.pictures import PDF, picture
from ui.custody.certificates_page import CertificatesPage, why_not_together
from ui.custody.keys_page import KeysPage
from ui.custody.places_page import PlacesPage
from ui.inspections.checklist_sheet import ChecklistSheet
from ui.inspections.inspections_page import InspectionsPage
from ui.kit.gallery import Gallery
from ui.kit.paper_sheet import PaperSheet
from ui.vehicles.vehicles_page import VehiclesPage

P = TypeVar("P")
Start = Callable[..., Application]
MANAGER = "zhaomin"


def opened(application: Application, hands: Hands, key: str, kind: type[P], **params: Any) -> P:
    window = main_window(application)
    window.pages.open(key, **params)
    hands.wait(lambda: isinstance(window.pages.current_page, kind), f"{key} is open")
    at_rest(application, hands)
    page = window.pages.current_page
    assert isinstance(page, kind)
    return page


def at_rest(application: Application, hands: Hands) -> None:
    hands.settle(0.05)
    hands.wait(lambda: application.operations.settled(), "everything is answered")


def run(application: Application, hands: Hands, action: str) -> None:
    assert main_window(application).actions_registry.run(action), action
    at_rest(application, hands)


def some_unit(application: Application) -> str:
    with application.desk.database.read() as session:
        query = "SELECT id FROM vehicle_unit ORDER BY id LIMIT 1"
        return str(session.connection().exec_driver_sql(query).scalar_one())


def answer(application: Application, hands: Hands, page: Any, **values: Any) -> None:
    """Fill in the question in the panel and give it."""
    question = page.question
    assert question is not None
    question.form.set_values(values)
    hands.click(question.verb)
    hands.wait(lambda: page.question is None, "the question is answered")
    at_rest(application, hands)


def attach(
    application: Application, hands: Hands, page: Any, heading: str, file: tuple[str, bytes], *, is_open: bool = False
) -> None:
    """Drop a file where the panel takes files of one kind."""
    handle = hands.wait(lambda: _handle(page, heading), f"{heading} can be opened")
    if not is_open:
        hands.click(handle)
    gallery = hands.wait(lambda: next(iter(page.panel.findChildren(Gallery)), None), "the files are shown")
    at_rest(application, hands)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file[0]
        path.write_bytes(file[1])
        carried = QMimeData()
        carried.setUrls([QUrl.fromLocalFile(str(path))])
        event = QDropEvent(
            QPointF(20, 20), Qt.DropAction.CopyAction, carried, Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        gallery.dropEvent(event)
        hands.wait(lambda: [row.file_name for row in gallery.rows] == [file[0]], "the file is there")
    at_rest(application, hands)


def _handle(page: Any, heading: str) -> QToolButton | None:
    found = page.panel.findChildren(QToolButton)
    return next((one for one in found if one.text() == heading and one.isVisible()), None)


def test_an_inspection_from_the_first_key_to_the_report(start_application: Start, hands: Hands) -> None:
    application = start_application()
    sign_in(application, hands, login=MANAGER, password=PASSWORD)
    unit_id = some_unit(application)
    page = opened(application, hands, "inspections", InspectionsPage, unit_id=unit_id)
    hands.wait(lambda: page.is_shown, "the unit is shown")
    run(application, hands, "inspections.begin")
    sheet = hands.wait(lambda: page.sheet if isinstance(page.sheet, ChecklistSheet) else None, "the checklist is open")
    hands.settle(0.05)
    first = sheet.rows[0]
    hands.press(Qt.Key.Key_1, on=first)
    hands.wait(lambda: sheet.detail.answered == 1, "the first answer is stored")
    page.close_sheet()  # half done, and gone on with later
    at_rest(application, hands)
    run(application, hands, "inspections.resume")
    sheet = hands.wait(lambda: page.sheet if isinstance(page.sheet, ChecklistSheet) else None, "it goes on")
    assert sheet.detail.answered == 1
    for group in sheet.detail.checklist.groups:
        sheet._open_group(group)
        for line in list(sheet.rows):
            if line.item.code not in sheet.detail.answers:
                hands.press(Qt.Key.Key_1, on=line)
    hands.wait(lambda: sheet.detail.answered == len(sheet.detail.checklist.items), "every item is answered")
    brakes = next(line for line in sheet.rows if line.item.group == sheet._group.code)
    hands.press(Qt.Key.Key_2, on=brakes)
    assert brakes.question is not None
    brakes.question.form.set_values({"severity": Severity.SAFETY, "description": "edge of the panel sharp"})
    hands.click(brakes.question.verb)
    hands.wait(lambda: any(defect.blocks for defect in sheet.detail.defects), "the defect is noted")
    hands.click(sheet.finish)
    hands.wait(lambda: application.desk.read(get_unit, unit_id).row.pdi == "FAIL", "the unit failed")
    hands.wait(lambda: page.sheet is None and page.is_shown, "the list is back")
    at_rest(application, hands)
    defect = page.record.newest.defects[-1]
    page._act("repair", defect)
    answer(application, hands, page, repair="edge filed", repaired_by="孙师傅")
    hands.wait(lambda: page.record.newest.defects[-1].state == "REPAIRED", "it is repaired")
    attach(application, hands, page, tr("Photos"), ("edge.jpg", picture(5)))
    page._act("clear", page.record.newest.defects[-1])
    hands.wait(lambda: application.desk.read(get_unit, unit_id).row.pdi == "PASS", "the unit passed")
    page = opened(application, hands, "inspections", InspectionsPage, unit_id=unit_id)  # it left the list
    hands.wait(lambda: page.is_shown, "the unit is shown again")
    run(application, hands, "inspections.print")
    paper = hands.wait(lambda: page.sheet if isinstance(page.sheet, PaperSheet) else None, "the report is shown")
    hands.wait(lambda: paper.paper is not None, "the report is made")
    assert paper.paper.content.startswith(b"%PDF")
    assert paper.paper.content.count(b"/Subtype /Image") == 1  # the photograph of the defect


def test_certificate_keys_and_place_of_a_unit(start_application: Start, hands: Hands) -> None:
    application = start_application()
    sign_in(application, hands, login=MANAGER, password=PASSWORD)
    unit_id = some_unit(application)
    page = opened(application, hands, "custody", CertificatesPage, certificate_of=unit_id)
    hands.wait(lambda: page.is_shown, "the certificate is shown")
    run(application, hands, "custody.receive")
    answer(application, hands, page, from_kind="CARRIER", to_name="1", document_number="WAC1")
    hands.wait(lambda: page.record.row.state == "IN_SAFE", "it lies in the safe")
    attach(application, hands, page, tr("Scan"), ("certificate.pdf", PDF), is_open=True)
    run(application, hands, "custody.pledge")
    answer(application, hands, page, to_name="ICBC", contract_number="FP-1", document_number="WAC1")
    hands.wait(lambda: page.record.row.state == "AT_BANK", "it lies at the bank")
    run(application, hands, "custody.correct")
    answer(application, hands, page, reason="wrong vehicle")
    hands.wait(lambda: page.record.row.state == "IN_SAFE", "it was taken back")
    assert page.record.entries[0].step is CustodyStep.CORRECT

    keys = opened(application, hands, "keys", KeysPage, keys_of=unit_id)
    hands.wait(lambda: keys.is_shown, "the keys are shown")
    run(application, hands, "keys.register")
    answer(application, hands, keys, count=2, slot="17")
    hands.wait(lambda: len(keys.record.row.keys) == 2, "two keys hang on the board")
    run(application, hands, "keys.hand_out")
    answer(application, hands, keys, holder_name="car wash")
    hands.wait(lambda: keys.record.row.worst == "OUT", "one is out")
    run(application, hands, "keys.return")
    hands.wait(lambda: keys.record.row.worst == "BOARD", "it is back")

    places = opened(application, hands, "places", PlacesPage)
    hands.wait(lambda: places.places, "places in use are listed")
    run(application, hands, "places.register")
    hands.wait(lambda: all(place.id for place in places.places), "they are in the register")

    vehicles = opened(application, hands, "vehicles", VehiclesPage, unit_id=unit_id)
    hands.wait(lambda: vehicles.record is not None and len(vehicles.record.keys.row.keys) == 2, "the panel knows")
    assert vehicles.view is not None
    run(application, hands, "vehicles.move")
    question = vehicles.view.head.question
    assert question is not None
    question.form.set_values({"location": "A-77", "note": "after the wash"})
    hands.click(question.verb)
    hands.wait(lambda: vehicles.record is not None and len(vehicles.record.moves) == 1, "the move is in its history")


def test_many_certificates_go_on_together_where_all_can(start_application: Start, hands: Hands) -> None:
    application = start_application()
    sign_in(application, hands, login=MANAGER, password=PASSWORD)
    page = opened(application, hands, "custody", CertificatesPage)
    hands.wait(lambda: page.model.rowCount() > 2, "the certificates are listed")
    states = {page.model.row_at(line).state for line in range(3)}
    page.table.setFocus()
    page.table.selectAll()
    at_rest(application, hands)
    button = page.header_button("custody.batch")
    assert button is not None and len(states) >= 1
    steps = page._batch_steps()
    assert button.isEnabled() == bool(steps)
    first = page.table.selected_rows()[0]
    page.table.selectRow(0)
    at_rest(application, hands)
    hands.wait(lambda: page.is_shown, "one is shown")
    assert button.isEnabled() == bool(page._batch_steps()) and not page.messages.text()
    step = page._batch_steps()[0]
    run(application, hands, "custody.batch")
    answer(application, hands, page, **{"from_kind": "CARRIER", "to_name": "ICBC", "contract_number": "FP-9"})
    hands.wait(lambda: step not in page.record.row.steps, "it went on")
    page.table.selectAll()
    at_rest(application, hands)
    others = page.table.selected_rows()
    assert first.id in {row.id for row in others} and len(others) > 1
    if not page._batch_steps():
        assert not button.isEnabled() and others[0].vin[-6:] in why_not_together(others)
        assert page.messages.text() == why_not_together(others)
