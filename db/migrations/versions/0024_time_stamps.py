"""Time-stamps on contracts, the roots they are trusted by, and what authorities revoked"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_CONTRACT = ("stamped_at", "stamped_digest", "stamp_ends_at")
_AUTHORITY = ("revocation_list", "withdrawn_at", "withdrawn_reason")


def upgrade() -> None:
    op.add_column("contract", sa.Column("stamped_at", db.types.UtcDateTime(), nullable=True))
    op.add_column(
        "contract", sa.Column("stamped_digest", sa.String(length=64), nullable=False, server_default=sa.text("''"))
    )
    op.add_column("contract", sa.Column("stamp_ends_at", db.types.UtcDateTime(), nullable=True))
    op.create_index(op.f("ix_contract_stamp_ends_at_state"), "contract", ["stamp_ends_at", "state"])
    op.add_column(
        "signing_authority",
        sa.Column("revocation_list", sa.String(length=100000), nullable=False, server_default=sa.text("''")),
    )
    op.add_column("signing_authority", sa.Column("withdrawn_at", db.types.UtcDateTime(), nullable=True))
    op.add_column(
        "signing_authority",
        sa.Column("withdrawn_reason", sa.String(length=40), nullable=False, server_default=sa.text("''")),
    )
    op.create_table(
        "time_stamp_root",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("certificate_pem", sa.Text(), nullable=False),
        sa.Column("revocation_list", sa.Text(), nullable=False),
        sa.Column("first_seen_at", db.types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_time_stamp_root")),
    )


def downgrade() -> None:
    op.drop_table("time_stamp_root")
    for column in _AUTHORITY:
        op.drop_column("signing_authority", column)
    op.drop_index(op.f("ix_contract_stamp_ends_at_state"), table_name="contract")
    for column in _CONTRACT:
        op.drop_column("contract", column)
