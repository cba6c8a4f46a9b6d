"""Bay, time and duration as fields, with the room that is left said while one chooses."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.kernel.clock import branch_date
from app.runtime.language import tr, tr_noop
from app.workshop.queries import AppointmentRow, DayView, get_day_view
from app.workshop.rules import LONGEST, SHORTEST
from ui.kit import formats
from ui.kit.controls import Choice
from ui.kit.fields import ChoiceField, DateTimeField, Field, IntegerField
from ui.kit.form import Form
from ui.workshop.capacity import free_bays
from ui.workshop.words import bay_words

USUAL_MINUTES = 60
TIME_FIELDS = ("bay_type", "starts_at", "duration_minutes")


def bay_choices(bay_types: Sequence[str]) -> list[Choice]:
    """The bay types of a branch to choose from."""
    return [_bay_choice(kind) for kind in bay_types]


def _bay_choice(kind: str) -> Choice:
    return Choice(kind, lambda: bay_words(kind))


def time_fields(bay_types: Sequence[str]) -> list[Field]:
    """The three fields that say where and when."""
    return [
        ChoiceField("bay_type", tr_noop("Kind of work"), required=True, choices=bay_choices(bay_types), span=2),
        DateTimeField("starts_at", tr_noop("Begins"), required=True, span=2),
        IntegerField(
            "duration_minutes", tr_noop("Duration"), required=True, suffix=tr_noop("min"),
            least=int(SHORTEST.total_seconds() // 60), most=int(LONGEST.total_seconds() // 60),
        ),
    ]  # fmt: skip


class RoomHint:
    """Says below the time how many bays are free then; reads the day where it is another than the one shown."""

    def __init__(self, form: Form, *, moving: AppointmentRow | None = None) -> None:
        self._form = form
        self._moving = moving
        self._view: DayView | None = None
        form.changed.connect(lambda name: self.refresh() if name in TIME_FIELDS else None)

    def use_view(self, view: DayView) -> None:
        """A day that was read for the board."""
        self._view = view
        self.refresh()

    def refresh(self) -> None:
        """Say it for what is chosen now."""
        starts_at = self._form.value("starts_at")
        if starts_at is None or self._form.value("duration_minutes") is None:
            self._form.set_hint("starts_at", "")
            return
        day = branch_date(starts_at)
        if self._view is not None and self._view.day == day:
            self._say(self._view)
            return
        self._form.context.operations.run_query(
            self._form, get_day_view, day=day, on_done=self._say, key="room", on_error=lambda _error: True
        )

    def _say(self, view: DayView) -> None:
        starts_at, minutes = self._form.value("starts_at"), self._form.value("duration_minutes")
        bay_type = self._form.value("bay_type")
        if starts_at is None or minutes is None or bay_type is None:
            return
        room = free_bays(view, bay_type=bay_type, starts_at=starts_at, minutes=minutes, moving=self._moving)
        if room is None:
            self._form.set_hint("starts_at", "")
        elif room.free:
            self._form.set_hint(
                "starts_at", lambda: tr("{n} of {bays} bays free", n=room.free, bays=room.bays), tone="good"
            )
        else:
            self._form.set_hint("starts_at", lambda: _full_words(room.next_start), tone="warn")


def _full_words(next_start: datetime | None) -> str:
    if next_start is None:
        return tr("No bay free on this day any more")
    return tr("No bay free; next at {time}", time=formats.clock_time(next_start))


def time_values(appointment: AppointmentRow) -> dict[str, Any]:
    """An appointment's values for the three fields."""
    return {name: getattr(appointment, name) for name in TIME_FIELDS}
