"""What stands in the database, for Prometheus: asked at most once a minute, however often somebody looks."""

import threading
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector

from sync.protocol.versions import PROTOCOL_VERSION, SCHEMA_VERSION
from sync.server import schema
from sync.server.administration_views import is_replaced
from sync.server.databases import Stores
from sync.server.devices import NO_KEY
from sync.server.store import Store, StoreUnavailable

_FRESH_SECONDS = 60.0
_SEEN_SECONDS = 24 * 3600
_DESKS = (
    "SELECT d.tenant_id, d.last_seen_at, v.seen_at, c.seen_at, c.lag, (SELECT min(r.enrolled_at) FROM device r"
    " WHERE r.tenant_id = d.tenant_id AND r.replaces = d.device_id) FROM device d"
    " LEFT JOIN device_visit v ON v.tenant_id = d.tenant_id AND v.device_id = d.device_id"
    " LEFT JOIN (SELECT k.tenant_id, k.device_id, max(k.seen_at) AS seen_at, max(s.head - k.seq) AS lag"
    " FROM device_cursor k JOIN sync_scope s ON s.tenant_id = k.tenant_id AND s.scope = k.scope"
    " GROUP BY k.tenant_id, k.device_id) c ON c.tenant_id = d.tenant_id AND c.device_id = d.device_id"
    f" WHERE d.revoked_at IS NULL AND d.key_hash <> '{NO_KEY}'"
)
_CONFLICTS = "SELECT tenant_id, count(*) FROM claim_conflict GROUP BY tenant_id"
_QUARANTINED = "SELECT tenant_id, count(*) FROM quarantined_operation GROUP BY tenant_id"
_EPOCHS = "SELECT tenant_id, epoch FROM tenant"


class _Desk(NamedTuple):
    """When a desk was there last, in seconds since the epoch, and how many rows it had not read."""

    seen: float
    lag: int


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
        seen = GaugeMetricFamily("forecourt_desks_seen", "Desks that were there within a day", labels=["tenant"])
        oldest = GaugeMetricFamily(
            "forecourt_desk_silent_seconds", "Time since the desk that is silent longest was there", labels=["tenant"]
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
                    for tenant, group in self._desks(store, connection).items():
                        known.add_metric([tenant], len(group))
                        seen.add_metric([tenant], sum(now - one.seen < _SEEN_SECONDS for one in group))
                        oldest.add_metric([tenant], max(0.0, now - min(one.seen for one in group)))
                        lag.add_metric([tenant], max(one.lag for one in group))
                    self._fill(store, connection, conflicts, _CONFLICTS)
                    self._fill(store, connection, quarantined, _QUARANTINED)
                    for tenant, epoch in store.run(connection, _EPOCHS):
                        epochs.add_metric([tenant], {"epoch": epoch})
                answers.add_metric([str(place)], 1)
            except StoreUnavailable:
                answers.add_metric([str(place)], 0)
        return [known, seen, oldest, lag, conflicts, quarantined, epochs, answers]

    @staticmethod
    def _desks(store: Store, connection: Any) -> dict[str, list[_Desk]]:
        """The desks at work by group: neither those shut out nor former identities of desks."""
        found: dict[str, list[_Desk]] = {}
        for tenant, pushed, visited, read, lag, replaced_at in store.run(connection, _DESKS):
            seen = max(pushed, visited or 0, read or 0)
            if not is_replaced(seen, replaced_at):
                found.setdefault(tenant, []).append(_Desk(seen / 1_000_000, max(0, lag or 0)))
        return found

    @staticmethod
    def _fill(store: Store, connection: Any, family: GaugeMetricFamily, statement: str, *values: Any) -> None:
        for tenant, value in store.run(connection, statement, values):
            family.add_metric([tenant], float(value or 0))
