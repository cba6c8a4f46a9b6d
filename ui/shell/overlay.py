"""What lies over the window for a moment: dims it, keeps the focus inside, goes with Esc."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from ui.kit.theme import set_role, theme


class Overlay(QWidget):
    """Covers its parent. Put content into `card`; `closed` comes when it is gone."""

    closed = Signal()
    dismissible = True

    def __init__(self, parent: QWidget, *, width: int, top: int | None = 96) -> None:
        super().__init__(parent)
        self._over = parent
        self._wanted_width, self._top = width, top
        self._focus_before: QWidget | None = None
        self.card = QFrame(self)
        set_role(self.card, "overlay-card")
        self.stack = QVBoxLayout(self.card)
        self.stack.setContentsMargins(0, 0, 0, 0)
        self.stack.setSpacing(0)
        parent.installEventFilter(self)
        self.hide()

    def open_over(self) -> None:
        """Show it above everything."""
        self._focus_before = QApplication.focusWidget()
        self.setGeometry(self._over.rect())
        self.raise_()
        self.show()
        self.place_card()
        self.take_focus()

    def take_focus(self) -> None:
        """Put the focus where people start."""
        inside = self.focusable()
        if inside:
            inside[0].setFocus()

    def close_over(self) -> None:
        """Take it away and give the focus back."""
        if self.isHidden():
            return
        self.hide()
        before, self._focus_before = self._focus_before, None
        if before is not None and _alive(before) and before.isVisible():
            before.setFocus()
        self.closed.emit()

    def focusable(self) -> list[QWidget]:
        """What Tab goes through, in order."""
        found: list[QWidget] = []
        widget = self.card.nextInFocusChain()
        while widget is not None and widget is not self.card:
            takes_tab = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
            if takes_tab and self.isAncestorOf(widget) and widget.isVisible() and widget.isEnabled():
                found.append(widget)
            widget = widget.nextInFocusChain()
        return found

    def place_card(self) -> None:
        """Centre the card, near the top or, without `top`, in the middle."""
        look = theme()
        room = self.rect().adjusted(look.px(24), look.px(24), -look.px(24), -look.px(24))
        width = min(look.px(self._wanted_width), room.width())
        height = min(self.card_height(width), room.height())
        left = (self.width() - width) // 2
        top = (
            (self.height() - height) // 2
            if self._top is None
            else min(look.px(self._top), (self.height() - height) // 2)
        )
        self.card.setGeometry(QRect(left, max(look.px(24), top), width, height))

    def card_height(self, width: int) -> int:
        """How tall the card wants to be."""
        if self.card.hasHeightForWidth():
            return self.card.heightForWidth(width)
        return self.card.sizeHint().height()

    # --- Qt --------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._over and not self.isHidden():
            self.setGeometry(self._over.rect())
            self.place_card()
        return super().eventFilter(watched, event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        inside = self.focusable()
        if not inside:
            return True
        current = QApplication.focusWidget()
        place = inside.index(current) if current in inside else -1
        inside[(place + (1 if forward else -1)) % len(inside)].setFocus(
            Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        )
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.dismissible:
            self.close_over()
            return
        event.accept()

    def mousePressEvent(self, event: Any) -> None:
        event.accept()
        if self.dismissible and not self.card.geometry().contains(event.position().toPoint()):
            self.close_over()

    def paintEvent(self, _event: QEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("scrim"))
        painter.end()


def _alive(widget: QWidget) -> bool:
    from shiboken6 import isValid

    return isValid(widget)
