"""The desk's connection to the centre: made when a service is known, told of every local change."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from app.kernel.changes import Changes
from app.runtime.language import tr
from app.wiring.desk import Desk
from sync.client.status import SyncState, SyncStatus
from ui.shell.ports import SyncStatus as ShownStatus

if TYPE_CHECKING:
    from sync.client.engine import SyncEngine
    from sync.client.runner import SyncRunner

SERVICE_URL = "FORECOURT_SERVICE_URL"
"""A service to use where the desk knows none yet; set by `bootstrap.py run --with-service`."""
SERVICE_DATABASE = "FORECOURT_SERVICE_DATABASE"
"""The database of a service on this computer: whoever has it may ask for an enrolment code."""


def shown(status: SyncStatus) -> ShownStatus:
    """The engine's status as the status bar wants it."""
    params = dict(status.message_params)
    message = status.message
    return ShownStatus(
        configured=status.state is not SyncState.NOT_ENROLLED,
        connected=status.state in (SyncState.AGREED, SyncState.WORKING),
        working=status.state is SyncState.WORKING,
        unsent=status.unsent,
        oldest_unsent_at=status.oldest_unsent_at,
        offline_since=status.offline_since,
        last_agreed_at=status.last_agreed_at,
        refused=status.rejected + status.conflicts,
        problem=(lambda: tr(message, **params)) if message else "",
    )


class SyncLink:
    """Starts and stops synchronising for one open desk; callbacks come on the synchronising thread."""

    def __init__(
        self, desk: Desk, *, on_status: Callable[[ShownStatus], Any], on_changes: Callable[[Changes], Any]
    ) -> None:
        self._desk = desk
        self._on_status, self._on_changes = on_status, on_changes
        self._runner: SyncRunner | None = None
        self._engine: SyncEngine | None = None
        self._opening: threading.Thread | None = None
        self._stopping = threading.Event()
        self._counter = ThreadPoolExecutor(1, thread_name_prefix="sync-count")
        self._counting = threading.Event()

    def start(self) -> None:
        """Begin in the background; nothing is imported or waited for here."""
        self._opening = threading.Thread(target=self._open, name="sync-start")
        self._opening.start()

    def poke(self) -> None:
        """Something waits to be sent; without a service it is only counted."""
        if self._runner is not None:
            self._runner.poke()
        elif not self._stopping.is_set() and not self._counting.is_set():
            self._counting.set()
            self._counter.submit(self._count_again)

    def _count_again(self) -> None:
        self._counting.clear()
        if self._runner is None:
            self._tell_not_enrolled("")

    def connect(self, address: str, code: str) -> None:
        """Enrol this desk at a service by its one-time code and begin. Raises a `SyncProblem` or DomainError.

        Call on a worker thread: it talks to the service.
        """
        from sync.client.enrolment import enrol_desk

        self._end_runner()
        enrol_desk(self._desk.database, self._desk.profile, self._desk.key, address=address, code=code)
        self._run(address)

    def sync_now(self) -> None:
        """Exchange at once, whatever the back-off says."""
        if self._runner is not None:
            self._runner.poke()

    def stop(self) -> None:
        """End; returns when the threads have ended."""
        self._stopping.set()
        if self._opening is not None:
            self._opening.join()
        self._counter.shutdown(wait=True, cancel_futures=True)
        self._end_runner()

    def _end_runner(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.stop()
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.transport.close()

    def _open(self) -> None:
        address = self._known_address()
        wanted = os.environ.get(SERVICE_URL, "")
        if not address and wanted and os.environ.get(SERVICE_DATABASE):
            try:
                self.connect(wanted, self._own_code())
            except Exception as error:
                if getattr(error, "code", None) is None:
                    raise
                self._tell_not_enrolled(getattr(error, "text", ""))
            return
        if address:
            self._run(address)
        else:
            self._tell_not_enrolled("")

    def _own_code(self) -> str:
        """A one-time code from the service beside this desk; "" when it gives none, which enrolling then refuses."""
        actor = self._desk.actor
        asked = subprocess.run(
            [
                sys.executable, "-P", "-m", "sync.server", "enrol", "--branch", actor.branch_code,
                "--desk", actor.desk_code, "--scopes", "*",
            ],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return asked.stdout.strip()

    def _known_address(self) -> str:
        with self._desk.database.read() as session:
            found = session.connection().exec_driver_sql("SELECT service_url FROM desk_state WHERE id = 1").scalar()
        return str(found or "")

    def _run(self, address: str) -> None:
        from sync.client.credentials import SealedCredentials
        from sync.client.engine import SyncEngine
        from sync.client.runner import SyncRunner
        from sync.client.transport import HttpTransport

        if self._stopping.is_set():
            return
        transport = HttpTransport(address, SealedCredentials(self._desk.profile, self._desk.key))
        self._engine = SyncEngine(
            self._desk.database, transport, clock=self._desk.clock,
            on_status=lambda status: self._on_status(shown(status)), on_changes=self._on_changes,
        )  # fmt: skip
        self._runner = SyncRunner(self._engine)
        self._runner.start()

    def _tell_not_enrolled(self, message: str) -> None:
        from sync.client.queries import counts_of

        with self._desk.database.read() as session:
            counts = counts_of(session.connection())
        status = SyncStatus(
            state=SyncState.NOT_ENROLLED, unsent=counts.unsent, oldest_unsent_at=counts.oldest_unsent_at,
            message=message,
        )  # fmt: skip
        self._on_status(shown(status))
