"""Rows and their feeds, desks and their answers, claims, numbers, quarantine"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_token",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("device_id", sa.String(32), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "token_hash", name=op.f("pk_access_token")),
    )
    op.create_table(
        "applied_operation",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("device_id", sa.String(32), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "device_id", "n", name=op.f("pk_applied_operation")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "claim_conflict",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("order_id", sa.String(32), nullable=False),
        sa.Column("vin", sa.String(17), nullable=False),
        sa.Column("tasks", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "order_id", name=op.f("pk_claim_conflict")),
    )
    op.create_table(
        "device",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("device_id", sa.String(32), nullable=False),
        sa.Column("branch_id", sa.String(32), nullable=False),
        sa.Column("branch_code", sa.String(16), nullable=False),
        sa.Column("desk_code", sa.String(16), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("last_n", sa.BigInteger(), nullable=False),
        sa.Column("last_hash", sa.String(32), nullable=False),
        sa.Column("seen_n", sa.BigInteger(), nullable=False),
        sa.Column("replaces", sa.String(32), nullable=False),
        sa.Column("enrolled_at", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "device_id", name=op.f("pk_device")),
    )
    op.create_table(
        "device_cursor",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("device_id", sa.String(32), nullable=False),
        sa.Column("scope", sa.String(32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "device_id", "scope", name=op.f("pk_device_cursor")),
    )
    op.create_table(
        "enrolment_code",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("branch_code", sa.String(16), nullable=False),
        sa.Column("desk_code", sa.String(16), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "code_hash", name=op.f("pk_enrolment_code")),
    )
    op.create_table(
        "number_series",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("series", sa.String(60), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "series", name=op.f("pk_number_series")),
    )
    op.create_table(
        "quarantined_operation",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("device_id", sa.String(32), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "device_id", "n", "hash", name=op.f("pk_quarantined_operation")),
    )
    op.create_table(
        "record_guard",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("table_name", sa.String(40), nullable=False),
        sa.Column("record_id", sa.String(32), nullable=False),
        sa.Column("guarded_by", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "table_name", "record_id", "guarded_by", name=op.f("pk_record_guard")),
    )
    op.create_table(
        "replica_row",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("table_name", sa.String(40), nullable=False),
        sa.Column("record_id", sa.String(32), nullable=False),
        sa.Column("scope", sa.String(32), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("field_clock", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("origin_base", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "table_name", "record_id", name=op.f("pk_replica_row")),
    )
    op.create_index(
        op.f("ix_replica_row_tenant_id_scope_seq"), "replica_row", ["tenant_id", "scope", "seq"], unique=True
    )  # fmt: skip
    op.create_table(
        "sync_scope",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("scope", sa.String(32), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.Column("min_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "scope", name=op.f("pk_sync_scope")),
    )
    op.create_table(
        "tenant",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("epoch", sa.String(32), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenant")),
    )
    op.create_table(
        "vehicle_claim",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("vin", sa.String(17), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("holder_id", sa.String(32), nullable=False),
        sa.Column("scope", sa.String(32), nullable=False),
        sa.Column("vehicle_id", sa.String(32), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("branch_id", sa.String(32), nullable=False),
        sa.Column("desk_code", sa.String(16), nullable=False),
        sa.Column("staff_id", sa.String(32), nullable=False),
        sa.Column("customer_id", sa.String(32), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "vin", name=op.f("pk_vehicle_claim")),
    )
    op.create_table(
        "vehicle_entry",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("vin", sa.String(17), nullable=False),
        sa.Column("vehicle_id", sa.String(32), nullable=False),
        sa.Column("scope", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "vin", "vehicle_id", name=op.f("pk_vehicle_entry")),
    )


def downgrade() -> None:
    op.drop_table("vehicle_entry")
    op.drop_table("vehicle_claim")
    op.drop_table("tenant")
    op.drop_table("sync_scope")
    op.drop_table("replica_row")
    op.drop_table("record_guard")
    op.drop_table("quarantined_operation")
    op.drop_table("number_series")
    op.drop_table("enrolment_code")
    op.drop_table("device_cursor")
    op.drop_table("device")
    op.drop_table("claim_conflict")
    op.drop_table("applied_operation")
    op.drop_table("access_token")
