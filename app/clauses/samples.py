"""The made-up papers of `app.contracts.paper.samples`, bent so that the conditions of the text in question hold."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from app.clauses.condition_words import NEVER_TOGETHER
from app.contracts.kinds.registry import kind_of
from app.contracts.paper import samples
from app.contracts.paper.document_paper import DocumentPaper
from app.contracts.paper.sale_paper import ContractPaper, PaperSigner
from app.documents.paper_data import DepositKind, PaperParty, Watermark

_COMPANY = replace(
    samples.CUSTOMER, name="示例科技有限公司", is_company=True, identity="91310000MA1K00000X", representative="陈思远"
)
_FURTHER = {"co_buyer": "陈思齐", "guarantor": "周文"}
"""By their role: who else signs where a text asks for them."""


def sale_where(conditions: Iterable[str]) -> ContractPaper:
    """The sale in which these conditions hold; what they leave open is: a loan and earnest money."""
    asked, paper = set(conditions), samples.sample_sale()
    kind = DepositKind.ADVANCE if "advance" in asked else DepositKind.EARNEST_MONEY
    further = tuple(
        PaperSigner(code=f"{role}_1", party=PaperParty(name=name, identity="11010519491231002X"))
        for role, name in _FURTHER.items() if role in asked
    )  # fmt: skip
    return replace(
        paper,
        buyer=_COMPANY if "company_buyer" in asked else paper.buyer,
        plan=None if "no_plan" in asked else paper.plan,
        deposit=None if "no_deposit" in asked else replace(samples.DEPOSIT, kind=kind),
        used="used_vehicle" in asked,
        provisional="provisional" in asked,
        secured_until=paper.drafted_at + timedelta(hours=9) if "secured" in asked else None,
        co_signers=further,
        watermark=Watermark.DRAFT,
    )


def document_where(kind: str, conditions: Iterable[str]) -> DocumentPaper:
    """The document of another kind on which these conditions hold; what they fill in looks like its samples."""
    asked, paper = frozenset(conditions), samples.sample_paper(kind)
    against = frozenset[str]().union(*(group for group in NEVER_TOGETHER if group & asked))
    held = (paper.body.conditions - against) | asked
    values = dict(paper.body.values)
    for name, placeholder in kind_of(kind).placeholders.items():
        if asked and name in values and not values[name].zh.strip():
            values[name] = placeholder.sample
    return replace(paper, body=replace(paper.body, conditions=held, values=values), watermark=Watermark.DRAFT)
