"""Transfers between branches"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "vehicle_transfer",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("from_branch_id", sa.String(length=32), nullable=True),
        sa.Column("to_branch_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=True),
        sa.Column("vin", sa.String(length=17), nullable=False),
        sa.Column("stock_number", sa.String(length=24), nullable=False),
        sa.Column("trim_id", sa.String(length=32), nullable=False),
        sa.Column("exterior_colour", sa.String(length=40), nullable=False),
        sa.Column("interior_colour", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=400), nullable=False),
        sa.Column("needed_by", db.types.IsoDate(length=10), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_state", sa.String(length=12), nullable=True),
        sa.Column("order_id", sa.String(length=32), nullable=True),
        sa.Column("order_number", sa.String(length=40), nullable=False),
        sa.Column("requested_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("requested_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("approved_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("approved_by_staff_id", sa.String(length=32), nullable=True),
        sa.Column("departed_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("departed_by_staff_id", sa.String(length=32), nullable=True),
        sa.Column("carrier", sa.String(length=60), nullable=False),
        sa.Column("driver", sa.String(length=60), nullable=False),
        sa.Column("driver_phone", sa.String(length=32), nullable=False),
        sa.Column("keys", sa.Integer(), nullable=True),
        sa.Column("certificate_by", sa.String(length=12), nullable=False),
        sa.Column("courier_number", sa.String(length=40), nullable=False),
        sa.Column("departure_odometer_km", sa.Integer(), nullable=True),
        sa.Column("arrived_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("arrived_by_staff_id", sa.String(length=32), nullable=True),
        sa.Column("arrival_odometer_km", sa.Integer(), nullable=True),
        sa.Column("arrival_location", sa.String(length=60), nullable=False),
        sa.Column("condition", sa.String(length=12), nullable=False),
        sa.Column("damage_note", sa.String(length=400), nullable=False),
        sa.Column("certificate_arrived", sa.Boolean(), nullable=True),
        sa.Column("keys_arrived", sa.Integer(), nullable=True),
        sa.Column("ended_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("ended_by_staff_id", sa.String(length=32), nullable=True),
        sa.Column("end_reason", sa.String(length=400), nullable=False),
        sa.Column("transfer_price", db.types.Money(), nullable=True),
        sa.Column("freight", db.types.Money(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle_transfer")),
    )
    op.create_index(op.f("ix_vehicle_transfer_from_branch_id_state"), "vehicle_transfer", ["from_branch_id", "state"])
    op.create_index(op.f("ix_vehicle_transfer_to_branch_id_state"), "vehicle_transfer", ["to_branch_id", "state"])
    op.create_index(op.f("ix_vehicle_transfer_unit_id"), "vehicle_transfer", ["unit_id"])
    op.create_index(op.f("ix_vehicle_transfer_vin"), "vehicle_transfer", ["vin"])


def downgrade() -> None:
    op.drop_table("vehicle_transfer")
