"""What the page says: messages in line, skeletons while loading, empty pages that say what to do first."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from app.runtime.language import tr_noop
from ui.kit.controls import Button, IconButton, Label
from ui.kit.layout import STRETCH, row
from ui.kit.operations import Job
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import Themed, set_role, set_size, theme

SKELETON_AFTER_MS = 150
_TONE_ICONS = {"bad": "x-circle", "warn": "alert-triangle", "info": "info", "good": "check-circle"}


class ToneIcon(Themed, QLabel):
    """The icon of a tone, in its colour."""

    def __init__(self, tone: str = "info", *, size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone, self._size, self._name = tone, size, ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.restyle()

    def set_tone(self, tone: str, name: str = "") -> None:
        """Another tone; `name` for another icon than the tone's usual one."""
        self._tone, self._name = tone, name
        self.restyle()

    def restyle(self) -> None:
        side = theme().px(self._size)
        token = "muted" if self._tone == "neutral" else self._tone
        icon = theme().icon(self._name or _TONE_ICONS.get(self._tone, "info"), token)
        self.setPixmap(icon.pixmap(QSize(side, side), self.devicePixelRatioF()))
        self.setFixedSize(side, side)


class MessageBar(Retranslated, QFrame):
    """One message in the page, in line, until it is closed or mended. Never covers anything."""

    closed = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: Words = ""
        self.tone = "info"
        self._icon = ToneIcon()
        self._text = Label("", wrap=True)
        self._action = Button("", kind="quiet")
        self._close = IconButton("x", tr_noop("Close message"), on_click=self.clear)
        self._on_action: Callable[[], object] | None = None
        self._action.clicked.connect(self._run_action)
        line = row(self._icon, self._text, self._action, self._close, margins=(12, 8, 8, 8))
        line.setStretchFactor(self._text, 1)
        self.setLayout(line)
        self.hide()

    def show_error(self, text: Words) -> None:
        """Something is wrong: what, and what to do next."""
        self.show_message(text, tone="bad")

    def show_warning(self, text: Words) -> None:
        """Something deserves attention."""
        self.show_message(text, tone="warn")

    def show_info(self, text: Words) -> None:
        """Good to know."""
        self.show_message(text, tone="info")

    def show_good(self, text: Words) -> None:
        """Something worked."""
        self.show_message(text, tone="good")

    def show_message(
        self,
        text: Words,
        *,
        tone: str,
        action: Words | None = None,
        on_action: Callable[[], object] | None = None,
    ) -> None:
        """Show a message in a tone, with one verb if `action` is given."""
        self._words, self.tone = text, tone
        self._on_action = on_action
        set_role(self, "message", tone=tone)
        self._icon.set_tone(tone)
        self._action.setVisible(action is not None)
        if action is not None:
            self._action.set_words(action)
        self.retranslate()
        self.show()

    def clear(self) -> None:
        """Take the message away."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def text(self) -> str:
        """What it says; empty when hidden."""
        return "" if self.isHidden() else self._text.text()

    def _run_action(self) -> None:
        run = self._on_action
        self.clear()
        if run is not None:
            run()

    def retranslate(self) -> None:
        self._text.set_text(words(self._words))
        self.setAccessibleName(words(self._words))


_HINT_WIDTH, _LEAST_WIDTH = 360, 200


class EmptyState(Retranslated, QWidget):
    """An empty page: what would stand here, and the first thing to do."""

    def __init__(
        self,
        title: Words,
        hint: Words = "",
        *,
        icon: str = "inbox",
        action: Button | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, "empty")
        self._picture = ToneIcon("neutral", size=32)
        self._picture.set_tone("neutral", icon)
        self._title = Label(title, role="section")
        self._hint = Label(hint, role="secondary", wrap=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._hint.setFixedWidth(theme().px(_HINT_WIDTH))
        stack = QVBoxLayout(self)
        stack.setSpacing(theme().px(8))
        stack.addStretch(2)
        middle = Qt.AlignmentFlag.AlignHCenter
        stack.addWidget(self._picture, 0, middle)
        stack.addWidget(self._title, 0, middle)
        stack.addLayout(row(STRETCH, self._hint, STRETCH))  # an aligned label would be one line high however it wraps
        if action is not None:
            stack.addWidget(action, 0, middle)
        stack.addStretch(3)

    def minimumSizeHint(self) -> QSize:
        """What stands beside it may take most of the room: the hint is then broken into more lines."""
        return QSize(theme().px(_LEAST_WIDTH), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._hint.setFixedWidth(min(theme().px(_HINT_WIDTH), self.width()))

    def set_words(self, title: Words, hint: Words = "") -> None:
        """Say something else."""
        self._title.set_words(title)
        self._hint.set_words(hint)


class Skeleton(QWidget):
    """Grey bars where rows or facts are about to stand; appears only when a wait passes 150 ms."""

    def __init__(self, *, rows: int = 6, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self._drawn = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SKELETON_AFTER_MS)
        self._timer.timeout.connect(self._draw_now)

    def start(self) -> None:
        """Something is loading from now on."""
        self._drawn = False
        self.show()
        self._timer.start()

    def stop(self) -> None:
        """It is there."""
        self._timer.stop()
        self._drawn = False
        self.hide()

    def _draw_now(self) -> None:
        self._drawn = True
        self.update()

    def paintEvent(self, _event: QEvent) -> None:
        if not self._drawn:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("skeleton"))
        step, bar = theme().row_height, theme().px(12)
        for index in range(self._rows):
            width = self.width() * (0.85, 0.6, 0.72, 0.5)[index % 4]
            painter.drawRoundedRect(QRectF(0, index * step + (step - bar) / 2, width, bar), 4, 4)
        painter.end()


class ProgressStrip(Retranslated, QFrame):
    """A long job: its title, what it is doing, a bar, and Cancel. Appears after 150 ms, goes when it ends."""

    def __init__(self, job: Job, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "progress-strip")
        self._job = job
        self._title = Label(job.title)
        self._message = Label("", role="secondary")
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        set_size(self._bar, width=240)
        self._cancel = Button(tr_noop("Cancel"), kind="quiet", on_click=self._stop)
        self.setLayout(row(self._title, self._message, STRETCH, self._bar, self._cancel, gap=12, margins=(16, 4, 8, 4)))
        self.hide()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.show)
        self._timer.start(SKELETON_AFTER_MS)
        job.progressed.connect(self._on_job_progressed)
        job.finished.connect(self._on_job_finished)
        if job.latest is not None:
            self._on_job_progressed(*job.latest)
        self.retranslate()

    def _stop(self) -> None:
        self._job.cancel()
        self._cancel.setEnabled(False)
        self._message.set_words(tr_noop("Stopping; nothing half-done is kept"))

    def _on_job_progressed(self, message: str, fraction: float | None) -> None:
        self._message.set_words(message)
        if fraction is None:
            self._bar.setRange(0, 0)
        else:
            self._bar.setRange(0, 1000)
            self._bar.setValue(round(fraction * 1000))

    def _on_job_finished(self) -> None:
        self._timer.stop()
        self.hide()
        self.deleteLater()

    def retranslate(self) -> None:
        self._bar.setAccessibleName(words(self._job.title))
