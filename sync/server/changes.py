"""Takes operations over into the ledger, one transaction of a desk after the other, each whole or not at all."""

import logging
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from typing import Any

from sync.protocol.codes import Outcome, Rejection
from sync.protocol.guarding import GUARDS, guarded_by
from sync.protocol.operations import (
    CLAIM,
    PUT,
    RELEASE,
    TRANSFER,
    TRANSFER_TABLE,
    VOID,
    is_identifier,
    is_vin,
    problem_in,
)
from sync.server.claim_book import ClaimBook
from sync.server.claims import ALLOCATION_FIELDS, ClaimCourt, ends_order, moves_order
from sync.server.devices import Device
from sync.server.follower_book import followers, note_followers
from sync.server.lease_book import LeaseBook
from sync.server.ledger import Key, Ledger, Row
from sync.server.outcomes import Refused, Result, refused_results
from sync.server.owner_book import OwnerBook
from sync.server.record_book import RecordBook
from sync.server.rights import may_write, may_write_all, permissions_of
from sync.server.scope_heads import ScopeHeads
from sync.server.store import Connection, Store
from sync.server.transfers import TransferCourt, names_vehicle, touched_branches
from sync.server.upcasting import named_by_earlier

_log = logging.getLogger(__name__)
_ONLY_PUT = frozenset({PUT})
_CLAIMS = frozenset({CLAIM, RELEASE})


class Changes:
    """Applies the operations of one push. Order of locks: device, claims, owners, scopes; then records are read.

    Leases are read under the locks of their claims."""

    def __init__(self, store: Store, connection: Connection, device: Device, *, now_ms: int) -> None:
        self._store, self._connection, self._device = store, connection, device
        self.now_ms = now_ms
        self.ledger = Ledger(store, connection, tenant=device.tenant, now_ms=now_ms)
        self.book = ClaimBook(store, connection, tenant=device.tenant, now=now_ms * 1000)
        self.owners = OwnerBook(store, connection, tenant=device.tenant)
        self.leases = LeaseBook(store, connection, tenant=device.tenant, now=now_ms * 1000)
        self.court = ClaimCourt(
            store, connection, self.ledger, self.book, owners=self.owners, leases=self.leases, tenant=device.tenant,
            device_id=device.id,
        )  # fmt: skip
        self._scopes = ScopeHeads(store, connection, tenant=device.tenant)
        self.heads = self._scopes.heads
        self.transfers = TransferCourt(
            store, connection, self.ledger, claims=self.book, owners=self.owners, leases=self.leases,
            tenant=device.tenant, device_id=device.id, may_use=device.may_use,
            is_locked=self.heads.__contains__, own_branch=device.branch_id,
        )  # fmt: skip
        self.records = RecordBook(
            store, connection, device, self.ledger, book=self.book, owners=self.owners, court=self.court,
            transfers=self.transfers,
        )  # fmt: skip
        self._malformed: dict[int, str] = {}
        self.unusable: set[int] = set()
        self._allowed: set[tuple[str, str]] = set()
        self._settled_here = self._claims_here = False

    def prepare(self, operations: Sequence[dict[str, Any]]) -> None:
        """Lock and read all that these operations may touch."""
        good = [one for one in operations if self._is_usable(one)]
        claims = [one for one in good if one["kind"] not in (PUT, TRANSFER)]
        asked = [one for one in good if one["kind"] == TRANSFER]
        puts = [one for one in good if one["kind"] == PUT] if claims or asked else good
        scopes = {one["scope"] for one in good}
        keys: set[Key] = {(one["table"], one["id"]) for one in puts}
        units = [one for one in puts if one["table"] == "vehicle_unit"]
        entered = {one["fields"]["vin"] for one in units if "vin" in one["fields"]}
        named_vins = {vin for one in claims + asked if (vin := names_vehicle(one))}
        ended = {one["id"] for one in puts if one["table"] == "sales_order" and ends_order(one)}
        self.court.moving |= {one["id"] for one in puts if moves_order(one)}
        if leaving := ended | self.court.moving:
            named_vins |= set(filter(is_vin, self.book.vins_of(leaving)))
            self.book.load_conflicts(ended)
        self.book.lock(named_vins, present=filter(is_vin, entered))
        self.owners.lock(named_vins | {vin for vin in entered if is_vin(vin)})
        self.leases.load(named_vins)
        scopes |= self._scopes.branches_among(touched_branches(good)) | self.leases.scopes()
        keys |= {(TRANSFER_TABLE, one["id"]) for one in asked} | self.owners.keys()
        guarded = {key for one in puts if one["table"] in GUARDS for key in guarded_by(one["table"], one["fields"])}
        if guarded:
            scopes |= self._scopes.of(guarded)  # nobody deletes meanwhile what these need
        followed = _units_followed(puts) | named_by_earlier(puts)
        if followed:
            scopes |= self._scopes.of(followed)
            keys |= followed
        if claims:
            holders = {one["fields"].get("holder_id") for one in claims}
            self.book.load_conflicts(holder for holder in holders if isinstance(holder, str))
            named = self._named_by(claims)
            scopes |= self._scopes.of(named)
            keys |= named
        self._scopes.lock(scopes | self.book.scopes() | self.owners.scopes())
        self.ledger.load(keys | self.book.keys())
        self.book.load(self._vins(units))
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
        self.records.permissions[""] = ceiling
        for person in people:
            row = self.ledger.get("staff_member", person)
            self.records.permissions[person] = ceiling if row is None else permissions_of(row.fields.get("role", ""))

    def apply(self, operations: Sequence[dict[str, Any]]) -> list[Result]:
        """Take over every transaction in turn; one that is refused leaves nothing behind and stops nobody."""
        results: list[Result] = []
        start, count = 0, len(operations)
        while start < count:
            txn, end = operations[start]["txn"], start + 1
            while end < count and operations[end]["txn"] == txn:
                end += 1
            row = self._plain(operations[start]) if end == start + 1 else None
            if row is not None:
                results.append(Result(operations[start]["n"], row=row))
            else:
                results.extend(self._transaction(operations[start:end]))
            start = end
        return results

    def _plain(self, operation: dict[str, Any]) -> Row | None:
        """The record of a transaction that could be taken in by the short way; None where it has to go the usual."""
        if operation["n"] in self.unusable or operation["kind"] != PUT:
            return None
        if (operation.get("by", ""), operation["table"]) not in self._allowed:
            return None
        return self.records.take_plain(operation)

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
            for operation in operations:
                if ends_order(operation):
                    self.court.end(operation["id"])
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
                self.records.guard(row, even_unknown=True)
        return results

    def _roll_back(self) -> None:
        self.ledger.rollback()
        self.book.rollback()
        self.owners.rollback()

    def _look_for_moved(self, operations: Sequence[dict[str, Any]]) -> None:
        """Which vehicles of this transaction are not where the desk believed them to be when it wrote."""
        kinds = {one["kind"] for one in operations}
        self._settled_here = kinds != _ONLY_PUT
        self._claims_here = self._settled_here and not kinds.isdisjoint(_CLAIMS)
        self.court.stale, self.court.unknown = set(), set()
        for one in operations:
            if one["kind"] != PUT or one["table"] != "vehicle_unit" or one["n"] in self.unusable:
                continue
            row = self.ledger.get("vehicle_unit", one["id"])
            if row is None and not one.get("new"):
                self.court.unknown.add(one["id"])
            elif row is not None and row.scope != one["scope"]:
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
            if self._is_decided_by_claim(operation):
                return Result(operation["n"])
            raise self._why_unusable(operation)
        self._check_right(operation)
        try:
            if operation["kind"] == PUT:
                return self.records.put(operation, created, settled_here=self._settled_here)
            return self._transfer(operation) if operation["kind"] == TRANSFER else self._claim(operation)
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            _log.exception("operation %s of %s could not be applied", operation["n"], self._device.id)
            raise Refused(Rejection.OPERATION_MALFORMED, field=type(error).__name__) from error

    def _is_decided_by_claim(self, operation: dict[str, Any]) -> bool:
        """What a sale or a hold says of a vehicle whose branch was taken from the desk meanwhile: the claim beside it,
        in the desk's own branch, decides just that, and an order with its money must not be lost over it."""
        return (
            self._claims_here and operation["n"] not in self._malformed and operation["kind"] == PUT
            and operation["table"] == "vehicle_unit" and ALLOCATION_FIELDS.issuperset(operation["fields"])
        )  # fmt: skip

    def _why_unusable(self, operation: dict[str, Any]) -> Refused:
        wrong = self._malformed.get(operation["n"])
        if wrong is not None:
            return Refused(Rejection.OPERATION_MALFORMED, field=wrong)
        return Refused(Rejection.OPERATION_TOO_LARGE if operation["kind"] == VOID else Rejection.SCOPE_DENIED)

    def _check_right(self, operation: dict[str, Any]) -> None:
        person, table = operation.get("by", ""), operation["table"]
        if (person, table) in self._allowed:
            return
        permissions = self.records.permissions[person]
        if not may_write(table, permissions, operation=operation):
            raise Refused(Rejection.PERMISSION_DENIED, table=table)
        if may_write_all(table, permissions):
            self._allowed.add((person, table))

    def _claim(self, operation: dict[str, Any]) -> Result:
        asked, scope, vin = operation["fields"], operation["scope"], operation["id"]
        if operation["kind"] == RELEASE:
            outcome, code, detail = self.court.release(vin, asked=asked, scope=scope)
        else:
            named = self._device.named(asked)
            outcome, code, detail = self.court.claim(vin, asked=named, scope=scope, by=operation.get("by", ""))
        if outcome == Outcome.REJECTED:
            raise Refused(Rejection(code), **detail)
        return Result(operation["n"], outcome, code, detail)

    def _transfer(self, operation: dict[str, Any]) -> Result:
        branches = (operation["fields"].get("from_branch_id"), operation["fields"].get("to_branch_id"))
        row = self.ledger.get(TRANSFER_TABLE, operation["id"])
        told = None if row is None else (row.fields.get("from_branch_id"), row.fields.get("to_branch_id"))
        if told is not None and (told != branches or not self.heads.keys() >= set(filter(None, told))):
            raise Refused(Rejection.OPERATION_MALFORMED, field="from_branch_id")
        self.transfers.settle(operation, self.records.permissions[operation.get("by", "")])
        return Result(operation["n"], row=self.ledger.get(TRANSFER_TABLE, operation["id"]))

    def write(self) -> None:
        """Store everything; the heads of the scopes come last."""
        before = dict(self.heads)
        self.book.write()
        self.owners.write()
        self.records.write()
        note_followers(self._store, self._connection, self._device.tenant, self.ledger.changed_rows())
        self.ledger.write(self.heads)
        self._scopes.write(before)

    def place_of(self, result: Result) -> tuple[int, int]:
        """Version and place of the record an accepted operation changed."""
        row = result.row
        return (0, 0) if row is None or not self._device.may_use(row.scope) else (row.ver, row.seq)

    def differing_rows(self, operations: Iterable[dict[str, Any]], *, refused: Container[int]) -> Iterator[Row]:
        """The records of these operations that the desk does not have as the centre does; of refused ones always."""
        device = self._device
        seen: set[Key] = set()
        get, own = self.ledger.get, device.id
        for one in operations:
            for key in self._keys_of(one):
                row = get(*key)
                if row is None or (row.origin == own and one["n"] not in refused) or key in seen:
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


def _units_followed(puts: Iterable[dict[str, Any]]) -> set[Key]:
    """The vehicles that new records belong to: whether they are still where the desk believed decides about these."""
    known = followers()
    named = (one["fields"].get(known[one["table"]]) for one in puts if one.get("new") and one["table"] in known)
    return {("vehicle_unit", unit_id) for unit_id in named if is_identifier(unit_id)}
