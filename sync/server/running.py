"""Runs the service until it is told to stop; what is in hand is finished first."""

import gc
import logging
import os
import socket
import threading
import time

import uvicorn

from db.base import replicated_models
from sync.server.accounts import prune_people
from sync.server.contents import Contents
from sync.server.databases import Stores, open_stores
from sync.server.fields import required_types
from sync.server.oauth_endpoints import SERVICE_KEY
from sync.server.service_key import open_service_key
from sync.server.settings import READY, ServiceSettings
from sync.server.upkeep import prune
from sync.server.web import make_app

_UPKEEP_SECONDS = 3600
_GRACE_SECONDS = 10
_log = logging.getLogger(__name__)


class Upkeep:
    """Prunes once an hour on a thread of its own."""

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
                for store in self._stores.every():
                    prune(store, now=time.time_ns() // 1000)
                    prune_people(store, now=time.time_ns() // 1000)
                self._contents.drop_orphans(now=time.time_ns() // 1000)
            except Exception:
                _log.exception("upkeep failed; trying again in an hour")


def warm_up() -> None:
    """Do before the first request what it would otherwise wait for, and spare the collector what never goes away.

    A push makes tens of thousands of short-lived values in one go: looking through all of them every 700 costs a
    sixth of the time.
    """
    for table in replicated_models():
        required_types(table)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def serve(settings: ServiceSettings) -> None:
    """Listen and answer until SIGTERM or Ctrl+C."""
    store = open_stores(settings)
    contents = Contents(store, folder=settings.contents_folder)
    warm_up()
    scheme = "https" if settings.tls_cert else "http"
    config = uvicorn.Config(
        make_app(store, contents=contents, extra={SERVICE_KEY: open_service_key(settings.data)}), log_level="warning", access_log=False,
        timeout_graceful_shutdown=_GRACE_SECONDS, ssl_certfile=settings.tls_cert, ssl_keyfile=settings.tls_key,
        server_header=False, lifespan="off", timeout_keep_alive=75,
    )  # fmt: skip
    listening = _listen(settings.host, settings.port)
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    print(f"{READY}{scheme}://{shown}:{port}", flush=True)
    try:
        with Upkeep(store, contents):
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
        listening.listen(socket.SOMAXCONN)  # before the address is announced: from then on nobody is turned away
    except OSError:
        listening.close()
        raise
    return listening
