"""Identifiers as the features use them; made where the rows are declared."""

from db.ids import is_id, new_id

__all__ = ["is_id", "new_id"]
