"""Who acts for a company on paper: legal representatives, and the identity card of whoever signs for it"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("branch", "legal_representative", 60), ("customer", "contact_identity_number", 32),
    ("customer", "legal_representative", 60),
)  # fmt: skip


def upgrade() -> None:
    for table, name, length in _COLUMNS:
        op.add_column(table, sa.Column(name, sa.String(length=length), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    for table, name, _length in _COLUMNS:
        op.drop_column(table, name)
