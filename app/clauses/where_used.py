"""Where a clause is printed: the templates that name it, now or from a later day on."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clauses.kinds import kinds
from app.contracts.templates_in_force import clauses_of, full_code, shipped_versions
from app.contracts.text_versions import TextPhase, in_force, phase_on
from app.kernel.labels import Bilingual
from db.models.clause_library import LibraryTemplate, TemplateVersion

_COUNTING = (TextPhase.IN_FORCE, TextPhase.SCHEDULED)


def naming_templates(session: Session, day: date) -> Mapping[str, tuple[tuple[str, Bilingual], ...]]:
    """By the code of a clause: code and name of the templates that print it on a day or are going to."""
    found: dict[str, dict[str, Bilingual]] = {}

    def note(clause: str, template: str, name: Bilingual) -> None:
        found.setdefault(clause, {})[template] = name

    versions: dict[str, list[TemplateVersion]] = {}
    for version in session.scalars(select(TemplateVersion).where(TemplateVersion.deleted_at.is_(None))):
        versions.setdefault(version.template_id, []).append(version)
    replaced: set[str] = set()
    for template in session.scalars(select(LibraryTemplate)):
        known = versions.get(template.id, [])
        if in_force(known, day) is not None:
            replaced.add(template.code)
        for version in known:
            if phase_on(version, known, day) in _COUNTING:
                for article in version.articles:
                    for code in article["clauses"]:
                        note(code, template.code, Bilingual(version.title_zh, version.title_en))
    for kind in kinds():
        shipped = shipped_versions(kind.code)
        if shipped and kind.code not in replaced:
            name = Bilingual(shipped[-1].title.zh, shipped[-1].title.en)
            for clause in clauses_of(shipped[-1]):
                note(full_code(kind.code, clause.id), kind.code, name)
    return {code: tuple(sorted(named.items())) for code, named in found.items()}


def templates_naming(session: Session, code: str, day: date) -> tuple[Bilingual, ...]:
    """The names of the templates that print a clause on a day or are going to."""
    return tuple(name for _, name in naming_templates(session, day).get(code, ()))
