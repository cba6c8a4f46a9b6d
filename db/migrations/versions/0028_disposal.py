"""Lists of documents to be destroyed, and the register of what was"""

from typing import Any

import sqlalchemy as sa
from alembic import op

import db.types
from db.migrations.bookkeeping import bookkeeping_columns

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "disposal_list",
        *_leading(),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("proposed_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("proposed_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("decided_by_staff_id", sa.String(length=32), nullable=True),
        sa.Column("decided_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("supervisor", sa.String(length=60), nullable=False),
        sa.Column("decision_note", sa.String(length=400), nullable=False),
        *_bookkeeping("disposal_list"),
    )
    op.create_index(op.f("ix_disposal_list_state_proposed_at"), "disposal_list", ["state", "proposed_at"])
    op.create_table(
        "disposal_line",
        *_leading(),
        sa.Column("list_id", sa.String(length=32), nullable=False),
        sa.Column("contract_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("data_digest", sa.String(length=64), nullable=False),
        sa.Column("document_digest", sa.String(length=64), nullable=False),
        sa.Column("sealed_digest", sa.String(length=64), nullable=False),
        sa.Column("closed_on", db.types.IsoDate(), nullable=False),
        sa.Column("kept_until", db.types.IsoDate(), nullable=False),
        *_bookkeeping("disposal_line"),
    )
    op.create_index(op.f("ix_disposal_line_list_id"), "disposal_line", ["list_id"])


def _leading() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
    ]


def _bookkeeping(table: str) -> list[Any]:
    return [*bookkeeping_columns(), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]


def downgrade() -> None:
    op.drop_table("disposal_line")
    op.drop_table("disposal_list")
