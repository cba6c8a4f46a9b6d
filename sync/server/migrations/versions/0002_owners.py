"""Which branch owns a vehicle, and what left a branch"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OWNERS = (
    "INSERT INTO vehicle_owner (tenant_id, vin, scope, vehicle_id, transfer_id, to_scope, order_id, number, at)"
    " SELECT e.tenant_id, e.vin, min(r.scope), min(r.record_id), '', '', '', '', 0 FROM vehicle_entry e"
    " JOIN replica_row r ON r.tenant_id = e.tenant_id AND r.table_name = 'vehicle_unit'"
    " AND r.record_id = e.vehicle_id WHERE r.deleted = 0 GROUP BY e.tenant_id, e.vin"
)
"""Whoever has a vehicle's record owns the vehicle."""


def upgrade() -> None:
    op.create_table(
        "vehicle_owner",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("vin", sa.String(17), nullable=False),
        sa.Column("scope", sa.String(32), nullable=False),
        sa.Column("vehicle_id", sa.String(32), nullable=False),
        sa.Column("transfer_id", sa.String(32), nullable=False),
        sa.Column("to_scope", sa.String(32), nullable=False),
        sa.Column("order_id", sa.String(32), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "vin", name=op.f("pk_vehicle_owner")),
    )
    op.create_table(
        "scope_leave",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("scope", sa.String(32), nullable=False),
        sa.Column("table_name", sa.String(40), nullable=False),
        sa.Column("record_id", sa.String(32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("to_scope", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "scope", "table_name", "record_id", name=op.f("pk_scope_leave")),
    )
    op.create_index(
        op.f("ix_scope_leave_tenant_id_scope_seq"), "scope_leave", ["tenant_id", "scope", "seq"], unique=True
    )  # fmt: skip
    op.execute(_OWNERS)


def downgrade() -> None:
    op.drop_table("scope_leave")
    op.drop_table("vehicle_owner")
