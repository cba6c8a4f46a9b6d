"""A purchase proposal while it is edited: quantities and notes below the table, lines left out and added."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.kernel.labels import Bilingual
from app.replenishment.commands import ChangeProposal, DraftProposal, WantedUnits
from app.replenishment.need_rows import NeedRow
from app.replenishment.proposal_queries import ExpectedUnit, ProposalDetail
from app.replenishment.rules import MOST_UNITS
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.fields import IntegerField, MultiLineField, Section, TextField
from ui.kit.form import Form
from ui.kit.layout import STRETCH, column, row
from ui.kit.printable import printable
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.kit.theme import set_size
from ui.replenishment.proposal_addition import ProposalAddition, colour_name


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One line while it is edited."""

    id: str
    trim_id: str
    name: Bilingual
    colour: Bilingual
    stored_colour: str
    quantity: int
    suggested: int
    unit_cost: Decimal | None
    note: str

    @property
    def value(self) -> Decimal | None:
        """Quantity by cost."""
        return None if self.unit_cost is None else self.unit_cost * self.quantity


def lines_of_needs(rows: Sequence[NeedRow]) -> list[DraftLine]:
    """What is suggested, a line for each colour."""
    return [
        DraftLine(f"{need.id}{colour}", need.id, need.name, Bilingual.from_stored(colour), colour, count, count,
                  need.unit_cost, "")
        for need in rows
        for colour, count in need.colours
    ]  # fmt: skip


def lines_of_proposal(detail: ProposalDetail) -> list[DraftLine]:
    """What a draft holds."""
    return [
        DraftLine(one.id, one.trim_id, one.name, one.colour, one.stored_colour, one.quantity, one.suggested,
                  one.unit_cost, one.note)
        for one in detail.lines
    ]  # fmt: skip


_COLUMNS = (
    Column("name", tr_noop("Model"), width=260, stretch=True, format=str),
    Column("colour", tr_noop("Colour"), width=150, format=lambda name: str(name) or tr("any colour")),
    Column("quantity", tr_noop("Quantity"), kind="integer", width=80),
    Column("suggested", tr_noop("Suggested"), kind="integer", width=84),
    Column("unit_cost", tr_noop("Cost per unit"), kind="money", width=116),
    Column("value", tr_noop("Cost in all"), kind="money", width=124),
    Column("note", tr_noop("Note"), width=160),
)


class ProposalSheet(QWidget):
    """`stored(proposal_id)` after it was saved."""

    stored = Signal(str)

    def __init__(
        self, context: PageContext, lines: Sequence[DraftLine], *, back: Button, detail: ProposalDetail | None = None
    ) -> None:
        super().__init__()
        self.context, self.detail = context, detail
        self.lines = list(lines)
        self.model = KeysetTableModel(context.operations, _COLUMNS, self._list, parent=self)
        self.table = RecordTable(
            self.model, name=tr_noop("Lines of the proposal"), views=context.views, view_key="replenishment.lines"
        )
        self.form = Form(context, [Section("", [
            IntegerField("quantity", tr_noop("Quantity"), required=True, least=0, most=MOST_UNITS),
            TextField("note", tr_noop("Note on the line"), check=printable, max_length=200),
        ])], submit_on_return=True)  # fmt: skip
        set_size(self.form, width=420)
        self.note = Form(
            context, [Section("", [MultiLineField("note", tr_noop("Note on the proposal"), lines=2, span=2,
                                                  max_length=400, check=printable)])], submit_keys=False,
        )  # fmt: skip
        self._set = Button(tr_noop("Set"), on_click=self.set_line)
        self._leave = Button(tr_noop("Leave this line out"), kind="quiet", icon="x", on_click=self.leave_out)
        self.total = Label("", role="section")
        self.save = Button(tr_noop("Save the draft"), kind="primary", icon="save", on_click=self.store)
        self._another = Button(tr_noop("Add a line"), icon="plus", on_click=self.begin_line)
        self.addition = ProposalAddition(context)
        self.addition.setVisible(not self.lines)
        self.addition.added.connect(self.add_line)
        self.addition.left.connect(self._stop_adding)
        tools = row(self.form, self._set, self._leave, STRETCH, self._another, gap=8)
        stack = column(row(back, STRETCH), gap=12)
        stack.addWidget(self.table, 1)
        stack.addLayout(tools)
        stack.addWidget(self.addition)
        stack.addWidget(self.note)
        stack.addLayout(row(self.total, STRETCH, self.save))
        self.setLayout(stack)
        self.form.submitted.connect(self.set_line)
        self.table.selected.connect(self._on_selected)
        self.note.set_values({"note": detail.row.note if detail else ""})
        self._on_selected(None)
        self._show()

    def take_focus(self) -> None:
        """Where one begins: at the lines, or at the first one."""
        if self.lines:
            self.table.setFocus()
        else:
            self.begin_line()

    def set_line(self) -> None:
        """Give the selected line its quantity and note."""
        line = self.table.current_row()
        if line is None or not self.form.check_all():
            return
        changed = replace(line, quantity=self.form.value("quantity"), note=self.form.value("note"))
        self.lines = [changed if one.id == line.id else one for one in self.lines]
        self._show()

    def begin_line(self) -> None:
        """Ask for another line."""
        self.addition.show()
        self.addition.begin()

    def add_line(self, unit: ExpectedUnit, colour: str, quantity: int) -> None:
        """Another line, or more of the same."""
        same = next((one for one in self.lines if (one.trim_id, one.stored_colour) == (unit.trim_id, colour)), None)
        if same is None:
            made = DraftLine(
                f"{unit.trim_id}{colour}", unit.trim_id, unit.name, colour_name(colour), colour, quantity, 0,
                unit.unit_cost, "",
            )  # fmt: skip
            self.lines.append(made)
        else:
            made = replace(same, quantity=min(same.quantity + quantity, MOST_UNITS))
            self.lines = [made if one.id == same.id else one for one in self.lines]
        self._show()
        self.table.select_id(made.id)

    def _stop_adding(self) -> None:
        self.addition.hide()
        self._another.setFocus()

    def leave_out(self) -> None:
        """Take the selected line off."""
        line = self.table.current_row()
        if line is not None:
            self.lines = [one for one in self.lines if one.id != line.id]
            self._show()

    def store(self) -> None:
        """Save it as a draft."""
        wanted = tuple(
            WantedUnits(trim_id=one.trim_id, exterior_colour=one.stored_colour, quantity=one.quantity,
                        suggested=one.suggested, note=one.note)
            for one in self.lines
        )  # fmt: skip
        note = self.note.value("note")
        command: Any = DraftProposal(lines=wanted, note=note)
        if self.detail is not None:
            command = ChangeProposal(
                proposal_id=self.detail.row.id, expected_revision=self.detail.row.revision, lines=wanted, note=note
            )
        job = self.context.operations.run_command(
            self.form, command, on_done=lambda value: self.stored.emit(str(value))
        )
        self.save.busy_while(job)

    def _show(self) -> None:
        self.model.refresh() if self.model.rows else self.model.load({})
        units = sum(one.quantity for one in self.lines)
        values = [one.value for one in self.lines]
        known = [value for value in values if value is not None]
        self.total.set_words(lambda: _total(units, sum(known, Decimal(0)) if known else None))
        self.save.setEnabled(units > 0)

    def _list(self, _reader: Any, *, after: Any, limit: int, **_filters: Any) -> Sequence[DraftLine]:
        rows = self.lines
        start = 0 if after is None else next((n + 1 for n, one in enumerate(rows) if one.id == after), len(rows))
        return rows[start : start + limit]

    def _on_selected(self, line: DraftLine | None) -> None:
        for widget in (self._set, self._leave, self.form):
            widget.setEnabled(line is not None)
        self.form.set_values({"quantity": line.quantity if line else None, "note": line.note if line else ""})


def _total(units: int, value: Decimal | None) -> str:
    text = trn("{n} vehicle", "{n} vehicles", units)
    return text if value is None else f"{text} · {formats.yuan(value)}"
