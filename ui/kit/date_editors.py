"""Editors for days and moments: typed in the short forms people use, stepped by arrow keys, picked from a calendar."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

from PySide6.QtCore import QDate, QLocale, QPoint, Qt
from PySide6.QtGui import QAction, QKeyEvent, QTextCharFormat
from PySide6.QtWidgets import QCalendarWidget, QLineEdit, QMenu, QToolButton, QWidgetAction

from app.kernel.clock import BRANCH_TIME, Clock
from app.runtime.language import CHINESE, language, tr, tr_noop
from ui.kit.editors import LineEditor, Unreadable
from ui.kit.text import Words
from ui.kit.theme import theme

_PARTS = re.compile(r"\d+")
_STEP_MINUTES = 15


def parse_day(text: str, today: date) -> date:
    """A day from "2026-11-22", "11-22", "22", "20261122", "+3". Raises ValueError."""
    cleaned = text.strip()
    if re.fullmatch(r"[+-]\d{1,4}", cleaned):
        return today + timedelta(days=int(cleaned))
    if re.fullmatch(r"\d{8}", cleaned):
        return date(int(cleaned[:4]), int(cleaned[4:6]), int(cleaned[6:]))
    numbers = [int(part) for part in _PARTS.findall(cleaned)]
    if len(numbers) == 3:
        return date(numbers[0] if numbers[0] > 99 else 2000 + numbers[0], numbers[1], numbers[2])
    if len(numbers) == 2:
        return date(today.year, numbers[0], numbers[1])
    if len(numbers) == 1:
        return date(today.year, today.month, numbers[0])
    raise ValueError(cleaned)


class DateEditor(LineEditor):
    """A day; its value is the ISO date or None. Up and Down step a day, Page Up and Page Down a month."""

    UNREADABLE: Words = tr_noop("Enter a date such as 2026-11-22, 11-22 or +3.")

    def __init__(self, clock: Clock, *, earliest: str | None = None, latest: str | None = None) -> None:
        super().__init__(max_length=20, placeholder=tr_noop("YYYY-MM-DD"))
        self._clock = clock
        self._earliest, self._latest = earliest, latest
        self._pick = QAction(self)
        self._pick.triggered.connect(self.open_calendar)
        self.line.addAction(self._pick, QLineEdit.ActionPosition.TrailingPosition)
        self.line.installEventFilter(self)
        self._pick.setIcon(theme().icon("calendar"))
        self.retranslate()

    def today(self) -> date:
        """Today on the branch's clock."""
        return self._clock.now().astimezone(BRANCH_TIME).date()

    def value(self) -> Any:
        if not self.text():
            return None
        try:
            iso = parse_day(self.text(), self.today()).isoformat()
        except (ValueError, OverflowError) as error:
            raise Unreadable(self.UNREADABLE) from error
        self._check_range(iso)
        return iso

    def _check_range(self, iso: str) -> None:
        if self._earliest is not None and iso < self._earliest:
            raise Unreadable(lambda: tr("Not before {day}.", day=self._earliest))
        if self._latest is not None and iso > self._latest:
            raise Unreadable(lambda: tr("Not after {day}.", day=self._latest))

    def step(self, days: int) -> None:
        """Move by days, from today where nothing is entered."""
        try:
            start = parse_day(self.text(), self.today()) if self.text() else self.today()
        except (ValueError, OverflowError):
            start = self.today()
        self._show_day(start + timedelta(days=days))
        self.edited.emit()

    def _show_day(self, day: date) -> None:
        self.line.setText(day.isoformat())

    def open_calendar(self) -> None:
        """Pick a day from a month's view."""
        calendar = _made_calendar()
        day = self.today()
        try:
            day = parse_day(self.text(), day) if self.text() else day
        except (ValueError, OverflowError):
            day = self.today()
        calendar.setSelectedDate(QDate(day.year, day.month, day.day))
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        holder = QWidgetAction(menu)
        holder.setDefaultWidget(calendar)
        menu.addAction(holder)

        def picked(chosen: QDate) -> None:
            self._show_day(date(chosen.year(), chosen.month(), chosen.day()))
            menu.close()
            self.edited.emit()

        calendar.clicked.connect(picked)
        calendar.activated.connect(picked)
        menu.popup(self.line.mapToGlobal(QPoint(0, self.line.height())))
        calendar.setFocus()

    def _on_line_left(self) -> None:
        with suppress(Unreadable):
            self.set_value(self.value())
        super()._on_line_left()

    def retranslate(self) -> None:
        super().retranslate()
        if hasattr(self, "_pick"):
            self._pick.setText(tr("Pick from a calendar"))
            self._pick.setToolTip(tr("Pick from a calendar"))

    def eventFilter(self, watched: Any, event: Any) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress and watched is self.line:
            steps: dict[int, int] = {
                Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 30, Qt.Key.Key_PageDown: -30,
            }  # fmt: skip
            if event.modifiers() == Qt.KeyboardModifier.AltModifier and event.key() == Qt.Key.Key_Down:
                self.open_calendar()
                return True
            if event.key() in steps:
                self.step(steps[event.key()])
                return True
        return super().eventFilter(watched, event)


def _made_calendar() -> QCalendarWidget:
    """A month's view in the program's look: weekends muted, not red, and arrows that can be seen on any ground."""
    calendar = QCalendarWidget()
    calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
    calendar.setHorizontalHeaderFormat(QCalendarWidget.HorizontalHeaderFormat.ShortDayNames)
    calendar.setLocale(QLocale(QLocale.Language.Chinese if language() == CHINESE else QLocale.Language.English))
    calendar.setFirstDayOfWeek(Qt.DayOfWeek.Monday)  # a locale brings its own, so this comes after it
    muted = QTextCharFormat()
    muted.setForeground(theme().color("muted"))
    for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
        calendar.setWeekdayTextFormat(day, muted)
    calendar.setHeaderTextFormat(muted)
    for name, icon in (("qt_calendar_prevmonth", "chevron-left"), ("qt_calendar_nextmonth", "chevron-right")):
        button = calendar.findChild(QToolButton, name)
        if button is not None:
            button.setIcon(theme().icon(icon))
    return calendar


class DateTimeEditor(DateEditor):
    """A moment on the branch's clock: an aware UTC datetime or None. Up and Down step a quarter of an hour."""

    UNREADABLE: Words = tr_noop("Enter a day and a time such as 2026-11-22 14:30.")

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._placeholder = tr_noop("YYYY-MM-DD hh:mm")
        self.retranslate()

    def value(self) -> datetime | None:
        if not self.text():
            return None
        day, _, hours = self.text().rpartition(" ")
        try:
            numbers = [int(part) for part in _PARTS.findall(hours)]
            when = parse_day(day, self.today()) if day else self.today()
            hour, minute = numbers
            local = datetime(when.year, when.month, when.day, hour, minute, tzinfo=BRANCH_TIME)
        except (ValueError, TypeError, OverflowError) as error:
            raise Unreadable(self.UNREADABLE) from error
        return local.astimezone(UTC)

    def set_value(self, value: Any) -> None:
        self.line.setText("" if value is None else value.astimezone(BRANCH_TIME).strftime("%Y-%m-%d %H:%M"))

    def step(self, days: int) -> None:
        try:
            start = self.value() or self._clock.now()
        except Unreadable:
            start = self._clock.now()
        minutes = days * _STEP_MINUTES if abs(days) == 1 else (1 if days > 0 else -1) * 60 * 24
        moved = start + timedelta(minutes=minutes)
        self.set_value(moved.replace(minute=moved.minute // _STEP_MINUTES * _STEP_MINUTES, second=0, microsecond=0))
        self.edited.emit()

    def _show_day(self, day: date) -> None:
        try:
            current = self.value()
        except Unreadable:
            current = None
        time = (current or self._clock.now()).astimezone(BRANCH_TIME).strftime("%H:%M")
        self.line.setText(f"{day.isoformat()} {time}")
