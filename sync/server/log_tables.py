"""The log of sealed documents: its entries, the hashes of its tree, and the keys its heads are signed with.

`document_log` explains how they belong together. Rows are only added.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from sync.server.tables import metadata

__all__ = ["document_log", "document_log_entry", "document_log_hash", "document_log_key", "metadata"]

document_log = Table(
    "document_log",
    metadata,
    Column("tenant_id", String(32), nullable=False),
    Column("log_id", String(32), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id"),
)
"""One log a group: how many entries it has, and the time of the last one. Locked by whoever adds."""

document_log_entry = Table(
    "document_log_entry",
    metadata,
    Column("tenant_id", String(32), nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "number"),
    Index(None, "tenant_id", "digest", unique=True),
)
"""One sealed document: SHA-256 of its bytes, and when it was entered (microseconds). Numbers begin with 0."""

document_log_hash = Table(
    "document_log_hash",
    metadata,
    Column("tenant_id", String(32), nullable=False),
    Column("node", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("tenant_id", "node"),
)
"""The hash of each complete subtree; `document_log.node_number` says which one it is of."""

document_log_key = Table(
    "document_log_key",
    metadata,
    Column("tenant_id", String(32), nullable=False),
    Column("n", Integer, nullable=False),
    Column("public_key", String(64), nullable=False),
    Column("sealed_key", Text, nullable=False),
    Column("signature", String(128), nullable=False),
    Column("made_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "n"),
)
"""The keys of the log, the last one in use; the private half is sealed by the service's key. `signature` is that of the
key before, empty for the first one and where the one before was lost."""
