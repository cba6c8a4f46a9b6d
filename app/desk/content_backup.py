"""Pictures and documents in backups: each content once for all backups that have it, in a pool beside them.

Contents never change and are sealed with the database's key, so a backup only lists their names. The pool's files are
links to the desk's where the disk can do that, and cost no room; otherwise copies.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from app.runtime.atomic_file import write_atomically

POOL, LISTING = "contents", "contents.txt"
_NAME_LENGTH = 64


def back_up_contents(source: Path, *, backups: Path, backup: Path) -> int:
    """Bring what lies in `source` into the pool below `backups` and list it in the folder `backup`; tells how many.

    Raises OSError; what is in the pool by then stays and is used by the next backup.
    """
    pool, names = backups / POOL, []
    for place in _files(source):
        kept = pool / place.name[:2] / place.name
        if not kept.exists():
            kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # removed from the desk at this moment
                _bring(place, kept)
        if kept.exists():
            names.append(place.name)
    write_atomically(backup / LISTING, "\n".join(sorted(names)).encode("ascii"))
    return len(names)


def restore_contents(backup: Path, target: Path) -> int:
    """Put back what a backup lists and the desk lacks; tells how many. What the pool lacks, the centre may have."""
    restored = 0
    for name in _listed(backup):
        kept, place = backup.parent / POOL / name[:2] / name, target / name[:2] / name
        if kept.exists() and not place.exists():
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _bring(kept, place)
            restored += 1
    return restored


def thin_contents(backups: Path, kept: Iterable[Path]) -> int:
    """Remove from the pool what none of the kept backups lists; tells how many."""
    listed = {name for backup in kept for name in _listed(backup)}
    removed = 0
    for place in _files(backups / POOL):
        if place.name not in listed:
            with suppress(OSError):
                place.unlink()
                removed += 1
    return removed


def _files(folder: Path) -> Iterator[Path]:
    """Whole contents; what is just being written has another name."""
    return (place for place in folder.glob("*/*") if _is_name(place.name))


def _is_name(name: str) -> bool:
    return len(name) == _NAME_LENGTH and set(name) <= set("0123456789abcdef")


def _listed(backup: Path) -> list[str]:
    """The names a backup lists; none for one made before there were contents."""
    try:
        return [name for name in (backup / LISTING).read_text(encoding="ascii").splitlines() if _is_name(name)]
    except (OSError, UnicodeDecodeError):
        return []


def _bring(source: Path, target: Path) -> None:
    """A link, else a copy that appears whole."""
    try:
        os.link(source, target)
    except FileExistsError:
        return
    except FileNotFoundError:
        raise
    except OSError:
        part = target.with_name(f".new-{target.name}")
        shutil.copyfile(source, part)
        part.replace(target)
