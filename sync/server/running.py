"""Runs the service until it is told to stop; what is in hand is finished first."""

import logging
import os
import socket
import threading
import time

from sync.server import attempts, logs
from sync.server.accounts import prune_people
from sync.server.backup.beside import archiving
from sync.server.contents import Contents
from sync.server.databases import Stores, open_stores
from sync.server.metrics_page import forget_worker, metrics_page, shared_folder
from sync.server.options import check_options
from sync.server.settings import METRICS, READY, ServiceSettings
from sync.server.sole_service import SoleService
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
    with SoleService() as sole:
        sole.take(settings.database_url)  # before the schema is looked at
        stores = open_stores(settings)
        try:
            for store in stores.every():
                sole.take(store.engine.url.render_as_string(hide_password=False))
            _serve(settings, stores, sole)
        finally:
            stores.close()


def _serve(settings: ServiceSettings, stores: Stores, sole: SoleService) -> None:
    listening = _listen(settings.host, settings.port)
    contents = Contents(stores, folder=settings.contents_folder)
    with (
        listening,
        shared_folder(workers=settings.workers) as folder,
        metrics_page(settings.metrics, stores, folder) as metrics,
        Upkeep(stores, contents),
        archiving(settings, stores),
    ):
        config, drain_seconds = config_for(settings), settings.drain_seconds

        def announce() -> None:
            address = _announce(settings, listening, metrics)
            sole.say_where(address)

        if settings.workers == 1:
            GracefulServer(config, drain_seconds=drain_seconds, on_ready=announce).run(sockets=[listening])
        else:
            Workers(
                config, [listening], drain_seconds=drain_seconds, on_ready=announce,
                on_death=lambda pid: forget_worker(folder, pid),
            ).run()  # fmt: skip


def _announce(settings: ServiceSettings, listening: socket.socket, metrics: str) -> str:
    """Say that the service is ready, and where; gives the address."""
    scheme = "https" if settings.tls_cert else "http"
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    address = f"{scheme}://{shown}:{port}"
    print(f"{READY}{address}", flush=True)
    if metrics:
        print(f"{METRICS}{metrics}", flush=True)
    return address


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
