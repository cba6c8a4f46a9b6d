"""Makers of records for tests: real rows in the real encrypted database, sensible values for all that is unnamed."""
