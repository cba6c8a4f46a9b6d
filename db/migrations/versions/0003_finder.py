"""Finder: columns of the catalogue, saved searches, and the indexes that tell what changed and what is free"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_LEVELS = {
    "make": (), "series": ("make_id",), "model_year": ("series_id",), "trim": ("model_year_id",),
}  # fmt: skip
_STAMP = ("deleted_at", "revision", "ver", "seq", "updated_at")
_STANDING = "deleted_at IS NULL AND stock_state IN ('IN_STOCK', 'IN_TRANSIT')"


def upgrade() -> None:
    op.create_table(
        "finder_columns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shape", sa.String(length=64), nullable=False),
        sa.Column("kept_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finder_columns")),
    )
    op.create_table(
        "saved_search",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("question", db.types.Json(), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
    )
    op.create_index(op.f("ix_saved_search_branch_id_staff_id"), "saved_search", ["branch_id", "staff_id"])
    op.create_index(op.f("ix_saved_search_customer_id"), "saved_search", ["customer_id"])
    for table, above in _LEVELS.items():
        op.create_index(f"ix_{table}_by_stamp", table, [*_STAMP, *above, "id"])
    op.create_index(
        "ix_vehicle_unit_standing",
        "vehicle_unit",
        ["trim_id", "branch_id", "stock_state", "allocation_state", "quality_state", "held_until"],
        sqlite_where=sa.text(_STANDING),
    )


def downgrade() -> None:
    op.drop_index("ix_vehicle_unit_standing", "vehicle_unit")
    for table in _LEVELS:
        op.drop_index(f"ix_{table}_by_stamp", table)
    op.drop_table("saved_search")
    op.drop_table("finder_columns")
