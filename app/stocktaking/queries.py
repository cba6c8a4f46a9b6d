"""Reading stock counts: how far they are, every vehicle of them, what was scanned last, and the result on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.catalog.queries import trim_rows
from app.inventory.places import zone_of
from app.kernel.labels import UNNAMED, Bilingual
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from app.stocktaking.rules import (
    COUNT,
    DIFFERENCES,
    OPEN,
    CountState,
    Outcome,
    Tally,
    Verdict,
    sign_off_obstacles,
    tally,
)
from app.stocktaking.tallying import verdicts_of
from db.freshness import until_next_write
from db.models.inventory import VehicleUnit
from db.models.staff import StaffMember
from db.models.stocktaking import StockCount, StockCountFinding, StockCountLine, StockCountScan

LATEST = 12
CANDIDATES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class CountRow:
    """One count in the list."""

    id: str
    cursor: str
    revision: int
    number: str
    coverage: str
    places: tuple[str, ...]
    state: str
    expected: int
    started_at: datetime
    started_by: str
    signed_at: datetime | None
    signed_by: str
    differences: int | None
    """As signed; None before."""
    note: str
    abandon_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountDetail:
    """A count with its figures as they stand now, or as they were signed.

    `undecided` differences wait for a decision; `obstacles` (English keys) keep it from being signed off; `actions`
    are the codes of what state and permission allow; `counted_by_me` says that the reader scanned here.
    """

    row: CountRow
    expected: int
    scanned: int
    by: dict[str, int]
    undecided: int
    obstacles: tuple[str, ...]
    counters: tuple[str, ...]
    counted_by_me: bool
    places: tuple[str, ...]
    actions: tuple[str, ...]

    def of(self, outcome: Outcome) -> int:
        """How many have this outcome."""
        return self.by.get(outcome.value, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRow:
    """One vehicle of a count. `reason` is the code of what was decided, empty where nothing was."""

    id: str
    vin: str
    unit_id: str | None
    outcome: str
    stock_number: str
    model: Bilingual
    colour: Bilingual
    expected_location: str
    found_location: str
    seen_at: datetime | None
    seen_by: str
    scan_id: str | None
    why: str
    reason: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanRow:
    """One scan, the newest first."""

    id: str
    vin: str
    location: str
    method: str
    at: datetime
    by: str
    taken_back: bool


def list_counts(
    reader: Reader, *, text: str = "", state: Sequence[str] | str | None = None, after: str | None = None,
    limit: int = 100,
) -> tuple[CountRow, ...]:  # fmt: skip
    """Counts of the branch, the newest first."""
    reader.require(Permission.INVENTORY_VIEW)
    query = _of_branch(select(StockCount), reader, text=text, state=state)
    if after is not None:
        query = query.where(StockCount.id < after)
    rows = reader.session.scalars(query.order_by(StockCount.id.desc()).limit(limit))
    return tuple(_count_row(reader, count) for count in rows)


def count_counts(reader: Reader, *, text: str = "", state: Sequence[str] | str | None = None) -> int:
    """How many match."""
    reader.require(Permission.INVENTORY_VIEW)
    return reader.session.scalar(_of_branch(select(func.count(StockCount.id)), reader, text=text, state=state)) or 0


def get_count(reader: Reader, count_id: str) -> CountDetail:
    """One count in full; raises RecordNotFound."""
    reader.require(Permission.INVENTORY_VIEW)
    count = reader.get(StockCount, count_id)
    row, verdicts = _count_row(reader, count), _verdicts(reader, count)
    figures, decided = tally(verdicts), _findings(reader, count_id)
    undecided = sum(_is_undecided(one, decided) for one in verdicts)
    scanners = list(reader.session.execute(
        select(StaffMember.id, StaffMember.name)
        .where(StaffMember.id.in_(
            select(StockCountScan.scanned_by_staff_id).where(StockCountScan.count_id == count_id)
        ))
        .order_by(StaffMember.name)
    ))  # fmt: skip
    is_open = CountState(count.state) in OPEN
    return CountDetail(
        row=row,
        expected=count.expected,
        scanned=figures.scanned if is_open else (count.result or {}).get("scanned", 0),
        by=_figures(figures, count),
        undecided=undecided if is_open else 0,
        obstacles=tuple(_obstacles(count, figures, undecided)) if is_open else (),
        counters=tuple(name for _, name in scanners),
        counted_by_me=any(staff_id == reader.actor.staff_id for staff_id, _ in scanners),
        places=_places(reader, count),
        actions=_actions(reader, count),
    )


def _figures(figures: Tally, count: StockCount) -> dict[str, int]:
    if count.state == CountState.SIGNED and count.result:
        return {outcome.value: int(count.result.get(outcome.value.lower(), 0)) for outcome in Outcome}
    return {outcome.value: figures.of(outcome) for outcome in Outcome}


def _obstacles(count: StockCount, figures: Tally, undecided: int) -> list[str]:
    missing = figures.of(Outcome.MISSING)
    return sign_off_obstacles(undecided=undecided, missing=missing, state=CountState(count.state))


def list_verdicts(
    reader: Reader, count_id: str, *, outcomes: Sequence[str] = (), undecided: bool = False, text: str = "",
    after: str | None = None, limit: int = 100,
) -> tuple[VerdictRow, ...]:  # fmt: skip
    """Vehicles of a count, in the order of the list; `outcomes` leaves others out."""
    reader.require(Permission.INVENTORY_VIEW)
    count = reader.get(StockCount, count_id)
    decided = _findings(reader, count_id)
    chosen = [
        one for one in _verdicts(reader, count)
        if (not outcomes or one.outcome in outcomes) and (not undecided or _is_undecided(one, decided))
    ]  # fmt: skip
    rows = _verdict_rows(reader, count_id, chosen, decided) if text else None
    if rows is not None:
        wanted = text.strip().casefold()
        rows = tuple(row for row in rows if wanted in _words_of(row))
        start = next((place + 1 for place, row in enumerate(rows) if row.id == after), 0) if after else 0
        return rows[start : start + limit]
    start = next((place + 1 for place, one in enumerate(chosen) if one.vin == after), 0) if after else 0
    return _verdict_rows(reader, count_id, chosen[start : start + limit], decided)


def _words_of(row: VerdictRow) -> str:
    return f"{row.vin} {row.stock_number} {row.model.zh} {row.model.en} {row.expected_location}".casefold()


def list_scans(reader: Reader, count_id: str, *, limit: int = LATEST) -> tuple[ScanRow, ...]:
    """The last scans of everybody."""
    reader.require(Permission.INVENTORY_VIEW)
    scan = StockCountScan
    taken_back = set(reader.session.scalars(select(scan.withdraws_id).where(scan.count_id == count_id)))
    query = (
        select(scan, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == scan.scanned_by_staff_id)
        .where(scan.count_id == count_id, scan.withdraws_id.is_(None), scan.deleted_at.is_(None))
        .order_by(scan.scanned_at.desc(), scan.id.desc())
        .limit(limit)
    )
    return tuple(
        ScanRow(id=one.id, vin=one.vin, location=one.location, method=one.method, at=one.scanned_at, by=name or "",
                taken_back=one.id in taken_back)
        for one, name in reader.session.execute(query)
    )  # fmt: skip


def find_candidates(reader: Reader, count_id: str, tail: str, *, limit: int = CANDIDATES) -> tuple[VerdictRow, ...]:
    """Vehicles of the count whose number contains these characters, for choosing by the last digits."""
    reader.require(Permission.INVENTORY_VIEW)
    return list_verdicts(reader, count_id, text=tail, limit=limit) if len(tail.strip()) >= 3 else ()


def count_result_pdf(reader: Reader, count_id: str, *, language: str) -> bytes:
    """The result on paper, with room for two hands."""
    # Paper needs ReportLab, which start-up must not wait for.
    from app.stocktaking.paper import count_report

    return count_report(reader, count_id, language=language)


def count_table(reader: Reader, count_id: str) -> tuple[list[str], list[list[Any]]]:
    """Head and rows of the whole count for a spreadsheet, in the language in use."""
    from app.stocktaking.paper import table_of

    return table_of(reader, count_id)


# --- inside ---------------------------------------------------------------------------------------


def _of_branch(query: Any, reader: Reader, *, text: str, state: Sequence[str] | str | None) -> Any:
    query = query.where(StockCount.branch_id == reader.actor.branch_id, StockCount.deleted_at.is_(None))
    if text.strip():
        query = query.where(StockCount.number.icontains(text.strip()[:40], autoescape=True))
    if state:
        query = query.where(StockCount.state.in_([state] if isinstance(state, str) else list(state)))
    return query


def _verdicts(reader: Reader, count: StockCount) -> list[Verdict]:
    return until_next_write(
        reader.session, ("stock count", count.id), lambda: verdicts_of(reader.session, count)
    )  # fmt: skip


def _findings(reader: Reader, count_id: str) -> dict[str, StockCountFinding]:
    rows = reader.session.scalars(
        select(StockCountFinding).where(
            StockCountFinding.count_id == count_id, StockCountFinding.deleted_at.is_(None)
        )
    )
    return {finding.vin: finding for finding in rows}


def _is_undecided(verdict: Verdict, decided: dict[str, StockCountFinding]) -> bool:
    finding = decided.get(verdict.vin)
    return verdict.outcome in DIFFERENCES and (finding is None or finding.outcome != verdict.outcome)


def _count_row(reader: Reader, count: StockCount) -> CountRow:
    result = count.result or {}
    signed = count.state == CountState.SIGNED
    return CountRow(
        id=count.id,
        cursor=count.id,
        revision=count.revision,
        number=count.number,
        coverage=count.coverage,
        places=tuple(count.places or ()),
        state=count.state,
        expected=count.expected,
        started_at=count.started_at,
        started_by=_person(reader, count.started_by_staff_id),
        signed_at=count.signed_at,
        signed_by=_person(reader, count.signed_by_staff_id),
        differences=sum(int(result.get(one.value.lower(), 0)) for one in DIFFERENCES) if signed else None,
        note=count.note,
        abandon_reason=count.abandon_reason,
    )


def _places(reader: Reader, count: StockCount) -> tuple[str, ...]:
    """The zones to count at, for choosing where one stands."""
    if count.places:
        return tuple(place for place in count.places if place)
    lines = reader.session.scalars(
        select(StockCountLine.location).where(StockCountLine.count_id == count.id).distinct()
    )
    return tuple(sorted({zone_of(location) for location in lines if location}))


def _actions(reader: Reader, count: StockCount) -> tuple[str, ...]:
    offered = [step for step in COUNT.transitions if CountState(count.state) in step.sources]
    codes = [step.action.value for step in offered if reader.actor.may(step.permission)]
    if CountState(count.state) in OPEN and reader.actor.may(Permission.STOCKTAKING_COUNT):
        codes.append("count")
    return tuple(codes)


def _verdict_rows(
    reader: Reader, count_id: str, verdicts: Sequence[Verdict], decided: dict[str, StockCountFinding]
) -> tuple[VerdictRow, ...]:  # fmt: skip
    facts = _facts(reader, count_id, [one.vin for one in verdicts])
    models = {trim.id: trim.full_name for trim in trim_rows(reader, sorted({trim for _, trim, _ in facts.values()}))}
    names = _scanned_by(reader, [one.seen.id for one in verdicts if one.seen is not None])
    return tuple(_verdict_row(one, facts.get(one.vin), models, names, decided.get(one.vin)) for one in verdicts)


def _verdict_row(
    one: Verdict, facts: tuple[str, str, str] | None, models: dict[str, Bilingual], names: dict[str, str],
    finding: StockCountFinding | None,
) -> VerdictRow:  # fmt: skip
    stock_number, trim_id, colour = facts or ("", "", "")
    fits = finding is not None and finding.outcome == one.outcome
    return VerdictRow(
        id=one.vin,
        vin=one.vin,
        unit_id=one.unit_id,
        outcome=one.outcome.value,
        stock_number=stock_number,
        model=models.get(trim_id, UNNAMED),
        colour=Bilingual.from_stored(colour),
        expected_location=one.expected_location,
        found_location=finding.found_location if fits and finding is not None else one.found_location,
        seen_at=one.seen.at if one.seen is not None else None,
        seen_by=names.get(one.seen.id, "") if one.seen is not None else "",
        scan_id=one.seen.id if one.seen is not None else None,
        why=one.why,
        reason=finding.reason if fits and finding is not None else "",
        note=finding.note if fits and finding is not None else "",
    )


def _facts(reader: Reader, count_id: str, vins: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    """Stock number, trim and colour by VIN: from the frozen list, of others from the books."""
    found: dict[str, tuple[str, str, str]] = {}
    for start in range(0, len(vins), 500):
        part = vins[start : start + 500]
        unit, line = VehicleUnit, StockCountLine
        for row in reader.session.execute(
            select(unit.vin, unit.stock_number, unit.trim_id, unit.exterior_colour).where(unit.vin.in_(part))
        ):
            found[row[0]] = (row[1], row[2], row[3])
        for row in reader.session.execute(
            select(line.vin, line.stock_number, line.trim_id, line.exterior_colour).where(
                line.count_id == count_id, line.vin.in_(part)
            )
        ):
            found[row[0]] = (row[1], row[2], row[3])
    return found


def _scanned_by(reader: Reader, scan_ids: Sequence[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for start in range(0, len(scan_ids), 500):
        rows = reader.session.execute(
            select(StockCountScan.id, StaffMember.name)
            .join(StaffMember, StaffMember.id == StockCountScan.scanned_by_staff_id)
            .where(StockCountScan.id.in_(scan_ids[start : start + 500]))
        )
        names.update({row[0]: row[1] for row in rows})
    return names


def _person(reader: Reader, staff_id: str | None) -> str:
    member = reader.session.get(StaffMember, staff_id) if staff_id else None
    return member.name if member is not None else ""
