"""A service forked from a process that has imported it: it starts in a seventh of the time, a process as any other.

Importing what a service is made of takes longer than most tests with one. The first service of a test process pays for
it; the further ones are copies of a process that has imported everything and done nothing yet.
"""

import atexit
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TextIO


@cache
def _context() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.sync.imported_service"])
    return context


def runs_forked(arguments: Sequence[str]) -> bool:
    """Whether a service with these arguments can be a copy: one with workers starts them itself, from nothing.

    Only for tests: what is measured starts as it does at a dealer's.
    """
    return sys.platform == "linux" and "pytest" in sys.modules and "--workers" not in arguments


class Forked:
    """What `subprocess.Popen` offers for a process that was forked elsewhere."""

    def __init__(self, process: Any, stdout: TextIO) -> None:
        self._process, self.stdout = process, stdout
        self.pid: int = process.pid

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status, negative for a signal. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("service", timeout or 0.0)
        return int(self._process.exitcode)

    def poll(self) -> int | None:
        """Its exit status, None while it runs."""
        return self._process.exitcode  # type: ignore[no-any-return]

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


def fork(arguments: Sequence[str], *, log: Path, statements: Path | None) -> Forked:
    """Start `python -m sync.server` with these arguments; with `statements` a watched one (see `watched_service`)."""
    reading, writing = _context().Pipe(duplex=False)
    process = _context().Process(
        target=_serve, args=(list(arguments), writing, str(log), statements, dict(os.environ)), daemon=True
    )
    process.start()
    writing.close()
    stdout = os.fdopen(os.dup(reading.fileno()), encoding="utf-8")
    reading.close()
    return Forked(process, stdout)


def run(arguments: Sequence[str], *, seconds: float) -> "subprocess.CompletedProcess[str]":
    """Run `python -m sync.server` with these arguments to its end, as `subprocess.run` would.

    Raises subprocess.TimeoutExpired, after killing it.
    """
    with tempfile.TemporaryDirectory() as folder:
        errors = Path(folder) / "errors"
        process = fork(arguments, log=errors, statements=None)
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        try:
            with process.stdout:
                said = process.stdout.read()
            status = process.wait(seconds)
        finally:
            timer.cancel()
            timer.join()
        return subprocess.CompletedProcess(list(arguments), status, said, errors.read_text(encoding="utf-8"))


def _serve(
    arguments: list[str], writing: Connection, log: str, statements: Path | None, environment: dict[str, str]
) -> None:
    from sync.server.command_line import main
    from tests.sync.watched_service import watch

    os.environ.clear()
    os.environ.update(environment)
    with open(log, "ab") as errors:
        os.dup2(errors.fileno(), 2)
    os.dup2(writing.fileno(), 1)
    writing.close()
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", buffering=1, closefd=False)
    if statements is not None:
        watch(statements)
    try:
        status = main(arguments)
    except SystemExit as leaving:  # a command line that argparse refuses
        status = leaving.code if isinstance(leaving.code, int) else 1
    finally:
        atexit._run_exitfuncs()  # a forked process ends without them
    sys.exit(status)
