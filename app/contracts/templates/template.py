"""Versioned contract templates: clauses in two languages, which of them apply, and placeholders that must be filled.

A template is data (`resources/contract_templates/<code>/<version>.json`). A version in use is never edited: a new
text is a new version, so that a contract signed years ago can be drafted again from the same words.
"""

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.contracts.kinds.registry import ALWAYS, KINDS
from app.contracts.templates.errors import (
    ContractPlaceholderEmpty,
    ContractPlaceholderUnknown,
    ContractTemplateFaulty,
    ContractTemplateNotFound,
)
from app.documents.paper_data import Words
from app.documents.text_runs import Run, runs_from
from app.runtime.errors import ResourceMissing
from app.runtime.language import CHINESE, ENGLISH
from app.runtime.resources import load_json, resource_path

NOTICE_PLACES = ("top", "terms", "signing")
_EDGE = "\x00"
"""Stands around a value while a clause is filled; no text has it."""
_CHINESE = r"[\u3400-\u9fff\uf900-\ufaff（）《》“”，。；：、\U00020000-\U0003ffff]"
_CHINESE_BLANK = re.compile(rf"(?<={_CHINESE})(?P<blank>(?:{_EDGE} +|  *{_EDGE}))(?={_CHINESE})")
_CHINESE_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause; `limits_customer` makes it conspicuous and asks for an acknowledgement of its own."""

    id: str
    text: Words
    limits_customer: bool
    applies_when: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A group of clauses under one heading."""

    id: str
    title: Words
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateNotice:
    """A boxed text outside the articles: at the top, before the terms, or before the signatures."""

    id: str
    text: Words
    tone: str
    place: str
    applies_when: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractTemplate:
    """One version of one kind of contract. `terms` are the house's own figures, used as placeholders."""

    code: str
    version: int
    valid_from: str
    valid_to: str | None
    source: str
    title: Words
    terms: Mapping[str, str]
    notices: tuple[TemplateNotice, ...]
    articles: tuple[Article, ...]

    @property
    def name(self) -> str:
        """vehicle_sale/1."""
        return f"{self.code}/{self.version}"

    def applicable(self, facts: Iterable[str]) -> tuple[Article, ...]:
        """The articles with only those clauses whose every condition holds; articles left empty are dropped."""
        holding = {ALWAYS, *facts}
        kept = []
        for article in self.articles:
            clauses = tuple(clause for clause in article.clauses if holding.issuperset(clause.applies_when))
            if clauses:
                kept.append(Article(id=article.id, title=article.title, clauses=clauses))
        return tuple(kept)

    def notices_at(self, place: str, facts: Iterable[str]) -> tuple[TemplateNotice, ...]:
        """The notices for one place on the paper whose every condition holds."""
        holding = {ALWAYS, *facts}
        return tuple(
            notice for notice in self.notices if notice.place == place and holding.issuperset(notice.applies_when)
        )


def load_template(code: str, version: int) -> ContractTemplate:
    """Read one version. Raises ContractTemplateNotFound or ContractTemplateFaulty."""
    name = f"{code}/{version}"
    try:
        data = load_json(f"contract_templates/{name}.json")
    except (ResourceMissing, ValueError) as error:
        raise ContractTemplateNotFound(template=name) from error
    return parse_template(data)


def latest_version(code: str) -> int:
    """The highest version of a template that ships with the program; raises ContractTemplateNotFound."""
    try:
        folder = resource_path(f"contract_templates/{code}")
    except (ResourceMissing, ValueError) as error:
        raise ContractTemplateNotFound(template=code) from error
    versions = [int(file.stem) for file in folder.glob("*.json") if file.stem.isdigit()]
    if not versions:
        raise ContractTemplateNotFound(template=code)
    return max(versions)


def parse_template(data: Mapping[str, Any]) -> ContractTemplate:
    """A template from its JSON; every clause is checked. Raises ContractTemplateFaulty."""
    name = f"{data.get('code', '?')}/{data.get('version', '?')}"
    try:
        allowed = KINDS[data["code"]].conditions | {ALWAYS}
        template = ContractTemplate(
            code=data["code"],
            version=int(data["version"]),
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
            source=data["source"],
            title=_words(data["title"]),
            terms=dict(data["terms"]),
            notices=tuple(_notice(item, allowed) for item in data["notices"]),
            articles=tuple(_article(item, allowed) for item in data["articles"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ContractTemplateFaulty(template=name, detail=str(error)) from error
    _check_names(template)
    return template


def _article(item: Mapping[str, Any], allowed: frozenset[str]) -> Article:
    clauses = tuple(
        Clause(
            id=clause["id"],
            text=_words(clause),
            limits_customer=bool(clause["limits_customer"]),
            applies_when=_conditions(clause, allowed),
        )
        for clause in item["clauses"]
    )
    return Article(id=item["id"], title=_words(item), clauses=clauses)


def _notice(item: Mapping[str, Any], allowed: frozenset[str]) -> TemplateNotice:
    if item["place"] not in NOTICE_PLACES:
        raise ValueError(f"unknown place {item['place']!r} of notice {item['id']!r}")
    return TemplateNotice(
        id=item["id"],
        text=_words(item),
        tone=item["tone"],
        place=item["place"],
        applies_when=_conditions(item, allowed),
    )


def _words(item: Mapping[str, Any]) -> Words:
    words = Words(item["zh"].strip(), item["en"].strip())
    if not words.zh or not words.en:
        raise ValueError(f"{item.get('id', 'title')!r} is missing in one language")
    return words


def _conditions(item: Mapping[str, Any], allowed: frozenset[str]) -> tuple[str, ...]:
    conditions = tuple(item["applies_when"])
    unknown = set(conditions) - allowed
    if unknown or not conditions:
        raise ValueError(f"unknown or no condition for {item['id']!r}: {', '.join(sorted(unknown))}")
    return conditions


def _check_names(template: ContractTemplate) -> None:
    names = [clause.id for article in template.articles for clause in article.clauses]
    names += [notice.id for notice in template.notices]
    double = {name for name in names if names.count(name) > 1}
    if double:
        raise ContractTemplateFaulty(template=template.name, detail=f"double names: {', '.join(sorted(double))}")


def placeholders(text: str) -> set[str]:
    """The names in braces that a text asks for."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def filled_runs(text: str, values: Mapping[str, str], *, clause: str) -> tuple[Run, ...]:
    """The runs of a clause with its placeholders filled; what a value contains is never read as markup.

    Raises ContractPlaceholderUnknown for a name no sale provides, ContractPlaceholderEmpty for one without a
    value: a contract never has blanks.
    """
    for name in sorted(placeholders(text)):
        if name not in values:
            raise ContractPlaceholderUnknown(clause=clause, placeholder=name)
        if not values[name].strip():
            raise ContractPlaceholderEmpty(clause=clause, placeholder=name)
    marked = {name: f"{_EDGE}{value}{_EDGE}" for name, value in values.items()}
    return _closed_up([replace(run, text=run.text.format_map(marked)) for run in runs_from(text)])


def _closed_up(runs: list[Run]) -> tuple[Run, ...]:
    """The runs without the marks around their values, and without the blanks before and behind a value where Chinese
    meets Chinese: the template has them for figures and Latin words."""
    whole = "".join(run.text for run in runs)
    dropped = {place for match in _CHINESE_BLANK.finditer(whole) for place in range(*match.span("blank"))}
    closed, start = [], 0
    for run in runs:
        kept = (char for place, char in enumerate(run.text, start) if char != _EDGE and place not in dropped)
        closed.append(replace(run, text="".join(kept)))
        start += len(run.text)
    return tuple(closed)


def article_reference(number: int, language: str) -> str:
    """第九条, or article 9."""
    if language == CHINESE:
        return f"第{chinese_ordinal(number)}条"
    return f"article {number}" if language == ENGLISH else str(number)


def chinese_ordinal(number: int) -> str:
    """1 -> 一, 12 -> 十二, 20 -> 二十; for 1 to 99."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else ("十" if tens == 1 else _CHINESE_DIGITS[tens] + "十")
    return head + (_CHINESE_DIGITS[ones] if ones or not tens else "")
