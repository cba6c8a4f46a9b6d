"""Alembic's environment: runs on the connection it is handed, inside that connection's transaction."""

from alembic import context

import db.models  # noqa: F401  (declares the tables)
from db.base import Base


def include_object(item: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Leave the full-text tables and their shadow tables to the search index."""
    return not (kind == "table" and name is not None and name.startswith("search_") and name != "search_entry")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    include_object=include_object,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
