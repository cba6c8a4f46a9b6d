"""What differs between two versions of a template, line by line and word by word in both languages."""

from collections.abc import Sequence
from typing import Any

from app.clauses.differences import word_changes
from app.clauses.template_queries import TemplateVersionRow
from app.contracts.templates.in_force import TemplateTerms
from ui.clauses.difference_view import VersionDifferences
from ui.clauses.words import conditions_words, days_words


class TemplateChanges(VersionDifferences):
    """The titles, articles with the codes of their clauses, figures and notices as one text in each language."""

    def __init__(self, versions: Sequence[TemplateVersionRow], **more: Any) -> None:
        super().__init__(versions, **more)

    def show_differences(self, before: TemplateVersionRow, after: TemplateVersionRow) -> None:
        self.zh.show_changes(word_changes(_text(before.terms, "zh"), _text(after.terms, "zh")))
        self.en.show_changes(word_changes(_text(before.terms, "en"), _text(after.terms, "en")))
        self.others.set_words(lambda: f"{days_words(before)} → {days_words(after)}")


def _text(terms: TemplateTerms, language: str) -> str:
    lines = [terms.title.zh if language == "zh" else terms.title.en, ""]
    for number, article in enumerate(terms.articles, start=1):
        lines += [f"{number}  {article[language]}", *(f"      {code}" for code in article["clauses"])]
    if terms.conditions:
        lines += ["", conditions_words(terms.conditions)]
    lines += ["", *(f"{name} = {value}" for name, value in terms.terms.items())]
    for notice in terms.notices:
        lines += ["", notice[language]]
    return "\n".join(lines)
