"""Service appointments."""
