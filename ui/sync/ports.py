"""What the pages about the centre and about backups ask of the desk. `app.wiring` implements it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.desk.backups import Backup
from sync.client.status import SyncStatus


class StatusFeed(QObject):
    """The newest status, told on the GUI thread; `tell` may be called on any thread."""

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.latest = SyncStatus()

    def tell(self, status: SyncStatus) -> None:
        """This is how things stand now."""
        self.latest = status
        self.changed.emit(status)


@dataclass(frozen=True, slots=True)
class Joined:
    """Who this desk is to the centre from now on."""

    branch_code: str
    desk_code: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of holding everything against the centre: records compared, put right, left alone because something is
    known to be wrong with them, and different although they were read again. Where it is not `complete`, as far as it
    came: it goes on by itself."""

    rows: int
    repaired: int
    left_alone: int
    differing: int
    complete: bool = True


class SyncPort(Protocol):
    """The desk's side of the centre. What does not return at once is called on a worker thread."""

    @property
    def feed(self) -> StatusFeed: ...

    def connect(self, address: str, code: str) -> Joined:
        """Enrol this desk by its one-time code and begin to exchange. Slow: it talks to the service.

        Raises PermissionDenied or a SyncProblem; then everything is as it was before.
        """

    def disconnect(self) -> None:
        """Forget the service; what is here stays. Slow: ends an exchange under way first. Raises PermissionDenied."""

    def sync_now(self) -> None:
        """Exchange at once, however long ago the last failure was. Returns at once."""

    def retry_unwritten(self) -> int:
        """Write the records that did not fit once more; tells how many still do not. Slow. Raises PermissionDenied."""

    def check_everything(self) -> "Checked":
        """Hold everything here against the centre and put right what differs. Slow. Raises SyncProblem, NotEnrolled
        among them.
        """

    def accept_log(self) -> None:
        """Settle what was wrong with the log of sealed documents: from now on it counts as it is. Slow. Raises
        PermissionDenied, NotEnrolled."""

    @property
    def prefetches(self) -> bool:
        """Whether this desk fetches small pictures before anybody looks at them."""

    def set_prefetching(self, wanted: bool) -> None:
        """Fetch small pictures beforehand, or only what is looked at. Raises PermissionDenied."""


class BackupFeed(QObject):
    """Told on the GUI thread when a backup was made, or failed."""

    changed = Signal()


class BackupPort(Protocol):
    """Backups of this desk; every call but `folder` and `feed` is made on a worker thread."""

    @property
    def feed(self) -> BackupFeed: ...

    @property
    def folder(self) -> Path: ...

    def list_backups(self) -> Sequence[Backup]:
        """The finished ones, newest first."""

    def back_up_now(self) -> Backup:
        """Make one, whether anything changed or not. Raises PermissionDenied, DiskFull and what else a disk can do."""
