"""Whether this computer's clock was set back: it shows less than it has shown before, here or when it was last open.

Only what was written proves that time went by; a clock set back by less than that, while the program was closed, cannot
be known without the centre.
"""

from datetime import datetime, timedelta

from app.kernel.clock import Clock
from db.engine import Database
from db.types import instant_at
from sync.protocol.hlc import MAX_AHEAD_MS, HybridTime

TOLERATED = timedelta(minutes=3)
"""Computers correct their clocks by less."""

_WRITTEN = (
    "SELECT max(coalesce((SELECT at FROM audit_entry ORDER BY n DESC LIMIT 1), 0),"
    " coalesce((SELECT created_at FROM outbox_operation ORDER BY n DESC LIMIT 1), 0),"
    " coalesce((SELECT max(seen_at) FROM vehicle_lease), 0), coalesce(last_agreed_at, 0)),"
    " CASE WHEN service_url = '' THEN '' ELSE hybrid_time END FROM desk_state WHERE id = 1"
)
"""The newest of each, not the latest: a clock that once ran ahead and was set right is forgotten with the next change.
The hybrid clock never goes back, and is set right by the centre alone: it counts where there is one."""


class ClockWatch:
    """One for a desk; any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._latest: datetime | None = None

    def look(self, database: Database) -> None:
        """Find out what the clock had shown when something was written last. Before anything is written anew."""
        with database.read() as session:
            found = session.connection().exec_driver_sql(_WRITTEN).first()
        if found is None:
            return
        latest = int(found[0])
        if found[1]:
            latest = max(latest, (HybridTime.parse(found[1]).ms - MAX_AHEAD_MS) * 1000)
        if latest:
            self._latest = instant_at(latest)

    def shown_before(self) -> datetime | None:
        """The later time that the clock has shown, where it was set back since; None while it goes on as clocks do."""
        now, latest = self._clock.now(), self._latest
        if latest is None or now >= latest:
            self._latest = now
            return None
        return latest if latest - now > TOLERATED else None

    def confirm(self) -> None:
        """The centre's clock says the same as this one: whatever it has shown before, it is right now."""
        self._latest = self._clock.now()
