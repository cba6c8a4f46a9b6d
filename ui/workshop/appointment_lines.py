"""Appointments as lines that lead to their day: what was found, or what takes no bay any more."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from app.runtime.language import tr_noop
from app.workshop.queries import AppointmentRow
from ui.kit import formats
from ui.kit.controls import Label
from ui.kit.layout import column
from ui.kit.record_line import RecordLine
from ui.workshop.words import state_of, state_words


class AppointmentLines(QWidget):
    """`on_open(appointment_id)` by click or Return on a line."""

    def __init__(
        self, rows: Sequence[AppointmentRow], *, on_open: Callable[[str], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        stack = column(gap=2)
        for row in rows:
            line = _line(row)
            line.clicked.connect(lambda _checked=False, appointment_id=row.id: on_open(appointment_id))
            stack.addWidget(line)
        if not rows:
            stack.addWidget(Label(tr_noop("Nothing found. Try a name, pinyin initials or a plate."), wrap=True))
        self.setLayout(stack)


def _line(row: AppointmentRow) -> RecordLine:
    return RecordLine(
        lambda: " · ".join(part for part in (row.customer_name, row.plate) if part),
        subtitle=lambda: f"{state_words(row.state)} · {formats.moment(row.starts_at)} · {row.work}",
        icon="calendar",
        tone=state_of(row.state).tone,
    )
