"""One appointment beside the day: what it is about, and what can be done with it now."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.kernel.permissions import Permission
from app.runtime.language import tr, tr_noop
from app.workshop.commands import CancelAppointment, ChangeAppointment, MoveAppointment
from app.workshop.queries import AppointmentRow, DayView
from app.workshop.rules import AppointmentAction
from ui.kit import formats
from ui.kit.actions import Action
from ui.kit.context import PageContext
from ui.kit.controls import Button, StatusDot
from ui.kit.detail_panel import Facts
from ui.kit.fields import MultiLineField, TextField
from ui.kit.keys import Key
from ui.kit.layout import Flow, column
from ui.kit.panel_form import PanelForm, PanelSection
from ui.kit.record_line import RecordLine
from ui.workshop.time_fields import RoomHint, time_fields, time_values
from ui.workshop.words import bay_words, state_of

VERBS: dict[str, tuple[str, AppointmentAction, str | None, str]] = {
    "arrived": (tr_noop("Mark as arrived"), AppointmentAction.ARRIVE, "Ctrl+R", "check"),
    "confirm": (tr_noop("Confirm"), AppointmentAction.CONFIRM, "Ctrl+O", "badge-check"),
    "reschedule": (tr_noop("Reschedule"), AppointmentAction.RESCHEDULE, Key.EDIT, "calendar-clock"),
    "missed": (tr_noop("Mark as not come"), AppointmentAction.MISS, "Ctrl+U", "ban"),
    "cancel": (tr_noop("Cancel appointment"), AppointmentAction.CANCEL, Key.DELETE, "trash-2"),
}
"""What can be done with an appointment: words, the action of its lifecycle, key, icon."""

QUIET_ORDER = ("confirm", "reschedule", "missed", "cancel")
"""The order in which what is no button below the panel stands in it."""


class AppointmentDetails(QWidget):
    """Facts, the customer's line, and a place where moving, changing and cancelling are asked."""

    def __init__(self, context: PageContext, row: AppointmentRow, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context, self.row = context, row
        state = state_of(row.state)
        self._section = PanelSection("")
        customer = RecordLine(
            lambda: row.customer_name or tr("Unknown customer"),
            subtitle=lambda: " · ".join(part for part in (row.phone_masked, row.plate, row.vehicle) if part),
            icon="user",
            tooltip=tr_noop("Open the customer"),
        )
        customer.clicked.connect(lambda: context.navigator.open("customers", customer_id=row.customer_id))
        facts = [
            (tr_noop("Kind of work"), lambda: bay_words(row.bay_type)),
            (tr_noop("To be done"), lambda: row.work),
            (tr_noop("Note"), lambda: row.note or "–"),
            (tr_noop("Taken by"), lambda: row.advisor_name or "–"),
            (tr_noop("Number"), lambda: row.number),
        ]
        self.setLayout(column(StatusDot(state.label, state.tone), customer, Facts(facts), self._section, gap=12))

    def offers(self, action: AppointmentAction) -> bool:
        """Whether the state and the person's role allow it."""
        begun = action is not AppointmentAction.MISS or self.row.starts_at <= self.context.clock.now()
        return begun and action in self.row.actions and self.context.may(Permission.WORKSHOP_BOOK)

    @property
    def question(self) -> PanelForm | None:
        """What is asked now."""
        return self._section.question

    def add_verbs(self, buttons: list[Button]) -> None:
        """Quieter verbs below the facts."""
        holder, flow = QWidget(), Flow(gap=4)
        for button in buttons:
            flow.addWidget(button)
        holder.setLayout(flow)
        self._section.add(holder)

    def ask_move(self, view: DayView | None, bay_types: tuple[str, ...], on_done: Callable[[str], object]) -> None:
        """Another time, bay or duration."""
        row = self.row
        question = PanelForm(
            self.context,
            tr_noop("Reschedule"),
            time_fields(bay_types),
            verb=tr_noop("Reschedule"),
            command=lambda values: MoveAppointment(
                appointment_id=row.id, expected_revision=row.revision, starts_at=values["starts_at"],
                duration_minutes=values["duration_minutes"], bay_type=values["bay_type"],
            ),
            on_done=on_done,
            name=tr_noop("Reschedule an appointment"),
        )  # fmt: skip
        question.form.set_values(time_values(row))
        hint = RoomHint(question.form, moving=row)
        self._section.ask(question)
        question.form.focus_field("starts_at")
        if view is not None:
            hint.use_view(view)

    def ask_change(self, on_done: Callable[[str], object]) -> None:
        """What is to be done, and the note."""
        row = self.row
        question = PanelForm(
            self.context,
            tr_noop("Change work or note"),
            [
                MultiLineField("work", tr_noop("What is to be done"), required=True, max_length=1000, lines=3, span=2),
                TextField("note", tr_noop("Note"), max_length=1000, span=2),
            ],
            verb=tr_noop("Save"),
            command=lambda values: ChangeAppointment(
                appointment_id=row.id, expected_revision=row.revision, work=values["work"], note=values["note"]
            ),
            on_done=on_done,
            name=tr_noop("Change an appointment"),
        )
        question.form.set_values({"work": row.work, "note": row.note})
        self._section.ask(question)

    def ask_cancel(self, on_done: Callable[[None], object]) -> None:
        """The time is given back; the reason is kept."""
        question = PanelForm(
            self.context,
            tr_noop("Cancel this appointment?"),
            [MultiLineField("reason", tr_noop("Reason"), required=True, max_length=400, lines=2, span=2)],
            verb=tr_noop("Cancel appointment"),
            command=lambda values: CancelAppointment(appointment_id=self.row.id, reason=values["reason"]),
            on_done=on_done,
            text=tr_noop("The bay becomes free again. The reason is kept."),
            danger=True,
            name=tr_noop("Cancel an appointment"),
        )
        self._section.ask(question)

    def verb(self, action: Action, *, kind: str = "secondary") -> Button:
        """A button for one of the page's actions."""
        return Button.for_action(action, self.context.actions, kind=kind)


def span_words(row: AppointmentRow) -> str:
    """ "16:00–17:30 (90 min)"."""
    begins, ends = formats.clock_time(row.starts_at), formats.clock_time(row.ends_at)
    return tr("{begins}–{ends} ({span})", begins=begins, ends=ends, span=tr("{n} min", n=row.duration_minutes))
