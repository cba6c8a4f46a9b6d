"""Backups of the service's database, and going back to a moment: SQLite by itself, PostgreSQL by its own means."""
