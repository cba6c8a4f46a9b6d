"""Backups: complete or absent, encrypted, openable with what lies beside them, thinned out with the time."""

import errno
import json
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.desk import backups
from app.desk.backup_thinning import DAYS, MONTHS, NEWEST, WEEKS, worth_keeping
from app.desk.backups import (
    BackupDamaged,
    BackupOfOtherData,
    NoBackup,
    check_backup,
    find_backup,
    list_backups,
    state_mark,
    thin_out,
)
from app.desk.commands import SaveDraft
from app.kernel.clock import BRANCH_TIME
from app.kernel.dispatcher import Dispatcher
from app.kernel.permissions import Actor
from app.runtime.device_secrets import read_device_secret
from app.runtime.errors import DiskFull, KeySlotsMissing
from app.runtime.paths import Profile
from db.engine import Database, connect
from db.errors import DatabaseCorrupt
from tests.app.desk.backed_up import back_up, spoil
from tests.conftest import NOON
from tests.factories.databases import KEY
from tests.factories.records import Records


def left_over(profile: Profile) -> list[str]:
    return [place.name for place in profile.backups_dir.iterdir() if place.name.startswith(".")]


def test_a_backup_is_encrypted_whole_and_opens_with_the_key(
    database: Database, profile: Profile, records: Records
) -> None:
    customer = records.customer(name="备份先生")
    backup = back_up(database, profile)
    assert {file.name for file in backup.folder.iterdir()} == {
        "forecourt.db", "key_slots.json", "device_secrets.json", "backup.json", "contents.txt",
    }  # fmt: skip
    assert backup.id == "2026-11-22_040000Z"
    assert backup.made_at == NOON and backup.size == backup.database_path.stat().st_size
    assert "备份先生".encode() not in backup.database_path.read_bytes()
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(backup.database_path).execute("SELECT 1 FROM customer")
    copy = connect(backup.database_path, KEY)
    assert copy.execute("SELECT name FROM customer WHERE id = ?", (customer.id,)).fetchone() == ("备份先生",)
    copy.close()
    check_backup(backup, KEY)
    with pytest.raises(BackupOfOtherData):
        check_backup(backup, bytes(32))
    secret = read_device_secret(Profile(backup.folder), KEY, name="service-credentials")
    assert secret == "who we are"


def test_it_is_made_while_somebody_writes(database: Database, profile: Profile, records: Records) -> None:
    records.customer()
    with database.exclusive() as connection:
        connection.exec_driver_sql("UPDATE customer SET note = 'not committed yet'")
        backup = back_up(database, profile)
    copy = connect(backup.database_path, KEY)
    assert copy.execute("SELECT note FROM customer").fetchone() != ("not committed yet",)
    copy.close()


def test_its_mark_tells_whether_anything_changed(
    database: Database, profile: Profile, records: Records, dispatcher: Dispatcher, actor: Actor
) -> None:
    backup = back_up(database, profile)
    assert backup.mark == state_mark(database)
    dispatcher.execute(SaveDraft(form_key="customer.new", payload={"name": "half"}), actor)
    assert backup.mark == state_mark(database), "a draft alone is not worth a backup"
    records.customer()
    assert backup.mark != state_mark(database)
    received = state_mark(database)
    with database.exclusive() as connection:
        connection.exec_driver_sql("INSERT INTO sync_cursor (scope, seq, sweeping) VALUES ('group', 7, 0)")
    assert received != state_mark(database)


def test_names_stay_apart_and_the_newest_comes_first(database: Database, profile: Profile) -> None:
    first = back_up(database, profile)
    second = back_up(database, profile)
    later = back_up(database, profile, NOON + timedelta(hours=1))
    assert second.id == f"{first.id}-2"
    assert [backup.id for backup in list_backups(profile.backups_dir)] == [later.id, second.id, first.id]
    assert find_backup(profile.backups_dir) == later
    assert find_backup(profile.backups_dir, first.id) == first
    assert find_backup(Path("nowhere"), str(first.folder)) == first


def test_what_is_no_backup_is_passed_over(database: Database, profile: Profile) -> None:
    made = back_up(database, profile)
    (profile.backups_dir / "holiday pictures").mkdir()
    damaged = profile.backups_dir / "damaged"
    shutil.copytree(made.folder, damaged)
    (damaged / "backup.json").write_text("not json", encoding="utf-8")
    assert list_backups(profile.backups_dir) == [made]
    with pytest.raises(BackupDamaged):
        find_backup(profile.backups_dir, "damaged")
    with pytest.raises(NoBackup):
        find_backup(profile.backups_dir, "2020-01-01_000000Z")
    assert list_backups(profile.root / "absent") == []
    with pytest.raises(NoBackup):
        find_backup(profile.root / "absent")


def test_without_the_wrapped_key_there_is_no_backup(database: Database, profile: Profile) -> None:
    profile.key_slots_path.unlink()
    with pytest.raises(KeySlotsMissing):
        back_up(database, profile)
    assert list_backups(profile.backups_dir) == [] and left_over(profile) == []


def test_without_room_nothing_is_begun_and_it_says_so(
    database: Database, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = back_up(database, profile)
    usage = shutil.disk_usage(profile.root)
    monkeypatch.setattr(backups.shutil, "disk_usage", lambda _folder: usage._replace(free=1000))
    with pytest.raises(DiskFull) as full:
        back_up(database, profile, NOON + timedelta(hours=1))
    assert str(profile.backups_dir) in full.value.message()
    assert list_backups(profile.backups_dir) == [kept]


@pytest.mark.parametrize("where", ["copying", "beside"])
def test_a_disk_that_fills_up_half_way_leaves_the_older_backups(
    database: Database, profile: Profile, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    kept = back_up(database, profile)

    def full(*_args: Any, **_values: Any) -> None:
        if where == "copying":
            raise sqlite3.OperationalError("database or disk is full")
        raise OSError(errno.ENOSPC, "No space left on device")

    if where == "copying":
        monkeypatch.setattr(database, "backup_to", full)
    else:
        monkeypatch.setattr(backups, "write_atomically", full)
    with pytest.raises(DiskFull):
        back_up(database, profile, NOON + timedelta(hours=1))
    assert list_backups(profile.backups_dir) == [kept] and left_over(profile) == []


def test_a_copy_that_does_not_read_back_is_no_backup(
    database: Database, profile: Profile, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    records.customer()
    copied = database.backup_to

    def damaged(target: Path) -> None:
        copied(target)
        spoil(target)

    monkeypatch.setattr(database, "backup_to", damaged)
    with pytest.raises(DatabaseCorrupt):
        back_up(database, profile)
    assert list_backups(profile.backups_dir) == [] and left_over(profile) == []


def test_what_a_killed_backup_left_is_swept_up(database: Database, profile: Profile) -> None:
    left = profile.backups_dir / ".unfinished-20261121T000000000000"
    left.mkdir()
    (left / "forecourt.db").write_bytes(b"half")
    assert list_backups(profile.backups_dir) == []
    back_up(database, profile)
    assert left_over(profile) == []


# --- thinning -----------------------------------------------------------------------------------


def _fake(folder: Path, made_at: datetime) -> None:
    place = folder / f"{made_at:%Y-%m-%d_%H%M%S}Z"
    place.mkdir(parents=True)
    (place / "forecourt.db").write_bytes(b"")
    described = {"format": 1, "made_at": made_at.isoformat(), "mark": "1:0:"}
    (place / "backup.json").write_text(json.dumps(described), encoding="utf-8")


def test_thinning_removes_folders(tmp_path: Path) -> None:
    for hour in range(40):
        _fake(tmp_path, NOON - timedelta(minutes=30 * hour))
    removed = thin_out(tmp_path, now=NOON)
    kept = list_backups(tmp_path)
    # The newest eight reach back to 08:30 in the branch; beside them stands the last one of the day before.
    assert [backup.made_at for backup in kept[:NEWEST]] == [NOON - timedelta(minutes=30 * n) for n in range(8)]
    assert len(kept) == NEWEST + 1 and len(removed) == 31
    assert kept[-1].made_at == datetime(2026, 11, 21, 15, 30, tzinfo=UTC)


def test_a_year_of_half_hours_leaves_days_weeks_and_months() -> None:
    """As it goes in life: one is made, then it is thinned out, for thirteen months of working days."""
    now = datetime(2025, 10, 1, 1, 0, tzinfo=UTC)
    kept: set[datetime] = set()
    while now < NOON:
        for half_hour in range(16):
            moment = now + timedelta(minutes=30 * half_hour)
            kept = set(worth_keeping(kept | {moment}, now=moment))
        now += timedelta(days=1)
    last = max(kept)
    assert len(kept) <= NEWEST + DAYS + WEEKS + MONTHS
    days = {moment.astimezone(BRANCH_TIME).date() for moment in kept}
    today = last.astimezone(BRANCH_TIME).date()
    assert all(today - timedelta(days=back) in days for back in range(DAYS))
    monday = today - timedelta(days=today.weekday())
    weeks = {day - timedelta(days=day.weekday()) for day in days}
    assert all(monday - timedelta(weeks=back) in weeks for back in range(WEEKS))
    months = {(day.year, day.month) for day in days}
    assert len(months) >= MONTHS
    assert min(kept) > last - timedelta(days=370)


@settings(max_examples=60)
@given(
    st.lists(st.integers(min_value=0, max_value=500 * 24 * 60), max_size=120),
    st.integers(min_value=0, max_value=60 * 24 * 60),
)
def test_thinning_keeps_the_newest_and_doing_it_twice_changes_nothing(ages: list[int], later: int) -> None:
    moments = {NOON - timedelta(minutes=age) for age in ages}
    kept = worth_keeping(moments, now=NOON)
    assert kept <= moments
    assert set(sorted(moments, reverse=True)[:NEWEST]) <= kept
    assert worth_keeping(kept, now=NOON) == kept
    assert len(kept) <= NEWEST + DAYS + WEEKS + MONTHS
    # What is thinned out now would not have been wanted later.
    then = NOON + timedelta(minutes=later)
    assert worth_keeping(kept, now=then) == worth_keeping(moments, now=then)


def test_a_clock_set_back_costs_no_backup() -> None:
    ahead = [NOON + timedelta(days=n) for n in range(1, 13)]
    assert set(ahead) <= worth_keeping([*ahead, NOON], now=NOON)
