"""How a group of commands declares them."""

import argparse
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from sync.server.databases import Stores, moved_to, open_stores
from sync.server.devices import DEFAULT_TENANT
from sync.server.invariants import tenants_in
from sync.server.settings import ServiceSettings
from sync.server.store import Store

Run = Callable[[argparse.Namespace, ServiceSettings], int]


class Subcommands:
    """The commands of the service, with the options they share."""

    def __init__(self, parser: argparse.ArgumentParser) -> None:
        self._commands = parser.add_subparsers(dest="command", metavar="COMMAND")
        self._common = argparse.ArgumentParser(add_help=False)
        self._common.add_argument(
            "--database", default=os.environ.get("FORECOURT_SERVICE_DATABASE", ""), metavar="URL",
            help="postgresql://user:password@host/name; without it a SQLite file in the data folder",
        )  # fmt: skip
        self._common.add_argument(
            "--data", type=Path, default=Path(os.environ.get("FORECOURT_SERVICE_DATA", "service-data")),
            metavar="DIR", help="the data folder",
        )  # fmt: skip
        self._common.add_argument(
            "--tenants", type=Path, default=os.environ.get("FORECOURT_SERVICE_TENANTS") or None, metavar="FILE",
            help="says which groups live in which other databases (JSON; see docs/scaling.md)",
        )  # fmt: skip
        self._tenant = argparse.ArgumentParser(add_help=False)
        self._tenant.add_argument("--tenant", default=DEFAULT_TENANT, help="the dealer group (default: %(default)s)")

    def command(self, name: str, run: Run, *, help: str, tenant: bool = False) -> argparse.ArgumentParser:
        """A command; `tenant` gives it the option of that name: one dealer group."""
        parents = [self._common, self._tenant] if tenant else [self._common]
        parser = self._commands.add_parser(name, parents=parents, help=help)
        parser.set_defaults(run=run)
        return parser

    @property
    def names(self) -> frozenset[str]:
        """All commands declared."""
        return frozenset(self._commands.choices)


def open_present(settings: ServiceSettings) -> Stores:
    """The databases of a service that is there. Raises ValueError where none is: a mistyped folder would otherwise be
    a new, empty centre, which is found in good order, and archived as the newest copy."""
    file = settings.data / "service.db"
    if not settings.database and not file.exists():
        raise ValueError(f"there is no database {file}: --data names the service's folder, and `serve` makes a new one")
    return open_stores(settings)


def with_stores(run: Callable[[Stores, argparse.Namespace], int]) -> Run:
    """A command on all databases, which are closed afterwards."""

    def opened(asked: argparse.Namespace, settings: ServiceSettings) -> int:
        stores = open_present(settings)
        try:
            return run(stores, asked)
        finally:
            stores.close()

    return opened


def with_store(run: Callable[[Store, argparse.Namespace], int], *, makes_group: bool = False) -> Run:
    """A command on the database of the group it is about, which is closed afterwards.

    The group has to be there, unless the command `makes_group`.
    """

    def placed(stores: Stores, asked: argparse.Namespace) -> int:
        tenant = getattr(asked, "tenant", "") or DEFAULT_TENANT
        stores.look_again(tenant)
        store = stores.of(tenant)
        place = moved_to(store, tenant)
        if place:
            raise ValueError(
                f"the group {tenant} was moved to the database {place}: give --tenants the file that names it"
            )
        if not makes_group:
            require_group(store, tenant)
        return run(store, asked)

    return with_stores(placed)


def require_group(store: Store, tenant: str) -> None:
    """Raises ValueError where the database has no such dealer group."""
    with store.read() as connection:
        known = tenants_in(store, connection)
    if tenant not in known:
        raise ValueError(no_group(tenant, known))


def no_group(tenant: str, known: Iterable[str]) -> str:
    """That there is no such dealer group, and which there are."""
    return f"no group {tenant}; known: {', '.join(known) or 'none yet'}"


def now() -> int:
    """Microseconds since the epoch."""
    return time.time_ns() // 1000
