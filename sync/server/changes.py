"""Takes operations over into the ledger, one transaction of a desk after the other, each whole or not at all."""

import logging
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from sync.protocol.codes import Outcome, Rejection
from sync.protocol.hlc import MAX_AHEAD_MS, HybridTime
from sync.protocol.merging import EVERY, device_of, merge
from sync.protocol.operations import PUT, RELEASE, TRANSFER, TRANSFER_TABLE, VOID, is_identifier, is_vin, problem_in
from sync.server.approvals import DECIDED_TABLES, check_decided
from sync.server.claim_book import ClaimBook
from sync.server.claims import ALLOCATION_FIELDS, ClaimCourt
from sync.server.devices import Device
from sync.server.fields import invalid_field
from sync.server.follower_book import followers, note_followers
from sync.server.ledger import Key, Ledger, Row
from sync.server.numbers import count_on, given_before, series_of
from sync.server.outcomes import Refused, Result, refused_results
from sync.server.owner_book import OwnerBook
from sync.server.protection import GUARDS, immutable_field, without_centre_fields
from sync.server.rights import may_write, may_write_all, permissions_of
from sync.server.store import Connection, Store
from sync.server.transfers import TransferCourt, names_vehicle, touched_branches

_log = logging.getLogger(__name__)


class Changes:
    """Applies the operations of one push. Order of locks: device, claims, owners, scopes; then records are read."""

    def __init__(self, store: Store, connection: Connection, device: Device, *, now_ms: int) -> None:
        self._store, self._connection, self._device = store, connection, device
        self.now_ms = now_ms
        self.ledger = Ledger(store, connection, tenant=device.tenant, now_ms=now_ms)
        self.book = ClaimBook(store, connection, tenant=device.tenant, now=now_ms * 1000)
        self.owners = OwnerBook(store, connection, tenant=device.tenant)
        self.court = ClaimCourt(
            store, connection, self.ledger, self.book, owners=self.owners, tenant=device.tenant
        )  # fmt: skip
        self.transfers = TransferCourt(
            store, connection, self.ledger, claims=self.book, owners=self.owners, tenant=device.tenant,
            may_use=device.may_use, is_locked=lambda scope: scope in self.heads, own_branch=device.branch_id,
        )  # fmt: skip
        self.heads: dict[str, int] = {}
        self.ahead_ms = 0
        self._permissions: dict[str, Any] = {}
        self._guards: dict[tuple[str, str, str], None] = {}
        self._malformed: dict[int, str] = {}
        self.unusable: set[int] = set()
        self._allowed: set[tuple[str, str]] = set()
        self._adopted: dict[str, int] = {}
        self._latest = f"{now_ms + MAX_AHEAD_MS:012x}ffff"

    def prepare(self, operations: Sequence[dict[str, Any]]) -> None:
        """Lock and read all that these operations may touch."""
        good = [one for one in operations if self._is_usable(one)]
        claims = [one for one in good if one["kind"] not in (PUT, TRANSFER)]
        asked = [one for one in good if one["kind"] == TRANSFER]
        puts = [one for one in good if one["kind"] == PUT]
        scopes = {one["scope"] for one in good}
        keys: set[Key] = {(one["table"], one["id"]) for one in puts}
        entered = {one["fields"]["vin"] for one in puts if one["table"] == "vehicle_unit" and "vin" in one["fields"]}
        named_vins = {vin for one in claims + asked if (vin := names_vehicle(one))}
        self.book.lock(named_vins, present=filter(is_vin, entered))
        self.owners.lock(named_vins | {vin for vin in entered if is_vin(vin)})
        scopes |= self._known_branches(touched_branches(good))
        keys |= {(TRANSFER_TABLE, one["id"]) for one in asked} | self.owners.keys()
        followed = _units_followed(puts)
        if followed:
            scopes |= self._scopes_of(followed)
            keys |= followed
        if claims:
            holders = {one["fields"].get("holder_id") for one in claims}
            self.book.load_conflicts(holder for holder in holders if isinstance(holder, str))
            named = self._named_by(claims)
            scopes |= self._scopes_of(named)
            keys |= named
        self.lock_scopes(scopes | self.book.scopes() | self.owners.scopes())
        self.ledger.load(keys | self.book.keys())
        self.book.load(self._vins(puts))
        self._load_people(good)

    def _is_usable(self, operation: dict[str, Any]) -> bool:
        """Whether an operation is well-formed and of a scope this desk may write; notes what is wrong if not."""
        wrong = problem_in(operation)
        if wrong is not None:
            self._malformed[operation["n"]] = wrong
        if wrong is None and operation["kind"] != VOID and self._device.may_use(operation["scope"]):
            return True
        self.unusable.add(operation["n"])
        return False

    @staticmethod
    def _named_by(claims: Iterable[dict[str, Any]]) -> set[Key]:
        named: set[Key] = set()
        for one in claims:
            for table, name in (("vehicle_unit", "vehicle_id"), ("sales_order", "holder_id")):
                if isinstance(one["fields"].get(name), str):
                    named.add((table, one["fields"][name]))
        return named

    def _scopes_of(self, keys: Iterable[Key]) -> set[str]:
        """Only a vehicle's records change their scope, and whoever moves them has locked the vehicle: so this may be
        read before the scopes are locked."""
        found: set[str] = set()
        for table, group in groupby(sorted(keys), key=lambda key: key[0]):
            rows = self._store.run(
                self._connection,
                "SELECT DISTINCT scope FROM replica_row WHERE tenant_id = ? AND table_name = ? AND "
                + self._store.any_of("record_id"),
                (self._device.tenant, table, self._store.listed(key[1] for key in group)),
            )
            found.update(row[0] for row in rows.fetchall())
        return found

    def _known_branches(self, named: Collection[str]) -> set[str]:
        """Those of these ids that are branches of the group: a desk must not make up scopes."""
        if not named:
            return set()
        listed, tenant = self._store.listed(named), self._device.tenant
        rows = self._store.run(
            self._connection,
            f"SELECT scope FROM sync_scope WHERE tenant_id = ? AND {self._store.any_of('scope')} UNION"
            " SELECT record_id FROM replica_row WHERE tenant_id = ? AND table_name = 'branch' AND "
            + self._store.any_of("record_id"),
            (tenant, listed, tenant, listed),
        )
        return {str(row[0]) for row in rows.fetchall()}

    def lock_scopes(self, scopes: Iterable[str]) -> None:
        """Lock the heads of these scopes, sorted, until the commit: the order of places is the order of commits."""
        ordered = sorted(scopes)
        if not ordered:
            return
        tenant = self._device.tenant
        statement = (
            "SELECT scope, head FROM sync_scope WHERE tenant_id = ? AND "
            f"{self._store.any_of('scope')} ORDER BY scope{self._store.lock}"
        )
        values = (tenant, self._store.listed(ordered))
        self.heads = {row[0]: row[1] for row in self._store.run(self._connection, statement, values).fetchall()}
        missing = [scope for scope in ordered if scope not in self.heads]
        if missing:
            self._store.insert_missing(
                self._connection, "sync_scope", ("tenant_id", "scope", "head", "min_seq"),
                [(tenant, scope, 0, 0) for scope in missing],
            )  # fmt: skip
            self.heads = {row[0]: row[1] for row in self._store.run(self._connection, statement, values).fetchall()}

    def _vins(self, puts: Iterable[dict[str, Any]]) -> set[str]:
        found: set[str] = set()
        for one in puts:
            if one["table"] != "vehicle_unit" or ALLOCATION_FIELDS.isdisjoint(one["fields"]):
                continue
            row = self.ledger.get("vehicle_unit", one["id"])
            vin = one["fields"].get("vin") or (row.fields.get("vin") if row is not None else None)
            if is_vin(vin):
                found.add(str(vin))
        return found

    def _load_people(self, operations: Iterable[dict[str, Any]]) -> None:
        people = {one["by"] for one in operations if one.get("by")}
        self.ledger.load(("staff_member", person) for person in people)
        ceiling = permissions_of(self._device.role)
        self._permissions[""] = ceiling
        for person in people:
            row = self.ledger.get("staff_member", person)
            self._permissions[person] = ceiling if row is None else permissions_of(row.fields.get("role", ""))

    def apply(self, operations: Sequence[dict[str, Any]]) -> list[Result]:
        """Take over every transaction in turn; one that is refused leaves nothing behind and stops nobody."""
        results: list[Result] = []
        start, count = 0, len(operations)
        while start < count:
            txn, end = operations[start]["txn"], start + 1
            while end < count and operations[end]["txn"] == txn:
                end += 1
            results.extend(self._transaction(operations[start:end]))
            start = end
        return results

    def _transaction(self, operations: Sequence[dict[str, Any]]) -> list[Result]:
        self.ledger.begin()
        self.book.begin()
        self.owners.begin()
        self._look_for_moved(operations)
        results: list[Result] = []
        created: list[Row] = []
        try:
            for operation in operations:
                results.append(self._one(operation, created))
            touched = self._claims_touched(operations)
            if touched:
                self.court.settle(touched, scopes=self.heads)
        except Refused as refused:
            self._roll_back()
            if refused.code == Rejection.TRANSFER_LOST:
                self.transfers.tell_loser(operations[min(len(results), len(operations) - 1)], refused)
            return refused_results(operations, at=len(results), refused=refused)
        for row in created:
            if row.table in GUARDS:
                self._guard(row)
        return results

    def _roll_back(self) -> None:
        self.ledger.rollback()
        self.book.rollback()
        self.owners.rollback()

    def _look_for_moved(self, operations: Sequence[dict[str, Any]]) -> None:
        """Which vehicles of this transaction are not where the desk believed them to be when it wrote."""
        self._settled_here = any(one["kind"] != PUT for one in operations)
        self.court.stale = set()
        for one in operations:
            if one["kind"] != PUT or one["table"] != "vehicle_unit" or one["n"] in self.unusable:
                continue
            row = self.ledger.get("vehicle_unit", one["id"])
            if row is not None and row.scope != one["scope"]:
                self.court.stale.add(str(row.fields.get("vin")))

    def _claims_touched(self, operations: Sequence[dict[str, Any]]) -> Collection[str]:
        for one in operations:
            if one["kind"] != PUT or one["table"] == "vehicle_unit":
                break
        else:
            return ()
        claims = {vin for one in operations if one["kind"] != PUT and (vin := names_vehicle(one))}
        return claims | self._vins(one for one in operations if one["kind"] == PUT)

    def _one(self, operation: dict[str, Any], created: list[Row]) -> Result:
        """Raises Refused; a mistake in the values that no check foresaw refuses this operation, not the push."""
        if operation["n"] in self.unusable:
            raise self._why_unusable(operation)
        self._check_right(operation)
        try:
            if operation["kind"] == PUT:
                return self._put(operation, created)
            return self._transfer(operation) if operation["kind"] == TRANSFER else self._claim(operation)
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            _log.exception("operation %s of %s could not be applied", operation["n"], self._device.id)
            raise Refused(Rejection.OPERATION_MALFORMED, field=type(error).__name__) from error

    def _why_unusable(self, operation: dict[str, Any]) -> Refused:
        wrong = self._malformed.get(operation["n"])
        if wrong is not None:
            return Refused(Rejection.OPERATION_MALFORMED, field=wrong)
        return Refused(Rejection.OPERATION_TOO_LARGE if operation["kind"] == VOID else Rejection.SCOPE_DENIED)

    def _check_right(self, operation: dict[str, Any]) -> None:
        person, table = operation.get("by", ""), operation["table"]
        if (person, table) in self._allowed:
            return
        permissions = self._permissions[person]
        if not may_write(table, permissions, operation=operation):
            raise Refused(Rejection.PERMISSION_DENIED, table=table)
        if may_write_all(table, permissions):
            self._allowed.add((person, table))

    def _claim(self, operation: dict[str, Any]) -> Result:
        asked, scope, vin = operation["fields"], operation["scope"], operation["id"]
        if operation["kind"] == RELEASE:
            outcome, code, detail = self.court.release(vin, asked=asked, scope=scope)
        else:
            outcome, code, detail = self.court.claim(vin, asked=asked, scope=scope)
        if outcome == Outcome.REJECTED:
            raise Refused(Rejection(code), **detail)
        return Result(operation["n"], outcome, code, detail)

    def _transfer(self, operation: dict[str, Any]) -> Result:
        branches = (operation["fields"].get("from_branch_id"), operation["fields"].get("to_branch_id"))
        row = self.ledger.get(TRANSFER_TABLE, operation["id"])
        told = None if row is None else (row.fields.get("from_branch_id"), row.fields.get("to_branch_id"))
        if told is not None and (told != branches or not self.heads.keys() >= set(filter(None, told))):
            raise Refused(Rejection.OPERATION_MALFORMED, field="from_branch_id")
        self.transfers.settle(operation, self._permissions[operation.get("by", "")])
        return Result(operation["n"], key=(TRANSFER_TABLE, operation["id"]))

    def _put(self, operation: dict[str, Any], created: list[Row]) -> Result:
        table, record_id, fields = operation["table"], operation["id"], operation["fields"]
        invalid = invalid_field(table, fields)
        if invalid is not None:
            raise Refused(Rejection.FIELD_INVALID, field=invalid)
        row = self.ledger.get(table, record_id)
        if table in DECIDED_TABLES:
            check_decided(
                row, operation, permissions=self._permissions[operation.get("by", "")], record=self.ledger.get,
            )  # fmt: skip
        if row is None:
            created.append(self._create(operation))
        elif row.scope != operation["scope"] and self.ledger.has_left(row, operation["scope"]):
            # Beside a claim or a step of a transfer, which say what becomes of the vehicle, an order must not be lost.
            if not self._settled_here:
                raise Refused(Rejection.RECORD_MOVED, branch_id=row.scope)
            return Result(operation["n"])
        else:
            self._update(row, operation)
        return Result(operation["n"], key=(table, record_id))

    def _clamped(self, clock: str) -> tuple[str, bool]:
        if clock[:16] <= self._latest:
            return clock, False
        seen = HybridTime.parse(clock)
        self.ahead_ms = max(self.ahead_ms, seen.ms - self.now_ms)
        return str(HybridTime(self.now_ms + MAX_AHEAD_MS, 0, device_of(clock))), True

    def _create(self, operation: dict[str, Any]) -> Row:
        if not operation.get("new"):
            raise Refused(Rejection.RECORD_UNKNOWN)
        table, fields = operation["table"], operation["fields"]
        if table == "vehicle_unit" and fields.get("branch_id", operation["scope"]) != operation["scope"]:
            raise Refused(Rejection.FIELD_INVALID, field="branch_id")
        clock, cut = self._clamped(operation["clock"])
        row = Row(table, operation["id"], operation["scope"], at=operation.get("at") or self.now_ms * 1000)
        kept = fields
        if table == "sales_order" and not _is_plain_order(fields):
            kept = {"claim_state": "provisional", **without_centre_fields(fields, {})}
        row.fields, row.clocks = kept, {EVERY: clock}
        row.deleted = int(fields.get("deleted_at") is not None)
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
        self._guard(row)
        final = row.fields.get("final_number")
        given = given_before(final) if row.table == "sales_order" and isinstance(final, str) else None
        if given is not None:
            series = series_of(row.scope, given[0])
            self._adopted[series] = max(given[1], self._adopted.get(series, 0))

    def _guard(self, row: Row) -> None:
        for table, name in GUARDS.get(row.table, ()):
            guarded = row.fields.get(name)
            if isinstance(guarded, str):
                self._guards[table, guarded, row.id] = None

    def _update(self, row: Row, operation: dict[str, Any]) -> None:
        fields, base = operation["fields"], operation.get("base", 0)
        if row.scope != operation["scope"]:
            raise Refused(Rejection.SCOPE_DENIED)
        if row.deleted:
            if fields.get("deleted_at") is not None:
                return
            raise Refused(Rejection.RECORD_DELETED)
        fixed = immutable_field(row.table, row.fields, fields)
        if fixed is not None:
            raise Refused(Rejection.RECORD_IMMUTABLE, field=fixed)
        clock, cut = self._clamped(operation["clock"])
        aware = row.knows(base=base, device_id=self._device.id)
        kept = self._allowed_fields(row, fields)
        self.ledger.remember(row)
        if fields.get("deleted_at") is not None:
            exact = self._delete(row, fields["deleted_at"], clock)
        else:
            taken, exact = merge(row.fields, row.clocks, incoming=kept, clock=clock, aware=aware)
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
        if row.table == "vehicle_unit" and fields.get("branch_id", row.scope) != row.scope:
            # A branch gives a vehicle to another one by a transfer only.
            return {name: value for name, value in fields.items() if name != "branch_id"}
        return fields

    def _enter_again(self, row: Row) -> None:
        """A mistyped VIN was corrected."""
        self.transfers.enter(row)
        self.book.enter(row.fields["vin"], row.id, row.scope)

    def _delete(self, row: Row, at: int, clock: str) -> bool:
        """Erase the body; refused while a claim, a payment or a contract needs the record."""
        if self._is_needed(row):
            raise Refused(Rejection.RECORD_IN_USE)
        row.deleted = 1
        row.fields, row.clocks = {"deleted_at": at}, {EVERY: clock}
        return True

    def _is_needed(self, row: Row) -> bool:
        if row.table == "vehicle_unit" and self.court.is_taken(row.fields.get("vin", "")):
            return True
        if row.table == "vehicle_unit" and self.transfers.is_promised(row):
            return True
        if row.table == "sales_order" and row.fields.get("claim_state") == "confirmed":
            return True
        if any((table, record) == (row.table, row.id) for table, record, _ in self._guards):
            return True
        found = self._store.run(
            self._connection,
            "SELECT 1 FROM record_guard WHERE tenant_id = ? AND table_name = ? AND record_id = ? LIMIT 1",
            (self._device.tenant, row.table, row.id),
        )
        return found.first() is not None

    def write(self) -> None:
        """Store everything; the heads of the scopes come last."""
        before = dict(self.heads)
        self.book.write()
        self.owners.write()
        self._store.insert_missing(
            self._connection, "record_guard", ("tenant_id", "table_name", "record_id", "guarded_by"),
            [(self._device.tenant, *guard) for guard in sorted(self._guards)],
        )  # fmt: skip
        note_followers(self._store, self._connection, self._device.tenant, self.ledger.changed_rows())
        count_on(self._store, self._connection, tenant=self._device.tenant, counts=self._adopted)
        self.ledger.write(self.heads)
        self._store.run_many(
            self._connection,
            "UPDATE sync_scope SET head = ? WHERE tenant_id = ? AND scope = ?",
            [(head, self._device.tenant, scope) for scope, head in sorted(self.heads.items()) if head != before[scope]],
        )

    def place_of(self, result: Result) -> tuple[int, int]:
        """Version and place of the record an accepted operation changed."""
        row = None if result.key is None or result.outcome == Outcome.REJECTED else self.ledger.get(*result.key)
        return (0, 0) if row is None or not self._device.may_use(row.scope) else (row.ver, row.seq)

    def differing_rows(self, operations: Iterable[dict[str, Any]], *, refused: Container[int]) -> Iterator[Row]:
        """The records of these operations that the desk does not have as the centre does; of refused ones always."""
        device = self._device
        seen: set[Key] = set()
        for one in operations:
            for key in self._keys_of(one):
                row = self.ledger.get(*key)
                if row is None or key in seen or (row.origin == device.id and one["n"] not in refused):
                    continue
                seen.add(key)
                if device.may_use(row.scope):
                    yield row

    def load_all(self, operations: Iterable[dict[str, Any]]) -> None:
        """Read the records of operations that were applied before, to answer them again."""
        self.ledger.load({key for one in operations if self._is_usable(one) for key in self._keys_of(one)})

    def _keys_of(self, operation: dict[str, Any]) -> Iterable[Key]:
        if operation["n"] in self.unusable:
            return ()
        if operation["kind"] in (PUT, TRANSFER):
            return ((operation["table"], operation["id"]),)
        return self._named_by([operation])


def _is_plain_order(fields: dict[str, Any]) -> bool:
    """Whether a new order says nothing that only the centre may say: by far the most do not."""
    return fields.get("claim_state") == "provisional" and not ("final_number" in fields or "claim_winner" in fields)


def _units_followed(puts: Iterable[dict[str, Any]]) -> set[Key]:
    """The vehicles that new records belong to: whether they are still where the desk believed decides about these."""
    known = followers()
    named = (one["fields"].get(known[one["table"]]) for one in puts if one.get("new") and one["table"] in known)
    return {("vehicle_unit", unit_id) for unit_id in named if is_identifier(unit_id)}
