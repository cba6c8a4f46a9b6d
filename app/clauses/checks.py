"""What a text has to agree with besides itself: the kinds it is for, their templates' figures, the clauses named."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clauses.errors import (
    ArticleIncomplete,
    ClauseNotForKind,
    ClauseNotInForce,
    ClauseTwice,
    NoticeIncomplete,
    TemplateEmpty,
)
from app.clauses.kinds import DocumentKind, kind_words
from app.clauses.rules import (
    MOST_ARTICLES,
    MOST_CLAUSES,
    MOST_NOTICES,
    TEXT_LIMIT,
    TITLE_LIMIT,
    TONES,
    require_both_languages,
    require_code,
    require_conditions,
)
from app.clauses.text_checks import Known, TextProblem, require_sound, text_problems
from app.contracts.templates.in_force import (
    ClausesOnDay,
    LibraryClauses,
    shipped_clause,
    shipped_versions,
)
from app.contracts.templates.template import NOTICE_PLACES
from app.contracts.templates.text_versions import TextState
from app.documents.fonts import require_printable
from app.kernel.errors import ValueNotAllowed, limited_text
from app.kernel.labels import Bilingual
from db.models.clause_library import ClauseVersion, LibraryTemplate, TemplateVersion

_LIVING = (TextState.DRAFT.value, TextState.PROPOSED.value, TextState.APPROVED.value)


@dataclass(frozen=True, slots=True)
class HouseNames:
    """What texts of a kind may ask for besides the kind's own placeholders: figures of the house with their values, and
    the articles that a text may refer to."""

    terms: Mapping[str, str]
    articles: Mapping[str, Bilingual]

    @property
    def all(self) -> frozenset[str]:
        """All names."""
        return frozenset(self.terms) | {f"article_{one}" for one in self.articles}


def house_names(session: Session, kind: str) -> HouseNames:
    """Of all templates of a kind, shipped and of the house, drafts too: a clause is written before its template."""
    terms: dict[str, str] = {}
    articles: dict[str, Bilingual] = {}
    for template in shipped_versions(kind):
        terms |= template.terms
        articles |= {one.id: Bilingual(one.title.zh, one.title.en) for one in template.articles}
    of_kind = select(LibraryTemplate.id).where(LibraryTemplate.kind == kind, LibraryTemplate.deleted_at.is_(None))
    query = select(TemplateVersion.terms, TemplateVersion.articles).where(
        TemplateVersion.template_id.in_(of_kind), TemplateVersion.deleted_at.is_(None),
        TemplateVersion.state.in_(_LIVING),
    )  # fmt: skip
    for said, arranged in session.execute(query.order_by(TemplateVersion.id)):
        terms |= said
        articles |= {one["id"]: Bilingual(one["zh"], one["en"]) for one in arranged}
    return HouseNames(terms, articles)


def known_names(session: Session, kinds: Iterable[DocumentKind]) -> Known:
    """What each kind can fill in a clause that stands in any of its templates."""
    return {kind_words(kind): kind.placeholders.keys() | house_names(session, kind.code).all for kind in kinds}


def clause_problems(session: Session, kinds: Sequence[DocumentKind], text_zh: str, text_en: str) -> list[TextProblem]:
    """All that is wrong with the words of a clause, for marking it while it is typed."""
    known = known_names(session, kinds)
    return text_problems(text_zh, known, field="text_zh") + text_problems(text_en, known, field="text_en")


def require_clause_text(session: Session, kinds: Sequence[DocumentKind], text_zh: str, text_en: str) -> tuple[str, str]:
    """Both texts without surrounding blanks; raises what is wrong with them first."""
    zh = limited_text(text_zh, field="text_zh", limit=TEXT_LIMIT)
    en = limited_text(text_en, field="text_en", limit=TEXT_LIMIT)
    require_both_languages(zh, en)
    known = known_names(session, kinds)
    for field, text in (("text_zh", zh), ("text_en", en)):
        require_sound(text, known, field=field)
        require_printable(text, field=field)
    return zh, en


# --- templates -----------------------------------------------------------------------------------


def require_articles(
    articles: Sequence[Mapping[str, Any]], kind: DocumentKind, terms: Iterable[str], clauses: ClausesOnDay, day: date,
    for_kinds: Mapping[str, frozenset[str]],
) -> list[dict[str, Any]]:  # fmt: skip
    """The articles as they are stored. `for_kinds` has by its source the kinds a version of the house was written for.

    Raises TemplateEmpty, ArticleIncomplete, CodeNotPossible, ClauseTwice, ClauseNotInForce, ClauseNotForKind (field
    `articles`), and what is wrong with a clause in this template.
    """
    if not articles or len(articles) > MOST_ARTICLES or sum(len(one["clauses"]) for one in articles) > MOST_CLAUSES:
        raise TemplateEmpty(field="articles")
    stored = [_article(one, number) for number, one in enumerate(articles, start=1)]
    names = [one["id"] for one in stored]
    known = {kind_words(kind): kind.placeholders.keys() | set(terms) | {f"article_{name}" for name in names}}
    seen: set[str] = set()
    for article in stored:
        for code in article["clauses"]:
            if code in seen:
                raise ClauseTwice(field="articles", clause=code)
            seen.add(code)
            _require_clause(code, kind, known, clauses, day, for_kinds)
    return stored


def _article(item: Mapping[str, Any], number: int) -> dict[str, Any]:
    zh, en = str(item["zh"]).strip()[:TITLE_LIMIT], str(item["en"]).strip()[:TITLE_LIMIT]
    if not zh or not en or not item["clauses"]:
        raise ArticleIncomplete(field="articles", number=number)
    name = require_code(str(item["id"]), field="articles", limit=40, dots=False)
    return {"id": name, "zh": zh, "en": en, "clauses": [str(code) for code in item["clauses"]]}


def _require_clause(
    code: str, kind: DocumentKind, known: Known, clauses: ClausesOnDay, day: date,
    for_kinds: Mapping[str, frozenset[str]],
) -> None:  # fmt: skip
    found = clauses.get(code)
    if found is None:
        raise ClauseNotInForce(field="articles", clause=code, day=day.isoformat())
    written_for = for_kinds.get(found.source, frozenset({code.partition(".")[0]}))
    if kind.code not in written_for:
        raise ClauseNotForKind(field="articles", clause=code, kind=kind_words(kind))
    for text in (found.clause.text.zh, found.clause.text.en):
        require_sound(text, known, field="articles")


def require_notices(
    notices: Sequence[Mapping[str, Any]], kind: DocumentKind, terms: Iterable[str], articles: Iterable[str]
) -> list[dict[str, Any]]:
    """The notices as they are stored; raises NoticeIncomplete or what is wrong with a text (field `notices`)."""
    known = {kind_words(kind): kind.placeholders.keys() | set(terms) | {f"article_{name}" for name in articles}}
    stored: list[dict[str, Any]] = []
    for number, item in enumerate(notices[:MOST_NOTICES], start=1):
        zh, en = str(item["zh"]).strip(), str(item["en"]).strip()
        if not zh or not en or max(len(zh), len(en)) > TEXT_LIMIT:
            raise NoticeIncomplete(field="notices", number=number)
        if item["place"] not in NOTICE_PLACES or item["tone"] not in TONES:
            raise ValueNotAllowed(field="notices", value=f"{item['place']}, {item['tone']}")
        for text in (zh, en):
            require_sound(text, known, field="notices")
            require_printable(text, field="notices")
        name = require_code(str(item["id"]), field="notices", limit=40, dots=False)
        conditions = list(require_conditions(item["applies_when"], (kind,)))
        stored.append(
            {"id": name, "zh": zh, "en": en, "tone": item["tone"], "place": item["place"], "applies_when": conditions}
        )
    return stored


def kinds_of_versions(session: Session, clauses: LibraryClauses) -> dict[str, frozenset[str]]:
    """By the id of a version in force: the kinds it was written for."""
    ids = {found.source for found in clauses.in_force.values()}
    query = select(ClauseVersion.id, ClauseVersion.kinds).where(ClauseVersion.state == TextState.APPROVED.value)
    return {id_: frozenset(written) for id_, written in session.execute(query) if id_ in ids}


def is_shipped_clause(code: str) -> bool:
    """Whether a clause of that code ships with the program."""
    return shipped_clause(code) is not None
