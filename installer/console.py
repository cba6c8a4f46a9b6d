"""What the installation tells: lines that stay, and steps that overwrite each other where they can."""

import shutil
import sys
from typing import TextIO

_STEPS_BETWEEN_LINES = 10


class Console:
    """Writes to standard error, so that the output of the program itself stays clean."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._moving = self._stream.isatty()
        self._steps = 0
        self._open = False

    def say(self, text: str) -> None:
        """A line that stays."""
        self._close_step()
        self._write(text + "\n")

    def step(self, text: str) -> None:
        """A passing line; without a terminal only every tenth is written."""
        self._steps += 1
        if self._moving:
            self._write("\r\x1b[K" + text[: shutil.get_terminal_size().columns - 1])
            self._open = True
        elif self._steps % _STEPS_BETWEEN_LINES == 1:
            self._write(text + "\n")

    def _close_step(self) -> None:
        if self._open:
            self._write("\r\x1b[K")
            self._open = False

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
        except UnicodeEncodeError:
            self._stream.write(text.encode("ascii", "backslashreplace").decode("ascii"))
        self._stream.flush()
