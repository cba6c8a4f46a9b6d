"""Costs of units and the loans they stand on; offsets of printers"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unit_cost",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("amount", db.types.Money(), nullable=False),
        sa.Column("happened_on", db.types.IsoDate(), nullable=False),
        sa.Column("supplier", sa.String(length=120), nullable=False),
        sa.Column("document_number", sa.String(length=60), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("contra_of", sa.String(length=32), nullable=True),
        sa.Column("recorded_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_cost")),
    )
    op.create_index(op.f("ix_unit_cost_unit_id_happened_on"), "unit_cost", ["unit_id", "happened_on"])
    op.create_table(
        "floor_plan",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("lender", sa.String(length=120), nullable=False),
        sa.Column("contract_number", sa.String(length=60), nullable=False),
        sa.Column("principal", db.types.Money(), nullable=False),
        sa.Column("rate_millionths", sa.Integer(), nullable=False),
        sa.Column("day_basis", sa.Integer(), nullable=False),
        sa.Column("drawn_on", db.types.IsoDate(), nullable=False),
        sa.Column("free_days", sa.Integer(), nullable=False),
        sa.Column("due_on", db.types.IsoDate(), nullable=True),
        sa.Column("closed_on", db.types.IsoDate(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor_plan")),
    )
    op.create_index(op.f("ix_floor_plan_unit_id"), "floor_plan", ["unit_id"])
    op.create_index(
        op.f("ix_floor_plan_branch_id_closed_on_drawn_on"), "floor_plan", ["branch_id", "closed_on", "drawn_on"]
    )
    op.create_table(
        "floor_plan_repayment",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=False),
        sa.Column("floor_plan_id", sa.String(length=32), nullable=False),
        sa.Column("amount", db.types.Money(), nullable=False),
        sa.Column("paid_on", db.types.IsoDate(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("contra_of", sa.String(length=32), nullable=True),
        sa.Column("recorded_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor_plan_repayment")),
    )
    op.create_index(
        op.f("ix_floor_plan_repayment_floor_plan_id_paid_on"), "floor_plan_repayment", ["floor_plan_id", "paid_on"]
    )
    op.create_table(
        "print_offset",
        sa.Column("printer", sa.String(length=200), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("down", sa.Integer(), nullable=False),
        sa.Column("set_at", db.types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("printer", "form", name=op.f("pk_print_offset")),
    )


def downgrade() -> None:
    op.drop_table("print_offset")
    for name in ("floor_plan_repayment", "floor_plan", "unit_cost"):
        op.drop_table(name)
