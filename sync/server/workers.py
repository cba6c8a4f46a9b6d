"""Several processes that share one listening socket: each answers whatever comes; one that dies is started again."""

import logging
import os
import signal
import threading
from collections.abc import Callable
from functools import cached_property
from socket import socket
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from sync.server.stopping import GRACE_SECONDS, STOPPING, GracefulServer, end_this_process

_HEARD_SECONDS = 2.0
_log = logging.getLogger(__name__)


class WorkerFailed(OSError):
    """A worker could not start, and would not the next time either."""


class Worker(Process):
    """A process that ends itself when the first one is gone, instead of holding the port for nobody."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket], *, drain_seconds: float) -> None:
        self._drain_seconds = drain_seconds
        super().__init__(config, sockets)

    @cached_property
    def server(self) -> GracefulServer:
        return GracefulServer(self.config, drain_seconds=self._drain_seconds)

    def target(self, sockets: list[socket] | None = None) -> None:
        self.parent_conn.close()  # the first process has the only other end then
        super().target(sockets)

    def always_pong(self) -> None:
        try:
            super().always_pong()
        except (EOFError, OSError):
            # The first process closes the line when it has told this one to end: that may be heard a moment later.
            if not STOPPING.wait(_HEARD_SECONDS):
                end_this_process()

    def end(self) -> None:
        """Ask it to end and wait; bounded, because nothing it does can be worth more than that."""
        self.terminate()
        self.process.join(self._drain_seconds + GRACE_SECONDS + 5)
        if self.process.is_alive():
            _log.error("worker %s did not end and is ended", self.pid)
            self.process.kill()
            self.process.join()


class Workers(Multiprocess):
    """The first process: watches the others, answers nothing itself."""

    def __init__(
        self, config: uvicorn.Config, sockets: list[socket], *, drain_seconds: float, on_ready: Callable[[], None],
        on_death: Callable[[int], Any],
    ) -> None:  # fmt: skip
        super().__init__(config, sockets)
        self._drain_seconds, self._on_ready, self._on_death = drain_seconds, on_ready, on_death
        self._failed = False

    def run(self) -> None:
        """Until it is told to end. Raises WorkerFailed."""
        super().run()
        if self._failed:
            raise WorkerFailed("a worker could not start; the log says why")

    def _started(self) -> Worker:
        worker = Worker(self.config, self.sockets, drain_seconds=self._drain_seconds)
        worker.start()
        return worker

    def init_processes(self) -> None:
        self.processes = [self._started() for _ in range(self.processes_num)]
        for worker in self.processes:
            while not (self.should_exit.is_set() or worker.wait_until_ready(1.0)) and worker.process.is_alive():
                self.handle_signals()
        if all(worker.process.is_alive() for worker in self.processes):
            self._on_ready()
        _log.info("workers %s", ", ".join(str(worker.pid) for worker in self.processes))

    def keep_subprocess_alive(self) -> None:
        for place, worker in enumerate(self.processes):
            if self.should_exit.is_set() or worker.is_alive(timeout=self.config.timeout_worker_healthcheck):
                continue
            worker.kill()
            worker.process.join()
            if worker.exitcode == STARTUP_FAILURE:
                self._failed = True
                self.should_exit.set()
                return
            self._on_death(worker.pid or 0)
            self.processes[place] = self._started()
            _log.error("worker %s died and was started again as %s", worker.pid, self.processes[place].pid)

    def terminate_all(self) -> None:
        for listening in self.sockets:  # the workers have it too; the last one to close it turns callers away
            listening.close()
        ending = [threading.Thread(target=worker.end) for worker in self.processes if isinstance(worker, Worker)]
        for thread in ending:
            thread.start()
        while any(thread.is_alive() for thread in ending):
            ending[-1].join(0.2)
            if self.signal_queue:  # told again: the workers are too, and skip the time in which they say not ready
                self.signal_queue.clear()
                for worker in self.processes:
                    if worker.process.is_alive() and worker.pid:
                        os.kill(worker.pid, signal.SIGTERM)
            ending = [thread for thread in ending if thread.is_alive()]

    def restart_all(self) -> None:
        """A new certificate, a new version: workers are replaced one by one, the others answer meanwhile."""
        for place, old in enumerate(self.processes):
            new = self._started()
            if not new.wait_until_ready(self.config.timeout_worker_healthcheck, self.should_exit):
                new.kill()
                new.join()
                _log.error("worker %s was not ready in time; the others stay as they are", new.pid)
                return
            assert isinstance(old, Worker)
            old.end()
            self._on_death(old.pid or 0)
            self.processes[place] = new

    def handle_ttin(self) -> None:
        """The number of workers is what `--workers` says."""

    def handle_ttou(self) -> None:
        """The number of workers is what `--workers` says."""
