"""What was sent when, what could not be written, what was overridden, what somebody decided about refused changes"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("desk_state", sa.Column("read_with", sa.String(length=8), nullable=True))
    op.create_table(
        "sent_batch",
        sa.Column("last_n", sa.Integer(), nullable=False),
        sa.Column("first_n", sa.Integer(), nullable=False),
        sa.Column("answered_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("centre_ms", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("last_n", name=op.f("pk_sent_batch")),
    )
    op.create_table(
        "unwritten_row",
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("error", sa.String(length=400), nullable=False),
        sa.Column("since", db.types.UtcDateTime(), nullable=False),
        sa.Column("tried_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("tried_with", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("table_name", "record_id", name=op.f("pk_unwritten_row")),
    )
    op.create_table(
        "skipped_table",
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("since", db.types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("table_name", "scope", name=op.f("pk_skipped_table")),
    )
    op.create_table(
        "overridden_value",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.String(length=32), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("own_value", db.types.Json(), nullable=True),
        sa.Column("own_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("own_staff_id", sa.String(length=64), nullable=False),
        sa.Column("their_value", db.types.Json(), nullable=True),
        sa.Column("their_clock", sa.String(length=60), nullable=False),
        sa.Column("noticed_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("decided_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("decided_by_staff_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overridden_value")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_overridden_value_record_id"), "overridden_value", ["record_id"], unique=False)
    op.create_table(
        "refusal_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("decision", sa.String(length=12), nullable=False),
        sa.Column("at", db.types.UtcDateTime(), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("fields", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusal_decision")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_refusal_decision_n"), "refusal_decision", ["n"], unique=False)


def downgrade() -> None:
    op.drop_table("refusal_decision")
    op.drop_table("overridden_value")
    op.drop_table("skipped_table")
    op.drop_table("unwritten_row")
    op.drop_table("sent_batch")
    op.drop_column("desk_state", "read_with")
