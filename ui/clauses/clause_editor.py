"""Writing a clause: both languages side by side, when it applies and counts; its paper beside it as one types."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.clauses.clause_queries import (
    ClauseDetail,
    ClauseVersionRow,
    KindPalette,
    check_clause,
    get_clause,
    get_palettes,
)
from app.clauses.commands import ProposeText, SaveClauseDraft
from app.clauses.kinds import kind_words, kinds
from app.clauses.preview import TypedClause, preview_clause
from app.clauses.rules import BASIS_LIMIT, CODE_LIMIT, REASON_LIMIT, TEXT_LIMIT, TITLE_LIMIT, TextSort
from app.clauses.text_checks import TextProblem
from app.clauses.version_rows import EDIT
from app.documents.paper_data import Words as BothWords
from app.kernel.clock import branch_date
from app.runtime.language import language, tr, tr_noop
from ui.clauses.live_preview import LivePreview
from ui.clauses.placeholder_text import PlaceholderField, Suggestion
from ui.clauses.tick_field import TickField
from ui.clauses.words import CODE_HINT, condition_choices
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice
from ui.kit.fields import DateField, MultiLineField, Section, TextField, ToggleField
from ui.kit.form import Form, FormFrame
from ui.kit.layout import row
from ui.kit.theme import set_size

_TEXTS = ("text_zh", "text_en")
_DRAWN = frozenset({*_TEXTS, "limits_customer", "conditions", "kinds", "title_zh", "title_en"})
CHECK_AFTER_MS = 300
USUAL_KIND = "vehicle_sale"
FORM_WIDTH = 504
"""The least a form beside its paper has, for two columns and its verbs."""


class ClauseEditor(QWidget):
    """`stored(version_id)` once the draft is stored, or proposed. `detail` is the clause whose `version` is gone on
    with, or taken as the ground of a new one; without it a new clause is written."""

    stored = Signal(str)

    def __init__(
        self, context: PageContext, *, back: Button, detail: ClauseDetail | None = None,
        version: ClauseVersionRow | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.context, self._detail = context, detail
        self._draft = version if version is not None and EDIT in version.actions else None
        self.form = clause_form(context, new=detail is None)
        self.save = Button(tr_noop("Save as draft"), icon="file-text", on_click=self.keep_draft)
        self.go = Button(tr_noop("Propose"), kind="primary", icon="send", on_click=self.propose)
        self.preview = LivePreview(context, self._asked)
        self._checking = QTimer(self)
        self._checking.setSingleShot(True)
        self._checking.setInterval(CHECK_AFTER_MS)
        self._checking.timeout.connect(self.check)
        frame = FormFrame(self.form, buttons=[back, self.save, self.go])
        set_size(frame, width=FORM_WIDTH, at_least=True)
        line = row(gap=16)
        line.addWidget(frame, 5)
        line.addWidget(self.preview, 4)
        self.setLayout(line)
        self._fill(version)
        self.form.changed.connect(self._on_changed)
        self.form.draft_restored.connect(self._on_restored)
        self.form.submitted.connect(self.propose)
        self.form.keep_draft(f"clause.{detail.row.code if detail is not None else 'new'}")
        self._kinds_changed()
        self.preview.draw()

    def take_focus(self) -> None:
        """Where writing begins."""
        self.form.focus_field("code" if self._detail is None else "text_zh")

    # --- what stands there -----------------------------------------------------------------------

    def _fill(self, version: ClauseVersionRow | None) -> None:
        today = branch_date(self.context.clock.now()).isoformat()
        if self._detail is None or version is None:
            self.form.set_values({"kinds": (USUAL_KIND,), "effective_from": today})
            return
        row_, text = self._detail.row, version.text
        begin = version.effective_from.isoformat() if self._draft is not None else today
        end = version.effective_to.isoformat() if self._draft is not None and version.effective_to else None
        self._set_conditions(text.kinds)
        self.form.set_values(
            {
                "code": row_.code, "title_zh": row_.title.zh, "title_en": row_.title.en, "tags": "、".join(row_.tags),
                "kinds": text.kinds, "text_zh": text.zh, "text_en": text.en, "limits_customer": text.limits_customer,
                "conditions": text.conditions, "effective_from": max(begin, today), "effective_to": end,
                "basis": version.basis if not version.shipped else "",
                "reason": version.reason if self._draft is not None else "",
            }
        )  # fmt: skip
        self.form.set_field_enabled("code", False)

    def _asked(self) -> tuple[Any, tuple[Any, ...]] | None:
        said = self.form.values()
        if not said["kinds"] or not said["text_zh"] or not said["text_en"]:
            return None
        typed = TypedClause(
            code=said["code"] or "new", title=BothWords(said["title_zh"], said["title_en"]), kind=said["kinds"][0],
            text_zh=said["text_zh"], text_en=said["text_en"], limits_customer=said["limits_customer"],
            conditions=tuple(said["conditions"]),
        )  # fmt: skip
        return preview_clause, (typed,)

    def _on_changed(self, name: str) -> None:
        if name == "kinds":
            self._kinds_changed()
        if name in _DRAWN:
            self.preview.touch()
        if name in (*_TEXTS, "kinds"):
            self._checking.start()

    def _on_restored(self) -> None:
        self._kinds_changed()
        self.preview.touch()
        self.check()

    def _kinds_changed(self) -> None:
        chosen = tuple(self.form.value("kinds"))
        self._set_conditions(chosen)
        if chosen:
            self.context.operations.run_query(
                self, get_palettes, chosen, on_done=self._on_palettes, key="palettes"
            )

    def _set_conditions(self, chosen: Sequence[str]) -> None:
        """The conditions that occur in every kind that is chosen."""
        self.form.editor("conditions").set_choices(condition_choices(*chosen))

    def _on_palettes(self, palettes: Sequence[KindPalette]) -> None:
        found = suggestions(palettes)
        for name in _TEXTS:
            self.form.editor(name).box.suggest(found)

    # --- checking --------------------------------------------------------------------------------

    def check(self) -> None:
        """Mark what is wrong with the texts as they stand."""
        self._checking.stop()
        said = self.form.values()
        if said["kinds"]:
            arguments = (said["kinds"], self._text("text_zh"), self._text("text_en"))
            self.context.operations.run_query(self, check_clause, *arguments, on_done=self._on_checked, key="check")

    def _text(self, name: str) -> str:
        """As it stands, with blanks at its ends, so that places fit."""
        return str(self.form.editor(name).box.toPlainText())

    def _on_checked(self, problems: Sequence[TextProblem]) -> None:
        for name in _TEXTS:
            own = [problem for problem in problems if problem.error.field == name]
            self.form.editor(name).box.show_problems(own)
            if own:
                self.form.cell(name).show_problem(own[0].error.message)
            elif self.form.cell(name).is_wrong:
                self.form.cell(name).check(show=True)

    # --- storing ---------------------------------------------------------------------------------

    def keep_draft(self) -> None:
        """Store the draft and leave."""
        self._store(self._on_stored)

    def propose(self) -> None:
        """Store the draft and ask for approval."""
        self._store(self._on_stored_to_propose)

    def _store(self, then: Any) -> None:
        if not self.save.isEnabled() or not self.form.check_all():
            return
        job = self.context.operations.run_command(self.form, self._command(self.form.values()), on_done=then)
        for button in (self.save, self.go):
            button.busy_while(job)

    def _command(self, said: Mapping[str, Any]) -> SaveClauseDraft:
        end = said["effective_to"]
        return SaveClauseDraft(
            code=said["code"], title_zh=said["title_zh"], title_en=said["title_en"], tags=tags_of(said["tags"]),
            kinds=tuple(said["kinds"]), text_zh=said["text_zh"], text_en=said["text_en"],
            limits_customer=said["limits_customer"], conditions=tuple(said["conditions"]),
            effective_from=date.fromisoformat(said["effective_from"]),
            effective_to=date.fromisoformat(end) if end else None, basis=said["basis"], reason=said["reason"],
            new=self._detail is None, version_id=self._draft.id if self._draft is not None else None,
            expected_revision=self._draft.revision if self._draft is not None else 0,
        )  # fmt: skip

    def _on_stored(self, version_id: str) -> None:
        self.form.drop_draft()
        self.form.mark_clean()
        self.stored.emit(version_id)

    def _on_stored_to_propose(self, version_id: str) -> None:
        self.form.drop_draft()
        self.form.mark_clean()
        self.context.operations.run_query(
            self, get_clause, version_id, on_done=lambda detail: self._propose(detail, version_id), key="stored"
        )

    def _propose(self, detail: ClauseDetail, version_id: str) -> None:
        version = detail.version(version_id)
        if version is None:
            return
        self._detail, self._draft = detail, version
        command = ProposeText(sort=TextSort.CLAUSE, version_id=version_id, expected_revision=version.revision)
        job = self.context.operations.run_command(self.form, command, on_done=self.stored.emit)
        self.go.busy_while(job)


def clause_form(context: PageContext, *, new: bool) -> Form:
    """The form; a code is only asked for where the clause is new."""
    return Form(
        context,
        [
            Section(
                "",
                [
                    TextField("title_zh", tr_noop("Title (Chinese)"), required=True, max_length=TITLE_LIMIT),
                    TextField("title_en", tr_noop("Title (English)"), max_length=TITLE_LIMIT),
                    TextField("code", tr_noop("Code"), required=True, max_length=CODE_LIMIT,
                              hint=CODE_HINT if new else ""),
                    TextField("tags", tr_noop("Tags"), hint=tr_noop("Separated by commas")),
                ],
            ),
            Section(
                tr_noop("Text"),
                [
                    PlaceholderField("text_zh", tr_noop("Chinese (governs)"), required=True, max_length=TEXT_LIMIT),
                    PlaceholderField("text_en", tr_noop("English"), required=True, max_length=TEXT_LIMIT),
                    ToggleField("limits_customer", tr_noop("Conspicuous"), span=2,
                                text=tr_noop("Limits the customer: printed bold with a bar, acknowledged by itself")),
                ],
                hint=tr_noop(
                    "An opening brace or Ctrl+Space lists what can be filled in; **two stars** around it make it bold."
                ),
            ),
            Section(
                tr_noop("Where and when it is printed"),
                [
                    TickField("kinds", tr_noop("Kinds of document"), required=True, span=2, columns=2,
                              choices=[Choice(kind.code, partial(str, kind_words(kind)))
                                       for kind in kinds()]),
                    TickField("conditions", tr_noop("Only where all of these hold"), span=2, columns=2,
                              nothing=tr_noop("These kinds have no condition in common."), mark_optional=False),
                ],
            ),
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


def suggestions(palettes: Sequence[KindPalette]) -> list[Suggestion]:
    """What every one of these kinds can fill, in words: its placeholders, figures of the house, its articles."""
    found: list[dict[str, Suggestion]] = []
    for palette in palettes:
        own = {
            name: Suggestion(name, one.description.in_language(language()), one.sample.in_language(language()))
            for name, one in palette.kind.placeholders.items()
        }
        own |= {name: Suggestion(name, tr("Figure of the house"), value) for name, value in palette.house.terms.items()}
        own |= {
            f"article_{name}": Suggestion(f"article_{name}", tr("Number of the article"), str(words))
            for name, words in palette.house.articles.items()
        }
        found.append(own)
    shared = set.intersection(*(set(own) for own in found)) if found else set()
    return [one for name, one in found[0].items() if name in shared] if found else []


def tags_of(text: str) -> tuple[str, ...]:
    """Tags as they are typed: with commas of either language between them."""
    for comma in "，、;；":
        text = text.replace(comma, ",")
    return tuple(tag.strip() for tag in text.split(",") if tag.strip())


