"""Making backups of a test's database, and damaging them."""

from datetime import datetime
from pathlib import Path

from app.desk.backups import Backup, make_backup
from app.runtime.paths import Profile
from db.engine import Database
from tests.conftest import NOON
from tests.factories.databases import KEY


def back_up(database: Database, profile: Profile, now: datetime = NOON) -> Backup:
    """A backup into the profile's folder, with what is beside the database."""
    return make_backup(
        database, key=KEY, folder=profile.backups_dir, required=[profile.key_slots_path],
        optional=[profile.device_secrets_path], now=now,
    )  # fmt: skip


def spoil(path: Path) -> None:
    """Overwrite a page in the middle of a file."""
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = bytes(4096)
    path.write_bytes(content)
