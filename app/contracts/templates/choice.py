"""Which of several templates of a kind a document is drafted from.

A kind has its own template, which ships with the program; a house may add others of the same kind, each with the
conditions under which it applies (a loan, an advance, a company as the buyer, …). Drafting takes the one that is asked
for, else the most particular one that applies: of two, the one with more conditions; of equals, the kind's own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contracts.kinds.registry import kind_of
from app.contracts.templates.errors import TemplateNotApplicable
from app.contracts.templates.in_force import TemplateInForce, approved_versions, template_in_force
from app.contracts.templates.text_versions import in_force
from app.documents.paper_data import Words
from db.models.clause_library import LibraryTemplate


@dataclass(frozen=True, slots=True)
class TemplateChoice:
    """A template of a kind in force: its code, what it is called, and the conditions under which it applies."""

    code: str
    title: Words
    conditions: tuple[str, ...] = ()

    def applies(self, holding: Iterable[str]) -> bool:
        """Whether every condition holds."""
        return set(holding).issuperset(self.conditions)


def templates_of(session: Session, kind: str, day: date) -> tuple[TemplateChoice, ...]:
    """The templates of a kind in force on a day, the kind's own first; raises DocumentKindUnknown."""
    own = _choice(session, kind, day) or TemplateChoice(kind, kind_of(kind).title)
    query = select(LibraryTemplate.code).where(
        LibraryTemplate.kind == kind, LibraryTemplate.code != kind, LibraryTemplate.deleted_at.is_(None)
    )
    others = (_choice(session, code, day) for code in session.scalars(query.order_by(LibraryTemplate.code)).all())
    return (own, *(one for one in others if one is not None))


def _choice(session: Session, code: str, day: date) -> TemplateChoice | None:
    version = in_force(approved_versions(session, code), day)
    if version is None:
        return None
    return TemplateChoice(code, Words(version.title_zh, version.title_en), tuple(version.conditions or ()))


def applying(choices: Iterable[TemplateChoice], holding: Iterable[str]) -> tuple[TemplateChoice, ...]:
    """The templates that apply, the most particular one first; of equals the order stays."""
    facts = frozenset(holding)
    return tuple(sorted((one for one in choices if one.applies(facts)), key=lambda one: -len(one.conditions)))


def template_for(
    session: Session, kind: str, holding: Iterable[str], *, day: date, template: str = ""
) -> TemplateInForce:
    """The words to draft a document from. `template` is the code that was asked for, or empty.

    Raises TemplateNotApplicable (field `template`) where the one asked for is not in force, is of another kind or does
    not apply, ContractTemplateNotFound or ContractTemplateFaulty.
    """
    facts, choices = frozenset(holding), templates_of(session, kind, day)
    if template:
        chosen = next((one for one in choices if one.code == template), None)
        if chosen is None or not chosen.applies(facts):
            raise TemplateNotApplicable(field="template")
        return template_in_force(session, chosen.code, day)
    # The kind's own template serves where nothing else applies, whatever it was meant for.
    best = next(iter(applying(choices, facts)), choices[0])
    return template_in_force(session, best.code, day)

