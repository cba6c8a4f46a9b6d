"""From the start of the process to the first painted, usable sign-in window, against an empty PySide6 window.

Each run evicts the files of both programs from the page cache, so that it is a cold start; pairs alternate.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Figure

ROOT = Path(__file__).resolve().parents[1]
PAIRS = 7
GOAL = 2.5

EMPTY_WINDOW = """
import sys
from PySide6.QtWidgets import QApplication, QMainWindow
class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        sys.stdout.write("painted\\n"); sys.stdout.flush()
app = QApplication(sys.argv); window = Window(); window.resize(1200, 800); window.show()
app.exec()
"""


def _evict() -> None:
    """Drop the files both programs read from the page cache, as far as the system lets a user do that."""
    if not hasattr(os, "posix_fadvise"):
        return
    folders = [ROOT / "app", ROOT / "ui", ROOT / "resources", Path(sys.prefix) / "lib"]
    for folder in folders:
        for path in folder.rglob("*"):
            if path.suffix in {".py", ".pyc", ".so", ".ttf", ".json", ".svg", ".qss"} or ".so." in path.name:
                try:
                    descriptor = os.open(path, os.O_RDONLY)
                except OSError:
                    continue
                try:
                    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                finally:
                    os.close(descriptor)


def _seconds_to_paint(command: list[str], environment: dict[str, str]) -> float:
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == "painted":
                return time.perf_counter() - began
        raise RuntimeError(f"{command[:3]} ended without painting")
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _set_up(folder: Path) -> None:
    """A profile with a branch and an administrator, opened by a passphrase."""
    from app.kernel.clock import SystemClock
    from app.runtime import secrets
    from app.runtime.paths import open_profile
    from app.staff.commands import CreateBranch, CreateStaffMember
    from app.staff.first_branch import open_first_branch
    from db import schema
    from db.engine import Database

    profile = open_profile(folder).prepare()
    database = Database(
        profile.database_path, secrets.create_key_slots(profile, with_keyring=False, passphrase="correct horse battery")
    )
    schema.upgrade(database)
    open_first_branch(
        database, desk_code="D01", clock=SystemClock(),
        branch=CreateBranch(code="SH01", name_zh="上海店", name_en="Shanghai"),
        administrator=CreateStaffMember(
            branch_id="", login="admin", name="周涛", role="administrator", password="a long enough passphrase"
        ),
    )  # fmt: skip
    database.close()


def run() -> list[Figure]:
    """Medians of alternating pairs, on a profile with a database, so that the sign-in page is what opens."""
    environment = {**os.environ, "FORECOURT_SAY_PAINTED": "1"}
    if sys.platform.startswith("linux") and not environment.get("DISPLAY"):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory() as folder:
        _set_up(Path(folder))
        ours = [sys.executable, "-m", "app", "--profile", folder]
        empty = [sys.executable, "-c", EMPTY_WINDOW]
        times: tuple[list[float], list[float]] = ([], [])
        for _ in range(PAIRS):
            for command, seconds in zip((empty, ours), times, strict=True):
                _evict()
                seconds.append(_seconds_to_paint(command, environment))
    peer, mine = (statistics.median(seconds) for seconds in times)
    return [
        Figure(
            name="start", value=round(mine * 1000, 1), unit="ms", peer=f"empty PySide6 window {peer * 1000:.0f} ms",
            ratio=round(mine / peer, 3), goal=f"≤ {GOAL} ×", holds=mine / peer <= GOAL,
        )
    ]  # fmt: skip
