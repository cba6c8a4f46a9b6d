"""Contracts on the real database: read, locked, continued, sealed, archived, declined, voided."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester

from app.contracts.commands import VoidContract
from app.contracts.queries import contract_document, get_contract
from app.kernel.permissions import Role
from app.orders.commands import PlanDelivery
from app.orders.queries import get_order
from app.runtime.language import set_language
from db.models.contracts import Contract, ContractSignature
from tests.app.sale_desk import SaleDesk
from tests.ui.record_pages import CTRL, Driver, unnamed_controls
from tests.ui.workplaces import Notes, Travels
from ui.contracts.document_sheet import DocumentSheet
from ui.contracts.verify_sheet import VerifySheet
from ui.kit.record_line import RecordLine

Open = Callable[..., Driver]
MANAGER = pytest.mark.parametrize("actor", [Role.BRANCH_MANAGER], indirect=True)


def sheet_of(driver: Driver) -> DocumentSheet:
    """The contract shown in the place of the list."""
    sheet = driver.page.sheet
    assert isinstance(sheet, DocumentSheet)
    return sheet


def partly_signed(desk: SaleDesk) -> str:
    """The id of a contract the buyer has signed."""
    contract_id = desk.locked_contract()
    desk.do(desk.signature(contract_id, "buyer"))
    return contract_id


def state_of(desk: SaleDesk, contract_id: str) -> str:
    """As stored."""
    return str(desk.row(Contract, contract_id).state)


def test_it_lists_and_filters(desk: SaleDesk, open_contracts: Open, qtmodeltester: ModelTester) -> None:
    locked, draft = desk.locked_contract(), desk.draft_contract(desk.order().order_id).contract_id
    driver = open_contracts()
    assert driver.page.describe() == "Contracts 2 of 2 contracts"
    qtmodeltester.check(driver.page.model)
    driver.page.filters.set_values({"state": ["LOCKED"]}, silently=False)
    driver.settle()
    assert [row.id for row in driver.page.model.rows] == [locked]
    driver.page.filters.set_values({"text": desk.row(Contract, draft).number}, silently=False)
    driver.settle()
    assert [row.id for row in driver.page.model.rows] == [draft]


def test_the_panel_says_who_signed_and_who_is_missing(desk: SaleDesk, open_contracts: Open, navigator: Travels) -> None:
    contract_id = partly_signed(desk)
    driver = open_contracts(contract_id=contract_id)
    assert driver.says("Partly signed") and driver.says("Provisional sale") and driver.says("Signs next")
    (buyer,) = desk.rows(ContractSignature)
    assert driver.says(f"evidence {buyer.evidence_digest[:8]}") and driver.says("张伟")
    for line in driver.page.panel.findChildren(RecordLine):
        line.click()
    assert [page for page, _params in navigator.went] == ["orders", "customers"]
    assert driver.verbs()[0] == "Continue signing"
    driver.page.table.setFocus()
    driver.key(Qt.Key.Key_T, CTRL)
    order_id = desk.row(Contract, contract_id).order_id
    assert navigator.went[-1] == ("sale", {"order_id": order_id, "contract_id": contract_id})
    assert unnamed_controls(driver.page) == []


def test_the_pages_are_shown_in_the_page(desk: SaleDesk, open_contracts: Open) -> None:
    contract_id = partly_signed(desk)
    driver = open_contracts()
    driver.key(Qt.Key.Key_Down)
    driver.key(Qt.Key.Key_Return)
    sheet = sheet_of(driver)
    assert sheet.view.page_count() == desk.row(Contract, contract_id).page_count > 0
    assert driver.says("The locked document as it is signed", sheet)
    assert unnamed_controls(driver.page) == []
    driver.key(Qt.Key.Key_Escape)
    assert driver.page.sheet is None and driver.page.panel.isVisible()


def test_a_draft_is_locked_where_it_was_read(desk: SaleDesk, open_contracts: Open, notifications: Notes) -> None:
    contract_id = desk.draft_contract(desk.order().order_id).contract_id
    driver = open_contracts(contract_id=contract_id)
    assert "contracts.lock" not in driver.possible()
    driver.run("contracts.show")
    driver.key(Qt.Key.Key_G, CTRL)
    assert state_of(desk, contract_id) == "LOCKED"
    assert driver.says("Ready to sign", sheet_of(driver)) and notifications.shown[-1][1] == "good"
    assert "contracts.lock" not in driver.possible() and "contracts.continue" in driver.possible()


def test_an_outdated_draft_cannot_be_locked(desk: SaleDesk, open_contracts: Open) -> None:
    order_id = desk.order().order_id
    contract_id = desk.draft_contract(order_id).contract_id
    revision = desk.read(get_order, order_id).row.revision
    desk.do(PlanDelivery(order_id=order_id, expected_revision=revision, planned_delivery=desk.records.today()))
    driver = open_contracts(contract_id=contract_id)
    assert driver.says("The order changed since this was drafted")
    driver.run("contracts.show")
    assert "contracts.lock" not in driver.possible() and "contracts.continue" in driver.possible()


def test_a_contract_left_unsealed_is_sealed(desk: SaleDesk, open_contracts: Open) -> None:
    contract_id = desk.signed_contract()
    driver = open_contracts(contract_id=contract_id)
    assert driver.says("the seal of the dealer is still missing") and driver.verbs()[0] == "Seal"
    driver.run("contracts.seal")
    driver.settle()
    assert state_of(desk, contract_id) == "SEALED"
    assert driver.says("Sealed") and "contracts.archive" in driver.possible()
    driver.run("contracts.archive")
    assert state_of(desk, contract_id) == "ARCHIVED"


def test_sealing_shows_the_sealed_pages_in_the_open_sheet(desk: SaleDesk, open_contracts: Open) -> None:
    contract_id = desk.signed_contract()
    driver = open_contracts(contract_id=contract_id, document=True)
    before = sheet_of(driver).document
    driver.run("contracts.seal")
    driver.settle()
    sheet = sheet_of(driver)
    assert before is not None and before.stage == "locked"
    assert sheet.document is not None and sheet.document.stage == "sealed"
    assert driver.says("The sealed document with all signatures", sheet)


def test_a_party_declines_with_a_reason(desk: SaleDesk, open_contracts: Open) -> None:
    contract_id = partly_signed(desk)
    driver = open_contracts(contract_id=contract_id)
    driver.run("contracts.decline")
    driver.answer()
    question = driver.page.question
    assert question is not None and "reason" in question.form.problems()
    driver.answer(reason="客户不同意第四条")
    assert state_of(desk, contract_id) == "DECLINED" and driver.says("Declined: 客户不同意第四条")


@MANAGER
def test_a_contract_is_voided_with_a_reason(desk: SaleDesk, open_contracts: Open) -> None:
    contract_id = desk.sealed_contract()
    driver = open_contracts(contract_id=contract_id)
    driver.page.table.setFocus()
    driver.key(Qt.Key.Key_Delete)
    driver.answer(reason="客户更改车型")
    assert state_of(desk, contract_id) == "VOIDED" and driver.says("Out of force: 客户更改车型")


def test_what_the_role_forbids_is_hidden_and_refused(desk: SaleDesk, open_contracts: Open) -> None:
    contract_id = partly_signed(desk)
    driver = open_contracts(contract_id=contract_id)
    assert "contracts.void" not in driver.possible()
    revision = driver.page.record.row.revision
    driver.page.run(VoidContract(contract_id=contract_id, expected_revision=revision, reason="x"))
    driver.settle()
    assert "does not allow this" in driver.page.messages.text()
    assert state_of(desk, contract_id) == "PARTIALLY_SIGNED"


@pytest.mark.parametrize("actor", [Role.CASHIER], indirect=True)
def test_a_cashier_reads_and_checks_only(desk: SaleDesk, open_contracts: Open) -> None:
    contract_id = desk.signed_contract()
    driver = open_contracts(contract_id=contract_id)
    assert driver.possible() == {
        "contracts.new", "contracts.verify", "contracts.show", "contracts.check", "contracts.print",
        "contracts.form",
    }  # fmt: skip


def test_saved_as_it_is_kept(desk: SaleDesk, open_contracts: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    contract_id = desk.sealed_contract()
    content = desk.read(contract_document, contract_id).content
    saved: list[bytes] = []
    monkeypatch.setattr(
        "ui.contracts.contracts_page.save_pdf", lambda _page, _context, data, **_more: saved.append(data)
    )
    driver = open_contracts(contract_id=contract_id, document=True)
    driver.run("contracts.save")
    assert saved == [content]


def test_a_signature_given_elsewhere_shows_at_once(desk: SaleDesk, open_contracts: Open) -> None:
    contract_id = partly_signed(desk)
    driver = open_contracts(contract_id=contract_id)
    desk.do(desk.signature(contract_id, "dealer"))
    driver.changed_elsewhere("contract", "contract_signature")
    assert driver.says("Signed") and not driver.says("Signs next")


def test_an_empty_page_offers_to_check_a_file(desk: SaleDesk, open_contracts: Open) -> None:
    driver = open_contracts()
    assert driver.says("No contracts yet", driver.page)
    driver.key(Qt.Key.Key_O, CTRL)
    assert isinstance(driver.page.sheet, VerifySheet)


def test_everything_is_said_in_chinese(desk: SaleDesk, open_contracts: Open) -> None:
    contract_id = desk.sealed_contract()
    driver = open_contracts(contract_id=contract_id, document=True)
    set_language("zh_CN")
    driver.run("contracts.check")
    sheet = sheet_of(driver)
    for text in ("已封存、含全部签名的文件", "完好", "经销商电子签章", "证书可信", "汽车买卖合同，第 3 版"):
        assert driver.says(text, sheet), text


def test_get_contract_is_what_the_panel_shows(desk: SaleDesk, open_contracts: Open) -> None:
    contract_id = desk.sealed_contract()
    driver = open_contracts(contract_id=contract_id)
    assert driver.page.record == desk.read(get_contract, contract_id)
