"""Where a clause is printed: the templates that name it, now or from a later day on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clauses.kinds import DocumentKind, kind_of, kinds
from app.contracts.kinds.registry import KINDS
from app.contracts.templates.in_force import TemplateTerms, shipped_terms, shipped_versions, stored_terms
from app.contracts.templates.text_versions import TextPhase, in_force, phase_on
from app.kernel.labels import Bilingual
from db.models.clause_library import LibraryTemplate, TemplateVersion

_COUNTING = (TextPhase.IN_FORCE, TextPhase.SCHEDULED)


@dataclass(frozen=True, slots=True)
class PrintedTemplate:
    """A version of a template that counts on a day or is going to."""

    kind: DocumentKind
    terms: TemplateTerms

    @property
    def name(self) -> Bilingual:
        """What it is called."""
        return Bilingual(self.terms.title.zh, self.terms.title.en)

    @property
    def clauses(self) -> frozenset[str]:
        """The codes of the clauses it prints."""
        return frozenset(code for article in self.terms.articles for code in article["clauses"])

    @property
    def names(self) -> frozenset[str]:
        """What its clauses may ask for."""
        articles = {f"article_{article['id']}" for article in self.terms.articles}
        return frozenset(self.kind.placeholders) | frozenset(self.terms.terms) | articles


def printed_templates(session: Session, day: date) -> Iterator[PrintedTemplate]:
    """Of the house and shipped; a shipped one only where none of the house counts in its place."""
    versions: dict[str, list[TemplateVersion]] = {}
    for version in session.scalars(select(TemplateVersion).where(TemplateVersion.deleted_at.is_(None))):
        versions.setdefault(version.template_id, []).append(version)
    replaced: set[str] = set()
    for template in session.scalars(select(LibraryTemplate)):
        known = versions.get(template.id, [])
        if in_force(known, day) is not None:
            replaced.add(template.code)
        for version in known if template.kind in KINDS else ():
            if phase_on(version, known, day) in _COUNTING:
                yield PrintedTemplate(kind_of(template.kind), stored_terms(version, template.code))
    for kind in kinds():
        shipped = shipped_versions(kind.code)
        if shipped and kind.code not in replaced:
            yield PrintedTemplate(kind, shipped_terms(shipped[-1]))


def naming_templates(session: Session, day: date) -> Mapping[str, tuple[tuple[str, Bilingual], ...]]:
    """By the code of a clause: code and name of the templates that print it on a day or are going to."""
    found: dict[str, dict[str, Bilingual]] = {}
    for template in printed_templates(session, day):
        for clause in template.clauses:
            found.setdefault(clause, {})[template.terms.code] = template.name
    return {code: tuple(sorted(named.items(), key=lambda item: item[0])) for code, named in found.items()}


def templates_naming(session: Session, code: str, day: date) -> tuple[PrintedTemplate, ...]:
    """The templates that print a clause on a day or are going to."""
    return tuple(template for template in printed_templates(session, day) if code in template.clauses)
