"""The archive in the real window: found by any word, held, handed out with its proof, and destroyed by two people."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from sqlalchemy import select

from app.contracts.proof.package import read_package
from app.contracts.proof.package_examination import KnownFromElsewhere
from app.contracts.proof.package_findings import FindingCode, Standing
from app.contracts.queries import get_contract
from app.contracts.verify import examine
from app.tour.guided_sale import main_window, sign_in
from app.tour.hands import Hands
from app.wiring.start import Application
from db.models.archive import LegalHold
from db.models.contracts import ContractDocument, ContractSignature
from tests.factories.people import PASSWORD
from tests.journeys.sealed_house import BUYER, BUYER_TYPED, SealedHouse, at_rest, in_front, opened, run
from tests.journeys.test_stock_count import switch
from ui.contracts.archive_page import ArchivePage
from ui.contracts.contracts_page import ContractsPage
from ui.contracts.disposal_sheet import DisposalCard, DisposalSheet
from ui.contracts.document_sheet import DocumentSheet
from ui.contracts.keeping_section import KeepingSection
from ui.contracts.verify_sheet import VerifySheet
from ui.kit.columns import MARKED, UNMARKED
from ui.kit.controls import Button, Label
from ui.kit.panel_form import PanelForm
from ui.tasks.tasks_page import TasksPage

Start = Callable[..., Application]
MANAGER, SECOND = "zhaomin", "admin"
PASSPHRASE = "four words nobody guesses"


@pytest.fixture
def desk(start_application: Start, sealed_house: SealedHouse, hands: Hands) -> Application:
    """赵敏 at a desk with a sealed contract and a consent of years ago."""
    application = start_application(house=sealed_house)
    sign_in(application, hands, login=MANAGER, password=PASSWORD)
    return application


def search(archive: ArchivePage, hands: Hands, text: str, expected: list[str]) -> None:
    """Type into the search; wait for what is found."""
    archive.filters.search.clear()
    hands.type(text, into=archive.filters.search)
    hands.wait(lambda: {one.id for one in archive.model.rows} == set(expected), f"{text} finds what it should")


def keeping_of(archive: ArchivePage, hands: Hands, contract_id: str) -> KeepingSection:
    """The keeping section of a document, once it has read."""
    archive.table.select_id(contract_id)
    hands.wait(lambda: archive.is_shown and archive.record.row.id == contract_id, "it is shown")
    section = archive.panel.findChild(KeepingSection)
    hands.wait(lambda: section.shown is not None and section.isVisible(), "and how it is kept")
    return section


def said(widget: Any) -> str:
    return "\n".join(label.text() for label in widget.findChildren(Label) if label.isVisible())


def fill_in(form: PanelForm, hands: Hands, **typed: str) -> None:
    """Type into a question and press its verb."""
    for name, text in typed.items():
        hands.type(text, into=form.form.editor(name).focus_widget())
    hands.click(form.verb)


def test_found_held_handed_out_and_checked(
    desk: Application, sealed_house: SealedHouse, hands: Hands, tmp_path: Path
) -> None:
    contract_id, old_id = sealed_house.contract_id, sealed_house.old_id
    archive = opened(desk, hands, "archive", ArchivePage)
    both = [contract_id, old_id]
    search(archive, hands, BUYER, both)
    search(archive, hands, BUYER_TYPED, both)
    search(archive, hands, sealed_house.vin[5:12].lower(), [contract_id])
    search(archive, hands, "不存在的字句", [])
    search(archive, hands, "倍返还定金", [contract_id])
    place = [column.key for column in archive.columns].index("found")
    assert f"{MARKED}倍返还定金{UNMARKED}" in archive.model.texts_of(0)[place], "where the words stand is marked"

    archive.table.select_id(contract_id)
    hands.press(Qt.Key.Key_Return, on=archive.table)
    contracts = in_front(desk, ContractsPage)
    hands.wait(lambda: isinstance(contracts.sheet, DocumentSheet), "it is opened")
    hands.wait(lambda: contracts.sheet.view.page_count() > 1, "its pages are shown")

    archive = opened(desk, hands, "archive", ArchivePage)
    section = keeping_of(archive, hands, contract_id)
    hands.click(section.hold)
    fill_in(section.section.question, hands, reason="客户起诉，法院保全")
    hands.wait(lambda: "On legal hold" in said(section), "the hold stands")
    hands.click(section.findChild(Button, "lift"))
    fill_in(section.section.question, hands, reason="已结案")
    hands.wait(lambda: "Hold lifted" in said(section), "the hold is lifted")
    with desk.desk.database.read() as session:
        (hold,) = session.scalars(select(LegalHold))
    assert (hold.reason, hold.lift_reason) == ("客户起诉，法院保全", "已结案")

    target = tmp_path / "evidence.zip"
    hands.click(section.export)
    fill_in(section.section.question, hands, reason="法院调取", passphrase=PASSPHRASE)
    dialog = hands.wait(lambda: section.findChild(QFileDialog), "where to is asked")
    dialog.fileSelected.emit(str(target))
    dialog.close()
    hands.wait(target.exists, "the evidence is written")
    at_rest(desk, hands)
    package = read_package(target.read_bytes())
    assert package.about.number == sealed_house.number
    assert set(package.handwriting) == {"signature_buyer", "signature_seller"}
    report = examine(target.read_bytes(), KnownFromElsewhere(passphrase=PASSPHRASE))
    found = {one.code: one.standing for one in report.findings}
    assert found[FindingCode.HANDWRITING_FITS] is Standing.HOLDS and Standing.BROKEN not in found.values()

    contracts = opened(desk, hands, "contracts", ContractsPage)
    run(desk, hands, "contracts.verify")
    sheet = contracts.sheet
    assert isinstance(sheet, VerifySheet)
    sheet.check(target)
    hands.wait(lambda: sheet.package.isVisible() and sheet.view.page_count(), "the file is checked")
    assert "It is the contract that is kept here under this number." in sheet.package.lines()
    assert sheet.report.verdict() == "Intact: nothing has changed since it was signed."


def card_of(archive: ArchivePage, hands: Hands) -> DisposalCard:
    """The only destruction list, as it is shown."""

    def found() -> DisposalCard | None:
        cards = list(archive.sheet.cards.values()) if isinstance(archive.sheet, DisposalSheet) else []
        return cards[0] if len(cards) == 1 and cards[0].isVisible() else None

    card: DisposalCard = hands.wait(found, "the list is shown")
    return card


def test_destroyed_by_two_people_and_not_under_a_hold(
    desk: Application, sealed_house: SealedHouse, hands: Hands
) -> None:
    old_id = sealed_house.old_id
    archive = opened(desk, hands, "archive", ArchivePage)
    hands.wait(lambda: len(archive.model.rows) == 2, "both documents are listed")
    keeping_of(archive, hands, sealed_house.contract_id)
    registry = main_window(desk).actions_registry
    assert not registry.get("archive.dispose").is_enabled(), "what still has to be kept is not proposed"
    assert "it may be destroyed" in said(keeping_of(archive, hands, old_id))
    run(desk, hands, "archive.dispose")
    proposal = archive.sheet.proposal
    fill_in(hands.wait(lambda: proposal.question, "why is asked"), hands, reason="保管期满")
    card = card_of(archive, hands)
    assert "You proposed this list" in said(card) and not card.confirm.isEnabled(), "nobody destroys alone"

    archive.close_sheet()
    section = keeping_of(archive, hands, old_id)
    hands.click(section.hold)
    fill_in(section.section.question, hands, reason="监管部门检查")
    hands.wait(lambda: "On legal hold" in said(section), "a hold came meanwhile")

    switch(desk, hands, login=SECOND)
    tasks = opened(desk, hands, "tasks", TasksPage)
    waiting = hands.wait(lambda: [one for one in tasks.model.rows if one.kind == "confirm_disposal"], "a task")
    tasks.table.select_id(waiting[0].id)
    verb = "Open the destruction list"
    hands.wait(lambda: tasks.verb_buttons() and tasks.verb_buttons()[0].text() == verb, "its verb")
    hands.click(tasks.verb_buttons()[0])
    archive = in_front(desk, ArchivePage)
    card = card_of(archive, hands)
    hands.click(card.confirm)
    fill_in(card.section.question, hands, supervisor="陈静")
    hands.wait(lambda: "is on legal hold" in archive.messages.text(), "the hold is named above the lists")
    assert bytes_of(desk, old_id), "nothing is gone under a hold"

    archive.close_sheet()
    section = keeping_of(archive, hands, old_id)
    hands.click(section.findChild(Button, "lift"))
    fill_in(section.section.question, hands, reason="检查结束")
    hands.wait(lambda: "Hold lifted" in said(section), "the hold is lifted")
    run(desk, hands, "archive.disposals")
    card = card_of(archive, hands)
    hands.click(card.confirm)
    fill_in(card.section.question, hands, supervisor="陈静")
    hands.wait(lambda: "supervised by 陈静" in said(card_of(archive, hands)), "the list says who destroyed it")
    assert not bytes_of(desk, old_id)
    with desk.desk.database.read() as session:
        signatures = session.scalars(select(ContractSignature).where(ContractSignature.contract_id == old_id)).all()
    assert signatures and all(one.evidence == {} and not one.signer_name for one in signatures)
    assert desk.desk.read(get_contract, old_id).row.state == "DISPOSED"
    archive.close_sheet()
    search(archive, hands, BUYER, [sealed_house.contract_id])
    search(archive, hands, sealed_house.old_number, [old_id])


def bytes_of(application: Application, contract_id: str) -> bytes:
    """All that is left of a document's files."""
    with application.desk.database.read() as session:
        query = select(ContractDocument.content).where(ContractDocument.contract_id == contract_id)
        return b"".join(bytes(one) for one in session.scalars(query))
