"""Groups that change their database; contents, whose tables were made beside the schema until now"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("tenant") as batch:
        batch.add_column(sa.Column("closed", sa.String(8), nullable=False, server_default=sa.text("''")))
        batch.add_column(sa.Column("moved_to", sa.String(40), nullable=False, server_default=sa.text("''")))
    op.create_table(
        "service_state",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_service_state")),
    )
    op.create_table(
        "content",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("complete", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "sha256", name=op.f("pk_content")),
        if_not_exists=True,
    )
    op.create_index(
        op.f("ix_content_tenant_id_changed_at"), "content", ["tenant_id", "changed_at"], if_not_exists=True
    )  # fmt: skip
    op.create_table(
        "content_part",
        sa.Column("tenant_id", sa.String(32), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "sha256", "start", name=op.f("pk_content_part")),
        if_not_exists=True,
    )


def downgrade() -> None:
    op.drop_table("service_state")
    # Those of contents stay, with the pictures in them: a service of before makes and uses them by itself.
    with op.batch_alter_table("tenant") as batch:
        batch.drop_column("moved_to")
        batch.drop_column("closed")
