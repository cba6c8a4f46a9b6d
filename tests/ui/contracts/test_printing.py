"""Printing contracts from their page: original and copy, several as one job, what became of each."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt

from app.contracts.commands import VoidContract
from app.contracts.queries import contract_document
from app.kernel.permissions import Role
from app.runtime.language import set_language
from db.models.contracts import Contract, ContractDocument
from db.models.printing import DocumentPrint
from tests.app.sale_desk import SaleDesk
from tests.ui.printed_papers import dots_of, opened_dialog, print_into
from tests.ui.record_pages import CTRL, Driver
from ui.kit.print_dialog import PrintDialog
from ui.kit.printing import load_pdf

Open = Callable[..., Driver]


def printed(driver: Driver, target: Path, **values: object) -> PrintDialog:
    """Print what is open into a file."""
    driver.run("contracts.print")
    dialog = opened_dialog(driver.page, driver.settle)
    print_into(dialog, target, driver.settle, **values)
    return dialog


def test_the_original_then_a_copy_then_void(desk: SaleDesk, open_contracts: Open, tmp_path: Path) -> None:
    contract_id = desk.sealed_contract()
    stored = desk.read(contract_document, contract_id).content
    driver = open_contracts(contract_id=contract_id, document=True)
    driver.page.sheet.setFocus()
    first = printed(driver, tmp_path / "first.pdf", pages="1")
    assert [one.sides for one in first.results] == [1]
    assert driver.says("Original · Written into a PDF file", driver.page.sheet)
    printed(driver, tmp_path / "second.pdf", pages="1")
    assert driver.says("Copy, print no. 2 · Written into a PDF file", driver.page.sheet)
    desk.change(Contract, contract_id, state="VOIDED")
    printed(driver, tmp_path / "third.pdf", pages="1")
    pages = [dots_of(load_pdf((tmp_path / f"{name}.pdf").read_bytes())) for name in ("first", "second", "third")]
    grey = [int(((page > 200) & (page < 255)).sum()) for page in pages]
    assert grey[1] > grey[0] + 5_000 and grey[2] > grey[0] + 5_000
    assert [bool((page[13:24] < 200).any()) for page in pages] == [False, True, True], "which print, when, by whom"
    for page in pages[1:]:
        assert (page < 128).sum() >= 0.9 * (pages[0] < 128).sum(), "the text below stays as black as it was"
    assert desk.read(contract_document, contract_id).content == stored
    assert [row.mark for row in desk.rows(DocumentPrint)] == ["original", "copy", "void"]


def test_seen_before_it_is_printed_with_what_lies_over_it(desk: SaleDesk, open_contracts: Open) -> None:
    contract_id = desk.draft_contract(desk.order().order_id).contract_id
    driver = open_contracts(contract_id=contract_id, document=True)
    driver.run("contracts.print")
    dialog = opened_dialog(driver.page, driver.settle)
    assert driver.says("Printed as a draft", dialog) and dialog.preview.place == (0, 1)
    assert not dialog.preview.picture().isNull() and driver.says("Page 1 of", dialog)
    dialog.preview.turn(1)
    driver.settle()
    assert dialog.preview.place == (0, 2)
    dialog.form.set_values({"pages": "9-x"})
    dialog.print()
    assert "is no range of pages" in dialog.form.problems()["pages"]
    assert desk.rows(DocumentPrint) == []
    dialog.reject()


def test_a_day_s_contracts_as_one_job_with_a_report_of_each(
    desk: SaleDesk, open_contracts: Open, tmp_path: Path
) -> None:
    ids = [desk.locked_contract(), desk.draft_contract(desk.order().order_id).contract_id, desk.locked_contract()]
    document = desk.rows(ContractDocument, contract_id=ids[1])[0]
    desk.change(ContractDocument, document.id, deleted_at=desk.clock.now())
    driver = open_contracts()
    table = driver.page.table
    for line in range(3):
        table.selectionModel().select(
            table.model().index(line, 0),
            QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows,
        )  # fmt: skip
    driver.settle()
    table.setFocus()
    driver.key(Qt.Key.Key_P, CTRL | Qt.KeyboardModifier.ShiftModifier)
    dialog = opened_dialog(driver.page, driver.settle)
    print_into(dialog, tmp_path / "day.pdf", driver.settle, duplex="long_edge", pages="1")
    made = load_pdf((tmp_path / "day.pdf").read_bytes())
    assert made.pageCount() == 3, "a blank back, so that the second contract has a sheet of its own"
    assert dialog.isVisible(), "one paper was missing: the report stays until it is closed"
    assert driver.says("no longer exists here", dialog) and driver.says("Sent to printer", dialog)
    assert [row.state for row in desk.rows(DocumentPrint)] == ["sent", "sent"]
    dialog.reject()
    assert not dialog.isVisible()


def test_a_job_that_fails_says_why_and_leaves_the_original_to_come(
    desk: SaleDesk, open_contracts: Open, tmp_path: Path, expected_errors: list[str]
) -> None:
    expected_errors.append("QPainter::begin")
    contract_id = desk.locked_contract()
    driver = open_contracts(contract_id=contract_id, document=True)
    dialog = printed(driver, tmp_path / "absent" / "out.pdf")
    assert dialog.isVisible() and driver.says("does not take the job", dialog)
    (row,) = desk.rows(DocumentPrint)
    assert (row.state, row.sides) == ("failed", 0) and "does not take the job" in row.detail
    dialog.reject()
    driver.run("contracts.print")
    again = opened_dialog(driver.page, driver.settle)
    assert driver.says("Printed as the original", again)
    again.reject()


def test_cancelled_while_printing(desk: SaleDesk, open_contracts: Open, tmp_path: Path) -> None:
    contract_id = desk.locked_contract()
    driver = open_contracts(contract_id=contract_id, document=True)
    driver.run("contracts.print")
    dialog = opened_dialog(driver.page, driver.settle)
    dialog.form.set_values({"copies": 40})
    dialog.print_into(tmp_path / "out.pdf")
    driver.qtbot.waitUntil(lambda: dialog.job is not None, timeout=10_000)
    dialog.reject()
    assert dialog.isVisible()
    driver.settle()
    (row,) = desk.rows(DocumentPrint)
    assert row.state == "cancelled" and not (tmp_path / "out.pdf").exists()
    assert driver.says("Cancelled", dialog)
    dialog.reject()


@pytest.mark.parametrize("actor", [Role.BRANCH_MANAGER], indirect=True)
def test_chinese_and_every_mark_in_words(desk: SaleDesk, open_contracts: Open) -> None:
    contract_id = desk.locked_contract()
    line = desk.row(Contract, contract_id)
    driver = open_contracts(contract_id=contract_id, document=True)
    driver.page.run(VoidContract(contract_id=contract_id, expected_revision=line.revision, reason="客户退订"))
    driver.settle()
    set_language("zh_CN")
    driver.run("contracts.print")
    dialog = opened_dialog(driver.page, driver.settle)
    assert driver.says("带“作废”字样打印", dialog)
    dialog.reject()


def test_signatures_and_the_seal_are_seen_and_printed(
    desk: SaleDesk, open_contracts: Open, tmp_path: Path
) -> None:
    """Qt draws no form fields, and signatures are fields."""
    contract_id = desk.sealed_contract()
    stored = desk.read(contract_document, contract_id).content
    driver = open_contracts(contract_id=contract_id, document=True)
    last = load_pdf(stored).pageCount()
    printed(driver, tmp_path / "signed.pdf", pages=str(last))
    made = dots_of(load_pdf((tmp_path / "signed.pdf").read_bytes()))
    bare = dots_of(load_pdf(stored), last)
    boxes = [
        [edge / 100 for edge in box["rect"]]
        for box in desk.row(Contract, contract_id).signature_fields
        if box["kind"] != "acknowledgement"
    ]
    driver.settle()
    shown = dots_of(load_pdf(driver.page.sheet.view.data()), last)
    assert len(boxes) == 3
    for left, bottom, right, top in boxes:
        inside = (slice(round(842 - top) + 3, round(842 - bottom) - 3), slice(round(left) + 3, round(right) - 3))
        assert (bare[inside] < 150).sum() == 0
        assert (made[inside] < 150).sum() > 100 and (shown[inside] < 150).sum() > 100
    assert desk.read(contract_document, contract_id).content == stored
