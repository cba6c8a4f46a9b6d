"""A user's action as a value: built by a page, carried to the writer, executed once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from app.kernel.changes import Changes
from app.kernel.permissions import Permission

T = TypeVar("T")
Handler = Callable[[Any, Any], Any]
H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Base of all commands: frozen dataclasses named in the imperative, fields in the trade's terms."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What a command returned, what it changed, and the command that would undo it (None where nothing may)."""

    value: T
    changes: Changes
    undo: Command | None = None
    name: str = ""
    warnings: tuple[str, ...] = field(default=())


def requires(permission: Permission | None) -> Callable[[H], H]:
    """Declare the permission a handler needs; the dispatcher refuses to run a handler without this mark.

    None is for the few commands anyone signed in may give (changing one's own password).
    """

    def mark(handler: H) -> H:
        handler.permission = permission  # type: ignore[attr-defined]
        return handler

    return mark
