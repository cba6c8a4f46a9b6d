"""Another line for a purchase proposal: any trim, in a colour or in any, with what it will probably cost."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.kernel.labels import Bilingual
from app.replenishment.proposal_queries import ExpectedUnit, expected_unit
from app.replenishment.rules import MOST_UNITS
from app.runtime.language import tr_noop
from ui.kit.context import PageContext
from ui.kit.controls import Button
from ui.kit.fields import IntegerField, LookupField, Section
from ui.kit.form import Form
from ui.kit.layout import row
from ui.kit.theme import theme
from ui.replenishment.questions import find_colours, find_trims

_WIDTH = 760


class ProposalAddition(QWidget):
    """`added(ExpectedUnit, stored colour, quantity)` once a line was asked for; `left` when it was not."""

    added = Signal(object, str, int)
    left = Signal()

    def __init__(self, context: PageContext) -> None:
        super().__init__()
        self._context = context
        self.form = Form(context, [Section("", [
            LookupField("trim_id", tr_noop("Model"), search=find_trims, required=True,
                        placeholder=tr_noop("Type a make, series or trim")),
            LookupField("exterior_colour", tr_noop("Colour"), search=find_colours, placeholder=tr_noop("Any colour")),
            IntegerField("quantity", tr_noop("Quantity"), required=True, least=1, most=MOST_UNITS),
        ])], columns=3, submit_on_return=True)  # fmt: skip
        self.form.setMaximumWidth(theme().px(_WIDTH))
        self.add = Button(tr_noop("Add"), icon="plus", on_click=self.submit)
        self.cancel = Button(tr_noop("Cancel"), kind="quiet", on_click=self.left.emit)
        line = row(gap=8)
        line.addWidget(self.form, 1)
        for button in (self.add, self.cancel):
            line.addWidget(button)
        line.addStretch()
        self.setLayout(line)
        self.form.submitted.connect(self.submit)

    def begin(self) -> None:
        """Ask for the next line."""
        self.form.set_values({"trim_id": None, "exterior_colour": None, "quantity": 1})
        self.form.mark_clean()
        self.form.focus_field("trim_id")

    def submit(self) -> None:
        """Add the line, if every field is all right."""
        if not self.form.check_all():
            return
        values = self.form.values()
        colour, quantity = values["exterior_colour"] or "", values["quantity"]

        def found(unit: ExpectedUnit) -> None:
            self.added.emit(unit, colour, quantity)
            self.begin()

        job: Any = self._context.operations.run_query(
            self.form, expected_unit, values["trim_id"], on_done=found, key="expected"
        )
        self.add.busy_while(job)


def colour_name(stored: str) -> Bilingual:
    """A stored colour; empty for any."""
    return Bilingual.from_stored(stored) if stored else Bilingual("", "")
