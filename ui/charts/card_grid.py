"""Cards side by side: as many in a line as are wide enough, the rest in the next."""

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.kit.theme import theme


class CardGrid(QWidget):
    """Places `cards` in equal columns of at least `narrowest` pixels (at 100 %)."""

    def __init__(
        self, cards: Sequence[QWidget], *, narrowest: int, gap: int = 12, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._cards, self._narrowest, self._gap = list(cards), narrowest, gap
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme().px(gap))  # the theme rescales layouts itself
        self._arrange(len(self._cards))

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        for number in range(max(self._columns, columns)):
            self._grid.setColumnStretch(number, 1 if number < columns else 0)
        self._columns = columns
        for card in self._cards:
            self._grid.removeWidget(card)
        for number, card in enumerate(self._cards):
            self._grid.addWidget(card, number // columns, number % columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        gap = theme().px(self._gap)
        fit = (self.width() + gap) // (theme().px(self._narrowest) + gap)
        count = len(self._cards)
        columns = max(1, min(int(fit), count))
        lines = -(-count // columns)
        self._arrange(-(-count // lines))  # 5 cards that fit 4 in a line stand 3 and 2, not 4 and 1
