"""What the centre remembers. Every key begins with the tenant (a dealer group), so that tenants can be spread.

`replica_row` holds every replicated record in one form, whatever version of the program wrote it; what must be
exclusive has tables of its own, whose keys enforce it. The same definitions serve SQLite and PostgreSQL;
`migrations` makes them, a test holds both equal.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"},
)


def _tenant() -> Column[str]:
    return Column("tenant_id", String(32), nullable=False)


tenant = Table(
    "tenant",
    metadata,
    _tenant(),
    Column("epoch", String(32), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("closed", String(8), nullable=False, server_default=text("''")),
    Column("moved_to", String(40), nullable=False, server_default=text("''")),
    Column("names", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("tenant_id"),
)
"""`epoch` changes when the service was restored from a backup: cursors of before mean nothing then. While `closed` is
not empty, everything of the group is refused here: `moving` to another database, `arriving` from one, `moved` to the
database named `moved_to`. Every transaction that writes for a group reads this row first (`devices.epoch_of`,
`devices.ensure_open`). `names` counts how often a desk got its name or another one."""

service_state = Table(
    "service_state", metadata, Column("name", String(40), primary_key=True), Column("value", Text, nullable=False)
)
"""What belongs to the database and to no group: see `origin`."""

sync_scope = Table(
    "sync_scope",
    metadata,
    _tenant(),
    Column("scope", String(32), nullable=False),
    Column("head", BigInteger, nullable=False),
    Column("min_seq", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "scope"),
)
"""`head` is the last place given in the scope's feed; places below `min_seq` may have lost their tombstones."""

replica_row = Table(
    "replica_row",
    metadata,
    _tenant(),
    Column("table_name", String(40), nullable=False),
    Column("record_id", String(32), nullable=False),
    Column("scope", String(32), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("ver", Integer, nullable=False),
    Column("deleted", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("field_clock", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("origin", String(32), nullable=False),
    Column("origin_base", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    PrimaryKeyConstraint("tenant_id", "table_name", "record_id"),
    Index(None, "tenant_id", "scope", "seq", unique=True),
)
"""`body` is the JSON of the fields, `field_clock` of their hybrid times. `origin` is the device whose copy is exactly
this, empty where no device's is; since version `origin_base` nobody else has written. `size` is the body's length."""

applied_operation = Table(
    "applied_operation",
    metadata,
    _tenant(),
    Column("device_id", String(32), nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("hash", String(32), nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("ver", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("code", String(40), nullable=False),
    Column("detail", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "device_id", "n"),
    sqlite_with_rowid=False,
)
"""The answer to each operation. The key makes applying one twice impossible."""

device = Table(
    "device",
    metadata,
    _tenant(),
    Column("device_id", String(32), nullable=False),
    Column("branch_id", String(32), nullable=False),
    Column("branch_code", String(16), nullable=False),
    Column("desk_code", String(16), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("role", String(24), nullable=False),
    Column("key_hash", String(64), nullable=False),
    Column("last_n", BigInteger, nullable=False),
    Column("last_hash", String(32), nullable=False),
    Column("seen_n", BigInteger, nullable=False),
    Column("replaces", String(32), nullable=False),
    Column("enrolled_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger, nullable=True),
    Column("named", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("tenant_id", "device_id"),
)
"""A desk. `scopes` is JSON: a list, or `"*"`; `role` bounds what it may do for people the centre does not know;
`last_n` and `last_hash` end the operations applied; answers up to `seen_n` have arrived at the desk. `named` is what
`tenant.names` was when it got its name; identities of the centre itself have none."""

device_cursor = Table(
    "device_cursor",
    metadata,
    _tenant(),
    Column("device_id", String(32), nullable=False),
    Column("scope", String(32), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "device_id", "scope"),
)
"""How far a desk has read, as of its last visit; only compaction needs it."""

access_token = Table(
    "access_token",
    metadata,
    _tenant(),
    Column("token_hash", String(64), nullable=False),
    Column("device_id", String(32), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "token_hash"),
)

enrolment_code = Table(
    "enrolment_code",
    metadata,
    _tenant(),
    Column("code_hash", String(64), nullable=False),
    Column("branch_code", String(16), nullable=False),
    Column("desk_code", String(16), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("role", String(24), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger, nullable=True),
    PrimaryKeyConstraint("tenant_id", "code_hash"),
)

vehicle_claim = Table(
    "vehicle_claim",
    metadata,
    _tenant(),
    Column("vin", String(17), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("holder_id", String(32), nullable=False),
    Column("scope", String(32), nullable=False),
    Column("vehicle_id", String(32), nullable=False),
    Column("number", String(40), nullable=False),
    Column("branch_id", String(32), nullable=False),
    Column("desk_code", String(16), nullable=False),
    Column("staff_id", String(32), nullable=False),
    Column("customer_id", String(32), nullable=False),
    Column("until", BigInteger, nullable=True),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "vin"),
)
"""Who has a vehicle: by its key at most one holder per VIN. `kind` is `order`, `hold`, or empty when it is free;
`scope` is that of the holder's order."""

vehicle_lease = Table(
    "vehicle_lease",
    metadata,
    _tenant(),
    Column("vin", String(17), nullable=False),
    Column("lease_id", String(32), nullable=False),
    Column("device_id", String(32), nullable=False),
    Column("branch_id", String(32), nullable=False),
    Column("branch_code", String(16), nullable=False),
    Column("desk_code", String(16), nullable=False),
    Column("staff_id", String(32), nullable=False),
    Column("vehicle_id", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "vin"),
    Index(None, "tenant_id", "device_id"),
)
"""Which desk may sell a vehicle although it is offline: by its key at most one a VIN. Whoever reads or writes a row has
locked the claim of its VIN. `lease_id` is new each time it is taken, so that a message that comes late ends nothing."""

vehicle_entry = Table(
    "vehicle_entry",
    metadata,
    _tenant(),
    Column("vin", String(17), nullable=False),
    Column("vehicle_id", String(32), nullable=False),
    Column("scope", String(32), nullable=False),
    PrimaryKeyConstraint("tenant_id", "vin", "vehicle_id"),
)
"""The records desks entered for a VIN: mostly one, but two desks may have entered one vehicle while apart."""

claim_conflict = Table(
    "claim_conflict",
    metadata,
    _tenant(),
    Column("order_id", String(32), nullable=False),
    Column("vin", String(17), nullable=False),
    Column("tasks", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "order_id"),
)
"""Orders that lost their vehicle and are not settled, with the tasks `{id: scope}` made for them."""

vehicle_owner = Table(
    "vehicle_owner",
    metadata,
    _tenant(),
    Column("vin", String(17), nullable=False),
    Column("scope", String(32), nullable=False),
    Column("vehicle_id", String(32), nullable=False),
    Column("transfer_id", String(32), nullable=False),
    Column("to_scope", String(32), nullable=False),
    Column("order_id", String(32), nullable=False),
    Column("number", String(40), nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "vin"),
)
"""The branch that owns a vehicle: by its key one per VIN. `transfer_id`, `to_scope` and `number` are those of the
transfer that has the vehicle's promise, `order_id` of the order that goes along; empty without one."""

scope_leave = Table(
    "scope_leave",
    metadata,
    _tenant(),
    Column("scope", String(32), nullable=False),
    Column("table_name", String(40), nullable=False),
    Column("record_id", String(32), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("ver", Integer, nullable=False),
    Column("to_scope", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "scope", "table_name", "record_id"),
    Index(None, "tenant_id", "scope", "seq", unique=True),
)
"""Records that left a scope, at their place in its feed: whoever reads only that scope learns that they are gone."""

unit_follower = Table(
    "unit_follower",
    metadata,
    _tenant(),
    Column("unit_id", String(32), nullable=False),
    Column("table_name", String(40), nullable=False),
    Column("record_id", String(32), nullable=False),
    PrimaryKeyConstraint("tenant_id", "unit_id", "table_name", "record_id"),
    sqlite_with_rowid=False,
)
"""Records that belong to a vehicle and change branches with it, by the vehicle's record: see `follower_book`."""

scope_digest = Table(
    "scope_digest",
    metadata,
    _tenant(),
    Column("scope", String(32), nullable=False),
    Column("table_name", String(40), nullable=False),
    Column("bucket", Integer, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    Column("row_sum", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "scope", "table_name", "bucket"),
    sqlite_with_rowid=False,
)
"""How many live records a part of a table has in a scope, and the sum of their marks: see `sync.protocol.digests`."""

scope_snapshot = Table(
    "scope_snapshot",
    metadata,
    _tenant(),
    Column("snapshot_id", String(32), nullable=False),
    Column("scope", String(32), nullable=False),
    Column("epoch", String(32), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("touched_at", BigInteger, nullable=False),
    Column("finished", Integer, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    PrimaryKeyConstraint("tenant_id", "snapshot_id"),
    Index(None, "tenant_id", "scope", "made_at"),
)
"""A scope as it stood at a place of its feed, for new desks. `digest` is the JSON of `{table: [rows, sum]}` then;
`touched_at` moves while it is being written, so that one whose writer died is known."""

snapshot_part = Table(
    "snapshot_part",
    metadata,
    _tenant(),
    Column("snapshot_id", String(32), nullable=False),
    Column("part", Integer, nullable=False),
    Column("row_count", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant_id", "snapshot_id", "part"),
)
"""A piece of a snapshot: zstd of JSON. `size` is that of `body`, `sha256` that of the plain text."""

record_guard = Table(
    "record_guard",
    metadata,
    _tenant(),
    Column("table_name", String(40), nullable=False),
    Column("record_id", String(32), nullable=False),
    Column("guarded_by", String(32), nullable=False),
    PrimaryKeyConstraint("tenant_id", "table_name", "record_id", "guarded_by"),
)
"""Records that may not be deleted because a payment or a contract refers to them."""

needed_record = Table(
    "needed_record",
    metadata,
    _tenant(),
    Column("table_name", String(40), nullable=False),
    Column("record_id", String(32), nullable=False),
    Column("scope", String(40), nullable=False),
    Column("asked_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "table_name", "record_id"),
)
"""Guarded records that were deleted before their payment or contract came: desks are asked for them."""

restore_claim = Table(
    "restore_claim",
    metadata,
    _tenant(),
    Column("claim_id", String(32), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("device_id", String(32), nullable=False),
    Column("desk", String(60), nullable=False),
    Column("granted", Integer, nullable=False),
    PrimaryKeyConstraint("tenant_id", "claim_id"),
)
"""Desks that found out that this database came from a backup; `granted` where a new epoch began. See `epochs`."""

number_series = Table(
    "number_series",
    metadata,
    _tenant(),
    Column("series", String(60), nullable=False),
    Column("last", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "series"),
)

failed_attempt = Table(
    "failed_attempt",
    metadata,
    _tenant(),
    Column("subject", String(32), nullable=False),
    Column("begun_at", BigInteger, nullable=False),
    Column("failed", Integer, nullable=False),
    PrimaryKeyConstraint("tenant_id", "subject"),
)
"""Wrong codes, keys and passwords since `begun_at`: `subject` is a digest of where they came from and what for. They
belong to no group; `tenant_id` is empty."""

quarantined_operation = Table(
    "quarantined_operation",
    metadata,
    _tenant(),
    Column("device_id", String(32), nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("hash", String(32), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "device_id", "n", "hash"),
)
"""What revoked desks, and desks with a doubtful history, sent: kept for a person to look at, applied to nothing."""
