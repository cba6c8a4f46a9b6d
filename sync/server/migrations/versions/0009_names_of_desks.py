"""Which desks got their names since another one heard last"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NUMBERED = """
UPDATE device SET named = (
    SELECT count(*) FROM device AS other WHERE other.tenant_id = device.tenant_id
    AND (other.enrolled_at < device.enrolled_at
         OR (other.enrolled_at = device.enrolled_at AND other.device_id <= device.device_id))
)
"""
_COUNTED = "UPDATE tenant SET names = (SELECT count(*) FROM device WHERE device.tenant_id = tenant.tenant_id)"


def upgrade() -> None:
    for table, column in (("tenant", "names"), ("device", "named")):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column(column, sa.BigInteger(), nullable=False, server_default=sa.text("0")))
    op.execute(_NUMBERED)
    op.execute(_COUNTED)


def downgrade() -> None:
    for table, column in (("tenant", "names"), ("device", "named")):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
