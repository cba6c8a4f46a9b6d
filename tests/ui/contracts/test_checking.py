"""Checking documents: what is intact is said so, and what changed is said in words."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent

from app.contracts.checking import LARGEST_DOCUMENT_MB
from app.contracts.queries import contract_document
from db.models.contracts import ContractDocument
from tests.app.sale_desk import SaleDesk
from tests.ui.record_pages import CTRL, Driver, unnamed_controls
from ui.contracts.document_sheet import DocumentSheet
from ui.contracts.verify_sheet import VerifySheet, dropped_file

Open = Callable[..., Driver]


def sealed_bytes(desk: SaleDesk, contract_id: str) -> bytes:
    """The sealed document."""
    return bytes(desk.read(contract_document, contract_id).content)


def flipped(content: bytes) -> bytes:
    """The document with one bit of its first page changed."""
    changed = bytearray(content)
    changed[content.find(b"stream\n") + 400] ^= 1
    return bytes(changed)


def opened(driver: Driver) -> VerifySheet:
    """The place to drop files on."""
    driver.run("contracts.verify")
    sheet = driver.page.sheet
    assert isinstance(sheet, VerifySheet)
    return sheet


def mime_of(*paths: Path | str) -> QMimeData:
    """What a file manager drags."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drop(target: VerifySheet, path: Path) -> None:
    """Drag a file in and let it go on the zone."""
    mime, plain = mime_of(path), Qt.KeyboardModifier.NoModifier
    left, copy = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPointF(40, 40).toPoint(), copy, mime, left, plain)
    target.zone.dragEnterEvent(enter)
    assert enter.isAccepted()
    target.zone.dropEvent(QDropEvent(QPointF(40, 40), copy, mime, left, plain))


def test_a_stored_contract_is_intact(desk: SaleDesk, open_contracts: Open) -> None:
    contract_id = desk.sealed_contract()
    driver = open_contracts(contract_id=contract_id)
    driver.page.table.setFocus()
    driver.key(Qt.Key.Key_R, CTRL)
    sheet = driver.page.sheet
    assert isinstance(sheet, DocumentSheet)
    assert sheet.report.verdict() == "Intact: nothing has changed since it was signed."
    for text in ("Unchanged since", "Known certificate", "Covers the whole file", "Seal of the dealer", "张伟", "王芳"):
        assert driver.says(text, sheet.report), text
    assert sheet.report.findings() == [] and unnamed_controls(driver.page) == []


def test_a_stored_contract_that_was_tampered_with(desk: SaleDesk, open_contracts: Open) -> None:
    contract_id = desk.sealed_contract()
    [document] = desk.rows(ContractDocument, contract_id=contract_id, stage="sealed")
    desk.change(ContractDocument, document.id, content=flipped(document.content))
    driver = open_contracts(contract_id=contract_id, document=True)
    driver.run("contracts.check")
    sheet = driver.page.sheet
    assert isinstance(sheet, DocumentSheet)
    assert sheet.report.verdict() == "Changed after signing: do not rely on this file."
    assert "Bytes that 张伟 signed have been altered." in sheet.report.findings()
    assert driver.says("Changed since", sheet.report)


def test_a_locked_contract_is_not_signed_yet(desk: SaleDesk, open_contracts: Open) -> None:
    driver = open_contracts(contract_id=desk.locked_contract())
    driver.run("contracts.check")
    sheet = driver.page.sheet
    assert isinstance(sheet, DocumentSheet) and sheet.report.verdict() == "Not signed."
    assert driver.says("Still empty: Buyer, Dealer, Seal of the dealer", sheet.report)


def test_a_file_of_ours_is_recognised_and_intact(desk: SaleDesk, open_contracts: Open, tmp_path: Path) -> None:
    contract_id = desk.sealed_contract()
    file = tmp_path / "from the customer.pdf"
    file.write_bytes(sealed_bytes(desk, contract_id))
    driver = open_contracts()
    sheet = opened(driver)
    drop(sheet, file)
    driver.settle()
    assert sheet.report.verdict() == "Intact: nothing has changed since it was signed."
    assert driver.says("Contract SH01-D01-CT-000001: Sealed", sheet) and driver.says("from the customer.pdf", sheet)
    assert sheet.view.page_count() > 0 and sheet.another.hasFocus()
    assert unnamed_controls(driver.page) == []


def test_a_file_that_was_changed_says_what(desk: SaleDesk, open_contracts: Open, tmp_path: Path) -> None:
    contract_id = desk.sealed_contract()
    file = tmp_path / "changed.pdf"
    file.write_bytes(flipped(sealed_bytes(desk, contract_id)))
    driver = open_contracts()
    sheet = opened(driver)
    sheet.check(file)
    driver.settle()
    assert sheet.report.verdict() == "Changed after signing: do not rely on this file."
    assert len(sheet.report.findings()) >= 3 and driver.says("Changed since", sheet)


def test_something_added_after_sealing_is_said(desk: SaleDesk, open_contracts: Open, tmp_path: Path) -> None:
    contract_id = desk.sealed_contract()
    file = tmp_path / "longer.pdf"
    file.write_bytes(sealed_bytes(desk, contract_id) + b"\n% one more line\n")
    driver = open_contracts()
    sheet = opened(driver)
    sheet.check(file)
    driver.settle()
    assert sheet.report.verdict() == "Changed after signing: do not rely on this file."
    assert "This is not the file as it was sealed and stored." in sheet.report.findings()


def test_a_pdf_that_is_none_is_said_to_be_none(desk: SaleDesk, open_contracts: Open, tmp_path: Path) -> None:
    file = tmp_path / "picture.pdf"
    file.write_bytes(b"%PDF-1.7 not a document at all")
    driver = open_contracts()
    sheet = opened(driver)
    sheet.check(file)
    driver.settle()
    assert sheet.report.verdict() == "Cannot be read: ask for the original file."
    assert not sheet.view.isVisible() and driver.says("This file is none of the contracts kept here.", sheet)


def test_a_file_too_large_or_gone_is_said_and_another_can_be_tried(
    desk: SaleDesk, open_contracts: Open, tmp_path: Path
) -> None:
    file = tmp_path / "huge.pdf"
    with file.open("wb") as stream:
        stream.truncate((LARGEST_DOCUMENT_MB + 1) * 1_000_000)
    driver = open_contracts()
    sheet = opened(driver)
    sheet.check(file)
    driver.settle()
    assert sheet.messages.text().startswith("This file has 31 MB; a contract has at most 30 MB.")
    sheet.check(tmp_path / "gone.pdf")
    driver.settle()
    assert sheet.messages.text().startswith("gone.pdf cannot be read.")
    assert sheet.choose_button.isEnabled() and sheet.choose_button.hasFocus()


def test_only_a_single_file_can_be_dropped() -> None:
    dragged = [mime_of("/tmp/a.PDF"), mime_of("/tmp/a.pdf", "/tmp/b.pdf"), mime_of("/tmp"), QMimeData()]
    left, copy, plain = Qt.MouseButton.LeftButton, Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    events = [QDropEvent(QPointF(1, 1), copy, mime, left, plain) for mime in dragged]
    assert [dropped_file(event) is not None for event in events] == [True, False, False, False]
