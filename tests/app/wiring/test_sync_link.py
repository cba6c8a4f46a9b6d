"""The desk's link to a centre: what is told of work done while no exchange is possible."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.kernel.clock import FixedClock
from app.kernel.permissions import Actor
from app.runtime.paths import Profile
from app.wiring.desk import Desk
from app.wiring.sync_link import SyncLink
from sync.client.status import SyncStatus
from tests.factories.databases import KEY
from tests.factories.records import Records
from ui.sync.ports import StatusFeed

PATIENCE = 20.0


class Heard(StatusFeed):
    """Remembers how much waited each time."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[int] = []

    def tell(self, status: SyncStatus) -> None:
        super().tell(status)
        self.told.append(status.unsent)


@pytest.fixture
def desk(database_template: Path, tmp_path: Path, clock: FixedClock, manager: Actor) -> Iterator[Desk]:
    """An open desk that knows a service but was never taken in there: every exchange is put off for two minutes."""
    profile = Profile(tmp_path / "profile").prepare()
    shutil.copyfile(database_template, profile.database_path)
    profile.key_slots_path.write_text("{}", encoding="utf-8")
    opened = Desk(profile, clock=clock)
    opened.open(KEY)
    opened.take_seat(manager)
    with opened.database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE desk_state SET service_url = 'http://127.0.0.1:9' WHERE id = 1")
    yield opened
    opened.close()


def _wait(condition: Callable[[], object], what: str) -> None:
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until, f"waited for: {what}"
        time.sleep(0.01)


def test_what_waits_is_told_before_the_next_exchange(desk: Desk, clock: FixedClock, manager: Actor) -> None:
    feed = Heard()
    link = SyncLink(desk, feed=feed, on_changes=lambda changes: None)
    link.start()
    try:
        _wait(lambda: feed.told, "the first exchange was refused")
        records = Records(desk.database, clock=clock, actor=manager)
        for count in (1, 2):
            records.customer(name="王小明")
            link.poke()
            _wait(lambda count=count: feed.latest.unsent == count, f"{count} is told")
    finally:
        link.stop()
