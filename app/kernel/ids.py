"""Identifiers as the features use them; random ones are made where the rows are declared."""

import hashlib

from db.ids import is_id, new_id

__all__ = ["derived_id", "is_id", "new_id"]


def derived_id(*parts: object) -> str:
    """An identifier that follows from what it stands for, so that two desks that write it apart write one row.

    The same parts give the same 32 hex digits everywhere.
    """
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]
