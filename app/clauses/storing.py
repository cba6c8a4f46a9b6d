"""From what somebody wrote to the fields of a version, checked; and the rows that versions belong to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clauses.checks import (
    is_shipped_clause,
    kinds_of_versions,
    require_articles,
    require_clause_text,
    require_notices,
)
from app.clauses.errors import ClauseNeededForKind, ClauseStillNamed
from app.clauses.kinds import kind_of, kind_words, kinds_from
from app.clauses.rules import TITLE_LIMIT, require_both_languages, require_conditions, require_terms
from app.clauses.text_checks import require_sound
from app.clauses.where_used import templates_naming
from app.contracts.kinds.errors import DocumentKindUnknown
from app.contracts.templates.in_force import (
    ClauseInForce,
    LibraryClauses,
    as_clause,
    clause_id,
    clauses_on,
    template_id,
)
from app.contracts.templates.template import Clause
from app.contracts.templates.text_versions import TextState, in_force
from app.kernel.clock import branch_date
from app.kernel.errors import limited_text
from app.kernel.labels import Listing
from app.kernel.unit_of_work import UnitOfWork
from db.base import Replicated
from db.models.clause_library import ClauseVersion, LibraryClause, LibraryTemplate, TemplateVersion

R = TypeVar("R", bound=Replicated)
_TO_BE = (TextState.DRAFT.value, TextState.PROPOSED.value, TextState.APPROVED.value)


def clause_row(uow: UnitOfWork, code: str) -> LibraryClause:
    """The clause of a code, made where there is none. It stays although its versions go: its id is the code's."""
    return _row(uow, LibraryClause, clause_id(code), code=code, title_zh="", title_en="", tags=[])


def template_row(uow: UnitOfWork, code: str, kind: str) -> LibraryTemplate:
    """The template of a code, made where there is none; raises DocumentKindUnknown where it is of another kind."""
    template = _row(uow, LibraryTemplate, template_id(code), code=code, kind=kind, title_zh="", title_en="")
    if template.kind != kind:
        raise DocumentKindUnknown(field="kind", code=kind)
    return template


def _row(uow: UnitOfWork, model: type[R], id_: str, **values: Any) -> R:
    row = uow.session.get(model, id_)
    return row if row is not None else uow.add(model(id=id_, **values))


def clause_terms(session: Session, said: Any) -> dict[str, Any]:
    """The words of a clause as they are stored; `said` is the command or a stored version. Raises what is wrong."""
    kinds = kinds_from(said.kinds)
    zh, en = require_clause_text(session, kinds, said.text_zh, said.text_en)
    return {
        "kinds": [kind.code for kind in kinds], "text_zh": zh, "text_en": en,
        "limits_customer": bool(said.limits_customer), "conditions": list(require_conditions(said.conditions, kinds)),
    }  # fmt: skip


def template_terms(session: Session, said: Any, *, today: date) -> dict[str, Any]:
    """What a template says as it is stored; its clauses may still be drafts. Raises what is wrong."""
    kind = kind_of(said.kind)
    day = max(said.effective_from, today)
    clauses = clauses_to_be(session, day)
    return _template_terms(session, said, kind_code=kind.code, clauses=clauses, day=day)


def _template_terms(
    session: Session, said: Any, *, kind_code: str, clauses: "ClausesToBe", day: date
) -> dict[str, Any]:
    kind = kind_of(kind_code)
    title_zh = limited_text(said.title_zh, field="title_zh", limit=TITLE_LIMIT)
    title_en = limited_text(said.title_en, field="title_en", limit=TITLE_LIMIT)
    require_both_languages(title_zh, title_en, fields=("title_zh", "title_en"))
    terms = require_terms(said.terms, kind.placeholders)
    articles = require_articles(said.articles, kind, terms, clauses.clauses, day, clauses.for_kinds)
    notices = require_notices(said.notices, kind, terms, [one["id"] for one in articles])
    return {
        "title_zh": title_zh, "title_en": title_en, "terms": terms, "articles": articles, "notices": notices,
        "conditions": list(require_conditions(said.conditions or (), (kind,))),
    }  # fmt: skip


def require_sound_template(uow: UnitOfWork, version: TemplateVersion, *, in_force: bool) -> None:
    """Check a stored version once more; with `in_force` each of its clauses has to count on its first day."""
    template = uow.get(LibraryTemplate, version.template_id)
    day = max(version.effective_from, branch_date(uow.now))
    if in_force:
        library = clauses_on(uow.session, day)
        clauses = ClausesToBe(library, kinds_of_versions(uow.session, library))
    else:
        clauses = clauses_to_be(uow.session, day)
    _template_terms(uow.session, version, kind_code=template.kind, clauses=clauses, day=day)


@dataclass(frozen=True, slots=True)
class ClausesToBe:
    """Clauses by their codes, and the kinds that each of the house's versions was written for, by its source."""

    clauses: LibraryClauses
    for_kinds: Mapping[str, frozenset[str]]


def clauses_to_be(session: Session, day: date) -> ClausesToBe:
    """The clauses in force on a day, and for those of which no version counts then the newest that is not refused."""
    library = clauses_on(session, day)
    for_kinds = kinds_of_versions(session, library)
    found = dict(library.in_force)
    codes = {one.id: one.code for one in session.scalars(select(LibraryClause))}
    query = select(ClauseVersion).where(ClauseVersion.state.in_(_TO_BE), ClauseVersion.deleted_at.is_(None))
    for version in session.scalars(query.order_by(ClauseVersion.number, ClauseVersion.id)):
        code = codes.get(version.clause_id, "")
        if code and code not in library.in_force and not is_shipped_clause(code):
            clause: Clause = as_clause(version, code)
            found[code] = ClauseInForce(clause, version.id)
            for_kinds[version.id] = frozenset(version.kinds)
    return ClausesToBe(LibraryClauses(found), for_kinds)


def require_not_needed(uow: UnitOfWork, version: ClauseVersion) -> None:
    """Raise ClauseStillNamed where templates in force name the clause and nothing else of it would count."""
    clause = uow.get(LibraryClause, version.clause_id)
    day = branch_date(uow.now)
    others = select(ClauseVersion).where(
        ClauseVersion.clause_id == clause.id, ClauseVersion.id != version.id, ClauseVersion.deleted_at.is_(None)
    )
    if is_shipped_clause(clause.code) or in_force(uow.session.scalars(others).all(), day) is not None:
        return
    naming = templates_naming(uow.session, clause.code, day)
    if naming:
        raise ClauseStillNamed(templates=Listing(template.name for template in naming))


def require_fits_templates(uow: UnitOfWork, version: ClauseVersion) -> None:
    """Raise ClauseNeededForKind (field `kinds`), or what a text asks for that a template cannot fill, where documents
    could not be drafted any more once this version counts."""
    clause = uow.get(LibraryClause, version.clause_id)
    for template in templates_naming(uow.session, clause.code, max(version.effective_from, branch_date(uow.now))):
        if template.kind.code not in version.kinds:
            raise ClauseNeededForKind(field="kinds", kind=kind_words(template.kind), template=template.name)
        for field, text in (("text_zh", version.text_zh), ("text_en", version.text_en)):
            require_sound(text, {template.name: template.names}, field=field)
