"""One desk at work: its database once it is open, who sits at it, and its connection to the centre.

Nothing heavy is imported here before the database is opened: the sign-in window is painted first.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.kernel.clock import Clock, SystemClock
from app.kernel.permissions import Actor
from app.runtime.paths import Profile

if TYPE_CHECKING:
    from app.desk.clock_watch import ClockWatch
    from app.kernel.dispatcher import Dispatcher
    from db.engine import Database
    from sync.client.engine import SyncEngine


class DeskNotReady(RuntimeError):
    """A program error: something was asked of a desk that is closed or where nobody is signed in."""


class Desk:
    """The door to a desk's data (`ui.kit.operations.Workplace`).

    Threads: `dispatcher.execute` and `read` may be called on any worker thread; `take_seat` counts for all of them.
    """

    def __init__(self, profile: Profile, *, clock: Clock | None = None) -> None:
        self.profile = profile
        self.clock: Clock = clock or SystemClock()
        self.clock_watch: ClockWatch | None = None
        """Notices a clock that was set back, also while the program was closed; there once the database is open."""
        self.key = b""
        self.sync: SyncEngine | None = None
        self._database: Database | None = None
        self._dispatcher: Dispatcher | None = None
        self._actor: Actor | None = None
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Whether the database is open."""
        return self._database is not None

    @property
    def database(self) -> "Database":
        """The open database; raises DeskNotReady."""
        if self._database is None:
            raise DeskNotReady("the database is not open")
        return self._database

    @property
    def dispatcher(self) -> "Dispatcher":
        """The way of commands; raises DeskNotReady."""
        if self._dispatcher is None:
            raise DeskNotReady("the database is not open")
        return self._dispatcher

    @property
    def actor(self) -> Actor:
        """Who is signed in; raises DeskNotReady."""
        if self._actor is None:
            raise DeskNotReady("nobody is signed in")
        return self._actor

    @property
    def signed_in(self) -> bool:
        """Whether somebody sits at the desk."""
        return self._actor is not None

    def open(self, key: bytes) -> None:
        """Open the file with its key and bring the schema up to date; nothing happens when it is open already.

        Raises WrongKey, DatabaseCorrupt, DatabaseTooNew, DatabaseReadOnly or DiskFull.
        """
        from app.catalog.settling import settle_catalogue
        from app.desk.clock_watch import ClockWatch
        from app.desk.housekeeping import purge_old_drafts
        from app.kernel.dispatcher import Dispatcher
        from db import schema
        from db.engine import Database

        with self._lock:
            if self._database is not None:
                return
            database = Database(self.profile.database_path, key)
            try:
                if self.profile.is_set_up:
                    database.check()
                schema.upgrade(database)
                schema.ensure_desk(database)
            except BaseException:
                database.close()
                raise
            self.clock_watch = ClockWatch(self.clock)
            self.clock_watch.look(database)
            purge_old_drafts(database, clock=self.clock)
            settle_catalogue(database, clock=self.clock)
            self.key = key
            self._dispatcher = Dispatcher(database, clock=self.clock)
            self._database = database

    def take_seat(self, actor: Actor | None) -> None:
        """Who sits here from now on; None when the desk is left."""
        self._actor = actor

    def read(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call `function(reader, *args, **kwargs)` on a snapshot, as the person signed in."""
        return self.dispatcher.read(function, self.actor, *args, **kwargs)

    def close(self) -> None:
        """Stop synchronising and close the file. Idempotent."""
        with self._lock:
            if self.sync is not None:
                self.sync.stop()
                self.sync = None
            if self._database is not None:
                self._database.close()
                self._database = None
                self._dispatcher = None


class StoredDrafts:
    """Drafts of forms in the desk's database, each with its owner (`ui.kit.context.Drafts`)."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def save(self, form_key: str, payload: dict[str, Any]) -> None:
        """Keep it, if somebody is still signed in."""
        from app.desk.commands import SaveDraft

        if self._desk.signed_in:
            self._desk.dispatcher.execute(SaveDraft(form_key=form_key, payload=payload), self._desk.actor)

    def load(self, form_key: str) -> dict[str, Any] | None:
        """The draft of the person signed in, None without one."""
        from app.desk.queries import get_draft

        draft = self._desk.read(get_draft, form_key)
        return None if draft is None else dict(draft.payload)

    def discard(self, form_key: str) -> None:
        """Forget it."""
        from app.desk.commands import DiscardDraft

        if self._desk.signed_in:
            self._desk.dispatcher.execute(DiscardDraft(form_key=form_key), self._desk.actor)
