"""When a template of the house applies, and the document in which a consent was given"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Added one by one: building the tables anew would drop the triggers on them.
    op.add_column(
        "template_version",
        sa.Column("conditions", db.types.PlainJson(), nullable=False, server_default=sa.text("'[]'")),
    )
    op.add_column("consent", sa.Column("contract_id", sa.String(length=32), nullable=True))


def downgrade() -> None:
    op.drop_column("consent", "contract_id")
    op.drop_column("template_version", "conditions")
