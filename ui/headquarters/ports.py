"""What the page asks of the desk. `app.wiring` implements it."""

from typing import Any, Protocol

from ui.kit.operations import Progress


class HeadquartersPort(Protocol):
    """A person's line to headquarters. Every call but the properties is made on a worker thread, and raises a
    SyncProblem or PermissionDenied."""

    @property
    def is_signed_in(self) -> bool:
        """Whether the person at this desk is signed in there, as far as this desk knows."""

    def can_stay(self) -> bool:
        """Whether this computer can keep a sign-in safely."""

    def resume(self) -> bool:
        """Go on with a sign-in that was kept; tells whether there is one."""

    def sign_in(self, progress: Progress, *, stay: bool) -> None:
        """Open the page of the service in the browser, and wait for the person. `progress` raises once cancelled."""

    def begin_by_hand(self, *, stay: bool) -> str:
        """The address to open elsewhere."""

    def finish_by_hand(self, code: str) -> None:
        """The code that was shown there."""

    def sign_out(self) -> None:
        """End it."""

    def ask(self, question: str, **message: Any) -> dict[str, Any]:
        """One of the questions or orders of `docs/sync_protocol.md`, "Headquarters"."""
