"""Synchronises in the background for as long as the application runs."""

from sync.client.engine import SyncEngine


class SyncRunner:
    """One thread. `poke()` after every command that wrote; by itself it looks less often the less happens."""

    def __init__(self, engine: SyncEngine) -> None:
        self.engine = engine

    def start(self) -> None:
        """Begin; nothing happens when it runs already."""

    def poke(self) -> None:
        """Something waits to be sent: do it now, unless the service is known to be away."""

    def stop(self) -> None:
        """End after the page in hand; returns when the thread has ended."""
