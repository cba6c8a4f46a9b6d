"""What the desks of the group are called"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_name",
        sa.Column("short_name", sa.String(length=8), nullable=False),
        sa.Column("branch_code", sa.String(length=16), nullable=False),
        sa.Column("desk_code", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("short_name", name=op.f("pk_desk_name")),
    )
    op.add_column(
        "desk_state", sa.Column("names_heard", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )


def downgrade() -> None:
    op.drop_column("desk_state", "names_heard")
    op.drop_table("desk_name")
