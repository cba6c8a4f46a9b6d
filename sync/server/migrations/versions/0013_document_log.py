"""The log of sealed documents; what was sealed so far is entered"""

import json
import time
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from db.ids import new_id
from sync.protocol.document_log import is_sealed_digest, leaf_of
from sync.protocol.merkle import complete_nodes, growth, leaf_hash

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_AT_ONCE = 1_000


def upgrade() -> None:
    op.create_table(
        "document_log",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("log_id", sa.String(32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_document_log")),
    )
    op.create_table(
        "document_log_entry",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "number", name=op.f("pk_document_log_entry")),
    )
    op.create_index(
        op.f("ix_document_log_entry_tenant_id_digest"), "document_log_entry", ["tenant_id", "digest"], unique=True
    )
    op.create_table(
        "document_log_hash",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("node", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "node", name=op.f("pk_document_log_hash")),
    )
    op.create_table(
        "document_log_key",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.String(64), nullable=False),
        sa.Column("sealed_key", sa.Text(), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "n", name=op.f("pk_document_log_key")),
    )
    _enter_sealed(time.time_ns() // 1000)


def _enter_sealed(now: int) -> None:
    """The contracts sealed so far, by their ids, which are in the order of time; entered now, as the time says."""
    connection = op.get_bind()
    tenants = connection.execute(sa.text("SELECT tenant_id FROM tenant ORDER BY tenant_id")).scalars().all()
    for tenant in tenants:
        entered: set[str] = set()
        known: dict[tuple[int, int], bytes] = {}
        for digests in _sealed(connection, tenant):
            fresh = [one for one in dict.fromkeys(digests) if one not in entered]
            size = len(entered)
            made = growth(size, [leaf_hash(leaf_of(one, now)) for one in fresh], known)
            for number, digest in enumerate(fresh, start=size):
                connection.execute(
                    sa.text(
                        "INSERT INTO document_log_entry (tenant_id, number, digest, at)"
                        " VALUES (:tenant, :number, :digest, :at)"
                    ),
                    {"tenant": tenant, "number": number, "digest": digest, "at": now},
                )
            for (level, place), digest_of_node in made.items():
                connection.execute(
                    sa.text("INSERT INTO document_log_hash (tenant_id, node, hash) VALUES (:tenant, :node, :hash)"),
                    {"tenant": tenant, "node": ((2 * place + 1) << level) - 1, "hash": digest_of_node.hex()},
                )
            entered.update(fresh)
            wanted = set(complete_nodes(0, len(entered)))
            known = {node: one for node, one in {**known, **made}.items() if node in wanted}
        if entered:
            connection.execute(
                sa.text(
                    "INSERT INTO document_log (tenant_id, log_id, size, last_at) VALUES (:tenant, :log, :size, :at)"
                ),
                {"tenant": tenant, "log": new_id(), "size": len(entered), "at": now},
            )


def _sealed(connection: sa.Connection, tenant: str) -> Iterator[list[str]]:
    """The digests of sealed contracts, in pages."""
    page = sa.text(
        "SELECT record_id, deleted, body FROM replica_row WHERE tenant_id = :tenant AND table_name = 'contract'"
        f" AND record_id > :after ORDER BY record_id LIMIT {_AT_ONCE}"
    )
    after = ""
    while True:
        rows = connection.execute(page, {"tenant": tenant, "after": after}).fetchall()
        bodies = (json.loads(body) for _, deleted, body in rows if not deleted)
        yield [one for body in bodies if is_sealed_digest(one := body.get("sealed_digest"))]
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1][0]


def downgrade() -> None:
    op.drop_table("document_log_key")
    op.drop_table("document_log_hash")
    op.drop_table("document_log_entry")
    op.drop_table("document_log")
