"""Takes records over into the ledger: created, merged field by field, deleted, or refused."""

from functools import cache
from typing import Any

from app.periods.rules import POSTED
from sync.protocol.codes import Rejection
from sync.protocol.guarding import GUARDS, guarded_by
from sync.protocol.hlc import MAX_AHEAD_MS, HybridTime
from sync.protocol.merging import EVERY, merge, writer_of
from sync.protocol.operations import TRANSFER_TABLE, is_vin
from sync.protocol.upcasting import is_earlier
from sync.server.approvals import DECIDED_TABLES, check_decided
from sync.server.claim_book import ClaimBook
from sync.server.claims import OVER, ClaimCourt
from sync.server.closed_months import ClosedMonths
from sync.server.devices import Device
from sync.server.disposal import CONTRACT, check_destroyed, may_be_destroyed
from sync.server.fields import invalid_field
from sync.server.follower_book import followers
from sync.server.ledger import Key, Ledger, Row
from sync.server.needed_records import ask_for
from sync.server.numbers import count_on, given_before, given_to_others, next_number, series_of
from sync.server.outcomes import Refused, Result
from sync.server.owner_book import OwnerBook
from sync.server.protection import LEASE_FIELDS, immutable_field, without_centre_fields
from sync.server.store import Connection, Store
from sync.server.transfers import TransferCourt
from sync.server.upcasting import completed


class RecordBook:
    """The records one request changes. `permissions` are those of the people who sign the operations, by their id."""

    def __init__(
        self, store: Store, connection: Connection, device: Device, ledger: Ledger, *, book: ClaimBook,
        owners: OwnerBook, court: ClaimCourt, transfers: TransferCourt,
    ) -> None:  # fmt: skip
        self._store, self._connection, self._device = store, connection, device
        self.ledger, self.book, self.owners, self.court, self.transfers = ledger, book, owners, court, transfers
        self.now_ms = ledger.now_ms
        self.ahead_ms = 0
        self.permissions: dict[str, Any] = {}
        self._guards: dict[tuple[str, str, str], None] = {}
        self._guarded: dict[Key, str | None] = {}
        self.adopted: dict[str, int] = {}
        self._numbered: dict[str, str] = {}
        self._months = ClosedMonths(store, connection, device, now_ms=self.now_ms)
        self._latest = f"{self.now_ms + MAX_AHEAD_MS:012x}ffff"

    def put(self, operation: dict[str, Any], created: list[Row], *, settled_here: bool) -> Result:
        """Take a record, or a change of one, over; `settled_here`: beside a claim or a transfer. Raises Refused."""
        table, record_id, fields = operation["table"], operation["id"], operation["fields"]
        invalid = invalid_field(table, fields)
        if invalid is not None:
            raise Refused(Rejection.FIELD_INVALID, field=invalid)
        row = self.ledger.get(table, record_id)
        if table in DECIDED_TABLES:
            check_decided(
                row, operation, permissions=self.permissions[operation.get("by", "")], records=self.ledger,
            )  # fmt: skip
        if table == CONTRACT and row is not None:
            check_destroyed(row.fields, operation, self.ledger, now_ms=self.now_ms)
        if settled_here and table == "vehicle_unit" and self._is_out_of_books(row, operation):
            return Result(operation["n"])  # the claim beside it is answered: an order must not be lost
        if row is None and table in POSTED:
            self._months.check(operation, created)
        if row is None:
            row = self._create(operation)
            created.append(row)
        elif row.scope != operation["scope"] and self.ledger.has_left(row, operation["scope"]):
            # Beside a claim or a step of a transfer, which say what becomes of the vehicle, an order must not be lost.
            if not settled_here:
                raise Refused(Rejection.RECORD_MOVED, branch_id=row.scope)
            return Result(operation["n"])
        else:
            self._update(row, operation)
        return Result(operation["n"], row=row)

    def take_plain(self, operation: dict[str, Any]) -> Row | None:
        """Take a new record in by the short way, if it is one on which nothing else depends: no claim, no vehicle that
        it follows, no month, nothing it guards. Most of what a desk sends after days is of this kind.

        It ends as `put` would; None where only that can tell. The operation is a transaction of its own.
        """
        table, fields = operation["table"], operation["fields"]
        if not operation.get("new") or table in _entangled() or is_earlier(operation) or "deleted_at" in fields:
            return None
        if table == "sales_order" and not (_is_plain_order(fields) and fields.get("state") not in OVER):
            return None
        clock, record_id = operation["clock"], operation["id"]
        if clock[:16] > self._latest or invalid_field(table, fields) is not None:
            return None
        if self.ledger.get(table, record_id) is not None:
            return None
        row = Row(table, record_id, operation["scope"], at=operation.get("at") or self.now_ms * 1000)
        row.fields, row.clocks = fields, {EVERY: clock}
        row.now_held_by(self._device.id, base=0)
        return self.ledger.create(row)

    @staticmethod
    def _is_out_of_books(row: Row | None, operation: dict[str, Any]) -> bool:
        return not operation.get("new") if row is None else bool(row.deleted)

    def _clamped(self, clock: str) -> tuple[str, bool]:
        if clock[:16] <= self._latest:
            return clock, False
        seen = HybridTime.parse(clock)
        self.ahead_ms = max(self.ahead_ms, seen.ms - self.now_ms)
        return str(HybridTime(self.now_ms + MAX_AHEAD_MS, 0, writer_of(clock))), True

    def _create(self, operation: dict[str, Any]) -> Row:
        if not operation.get("new"):
            raise Refused(Rejection.RECORD_UNKNOWN)
        table, fields = operation["table"], operation["fields"]
        if table == "vehicle_unit" and fields.get("branch_id", operation["scope"]) != operation["scope"]:
            raise Refused(Rejection.FIELD_INVALID, field="branch_id")
        clock, cut = self._clamped(operation["clock"])
        row = Row(table, operation["id"], operation["scope"], at=operation.get("at") or self.now_ms * 1000)
        kept = completed(operation, fields, self.ledger.get) if is_earlier(operation) else fields
        if table == "sales_order" and not _is_plain_order(fields):
            kept = {"claim_state": "provisional", **without_centre_fields(kept, {})}
        row.fields, row.clocks = kept, {EVERY: clock}
        row.deleted = int(fields.get("deleted_at") is not None)
        if row.deleted:
            row.erase(clock)
        if cut or kept is not fields:
            row.now_held_by_nobody()
        else:
            row.now_held_by(self._device.id, base=0)
        return self._take_in(row)

    def _take_in(self, row: Row) -> Row:
        if row.table == TRANSFER_TABLE:
            self.transfers.take_in(row)
        if row.table == "vehicle_unit" and not row.deleted and is_vin(row.fields.get("vin")):
            self._enter(row)
        if row.table in followers() and not row.deleted:
            self.transfers.send_after(row)
        return self.ledger.create(row)

    def _enter(self, row: Row) -> None:
        """A vehicle's record is there, or has another VIN: it is with the branch that owns that VIN."""
        self.ledger.create(row)
        self.transfers.enter(row)
        self.book.enter(row.fields["vin"], row.id, row.scope)

    def take_over(self, row: Row, scope: str) -> None:
        """A vehicle's record, or one of its followers, was moved by this centre before it lost its memory of that."""
        self.ledger.move(row, scope)
        if row.table != "vehicle_unit":
            return
        vin = str(row.fields.get("vin") or "")
        if is_vin(vin):
            self.owners.lock([vin])
            self.owners.set(vin, scope=scope, vehicle_id=row.id, transfer_id="", to_scope="", order_id="", number="")

    def adopt(self, row: Row) -> None:
        """Take in a record that was complete before this centre knew it, with the number it has."""
        if row.table == TRANSFER_TABLE:
            self.ledger.create(row)
            self.transfers.adopt(row)
        else:
            self._take_in(row)
        self.guard(row)
        self.note_number(row)

    def note_number(self, row: Row) -> None:
        """An order comes with the number it was given before this centre's time."""
        final = row.fields.get("final_number")
        given = given_before(final) if row.table == "sales_order" and isinstance(final, str) else None
        if given is not None:
            series = series_of(row.scope, given[0])
            self.adopted[series] = max(given[1], self.adopted.get(series, 0))
            self._numbered[row.id] = str(final)

    def settle_numbers(self) -> None:
        """Count on from the numbers orders came with; one whose number another order has by now gets a new one."""
        tenant = self._device.tenant
        count_on(self._store, self._connection, tenant=tenant, counts=self.adopted)
        for order_id in given_to_others(self._store, self._connection, tenant=tenant, numbered=self._numbered):
            row = self.ledger.get("sales_order", order_id)
            assert row is not None
            final = next_number(
                self._store, self._connection, tenant=tenant, scope=row.scope, now=self.now_ms * 1000,
                provisional=str(row.fields.get("number") or ""),
            )  # fmt: skip
            self.ledger.write_as_centre(row, {"final_number": final})

    def guard(self, row: Row, *, even_unknown: bool = False) -> None:
        """A new payment or contract keeps what it is about from being deleted; what was deleted before is asked for.
        `even_unknown`: also what is not here at all, whose tombstone was dropped."""
        for key in guarded_by(row.table, row.fields):
            self._guards[(*key, row.id)] = None
            self._guarded[key] = row.scope if even_unknown else self._guarded.get(key)

    def _update(self, row: Row, operation: dict[str, Any]) -> None:
        fields, base = operation["fields"], operation.get("base", 0)
        if row.scope != operation["scope"]:
            raise Refused(Rejection.SCOPE_DENIED)
        if row.deleted:
            if fields.get("deleted_at") is not None:
                return
            raise Refused(Rejection.RECORD_DELETED)
        fixed = immutable_field(row.table, row.fields, fields)
        if fixed is not None and not may_be_destroyed(row, fields, self.ledger, now_ms=self.now_ms):
            raise Refused(Rejection.RECORD_IMMUTABLE, field=fixed)
        clock, cut = self._clamped(operation["clock"])
        aware = row.knows(base=base, device_id=self._device.id)
        kept = self._allowed_fields(row, fields)
        self.ledger.remember(row)
        if fields.get("deleted_at") is not None:
            exact = self._delete(row, fields["deleted_at"], clock)
        else:
            # Of times that were all cut to the same, the one that arrives later is later.
            taken, exact = merge(row.fields, row.clocks, incoming=kept, clock=clock, aware=aware or cut)
            if not taken:
                if len(kept) != len(fields):  # all of it was the centre's to say: the desk is told how it is
                    self.ledger.mark(row)
                    row.now_held_by_nobody()
                return
        self.ledger.mark(row)
        if row.table == "vehicle_unit" and "vin" in kept and is_vin(row.fields.get("vin")):
            self._enter_again(row)
        row.updated_at = operation.get("at", self.now_ms * 1000)
        if aware and exact and not cut and len(kept) == len(fields):
            row.now_held_by(self._device.id, base=base)
        else:
            row.now_held_by_nobody()

    def _allowed_fields(self, row: Row, fields: dict[str, Any]) -> dict[str, Any]:
        """A change as far as a desk may make it; the very same object where all of it is allowed. Raises Refused."""
        if row.table == "sales_order":
            return without_centre_fields(fields, row.fields)
        if row.table == TRANSFER_TABLE:
            return self.transfers.check_put(row, fields)
        if row.table == "vehicle_unit":
            return _without_place(fields, row.scope)
        return fields

    def _enter_again(self, row: Row) -> None:
        """A mistyped VIN was corrected."""
        self.transfers.enter(row)
        self.book.enter(row.fields["vin"], row.id, row.scope)

    def _delete(self, row: Row, at: int, clock: str) -> bool:
        """Erase the body; refused while a claim, a payment or a contract needs the record."""
        if self.is_needed(row):
            raise Refused(Rejection.RECORD_IN_USE)
        row.deleted = 1
        row.fields, row.clocks = {"deleted_at": at}, {EVERY: clock}
        return True

    def is_needed(self, row: Row) -> bool:
        """Whether a claim, a transfer, a payment or a contract keeps a record from being deleted."""
        if row.table == "vehicle_unit" and self.court.is_taken(row.fields.get("vin", "")):
            return True
        if row.table == "vehicle_unit" and self.transfers.is_promised(row):
            return True
        if row.table == "sales_order" and row.fields.get("claim_state") == "confirmed":
            return True
        return self.is_guarded(row)

    def is_guarded(self, row: Row) -> bool:
        """Whether a payment or a contract is about this record."""
        if (row.table, row.id) in self._guarded:
            return True
        found = self._store.run(
            self._connection,
            "SELECT 1 FROM record_guard WHERE tenant_id = ? AND table_name = ? AND record_id = ? LIMIT 1",
            (self._device.tenant, row.table, row.id),
        )
        return found.first() is not None

    def write(self) -> None:
        """Store what keeps records from being deleted."""
        self._store.insert_missing(
            self._connection, "record_guard", ("tenant_id", "table_name", "record_id", "guarded_by"),
            [(self._device.tenant, *guard) for guard in sorted(self._guards)],
        )  # fmt: skip
        if self._guarded:
            ask_for(
                self._store, self._connection, self.ledger, tenant=self._device.tenant, guarded=self._guarded,
                now=self.now_ms * 1000,
            )  # fmt: skip


@cache
def _entangled() -> frozenset[str]:
    """Tables whose new records change or need more than themselves."""
    return frozenset({"vehicle_unit", TRANSFER_TABLE, *DECIDED_TABLES, *POSTED, *GUARDS, *followers()})


def _without_place(fields: dict[str, Any], scope: str) -> dict[str, Any]:
    """A vehicle's fields without what desks do not decide: a branch gives a vehicle away by a transfer only, and the
    centre alone secures it for a desk."""
    if fields.get("branch_id", scope) == scope and LEASE_FIELDS.isdisjoint(fields):
        return fields
    return {name: value for name, value in fields.items() if name != "branch_id" and name not in LEASE_FIELDS}


def _is_plain_order(fields: dict[str, Any]) -> bool:
    """Whether a new order says nothing that only the centre may say: by far the most do not."""
    return fields.get("claim_state") == "provisional" and not ("final_number" in fields or "claim_winner" in fields)
