"""What stands in the database, for Prometheus: asked at most once a minute, however often somebody looks."""

import threading
import time
from collections.abc import Iterator
from typing import Any

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector

from sync.protocol.versions import PROTOCOL_VERSION, SCHEMA_VERSION
from sync.server import schema
from sync.server.databases import Stores
from sync.server.store import Store, StoreUnavailable

_FRESH_SECONDS = 60.0
_SEEN_SECONDS = 24 * 3600
_DESKS = (
    "SELECT tenant_id, count(*), sum(CASE WHEN last_seen_at >= ? THEN 1 ELSE 0 END), min(last_seen_at) FROM device"
    " WHERE revoked_at IS NULL GROUP BY tenant_id"
)
_LAG = (
    "SELECT c.tenant_id, max(s.head - c.seq) FROM device_cursor c JOIN sync_scope s ON s.tenant_id = c.tenant_id"
    " AND s.scope = c.scope JOIN device d ON d.tenant_id = c.tenant_id AND d.device_id = c.device_id"
    " WHERE d.revoked_at IS NULL GROUP BY c.tenant_id"
)
_CONFLICTS = (
    "SELECT tenant_id, count(*) FROM replica_row WHERE table_name = 'sales_order' AND deleted = 0 AND body LIKE ?"
    " GROUP BY tenant_id"
)
_IN_CONFLICT = '%"claim_state":"conflict"%'
_QUARANTINED = "SELECT tenant_id, count(*) FROM quarantined_operation GROUP BY tenant_id"
_EPOCHS = "SELECT tenant_id, epoch FROM tenant"


class DatabaseGauges(Collector):
    """Desks, lag, conflicts, quarantine and epochs of each group."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._lock = threading.Lock()
        self._asked = -_FRESH_SECONDS
        self._told: list[Any] = []

    def describe(self) -> list[Any]:
        return []

    def collect(self) -> Iterator[Any]:
        with self._lock:
            if time.monotonic() - self._asked >= _FRESH_SECONDS:
                self._told = self._ask()
                self._asked = time.monotonic()
        yield from self._told
        build = InfoMetricFamily("forecourt_build", "What is running")
        versions = {"protocol": PROTOCOL_VERSION, "schema": SCHEMA_VERSION, "database": schema.HEAD}
        build.add_metric([], {name: str(version) for name, version in versions.items()})
        yield build

    def _ask(self) -> list[Any]:
        known = GaugeMetricFamily("forecourt_desks", "Desks that are not shut out", labels=["tenant"])
        seen = GaugeMetricFamily("forecourt_desks_seen", "Desks that pushed within a day", labels=["tenant"])
        oldest = GaugeMetricFamily(
            "forecourt_desk_silent_seconds", "Time since the desk that is silent longest pushed", labels=["tenant"]
        )
        lag = GaugeMetricFamily("forecourt_desk_lag_rows", "Rows the slowest desk has not read", labels=["tenant"])
        conflicts = GaugeMetricFamily("forecourt_conflicts_open", "Orders that lost their vehicle", labels=["tenant"])
        quarantined = GaugeMetricFamily("forecourt_quarantined", "Operations set aside", labels=["tenant"])
        epochs = InfoMetricFamily("forecourt_epoch", "The epoch of each group", labels=["tenant"])
        answers = GaugeMetricFamily("forecourt_database_up", "Whether the database answers", labels=["database"])
        now = time.time()
        for place, store in enumerate(self._stores.every()):
            try:
                with store.read() as connection:
                    since = int((now - _SEEN_SECONDS) * 1_000_000)
                    for tenant, count, recent, last in store.run(connection, _DESKS, (since,)):
                        known.add_metric([tenant], count)
                        seen.add_metric([tenant], recent)
                        oldest.add_metric([tenant], max(0.0, now - last / 1_000_000))
                    self._fill(store, connection, lag, _LAG)
                    self._fill(store, connection, conflicts, _CONFLICTS, _IN_CONFLICT)
                    self._fill(store, connection, quarantined, _QUARANTINED)
                    for tenant, epoch in store.run(connection, _EPOCHS):
                        epochs.add_metric([tenant], {"epoch": epoch})
                answers.add_metric([str(place)], 1)
            except StoreUnavailable:
                answers.add_metric([str(place)], 0)
        return [known, seen, oldest, lag, conflicts, quarantined, epochs, answers]

    @staticmethod
    def _fill(store: Store, connection: Any, family: GaugeMetricFamily, statement: str, *values: Any) -> None:
        for tenant, value in store.run(connection, statement, values):
            family.add_metric([tenant], float(value or 0))
