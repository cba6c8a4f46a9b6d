"""Stock counts"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stock_count",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("coverage", sa.String(length=12), nullable=False),
        sa.Column("places", db.types.Json(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("started_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("started_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("recounted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("recounted_by_staff_id", sa.String(length=32), nullable=True),
        sa.Column("signed_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("signed_by_staff_id", sa.String(length=32), nullable=True),
        sa.Column("abandon_reason", sa.String(length=400), nullable=False),
        sa.Column("result", db.types.Json(), nullable=True),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count")),
    )
    op.create_index(op.f("ix_stock_count_branch_id_state"), "stock_count", ["branch_id", "state"])
    op.create_table(
        "stock_count_line",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("count_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("vin", sa.String(length=17), nullable=False),
        sa.Column("stock_number", sa.String(length=24), nullable=False),
        sa.Column("trim_id", sa.String(length=32), nullable=False),
        sa.Column("exterior_colour", sa.String(length=40), nullable=False),
        sa.Column("location", sa.String(length=60), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count_line")),
    )
    op.create_index(op.f("ix_stock_count_line_count_id_vin"), "stock_count_line", ["count_id", "vin"])
    op.create_table(
        "stock_count_scan",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("count_id", sa.String(length=32), nullable=False),
        sa.Column("vin", sa.String(length=17), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=True),
        sa.Column("location", sa.String(length=60), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("withdraws_id", sa.String(length=32), nullable=True),
        sa.Column("scanned_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("scanned_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("desk_code", sa.String(length=16), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count_scan")),
    )
    op.create_index(op.f("ix_stock_count_scan_count_id_vin"), "stock_count_scan", ["count_id", "vin"])
    op.create_table(
        "stock_count_finding",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("count_id", sa.String(length=32), nullable=False),
        sa.Column("vin", sa.String(length=17), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("expected_location", sa.String(length=60), nullable=False),
        sa.Column("found_location", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("decided_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("decided_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("posted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count_finding")),
    )
    op.create_index(op.f("ix_stock_count_finding_count_id"), "stock_count_finding", ["count_id"])


def downgrade() -> None:
    op.drop_table("stock_count_finding")
    op.drop_table("stock_count_scan")
    op.drop_table("stock_count_line")
    op.drop_table("stock_count")
