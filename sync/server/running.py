"""Runs the service until it is told to stop; what is in hand is finished first."""

import logging
import os
import socket
import threading
import time
from functools import partial

from sync.server import attempts, logs
from sync.server.accounts import prune_people
from sync.server.backup.beside import archiving
from sync.server.contents import Contents
from sync.server.databases import Stores, open_stores
from sync.server.metrics_page import forget_worker, metrics_page, shared_folder
from sync.server.options import check_options
from sync.server.settings import METRICS, READY, ServiceSettings
from sync.server.stopping import GracefulServer
from sync.server.upkeep import tend
from sync.server.worker import config_for
from sync.server.workers import Workers

_UPKEEP_SECONDS = 3600
_log = logging.getLogger(__name__)


class Upkeep:
    """Prunes once an hour on a thread of its own. Several instances may do so on one database: it is done once."""

    def __init__(self, stores: Stores, contents: Contents) -> None:
        self._stores, self._contents = stores, contents
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="service-upkeep", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *details: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_UPKEEP_SECONDS):
            try:
                tend(self._stores, now=time.time_ns() // 1000)
                for store in self._stores.every():
                    prune_people(store, now=time.time_ns() // 1000)
                    attempts.forget(store, now=time.time_ns() // 1000)
                self._contents.drop_orphans(now=time.time_ns() // 1000)
            except Exception:
                _log.exception("upkeep failed; trying again in an hour")


def serve(settings: ServiceSettings) -> None:
    """Listen and answer until SIGTERM or Ctrl+C. Raises OSError, ValueError, WorkerFailed."""
    check_options(settings)
    logs.set_up(form=settings.log_format, level=settings.log_level)
    stores = open_stores(settings)
    try:
        listening = _listen(settings.host, settings.port)
    except OSError:
        stores.close()
        raise
    contents = Contents(stores, folder=settings.contents_folder)
    try:
        with (
            listening,
            shared_folder(workers=settings.workers) as folder,
            metrics_page(settings.metrics, stores, folder) as metrics,
            Upkeep(stores, contents),
            archiving(settings, stores),
        ):
            config, drain_seconds = config_for(settings), settings.drain_seconds
            announce = partial(_announce, settings, listening, metrics)
            if settings.workers == 1:
                GracefulServer(config, drain_seconds=drain_seconds, on_ready=announce).run(sockets=[listening])
            else:
                Workers(
                    config, [listening], drain_seconds=drain_seconds, on_ready=announce,
                    on_death=lambda pid: forget_worker(folder, pid),
                ).run()  # fmt: skip
    finally:
        stores.close()


def _announce(settings: ServiceSettings, listening: socket.socket, metrics: str) -> None:
    scheme = "https" if settings.tls_cert else "http"
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"{READY}{scheme}://{shown}:{port}", flush=True)
    if metrics:
        print(f"{METRICS}{metrics}", flush=True)


def _listen(host: str, port: int) -> socket.socket:
    """Raises OSError that names the address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is said although there is only one: asyncio sets TCP_NODELAY only where it is, and without that every
    # answer waits 40 ms for the desk's delayed acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name != "nt":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(socket.SOMAXCONN)  # before the address is announced: from then on nobody is turned away
    except OSError as error:
        listening.close()
        reason = error.strerror or error
        raise OSError(f"cannot listen on {host} port {port}: {reason}; --host and --port say where") from error
    return listening
