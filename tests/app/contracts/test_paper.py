"""The contract as paper: what it says in which case, and that nothing is ever left blank."""

import json
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.contracts.errors import ContractTotalsDisagree
from app.contracts.paper.sale_paper import contract_facts, placeholder_values, render_contract
from app.contracts.templates.errors import (
    ContractPlaceholderEmpty,
    ContractPlaceholderUnknown,
    ContractTemplateFaulty,
    ContractTemplateNotFound,
)
from app.contracts.templates.template import (
    Article,
    Clause,
    ContractTemplate,
    chinese_ordinal,
    filled_runs,
    latest_version,
    load_template,
    parse_template,
    placeholders,
)
from app.documents.drafted_data import canonical_json, data_digest
from app.documents.errors import CharactersNotPrintable
from app.documents.paper_data import DepositKind, PaperDeposit, Words
from app.documents.places import PlaceKind
from app.documents.wording import branch_date, money
from app.orders.rules import earnest_cap
from app.runtime.language import CHINESE
from app.runtime.resources import load_json
from tests.app.contracts.signing_samples import TEMPLATE, contract_paper, sample_contract
from tests.app.documents.paper_samples import BUYER, CONTRACT_PRICE
from tests.app.documents.reading import page_texts, text_of

ADVANCE = PaperDeposit(kind=DepositKind.ADVANCE, amount=Decimal("5000.00"))


def template_data() -> dict[str, Any]:
    return deepcopy(load_json("contract_templates/vehicle_sale/1.json"))


@pytest.fixture(scope="module")
def text() -> str:
    return text_of(sample_contract().pdf)


@pytest.mark.parametrize(
    "words",
    [
        "汽车买卖合同",
        "VehicleSalesContract",
        "上海浦江汽车销售服务有限公司",
        "11010519491231002X",
        "LDC613P23A1305189",
        "¥219,900.50",
        "贰拾壹万玖仟玖佰元伍角",
        "贰拾万肆仟零肆拾柒元整",
        "2026年12月6日",
        "6December2026",
        "本合同以中文文本为准",
        "TheChinesetextgoverns",
        "36个月",
        "60,000公里",
        "上汽财务有限责任公司",
    ],
)
def test_contract_says(text: str, words: str) -> None:
    assert words in text


def test_about_four_pages_with_number_and_count_on_each() -> None:
    contract = sample_contract()
    assert contract.pages == 4
    for number, page in enumerate(page_texts(contract.pdf), start=1):
        assert f"第{number}页，共4页" in page
        assert "PD01-D2-CT-000123" in page
        assert contract.data_digest[:4] in page


def test_earnest_money_and_advance_are_two_texts(text: str) -> None:
    assert "双倍返还定金" in text
    assert "不得超过合同价款的20%，即¥40,809.40" in text
    advance = text_of(sample_contract(deposit=ADVANCE).pdf)
    assert "不具有定金性质，不适用定金罚则" in advance
    assert "双倍返还" not in advance
    none = text_of(sample_contract(deposit=None).pdf)
    assert "双方未约定定金或订金" in none


def test_the_paper_and_the_till_know_one_limit_of_earnest_money() -> None:
    paper = contract_paper()
    values = placeholder_values(paper, load_template("vehicle_sale", 1), (), CHINESE)
    assert values["deposit_limit"] == money(earnest_cap(CONTRACT_PRICE, branch_date(paper.drafted_at))) == "¥40,809.40"


def test_reference_to_another_article_follows_the_numbering() -> None:
    template = load_template("vehicle_sale", 1)
    paper = contract_paper(deposit=ADVANCE)
    articles = template.applicable(contract_facts(paper))
    number = [article.id for article in articles].index("breach") + 1
    values = placeholder_values(paper, template, articles, "zh_CN")
    assert values["article_breach"] == f"第{chinese_ordinal(number)}条"


def test_provisional_sale_says_so_on_top_and_across_the_page(text: str) -> None:
    assert "暂定" not in text
    pages = page_texts(sample_contract(provisional=True).pdf)
    assert "暂定销售" in pages[0]
    assert "Provisionalsale" in pages[0]
    assert all("暂" in page for page in pages)


def test_sale_without_a_loan_asks_for_the_balance() -> None:
    cash = text_of(sample_contract(plan=None).pdf)
    assert "付清余款" in cash
    assert "贷款未获批准" not in cash


def test_leading_language_changes_order_not_content() -> None:
    english = sample_contract("en")
    assert english.data_digest != sample_contract("zh_CN").data_digest
    pages = page_texts(english.pdf)
    assert pages[0].index("VehicleSalesContract") < pages[0].index("汽车买卖合同")
    assert "本合同以中文文本为准" in "".join(pages)


def test_same_sale_same_bytes() -> None:
    first, second = sample_contract(), sample_contract()
    assert first == second
    assert sample_contract(salesperson="林晓雯").data_digest != first.data_digest


def test_limiting_clauses_are_numbered_and_have_a_tick_box_each() -> None:
    contract = sample_contract()
    assert [asked.number for asked in contract.acknowledgements] == [1, 2, 3, 4, 5, 6]
    assert [asked.clause_id for asked in contract.acknowledgements] == [
        "price.rates",
        "deposit.earnest_penalty",
        "payment.late",
        "delivery.storage",
        "title.passing",
        "breach.options",
    ]
    for asked in contract.acknowledgements:
        assert asked.place.kind is PlaceKind.ACKNOWLEDGEMENT
        assert asked.place.size == (12, 12)
        assert 1 <= asked.place.page <= contract.pages


def test_boxes_come_from_the_layout_and_lie_on_the_page() -> None:
    short, long = sample_contract(), sample_contract("en", provisional=True)
    for contract in (short, long):
        boxes = [contract.buyer_box, contract.seller_box, contract.seal_box]
        for box in boxes:
            left, bottom, right, top = box.rect
            assert 56 <= left < right <= 540
            assert 70 < bottom < top < 790
            assert box.page == contract.pages
        width, height = contract.seal_box.size
        assert width == pytest.approx(height)
        assert contract.seller_box.rect[2] < contract.seal_box.rect[0] < contract.buyer_box.rect[0]


def test_totals_that_disagree_are_refused() -> None:
    with pytest.raises(ContractTotalsDisagree):
        sample_contract(total=Decimal("219900.51"))


def test_name_that_cannot_be_printed_is_refused() -> None:
    with pytest.raises(CharactersNotPrintable):
        sample_contract(buyer=replace(BUYER, name="𠮷田"))


def test_empty_placeholder_is_an_error_never_a_blank() -> None:
    with pytest.raises(ContractPlaceholderEmpty) as caught:
        sample_contract(delivery_place=Words(" ", ""))
    assert caught.value.params["placeholder"] == "delivery_place"


def test_unknown_placeholder_is_an_error() -> None:
    data = template_data()
    data["articles"][0]["clauses"][0]["en"] += " {warp_drive}"
    with pytest.raises(ContractPlaceholderUnknown):
        render_contract(contract_paper(), parse_template(data), "en")


def test_value_with_braces_or_stars_stays_what_it_is() -> None:
    runs = filled_runs("甲 **{seller}**", {"seller": "{vin} **x**"}, clause="t")
    assert "".join(run.text for run in runs) == "甲 {vin} **x**"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data["articles"][0]["clauses"][0].update(applies_when=["full_moon"]),
        lambda data: data["articles"][0]["clauses"][0].update(applies_when=[]),
        lambda data: data["articles"][0]["clauses"][0].update(en=" "),
        lambda data: data["articles"][0]["clauses"][0].update(id="price.contract"),
        lambda data: data["notices"][0].update(place="margin"),
        lambda data: data.pop("terms"),
    ],
)
def test_faulty_template_is_refused_before_anything_is_printed(spoil: Any) -> None:
    data = template_data()
    spoil(data)
    with pytest.raises(ContractTemplateFaulty):
        parse_template(data)


@pytest.mark.parametrize(("code", "version"), [("vehicle_sale", 999), ("no_such", 1), ("../secrets", 1)])
def test_template_that_is_not_there(code: str, version: int) -> None:
    with pytest.raises(ContractTemplateNotFound):
        load_template(code, version)


def test_latest_version() -> None:
    assert latest_version("vehicle_sale") == 3
    with pytest.raises(ContractTemplateNotFound):
        latest_version("no_such")


def all_texts(template: ContractTemplate) -> list[Words]:
    clauses = [clause.text for article in template.articles for clause in article.clauses]
    return clauses + [notice.text for notice in template.notices]


def test_both_languages_of_a_clause_state_the_same_figures() -> None:
    """Capitals are Chinese only; everything else that is filled in stands in both texts."""
    only_chinese = {"total_capitals", "contract_price_capitals", "deposit_capitals"}
    for words in all_texts(TEMPLATE):
        assert placeholders(words.zh) - only_chinese == placeholders(words.en), words.zh


def test_template_file_names_itself_and_its_sources() -> None:
    data = json.loads(json.dumps(template_data()))
    assert (data["code"], data["version"]) == ("vehicle_sale", 1)
    assert "586-588" in data["source"]


@pytest.mark.parametrize(("number", "words"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五")])
def test_chinese_ordinals(number: int, words: str) -> None:
    assert chinese_ordinal(number) == words


def newest() -> ContractTemplate:
    return load_template("vehicle_sale", latest_version("vehicle_sale"))


@pytest.mark.parametrize("limits", [False, True])
def test_a_clause_longer_than_a_page_goes_on_to_the_next_one(limits: bool) -> None:
    sentence = "（{}）本店约定第 {} 项的内容，双方均应遵守；"
    text = Words("".join(sentence.format(n, n) for n in range(1, 201)), "What the house agrees in item one. " * 150)
    clause = Clause(id="house.long", text=text, limits_customer=limits, applies_when=("always",))
    template = newest()
    article = Article(id="house", title=Words("本店约定", "House terms"), clauses=(clause,))
    for articles in ((article, *template.articles), (*template.articles, article)):
        drawn = render_contract(contract_paper(), replace(template, articles=articles), CHINESE)
        said = text_of(drawn.pdf)
        assert all(f"（{n}）" in said for n in range(1, 201))
        assert len(drawn.acknowledgements) == 6 + limits


def test_who_acts_for_a_company_and_where_money_goes_stand_on_the_contract() -> None:
    company = replace(
        BUYER, name="上海远途科技有限公司", is_company=True, identity="91110108MA01YBNX62", representative="李雷",
        representative_identity="11010519491231002X", legal_representative="韩雪",
    )  # fmt: skip
    said = text_of(render_contract(contract_paper(buyer=company), newest(), CHINESE).pdf)
    for words in (
        "法定代表人Legalrepresentative", "韩雪", "代理人证件号码", "11010519491231002X", "签订地点上海市浦东新区",
        "签名及日期", "账号1001280109300012345",
    ):  # fmt: skip
        assert words in said, words
    poor = replace(contract_paper().seller, bank="", bank_account="")
    assert "付至卖方账户" not in text_of(render_contract(contract_paper(seller=poor), newest(), CHINESE).pdf)


def test_a_used_vehicle_is_not_sold_as_a_new_one() -> None:
    said = text_of(render_contract(contract_paper(used=True), newest(), CHINESE).pdf)
    assert "该车为二手车" in said and "转让登记" in said
    assert "全新未注册" not in said and "缴纳车辆购置税" not in said


def test_facts_that_papers_did_not_have_before_leave_their_digest_as_it_was() -> None:
    plain = replace(contract_paper().seller, legal_representative="", bank="", bank_account="")
    assert set(json.loads(canonical_json(plain))) == {
        "name", "is_company", "identity", "phone", "address", "representative",
    }  # fmt: skip
    assert data_digest(plain) != data_digest(replace(plain, bank="工商银行"))
