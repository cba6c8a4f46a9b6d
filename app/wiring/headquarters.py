"""The line of the person at this desk to headquarters: one for each person, gone when another one sits down."""

import os
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from app.kernel.errors import PermissionDenied
from app.kernel.permissions import Permission
from app.wiring.desk import Desk

if TYPE_CHECKING:
    from sync.client.headquarters import HeadquartersSession
    from sync.client.transport import HttpTransport


class Line(Protocol):
    """The part of the link to the centre that is needed here."""

    def transport(self) -> "HttpTransport":
        """Raises NotEnrolled where no service is set up."""


def open_in_browser(address: str) -> bool:
    """Open a page in the browser of this computer; False where there is none with a window."""
    import webbrowser

    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        return webbrowser.open(address)
    except webbrowser.Error:
        return False


class HeadquartersDoor:
    """`ui.headquarters.ports.HeadquartersPort` on a desk."""

    def __init__(self, desk: Desk, line: Line, *, open_page: Callable[[str], bool] = open_in_browser) -> None:
        self._desk, self._line = desk, line
        self.open_page = open_page
        self._lock = threading.Lock()
        self._owner = ""
        self._session: HeadquartersSession | None = None

    @property
    def is_signed_in(self) -> bool:
        """See `HeadquartersPort`."""
        with self._lock:
            session, owner = self._session, self._owner
        return (
            session is not None and self._desk.signed_in and owner == self._desk.actor.staff_id
            and session.is_signed_in
        )  # fmt: skip

    def can_stay(self) -> bool:
        """See `HeadquartersPort`."""
        from app.runtime import secrets

        return secrets.keyring_problem() is None

    def resume(self) -> bool:
        """See `HeadquartersPort`."""
        return self._of_person().resume()

    def sign_in(self, progress: Callable[[str, float | None], None], *, stay: bool) -> None:
        """See `HeadquartersPort`."""
        self._of_person().sign_in(self.open_page, progress, stay=stay)

    def begin_by_hand(self, *, stay: bool) -> str:
        """See `HeadquartersPort`."""
        return self._of_person().begin_by_hand(stay=stay)

    def finish_by_hand(self, code: str) -> None:
        """See `HeadquartersPort`."""
        self._of_person().finish_by_hand(code)

    def sign_out(self) -> None:
        """See `HeadquartersPort`."""
        self._of_person().sign_out()

    def ask(self, question: str, **message: Any) -> dict[str, Any]:
        """See `HeadquartersPort`."""
        return self._of_person().ask(question, **message)

    def leave(self) -> None:
        """Somebody else sits down: what was held for the one before is forgotten here."""
        with self._lock:
            self._owner, self._session = "", None

    def _of_person(self) -> "HeadquartersSession":
        """The session of whoever is signed in at this desk. Raises PermissionDenied."""
        from sync.client.headquarters import HeadquartersSession, KeyringTokens

        actor = self._desk.actor
        if not actor.may(Permission.HEADQUARTERS_VIEW):
            raise PermissionDenied(permission=Permission.HEADQUARTERS_VIEW.value)
        with self._lock:
            if self._session is None or self._owner != actor.staff_id:
                keeper = KeyringTokens(f"{self._desk.profile.root}:{actor.staff_id}")
                self._session, self._owner = HeadquartersSession(self._line.transport, keeper=keeper), actor.staff_id
            return self._session
