"""Catalogue versions"""

import sqlalchemy as sa
from alembic import op

import db.types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_LEVELS = ("make", "series", "model_year")
_SOLD = ("quotation", "sales_order")


def upgrade() -> None:
    for table in _LEVELS:
        op.add_column(table, sa.Column("parameters", db.types.Json(), nullable=True))
    for table in _SOLD:
        op.add_column(table, sa.Column("specification_versions", db.types.Json(), nullable=True))
    op.create_table(
        "specification_version",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("subject_kind", sa.String(length=12), nullable=False),
        sa.Column("subject_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("effective_from", db.types.IsoDate(), nullable=False),
        sa.Column("scheduled", sa.Boolean(), nullable=False),
        sa.Column("made_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("staff_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("changes", db.types.Json(), nullable=False),
        sa.Column("withdrawn_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.Json(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_specification_version")),
    )
    op.create_index(
        op.f("ix_specification_version_subject_id_number"), "specification_version", ["subject_id", "number"]
    )
    op.create_index(
        "ix_specification_version_scheduled",
        "specification_version",
        ["effective_from"],
        sqlite_where=sa.text("scheduled"),
    )
    op.create_table(
        "parameter_interest",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("day", db.types.IsoDate(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", "day", name=op.f("pk_parameter_interest")),
    )


def downgrade() -> None:
    op.drop_table("parameter_interest")
    op.drop_table("specification_version")
    for table in (*_SOLD, *_LEVELS):
        column = "specification_versions" if table in _SOLD else "parameters"
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
