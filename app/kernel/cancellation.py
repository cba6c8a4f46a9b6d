"""Reads that can be stopped, as the window uses them."""

from db.interruption import stoppable

__all__ = ["stoppable"]
