"""The one way a page reads and changes: commands on a single writer thread, queries on two readers.

The GUI thread never touches the database. Answers come back to it, in the order of their completion, and are dropped
when the widget that asked is gone or has asked again.
"""

import itertools
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from shiboken6 import isValid

from app.kernel.changes import Changes
from app.kernel.command_labels import command_label
from app.kernel.commands import Command, Outcome
from app.kernel.permissions import Actor
from app.kernel.reading import ReadStopped, Stop, reading_first, stoppable
from ui.kit.text import Words
from ui.kit.workers import GuiThreadCollector, WorkerPool

READERS = 2
UNDO_DEPTH = 50
_PROGRESS_EVERY = 0.05

OnDone = Callable[[Any], object]
OnError = Callable[[BaseException], object]
Progress = Callable[[str, float | None], None]


class Cancelled(Exception):
    """The person cancelled; what was begun is rolled back by letting this pass."""


class Dispatcher(Protocol):
    """Executes commands, each in a unit of work of its own."""

    def execute(self, command: Command, actor: Actor) -> Outcome[Any]: ...


class Workplace(Protocol):
    """A desk's door to its data. `read` and `dispatcher.execute` are called on worker threads."""

    @property
    def dispatcher(self) -> Dispatcher: ...

    @property
    def actor(self) -> Actor: ...

    def read(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call `function(reader, *args, **kwargs)` in a read session of its own."""


class ErrorFunnel(Protocol):
    """Where every error ends that nobody handled nearer."""

    def present(self, error: BaseException, *, parent: QObject | None, retry: Callable[[], object] | None) -> None: ...


@dataclass(frozen=True, slots=True)
class UndoStep:
    """A change that can be taken back: what the person called it, and the command that inverts it."""

    name: Words
    command: Command


class Job(QObject):
    """One piece of work under way. `finished` comes exactly once, also after `cancel()`."""

    finished = Signal()
    progressed = Signal(str, object)

    def __init__(self, parent: QObject, *, on_done: OnDone | None, on_error: OnError | None) -> None:
        super().__init__()
        self._parent = weakref.ref(parent)
        self.on_done = on_done
        self.on_error = on_error
        self.title: Words = ""
        self.retry: Callable[[], object] | None = None
        self.is_finished = False
        self.dropped = False
        self.initiator: object = None
        self.publishes = False
        self.may_be_skipped = True
        self.work: Callable[[], Any] | None = None
        self.result: Any = None
        self.error: BaseException | None = None
        self._stop = Stop()
        self._last_progress = 0.0
        self.latest: tuple[str, float | None] | None = None
        """The last progress, for who begins to listen later."""

    @property
    def parent_widget(self) -> QObject | None:
        """Who asked, or None when it has been destroyed."""
        parent = self._parent()
        return parent if parent is not None and isValid(parent) else None

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked it to stop."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Ask it to stop: a job not yet begun never begins, a long one stops at its next progress, a read soon."""
        self._stop.set()

    def progress(self, message: str, fraction: float | None = None) -> None:
        """Called by the work itself, on its thread. Raises Cancelled after `cancel()`.

        `message` is a `tr_noop` literal, which follows the language while it stands there, or ready text.
        """
        if self.cancelled:
            raise Cancelled
        self.latest = (message, fraction)
        now = time.monotonic()
        if now - self._last_progress >= _PROGRESS_EVERY or fraction == 1.0:
            self._last_progress = now
            self.progressed.emit(message, fraction)

    def perform(self) -> None:
        """Do the work, on a worker thread; result or error stay in the job."""
        try:
            if self.cancelled and self.may_be_skipped:
                raise Cancelled
            assert self.work is not None
            with stoppable(self._stop):
                self.result = self.work()
        except ReadStopped:
            self.error = Cancelled()
        except Exception as error:
            self.error = error


class Operations(QObject):
    """Runs work off the GUI thread. Make it on the GUI thread; call `close()` before the application ends."""

    changes_published = Signal(object, object)
    """(Changes, initiator): rows were written, here or by sync."""
    long_started = Signal(object)
    """(Job): something that may take long began; the window shows a bar for it."""
    undo_changed = Signal()
    _performed = Signal(int)

    def __init__(self, workplace: Workplace, *, errors: ErrorFunnel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.workplace = workplace
        self.errors = errors
        self._writer = WorkerPool("writer", 1, self._perform)
        self._first = WorkerPool("first-reader", 1, self._perform)
        self._readers = WorkerPool("reader", READERS, self._perform)
        self._long = WorkerPool("long", 1, self._perform)
        self._remote = WorkerPool("remote", 1, self._perform)
        self._numbers = itertools.count(1)
        self._jobs: dict[int, Job] = {}
        self._collector = GuiThreadCollector(self)
        self._newest: dict[tuple[int, str], Job] = {}
        self._held_back: dict[int, WorkerPool] = {}
        self._undo: list[UndoStep] = []
        self._closed = False
        self._performed.connect(self._on_performed)

    @property
    def actor(self) -> Actor:
        """Who is signed in now."""
        return self.workplace.actor

    @property
    def busy(self) -> bool:
        """Whether anything is under way."""
        return bool(self._jobs)

    def settled(self) -> bool:
        """Whether nothing is under way. What is held back begins at once: for whoever waits until all is answered."""
        for number in tuple(self._held_back):
            self._begin(number)
        return not self._jobs

    # --- what pages call -------------------------------------------------------------------------

    def run_command(
        self,
        parent: QObject,
        command: Command,
        *,
        on_done: OnDone | None = None,
        on_error: OnError | None = None,
        initiator: object = None,
        name: Words = "",
    ) -> Job:
        """Execute a command on the writer thread as the person signed in now.

        `on_done(value)` comes after commit; `initiator` (default: `parent`) is passed on with the changes so that a
        page can recognise its own; `on_error(error)` may return True to say it is dealt with; `name` is what Ctrl+Z
        calls it (default: the command's own name, in the language in use).
        """
        job = Job(parent, on_done=on_done, on_error=on_error)
        job.initiator = initiator if initiator is not None else parent
        job.publishes = True
        job.may_be_skipped = False
        job.title = name or partial(command_label, type(command).__name__)
        actor = self.actor

        def again() -> None:
            self.run_command(parent, command, on_done=on_done, on_error=on_error, initiator=initiator, name=name)

        job.retry = again
        return self._submit(self._writer, job, lambda: self.workplace.dispatcher.execute(command, actor))

    def run_query(
        self,
        parent: QObject,
        function: Callable[..., Any],
        *args: Any,
        on_done: OnDone,
        on_error: OnError | None = None,
        key: str | None = None,
        first: bool = False,
        after_ms: int = 0,
        **kwargs: Any,
    ) -> Job:
        """Call `function(reader, *args, **kwargs)` on a reader thread.

        With a `key`, only the newest query of this parent and key is answered; older ones are dropped, and never
        begun if they still wait. `first` is for the rows somebody waits for with their eyes: they have a thread of
        their own and never wait behind counts. `after_ms` holds it back a little, so that a newer one can take its
        place.
        """
        job = Job(parent, on_done=on_done, on_error=on_error)
        if key is not None:
            slot = (id(parent), key)
            older = self._newest.get(slot)
            if older is not None:
                older.dropped = True
                older.cancel()
            self._newest[slot] = job

        def again() -> None:
            self.run_query(parent, function, *args, on_done=on_done, on_error=on_error, key=key, first=first, **kwargs)

        job.retry = again

        def read() -> Any:
            return self.workplace.read(function, *args, **kwargs)

        def read_first() -> Any:
            with reading_first():
                return read()

        if first:
            return self._submit(self._first, job, read_first, after_ms=after_ms)
        return self._submit(self._readers, job, read, after_ms=after_ms)

    def run_long(
        self,
        parent: QObject,
        function: Callable[[Progress], Any],
        *,
        title: Words,
        on_done: OnDone | None = None,
        on_error: OnError | None = None,
        writes: bool = False,
    ) -> Job:
        """Call `function(progress)` in the background, cancellable, with a bar in the window.

        With `writes` it takes its turn on the writer thread. A returned `Outcome` is treated like a command's.
        """
        job = Job(parent, on_done=on_done, on_error=on_error)
        job.title = title
        job.publishes = True
        job.initiator = parent
        started = self._submit(self._writer if writes else self._long, job, lambda: function(job.progress))
        self.long_started.emit(job)
        return started

    def run_plain(
        self,
        parent: QObject,
        function: Callable[[], Any],
        *,
        on_done: OnDone | None = None,
        on_error: OnError | None = None,
        writes: bool = False,
    ) -> Job:
        """Call `function()` on a worker thread: for ports that open their own sessions (drafts, sign-in)."""
        job = Job(parent, on_done=on_done, on_error=on_error)
        job.may_be_skipped = not writes
        return self._submit(self._writer if writes else self._readers, job, function)

    def run_remote(
        self,
        parent: QObject,
        function: Callable[[], Any],
        *,
        on_done: OnDone | None = None,
        on_error: OnError | None = None,
        acts: bool = False,
    ) -> Job:
        """Call `function()`, which asks something over the network: on a thread of its own, one after the other, so
        that nobody who only reads the database waits for it. `acts` where something is changed there: it is done also
        when nobody waits any more.
        """
        job = Job(parent, on_done=on_done, on_error=on_error)
        job.may_be_skipped = not acts
        return self._submit(self._remote, job, function)

    def publish(self, changes: Changes, initiator: object = None) -> None:
        """Tell every open page; also called, on the GUI thread, for rows that sync applied."""
        if changes:
            self.changes_published.emit(changes, initiator)

    # --- undo ------------------------------------------------------------------------------------

    @property
    def undo_step(self) -> UndoStep | None:
        """What Ctrl+Z would take back now."""
        return self._undo[-1] if self._undo else None

    def undo(self, parent: QObject, *, on_done: Callable[[UndoStep], object] | None = None) -> Job | None:
        """Take back the newest undoable command; None when there is none."""
        if not self._undo:
            return None
        step = self._undo.pop()
        self.undo_changed.emit()
        job = Job(parent, on_done=lambda _value: on_done(step) if on_done else None, on_error=None)
        job.may_be_skipped = False
        job.publishes = True
        job.initiator = self
        actor = self.actor
        return self._submit(self._writer, job, lambda: self.workplace.dispatcher.execute(step.command, actor))

    def forget_undo(self) -> None:
        """Another person took the desk: what the last one did is not theirs to take back."""
        self._undo.clear()
        self.undo_changed.emit()

    # --- the end ---------------------------------------------------------------------------------

    def close(self) -> None:
        """Let work that has begun finish, begin nothing more, deliver nothing more. Idempotent."""
        if self._closed:
            return
        self._closed = True
        for job in self._jobs.values():
            job.cancel()
        for pool in (self._first, self._readers, self._remote, self._long, self._writer):
            pool.finish()
        self._jobs.clear()
        self._newest.clear()
        self._collector.stop()

    # --- inside ----------------------------------------------------------------------------------

    def _submit(self, pool: WorkerPool, job: Job, work: Callable[[], Any], *, after_ms: int = 0) -> Job:
        if self._closed:
            raise RuntimeError("operations are closed")
        job.work = work
        number = next(self._numbers)
        self._jobs[number] = job
        if after_ms:
            self._held_back[number] = pool
            QTimer.singleShot(after_ms, self, lambda: self._begin(number))
        else:
            pool.submit(number)
        return job

    def _begin(self, number: int) -> None:
        pool = self._held_back.pop(number, None)
        if pool is not None and not self._closed:
            pool.submit(number)

    def _perform(self, number: int) -> None:
        # On a worker thread. The table keeps the job; after this line nothing here refers to it any more.
        self._jobs[number].perform()
        self._performed.emit(number)

    @Slot(int)
    def _on_performed(self, number: int) -> None:
        job = self._jobs.pop(number, None)
        if job is None:
            return
        self._newest = {slot: newest for slot, newest in self._newest.items() if newest is not job}
        job.is_finished = True
        job.work = None
        try:
            if job.error is not None:
                self._fail(job, job.error)
            else:
                self._succeed(job, job.result)
        finally:
            if job.error is not None:
                job.error.__traceback__ = None  # its frames refer to the job: a cycle through widgets
            job.retry = job.on_done = job.on_error = None
            job.finished.emit()

    def _succeed(self, job: Job, result: Any) -> None:
        outcome = result if isinstance(result, Outcome) and job.publishes else None
        value = outcome.value if outcome is not None else result
        if outcome is not None and outcome.undo is not None and job.initiator is not self:
            self._undo = [*self._undo[-UNDO_DEPTH + 1 :], UndoStep(job.title, outcome.undo)]
            self.undo_changed.emit()
        if job.on_done is not None and not job.dropped and job.parent_widget is not None:
            job.on_done(value)
        if outcome is not None:
            self.publish(outcome.changes, job.initiator)

    def _fail(self, job: Job, error: BaseException) -> None:
        parent = job.parent_widget
        if isinstance(error, Cancelled) or job.dropped:
            return
        if parent is not None and job.on_error is not None and job.on_error(error):
            return
        self.errors.present(error, parent=parent, retry=job.retry if parent is not None else None)
