"""News that pass by: a toast at the lower left of the page, and a list of the last ones."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.kernel.clock import Clock
from app.runtime.language import tr_noop
from ui.kit import formats
from ui.kit.controls import Button, IconButton, Label
from ui.kit.feedback import EmptyState, ToneIcon
from ui.kit.layout import STRETCH, Divider, boxed, column, row
from ui.kit.text import Words, words
from ui.kit.theme import set_role, set_size, theme
from ui.shell.overlay import Overlay

SHOWN_MS = 8000
KEPT = 100
AT_ONCE = 3
_TOAST_WIDTH = 360
FOOTERS = ("form-footer", "panel-buttons")
"""Roles of what holds buttons at the bottom of a page: a toast stands above it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One piece of news."""

    text: Words
    tone: str
    at: datetime
    action: Words | None = None
    on_action: Callable[[], object] | None = None


class NotificationCentre(QObject):
    """Keeps the last notices; `arrived(notice)` for each new one, `changed` when the number unread changes."""

    arrived = Signal(object)
    changed = Signal()

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self.notices: list[Notice] = []
        self.unread = 0

    def show(
        self,
        text: Words,
        *,
        tone: str = "info",
        action: Words | None = None,
        on_action: Callable[[], object] | None = None,
    ) -> None:
        """Say something; see `ui.kit.context.Notifications`."""
        notice = Notice(text, tone, self._clock.now(), action, on_action)
        self.notices = [notice, *self.notices[: KEPT - 1]]
        self.unread += 1
        self.arrived.emit(notice)
        self.changed.emit()

    def mark_read(self) -> None:
        """Somebody looked at the list."""
        self.unread = 0
        self.changed.emit()

    def forget(self) -> None:
        """Another person took the desk: the news were not theirs."""
        self.notices = []
        self.unread = 0
        self.changed.emit()


class Toast(QFrame):
    """One notice for some seconds; stays while the pointer or the focus is on it."""

    gone = Signal(object)

    def __init__(self, notice: Notice, parent: QWidget) -> None:
        super().__init__(parent)
        set_role(self, "toast")
        self.notice = notice
        set_size(self, width=_TOAST_WIDTH)
        self._text = Label(notice.text, wrap=True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        line = row(ToneIcon(notice.tone), self._text, gap=10)
        line.setStretch(1, 1)
        line.addWidget(IconButton("x", tr_noop("Close message"), on_click=self.go), 0, Qt.AlignmentFlag.AlignTop)
        stack = column(line, margins=(12, 8, 8, 8), gap=4)
        if notice.action is not None:
            stack.addLayout(row(STRETCH, Button(notice.action, kind="quiet", on_click=self._act)))
        self.setLayout(stack)
        self.setAccessibleName(words(notice.text))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SHOWN_MS)
        self._timer.timeout.connect(self._on_time_up)
        self._timer.start()

    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def go(self) -> None:
        """Take it away."""
        self._timer.stop()
        self.hide()
        self.gone.emit(self)

    def _act(self) -> None:
        self.go()
        if self.notice.on_action is not None:
            self.notice.on_action()

    def _on_time_up(self) -> None:
        focus = QApplication.focusWidget()
        if self.underMouse() or (focus is not None and self.isAncestorOf(focus)):
            self._timer.start()  # somebody is about to read or to press it
        else:
            self.go()


class ToastArea(QWidget):
    """The lower left corner of the page: the newest notices, three at most. The right is for a panel's buttons."""

    left = 232

    def __init__(self, centre: NotificationCentre, parent: QWidget) -> None:
        super().__init__(parent)
        self._stack = QVBoxLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSpacing(theme().px(8))
        self._toasts: list[Toast] = []
        self._over = parent
        centre.arrived.connect(self._on_arrived)
        parent.installEventFilter(self)
        self.hide()

    @property
    def toasts(self) -> list[Toast]:
        """What is shown, oldest first."""
        return list(self._toasts)

    def clear(self) -> None:
        """Take all away."""
        for toast in list(self._toasts):
            toast.go()

    def _on_arrived(self, notice: Notice) -> None:
        while len(self._toasts) >= AT_ONCE:
            self._toasts[0].go()
        toast = Toast(notice, self)
        toast.gone.connect(self._on_toast_gone)
        self._toasts.append(toast)
        self._stack.addWidget(toast)
        toast.show()
        self.show()
        self.place()

    def _on_toast_gone(self, toast: Toast) -> None:
        if toast in self._toasts:
            self._toasts.remove(toast)
        self._stack.removeWidget(toast)
        toast.deleteLater()
        if self._toasts:
            self.place()
        else:
            self.hide()

    def event(self, event: QEvent) -> bool:
        """A text that changes, as with the language, may need another line."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self._toasts:
            self.place()
        return done

    def place(self) -> None:
        """Stand in the corner, above the status bar."""
        self._stack.activate()
        size = self._stack.sizeHint()
        height = (
            self._stack.heightForWidth(theme().px(_TOAST_WIDTH)) if self._stack.hasHeightForWidth() else size.height()
        )
        self.resize(theme().px(_TOAST_WIDTH), height)
        room = self._over.rect()
        place = QRect(self.pos(), self.size())
        place.moveTo(room.left() + theme().px(self.left), room.bottom() - self.height() - theme().px(48))
        for footer in self._over.findChildren(QFrame):
            if footer.property("role") in FOOTERS and footer.isVisible():
                over = QRect(footer.mapTo(self._over, QPoint(0, 0)), footer.size())
                if over.intersects(place):
                    place.moveBottom(over.top() - theme().px(8))
        self.move(place.topLeft())
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self.place()
        return super().eventFilter(watched, event)


class NotificationList(Overlay):
    """The last notices, newest first."""

    def __init__(self, centre: NotificationCentre, clock: Clock, parent: QWidget) -> None:
        super().__init__(parent, width=480)
        self._centre, self._clock = centre, clock
        head = row(
            Label(tr_noop("Messages"), role="section"), STRETCH,
            IconButton("x", tr_noop("Close"), on_click=self.close_over), margins=(24, 16, 16, 8),
        )  # fmt: skip
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self.stack.addLayout(head)
        self.stack.addWidget(self._scroll, 1)

    def open_over(self) -> None:
        """Show what there is now."""
        self._scroll.setWidget(self._content())
        self._centre.mark_read()
        super().open_over()

    def card_height(self, width: int) -> int:
        content = self._scroll.widget()
        wanted = content.heightForWidth(width) if content is not None and content.hasHeightForWidth() else 0
        return max(theme().px(240), min(theme().px(560), wanted + theme().px(72)))

    def _content(self) -> QWidget:
        if not self._centre.notices:
            return EmptyState(tr_noop("No messages"), tr_noop("What happens at this desk is told here."), icon="bell")
        stack = column(gap=0, margins=(24, 0, 24, 16))
        now = self._clock.now()
        for notice in self._centre.notices:
            when = Label(partial(formats.ago, notice.at, now), role="secondary")
            when.setToolTip(formats.moment(notice.at))
            line = row(ToneIcon(notice.tone), Label(notice.text, wrap=True), when, gap=12, margins=(0, 10, 0, 10))
            line.setStretch(1, 1)
            stack.addLayout(line)
            stack.addWidget(Divider())
        stack.addStretch(1)
        return boxed(stack)
