"""Which records belong to which vehicle"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_FOLLOWERS = (
    "INSERT INTO unit_follower (tenant_id, unit_id, table_name, record_id)"
    " SELECT tenant_id, {unit_id}, table_name, record_id FROM replica_row"
    " WHERE deleted = 0 AND {unit_id} IS NOT NULL"
)
"""What says of itself that it belongs to a vehicle; `{unit_id}` is that field of a body."""
_UNIT_ID = {"postgresql": "body::json ->> 'unit_id'", "sqlite": "json_extract(body, '$.unit_id')"}


def upgrade() -> None:
    op.create_table(
        "unit_follower",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("unit_id", sa.String(32), nullable=False),
        sa.Column("table_name", sa.String(40), nullable=False),
        sa.Column("record_id", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "unit_id", "table_name", "record_id", name=op.f("pk_unit_follower")),
        sqlite_with_rowid=False,
    )
    op.execute(_FOLLOWERS.format(unit_id=_UNIT_ID[op.get_bind().dialect.name]))


def downgrade() -> None:
    op.drop_table("unit_follower")
