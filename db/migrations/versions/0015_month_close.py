"""Months that a branch has closed"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "month_close",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("closed_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("closed_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("desk_code", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.Column("orders_total", db.types.Money(), nullable=False),
        sa.Column("revenue", db.types.Money(), nullable=False),
        sa.Column("cancelled", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("received", db.types.Money(), nullable=False),
        sa.Column("payments", db.types.Json(), nullable=False),
        sa.Column("stock_units", sa.Integer(), nullable=False),
        sa.Column("stock_value", db.types.Money(), nullable=False),
        sa.Column("postings", sa.Text(), nullable=False),
        sa.Column("reconciled_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("reconciliation_digest", sa.String(length=64), nullable=False),
        sa.Column("looked_at", db.types.Json(), nullable=True),
        sa.Column("reopen_asked_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("reopen_asked_by_staff_id", sa.String(length=32), nullable=True),
        sa.Column("reopen_reason", sa.String(length=400), nullable=False),
        sa.Column("reopened_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("reopened_by_staff_id", sa.String(length=32), nullable=True),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_month_close")),
    )
    op.create_index(op.f("ix_month_close_branch_id_month"), "month_close", ["branch_id", "month"])
    op.create_table(
        "reconciliation_run",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("at", db.types.UtcDateTime(), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("looked_at", db.types.Json(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.Column("unsettled", sa.Integer(), nullable=False),
        sa.Column("kinds", db.types.Json(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("centre", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_run")),
    )
    op.create_index(op.f("ix_reconciliation_run_branch_id_at"), "reconciliation_run", ["branch_id", "at"])


def downgrade() -> None:
    op.drop_table("reconciliation_run")
    op.drop_table("month_close")
