"""The specification catalogue: makes, series, model years and trims, side by side where people compare."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from app.catalog.commands import RemoveTrim
from app.catalog.queries import TrimDetail, TrimRow, get_trim
from app.kernel.changes import Changes
from app.kernel.errors import RecordNotFound
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from ui.catalog.browser import Browser
from ui.catalog.comparison import LEAST, MOST, comparison_sheet
from ui.catalog.node_pane import NodePane, make_question
from ui.catalog.tree_model import Node
from ui.catalog.trim_form import TrimForm
from ui.catalog.trim_pane import TrimPane
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.dialogs import ask
from ui.kit.editing import FormSheet, SheetPage
from ui.kit.feedback import EmptyState
from ui.kit.keys import Key
from ui.kit.layout import boxed, column, row
from ui.kit.panel_form import PanelSection
from ui.kit.text import Words

WATCHES = ("make", "series", "model_year", "trim")


class CataloguePage(SheetPage):
    """Opened with `trim_id` it shows that trim."""

    title = tr_noop("Catalogue")
    scope = "catalogue"

    def __init__(self, context: PageContext) -> None:
        super().__init__(context)
        self.trim: TrimDetail | None = None
        self.compared: list[TrimRow] = []
        self._wanted = ""
        self._stale = True
        self.browser = Browser(context)
        self.browser.node_chosen.connect(self._on_node_chosen)
        self.browser.trim_chosen.connect(lambda trim: self._fetch(trim.id))
        self.browser.tree.opened.connect(lambda _node: self._focus_pane())
        self.questions = PanelSection("")
        self._pane: QWidget = _nothing_chosen()
        self._place = column()
        self._place.addWidget(self._pane)
        self.questions.hide()
        left = column(self.questions, gap=12)
        left.addWidget(self.browser, 1)
        across = row(left, boxed(self._place), gap=16)
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
            self._fetch(str(trim_id), reveal=True)
        self.browser.tree.setFocus()

    def on_changes(self, changes: Changes, initiator: object) -> None:
        if changes.touches(*WATCHES):
            if self.isVisible():
                self.browser.load()
            else:
                self._stale = True
        if self.trim is not None and changes.touches(*WATCHES, "vehicle_unit"):
            self._fetch(self.trim.row.id)

    # --- what is shown ---------------------------------------------------------------------------

    @property
    def pane(self) -> QWidget:
        """What stands at the right."""
        return self._pane

    def _show(self, pane: QWidget) -> None:
        old, self._pane = self._pane, pane
        self._place.replaceWidget(old, pane)
        pane.show()
        old.hide()
        old.deleteLater()

    def _on_node_chosen(self, node: Node) -> None:
        if node.kind == "trim":
            self._fetch(node.key)
            return
        self.trim, self._wanted = None, ""
        pane = NodePane(self.context, node)
        pane.trim_opened.connect(lambda trim: self._fetch(trim.id, reveal=True))
        pane.trim_wanted.connect(self._enter_trim)
        self._show(pane)

    def _fetch(self, trim_id: str, *, reveal: bool = False) -> None:
        self._wanted = trim_id
        self.context.operations.run_query(
            self, get_trim, trim_id, on_done=partial(self._on_trim, reveal=reveal), on_error=self._on_gone, key="trim"
        )

    def _on_trim(self, trim: TrimDetail, *, reveal: bool = False) -> None:
        if trim.row.id != self._wanted:
            return
        same = self.trim == trim and isinstance(self._pane, TrimPane)
        self.trim = trim
        if not same:
            self._show(TrimPane(self.context, trim, self._trim_actions()))
        if reveal:
            self.browser.show_trim(trim.row)

    def _on_gone(self, error: BaseException) -> bool:
        if isinstance(error, RecordNotFound):
            self.trim, self._wanted = None, ""
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
            (Action("catalogue.make", tr_noop("New make"), self.ask_make, key=Key.NEW, icon="plus", permission=edit,
                    enabled=listing), "primary"),
            (Action("catalogue.compare", tr_noop("Compare"), self.open_comparison, key="Ctrl+E", icon="git-compare",
                    enabled=lambda: listing() and len(self.compared) >= LEAST), "button"),
        ):  # fmt: skip
            self.add_action(action, primary=place == "primary", button=place == "button")
        for action in (
            Action("catalogue.filter", tr_noop("Search"), self._focus_search, key=Key.FILTER, icon="search"),
            Action("catalogue.refresh", tr_noop("Fetch again"), self.browser.load, key=Key.REFRESH, icon="refresh-cw"),
            Action("catalogue.collect", self._collect_words, self.collect, key="Ctrl+D", icon="git-compare",
                   enabled=self._has_trim),
            Action("catalogue.stock", tr_noop("Vehicles of this trim"), self._open_units, key="Ctrl+G", icon="car",
                   permission=Permission.INVENTORY_VIEW, enabled=self._has_trim),
            Action("catalogue.edit", tr_noop("Change"), self.enter_change, key=Key.EDIT, icon="pencil",
                   permission=edit, enabled=self._has_trim),
            Action("catalogue.remove", tr_noop("Remove"), self._ask_removal, key=Key.DELETE, icon="trash-2",
                   permission=edit, enabled=self._has_trim),
        ):  # fmt: skip
            self.add_action(action)
        self._show_compared()

    def _trim_actions(self) -> Sequence[Action]:
        names = ("catalogue.remove", "catalogue.edit", "catalogue.collect")
        return [self.context.actions.get(name) for name in names]

    def _is_listing(self) -> bool:
        return self.sheet is None

    def _has_trim(self) -> bool:
        return self.trim is not None and self.sheet is None

    def _focus_search(self) -> None:
        self.browser.search.setFocus()
        self.browser.search.selectAll()

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
        trim = self.trim
        if trim is None:
            return
        command = RemoveTrim(trim_id=trim.row.id, expected_revision=trim.row.revision)
        ask(
            self,
            title=tr_noop("Remove this trim?"),
            text=lambda: tr("{name} leaves the catalogue. Units of it keep it there.", name=trim.row.full_name),
            verb=tr_noop("Remove"),
            on_yes=lambda: self.context.operations.run_command(self, command, name=tr_noop("Remove trim")),
            danger=True,
        )

    # --- comparing -------------------------------------------------------------------------------

    def _collect_words(self) -> str:
        collected = self.trim is not None and any(one.id == self.trim.row.id for one in self.compared)
        return tr("Leave out of the comparison") if collected else tr("Add to the comparison")

    def collect(self) -> None:
        """Take the trim shown into the comparison, or out of it."""
        if self.trim is None:
            return
        trim = self.trim.row
        rest = [one for one in self.compared if one.id != trim.id]
        if len(rest) == len(self.compared):
            if len(rest) >= MOST:
                self.messages.show_info(tr_noop("Four trims fit side by side. Leave one out first."))
                return
            rest.append(trim)
        self.compared = rest
        self._show_compared()
        self._show(TrimPane(self.context, self.trim, self._trim_actions()))

    def _show_compared(self) -> None:
        button = self.header_button("catalogue.compare")
        count = len(self.compared)
        if button is not None:
            button.set_words(lambda: tr("Compare ({n})", n=count) if count else tr("Compare"))
            button.setEnabled(count >= LEAST)

    def open_comparison(self) -> None:
        """Everything about the collected trims, side by side."""
        wanted = [trim.id for trim in self.compared]
        self.context.operations.run_query(self, _read_trims, wanted, on_done=self._on_compared, key="compared")

    def _on_compared(self, trims: list[TrimDetail]) -> None:
        self.compared = [trim.row for trim in trims]
        self._show_compared()
        if len(trims) >= LEAST:
            self.open_sheet(comparison_sheet(trims, back=self.back_button()), tr_noop("Comparison"))

    # --- entering --------------------------------------------------------------------------------

    def _enter_trim(self, model_year_id: str) -> None:
        form = TrimForm(self.context, model_year_id=model_year_id)
        self._open_form(form, tr_noop("New trim"), tr_noop("Add the trim"))
        form.keep_draft(f"catalogue.trim.{model_year_id}")

    def enter_change(self) -> None:
        """The form with the trim shown."""
        trim = self.trim
        if trim is not None:
            form = TrimForm(self.context, trim=trim)
            self._open_form(form, lambda: str(trim.row.full_name), tr_noop("Save"))
            form.keep_draft(f"catalogue.change.{trim.row.id}")

    def open_import(self) -> None:
        """Taking in a table of specifications."""
        from ui.catalog.specification_import import specification_import_sheet

        sheet = specification_import_sheet(self.context, on_leave=self.close_sheet)
        self.open_sheet(sheet, tr_noop("Import specifications"))

    def _open_form(self, form: TrimForm, title: Words, verb: Words) -> None:
        save = Button(verb, kind="primary", on_click=lambda: self._save(form, save))
        form.submitted.connect(lambda: self._save(form, save))
        self.open_sheet(FormSheet(form, buttons=[self.cancel_button(), save]), title)

    def _save(self, form: TrimForm, button: Button) -> None:
        if button.isEnabled() and form.check_all():
            job = self.context.operations.run_command(form, form.command(), on_done=partial(self._on_saved, form))
            button.busy_while(job)

    def _on_saved(self, form: TrimForm, trim_id: str) -> None:
        form.drop_draft()
        self.close_sheet()
        self._fetch(trim_id, reveal=True)

    def main_view_back(self) -> None:
        self._show_compared()
        self.browser.tree.setFocus()


def _read_trims(reader: Any, trim_ids: Sequence[str]) -> list[TrimDetail]:
    """The trims that are still there."""
    found = []
    for trim_id in trim_ids:
        try:
            found.append(get_trim(reader, trim_id))
        except RecordNotFound:
            continue
    return found


def _nothing_chosen() -> EmptyState:
    return EmptyState(
        tr_noop("Choose a make, series or trim"),
        tr_noop("The arrow keys open and close levels; or type a piece of a name above the tree."),
        icon="book-open",
    )
