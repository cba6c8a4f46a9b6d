"""What the desk has seen of the centre's log of sealed documents"""

import sqlalchemy as sa
from alembic import op

from db.models.document_log import PROOF_TRIGGERS

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("log", sa.String(length=32), nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.String(length=32), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    op.create_table(
        "document_proof",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("entered_at", sa.BigInteger(), nullable=True),
        sa.Column("path", sa.LargeBinary(), nullable=True),
        sa.Column("head_id", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_document_proof")),
    )
    op.create_index(
        "ix_document_proof_pending", "document_proof", ["digest"], sqlite_where=sa.text("pending = 1")
    )
    op.create_index(op.f("ix_document_proof_head_id"), "document_proof", ["head_id"])
    op.create_table(
        "log_alarm",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("public_key", sa.String(length=64), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.Column("settled_by_staff_id", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_alarm")),
    )
    op.create_index("ix_log_alarm_open", "log_alarm", ["kind"], sqlite_where=sa.text("settled_at IS NULL"))
    op.execute(
        "INSERT INTO document_proof (digest, pending) SELECT DISTINCT sealed_digest, 1 FROM contract"
        " WHERE sealed_digest <> '' AND branch_id = (SELECT branch_id FROM desk_state WHERE id = 1)"
    )
    for statement in PROOF_TRIGGERS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER contract_sealed_anew")
    op.execute("DROP TRIGGER contract_sealed_here")
    op.drop_table("log_alarm")
    op.drop_table("document_proof")
    op.drop_table("log_head")
