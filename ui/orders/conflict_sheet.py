"""Settling an order whose vehicle the centre gave to another: both orders side by side, then the ways out."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QStackedWidget, QWidget

from app.contracts.commands import VoidContract
from app.contracts.queries import get_contract
from app.kernel.commands import Command
from app.kernel.permissions import Permission
from app.orders.commands import AskForUnitAgain, ResolveClaimConflict
from app.orders.queries import ConflictRow
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.detail_panel import Facts
from ui.kit.feedback import MessageBar
from ui.kit.fields import MultiLineField, Section, TextField
from ui.kit.form import Form
from ui.kit.layout import STRETCH, boxed, column, row
from ui.kit.text import Words
from ui.kit.theme import set_role
from ui.kit.view_bar import ViewBar
from ui.orders.order_panel import OrderRecord
from ui.orders.unit_choice import UnitChoice, UnitOption

AGAIN, OTHER_UNIT, CANCEL = "again", "choose_other_unit", "cancel"
_PLACES = {OTHER_UNIT: 0, CANCEL: 1, AGAIN: 2}
_REASON_LIMIT = 400


class ConflictSheet(QFrame):
    """`settled(words, unit id to quote or "")` when it is done; `overtaken()` when somebody else settled it."""

    settled = Signal(object, str)
    overtaken = Signal()

    def __init__(
        self, context: PageContext, record: OrderRecord, *, back: Button, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        assert record.detail.conflict is not None
        self.context = context
        self._record = record
        self._conflict: ConflictRow = record.detail.conflict
        self._to_quote: UnitOption | None = None
        self.messages = MessageBar()
        self.units = UnitChoice(context, record.row.vehicle_unit_id)
        self.units.chosen.connect(lambda _unit: self._show_verb())
        self.units.taken.connect(lambda _unit: self.settle())
        self.reason = Form(context, [Section("", [_reason_field(tr_noop("Why the sale does not come about"))])])
        self.reason.submitted.connect(self.settle)
        self.again = Label("", wrap=True)
        self.way = ViewBar(
            [
                Choice(AGAIN, tr_noop("Ask for this vehicle again")),
                Choice(OTHER_UNIT, tr_noop("Choose another unit")),
                Choice(CANCEL, tr_noop("Cancel this order")),
            ],
            name=tr_noop("How to settle it"),
        )
        self.way.chosen.connect(self.choose_way)
        self._ways = QStackedWidget()
        self._ways.addWidget(self.units)
        self._ways.addWidget(boxed(column(self.reason, STRETCH)))
        self._ways.addWidget(boxed(column(self.again, STRETCH)))
        self.hint = Label("", role="secondary", wrap=True)
        self.go = Button("", kind="primary", on_click=self.settle)
        self.void = _VoidStep(context, self._conflict)
        self._arrange(back)
        self.choose_way(AGAIN if self._free_again else OTHER_UNIT)
        self.refresh(record)

    def _arrange(self, back: Button) -> None:
        sides = row(_our_side(self._record), _winning_side(self._conflict), gap=16)
        for place in (0, 1):
            sides.setStretch(place, 1)
        footer = row(self.hint, self.go, gap=16)
        footer.setStretch(0, 1)
        stack = column(self.messages, sides, self.void, row(back, self.way, gap=16), gap=12)
        stack.addWidget(self._ways, 1)
        stack.addLayout(footer)
        self.setLayout(stack)

    # --- what the page calls ---------------------------------------------------------------------

    def take_focus(self) -> None:
        """Where the work begins: asking again, voiding, else choosing."""
        if self.way.value() == AGAIN:
            self.go.setFocus()
        elif self.void.isVisible():
            self.void.take_focus()
        else:
            self.units.search.setFocus()

    def refresh(self, record: OrderRecord) -> None:
        """The order as it stands now; without a conflict somebody else was quicker."""
        conflict = record.detail.conflict
        self._record = record
        if conflict is None:
            self.overtaken.emit()
            return
        self._conflict = conflict
        self.void.refresh(conflict, record)
        if conflict.again is None and self.way.value() == AGAIN:
            self.way.set_value(OTHER_UNIT)
            self._ways.setCurrentIndex(_PLACES[OTHER_UNIT])
        self._show_verb()

    def show_error(self, error: Any) -> bool:
        """The funnel asks: what the centre or the rules refuse stands above everything."""
        self.messages.show_error(error.message)
        return True

    # --- what people do --------------------------------------------------------------------------

    def choose_way(self, way: str) -> None:
        """The same vehicle, another unit, or cancel."""
        self.way.set_value(way)
        self._to_quote = None
        self._ways.setCurrentIndex(_PLACES[way])
        self._show_verb()
        if way == CANCEL:
            self.reason.focus_first()

    def settle(self) -> None:
        """Do what the verb says."""
        if not self.go.isEnabled():
            return
        unit = self.units.current()
        if self.way.value() == AGAIN:
            self._ask_again()
        elif self.way.value() == CANCEL:
            self._cancel()
        elif unit is not None and unit.same_trim:
            self._take(unit)
        elif unit is not None:
            self.choose_way(CANCEL)
            self._to_quote = unit
            self._show_verb()

    # --- inside ----------------------------------------------------------------------------------

    @property
    def _blocked(self) -> bool:
        return bool(self._conflict.signed_contract_number) and self.way.value() != AGAIN

    @property
    def _free_again(self) -> bool:
        return self._conflict.again is not None and self._conflict.again.now

    def _show_verb(self) -> None:
        self.way.offer([*([AGAIN] if self._conflict.again is not None else []), OTHER_UNIT, CANCEL])
        self.again.set_words(self._again_words())
        self.void.setVisible(self._blocked)
        if self.way.value() == AGAIN:
            self.go.setEnabled(self._free_again)
            self.go.set_words(tr_noop("Ask for the vehicle"))
            set_role(self.go, "button", kind="primary")
            self.hint.set_words(tr_noop("The order keeps its terms; the centre has to confirm the vehicle."))
            return
        unit, cancelling = self.units.current(), self.way.value() == CANCEL
        self.go.setEnabled(not self._blocked and (cancelling or unit is not None))
        self.go.set_words(self._verb(unit, cancelling=cancelling))
        set_role(self.go, "button", kind="danger" if cancelling else "primary")
        self.hint.set_words(self._hint(unit, cancelling=cancelling))

    def _verb(self, unit: UnitOption | None, *, cancelling: bool) -> Words:
        if cancelling:
            return tr_noop("Cancel and quote the other vehicle") if self._to_quote else tr_noop("Cancel the order")
        if unit is not None and not unit.same_trim:
            return tr_noop("Cancel and quote this one")
        return tr_noop("Take this unit")

    def _hint(self, unit: UnitOption | None, *, cancelling: bool) -> Words:
        if self._blocked:
            return tr_noop("First void the contract: it names the lost vehicle.")
        if cancelling:
            return tr_noop("The customer gets back everything paid; the cashier finds it as a task.")
        if unit is None:
            return tr_noop("Select a unit. The agreed total stays; the centre has to confirm the new unit.")
        if not unit.same_trim:
            return tr_noop("Another trim changes taxes and price: this order is cancelled and a new offer made.")
        return lambda: tr("{vin} takes the place of the lost unit.", vin=unit.row.vin)

    def _again_words(self) -> Words:
        again = self._conflict.again
        if again is None:
            return ""
        if again.until is None:
            return tr_noop(
                "As far as this desk knows, the vehicle is free again. The order takes it as it did at first: what was "
                "paid, agreed and signed stays."
            )
        until, desk = again.until, self._conflict.winner_number
        if self._conflict.secured_until is None:
            return lambda: tr("Somebody holds the vehicle until {time}. Then it can be asked for again.",
                              time=formats.moment(until))  # fmt: skip
        return lambda: tr(
            "Desk {desk} has the vehicle secured until {time}. It can be asked for again then, or as soon as they give "
            "it back.", desk=desk or "–", time=formats.moment(until),
        )  # fmt: skip

    def _ask_again(self) -> None:
        line = self._record.row
        self._run(
            AskForUnitAgain(order_id=line.id, expected_revision=line.revision),
            lambda: tr("Order {number} asks for its vehicle again.", number=line.number),
        )

    def _take(self, unit: UnitOption) -> None:
        number, vin = self._record.row.number, unit.row.vin
        self._run(
            self._command(OTHER_UNIT, vehicle_unit_id=unit.id),
            lambda: tr("Order {number} now has {vin}.", number=number, vin=vin),
        )

    def _cancel(self) -> None:
        if not self.reason.check_all():
            return
        number, quote = self._record.row.number, self._to_quote
        self._run(
            self._command(CANCEL, reason=self.reason.value("reason")),
            lambda: tr("Order {number} is cancelled.", number=number),
            quote=quote.id if quote is not None else "",
        )

    def _command(
        self, resolution: str, *, vehicle_unit_id: str | None = None, reason: str = ""
    ) -> ResolveClaimConflict:
        line = self._record.row
        return ResolveClaimConflict(
            order_id=line.id, expected_revision=line.revision, resolution=resolution,
            vehicle_unit_id=vehicle_unit_id, reason=reason,
        )  # fmt: skip

    def _run(self, command: Command, said: Words, *, quote: str = "") -> None:
        self.messages.clear()
        job = self.context.operations.run_command(self, command, on_done=lambda _value: self.settled.emit(said, quote))
        self.go.busy_while(job)


class _VoidStep(QFrame):
    """A signed contract over the lost unit has to go first."""

    def __init__(self, context: PageContext, conflict: ConflictRow) -> None:
        super().__init__()
        self.context = context
        self._contract_id = ""
        set_role(self, "message", tone="warn")
        number = conflict.signed_contract_number
        self.text = Label(
            lambda: tr("Contract {number} over the lost vehicle is signed. Void it first.", number=number), wrap=True
        )
        self.form = Form(
            context,
            [Section("", [TextField("reason", tr_noop("Reason"), required=True, span=2, max_length=_REASON_LIMIT)])],
            submit_on_return=True,
        )
        self.form.set_values({"reason": tr("The vehicle went to another order")})
        self.form.submitted.connect(self.run)
        self.go = Button(tr_noop("Void the contract"), kind="danger", on_click=self.run)
        line = row(self.form, self.go, gap=12)
        line.setStretch(0, 1)
        self.setLayout(column(self.text, line, gap=4, margins=(12, 12, 12, 0)))

    def take_focus(self) -> None:
        """The reason, with the usual one filled in."""
        self.go.setFocus()

    def refresh(self, conflict: ConflictRow, record: OrderRecord) -> None:
        """Which contract binds now."""
        number = conflict.signed_contract_number
        self._contract_id = next((each.id for each in record.detail.contracts if each.number == number), "")
        self.setVisible(bool(number))
        self.go.setEnabled(self.context.may(Permission.CONTRACTS_VOID))

    def run(self) -> None:
        """Read the contract's revision, then void it."""
        if not self._contract_id or not self.form.check_all():
            return
        self.go.busy_while(
            self.context.operations.run_query(self, get_contract, self._contract_id, on_done=self._void, key="contract")
        )

    def _void(self, contract: Any) -> None:
        command = VoidContract(
            contract_id=contract.row.id, expected_revision=contract.row.revision, reason=self.form.value("reason")
        )
        self.go.busy_while(self.context.operations.run_command(self.form, command))


def _our_side(record: OrderRecord) -> QWidget:
    line = record.row
    parts = record.detail.provisional_number.split("-")
    branch, desk = (parts[0], parts[1]) if len(parts) > 2 else ("", "")
    facts = Facts(
        [
            (tr_noop("Branch and desk"), lambda: f"{branch} · {desk}"),
            (tr_noop("Sold by"), line.salesperson),
            (tr_noop("Ordered at"), lambda: formats.moment(line.ordered_at)),
            (tr_noop("Customer"), line.customer_name),
            (tr_noop("Received so far"), lambda: formats.money(line.received)),
        ]
    )
    return _side(tr_noop("Our order lost the vehicle"), line.number, facts, icon_tone="bad")


def _winning_side(conflict: ConflictRow) -> QWidget:
    vehicle, secured = conflict.order.vehicle, conflict.secured_until
    free = conflict.again is not None and conflict.again.now
    facts = Facts(
        [
            (tr_noop("Branch and desk"), lambda: f"{conflict.winner_branch} · {conflict.winner_desk_code}"),
            *_winner_person(conflict),
            (tr_noop("Secured until"), lambda: formats.moment(secured)) if secured is not None
            else (tr_noop("Ordered at"), lambda: formats.moment(conflict.winner_at)),
            (tr_noop("Vehicle"), lambda: str(vehicle)),
            (tr_noop("VIN"), conflict.order.vin),
        ]
    )
    return _side(_winner_title(conflict, free=free), conflict.winner_number or "–", facts,
                 icon_tone="neutral" if free else "good")  # fmt: skip


def _winner_title(conflict: ConflictRow, *, free: bool) -> Words:
    if conflict.secured_until is not None:
        return tr_noop("This desk had it secured") if free else tr_noop("This desk has it secured")
    if not conflict.winner_order_id:
        return tr_noop("A hold kept it") if free else tr_noop("A hold keeps it")
    return tr_noop("This order had it") if free else tr_noop("This order has it")


def _winner_person(conflict: ConflictRow) -> list[tuple[Words, Words]]:
    """Whom to call; nothing where the centre did not tell."""
    person = conflict.winner_person
    if person == "":
        return []
    return [(tr_noop("Sold by"), tr_noop("somebody whose name this desk does not have") if person is None else person)]


def _side(title: Words, number: str, facts: Facts, *, icon_tone: str) -> QWidget:
    from ui.kit.feedback import ToneIcon

    heading = Label("", role="section")
    heading.set_text(number)
    top = row(ToneIcon(icon_tone), Label(title, role="secondary"), STRETCH, gap=8)
    return boxed(column(top, heading, facts, STRETCH, gap=8, margins=16), role="card")


def _reason_field(placeholder: str) -> MultiLineField:
    return MultiLineField(
        "reason", tr_noop("Reason"), required=True, span=2, max_length=_REASON_LIMIT, lines=3, placeholder=placeholder
    )
