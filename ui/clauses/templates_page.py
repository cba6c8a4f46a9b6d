"""Templates: which there are for each kind of document, which version counts, written and approved here."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from app.clauses.kinds import kind_words, kinds
from app.clauses.preview import preview_in_force
from app.clauses.rules import TextSort
from app.clauses.template_queries import (
    TemplateDetail,
    TemplateRow,
    TemplateVersionRow,
    count_templates,
    get_template,
    list_templates,
)
from app.contracts.templates.text_versions import TextPhase
from app.runtime.language import CHINESE, tr, tr_noop
from ui.clauses.template_changes import TemplateChanges
from ui.clauses.template_editor import TemplateEditor
from ui.clauses.text_page import TextPage
from ui.clauses.version_parts import decision, own_note, status_line, version_facts, version_list
from ui.clauses.words import PHASES, conditions_words
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Label
from ui.kit.detail_panel import Facts
from ui.kit.filters import Facet, FacetOption
from ui.kit.layout import Divider, boxed, column
from ui.kit.paper_sheet import Paper, PaperSheet
from ui.kit.record_page import PanelContent


class TemplatesPage(TextPage):
    """All templates by kind."""

    title = tr_noop("Contract templates")
    key = "templates"
    param = "template_id"
    sort = TextSort.TEMPLATE
    new_words = tr_noop("New template from this one")
    watches = ("contract_template", "template_version", "clause", "clause_version")
    columns = (
        Column("title", tr_noop("Template"), width=176, stretch=True, format=str),
        Column("kind_name", tr_noop("Kind of document"), width=168, format=str),
        Column("code", tr_noop("Code"), kind="code", width=128),
        Column("phase", tr_noop("Status"), kind="state", states=PHASES, width=116),
        Column("waiting", tr_noop("In preparation"), kind="state", states=PHASES, width=124),
        Column("number", tr_noop("Version"), kind="integer", width=64),
        Column("articles", tr_noop("Articles"), kind="integer", width=68),
        Column("clauses", tr_noop("Clauses"), kind="integer", width=68),
        Column("effective_from", tr_noop("Counts from"), kind="date", width=96),
        Column("effective_to", tr_noop("Last day"), kind="date", width=96, visible=False),
    )

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        of_kinds = [FacetOption(kind.code, partial(str, kind_words(kind))) for kind in kinds()]
        phases = [FacetOption(one.value, one.label) for one in TextPhase if one is not TextPhase.SUPERSEDED]
        self.filters.add_facet(Facet("phase", tr_noop("Status"), phases))
        self.filters.add_facet(Facet("kind", tr_noop("Kind of document"), of_kinds))
        self.add_action(
            Action("templates.paper", tr_noop("Look at the paper"), self._paper, icon="eye",
                   enabled=lambda: self.is_shown)
        )  # fmt: skip

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Sequence[TemplateRow]:
        return list_templates(reader, after=after, limit=limit, **filters)

    def count_rows(self, reader: Any, **filters: Any) -> tuple[int, int]:
        return count_templates(reader, **filters)

    def describe_count(self, matched: int, total: int | None) -> str:
        return tr("{n} of {all} templates", n=formats.count(matched), all=formats.count(total))

    def get_record(self, reader: Any, record_id: str) -> TemplateDetail:
        return get_template(reader, record_id)

    def panel_content(self, record: TemplateDetail) -> PanelContent:
        return PanelContent(
            title=lambda: str(record.row.title), subtitle=record.row.code,
            content=_content(record, self.version, pick=self.pick), verbs=(*self.verbs, "templates.paper"),
            more=self.more_verbs, next_step=not {"approve", "propose", "edit"}.isdisjoint(self.version.actions),
        )  # fmt: skip

    # --- writing ---------------------------------------------------------------------------------

    def new(self) -> None:
        if self.is_shown:
            self._open(tr_noop("New template"), as_new=True)
        else:
            self.messages.show_info(tr_noop("Choose the template the new one begins with."))

    def edit(self) -> None:
        drafted = "edit" in self.version.actions
        self._open(tr_noop("Draft of a template") if drafted else tr_noop("New version of a template"))

    def compare(self) -> None:
        sheet = TemplateChanges(self.record.versions, back=self.back_button(), newer=self.version.id)
        self.open_sheet(sheet, tr_noop("Differences between versions"), subtitle=self.record.row.code)

    def _open(self, title: str, *, as_new: bool = False) -> None:
        sheet = TemplateEditor(
            self.context, back=self.back_button(), detail=self.record, version=self.version, as_new=as_new
        )
        sheet.stored.connect(self._on_stored)
        self.open_sheet(sheet, title, subtitle=self.record.row.code)
        sheet.take_focus()

    def _paper(self) -> None:
        line = self.record.row

        def fetch(reader: Any, language: str) -> Paper:
            chosen = language or CHINESE
            return Paper(preview_in_force(reader, line.code, line.kind, language=chosen).pdf, chosen)

        sheet = PaperSheet(
            self.context, fetch, title=tr_noop("Preview"), file_name=line.code, back=self.back_button()
        )
        self.open_sheet(sheet, tr_noop("The paper"), subtitle=line.code)


def _content(detail: TemplateDetail, version: TemplateVersionRow, *, pick: Callable[[str], object]) -> QWidget:
    stack = column(status_line(version), gap=16)
    for widget in (own_note(version), decision(version)):
        if widget is not None:
            stack.addWidget(widget)
    facts = [(tr_noop("Kind of document"), lambda: str(detail.row.kind_name)), *version_facts(version)]
    if version.terms.conditions:
        facts.insert(1, (tr_noop("Applies"), lambda: conditions_words(version.terms.conditions)))
    stack.addWidget(Facts(facts))
    stack.addWidget(Divider())
    articles = column(Label(tr_noop("Articles"), role="section"), gap=2)
    for number, article in enumerate(version.terms.articles, start=1):
        articles.addWidget(Label(partial(_article_words, number, article), wrap=True))
    stack.addLayout(articles)
    stack.addWidget(Divider())
    stack.addLayout(version_list(detail.versions, shown=version, pick=pick))
    return boxed(stack)


def _article_words(number: int, article: Mapping[str, Any]) -> str:
    return f"{number}  {article['zh']} · {article['en']} ({formats.count(len(article['clauses']))})"
