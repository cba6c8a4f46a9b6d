"""Handlers of stock counts: scans are added, decisions are kept, and the sign-off posts them all or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.catalog.vin import clean_vin, is_vin, vin_in
from app.inventory.places import written_place
from app.inventory.rules import StockState
from app.kernel.commands import requires
from app.kernel.errors import DomainError, ReasonRequired, ValueNotAllowed, limited_text
from app.kernel.ids import derived_id
from app.kernel.labels import Listing, note
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import UnitOfWork
from app.stocktaking.commands import (
    AbandonCount,
    BeginRecount,
    DecideDifference,
    RecordScan,
    RecordScans,
    SignOff,
    StartCount,
    WithdrawScan,
)
from app.stocktaking.errors import (
    CountClosed,
    CountNotReady,
    CountUnderWay,
    NothingChosen,
    NothingToCount,
    NothingToDecide,
    NumberNotReadable,
    ReasonDoesNotFit,
    SignedByCounter,
    TailNotClear,
    TailUnknown,
)
from app.stocktaking.posting import post
from app.stocktaking.rules import (
    COUNT,
    DIFFERENCES,
    NEEDS_NOTE,
    OPEN,
    REASONS,
    CountAction,
    CountState,
    Coverage,
    Method,
    Outcome,
    Reason,
    Verdict,
    sign_off_obstacles,
    tally,
    zone_of,
)
from app.stocktaking.tallying import verdict_of, verdicts_of
from db.models.inventory import VehicleUnit
from db.models.staff import StaffMember
from db.models.stocktaking import StockCount, StockCountFinding, StockCountLine, StockCountScan

NUMBER_KIND = "SC"
NOTE_LIMIT = 400
TAIL_LEAST, TAIL_MOST = 4, 12
_PASTED_MOST = 5_000


@dataclass(frozen=True, slots=True)
class Counted:
    """What a scan means: the outcome of its vehicle, and whether the same number had been read before."""

    scan_id: str
    vin: str
    outcome: str
    expected_location: str
    found_location: str
    again: bool


@dataclass(frozen=True, slots=True)
class Pasted:
    """What became of a pasted list."""

    taken: int
    left_out: tuple[str, ...]


@requires(Permission.STOCKTAKING_COUNT)
def start_count(command: StartCount, uow: UnitOfWork) -> str:
    """Freeze the list and begin; returns the count's id."""
    if command.coverage not in tuple(Coverage):
        raise ValueNotAllowed(field="coverage", value=command.coverage)
    _require_no_other(uow, command)
    units = _units_to_count(uow, command)
    if not units:
        if command.coverage == Coverage.SELECTION:
            raise NothingChosen(field="unit_ids")
        raise NothingToCount(field="places")
    count = uow.add(
        StockCount(
            branch_id=uow.actor.branch_id,
            number=uow.next_number(NUMBER_KIND),
            coverage=command.coverage,
            places=list(command.places) or None,
            expected=len(units),
            note=limited_text(command.note, field="note", limit=NOTE_LIMIT),
            started_at=uow.now,
            started_by_staff_id=uow.actor.staff_id,
        )
    )
    uow.session.flush()
    uow.add_many(
        StockCountLine,
        [
            {
                "branch_id": unit.branch_id, "count_id": count.id, "unit_id": unit.id, "vin": unit.vin,
                "stock_number": unit.stock_number, "trim_id": unit.trim_id, "exterior_colour": unit.exterior_colour,
                "location": unit.location,
            }
            for unit in units
        ],
    )  # fmt: skip
    uow.record("CountStarted")
    return count.id


def _units_to_count(uow: UnitOfWork, command: StartCount) -> Sequence[Any]:
    """What should stand in the house, as the books say now."""
    unit = VehicleUnit
    query = select(
        unit.id, unit.branch_id, unit.vin, unit.stock_number, unit.trim_id, unit.exterior_colour, unit.location
    ).where(
        unit.branch_id == uow.actor.branch_id, unit.stock_state == StockState.IN_STOCK.value, unit.deleted_at.is_(None)
    )
    rows = uow.session.execute(query.order_by(unit.location, unit.id)).all()
    if command.coverage == Coverage.PLACES:
        wanted = {zone_of(place) for place in command.places}
        return [row for row in rows if zone_of(row.location) in wanted]
    if command.coverage == Coverage.SELECTION:
        chosen = set(command.unit_ids)
        return [row for row in rows if row.id in chosen]
    return rows


def _require_no_other(uow: UnitOfWork, command: StartCount) -> None:
    """Two counts of the whole branch at once would contradict each other."""
    if command.coverage != Coverage.BRANCH:
        return
    query = select(StockCount.number).where(
        StockCount.branch_id == uow.actor.branch_id, StockCount.coverage == Coverage.BRANCH.value,
        StockCount.state.in_([state.value for state in OPEN]), StockCount.deleted_at.is_(None),
    )  # fmt: skip
    number = uow.session.scalar(query.limit(1))
    if number is not None:
        raise CountUnderWay(number=number)


@requires(Permission.STOCKTAKING_COUNT)
def record_scan(command: RecordScan, uow: UnitOfWork) -> Counted:
    """A number was read at a place."""
    count = _open_count(uow, command.count_id)
    vin = _vin_of(uow, count, command.text)
    before = verdict_of(uow.session, count, vin)
    scan = _add_scan(uow, count, vin, location=_place(uow, command.location), method=command.method)
    uow.session.flush()
    verdict = verdict_of(uow.session, count, vin)
    uow.undo_with(WithdrawScan(count_id=count.id, scan_id=scan.id))
    return Counted(
        scan_id=scan.id,
        vin=vin,
        outcome=(verdict.outcome if verdict is not None else Outcome.UNKNOWN).value,
        expected_location=verdict.expected_location if verdict is not None else "",
        found_location=scan.location,
        again=before is not None and before.seen is not None,
    )


@requires(Permission.STOCKTAKING_COUNT)
def record_scans(command: RecordScans, uow: UnitOfWork) -> Pasted:
    """A pasted list; lines that name no vehicle are left out and told."""
    count = _open_count(uow, command.count_id)
    taken, left_out, location = 0, [], _place(uow, command.location)
    for line in command.lines[:_PASTED_MOST]:
        if not line.strip():
            continue
        try:
            vin = _vin_of(uow, count, line)
        except DomainError:
            left_out.append(line.strip())
            continue
        _add_scan(uow, count, vin, location=location, method=Method.PASTED.value)
        taken += 1
    return Pasted(taken, tuple(left_out))


def _vin_of(uow: UnitOfWork, count: StockCount, text: str) -> str:
    """The VIN a text means: the VIN in it, a stock number of the list, or the end of one VIN of the list."""
    wanted = text.strip()
    found = vin_in(wanted)
    if found is not None:
        return found
    cleaned = clean_vin(wanted)
    if is_vin(cleaned):
        return cleaned
    line = StockCountLine
    query = select(line.vin).where(line.count_id == count.id, line.deleted_at.is_(None))
    by_number = uow.session.scalar(query.where(line.stock_number == wanted.upper()).limit(1))
    if by_number is not None:
        return str(by_number)
    if not TAIL_LEAST <= len(cleaned) <= TAIL_MOST or not cleaned.isalnum():
        raise NumberNotReadable(field="text", text=wanted[:40])
    tails = list(uow.session.scalars(query.where(line.vin.endswith(cleaned, autoescape=True)).limit(3)))
    if not tails:
        raise TailUnknown(field="text", tail=cleaned)
    if len(tails) > 1:
        raise TailNotClear(field="text", tail=cleaned, n=len(tails))
    return str(tails[0])


def _place(uow: UnitOfWork, text: str) -> str:
    """Where somebody says a vehicle stands, as it is kept for units: "A-12" also for "A区-12"."""
    return written_place(uow, text, branch_id=uow.actor.branch_id)


def _add_scan(uow: UnitOfWork, count: StockCount, vin: str, *, location: str, method: str) -> StockCountScan:
    if method not in tuple(Method):
        raise ValueNotAllowed(field="method", value=method)
    query = select(VehicleUnit.id).where(VehicleUnit.vin == vin, VehicleUnit.deleted_at.is_(None)).limit(1)
    return uow.add(
        StockCountScan(
            branch_id=count.branch_id,
            count_id=count.id,
            vin=vin,
            unit_id=uow.session.scalar(query),
            location=location,
            round=2 if count.state == CountState.RECOUNTING else 1,
            method=method,
            scanned_at=uow.now,
            scanned_by_staff_id=uow.actor.staff_id,
            desk_code=uow.actor.desk_code,
        )
    )


@requires(Permission.STOCKTAKING_COUNT)
def withdraw_scan(command: WithdrawScan, uow: UnitOfWork) -> str:
    """A scan no longer counts; returns the id of the entry that says so."""
    count = _open_count(uow, command.count_id)
    scan = uow.get(StockCountScan, command.scan_id)
    if scan.count_id != count.id:
        raise NothingToDecide()
    entry = _add_scan(uow, count, scan.vin, location=scan.location, method=scan.method)
    entry.withdraws_id = scan.id
    return entry.id


@requires(Permission.STOCKTAKING_COUNT)
def begin_recount(command: BeginRecount, uow: UnitOfWork) -> str:
    """The differences are looked for again; returns the count's id."""
    count = _open_count(uow, command.count_id)
    uow.check_revision(count, command.expected_revision)
    count.state = COUNT.next_state(count.state, CountAction.RECOUNT).value
    count.recounted_at, count.recounted_by_staff_id = uow.now, uow.actor.staff_id
    return count.id


@requires(Permission.STOCKTAKING_COUNT)
def decide_difference(command: DecideDifference, uow: UnitOfWork) -> str:
    """Say why there is a difference; returns the finding's id."""
    count = _open_count(uow, command.count_id)
    verdict = verdict_of(uow.session, count, command.vin)
    if verdict is None or verdict.outcome not in DIFFERENCES:
        raise NothingToDecide(field="reason")
    reason = _reason(command.reason, verdict)
    text = limited_text(command.note, field="note", limit=NOTE_LIMIT)
    if reason in NEEDS_NOTE and not text:
        raise ReasonRequired(field="note")
    location = _place(uow, command.location) or verdict.found_location
    finding_id = derived_id("stock_count_finding", count.id, verdict.vin)
    finding = uow.session.get(StockCountFinding, finding_id)
    if finding is None:
        finding = uow.add(
            StockCountFinding(id=finding_id, branch_id=count.branch_id, count_id=count.id, vin=verdict.vin)
        )
    finding.unit_id, finding.outcome = verdict.unit_id, verdict.outcome.value
    finding.expected_location = verdict.expected_location
    finding.found_location = location
    finding.reason, finding.note = reason.value, text
    finding.decided_at, finding.decided_by_staff_id = uow.now, uow.actor.staff_id
    return finding.id


def _reason(code: str, verdict: Verdict) -> Reason:
    known = next((reason for reason in Reason if reason == code), None)
    if known is None:
        raise ValueNotAllowed(field="reason", value=code)
    if known not in REASONS[verdict.outcome]:
        raise ReasonDoesNotFit(field="reason", reason=known.label)
    return known


@requires(Permission.STOCKTAKING_SIGN_OFF)
def sign_off(command: SignOff, uow: UnitOfWork) -> str:
    """A second person confirms the count, and everything decided is posted; returns the count's id."""
    count = _open_count(uow, command.count_id)
    uow.check_revision(count, command.expected_revision)
    counters = _counters(uow, count)
    if uow.actor.staff_id in counters:
        raise SignedByCounter()
    verdicts = verdicts_of(uow.session, count)
    findings = _decisions(uow, count, verdicts)
    _require_ready(count, verdicts, findings)
    for finding in findings.values():
        post(uow, count, finding)
        finding.posted_at = uow.now
    figures = tally(verdicts)
    count.result = {
        **{outcome.value.lower(): figures.of(outcome) for outcome in Outcome}, "scanned": figures.scanned,
        "counters": sorted(counters.values()),
    }  # fmt: skip
    count.state = COUNT.next_state(count.state, CountAction.SIGN).value
    count.signed_at, count.signed_by_staff_id = uow.now, uow.actor.staff_id
    uow.reason, uow.undo = count.number, None
    uow.record("CountSignedOff")
    return count.id


def _decisions(uow: UnitOfWork, count: StockCount, verdicts: Sequence[Verdict]) -> dict[str, StockCountFinding]:
    """By VIN: decisions on what is still a difference, made on the difference as it is."""
    differing = {verdict.vin: verdict.outcome for verdict in verdicts if verdict.outcome in DIFFERENCES}
    query = select(StockCountFinding).where(
        StockCountFinding.count_id == count.id, StockCountFinding.deleted_at.is_(None)
    )
    return {
        finding.vin: finding
        for finding in uow.session.scalars(query.order_by(StockCountFinding.vin))
        if differing.get(finding.vin) == finding.outcome
    }


def _require_ready(
    count: StockCount, verdicts: Sequence[Verdict], findings: dict[str, StockCountFinding]
) -> None:  # fmt: skip
    figures = tally(verdicts)
    undecided = figures.differences - len(findings)
    obstacles = sign_off_obstacles(
        undecided=undecided, missing=figures.of(Outcome.MISSING), state=CountState(count.state)
    )
    if obstacles:
        raise CountNotReady(obstacles=Listing([note(text) for text in obstacles]))


def _counters(uow: UnitOfWork, count: StockCount) -> dict[str, str]:
    """Who scanned: `{staff id: name}`. Deciding what to make of a difference is not counting."""
    scanned = select(StockCountScan.scanned_by_staff_id).where(StockCountScan.count_id == count.id)
    ids = set(uow.session.scalars(scanned))
    names = dict(uow.session.execute(select(StaffMember.id, StaffMember.name).where(StaffMember.id.in_(ids))).all())
    return {staff_id: str(names.get(staff_id, "—")) for staff_id in ids}


@requires(Permission.STOCKTAKING_SIGN_OFF)
def abandon_count(command: AbandonCount, uow: UnitOfWork) -> str:
    """Give a count up; returns its id."""
    count = _open_count(uow, command.count_id)
    uow.check_revision(count, command.expected_revision)
    COUNT.check(count.state, CountAction.ABANDON, reason=command.reason)
    count.abandon_reason = uow.reason = limited_text(command.reason, field="reason", limit=NOTE_LIMIT)
    count.state = CountState.ABANDONED.value
    return count.id


def _open_count(uow: UnitOfWork, count_id: str) -> StockCount:
    count = uow.get(StockCount, count_id, field="count_id")
    if CountState(count.state) not in OPEN:
        raise CountClosed(state=CountState(count.state).label)
    return count
