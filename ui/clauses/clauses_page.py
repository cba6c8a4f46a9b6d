"""The clause library: all clauses, shipped and of the house; written, compared, approved here."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from app.clauses.clause_queries import ClauseDetail, ClauseRow, count_clauses, get_clause, list_clauses, list_tags
from app.clauses.condition_words import condition_words
from app.clauses.kinds import kind_words, kinds
from app.clauses.rules import TextSort
from app.contracts.templates.text_versions import TextPhase
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from ui.clauses.clause_editor import ClauseEditor
from ui.clauses.clause_panel import clause_content
from ui.clauses.difference_view import DifferenceView
from ui.clauses.text_page import TextPage
from ui.clauses.words import PHASES, conditions_words
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.filters import Facet, FacetOption
from ui.kit.record_page import PanelContent

_FOUND_BY = (
    TextPhase.DRAFT, TextPhase.PROPOSED, TextPhase.SCHEDULED, TextPhase.IN_FORCE, TextPhase.SHIPPED, TextPhase.ENDED,
    TextPhase.REJECTED, TextPhase.WITHDRAWN,
)  # fmt: skip


class ClausesPage(TextPage):
    """All clauses by their codes."""

    title = tr_noop("Clause library")
    key = "clauses"
    param = "clause_id"
    sort = TextSort.CLAUSE
    new_words = tr_noop("New clause")
    watches = ("clause", "clause_version", "template_version")
    columns = (
        Column("title", tr_noop("Clause"), width=176, stretch=True, format=str),
        Column("code", tr_noop("Code"), kind="code", width=192),
        Column("phase", tr_noop("Status"), kind="state", states=PHASES, width=116),
        Column("waiting", tr_noop("In preparation"), kind="state", states=PHASES, width=136),
        Column("limits_customer", tr_noop("Limits"), width=72, format=lambda on: tr("Yes") if on else ""),
        Column("conditions", tr_noop("Printed"), width=148, format=conditions_words),
        Column("effective_from", tr_noop("Counts from"), kind="date", width=92),
        Column("used_in", tr_noop("Templates"), width=88, format=lambda used: formats.count(len(used)), visible=False),
        Column("number", tr_noop("Version"), kind="integer", width=72, visible=False),
        Column("effective_to", tr_noop("Last day"), kind="date", width=96, visible=False),
    )

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        conditions = sorted({condition for kind in kinds() for condition in kind.conditions})
        words = [FacetOption(one, partial(str, condition_words(one))) for one in conditions]
        of_kinds = [FacetOption(kind.code, partial(str, kind_words(kind))) for kind in kinds()]
        self._add_file_actions()
        self.filters.add_facet(
            Facet("phase", tr_noop("Status"), [FacetOption(one.value, one.label) for one in _FOUND_BY])
        )
        self.filters.add_facet(Facet("kind", tr_noop("Kind of document"), of_kinds))
        self.filters.add_facet(Facet("condition", tr_noop("Applies where"), words))
        self.filters.add_facet(Facet("limits", tr_noop("Limits"), [FacetOption("yes", tr_noop("Limits the customer"))]))
        self._tags = Facet("tag", tr_noop("Tag"), [])
        self.filters.add_facet(self._tags)
        context.operations.run_query(self, list_tags, on_done=self._on_tags, key="tags")

    def list_rows(self, reader: Any, *, after: Any, limit: int, **filters: Any) -> Sequence[ClauseRow]:
        return list_clauses(reader, after=after, limit=limit, **filters)

    def count_rows(self, reader: Any, **filters: Any) -> tuple[int, int]:
        return count_clauses(reader, **filters)

    def describe_count(self, matched: int, total: int | None) -> str:
        return tr("{n} of {all} clauses", n=formats.count(matched), all=formats.count(total))

    def get_record(self, reader: Any, record_id: str) -> ClauseDetail:
        return get_clause(reader, record_id)

    def panel_content(self, record: ClauseDetail) -> PanelContent:
        content = clause_content(record, self.version, pick=self.pick, go=self.context.navigator.open)
        return PanelContent(
            title=lambda: str(record.row.title), subtitle=record.row.code, content=content, verbs=self.verbs,
            more=self.more_verbs, next_step=not {"approve", "propose", "edit"}.isdisjoint(self.version.actions),
        )  # fmt: skip

    # --- lists -----------------------------------------------------------------------------------

    def _add_file_actions(self) -> None:
        edit = Permission.CLAUSES_EDIT
        self.add_action(
            Action("clauses.import", tr_noop("Import a list…"), self.import_list, icon="upload", permission=edit),
            menu=True,
        )
        self.add_action(
            Action("clauses.export", tr_noop("Save these clauses as a list…"), self.ask_export_path, icon="download",
                   permission=edit),
            menu=True,
        )  # fmt: skip

    def import_list(self) -> None:
        """Take in the clauses of a file, as drafts."""
        from ui.clauses.clause_import import ClauseImportSheet

        sheet = ClauseImportSheet(self.context, on_leave=self.close_sheet)
        self.open_sheet(sheet, tr_noop("Import clauses"))

    def ask_export_path(self) -> None:
        """Ask where the clauses that are listed now are to be saved."""
        from ui.clauses.clause_import import ask_path

        ask_path(self, self.export_to)

    def export_to(self, path: Path) -> None:
        """Save the clauses that are listed now."""
        from ui.clauses.clause_import import save_list

        self.context.operations.run_query(
            self, save_list, path, on_done=self._on_exported, **self.filters.values()
        )  # fmt: skip

    def _on_exported(self, path: Path) -> None:
        self.messages.show_good(lambda: tr("The clauses are in {name}.", name=path.name))

    # --- writing ---------------------------------------------------------------------------------

    def new(self) -> None:
        self._open(ClauseEditor(self.context, back=self.back_button()), tr_noop("New clause"))

    def edit(self) -> None:
        title = tr_noop("Draft of a clause") if "edit" in self.version.actions else tr_noop("New version of a clause")
        sheet = ClauseEditor(self.context, back=self.back_button(), detail=self.record, version=self.version)
        self._open(sheet, title, subtitle=self.record.row.code)

    def compare(self) -> None:
        sheet = DifferenceView(self.record.versions, back=self.back_button(), newer=self.version.id)
        self.open_sheet(sheet, tr_noop("Differences between versions"), subtitle=self.record.row.code)

    def _open(self, sheet: ClauseEditor, title: str, *, subtitle: str = "") -> None:
        sheet.stored.connect(self._on_stored)
        self.open_sheet(sheet, title, subtitle=subtitle)
        sheet.take_focus()

    def _on_tags(self, tags: Sequence[str]) -> None:
        self.filters.set_options("tag", [FacetOption(tag, partial(str, tag)) for tag in tags])
