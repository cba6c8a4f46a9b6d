"""A make, series or model year: what is below it, and what can be added to it."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from app.catalog.commands import CreateMake, CreateModelYear, CreateSeries
from app.catalog.queries import SeriesRow, list_trims
from app.kernel.clock import branch_date
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from ui.catalog.tree_model import Node
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.fields import Field, IntegerField, TextField
from ui.kit.layout import STRETCH, column, row
from ui.kit.panel_form import PanelForm, PanelSection
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.kit.theme import set_role

FIRST_YEAR = 1980
_COLUMNS = (
    Column("name", tr_noop("Trim"), width=200, stretch=True, format=str),
    Column("series", tr_noop("Series"), width=120, format=str),
    Column("year", tr_noop("Year"), width=64, format=str),
    Column("energy", tr_noop("Energy"), width=120, format=lambda energy: tr(energy.label)),
    Column("guide_price", tr_noop("Guide price"), kind="money", width=120),
)


class NodePane(QFrame):
    """`trim_opened(TrimRow)` on Return in the list; `trim_wanted(model_year_id)` when a trim is to be added."""

    trim_opened = Signal(object)
    trim_wanted = Signal(str)

    def __init__(self, context: PageContext, node: Node) -> None:
        super().__init__()
        set_role(self, "card")
        self.node = node
        self._context = context
        self.section = PanelSection("")
        name = Label(lambda: _path(node), role="title", wrap=True)
        about = Label(lambda: trn("{n} trim", "{n} trims", node.count), role="secondary")
        head = row(column(name, about, gap=2), STRETCH, *self._buttons())
        head.setStretch(0, 1)
        self.model = KeysetTableModel(context.operations, _COLUMNS, self._list_trims, parent=self)
        self.table = RecordTable(self.model, name=tr_noop("Trims"), views=context.views, view_key="catalogue.trims")
        self.table.opened.connect(self.trim_opened)
        layout = column(head, self.section, gap=12, margins=24)
        layout.addWidget(self.table, 1)
        self.setLayout(layout)
        self.model.load({})

    def ask_series(self) -> None:
        """A further series of the make."""
        make = self.node.ancestor("make")
        if make is not None:
            self.section.ask(
                _question(
                    self._context, tr_noop("New series"), _name_fields(80),
                    command=lambda values: CreateSeries(make_id=make.key, **values),
                )
            )  # fmt: skip

    def ask_year(self) -> None:
        """A further model year of the series."""
        series = self.node.ancestor("series")
        if series is None:
            return
        now = branch_date(self._context.clock.now()).year
        question = _question(
            self._context, tr_noop("New model year"),
            [IntegerField("year", tr_noop("Year"), required=True, least=FIRST_YEAR, most=now + 2)],
            command=lambda values: CreateModelYear(series_id=series.key, year=values["year"]),
        )  # fmt: skip
        question.form.set_values({"year": now + 1})
        self.section.ask(question)

    def want_trim(self) -> None:
        """A new trim of this model year: the year's id is asked for, and made if it is missing."""
        series = self.node.ancestor("series")
        if series is None:
            return
        command = CreateModelYear(series_id=series.key, year=self.node.year or self._newest_year(series))
        self._context.operations.run_command(self, command, on_done=self.trim_wanted.emit)

    def _newest_year(self, series: Node) -> int:
        known = series.row.years if isinstance(series.row, SeriesRow) else ()
        return max(known, default=branch_date(self._context.clock.now()).year)

    def _buttons(self) -> list[Button]:
        if not self._context.may(Permission.CATALOG_EDIT):
            return []
        below = {
            "make": [(tr_noop("New series"), self.ask_series)],
            "series": [(tr_noop("New model year"), self.ask_year), (tr_noop("New trim"), self.want_trim)],
            "year": [(tr_noop("New trim"), self.want_trim)],
        }
        return [Button(words, icon="plus", on_click=run) for words, run in below.get(self.node.kind, [])]

    def _list_trims(self, reader: Any, *, after: Any, limit: int, **_filters: Any) -> Any:
        make, series = self.node.ancestor("make"), self.node.ancestor("series")
        if self.node.kind == "year":
            found = list_trims(reader, series_id=series.key if series else None, limit=limit) if after is None else ()
            return [trim for trim in found if trim.year == self.node.year][: limit - 1]
        return list_trims(
            reader, make_id=make.key if make else None, series_id=series.key if series else None, after=after,
            limit=limit,
        )  # fmt: skip


def make_question(context: PageContext) -> PanelForm:
    """A new make."""
    fields = [*_name_fields(60), TextField("country", tr_noop("Country code"), max_length=2, placeholder="CN", span=2)]
    return _question(context, tr_noop("New make"), fields, command=lambda values: CreateMake(**values))


def _question(
    context: PageContext, title: str, fields: list[Field], *, command: Callable[[Mapping[str, Any]], Any]
) -> PanelForm:
    return PanelForm(context, title, fields, verb=tr_noop("Add"), command=command, name=title)


def _name_fields(limit: int) -> list[Field]:
    return [
        TextField("name_zh", tr_noop("Chinese name"), required=True, max_length=limit),
        TextField("name_en", tr_noop("English name"), max_length=limit),
    ]


def _path(node: Node) -> str:
    parts: list[str] = []
    here: Node | None = node
    while here is not None and here.kind != "root":
        parts.insert(0, str(here.label))
        here = here.parent
    return " ".join(parts)
