"""Which desks found out that the database came from a backup, and which were not believed"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "restore_claim",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("claim_id", sa.String(32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("device_id", sa.String(32), nullable=False),
        sa.Column("desk", sa.String(60), nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "claim_id", name=op.f("pk_restore_claim")),
    )


def downgrade() -> None:
    op.drop_table("restore_claim")
