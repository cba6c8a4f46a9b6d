"""What desks say they have not sent yet"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_COLUMNS = ("oldest_unsent_at", "unsent_said_at")


def upgrade() -> None:
    with op.batch_alter_table("device_visit") as batch:
        for column in _COLUMNS:
            batch.add_column(sa.Column(column, sa.BigInteger(), nullable=False, server_default=sa.text("0")))


def downgrade() -> None:
    with op.batch_alter_table("device_visit") as batch:
        for column in _COLUMNS:
            batch.drop_column(column)
