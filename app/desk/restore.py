"""`bootstrap.py restore`: put a backup back, or say which there are. The window has to be closed."""

import argparse
import getpass
import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from app.desk.backups import Backup, find_backup, list_backups
from app.desk.key_asking import Ask, key_of
from app.desk.restoring import require_closed_desk, restore_backup
from app.kernel.clock import BRANCH_TIME
from app.runtime.errors import EnvironmentProblem
from app.runtime.language import LANGUAGES, set_language, tr
from app.runtime.paths import Profile, open_profile
from app.runtime.settings import load_settings
from db.errors import DatabaseProblem


def main(arguments: Sequence[str] | None = None, *, ask: Ask = getpass.getpass) -> int:
    """Returns 0 when it is done, 1 when it could not be; `ask(prompt)` reads a secret."""
    chosen = _parsed(arguments)
    profile = open_profile(chosen.profile)
    set_language(chosen.language or load_settings(profile).settings.spoken_language)
    try:
        if chosen.list:
            return _list(profile)
        return _restore(profile, find_backup(profile.backups_dir, chosen.backup), ask)
    except (EnvironmentProblem, DatabaseProblem) as problem:
        message = getattr(problem, "message", None)
        print(message() if message is not None else tr(problem.text), file=sys.stderr)
        return 1


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bootstrap.py restore",
        description="Put a backup in the place of this desk's data. What is there now is set aside, not removed.",
    )
    parser.add_argument("backup", nargs="?", default="", help="its name or folder (default: the newest)")
    parser.add_argument("--profile", metavar="DIR", help="folder of the desk's data (default: the user's own)")
    parser.add_argument("--list", action="store_true", help="only say which backups there are")
    parser.add_argument("--language", choices=LANGUAGES, help="the language to speak")
    return parser.parse_args(arguments)


def _list(profile: Profile) -> int:
    backups = list_backups(profile.backups_dir)
    if not backups:
        print(tr("No backups in {folder}.", folder=profile.backups_dir))
    for backup in backups:
        print(f"{backup.id}   {_moment(backup)}   {backup.size / 1e6:8.1f} MB")
    return 0


def _restore(profile: Profile, backup: Backup, ask: Ask) -> int:
    require_closed_desk(profile.root)
    print(tr("Restoring the backup of {moment} into {folder}.", moment=_moment(backup), folder=profile.root))
    key = _key_of(backup, ask)
    aside = restore_backup(backup, key=key, root=profile.root, now=datetime.now(UTC))
    if aside is not None:
        print(tr("What was there before lies in {folder}.", folder=aside))
    print(tr("Done. Start Forecourt: what the centre knows comes back with the next exchange."))
    return 0


def _key_of(backup: Backup, ask: Ask) -> bytes:
    """From the computer's key store, else from the passphrase or the recovery code, with three attempts."""
    # Unlocking writes down which way was used; the backup stays as it is.
    with tempfile.TemporaryDirectory(prefix="forecourt-restore-") as folder:
        lies_in = Profile(Path(folder))
        shutil.copyfile(backup.folder / lies_in.key_slots_path.name, lies_in.key_slots_path)
        return key_of(lies_in, ask)


def _moment(backup: Backup) -> str:
    return backup.made_at.astimezone(BRANCH_TIME).strftime("%Y-%m-%d %H:%M")


if __name__ == "__main__":
    sys.exit(main())
