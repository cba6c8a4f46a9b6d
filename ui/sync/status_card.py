"""The card at the top of the Sync page: one sentence, what to do, and the figures behind it."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QSizePolicy, QWidget

from app.kernel.clock import Clock
from app.runtime.language import tr, tr_noop, trn
from sync.client.status import SyncState, SyncStatus
from ui.kit import formats
from ui.kit.controls import Button, Label
from ui.kit.detail_panel import Facts
from ui.kit.feedback import ToneIcon
from ui.kit.layout import boxed, column, row
from ui.kit.text import Retranslated, Words
from ui.kit.theme import set_role, theme
from ui.sync.lines import Summary
from ui.sync.log_words import log_text
from ui.sync.reference import Reference
from ui.sync.words import next_attempt_text, since_text, standing_of

AGE_EVERY_MS = 10_000
COUNTDOWN_EVERY_MS = 1_000
_SIDE_BY_SIDE = 480
_ICONS = {"good": "check-circle", "neutral": "cloud-off", "info": "refresh-cw", "accent": "refresh-cw"}


class StatusCard(Retranslated, QFrame):
    """Show it a status and a summary; times in words grow by themselves."""

    def __init__(self, clock: Clock, *, button: Button, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_role(self, "card")
        self._clock = clock
        self.status = SyncStatus()
        self._summary: Summary | None = None
        self._icon = ToneIcon("neutral", size=20)
        self.headline = Label("", role="section", wrap=True)
        self.activity = Label(tr_noop("Exchanging…"), role="secondary")
        self.advice = Label("", wrap=True)
        self.next_attempt = Label("", role="secondary", wrap=True)
        self.reference = Reference(named=True)
        self._figures = (Facts(self._left()), Facts(self._right()))
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        said = row(self._icon, self.headline, self.activity, gap=10)
        said.setStretch(1, 1)
        self._head = row(boxed(said), button, gap=10)
        self._head.setStretch(0, 1)
        self._head.setAlignment(button, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._pairs = row(*self._figures, gap=32)
        for place, facts in enumerate(self._figures):
            self._pairs.setStretch(place, 1)
            self._pairs.setAlignment(facts, Qt.AlignmentFlag.AlignTop)
        told = column(self.advice, self.next_attempt, self.reference, gap=4)
        self._whole = column(self._head, row(30, boxed(told)), self._pairs, gap=10, margins=(16, 14, 16, 14))
        self.setLayout(self._whole)
        self._timer = QTimer(self)
        self._timer.setInterval(AGE_EVERY_MS)
        self._timer.timeout.connect(self.retranslate)
        self.retranslate()

    def show_status(self, status: SyncStatus) -> None:
        """How things stand now."""
        self.status = status
        self.retranslate()

    def show_summary(self, summary: Summary) -> None:
        """Who the desk is and how much waits."""
        self._summary = summary
        self.retranslate()

    def retranslate(self) -> None:
        standing = standing_of(self.status, self._clock.now())
        self.headline.set_text(standing.headline)
        self.headline.setAccessibleName(standing.headline)
        self.advice.set_text("\n".join(standing.advice))
        self.advice.setVisible(bool(standing.advice))
        attempt = next_attempt_text(self.status, self._clock.now())
        self.next_attempt.set_text(attempt)
        self.next_attempt.setVisible(bool(attempt))
        self.reference.show_reference(self.status.request_id)
        self._timer.setInterval(COUNTDOWN_EVERY_MS if attempt else AGE_EVERY_MS)
        self.activity.setVisible(self.status.state is SyncState.WORKING)
        self._icon.set_tone(standing.tone, _ICONS.get(standing.tone, ""))
        for facts in self._figures:
            for label in facts.findChildren(Label):
                label.retranslate()
        self._fit()

    def _fit(self) -> None:
        """One below the other where there is little room, and as high as the words are: nothing is cut."""
        side_by_side = self.width() >= theme().px(_SIDE_BY_SIDE)
        direction = QBoxLayout.Direction.LeftToRight if side_by_side else QBoxLayout.Direction.TopToBottom
        for layout, gap in ((self._head, 10), (self._pairs, 32 if side_by_side else 6)):
            layout.setDirection(direction)
            layout.setSpacing(theme().px(gap))
        self.setMinimumHeight(self._whole.totalHeightForWidth(self.width()))

    # --- figures ---------------------------------------------------------------------------------

    def _left(self) -> list[tuple[Words, Words | QWidget]]:
        return [
            (tr_noop("Not yet sent"), self._unsent),
            (tr_noop("Oldest unsent"), self._oldest),
            (tr_noop("Files to send"), self._contents),
            (tr_noop("Last agreed"), self._agreed),
        ]

    def _right(self) -> list[tuple[Words, Words | QWidget]]:
        return [
            (tr_noop("Service"), self._service),
            (tr_noop("This desk"), self._desk),
            (tr_noop("Offline since"), self._offline),
            (tr_noop("Sealed documents"), self._log),
        ]

    def _unsent(self) -> str:
        if self._summary is None:
            return formats.count(self.status.unsent)
        counts = self._summary.counts
        if not counts.unsent:
            return tr("nothing")
        return tr(
            "{changes} in {records}", changes=_changes(counts.unsent), records=_records(counts.unsent_records)
        )  # fmt: skip

    def _contents(self) -> str:
        contents = None if self._summary is None else self._summary.contents
        if contents is None or not contents.files:
            return tr("nothing")
        files = trn("{n} file", "{n} files", contents.files)
        return f"{files}, {formats.bytes_text(contents.size)}"

    def _oldest(self) -> str:
        oldest = self._summary.counts.oldest_unsent_at if self._summary is not None else self.status.oldest_unsent_at
        if oldest is None:
            return "–"
        now = self._clock.now()
        return f"{formats.ago(oldest, now)} ({since_text(oldest, now)})"

    def _agreed(self) -> str:
        agreed = self.status.last_agreed_at
        if agreed is None and self._summary is not None:
            agreed = self._summary.desk.last_agreed_at
        if agreed is None:
            return tr("never")
        now = self._clock.now()
        return f"{formats.ago(agreed, now)} ({since_text(agreed, now)})"

    def _service(self) -> str:
        return (self._summary.desk.service_url if self._summary is not None else "") or "–"

    def _desk(self) -> str:
        if self._summary is None:
            return "–"
        parts = (self._summary.branch_code, self._summary.desk.desk_code)
        return " · ".join(part for part in parts if part)

    def _offline(self) -> str:
        since = self.status.offline_since
        return "–" if since is None else since_text(since, self._clock.now())

    def _log(self) -> str:
        log = None if self._summary is None else self._summary.log
        return "–" if log is None else log_text(log, self._clock.now())

    # --- Qt --------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()


def _changes(n: int) -> str:
    return trn("{n} change", "{n} changes", n)


def _records(n: int) -> str:
    return trn("{n} record", "{n} records", n)
