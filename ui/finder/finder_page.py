"""Which car, and have we got it? Facets at the left, hits in the middle, one hit with its reasons at the right."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.catalog.interest import record_interest
from app.catalog.rules import specification_dictionary
from app.finder.commands import KeepColumns, RemoveSearch
from app.finder.queries import (
    Found,
    HitRow,
    PackedColumns,
    SavedSearchRow,
    codes_by_interest,
    columns_to_keep,
    find_trims,
    list_saved_searches,
    prepare_columns,
    without_phrase,
)
from app.finder.rules import Order, Question, Restriction, StockWish
from app.finder.wording import restriction_text
from app.kernel.changes import Changes
from app.kernel.errors import RecordNotFound
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from ui.finder.chips import Chips
from ui.finder.facet_rail import FacetRail
from ui.finder.hit_list import PICTURE, HitList, HitModel
from ui.finder.hit_view import HitShown, HitView, read_hit
from ui.finder.saved_searches import SavedSearches, count_words, save_form
from ui.finder.weights import Weights
from ui.finder.words import understood_text
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label, Segmented
from ui.kit.feedback import EmptyState
from ui.kit.filters import Facet, FacetOption
from ui.kit.keys import Key
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.page import Page
from ui.kit.picture_loading import load_main
from ui.kit.theme import set_size, theme

MOST_COMPARED = 6
RAIL_WIDTH = 260
_ROOM_FOR_ALL = 1020
"""In pixels of the design: on a narrower page the rail gives way to the panel."""
_WATCHED = ("trim", "model_year", "series", "make", "vehicle_unit")
_NARROW, _MATTERS = "narrow", "matters"
_PICTURES_AFTER_MS = 120


class FinderPage(Page):
    """Opened with `text`, a `question`, or the `search_id` of a saved search."""

    title = tr_noop("Find a vehicle")
    scope = "finder"

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.question = Question(facets=())
        self.found: Found | None = None
        self.compared: list[HitRow] = []
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
            self._fetch_pictures(self.model.rows)
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
        values: dict[str, Any] = {"text": question.text}
        if question.stock is not StockWish.ANY:
            values["stock"] = question.stock.value
        if question.order is not Order.BEST:
            values["order"] = question.order.value
        self.filters.set_values(values)
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
        self._change(
            replace(
                self.question, text=values.get("text", ""), stock=StockWish(values.get("stock", StockWish.ANY)),
                order=Order(values.get("order", Order.BEST)),
            )
        )  # fmt: skip

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
        self.compared = []
        self._asked_for = set()
        self.panel.close_panel()
        self._show_compared()
        self.set_question(Question(facets=()))
        self.focus_search()

    # --- the answer ------------------------------------------------------------------------------

    def _on_found(self, found: Found) -> None:
        self.found = found
        self.set_loading(False)
        kept = self.list.current_row()
        self.list.selectionModel().blockSignals(True)
        self.model.show(found.hits, found.next)
        still_there = kept is not None and self.list.select_id(kept.id)
        self.list.selectionModel().blockSignals(False)
        self.rail.show_facets(found.facets)
        self._centre.setCurrentWidget(self.list if found.hits else self._nothing)
        self.set_empty(self._empty_catalogue() if not found.total else None)
        self._show_words()
        if kept is not None and not self.panel.isHidden() and not self._listing:
            if still_there:
                self._fetch(kept.id)
            else:
                self.panel.close_panel()
        self._fetch_pictures(found.hits)
        if found.worth_keeping and not self._keeping:
            self._keep()

    def _fetch_pictures(self, hits: Sequence[HitRow]) -> None:
        """Those that were not asked for yet; what is typed meanwhile goes first."""
        wanted = self.model.without_picture(hits)
        if wanted:
            size = QSize(theme().px(PICTURE[0]), theme().px(PICTURE[1])) * self.devicePixelRatioF()
            self.context.operations.run_query(
                self, load_main, "trim", wanted, size, icons=True, key="pictures", after_ms=_PICTURES_AFTER_MS,
                on_done=partial(self.model.show_pictures, wanted), on_error=lambda _error: True,
            )  # fmt: skip

    def _show_words(self) -> None:
        assert self.found is not None
        found = self.found
        self.set_subtitle(
            lambda: tr("{n} of {all} fit, {free} are free", n=f"{found.matching:,}",
                       all=f"{found.total:,}", free=f"{found.obtainable:,}")
        )  # fmt: skip
        chips: list[Any] = [
            (partial(restriction_text, one, found.named), False,
             partial(self._on_restricted, Restriction(code=one.code)))
            for one in self.question.restrictions
        ]  # fmt: skip
        chips += [
            (partial(understood_text, one), bool(one.waiting_for), partial(self._take_phrase, one.phrase))
            for one in found.understood
        ]
        self.chips.show_chips(chips)
        self._show_corrections()

    def _show_corrections(self) -> None:
        assert self.found is not None
        lines = [
            tr("Nothing is called “{typed}”: showing “{taken}”.", typed=one.typed, taken=", ".join(one.taken))
            if one.taken
            else tr("Nothing is called “{typed}”.", typed=one.typed)
            for one in self.found.corrections
        ]
        self.correction.set_text(" ".join(lines))
        self.correction.setVisible(bool(lines))

    def _fetch_more(self) -> None:
        asked = replace(self.question, facets=())
        self.context.operations.run_query(
            self, find_trims, asked, after=self.model.next, on_done=self._on_more_fetched, key="answer", first=True
        )

    def _on_more_fetched(self, found: Found) -> None:
        self.model.append(found.hits, found.next)
        self._fetch_pictures(found.hits)

    def _keep(self) -> None:
        """The next start need not read the whole catalogue."""
        self._keeping = True

        def keep(packed: PackedColumns) -> None:
            self.context.operations.run_command(self, KeepColumns(path=packed.path, body=packed.body))

        self.context.operations.run_query(self, columns_to_keep, on_done=keep)

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
        self._panel_verbs = self._verbs(shown)
        self.panel.show_content(partial(str, hit.title), view, actions=self._panel_verbs)
        if had_focus or self._focus_due:
            self._focus_due = False
            self._focus_panel()

    def _verbs(self, shown: HitShown) -> list[QWidget]:
        hit = shown.detail.row
        verbs: list[QWidget] = []
        if shown.units and self.context.may(Permission.QUOTATIONS_EDIT):
            unit = shown.units[0]
            sell = Button(
                tr_noop("Sell one"), kind="primary", icon="handshake",
                on_click=lambda: self.context.navigator.open("sale", vehicle_unit_id=unit.id),
                tooltip=lambda: tr("The one longest here: {unit}", unit=f"{unit.exterior_colour} · {unit.vin}"),
            )  # fmt: skip
            verbs.append(sell)
        marked = any(one.id == hit.id for one in self.compared)
        words = tr_noop("Do not compare") if marked else tr_noop("Compare")
        verbs.append(Button(words, icon="git-compare", on_click=lambda: self._mark(hit)))
        return verbs

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

    def _mark(self, row: HitRow) -> None:
        if any(one.id == row.id for one in self.compared):
            self.compared = [one for one in self.compared if one.id != row.id]
        elif len(self.compared) >= MOST_COMPARED:
            self.messages.show_info(tr_noop("Six vehicles can be compared at once. Take one away first."))
            return
        else:
            self.compared = [*self.compared, row]
        self._show_compared()
        if not self.panel.isHidden() and not self._listing and self._wanted == row.id:
            self._fetch(row.id)

    def _show_compared(self) -> None:
        self.model.set_compared([one.id for one in self.compared])
        self.compare_bar.setVisible(bool(self.compared))
        self.compare_words.set_words(self._compared_words)
        self.compare.setEnabled(len(self.compared) >= 2)

    def _compared_words(self) -> str:
        return trn("{n} marked for comparison", "{n} marked for comparison", len(self.compared))

    def open_comparison(self) -> None:
        """Side by side, in the order in which they were marked."""
        given: dict[str, Any] = {"trim_ids": [one.id for one in self.compared]}
        if self._opened is not None and self._opened.customer_id:
            given["customer_id"] = self._opened.customer_id
        self.context.navigator.open("comparison", **given)

    def clear_marks(self) -> None:
        """Nothing is marked any more."""
        self.compared = []
        self._show_compared()
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
        self.filters.show()
        self.filters.search.set_words(tr_noop("Model, pinyin, “under 200,000”, “7 seats”"))
        set_size(self.filters.search, width=400)
        self.filters.add_facet(Facet("stock", tr_noop("Stock"), _options(StockWish), single=True))
        self.filters.add_facet(Facet("order", tr_noop("Sort order"), _options(Order), single=True))
        self.filters.changed.connect(self._on_filters_changed)

    def _build_body(self) -> None:
        self.rail, self.weights = FacetRail(), Weights()
        self.rail.restricted.connect(self._on_restricted)
        self.rail.opened.connect(self.ask)
        self.weights.changed.connect(self._on_weights)
        self.sides = QStackedWidget()
        self.sides.addWidget(self.rail)
        self.sides.addWidget(self.weights)
        self.side = Segmented(
            [Choice(_NARROW, tr_noop("Narrow down")), Choice(_MATTERS, tr_noop("What matters"))], name=tr_noop("Side")
        )
        self.side.set_value(_NARROW)
        self.side.chosen.connect(lambda value: self.show_side(str(value)))
        left = column(self.side, gap=10)
        left.addWidget(self.sides, 1)
        self._left = boxed(left)
        set_size(self._left, width=RAIL_WIDTH)
        self._left.setMinimumWidth(1)  # it may be squeezed for the moment in which a window is made narrower
        body = QWidget()
        across = row(self._left, gap=16)
        across.addLayout(self._build_centre(), 1)
        body.setLayout(across)
        self.set_body(body)
        self.panel.closed.connect(self._on_panel_closed)

    def _build_centre(self) -> Any:
        self.model = HitModel()
        self.list = HitList(self.model)
        self.model.more_wanted.connect(self._fetch_more)
        self.list.chosen.connect(lambda hit: self._fetch(hit.id))
        self.list.opened.connect(self._on_opened)
        self.list.marked.connect(self._mark)
        self.list.search_wanted.connect(self.focus_search)
        self._nothing = EmptyState(
            tr_noop("No vehicle fits"),
            tr_noop("Take a restriction away: each facet shows how many another value would leave."),
            icon="search", action=Button(tr_noop("Begin anew"), on_click=self.clear),
        )  # fmt: skip
        self._centre = QStackedWidget()
        self._centre.addWidget(self.list)
        self._centre.addWidget(self._nothing)
        self.chips, self.correction = Chips(), Label("", role="secondary", wrap=True)
        self.correction.hide()
        self.compare_words = Label("", role="secondary")
        self.compare = Button(tr_noop("Compare"), kind="primary", icon="git-compare", on_click=self.open_comparison)
        none = Button(tr_noop("Clear marks"), kind="quiet", on_click=self.clear_marks)
        self.compare_bar = boxed(row(self.compare_words, STRETCH, none, self.compare, margins=(0, 8, 0, 0)))
        self.compare_bar.hide()
        centre = column(self.chips, self.correction, gap=8)
        centre.addWidget(self._centre, 1)
        centre.addWidget(self.compare_bar)
        return centre

    def _add_actions(self) -> None:
        edit = Permission.CUSTOMERS_EDIT
        add = self.add_action
        add(Action("finder.filter", tr_noop("Search"), self.focus_search, key=Key.FILTER, icon="search"))
        add(Action("finder.refresh", tr_noop("Fetch again"), self.ask, key=Key.REFRESH, icon="refresh-cw"))
        add(Action("finder.details", tr_noop("Show or hide details"), self._toggle_panel, key=Key.DETAILS,
                   icon="panel-right"))
        add(Action("finder.matters", tr_noop("What matters"), self._turn_side, key="Ctrl+W", icon="scale"))
        add(Action("finder.compare", tr_noop("Compare marked vehicles"), self.open_comparison, key="Ctrl+T",
                   icon="git-compare", enabled=lambda: len(self.compared) >= 2))
        add(Action("finder.new", tr_noop("Begin anew"), self.clear, key=Key.NEW, icon="rotate-ccw"), menu=True)
        add(Action("finder.saved", tr_noop("Saved searches"), self.open_saved, key="Ctrl+O", icon="star"), button=True)
        add(Action("finder.save", tr_noop("Save this search"), self.ask_to_save, key=Key.SAVE, icon="save",
                   permission=edit), primary=True)  # fmt: skip

    # --- small things ----------------------------------------------------------------------------

    def focus_search(self) -> None:
        """Where typing begins."""
        self.filters.search.setFocus()
        self.filters.search.selectAll()

    def show_side(self, which: str) -> None:
        """Facets or what matters."""
        self.side.set_value(which)
        self.sides.setCurrentWidget(self.weights if which == _MATTERS else self.rail)

    def _turn_side(self) -> None:
        self.show_side(_NARROW if self.sides.currentWidget() is self.weights else _MATTERS)
        inside = self.weights.adder.combo if self.sides.currentWidget() is self.weights else self.side.buttons()[0]
        inside.setFocus(Qt.FocusReason.OtherFocusReason)

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
        self._left.setVisible(alone or self.width() >= theme().px(_ROOM_FOR_ALL))

    def _empty_catalogue(self) -> EmptyState:
        return EmptyState(
            tr_noop("The catalogue is empty"),
            tr_noop("Import specifications or enter the first make: then vehicles can be found here."),
            icon="book-open",
            action=Button(tr_noop("Open the catalogue"), kind="primary",
                          on_click=lambda: self.context.navigator.open("catalogue")),
        )  # fmt: skip


def _options(kind: type[StockWish] | type[Order]) -> list[FacetOption]:
    return [FacetOption(one.value, one.label) for one in kind]
