"""All about one unit in the detail panel: head, facts, options, specification in layers."""

from collections.abc import Sequence
from functools import partial
from itertools import groupby

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.catalog.queries import ParameterRow, TrimDetail
from app.inventory.queries import UnitDetail
from app.inventory.rules import StockState
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Label
from ui.kit.detail_panel import Facts
from ui.kit.disclosure import FactGroups, FactLines
from ui.kit.layout import Divider, column
from ui.kit.text import Words
from ui.kit.theme import set_role
from ui.vehicles.unit_head import UnitHead
from ui.vehicles.unit_prices import UnitPriceSection
from ui.vehicles.unit_reading import UnitRecord
from ui.vehicles.unit_sections import SECTIONS, Section
from ui.vehicles.words import age_of, place_of

CORE_LINES = 8
"""How many core parameters stand open; the rest of them and all others open on demand."""


class UnitView(QWidget):
    """Shows a unit; `show_record` brings it up to date without a jump. Sections: `ui.vehicles.unit_sections`."""

    hold_ended = Signal()

    def __init__(self, context: PageContext, record: UnitRecord) -> None:
        super().__init__()
        set_role(self, "plain")
        self._context, self.record = context, record
        detail = record.detail
        self.head = self._made_head()
        self._prices = UnitPriceSection(context, detail.row.id)
        self._facts = Facts(_facts(detail))
        self._options = _options(detail)
        self._sections = [self._made_section(section) for section in SECTIONS]
        self._specification = _specification(detail.specification)
        parts = (*self._sections[:-1], Divider(), self._facts, self._options, *self._sections[-1:])
        self._stack = column(self.head, self._prices, Divider(), *parts, Divider(), self._specification, gap=12)
        self.setLayout(self._stack)

    @property
    def detail(self) -> UnitDetail:
        """The unit itself."""
        return self.record.detail

    def show_record(self, record: UnitRecord) -> None:
        """The same unit as it is now; a part that did not change stays untouched."""
        former, self.record = self.record, record
        old, detail = former.detail, record.detail
        self._prices.refresh()
        if _head_of(old) != _head_of(detail) and self.head.question is None:
            fresh = self._made_head()
            self._exchange(self.head, fresh)
            self.head = fresh
        else:
            self.head.detail = detail
        for place, section in enumerate(SECTIONS):
            if section.of(former) != section.of(record):
                renewed = self._made_section(section)
                self._exchange(self._sections[place], renewed)
                self._sections[place] = renewed
        if old != detail:
            self._facts.set_facts(_facts(detail))
        if old.options != detail.options:
            fresh_options = _options(detail)
            self._exchange(self._options, fresh_options)
            self._options = fresh_options
        if old.specification != detail.specification:
            fresh_groups = _specification(detail.specification)
            self._exchange(self._specification, fresh_groups)
            self._specification = fresh_groups

    def _made_section(self, section: Section) -> QWidget:
        if section.of(self.record) is not None:
            return section.make(self._context, self.record)
        nothing = QWidget()
        nothing.hide()
        return nothing

    def _made_head(self) -> UnitHead:
        head = UnitHead(self._context, self.record.detail)
        head.hold_ended.connect(self.hold_ended)
        return head

    def _exchange(self, old: QWidget, fresh: QWidget) -> None:
        self._stack.replaceWidget(old, fresh)
        old.hide()
        old.deleteLater()


def grouped_facts(parameters: Sequence[ParameterRow]) -> list[tuple[Words, FactLines]]:
    """Parameters by group, in the dictionary's order, as `FactGroups` shows them."""
    groups: list[tuple[Words, FactLines]] = []
    for group, rows in groupby(parameters, key=lambda row: row.group):
        groups.append((partial(str, group), [_line(row) for row in rows]))
    return groups


def _head_of(detail: UnitDetail) -> tuple[object, ...]:
    unit = detail.row
    return (
        unit.list_price, unit.floor_price, unit.cost, unit.stock, unit.allocation, unit.quality, unit.pdi,
        unit.certificate, detail.hold, detail.lease, detail.order,
    )  # fmt: skip


def _facts(detail: UnitDetail) -> list[tuple[Words, Words]]:
    unit = detail.row
    inside = str(unit.interior_colour)
    return [
        (tr_noop("VIN"), unit.vin),
        (tr_noop("Colour"), lambda: f"{unit.exterior_colour} / {unit.interior_colour}" if inside else
         str(unit.exterior_colour)),
        (tr_noop("Place"), place_of(unit) or "–"),
        (tr_noop("Due on") if unit.stock is StockState.IN_TRANSIT else tr_noop("Arrived on"), lambda: _arrived(detail)),
        (tr_noop("Made on"), formats.date_text(detail.manufactured_on)),
        (tr_noop("Odometer"), lambda: formats.kilometres(detail.odometer_km)),
        (tr_noop("Engine number"), detail.engine_number or "–"),
        (tr_noop("Energy"), lambda: _energy(detail)),
    ]  # fmt: skip


def _arrived(detail: UnitDetail) -> str:
    unit = detail.row
    day = formats.date_text(unit.arrived_on)
    if unit.stock is StockState.IN_TRANSIT:
        return day
    if not unit.age_days:
        return tr("{date}, today", date=day)
    return tr("{date}, {age} ago", date=day, age=age_of(unit))


def _energy(detail: UnitDetail) -> str:
    parts = [tr(detail.row.energy.label), tr("{n} seats", n=detail.seats)]
    if detail.in_tax_directory:
        parts.append(tr("in the tax directory"))
    return ", ".join(parts)


def _options(detail: UnitDetail) -> QWidget:
    holder = QWidget()
    stack = column(gap=8)
    if detail.options:
        stack.addWidget(Label(tr_noop("Fitted options"), role="section"))
        stack.addWidget(Facts([(partial(str, one.name), formats.yuan(one.price)) for one in detail.options]))
    holder.setLayout(stack)
    holder.setVisible(bool(detail.options))
    return holder


def _specification(trim: TrimDetail) -> QWidget:
    holder = QWidget()
    stack = column(Label(tr_noop("Specification"), role="section"), gap=8)
    if trim.parameters:
        shown = trim.first[:CORE_LINES] or trim.parameters[:CORE_LINES]
        stack.addWidget(Facts([_line(row) for row in shown]))
        stack.addWidget(FactGroups([*_further(trim), *grouped_facts(trim.parameters)], opened=0))
    else:
        stack.addWidget(Label(tr_noop("Nothing on file for this trim yet."), role="secondary", wrap=True))
    holder.setLayout(stack)
    return holder


def _further(trim: TrimDetail) -> list[tuple[Words, FactLines]]:
    """The core parameters that do not stand open, and those looked at most at this desk."""
    more, often = trim.first[CORE_LINES:], trim.often
    layers: list[tuple[Words, FactLines]] = []
    if more:
        layers.append((lambda: tr("More core parameters ({n})", n=len(more)), [_line(row) for row in more]))
    if often:
        layers.append((tr_noop("Looked at most here"), [_line(row) for row in often]))
    return layers


def _line(row: ParameterRow) -> tuple[Words, Words]:
    return (lambda: str(row.label)), (lambda: str(row.text))
