"""The longest real case at a desk, from the offer to the seal: twelve pages, forty lines, four who sign."""

import re
from decimal import Decimal

import pytest

from app.contracts.checking import verify_contract
from app.contracts.errors import ClausesNotAcknowledged, PartyOutOfTurn
from app.contracts.queries import contract_document
from app.documents.chinese_amounts import amount_in_capitals
from app.documents.qr_code import qr_text
from app.documents.wording import figure, money
from app.orders.queries import get_order
from db.models.contracts import ContractSignature
from tests.app.contracts.longest_sale import CARDS, FOUR, LINES, LongestSale
from tests.app.documents.page_pictures import pictures, wrong_modules
from tests.app.documents.reading import page_texts
from tests.app.sale_desk import SaleDesk

PAGES = 12
MENDED = 3
"""Modules of the code that may be read wrong, of some 1,700."""
HEAD = "#项目Item依据Basis金额（元）Amount(CNY)"


@pytest.fixture
def sale(desk: SaleDesk) -> LongestSale:
    return LongestSale(desk)


def test_from_the_offer_to_the_seal(sale: LongestSale) -> None:
    desk, order = sale.desk, sale.desk.read(get_order, sale.order_id)
    drafted = sale.draft()
    pages = page_texts(drafted.content)
    assert len(order.lines) == LINES and len(pages) == drafted.pages >= PAGES

    number = sale.detail.row.number
    for index, text in enumerate(pages, start=1):
        assert f"第{index}页，共{len(pages)}页" in text and number in text, index
    code = qr_text(number, drafted.data_digest)
    assert all(wrong_modules(picture, code) <= MENDED for picture in pictures(drafted.content))
    lined = [text for text in pages if re.search(r"(选装|服务)\d\d：(原厂附件|上门)", text)]
    assert len(lined) >= 3 and all(HEAD in text for text in lined), "the head stands on every page of the table"

    total = sum((line.amount for line in order.lines), Decimal(0))
    assert total == order.row.on_road_total
    whole = "".join(pages)
    assert f"人民币{amount_in_capitals(total)}{money(total)}" in whole
    assert sum(text.count(f"{figure(Decimal('128.00'))}") for text in lined) == 33
    assert all(f"选装{n:02d}：原厂附件" in whole for n in range(1, 21))
    assert all(f"服务{n:02d}：上门取送车" in whole for n in range(1, 14))
    assert "（20）选装20（零件号MB-0020-CN）" in whole, "the tall clauses go on to the next page, and lose nothing"

    sale.lock()
    assert desk.read(contract_document, sale.contract_id).content == drafted.content
    for done, party in enumerate(FOUR):
        if done + 1 < len(FOUR):
            with pytest.raises(PartyOutOfTurn):
                desk.do(desk.signature(sale.contract_id, FOUR[done + 1]))
        if party in CARDS:
            assert sale.identify(party)
            seen = desk.signature(sale.contract_id, party).acknowledgements
            assert len(seen) == 6
            with pytest.raises(ClausesNotAcknowledged):
                desk.do(desk.signature(sale.contract_id, party, acknowledgements=seen[:-1]))
        sale.sign(party)
    desk.do(desk.seal(sale.contract_id))

    sealed = desk.read(contract_document, sale.contract_id).content
    assert sealed.startswith(drafted.content) and len(page_texts(sealed)) == len(pages)
    verified = desk.read(verify_contract, sale.contract_id)
    assert verified.intact, verified.report.problems
    assert [one.field for one in verified.report.signatures] == [
        "signature_buyer", "signature_co_buyer_1", "signature_guarantor_1", "signature_seller", "seal_seller",
    ]  # fmt: skip
    rows = sorted(desk.rows(ContractSignature, contract_id=sale.contract_id), key=lambda row: row.signed_at)
    assert [row.party for row in rows] == [*FOUR, "seal"]
