"""Documents as paper: every kind in both languages, from sample facts without a database."""

from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from app.contracts.kinds.entries import checked_entries
from app.contracts.kinds.parts import COMMON
from app.contracts.kinds.registry import KINDS, SALE
from app.contracts.paper.document_paper import (
    DocumentPaper,
    SignerPlace,
    document_digest,
    document_paper,
    document_values,
    render_document,
)
from app.contracts.paper.sale_paper import RenderedContract
from app.contracts.paper.samples import CUSTOMER, DAY, ENTRIES, render_sample, sample_facts, sample_paper
from app.contracts.templates.errors import ContractPlaceholderEmpty
from app.contracts.templates.template import latest_version, load_template
from app.documents.errors import CharactersNotPrintable
from app.documents.places import PlaceKind
from app.kernel.errors import DomainError
from app.runtime.language import CHINESE, ENGLISH
from tests.app.documents.reading import page_texts, text_of

OTHERS = [code for code in KINDS if code != SALE]
each = pytest.mark.parametrize("code", OTHERS)
in_both = pytest.mark.parametrize("language", [CHINESE, ENGLISH])


@cache
def drawn(code: str, language: str) -> RenderedContract:
    return render_sample(code, language)


@cache
def texts(code: str, language: str) -> list[str]:
    return page_texts(drawn(code, language).pdf)


def made(code: str, facts: Any = None, **changed: Any) -> DocumentPaper:
    """The sample paper with other entries."""
    entries = checked_entries(KINDS[code], {**ENTRIES[code], **changed}, today=DAY)
    return document_paper(code, facts or sample_facts(code), entries, signers=sample_paper(code).signers)


@pytest.mark.parametrize("code", KINDS)
@in_both
def test_every_kind_is_drawn_with_number_pages_and_all_its_words(code: str, language: str) -> None:
    pages = texts(code, language)
    paper = drawn(code, language)
    assert len(pages) == paper.pages >= 1
    for page, text in enumerate(pages, start=1):
        assert f"-{KINDS[code].number_kind}-000123" in text
        counted = f"第{page}页，共{len(pages)}页" if language == CHINESE else f"Page{page}of{len(pages)}"
        assert counted in text
    everything = "".join(pages)
    title = KINDS[code].title
    assert title.zh in everything and title.en.replace(" ", "") in everything
    assert "{" not in everything and "None" not in everything
    assert CUSTOMER.name in everything and "陈思远" in everything


@each
def test_the_same_facts_give_the_same_bytes_and_other_facts_another_digest(code: str) -> None:
    assert render_sample(code, CHINESE).pdf == drawn(code, CHINESE).pdf
    template = load_template(code, latest_version(code))
    paper = sample_paper(code)
    other = replace(paper, customer=replace(paper.customer, phone="13900139000"))
    digests = {document_digest(one, template, language) for one in (paper, other) for language in (CHINESE, ENGLISH)}
    assert len(digests) == 4 and drawn(code, CHINESE).data_digest in digests


@each
def test_there_is_a_box_for_everybody_who_signs_and_for_the_seal(code: str) -> None:
    paper = drawn(code, CHINESE)
    names = [place.name for place in paper.places_of(PlaceKind.SIGNATURE)]
    roles = [role.code for role in KINDS[code].roles if role.least]
    assert sorted(names) == sorted("signature_seller" if role == "dealer" else f"signature_{role}" for role in roles)
    seals = paper.places_of(PlaceKind.SEAL)
    assert [place.name for place in seals] == ["seal_seller"]
    # All on the last page, with words above them: no signature is torn from its text.
    assert {place.page for place in (*seals, *paper.places_of(PlaceKind.SIGNATURE))} == {paper.pages}
    assert len(texts(code, CHINESE)[-1]) > 150


@each
def test_clauses_that_limit_the_customer_are_asked_one_by_one(code: str) -> None:
    template = load_template(code, latest_version(code))
    clauses = [one for article in template.applicable(sample_paper(code).body.conditions) for one in article.clauses]
    limiting = [clause.id for clause in clauses if clause.limits_customer]
    assert [item.clause_id for item in drawn(code, ENGLISH).acknowledgements] == limiting
    if "customer" not in KINDS[code].role_codes and "buyer" not in KINDS[code].role_codes:
        assert not limiting


@each
def test_every_placeholder_of_a_kind_is_provided_and_no_other(code: str) -> None:
    body = sample_paper(code).body
    assert set(body.values) == set(KINDS[code].placeholders)
    assert set(COMMON) <= set(body.values)
    assert body.conditions <= KINDS[code].conditions


@each
def test_every_clause_has_what_it_asks_for_whenever_it_applies(code: str) -> None:
    """A clause without condition of its own needs values the kind always has."""
    template = load_template(code, latest_version(code))
    paper = sample_paper(code)
    articles = template.applicable(paper.body.conditions)
    for language in (CHINESE, ENGLISH):
        values = document_values(paper, template, articles, language)
        for article in articles:
            for clause in article.clauses:
                filled = clause.text.in_language(language).format_map(values)
                assert "{" not in filled and not filled.startswith(" ")


def test_a_missing_fact_is_an_error_never_a_blank() -> None:
    facts = sample_facts("test_drive")
    with pytest.raises(ContractPlaceholderEmpty) as caught:
        paper = made("test_drive", replace(facts, handled_by=""))
        render_document(paper, load_template("test_drive", 1), CHINESE)
    assert "handled_by" in str(caught.value)


@each
def test_without_its_records_a_kind_says_which_is_missing(code: str) -> None:
    facts = replace(sample_facts(code), order=None, unit=None, payment=None, vehicle=None)
    if code == "privacy_consent":
        assert made(code, facts).body.values["contact"].zh
        return
    with pytest.raises(DomainError) as caught:
        made(code, facts)
    assert caught.value.code == "document_subject_missing" and caught.value.field.endswith("_id")


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("earnest_money", {"amount": "39960.01"}, "document_earnest_money_too_high", "amount"),
    ("earnest_money", {"amount": "0"}, "document_entry_out_of_range", "amount"),
    ("earnest_money", {"pay_by": "2026-12-24"}, "document_days_out_of_order", "contract_by"),
    ("earnest_money", {"contract_by": "2026-11-22"}, "document_day_over", "contract_by"),
    ("test_drive", {"licence_valid_until": "2026-11-22"}, "document_licence_expired", "licence_valid_until"),
    ("test_drive", {"returns_at": "14:30"}, "document_return_before_start", "returns_at"),
    ("test_drive", {"starts_at": "25:00"}, "document_time_unreadable", "starts_at"),
    ("test_drive", {"licence_number": "12-34"}, "document_licence_wrong", "licence_number"),
    ("test_drive", {"plate": "?"}, "plate_wrong", "plate"),
    ("trade_in", {"accident": ""}, "value_required", "accident"),
    ("trade_in", {"charge": "mortgaged"}, "value_required", "encumbrance"),
    ("trade_in", {"vin": "LSVFA49J23203704"}, "vin_length_wrong", "vin"),
    ("repair_authorisation", {"ready_by": "2026-11-22"}, "document_days_out_of_order", "ready_by"),
    ("repair_authorisation", {"jobs": []}, "value_required", "jobs"),
    ("repair_authorisation", {"energy_percent": 101}, "document_entry_out_of_range", "energy_percent"),
    ("repair_authorisation", {"jobs": [{"job": "x", "price": "much", "payer": "customer"}]},
     "amount_unreadable", "jobs.0.price"),
    ("repair_authorisation", {"jobs": [{"job": "x", "price": "1", "payer": "nobody"}]},
     "value_not_allowed", "jobs.0.payer"),
    ("settlement_statement", {"discount": "99999"}, "document_discount_too_high", "discount"),
    ("settlement_statement", {"jobs": [{"job": "x", "price": "1", "payer": "customer"}] * 61},
     "document_too_many_lines", "jobs"),
    ("pdi_repair_disclosure", {"compensation": "1.001"}, "amount_too_precise", "compensation"),
    ("privacy_consent", {"insurer": ""}, "value_required", "insurer"),
    ("privacy_consent", {"marketing": "perhaps"}, "value_not_allowed", "marketing"),
    ("receipt", {"cashier": "x"}, "document_entry_unknown", "cashier"),
    ("delivery_note", {"keys": "two"}, "document_entry_unreadable", "keys"),
    ("delivery_note", {"invoice_number": "x" * 25}, "value_too_long", "invoice_number"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "changed", "error", "field"), REFUSED)
def test_what_was_filled_in_wrong_is_named_beside_its_field(
    code: str, changed: dict[str, Any], error: str, field: str
) -> None:
    with pytest.raises(DomainError) as caught:
        made(code, **changed)
    assert (caught.value.code, caught.value.field) == (error, field)


def test_a_loan_intent_needs_a_plan_and_a_disclosure_something_to_disclose() -> None:
    facts = sample_facts("loan_intent")
    with pytest.raises(DomainError) as caught:
        made("loan_intent", replace(facts, order=replace(facts.order, plan=None)))
    assert caught.value.code == "document_loan_plan_missing"
    with pytest.raises(DomainError) as caught:
        made("pdi_repair_disclosure", replace(facts, unit=replace(facts.unit, repairs=())))
    assert (caught.value.code, caught.value.field) == ("document_nothing_to_disclose", "repairs")


def test_what_stands_on_the_paper_follows_the_answers() -> None:
    agreed = text_of(drawn("privacy_consent", CHINESE).pdf)
    assert "示例财产保险股份有限公司" in agreed and "营销信息：我不同意" in agreed
    refused = made("privacy_consent", share_insurer="no", share_bank="no", sensitive="no")
    paper = render_document(refused, load_template("privacy_consent", 1), CHINESE)
    assert "示例财产保险股份有限公司" not in text_of(paper.pdf)
    assert not paper.acknowledgements


def test_sums_stand_in_figures_and_in_capitals() -> None:
    settled = made("settlement_statement").body.values
    # 180 + 320 + 460 labour; 4 × 118 + 62 + 486 parts; 80 off.
    assert (settled["labour"].zh, settled["parts"].zh) == ("¥960.00", "¥1,020.00")
    assert (settled["total"].zh, settled["due"].zh, settled["due_capitals"].zh) == (
        "¥1,980.00", "¥1,900.00", "壹仟玖佰元整",
    )  # fmt: skip
    capitals = {"receipt": "贰万元整", "earnest_money": "贰万元整", "settlement_statement": "壹仟玖佰元整"}
    for code, words in capitals.items():
        assert f"人民币{words}" in text_of(drawn(code, ENGLISH).pdf)


def test_others_payers_lessen_what_the_customer_owes() -> None:
    jobs = [
        {"job": "钣金", "price": "1000", "payer": "insurer"}, {"job": "保养", "price": "300", "payer": "customer"},
        {"job": "召回", "price": "50", "payer": "warranty"}, {"job": "洗车", "price": "20", "payer": "house"},
    ]  # fmt: skip
    values = made("settlement_statement", jobs=jobs, parts=[], discount="").body.values
    assert (values["total"].zh, values["due"].zh) == ("¥1,370.00", "¥300.00")


def test_a_long_document_splits_its_tables_under_repeated_heads_and_keeps_four_signers_together() -> None:
    jobs = [
        {"job": f"第 {n} 项：检查并紧固底盘螺栓，VIN LSVFA49J232037048", "price": "12.50", "payer": "customer"}
        for n in range(1, 41)
    ]
    long = made("repair_authorisation", jobs=jobs, fault="转向异响。" * 79)
    signers = (*long.signers[:1], SignerPlace(code="co_buyer_1", name="陈二"),
               SignerPlace(code="guarantor_1", name="陈三"), *long.signers[1:])  # fmt: skip
    template = load_template("repair_authorisation", 1)
    many = replace(template, articles=template.articles * 5)
    drawn_long = render_document(replace(long, signers=signers), many, CHINESE)
    pages = page_texts(drawn_long.pdf)
    assert drawn_long.pages == len(pages) >= 12
    assert all(f"第{page}页，共{len(pages)}页" in text for page, text in enumerate(pages, start=1))
    heads = [page for page in pages if "预估（元）" in page]
    assert len(heads) >= 2 and sum(page.count("检查并紧固底盘螺栓") for page in pages) == 40
    assert "人民币伍佰元整" in "".join(pages)
    signatures = drawn_long.places_of(PlaceKind.SIGNATURE)
    assert len(signatures) == 4 and {place.page for place in signatures} == {len(pages)}
    _require_apart([place.rect for place in (*signatures, *drawn_long.places_of(PlaceKind.SEAL))])
    assert len(pages[-1]) > 150


def _require_apart(boxes: list[tuple[float, float, float, float]]) -> None:
    for index, (left, bottom, right, top) in enumerate(boxes):
        assert left >= 56 and right <= 540 and bottom > 80
        for other in boxes[index + 1 :]:
            assert right <= other[0] or other[2] <= left or top <= other[1] or other[3] <= bottom


def test_a_character_the_typeface_lacks_is_refused_not_lost() -> None:
    with pytest.raises(CharactersNotPrintable) as caught:
        made("test_drive", route="龙阳路 \U0001f697 张江")
    assert caught.value.field == "route"
    with pytest.raises(CharactersNotPrintable) as caught:
        made("delivery_note", defects=[{"part": "门", "finding": "\U0001f697", "remedy": "补漆"}])
    assert caught.value.field == "defects.0.finding"
    facts = sample_facts("test_drive")
    named = made("test_drive", replace(facts, customer=replace(facts.customer, name="陈\U000323b0")))
    with pytest.raises(CharactersNotPrintable) as caught:
        render_document(named, load_template("test_drive", 1), CHINESE)
    assert "U+323B0" in str(caught.value)


def test_earnest_money_up_to_the_cap_is_allowed() -> None:
    assert made("earnest_money", amount=Decimal("39960.00")).body.values["amount"].zh == "¥39,960.00"
