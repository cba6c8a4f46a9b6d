"""Reads that can be stopped, and reads that come first, as the window uses them."""

from db.reading import ReadStopped, Stop, reading_first, stop_if_unwanted, stoppable

__all__ = ["ReadStopped", "Stop", "reading_first", "stop_if_unwanted", "stoppable"]
