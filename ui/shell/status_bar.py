"""The line at the bottom: how far desk and centre agree, honestly; who works here; messages."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from app.kernel.clock import Clock
from app.kernel.permissions import ROLE_LABELS, Actor
from app.runtime.language import tr, tr_noop, trn
from ui.kit import formats
from ui.kit.controls import Badge, IconButton
from ui.kit.text import Retranslated, words
from ui.kit.theme import Themed, set_role, theme
from ui.shell.notifications import NotificationCentre
from ui.shell.ports import SyncStatus

REFRESH_MS = 10_000
STALE_SECONDS = 600


def sync_words(status: SyncStatus, clock: Clock) -> str:
    """What to say: first what is wrong, then what is unsent and how old, else when both last agreed; why the centre is
    not reached stands at the end, where there is room for it."""
    now = clock.now()
    said: list[str] = []
    if status.clock_was is not None:
        said.append(tr("the clock was set back from {time}", time=formats.moment(status.clock_was)))
    if not status.configured:
        said.append(tr("works without a centre"))
    if status.lost:
        said.append(trn("{n} order lost its vehicle", "{n} orders lost their vehicles", status.lost))
    if status.refused:
        said.append(trn("{n} change refused by the centre", "{n} changes refused by the centre", status.refused))
    if status.log_alarms:
        said.append(tr("the log of sealed documents was changed"))
    if status.configured and status.offline_since is not None:
        said.append(tr("offline since {time}", time=_since(status, clock)))
    if status.unsent:
        said.append(trn("{n} change not yet sent", "{n} changes not yet sent", status.unsent))
        if status.oldest_unsent_at is not None:
            age = formats.duration((now - status.oldest_unsent_at).total_seconds())
            said.append(tr("oldest {span}", span=age))
    elif status.configured and status.offline_since is None and not status.problem:
        if status.last_agreed_at is not None:
            said.append(tr("last agreed {ago}", ago=formats.ago(status.last_agreed_at, now)))
        else:
            said.append(tr("has not agreed with the centre yet"))
    if status.problem:
        said.append(words(status.problem))
    return " · ".join(said)


def _since(status: SyncStatus, clock: Clock) -> str:
    assert status.offline_since is not None
    same_day = formats.moment(status.offline_since)[:10] == formats.moment(clock.now())[:10]
    return formats.clock_time(status.offline_since) if same_day else formats.moment(status.offline_since)


def sync_tone(status: SyncStatus, clock: Clock) -> str:
    """Good only when everything is sent and both agreed lately."""
    if status.refused or status.lost or status.log_alarms:
        return "bad"
    if status.clock_was is not None:
        return "warn"
    if not status.configured:
        return "neutral"
    if status.problem or status.offline_since is not None or status.unsent:
        return "warn"
    if status.last_agreed_at is None:
        return "neutral"
    return "good" if (clock.now() - status.last_agreed_at).total_seconds() < STALE_SECONDS else "warn"


class SyncIndicator(Retranslated, QToolButton):
    """A dot and the words of `sync_words`; opens the page about it."""

    def __init__(self, clock: Clock, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self.status = SyncStatus()
        set_role(self, "status-item", dotted=True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.retranslate)
        self.retranslate()

    def set_status(self, status: SyncStatus) -> None:
        """What is known now."""
        self.status = status
        self.retranslate()

    def tone(self) -> str:
        """The dot's tone."""
        return sync_tone(self.status, self._clock)

    def retranslate(self) -> None:
        text = sync_words(self.status, self._clock)
        self.setText(text)
        self.setAccessibleName(text)
        agreed = self.status.last_agreed_at
        exact = f"{text}\n{tr('last agreed {ago}', ago=formats.moment(agreed))}" if agreed is not None else text
        if self.status.reference:
            exact = f"{exact}\n{tr('Reference: {id}', id=self.status.reference)}"
        self.setToolTip(exact)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        lacking = self.sizeHint().width() - self.width()
        if lacking > 0:
            measure = self.fontMetrics()
            room = measure.horizontalAdvance(self.text()) - lacking
            option.text = measure.elidedText(self.text(), Qt.TextElideMode.ElideRight, room)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().tone(self.tone()))
        side = theme().px(8)
        painter.drawEllipse(theme().px(10), (self.height() - side) // 2, side, side)
        painter.end()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()


class StatusBar(Retranslated, Themed, QFrame):
    """See `SyncIndicator`; at the right the person, messages, keys."""

    sync_clicked = Signal()

    def __init__(
        self,
        *,
        clock: Clock,
        centre: NotificationCentre,
        on_switch_user: Callable[[], object],
        on_messages: Callable[[], object],
        on_keys: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_role(self, "status")
        self._actor: Actor | None = None
        self._centre = centre
        self.sync = SyncIndicator(clock)
        self.sync.clicked.connect(self.sync_clicked.emit)
        self._person = QToolButton()
        set_role(self._person, "status-item")
        self._person.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._person.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._person.clicked.connect(lambda: on_switch_user())
        self._messages = IconButton("bell", tr_noop("Messages"), on_click=on_messages)
        self._unread = Badge("", "accent")
        self._keys = IconButton("keyboard", tr_noop("Keys"), on_click=on_keys)
        line = QHBoxLayout(self)
        line.setContentsMargins(theme().px(8), 0, theme().px(8), 0)
        line.setSpacing(theme().px(4))
        for widget in (self.sync, None, self._person, self._unread, self._messages, self._keys):
            if widget is None:
                line.addStretch(1)
            else:
                line.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        centre.changed.connect(self._on_centre_changed)
        self._on_centre_changed()
        self.restyle()

    def set_actor(self, actor: Actor | None) -> None:
        """Who works here now."""
        self._actor = actor
        self.retranslate()

    def _on_centre_changed(self) -> None:
        unread = self._centre.unread
        self._unread.set_text(str(unread))
        self._unread.setVisible(unread > 0)

    def restyle(self) -> None:
        self.setFixedHeight(theme().px(32))
        self._person.setIcon(theme().icon("circle-user"))
        self._person.setIconSize(QSize(theme().px(20), theme().px(16)))

    def retranslate(self) -> None:
        actor = self._actor
        text = f"{actor.name} · {tr(ROLE_LABELS[actor.role])} · {actor.branch_code}" if actor is not None else ""
        self._person.setText(text)
        self._person.setAccessibleName(tr("Switch user, now {name}", name=text))
        self._person.setToolTip(tr("Lock or switch user (Ctrl+L)"))


__all__ = ["StatusBar", "SyncIndicator", "sync_tone", "sync_words"]
