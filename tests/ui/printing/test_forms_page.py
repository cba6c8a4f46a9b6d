"""Pre-printed forms in the window: filled, checked beside the field, shifted, printed without their outline."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtPrintSupport import QPrinterInfo

from app.contracts.keys.held_keys import HeldKeys, use_signing_keys
from app.kernel.clock import FixedClock
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor, Role
from app.labels.commands import SetPrintOffset
from app.labels.rules import PrinterOffset
from tests.app.contracts.conftest import held_keys  # noqa: F401
from tests.app.sale_desk import SaleDesk
from tests.factories.records import Records
from tests.ui.printed_papers import dots_of, opened_dialog, print_into
from tests.ui.record_pages import Settle, Show, unnamed_controls
from ui.kit.context import PageContext
from ui.kit.printing import load_pdf
from ui.printing.forms_page import FormsPage


@pytest.fixture
def desk(dispatcher: Dispatcher, records: Records, clock: FixedClock, held_keys: HeldKeys) -> Any:  # noqa: F811
    """王芳's desk, with keys to sign."""
    use_signing_keys(held_keys)
    yield SaleDesk(dispatcher, records, clock)
    use_signing_keys(None)


@pytest.fixture
def actor(actor_with: Callable[[Role], Actor]) -> Actor:
    """The salesperson."""
    return actor_with(Role.SALESPERSON)


@pytest.fixture
def open_forms(
    context: PageContext, show: Show, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., FormsPage]:
    """Opens the page at a desk with one printer."""
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", staticmethod(lambda: ["HP 401"]))
    monkeypatch.setattr(QPrinterInfo, "defaultPrinterName", staticmethod(lambda: "HP 401"))

    def opened(**params: object) -> FormsPage:
        page: FormsPage = show(FormsPage(context), 1200, 800)
        page.activate(params)
        settle()
        return page

    return opened


def test_a_form_is_filled_from_the_contract_and_printed_without_its_outline(
    desk: SaleDesk, open_forms: Callable[..., FormsPage], settle: Settle, tmp_path: Path
) -> None:
    page = open_forms(source="contract", record_id=desk.locked_contract())
    assert page.chosen.code == "delivery_slip" and page.places.value("customer") == "张伟"
    assert len(page.places.value("vin")) == 17 and page.view.page_count() == 1
    page.form.set_value("printer", None)
    page.form.changed.emit("printer")
    settle()
    page.print()
    dialog = opened_dialog(page, settle)
    print_into(dialog, tmp_path / "form.pdf", settle)
    printed = dots_of(load_pdf((tmp_path / "form.pdf").read_bytes()))
    outlined = dots_of(load_pdf(page.view.data()))
    assert 200 < (printed < 200).sum() < 0.7 * (outlined < 250).sum()
    assert unnamed_controls(page) == []


def test_what_cannot_be_printed_is_said_beside_its_field(
    desk: SaleDesk, open_forms: Callable[..., FormsPage], settle: Settle
) -> None:
    page = open_forms(source="contract", record_id=desk.locked_contract())
    page.places.set_value("customer", "王𠮷")
    page.places.changed.emit("customer")
    settle()
    assert "𠮷 (U+20BB7)" in page.places.problems()["customer"]
    page.places.set_value("customer", "王" * 100)
    page.places.changed.emit("customer")
    settle()
    assert "does not fit" in page.places.problems()["customer"]
    page.print()
    settle()
    assert page.findChildren(type(page.places)), "nothing was printed and nothing was lost"
    assert page.places.value("customer") == "王" * 100


def test_the_offset_of_a_printer_moves_what_is_seen(
    desk: SaleDesk, open_forms: Callable[..., FormsPage], dispatcher: Dispatcher, actor: Actor, settle: Settle
) -> None:
    page = open_forms(source="contract", record_id=desk.locked_contract())
    before = page.view.data()
    dispatcher.execute(SetPrintOffset(printer="HP 401", form="form.delivery_slip", right=12, down=-5), actor)
    page.form.changed.emit("printer")
    settle()
    assert page.offset.offset == PrinterOffset(12, -5) and page.view.data() != before
    assert "1.2 mm to the right" in page.offset._said.text()
    page.form.set_value("form", "registration_application")
    page.form.changed.emit("form")
    settle()
    assert page.offset.offset == PrinterOffset() and page.places.value("customer") == "张伟"
