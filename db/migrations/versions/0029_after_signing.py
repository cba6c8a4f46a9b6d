"""Contracts that amend others, and contracts that were terminated"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contract", sa.Column("amends_id", sa.String(length=32), nullable=True))
    for name, length in (("amendment_changes", 400), ("termination_ground", 24)):
        column = sa.Column(name, sa.String(length=length), server_default=sa.text("''"), nullable=False)
        op.add_column("contract", column)
    op.add_column("contract", sa.Column("terminated_on", db.types.IsoDate(), nullable=True))
    for name in ("termination_returned", "termination_forfeited", "termination_penalty"):
        op.add_column("contract", sa.Column(name, db.types.Money(), nullable=True))
    op.create_index(op.f("ix_contract_amends_id"), "contract", ["amends_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_contract_amends_id"), table_name="contract")
    for name in (
        "amends_id", "amendment_changes", "terminated_on", "termination_ground", "termination_returned",
        "termination_forfeited", "termination_penalty",
    ):  # fmt: skip
        op.drop_column("contract", name)
