"""A document as paper: blocks of facts, then clauses; a pure function from facts and a template to bytes and boxes.

Each kind says in `app.contracts.kinds.<code>.compose` which blocks it has. The sales contract, which was there before,
has its own form (`app.contracts.paper.sale_paper`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any, TypeAlias

from app.contracts.kinds import (
    delivery_note,
    earnest_money,
    loan_intent,
    pdi_repair_disclosure,
    privacy_consent,
    receipt,
    repair_authorisation,
    settlement_statement,
    termination_agreement,
    test_drive,
    trade_in,
    vehicle_order,
)
from app.contracts.kinds.blocks import Body
from app.contracts.kinds.facts import DocumentFacts
from app.contracts.paper.sale_paper import PaperSigner, RenderedContract
from app.contracts.templates.template import Article, ContractTemplate, article_reference
from app.documents.drafted_data import data_digest
from app.documents.paper_data import PaperAmendment, PaperParty, Watermark, Words
from app.documents.wording import branch_date, day_in_words
from app.runtime.language import CHINESE, ENGLISH

Compose: TypeAlias = Callable[[DocumentFacts, Mapping[str, Any]], Body]

COMPOSERS: Mapping[str, Compose] = MappingProxyType(
    {
        module.KIND.code: module.compose
        for module in (
            vehicle_order, earnest_money, loan_intent, trade_in, test_drive, pdi_repair_disclosure, receipt,
            delivery_note, termination_agreement, repair_authorisation, settlement_statement, privacy_consent,
        )
    }
)  # fmt: skip
SUGGESTIONS: Mapping[str, Callable[[DocumentFacts], dict[str, Any]]] = MappingProxyType(
    {
        module.KIND.code: module.suggest
        for module in (
            earnest_money, loan_intent, trade_in, test_drive, pdi_repair_disclosure, delivery_note,
            termination_agreement, repair_authorisation, settlement_statement, privacy_consent,
        )
    }
)  # fmt: skip
"""What the form begins with, from the rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerPlace:
    """Somebody who signs: the party's code and who it is."""

    code: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPaper:
    """Everything a document says. `signers` stand in the order of signing."""

    kind: str
    number: str
    drafted_at: datetime
    signing_place: Words
    house: PaperParty
    customer: PaperParty
    signers: tuple[SignerPlace, ...]
    body: Body
    co_signers: tuple[PaperSigner, ...] = ()
    """Who signs besides the customer and the dealer, with what paper says of them."""
    version: int = 1
    replaces: str = ""
    amends: PaperAmendment | None = None
    watermark: Watermark | None = None


def document_paper(
    kind: str,
    facts: DocumentFacts,
    entries: Mapping[str, Any],
    *,
    signers: tuple[SignerPlace, ...],
    co_signers: tuple[PaperSigner, ...] = (),
) -> DocumentPaper:
    """What a document of a kind says of facts and checked entries; raises what the kind refuses (field named)."""
    body = COMPOSERS[kind](facts, entries)
    return DocumentPaper(
        kind=kind,
        number=facts.number,
        drafted_at=facts.drafted_at,
        signing_place=facts.signing_place,
        house=facts.house,
        customer=facts.customer,
        signers=signers,
        co_signers=co_signers,
        body=body.with_common(_common_values(facts), _common_conditions(facts)),
        version=facts.version,
        replaces=facts.replaces,
        amends=facts.amends,
    )


def document_digest(paper: DocumentPaper, template: ContractTemplate, language: str) -> str:
    """SHA-256 of all the paper says, the words of the template and the leading language, as printed in the QR code."""
    said = {one.name: getattr(paper, one.name) for one in fields(paper)}
    if paper.amends is None:  # papers that amend nothing have the digest they had before there were amendments
        del said["amends"]
    return data_digest({"document": said, "template": template, "language": language})


def document_values(
    paper: DocumentPaper, template: ContractTemplate, articles: tuple[Article, ...], language: str
) -> Mapping[str, str]:
    """What the template may ask for, in one language; a name without a value is an empty text."""
    values = {name: str(value) for name, value in template.terms.items()}
    values |= {
        f"article_{article.id}": article_reference(number, language) for number, article in enumerate(articles, start=1)
    }
    values |= {name: words.in_language(language) for name, words in paper.body.values.items()}
    return values


def render_document(paper: DocumentPaper, template: ContractTemplate, language: str) -> RenderedContract:
    """The document in Chinese and English, `language` leading; the same input gives the same bytes.

    Raises ContractPlaceholderUnknown, ContractPlaceholderEmpty, CharactersNotPrintable or AmountNotWritable.
    """
    # The layout pulls ReportLab in; whoever only needs the names above does not pay for it.
    from app.contracts.paper.document_layout import DocumentLayout
    from app.documents.page_frame import PageFrame, compose

    articles = template.applicable(paper.body.conditions)
    second = ENGLISH if language == CHINESE else CHINESE
    layout = DocumentLayout(
        paper,
        template=template,
        articles=articles,
        values={code: document_values(paper, template, articles, code) for code in (CHINESE, ENGLISH)},
        languages=(language, second),
    )
    title = template.title.in_language(language)
    frame = PageFrame(
        number=paper.number,
        title=title,
        issuer=paper.house.name,
        digest=document_digest(paper, template, language),
        made_at=paper.drafted_at,
        language=language,
        second_language=second,
        subject=f"{title} {paper.customer.name}",
        keywords=(*paper.body.keywords, template.name),
        watermark=paper.watermark,
    )
    return RenderedContract.of(compose(layout.story(), frame), template=template.name, asked=layout.asked)


def _common_values(facts: DocumentFacts) -> dict[str, Words]:
    drafted = branch_date(facts.drafted_at)
    return {
        "number": Words(facts.number),
        "drafted_on": Words(day_in_words(drafted, CHINESE), day_in_words(drafted, ENGLISH)),
        "house": facts.house_name,
        "house_phone": Words(facts.house.phone),
        "house_address": facts.house_address,
        "customer": Words(facts.customer.name),
        "signing_place": facts.signing_place,
        "handled_by": Words(facts.handled_by),
    }


def _common_conditions(facts: DocumentFacts) -> frozenset[str]:
    return frozenset({"company_customer" if facts.customer.is_company else "person_customer"})
