"""Imports that can be taken back, and checks of specifications that were put aside"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "specification_import",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("taken_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("undone_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("undone_by_staff_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_specification_import")),
    )
    op.create_table(
        "specification_import_change",
        sa.Column("import_id", sa.String(length=32), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("version_id", sa.String(length=32), nullable=False),
        sa.Column("before", db.types.Json(), nullable=True),
        sa.Column("after", db.types.Json(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "n", name=op.f("pk_specification_import_change")),
    )
    op.create_table(
        "anomaly_dismissal",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("subject_table", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("dismissed_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anomaly_dismissal")),
    )
    op.create_index(op.f("ix_anomaly_dismissal_subject_id"), "anomaly_dismissal", ["subject_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_anomaly_dismissal_subject_id"), table_name="anomaly_dismissal")
    op.drop_table("anomaly_dismissal")
    op.drop_table("specification_import_change")
    op.drop_table("specification_import")
