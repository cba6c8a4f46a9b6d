"""The metrics on an address of their own: not public, not in the way of desks, and nothing to be signed in for.

The usual place is the loopback address or a network only the monitoring reaches: a firewall can tell the two ports
apart, and no secret lies about in the monitoring's configuration.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from wsgiref.simple_server import WSGIServer

from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from sync.server.databases import Stores
from sync.server.gauges import DatabaseGauges

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_MOST_PORT = 65535


@contextmanager
def shared_folder(*, workers: int) -> Iterator[Path | None]:
    """Where several workers write their numbers; set up before they start, gone afterwards. None for a single one."""
    if workers <= 1:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="forecourt-metrics-"))
    os.environ[FOLDER_VARIABLE] = str(folder)
    try:
        yield folder
    finally:
        del os.environ[FOLDER_VARIABLE]
        shutil.rmtree(folder, ignore_errors=True)


def forget_worker(folder: Path | None, pid: int) -> None:
    """A worker has ended: what it has in hand is over, what it counted stays."""
    if folder is not None:
        mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]


@contextmanager
def metrics_page(place: str, stores: Stores, folder: Path | None) -> Iterator[str]:
    """Serves `/metrics` at `HOST:PORT`; gives the address, empty for none. Raises OSError, ValueError."""
    if not place:
        yield ""
        return
    host, _, port = place.rpartition(":")
    if not host or not port.isdigit() or int(port) > _MOST_PORT:
        raise ValueError(f"--metrics takes HOST:PORT, not {place}")
    registry = REGISTRY
    gauges = DatabaseGauges(stores)
    if folder is not None:
        registry = CollectorRegistry()
        MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]
    with ExitStack() as stack:
        registry.register(gauges)
        stack.callback(registry.unregister, gauges)
        server, thread = _started(host.strip("[]"), int(port), registry)
        stack.callback(thread.join)
        stack.callback(server.server_close)
        stack.callback(server.shutdown)
        yield f"http://{host}:{server.server_port}/metrics"


def _started(host: str, port: int, registry: CollectorRegistry) -> tuple[WSGIServer, Thread]:
    try:
        return start_http_server(port, host, registry)
    except OSError as error:
        reason = error.strerror or error
        raise OSError(f"cannot show metrics on {host} port {port}: {reason}; --metrics says where") from error
