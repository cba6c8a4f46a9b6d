"""Carries a command to its handler, once, in a transaction of its own."""

import importlib
import re
from collections.abc import Callable
from typing import Any, TypeVar

from app.kernel.changes import Changes
from app.kernel.clock import Clock, SystemClock
from app.kernel.commands import Command, Handler, Outcome
from app.kernel.errors import PermissionDenied
from app.kernel.permissions import Actor
from app.kernel.unit_of_work import Reader, unit_of_work
from db.caching import cached
from db.engine import Database

T = TypeVar("T")
_UPPER = re.compile(r"(?<!^)(?=[A-Z])")


def command_name(command: type[Command]) -> str:
    """`ConfirmOrder` as `confirm_order`, the name of its handler."""
    return _UPPER.sub("_", command.__name__).lower()


@cached
def handler_of(command: type[Command]) -> Handler:
    """The handler beside the command's module; raises LookupError when there is none or it names no permission.

    `app.orders.commands.ConfirmOrder` is handled by `app.orders.handlers.confirm_order`.
    """
    package, _, module = command.__module__.rpartition(".")
    handlers = importlib.import_module(f"{package}.{module.replace('commands', 'handlers')}")
    handler = getattr(handlers, command_name(command), None)
    if handler is None or not hasattr(handler, "permission"):
        raise LookupError(f"no handler with @requires for {command.__qualname__} in {handlers.__name__}")
    return handler  # type: ignore[no-any-return]


class Dispatcher:
    """The one way in: commands to handlers, queries to read sessions."""

    def __init__(self, database: Database, *, clock: Clock | None = None) -> None:
        self.database = database
        self.clock: Clock = clock or SystemClock()

    def execute(self, command: Command, actor: Actor) -> Outcome[Any]:
        """Run one command; raises DomainError or DatabaseProblem with nothing changed."""
        handler = handler_of(type(command))
        permission = handler.permission  # type: ignore[attr-defined]
        if permission is not None and not actor.may(permission):
            raise PermissionDenied(permission=permission.value)
        name = type(command).__name__
        with unit_of_work(self.database, actor=actor, now=self.clock.now()) as (uow, transaction):
            value = handler(command, uow)
            rows = transaction.commit(name=name, reason=uow.reason)
        return Outcome(value, Changes(rows, tuple(uow.events)), uow.undo, name)

    def read(self, function: Callable[..., T], actor: Actor, *args: Any, **kwargs: Any) -> T:
        """Run one query on a snapshot: `function(reader, *args, **kwargs)`."""
        with self.database.read() as session:
            return function(Reader(session, actor=actor, now=self.clock.now()), *args, **kwargs)
