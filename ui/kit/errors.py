"""The one funnel: every error a job did not handle itself ends here, and each kind is said in its own way.

A `DomainError` stands beside the field it names, else in the nearest message bar. A fault of the surroundings (disk
full, read-only, no network) is a notification that offers to try again. Anything else is a bug: dialog and log.
"""

import errno
import logging
import sys
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from PySide6.QtCore import QObject, qVersion

from app.kernel.errors import DomainError
from app.runtime.language import language, tr, tr_noop
from ui.kit.context import Notifications

log = logging.getLogger(__name__)

DISK_FULL = tr_noop("The disk is full, so nothing was saved. Free some space, then try again.")
READ_ONLY = tr_noop("This folder cannot be written to, so nothing was saved. Ask for write access, then try again.")
NO_NETWORK = tr_noop("The central service cannot be reached. Your work is kept here; try again later.")
DAMAGED = tr_noop("The database file is damaged. Stop working and restore the latest backup.")
TRY_AGAIN = tr_noop("Try again")

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_PHRASES = (
    ("database or disk is full", DISK_FULL),
    ("readonly database", READ_ONLY),
    ("unable to open database file", READ_ONLY),
    ("disk image is malformed", DAMAGED),
    ("disk i/o error", DISK_FULL),
)


@runtime_checkable
class ShowsErrors(Protocol):
    """A form or page: shows a worded error if it has a place for it and says whether it had."""

    def show_error(self, error: Any) -> bool: ...


def environment_message(error: BaseException) -> str | None:
    """What to tell people about a fault of the surroundings; None where it is not one (so: a bug)."""
    for link in _causes(error):
        worded = getattr(link, "text", None)
        if isinstance(worded, str) and isinstance(getattr(link, "code", None), str):
            return worded_message(link)
        if isinstance(link, OSError) and link.errno in _DISK_FULL:
            return DISK_FULL
        if isinstance(link, PermissionError) or (isinstance(link, OSError) and link.errno in _READ_ONLY):
            return READ_ONLY
        if isinstance(link, ConnectionError | TimeoutError) or type(link).__module__.startswith("requests"):
            return NO_NETWORK
        kinds = {kind.__name__ for kind in type(link).__mro__}
        if kinds & {"OperationalError", "DatabaseError"}:  # by name: drivers are not imported for this
            said = str(link).lower()
            for phrase, message in _PHRASES:
                if phrase in said:
                    return message
    return None


def worded_message(error: BaseException) -> str:
    """The words of an error that brings its own (`code`, `text`, perhaps `message()`), in the language in use."""
    message = getattr(error, "message", None)
    said: str = message() if callable(message) else tr(error.text)  # type: ignore[attr-defined]
    return said


def reference_of(error: BaseException) -> str:
    """The id of the request to the service that failed, which also stands in the service's log; "" without one."""
    named = (getattr(one, "request_id", "") for one in _causes(error))
    return next((str(request_id) for request_id in named if request_id), "")


def _causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain and len(chain) < 10:
        chain.append(link)
        link = link.__cause__ or link.__context__
    return chain


def debug_text(error: BaseException) -> str:
    """What to send to support: where it went wrong and on what, without the values people typed.

    Messages of exceptions may quote a customer's data, so only their types and the code's places are given.
    """
    import platform
    import traceback

    lines = [
        f"Forecourt on Python {platform.python_version()}, Qt {qVersion()}, {platform.system()} "
        f"{platform.machine()}, {language()}",
    ]
    reference = reference_of(error)
    if reference:
        lines.append(f"request {reference}")
    for link in reversed(_causes(error)):
        lines.append(f"{type(link).__module__}.{type(link).__qualname__}")
        for frame in traceback.extract_tb(link.__traceback__)[-12:]:
            lines.append(f"  {_short_path(frame.filename)}:{frame.lineno} {frame.name}")
    return "\n".join(lines)


def _short_path(path: str) -> str:
    parts = path.replace("\\", "/").split("/")
    for root in ("app", "ui", "db", "sync", "site-packages"):
        if root in parts:
            return "/".join(parts[parts.index(root) :])
    return parts[-1]


class ErrorPresenter(QObject):
    """Says errors to people. The shell gives it the notifications and the bug dialog."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notifications: Notifications | None = None
        self._show_bug: Callable[[str], object] | None = None

    def attach(self, *, notifications: Notifications, show_bug: Callable[[str], object]) -> None:
        """Where notifications go, and what opens the bug dialog with the debug text."""
        self._notifications = notifications
        self._show_bug = show_bug

    def present(
        self,
        error: BaseException,
        *,
        parent: QObject | None = None,
        retry: Callable[[], object] | None = None,
    ) -> None:
        """Show the error in the place that fits it; `retry` is offered where trying again can help."""
        if isinstance(error, DomainError) or getattr(error, "field", None):
            self._present_worded(error, parent)
            return
        message = environment_message(error)
        if message is not None:
            reference = reference_of(error)
            log.warning("environment: %s %s", type(error).__name__, reference)
            if reference:
                message = f"{message}\n{tr('Reference: {id}', id=reference)}"
            self._notify(message, retry)
            return
        self._present_bug(error)

    def _present_worded(self, error: BaseException, parent: QObject | None) -> None:
        place = parent
        while place is not None:
            if isinstance(place, ShowsErrors) and place.show_error(error):
                return
            place = place.parent()
        self._notify(lambda: worded_message(error), None)

    def _notify(self, text: str | Callable[[], str], retry: Callable[[], object] | None) -> None:
        if self._notifications is not None:
            action = TRY_AGAIN if retry is not None else None
            self._notifications.show(text, tone="bad", action=action, on_action=retry)

    def _present_bug(self, error: BaseException) -> None:
        log.error("unexpected error\n%s", debug_text(error))
        if self._show_bug is not None:
            self._show_bug(debug_text(error))


def install_excepthook(presenter: ErrorPresenter) -> Callable[[], None]:
    """Errors in slots also end in the funnel; returns a function that restores the former hook."""
    former = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: object) -> None:
        if issubclass(kind, KeyboardInterrupt):
            former(kind, error, trace)  # type: ignore[arg-type]
            return
        presenter.present(error)

    sys.excepthook = hook

    def restore() -> None:
        sys.excepthook = former

    return restore
