"""Where things stand on the day's board: lanes as columns, time from top to bottom. Lengths in pixels."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import QPointF, QRectF

from app.workshop.queries import AppointmentRow, DayView, LaneRow, SlotRow
from ui.kit.theme import theme

SLOT_LOWEST, SLOT_HIGHEST = 32, 52
LANE_NARROWEST = 96
FREE_STRIP = 34
GROUP_GAP = 12
_INSET = 2
_WALK_IN = timedelta(minutes=5)
"""Who is booked into the slot that has begun starts at the next multiple of this."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One bay's column."""

    row: LaneRow
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class LaneGroup:
    """The bays of one type: a narrow strip with the number of free ones, then their columns."""

    bay_type: str
    left: float
    strip_width: float
    width: float


class BoardLayout:
    """The geometry of one day for a room of `width` by `height`; larger than it where the least sizes ask for it."""

    def __init__(self, view: DayView, width: float, height: float) -> None:
        look = theme()
        self.view = view
        self.slots: tuple[SlotRow, ...] = view.slots
        count = max(len(self.slots), 1)
        self.slot_height = float(min(max(height / count, look.px(SLOT_LOWEST)), look.px(SLOT_HIGHEST)))
        self.height = self.slot_height * count
        self.lanes: list[Lane] = []
        self.groups: list[LaneGroup] = []
        self.width = self._place_lanes(width)

    def y_of(self, instant: datetime) -> float:
        """The height of an instant, inside the board."""
        if not self.slots:
            return 0.0
        span = (self.slots[-1].ends_at - self.slots[0].starts_at).total_seconds()
        passed = (instant - self.slots[0].starts_at).total_seconds()
        return min(max(passed / span, 0.0), 1.0) * self.height

    def is_within(self, instant: datetime) -> bool:
        """Whether an instant lies in the day's opening hours."""
        return bool(self.slots) and self.slots[0].starts_at <= instant < self.slots[-1].ends_at

    def slot_rect(self, lane: int, slot: int) -> QRectF:
        """The cell of a lane and a slot."""
        column = self.lanes[lane]
        return QRectF(column.left, slot * self.slot_height, column.width, self.slot_height)

    def block_rect(self, lane: int, appointment: AppointmentRow) -> QRectF:
        """Where an appointment's block stands."""
        column = self.lanes[lane]
        top, bottom = self.y_of(appointment.starts_at), self.y_of(appointment.ends_at)
        inset = theme().px(_INSET)
        least = self.slot_height / 2 - inset
        return QRectF(column.left + inset, top + 1, column.width - 2 * inset, max(bottom - top - 2, least))

    def cell_at(self, at: QPointF) -> tuple[int, int] | None:
        """The lane and slot under a point, None beside them."""
        slot = int(at.y() // self.slot_height)
        if not 0 <= slot < len(self.slots):
            return None
        for number, lane in enumerate(self.lanes):
            if lane.left <= at.x() < lane.left + lane.width:
                return number, slot
        return None

    def appointment_in(self, lane: int, slot: int) -> AppointmentRow | None:
        """The appointment that stands in a cell; the first where there are several."""
        cell = self.slots[slot]
        for row in self.lanes[lane].row.appointments:
            if row.starts_at < cell.ends_at and cell.starts_at < row.ends_at:
                return row
        return None

    def cells_of(self, lane: int, appointment: AppointmentRow) -> tuple[int, int]:
        """The first and the last slot an appointment touches."""
        touched = [n for n, slot in enumerate(self.slots) if self._touches(slot, appointment)]
        return (touched[0], touched[-1]) if touched else (0, 0)

    def find(self, appointment_id: str) -> tuple[int, AppointmentRow] | None:
        """The lane and the row of an appointment on the board."""
        for number, lane in enumerate(self.lanes):
            for row in lane.row.appointments:
                if row.id == appointment_id:
                    return number, row
        return None

    def bookable_from(self, slot: int, now: datetime) -> datetime | None:
        """When a booking into a slot would begin: with the slot, or soon where it has begun; None once it is over."""
        cell = self.slots[slot]
        if cell.starts_at >= now:
            return cell.starts_at
        passed = -((cell.starts_at - now) // _WALK_IN)
        soon = cell.starts_at + passed * _WALK_IN
        return soon if soon < cell.ends_at else None

    def first_free(self, now: datetime) -> tuple[int, int] | None:
        """The earliest cell that can still be booked."""
        for slot in range(len(self.slots)):
            for number, lane in enumerate(self.lanes):
                open_still = not lane.row.overbooked and self.bookable_from(slot, now) is not None
                if open_still and self.appointment_in(number, slot) is None:
                    return number, slot
        return None

    @staticmethod
    def _touches(slot: SlotRow, appointment: AppointmentRow) -> bool:
        return appointment.starts_at < slot.ends_at and slot.starts_at < appointment.ends_at

    def _place_lanes(self, room: float) -> float:
        look = theme()
        rows = self.view.lanes
        kinds = list(dict.fromkeys(lane.bay_type for lane in rows))
        strip, gap = look.px(FREE_STRIP), look.px(GROUP_GAP)
        taken = len(kinds) * strip + max(len(kinds) - 1, 0) * gap
        lane_width = max((room - taken) / max(len(rows), 1), look.px(LANE_NARROWEST))
        left = 0.0
        for kind in kinds:
            lanes = [lane for lane in rows if lane.bay_type == kind]
            self.groups.append(LaneGroup(kind, left, strip, strip + lane_width * len(lanes)))
            left += strip
            for lane in lanes:
                self.lanes.append(Lane(lane, left, lane_width))
                left += lane_width
            left += gap
        return max(left - gap, 0.0)
