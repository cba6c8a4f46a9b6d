"""Alembic's environment: runs on the connection it is handed, inside that connection's transaction."""

from alembic import context

from sync.server.schema import all_tables

_connection = context.config.attributes["connection"]
context.configure(
    connection=_connection,
    target_metadata=all_tables(),
    render_as_batch=_connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
