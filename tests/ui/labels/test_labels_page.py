"""Labels on the page: chosen, scanned, seen, saved, shifted."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtPrintSupport import QPrinterInfo

from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from app.labels.commands import SetPrintOffset
from app.labels.queries import list_print_offsets
from app.labels.rules import LabelContent, PrinterOffset
from tests.factories.records import Records
from tests.ui.record_pages import Settle, Show, unnamed_controls
from ui.kit.context import PageContext
from ui.kit.printing import Offset
from ui.kit.scanner import Scan
from ui.labels.labels_page import LabelsPage, find_units

Open = Callable[..., LabelsPage]


@pytest.fixture
def actor(actor_with: Callable[[Role], Actor]) -> Actor:
    """A salesperson."""
    return actor_with(Role.SALESPERSON)


@pytest.fixture
def open_labels(context: PageContext, show: Show, settle: Settle) -> Open:
    def opened(**params: object) -> LabelsPage:
        page = LabelsPage(context)
        show(page, 1072, 768)
        page.activate(params)
        settle()
        return page

    return opened


def test_vehicles_are_added_by_hand_and_by_scanner(
    records: Records, open_labels: Open, context: PageContext, settle: Settle, dispatcher: Dispatcher, actor: Actor
) -> None:
    trim = records.trim()
    one, two = records.unit(trim), records.unit(trim)
    page = open_labels(unit_ids=[one.id])
    assert page.view.page_count() == 1 and page.header_button("labels.print").isEnabled()
    context.scanner.give(Scan(two.vin, two.vin))
    settle()
    assert [unit.id for unit in page._units] == [one.id, two.id]
    context.scanner.give(Scan("LSVAA4180T0099999", "LSVAA4180T0099999"))
    settle()
    assert page.messages.isVisible()
    choices = dispatcher.read(find_units, actor, one.vin[-6:])
    assert one.id in [choice.value for choice in choices]
    page._remove(one.id)
    settle()
    assert [unit.id for unit in page._units] == [two.id]
    assert unnamed_controls(page) == []


def test_content_paper_and_copies(records: Records, open_labels: Open, settle: Settle) -> None:
    unit = records.unit()
    page = open_labels(unit_ids=[unit.id])
    form: Any = page.form
    form.set_value("content", LabelContent.WINDSCREEN)
    form.changed.emit("content")
    settle()
    assert form.value("layout") == "a4_sheet" and page.view.page_count() == 1
    form.set_value("content", LabelContent.KEY)
    form.changed.emit("content")
    form.set_value("copies", 50)
    form.set_value("first", 60)
    form.changed.emit("copies")
    settle()
    assert page.view.page_count() == 2, "60 to 65, then 44 more"
    form.set_value("first", 66)
    form.changed.emit("first")
    settle()
    assert "Begin with one of 1 to 65" in form.problems()["first"]


def test_nothing_chosen_says_what_to_do(open_labels: Open) -> None:
    page = open_labels()
    page.print()
    page.save_as()
    assert page._views.currentIndex() == 0
    assert not page.header_button("labels.print").isEnabled() and not page.header_button("labels.save").isEnabled()


def test_what_a_printer_is_off_by_is_measured_and_kept(
    records: Records, open_labels: Open, settle: Settle, dispatcher: Dispatcher, actor: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", staticmethod(lambda: ["HP 401", "Zebra"]))
    monkeypatch.setattr(QPrinterInfo, "defaultPrinterName", staticmethod(lambda: "HP 401"))
    dispatcher.execute(SetPrintOffset(printer="HP 401", form="a4_24", right=5, down=-3), actor)
    page = open_labels(unit_ids=[records.unit().id])
    assert page.offset.offset == PrinterOffset(5, -3)
    before = page._pdf
    page.offset.measure.click()
    settle()
    question = page.offset.question
    assert question is not None
    question.form.set_values({"from_left": "x", "from_top": "20"})
    question.submit()
    assert "such as 19.7" in question.form.problems()["from_left"]
    question.form.set_values({"from_left": "18.7", "from_top": "20,4"})
    question.submit()
    settle()
    assert dispatcher.read(list_print_offsets, actor, "a4_24") == {"HP 401": PrinterOffset(13, -4)}
    assert page.offset.offset == PrinterOffset(13, -4) and page._pdf != before
    assert "1.3 mm to the right" in page.offset._said.text()

    page.form.set_value("printer", None)
    page.form.changed.emit("printer")
    settle()
    asked: dict[str, Any] = {}
    monkeypatch.setattr("ui.kit.print_dialog.open_print", lambda *_parts, **more: asked.update(more))
    page.print()
    assert page.offset.offset == PrinterOffset(), "the pages are not shifted: who prints them is not known yet"
    assert asked["how"].offset_of("HP 401") == Offset(13, -4) and asked["how"].offset_of("unknown") == Offset()
