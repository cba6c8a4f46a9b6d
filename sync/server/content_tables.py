"""What the centre knows of contents (pictures, documents), and their bytes where it keeps them in its database."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table

from sync.server.tables import metadata

__all__ = ["content", "content_part", "metadata"]

content = Table(
    "content",
    metadata,
    Column("tenant_id", String(32), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
    Column("complete", Integer, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant_id", "sha256"),
    Index(None, "tenant_id", "changed_at"),
)
"""One content of a dealer group: so many bytes of it have arrived; `complete` once its digest was proved."""

content_part = Table(
    "content_part",
    metadata,
    Column("tenant_id", String(32), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("tenant_id", "sha256", "start"),
)
"""The bytes from `start` on, where contents are kept in the database."""
