"""The changes of very large commands are kept in portions beside their audit entry"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_portion",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("changes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("n", "place", name=op.f("pk_audit_portion")),
    )
    with op.batch_alter_table("audit_subject") as batch:
        batch.add_column(sa.Column("place", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("audit_subject") as batch:
        batch.drop_column("place")
    op.drop_table("audit_portion")
