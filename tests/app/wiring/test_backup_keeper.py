"""Backups by themselves: when something changed, not too often, when the desk is left, and never silently failing."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.desk.backups import Backup
from app.kernel.clock import FixedClock
from app.kernel.errors import PermissionDenied
from app.kernel.permissions import Actor
from app.runtime.errors import DiskFull
from app.runtime.language import set_language
from app.runtime.paths import Profile
from app.wiring.backups import BackupKeeper, failure_words
from app.wiring.desk import Desk
from tests.factories.databases import KEY
from tests.factories.records import Records
from ui.sync.ports import BackupFeed

PATIENCE = 20.0


class Kept:
    """A keeper on an open desk, and what it told."""

    def __init__(self, desk: Desk, *, every: timedelta, after_start: timedelta) -> None:
        self.problems: list[BaseException] = []
        self.desk = desk
        self.keeper = BackupKeeper(
            desk, feed=BackupFeed(), on_problem=self.problems.append, every=every, after_start=after_start
        )

    def backups(self) -> list[Backup]:
        return list(self.keeper.list_backups())

    def wait(self, condition: Callable[[], object], what: str) -> None:
        until = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < until, f"waited for: {what}"
            time.sleep(0.01)


@pytest.fixture
def desk(database_template: Path, tmp_path: Path, clock: FixedClock, manager: Actor) -> Iterator[Desk]:
    """An open desk at which the manager sits."""
    profile = Profile(tmp_path / "profile").prepare()
    shutil.copyfile(database_template, profile.database_path)
    profile.key_slots_path.write_text("{}", encoding="utf-8")
    opened = Desk(profile, clock=clock)
    opened.open(KEY)
    opened.take_seat(manager)
    yield opened
    opened.close()


@pytest.fixture
def keep(desk: Desk) -> Iterator[Callable[..., Kept]]:
    """Makes keepers that are ended after the test: `keep(every=timedelta(minutes=30))`."""
    made: list[Kept] = []

    def make(*, every: timedelta = timedelta(minutes=30), after_start: timedelta = timedelta(0)) -> Kept:
        made.append(Kept(desk, every=every, after_start=after_start))
        return made[-1]

    yield make
    for kept in made:
        kept.keeper.finish()
    assert not [thread for thread in threading.enumerate() if thread.name == "backups"]


@pytest.fixture
def work(desk: Desk, clock: FixedClock, manager: Actor) -> Callable[[], object]:
    """Something worth a backup happens."""
    records = Records(desk.database, clock=clock, actor=manager)
    return lambda: records.customer()


def test_what_was_there_before_the_start_is_backed_up(keep: Callable[..., Kept], work: Callable[[], object]) -> None:
    work()
    kept = keep()
    kept.keeper.start()
    kept.wait(kept.backups, "the first backup")
    assert kept.problems == []


def test_nothing_is_read_in_the_first_minutes(keep: Callable[..., Kept], work: Callable[[], object]) -> None:
    work()
    kept = keep(after_start=timedelta(hours=1))
    kept.keeper.start()
    time.sleep(0.05)
    assert kept.backups() == []
    kept.keeper.finish()
    assert len(kept.backups()) == 1, "leaving is not too early"


def test_not_more_often_than_the_rhythm_and_only_after_a_change(
    keep: Callable[..., Kept], work: Callable[[], object], clock: FixedClock
) -> None:
    work()
    kept = keep(every=timedelta(minutes=30))
    kept.keeper._look(leaving=False)
    assert len(kept.backups()) == 1
    work()
    clock.advance(timedelta(minutes=29))
    kept.keeper._look(leaving=False)
    assert len(kept.backups()) == 1
    clock.advance(timedelta(minutes=2))
    kept.keeper._look(leaving=False)
    assert len(kept.backups()) == 2
    clock.advance(timedelta(hours=2))
    kept.keeper._look(leaving=False)
    assert len(kept.backups()) == 2, "nothing has changed since"


def test_when_somebody_else_takes_the_desk(
    keep: Callable[..., Kept], work: Callable[[], object], clock: FixedClock
) -> None:
    work()
    kept = keep()
    kept.keeper.start()
    kept.wait(kept.backups, "the first backup")
    work()
    kept.keeper.note_change()
    clock.advance(timedelta(minutes=11))
    kept.keeper.note_left()
    kept.wait(lambda: len(kept.backups()) == 2, "a backup between two people")


def test_leaving_backs_up_what_changed_and_only_that(keep: Callable[..., Kept], work: Callable[[], object]) -> None:
    work()
    first = keep()
    first.keeper.start()
    first.wait(first.backups, "the first backup")
    first.keeper.finish()
    assert len(first.backups()) == 1
    work()
    second = keep(after_start=timedelta(hours=1))
    second.keeper.start()
    second.keeper.finish()
    assert len(second.backups()) == 2
    third = keep(after_start=timedelta(hours=1))
    third.keeper.start()
    third.keeper.finish()
    assert len(third.backups()) == 2


def test_ending_twice_or_before_it_began_is_harmless(keep: Callable[..., Kept], work: Callable[[], object]) -> None:
    kept = keep()
    kept.keeper.finish()
    work()
    kept.keeper.note_change()
    kept.keeper.finish()
    assert len(kept.backups()) == 1


def test_a_full_disk_is_told_once_and_again_after_hours(
    keep: Callable[..., Kept], work: Callable[[], object], clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.desk import backups

    work()
    kept = keep()
    usage = shutil.disk_usage(kept.keeper.folder)
    with monkeypatch.context() as full:
        full.setattr(backups.shutil, "disk_usage", lambda _folder: usage._replace(free=0))
        for minutes in (0, 1, 60, 400):
            clock.advance(timedelta(minutes=minutes))
            kept.keeper._look(leaving=False)
    assert [type(problem) for problem in kept.problems] == [DiskFull, DiskFull]
    kept.keeper._look(leaving=False)
    assert len(kept.backups()) == 1, "with room again it goes on by itself"


def test_old_ones_are_thinned_out(keep: Callable[..., Kept], work: Callable[[], object], clock: FixedClock) -> None:
    kept = keep(every=timedelta(minutes=1))
    for _ in range(11):
        work()
        clock.advance(timedelta(minutes=2))
        kept.keeper._look(leaving=False)
    assert len(kept.backups()) == 8


def test_asking_for_one_takes_the_right_to(
    keep: Callable[..., Kept], desk: Desk, salesperson: Actor, manager: Actor
) -> None:
    kept = keep()
    assert kept.keeper.back_up_now() == kept.backups()[0]
    desk.take_seat(salesperson)
    with pytest.raises(PermissionDenied):
        kept.keeper.back_up_now()


def test_failures_are_worded_and_bugs_are_not() -> None:
    words = failure_words(DiskFull(folder="/data"))
    assert words is not None and words().startswith("No backup could be made. The disk that holds /data is full")
    set_language("zh_CN")
    assert words().startswith("未能备份。")
    assert failure_words(RuntimeError("a bug")) is None
