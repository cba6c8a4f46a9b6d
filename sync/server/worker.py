"""One process that answers requests: alone, or one of several that share a listening socket."""

import atexit
import gc
from datetime import UTC, datetime
from functools import partial
from typing import Any

import uvicorn

from db.base import replicated_models
from sync.server import logs
from sync.server.allowances import Allowances, unlimited
from sync.server.connections import AT_ONCE, HEAD_BYTES, KEEP_ALIVE_SECONDS, PatientProtocol, tls_context
from sync.server.contents import Contents
from sync.server.databases import open_stores
from sync.server.fields import required_types
from sync.server.oauth_endpoints import SERVICE_KEY
from sync.server.outside_list_endpoints import LIST_NETWORKS
from sync.server.service_key import ServiceKey, open_service_key
from sync.server.settings import ServiceSettings
from sync.server.signing_endpoints import PUBLIC_URL
from sync.server.stopping import GRACE_SECONDS
from sync.server.time_stamp_keys import StampKeys
from sync.server.web import make_app


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


def application(settings: ServiceSettings) -> Any:
    """The application of one process, with database connections of its own."""
    logs.set_up(form=settings.log_format, level=settings.log_level)
    stores = open_stores(settings)
    # The last one to close a SQLite file writes its log into it: what a stopped service leaves is whole in one file.
    atexit.register(stores.close)
    key = open_service_key(settings.data)
    StampKeys(stores.every()[0], key).authority(now=datetime.now(UTC))  # made at the first start
    app = make_app(
        stores, contents=Contents(stores, folder=settings.contents_folder), extra=_known_to_all(settings, key),
        allowances=Allowances() if settings.rate_limits else unlimited(),
    )  # fmt: skip
    warm_up()
    return app


def _known_to_all(settings: ServiceSettings, key: ServiceKey) -> dict[str, Any]:
    """What endpoints need besides the parts."""
    return {SERVICE_KEY: key, PUBLIC_URL: settings.public_url, LIST_NETWORKS: settings.revocation_networks}


def config_for(settings: ServiceSettings) -> uvicorn.Config:
    """How uvicorn serves it. The application is made in the process that serves."""
    return uvicorn.Config(
        partial(application, settings), factory=True, workers=settings.workers,
        log_config=None, access_log=False, server_header=False, lifespan="off",
        http=PatientProtocol, ws="none", h11_max_incomplete_event_size=HEAD_BYTES,
        limit_concurrency=AT_ONCE, timeout_keep_alive=KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_worker_healthcheck=30,
        # Without being told so, nobody is believed: uvicorn by itself believes everyone on the same machine.
        proxy_headers=bool(settings.behind_proxy), forwarded_allow_ips=settings.behind_proxy or None,
        root_path=settings.root_path.rstrip("/"),
        ssl_certfile=settings.tls_cert, ssl_keyfile=settings.tls_key,
        ssl_context_factory=tls_context if settings.tls_cert else None,
    )  # fmt: skip
