"""How many bays are free for a wanted time, from the day that was read."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.workshop.queries import AppointmentRow, DayView


@dataclass(frozen=True, slots=True)
class FreeBays:
    """Of `bays` bays, `free` are free throughout; `next_start` is the first slot of the day with room, if there is."""

    free: int
    bays: int
    next_start: datetime | None


def free_bays(
    view: DayView, *, bay_type: str, starts_at: datetime, minutes: int, moving: AppointmentRow | None = None
) -> FreeBays | None:
    """The room for a wanted time; None for a bay type the branch lacks or a time outside the day's slots.

    Counted by slots, as the board shows it, so never more than there is. `moving` does not stand in its own way.
    """
    if bay_type not in view.bay_types or not view.slots:
        return None
    span = timedelta(minutes=minutes)
    if starts_at < view.slots[0].starts_at or starts_at + span > view.slots[-1].ends_at:
        return None
    free = _least_free(view, bay_type, starts_at, starts_at + span, moving)
    later = [slot.starts_at for slot in view.slots if slot.starts_at > starts_at and not slot.past]
    following = next(
        (
            start
            for start in later
            if start + span <= view.slots[-1].ends_at and _least_free(view, bay_type, start, start + span, moving) > 0
        ),
        None,
    )
    bays = next((load.bays for load in view.slots[0].loads if load.bay_type == bay_type), 0)
    return FreeBays(free, bays, following)


def _least_free(view: DayView, bay_type: str, begins: datetime, ends: datetime, moving: AppointmentRow | None) -> int:
    least: int | None = None
    for slot in view.slots:
        if slot.starts_at < ends and begins < slot.ends_at:
            free = slot.free(bay_type)
            if moving is not None and moving.takes_bay and moving.bay_type == bay_type:
                free += int(moving.starts_at < slot.ends_at and slot.starts_at < moving.ends_at)
            least = free if least is None else min(least, free)
    return least or 0
