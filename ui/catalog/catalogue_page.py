"""The specification catalogue: makes, series, model years and trims, side by side where people compare."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from app.catalog.commands import CreateTrim
from app.catalog.entries import EntryDetail, get_entry, year_entry
from app.catalog.import_commands import Level
from app.catalog.queries import TrimDetail, TrimRow
from app.comparison.lines import MOST
from app.kernel.changes import Changes
from app.kernel.commands import Command
from app.kernel.errors import RecordNotFound
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from ui.catalog.browser import Browser
from ui.catalog.entry_form import EntryForm
from ui.catalog.entry_pane import EntryPane
from ui.catalog.entry_questions import make_question, today_iso
from ui.catalog.parameter_line import ParameterLine
from ui.catalog.tree_model import Node
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.editing import FormSheet, SheetPage
from ui.kit.feedback import EmptyState
from ui.kit.keys import Key
from ui.kit.layout import boxed, column, row
from ui.kit.panel_form import PanelSection
from ui.kit.text import Words

LEAST = 2
_LEVEL_ABOVE = {Level.SERIES: Level.MAKE, Level.MODEL_YEAR: Level.SERIES, Level.TRIM: Level.MODEL_YEAR}
WATCHES = ("make", "series", "model_year", "trim", "specification_version")


class CataloguePage(SheetPage):
    """Opened with `trim_id` it shows that trim, else what was shown last, or the first make."""

    title = tr_noop("Catalogue")
    scope = "catalogue"

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.entry: EntryDetail | None = None
        self.compared: list[TrimRow] = []
        self._wanted: tuple[str, str, int] | None = None
        self._stale = True
        self.browser = Browser(context)
        self.browser.node_chosen.connect(self._on_node_chosen)
        self.browser.trim_chosen.connect(lambda trim: self._fetch("trim", trim.id))
        self.browser.loaded.connect(self._on_loaded)
        self.browser.tree.opened.connect(lambda _node: self._focus_pane())
        self.questions = PanelSection("")
        self._pane: QWidget = _nothing_chosen()
        self._place = column()
        self._place.addWidget(self._pane)
        self.questions.hide()
        left = column(self.questions, gap=12)
        left.addWidget(self.browser, 1)
        self._right = boxed(self._place)
        across = row(left, self._right, gap=16)
        across.setStretch(1, 1)
        self.set_main_view(boxed(across))
        self._add_catalogue_actions()

    # --- life ------------------------------------------------------------------------------------

    def activate(self, params: Mapping[str, Any]) -> None:
        if self._stale:
            self._stale = False
            self.browser.load()
        trim_id = params.get("trim_id")
        if trim_id:
            self.close_sheet()
            self._fetch("trim", str(trim_id), reveal=True)
        self.browser.tree.setFocus()

    def on_changes(self, changes: Changes, initiator: object) -> None:
        if changes.touches(*WATCHES):
            if self.isVisible():
                self.browser.load()
            else:
                self._stale = True
        if self._wanted is not None and changes.touches(*WATCHES, "vehicle_unit"):
            self._fetch(*self._wanted)

    # --- what is shown ---------------------------------------------------------------------------

    @property
    def pane(self) -> QWidget:
        """What stands at the right."""
        return self._pane

    def _show(self, pane: QWidget) -> None:
        old, self._pane = self._pane, pane
        focus = QApplication.focusWidget()
        self._place.replaceWidget(old, pane)
        pane.show()
        if focus is not None and old.isAncestorOf(focus) and isinstance(pane, EntryPane):
            line = _line_around(focus)
            pane.take_focus("" if line is None else line.value.code)
        old.hide()
        old.deleteLater()

    @property
    def trim(self) -> TrimDetail | None:
        """The trim shown, if it is one."""
        return None if self.entry is None else self.entry.trim

    def _on_loaded(self) -> None:
        """The makes are there: nobody looks at an empty page."""
        if self._wanted is None and not self.browser.search.text().strip():
            self.browser.go_to_first()

    def _on_node_chosen(self, node: Node) -> None:
        if node.kind == "year":
            series = node.ancestor("series")
            self._fetch("model_year", series.key if series is not None else "", node.year)
        else:
            self._fetch(node.kind, node.key)

    def _fetch(self, level: str, key: str, year: int = 0, *, reveal: bool = False) -> None:
        """Show an entry; `key` is the series of a model year that is meant by its `year`."""
        if self._wanted not in (None, (level, key, year)):
            self.messages.clear()  # what was said was about another entry
        self._wanted = (level, key, year)
        self.context.operations.run_query(
            self, _read_entry, level, key, year, on_done=partial(self._on_entry, self._wanted, reveal=reveal),
            on_error=self._on_gone, key="entry",
        )  # fmt: skip

    def _on_entry(self, wanted: tuple[str, str, int], entry: EntryDetail, *, reveal: bool = False) -> None:
        if wanted != self._wanted:
            return
        before, self.entry = self.entry, entry
        if before != entry or not isinstance(self._pane, EntryPane):
            self._show_entry(entry)
        if reveal and entry.trim is not None:
            self.browser.show_trim(entry.trim.row)

    def _show_entry(self, entry: EntryDetail) -> None:
        old = self._pane
        before = old if isinstance(old, EntryPane) and old.entry.id == entry.id else None
        pane = EntryPane(self.context, entry, self._entry_actions(), before=before, parent=self._right)
        pane.trim_opened.connect(lambda trim: self._fetch("trim", trim.id, reveal=True))
        pane.trim_wanted.connect(self._enter_trim)
        pane.order_changed.connect(self._fetch_again)
        pane.removed.connect(self._on_removed)
        pane.asked.connect(self.messages.clear)
        self._show(pane)

    def _fetch_again(self) -> None:
        if self._wanted is not None:
            self._fetch(*self._wanted)

    def _on_gone(self, error: BaseException) -> bool:
        if isinstance(error, RecordNotFound):
            self.entry, self._wanted = None, None
            self._show(_nothing_chosen())
            return True
        return False

    def _focus_pane(self) -> None:
        self._pane.setFocus()
        self._pane.focusNextChild()

    # --- actions ---------------------------------------------------------------------------------

    def _add_catalogue_actions(self) -> None:
        edit = Permission.CATALOG_EDIT
        listing = self._is_listing
        for action, place in (
            (Action("catalogue.import", tr_noop("Import"), self.open_import, key="Ctrl+I", icon="upload",
                    permission=edit, enabled=listing), "button"),
            (Action("catalogue.export", tr_noop("Export"), self.open_export, key="Ctrl+Shift+E", icon="download",
                    enabled=listing), "menu"),
            (Action("catalogue.imports", tr_noop("Former imports"), self.open_imports, icon="history",
                    permission=edit, enabled=listing), "menu"),
            (Action("catalogue.make", tr_noop("New make"), self.ask_make, key=Key.NEW, icon="plus", permission=edit,
                    enabled=listing), "primary"),
            (Action("catalogue.compare", tr_noop("Compare"), self.open_comparison, key="Ctrl+E", icon="git-compare",
                    enabled=lambda: listing() and len(self.compared) >= LEAST), "button"),
        ):  # fmt: skip
            self.add_action(action, primary=place == "primary", button=place == "button", menu=place == "menu")
        for action in (
            Action("catalogue.filter", tr_noop("Search"), self._focus_search, key=Key.FILTER, icon="search"),
            Action("catalogue.refresh", tr_noop("Fetch again"), self.browser.load, key=Key.REFRESH, icon="refresh-cw"),
            Action("catalogue.collect", self._collect_words, self.collect, key="Ctrl+D", icon="git-compare",
                   enabled=self._has_trim),
            Action("catalogue.stock", tr_noop("Vehicles of this trim"), self._open_units, key="Ctrl+G", icon="car",
                   permission=Permission.INVENTORY_VIEW, enabled=self._has_trim),
            Action("catalogue.edit", tr_noop("Change"), self.enter_change, key=Key.EDIT, icon="pencil",
                   permission=edit, enabled=self._has_entry),
            Action("catalogue.history", tr_noop("Versions"), self._show_history, key="Ctrl+H", icon="history",
                   enabled=self._has_entry),
            Action("catalogue.remove", tr_noop("Remove"), self._ask_removal, key=Key.DELETE, icon="trash-2",
                   permission=edit, enabled=self._has_entry),
        ):  # fmt: skip
            self.add_action(action)
        self._show_compared()

    def _entry_actions(self) -> Sequence[Action]:
        names = ["catalogue.remove", "catalogue.edit"] + ["catalogue.collect"] * (self.trim is not None)
        return [self.context.actions.get(name) for name in names]

    def _is_listing(self) -> bool:
        return self.sheet is None

    def _has_entry(self) -> bool:
        return self.entry is not None and self.sheet is None

    def _show_history(self) -> None:
        if isinstance(self._pane, EntryPane):
            self._pane.show_view("history")

    def _has_trim(self) -> bool:
        return self.trim is not None and self.sheet is None

    def _focus_search(self) -> None:
        """The search of what is in front: parameters while an entry is changed, else the catalogue."""
        field = self.browser.search
        if isinstance(self.sheet, FormSheet) and isinstance(self.sheet.form, EntryForm):
            field = self.sheet.form.parameters.search
        field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        field.selectAll()

    def _open_units(self) -> None:
        if self.trim is not None:
            self.context.navigator.open("vehicles", trim_id=self.trim.row.id)

    def ask_make(self) -> None:
        """A new make."""
        question = make_question(self.context)
        question.left.connect(self.questions.hide)
        self.questions.show()
        self.questions.ask(question)

    def _ask_removal(self) -> None:
        if isinstance(self._pane, EntryPane):
            self._pane.ask_removal()

    def _on_removed(self, entry: EntryDetail) -> None:
        """What it stood below is shown instead, and it is said how to get it back."""
        self.compared = [trim for trim in self.compared if trim.id != entry.id]
        self._show_compared()
        above = _LEVEL_ABOVE.get(entry.level)
        if above is not None and entry.parent_id:
            self._fetch(above.value, entry.parent_id)
        else:
            self._on_gone(RecordNotFound())
        self.messages.show_info(lambda: tr("{name} left the catalogue. Ctrl+Z puts it back.", name=entry.path))

    # --- comparing -------------------------------------------------------------------------------

    def _collect_words(self) -> str:
        collected = self.trim is not None and any(one.id == self.trim.row.id for one in self.compared)
        return tr("Leave out again") if collected else tr("Add to comparison")

    def collect(self) -> None:
        """Take the trim shown into the comparison, or out of it."""
        if self.trim is None:
            return
        trim = self.trim.row
        rest = [one for one in self.compared if one.id != trim.id]
        if len(rest) == len(self.compared):
            if len(rest) >= MOST:
                self.messages.show_info(lambda: tr("{most} trims fit side by side. Take one away first.", most=MOST))
                return
            rest.append(trim)
        self.compared = rest
        self._show_compared()
        if self.entry is not None:
            self._show_entry(self.entry)

    def _show_compared(self) -> None:
        button = self.header_button("catalogue.compare")
        count = len(self.compared)
        if button is not None:
            button.set_words(lambda: tr("Compare ({n})", n=count) if count else tr("Compare"))
            button.setEnabled(count >= LEAST)

    def open_comparison(self) -> None:
        """Everything about the collected trims, side by side on a page of its own."""
        self.context.navigator.open("comparison", trim_ids=[trim.id for trim in self.compared])

    # --- entering --------------------------------------------------------------------------------

    def _enter_trim(self, model_year_id: str) -> None:
        self.context.operations.run_query(
            self, get_entry, "model_year", model_year_id, on_done=self._open_new_trim, key="above"
        )

    def _open_new_trim(self, above: EntryDetail) -> None:
        form = EntryForm(self.context, above=above)
        self._open_form(form, lambda: tr("New trim of {name}", name=above.path), tr_noop("Add the trim"))
        form.keep_draft(f"catalogue.trim.{above.id}")

    def enter_change(self) -> None:
        """The form with the entry shown; begun on the line of a parameter, the cursor is in its field."""
        entry, line = self.entry, _line_around(self.focusWidget())
        if entry is not None:
            form = EntryForm(self.context, entry=entry)
            self._open_form(form, lambda: str(entry.path), tr_noop("Save"))
            form.keep_draft(f"catalogue.change.{entry.id}")
            if line is not None:
                form.parameters.go_to(line.value.code)

    def open_import(self) -> None:
        """Taking in a table of specifications."""
        from ui.catalog.specification_import import specification_import_sheet

        sheet = specification_import_sheet(self.context, on_leave=self.close_sheet)
        self.open_sheet(sheet, tr_noop("Import specifications"))

    def open_export(self) -> None:
        """Giving the catalogue, or the part that is chosen, out as a file."""
        from ui.catalog.export_sheet import ExportSheet, scopes_of

        scopes = scopes_of(self.browser.tree.current_node(), self.compared, self.trim)
        self.open_sheet(ExportSheet(self.context, scopes, back=self.back_button()), tr_noop("Export"))

    def open_imports(self) -> None:
        """The imports of this desk, to take one back."""
        from ui.catalog.import_history import ImportHistory

        self.open_sheet(ImportHistory(self.context, back=self.back_button()), tr_noop("Former imports"))

    def _open_form(self, form: EntryForm, title: Words, verb: Words) -> None:
        save = Button(verb, kind="primary", on_click=lambda: self._save(form, save))
        form.submitted.connect(lambda: self._save(form, save))
        self.open_sheet(FormSheet(form, buttons=[self.cancel_button(), save], parent=self.sheets), title)

    def _save(self, form: EntryForm, button: Button) -> None:
        if button.isEnabled() and form.check_all():
            command = form.command()
            job = self.context.operations.run_command(
                form, command, on_done=partial(self._on_saved, form, command), name=tr_noop("Change catalogue")
            )
            button.busy_while(job)

    def _on_saved(self, form: EntryForm, command: Command, value: str) -> None:
        form.drop_draft()
        self.close_sheet()
        day = getattr(command, "effective_from", None)
        if isinstance(command, CreateTrim):
            self._fetch("trim", value, reveal=True)
        else:
            self._fetch_again()
        if not value:
            self.messages.show_info(tr_noop("Nothing was different, so no version was made."))
        elif day is not None and day.isoformat() > today_iso(self.context):
            self.messages.show_info(lambda: tr("Kept. It comes into force on {day}.", day=formats.date_text(day)))

    def main_view_back(self) -> None:
        self._show_compared()
        self.browser.tree.setFocus()


def _read_entry(reader: Any, level: str, key: str, year: int) -> EntryDetail:
    """An entry; a model year by its series and number. Raises RecordNotFound."""
    if level == "model_year" and year:
        key = year_entry(reader, key, year)
    return get_entry(reader, level, key)


def _line_around(widget: QWidget | None) -> ParameterLine | None:
    while widget is not None and not isinstance(widget, ParameterLine):
        widget = widget.parentWidget()
    return widget


def _nothing_chosen() -> EmptyState:
    return EmptyState(
        tr_noop("Choose a make, series or trim"),
        tr_noop("The arrow keys open and close levels; or type a piece of a name above the tree."),
        icon="book-open",
    )
