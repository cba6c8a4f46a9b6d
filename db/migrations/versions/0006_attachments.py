"""Attachments, and which contents lie at this desk"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("branch_id", sa.String(length=32), nullable=True),
        sa.Column("subject_table", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("unit_id", sa.String(length=32), nullable=True),
        sa.Column("purpose", sa.String(length=24), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("source_sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("thumb_sha256", sa.String(length=64), nullable=False),
        sa.Column("thumb_size", sa.Integer(), nullable=False),
        sa.Column("icon_sha256", sa.String(length=64), nullable=False),
        sa.Column("icon_size", sa.Integer(), nullable=False),
        sa.Column("taken_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("added_by_staff_id", sa.String(length=32), nullable=False),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(
        op.f("ix_attachment_subject_id_purpose_position"), "attachment", ["subject_id", "purpose", "position"]
    )
    op.create_index(op.f("ix_attachment_sha256"), "attachment", ["sha256"])
    op.create_index(op.f("ix_attachment_thumb_sha256"), "attachment", ["thumb_sha256"])
    op.create_index(op.f("ix_attachment_icon_sha256"), "attachment", ["icon_sha256"])
    op.create_table(
        "local_content",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("stored_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("sent_epoch", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_local_content")),
    )
    op.create_index(op.f("ix_local_content_sent_epoch"), "local_content", ["sent_epoch"])


def downgrade() -> None:
    op.drop_table("local_content")
    op.drop_table("attachment")
