"""Synchronises in the background for as long as the application runs."""

import logging
import random
import threading
import time
from dataclasses import dataclass

from db.errors import DatabaseProblem
from sync.client.engine import SyncEngine
from sync.client.errors import SyncProblem

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often to look, in seconds: soon after work, doubling up to `idle`; likewise after a failure."""

    lively: float = 2.0
    idle: float = 30.0
    first_retry: float = 2.0
    last_retry: float = 60.0
    refused: float = 120.0


class SyncRunner:
    """One thread. `poke()` after every command that wrote; by itself it looks less often the less happens."""

    def __init__(self, engine: SyncEngine, *, rhythm: Rhythm | None = None) -> None:
        self.engine = engine
        self._rhythm = rhythm or Rhythm()
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._not_before = 0.0
        self._delay = 0.0

    @property
    def is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin; nothing happens when it runs already."""
        if self.is_running:
            return
        self._ending.clear()
        self.engine.resume()
        self._delay = self._not_before = 0.0
        self._thread = threading.Thread(target=self._run, name="sync", daemon=True)
        self._thread.start()

    def poke(self, *, now: bool = False) -> None:
        """Something waits to be sent: do it at once, unless the service is known to be away.

        With `now` ("try again"), even then.
        """
        if now:
            self._not_before = 0.0
        self._wake.set()

    def stop(self, *, seconds: float = 5.0) -> None:
        """End after the piece in hand; returns when the thread has ended.

        Where the service keeps it waiting longer than `seconds`, the thread is left behind: it ends when the answer
        comes or fails to come, and touches the database no more.
        """
        self._ending.set()
        self.engine.stop()
        self._wake.set()
        thread, self._thread = self._thread, None
        if thread is None:
            return
        thread.join(seconds)
        if thread.is_alive():
            _log.warning("the service keeps an exchange waiting; leaving it behind")
            self.engine.abandon()

    def _run(self) -> None:
        while not self._ending.is_set():
            self._delay = self._once()
            self._rest()

    def _rest(self) -> None:
        """Until the delay is over or somebody pokes; after a failure a poke waits for the retry."""
        until = time.monotonic() + self._delay
        while not self._ending.is_set():
            left = until - time.monotonic()
            if left <= 0:
                return
            if self._wake.wait(left):
                self._wake.clear()
                if time.monotonic() >= self._not_before:
                    return

    def _once(self) -> float:
        """One exchange; returns the seconds until the next one."""
        try:
            self.engine.leases.note_time()
            report = self.engine.sync_once()
            self.engine.keep_leases()
            self.engine.tidy_search()
            self.engine.check_copy()
        except SyncProblem as problem:
            self._delay = self._after(problem)
            self._not_before = time.monotonic() + self._delay
            return self._delay
        except DatabaseProblem:
            _log.exception("the desk's database refused an exchange; trying again later")
            return self._rhythm.last_retry
        except Exception:
            _log.exception("an exchange failed for a reason nobody foresaw; trying again later")
            return self._rhythm.last_retry
        self._not_before = 0.0
        if report.pushed or report.pulled:
            return self._rhythm.lively
        return min(max(self._delay, self._rhythm.lively) * 2, self._rhythm.idle)

    def _after(self, problem: SyncProblem) -> float:
        if problem.retry_after is not None:
            return problem.retry_after
        if not problem.passing:
            return self._rhythm.refused
        grown = min(max(self._delay * 2, self._rhythm.first_retry), self._rhythm.last_retry)
        return grown * random.uniform(0.8, 1.2)
