"""Pricing"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "price_change",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("origin", sa.String(length=12), nullable=False),
        sa.Column("name_zh", sa.String(length=60), nullable=False),
        sa.Column("name_en", sa.String(length=60), nullable=False),
        sa.Column("valid_from", db.types.IsoDate(), nullable=False),
        sa.Column("valid_to", db.types.IsoDate(), nullable=True),
        sa.Column("formula", db.types.Json(), nullable=False),
        sa.Column("below_floor", sa.Boolean(), nullable=False),
        sa.Column("needs_approval", sa.Boolean(), nullable=False),
        sa.Column("largest_change", sa.String(length=12), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("drafted_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("submitted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("decided_by_staff_id", sa.String(length=32), nullable=True),
        sa.Column("decided_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("decision_note", sa.String(length=400), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_change")),
    )
    op.create_index(
        op.f("ix_price_change_branch_id_state_valid_from"), "price_change", ["branch_id", "state", "valid_from"],
        unique=False,
    )  # fmt: skip
    op.create_table(
        "price_line",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("change_id", sa.String(length=32), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("list_before", db.types.Money(), nullable=True),
        sa.Column("floor_before", db.types.Money(), nullable=True),
        sa.Column("list_price", db.types.Money(), nullable=True),
        sa.Column("floor_price", db.types.Money(), nullable=True),
        sa.Column("campaign_price", db.types.Money(), nullable=True),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_line")),
    )
    op.create_index(op.f("ix_price_line_change_id"), "price_line", ["change_id"], unique=False)
    op.create_index(op.f("ix_price_line_subject_id"), "price_line", ["subject_id"], unique=False)
    op.create_table(
        "price_applied",
        sa.Column("change_id", sa.String(length=32), nullable=False),
        sa.Column("applied_at", db.types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_price_applied")),
    )


def downgrade() -> None:
    op.drop_table("price_applied")
    op.drop_table("price_line")
    op.drop_table("price_change")
