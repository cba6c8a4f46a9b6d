"""The real paper with texts that are still being written, of facts that never were. Reads, and writes nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from app.clauses.kinds import kind_of
from app.clauses.storing import clauses_to_be
from app.contracts.kinds.registry import SALE
from app.contracts.templates.choice import templates_of
from app.contracts.templates.in_force import (
    TemplateTerms,
    applies_when,
    assembled,
    clauses_of,
    full_code,
    short_code,
    template_in_force,
)
from app.contracts.templates.template import Article, Clause, ContractTemplate
from app.documents.paper_data import Words
from app.kernel.clock import branch_date
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.runtime.language import CHINESE

_ANCHOR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedClause:
    """A clause as it stands in the editor."""

    code: str
    title: Words
    kind: str
    text_zh: str
    text_en: str
    limits_customer: bool = False
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedTemplate:
    """A template as it stands in the editor; the fields are those of `SaveTemplateDraft`."""

    code: str
    kind: str
    title: Words
    terms: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[Mapping[str, Any], ...] = ()
    articles: tuple[Mapping[str, Any], ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """A paper for looking at. `anchor` is how the text in question begins on it, without blanks; empty where nobody
    knows."""

    pdf: bytes
    pages: int
    anchor: str = ""


def preview_clause(reader: Reader, typed: TypedClause, *, language: str = CHINESE) -> Preview:
    """The paper of the clause's kind with the clause as it is typed; where no template names it, at the end.

    Raises what is wrong with the text, as drafting would: ContractPlaceholderUnknown, ContractPlaceholderEmpty,
    CharactersNotPrintable.
    """
    reader.require(Permission.CLAUSES_EDIT)
    template = template_in_force(reader.session, typed.kind, branch_date(reader.now)).template
    clause = Clause(
        id=short_code(typed.kind, typed.code), text=Words(typed.text_zh.strip(), typed.text_en.strip()),
        limits_customer=typed.limits_customer, applies_when=applies_when(typed.conditions),
    )  # fmt: skip
    first = typed.text_zh if language == CHINESE else typed.text_en
    return _drawn(_with_clause(template, clause, typed), typed.kind, typed.conditions, language, anchor=first)


def preview_template(reader: Reader, typed: TypedTemplate, *, language: str = CHINESE) -> Preview:
    """The paper of a template as it is typed, its clauses in force or going to be. Raises as `preview_clause`, and
    ContractTemplateFaulty where it names a clause that is not there."""
    reader.require(Permission.CLAUSES_EDIT)
    today = branch_date(reader.now)
    template = assembled(_terms(typed, today), clauses_to_be(reader.session, today).clauses).template
    return _drawn(template, typed.kind, typed.conditions, language)


def preview_in_force(reader: Reader, code: str, kind: str, *, language: str = CHINESE) -> Preview:
    """The paper of a template as it counts today."""
    reader.require(Permission.CONTRACTS_VIEW)
    day = branch_date(reader.now)
    choice = next((one for one in templates_of(reader.session, kind, day) if one.code == code), None)
    conditions = choice.conditions if choice is not None else ()
    return _drawn(template_in_force(reader.session, code, day).template, kind, conditions, language)


def _terms(typed: TypedTemplate, today: date) -> TemplateTerms:
    return TemplateTerms(
        code=typed.code, version=0, title=typed.title, terms=typed.terms, notices=typed.notices,
        articles=typed.articles, effective_from=today, effective_to=None, basis="",
    )  # fmt: skip


def _with_clause(template: ContractTemplate, clause: Clause, typed: TypedClause) -> ContractTemplate:
    named = any(full_code(template.code, one.id) == typed.code or one.id == typed.code for one in clauses_of(template))
    if named:
        articles = tuple(
            replace(article, clauses=tuple(clause if one.id == clause.id else one for one in article.clauses))
            for article in template.articles
        )
    else:
        title = typed.title if typed.title.zh.strip() else Words(typed.code, typed.code)
        articles = (*template.articles, Article(id="typed", title=title, clauses=(clause,)))
    return replace(template, articles=articles)


def _drawn(
    template: ContractTemplate, kind: str, conditions: Iterable[str], language: str, *, anchor: str = ""
) -> Preview:
    # Layouts and samples pull ReportLab in; whoever only reads the library does not pay for it.
    from app.clauses.samples import document_where, sale_where
    from app.contracts.paper.document_paper import render_document
    from app.contracts.paper.sale_paper import render_contract

    if kind_of(kind).code == SALE:
        drawn = render_contract(sale_where(conditions), template, language)
    else:
        drawn = render_document(document_where(kind, conditions), template, language)
    return Preview(drawn.pdf, drawn.pages, _anchor(anchor))


def _anchor(text: str) -> str:
    """The words before the first placeholder that are enough to find the text on the paper."""
    plain = "".join(text.replace("**", "").split())
    return plain.split("{", 1)[0][:_ANCHOR]
