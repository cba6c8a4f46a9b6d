"""How far the reading of each scope has come, and whether what was read is what the centre has"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sync_cursor", sa.Column("leaving", sa.Boolean(), server_default=sa.text("0"), nullable=False))
    op.add_column("sync_cursor", sa.Column("snapshot_id", sa.String(length=32), server_default="", nullable=False))
    op.add_column("sync_cursor", sa.Column("snapshot_part", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "sync_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("due", sa.Boolean(), nullable=False),
        sa.Column("checked_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("repaired", sa.Integer(), nullable=False),
        sa.Column("differing", sa.Integer(), nullable=False),
        sa.Column("left_alone", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_check")),
    )
    op.create_table(
        "sync_repair",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("at", db.types.UtcDateTime(), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.Column("buried", sa.Integer(), nullable=False),
        sa.Column("read_again", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_sync_repair")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sync_bootstrap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rows_all", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_bootstrap")),
    )


def downgrade() -> None:
    op.drop_table("sync_bootstrap")
    op.drop_table("sync_repair")
    op.drop_table("sync_check")
    op.drop_column("sync_cursor", "snapshot_part")
    op.drop_column("sync_cursor", "snapshot_id")
    op.drop_column("sync_cursor", "leaving")
