"""The list of vehicles the centre keeps for this desk, one of the tabs of the Sync page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from PySide6.QtWidgets import QWidget

from app.desk.record_titles import find_record_titles
from app.inventory.queries import get_unit
from app.kernel.errors import DomainError
from app.kernel.labels import Bilingual
from app.kernel.permissions import Permission
from app.leases.port import LeasePort, Secured
from app.leases.queries import LeaseRow
from app.leases.queries import list_leases as list_stored
from app.leases.rules import LeaseStanding
from app.runtime.language import tr, tr_noop
from sync.client.errors import sentences
from sync.client.leases import ENDED, NOT_PERMITTED, RENAMED, RESTORED
from sync.client.refusal_words import refusal_words
from ui.kit import formats
from ui.kit.columns import Column, State
from ui.kit.context import PageContext
from ui.kit.controls import Button, Label
from ui.kit.detail_panel import Facts
from ui.kit.feedback import EmptyState
from ui.kit.layout import boxed, column
from ui.sync.record_list import RecordList

LEASES = "leases"
STANDINGS = {
    LeaseStanding.SECURED.value: State(LeaseStanding.SECURED.label, "good"),
    LeaseStanding.ENDED.value: State(LeaseStanding.ENDED.label, "warn"),
    LeaseStanding.CLOCK_WRONG.value: State(LeaseStanding.CLOCK_WRONG.label, "bad"),
    LeaseStanding.GIVEN_BACK.value: State(LeaseStanding.GIVEN_BACK.label, "neutral"),
    LeaseStanding.REFUSED.value: State(LeaseStanding.REFUSED.label, "bad"),
}
_WHY = {
    ENDED: tr_noop("The headquarters ended it, or the vehicle went elsewhere."),
    RESTORED: tr_noop("The centre was restored from a backup. It is asked for again by itself."),
    RENAMED: tr_noop("This desk goes on under a new name at the centre; another copy of its data may be in use."),
    NOT_PERMITTED: tr_noop("The role of who secured it no longer allows it."),
}
_PROVISIONAL = tr_noop("A sale made now is provisional until the centre has answered.")
_MEANING = {
    LeaseStanding.SECURED: tr_noop("Nobody else gets this vehicle. Sold here, also offline, the sale is binding."),
    LeaseStanding.ENDED: tr_noop("The time is over."),
    LeaseStanding.CLOCK_WRONG: tr_noop(
        "The clock of this computer was set back, so nobody can say whether time is left: the lease does not count. "
        "Connect, and it is secured again."
    ),
    LeaseStanding.GIVEN_BACK: tr_noop("It counts no longer. The centre hears of it with the next contact."),
}


@dataclass(frozen=True, slots=True)
class LeaseLine:
    """One vehicle with its name, and the order it was sold on."""

    row: LeaseRow
    name: Bilingual
    order: str
    staff: str

    @property
    def id(self) -> str:
        return self.row.vin

    @property
    def vin(self) -> str:
        return self.row.vin

    @property
    def state(self) -> str:
        return self.row.standing.value

    @property
    def owner(self) -> tuple[str, str]:
        return "vehicle_unit", self.row.vehicle_id


def list_leases(reader: Any, *, after: Any = None, limit: int) -> list[LeaseLine]:
    """All of them, the first to end first; they are few."""
    rows = list_stored(reader, after=after, limit=limit)
    titles = find_record_titles(reader, [("staff_member", row.staff_id) for row in rows if row.staff_id])
    return [_line(reader, row, titles) for row in rows]


def _line(reader: Any, row: LeaseRow, titles: Any) -> LeaseLine:
    try:
        unit = get_unit(reader, row.vehicle_id)
    except DomainError:  # the vehicle left this desk's books
        return LeaseLine(row, Bilingual(row.vin, row.vin), "", "")
    staff = titles.get(("staff_member", row.staff_id))
    return LeaseLine(
        row, unit.row.name, unit.order.number if unit.order is not None else "", staff.title if staff else ""
    )  # fmt: skip


def lease_list(context: PageContext) -> RecordList:
    """The table with its empty state."""
    columns = (
        Column("name", tr_noop("Vehicle"), width=216, stretch=True, format=str),
        Column("vin", tr_noop("VIN"), kind="code", width=164),
        Column("state", tr_noop("Status"), kind="state", width=152, states=STANDINGS),
        Column("until", tr_noop("Secured until"), kind="moment", width=132, value=lambda line: line.row.until),
        Column("left", tr_noop("Left"), width=88, value=lambda line: line.row,
               format=lambda row: formats.duration(row.left.total_seconds()) if row.counts else "–"),
        Column("order", tr_noop("Sold on"), kind="code", width=156, value=lambda line: line.order or "–"),
    )  # fmt: skip
    empty = EmptyState(
        tr_noop("No vehicle is secured for this desk"),
        tr_noop("Before you go where there is no network: choose one or more vehicles and secure them for selling "
                "offline."),
        icon="lock",
        action=Button(tr_noop("Choose vehicles"), on_click=partial(context.navigator.open, "vehicles"))
        if context.may(Permission.INVENTORY_SECURE) else None,
    )  # fmt: skip
    return RecordList(
        context, key=LEASES, name=tr_noop("Vehicles secured for this desk"), columns=columns, list_rows=list_leases,
        empty=empty, multiple=True,
    )  # fmt: skip


def lease_details(line: LeaseLine) -> QWidget:
    """What the lease means now."""
    row = line.row
    facts = Facts(
        [
            (tr_noop("VIN"), line.vin),
            (tr_noop("Secured until"), lambda: formats.moment(row.until)),
            (tr_noop("Renewed by itself"), lambda: tr("yes, while online") if row.wanted else tr("no")),
            (tr_noop("Secured by"), line.staff or "–"),
            (tr_noop("Sold on"), line.order or "–"),
        ]
    )
    return boxed(column(Label(lambda: meaning_of(row), wrap=True), facts, gap=12))


def meaning_of(row: LeaseRow) -> str:
    """One sentence about what may be counted on."""
    if row.standing is LeaseStanding.REFUSED:
        why = tr(_WHY.get(row.refusal) or refusal_words(row.refusal).text, limit="–", field="–")
        return sentences((why, tr(_PROVISIONAL)))
    if row.standing is LeaseStanding.ENDED:
        return sentences((tr(_MEANING[row.standing]), tr(_PROVISIONAL)))
    return tr(_MEANING[row.standing])


def several_details(lines: Sequence[LeaseLine]) -> QWidget:
    """Which vehicles are chosen."""
    named = [column(Label(partial(str, line.name), wrap=True), Label(line.vin, role="secondary"), gap=0)
             for line in lines]  # fmt: skip
    return boxed(column(*named, gap=8))


def renew_all(port: LeasePort, lines: Sequence[LeaseLine]) -> Secured:
    """Have them secured anew, each for as long as before. Raises what the port raises."""
    until: dict[str, datetime] = {}
    refused: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for hours in sorted({line.row.hours for line in lines}):
        answer = port.secure([line.vin for line in lines if line.row.hours == hours], hours)
        until |= answer.until
        refused |= answer.refused
    return Secured(until, refused)
