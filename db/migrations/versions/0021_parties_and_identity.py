"""Parties of a contract in their order, how signers were known, and until when a contract can be signed"""

import sqlalchemy as sa
from alembic import op

import db.types
from db.migrations.bookkeeping import bookkeeping_columns

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contract", sa.Column("sign_until", db.types.UtcDateTime(), nullable=True))
    op.create_table(
        "contract_party",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("contract_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("representative", sa.String(length=60), nullable=False),
        sa.Column("identity_kind", sa.String(length=16), nullable=False),
        sa.Column("identity_number", sa.String(length=32), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("decided_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("decline_reason", sa.String(length=400), nullable=False),
        *bookkeeping_columns(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_party")),
    )
    op.create_index(op.f("ix_contract_party_contract_id_place"), "contract_party", ["contract_id", "place"])
    op.create_index(op.f("ix_contract_party_phone"), "contract_party", ["phone"])
    op.create_table(
        "identity_step",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("contract_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=False),
        sa.Column("at", db.types.UtcDateTime(), nullable=False),
        sa.Column("by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("detail", db.types.Json(), nullable=False),
        sa.Column("attachment_sha256", sa.String(length=64), nullable=False),
        *bookkeeping_columns(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_step")),
    )
    op.create_index(op.f("ix_identity_step_contract_id_party_id"), "identity_step", ["contract_id", "party_id"])
    op.create_index(op.f("ix_identity_step_attachment_sha256"), "identity_step", ["attachment_sha256"])
    op.create_table(
        "one_time_code",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("contract_id", sa.String(length=32), nullable=False),
        sa.Column("party_id", sa.String(length=32), nullable=False),
        sa.Column("address_digest", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sent_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("expires_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
    )
    op.create_index(op.f("ix_one_time_code_contract_id_sent_at"), "one_time_code", ["contract_id", "sent_at"])
    op.create_index(op.f("ix_one_time_code_address_digest_sent_at"), "one_time_code", ["address_digest", "sent_at"])


def downgrade() -> None:
    op.drop_table("one_time_code")
    op.drop_table("identity_step")
    op.drop_table("contract_party")
    op.drop_column("contract", "sign_until")
