"""What a page is given when it is made, and the small interfaces behind it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from app.kernel.clock import Clock
from app.kernel.permissions import Actor, Permission
from ui.kit.scanner import Scanner
from ui.kit.text import Words

if TYPE_CHECKING:
    from ui.kit.actions import ActionRegistry
    from ui.kit.operations import Operations
    from ui.kit.theme import Theme


class Navigator(Protocol):
    """How a page sends people to another page."""

    def open(self, page_key: str, /, **params: Any) -> None:
        """Open a registered page; unknown keys and missing permission are said in a notification."""

    def back(self) -> None:
        """Return to the page before."""


class Drafts(Protocol):
    """Half-typed forms, kept for their owner. The kit calls these on worker threads, never on the GUI thread."""

    def save(self, form_key: str, payload: dict[str, Any]) -> None: ...

    def load(self, form_key: str) -> dict[str, Any] | None: ...

    def discard(self, form_key: str) -> None: ...


class Notifications(Protocol):
    """Short news that go away by themselves and stay in a list."""

    def show(self, text: Words, *, tone: str = "info", action: Words | None = None, on_action: Any = None) -> None:
        """Say something; `action` with `on_action` adds one verb, such as "Try again"."""


class ViewSettings(Protocol):
    """How somebody left a view: column order and widths, sorting. Small and read on the GUI thread."""

    def load(self, key: str) -> dict[str, Any] | None: ...

    def save(self, key: str, state: dict[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True)
class PageContext:
    """Everything a page may use; nothing else is reachable from it."""

    operations: "Operations"
    navigator: Navigator
    drafts: Drafts
    notifications: Notifications
    theme: "Theme"
    actions: "ActionRegistry"
    views: ViewSettings
    clock: Clock
    scanner: Scanner = field(default_factory=Scanner)

    @property
    def actor(self) -> Actor:
        """Who is signed in now."""
        return self.operations.actor

    def may(self, permission: Permission | None) -> bool:
        """Whether the person signed in may; None is allowed for everybody."""
        return permission is None or self.actor.may(permission)
