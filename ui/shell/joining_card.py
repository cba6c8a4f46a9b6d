"""On a desk whose branch was not received to the end: goes on where it was, and says how far it is."""

from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QProgressBar, QWidget

from app.runtime.language import tr, tr_noop
from ui.kit.controls import Button, Label
from ui.kit.errors import worded_message
from ui.kit.feedback import MessageBar
from ui.kit.layout import STRETCH, column, row
from ui.kit.operations import Job, Operations
from ui.kit.text import Retranslated
from ui.kit.theme import set_role, set_size
from ui.shell.ports import StartPort

RETRY_MS = 15_000
"""A network that went comes back: a large branch is received over night, when nobody is there to press anything."""


class JoiningCard(Retranslated, QFrame):
    """Begins when it is told to; `done()` when everything is here. Cancelled or failed, it offers to go on."""

    done = Signal()

    def __init__(self, port: StartPort, operations: Operations, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "overlay-card")
        set_size(self, width=560)
        self._port, self._operations = port, operations
        self._job: Job | None = None
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.say = Label("", role="secondary", wrap=True)
        set_size(self.say, height=36, at_least=True)
        self.message = MessageBar()
        self.cancel = Button(tr_noop("Cancel"), on_click=self._stop)
        self.go = Button(tr_noop("Go on"), kind="primary", on_click=self.begin)
        explanation = tr_noop(
            "Receiving this desk's branch was interrupted. It goes on where it was: what is here already is not "
            "received again."
        )
        self.setLayout(
            column(
                Label(tr_noop("Receiving the branch's data"), role="section"),
                Label(explanation, role="secondary", wrap=True), 8, self.bar, self.say, self.message,
                row(STRETCH, self.cancel, self.go), margins=24,
            )
        )  # fmt: skip
        self.again = QTimer(self)
        self.again.setSingleShot(True)
        self.again.setInterval(RETRY_MS)
        self.again.timeout.connect(self.begin)
        self._show_running(False)
        self.retranslate()

    def begin(self) -> None:
        """Go on receiving."""
        self.again.stop()
        self.message.clear()
        self.say.set_words(tr_noop("Looking at what is here already"))
        self.bar.setRange(0, 0)
        self._show_running(True)
        self._job = job = self._operations.run_long(
            self, self._port.finish_joining, title=tr_noop("Receiving the branch's data"),
            on_done=lambda _nothing: self.done.emit(), on_error=self._on_failed, writes=True,
        )  # fmt: skip
        job.progressed.connect(self._on_progressed)
        job.finished.connect(lambda: self._on_finished(job))
        if job.latest is not None:  # it was quicker than this
            self._on_progressed(*job.latest)

    def _show_running(self, running: bool) -> None:
        self.cancel.setVisible(running)
        self.cancel.setEnabled(running)
        self.go.setVisible(not running)
        self.bar.setVisible(running)
        self.say.setVisible(running)
        # The button in sight may only take the focus once it is shown.
        QTimer.singleShot(0, self, (self.cancel if running else self.go).setFocus)

    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self.cancel.setEnabled(False)

    def _on_progressed(self, message: str, fraction: float | None) -> None:
        self.say.set_words(message)
        self.bar.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self.bar.setValue(round(fraction * 1000))

    def _on_failed(self, error: BaseException) -> bool:
        self._show_running(False)
        if getattr(error, "code", None) is None:
            return False
        if getattr(error, "passing", False):
            self.message.show_warning(lambda: _passing_words(error))
            self.again.start()
        else:
            self.message.show_error(lambda: worded_message(error))
        return True

    def _on_finished(self, job: Job) -> None:
        if job.cancelled and self._job is job:
            self._show_running(False)
            self.message.show_info(tr_noop("Interrupted. What was received by now is kept."))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.again.stop()

    def retranslate(self) -> None:
        self.bar.setAccessibleName(tr("Receiving the branch's data"))


def _passing_words(error: Any) -> str:
    """What is wrong, and what becomes of it here: nobody works at this desk yet."""
    return "\n".join(
        (tr(error.text, **error.params), tr("What was received by now is kept. It is tried again by itself."))
    )
