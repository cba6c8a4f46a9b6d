"""Every difference of a count with what was decided; one decision at a time, or for all chosen ones alike."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from app.stocktaking.commands import DecideDifference
from app.stocktaking.queries import CountDetail, VerdictRow, get_count, list_verdicts
from app.stocktaking.rules import DIFFERENCES, NEEDS_NOTE, OPEN, REASONS, CountState, Outcome, Reason
from app.stocktaking.scope import spot_names
from ui.kit.columns import Column
from ui.kit.context import PageContext
from ui.kit.controls import Button, Choice, Label
from ui.kit.fields import ChoiceField, Section, TextField
from ui.kit.form import Form
from ui.kit.layout import STRETCH, column, row
from ui.kit.printable import printable
from ui.kit.record_table import RecordTable
from ui.kit.suggest_field import SuggestField
from ui.kit.table_model import KeysetTableModel
from ui.kit.theme import set_role, set_size
from ui.stocktaking.words import OUTCOMES, reason_text

_ASIDE = 312
_NOTE = 400


class DifferencesSheet(QWidget):
    """The list at the left, the decision about the selected vehicle at the right. `decided` after each."""

    decided = Signal()

    def __init__(
        self, context: PageContext, count_id: str, *, back: Button, parent: QWidget | None = None
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.context, self.count_id = context, count_id
        self.current: VerdictRow | None = None
        self._open = False
        self.model = KeysetTableModel(context.operations, _columns(), self._list_rows, parent=self)
        self.table = RecordTable(self.model, name=tr_noop("Differences"))
        self.table.selected.connect(self._on_selected)
        self.told = Label("", role="secondary")
        self.heading = Label(tr_noop("Choose a vehicle of the list"), role="section", wrap=True)
        self.found = Label("", role="secondary", wrap=True)
        self.form = Form(
            context,
            [
                Section(
                    "",
                    [
                        ChoiceField("reason", tr_noop("Reason"), required=True, span=2),
                        SuggestField("location", tr_noop("Stands at"), max_length=60, suggest=spot_names, span=2,
                                     mark_optional=False),
                        TextField("note", tr_noop("Note"), max_length=_NOTE, span=2, mark_optional=False,
                                  check=printable),
                    ],
                )
            ],
            submit_on_return=True,
        )  # fmt: skip
        self.form.changed.connect(self._fit)
        self.form.submitted.connect(self.decide)
        self.go = Button(tr_noop("Decide"), kind="primary", icon="check", on_click=self.decide)
        aside = QFrame()
        set_role(aside, "card")
        aside.setLayout(column(self.heading, self.found, self.form, row(STRETCH, self.go), STRETCH, gap=12, margins=16))
        set_size(aside, width=_ASIDE)
        across = row(gap=16)
        across.addWidget(self.table, 1)
        across.addWidget(aside)
        stack = column(row(back, STRETCH, self.told), gap=12)
        stack.addLayout(across, 1)
        self.setLayout(stack)
        self._show_nothing()
        self.model.load()
        self.refresh()

    def refresh(self) -> None:
        """Somebody counted or decided."""
        self.context.operations.run_query(self, get_count, self.count_id, on_done=self._on_detail, key="count")
        self.model.refresh()

    def decide(self) -> None:
        """Keep the decision, and go on with the next one."""
        row = self.current
        if row is None or not self.go.isEnabled() or not self.form.check_all():
            return
        typed = self.form.values()
        command = DecideDifference(
            count_id=self.count_id, vin=row.vin, reason=typed["reason"], note=typed["note"],
            location=typed.get("location", ""),
        )  # fmt: skip
        self.go.busy_while(self.context.operations.run_command(self.form, command, on_done=self._on_decided))

    def _on_decided(self, _finding: str) -> None:
        self.decided.emit()
        self.refresh()
        place = self.table.currentIndex().row()
        self.table.selectRow(min(place + 1, len(self.model.rows) - 1))

    def _on_detail(self, detail: CountDetail) -> None:
        self._open = CountState(detail.row.state) in OPEN
        self.told.set_words(
            lambda: tr("{n} to be decided", n=detail.undecided) if detail.undecided else tr("All are decided")
        )
        self._arrange()

    def _on_selected(self, row: VerdictRow | None) -> None:
        if row is None:
            return
        self.current = row
        self.heading.set_words(lambda: row.vin)
        parts = [str(row.model), str(row.colour)]
        self.found.set_words(
            lambda: " · ".join(part for part in parts if part) + "\n" + tr(
                "Booked at {booked}, found at {found}", booked=row.expected_location or "–",
                found=row.found_location or "–",
            )
        )  # fmt: skip
        reasons = REASONS[Outcome(row.outcome)]
        self.form.set_choices("reason", [Choice(reason.value, reason.label) for reason in reasons])
        self.form.set_values(
            {"reason": row.reason or reasons[0].value, "note": row.note, "location": row.found_location}
        )
        self.form.setVisible(True)
        self._fit("reason")
        self._arrange()

    def _fit(self, name: str) -> None:
        if name != "reason" or self.current is None:
            return
        reason = Reason(self.form.value("reason") or REASONS[Outcome(self.current.outcome)][0].value)
        moves = (Reason.FOUND, Reason.PLACE_CORRECTED, Reason.ARRIVED_UNBOOKED, Reason.RETURNED_UNBOOKED)
        self.form.set_field_visible("location", reason in moves)
        self.form.set_hint("note", tr_noop("Say what is known") if reason in NEEDS_NOTE else "")

    def _show_nothing(self) -> None:
        self.form.setVisible(False)
        self._arrange()

    def _arrange(self) -> None:
        may = self.context.may(Permission.STOCKTAKING_COUNT)
        self.go.setEnabled(self.current is not None and self._open and may)
        self.form.setEnabled(self._open and may)

    def _list_rows(self, reader: Any, *, after: Any, limit: int) -> Sequence[VerdictRow]:
        outcomes = [outcome.value for outcome in DIFFERENCES]
        return list_verdicts(reader, self.count_id, outcomes=outcomes, after=after, limit=limit)


def _columns() -> tuple[Column, ...]:
    return (
        Column("outcome", tr_noop("Result"), kind="state", width=148, states=OUTCOMES),
        Column("vin", tr_noop("VIN"), kind="code", width=156),
        Column("reason", tr_noop("Decision"), width=120, stretch=True, value=lambda row: row, format=reason_text,
               tooltip=reason_text),
        Column("expected_location", tr_noop("Booked place"), width=104, format=lambda place: place or "–"),
        Column("found_location", tr_noop("Found at"), width=76, format=lambda place: place or "–"),
        Column("model", tr_noop("Vehicle"), width=160, visible=False, format=str),
    )  # fmt: skip
