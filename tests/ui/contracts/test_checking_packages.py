"""Checking evidence packages and files that are neither: by content, with words for everything."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.archive.commands import ExportEvidence
from app.contracts.keys.held_keys import HeldKeys
from app.document_log.comparison import use_comparison
from db.models.document_log import LogHeadSeen
from sync.client.errors import ServiceUnreachable
from sync.protocol.document_log import Fault, LogFault, LogHead
from tests.app.contracts.tampering.samples import ENTERED, PUBLIC_LOG_KEY, proof_of
from tests.app.sale_desk import SaleDesk
from tests.ui.contracts.test_checking import drop, opened
from tests.ui.record_pages import Driver, unnamed_controls

Open = Callable[..., Driver]


@pytest.fixture
def comparison() -> Iterator[list[tuple[LogHead, str]]]:
    """A centre that proves everything; what it was asked."""
    asked: list[tuple[LogHead, str]] = []
    use_comparison(lambda head, key: asked.append((head, key)))
    yield asked
    use_comparison(None)


def package_of(desk: SaleDesk, contract_id: str) -> bytes:
    """The package as the archive exports it."""
    made = desk.do(ExportEvidence(contract_id=contract_id, reason="court"), desk.manager)
    return bytes(made.content)


def with_proof(desk: SaleDesk, contract_id: str) -> bytes:
    """The same with a proof of the log, as the desk keeps it once the centre has given it."""
    from dataclasses import replace

    from app.contracts.proof.package import read_package, write_package
    from db.models.contracts import Contract

    package = read_package(package_of(desk, contract_id))
    digest = desk.row(Contract, contract_id).sealed_digest
    return write_package(replace(package, proofs={digest: proof_of(digest).as_json()}))


def known(desk: SaleDesk, head: LogHead) -> None:
    """This desk has checked that head."""
    with desk.dispatcher.database.exclusive() as connection:
        told = {name: getattr(head, name) for name in ("log", "epoch", "size", "root", "key_id", "signature")}
        row = {**told, "at": ENTERED, "public_key": PUBLIC_LOG_KEY, "checked_at": ENTERED, "retired": False}
        connection.execute(LogHeadSeen.__table__.insert().values(**row))


def checked(driver: Driver, file: Path, content: bytes) -> object:
    file.write_bytes(content)
    sheet = opened(driver)
    drop(sheet, file)
    driver.settle()
    return sheet


def test_a_package_says_what_holds_and_that_the_contract_is_kept_here(
    desk: SaleDesk, open_contracts: Open, tmp_path: Path, held_keys: HeldKeys
) -> None:
    """The name says nothing: it is known by its content."""
    contract_id = desk.sealed_contract()
    driver = open_contracts()
    sheet = checked(driver, tmp_path / "mail attachment", package_of(desk, contract_id))
    lines = sheet.package.lines()
    assert "The seal closes exactly these signatures." in lines
    assert "It is the contract that is kept here under this number." in lines
    assert "There is no proof that it was entered in the dealer group's log." in lines
    assert driver.says("SH01-D01-CT-000001", sheet.package) and driver.says("The document in it", sheet)
    assert sheet.report.verdict() == "Intact: nothing has changed since it was signed."
    assert sheet.view.page_count() > 0 and unnamed_controls(driver.page) == []


def test_a_plain_pdf_shows_nothing_of_a_package(desk: SaleDesk, open_contracts: Open, tmp_path: Path) -> None:
    from app.contracts.queries import contract_document

    contract_id = desk.sealed_contract()
    driver = open_contracts()
    pdf = bytes(desk.read(contract_document, contract_id).content)
    first = checked(driver, tmp_path / "one", package_of(desk, contract_id))
    assert first.package.isVisible()
    first.check(_written(tmp_path / "two", pdf))
    driver.settle()
    assert not first.package.isVisible() and first.package.lines() == []


def test_the_log_of_a_package_is_compared_with_the_one_this_desk_is_shown(
    desk: SaleDesk, open_contracts: Open, tmp_path: Path, comparison: list[tuple[LogHead, str]]
) -> None:
    contract_id = desk.sealed_contract()
    content = with_proof(desk, contract_id)
    driver = open_contracts()
    sheet = checked(driver, tmp_path / "first", content)
    assert "This desk has not seen the log yet: connect it to the centre." in sheet.package.lines()
    proof = proof_of("ab" * 32)
    known(desk, proof.head)
    sheet.check(tmp_path / "first")
    driver.settle()
    assert [head.size for head, _ in comparison] == [2]
    assert sheet.package.lines()[-1].startswith("The centre has proved that this desk's log continues the one")
    use_comparison(lambda head, key: Fault.FORKED)
    sheet.check(tmp_path / "first")
    driver.settle()
    assert sheet.package.lines()[-1].startswith("The centre cannot prove that this desk's log continues")
    use_comparison(_fails(ServiceUnreachable(address="centre")))
    sheet.check(tmp_path / "first")
    driver.settle()
    assert sheet.package.lines()[-1].startswith("The centre could not be asked about the log.")
    use_comparison(_fails(LogFault(Fault.KEY_CHANGED)))
    sheet.check(tmp_path / "first")
    driver.settle()
    assert sheet.package.lines()[-1].startswith("The centre cannot prove")
    use_comparison(None)
    sheet.check(tmp_path / "first")
    driver.settle()
    assert sheet.package.lines()[-1].startswith("The log it was proved against is another one than this desk is shown")


def _fails(error: Exception) -> Callable[[LogHead, str], Fault | None]:
    def compare(_head: LogHead, _key: str) -> Fault | None:
        raise error

    return compare


def _written(file: Path, content: bytes) -> Path:
    file.write_bytes(content)
    return file


def zipped(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as container:
        for name, content in parts.items():
            container.writestr(name, content)
    return target.getvalue()


def _locked() -> bytes:
    """The flag of encryption set on every part, in both places where it stands."""
    content = bytearray(zipped(**{"about.json": b"{}"}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def _endless() -> bytes:
    """A directory that says that it has four million bytes."""
    content = bytearray(zipped(**{"about.json": b"{}"}))
    content[-10:-6] = (4_000_000).to_bytes(4, "little")
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This is neither a PDF nor an evidence package."),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "This is neither a PDF nor an evidence package."),
        (zipped(**{"word/document.xml": b"<w/>"}), "This ZIP file is no evidence package"),
        (zipped(**{"about.json": bytes(5_000_000)}), "This evidence package is damaged or was changed"),
        (_locked(), "This ZIP file is no evidence package, or its parts are locked"),
        (_endless(), "This ZIP file is no evidence package"),
        (b"PK\x03\x04" + bytes(400), "This evidence package is damaged or was changed"),
    ],
    ids=["empty", "picture", "word processor", "bomb", "locked", "endless directory", "truncated"],
)
def test_what_is_neither_is_said_and_another_can_be_tried(
    open_contracts: Open, tmp_path: Path, content: bytes, words: str
) -> None:
    driver = open_contracts()
    sheet = checked(driver, tmp_path / "handed in.pdf", content)
    assert sheet.messages.text().startswith(words)
    assert sheet.choose_button.isEnabled() and sheet.choose_button.hasFocus()


def test_a_truncated_package_is_said(desk: SaleDesk, open_contracts: Open, tmp_path: Path) -> None:
    content = package_of(desk, desk.sealed_contract())
    sheet = checked(open_contracts(), tmp_path / "half", content[: len(content) // 2])
    assert sheet.messages.text().startswith("This evidence package is damaged or was changed")
