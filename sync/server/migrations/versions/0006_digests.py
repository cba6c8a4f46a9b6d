"""What proves that two copies are alike, and snapshots for new desks"""

import sqlalchemy as sa
from alembic import op

from sync.protocol.digests import MASK, Tally

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_AT_ONCE = 2_000


def upgrade() -> None:
    op.create_table(
        "scope_digest",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("scope", sa.String(32), nullable=False),
        sa.Column("table_name", sa.String(40), nullable=False),
        sa.Column("bucket", sa.Integer(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("row_sum", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "scope", "table_name", "bucket", name=op.f("pk_scope_digest")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "scope_snapshot",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("snapshot_id", sa.String(32), nullable=False),
        sa.Column("scope", sa.String(32), nullable=False),
        sa.Column("epoch", sa.String(32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("touched_at", sa.BigInteger(), nullable=False),
        sa.Column("finished", sa.Integer(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "snapshot_id", name=op.f("pk_scope_snapshot")),
    )
    op.create_index(
        op.f("ix_scope_snapshot_tenant_id_scope_made_at"), "scope_snapshot", ["tenant_id", "scope", "made_at"]
    )
    op.create_table(
        "snapshot_part",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("snapshot_id", sa.String(32), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "snapshot_id", "part", name=op.f("pk_snapshot_part")),
    )
    _count_rows()


def _count_rows() -> None:
    """The digests of what is there, in pages by key, so that a large database needs no more memory than a small one."""
    connection = op.get_bind()
    page = sa.text(
        "SELECT tenant_id, table_name, record_id, scope, ver, deleted FROM replica_row"
        " WHERE (tenant_id, table_name, record_id) > (:tenant, :table, :record)"
        f" ORDER BY tenant_id, table_name, record_id LIMIT {_AT_ONCE}"
    )
    tallies: dict[str, Tally] = {}
    after = ("", "", "")
    while True:
        rows = connection.execute(page, dict(zip(("tenant", "table", "record"), after, strict=True))).fetchall()
        for tenant, table, record, scope, ver, deleted in rows:
            if not deleted:
                tallies.setdefault(tenant, Tally()).add(scope, table, record, ver)
        if len(rows) < _AT_ONCE:
            break
        after = tuple(rows[-1][:3])
    for tenant, tally in sorted(tallies.items()):
        for (scope, table, bucket), (count, total) in sorted(tally.entries.items()):
            connection.execute(
                sa.text(
                    "INSERT INTO scope_digest (tenant_id, scope, table_name, bucket, row_count, row_sum)"
                    " VALUES (:tenant, :scope, :table, :bucket, :count, :total)"
                ),
                {"tenant": tenant, "scope": scope, "table": table, "bucket": bucket, "count": count,
                 "total": total & MASK},
            )  # fmt: skip


def downgrade() -> None:
    op.drop_table("snapshot_part")
    op.drop_table("scope_snapshot")
    op.drop_table("scope_digest")
