"""The archive in the window: a word on the paper finds a contract; its keeping is seen and decided beside it."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.archive.commands import ExportedEvidence, PlaceLegalHold, ProposeDisposal
from app.archive.indexing import tend_whole_archive
from app.contracts.proof.package import read_package
from app.documents.qr_code import qr_text
from app.kernel.changes import Changes
from app.kernel.permissions import Role
from app.runtime.language import CHINESE, ENGLISH, set_language, tr
from app.tasks.queries import list_tasks
from db.models.archive import LegalHold
from db.models.contracts import Contract
from tests.app.sale_desk import SaleDesk
from tests.ui.record_pages import Driver, Settle, Show, open_page
from tests.ui.workplaces import Notes, Travels
from ui.contracts.archive_page import ArchivePage
from ui.contracts.disposal_sheet import DisposalSheet
from ui.contracts.keeping_section import KeepingSection
from ui.kit.columns import MARKED
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.scanner import Scan
from ui.tasks.words import place_of

Open = Callable[..., Driver]
MANAGER = pytest.mark.parametrize("actor", [Role.BRANCH_MANAGER], indirect=True)


@pytest.fixture
def open_archive(context: PageContext, show: Show, settle: Settle, qtbot: QtBot) -> Open:
    """Opens the page: `open_archive(contract_id=…)`."""

    def opened(**params: object) -> Driver:
        return open_page(ArchivePage(context), context=context, show=show, settle=settle, qtbot=qtbot, **params)

    return opened


@pytest.fixture
def sealed(desk: SaleDesk) -> str:
    """A sealed contract that can be found."""
    contract_id = desk.sealed_contract()
    tend_whole_archive(desk.dispatcher.database)
    return contract_id


def texts(widget: QWidget) -> str:
    """All that is said in a widget."""
    return "\n".join(label.text() for label in widget.findChildren(Label))


def keeping_of(driver: Driver) -> KeepingSection:
    """The section in the panel."""
    return driver.page.panel.findChild(KeepingSection)


def search(driver: Driver, text: str) -> list[str]:
    driver.page.filters.set_values({"text": text}, silently=False)
    driver.settle()
    return [row.id for row in driver.page.model.rows]


def test_words_on_the_paper_find_it_and_are_marked(desk: SaleDesk, sealed: str, open_archive: Open) -> None:
    driver = open_archive()
    assert search(driver, "不存在的字句") == []
    assert search(driver, "倍返还定金") == [sealed]
    place = [column.key for column in driver.page.columns].index("found")
    assert MARKED + "倍返还定金" in driver.page.model.texts_of(0)[place]
    shown = driver.page.model.index(0, place).data()
    assert "倍返还定金" in shown and MARKED not in shown
    assert driver.page.describe() == "Document archive 1 of 1 documents"


def test_the_code_on_a_page_finds_its_document(desk: SaleDesk, sealed: str, open_archive: Open) -> None:
    desk.locked_contract()
    tend_whole_archive(desk.dispatcher.database)
    driver = open_archive()
    contract = desk.row(Contract, sealed)
    driver.page.context.scanner.give(Scan(qr_text(contract.number, contract.data_digest)))
    driver.settle()
    assert [row.id for row in driver.page.model.rows] == [sealed]


def test_chips_offer_what_there_is(desk: SaleDesk, sealed: str, open_archive: Open) -> None:
    driver = open_archive()
    year = str(desk.row(Contract, sealed).sealed_at.year)
    driver.page.filters.chip("sealed").choose(year)
    driver.page.filters.chip("salesperson").choose(desk.seller.staff_id)
    driver.settle()
    assert [row.id for row in driver.page.model.rows] == [sealed]
    assert "王芳" in driver.page.filters.chip("salesperson").text()
    assert not driver.page.filters.chip("branch").isVisible()


def test_return_shows_the_pages(sealed: str, open_archive: Open, navigator: Travels) -> None:
    driver = open_archive(contract_id=sealed)
    driver.page.open_row(driver.page.model.rows[0])
    assert navigator.went[-1] == ("contracts", {"contract_id": sealed, "document": True})


@MANAGER
def test_a_hold_is_placed_and_lifted_with_reasons(
    desk: SaleDesk, sealed: str, open_archive: Open, settle: Settle
) -> None:
    driver = open_archive(contract_id=sealed)
    section = keeping_of(driver)
    assert section.isVisible() and "Kept until" in texts(section)
    section.hold.click()
    form = section.section.question
    assert form is not None
    form.submit()
    settle()
    assert desk.rows(LegalHold) == [] and section.section.question is form
    form.form.set_values({"reason": "客户起诉，法院保全"})
    form.submit()
    settle()
    assert desk.rows(LegalHold)[0].reason == "客户起诉，法院保全"
    assert "客户起诉，法院保全" in texts(section) and "On legal hold" in texts(section)
    section.findChild(Button, "lift").click()
    form = section.section.question
    form.form.set_values({"reason": "已结案"})
    form.submit()
    settle()
    assert desk.rows(LegalHold)[0].lift_reason == "已结案"
    assert "Hold lifted" in texts(section) and "已结案" in texts(section)


def test_who_may_not_sees_why(desk: SaleDesk, sealed: str, open_archive: Open) -> None:
    desk.do(PlaceLegalHold(contract_id=sealed, reason="法院"), desk.manager)
    section = keeping_of(open_archive(contract_id=sealed))
    for button in (section.hold, section.export, section.findChild(Button, "lift")):
        assert not button.isEnabled() and "branch manager" in button.toolTip()


@MANAGER
def test_the_evidence_is_written_to_a_file(
    desk: SaleDesk, sealed: str, open_archive: Open, settle: Settle, notifications: Notes, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    section = keeping_of(open_archive(contract_id=sealed))
    target = tmp_path / "evidence.fcep"

    def save(exported: ExportedEvidence) -> None:
        section.write(exported, target)

    monkeypatch.setattr(section, "_save", save)
    section.ask_export()
    form = section.section.question
    form.form.set_values({"reason": "法院调取"})
    form.submit()
    settle()
    assert read_package(target.read_bytes()).about.number == desk.row(Contract, sealed).number
    assert not read_package(target.read_bytes()).handwriting
    said = notifications.shown[-1][0]
    assert str(target) in (said() if callable(said) else said)


@MANAGER
def test_what_is_half_typed_survives_a_switch_of_the_language_and_a_change(
    desk: SaleDesk, sealed: str, open_archive: Open
) -> None:
    driver = open_archive(contract_id=sealed)
    section = keeping_of(driver)
    section.ask_hold()
    section.section.question.form.set_value("reason", "客户已起诉")
    set_language(CHINESE)
    driver.settle()
    desk.change(Contract, sealed, void_reason="来自另一终端")
    driver.page.on_changes(Changes({"contract": frozenset({sealed})}), None)
    driver.settle()
    asked = keeping_of(driver).section.question
    assert asked is not None and asked.form.value("reason") == "客户已起诉"
    assert asked.verb.text() == tr("Place the hold") != "Place the hold"
    asked.leave()
    driver.settle()
    assert driver.page.record.void_reason == "来自另一终端"
    assert keeping_of(driver).section.question is None
    set_language(ENGLISH)


@MANAGER
def test_handwriting_leaves_only_under_a_passphrase_that_is_long_enough(
    sealed: str, open_archive: Open, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = keeping_of(open_archive(contract_id=sealed))
    saved: list[ExportedEvidence] = []
    monkeypatch.setattr(section, "_save", saved.append)
    section.ask_export()
    form = section.section.question
    form.form.set_values({"reason": "笔迹鉴定", "passphrase": "short"})
    form.submit()
    settle()
    assert not saved and "at least 12 characters" in form.form.problems()["passphrase"]
    form.form.set_values({"passphrase": "four words nobody guesses"})
    form.submit()
    settle()
    assert read_package(saved[0].content).handwriting


@MANAGER
def test_what_may_go_is_proposed_and_waits_for_somebody_else(
    desk: SaleDesk, sealed: str, open_archive: Open, settle: Settle
) -> None:
    desk.clock.advance(timedelta(days=366 * 31))
    driver = open_archive()
    driver.page.table.selectRow(0)
    settle()
    driver.page.context.actions.run("archive.dispose")
    settle()
    sheet = driver.page.sheet
    assert isinstance(sheet, DisposalSheet)
    form = sheet.proposal.question
    form.form.set_values({"reason": "保管期满"})
    form.submit()
    settle()
    (card,) = sheet.cards.values()
    assert "保管期满" in texts(card) and "You proposed this list" in texts(card)
    assert not card.confirm.isEnabled() and card.reject.isEnabled()
    card.named.handle.click()
    settle()
    assert desk.row(Contract, sealed).number in texts(card)


@pytest.mark.parametrize("actor", [Role.ADMINISTRATOR], indirect=True)
def test_a_second_person_confirms_and_the_document_is_gone(
    desk: SaleDesk, sealed: str, open_archive: Open, settle: Settle
) -> None:
    desk.clock.advance(timedelta(days=366 * 31))
    list_id = desk.do(ProposeDisposal(contract_ids=(sealed,), reason="保管期满"), desk.manager)
    driver = open_archive(disposal_id=list_id)
    sheet = driver.page.sheet
    assert isinstance(sheet, DisposalSheet)
    card = sheet.cards[list_id]
    card.confirm.click()
    form = card.section.question
    form.form.set_values({"supervisor": "陈静"})
    form.submit()
    settle()
    assert desk.row(Contract, sealed).state == "DISPOSED"
    assert "supervised by 陈静" in texts(sheet.cards[list_id])
    driver.page.close_sheet()
    driver.page.show_record(sealed)
    settle()
    assert "confirmed by" in texts(keeping_of(driver))


@MANAGER
def test_a_switch_of_the_language_reaches_what_is_shown_already(
    desk: SaleDesk, sealed: str, open_archive: Open, settle: Settle
) -> None:
    desk.clock.advance(timedelta(days=366 * 31))
    driver = open_archive(contract_id=sealed)
    section = keeping_of(driver)
    assert "Retention class" in texts(section) and "it may be destroyed" in texts(section)
    set_language("zh_CN")
    settle()
    assert "保管类别" in texts(keeping_of(driver)) and not latin_words(keeping_of(driver))
    driver.page.panel.findChild(KeepingSection).ask_export()
    set_language("en")
    set_language("zh_CN")
    assert not latin_words(driver.page.panel), "nor beside a question, where nothing is read again"
    list_id = desk.do(ProposeDisposal(contract_ids=(sealed,), reason="保管期满"), desk.administrator)
    set_language("en")
    driver.page.show_disposals(list_id)
    settle()
    card = driver.page.sheet.cards[list_id]
    assert "Vehicle Sales Contract · kept until" in texts(card)
    set_language("zh_CN")
    assert "汽车买卖合同 · 保管至" in texts(card) and not latin_words(card)


def latin_words(widget: QWidget) -> list[str]:
    """What is said in sight in other letters than Chinese, but for numbers and digests."""
    said = [label.text() for label in widget.findChildren(Label) if label.isVisible()]
    return [text for text in said if re.search(r"[A-Za-z]{4}", re.sub(r"SH01\S+|\b[0-9a-f]{8,16}\b", "", text))]


def test_before_its_day_nothing_is_proposed(sealed: str, open_archive: Open) -> None:
    driver = open_archive(contract_id=sealed)
    action = driver.page.context.actions.get("archive.dispose")
    assert not action.is_enabled()


def test_what_is_due_is_seen_and_its_task_leads_to_the_order(desk: SaleDesk, sealed: str, open_archive: Open) -> None:
    section = keeping_of(open_archive(contract_id=sealed))
    assert "Paid in full" in texts(section) and "Vehicle delivered" in texts(section) and "Ahead" in texts(section)
    order_id = desk.row(Contract, sealed).order_id
    due = [task for task in desk.read(list_tasks) if task.record_id == order_id]
    places = {place_of(task) for task in due}
    assert {place.page for place in places if place is not None} == {"orders"} and len(due) == 2
