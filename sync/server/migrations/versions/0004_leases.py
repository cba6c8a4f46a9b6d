"""Vehicles a desk may sell offline"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vehicle_lease",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("vin", sa.String(17), nullable=False),
        sa.Column("lease_id", sa.String(32), nullable=False),
        sa.Column("device_id", sa.String(32), nullable=False),
        sa.Column("branch_id", sa.String(32), nullable=False),
        sa.Column("branch_code", sa.String(16), nullable=False),
        sa.Column("desk_code", sa.String(16), nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("vehicle_id", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "vin", name=op.f("pk_vehicle_lease")),
    )
    op.create_index(op.f("ix_vehicle_lease_tenant_id_device_id"), "vehicle_lease", ["tenant_id", "device_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_vehicle_lease_tenant_id_device_id"), "vehicle_lease")
    op.drop_table("vehicle_lease")
