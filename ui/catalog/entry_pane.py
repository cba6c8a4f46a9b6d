"""The right side of the catalogue: one entry of whatever level, what it says, what is below it, how it came to be."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QStackedWidget, QWidget

from app.catalog.commands import CreateModelYear
from app.catalog.entries import EntryDetail, EntryValue
from app.catalog.history import VersionRow
from app.catalog.import_commands import Level
from app.catalog.queries import TrimDetail, list_trims
from app.kernel.clock import branch_date
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from ui.catalog.entry_questions import (
    reinstating_question,
    removal_question,
    return_question,
    series_question,
    take_back_question,
    withdrawal_question,
    year_question,
)
from ui.catalog.history_view import DifferenceTable, HistoryView
from ui.catalog.specification_view import SpecificationView
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Badge, Button, Choice, Label, MoneyLabel, Segmented, StatusDot
from ui.kit.layout import STRETCH, Flow, boxed, column, row
from ui.kit.main_picture import MainPicture
from ui.kit.panel_form import PanelForm, PanelSection
from ui.kit.record_line import RecordLine
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.kit.theme import set_role, set_size, theme

UNITS_WIDTH = 196
LEAST_HEIGHT, ROOMY = 96, 720
_COLUMNS = (
    Column("name", tr_noop("Trim"), width=200, stretch=True, format=str),
    Column("series", tr_noop("Series"), width=120, format=str),
    Column("year", tr_noop("Year"), width=64, format=str),
    Column("energy", tr_noop("Energy"), width=120, format=lambda energy: tr(energy.label)),
    Column("guide_price", tr_noop("Guide price"), kind="money", width=120),
)
SPECIFICATION, TRIMS, PICTURES, HISTORY = "specification", "trims", "pictures", "history"
_VIEWS = {
    SPECIFICATION: tr_noop("Specification"), TRIMS: tr_noop("Trims"), PICTURES: tr_noop("Files"),
    HISTORY: tr_noop("Versions"),
}  # fmt: skip


class EntryPane(QFrame):
    """`trim_opened(TrimRow)` on Return in the list of trims; `trim_wanted(model_year_id)` when one is to be added;
    `order_changed` when the order of parameters was started afresh; `removed(EntryDetail)` when it left the
    catalogue; `asked` when a question is asked about it."""

    trim_opened = Signal(object)
    trim_wanted = Signal(str)
    order_changed = Signal()
    removed = Signal(object)
    asked = Signal()

    def __init__(
        self,
        context: PageContext,
        entry: EntryDetail,
        actions: Sequence[Action],
        *,
        before: "EntryPane | None" = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self.entry = entry
        self._context = context
        self.section = PanelSection("")
        self.table: RecordTable | None = None
        self.history: HistoryView | None = None
        self.specification = SpecificationView(context, entry)
        self._connect_specification()
        self.views = Segmented(
            [Choice(code, words) for code, words in _VIEWS.items() if code != TRIMS or entry.level is not Level.TRIM],
            name=tr_noop("View"),
        )
        self.views.chosen.connect(self.show_view)
        self._stack = QStackedWidget()
        # What is below scrolls: where room is short, it gives way to the head and to a question asked there.
        self._stack.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        set_size(self._stack, height=LEAST_HEIGHT, at_least=True)
        self._shown: dict[str, QWidget] = {}
        layout = column(gap=0, margins=1)
        self.setLayout(layout)
        layout.addWidget(self._head())
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._footer(actions))
        says = entry.level is Level.TRIM or entry.values or entry.coming
        self.show_view(self._as_before(before) or (SPECIFICATION if says else TRIMS))

    # --- views -----------------------------------------------------------------------------------

    @property
    def view(self) -> str:
        """What stands below the head: "specification", "trims", "pictures" or "history"."""
        return str(self.views.value())

    def show_view(self, view: str) -> None:
        """Show one of the views; it is made when it is first wanted."""
        self.views.set_value(view)
        if view not in self._shown:
            made = {
                SPECIFICATION: self._make_specification, TRIMS: self._make_trims, PICTURES: self._make_pictures,
                HISTORY: self._make_history,
            }  # fmt: skip
            self._shown[view] = made[view]()
            self._stack.addWidget(self._shown[view])
            if view == SPECIFICATION:
                self.specification.fill()
        self._stack.setCurrentWidget(self._shown[view])

    def _as_before(self, before: "EntryPane | None") -> str:
        """The view to show so that this stands as the pane stood that showed the same entry before; "" for none."""
        if before is None:
            return ""
        old = before.specification
        self.specification.restore(old.opened_groups, old.search.text())
        area = before._shown.get(SPECIFICATION)
        if before.view == SPECIFICATION and isinstance(area, QScrollArea):
            self._go_back_to(area.verticalScrollBar().value())
        return before.view

    def _go_back_to(self, place: int) -> None:
        """Scroll to where the other pane stood, once the lines have their places."""

        def go() -> None:
            area = self._shown[SPECIFICATION]
            if isinstance(area, QScrollArea):
                area.verticalScrollBar().setValue(place)
                focus = self.window().focusWidget()
                if focus is not None and area.isAncestorOf(focus):
                    area.ensureWidgetVisible(focus)

        if place:
            QTimer.singleShot(0, self, go)

    def take_focus(self, code: str = "") -> None:
        """The line of a parameter has the focus, else the choice of views."""
        line = self.specification.line(code)
        (line.handle if line is not None and self.view == SPECIFICATION else self.views).setFocus()

    def _connect_specification(self) -> None:
        self.specification.take_back_wanted.connect(self.ask_take_back)
        self.specification.order_changed.connect(self.order_changed)

    def _make_specification(self) -> QWidget:
        content = column(gap=16, margins=(24, 8, 24, 24))
        if self.entry.coming or self.entry.coming_above:
            content.addWidget(self._coming())
        content.addWidget(self.specification)
        if self.entry.trim is not None and self.entry.trim.source:
            source = self.entry.trim.source
            content.addWidget(Label(lambda: tr("Source: {source}", source=source), role="secondary", wrap=True))
        content.addStretch(1)
        return _scrolling(boxed(content))

    def _make_trims(self) -> QWidget:
        model = KeysetTableModel(self._context.operations, _COLUMNS, self._list_trims, parent=self)
        self.table = RecordTable(
            model, name=tr_noop("Trims"), views=self._context.views, view_key="catalogue.trims"
        )
        self.table.opened.connect(self.trim_opened)
        model.load({})
        layout = column(margins=(24, 8, 24, 16))
        layout.addWidget(self.table, 1)
        return boxed(layout)

    def _make_pictures(self) -> QWidget:
        from ui.kit.gallery import Gallery

        may, entry = self._context.may(Permission.CATALOG_EDIT), self.entry
        table = entry.level.value
        self.pictures = Gallery(self._context, subject_table=table, subject_id=entry.id, editable=may)
        documents = Gallery(
            self._context, subject_table=table, subject_id=entry.id, purpose="document", editable=may
        )
        return _scrolling(boxed(column(self.pictures, documents, STRETCH, gap=24, margins=(24, 8, 24, 24))))

    def _make_history(self) -> QWidget:
        self.history = HistoryView(self._context, self.entry.id)
        self.history.return_wanted.connect(self.ask_return)
        self.history.withdrawal_wanted.connect(self.ask_withdrawal)
        self.history.reinstating_wanted.connect(self.ask_reinstating)
        return _scrolling(boxed(column(self.history, STRETCH, margins=(24, 8, 24, 24))))

    def _list_trims(self, reader: Any, *, after: Any, limit: int, **_filters: Any) -> Any:
        entry = self.entry
        if entry.level is Level.MODEL_YEAR:
            found = list_trims(reader, series_id=entry.parent_id, limit=2_000) if after is None else ()
            return [trim for trim in found if trim.model_year_id == entry.id][: limit - 1]
        wanted = {"make_id": entry.id} if entry.level is Level.MAKE else {"series_id": entry.id}
        return list_trims(reader, after=after, limit=limit, **wanted)

    # --- parts -----------------------------------------------------------------------------------

    def _head(self) -> QWidget:
        entry = self.entry
        names = column(
            Label(lambda: str(entry.path), role="title", wrap=True),
            Label(lambda: _other_name(entry), role="secondary", wrap=True),
            gap=6,
        )
        self.picture = MainPicture(
            self._context, subject_table=entry.level.value, subject_id=entry.id, width=120, height=90
        )
        across = row(names, self.picture, gap=16)
        across.setStretch(0, 1)
        across.setAlignment(self.picture, Qt.AlignmentFlag.AlignTop)
        head = column(across, gap=12, margins=(24, 20, 24, 8))
        if entry.trim is not None:
            names.addLayout(_badges(entry.trim))
            self._facts = boxed(self._trim_facts(entry.trim))
            head.addWidget(self._facts)
        names.addStretch(1)
        head.addWidget(self.section)
        views = Flow()
        for widget in (self.views, *self._adding_buttons()):
            views.addWidget(widget)
        head.addLayout(views)
        return boxed(head)

    def _trim_facts(self, detail: TrimDetail) -> Any:
        trim = detail.row
        price = column(
            Label(tr_noop("Guide price"), role="secondary"), MoneyLabel(lambda: formats.yuan(trim.guide_price)), gap=0
        )
        self.units = self._units_line(detail)
        set_size(self.units, width=UNITS_WIDTH)
        return row(price, STRETCH, self.units)

    def _units_line(self, detail: TrimDetail) -> RecordLine:
        count, trim_id = detail.units, detail.row.id
        line = RecordLine(
            lambda: trn("{n} vehicle in the books", "{n} vehicles in the books", count),
            subtitle=tr_noop("Show them in stock") if count else tr_noop("None to show"),
            icon="car",
        )
        line.setEnabled(bool(count) and self._context.may(Permission.INVENTORY_VIEW))
        line.clicked.connect(lambda: self._context.navigator.open("vehicles", trim_id=trim_id))
        return line

    def _adding_buttons(self) -> list[Button]:
        if not self._context.may(Permission.CATALOG_EDIT):
            return []
        below = {
            Level.MAKE: [(tr_noop("New series"), self.ask_series)],
            Level.SERIES: [(tr_noop("New model year"), self.ask_year), (tr_noop("New trim"), self.want_trim)],
            Level.MODEL_YEAR: [(tr_noop("New trim"), self.want_trim)],
        }
        return [Button(words, icon="plus", on_click=run) for words, run in below.get(self.entry.level, [])]

    def _footer(self, actions: Sequence[Action]) -> QWidget:
        footer = QFrame()
        set_role(footer, "form-footer")
        registry = self._context.actions
        buttons = [Button.for_action(action, registry) for action in actions if registry.permitted(action)]
        footer.setLayout(row(STRETCH, *buttons, margins=(24, 12, 24, 12)))
        if not buttons:
            footer.hide()
        return footer

    def _coming(self) -> QWidget:
        """What is scheduled for this entry."""
        card = QFrame()
        set_role(card, "clause")
        stack = column(gap=8, margins=(16, 12, 16, 12))
        may = self._context.may(Permission.CATALOG_EDIT)
        for version in self.entry.coming:
            stack.addLayout(self._coming_head(version, may=may))
            stack.addWidget(
                DifferenceTable(version.differences, before=tr_noop("Until then"), after=tr_noop("From then on"))
            )
        above = self.entry.coming_above
        if above:
            stack.addWidget(Label(lambda: _above_words(above), role="secondary", wrap=True))
        card.setLayout(stack)
        return card

    def _coming_head(self, version: VersionRow, *, may: bool) -> Any:
        dot = StatusDot(lambda: tr("From {day}", day=formats.date_text(version.effective_from)), "info")
        said = [part for part in (version.reason, version.by) if part]
        why = Label(lambda: " · ".join(said), role="secondary", wrap=True)
        line = row(dot, why, gap=12)
        line.setStretch(1, 1)
        if may:
            line.addWidget(
                Button(tr_noop("Withdraw"), kind="quiet", on_click=lambda: self.ask_withdrawal(version))
            )
        return line

    # --- questions -------------------------------------------------------------------------------

    def ask_series(self) -> None:
        """A further series of the make."""
        self._ask(series_question(self._context, self.entry.id))

    def ask_year(self) -> None:
        """A further model year of the series."""
        self._ask(year_question(self._context, self.entry.id))

    def want_trim(self) -> None:
        """A new trim of this model year, or of this year's model of a series."""
        if self.entry.level is Level.SERIES:
            year = branch_date(self._context.clock.now()).year
            command = CreateModelYear(series_id=self.entry.id, year=year)
            self._context.operations.run_command(self, command, on_done=self.trim_wanted.emit)
        else:
            self.trim_wanted.emit(self.entry.id)

    def ask_take_back(self, value: EntryValue) -> None:
        """Let an inherited value count again."""
        self._ask(take_back_question(self._context, self.entry, value))

    def ask_return(self, version: VersionRow) -> None:
        """Say again what an earlier version said."""
        self._ask(return_question(self._context, version))

    def ask_removal(self) -> None:
        """Take the entry out of the catalogue."""
        self._ask(removal_question(self._context, self.entry, on_done=lambda _id: self.removed.emit(self.entry)))

    def ask_withdrawal(self, version: VersionRow) -> None:
        """A scheduled change shall not come."""
        self._ask(withdrawal_question(self._context, version))

    def ask_reinstating(self, version: VersionRow) -> None:
        """A withdrawn change shall come after all."""
        self._ask(reinstating_question(self._context, version))

    def _ask(self, question: PanelForm) -> None:
        self.asked.emit()
        self.section.ask(question)
        self._make_room()
        question.left.connect(self._make_room)

    def _make_room(self) -> None:
        """A question asked in a low window takes the room of what does not matter to it."""
        cramped = self.section.question is not None and self.height() < theme().px(ROOMY)
        set_size(self._stack, height=1 if cramped else LEAST_HEIGHT, at_least=True)
        self.views.setVisible(not cramped)
        if self.entry.trim is not None:
            self._facts.setVisible(not cramped)


def _badges(detail: TrimDetail) -> Flow:
    """Energy, seats and the tax directory in a line that breaks where it must."""
    trim, line = detail.row, Flow()
    badges = [Badge(trim.energy.label, "accent"), Badge(lambda: trn("{n} seat", "{n} seats", trim.seats))]
    if trim.in_tax_directory:
        badges.append(Badge(tr_noop("In the tax directory"), "good"))
    for badge in badges:
        line.addWidget(badge)
    return line


def _above_words(n: int) -> str:
    return trn("{n} change is scheduled above this entry.", "{n} changes are scheduled above this entry.", n)


def _scrolling(content: QWidget) -> QScrollArea:
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setWidget(content)
    return scroll


def _other_name(entry: EntryDetail) -> str:
    """The name in the language that is not in use, and how much is below."""
    other = entry.path.zh if str(entry.path) == entry.path.en else entry.path.en
    below = {
        Level.MAKE: lambda: trn("{n} series", "{n} series", entry.below),
        Level.SERIES: lambda: trn("{n} model year", "{n} model years", entry.below),
        Level.MODEL_YEAR: lambda: trn("{n} trim", "{n} trims", entry.below),
    }.get(entry.level)
    versions = trn("{n} version", "{n} versions", entry.versions) if entry.versions else ""
    return " · ".join(part for part in (other, below() if below else "", versions) if part)
