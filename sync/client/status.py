"""What the status bar and the Sync page are told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.kernel.changes import Changes


class SyncState(StrEnum):
    """Where this desk stands with the centre."""

    NOT_ENROLLED = "not_enrolled"
    """No service is set up: everything stays here."""
    AGREED = "agreed"
    """At the last look both sides held the same; see `last_agreed_at` for when that was."""
    WORKING = "working"
    """Sending or receiving right now."""
    OFFLINE = "offline"
    """The service does not answer; work goes on and is kept. `offline_since` tells since when."""
    REFUSED = "refused"
    """The service answers but will not agree (revoked, too old, wrong key): somebody has to act on `message`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an exchange under way has come: operations sent of all that waited, rows received, bytes both ways.

    `to_receive` is 0 while nobody knows how many rows there are, and `about` right where pages are read;
    `seconds_left` is None until something can be said.
    """

    sent: int = 0
    to_send: int = 0
    received: int = 0
    to_receive: int = 0
    about: bool = False
    seconds_left: float | None = None
    bytes_out: int = 0
    bytes_in: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncStatus:
    """One honest sentence's worth of facts. Instants are aware and UTC.

    `unsent` counts operations not yet acknowledged, `oldest_unsent_at` is when the first of them was made;
    `conflicts` counts orders of this desk's scopes that lost their vehicle and are not settled; `rejected` counts
    operations the centre refused and nobody has looked at, `unwritten` rows of the feed that could not be written here,
    `overridden` values of this desk that another one's change replaced. `next_at` is when the next attempt is made by
    itself after a failure; `request_id` is that of the request a problem came from, and stands in the service's log;
    `progress` is how far a long exchange has come. `message` is an English literal (a key for `tr`), filled
    with `message_params`; empty where there is nothing to say. `problem` is the error's code, "" for none.
    """

    state: SyncState = SyncState.NOT_ENROLLED
    unsent: int = 0
    oldest_unsent_at: datetime | None = None
    last_agreed_at: datetime | None = None
    offline_since: datetime | None = None
    conflicts: int = 0
    rejected: int = 0
    unwritten: int = 0
    overridden: int = 0
    leases_ending: int = 0
    """Vehicles secured for this desk whose time is almost over: renewed while online, so this is a word for others."""
    lease_ends_at: datetime | None = None
    """When the first of them ends."""
    clock_was: datetime | None = None
    """The later time this computer's clock has shown before, where it was set back since."""
    log_alarms: int = 0
    """What is wrong with the centre's log of sealed documents and nobody has settled."""
    log_restored: int = 0
    """Breaks of the log which the centre owns up to: it came from a backup."""
    message: str = ""
    message_params: tuple[tuple[str, object], ...] = ()
    problem: str = ""
    request_id: str = ""
    next_at: datetime | None = None
    progress: Progress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncReport:
    """What one exchange did: operations acknowledged (of them refused), rows taken over, orders that lost."""

    pushed: int = 0
    rejected: int = 0
    conflicts: int = 0
    pulled: int = 0


StatusListener = Callable[[SyncStatus], None]
"""Called on the thread that synchronises; must return at once (a Qt signal's `emit` does)."""

ChangesListener = Callable[[Changes], None]
"""Called after each committed page with the rows that sync applied, on the thread that synchronises."""
