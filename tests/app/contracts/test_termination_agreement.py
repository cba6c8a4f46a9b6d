"""The parties end a sealed contract by a document of its own, and the termination follows what they signed."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.contracts.after_signing.termination_queries import termination_choices
from app.contracts.after_signing.termination_rules import TerminationGround, defaulting_by
from app.contracts.commands import ContractDrafted, VoidContract
from app.contracts.documents.commands import DraftDocument
from app.contracts.errors import AgreedOtherwise
from app.contracts.kinds.errors import SignedContractMissing
from app.contracts.kinds.termination_agreement import DEFAULTING, KIND
from app.contracts.queries import contract_document, get_contract
from app.kernel.clock import branch_date
from db.models.contracts import Contract
from db.models.orders import SalesOrder
from tests.app.contracts.signed_documents import complete
from tests.app.contracts.test_termination import end
from tests.app.documents.reading import text_of
from tests.app.sale_desk import SaleDesk

GROUNDS = ("agreement", "buyer_breach", "seller_breach", "force_majeure")


def drafted(desk: SaleDesk, order_id: str, **entries: Any) -> ContractDrafted:
    """The agreement over the contract of an order."""
    given = {"ground": "agreement", "ended_on": branch_date(desk.clock.now()), "reason": "客户工作调动"} | entries
    made: ContractDrafted = desk.do(
        DraftDocument(kind=KIND.code, order_id=order_id, entries=given | {"paid_within": 7, "other": ""})
    )
    return made


def agreed(desk: SaleDesk, order_id: str, **entries: Any) -> ContractDrafted:
    """The same, signed by everybody and sealed."""
    made = drafted(desk, order_id, **entries)
    complete(desk, made, desk.seller)
    return made


def order_of(desk: SaleDesk, contract_id: str) -> str:
    return str(desk.row(Contract, contract_id).order_id)


def paper(desk: SaleDesk, contract_id: str) -> str:
    return text_of(desk.read(contract_document, contract_id).content)


def test_its_grounds_are_those_of_a_termination_and_mean_the_same() -> None:
    assert set(DEFAULTING) == set(GROUNDS) <= {ground.value for ground in TerminationGround}
    assert all(defaulting_by(TerminationGround(code)) is party for code, party in DEFAULTING.items())


@pytest.mark.parametrize(
    ("ground", "words"),
    [
        ("agreement", ("双方经协商一致", "将¥20,000.00", "互不追究违约责任")),
        ("buyer_breach", ("¥20,000.00不予返还", "超过定金数额的损失")),
        ("seller_breach", ("另行向客户支付¥20,000.00", "人民币肆万元整")),
        ("force_majeure", ("因不可抗力", "将¥20,000.00")),
    ],
)
def test_paper_and_termination_settle_the_same(desk: SaleDesk, ground: str, words: tuple[str, ...]) -> None:
    contract_id = desk.sealed_contract()
    made = agreed(desk, order_of(desk, contract_id), ground=ground)
    said = paper(desk, made.contract_id)
    assert desk.row(Contract, contract_id).number in said and all(part in said for part in words)
    desk.do(end(desk, contract_id, ground=ground), desk.manager)
    row = desk.row(Contract, contract_id)
    assert row.state == "TERMINATED"
    due = (row.termination_returned or 0) + (row.termination_penalty or 0)
    assert f"{due:,.2f}" in said, "what is due by the paper is what the termination says"


def test_a_termination_follows_what_the_parties_signed_and_names_it(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    made = drafted(desk, order_of(desk, contract_id), ground="buyer_breach")
    assert desk.read(termination_choices, contract_id, actor=desk.manager).agreed is None, "nobody has signed yet"
    complete(desk, made, desk.seller)
    found = desk.read(termination_choices, contract_id, actor=desk.manager).agreed
    assert (found.number, found.ground, found.reason) == (made.number, "buyer_breach", "客户工作调动")
    with pytest.raises(AgreedOtherwise) as other:
        desk.do(end(desk, contract_id, ground="agreement"), desk.manager)
    assert other.value.field == "ground" and made.number in str(other.value)
    desk.clock.advance(timedelta(days=1))
    with pytest.raises(AgreedOtherwise) as other:
        desk.do(end(desk, contract_id, ground="buyer_breach"), desk.manager)
    assert other.value.field == "terminated_on"
    desk.do(end(desk, contract_id, ground="buyer_breach", terminated_on=found.ended_on), desk.manager)
    detail, agreement = desk.read(get_contract, contract_id), desk.read(get_contract, made.contract_id)
    assert detail.termination.agreement.number == made.number
    assert detail.termination.forfeited == Decimal("20000.00")
    assert [one.id for one in detail.lineage.agreements] == [made.contract_id]
    assert agreement.lineage.ends.id == contract_id and agreement.row.state == "SEALED"


def test_a_void_agreement_binds_nobody(desk: SaleDesk) -> None:
    contract_id = desk.sealed_contract()
    made = agreed(desk, order_of(desk, contract_id), ground="buyer_breach")
    revision = desk.row(Contract, made.contract_id).revision
    desk.do(VoidContract(contract_id=made.contract_id, expected_revision=revision, reason="金额有误"), desk.manager)
    desk.do(end(desk, contract_id, ground="agreement"), desk.manager)
    assert desk.read(get_contract, contract_id).termination.agreement is None


def test_each_contract_of_an_order_has_its_own_agreement(desk: SaleDesk) -> None:
    first = desk.sealed_contract()
    order_id = order_of(desk, first)
    one = agreed(desk, order_id)
    day = branch_date(desk.clock.now())
    desk.do(end(desk, first, cancel_order=False, terminated_on=day), desk.manager)
    desk.clock.advance(timedelta(minutes=5))
    second = desk.locked_contract(order_id)
    for party in ("buyer", "dealer"):
        desk.do(desk.signature(second, party))
    desk.do(desk.seal(second))
    assert desk.read(termination_choices, second, actor=desk.manager).agreed is None
    desk.clock.advance(timedelta(minutes=5))
    other = agreed(desk, order_id)
    assert [row.id for row in desk.read(get_contract, first).lineage.agreements] == [one.contract_id]
    assert [row.id for row in desk.read(get_contract, second).lineage.agreements] == [other.contract_id]
    assert desk.row(Contract, second).number in paper(desk, other.contract_id)


def test_without_a_signed_contract_there_is_nothing_to_end(desk: SaleDesk) -> None:
    order_id = desk.paid_order()
    with pytest.raises(SignedContractMissing) as missing:
        drafted(desk, order_id)
    assert missing.value.field == "order_id"


def test_where_nothing_was_received_nothing_goes_back(desk: SaleDesk) -> None:
    order_id = desk.order().order_id
    contract_id = desk.locked_contract(order_id)
    for party in ("buyer", "dealer"):
        desk.do(desk.signature(contract_id, party))
    desk.do(desk.seal(contract_id))
    said = paper(desk, drafted(desk, order_id).contract_id)
    assert "未收到客户任何款项" in said and "退还至客户的原付款账户" not in said
    assert desk.row(SalesOrder, order_id).state == "CONFIRMED", "paper alone ends nothing"
