"""Clause library"""

from typing import Any

import sqlalchemy as sa
from alembic import op

import db.types
from db.migrations.bookkeeping import bookkeeping_columns

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clause",
        *_leading(),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("title_zh", sa.String(length=80), nullable=False),
        sa.Column("title_en", sa.String(length=80), nullable=False),
        sa.Column("tags", db.types.PlainJson(), nullable=False),
        *_bookkeeping("clause"),
    )
    op.create_table(
        "contract_template",
        *_leading(),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title_zh", sa.String(length=80), nullable=False),
        sa.Column("title_en", sa.String(length=80), nullable=False),
        *_bookkeeping("contract_template"),
    )
    op.create_table(
        "clause_version",
        *_leading(),
        sa.Column("clause_id", sa.String(length=32), nullable=False),
        sa.Column("kinds", db.types.PlainJson(), nullable=False),
        sa.Column("text_zh", sa.String(length=6000), nullable=False),
        sa.Column("text_en", sa.String(length=6000), nullable=False),
        sa.Column("limits_customer", sa.Boolean(), nullable=False),
        sa.Column("conditions", db.types.PlainJson(), nullable=False),
        *_decided(),
        *_bookkeeping("clause_version"),
    )
    op.create_index(op.f("ix_clause_version_clause_id_number"), "clause_version", ["clause_id", "number"])
    op.create_index(op.f("ix_clause_version_state"), "clause_version", ["state"])
    op.create_table(
        "template_version",
        *_leading(),
        sa.Column("template_id", sa.String(length=32), nullable=False),
        sa.Column("title_zh", sa.String(length=80), nullable=False),
        sa.Column("title_en", sa.String(length=80), nullable=False),
        sa.Column("terms", db.types.PlainJson(), nullable=False),
        sa.Column("notices", db.types.PlainJson(), nullable=False),
        sa.Column("articles", db.types.PlainJson(), nullable=False),
        *_decided(),
        *_bookkeeping("template_version"),
    )
    op.create_index(op.f("ix_template_version_template_id_number"), "template_version", ["template_id", "number"])
    op.create_index(op.f("ix_template_version_state"), "template_version", ["state"])
    op.add_column("contract", sa.Column("template_version_id", sa.String(length=32), nullable=True))
    op.add_column("contract", sa.Column("clause_versions", db.types.PlainJson(), nullable=True))


def _leading() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
    ]


def _decided() -> list[sa.Column[Any]]:
    return [
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("effective_from", db.types.IsoDate(), nullable=False),
        sa.Column("effective_to", db.types.IsoDate(), nullable=True),
        sa.Column("basis", sa.String(length=400), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("drafted_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("proposed_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("decided_by_staff_id", sa.String(length=32), nullable=True),
        sa.Column("decided_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("decision_note", sa.String(length=400), nullable=False),
        sa.Column("approved_digest", sa.String(length=64), nullable=False),
    ]


def _bookkeeping(table: str) -> list[Any]:
    return [
        *bookkeeping_columns(),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def downgrade() -> None:
    op.drop_column("contract", "clause_versions")
    op.drop_column("contract", "template_version_id")
    for table in ("template_version", "clause_version", "contract_template", "clause"):
        op.drop_table(table)
