"""Which words a document is drafted from: the template and the clauses in force on its day; and years later the same.

Underneath lies what ships with the program (`templates.template`). A version of the house's library counts in its place
from its first day on (`templates.text_versions`): a version of a template in place of the shipped template, a version
of a clause in place of the clause of the same code, whichever template names it. A shipped clause
has the code `<template>.<clause>`, such as `vehicle_sale.delivery.storage`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.contracts.templates.errors import ContractTemplateFaulty, ContractTemplateNotFound
from app.contracts.templates.template import (
    Article,
    Clause,
    ContractTemplate,
    TemplateNotice,
    latest_version,
    load_template,
)
from app.contracts.templates.text_versions import TextState, in_force
from app.documents.paper_data import Words
from app.kernel.ids import derived_id
from app.runtime.language import tr_noop
from db.models.clause_library import ClauseVersion, LibraryClause, LibraryTemplate, TemplateVersion

CLAUSE_TABLE, TEMPLATE_TABLE = "clause", "contract_template"
_SHIPPED = "shipped/"


class KeptVersions(Protocol):
    """What a document keeps of the words it was drafted from; a `Contract` has it. `template_code` is its kind."""

    template_code: Any
    template_version: Any
    template_version_id: Any
    clause_versions: Any


@dataclass(frozen=True, slots=True)
class TemplateInForce:
    """A template ready to be laid out, and which versions it was put together from.

    `version_id` is None for the shipped template, and `clause_versions` then has the clauses that are the house's; else
    all clauses. By the code of a clause: the id of its version, or `shipped/<version of the template it ships in>`.
    """

    template: ContractTemplate
    version_id: str | None = None
    clause_versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateTerms:
    """What a version of a template says, its clauses by their codes: stored, or half-typed in the editor."""

    code: str
    version: int
    title: Words
    terms: Mapping[str, str]
    notices: tuple[Mapping[str, Any], ...]
    articles: tuple[Mapping[str, Any], ...]
    effective_from: date
    effective_to: date | None
    basis: str
    conditions: tuple[str, ...] = ()
    """Where a kind has several templates: all of them have to hold for this one to apply."""


def clause_id(code: str) -> str:
    """The id of the clause of a code, at every desk the same."""
    return derived_id(CLAUSE_TABLE, code)


def template_id(code: str) -> str:
    """The id of the template of a code, at every desk the same."""
    return derived_id(TEMPLATE_TABLE, code)


def template_in_force(session: Session, code: str, day: date) -> TemplateInForce:
    """The template of a code as it counts on a day; raises ContractTemplateNotFound or ContractTemplateFaulty."""
    version = in_force(approved_versions(session, code), day)
    if version is None:
        return _with_clauses_in_force(session, shipped_template(code), day)
    return assembled(stored_terms(version, code), clauses_on(session, day), version_id=version.id)


def template_as_drafted(session: Session, kept: KeptVersions) -> ContractTemplate:
    """The very template a document was drafted from, whatever counts today; raises as `template_in_force` does."""
    code, versions = str(kept.template_code), dict(kept.clause_versions or {})
    clauses = {one: _kept_clause(session, one, source) for one, source in versions.items()}
    if kept.template_version_id is None:
        return _with_clauses(_shipped(code, int(kept.template_version)), clauses)
    version = _version(session, TemplateVersion, kept.template_version_id)
    own = template_code_of(session, kept)
    return assembled(stored_terms(version, own), LibraryClauses({}, clauses), version_id=version.id).template


def template_code_of(session: Session, kept: KeptVersions) -> str:
    """The code of the very template a document was drafted from: its kind's own, or another of the house's."""
    version = session.get(TemplateVersion, kept.template_version_id) if kept.template_version_id else None
    template = session.get(LibraryTemplate, version.template_id) if version is not None else None
    return template.code if template is not None else str(kept.template_code)


def assembled(terms: TemplateTerms, clauses: "ClausesOnDay", *, version_id: str | None = None) -> TemplateInForce:
    """Put a template together from what its version says and the clauses that count.

    Raises ContractTemplateFaulty where it names a clause of which no version counts.
    """
    used: dict[str, str] = {}

    def clause(code: str) -> Clause:
        found = clauses.get(code)
        if found is None:
            raise ContractTemplateFaulty(template=f"{terms.code}/{terms.version}", detail=code)
        used[code] = found.source
        return replace(found.clause, id=short_code(terms.code, code))

    template = ContractTemplate(
        code=terms.code,
        version=terms.version,
        valid_from=terms.effective_from.isoformat(),
        valid_to=terms.effective_to.isoformat() if terms.effective_to else None,
        source=terms.basis,
        title=terms.title,
        terms=dict(terms.terms),
        notices=tuple(as_notice(item) for item in terms.notices),
        articles=tuple(
            Article(
                id=item["id"], title=Words(item["zh"], item["en"]),
                clauses=tuple(clause(code) for code in item["clauses"]),
            )
            for item in terms.articles
        ),
    )  # fmt: skip
    return TemplateInForce(template, version_id, used)


# --- clauses -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClauseInForce:
    """A clause as it counts. `source` is the id of its version, `shipped/2` for one of the second shipped template, and
    empty for one that is being written."""

    clause: Clause
    source: str = ""


class ClausesOnDay(Protocol):
    """Where clauses come from when a template is put together."""

    def get(self, code: str) -> ClauseInForce | None:
        """The clause of a code, None where none counts."""


@dataclass(frozen=True, slots=True)
class LibraryClauses:
    """The clauses of the house in force on a day, and the shipped ones below them. `typed` go before both: they are
    being written, or kept by a document."""

    in_force: Mapping[str, ClauseInForce]
    typed: Mapping[str, Clause] = field(default_factory=dict)

    def get(self, code: str) -> ClauseInForce | None:
        """The clause of a code."""
        if code in self.typed:
            return ClauseInForce(self.typed[code])
        return self.in_force.get(code) or shipped_clause(code)

    def but(self, typed: Mapping[str, Clause]) -> "LibraryClauses":
        """The same with clauses as they are being written."""
        return LibraryClauses(self.in_force, {**self.typed, **typed})


def clauses_on(session: Session, day: date) -> LibraryClauses:
    """What the house's library has in force on a day, in two statements however many clauses there are."""
    by_clause: dict[str, list[ClauseVersion]] = {}
    for version in session.scalars(_approved(ClauseVersion)):
        by_clause.setdefault(version.clause_id, []).append(version)
    if not by_clause:
        return LibraryClauses({})
    codes = {clause.id: clause.code for clause in session.scalars(select(LibraryClause))}
    found: dict[str, ClauseInForce] = {}
    for id_, versions in by_clause.items():
        counting = in_force(versions, day)
        if counting is not None and id_ in codes:
            found[codes[id_]] = ClauseInForce(as_clause(counting, codes[id_]), counting.id)
    return LibraryClauses(found)


def as_clause(version: ClauseVersion, code: str) -> Clause:
    """A stored version as the paper needs it."""
    return Clause(
        id=code, text=Words(version.text_zh, version.text_en), limits_customer=version.limits_customer,
        applies_when=applies_when(version.conditions),
    )  # fmt: skip


def applies_when(conditions: Iterable[str]) -> tuple[str, ...]:
    """Conditions as a template has them: "always" where there is none."""
    return tuple(conditions) or ("always",)


def as_notice(item: Mapping[str, Any]) -> TemplateNotice:
    """A stored notice as the paper needs it."""
    return TemplateNotice(
        id=item["id"], text=Words(item["zh"], item["en"]), tone=item["tone"], place=item["place"],
        applies_when=applies_when(item["applies_when"]),
    )  # fmt: skip


def full_code(template_code: str, clause: str) -> str:
    """The library's code of a clause of a shipped template."""
    return f"{template_code}.{clause}"


def short_code(template_code: str, code: str) -> str:
    """What a clause is called within a template: without the template's code before it."""
    return code.removeprefix(f"{template_code}.")


# --- what ships ----------------------------------------------------------------------------------


@cache
def _shipped(code: str, version: int) -> ContractTemplate:
    return load_template(code, version)


def still_in_force(session: Session, kept: KeptVersions, day: date) -> bool:
    """Whether what a document was drafted from is what would be drafted from on a day."""
    try:
        now = template_in_force(session, template_code_of(session, kept), day)
    except ContractTemplateNotFound:  # one of the house's that was taken out of force, and nothing is in its place
        return False
    return (str(kept.template_version), kept.template_version_id, dict(kept.clause_versions or {})) == (
        str(now.template.version), now.version_id, dict(now.clause_versions),
    )  # fmt: skip


def shipped_template(code: str) -> ContractTemplate:
    """The newest template of a code that ships with the program; raises ContractTemplateNotFound."""
    return _shipped(code, _latest(code))


@cache
def _latest(code: str) -> int:
    return latest_version(code)


def shipped_versions(code: str) -> tuple[ContractTemplate, ...]:
    """All versions of a template that ship, the oldest first; empty for a code that does not."""
    try:
        latest = _latest(code)
    except ContractTemplateNotFound:
        return ()
    found = []
    for number in range(1, latest + 1):
        try:
            found.append(_shipped(code, number))
        except ContractTemplateNotFound:
            continue
    return tuple(found)


def shipped_clause(code: str) -> ClauseInForce | None:
    """The shipped clause of a code, in its newest words."""
    template, _, clause = code.partition(".")
    versions = shipped_versions(template) if clause else ()
    return _shipped_in(versions[-1], code) if versions else None


def _shipped_in(template: ContractTemplate, code: str) -> ClauseInForce | None:
    for one in clauses_of(template):
        if full_code(template.code, one.id) == code:
            return ClauseInForce(one, f"{_SHIPPED}{template.version}")
    return None


def clauses_of(template: ContractTemplate) -> Iterator[Clause]:
    """All clauses of a template in their order."""
    for article in template.articles:
        yield from article.clauses


def shipped_terms(template: ContractTemplate) -> TemplateTerms:
    """What a shipped template says, in the form in which a version of the library is written."""
    return TemplateTerms(
        code=template.code,
        version=template.version,
        title=template.title,
        terms=template.terms,
        notices=tuple(
            {
                "id": item.id, "zh": item.text.zh, "en": item.text.en, "tone": item.tone, "place": item.place,
                "applies_when": [one for one in item.applies_when if one != "always"],
            }
            for item in template.notices
        ),
        articles=tuple(
            {
                "id": article.id, "zh": article.title.zh, "en": article.title.en,
                "clauses": [full_code(template.code, clause.id) for clause in article.clauses],
            }
            for article in template.articles
        ),
        effective_from=date.fromisoformat(template.valid_from),
        effective_to=date.fromisoformat(template.valid_to) if template.valid_to else None,
        basis=template.source,
    )  # fmt: skip


def stored_terms(version: TemplateVersion, code: str) -> TemplateTerms:
    """What a stored version of a template says."""
    return TemplateTerms(
        code=code, version=version.number, title=Words(version.title_zh, version.title_en), terms=version.terms,
        notices=tuple(version.notices), articles=tuple(version.articles), effective_from=version.effective_from,
        effective_to=version.effective_to, basis=version.basis, conditions=tuple(version.conditions or ()),
    )  # fmt: skip


# --- inside --------------------------------------------------------------------------------------


def _approved(model: type[Any]) -> Any:
    return select(model).where(model.state == TextState.APPROVED.value, model.deleted_at.is_(None))


def approved_versions(session: Session, code: str) -> list[TemplateVersion]:
    """The house's versions of a template that two people agreed on, whatever their days."""
    query = _approved(TemplateVersion).where(TemplateVersion.template_id == template_id(code))
    return list(session.scalars(query))


def _with_clauses_in_force(session: Session, template: ContractTemplate, day: date) -> TemplateInForce:
    library = clauses_on(session, day)
    if not library.in_force:
        return TemplateInForce(template)
    codes = [full_code(template.code, clause.id) for clause in clauses_of(template)]
    used = {code: library.in_force[code] for code in codes if code in library.in_force}
    said = _with_clauses(template, {code: found.clause for code, found in used.items()})
    return TemplateInForce(said, None, {code: found.source for code, found in used.items()})


def _with_clauses(template: ContractTemplate, clauses: Mapping[str, Clause]) -> ContractTemplate:
    """A shipped template with clauses of the house in the place of its own, under the names it gives them."""
    if not clauses:
        return template

    def present(clause: Clause) -> Clause:
        other = clauses.get(full_code(template.code, clause.id))
        return clause if other is None else replace(other, id=clause.id)

    articles = tuple(
        replace(article, clauses=tuple(present(clause) for clause in article.clauses)) for article in template.articles
    )
    return replace(template, articles=articles)


def _kept_clause(session: Session, code: str, source: str) -> Clause:
    if not source.startswith(_SHIPPED):
        return as_clause(_version(session, ClauseVersion, source), code)
    found = _shipped_in(_shipped(code.partition(".")[0], int(source.removeprefix(_SHIPPED))), code)
    if found is None:
        raise ContractTemplateNotFound(template=f"{code} ({source})")
    return found.clause


def _version(session: Session, model: type[Any], version_id: str) -> Any:
    found = session.get(model, version_id)
    if found is None:
        raise ContractTemplateNotFound(template=tr_noop("(a version of the library that has not arrived here yet)"))
    return found
