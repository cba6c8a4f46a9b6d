"""Asking for a vehicle: out of what other branches have, as a wish, or offering one of one's own."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.catalog.queries import list_trims, trim_rows
from app.inventory.queries import UnitFilter, UnitRow, get_unit, list_units
from app.inventory.rules import AllocationState, StockState
from app.runtime.language import tr, tr_noop, trn
from app.staff.queries import BranchRow, list_branches
from app.transfers.commands import OfferTransfer, RequestTransfer
from app.transfers.group_stock import GroupUnit, Wanted, known_here, named, understand
from sync.client.errors import SyncProblem
from ui.kit import formats
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label, SearchField
from ui.kit.editing import FormSheet
from ui.kit.fields import ChoiceField, DateField, LookupField, MultiLineField, Section, TextField
from ui.kit.form import Form
from ui.kit.layout import STRETCH, column, row
from ui.kit.printable import printable
from ui.kit.record_table import RecordTable
from ui.kit.table_model import KeysetTableModel
from ui.transfers.ports import GroupStockPort, StockAnswer
from ui.transfers.words import TAKEN

ANY_BRANCH = "any"
_NOTE = 400
_FOUND = 12


class GroupStockSheet(QWidget):
    """What other branches have: found at the centre, or as far as it is known here. `asked(transfer id)`.

    `wish` is the verb for what nobody has, or what cannot be looked up now.
    """

    asked = Signal(str)

    def __init__(
        self, context: PageContext, port: GroupStockPort, *, cancel: Button, wish: Button,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.context, self._port = context, port
        self.units: Sequence[GroupUnit] = ()
        self.search = SearchField(tr_noop("Model, VIN or stock number"))
        self.search.searched.connect(self.look_for)
        self.told = Label("", role="secondary", wrap=True)
        self.model = KeysetTableModel(context.operations, _columns(), self._list_rows, parent=self)
        self.table = RecordTable(self.model, name=tr_noop("Vehicles of other branches"))
        self.table.selected.connect(lambda _row: self._arrange())
        self.table.opened.connect(lambda _row: self.ask())
        self.form = Form(
            context,
            [
                Section(
                    "",
                    [
                        DateField("needed_by", tr_noop("Needed by")),
                        TextField("note", tr_noop("Note to the branch"), check=printable, max_length=_NOTE),
                    ],
                )
            ],
            columns=2,
        )  # fmt: skip
        self.go = Button(tr_noop("Ask for it"), kind="primary", icon="send", on_click=self.ask)
        stack = column(self.search, self.told, gap=12)
        stack.addWidget(self.table, 1)
        stack.addWidget(self.form)
        stack.addLayout(row(wish, STRETCH, cancel, self.go))
        self.setLayout(stack)
        self._arrange()
        self.look_for("")

    def take_focus(self) -> None:
        """Where typing begins."""
        self.search.setFocus()

    def look_for(self, text: str) -> None:
        """Ask the centre for what a text names."""
        self.context.operations.run_query(self, understand, text, on_done=partial(self._ask_centre, text), key="words")

    def ask(self) -> None:
        """Send the request for the selected vehicle."""
        unit = self.table.current_row()
        if unit is None or unit.taken or not self.form.check_all():
            return
        typed = self.form.values()
        command = RequestTransfer(
            trim_id=unit.trim_id, from_branch_id=unit.branch_id, unit_id=unit.id, vin=unit.vin,
            stock_number=unit.stock_number, exterior_colour=unit.exterior_colour.stored(),
            interior_colour=unit.interior_colour.stored(), needed_by=_day(typed["needed_by"]), note=typed["note"],
        )  # fmt: skip
        job = self.context.operations.run_command(self.form, command, on_done=self.asked.emit)
        self.go.busy_while(job)

    def _ask_centre(self, text: str, wanted: Wanted) -> None:
        self.context.operations.run_plain(
            self, partial(self._port.find_stock, wanted), on_done=self._on_answer, on_error=partial(self._on_away, text)
        )

    def _on_answer(self, answer: StockAnswer) -> None:
        def done(units: Sequence[GroupUnit]) -> None:
            self._show(units)
            self.told.set_words(
                lambda: trn("{n} vehicle at other branches, as the centre has it now.",
                            "{n} vehicles at other branches, as the centre has them now.", len(units))
                + (" " + tr("There are more: name the model.") if answer.more else "")
            )  # fmt: skip

        self.context.operations.run_query(self, named, answer.rows, on_done=done, key="units")

    def _on_away(self, text: str, error: BaseException) -> bool:
        if not isinstance(error, SyncProblem):
            return False

        def done(units: Sequence[GroupUnit]) -> None:
            self._show(units)
            self.told.set_words(
                lambda: tr("The centre is not reached. This is what this desk knows of other branches; without it, "
                           "write down a wish and it is sent later.")
            )  # fmt: skip

        self.context.operations.run_query(self, known_here, text, on_done=done, key="units")
        return True

    def _show(self, units: Sequence[GroupUnit]) -> None:
        self.units = units
        self.model.load()
        self._arrange()

    def _list_rows(self, _reader: Any, *, after: Any, limit: int) -> Sequence[GroupUnit]:
        rows = list(self.units)
        start = next((place + 1 for place, unit in enumerate(rows) if unit.id == after), 0)
        return rows[start : start + limit]

    def _arrange(self) -> None:
        unit = self.table.current_row()
        self.go.setEnabled(unit is not None and not unit.taken)


def _columns() -> tuple[Column, ...]:
    return (
        Column("model", tr_noop("Vehicle"), width=240, stretch=True, format=str),
        Column("exterior_colour", tr_noop("Colour"), width=120, format=str),
        Column("vin", tr_noop("VIN"), kind="code", width=176),
        Column("branch_code", tr_noop("Branch"), width=80, tooltip=lambda unit: str(unit.branch)),
        Column("arrived_on", tr_noop("There since"), width=104, format=formats.date_text),
        Column("list_price", tr_noop("List price"), kind="money", width=112),
        Column("taken", tr_noop("Status"), kind="state", width=104, states=TAKEN),
    )


class WishSheet(FormSheet):
    """A model and perhaps a colour, asked of one branch or of all. `asked(transfer id)`."""

    asked = Signal(str)

    def __init__(self, context: PageContext, *, cancel: Button) -> None:
        self.context = context
        self.go = Button(tr_noop("Send the wish"), kind="primary", icon="send", on_click=self.send)
        form = Form(
            context,
            [
                Section(
                    tr_noop("What is wished for"),
                    [
                        LookupField("trim_id", tr_noop("Model"), required=True, span=2, search=find_trims),
                        TextField("exterior_colour", tr_noop("Exterior colour"), max_length=40,
                                  placeholder=tr_noop("Any")),
                        ChoiceField("from_branch_id", tr_noop("Asked of"), required=True,
                                    choices=[Choice(ANY_BRANCH, tr_noop("Any branch"))]),
                        DateField("needed_by", tr_noop("Needed by")),
                        MultiLineField("note", tr_noop("Note to the branch"), span=2, max_length=_NOTE, lines=2,
                                       check=printable),
                    ],
                )
            ],
        )  # fmt: skip
        super().__init__(form, buttons=[cancel, self.go])
        form.set_value("from_branch_id", ANY_BRANCH)
        form.submitted.connect(self.send)
        context.operations.run_query(self, list_branches, on_done=self._on_branches, key="branches")

    def begin_with(self, trim_id: str, colour: str) -> None:
        """The model is known already, and perhaps a colour."""
        self.form.set_value("exterior_colour", colour)
        self.context.operations.run_query(self, _one_trim, trim_id, on_done=self._on_trim, key="trim")

    def _on_trim(self, found: Choice | None) -> None:
        self.form.editor("trim_id").choose(found)
        self.form.focus_field("needed_by")

    def take_focus(self) -> None:
        """Where typing begins."""
        self.form.focus_first()

    def send(self) -> None:
        """Store it, if everything is all right."""
        if not self.go.isEnabled() or not self.form.check_all():
            return
        typed = self.form.values()
        chosen = typed["from_branch_id"]
        command = RequestTransfer(
            trim_id=typed["trim_id"], from_branch_id=None if chosen == ANY_BRANCH else chosen,
            exterior_colour=typed["exterior_colour"], needed_by=_day(typed["needed_by"]), note=typed["note"],
        )  # fmt: skip
        self.go.busy_while(self.context.operations.run_command(self.form, command, on_done=self.asked.emit))

    def _on_branches(self, branches: Sequence[BranchRow]) -> None:
        self.form.set_choices(
            "from_branch_id", [Choice(ANY_BRANCH, tr_noop("Any branch")), *other_branches(self.context, branches)]
        )
        self.form.set_value("from_branch_id", ANY_BRANCH)


class OfferSheet(FormSheet):
    """One of the branch's vehicles for another branch. `asked(transfer id)`."""

    asked = Signal(str)

    def __init__(self, context: PageContext, *, cancel: Button) -> None:
        self.context = context
        self.go = Button(tr_noop("Offer it"), kind="primary", icon="send", on_click=self.send)
        form = Form(
            context,
            [
                Section(
                    tr_noop("What is offered"),
                    [
                        LookupField("unit_id", tr_noop("Vehicle"), required=True, span=2,
                                    search=partial(_find_own_units, branch_id=context.actor.branch_id)),
                        ChoiceField("to_branch_id", tr_noop("To branch"), required=True),
                        DateField("needed_by", tr_noop("Needed by")),
                        MultiLineField("note", tr_noop("Note to the branch"), span=2, max_length=_NOTE, lines=2,
                                       check=printable),
                    ],
                )
            ],
        )  # fmt: skip
        super().__init__(form, buttons=[cancel, self.go])
        form.submitted.connect(self.send)
        self._branch_id: str | None = None
        context.operations.run_query(self, list_branches, on_done=self._on_branches, key="branches")

    def begin_with(self, unit_id: str, branch_id: str | None) -> None:
        """The vehicle is known already, and perhaps the branch."""
        self._branch_id = branch_id
        if branch_id is not None:
            self.form.set_value("to_branch_id", branch_id)
        self.context.operations.run_query(self, _one_unit, unit_id, on_done=self._on_unit, key="unit")

    def _on_unit(self, found: Choice) -> None:
        self.form.editor("unit_id").choose(found)
        self.form.focus_field("to_branch_id" if self._branch_id is None else "needed_by")

    def take_focus(self) -> None:
        """Where typing begins."""
        self.form.focus_first()

    def send(self) -> None:
        """Store it, if everything is all right."""
        if not self.go.isEnabled() or not self.form.check_all():
            return
        typed = self.form.values()
        command = OfferTransfer(
            unit_id=typed["unit_id"], to_branch_id=typed["to_branch_id"], needed_by=_day(typed["needed_by"]),
            note=typed["note"],
        )  # fmt: skip
        self.go.busy_while(self.context.operations.run_command(self.form, command, on_done=self.asked.emit))

    def _on_branches(self, branches: Sequence[BranchRow]) -> None:
        self.form.set_choices("to_branch_id", other_branches(self.context, branches))
        if self._branch_id is not None:
            self.form.set_value("to_branch_id", self._branch_id)


def other_branches(context: PageContext, branches: Sequence[BranchRow]) -> list[Choice]:
    """All branches but one's own."""
    return [_branch_choice(branch) for branch in branches if branch.id != context.actor.branch_id]


def _branch_choice(branch: BranchRow) -> Choice:
    return Choice(branch.id, lambda: f"{branch.code} {branch.name}")


def find_trims(reader: Any, text: str) -> list[Choice]:
    """Models by name."""
    return [Choice(trim.id, partial(str, trim.full_name)) for trim in list_trims(reader, text=text, limit=_FOUND)]


def _one_trim(reader: Any, trim_id: str) -> Choice | None:
    return next((Choice(trim.id, partial(str, trim.full_name)) for trim in trim_rows(reader, [trim_id])), None)


def _one_unit(reader: Any, unit_id: str) -> Choice:
    return _unit_choice(get_unit(reader, unit_id).row)


def _unit_choice(unit: UnitRow) -> Choice:
    return Choice(unit.id, partial("{} · {}".format, unit.name, unit.vin), partial(str, unit.exterior_colour))


def _find_own_units(reader: Any, text: str, *, branch_id: str) -> list[Choice]:
    filter = UnitFilter(
        text=text, branch_ids=(branch_id,), stock_states=(StockState.IN_STOCK, StockState.IN_TRANSIT),
        allocation_states=(AllocationState.FREE,),
    )  # fmt: skip
    return [_unit_choice(unit) for unit in list_units(reader, filter=filter, limit=_FOUND).rows]


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None
