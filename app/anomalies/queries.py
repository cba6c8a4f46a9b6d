"""The work list of the checks: what they find now, without what somebody found right.

Checks are made when somebody asks, on a reader thread, and kept until the catalogue, or the stock, is another.
"""

import threading
import weakref
from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Engine, func, select

from app.anomalies.comparing_rules import compare_trims
from app.anomalies.findings import TRIM, UNIT, Finding, Rule, Severity, TrimFacts
from app.anomalies.price_line import price_findings
from app.anomalies.rules import by_severity, check_trim, said_once
from app.anomalies.unit_rules import check_unit
from app.anomalies.units_to_look_at import units_to_look_at
from app.catalog.inheritance import in_full, merged
from app.kernel.clock import branch_date
from app.kernel.errors import RecordNotFound
from app.kernel.labels import Bilingual, Labelled, Note
from app.kernel.permissions import Permission
from app.kernel.reading import stop_if_unwanted
from app.kernel.unit_of_work import Reader
from app.runtime.language import tr_noop
from db.models.catalog import Make, ModelYear, Series, Trim
from db.models.desk import AuditEntry, SyncCursor
from db.models.exchange import AnomalyDismissal
from db.models.staff import StaffMember

T = TypeVar("T")
_AT_ONCE = 200


class Standing(Labelled):
    """Whether a finding waits for somebody."""

    OPEN = "open", tr_noop("Open")
    DISMISSED = "dismissed", tr_noop("Dismissed")


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """A finding on the work list; the dismissal's fields are empty while it is open."""

    id: str
    finding: Finding
    standing: Standing
    dismissal_id: str = ""
    reason: str = ""
    dismissed_by: str = ""
    dismissed_at: datetime | None = None

    @property
    def severity(self) -> Severity:
        """How sure it is."""
        return self.finding.severity

    @property
    def mark(self) -> Severity | Standing:
        """What the list says first: how sure it is, or that somebody found it right."""
        return self.standing if self.standing is Standing.DISMISSED else self.severity

    @property
    def rule(self) -> Rule:
        """Which check it was."""
        return self.finding.rule

    @property
    def name(self) -> Bilingual:
        """The trim or the vehicle."""
        return self.finding.name

    @property
    def note(self) -> Note:
        """What is wrong, in words."""
        return self.finding.note

    @property
    def subject_table(self) -> str:
        """trim or vehicle_unit."""
        return self.finding.subject_table


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingPage:
    """Rows of the work list and where the next ones begin."""

    rows: tuple[FindingRow, ...]
    next: str | None


def list_findings(
    reader: Reader,
    *,
    after: str | None = None,
    limit: int = 100,
    text: str = "",
    rule: Sequence[str] = (),
    severity: Sequence[str] = (),
    subject: str = "",
    standing: str = Standing.OPEN.value,
    subject_id: str = "",
) -> FindingPage:
    """The work list, the surest first; `after` is the place of the last row."""
    rows = _chosen(reader, text=text, rule=rule, severity=severity, subject=subject, standing=standing)
    if subject_id:
        rows = [row for row in rows if row.finding.subject_id == subject_id]
    start = int(after or 0)
    end = start + limit
    return FindingPage(rows=tuple(rows[start:end]), next=str(end) if end < len(rows) else None)


def count_findings(
    reader: Reader,
    *,
    text: str = "",
    rule: Sequence[str] = (),
    severity: Sequence[str] = (),
    subject: str = "",
    standing: str = Standing.OPEN.value,
) -> tuple[int, int]:
    """How many are chosen, and how many are open in all."""
    chosen = _chosen(reader, text=text, rule=rule, severity=severity, subject=subject, standing=standing)
    return len(chosen), sum(row.standing is Standing.OPEN for row in _rows(reader))


def count_by_rule(reader: Reader) -> dict[str, int]:
    """How many open findings each rule has."""
    found: dict[str, int] = {}
    for row in _rows(reader):
        if row.standing is Standing.OPEN:
            found[row.rule.value] = found.get(row.rule.value, 0) + 1
    return found


def get_finding(reader: Reader, finding_id: str) -> FindingRow:
    """One finding as it is now; raises RecordNotFound for one that is no longer found."""
    for row in _rows(reader):
        if row.id == finding_id:
            return row
    raise RecordNotFound()


def _chosen(
    reader: Reader, *, text: str, rule: Sequence[str], severity: Sequence[str], subject: str, standing: str
) -> list[FindingRow]:
    words = text.casefold().split()[:6]
    return [
        row
        for row in _rows(reader)
        if (not standing or standing == "all" or row.standing.value == standing)
        and (not rule or row.rule.value in rule)
        and (not severity or row.severity.value in severity)
        and (not subject or row.subject_table == subject)
        and all(word in f"{row.name.zh} {row.name.en} {row.note}".casefold() for word in words)
    ]


def _rows(reader: Reader) -> list[FindingRow]:
    """Every finding with what became of it."""
    reader.require(Permission.CATALOG_VIEW)
    query = (
        select(AnomalyDismissal, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == AnomalyDismissal.staff_id)
        .where(AnomalyDismissal.deleted_at.is_(None))
    )
    dismissals = {(row[0].subject_id, row[0].rule): row for row in reader.session.execute(query)}
    return [_row(finding, dismissals.get((finding.subject_id, finding.key))) for finding in find_all(reader)]


def _row(finding: Finding, dismissal: Any) -> FindingRow:
    if dismissal is None or dismissal[0].fingerprint != finding.fingerprint:
        return FindingRow(id=finding.id, finding=finding, standing=Standing.OPEN)
    kept, name = dismissal
    return FindingRow(
        id=finding.id, finding=finding, standing=Standing.DISMISSED, dismissal_id=kept.id, reason=kept.reason,
        dismissed_by=name or "", dismissed_at=kept.dismissed_at,
    )  # fmt: skip


def find_all(reader: Reader) -> list[Finding]:
    """What all checks find now, the surest first."""
    found = [*_trim_findings(reader), *_unit_findings(reader)]
    if not reader.actor.may(Permission.INVENTORY_VIEW_COST):
        found = [one for one in found if one.rule is not Rule.PRICE_ORDER or one.about != "cost"]
    return by_severity(found)


# --- trims -----------------------------------------------------------------------------------------


def check_trims(trims: Sequence[TrimFacts]) -> list[Finding]:
    """What the checks find in these trims, each by itself and against the others; ends when nobody waits for it."""
    alone: list[Finding] = []
    for number, trim in enumerate(trims):
        if number % _AT_ONCE == 0:
            stop_if_unwanted()
        alone += check_trim(trim)
    compared = compare_trims(trims, tell=stop_if_unwanted)
    return said_once([*alone, *compared, *price_findings(trims, tell=stop_if_unwanted)])


def _trim_findings(reader: Reader) -> list[Finding]:
    def state() -> Hashable:
        return tuple(_state_of(reader, model) for model in (Make, Series, ModelYear, Trim))

    return _kept(reader, "trims", lambda: check_trims(trim_facts(reader)), state=state)


def trim_facts(reader: Reader, *, without: Collection[str] = ()) -> list[TrimFacts]:
    """Every live trim, but for some by id, with what holds for it in full."""
    query = (
        select(Trim, ModelYear, Series, Make)
        .join(ModelYear, ModelYear.id == Trim.model_year_id)
        .join(Series, Series.id == ModelYear.series_id)
        .join(Make, Make.id == Series.make_id)
        .where(Trim.deleted_at.is_(None))
    )
    return [
        TrimFacts(
            id=trim.id, name=_named(make, series, year, trim), make=Bilingual(make.name_zh, make.name_en),
            series_id=series.id, year=year.year, energy=trim.energy, seats=trim.seats, guide_price=trim.guide_price,
            parameters=in_full(merged(make.parameters, series.parameters, year.parameters), trim.parameters),
        )
        for trim, year, series, make in reader.session.execute(query).yield_per(_AT_ONCE)
        if trim.id not in without
    ]  # fmt: skip


def _named(make: Make, series: Series, year: ModelYear, trim: Trim) -> Bilingual:
    english = (make.name_en or make.name_zh, series.name_en or series.name_zh, str(year.year),
               trim.name_en or trim.name_zh)  # fmt: skip
    return Bilingual(f"{make.name_zh} {series.name_zh} {year.year}款 {trim.name_zh}", " ".join(english))


# --- units -----------------------------------------------------------------------------------------


def _unit_findings(reader: Reader) -> list[Finding]:
    if not reader.actor.may(Permission.INVENTORY_VIEW):
        return []
    today = branch_date(reader.now)

    def make() -> list[Finding]:
        units = units_to_look_at(reader, today=today, progress=stop_if_unwanted)
        return [finding for unit in units for finding in check_unit(unit, today=today)]

    return _kept(reader, f"units {reader.actor.branch_id} {today}", make)


def _last_write(reader: Reader) -> Hashable:
    """What tells one state of this database from any other, whatever its size: the last command made here, and how far
    the changes of other desks have come."""
    made = reader.session.execute(select(func.max(AuditEntry.n))).scalar()
    come = reader.session.execute(select(SyncCursor.scope, SyncCursor.seq).order_by(SyncCursor.scope))
    return made, tuple(map(tuple, come))


# --- what was found, until it changes --------------------------------------------------------------

@dataclass(frozen=True, slots=True)
class _Kept:
    """What was found, and the state of the database it was found in."""

    at: Hashable
    state: Hashable
    result: Any


_findings: "weakref.WeakKeyDictionary[Engine, dict[str, _Kept]]" = weakref.WeakKeyDictionary()
_makers: "weakref.WeakKeyDictionary[Engine, dict[str, threading.Lock]]" = weakref.WeakKeyDictionary()
_lock = threading.Lock()
_MOST_KEPT = 8
_LOOK_UP_EVERY = 0.05


def _kept(reader: Reader, key: str, make: Callable[[], T], *, state: Callable[[], Hashable] | None = None) -> T:
    """What is kept while nothing was written, or while what was written left `state` alone; else a new result."""
    engine, at = reader.session.connection().engine, _last_write(reader)
    with _lock:
        known = _findings.setdefault(engine, {}).get(key)
    if known is not None and known.at == at:
        result: T = known.result
        return result
    now = state() if state is not None else at
    with _making_alone(engine, key):
        with _lock:
            known = _findings[engine].get(key)
        result = known.result if known is not None and known.state == now else make()
        with _lock:
            kept = _findings[engine]
            kept.pop(key, None)
            kept[key] = _Kept(at, now, result)
            while len(kept) > _MOST_KEPT:
                del kept[next(iter(kept))]
    return result


@contextmanager
def _making_alone(engine: Engine, key: str) -> Iterator[None]:
    """The list, its count and the counts by rule are asked for at once: the first makes it, the others wait for it, as
    long as somebody waits for them."""
    with _lock:
        making = _makers.setdefault(engine, {}).setdefault(key, threading.Lock())
    while not making.acquire(timeout=_LOOK_UP_EVERY):
        stop_if_unwanted()
    try:
        yield
    finally:
        making.release()


def _state_of(reader: Reader, model: Any) -> Hashable:
    """What tells one state of a table from any other: how many rows, how often they were changed, when last."""
    query = select(func.count(), func.sum(model.revision), func.max(model.updated_at), func.sum(model.ver))
    return tuple(reader.session.execute(query).one())


__all__ = ["TRIM", "UNIT", "FindingPage", "FindingRow", "Standing", "count_findings", "get_finding", "list_findings"]
