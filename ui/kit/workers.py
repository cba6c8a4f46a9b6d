"""Threads that work for the window without ever owning a widget.

Qt's objects have to be destroyed on the GUI thread, and Python destroys an object wherever its last reference goes. So
a worker never holds the last reference to anything of a job: jobs stay in a table until the GUI thread has taken the
answer. And because the cycle collector runs on whichever thread happens to allocate, it is run by a timer on the GUI
thread instead, as long as there are workers.
"""

import gc
import queue
import sys
import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

COLLECT_EVERY_MS = 1_000
HAND_OVER_SECONDS = 0.001
"""A thread that computes gives the interpreter up after this long. Python's own 5 ms make the window wait for a count,
and the rows somebody waits for wait for the window, several times a keystroke."""


class WorkerPool:
    """`size` threads that perform numbered jobs in the order they were submitted."""

    def __init__(self, name: str, size: int, perform: Callable[[int], None]) -> None:
        self._name, self._size, self._perform = name, size, perform
        self._numbers: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def submit(self, number: int) -> None:
        """Queue a job; threads are started when there is work for them. Call on the GUI thread."""
        if sys.getswitchinterval() > HAND_OVER_SECONDS:
            sys.setswitchinterval(HAND_OVER_SECONDS)
        if len(self._threads) < self._size:
            thread = threading.Thread(target=self._loop, name=f"{self._name}-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._numbers.put(number)

    def finish(self) -> None:
        """Perform what is queued, then end the threads. Blocks until they have ended."""
        for _thread in self._threads:
            self._numbers.put(None)
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _loop(self) -> None:
        while (number := self._numbers.get()) is not None:
            self._perform(number)


class GuiThreadCollector(QObject):
    """Runs the cycle collector on the GUI thread only, from its making until `stop()`."""

    _running = 0

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        GuiThreadCollector._running += 1
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(COLLECT_EVERY_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def collect(self) -> None:
        """Collect the generations that are due."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        for generation in (2, 1, 0):
            if counts[generation] > thresholds[generation] > 0:
                gc.collect(generation)
                return

    def stop(self) -> None:
        """Leave it to Python again."""
        if self._timer.isActive():
            self._timer.stop()
            GuiThreadCollector._running -= 1
            if GuiThreadCollector._running == 0:
                gc.enable()
