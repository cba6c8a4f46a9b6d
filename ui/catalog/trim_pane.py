"""One trim in full: names in both languages, price, what is in stock of it, parameters by group."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby

from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app.catalog.queries import ParameterRow, TrimDetail
from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Badge, Button, Label, MoneyLabel
from ui.kit.detail_panel import Facts
from ui.kit.feedback import EmptyState
from ui.kit.layout import STRETCH, Item, boxed, column, row
from ui.kit.record_line import RecordLine
from ui.kit.theme import set_role, set_size

UNITS_WIDTH = 240


class TrimPane(QFrame):
    """The right side of the catalogue while a trim is chosen."""

    def __init__(self, context: PageContext, trim: TrimDetail, actions: Sequence[Action]) -> None:
        super().__init__()
        set_role(self, "card")
        self.trim = trim
        self._context = context
        self.units = self._units_line()
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(boxed(column(self._head(), 8, *self._groups(), STRETCH, gap=16, margins=24)))
        footer = QFrame()
        set_role(footer, "form-footer")
        registry = context.actions
        buttons = [Button.for_action(action, registry) for action in actions if registry.permitted(action)]
        footer.setLayout(row(STRETCH, *buttons, margins=(24, 12, 24, 12)))
        layout = column(gap=0, margins=1)
        layout.addWidget(scroll, 1)
        layout.addWidget(footer)
        self.setLayout(layout)

    def _head(self) -> QWidget:
        trim = self.trim.row
        names = column(
            Label(lambda: str(trim.full_name), role="title", wrap=True),
            Label(lambda: _other_name(self.trim), role="secondary", wrap=True),
            gap=2,
        )
        price = column(
            Label(tr_noop("Guide price"), role="secondary"), MoneyLabel(lambda: formats.yuan(trim.guide_price)), gap=0
        )
        badges: list[Item] = [
            Badge(trim.energy.label, "accent"),
            Badge(lambda: trn("{n} seat", "{n} seats", trim.seats)),
        ]
        if trim.in_tax_directory:
            badges.append(Badge(tr_noop("In the tax directory"), "good"))
        set_size(self.units, width=UNITS_WIDTH)
        head = column(names, row(*badges, STRETCH), row(price, STRETCH, self.units), gap=12)
        return boxed(head)

    def _units_line(self) -> RecordLine:
        count, trim_id = self.trim.units, self.trim.row.id
        line = RecordLine(
            lambda: trn("{n} vehicle in the books", "{n} vehicles in the books", count),
            subtitle=tr_noop("Show them in stock") if count else tr_noop("None to show"),
            icon="car",
        )
        line.setEnabled(bool(count) and self._context.may(Permission.INVENTORY_VIEW))
        line.clicked.connect(lambda: self._context.navigator.open("vehicles", trim_id=trim_id))
        return line

    def _groups(self) -> list[Item]:
        if not self.trim.parameters:
            return [EmptyState(tr_noop("No parameters yet"), tr_noop("Change the trim to enter them."), icon="list")]
        groups = [list(rows) for _name, rows in groupby(self.trim.parameters, key=lambda one: one.group)]
        halves: tuple[list[Item], list[Item]] = ([], [])
        lines = [0, 0]
        for group in groups:
            side = 0 if lines[0] <= lines[1] else 1
            halves[side].append(_group(group))
            lines[side] += len(group) + 2
        columns = row(column(*halves[0], STRETCH, gap=20), column(*halves[1], STRETCH, gap=20), gap=32)
        columns.setStretch(0, 1)
        columns.setStretch(1, 1)
        items: list[Item] = [boxed(columns)]
        if self.trim.source:
            items.append(Label(lambda: tr("Source: {source}", source=self.trim.source), role="secondary", wrap=True))
        return items


def _group(rows: list[ParameterRow]) -> QWidget:
    name = rows[0].group
    facts = Facts([(partial(str, one.label), partial(str, one.text)) for one in rows])
    return boxed(column(Label(lambda: str(name), role="section"), facts, gap=8))


def _other_name(trim: TrimDetail) -> str:
    """The name in the language that is not in use."""
    full = trim.row.full_name
    return full.zh if str(full) == full.en else full.en
