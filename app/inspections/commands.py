"""What can be done in an inspection. Every answer is stored at once: half an inspection survives anything."""

from dataclasses import dataclass
from datetime import datetime

from app.inspections.rules import Severity, Verdict
from app.kernel.commands import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginInspection(Command):
    """Inspect a unit by the checklist in force; returns the inspection's id.

    One that is in progress is gone on with, whoever began it. Raises UnitNotHere (field `unit_id`).
    """

    unit_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerItem(Command):
    """Say what was found at an item; `verdict` None takes the answer back. Undone by the former answer.

    A defect is written down by NoteDefect. Raises InspectionClosed, ItemUnknown or DefectOnItem (field `item`).
    """

    inspection_id: str
    item: str
    verdict: Verdict | None
    measured: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteDefect(Command):
    """Write down a defect at an item; returns its id, to which photos are attached. Undone by WithdrawDefect."""

    inspection_id: str
    item: str
    severity: Severity
    description: str
    responsible: str = ""
    measured: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDefect(Command):
    """Correct what was written down about a defect that is not repaired yet; can be undone."""

    defect_id: str
    expected_revision: int
    severity: Severity
    description: str
    responsible: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawDefect(Command):
    """A defect was none: its item is without an answer again. The reason is kept."""

    defect_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairDefect(Command):
    """A defect was repaired: what was done, by whom, when (now by default). It has to be looked at again."""

    defect_id: str
    repair: str
    repaired_by: str
    repaired_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearDefect(Command):
    """A repaired defect was looked at again and is gone. With the last one a failed inspection has passed."""

    defect_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenDefect(Command):
    """A repair was not good, or was entered by mistake: the defect is to be repaired. The reason is kept.

    `still_repaired` takes only the second look back.
    """

    defect_id: str
    reason: str
    still_repaired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetReadings(Command):
    """Odometer, charge of the traction battery in percent, and a remark; can be undone."""

    inspection_id: str
    odometer_km: int | None
    battery_percent: int | None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishInspection(Command):
    """End an inspection; returns its state. It has passed when every mandatory item has an answer and no defect above
    cosmetic is open, and failed otherwise; the unit's inspection axis follows at once.

    With answers missing it raises ChecklistIncomplete unless `as_failed`. Undone by ReopenInspection.
    """

    inspection_id: str
    as_failed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenInspection(Command):
    """The way back of finishing: in progress again, the unit's axis where it was."""

    inspection_id: str
    expected_revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AbandonInspection(Command):
    """Give up an inspection that was begun by mistake; its answers stay, and it counts no more. The reason is kept."""

    inspection_id: str
    reason: str
