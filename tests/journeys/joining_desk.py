"""A desk that joins a group through its windows, in a process of its own that may be killed.

`python -m tests.journeys.joining_desk PROFILE ADDRESS CODE [WHAT PART [PICTURES]]`: the first window of this profile,
whatever it is, is taken by the hand until somebody could sign in. Every sentence that stands beside the bar is said, as
a line of JSON. Before it writes the PART-th part of this process, `killed` stays where it is, to be killed; `cancelled`
has a person press Cancel, and then Go on.
"""

import json
import sys
import threading
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.runtime.paths import open_profile
from app.tour.hands import Hands, spare_the_platforms_excuses
from app.wiring.start import Application
from ui.shell.first_run import CONFIRMED_GROUPS, FirstRunWindow
from ui.shell.start_window import StartWindow

PASSPHRASE = "four unrelated plain words"


def say(kind: str, **values: object) -> None:
    """One line for the process that watches."""
    sys.stdout.write(json.dumps({"kind": kind, **values}) + "\n")
    sys.stdout.flush()


class Pause:
    """Stops the thread that reads before it writes a part (counted from 1 in this process), once."""

    def __init__(self, what: str, part: int) -> None:
        from sync.client import snapshot_reading

        self.reached, self.go_on = threading.Event(), threading.Event()
        inner, written = snapshot_reading._write_part, 0

        def write(*given: Any, **named: Any) -> None:
            nonlocal written
            written += 1
            if written == part:
                self.reached.set()
                say("paused")
                assert self.go_on.wait(60 if what == "cancelled" else None)
            inner(*given, **named)

        snapshot_reading._write_part = write  # type: ignore[assignment]


class Watch:
    """Says what stands beside the bar, each sentence once."""

    def __init__(self, application: Application, pause: Pause | None, pictures: Path | None) -> None:
        self._application, self._pause, self._pictures = application, pause, pictures
        self._last = ""
        self._timer = QTimer()
        self._timer.timeout.connect(self.look)
        self._timer.start(5)

    def look(self) -> None:
        window = self._application.window
        step: Any = window.progress if isinstance(window, FirstRunWindow) else getattr(window, "joining", None)
        if self._pause is not None and self._pause.reached.is_set() and not self._pause.go_on.is_set():
            step.cancel.click()
            self._pause.go_on.set()
        if step is None or not step.say.isVisible() or step.say.text() in ("", self._last):
            return
        self._last = step.say.text()
        say("progress", text=self._last, value=step.bar.value(), most=step.bar.maximum(), step=type(step).__name__)
        if self._pictures is not None and window is not None:
            self._pictures.mkdir(parents=True, exist_ok=True)
            window.grab().save(str(self._pictures / f"{len(list(self._pictures.iterdir())):02d}.png"))


def first_run(window: FirstRunWindow, hands: Hands, address: str, code: str) -> None:
    """Make the database with a passphrase, and join."""
    window.protection.choose("passphrase")
    for field in (window.protection.first, window.protection.second):
        hands.type(PASSPHRASE, into=field)
    hands.click(window.protection.go)
    hands.wait(lambda: window.step() is window.recovery, "the recovery code")
    groups = window.recovery.code().split("-")
    for entry, group in zip(window.recovery.entries, CONFIRMED_GROUPS, strict=True):
        hands.type(groups[group], into=entry)
    hands.click(window.recovery.go)
    hands.wait(lambda: window.step() is window.contents, "what to begin with")
    window.contents.choose("join")
    hands.type(address, into=window.contents.join_fields.address)
    hands.type(code, into=window.contents.join_fields.code)
    hands.click(window.contents.go)


def join(application: Application, hands: Hands, address: str, code: str) -> None:
    """From the first window to the names of those who may sign in."""
    window = application.window
    if isinstance(window, FirstRunWindow):
        first_run(window, hands, address, code)
        hands.wait(lambda: window.step() is window.contents or application.window is not window, "an end of it")
        if application.window is window:  # cancelled, or refused
            say("back", message=window.contents.message.text())
            hands.click(window.contents.go)
            hands.wait(lambda: application.window is not window, "it goes on")
    start = application.window
    assert isinstance(start, StartWindow)
    hands.wait(lambda: start.card() is not start.sign_in or start.sign_in.staff_list.count(), "something to do")
    if start.card() is start.unlock:
        hands.type(PASSPHRASE, into=start.unlock._secret)
        hands.click(start.unlock.go)
    while not start.sign_in.staff_list.count():
        hands.wait(
            lambda: start.sign_in.staff_list.count() or (start.joining is not None and start.joining.go.isVisible()),
            "the people of the branch",
        )
        if start.joining is not None and start.joining.go.isVisible():
            say("interrupted", message=start.joining.message.text())
            hands.click(start.joining.go)
    say("people", count=start.sign_in.staff_list.count())


def main(root: Path, address: str, code: str, what: str, part: int, pictures: Path | None) -> None:
    """Show the windows of this profile, as the program does."""
    spare_the_platforms_excuses()
    pause = Pause(what, part) if what else None
    qt = QApplication(sys.argv[:1])
    application = Application(qt, open_profile(root), spoken="en")
    application.keeps_backups = False
    application.take_profile()
    watch = Watch(application, pause if what == "cancelled" else None, pictures)
    application.show_first_window()
    try:
        join(application, Hands(qt, patience=60.0), address, code)
        watch.look()
    finally:
        application.close()
    say("end")


if __name__ == "__main__":
    given = [*sys.argv[1:], "", "0", ""][:6] if len(sys.argv) < 7 else sys.argv[1:7]
    main(Path(given[0]), given[1], given[2], given[3], int(given[4]), Path(given[5]) if given[5] else None)
