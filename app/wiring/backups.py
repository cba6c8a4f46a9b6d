"""Backups by themselves: in the background when something changed, and when the desk is left."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.kernel.errors import PermissionDenied
from app.kernel.permissions import Permission
from app.runtime.language import tr
from app.wiring.desk import Desk
from ui.sync.ports import BackupFeed

if TYPE_CHECKING:
    from app.desk.backups import Backup

log = logging.getLogger(__name__)
EVERY = timedelta(minutes=30)
AFTER_START = timedelta(minutes=2)
"""Nobody should wait for the disk while the desk is being opened."""
BETWEEN_PEOPLE = timedelta(minutes=10)
"""Where people take turns at a desk, not every turn is worth a backup."""
SAY_AGAIN = timedelta(hours=6)
_LOOK_EVERY = 60.0


class BackupKeeper:
    """Backs one open desk up (`ui.sync.ports.BackupPort`). `on_problem` is told, on its thread, what went wrong."""

    def __init__(
        self, desk: Desk, *, feed: BackupFeed, on_problem: Callable[[BaseException], Any], every: timedelta = EVERY,
        after_start: timedelta = AFTER_START,
    ) -> None:  # fmt: skip
        self._desk = desk
        self._feed, self._on_problem = feed, on_problem
        self._every, self._after_start = every, after_start
        self._wake, self._ending = threading.Event(), threading.Event()
        self._changed = threading.Event()
        self._changed.set()  # what came before this start may not have been backed up
        self._soon = threading.Event()
        self._making = threading.Lock()
        self._thread: threading.Thread | None = None
        self._said: tuple[str, Any] = ("", None)

    # --- what start-up calls ---------------------------------------------------------------------

    def start(self) -> None:
        """Begin to watch; nothing is imported or read here."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="backups")
            self._thread.start()

    def note_change(self) -> None:
        """Something was written or received."""
        self._changed.set()

    def note_left(self) -> None:
        """Somebody else takes the desk: a good moment."""
        self._soon.set()
        self._wake.set()

    def finish(self) -> None:
        """The desk is closed: back up what changed, and end. Problems are told, not raised. Idempotent."""
        if self._ending.is_set():
            return
        self._ending.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        if self._changed.is_set() and self._desk.is_open:
            self._look(leaving=True)

    # --- what the page calls ---------------------------------------------------------------------

    @property
    def feed(self) -> BackupFeed:
        """Tells when there is another one."""
        return self._feed

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self._desk.profile.backups_dir

    def list_backups(self) -> "Sequence[Backup]":
        """See `BackupPort`."""
        from app.desk.backups import list_backups

        return list_backups(self.folder)

    def back_up_now(self) -> "Backup":
        """See `BackupPort`."""
        if not self._desk.actor.may(Permission.SYNC_CONFIGURE):
            raise PermissionDenied(permission=Permission.SYNC_CONFIGURE.value)
        return self._make()

    # --- on its thread ---------------------------------------------------------------------------

    def _run(self) -> None:
        self._wake.wait(self._after_start.total_seconds())
        if not self._ending.is_set():
            self._tidy_contents()
        while not self._ending.is_set():
            self._wake.clear()
            if self._changed.is_set():
                self._look(leaving=False)
            self._wake.wait(min(self._every.total_seconds(), _LOOK_EVERY))

    def _tidy_contents(self) -> None:
        """Once a start, when nobody waits: what no picture or document refers to any more goes."""
        from app.attachments.housekeeping import collect_contents

        try:
            removed = collect_contents(self._desk.database, now=self._desk.clock.now())
        except Exception as error:
            log.warning("contents could not be tidied: %s", error)
            return
        if removed:
            log.info("%d contents that nothing refers to were removed", removed)

    def _look(self, *, leaving: bool) -> None:
        """Make one if it is time and anything changed; what goes wrong is told."""
        from app.desk.backups import state_mark

        try:
            backups = self.list_backups()
            if not leaving and backups and not self._is_time(backups[0]):
                return
            self._changed.clear()
            if not backups or backups[0].mark != state_mark(self._desk.database):
                self._make()
        except Exception as error:
            self._changed.set()
            self._say(error)

    def _is_time(self, newest: "Backup") -> bool:
        gap = self._every
        if self._soon.is_set():
            self._soon.clear()
            gap = min(gap, BETWEEN_PEOPLE)
        # A clock that was set back must not stop backups until it has caught up.
        return abs(self._desk.clock.now() - newest.made_at) >= gap

    def _make(self) -> "Backup":
        from app.desk.backups import make_backup, thin_out

        with self._making:
            profile = self._desk.profile
            backup = make_backup(
                self._desk.database, key=self._desk.key, folder=profile.backups_dir,
                required=[profile.key_slots_path], optional=[profile.device_secrets_path], now=self._desk.clock.now(),
            )  # fmt: skip
            thin_out(profile.backups_dir, now=self._desk.clock.now())
        self._said = ("", None)
        log.info("backup %s, %d bytes", backup.id, backup.size)
        self._feed.changed.emit()
        return backup

    def _say(self, error: Exception) -> None:
        """The same trouble is told once, and again after some hours."""
        log.warning("no backup could be made: %s", error)
        code, at = self._said
        now = self._desk.clock.now()
        found = str(getattr(error, "code", type(error).__name__))
        if found != code or at is None or now - at >= SAY_AGAIN:
            self._said = (found, now)
            self._on_problem(error)


def failure_words(error: BaseException) -> Callable[[], str] | None:
    """What to tell people about a backup that could not be made; None where it is a bug of ours."""
    from ui.kit.errors import environment_message

    if environment_message(error) is None:
        return None
    return lambda: tr("No backup could be made. {reason}", reason=tr(environment_message(error) or ""))
