"""Reading the audit trail of this desk, and proving that nothing was taken out of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import column, func, select, table

from app.audit.rules import REVEAL_COMMANDS, REVEALS, ChainProblem, field_label, table_label
from app.kernel.clock import BRANCH_TIME
from app.kernel.command_labels import command_label
from app.kernel.errors import ValueNotAllowed
from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.audit_trail import FIRST_HASH, audit_hash, portions_hash, summary_hash, unpacked
from db.models.desk import AuditEntry, AuditPortion, AuditSubject
from db.models.staff import StaffMember
from db.types import microseconds

_PORTION = 1000
_MOST_BREAKS = 50


@dataclass(frozen=True, slots=True)
class AuditedChange:
    """One record that a command wrote: the new values as stored, personal ones hidden.

    Without `record_id`: `records` of them, where a command wrote so many that each is told only in its own history.
    """

    table: str
    record_id: str
    values: Mapping[str, Any]

    @property
    def records(self) -> int:
        """How many records this tells of."""
        return 1 if self.record_id else int(self.values["records"])

    @property
    def record(self) -> str:
        """What kind of record it is, in the language in use."""
        return table_label(self.table)

    @property
    def lines(self) -> tuple[tuple[str, Any], ...]:
        """Field and value, fields in the language in use."""
        return tuple((field_label(name), value) for name, value in sorted(self.values.items()))


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One command. `changes` is what it wrote; a reveal has the field under "reveal" instead."""

    id: str
    cursor: str
    n: int
    at: datetime
    staff_id: str
    staff_name: str
    desk_code: str
    command: str
    reason: str
    changes: tuple[AuditedChange, ...]

    @property
    def action(self) -> str:
        """What was done, in the language in use."""
        return command_label(self.command)


@dataclass(frozen=True, slots=True)
class ChainBreak:
    """A place where the trail is not whole: at entry `n`."""

    n: int
    at: datetime
    problem: ChainProblem


@dataclass(frozen=True, slots=True)
class ChainReport:
    """How much of the trail was read and where it is not whole; at most fifty places are named."""

    entries: int
    breaks: tuple[ChainBreak, ...]

    @property
    def intact(self) -> bool:
        """Whether every entry is as it was written and none is missing."""
        return not self.breaks


def list_audit_entries(
    reader: Reader, *, after: str | None = None, limit: int = 100, record_id: str | None = None, **filters: str | None
) -> tuple[AuditRow, ...]:
    """What was done at this desk, the newest first, from behind the cursor `after`.

    With `record_id` only what was done with that record, and of each entry only its changes. Filters: `staff_id`,
    `command` (`REVEALS` for all that reveal), `reason` (a piece of it), `from_day` and `to_day` (ISO dates in branch
    time, both included). Raises ValueNotAllowed for a day or a cursor that is none.
    """
    reader.require(Permission.AUDIT_VIEW)
    query = select(AuditEntry, StaffMember.name).outerjoin(StaffMember, StaffMember.id == AuditEntry.staff_id)
    return _page(reader, _narrowed(query, record_id=record_id, **filters), after=after, limit=limit, only=record_id)


def count_audit_entries(reader: Reader, **filters: str | None) -> int:
    """How many entries `list_audit_entries` has with the same filters, over all its pages."""
    reader.require(Permission.AUDIT_VIEW)
    return reader.session.scalar(_narrowed(select(func.count()).select_from(AuditEntry), **filters)) or 0


def _narrowed(
    query: Any,
    *,
    record_id: str | None = None,
    staff_id: str | None = None,
    command: str | None = None,
    reason: str | None = None,
    from_day: str | None = None,
    to_day: str | None = None,
) -> Any:
    if record_id is not None:
        query = query.join(AuditSubject, AuditSubject.n == AuditEntry.n).where(AuditSubject.record_id == record_id)
    if staff_id is not None:
        query = query.where(AuditEntry.staff_id == staff_id)
    if command is not None:
        chosen = REVEAL_COMMANDS if command == REVEALS else {command}
        query = query.where(AuditEntry.command.in_(chosen))
    if reason:
        query = query.where(AuditEntry.reason.icontains(reason[:100], autoescape=True))
    if from_day is not None:
        query = query.where(AuditEntry.at >= _midnight(from_day, "from_day"))
    if to_day is not None:
        query = query.where(AuditEntry.at < _midnight(to_day, "to_day") + timedelta(days=1))
    return query


def list_audited_commands(reader: Reader) -> tuple[str, ...]:
    """The names of the commands in the trail, for a filter."""
    reader.require(Permission.AUDIT_VIEW)
    return tuple(reader.session.scalars(select(AuditEntry.command).distinct().order_by(AuditEntry.command)))


def verify_chain(reader: Reader, *, progress: Callable[[float], None] | None = None) -> ChainReport:
    """Read the whole trail and compare every entry with its hash and with the one before.

    Finds edited, removed and inserted entries, also at the end (the numbering remembers the newest). What it cannot
    see is a trail recomputed as a whole by somebody who has the key: that needs the copies at the centre. Reads about
    100,000 entries a second and a half; `progress` is told the fraction done and may raise to cancel.
    """
    reader.require(Permission.AUDIT_VIEW)
    total = count_audit_entries(reader)
    breaks: list[ChainBreak] = []
    previous, read, last = FIRST_HASH, 0, None
    while portion := _portion(reader, after=last.n if last else 0):
        for entry in portion:
            breaks += _problems(reader, entry, previous)
            previous = entry.hash
        read, last = read + len(portion), portion[-1]
        if progress is not None:
            progress(read / max(total, read))
    newest = _newest_number(reader)
    if newest > (last.n if last else 0):
        breaks.append(ChainBreak(last.n if last else 0, last.at if last else reader.now, ChainProblem.REMOVED_AT_END))
    return ChainReport(read, tuple(breaks[:_MOST_BREAKS]))


def _problems(reader: Reader, entry: Any, previous: str) -> list[ChainBreak]:
    problems = []
    if entry.previous_hash != previous:
        problems.append(ChainBreak(entry.n, entry.at, ChainProblem.REMOVED_BEFORE))
    expected = audit_hash(
        previous=entry.previous_hash, at=microseconds(entry.at), staff_id=entry.staff_id, desk_code=entry.desk_code,
        command=entry.command, reason=entry.reason, changes=entry.changes,
    )  # fmt: skip
    if entry.hash != expected or not _portions_whole(reader, entry):
        problems.append(ChainBreak(entry.n, entry.at, ChainProblem.EDITED))
    return problems


def _portions_whole(reader: Reader, entry: Any) -> bool:
    expected = summary_hash(entry.changes)
    if expected is None:
        return True
    query = select(AuditPortion.changes).where(AuditPortion.n == entry.n).order_by(AuditPortion.place)
    return portions_hash(reader.session.scalars(query)) == expected


def _portion(reader: Reader, *, after: int) -> list[Any]:
    columns = AuditEntry.__table__.c
    query = select(*columns).where(columns.n > after).order_by(columns.n).limit(_PORTION)
    return list(reader.session.execute(query))


def _newest_number(reader: Reader) -> int:
    sequence = table("sqlite_sequence", column("name"), column("seq"))
    query = select(sequence.c.seq).where(sequence.c.name == AuditEntry.__tablename__)
    return reader.session.scalar(query) or 0


def _page(
    reader: Reader, query: Any, *, after: str | None, limit: int, only: str | None = None
) -> tuple[AuditRow, ...]:
    if after is not None:
        if not after.isdecimal() or len(after) > 18:
            raise ValueNotAllowed(value=after[:40])
        query = query.where(AuditEntry.n < int(after))
    found = reader.session.execute(query.order_by(AuditEntry.n.desc()).limit(limit))
    return tuple(_audit_row(entry, name, _changes_of(reader, entry, only)) for entry, name in found)


def _changes_of(reader: Reader, entry: AuditEntry, only: str | None) -> tuple[AuditedChange, ...]:
    """What the entry tells, or of one record what it or a portion of it tells."""
    text = entry.changes
    if only is not None and summary_hash(text) is not None:
        place = select(AuditSubject.place).where(AuditSubject.n == entry.n, AuditSubject.record_id == only)
        portion = select(AuditPortion.changes).where(
            AuditPortion.n == entry.n, AuditPortion.place == place.scalar_subquery()
        )
        text = unpacked(reader.session.scalars(portion).one())
    changes = (change for change in json.loads(text) if change[0])
    return tuple(AuditedChange(*change) for change in changes if only in (None, change[1]))


def _audit_row(entry: AuditEntry, staff_name: str | None, changes: tuple[AuditedChange, ...]) -> AuditRow:
    return AuditRow(
        id=str(entry.n),
        cursor=str(entry.n),
        n=entry.n,
        at=entry.at,
        staff_id=entry.staff_id,
        staff_name=staff_name or "",
        desk_code=entry.desk_code,
        command=entry.command,
        reason=entry.reason,
        changes=changes,
    )


def _midnight(day: str, field: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(day), time.min, BRANCH_TIME)
    except ValueError as error:
        raise ValueNotAllowed(field=field, value=day[:20]) from error
