"""Vehicles the centre keeps for this desk: taken, renewed while online, given back, written down so that they count.

The centre's answer is written down before anybody may count on it, and what is given back stops counting before the
centre is told: whatever is lost on the way, this desk never believes in a lease that the centre may have ended.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from app.kernel.changes import Changes
from app.kernel.clock import Clock
from app.leases.queries import all_leases, times_of
from app.leases.rules import is_clock_in_doubt, time_left
from db.engine import Database
from db.models.leases import VehicleLease
from db.types import instant_at, microseconds
from sync.client.connection import DirectConnection
from sync.client.errors import AnswerNotUnderstood, NotPermitted
from sync.protocol.hlc import HybridTime
from sync.protocol.limits import LEASES_A_DESK

_log = logging.getLogger(__name__)
TABLE = "vehicle_lease"
ENDED, RESTORED, RENAMED = "lease_ended", "centre_restored", "identity_changed"
"""Why a lease does not count although its time is not over, besides the codes of refused operations: the centre has
ended it, came from a backup, or knows this desk under another name by now."""
NOT_PERMITTED = "not_permitted"
_NOTED_EVERY = timedelta(minutes=5)
_KEPT = timedelta(days=1)
"""Leases that are over stay on the list so long."""
_COLUMNS = tuple(column.name for column in VehicleLease.__table__.columns)
_SOLD = (
    "SELECT l.vin FROM vehicle_lease l JOIN vehicle_unit u ON u.id = l.vehicle_id LEFT JOIN sales_order o"
    " ON o.id = u.order_id WHERE l.given_back = 0 AND (u.deleted_at IS NOT NULL"
    " OR u.branch_id <> (SELECT branch_id FROM desk_state WHERE id = 1)"
    " OR (u.order_id IS NOT NULL AND coalesce(o.claim_state, 'confirmed') <> 'provisional'))"
)
"""Leases nobody needs any more: the centre has given the vehicle to an order, or it is another branch's."""


class Asking(Protocol):
    """The part of the transport that is needed here."""

    address: str

    @property
    def is_enrolled(self) -> bool: ...

    def ask(self, question: str, message: dict[str, Any]) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class LeaseAnswer:
    """What the centre said: until when each vehicle is this desk's, by VIN, and why others are not (code, detail)."""

    until: Mapping[str, datetime] = field(default_factory=dict)
    refused: Mapping[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request: when it was made, by this desk's clock, and what for."""

    at: datetime
    by: str
    take: tuple[str, ...]
    hours: int
    renewal: bool


class LeaseKeeper:
    """The leases of one desk. One request at a time; any thread."""

    def __init__(
        self, database: Database, transport: Asking, *, clock: Clock, on_changes: Callable[[Changes], Any]
    ) -> None:
        self._database, self._transport, self._clock, self._on_changes = database, transport, clock, on_changes
        self._asking = threading.Lock()
        self._none_here = False

    # --- what people ask for ---------------------------------------------------------------------

    def secure(self, vins: Sequence[str], *, hours: int, by: str) -> LeaseAnswer:
        """Have the centre keep these vehicles for this desk, or for longer. Raises SyncProblem."""
        found: dict[str, datetime] = {}
        refused: dict[str, tuple[str, Mapping[str, Any]]] = {}
        for start in range(0, len(vins), LEASES_A_DESK):
            answer = self._ask(tuple(vins[start : start + LEASES_A_DESK]), hours=hours, by=by)
            found |= answer.until
            refused |= answer.refused
        return LeaseAnswer(found, refused)

    def give_back(self, vins: Iterable[str]) -> None:
        """Count on these no longer, at once; the centre is told by `keep`."""
        named = list(vins)
        with self._database.exclusive() as raw:
            DirectConnection(raw).exec_driver_sql(
                "UPDATE vehicle_lease SET given_back = 1, wanted = 0 WHERE vin = ?", [(vin,) for vin in named]
            )
        self._tell(named)

    # --- what is done in the rhythm of the exchange ----------------------------------------------

    def keep(self) -> None:
        """Give back what is not needed any more, renew what is wanted and half over. Raises SyncProblem.

        Asks the centre only where there is something to ask.
        """
        if self._none_here or not self._transport.is_enrolled:
            return
        self._give_back_sold()
        leases = self._stored()
        self._none_here = not leases
        back = [[one.vin, one.lease_id] for one in leases if one.given_back]
        due: dict[tuple[str, int], list[str]] = {}
        for one in leases:
            if one.wanted and not one.given_back and self._is_due(one):
                due.setdefault((one.staff_id, one.hours), []).append(one.vin)
        if back and not due:
            self._ask((), give_back=back)
        for (by, hours), vins in due.items():
            try:
                self._ask(tuple(vins), hours=hours, by=by, give_back=back, renewal=True)
            except NotPermitted:
                self._refuse(dict.fromkeys(vins, NOT_PERMITTED))
            back = []
        self._forget_old()

    def note_time(self, *, at_once: bool = False) -> None:
        """Write down now and then what this desk's clock shows, so that it is noticed when somebody sets it back; at
        once when the program is closed."""
        if self._none_here:
            return
        leases, now = self._stored(), self._clock.now()
        self._none_here = not leases
        if any(now - one.seen_at > (timedelta(0) if at_once else _NOTED_EVERY) for one in leases):
            with self._database.exclusive() as raw:
                DirectConnection(raw).exec_driver_sql(
                    "UPDATE vehicle_lease SET seen_at = max(seen_at, ?)", (microseconds(now),)
                )

    def ending_soon(self) -> list[datetime]:
        """When the leases end whose time is almost over, in the centre's time. Costs nothing without leases."""
        if self._none_here:
            return []
        with self._database.read() as session:
            leases = all_leases(session, now=self._clock.now())
        self._none_here = not leases
        return [one.until for one in leases if one.ends_soon]

    def _is_due(self, lease: VehicleLease) -> bool:
        times, now, hybrid = times_of(lease), self._clock.now(), self._hybrid_ms()
        if lease.refusal or is_clock_in_doubt(times, now=now, hybrid_ms=hybrid):
            return True
        return time_left(times, now=now, hybrid_ms=hybrid) * 2 < timedelta(hours=lease.hours)

    def _give_back_sold(self) -> None:
        with self._database.read() as session:
            sold = [str(row[0]) for row in session.connection().exec_driver_sql(_SOLD)]
        if sold:
            self.give_back(sold)

    def _forget_old(self) -> None:
        """Leases that are over since a day, and that nobody wants renewed."""
        old = [
            one.vin for one in self._stored()
            if not one.given_back and not one.wanted and self._clock.now() - one.ends_at > _KEPT
        ]  # fmt: skip
        if old:
            with self._database.exclusive() as raw:
                DirectConnection(raw).exec_driver_sql(
                    "DELETE FROM vehicle_lease WHERE vin = ?", [(vin,) for vin in old]
                )
            self._tell(old)

    # --- asking, and writing down what was said --------------------------------------------------

    def _ask(
        self, take: tuple[str, ...], *, hours: int = 1, by: str = "", give_back: Sequence[Sequence[str]] = (),
        renewal: bool = False,
    ) -> LeaseAnswer:  # fmt: skip
        with self._asking:
            asked = _Asked(self._clock.now(), by, take, hours, renewal)
            answer = self._transport.ask(
                "lease", {"by": by, "take": list(take), "give_back": [list(one) for one in give_back], "hours": hours}
            )
            try:
                now_ms = int(answer["now"])
                told = {vin: _Told.read(one, asked.at, now_ms) for vin, one in answer["leases"].items()}
                refused = {vin: (str(one["code"]), one["detail"]) for vin, one in answer["refused"].items()}
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise AnswerNotUnderstood(address=self._transport.address) from error
            self._write(asked, told, {vin: code for vin, (code, _) in refused.items()}, centre_ms=now_ms)
        return LeaseAnswer({vin: one.until for vin, one in told.items() if vin in take}, refused)

    def _write(self, asked: _Asked, told: "dict[str, _Told]", refused: dict[str, str], *, centre_ms: int) -> None:
        """All that the centre has for this desk, as of this answer; what it does not name is no longer this desk's."""
        self._none_here = False
        with self._database.exclusive() as raw:
            connection = DirectConnection(raw)
            known = {one.vin: one for one in self._stored_in(connection)}
            now = self._clock.now()
            hybrid = max(_hybrid_ms(connection), int(now.timestamp() * 1000), centre_ms)
            rows, gone = [], []
            for vin, one in told.items():
                rows.append(_renewed(known.get(vin), vin, one, asked, now=max(now, asked.at), hybrid_ms=hybrid))
            for vin, lease in known.items():
                if vin in told:
                    continue
                if lease.given_back:
                    gone.append((vin,))
                elif vin in refused or not lease.refusal:
                    code = refused.get(vin) or ("" if _is_over(lease, now) else ENDED)
                    connection.exec_driver_sql(
                        "UPDATE vehicle_lease SET refusal = ?, wanted = ? WHERE vin = ?",
                        (code, int(lease.wanted and not code), vin),
                    )
            marks = ", ".join("?" * len(_COLUMNS))
            names = ", ".join(_COLUMNS)
            connection.exec_driver_sql(f"INSERT OR REPLACE INTO vehicle_lease ({names}) VALUES ({marks})", rows)
            connection.exec_driver_sql("DELETE FROM vehicle_lease WHERE vin = ?", gone)
        self._tell({*told, *known})

    def doubt(self) -> None:
        """The centre may have forgotten them: none counts until it was taken anew."""
        with self._database.exclusive() as raw:
            doubt_all(DirectConnection(raw))
        self._tell(one.vin for one in self._stored())

    def _refuse(self, codes: Mapping[str, str]) -> None:
        with self._database.exclusive() as raw:
            DirectConnection(raw).exec_driver_sql(
                "UPDATE vehicle_lease SET refusal = ?, wanted = 0 WHERE vin = ?",
                [(code, vin) for vin, code in codes.items()],
            )
        self._tell(codes)

    def _stored(self) -> list[VehicleLease]:
        with self._database.read() as session:
            return self._stored_in(session.connection())

    @staticmethod
    def _stored_in(connection: Any) -> list[VehicleLease]:
        rows = connection.exec_driver_sql(f"SELECT {', '.join(_COLUMNS)} FROM vehicle_lease ORDER BY vin").fetchall()
        return [_lease(dict(zip(_COLUMNS, row, strict=True))) for row in rows]

    def _hybrid_ms(self) -> int:
        with self._database.read() as session:
            return _hybrid_ms(session.connection())

    def _tell(self, vins: Iterable[str]) -> None:
        self._on_changes(Changes({TABLE: frozenset(vins)}))


@dataclass(frozen=True, slots=True)
class _Told:
    """One lease as the centre told it, and its end by this desk's clock."""

    lease_id: str
    vehicle_id: str
    at: int
    until: datetime
    ends_at: datetime

    @classmethod
    def read(cls, told: Mapping[str, Any], asked_at: datetime, centre_ms: int) -> "_Told":
        """Raises KeyError, TypeError or ValueError."""
        until = int(told["until"])
        rest = timedelta(microseconds=until - centre_ms * 1000)
        return cls(str(told["lease"]), str(told["vehicle_id"]), int(told["at"]), instant_at(until), asked_at + rest)


def _renewed(
    known: VehicleLease | None, vin: str, told: _Told, asked: _Asked, *, now: datetime, hybrid_ms: int
) -> tuple[Any, ...]:
    """The row to write. What was given back meanwhile stays given back: a renewal under way must not undo that."""
    mine = vin in asked.take
    fresh = mine and not asked.renewal
    given_back = known is not None and known.given_back and not fresh
    values = {
        "vin": vin, "vehicle_id": told.vehicle_id, "lease_id": told.lease_id,
        "staff_id": asked.by if fresh or known is None else known.staff_id,
        "at": told.at, "until": microseconds(told.until), "taken_at": microseconds(asked.at),
        "ends_at": microseconds(told.ends_at), "seen_at": microseconds(now), "hybrid_ms": hybrid_ms,
        "hours": asked.hours if mine or known is None else known.hours,
        "wanted": int(not given_back and (mine or (known is not None and known.wanted))),
        "given_back": int(given_back), "refusal": "",
    }  # fmt: skip
    return tuple(values[name] for name in _COLUMNS)


def _lease(values: dict[str, Any]) -> VehicleLease:
    for name in ("at", "until", "taken_at", "ends_at", "seen_at"):
        values[name] = instant_at(values[name])
    for name in ("wanted", "given_back"):
        values[name] = bool(values[name])
    return VehicleLease(**values)


def _is_over(lease: VehicleLease, now: datetime) -> bool:
    return lease.ends_at <= now


def _hybrid_ms(connection: Any) -> int:
    stored = connection.exec_driver_sql("SELECT hybrid_time FROM desk_state WHERE id = 1").scalar()
    return HybridTime.parse(stored).ms


def forget_identity(connection: DirectConnection) -> None:
    """The centre knows this desk under another name from now on: the leases were the other one's."""
    connection.exec_driver_sql("DELETE FROM vehicle_lease WHERE given_back = 1")
    connection.exec_driver_sql("UPDATE vehicle_lease SET refusal = ? WHERE refusal = ''", (RENAMED,))


def doubt_all(connection: DirectConnection) -> None:
    """The centre came from a backup and may not know of them: none counts until it was taken anew."""
    connection.exec_driver_sql("UPDATE vehicle_lease SET refusal = ? WHERE given_back = 0", (RESTORED,))
