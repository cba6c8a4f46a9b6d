"""Watches the centre's log of sealed documents for this desk, and keeps the proofs of what its branch sealed.

After an exchange the centre is asked when something sealed is unproved, and once a day. Nothing it says is believed:
the head has to be signed with the known key (the first one seen is the known one), to continue the head seen last, and
each path has to lead from the document to the head. Heads that other desks knew come with what they sealed: the centre
has to prove that its log continues each of them too, so that it cannot show two desks two logs. What fails becomes an
alarm with both heads as evidence; the head seen last stays the one to be continued until a person accepts the break.
"""

import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from app.kernel.changes import Changes
from app.kernel.clock import Clock
from db.engine import Database
from db.ids import new_id
from db.types import dump_json, instant_at, microseconds
from sync.client.connection import DirectConnection
from sync.client.errors import AnswerNotUnderstood, NotOffered
from sync.client.leases import Asking
from sync.protocol.document_log import (
    Fault,
    KeyRenewal,
    LogFault,
    LogHead,
    LogProof,
    check_continues,
    follow_keys,
    read_path,
    read_travelling_head,
)
from sync.protocol.limits import LOG_PROOFS
from sync.protocol.merkle import Hash

_log = logging.getLogger(__name__)
PROOFS, ALARMS = "document_proof", "log_alarm"
"""Tables of which pages are told."""
DAILY = timedelta(days=1)
AGAIN_AFTER = timedelta(hours=1)
"""What the centre did not have, or could not prove, is asked for again so much later."""
_ROUNDS = 10
"""Questions in a row: a desk that was away has more to be proved."""
_GOSSIP = 5
"""Heads of other desks that are compared at once."""
_SEALS_READ = 50
_SEALS = (
    "SELECT json_extract(evidence, '$.log') FROM contract_signature WHERE party = 'seal' AND deleted_at IS NULL"
    " AND json_extract(evidence, '$.log') IS NOT NULL ORDER BY id DESC LIMIT ?"
)
"""The newest seals; an id begins with its time."""
_HEAD = "log, epoch, size, root, at, key_id, signature, public_key"


@dataclass(frozen=True, slots=True)
class KnownHead:
    """The head seen last, and the key it was signed with."""

    id: int
    head: LogHead
    public_key: str
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class _Told:
    """What the centre answered, in form."""

    head: LogHead
    public_key: str
    renewals: tuple[KeyRenewal, ...]
    consistency: tuple[Hash, ...]
    proofs: tuple[LogProof, ...]
    unknown: frozenset[str]

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> Self:
        """Raises LogFault MALFORMED, KeyError, TypeError or AttributeError."""
        head, key = LogHead.read(answer["head"]), str(answer["public_key"])
        entries = {
            digest: {**one, "form": "forecourt-log-proof/1", "digest": digest, "head": answer["head"],
                     "public_key": key}
            for digest, one in answer["entries"].items()
        }  # fmt: skip
        return cls(
            head, key, tuple(KeyRenewal.read(one) for one in answer["renewals"]),
            () if answer["consistency"] is None else read_path(answer["consistency"]),
            tuple(LogProof.read(one) for one in entries.values()), frozenset(answer["unknown"]),
        )  # fmt: skip


class LogKeeper:
    """The desk's side of the log. One question at a time; any thread but the window's."""

    def __init__(
        self, database: Database, transport: Asking, *, clock: Clock, on_changes: Callable[[Changes], Any]
    ) -> None:
        self._database, self._transport, self._clock, self._on_changes = database, transport, clock, on_changes
        self._asking = threading.Lock()
        self._checked_at: datetime | None = None
        self._not_before: datetime | None = None
        self._compared: set[tuple[Any, ...]] = set()
        self._not_there: dict[str, datetime] = {}
        self._open_alarms: tuple[int, int] | None = None

    @property
    def open_alarms(self) -> tuple[int, int]:
        """How many alarms nobody has settled: breaks, and restored backups the centre owns up to."""
        if self._open_alarms is None:
            with self._database.glance() as snapshot:
                rows = DirectConnection(snapshot).exec_driver_sql(
                    "SELECT kind FROM log_alarm WHERE settled_at IS NULL"
                ).fetchall()  # fmt: skip
            restored = sum(row[0] == Fault.RESTORED for row in rows)
            self._open_alarms = (len(rows) - restored, restored)
        return self._open_alarms

    def keep(self, *, asked: bool = False) -> None:
        """Ask where there is something to ask: documents not proved, or a day gone by; `asked` at once. Raises
        SyncProblem; NotOffered only where somebody asked."""
        if not self._transport.is_enrolled:
            return
        with self._asking:
            for round_ in range(_ROUNDS):
                now = self._clock.now()
                wanted = self._wanted(now)
                if not (asked and not round_) and not self._is_due(now, bool(wanted)):
                    return
                try:
                    restored = self._ask(wanted, now)
                except NotOffered:
                    self._not_before = now + DAILY
                    if asked:
                        raise
                    return
                if len(wanted) < LOG_PROOFS and not restored:
                    break
            self._compare_with_others()

    def compare(self, head: LogHead, public_key: str) -> Fault | None:
        """Whether a head that somebody else was shown (it came with evidence, or on paper) is of the log this desk is
        shown: so a log that is forked between desks comes to light. A fault the centre has signed for becomes an
        alarm. Raises LogFault for a head the centre never signed, SyncProblem where it cannot be asked."""
        with self._asking:
            return self._compare(head, public_key)

    def _compare(self, head: LogHead, public_key: str) -> Fault | None:
        for _ in range(_ROUNDS):
            self._ask((), self._clock.now())
            known = self._known()
            told = self._question(head.size, ())
            if known is not None and _same_tree(known.head, told.head):
                break
        follow_keys(public_key, told.public_key, told.renewals, log=head.log)
        head.check_signature(public_key)
        told.head.check_signature(told.public_key)
        try:
            check_continues(head, told.head, told.consistency)
        except LogFault as fault:
            if fault.fault is not Fault.RESTORED:  # which this desk has seen by itself
                self._note(fault, head, told, self._clock.now())
            return fault.fault
        return None

    def _compare_with_others(self) -> None:
        """Hold the log against the heads that came with seals and are not compared yet, a few at a time."""
        known = self._known()
        if known is None or self.open_alarms[0]:
            return
        waiting = [one for one in self._heads_of_others() if _tree(one[0]) not in self._compared]
        for head, key in waiting[:_GOSSIP]:
            self._compared.add(_tree(head))
            if _same_tree(head, known.head):
                continue
            try:
                self._compare(head, key)
            except LogFault as fault:
                # The centre never signed it: it says something of the desk it came from, nothing of the log.
                _log.warning("a head of the log that came with a seal: %s", fault)

    def _heads_of_others(self) -> list[tuple[LogHead, str]]:
        with self._database.read() as session:
            rows = session.connection().exec_driver_sql(_SEALS, (_SEALS_READ,)).fetchall()
        heads: dict[tuple[Any, ...], tuple[LogHead, str]] = {}
        for (told,) in rows:
            try:
                head, key = read_travelling_head(json.loads(told))
            except (LogFault, ValueError):
                continue
            heads.setdefault(_tree(head), (head, key))
        return list(heads.values())

    def settle(self, *, by: str) -> None:
        """A person has looked at the open alarms and accepts the log as it is now: the next head is taken as the first
        one was. What was found stays."""
        with self._asking:
            with self._database.exclusive() as raw:
                connection = DirectConnection(raw)
                connection.exec_driver_sql(
                    "UPDATE log_head SET retired = 1 WHERE retired = 0 AND EXISTS (SELECT 1 FROM log_alarm"
                    f" WHERE settled_at IS NULL AND kind <> '{Fault.RESTORED}')"
                )
                connection.exec_driver_sql(
                    "UPDATE log_alarm SET settled_at = ?, settled_by_staff_id = ? WHERE settled_at IS NULL",
                    (microseconds(self._clock.now()), by),
                )
            self._open_alarms, self._checked_at, self._not_before = None, None, None
        self._tell(ALARMS, ())

    # --- when ------------------------------------------------------------------------------------

    def _is_due(self, now: datetime, something_waits: bool) -> bool:
        if self._not_before is not None and now < self._not_before <= now + DAILY:
            return False
        if something_waits:
            return True
        if self._checked_at is None:
            known = self._known()
            self._checked_at = known.checked_at if known is not None else None
        return self._checked_at is None or abs(now - self._checked_at) >= DAILY

    def _wanted(self, now: datetime) -> list[str]:
        """Digests to be proved, but for those the centre did not have a moment ago."""
        self._not_there = {
            digest: at for digest, at in self._not_there.items() if abs(now - at) < AGAIN_AFTER
        }  # fmt: skip
        with self._database.read() as session:
            rows = session.connection().exec_driver_sql(
                "SELECT digest FROM document_proof WHERE pending = 1 ORDER BY digest LIMIT ?",
                (LOG_PROOFS + len(self._not_there),),
            ).fetchall()  # fmt: skip
        return [row[0] for row in rows if row[0] not in self._not_there][:LOG_PROOFS]

    # --- asking, judging, writing down -----------------------------------------------------------

    def _ask(self, wanted: Sequence[str], now: datetime) -> bool:
        """One question; tells whether the log is a restored one, so that everything has to be proved anew."""
        known = self._known()
        told = self._question(0 if known is None else known.head.size, wanted)
        before = None if known is None else known.head
        try:
            broken = _judge(known, told, wanted)
        except LogFault as fault:
            self._not_before = now + AGAIN_AFTER
            self._note(fault, before, told, now)
            return False
        if broken is not None:
            self._note(broken, before, told, now)
        self._write(known, told, now, restored=broken is not None)
        self._checked_at, self._not_before = now, None
        self._not_there |= dict.fromkeys(told.unknown, now)
        return broken is not None

    def _question(self, size: int, digests: Sequence[str]) -> _Told:
        answer = self._transport.ask("log", {"known": size, "digests": list(digests)})
        try:
            return _Told.read(answer)
        except (LogFault, KeyError, TypeError, AttributeError) as error:
            raise AnswerNotUnderstood(address=self._transport.address) from error

    def _write(self, known: KnownHead | None, told: _Told, now: datetime, *, restored: bool) -> None:
        """Head and proofs in one transaction; nothing where another process wrote a head meanwhile."""
        with self._database.exclusive() as raw:
            connection = DirectConnection(raw)
            present = _known_in(connection)
            if (None if present is None else present.id) != (None if known is None else known.id):
                return
            head_id = _write_head(connection, present, told, now)
            if restored:
                connection.exec_driver_sql("UPDATE document_proof SET pending = 1 WHERE pending = 0")
            connection.exec_driver_sql(
                "UPDATE document_proof SET pending = 0, position = ?, entered_at = ?, path = ?, head_id = ?"
                " WHERE digest = ?",
                [(one.index, one.at, b"".join(one.path), head_id, one.digest) for one in told.proofs],
            )
            # Sealed anew before it was sent: the centre will never hear of the first bytes.
            connection.exec_driver_sql(
                "DELETE FROM document_proof WHERE digest = ? AND pending = 1 AND head_id IS NULL"
                " AND NOT EXISTS (SELECT 1 FROM contract WHERE sealed_digest = document_proof.digest)",
                [(digest,) for digest in sorted(told.unknown)],
            )
            if present is not None and present.id != head_id:
                connection.exec_driver_sql(
                    "DELETE FROM log_head WHERE id = ? AND NOT EXISTS (SELECT 1 FROM document_proof WHERE head_id = ?)",
                    (present.id, present.id),
                )
        if told.proofs:
            self._tell(PROOFS, (one.digest for one in told.proofs))

    def _note(self, fault: LogFault, head: LogHead | None, told: _Told, now: datetime) -> None:
        """Keep an alarm; the same one again only says when it was seen last."""
        before = None if head is None else dump_json(head.as_json())
        with self._database.exclusive() as raw:
            connection = DirectConnection(raw)
            open_ = connection.exec_driver_sql(
                "SELECT id FROM log_alarm WHERE settled_at IS NULL AND kind = ? AND before IS ?",
                (fault.fault.value, before),
            ).scalar()
            if open_ is not None and fault.fault is not Fault.RESTORED:
                connection.exec_driver_sql(
                    "UPDATE log_alarm SET seen_at = ? WHERE id = ?", (microseconds(now), open_)
                )  # fmt: skip
                return
            connection.exec_driver_sql(
                "INSERT INTO log_alarm (id, kind, detail, found_at, seen_at, before, after, public_key)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    new_id(), fault.fault.value, str(fault), microseconds(now), microseconds(now), before,
                    dump_json(told.head.as_json()), told.public_key,
                ),
            )
        self._open_alarms = None
        _log.error("the centre's log of sealed documents: %s", fault)
        self._tell(ALARMS, ())

    def _known(self) -> KnownHead | None:
        with self._database.read() as session:
            return _known_in(session.connection())

    def _tell(self, table: str, ids: Iterable[str]) -> None:
        self._on_changes(Changes({table: frozenset(ids)}))


def _judge(known: KnownHead | None, told: _Told, wanted: Sequence[str]) -> LogFault | None:
    """Raises LogFault for what is wrong; gives the one fault with which the log goes on all the same: the centre came
    from a backup and says so."""
    broken = None
    if known is not None:
        follow_keys(known.public_key, told.public_key, told.renewals, log=known.head.log)
    told.head.check_signature(told.public_key)
    if known is not None:
        try:
            check_continues(known.head, told.head, told.consistency)
        except LogFault as fault:
            if fault.fault is not Fault.RESTORED:
                raise
            broken = fault
    for proof in told.proofs:
        if proof.digest not in wanted:
            raise LogFault(Fault.OTHER_DOCUMENT, proof.digest)
        proof.check()
    return broken


def _write_head(connection: DirectConnection, present: KnownHead | None, told: _Told, now: datetime) -> int:
    head, checked = told.head, microseconds(now)
    values = (head.at, head.key_id, head.signature, told.public_key, checked)
    if present is not None and _same_tree(present.head, head):
        connection.exec_driver_sql(
            "UPDATE log_head SET at = ?, key_id = ?, signature = ?, public_key = ?, checked_at = ? WHERE id = ?",
            (*values, present.id),
        )
        return present.id
    connection.exec_driver_sql(
        "INSERT INTO log_head (at, key_id, signature, public_key, checked_at, log, epoch, size, root, retired)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        (*values, head.log, head.epoch, head.size, head.root),
    )
    return int(connection.exec_driver_sql("SELECT max(id) FROM log_head").scalar())


def _tree(head: LogHead) -> tuple[str, str, int, str]:
    return (head.log, head.epoch, head.size, head.root)


def _same_tree(one: LogHead, other: LogHead) -> bool:
    return _tree(one) == _tree(other)


def _known_in(connection: Any) -> KnownHead | None:
    row = connection.exec_driver_sql(
        f"SELECT id, checked_at, {_HEAD} FROM log_head WHERE retired = 0 ORDER BY id DESC LIMIT 1"
    ).first()
    if row is None:
        return None
    log, epoch, size, root, at, key_id, signature, public_key = row[2:]
    head = LogHead(log=log, epoch=epoch, size=size, root=root, at=at, key_id=key_id, signature=signature)
    return KnownHead(int(row[0]), head, str(public_key), instant_at(row[1]))
