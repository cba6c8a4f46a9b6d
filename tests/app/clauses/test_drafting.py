"""What contracts are drafted from: the texts in force on the day, kept for good."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest

from app.clauses.condition_words import contradiction
from app.clauses.errors import ClauseNotInForce
from app.clauses.kinds import kinds
from app.clauses.preview import (
    TypedClause,
    TypedTemplate,
    preview_clause,
    preview_in_force,
    preview_template,
)
from app.clauses.rules import TextSort
from app.clauses.samples import document_where, sale_where
from app.contracts.commands import LockContract
from app.contracts.errors import ContractOutdated
from app.contracts.paper.sale_paper import contract_facts, render_contract
from app.contracts.queries import contract_document, get_contract
from app.contracts.templates.in_force import shipped_template, shipped_terms, template_as_drafted, template_in_force
from app.contracts.templates.template import load_template
from app.documents.paper_data import Words
from app.kernel.errors import DomainError
from db.models.contracts import Contract
from tests.app.clauses.library_desk import OWN, STORAGE, LibraryDesk
from tests.app.contracts.signing_samples import contract_paper
from tests.app.documents.reading import text_of


def drafted(library: LibraryDesk) -> tuple[Contract, str]:
    """A contract over a new order: its row, and what stands on the paper."""
    made = library.sale.draft_contract(library.sale.order().order_id)
    content = library.sale.read(contract_document, made.contract_id).content
    return library.sale.row(Contract, made.contract_id), text_of(content)


def lock(library: LibraryDesk, contract: Contract) -> Any:
    detail = library.sale.read(get_contract, contract.id)
    command = LockContract(
        contract_id=contract.id, expected_revision=detail.row.revision, shown_digest=detail.shown_digest
    )
    return library.sale.do(command)


def test_without_versions_of_the_house_the_shipped_text_counts(library: LibraryDesk) -> None:
    contract, _ = drafted(library)
    assert (contract.template_version, contract.template_version_id, contract.clause_versions) == ("3", None, None)
    with library.sale.dispatcher.database.read() as session:
        assert template_as_drafted(session, contract) == load_template("vehicle_sale", 3)
        assert template_in_force(session, "vehicle_sale", library.today).template == load_template("vehicle_sale", 3)


def test_what_was_signed_on_shipped_versions_makes_the_same_bytes(library: LibraryDesk) -> None:
    for number in (1, 2, 3):
        kept = Contract(template_code="vehicle_sale", template_version=str(number))
        with library.sale.dispatcher.database.read() as session:
            again = template_as_drafted(session, kept)
        paper = contract_paper()
        first = render_contract(paper, load_template("vehicle_sale", number), "zh_CN").pdf
        assert hashlib.sha256(render_contract(paper, again, "zh_CN").pdf).digest() == hashlib.sha256(first).digest()


def test_a_clause_of_the_house_counts_from_its_day_on(library: LibraryDesk) -> None:
    version = library.approve(
        library.clause(
            STORAGE, text_zh="买方逾期提车的，保管费每日 {storage_fee} 元起。",
            text_en="Storage from CNY {storage_fee}.", effective_from=library.today + timedelta(days=2),
        )
    )  # fmt: skip
    before, said = drafted(library)
    assert before.clause_versions is None and "保管费每日50元起" not in said
    library.wait(2)
    after, said = drafted(library)
    assert (after.clause_versions, after.template_version_id) == ({STORAGE: version}, None)
    assert "保管费每日50元起" in said
    library.withdraw(version)
    with library.sale.dispatcher.database.read() as session:
        kept = template_as_drafted(session, after)
    assert any("保管费每日" in one.text.zh for article in kept.articles for one in article.clauses)


def test_a_template_of_the_house(library: LibraryDesk) -> None:
    clause = library.approve(library.clause())
    version = library.approve(library.template(OWN), TextSort.TEMPLATE)
    contract, said = drafted(library)
    assert contract.template_version_id == version and contract.template_version == "4"
    kept = contract.clause_versions or {}
    assert kept[OWN] == clause and kept[STORAGE] == "shipped/3" and len(kept) == 35
    assert "本店约定" in said and "安装充电桩一台" in said
    assert library.seen_template().row.clauses == 35
    second = library.approve(library.clause(text_zh="改了。", text_en="Changed."))
    with library.sale.dispatcher.database.read() as session:
        again = template_as_drafted(session, contract)
        now = template_in_force(session, "vehicle_sale", library.today)
    assert again.articles[-1].clauses[0].text.zh == "卖方为买方安装充电桩一台，VIN {vin}。"
    assert now.template.articles[-1].clauses[0].text.zh == "改了。" and now.clause_versions[OWN] == second


def test_a_draft_is_not_locked_with_texts_that_count_no_more(library: LibraryDesk) -> None:
    contract, _ = drafted(library)
    assert not library.sale.read(get_contract, contract.id).outdated
    library.approve(library.clause(STORAGE, text_zh="保管费另议。", text_en="Storage by agreement."))
    assert library.sale.read(get_contract, contract.id).outdated
    with pytest.raises(ContractOutdated):
        lock(library, contract)


def test_what_is_locked_stays_as_it_is(library: LibraryDesk) -> None:
    contract, _ = drafted(library)
    lock(library, contract)
    before = library.sale.read(contract_document, contract.id).digest
    library.approve(library.clause(STORAGE, text_zh="保管费另议。", text_en="Storage by agreement."))
    detail = library.sale.read(get_contract, contract.id)
    assert detail.row.state == "LOCKED" and detail.shown_digest == before


def test_a_template_is_approved_when_its_clauses_count(library: LibraryDesk) -> None:
    library.clause()
    version = library.template(OWN)
    library.propose(version, TextSort.TEMPLATE)
    with pytest.raises(ClauseNotInForce) as refused:
        library.approve_only(version, TextSort.TEMPLATE)
    assert OWN in refused.value.message()


def article(*codes: str, en: str = "A") -> tuple[dict[str, Any], ...]:
    return ({"id": "a", "zh": "甲", "en": en, "clauses": list(codes)},)


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"articles": ()}, "template_empty", "articles"),
        ({"articles": article(STORAGE, en="")}, "template_article_incomplete", "articles"),
        ({"articles": article(STORAGE, STORAGE)}, "clause_twice_in_template", "articles"),
        ({"articles": article("no.such")}, "clause_not_in_force", "articles"),
        ({"terms": {}}, "text_placeholder_unknown", "articles"),
        ({"terms": {"vin": "1"}}, "template_term_not_possible", "terms"),
        ({"terms": {"fee": ""}}, "template_term_not_possible", "terms"),
        ({"title_en": ""}, "text_missing_in_language", "title_en"),
        ({"kind": "letter"}, "document_kind_unknown", "kind"),
        ({"code": "Sale!"}, "text_code_not_possible", "code"),
        ({"new": True}, "text_code_taken", "code"),
    ],
)
def test_what_a_template_cannot_be(library: LibraryDesk, changes: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        library.template(**changes)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert refused.value.message()


def typed(**changes: Any) -> TypedClause:
    given: dict[str, Any] = {
        "code": OWN, "title": Words("充电桩", "Charging"), "kind": "vehicle_sale", "text_zh": "安装充电桩，VIN {vin}。",
        "text_en": "A charging point, VIN {vin}.",
    }  # fmt: skip
    return TypedClause(**given | changes)


def test_the_preview_is_the_real_paper(library: LibraryDesk) -> None:
    made = library.sale.read(preview_clause, typed(), actor=library.writer)
    said = text_of(made.pdf)
    assert made.pages >= 4 and made.anchor == "安装充电桩，VIN" and "安装充电桩" in said and "示例" in said
    changed = library.sale.read(preview_clause, typed(code=STORAGE, conditions=("advance",)), actor=library.writer)
    assert "保管费" not in text_of(changed.pdf) and "订金（预付款）" in text_of(changed.pdf)
    assert library.sale.read(preview_in_force, "vehicle_sale", "vehicle_sale").pages >= 4


@pytest.mark.parametrize(
    ("text", "code"),
    [("{nobody}", "contract_placeholder_unknown"), ("{secured_until}", "contract_placeholder_empty")],
)
def test_the_preview_says_what_drafting_would(library: LibraryDesk, text: str, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        library.sale.read(preview_clause, typed(text_zh=text), actor=library.writer)
    assert refused.value.code == code


def test_the_preview_of_a_template(library: LibraryDesk) -> None:
    library.clause()
    shipped = shipped_terms(shipped_template("vehicle_sale"))
    mine = TypedTemplate(
        code="vehicle_sale", kind="vehicle_sale", title=Words("购车协议", "Agreement"), terms=shipped.terms,
        articles=({"id": "one", "zh": "第一", "en": "One", "clauses": [OWN]},),
    )  # fmt: skip
    made = library.sale.read(preview_template, mine, actor=library.writer)
    assert "购车协议" in text_of(made.pdf) and "安装充电桩一台" in text_of(made.pdf)


def test_every_condition_of_every_kind_can_be_looked_at() -> None:
    for kind in kinds():
        template = shipped_template(kind.code)
        for condition in ("always", *sorted(kind.conditions)):
            asked = () if condition == "always" else (condition,)
            if kind.code == "vehicle_sale":
                held = contract_facts(sale_where(asked))
            else:
                held = document_where(kind.code, asked).body.conditions
            assert held >= set(asked) and contradiction(held) == (), (kind.code, condition)
            assert template.applicable(held)


def test_the_preview_of_another_kind(library: LibraryDesk) -> None:
    mine = typed(code="house.receipt", kind="receipt", text_zh="另收定金 {amount}。", text_en="Also {amount}.",
                 conditions=("earnest_money",))  # fmt: skip
    said = text_of(library.sale.read(preview_clause, mine, actor=library.writer).pdf)
    assert "收款收据" in said and "另收定金¥" in said
