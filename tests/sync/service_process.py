"""A central service in a process of its own, on a free port; used by tests, journeys and benchmarks."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from sync.server.settings import READY
from tests.sync.forked_service import Forked, fork, run, runs_forked

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 30
_STOP_SECONDS = 15


class ServiceProcess:
    """`with ServiceProcess(data) as service: desk.enrol(service.url, service.enrol("SH01", "D02"))`.

    `database` is a URL; without one the service keeps a SQLite file in `data`. It can be killed and started again on
    the same port and data. `watched` has it write down every statement, into `statements`: see `watched_service`.
    """

    def __init__(
        self, data: Path, *, database: str = "", arguments: tuple[str, ...] = (), watched: bool = False
    ) -> None:  # fmt: skip
        self.data = data
        self.database = database
        self._arguments = arguments
        self._watched = watched
        self.statements = data / "statements.jsonl"
        self._port = 0
        self.url = ""
        self._process: subprocess.Popen[str] | Forked | None = None
        self._log = data / "service.log"

    def _command(self, *arguments: str) -> list[str]:
        module = ["sync.server"]
        if self._watched and arguments[0] == "serve":
            module = ["tests.sync.watched_service", str(self.statements)]
        return [sys.executable, "-m", *module, *self._told(*arguments)]

    def _told(self, *arguments: str) -> list[str]:
        told = [*arguments, "--data", str(self.data)]
        return [*told, "--database", self.database] if self.database else told

    def start(self) -> "ServiceProcess":
        """Start and wait until it answers. Raises RuntimeError with its log when it does not."""
        self.data.mkdir(parents=True, exist_ok=True)
        asked = ("serve", "--port", str(self._port), *self._arguments)
        if runs_forked(asked):
            watched = self.statements if self._watched else None
            self._process = fork(self._told(*asked), log=self._log, statements=watched)
        else:
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    self._command(*asked), cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True,
                    env={**os.environ, "PYTHONUNBUFFERED": "1"},
                )  # fmt: skip
        line = self._ready_line()
        if not line.startswith(READY):
            self.kill()
            raise RuntimeError(f"the service did not start: {line}\n{self.log()}")
        self.url = line.removeprefix(READY).strip()
        self._port = int(self.url.rpartition(":")[2])
        return self

    def _ready_line(self) -> str:
        assert self._process is not None and self._process.stdout is not None
        timer = threading.Timer(_START_SECONDS, self._process.kill)
        timer.start()
        try:
            return self._process.stdout.readline()
        finally:
            timer.cancel()
            timer.join()

    def further_line(self) -> str:
        """The next line on standard output, after the one that says where it listens."""
        return self._ready_line()

    def ask_to_stop(self) -> "subprocess.Popen[str] | Forked":
        """Send it the signal and give the process, which may have something in hand."""
        process = self._process
        assert process is not None
        process.send_signal(signal.SIGTERM)
        return process

    @property
    def pid(self) -> int:
        """The running process."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL: no goodbye, no flushing."""
        self._end(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)

    def stop(self) -> int:
        """Ask it to end, as an operator would; returns its exit status."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(how)
        try:
            return process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
        finally:
            if process.stdout is not None:
                process.stdout.close()

    def __enter__(self) -> "ServiceProcess":
        return self.start()

    def __exit__(self, *details: object) -> None:
        self.stop()

    def administer(self, *arguments: str) -> str:
        """Run one of the service's commands on its data; returns what it printed."""
        if runs_forked(arguments):
            done = run(self._told(*arguments), seconds=_START_SECONDS)
        else:
            done = subprocess.run(
                self._command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=_START_SECONDS, check=False
            )
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def enrol(self, branch: str = "SH01", desk: str = "D01", *, scopes: str = "*") -> str:
        """A one-time enrolment code for a desk."""
        return self.administer("enrol", "--branch", branch, "--desk", desk, "--scopes", scopes)

    def log(self) -> str:
        """What the service wrote on standard error."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""
