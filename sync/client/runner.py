"""Synchronises in the background for as long as the application runs."""

import logging
import threading
from collections.abc import Callable, Sequence

from db.errors import DatabaseProblem
from sync.client.engine import SyncEngine
from sync.client.errors import SyncProblem
from sync.client.pacing import LOOK_EVERY, Pacing, Rhythm, Surroundings, SystemWatch, Watch

__all__ = ["Rhythm", "SyncRunner"]
_log = logging.getLogger(__name__)


class SyncRunner:
    """One thread. `poke()` after every command that wrote; by itself it looks less often the less happens."""

    def __init__(
        self, engine: SyncEngine, *, rhythm: Rhythm | None = None, watch: Watch | None = None,
        follow_ups: Sequence[Callable[[], None]] = (),
    ) -> None:  # fmt: skip
        """`follow_ups` are called after each exchange, on its thread; they handle what goes wrong with them."""
        self.engine = engine
        self._follow_ups = tuple(follow_ups)
        self._pacing = Pacing(rhythm or Rhythm())
        self._watch: Watch = watch or SystemWatch()
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._not_before = 0.0
        self._failed = False

    @property
    def is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin; nothing happens when it runs already."""
        if self.is_running:
            return
        self._ending.clear()
        self.engine.resume()
        self._pacing.begin()
        self._not_before = 0.0
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
            self._rest(self._once())
        self.engine.note_end()

    def _rest(self, seconds: float) -> None:
        """Until the pause is over or somebody pokes; after a failure a poke waits for the retry, which comes early
        when the computer wakes up or gets another network."""
        until = self._watch.monotonic() + seconds
        surroundings = Surroundings(self._watch)
        while not self._ending.is_set():
            left = until - self._watch.monotonic()
            if left <= 0:
                return
            poked = self._watch.wait(self._wake, min(left, LOOK_EVERY))
            if poked:
                self._wake.clear()
                if self._watch.monotonic() >= self._not_before:
                    return
            elif surroundings.changed():
                until = min(until, self._watch.monotonic() + self._pacing.after_change())
                self._not_before = min(self._not_before, until)

    def _once(self) -> float:
        """One exchange; returns the seconds until the next one."""
        try:
            self.engine.leases.note_time()  # offline above all
            report = self.engine.sync_once()
            self._follow_up()
        except SyncProblem as problem:
            pause = self._pacing.after_problem(problem)
            self._not_before = self._watch.monotonic() + pause
            self.engine.note_next_attempt(pause)
            _log.log(
                logging.INFO if self._failed else logging.WARNING, "no exchange (%s), next in %.0f s; request %s",
                problem.code, pause, problem.request_id or "none",
            )  # fmt: skip
            self._failed = True
            return pause
        except DatabaseProblem:
            _log.exception("the desk's database refused an exchange; trying again later")
            return self._pacing.after_trouble_here()
        except Exception:
            _log.exception("an exchange failed for a reason nobody foresaw; trying again later")
            return self._pacing.after_trouble_here()
        self._failed = False
        self._not_before = 0.0
        return self._pacing.after_success(moved=bool(report.pushed or report.pulled))

    def _follow_up(self) -> None:
        """What is done at leisure once both sides agree."""
        self.engine.tidy_search()
        self.engine.keep_leases()
        self.engine.keep_log()
        self.engine.check_copy()
        for follow_up in self._follow_ups:
            if self._ending.is_set():
                return
            follow_up()
