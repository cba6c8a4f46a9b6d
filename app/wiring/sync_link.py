"""The desk's connection to the centre: made when a service is known, told of every local change."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.document_log.comparison import use_comparison
from app.kernel.changes import Changes
from app.kernel.errors import PermissionDenied
from app.kernel.permissions import Permission
from app.runtime.language import tr
from app.wiring.desk import Desk
from sync.client.status import SyncState, SyncStatus
from ui.shell.ports import SyncStatus as ShownStatus
from ui.shell.preferences import MemoryPreferences, Preferences
from ui.sync.ports import Checked, Joined, StatusFeed

if TYPE_CHECKING:
    from sync.client.content_courier import CourierRunner
    from sync.client.engine import SyncEngine
    from sync.client.exchange import Moved
    from sync.client.leases import LeaseKeeper
    from sync.client.runner import SyncRunner
    from sync.client.transport import HttpTransport

log = logging.getLogger(__name__)
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
        refused=status.rejected,
        lost=status.conflicts,
        problem=(lambda: tr(message, **params)) if message else "",
        reference=status.request_id,
        clock_was=status.clock_was,
        log_alarms=status.log_alarms,
    )


class SyncLink:
    """Starts and stops synchronising for one open desk (`ui.sync.ports.SyncPort`).

    `feed` is told every status, on any thread; `on_changes` and `on_moved` come on the synchronising thread.
    """

    def __init__(
        self, desk: Desk, *, feed: StatusFeed, on_changes: Callable[[Changes], Any],
        preferences: Preferences | None = None, on_moved: "Callable[[Moved], Any] | None" = None,
    ) -> None:  # fmt: skip
        self._desk = desk
        self._tell_moved = on_moved
        self._preferences: Preferences = preferences or MemoryPreferences()
        self._feed, self._on_changes = feed, on_changes
        self._runner: SyncRunner | None = None
        self._engine: SyncEngine | None = None
        self._courier: CourierRunner | None = None
        self._opening: threading.Thread | None = None
        self._stopping = threading.Event()
        self._changing = threading.Lock()
        self._counter = ThreadPoolExecutor(1, thread_name_prefix="sync-count")
        self._counting = threading.Event()

    # --- what start-up calls ---------------------------------------------------------------------

    def start(self) -> None:
        """Begin in the background; nothing is imported or waited for here."""
        if self._opening is None:
            self._opening = threading.Thread(target=self._open, name="sync-start")
            self._opening.start()

    def poke(self) -> None:
        """Something waits to be sent. It is counted at once, also where no service can be reached."""
        if self._runner is not None:
            self._runner.poke()
        if not self._stopping.is_set() and not self._counting.is_set():
            self._counting.set()
            self._counter.submit(self._count_again)

    def stop(self) -> None:
        """End; returns when the threads have ended."""
        self._stopping.set()
        if self._opening is not None:
            self._opening.join()
        self._counter.shutdown(wait=True, cancel_futures=True)
        with self._changing:
            self._end_runner()

    # --- what the page calls ---------------------------------------------------------------------

    @property
    def feed(self) -> StatusFeed:
        """The newest status."""
        return self._feed

    def connect(self, address: str, code: str) -> Joined:
        """See `SyncPort`."""
        self._require_right()
        return self._connect(address, code)

    def disconnect(self) -> None:
        """See `SyncPort`."""
        from sync.client.credentials import SealedCredentials

        self._require_right()
        with self._changing:
            self._end_runner()
            SealedCredentials(self._desk.profile, self._desk.key).forget()
            with self._desk.database.exclusive() as connection:
                connection.exec_driver_sql("UPDATE desk_state SET service_url = '' WHERE id = 1")
        self._tell_not_enrolled()

    def transport(self) -> "HttpTransport":
        """What talks to the service, for questions besides the exchange. Raises NotEnrolled where there is none."""
        from sync.client.errors import NotEnrolled

        engine = self._engine
        if engine is None or not engine.transport.is_enrolled:
            raise NotEnrolled()
        return engine.transport

    def leases(self) -> "LeaseKeeper":
        """The vehicles the centre keeps for this desk. Raises NotEnrolled where there is no centre."""
        from sync.client.errors import NotEnrolled

        engine = self._engine
        if engine is None or not engine.transport.is_enrolled:
            raise NotEnrolled()
        return engine.leases

    def exchange(self) -> None:
        """Exchange on the caller's thread, after one that is under way; returns when both sides have agreed.

        Raises SyncProblem, NotEnrolled among them.
        """
        from sync.client.errors import NotEnrolled

        engine = self._engine
        if engine is None:
            raise NotEnrolled()
        engine.sync_once()

    def sync_now(self) -> None:
        """See `SyncPort`."""
        if self._runner is not None:
            self._runner.poke(now=True)

    def retry_unwritten(self) -> int:
        """See `SyncPort`."""
        from sync.client.errors import NotEnrolled

        self._require_right()
        engine = self._engine
        if engine is None:
            raise NotEnrolled()
        return engine.retry_unwritten()

    def check_everything(self) -> Checked:
        """See `SyncPort`."""
        from sync.client.errors import NotEnrolled

        engine = self._engine
        if engine is None:
            raise NotEnrolled()
        found = engine.check_copy(asked=True)
        complete = found is not None
        told = engine.checked_so_far if found is None else found
        return Checked(told.rows, told.repaired, told.left_alone, sum(told.differing.values()), complete)

    def accept_log(self) -> None:
        """See `SyncPort`."""
        from sync.client.errors import NotEnrolled

        self._require_right()
        engine = self._engine
        if engine is None:
            raise NotEnrolled()
        engine.log.settle(by=self._desk.actor.staff_id)
        engine.refresh_status()

    @property
    def prefetches(self) -> bool:
        """See `SyncPort`."""
        return self._preferences.settings.prefetch_pictures

    def set_prefetching(self, wanted: bool) -> None:
        """See `SyncPort`."""
        self._require_right()
        self._preferences.change(prefetch_pictures=wanted)
        if self._courier is not None:
            self._courier.poke()

    # --- inside ----------------------------------------------------------------------------------

    def _require_right(self) -> None:
        if not self._desk.actor.may(Permission.SYNC_CONFIGURE):
            raise PermissionDenied(permission=Permission.SYNC_CONFIGURE.value)

    def _connect(self, address: str, code: str) -> Joined:
        """Enrol; whatever becomes of it, the desk exchanges with the service it has afterwards."""
        from sync.client.enrolment import enrol_desk

        with self._changing:
            self._end_runner()
            try:
                joined = enrol_desk(self._desk.database, self._desk.profile, self._desk.key, address=address, code=code)
            except BaseException:
                before = self._known_address()
                if before:
                    self._run(before)
                raise
            self._run(address)
        if self._desk.signed_in:
            # Documents are numbered by the name the centre knows this desk by.
            self._desk.take_seat(replace(self._desk.actor, desk_code=joined.desk_code))
        return Joined(joined.branch_code, joined.desk_code)

    def _count_now(self) -> None:
        """Tell anew how much waits."""
        engine = self._engine
        if engine is not None:
            engine.refresh_status()
        else:
            self._tell_not_enrolled()

    def _count_again(self) -> None:
        self._counting.clear()
        with self._changing:
            self._count_now()

    def _end_runner(self) -> None:
        runner, self._runner = self._runner, None
        courier, self._courier = self._courier, None
        if courier is not None:
            courier.stop()
        if runner is not None:
            runner.stop()
        use_comparison(None)
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.transport.close()

    def _open(self) -> None:
        address = self._known_address()
        wanted = os.environ.get(SERVICE_URL, "")
        if not address and wanted and os.environ.get(SERVICE_DATABASE):
            try:
                self._connect(wanted, self._own_code())
            except Exception as error:
                if getattr(error, "code", None) is None:
                    raise
                log.warning("the service beside this desk did not take it in: %s", error)
                self._tell_not_enrolled(getattr(error, "text", ""), getattr(error, "params", {}))
            return
        if address:
            with self._changing:
                if self._runner is None:
                    self._run(address)
        else:
            self._tell_not_enrolled()

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
        """Begin to exchange; call it with `_changing` held."""
        from app.wiring.contract_stamps import ContractStamps
        from app.wiring.outside_lists import OutsideListKeeper
        from sync.client.content_courier import ContentCourier, CourierRunner
        from sync.client.credentials import SealedCredentials
        from sync.client.engine import SyncEngine
        from sync.client.runner import SyncRunner
        from sync.client.transport import HttpTransport

        if self._stopping.is_set():
            return
        transport = HttpTransport(address, SealedCredentials(self._desk.profile, self._desk.key))
        self._engine = SyncEngine(
            self._desk.database, transport, clock=self._desk.clock,
            on_status=self._on_status, on_changes=self._on_changes, on_moved=self._on_moved,
            clock_watch=self._desk.clock_watch,
        )  # fmt: skip
        use_comparison(self._engine.log.compare)
        courier = ContentCourier(
            self._desk.database, transport, clock=self._desk.clock, on_changes=self._on_changes,
            prefetch=lambda: self.prefetches,
        )  # fmt: skip
        self._courier = CourierRunner(courier)
        stamps = ContractStamps(self._desk, transport, on_changes=self._on_changes)
        outside = OutsideListKeeper(self._desk, transport, on_changes=self._on_changes)
        self._runner = SyncRunner(self._engine, follow_ups=(outside.follow_up, stamps.follow_up))
        self._runner.start()
        self._courier.start()

    def _on_moved(self, moved: "Moved") -> None:
        """This desk belongs to another branch from now on, and so does what is written at it."""
        if self._desk.signed_in:
            self._desk.take_seat(
                replace(
                    self._desk.actor, branch_id=moved.branch_id, branch_code=moved.branch_code,
                    desk_code=moved.desk_code,
                )
            )  # fmt: skip
            if self._tell_moved is not None:
                self._tell_moved(moved)

    def _on_status(self, status: SyncStatus) -> None:
        """Rows are exchanged first; then their pictures and documents may follow."""
        self._feed.tell(status)
        courier = self._courier
        if courier is not None and status.state is SyncState.AGREED:
            courier.poke()

    def _tell_not_enrolled(self, message: str = "", params: Mapping[str, object] | None = None) -> None:
        from sync.client.queries import counts_of

        with self._desk.database.read() as session:
            counts = counts_of(session.connection())
        self._feed.tell(
            SyncStatus(
                state=SyncState.NOT_ENROLLED, unsent=counts.unsent, oldest_unsent_at=counts.oldest_unsent_at,
                conflicts=counts.conflicts, rejected=counts.rejected,
                message=message, message_params=tuple(sorted((params or {}).items())),
                clock_was=self._desk.clock_watch.shown_before() if self._desk.clock_watch is not None else None,
            )
        )  # fmt: skip
