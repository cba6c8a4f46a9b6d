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


def run() -> list[Figure]:
    """Medians of alternating pairs, on a profile with a database, so that the sign-in page is what opens."""
    environment = {**os.environ, "FORECOURT_SAY_PAINTED": "1"}
    if sys.platform.startswith("linux") and not environment.get("DISPLAY"):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "app.demo", "--profile", folder, "--empty", "--passphrase-env", "FORECOURT_BENCH"],
            cwd=ROOT,
            env={**environment, "FORECOURT_BENCH": "correct horse battery"},
            check=True,
            stdout=subprocess.DEVNULL,
        )
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
