"""What the documents of a desk say, to be searched"""

import sqlalchemy as sa
from alembic import op

import db.types
from db.archive_words import SCHEMA, TABLE
from db.models.archive import ARCHIVE_TRIGGERS

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_TRIGGERS = tuple(statement.split()[5] for statement in ARCHIVE_TRIGGERS)


def upgrade() -> None:
    op.create_table(
        "archive_pending",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_pending")),
    )
    op.create_index(op.f("ix_archive_pending_contract_id"), "archive_pending", ["contract_id"])
    op.create_table(
        "archive_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("template_version", sa.String(length=16), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("vehicle_unit_id", sa.String(length=32), nullable=True),
        sa.Column("salesperson_id", sa.String(length=32), nullable=True),
        sa.Column("amount", db.types.Money(), nullable=True),
        sa.Column("drafted_on", db.types.IsoDate(), nullable=False),
        sa.Column("sealed_on", db.types.IsoDate(), nullable=True),
        sa.Column("kept_until", db.types.IsoDate(), nullable=True),
        sa.Column("sealed_digest", sa.String(length=64), nullable=False),
        sa.Column("stamped", sa.Boolean(), nullable=False),
        sa.Column("read_digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_entry")),
    )
    op.create_index("uq_archive_entry_contract_id", "archive_entry", ["contract_id"], unique=True)
    op.create_index(op.f("ix_archive_entry_customer_id"), "archive_entry", ["customer_id"])
    op.create_index(op.f("ix_archive_entry_order_id"), "archive_entry", ["order_id"])
    op.create_table(
        "archive_text",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive_text")),
    )
    for statement in (*SCHEMA, *ARCHIVE_TRIGGERS):
        op.execute(statement)
    op.execute("INSERT INTO archive_pending (contract_id) SELECT id FROM contract WHERE state <> 'DRAFT'")


def downgrade() -> None:
    for name in _TRIGGERS:
        op.execute(f"DROP TRIGGER {name}")
    for table in (TABLE, "archive_text", "archive_entry", "archive_pending"):
        op.drop_table(table)
