"""What a handler works with: one transaction, one actor, one instant. Nothing is kept unless all of it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.kernel.commands import Command
from app.kernel.errors import PermissionDenied, RecordChangedMeanwhile, RecordNotFound
from app.kernel.permissions import Actor, Permission
from db.base import GROUP_SCOPE
from db.capture import Author
from db.direct import driver_of
from db.engine import Database, Transaction
from db.types import microseconds
from sync.protocol.operations import CLAIM_TABLE, TRANSFER_TABLE

T = TypeVar("T")


class UnitOfWork:
    """The scope of one command. Handlers read and write through `session`; only the dispatcher commits."""

    def __init__(self, transaction: Transaction, *, actor: Actor, now: datetime) -> None:
        self._transaction = transaction
        self.session: Session = transaction.session
        self.actor = actor
        self.now = now
        self.reason = ""
        self.undo: Command | None = None
        self.events: list[str] = []

    def require(self, permission: Permission) -> None:
        """Raise PermissionDenied unless the actor may do it."""
        if not self.actor.may(permission):
            raise PermissionDenied(permission=permission.value)

    def get(self, model: type[T], record_id: str, *, field: str | None = None) -> T:
        """The live row; raises RecordNotFound for one that is missing or deleted."""
        row = self.session.get(model, record_id)
        if row is None or getattr(row, "deleted_at", None) is not None:
            raise RecordNotFound(field=field)
        return row

    def check_revision(self, row: Any, expected: int) -> None:
        """Raise RecordChangedMeanwhile, carrying the row, when somebody else changed it since it was read."""
        if row.revision != expected:
            raise RecordChangedMeanwhile(current=row)

    def add(self, row: T) -> T:
        """Put a new row into the transaction; its id is known at once."""
        self.session.add(row)
        return row

    def add_many(
        self, model: type[Any], rows: Sequence[dict[str, Any]], *, progress: Callable[[int], None] | None = None
    ) -> list[str]:
        """Put thousands of new rows into the transaction, past the object layer but with everything a row has that was
        added one by one: outbox, audit, search. Returns their ids. Values as they travel: fen, microseconds, ISO days.

        For rows none of which needs another to make sense: they reach the centre in portions. `progress` is told how
        many are done and may raise to cancel.
        """
        return self._transaction.capture.add_many(model, rows, progress=progress)

    def change_many(
        self,
        model: type[Any],
        changes: Mapping[str, Mapping[str, Any]],
        *,
        progress: Callable[[int], None] | None = None,
    ) -> int:
        """Change thousands of rows past the object layer, `{id: {field: value as it travels}}`, with everything a row
        gets that was changed one by one; returns how many really changed.

        For rows none of which needs another to make sense: they reach the centre in portions. `progress` is told how
        many are done and may raise to cancel.
        """
        return self._transaction.capture.change_many(model, changes, progress=progress)

    def travel_in_portions(self) -> None:
        """Let the centre take this command's changes in by portions: for thousands of rows that do not need each other
        to make sense. At this desk it is all or nothing as ever."""
        self._transaction.capture.in_portions = True

    def next_number(self, kind: str) -> str:
        """The desk's next provisional number of a kind, such as `SH01-D02-SO-000123`; never given twice."""
        return self.next_numbers(kind, 1)[0]

    def next_numbers(self, kind: str, count: int) -> list[str]:
        """The desk's next `count` numbers of a kind, in their order."""
        prefix = f"{self.actor.branch_code}-{self.actor.desk_code}-{kind}"
        last = (
            driver_of(self.session.connection())
            .execute(
                "INSERT INTO number_series (prefix, last) VALUES (?, ?)"
                " ON CONFLICT (prefix) DO UPDATE SET last = last + excluded.last RETURNING last",
                (prefix, count),
            )
            .fetchall()[0][0]
        )
        return [f"{prefix}-{n:06d}" for n in range(last - count + 1, last + 1)]

    def hybrid_time(self) -> str:
        """The reading of the hybrid clock that this transaction's changes carry: sorts after all that is known here."""
        return self._transaction.capture.hybrid_time()

    def claim_vehicle(
        self,
        *,
        vin: str,
        vehicle_id: str,
        kind: str,
        holder_id: str,
        number: str = "",
        until: datetime | None = None,
        customer_id: str | None = None,
    ) -> None:
        """Ask the centre for a vehicle. `kind`: "order" or "hold"; `holder_id` is the order's or the hold's id.

        `customer_id` says for whom a hold is; it stands in the claim because one transaction may end a hold and begin
        another, and ending it takes the customer off the vehicle.
        """
        fields: dict[str, Any] = {
            "vehicle_id": vehicle_id,
            "kind": kind,
            "holder_id": holder_id,
            "number": number,
            "branch_id": self.actor.branch_id,
            "desk_code": self.actor.desk_code,
            "until": None if until is None else microseconds(until),
            "at": microseconds(self.now),
        }
        if customer_id is not None:
            fields["customer_id"] = customer_id
        self._transaction.capture.claim(kind="claim", vin=vin, fields=fields)

    def release_vehicle(self, *, vin: str, vehicle_id: str, holder_id: str) -> None:
        """Tell the centre that an order or a hold gives the vehicle up."""
        fields = {"vehicle_id": vehicle_id, "holder_id": holder_id}
        self._transaction.capture.claim(kind="release", vin=vin, fields=fields)

    def ask_transfer(
        self,
        *,
        transfer_id: str,
        action: str,
        vin: str,
        vehicle_id: str,
        from_branch_id: str | None,
        to_branch_id: str,
    ) -> None:
        """Ask the centre to take a transfer between branches a step on; it alone decides who owns the vehicle."""
        fields = {
            "action": action, "vin": vin, "vehicle_id": vehicle_id, "from_branch_id": from_branch_id,
            "to_branch_id": to_branch_id, "at": microseconds(self.now),
        }  # fmt: skip
        self._transaction.capture.transfer(transfer_id=transfer_id, fields=fields)

    def ask_again(self, *, kind: str, record_id: str, scope: str | None, fields: Mapping[str, Any]) -> None:
        """Ask the centre once more for what it refused: a claim or release (`record_id` is the VIN) of that scope, or a
        step of a transfer, which belongs to the group."""
        table = TRANSFER_TABLE if scope is None else CLAIM_TABLE
        self._transaction.capture.ask_again(
            kind=kind, table=table, record_id=record_id, scope=scope or GROUP_SCOPE, fields=dict(fields)
        )

    def send_whole(self, row: Any) -> None:
        """Send a record the centre refused to take in with all its fields, as it stands now."""
        self._transaction.capture.send_whole(row)

    def note(self, *, table: str, record_id: str, **detail: Any) -> None:
        """Put into the audit trail what is not a change of a row, such as a reveal of personal data."""
        self._transaction.capture.note(table=table, record_id=record_id, detail=detail)

    def record(self, event: str) -> None:
        """Record what happened, in the past tense (`VehicleReserved`); published with the changes after the commit."""
        self.events.append(event)

    def undo_with(self, command: Command) -> None:
        """Offer this command as the way back, while the change is unsent."""
        self.undo = command


class Reader:
    """What a query works with: a read-only session, the actor, the instant."""

    def __init__(self, session: Session, *, actor: Actor, now: datetime) -> None:
        self.session = session
        self.actor = actor
        self.now = now

    def require(self, permission: Permission) -> None:
        """Raise PermissionDenied unless the actor may read this."""
        if not self.actor.may(permission):
            raise PermissionDenied(permission=permission.value)

    def get(self, model: type[T], record_id: str) -> T:
        """The live row; raises RecordNotFound."""
        row = self.session.get(model, record_id)
        if row is None or getattr(row, "deleted_at", None) is not None:
            raise RecordNotFound()
        return row


@contextmanager
def unit_of_work(database: Database, *, actor: Actor, now: datetime) -> Iterator[tuple[UnitOfWork, Transaction]]:
    """Open the transaction of one command; rolled back unless the transaction was committed."""
    author = Author(actor.staff_id, actor.branch_id, actor.desk_code)
    with database.transaction(now=now, author=author) as transaction:
        yield UnitOfWork(transaction, actor=actor, now=now), transaction
