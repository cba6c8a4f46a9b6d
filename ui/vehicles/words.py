"""Words and tones for what the stock page shows."""

from datetime import datetime
from enum import StrEnum

from app.inventory.queries import LeaseInfo, UnitRow
from app.inventory.rules import AllocationState, CertificateState, PdiState, QualityState, StockState
from app.kernel.clock import Clock
from app.kernel.labels import Labelled
from app.leases.rules import LeaseStanding
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.columns import State
from ui.kit.controls import Choice


class Standing(StrEnum):
    """What matters most about a unit in one word: what keeps it from being sold comes first."""

    FREE = "free"
    HELD = "held"
    SECURED = "secured"
    SOLD = "sold"
    DELIVERED = "delivered"
    IN_TRANSIT = "in_transit"
    LENT = "lent"
    OUT = "out"
    DAMAGED = "damaged"
    FROZEN = "frozen"


STANDINGS: dict[Standing, State] = {
    Standing.FREE: State(AllocationState.FREE.label, "good"),
    Standing.HELD: State(AllocationState.HELD.label, "warn"),
    Standing.SECURED: State(tr_noop("Secured"), "accent"),
    Standing.SOLD: State(tr_noop("Sold"), "info"),
    Standing.DELIVERED: State(AllocationState.DELIVERED.label, "neutral"),
    Standing.IN_TRANSIT: State(StockState.IN_TRANSIT.label, "accent"),
    Standing.LENT: State(StockState.LENT.label, "warn"),
    Standing.OUT: State(StockState.OUT.label, "neutral"),
    Standing.DAMAGED: State(QualityState.DAMAGED.label, "bad"),
    Standing.FROZEN: State(QualityState.FROZEN.label, "bad"),
}

TONES: dict[Labelled, str] = {
    StockState.IN_STOCK: "good",
    StockState.IN_TRANSIT: "accent",
    StockState.LENT: "warn",
    StockState.OUT: "neutral",
    AllocationState.FREE: "good",
    AllocationState.HELD: "warn",
    AllocationState.ALLOCATED: "info",
    AllocationState.DELIVERED: "neutral",
    PdiState.UNCHECKED: "neutral",
    PdiState.PASS: "good",
    PdiState.FAIL: "bad",
    QualityState.NORMAL: "good",
    QualityState.DAMAGED: "bad",
    QualityState.FROZEN: "bad",
    CertificateState.PENDING_SCAN: "neutral",
    CertificateState.AT_BANK: "warn",
    CertificateState.IN_SAFE: "good",
    CertificateState.ISSUED: "neutral",
}

_BY_ALLOCATION = {
    AllocationState.HELD: Standing.HELD,
    AllocationState.ALLOCATED: Standing.SOLD,
    AllocationState.DELIVERED: Standing.DELIVERED,
}
_BY_STOCK = {
    StockState.IN_TRANSIT: Standing.IN_TRANSIT,
    StockState.LENT: Standing.LENT,
    StockState.OUT: Standing.OUT,
}


def standing_of(row: UnitRow) -> Standing:
    """The one word for a unit in the list; the panel says all."""
    if row.allocation in _BY_ALLOCATION:
        return _BY_ALLOCATION[row.allocation]
    if row.quality is not QualityState.NORMAL:
        return Standing.DAMAGED if row.quality is QualityState.DAMAGED else Standing.FROZEN
    if row.secured_for:
        return Standing.SECURED
    return _BY_STOCK.get(row.stock, Standing.FREE)


def standing_tooltip(row: UnitRow) -> str:
    """For which desk it is secured, and all axes, one a line."""
    axes = [tr(state.label) for state in (row.stock, row.allocation, row.quality, row.pdi, row.certificate)]
    if row.secured_until is None:
        return "\n".join(axes)
    until = formats.moment(row.secured_until)
    return "\n".join([tr("Secured for desk {desk} until {time}", desk=row.secured_for, time=until), *axes])


def place_of(row: UnitRow) -> str:
    """Branch and place: "SH01 A-12"."""
    return f"{row.branch_code} {row.location}".strip()


def age_of(row: UnitRow) -> str:
    """How long it has been here, or when it is due."""
    if row.stock is StockState.IN_TRANSIT:
        return tr("due {date}", date=f"{row.arrived_on:%m-%d}")
    return trn("{n} day", "{n} days", row.age_days) if row.age_days else tr("today")


def lease_words(lease: LeaseInfo) -> str:
    """For whom the centre keeps a vehicle, and until when."""
    until = formats.moment(lease.until)
    if not lease.own:
        return tr("Secured for desk {desk}", desk=lease.desk)
    if lease.counts:
        return tr("Secured for this desk until {time}", time=until)
    if lease.standing is LeaseStanding.ENDED:
        return tr("Was secured for this desk until {time}", time=until)
    return tr("No longer secured: {why}", why=tr(lease.standing.label))


def lease_meaning(lease: LeaseInfo) -> str:
    """What may be counted on."""
    if not lease.own:
        return tr("Until {time}; ask them to give it back", time=formats.moment(lease.until))
    return tr("A sale made offline is binding") if lease.counts else tr("A sale made offline is provisional")


def time_left(until: datetime, now: datetime) -> str:
    """How long a hold still lasts, in words."""
    return tr("{span} left", span=formats.remaining((until - now).total_seconds()))


def hold_left(clock: Clock, row: UnitRow) -> str:
    """How long a hold still lasts, for the table: "3 h 20 min"."""
    if row.held_until is None:
        return ""
    return formats.remaining((row.held_until - clock.now()).total_seconds())


def hold_tooltip(row: UnitRow) -> str:
    """When exactly the hold ends."""
    return tr("Held until {time}", time=formats.moment(row.held_until)) if row.held_until is not None else ""


def choices_of(kind: type[Labelled], *members: Labelled) -> list[Choice]:
    """The members of a kind, or those given, to choose from."""
    return [Choice(member, member.label) for member in (members or tuple(kind))]
