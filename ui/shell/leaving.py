"""Closing the window at the end of the day: says what has not reached the centre."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtWidgets import QWidget

from app.runtime.language import tr, tr_noop, trn
from sync.client.errors import sentences
from ui.kit import formats
from ui.kit.dialogs import ask
from ui.shell.ports import SyncStatus


def leaving_text(status: SyncStatus, now: datetime) -> str:
    """What is unsent, how old it is, and what becomes of it."""
    said = [trn("{n} change has not been sent to the centre.", "{n} changes have not been sent to the centre.",
                status.unsent)]  # fmt: skip
    if status.oldest_unsent_at is not None:
        age = formats.duration((now - status.oldest_unsent_at).total_seconds())
        said.append(tr("The oldest has waited for {span}.", span=age))
    if status.offline_since is not None or not status.connected:
        said.append(tr("The centre cannot be reached just now."))
    said.append(tr("They are kept on this computer and sent when Forecourt is opened here again; until then nobody "
                   "else sees them."))  # fmt: skip
    return sentences(said)


def ask_to_leave(window: QWidget, status: SyncStatus, *, now: datetime, on_leave: Callable[[], object]) -> None:
    """Whether to close all the same."""
    ask(
        window, title=tr_noop("Close with unsent changes?"), text=lambda: leaving_text(status, now),
        verb=tr_noop("Close all the same"), on_yes=on_leave,
    )  # fmt: skip
