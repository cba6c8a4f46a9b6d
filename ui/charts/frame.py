"""What all charts share: axes with units, thin gridlines, values on hover and by arrow keys, drilling, export."""

import math
from collections.abc import Callable, Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.runtime.language import tr
from ui.charts.scale import shown_labels
from ui.charts.series import PALETTE, Series
from ui.kit.controls import Label
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import Themed, set_role, theme

VALUE_AXIS = 60
"""About as wide as the numbers of an upright value axis, in pixels."""

Format = Callable[[float], str]


def plain_number(value: float) -> str:
    """Grouped, without needless decimals: 1,240 or 0.5."""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}".rstrip("0")


class ValueAxis(pg.AxisItem):
    """An axis whose ticks are written by a format."""

    def __init__(self, orientation: str, write: Format) -> None:
        super().__init__(orientation)
        self.write = write

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [self.write(value * scale) for value in values]


class _Swatch(Themed, QFrame):
    """A square in a series' colour."""

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token
        self.restyle()

    def restyle(self) -> None:
        side = theme().px(10)
        self.setFixedSize(side, side)
        palette = self.palette()
        palette.setColor(self.backgroundRole(), theme().color(self._token))
        self.setAutoFillBackground(True)
        self.setPalette(palette)


class Chart(Themed, Retranslated, QWidget):
    """Base of the charts. `hovered(index or None)`, `drilled(index)` by click or Return on a category."""

    hovered = Signal(object)
    drilled = Signal(int)
    horizontal = False
    axis_grid = True
    """Whether the axis draws the gridlines; it then leaves out numbers that reach beyond its edge."""

    def __init__(
        self,
        title: Words,
        *,
        unit: Words = "",
        write: Format = plain_number,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._title, self._unit, self.write = title, unit, write
        self._categories: list[str] = []
        self._series: list[Series] = []
        self._said: list[str] = []
        self._index: int | None = None
        set_role(self, "plain")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._legend = QHBoxLayout()
        self._legend.setSpacing(theme().px(6))
        side = "bottom" if self.horizontal else "left"
        self._value_axis = ValueAxis(side, self.write)
        self.plot = pg.PlotWidget(axisItems={side: self._value_axis}, background=None)
        self.plot.setFrameShape(QFrame.Shape.NoFrame)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setMinimumSize(1, 1)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.viewport().setAutoFillBackground(False)
        self.plot.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        set_role(self.plot, "chart")
        if self.axis_grid:
            self.plot.showGrid(x=self.horizontal, y=not self.horizontal, alpha=0.9)
        self._bubble = Label("", role="chart-value", parent=self)
        self._bubble.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._bubble.hide()
        stack = QVBoxLayout(self)
        stack.setContentsMargins(*(theme().px(4),) * 4)
        stack.setSpacing(theme().px(2))
        stack.addLayout(self._legend)
        stack.addWidget(self.plot, 1)
        self.plot.viewport().installEventFilter(self)
        self.plot.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self.plot.scene().sigMouseClicked.connect(self._on_mouse_clicked)
        self.restyle()
        self.retranslate()

    # --- what pages call -------------------------------------------------------------------------

    def show_series(
        self, categories: Sequence[str], series: Sequence[Series], *, said: Sequence[str] | None = None
    ) -> None:
        """Show values by category. Raises ValueError where a series has another length.

        A category may have a second line, such as the year; it is written where it changes. `said`: what the bubble
        says about each category, in place of its name and values.
        """
        wrong = [words(one.name) for one in series if len(one.values) != len(categories)]
        if wrong:
            raise ValueError(f"{len(categories)} categories, but other lengths in {wrong}")
        self._categories, self._series, self._said = list(categories), list(series), list(said or ())
        self.set_index(None)
        self._redraw()

    @property
    def categories(self) -> list[str]:
        """The categories shown."""
        return list(self._categories)

    @property
    def index(self) -> int | None:
        """The category pointed at."""
        return self._index

    def set_index(self, index: int | None) -> None:
        """Point at a category, as hovering does."""
        if index is not None and not 0 <= index < len(self._categories):
            index = None
        if index == self._index:
            return
        self._index = index
        self._show_bubble()
        self.draw_index(index)
        self.hovered.emit(index)

    def rows(self) -> list[list[str]]:
        """Heading and rows as text, for export: category, then one column per series."""
        head = [words(self._title), *(words(one.name) for one in self._series)]
        body = [
            [category, *("" if one.values[at] is None else f"{one.values[at]:g}" for one in self._series)]
            for at, category in enumerate(self._categories)
        ]
        return [head, *body]

    def value_text(self, index: int) -> str:
        """What the bubble says about a category."""
        if self._said:
            return self._said[index]
        lines = [self._categories[index].replace("\n", " ")]
        for one in self._series:
            value = one.values[index]
            written = "–" if value is None else self.write(value)
            lines.append(f"{words(one.name)}: {written} {words(self._unit)}".rstrip())
        return "\n".join(lines)

    # --- what charts implement -------------------------------------------------------------------

    def draw(self) -> None:
        """Draw the series; the plot has been cleared."""

    def draw_index(self, index: int | None) -> None:
        """Mark the category pointed at."""

    def draw_ticks(self) -> None:
        """Write the categories below the plot, as many as fit, the last one among them."""
        measure = QFontMetrics(theme().font("secondary", tabular=True))
        widths = [max(measure.horizontalAdvance(line) for line in name.split("\n")) for name in self._categories]
        ticks: list[tuple[int, str]] = []
        before = ""
        for at in shown_labels(widths, self.pitch(), gap=theme().px(10)):
            first, line, second = self._categories[at].partition("\n")
            ticks.append((at, f"{first}{line}{second if second != before else ''}"))
            before = second
        axis = self.plot.getPlotItem().getAxis("bottom")
        axis.setHeight((2 if before else 1) * measure.lineSpacing() + theme().px(8))
        axis.setTicks([ticks])

    def pitch(self) -> float:
        """Pixels from one category to the next, the value axis taken off."""
        room = max(1, int(self.plot.width()) - theme().px(VALUE_AXIS))
        return room / max(1, len(self._categories))

    def token_of(self, number: int) -> str:
        """The colour token of a series."""
        return self._series[number].token or PALETTE[number % len(PALETTE)]

    # --- inside ----------------------------------------------------------------------------------

    def _redraw(self) -> None:
        self.plot.clear()
        self._fill_legend()
        if self._categories:
            self.draw()
            self.draw_ticks()
            self.draw_index(self._index)
        self._describe()

    def _fill_legend(self) -> None:
        while (item := self._legend.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if len(self._series) > 1:
            for number, one in enumerate(self._series):
                self._legend.addWidget(_Swatch(self.token_of(number)))
                self._legend.addWidget(Label(one.name, role="secondary"))
                self._legend.addSpacing(theme().px(10))
        self._legend.addStretch(1)
        if not self.horizontal:
            self._legend.insertWidget(0, Label(self._unit, role="secondary"))
            self._legend.insertSpacing(1, theme().px(10))

    def _describe(self) -> None:
        self.setAccessibleName(words(self._title))
        said = "; ".join(self.value_text(at).replace("\n", ", ") for at in range(min(36, len(self._categories))))
        self.setAccessibleDescription(said or tr("No values"))
        self.plot.setAccessibleName(words(self._title))

    def _category_at(self, at: QPointF) -> int | None:
        box = self.plot.getPlotItem().vb
        if not box.sceneBoundingRect().contains(at):
            return None
        inside = box.mapSceneToView(at)
        place = inside.y() if self.horizontal else inside.x()
        index = math.floor(place + 0.5)
        return index if 0 <= index < len(self._categories) else None

    def _on_mouse_moved(self, at: QPointF) -> None:
        self.set_index(self._category_at(at))

    def _on_mouse_clicked(self, event: object) -> None:
        index = self._category_at(event.scenePos())  # type: ignore[attr-defined]
        if index is not None:
            self.setFocus()
            self.set_index(index)
            self.drilled.emit(index)

    def _show_bubble(self) -> None:
        if self._index is None:
            self._bubble.hide()
            return
        self._bubble.set_text(self.value_text(self._index))
        self._bubble.adjustSize()
        box = self.plot.getPlotItem().vb
        point = QPointF(0, self._index) if self.horizontal else QPointF(self._index, 0)
        scene = box.mapViewToScene(point)
        in_plot = self.plot.mapFromScene(scene)
        place = self.plot.mapTo(self, in_plot)
        gap = theme().px(12)
        if self.horizontal:
            left, top = self.width() - self._bubble.width() - gap, place.y() - self._bubble.height() // 2
        else:
            left, top = place.x() + gap, self.plot.y() + gap
            if left + self._bubble.width() > self.width():
                left = place.x() - self._bubble.width() - gap
        top = max(0, min(top, self.height() - self._bubble.height()))
        self._bubble.move(max(0, left), top)
        self._bubble.raise_()
        self._bubble.show()

    def pen(self, token: str, width: float = 1.0) -> object:
        """A pen in a token's colour."""
        return pg.mkPen(theme().color(token), width=theme().px(width))

    def restyle(self) -> None:
        look = theme()
        item = self.plot.getPlotItem()
        item.layout.setContentsMargins(0, look.px(8), look.px(12), 0)  # outer labels reach beyond the axes
        for name in ("left", "bottom"):
            axis = item.getAxis(name)
            axis.setPen(pg.mkPen(look.color("line")))
            axis.setTextPen(pg.mkPen(look.color("muted")))
            axis.setTickFont(look.font("secondary", tabular=True))
            axis.setStyle(tickLength=0, tickTextOffset=look.px(6), maxTickLevel=0, hideOverlappingLabels=False)
            axis.setZValue(-100)  # gridlines behind the figures
            axis.enableAutoSIPrefix(False)  # the ticks are written as they are: no "(x0.001)" beside the unit
        if self.horizontal and self._unit:
            self._value_axis.setLabel(text=words(self._unit), color=look.color("muted").name())
            self._value_axis.label.setFont(look.font("secondary"))
        self._redraw()

    def set_unit(self, unit: Words) -> None:
        """Another unit on the value axis."""
        self._unit = unit
        self.restyle()

    def retranslate(self) -> None:
        self._fill_legend()
        self._describe()
        if self._index is not None:
            self._show_bubble()

    # --- Qt --------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(theme().px(420), theme().px(174))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(240), theme().px(170))

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self.hasFocus():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().color("accent"), theme().px(1)))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme().px(4), theme().px(4))
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = len(self._categories) - 1
        here = -1 if self._index is None else self._index
        moves = {
            Qt.Key.Key_Right: here + 1, Qt.Key.Key_Down: here + 1, Qt.Key.Key_Left: here - 1, Qt.Key.Key_Up: here - 1,
            Qt.Key.Key_Home: 0, Qt.Key.Key_End: last,
        }  # fmt: skip
        if event.key() in moves and last >= 0:
            self.set_index(max(0, min(last, moves[Qt.Key(event.key())])))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._index is not None:
            self.drilled.emit(self._index)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QEvent) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        if self._categories:
            self._redraw()  # how many labels fit depends on the room

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:
            event.ignore()  # the page scrolls, not the chart
            return True
        return super().eventFilter(watched, event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()
        by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_key and self._index is None:
            self.set_index(0 if self.horizontal else len(self._categories) - 1)

    def leaveEvent(self, event: QEvent) -> None:
        self.set_index(None)
        super().leaveEvent(event)

    def focusOutEvent(self, event: QEvent) -> None:
        self.set_index(None)
        self.update()
        super().focusOutEvent(event)  # type: ignore[arg-type]
