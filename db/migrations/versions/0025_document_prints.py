"""What was printed, and how each desk prints"""

import sqlalchemy as sa
from alembic import op

import db.types
from db.migrations.bookkeeping import bookkeeping_columns

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_print",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("printed_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("staff_name", sa.String(length=120), nullable=False),
        sa.Column("desk_code", sa.String(length=16), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("pages", sa.String(length=80), nullable=False),
        sa.Column("printer", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sides", sa.Integer(), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        *bookkeeping_columns(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_print")),
    )
    op.create_index(op.f("ix_document_print_record_id"), "document_print", ["record_id"])
    op.create_table(
        "print_choice",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("settings", db.types.PlainJson(), nullable=False),
        sa.Column("chosen_at", db.types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_print_choice")),
    )


def downgrade() -> None:
    op.drop_table("print_choice")
    op.drop_table("document_print")
