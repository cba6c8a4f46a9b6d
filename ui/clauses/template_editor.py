"""Writing a template: its articles arranged, its notices and figures, from when it counts; its paper beside it."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.clauses.clause_queries import ClauseRow, KindPalette, get_palettes, list_clauses
from app.clauses.commands import ProposeText, SaveTemplateDraft
from app.clauses.kinds import kind_words, kinds
from app.clauses.preview import TypedTemplate, preview_template
from app.clauses.rules import BASIS_LIMIT, REASON_LIMIT, TEMPLATE_CODE_LIMIT, TITLE_LIMIT, TextSort
from app.clauses.template_queries import TemplateDetail, TemplateVersionRow, clauses_for, get_template
from app.clauses.version_rows import EDIT
from app.documents.paper_data import Words as BothWords
from app.kernel.clock import branch_date
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr_noop
from ui.clauses.arrangement import ArrangementField
from ui.clauses.clause_editor import FORM_WIDTH, USUAL_KIND, suggestions
from ui.clauses.live_preview import LivePreview
from ui.clauses.notice_fields import NoticeFields
from ui.clauses.tick_field import TickField
from ui.clauses.words import condition_choices
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice
from ui.kit.fields import ChoiceField, DateField, MultiLineField, Section, TextField
from ui.kit.form import Form, FormFrame
from ui.kit.layout import row
from ui.kit.theme import set_size

_FOUND = 12


class TemplateEditor(QWidget):
    """`stored(version_id)` once the draft is stored, or proposed. `version` is gone on with, or the ground of a new
    one. With `as_new` a template of its own is begun from it, under another code."""

    stored = Signal(str)

    def __init__(
        self, context: PageContext, *, back: Button, detail: TemplateDetail, version: TemplateVersionRow,
        as_new: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.context, self._detail, self._new = context, detail, as_new
        self._draft = version if EDIT in version.actions and not as_new else None
        self._notices = NoticeFields(version.terms.notices)
        self.form = _form(context, detail.row.kind, self._notices)
        self.save = Button(tr_noop("Save as draft"), icon="file-text", on_click=self.keep_draft)
        self.go = Button(tr_noop("Propose"), kind="primary", icon="send", on_click=self.propose)
        self.preview = LivePreview(context, self._asked)
        frame = FormFrame(self.form, buttons=[back, self.save, self.go])
        set_size(frame, width=FORM_WIDTH, at_least=True)
        line = row(gap=16)
        line.addWidget(frame, 5)
        line.addWidget(self.preview, 4)
        self.setLayout(line)
        self._fill(version)
        self.form.changed.connect(lambda _name: self.preview.touch())
        self.form.draft_restored.connect(self.preview.touch)
        self.form.submitted.connect(self.propose)
        self.form.keep_draft(f"template.{'new' if as_new else detail.row.code}")
        run = context.operations.run_query
        run(self, get_palettes, (detail.row.kind,), on_done=self._on_palettes, key="palettes")
        run(self, clauses_for, detail.row.kind, on_done=self._on_clauses, key="clauses")
        self.preview.draw()

    def take_focus(self) -> None:
        """Where writing begins."""
        self.form.focus_field("code" if self._new else "articles")

    def _fill(self, version: TemplateVersionRow) -> None:
        today = branch_date(self.context.clock.now()).isoformat()
        draft, said = self._draft, version.terms
        begin = draft.effective_from.isoformat() if draft is not None else today
        end = draft.effective_to.isoformat() if draft is not None and draft.effective_to else None
        values = {
            "code": "" if self._new else self._detail.row.code, "kind": self._detail.row.kind,
            "title_zh": said.title.zh, "title_en": said.title.en, "articles": said.articles,
            "terms": "\n".join(f"{name} = {value}" for name, value in said.terms.items()),
            "effective_from": max(begin, today), "effective_to": end, "basis": "" if version.shipped else said.basis,
            "reason": draft.reason if draft is not None else "", "conditions": said.conditions,
        }  # fmt: skip
        self.form.set_values(values | self._notices.values())
        self._notices.belong_to(self.form)
        self.form.set_field_enabled("code", self._new)
        self.form.set_field_enabled("kind", False)

    # --- what stands there -----------------------------------------------------------------------

    def _asked(self) -> tuple[Any, tuple[Any, ...]] | None:
        said = self.form.values()
        if not said["articles"] or not said["title_zh"] or not said["title_en"]:
            return None
        notices = tuple(one for one in self._notices.said(said) if one["zh"] and one["en"])
        typed = TypedTemplate(
            code=self._detail.row.code, kind=said["kind"] or USUAL_KIND,
            title=BothWords(said["title_zh"], said["title_en"]), terms=terms_of(said["terms"]), notices=notices,
            articles=said["articles"], conditions=tuple(said["conditions"]),
        )  # fmt: skip
        return preview_template, (typed,)

    def _on_palettes(self, palettes: Sequence[KindPalette]) -> None:
        self._notices.suggest(suggestions(palettes))

    def _on_clauses(self, clauses: Sequence[ClauseRow]) -> None:
        self.form.editor("articles").set_clauses(clauses)

    # --- storing ---------------------------------------------------------------------------------

    def keep_draft(self) -> None:
        """Store the draft and leave."""
        self._store(self._on_stored)

    def propose(self) -> None:
        """Store the draft and ask for approval."""
        self._store(self._on_stored_to_propose)

    def _store(self, then: Any) -> None:
        if not self.save.isEnabled() or not self.form.check_all() or not self._notices.are_whole():
            return
        said = self.form.values()
        end = said["effective_to"]
        command = SaveTemplateDraft(
            code=said["code"], kind=said["kind"], title_zh=said["title_zh"], title_en=said["title_en"],
            terms=terms_of(said["terms"]), notices=self._notices.said(said), articles=said["articles"],
            conditions=tuple(said["conditions"]), effective_from=date.fromisoformat(said["effective_from"]),
            effective_to=date.fromisoformat(end) if end else None, basis=said["basis"], reason=said["reason"],
            new=self._new, version_id=self._draft.id if self._draft is not None else None,
            expected_revision=self._draft.revision if self._draft is not None else 0,
        )  # fmt: skip
        job = self.context.operations.run_command(self.form, command, on_done=then)
        for button in (self.save, self.go):
            button.busy_while(job)

    def _on_stored(self, version_id: str) -> None:
        self.form.drop_draft()
        self.form.mark_clean()
        self.stored.emit(version_id)

    def _on_stored_to_propose(self, version_id: str) -> None:
        self.form.drop_draft()
        self.form.mark_clean()
        self.context.operations.run_query(
            self, get_template, version_id, on_done=lambda detail: self._propose(detail, version_id), key="stored"
        )

    def _propose(self, detail: TemplateDetail, version_id: str) -> None:
        version = detail.version(version_id)
        if version is None:
            return
        self._detail, self._draft, self._new = detail, version, False
        command = ProposeText(sort=TextSort.TEMPLATE, version_id=version_id, expected_revision=version.revision)
        self.go.busy_while(self.context.operations.run_command(self.form, command, on_done=self.stored.emit))


def _form(context: PageContext, kind: str, notices: NoticeFields) -> Form:
    return Form(
        context,
        [
            Section(
                "",
                [
                    TextField("title_zh", tr_noop("Title (Chinese)"), required=True, max_length=TITLE_LIMIT),
                    TextField("title_en", tr_noop("Title (English)"), required=True, max_length=TITLE_LIMIT),
                    TextField("code", tr_noop("Code"), required=True, max_length=TEMPLATE_CODE_LIMIT),
                    ChoiceField("kind", tr_noop("Kind of document"), required=True,
                                choices=[Choice(one.code, partial(str, kind_words(one))) for one in kinds()]),
                ],
            ),
            Section(
                tr_noop("For which documents"),
                [TickField("conditions", tr_noop("Only where all of these hold"), span=2, columns=2,
                           mark_optional=False, choices=condition_choices(kind))],
                hint=tr_noop("Where several texts of a kind apply, the one with the most conditions is taken."),
            ),
            Section(
                tr_noop("Articles"),
                [ArrangementField("articles", tr_noop("Articles and clauses"), required=True, span=2,
                                  search=_search_for(kind))],
                hint=tr_noop("Drag lines, or move them with Alt+Up and Alt+Down; Delete takes one out."),
            ),
            Section(
                tr_noop("Figures of the house"),
                [MultiLineField("terms", tr_noop("One a line: name = value"), span=2, lines=6)],
                hint=tr_noop("Clauses ask for them by their names, as for any other placeholder."),
            ),
            notices.section,
            Section(
                tr_noop("From when it counts"),
                [
                    DateField("effective_from", tr_noop("First day"), required=True),
                    DateField("effective_to", tr_noop("Last day")),
                    MultiLineField("basis", tr_noop("Legal basis or source"), max_length=BASIS_LIMIT, lines=2),
                    MultiLineField("reason", tr_noop("Why it is written or changed"), max_length=REASON_LIMIT,
                                   lines=2),
                ],
            ),
        ],
    )  # fmt: skip


def _search_for(kind: str) -> Any:
    def search(reader: Reader, text: str) -> list[Choice]:
        rows = list_clauses(reader, text=text, kind=kind, limit=_FOUND)
        return [Choice(row_.code, partial(str, row_.title), row_.code) for row_ in rows]

    return search


def terms_of(text: str) -> dict[str, str]:
    """Figures as they are typed, one a line; a line without “=” keeps its place with an empty value."""
    found = {}
    for line in text.replace("＝", "=").splitlines():
        name, _, value = line.partition("=")
        if name.strip():
            found[name.strip()] = value.strip()
    return found
