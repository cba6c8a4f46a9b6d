"""What must hold in the centre's database, each as a statement over one dealer group that finds what breaks it.

Only what the centre can know by itself: whether a desk has an order that never arrived, a desk's reconciliation says.
A gap in a feed is no fault: a record that changes leaves its place for a later one. What would be one, a place given to
a reader before an earlier one was committed, cannot be seen afterwards; that heads are locked until the commit excludes
it. What can be seen is `versions_without_place`: every version written took a place, so the heads of a group are never
less than its versions and leave-markers together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.orders.rules import LIVE_STATES
from sync.protocol.limits import LEASE_GRACE_SECONDS
from sync.server.digests import wrong_digests
from sync.server.document_log import wrong_hashes
from sync.server.store import Connection, Store

Body = Callable[[str, str], str]
"""`body("r", "vin")`: the text of a field of a record."""
_LIVE = "', '".join(sorted(state.value for state in LIVE_STATES))


@dataclass(frozen=True, slots=True)
class Invariant:
    """`statement` selects one text a fault; `?` is the group, each time."""

    name: str
    what: str
    meaning: str
    remedy: str
    statement: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that must not be, how often it is, and one of the records concerned."""

    what: str
    count: int
    name: str = ""
    tenant: str = ""
    example: str = ""
    meaning: str = ""
    remedy: str = ""


_RECONCILE = "let a desk of the branch reconcile: what it publishes makes the centre decide again"
_REPORT = "keep a copy of the database and report it: the service never writes this; look for other writers"
_REPAIR = "run `recount-digests`; desks then put themselves right by what the centre says"
_RESTORED = "if the database came from a backup run `restored`; otherwise keep a copy and report it"
_LOG = "keep a copy of the database and report it: entries are never changed; after a backup run `restored`"
_FEED = (
    Invariant(
        "rows_beyond_head", "rows beyond the head of their scope", "no desk is ever sent these records", _RESTORED,
        "SELECT r.scope || ' ' || r.table_name || ' ' || r.record_id AS k FROM replica_row r JOIN sync_scope s"
        " ON s.tenant_id = r.tenant_id AND s.scope = r.scope WHERE r.tenant_id = ? AND r.seq > s.head"
        " UNION ALL SELECT l.scope || ' ' || l.table_name || ' ' || l.record_id FROM scope_leave l JOIN sync_scope s"
        " ON s.tenant_id = l.tenant_id AND s.scope = l.scope WHERE l.tenant_id = ? AND l.seq > s.head",
    ),
    Invariant(
        "rows_without_feed", "rows of a scope without a head", "no desk is ever sent these records", _REPORT,
        "SELECT r.scope || ' ' || r.record_id AS k FROM replica_row r LEFT JOIN sync_scope s"
        " ON s.tenant_id = r.tenant_id AND s.scope = r.scope WHERE r.tenant_id = ? AND s.scope IS NULL",
    ),
    Invariant(
        "place_given_twice", "places given twice", "a desk that stopped between the two misses one of them", _REPORT,
        "SELECT g.scope || ' ' || g.seq AS k FROM (SELECT scope, seq FROM replica_row WHERE tenant_id = ? UNION ALL"
        " SELECT scope, seq FROM scope_leave WHERE tenant_id = ?) g GROUP BY g.scope, g.seq HAVING count(*) > 1",
    ),
    Invariant(
        "place_before_first", "rows at no place", "places begin with 1, versions too", _REPORT,
        "SELECT scope || ' ' || record_id AS k FROM replica_row WHERE tenant_id = ? AND (seq < 1 OR ver < 1)",
    ),
    Invariant(
        "versions_without_place", "groups whose heads count fewer places than versions were written",
        "a head went back: places will be given a second time, and desks miss what stands there", _RESTORED,
        "SELECT 'heads ' || h.heads || ', versions ' || v.versions || ', leaves ' || l.leaves AS k FROM"
        " (SELECT coalesce(sum(head), 0) AS heads FROM sync_scope WHERE tenant_id = ?) h,"
        " (SELECT coalesce(sum(ver), 0) AS versions FROM replica_row WHERE tenant_id = ?) v,"
        " (SELECT count(*) AS leaves FROM scope_leave WHERE tenant_id = ?) l WHERE h.heads < v.versions + l.leaves",
    ),
    Invariant(
        "compacted_beyond_head", "scopes compacted beyond their head", "desks are told to read again for ever",
        _RESTORED, "SELECT scope AS k FROM sync_scope WHERE tenant_id = ? AND (min_seq > head OR min_seq < 0)",
    ),
    Invariant(
        "cursor_beyond_head", "desks that have read more than there is", "the centre lost places it had given",
        _RESTORED,
        "SELECT c.device_id || ' ' || c.scope AS k FROM device_cursor c JOIN sync_scope s ON s.tenant_id = c.tenant_id"
        " AND s.scope = c.scope WHERE c.tenant_id = ? AND c.seq > s.head",
    ),
    Invariant(
        "leave_of_present_record", "leave-markers of records that are there",
        "a desk that reads only this scope would drop a record it should keep", _REPORT,
        "SELECT l.scope || ' ' || l.table_name || ' ' || l.record_id AS k FROM scope_leave l JOIN replica_row r"
        " ON r.tenant_id = l.tenant_id AND r.table_name = l.table_name AND r.record_id = l.record_id"
        " WHERE l.tenant_id = ? AND r.scope = l.scope",
    ),
)  # fmt: skip
_DESKS = (
    Invariant(
        "answers_beyond_last", "answers beyond a desk's last operation",
        "operations were answered that the desk's row does not count: they would be applied twice", _REPORT,
        "SELECT a.device_id || ' ' || a.n AS k FROM applied_operation a JOIN device d ON d.tenant_id = a.tenant_id"
        " AND d.device_id = a.device_id WHERE a.tenant_id = ? AND a.n > d.last_n",
    ),
    Invariant(
        "answers_missing", "desks some of whose operations have no answer",
        "a desk that asks again what became of an operation would not be told", _REPORT,
        "SELECT d.device_id AS k FROM device d LEFT JOIN applied_operation a ON a.tenant_id = d.tenant_id"
        " AND a.device_id = d.device_id AND a.n > d.seen_n WHERE d.tenant_id = ? AND d.seen_n <= d.last_n"
        " GROUP BY d.device_id, d.last_n, d.seen_n HAVING count(a.n) <> d.last_n - d.seen_n",
    ),
    Invariant(
        "answers_of_nobody", "answers to desks that are not there", "a desk's row is gone", _REPORT,
        "SELECT a.device_id AS k FROM applied_operation a LEFT JOIN device d ON d.tenant_id = a.tenant_id"
        " AND d.device_id = a.device_id WHERE a.tenant_id = ? AND d.device_id IS NULL",
    ),
    Invariant(
        "chain_broken", "desks whose last operation has another hash than their row says",
        "the desk's next push would be taken for a clone's", _REPORT,
        "SELECT d.device_id AS k FROM device d JOIN applied_operation a ON a.tenant_id = d.tenant_id"
        " AND a.device_id = d.device_id AND a.n = d.last_n WHERE d.tenant_id = ? AND a.hash <> d.last_hash",
    ),
    Invariant(
        "seen_beyond_last", "desks that have seen more answers than there were", "answers were dropped too early",
        _REPORT, "SELECT device_id AS k FROM device WHERE tenant_id = ? AND (seen_n > last_n OR last_n < 0)",
    ),
    Invariant(
        "quarantine_of_nobody", "quarantined operations of desks that are not there", "a desk's row is gone", _REPORT,
        "SELECT q.device_id AS k FROM quarantined_operation q LEFT JOIN device d ON d.tenant_id = q.tenant_id"
        " AND d.device_id = q.device_id WHERE q.tenant_id = ? AND d.device_id IS NULL",
    ),
)  # fmt: skip
_UNIT = "r.tenant_id = e.tenant_id AND r.table_name = 'vehicle_unit' AND r.record_id = e.vehicle_id"
_OWNERS = (
    Invariant(
        "vehicle_in_two_scopes", "vehicles whose records lie with two branches", "two branches could sell it",
        _RECONCILE,
        f"SELECT e.vin AS k FROM vehicle_entry e JOIN replica_row r ON {_UNIT} WHERE e.tenant_id = ?"
        " AND r.deleted = 0 GROUP BY e.vin HAVING count(DISTINCT r.scope) > 1",
    ),
    Invariant(
        "vehicle_without_owner", "vehicles that are not with their owner",
        "one branch sees a vehicle that another one owns", _RECONCILE,
        "SELECT o.vin AS k FROM vehicle_owner o JOIN replica_row r ON r.tenant_id = o.tenant_id"
        " AND r.table_name = 'vehicle_unit' AND r.record_id = o.vehicle_id WHERE o.tenant_id = ? AND r.deleted = 0"
        " AND r.scope <> o.scope",
    ),
    Invariant(
        "follower_elsewhere", "records that are not with their vehicle",
        "a vehicle's costs or papers stayed with the branch it left", _RECONCILE,
        "SELECT f.table_name || ' ' || f.record_id AS k FROM unit_follower f JOIN replica_row r"
        " ON r.tenant_id = f.tenant_id"
        " AND r.table_name = f.table_name AND r.record_id = f.record_id JOIN replica_row u"
        " ON u.tenant_id = f.tenant_id AND u.table_name = 'vehicle_unit' AND u.record_id = f.unit_id"
        " JOIN scope_leave l ON l.tenant_id = f.tenant_id AND l.scope = r.scope AND l.table_name = 'vehicle_unit'"
        " AND l.record_id = f.unit_id WHERE f.tenant_id = ? AND r.deleted = 0 AND u.deleted = 0"
        " AND r.scope <> u.scope",
    ),
)  # fmt: skip


def _claims(body: Body) -> tuple[Invariant, ...]:
    order = "o.tenant_id = c.tenant_id AND o.table_name = 'sales_order' AND o.record_id = c.holder_id"
    confirmed = (
        "o.table_name = 'sales_order' AND o.deleted = 0"
        f" AND {body('o', 'claim_state')} = 'confirmed' AND {body('o', 'state')} IN ('{_LIVE}')"
    )
    return (
        Invariant(
            "order_with_two_vehicles", "orders that hold more than one vehicle",
            "a vehicle is kept from sale by an order that has another one", _RECONCILE,
            "SELECT holder_id AS k FROM vehicle_claim WHERE tenant_id = ? AND kind = 'order'"
            " GROUP BY holder_id HAVING count(*) > 1",
        ),
        Invariant(
            "claim_unconfirmed", "orders that have their vehicle and do not say so",
            "the branch believes its sale to be open or lost", _RECONCILE,
            f"SELECT o.record_id AS k FROM vehicle_claim c JOIN replica_row o ON {order} WHERE c.tenant_id = ?"
            f" AND c.kind = 'order' AND (o.deleted = 1 OR coalesce({body('o', 'claim_state')}, '') <> 'confirmed')",
        ),
        Invariant(
            "confirmed_without_claim", "orders that say they have a vehicle and have none",
            "two branches may believe they sold it", _RECONCILE,
            f"SELECT o.record_id AS k FROM replica_row o WHERE o.tenant_id = ? AND {confirmed}"
            f" AND {body('o', 'vehicle_unit_id')} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM vehicle_claim c"
            " WHERE c.tenant_id = o.tenant_id AND c.kind = 'order' AND c.holder_id = o.record_id)"
            " AND EXISTS (SELECT 1 FROM vehicle_entry e JOIN vehicle_claim c ON c.tenant_id = e.tenant_id"
            f" AND c.vin = e.vin WHERE e.tenant_id = o.tenant_id AND e.vehicle_id = {body('o', 'vehicle_unit_id')}"
            " AND c.kind = 'order')",
        ),
        Invariant(
            "vehicle_sold_twice", "vehicles that two confirmed orders have", "the same vehicle was sold twice",
            _RECONCILE,
            f"SELECT {body('o', 'vehicle_unit_id')} AS k FROM replica_row o WHERE o.tenant_id = ? AND {confirmed}"
            f" AND {body('o', 'vehicle_unit_id')} IS NOT NULL GROUP BY {body('o', 'vehicle_unit_id')}"
            " HAVING count(*) > 1",
        ),
        Invariant(
            "loser_without_winner", "orders that lost and are not told to whom",
            "the branch cannot tell its customer why", _RECONCILE,
            "SELECT o.record_id AS k FROM replica_row o WHERE o.tenant_id = ? AND o.table_name = 'sales_order'"
            f" AND o.deleted = 0 AND {body('o', 'claim_state')} = 'conflict'"
            f" AND {body('o', 'claim_winner')} IS NULL",
        ),
        Invariant(
            "conflict_unflagged", "lost vehicles whose order does not say that it lost",
            "the branch goes on with an order that has no vehicle", _RECONCILE,
            "SELECT k.order_id AS k FROM claim_conflict k JOIN replica_row o ON o.tenant_id = k.tenant_id"
            " AND o.table_name = 'sales_order' AND o.record_id = k.order_id WHERE k.tenant_id = ? AND o.deleted = 0"
            f" AND coalesce({body('o', 'claim_state')}, '') NOT IN ('conflict', 'released', 'provisional')",
        ),
        Invariant(
            "unit_says_otherwise", "vehicles that do not say which order has them",
            "desks offer a vehicle that is sold", _RECONCILE,
            "SELECT c.vin AS k FROM vehicle_claim c JOIN vehicle_entry e ON e.tenant_id = c.tenant_id"
            f" AND e.vin = c.vin JOIN replica_row r ON {_UNIT} WHERE c.tenant_id = ? AND c.kind = 'order'"
            f" AND r.deleted = 0 AND {body('r', 'vin')} = c.vin"
            f" AND coalesce({body('r', 'order_id')}, '') <> c.holder_id",
        ),
        Invariant(
            "number_given_twice", "final numbers that two orders have", "two contracts carry one number", _RECONCILE,
            f"SELECT {body('o', 'final_number')} AS k FROM replica_row o WHERE o.tenant_id = ?"
            f" AND o.table_name = 'sales_order' AND o.deleted = 0 AND {body('o', 'final_number')} IS NOT NULL"
            f" GROUP BY {body('o', 'final_number')} HAVING count(*) > 1",
        ),
        Invariant(
            "lease_passed_over", "vehicles claimed by others while a desk had them secured",
            "a desk may sell bindingly what is sold", "end the lease; settle the two sales by hand",
            "SELECT c.vin AS k FROM vehicle_lease l JOIN vehicle_claim c ON c.tenant_id = l.tenant_id"
            " AND c.vin = l.vin LEFT JOIN vehicle_owner w ON w.tenant_id = l.tenant_id AND w.vin = l.vin"
            # One from before the centre was restored has no id: an order that had the vehicle then has it again.
            f" WHERE l.tenant_id = ? AND l.lease_id <> '' AND c.kind <> '' AND c.at > l.at"
            f" AND c.at < l.until + {LEASE_GRACE_SECONDS}000000"
            " AND (c.branch_id <> l.branch_id OR c.desk_code <> l.desk_code)"
            " AND coalesce(w.transfer_id, '') = '' AND coalesce(w.scope, l.branch_id) = l.branch_id",
        ),
    )  # fmt: skip


def _records(store: Store, body: Body) -> tuple[Invariant, ...]:
    keys = "json_object_keys(body::json)" if store.is_postgres else "json_each(body)"
    length = "octet_length(body)" if store.is_postgres else "length(CAST(body AS BLOB))"
    return (
        Invariant(
            "tombstone_with_body", "deleted records that are not erased", "what somebody had erased is still there",
            _REPORT,
            "SELECT table_name || ' ' || record_id AS k FROM replica_row WHERE tenant_id = ? AND deleted = 1"
            f" AND (SELECT count(*) FROM {keys}) > 1",
        ),
        Invariant(
            "deletion_undecided", "records of which it is not clear whether they are deleted",
            "desks and the centre disagree about them", _REPORT,
            "SELECT r.table_name || ' ' || r.record_id AS k FROM replica_row r WHERE r.tenant_id = ?"
            f" AND (r.deleted = 1) <> ({body('r', 'deleted_at')} IS NOT NULL)",
        ),
        Invariant(
            "size_wrong", "records whose size is not that of their text", "pages become too large or too small",
            _REPORT,
            f"SELECT table_name || ' ' || record_id AS k FROM replica_row WHERE tenant_id = ? AND size <> {length}",
        ),
        Invariant(
            "guard_failed", "deleted records that a payment or a contract needs",
            "a payment or a contract is about somebody who is gone, and no desk is asked to bring it back", _REPORT,
            "SELECT g.table_name || ' ' || g.record_id AS k FROM record_guard g JOIN replica_row r"
            " ON r.tenant_id = g.tenant_id AND r.table_name = g.table_name AND r.record_id = g.record_id"
            " WHERE g.tenant_id = ? AND r.deleted = 1 AND NOT EXISTS (SELECT 1 FROM needed_record n"
            " WHERE n.tenant_id = r.tenant_id AND n.table_name = r.table_name AND n.record_id = r.record_id)",
        ),
        Invariant(
            "content_incomplete", "contents that are complete and are not", "a picture or document cannot be opened",
            "delete the row of `content`; desks that have it send it again",
            "SELECT c.sha256 AS k FROM content c WHERE c.tenant_id = ? AND (c.received > c.size"
            " OR (c.complete = 1 AND c.received <> c.size) OR (EXISTS (SELECT 1 FROM content_part p"
            " WHERE p.tenant_id = c.tenant_id AND p.sha256 = c.sha256) AND c.received <> (SELECT"
            " sum(length(p.body)) FROM content_part p WHERE p.tenant_id = c.tenant_id AND p.sha256 = c.sha256)))",
        ),
    )  # fmt: skip


def _log(store: Store, body: Body) -> tuple[Invariant, ...]:
    digest = body("r", "sealed_digest")
    is_digest = f"{digest} ~ '^[0-9a-f]{{64}}$'" if store.is_postgres else (
        f"length({digest}) = 64 AND {digest} NOT GLOB '*[^0-9a-f]*'"
    )  # fmt: skip
    return (
        Invariant(
            "log_miscounted", "logs that do not have as many entries as they say",
            "desks are shown a log that was cut off or has gaps: they say that it was rewritten", _LOG,
            "SELECT l.log_id AS k FROM document_log l WHERE l.tenant_id = ? AND (l.size <> (SELECT count(*) FROM"
            " document_log_entry e WHERE e.tenant_id = l.tenant_id) OR EXISTS (SELECT 1 FROM document_log_entry f"
            " WHERE f.tenant_id = l.tenant_id AND f.number >= l.size))",
        ),
        Invariant(
            "log_without_hash", "entries of the log without their hash", "no desk can be shown a proof", _LOG,
            "SELECT e.digest AS k FROM document_log_entry e LEFT JOIN document_log_hash h"
            " ON h.tenant_id = e.tenant_id AND h.node = 2 * e.number WHERE e.tenant_id = ? AND h.node IS NULL",
        ),
        Invariant(
            "sealed_not_logged", "sealed contracts that do not stand in the log",
            "nobody can prove when the centre had them", _REPORT,
            "SELECT r.record_id AS k FROM replica_row r WHERE r.tenant_id = ? AND r.table_name = 'contract'"
            f" AND r.deleted = 0 AND {is_digest} AND NOT EXISTS (SELECT 1 FROM document_log_entry e"
            f" WHERE e.tenant_id = r.tenant_id AND e.digest = {digest})",
        ),
    )


_SIGNING = (
    Invariant(
        "signing_not_erased", "requests to sign that are over and not erased", "what was signed lies here for nothing",
        "it goes with the hourly upkeep; if it stays, report it",
        "SELECT request_id AS k FROM signing_request WHERE tenant_id = ?"
        " AND state NOT IN ('open', 'signed', 'declined') AND (sealed_document <> ''"
        " OR sealed_terms <> '' OR sealed_answer <> '')",
    ),
    Invariant(
        "signing_unread", "signatures given before everything was read", "a rule of the page was passed by", _REPORT,
        "SELECT request_id AS k FROM signing_request WHERE tenant_id = ? AND state = 'signed'"
        " AND (read_at IS NULL OR pages_seen < pages)",
    ),
)


def invariants(store: Store) -> tuple[Invariant, ...]:
    """All of them, in the form of this database."""
    return (
        *_FEED, *_DESKS, *_OWNERS, *_claims(store.field), *_records(store, store.field), *_log(store, store.field),
        *_SIGNING,
    )  # fmt: skip


def tenants_in(store: Store, connection: Connection) -> list[str]:
    """The groups at home in this database."""
    rows = store.run(connection, "SELECT tenant_id FROM tenant WHERE closed <> 'moved' ORDER BY tenant_id")
    return [str(row[0]) for row in rows.fetchall()]


def check(store: Store, *, tenant: str = "") -> list[Finding]:
    """Look for what must never be, in one snapshot a group and without holding up writers; empty when all is well."""
    with store.read() as connection:
        known = tenants_in(store, connection)
    return [finding for name in known if tenant in ("", name) for finding in _of_one(store, name)]


def _of_one(store: Store, tenant: str) -> list[Finding]:
    found = []
    with store.snapshot() as connection:
        for one in invariants(store):
            values = (tenant,) * one.statement.count("?")
            count, example = store.run(
                connection, f"SELECT count(*), min(found.k) FROM ({one.statement}) found", values
            ).first()
            if count:
                found.append(Finding(one.what, count, one.name, tenant, str(example), one.meaning, one.remedy))
    wrong = wrong_digests(store, tenant)
    if wrong:
        found.append(
            Finding(
                "digests that are not those of their rows", wrong, "digest_wrong", tenant, "",
                "desks believe that they lack something, or that they lack nothing", _REPAIR,
            )
        )  # fmt: skip
    broken = wrong_hashes(store, tenant)
    if broken:
        found.append(
            Finding(
                "hashes of the log that are not those of its entries", broken, "log_hash_wrong", tenant, "",
                "an entry was changed: desks say that the log was rewritten", _LOG,
            )
        )  # fmt: skip
    return found


_WAITING = {
    "quarantined": "SELECT count(*) FROM quarantined_operation WHERE tenant_id = ?",
    "conflicts": "SELECT count(*) FROM claim_conflict WHERE tenant_id = ?",
    "desks": "SELECT count(*) FROM device WHERE tenant_id = ? AND revoked_at IS NULL",
    "needed": "SELECT count(*) FROM needed_record WHERE tenant_id = ?",
    "records": "SELECT count(*) FROM replica_row WHERE tenant_id = ? AND deleted = 0",
}


def waiting(store: Store, tenant: str) -> dict[str, Any]:
    """What is no fault, but waits for a person: counts by name."""
    with store.snapshot() as connection:
        return {name: store.run(connection, text, (tenant,)).scalar() for name, text in _WAITING.items()}
