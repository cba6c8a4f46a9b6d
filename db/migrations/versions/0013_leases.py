"""Vehicles this desk may sell offline"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vehicle_lease",
        sa.Column("vin", sa.String(length=17), nullable=False),
        sa.Column("vehicle_id", sa.String(length=32), nullable=False),
        sa.Column("lease_id", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("at", db.types.UtcDateTime(), nullable=False),
        sa.Column("until", db.types.UtcDateTime(), nullable=False),
        sa.Column("taken_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("ends_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("seen_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("hybrid_ms", sa.BigInteger(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("given_back", sa.Boolean(), nullable=False),
        sa.Column("refusal", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("vin", name=op.f("pk_vehicle_lease")),
    )
    op.add_column("vehicle_unit", sa.Column("secured_until", db.types.UtcDateTime(), nullable=True))
    op.add_column("vehicle_unit", sa.Column("secured_for", sa.String(length=40), nullable=True))
    op.add_column("contract", sa.Column("secured_until", db.types.UtcDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("contract", "secured_until")
    op.drop_column("vehicle_unit", "secured_for")
    op.drop_column("vehicle_unit", "secured_until")
    op.drop_table("vehicle_lease")
