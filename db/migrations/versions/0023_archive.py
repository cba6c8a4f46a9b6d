"""Archive"""

from typing import Any

import sqlalchemy as sa
from alembic import op

import db.types
from db.migrations.bookkeeping import bookkeeping_columns

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "legal_hold",
        *_leading(),
        sa.Column("contract_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("placed_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("placed_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("lifted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("lifted_by_staff_id", sa.String(length=32), nullable=True),
        sa.Column("lift_reason", sa.String(length=400), nullable=False),
        *_bookkeeping("legal_hold"),
    )
    op.create_index(op.f("ix_legal_hold_contract_id"), "legal_hold", ["contract_id"])
    op.create_table(
        "contract_milestone",
        *_leading(),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("contract_id", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("due_on", db.types.IsoDate(), nullable=False),
        sa.Column("amount", db.types.Money(), nullable=True),
        *_bookkeeping("contract_milestone"),
    )
    op.create_index(op.f("ix_contract_milestone_contract_id"), "contract_milestone", ["contract_id"])
    op.create_index(op.f("ix_contract_milestone_order_id"), "contract_milestone", ["order_id"])


def _leading() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
    ]


def _bookkeeping(table: str) -> list[Any]:
    return [
        *bookkeeping_columns(),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def downgrade() -> None:
    op.drop_table("contract_milestone")
    op.drop_table("legal_hold")
