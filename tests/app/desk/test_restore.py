"""Restoring: what was comes back, what is lies aside, nothing in between is ever without its data."""

import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.desk import restoring
from app.desk.backups import BackupDamaged, check_backup, list_backups, make_backup
from app.desk.restore import main
from app.desk.restoring import DeskInUse, restore_backup
from app.kernel.clock import FixedClock
from app.kernel.permissions import Actor
from app.runtime import secrets
from app.runtime.key_wrapping import Cost
from app.runtime.paths import Profile
from db.engine import Database, connect
from tests.app.desk.backed_up import back_up, spoil
from tests.conftest import NOON
from tests.factories.databases import KEY
from tests.factories.records import Records

PASSPHRASE = "long enough to be safe"
CHEAP = Cost(passes=1, memory_kib=64, lanes=1)
SERIES = "SH01-D01-SO"


@pytest.fixture
def desk(profile: Profile, database: Database) -> Profile:
    """The profile with the test's database in its place, and real key slots."""
    profile.key_slots_path.unlink()
    database.close()
    shutil.copyfile(database.path, profile.database_path)
    return profile


def _names(path: Path, key: bytes = KEY) -> Counter[str]:
    connection = connect(path, key)
    try:
        return Counter(row[0] for row in connection.execute("SELECT name FROM customer"))
    finally:
        connection.close()


def _number(path: Path, value: int | None = None) -> int:
    connection = connect(path, KEY)
    try:
        if value is not None:
            connection.execute("INSERT OR REPLACE INTO number_series (prefix, last) VALUES (?, ?)", (SERIES, value))
        return int(connection.execute("SELECT last FROM number_series WHERE prefix = ?", (SERIES,)).fetchone()[0])
    finally:
        connection.close()


def _opened(desk: Profile, clock: FixedClock, actor: Actor) -> tuple[Database, Records]:
    database = Database(desk.database_path, KEY)
    return database, Records(database, clock=clock, actor=actor)


def test_restoring_brings_back_what_was_and_sets_aside_what_is(desk: Profile, clock: FixedClock, actor: Actor) -> None:
    desk.key_slots_path.write_text("the key of then", encoding="utf-8")
    database, records = _opened(desk, clock, actor)
    records.customer(name="早")
    _number(desk.database_path, 7)
    backup = back_up(database, desk)
    records.customer(name="晚")
    _number(desk.database_path, 9)
    database.close()
    desk.key_slots_path.write_text("the key of now", encoding="utf-8")
    (desk.root / "settings.json").write_text("{}", encoding="utf-8")

    aside = restore_backup(backup, key=KEY, root=desk.root, now=NOON + timedelta(hours=1))

    assert _names(desk.database_path) == {"早": 1}
    assert desk.key_slots_path.read_text(encoding="utf-8") == "the key of then"
    assert _number(desk.database_path) == 9, "numbers given since then are not given again"
    assert aside is not None and _names(aside / "forecourt.db") == {"早": 1, "晚": 1}
    assert (aside / "key_slots.json").read_text(encoding="utf-8") == "the key of now"
    assert list_backups(desk.backups_dir) == [backup]
    check_backup(backup, KEY)


def test_a_log_left_by_a_crash_is_not_played_into_the_restored_data(
    desk: Profile, clock: FixedClock, actor: Actor, tmp_path: Path
) -> None:
    desk.key_slots_path.write_text("{}", encoding="utf-8")
    database, records = _opened(desk, clock, actor)
    records.customer(name="早")
    backup = back_up(database, desk)
    records.customer(name="晚")
    for name in ("forecourt.db", "forecourt.db-wal", "forecourt.db-shm"):  # as a power cut leaves them
        shutil.copyfile(desk.root / name, tmp_path / name)
    database.close()
    for name in ("forecourt.db", "forecourt.db-wal", "forecourt.db-shm"):
        shutil.copyfile(tmp_path / name, desk.root / name)
    aside = restore_backup(backup, key=KEY, root=desk.root, now=NOON)
    assert _names(desk.database_path) == {"早": 1}
    assert aside is not None and _names(aside / "forecourt.db") == {"早": 1, "晚": 1}


def test_over_a_database_that_cannot_be_read_numbers_leave_a_gap(
    desk: Profile, clock: FixedClock, actor: Actor
) -> None:
    desk.key_slots_path.write_text("{}", encoding="utf-8")
    database, _records = _opened(desk, clock, actor)
    _number(desk.database_path, 7)
    backup = back_up(database, desk)
    database.close()
    desk.database_path.write_bytes(b"what a failing disk gives back" * 1000)
    restore_backup(backup, key=KEY, root=desk.root, now=NOON)
    assert _number(desk.database_path) == 1007


@pytest.mark.parametrize("stage", ["copying aside", "files beside", "last"])
def test_whatever_interrupts_restoring_it_can_be_done_again(
    desk: Profile, clock: FixedClock, actor: Actor, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    desk.key_slots_path.write_text("{}", encoding="utf-8")
    database, records = _opened(desk, clock, actor)
    records.customer(name="早")
    backup = back_up(database, desk)
    records.customer(name="晚")
    database.close()

    def cut(*_args: Any, **_values: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        if stage == "copying aside":
            patched.setattr(restoring.shutil, "copy2", cut)
        elif stage == "files beside":
            patched.setattr(restoring, "write_atomically", cut)
        else:
            patched.setattr(Path, "chmod", cut)
        restore_backup(backup, key=KEY, root=desk.root, now=NOON)
    assert _names(desk.database_path) == {"早": 1, "晚": 1}, "until the last step the old data is in its place"
    restore_backup(backup, key=KEY, root=desk.root, now=NOON + timedelta(minutes=1))
    assert _names(desk.database_path) == {"早": 1}


def test_a_damaged_backup_is_not_put_in_the_place_of_anything(desk: Profile, clock: FixedClock, actor: Actor) -> None:
    desk.key_slots_path.write_text("{}", encoding="utf-8")
    database, records = _opened(desk, clock, actor)
    records.customer(name="早")
    backup = back_up(database, desk)
    database.close()
    spoil(backup.database_path)
    with pytest.raises(BackupDamaged):
        restore_backup(backup, key=KEY, root=desk.root, now=NOON)
    assert _names(desk.database_path) == {"早": 1}
    assert not (desk.root / "set-aside").exists()


def test_a_desk_at_work_is_not_restored_over(desk: Profile, clock: FixedClock, actor: Actor) -> None:
    from PySide6.QtCore import QLockFile

    desk.key_slots_path.write_text("{}", encoding="utf-8")
    database, _records = _opened(desk, clock, actor)
    backup = back_up(database, desk)
    database.close()
    lock = QLockFile(str(desk.root / "forecourt.lock"))
    assert lock.tryLock(100)
    with pytest.raises(DeskInUse) as refused:
        restore_backup(backup, key=KEY, root=desk.root, now=NOON)
    assert str(desk.root) in refused.value.message()
    lock.unlock()
    (desk.root / "forecourt.lock").write_text("4242\nForecourt\n", encoding="utf-8")  # left by a crash
    assert restore_backup(backup, key=KEY, root=desk.root, now=NOON) is not None


# --- on the command line ------------------------------------------------------------------------


@pytest.fixture
def closed_desk(tmp_path: Path, clock: FixedClock, actor: Actor, database_template: Path) -> tuple[Profile, str]:
    """A desk with a passphrase and a recovery code, one backup, and a customer entered after it."""
    profile = Profile(tmp_path / "real").prepare()
    code = secrets.new_recovery_code()
    key = secrets.create_key_slots(
        profile, with_keyring=False, passphrase=PASSPHRASE, recovery_code=code, cost=CHEAP
    )  # fmt: skip
    shutil.copyfile(database_template, profile.database_path)
    connection = connect(profile.database_path, KEY)
    connection.execute("PRAGMA journal_mode = DELETE")
    connection.execute(f"PRAGMA rekey = \"x'{key.hex()}'\"")
    connection.close()
    database = Database(profile.database_path, key)
    records = Records(database, clock=clock, actor=actor)
    records.customer(name="早")
    make_backup(database, key=key, folder=profile.backups_dir, required=[profile.key_slots_path], now=NOON)
    records.customer(name="晚")
    database.close()
    return profile, code


def _ask_with(*answers: str) -> Any:
    left = list(answers)
    return lambda _prompt: left.pop(0)


@pytest.mark.parametrize("way", ["passphrase", "code", "second attempt"])
def test_the_command_restores_the_newest(
    closed_desk: tuple[Profile, str], capsys: pytest.CaptureFixture[str], way: str
) -> None:
    profile, code = closed_desk
    answers = {"passphrase": [PASSPHRASE], "code": [code.lower()], "second attempt": ["no", PASSPHRASE]}[way]
    assert main(["--profile", str(profile.root), "--language", "en"], ask=_ask_with(*answers)) == 0
    said = capsys.readouterr()
    assert "2026-11-22 12:00" in said.out and "set-aside" in said.out
    assert ("passphrase does not open" in said.err) == (way == "second attempt")
    assert _names(profile.database_path, secrets.unlock_with_passphrase(profile, PASSPHRASE)) == {"早": 1}
    assert not (next(profile.backups_dir.iterdir()) / "key_slot_used.json").exists()


def test_the_command_gives_up_after_three_wrong_answers(
    closed_desk: tuple[Profile, str], capsys: pytest.CaptureFixture[str]
) -> None:
    profile, _code = closed_desk
    assert main(["--profile", str(profile.root), "--language", "zh_CN"], ask=_ask_with("a", "b", "c")) == 1
    assert "口令" in capsys.readouterr().err
    assert not (profile.root / "set-aside").exists()


def test_the_command_lists(closed_desk: tuple[Profile, str], capsys: pytest.CaptureFixture[str]) -> None:
    profile, _code = closed_desk
    assert main(["--profile", str(profile.root), "--list", "--language", "en"]) == 0
    assert "2026-11-22_040000Z" in capsys.readouterr().out
    assert main(["--profile", str(profile.root / "empty"), "--language", "en"]) == 1
    assert "There is no backup" in capsys.readouterr().err
