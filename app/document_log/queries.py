"""The log as this desk has checked it: its head, its alarms, and the proof of a sealed document. Nothing here asks the
centre."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel.permissions import Permission
from app.kernel.unit_of_work import Reader
from db.models.document_log import DocumentProof, LogAlarm, LogHeadSeen
from db.types import instant_at, microseconds
from sync.protocol.document_log import Fault, LogHead, LogProof

_HASH_BYTES = 32
_ALARMS = 50
"""The newest are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadRow:
    """A head as people are shown it."""

    size: int
    root: str
    at: datetime
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRow:
    """Something that was wrong with the log, with the heads that show it. Both were signed by the centre."""

    id: str
    kind: Fault
    found_at: datetime
    seen_at: datetime
    settled_at: datetime | None
    before: HeadRow | None
    """The head known until then, None at first sight."""
    after: HeadRow

    @property
    def is_open(self) -> bool:
        return self.settled_at is None

    @property
    def is_explained(self) -> bool:
        """Whether the centre owns up to it: it was restored from a backup."""
        return self.kind is Fault.RESTORED

    @property
    def state(self) -> str:
        """open, explained, settled."""
        if not self.is_open:
            return "settled"
        return "explained" if self.is_explained else "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """The newest head this desk has checked, None before the first; `waiting` documents of the branch are unproved."""

    log: str = ""
    entries: int = 0
    root: str = ""
    head_at: datetime | None = None
    checked_at: datetime | None = None
    key_id: str = ""
    proved: int = 0
    waiting: int = 0
    alarms: tuple[AlarmRow, ...] = ()

    @property
    def open_alarms(self) -> tuple[AlarmRow, ...]:
        return tuple(alarm for alarm in self.alarms if alarm.is_open)


NO_LOG = LogRow()


@dataclass(frozen=True, slots=True)
class KnownLog:
    """The head this desk has checked last, and the key the centre signs with."""

    head: LogHead
    public_key: str

    def as_json(self) -> dict[str, Any]:
        """As it travels with a seal (`sync.protocol.document_log.read_travelling_head`)."""
        return {"head": self.head.as_json(), "public_key": self.public_key}


class Entered(StrEnum):
    """How a sealed document stands in the log, as this desk knows."""

    PROVED = "proved"
    NOT_YET = "not_yet"
    """Not proved here so far: perhaps the centre has not heard of it."""
    UNKNOWN = "unknown"
    """No document whose proof this desk keeps: another branch's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """Where a sealed document stands: entry `number` (from 1), entered `at`, proved against a head of `size` entries.

    `alarm` is what is wrong with the log as a whole, None for nothing: then no proof should be relied on unseen."""

    entered: Entered
    number: int = 0
    at: datetime | None = None
    size: int = 0
    alarm: Fault | None = None


def read_log(reader: Reader) -> LogRow:
    """The log as the Sync page shows it."""
    reader.require(Permission.SYNC_VIEW)
    session = reader.session
    head = _newest(session)
    counted = select(DocumentProof.pending, func.count()).group_by(DocumentProof.pending)
    count = {bool(row[0]): int(row[1]) for row in session.execute(counted)}
    shown = tuple(list_alarms(reader, limit=_ALARMS))
    if head is None:
        return LogRow(waiting=count.get(True, 0), alarms=shown)
    return LogRow(
        log=head.log, entries=head.size, root=head.root, head_at=head.at, checked_at=head.checked_at,
        key_id=head.key_id, proved=count.get(False, 0), waiting=count.get(True, 0), alarms=shown,
    )  # fmt: skip


def list_alarms(reader: Reader, *, after: Any = None, limit: int) -> list[AlarmRow]:
    """What was wrong with the log, the newest first; all at once, they are few."""
    reader.require(Permission.SYNC_VIEW)
    if after is not None:
        return []
    newest = select(LogAlarm).order_by(LogAlarm.found_at.desc(), LogAlarm.id.desc()).limit(limit)
    return [_alarm(alarm) for alarm in reader.session.scalars(newest)]


def entry_of(session: Session, digest: str) -> EntryRow:
    """How the document with this SHA-256 stands in the log."""
    alarm = session.scalars(
        select(LogAlarm.kind).where(LogAlarm.settled_at.is_(None)).order_by(LogAlarm.found_at.desc()).limit(1)
    ).first()
    wrong = Fault(alarm) if alarm else None
    kept = session.get(DocumentProof, digest)
    if kept is None:
        return EntryRow(entered=Entered.UNKNOWN, alarm=wrong)
    proof = _proof(session, kept)
    if proof is None:
        return EntryRow(entered=Entered.NOT_YET, alarm=wrong)
    return EntryRow(
        entered=Entered.PROVED, number=proof.number, at=instant_at(proof.at), size=proof.head.size, alarm=wrong
    )  # fmt: skip


def proof_of(session: Session, digest: str) -> LogProof | None:
    """The proof this desk keeps of a sealed document, None where it has none. `as_json()` of it goes into the evidence
    package; `sync.protocol.document_log.verify_log_proof` checks that anywhere."""
    kept = session.get(DocumentProof, digest)
    return None if kept is None else _proof(session, kept)


def known_head(session: Session) -> KnownLog | None:
    """The head this desk has checked last; None before the first."""
    newest = _newest(session)
    return None if newest is None else KnownLog(_head(newest), newest.public_key)


def _proof(session: Session, kept: DocumentProof) -> LogProof | None:
    if kept.head_id is None or kept.path is None or kept.position is None or kept.entered_at is None:
        return None
    seen = session.get(LogHeadSeen, kept.head_id)
    if seen is None:
        return None
    path = tuple(kept.path[at : at + _HASH_BYTES] for at in range(0, len(kept.path), _HASH_BYTES))
    return LogProof(
        digest=kept.digest, at=microseconds(kept.entered_at), index=kept.position, path=path, head=_head(seen),
        public_key=seen.public_key,
    )  # fmt: skip


def _newest(session: Session) -> LogHeadSeen | None:
    return session.scalars(
        select(LogHeadSeen).where(LogHeadSeen.retired.is_(False)).order_by(LogHeadSeen.id.desc()).limit(1)
    ).first()


def _head(seen: LogHeadSeen) -> LogHead:
    return LogHead(
        log=seen.log, epoch=seen.epoch, size=seen.size, root=seen.root, at=microseconds(seen.at), key_id=seen.key_id,
        signature=seen.signature,
    )  # fmt: skip


def _alarm(alarm: LogAlarm) -> AlarmRow:
    return AlarmRow(
        id=alarm.id, kind=Fault(alarm.kind), found_at=alarm.found_at, seen_at=alarm.seen_at,
        settled_at=alarm.settled_at, before=None if alarm.before is None else _shown(alarm.before),
        after=_shown(alarm.after),
    )  # fmt: skip


def _shown(told: Any) -> HeadRow:
    head = LogHead.read(told)
    return HeadRow(size=head.size, root=head.root, at=instant_at(head.at), key_id=head.key_id)
