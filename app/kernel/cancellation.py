"""Reads that can be stopped, as the window uses them."""

from db.interruption import ReadStopped, Stop, stop_if_unwanted, stoppable

__all__ = ["ReadStopped", "Stop", "stop_if_unwanted", "stoppable"]
