"""Replenishment"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_BY_TRIM = (
    "branch_id", "stock_state", "trim_id", "exterior_colour", "allocation_state", "held_until", "quality_state",
    "deleted_at",
)  # fmt: skip
_SOLD = ("branch_id", "ordered_at", "state", "deleted_at", "trim_id", "exterior_colour")


def upgrade() -> None:
    op.create_table(
        "stock_minimum",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("series_id", sa.String(length=32), nullable=False),
        sa.Column("trim_id", sa.String(length=32), nullable=True),
        sa.Column("exterior_colour", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("set_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("set_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_minimum")),
    )
    op.create_index(
        op.f("ix_stock_minimum_branch_id_series_id"), "stock_minimum", ["branch_id", "series_id"],
        unique=False,
    )  # fmt: skip
    op.create_table(
        "replenishment_policy",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("service_level", sa.Integer(), nullable=False),
        sa.Column("review_days", sa.Integer(), nullable=False),
        sa.Column("set_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replenishment_policy")),
    )
    op.create_table(
        "lead_time",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("make_id", sa.String(length=32), nullable=False),
        sa.Column("mean_days", sa.Integer(), nullable=False),
        sa.Column("spread_days", sa.Integer(), nullable=False),
        sa.Column("set_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_time")),
    )
    op.create_index(op.f("ix_lead_time_branch_id_make_id"), "lead_time", ["branch_id", "make_id"], unique=False)
    op.create_table(
        "purchase_proposal",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("service_level", sa.Integer(), nullable=False),
        sa.Column("drafted_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("drafted_on", db.types.IsoDate(), nullable=False),
        sa.Column("decided_by_staff_id", sa.String(length=32), nullable=True),
        sa.Column("decided_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("decision_note", sa.String(length=400), nullable=False),
        sa.Column("ordered_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("closed_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_proposal")),
    )
    op.create_index(
        op.f("ix_purchase_proposal_branch_id_state"), "purchase_proposal", ["branch_id", "state"],
        unique=False,
    )  # fmt: skip
    op.create_table(
        "purchase_line",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("proposal_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.String(length=32), nullable=False),
        sa.Column("trim_id", sa.String(length=32), nullable=False),
        sa.Column("exterior_colour", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("suggested", sa.Integer(), nullable=False),
        sa.Column("unit_cost", db.types.Money(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_line")),
    )
    op.create_index(op.f("ix_purchase_line_proposal_id"), "purchase_line", ["proposal_id"], unique=False)
    op.create_index(op.f("ix_purchase_line_trim_id"), "purchase_line", ["trim_id"], unique=False)
    op.create_index("ix_vehicle_unit_by_trim", "vehicle_unit", list(_BY_TRIM), unique=False)
    # Orders made before stay without: a desk that filled them in by itself would differ from the centre.
    op.add_column("sales_order", sa.Column("trim_id", sa.String(length=32), nullable=True))
    op.add_column("sales_order", sa.Column("exterior_colour", sa.String(length=40), nullable=True))
    op.create_index("ix_sales_order_sold", "sales_order", list(_SOLD), unique=False)


def downgrade() -> None:
    op.drop_index("ix_sales_order_sold", table_name="sales_order")
    op.drop_column("sales_order", "exterior_colour")
    op.drop_column("sales_order", "trim_id")
    op.drop_index("ix_vehicle_unit_by_trim", table_name="vehicle_unit")
    op.drop_table("purchase_line")
    op.drop_table("purchase_proposal")
    op.drop_table("lead_time")
    op.drop_table("replenishment_policy")
    op.drop_table("stock_minimum")
