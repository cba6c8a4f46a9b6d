"""The steps of the service's schema, for SQLite and PostgreSQL alike."""
