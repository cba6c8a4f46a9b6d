"""What a text has to be before it is stored. Pure; what needs other texts is in `checks`."""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from app.clauses.condition_words import condition_words, contradiction
from app.clauses.errors import (
    CodeNotPossible,
    ConditionsContradict,
    ConditionUnknown,
    EffectiveDayPast,
    EffectiveDaysWrong,
    TermNotPossible,
    TextMissingInLanguage,
)
from app.clauses.kinds import DocumentKind, kind_words
from app.kernel.labels import Labelled, Listing
from app.runtime.language import tr_noop

CODE_LIMIT, TEMPLATE_CODE_LIMIT, TITLE_LIMIT, TEXT_LIMIT, BASIS_LIMIT, REASON_LIMIT = 80, 40, 80, 6000, 400, 400
TAG_LIMIT, MOST_TAGS, TERM_LIMIT, MOST_TERMS = 20, 12, 60, 60
MOST_ARTICLES, MOST_CLAUSES, MOST_NOTICES = 60, 300, 20
TONES = ("quiet", "warn")
_CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
_PLAIN_CODE = re.compile(r"[a-z][a-z0-9_]*")


class TextSort(Labelled):
    """Which of the two sorts of text."""

    CLAUSE = "clause", tr_noop("Clause")
    TEMPLATE = "template", tr_noop("Template")


def require_code(code: str, *, field: str = "code", limit: int = CODE_LIMIT, dots: bool = True) -> str:
    """The code without surrounding blanks; raises CodeNotPossible."""
    cleaned = code.strip()
    if len(cleaned) > limit or not (_CODE if dots else _PLAIN_CODE).fullmatch(cleaned):
        raise CodeNotPossible(field=field, code=cleaned[:limit])
    return cleaned


def require_both_languages(zh: str, en: str, *, fields: tuple[str, str] = ("text_zh", "text_en")) -> None:
    """Raise TextMissingInLanguage for the field that is empty, the Chinese first."""
    if not zh.strip():
        raise TextMissingInLanguage(field=fields[0], language=tr_noop("Chinese"))
    if not en.strip():
        raise TextMissingInLanguage(field=fields[1], language=tr_noop("English"))


def require_conditions(conditions: Iterable[str], kinds: Iterable[DocumentKind]) -> tuple[str, ...]:
    """The conditions in a fixed order, known in every kind and possible together."""
    asked = tuple(sorted(set(conditions) - {"always"}))
    for kind in kinds:
        for condition in asked:
            if condition not in kind.conditions:
                raise ConditionUnknown(field="conditions", condition=condition_words(condition), kind=kind_words(kind))
    against = contradiction(asked)
    if against:
        raise ConditionsContradict(field="conditions", conditions=Listing(condition_words(one) for one in against))
    return asked


def require_days(effective_from: date, effective_to: date | None, *, today: date) -> None:
    """Raises EffectiveDayPast or EffectiveDaysWrong."""
    if effective_from < today:
        raise EffectiveDayPast(field="effective_from", today=today.isoformat())
    if effective_to is not None and effective_to < effective_from:
        raise EffectiveDaysWrong(field="effective_to")


def require_terms(terms: Mapping[str, str], taken: Iterable[str]) -> dict[str, str]:
    """The house's figures, each under a name that is no placeholder of the kind. Raises TermNotPossible."""
    names = set(taken)
    cleaned: dict[str, str] = {}
    for name, value in terms.items():
        text = str(value).strip()
        if name in names or not _PLAIN_CODE.fullmatch(name) or name.startswith("article_"):
            raise TermNotPossible(field="terms", term=name)
        if not text or len(text) > TERM_LIMIT or len(cleaned) == MOST_TERMS:
            raise TermNotPossible(field="terms", term=name)
        cleaned[name] = text
    return cleaned


def require_tags(tags: Iterable[str]) -> list[str]:
    """Tags without blanks and doubles, in their order; what is too long is cut, what is too many left out."""
    cleaned = (tag.strip()[:TAG_LIMIT] for tag in tags)
    return list(dict.fromkeys(tag for tag in cleaned if tag))[:MOST_TAGS]
