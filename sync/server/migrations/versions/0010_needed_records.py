"""Records that desks are asked to bring back, because a payment or a contract needs them"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_GONE_BEFORE = """
INSERT INTO needed_record (tenant_id, table_name, record_id, scope, asked_at)
SELECT DISTINCT r.tenant_id, r.table_name, r.record_id, r.scope, r.updated_at FROM replica_row r
JOIN record_guard g ON g.tenant_id = r.tenant_id AND g.table_name = r.table_name AND g.record_id = r.record_id
WHERE r.deleted = 1
"""


def upgrade() -> None:
    op.create_table(
        "needed_record",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("table_name", sa.String(40), nullable=False),
        sa.Column("record_id", sa.String(32), nullable=False),
        sa.Column("scope", sa.String(40), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "table_name", "record_id", name=op.f("pk_needed_record")),
    )
    op.execute(_GONE_BEFORE)


def downgrade() -> None:
    op.drop_table("needed_record")
