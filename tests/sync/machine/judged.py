"""Real desks and a real service as the oracle looks at them, once everything that went wrong is over."""

from collections.abc import Mapping
from typing import Any

from sync.client.errors import SyncProblem
from sync.server.devices import DEFAULT_TENANT, list_devices
from sync.server.store import Store
from sync.server.upkeep import check
from tests.sync.desks import Desk

Begins = dict[str, tuple[int, str]]


class JudgedStation:
    """A desk that talks to the service over HTTP."""

    def __init__(self, desk: Desk, begins: Begins) -> None:
        self.name, self.desk = desk.name, desk
        self.transport: Any = desk.engine.transport
        self.transport.begins = begins

    @property
    def device_id(self) -> str:
        """The identity it speaks with."""
        return str(self.transport.credentials.load().device_id)


class JudgedCentre:
    """The database of a service that runs."""

    pruned = False

    def __init__(self, url: str) -> None:
        self.store = Store(url, pool=2)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read with plain SQL."""
        with self.store.read() as connection:
            return [tuple(row) for row in self.store.run(connection, statement, values)]

    def findings(self) -> list[Any]:
        """What the service's own check finds wrong."""
        return list(check(self.store))

    def devices(self) -> list[Any]:
        """All identities ever given."""
        return list_devices(self.store, DEFAULT_TENANT)


class Judged:
    """What `oracle.judge` takes; `orders` are those a desk has said to have committed."""

    def __init__(self, store_url: str, stations: Mapping[str, JudgedStation], orders: dict[str, str]) -> None:
        self.centre = JudgedCentre(store_url)
        self.stations, self.orders = stations, orders

    def settle(self) -> None:
        """Everybody meets the centre until nobody has anything new."""
        for _ in range(3):
            for station in self.stations.values():
                try:
                    station.desk.sync()
                except SyncProblem as problem:
                    raise AssertionError(f"{station.name} cannot agree: {problem} {problem.detail}") from problem

    def close(self) -> None:
        for station in self.stations.values():
            station.transport.close()
            station.desk.database.close()
        self.centre.store.close()
