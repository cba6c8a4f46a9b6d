"""Runs the service until it is told to stop; what is in hand is finished first."""

import logging
import os
import socket
import threading
import time

import uvicorn

from sync.server.settings import ServiceSettings
from sync.server.store import Store
from sync.server.upkeep import prune
from sync.server.web import make_app

READY = "service ready at "
"""Begins the line on standard output that says where the service listens; the address follows."""

_UPKEEP_SECONDS = 3600
_GRACE_SECONDS = 10
_log = logging.getLogger(__name__)


class Upkeep:
    """Prunes once an hour on a thread of its own."""

    def __init__(self, store: Store) -> None:
        self._store = store
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
                prune(self._store, now=time.time_ns() // 1000)
            except Exception:
                _log.exception("upkeep failed; trying again in an hour")


def open_store(settings: ServiceSettings) -> Store:
    """The database, its tables made if it is empty; the data folder is for its owner only."""
    if not settings.database:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = Store(settings.database_url)
    store.ensure_schema()
    return store


def serve(settings: ServiceSettings) -> None:
    """Listen and answer until SIGTERM or Ctrl+C."""
    store = open_store(settings)
    scheme = "https" if settings.tls_cert else "http"
    config = uvicorn.Config(
        make_app(store), log_level="warning", access_log=False, timeout_graceful_shutdown=_GRACE_SECONDS,
        ssl_certfile=settings.tls_cert, ssl_keyfile=settings.tls_key, server_header=False, lifespan="off",
        timeout_keep_alive=75,
    )  # fmt: skip
    listening = _listen(settings.host, settings.port)
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"{READY}{scheme}://{shown}:{port}", flush=True)
    try:
        with Upkeep(store):
            uvicorn.Server(config).run(sockets=[listening])
    finally:
        listening.close()
        store.close()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is said although there is only one: asyncio sets TCP_NODELAY only where it is, and without that every
    # answer waits 40 ms for the desk's delayed acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name != "nt":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening
