"""The columns that the exchange keeps in every replicated table, as migrations make them since 0020.

They stand here as they are in databases that were made long ago: should a later schema keep others, it gets a function
of its own, and a migration that changes the tables there are.
"""

from typing import Any

import sqlalchemy as sa

import db.types


def bookkeeping_columns() -> list[sa.Column[Any]]:
    """What stands behind a table's own columns; `id` and `scope` stand before them."""
    return [
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("updated_at", db.types.UtcDateTime(), nullable=False),
        sa.Column("deleted_at", db.types.UtcDateTime(), nullable=True),
        sa.Column("field_clock", db.types.PlainJson(), nullable=False),
        sa.Column("extra", db.types.Json(), nullable=True),
    ]
