"""After signing, in the panel: amending, terminating, and which contract counts."""

from collections.abc import Callable

import pytest

from app.contracts.after_signing.amendment_commands import AmendContract
from app.contracts.commands import VoidContract
from app.kernel.clock import branch_date
from app.kernel.permissions import Role
from app.orders.queries import get_order
from app.runtime.language import set_language
from db.models.contracts import Contract
from db.models.orders import SalesOrder
from tests.app.contracts.test_amendments import CHANGES, amend, postpone, sealed_amendment, state
from tests.app.contracts.test_termination import end
from tests.app.contracts.test_termination_agreement import agreed
from tests.app.sale_desk import SaleDesk
from tests.ui.record_pages import Driver, unnamed_controls
from tests.ui.workplaces import Notes, Travels
from ui.contracts.document_sheet import DocumentSheet
from ui.contracts.new_document import DocumentFormSheet
from ui.kit.controls import Button
from ui.kit.panel_form import PanelForm
from ui.kit.record_line import RecordLine
from ui.sales.sale_state import SaleState, Step

Open = Callable[..., Driver]
MANAGER = pytest.mark.parametrize("actor", [Role.BRANCH_MANAGER], indirect=True)


def question(driver: Driver) -> PanelForm:
    (form,) = driver.page.panel.findChildren(PanelForm)
    return form


def lines(driver: Driver) -> dict[str, RecordLine]:
    return {line.accessibleName(): line for line in driver.page.panel.findChildren(RecordLine)}


def test_an_amendment_is_drafted_from_the_panel(desk: SaleDesk, open_contracts: Open) -> None:
    first = desk.sealed_contract()
    driver = open_contracts(contract_id=first)
    driver.run("contracts.amend")
    form = question(driver)
    form.submit()
    assert "changes" in form.form.problems(), "what changes has to be said"
    form.form.set_values({"changes": CHANGES})
    form.submit()
    driver.settle()
    (amendment,) = desk.rows(Contract, amends_id=first)
    assert isinstance(driver.page.sheet, DocumentSheet) and driver.page.record.row.id == amendment.id
    assert driver.says("Amends contract", driver.page.sheet) and driver.says(CHANGES, driver.page.sheet)
    assert "contracts.lock" in driver.possible() and state(desk, first) == "SEALED"


def test_an_order_that_went_its_own_way_leads_to_the_amendment(desk: SaleDesk, open_contracts: Open) -> None:
    first = desk.sealed_contract()
    driver = open_contracts(contract_id=first)
    assert not driver.says("The order says otherwise") and driver.page.panel.findChild(Button, "amend") is None
    postpone(desk, first)
    driver.changed_elsewhere("sales_order")
    assert driver.says("delivery from 6 December 2026 to 20 December 2026")
    set_language("zh_CN")
    assert driver.says("交车日期由2026年12月6日改为2026年12月20日")
    driver.page.panel.findChild(Button, "amend").clicked.connect(
        lambda: driver.page.activate({"contract_id": first, "amend": True})
    )
    driver.page.panel.findChild(Button, "amend").click()
    driver.settle()
    form = question(driver)
    assert form.form.value("changes") == "交车日期由2026年12月6日改为2026年12月20日", "in the language of the paper"
    form.form.set_values({"changes": "应买方要求推迟交车"})
    form.submit()
    driver.settle()
    (amendment,) = desk.rows(Contract, amends_id=first)
    assert amendment.amendment_changes == "应买方要求推迟交车"
    driver.page.activate({"contract_id": first})
    driver.settle()
    assert not driver.says("订单现在的内容与本合同不一致"), "somebody is about to amend it"


def test_the_panel_leads_from_one_version_to_the_other(desk: SaleDesk, open_contracts: Open) -> None:
    first = desk.sealed_contract()
    second = sealed_amendment(desk, first)
    numbers = [desk.row(Contract, one).number for one in (first, second)]
    driver = open_contracts(contract_id=first)
    assert driver.says(f"Amended: contract {numbers[1]} counts in its place")
    assert {"contracts.amend", "contracts.terminate", "contracts.void"}.isdisjoint(driver.possible())
    lines(driver)[f"Amended by {numbers[1]}, Sealed"].click()
    driver.settle()
    assert driver.page.record.row.id == second
    assert f"Amends {numbers[0]}, Amended" in lines(driver)
    assert unnamed_controls(driver.page) == []
    set_language("zh_CN")
    assert driver.says("变更合同") and f"变更自 {numbers[0]}, 已变更" in lines(driver)


@MANAGER
def test_a_contract_is_terminated_with_its_order(desk: SaleDesk, open_contracts: Open, notifications: Notes) -> None:
    contract_id = desk.sealed_contract()
    driver = open_contracts(contract_id=contract_id)
    driver.run("contracts.terminate")
    driver.settle()
    form = question(driver)
    assert driver.says("20,000.00 goes back to the customer", form)
    form.form.set_values({"ground": "buyer_breach"})
    form.form.changed.emit("ground")
    assert driver.says("20,000.00 of earnest money stays here", form)
    form.form.set_values({"cancel_order": False})
    form.form.changed.emit("cancel_order")
    assert driver.says("The order stays as it is", form)
    form.form.set_values({"cancel_order": True})
    form.submit()
    assert "reason" in form.form.problems() and state(desk, contract_id) == "SEALED"
    form.form.set_values({"reason": "买方逾期未付款，已书面催告"})
    form.submit()
    driver.settle()
    row = desk.row(Contract, contract_id)
    assert (row.state, row.termination_ground) == ("TERMINATED", "buyer_breach")
    assert desk.row(SalesOrder, row.order_id).state == "CANCELLED"
    assert driver.says("Terminated on") and driver.says("买方逾期未付款") and notifications.shown[-1][1] == "good"


@MANAGER
def test_an_agreement_is_begun_at_its_contract_and_the_termination_takes_it_over(
    desk: SaleDesk, open_contracts: Open
) -> None:
    contract_id = desk.sealed_contract()
    driver = open_contracts(contract_id=contract_id)
    driver.run("contracts.agreement")
    sheet = driver.page.sheet
    assert isinstance(sheet, DocumentFormSheet) and sheet.form.value("ground") == "agreement"
    driver.page.close_sheet()
    made = agreed(desk, desk.row(Contract, contract_id).order_id, ground="seller_breach")
    driver.page.activate({"contract_id": contract_id})
    driver.settle()
    assert f"Termination agreement {made.number}, Sealed" in lines(driver)
    driver.run("contracts.terminate")
    driver.settle()
    form = question(driver)
    assert driver.says(f"The parties signed termination agreement {made.number}", form)
    assert (form.form.value("ground"), form.form.value("reason")) == ("seller_breach", "客户工作调动")
    form.submit()
    driver.settle()
    assert state(desk, contract_id) == "TERMINATED" and driver.says(f"The parties agreed on it in {made.number}.")
    lines(driver)[f"Termination agreement {made.number}, Sealed"].click()
    driver.settle()
    assert f"Ends {desk.row(Contract, contract_id).number}, Terminated" in lines(driver)


@MANAGER
def test_a_day_before_the_sealing_is_said_beside_its_field(desk: SaleDesk, open_contracts: Open) -> None:
    driver = open_contracts(contract_id=desk.sealed_contract())
    driver.run("contracts.terminate")
    driver.settle()
    form = question(driver)
    form.form.set_values({"terminated_on": "2020-01-01", "reason": "协商"})
    form.submit()
    driver.settle()
    assert "terminated_on" in form.form.problems()


def test_a_salesperson_does_not_terminate(desk: SaleDesk, open_contracts: Open) -> None:
    driver = open_contracts(contract_id=desk.sealed_contract())
    assert "contracts.amend" in driver.possible() and "contracts.terminate" not in driver.possible()


def test_the_list_filters_by_the_new_states(desk: SaleDesk, open_contracts: Open) -> None:
    first = desk.sealed_contract()
    second = sealed_amendment(desk, first)
    third = desk.sealed_contract()
    desk.do(end(desk, third, cancel_order=False), desk.manager)
    driver = open_contracts()
    for wanted, expected in (("SUPERSEDED", first), ("SEALED", second), ("TERMINATED", third)):
        driver.page.filters.set_values({"state": [wanted]}, silently=False)
        driver.settle()
        assert [row.id for row in driver.page.model.rows] == [expected]


def test_checking_an_old_paper_says_which_one_counts(desk: SaleDesk, open_contracts: Open) -> None:
    first = desk.sealed_contract()
    second = sealed_amendment(desk, first)
    said = f"Contract {desk.row(Contract, second).number} has taken its place (Sealed)."
    driver = open_contracts(contract_id=first)
    driver.run("contracts.check")
    driver.settle()
    assert driver.page.sheet.report.report.intact and driver.says(said, driver.page.sheet)
    driver.page.activate({"contract_id": second})
    driver.settle()
    driver.run("contracts.check")
    driver.settle()
    assert not driver.says("has taken its place", driver.page.sheet)


def test_the_sale_goes_on_with_the_amendment(desk: SaleDesk, navigator: Travels) -> None:
    first = desk.sealed_contract()
    order_id = desk.row(Contract, first).order_id
    assert SaleState.of_order(desk.read(get_order, order_id)).step is Step.DONE
    amendment = amend(desk, first)
    state_now = SaleState.of_order(desk.read(get_order, order_id))
    assert (state_now.step, state_now.contract_id) == (Step.CONTRACT, amendment)


def test_rivals_are_named(desk: SaleDesk, open_contracts: Open) -> None:
    first = desk.sealed_contract()
    second = sealed_amendment(desk, first)
    other = desk.draft_contract(desk.paid_order()).contract_id
    desk.change(Contract, other, state="SEALED", amends_id=first, sealed_at=desk.clock.now(), sealed_digest="a" * 64)
    driver = open_contracts(contract_id=second)
    assert driver.says("Another desk sealed an amendment of the same contract")


def test_a_contract_in_place_of_a_void_one_is_linked_both_ways(desk: SaleDesk, open_contracts: Open) -> None:
    first = desk.sealed_contract()
    revision = desk.row(Contract, first).revision
    desk.do(VoidContract(contract_id=first, expected_revision=revision, reason="车型有误"), desk.manager)
    second = desk.draft_contract(desk.row(Contract, first).order_id)
    driver = open_contracts(contract_id=first)
    lines(driver)[f"Replaced by {second.number}, Draft"].click()
    driver.settle()
    assert f"Replaces {desk.row(Contract, first).number}, Voided" in lines(driver)


def test_ground_and_day_are_kept(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    desk.do(AmendContract(contract_id=contract_id, changes=CHANGES))
    desk.do(end(desk, contract_id, ground="force_majeure"), desk.manager)
    assert desk.row(Contract, contract_id).terminated_on == branch_date(desk.clock.now())
