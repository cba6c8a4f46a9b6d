"""Which car, and have we got it? Facets at the left, hits in the middle, one hit with its reasons at the right."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.catalog.interest import record_interest
from app.catalog.rules import specification_dictionary
from app.finder.commands import RemoveSearch
from app.finder.queries import (
    Found,
    HitRow,
    SavedSearchRow,
    codes_by_interest,
    find_trims,
    list_saved_searches,
    prepare_columns,
    without_phrase,
)
from app.finder.rules import Question, Restriction
from app.kernel.changes import Changes
from app.kernel.errors import RecordNotFound
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from ui.finder.finder_side import FinderSide
from ui.finder.hit_view import HitShown, HitView, hit_verbs, read_hit
from ui.finder.hits_pane import HitsPane, empty_catalogue
from ui.finder.kept_columns import keep_columns
from ui.finder.marked_trims import MarkedTrims
from ui.finder.question_filters import add_question_filters, filter_values, filtered
from ui.finder.saved_searches import SavedSearches, count_words, save_form
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.keys import Key
from ui.kit.layout import row
from ui.kit.page import Page
from ui.kit.theme import theme

_ROOM_FOR_ALL = 1020
"""In pixels of the design: on a narrower page the rail gives way to the panel."""
_WATCHED = ("trim", "model_year", "series", "make", "vehicle_unit")


class FinderPage(Page):
    """Opened with `text`, a `question`, or the `search_id` of a saved search."""

    title = tr_noop("Find a vehicle")
    scope = "finder"

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.question = Question(facets=())
        self.found: Found | None = None
        self._opened: SavedSearchRow | None = None
        self._wanted = ""
        self._panel_verbs: list[QWidget] = []
        self._ready = self._stale = self._keeping = False
        self._listing = self._focus_due = False
        self._asked_for: set[str] = set()
        self._build_filters()
        self._build_body()
        self._add_actions()

    # --- life ------------------------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        if isinstance(params.get("question"), Question):
            self.set_question(params["question"])
        elif params.get("text"):
            self.set_question(replace(self.question, text=str(params["text"])))
        elif params.get("search_id"):
            self._open_saved_by_id(str(params["search_id"]))
        if not self._ready:
            self._prepare()
        elif self._stale or self.found is None:
            self.ask()
        self.focus_search()

    def on_changes(self, changes: Changes, initiator: object) -> None:
        if changes.touches("attachment"):
            self.model.forget_pictures()
            self.hits.fetch_pictures(self.model.rows)
        if changes.touches("saved_search") and self._listing and not self.panel.isHidden():
            self.open_saved()
        if not changes.touches(*_WATCHED):
            return
        self._stale = True
        if self._ready and self.isVisible():
            self.ask()

    def retranslate(self) -> None:
        super().retranslate()
        if getattr(self, "found", None) is not None:
            self._show_words()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    # --- asking ----------------------------------------------------------------------------------

    def set_question(self, question: Question) -> None:
        """Ask something else, and show it in every control."""
        self._change(question)
        self.filters.set_values(filter_values(question))
        self.weights.show_importances(question.importances)

    def ask(self) -> None:
        """Fetch the answer to what is asked now."""
        if not self._ready:
            return
        self._stale = False
        asked = replace(self.question, facets=self.rail.open_codes())
        self.context.operations.run_query(self, find_trims, asked, on_done=self._on_found, key="answer", first=True)

    def _prepare(self) -> None:
        self.set_loading(True)
        self.context.operations.run_query(
            self, prepare_columns, on_done=self._on_prepared, on_error=self._on_not_prepared
        )

    def _on_prepared(self, _trims: int) -> None:
        self._ready = True
        self.context.operations.run_query(self, codes_by_interest, on_done=self.rail.set_order, key="order")
        self.ask()

    def _on_not_prepared(self, _error: BaseException) -> bool:
        self.set_loading(False)
        return False

    def _change(self, question: Question) -> None:
        self.question = question
        self.rail.show_question(question)
        self.ask()

    def _on_filters_changed(self, values: dict[str, Any]) -> None:
        self._change(filtered(self.question, values))

    def _on_restricted(self, restriction: Restriction) -> None:
        self._note_interest(restriction)
        self._change(self.question.with_restriction(restriction))

    def _note_interest(self, restriction: Restriction) -> None:
        """What is asked for counts for the order of parameters, once for each customer."""
        code, asked = restriction.code, restriction != Restriction(code=restriction.code)
        if asked and code in specification_dictionary().parameters and code not in self._asked_for:
            self._asked_for.add(code)
            self.context.operations.run_command(self, record_interest((code,)))

    def _on_weights(self, importances: Any) -> None:
        self._change(replace(self.question, importances=tuple(importances)))

    def _take_phrase(self, phrase: str) -> None:
        self.set_question(replace(self.question, text=without_phrase(self.question.text, phrase)))

    def clear(self) -> None:
        """Begin anew, as for the next customer."""
        self._opened = None
        self._asked_for = set()
        self.panel.close_panel()
        self.marks.clear()
        self.set_question(Question(facets=()))
        self.focus_search()

    # --- the answer ------------------------------------------------------------------------------

    def _on_found(self, found: Found) -> None:
        self.found = found
        self.set_loading(False)
        kept = self.list.current_row()
        still_there = self.hits.show_hits(found)
        self.rail.show_facets(found.facets)
        self.set_empty(empty_catalogue(self.context) if not found.total else None)
        self._show_words()
        if kept is not None and not self.panel.isHidden() and not self._listing:
            if still_there:
                self._fetch(kept.id)
            else:
                self.panel.close_panel()
        self.hits.fetch_pictures(found.hits)
        if found.worth_keeping and not self._keeping:
            self._keeping = True
            keep_columns(self, self.context)

    def _show_words(self) -> None:
        assert self.found is not None
        found = self.found
        self.set_subtitle(
            lambda: tr("{n} of {all} fit, {free} are free", n=f"{found.matching:,}",
                       all=f"{found.total:,}", free=f"{found.obtainable:,}")
        )  # fmt: skip
        self.hits.show_understood(
            found, self.question, on_restriction=self._on_restricted, on_phrase=self._take_phrase
        )

    def _fetch_more(self) -> None:
        asked = replace(self.question, facets=())
        self.context.operations.run_query(
            self, find_trims, asked, after=self.model.next, on_done=self._on_more_fetched, key="answer", first=True
        )

    def _on_more_fetched(self, found: Found) -> None:
        self.model.append(found.hits, found.next)
        self.hits.fetch_pictures(found.hits)

    # --- one hit ---------------------------------------------------------------------------------

    def _fetch(self, trim_id: str) -> None:
        self._wanted = trim_id
        self._listing = False
        self.context.operations.run_query(
            self, read_hit, self.question, trim_id, on_done=self._on_hit, on_error=self._on_gone, key="hit"
        )

    def _on_hit(self, shown: HitShown) -> None:
        hit = shown.detail.row
        if hit.id != self._wanted or self._listing:
            return
        view = HitView(self.context, shown)
        view.unit_chosen.connect(lambda unit_id: self.context.navigator.open("vehicles", unit_id=unit_id))
        view.units_chosen.connect(lambda trim_id: self.context.navigator.open("vehicles", trim_id=trim_id))
        had_focus = self.panel.isAncestorOf(self.window().focusWidget()) if self.window().focusWidget() else False
        self._make_room(for_panel=True)
        self._panel_verbs = hit_verbs(
            self.context, shown, marked=self.marks.has(hit.id), on_mark=lambda: self._mark(hit)
        )
        self.panel.show_content(partial(str, hit.title), view, actions=self._panel_verbs)
        if had_focus or self._focus_due:
            self._focus_due = False
            self._focus_panel()

    def _on_gone(self, error: BaseException) -> bool:
        if isinstance(error, RecordNotFound):
            self.panel.close_panel()
            return True
        return False

    def _on_opened(self, row: HitRow | None) -> None:
        if row is None:
            return
        if self.panel.isHidden() or self._wanted != row.id:
            self._focus_due = True
            self._fetch(row.id)
        else:
            self._focus_panel()

    def _focus_panel(self) -> None:
        if not self.panel.isHidden() and self._panel_verbs:
            self._panel_verbs[0].setFocus(Qt.FocusReason.TabFocusReason)

    # --- comparing -------------------------------------------------------------------------------

    def _mark(self, hit: HitRow) -> None:
        if not self.marks.turn(hit):
            self.messages.show_info(tr_noop("Six vehicles can be compared at once. Take one away first."))
        elif not self.panel.isHidden() and not self._listing and self._wanted == hit.id:
            self._fetch(hit.id)

    def _on_marks_changed(self) -> None:
        self.model.set_compared([one.id for one in self.marks.rows])

    def open_comparison(self) -> None:
        """Side by side, in the order in which they were marked."""
        given: dict[str, Any] = {"trim_ids": [one.id for one in self.marks.rows]}
        if self._opened is not None and self._opened.customer_id:
            given["customer_id"] = self._opened.customer_id
        self.context.navigator.open("comparison", **given)

    def clear_marks(self) -> None:
        """Nothing is marked any more."""
        self.marks.clear()
        self.list.setFocus()

    # --- saved searches --------------------------------------------------------------------------

    def ask_to_save(self) -> None:
        """Under which name, for whom?"""
        form = save_form(self.context, self.question, opened=self._opened, on_done=self._on_saved)
        form.left.connect(self.panel.close_panel)
        self._listing = True
        self._make_room(for_panel=True)
        self._panel_verbs = []
        self.panel.show_content(tr_noop("Saved searches"), form)
        form.take_focus()

    def _on_saved(self, _search_id: str) -> None:
        self.open_saved()

    def open_saved(self) -> None:
        """The list of saved searches in the panel."""
        self._listing = True
        self.context.operations.run_query(self, list_saved_searches, on_done=self._on_listed, key="saved")

    def _on_listed(self, rows: Sequence[SavedSearchRow]) -> None:
        if not self._listing:
            return
        may = self.context.may(Permission.CUSTOMERS_EDIT)
        content = SavedSearches(rows, open_search=self._open_saved, forget=self._forget if may else None)
        self._make_room(for_panel=True)
        self._panel_verbs = []
        self.panel.show_content(tr_noop("Saved searches"), content, subtitle=partial(count_words, len(rows)))

    def _open_saved(self, row: SavedSearchRow) -> None:
        self._opened = row
        self.set_question(row.question)
        who = f" · {row.customer_name}" if row.customer_name else ""
        self.messages.show_info(lambda: tr("Opened: {name}", name=row.name) + who)

    def _open_saved_by_id(self, search_id: str) -> None:
        def opened(rows: Sequence[SavedSearchRow]) -> None:
            found = next((row for row in rows if row.id == search_id), None)
            if found is not None:
                self._open_saved(found)

        self.context.operations.run_query(self, list_saved_searches, on_done=opened, key="wanted search")

    def _forget(self, row: SavedSearchRow) -> None:
        command = RemoveSearch(search_id=row.id, expected_revision=row.revision)
        self.context.operations.run_command(self, command, name=tr_noop("Forget the search"))

    # --- building --------------------------------------------------------------------------------

    def _build_filters(self) -> None:
        add_question_filters(self.filters)
        self.filters.changed.connect(self._on_filters_changed)

    def _build_body(self) -> None:
        self.side = FinderSide()
        self.rail, self.weights = self.side.rail, self.side.weights
        self.rail.restricted.connect(self._on_restricted)
        self.rail.opened.connect(self.ask)
        self.weights.changed.connect(self._on_weights)
        self.marks = MarkedTrims(on_compare=self.open_comparison, on_clear=self.clear_marks)
        self.marks.changed.connect(self._on_marks_changed)
        self.hits = HitsPane(self.context, on_clear=self.clear, beneath=self.marks)
        self.model, self.list = self.hits.model, self.hits.list
        self.model.more_wanted.connect(self._fetch_more)
        self.list.chosen.connect(lambda hit: self._fetch(hit.id))
        self.list.opened.connect(self._on_opened)
        self.list.marked.connect(self._mark)
        self.list.search_wanted.connect(self.focus_search)
        body = QWidget()
        across = row(self.side, gap=16)
        across.addWidget(self.hits, 1)
        body.setLayout(across)
        self.set_body(body)
        self.panel.closed.connect(self._on_panel_closed)

    def _add_actions(self) -> None:
        edit = Permission.CUSTOMERS_EDIT
        add = self.add_action
        add(Action("finder.filter", tr_noop("Search"), self.focus_search, key=Key.FILTER, icon="search"))
        add(Action("finder.refresh", tr_noop("Fetch again"), self.ask, key=Key.REFRESH, icon="refresh-cw"))
        add(Action("finder.details", tr_noop("Show or hide details"), self._toggle_panel, key=Key.DETAILS,
                   icon="panel-right"))
        add(Action("finder.matters", tr_noop("What matters"), self.side.turn, key="Ctrl+W", icon="scale"))
        add(Action("finder.compare", tr_noop("Compare marked vehicles"), self.open_comparison, key="Ctrl+T",
                   icon="git-compare", enabled=lambda: self.marks.are_enough))
        add(Action("finder.new", tr_noop("Begin anew"), self.clear, key=Key.NEW, icon="rotate-ccw"), menu=True)
        add(Action("finder.saved", tr_noop("Saved searches"), self.open_saved, key="Ctrl+O", icon="star"), button=True)
        add(Action("finder.save", tr_noop("Save this search"), self.ask_to_save, key=Key.SAVE, icon="save",
                   permission=edit), primary=True)  # fmt: skip

    # --- small things ----------------------------------------------------------------------------

    def focus_search(self) -> None:
        """Where typing begins."""
        self.filters.search.setFocus()
        self.filters.search.selectAll()

    def _toggle_panel(self) -> None:
        current = self.list.current_row()
        if self.panel.isVisible():
            self.panel.close_panel()
        elif current is not None:
            self._fetch(current.id)

    def _on_panel_closed(self) -> None:
        self._listing = False
        self._make_room()
        self.list.setFocus()

    def _make_room(self, *, for_panel: bool = False) -> None:
        """The rail gives way to the panel where the page is too narrow for both; before it opens, or the window would
        have to grow."""
        alone = self.panel.isHidden() and not for_panel
        self.side.setVisible(alone or self.width() >= theme().px(_ROOM_FOR_ALL))
