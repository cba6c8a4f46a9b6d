"""The trims above the table, each over its column: taken away, moved by mouse or keys, made the baseline."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QResizeEvent,
    QTextLayout,
)
from PySide6.QtWidgets import QApplication, QFrame, QSizePolicy, QWidget

from app.comparison.lines import ComparedTrim
from app.runtime.language import tr, tr_noop
from ui.comparison.side_table import WIDEST
from ui.kit import formats
from ui.kit.controls import Badge, Button, IconButton, Label
from ui.kit.layout import STRETCH, column, row
from ui.kit.text import Retranslated, name_widget
from ui.kit.theme import Themed, set_role, set_size, theme

HEIGHT, LOW = 132, 92
PICTURE_HEIGHT = 76
_ROOM_FOR_BADGE = 150
_WIDEST_PICTURE = 1.8
"""Times its height."""
_GAP = 6


class _Picture(Themed, QWidget):
    """The model at the head of a card, cut to fit; a quiet sign where there is no picture of it."""

    def __init__(self, image: QImage | None) -> None:
        super().__init__()
        self._image = image
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        set_size(self, height=PICTURE_HEIGHT)

    def paintEvent(self, _event: QEvent) -> None:
        look, painter, shape = theme(), QPainter(self), QPainterPath()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        place = self.rect().toRectF()
        place.setWidth(min(place.width(), _WIDEST_PICTURE * place.height()))  # or wheels and roof would be cut off
        shape.addRoundedRect(place, look.px(5), look.px(5))
        painter.setClipPath(shape)
        painter.fillRect(place, look.color("skeleton"))
        if self._image is None:
            side = look.px(22)
            middle = place.center().toPoint()
            look.icon("car", "muted").paint(painter, middle.x() - side // 2, middle.y() - side // 2, side, side)
        else:
            size = self._image.size().toSizeF()
            size.scale(place.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding)
            filling = QRectF(0, 0, size.width(), size.height())
            filling.moveCenter(place.center())
            painter.drawImage(filling, self._image)
        painter.end()


class _Name(Retranslated, Themed, QWidget):
    """Series, year and trim on as many lines as there is room for, the last one cut where it goes on."""

    def __init__(self, trim: ComparedTrim) -> None:
        super().__init__()
        self._trim = trim
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def retranslate(self) -> None:
        self.update()

    def paintEvent(self, _event: QEvent) -> None:
        look, painter, text = theme(), QPainter(self), trim_words(self._trim)
        font = look.font(bold=True)
        painter.setFont(font)
        painter.setPen(look.color("text"))
        metrics, wide, top = painter.fontMetrics(), self.width() - look.px(4), 0
        layout = QTextLayout(text, font)
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(wide)
            start, length = line.textStart(), line.textLength()
            last = top + 2 * metrics.lineSpacing() > self.height()
            shown = text[start:] if last else text[start : start + length]
            shown = metrics.elidedText(shown.strip(), Qt.TextElideMode.ElideRight, wide)
            painter.drawText(0, top + metrics.ascent(), shown)
            top += metrics.lineSpacing()
            if last:
                break
        layout.endLayout()
        painter.end()


class TrimCard(Retranslated, QFrame):
    """One trim. Left and Right go to its neighbours, Ctrl+Left and Ctrl+Right move it, Space makes it the baseline,
    Return asks for another price, Delete takes it away."""

    wanted = Signal(str)
    """What a key or a button asks for: "left", "right", "forward", "back", "baseline", "price", "remove"."""
    dragged = Signal(float)
    dropped = Signal()
    reached = Signal()

    def __init__(
        self,
        trim: ComparedTrim,
        *,
        baseline: bool,
        alone: bool,
        low: bool = False,
        picture: QImage | None = None,
        pictured: bool = False,
    ) -> None:
        super().__init__()
        self.trim, self._baseline = trim, baseline
        self._grabbed: QPointF | None = None
        self.dragging = False
        set_role(self, "trim-card", baseline=baseline)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        make = Label(lambda: str(trim.make), role="secondary")
        name = _Name(trim)
        self.price = Button(
            lambda: price_text(trim), kind="quiet", on_click=lambda: self.wanted.emit("price"),
            tooltip=self._price_words,
        )  # fmt: skip
        self.price.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Return on the card does the same
        set_role(self.price, "trim-price", own=trim.facts.price_derived is not None)
        make.setMinimumWidth(1)
        for part in (make, name):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._star = IconButton("flag", tr_noop("Measure the others by this one"), on_click=self._on_star_clicked)
        self._away = IconButton("x", tr_noop("Take out of the comparison"), on_click=self._on_away_clicked)
        self._badge = Badge(tr_noop("Baseline"), "accent") if baseline and not alone and not low else None
        foot = row(self.price, STRETCH, *(() if self._badge is None else (self._badge,)), gap=2, margins=(0, 0, 4, 0))
        first = foot if low else make
        head = row(first, STRETCH, *(() if alone or baseline else (self._star,)), self._away, gap=0)
        self._may_star = not (alone or baseline)
        self._star.hide()  # beside the mouse only, and while the card has the focus: names need the room
        stack = column(head, gap=2, margins=(10, 4, 4, 6))
        stack.addWidget(name, 1)
        if not low:
            stack.addLayout(foot)
        if pictured:
            stack.insertLayout(0, row(_Picture(picture), margins=(0, 2, 6, 0)))
        self.setLayout(stack)
        self.retranslate()

    def retranslate(self) -> None:
        said = tr("{name}, baseline", name=str(self.trim.name)) if self._baseline else str(self.trim.name)
        keys = tr(
            "Ctrl with Left or Right moves it, Space measures by it, Return asks for a price, Delete takes it out."
        )
        name_widget(self, said, keys)
        self.setToolTip(said)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._badge is not None:  # where the columns are narrow the wash says it alone, and the tooltip
            self._badge.setVisible(self.width() >= theme().px(_ROOM_FOR_BADGE))

    def _price_words(self) -> str:
        derived = self.trim.facts.price_derived
        said = tr("Guide price") if derived is None else str(derived)
        return tr("{what}: compare with another price", what=said)

    def _on_star_clicked(self) -> None:
        self.wanted.emit("baseline")

    def _on_away_clicked(self) -> None:
        self.wanted.emit("remove")

    # --- Qt --------------------------------------------------------------------------------------

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._star.setVisible(self._may_star)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._star.setVisible(self._may_star and self.hasFocus())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._star.setVisible(self._may_star and (self.underMouse() or self._star.hasFocus()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moved = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        asked = {
            Qt.Key.Key_Left: "back" if moved else "left", Qt.Key.Key_Right: "forward" if moved else "right",
            Qt.Key.Key_Return: "price", Qt.Key.Key_Enter: "price",
            Qt.Key.Key_Space: "baseline", Qt.Key.Key_Delete: "remove", Qt.Key.Key_Backspace: "remove",
        }.get(Qt.Key(event.key()))  # fmt: skip
        if asked is None:
            super().keyPressEvent(event)
        else:
            self.wanted.emit(asked)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grabbed = event.globalPosition()
            self.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is None:
            return
        apart = event.globalPosition().x() - self._grabbed.x()
        if self.dragging or abs(apart) >= QApplication.startDragDistance():
            if not self.dragging:
                self.dragging = True
                self.setCursor(Qt.CursorShape.ClosedHandCursor)
                self.raise_()
            self.dragged.emit(apart)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        was, self.dragging, self._grabbed = self.dragging, False, None
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        if was:
            self.dropped.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._star.setVisible(self._may_star)
        self.update()
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self.reached.emit()


def price_text(trim: ComparedTrim) -> str:
    """The price a trim is compared at, without cents where there are none."""
    price = trim.facts.price
    return formats.yuan(price or None) if price != int(price) or not price else f"¥{price:,.0f}"


def trim_words(trim: ComparedTrim) -> str:
    """Series, year and trim, without the make."""
    full, make = str(trim.name), str(trim.make)
    return full.removeprefix(make).strip() or full


class TrimStrip(Retranslated, Themed, QWidget):
    """`moved(from, to)`, `removed(id)`, `baseline_chosen(id)`, `price_wanted(id)`; `reached(number)` when a card is
    focused.

    `align(place_of)` puts the cards over their columns; those that scrolled beneath the names are covered."""

    moved = Signal(int, int)
    removed = Signal(str)
    baseline_chosen = Signal(str)
    price_wanted = Signal(str)
    reached = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._pictures: Mapping[str, QImage] = {}
        self._shown: tuple[Sequence[ComparedTrim], int] = ((), 0)
        self._roomy, self._low = True, False
        self._names = QFrame(self)
        set_role(self._names, "cover")
        self._names_width = 0
        self.cards: list[TrimCard] = []
        self._place_of: Callable[[int], tuple[int, int]] | None = None
        self._focus_id = ""
        set_size(self, height=HEIGHT)
        self.retranslate()

    def show_trims(self, trims: Sequence[ComparedTrim], *, baseline: int) -> None:
        """Show cards for these trims; the focus stays with the trim that had it."""
        self._shown = (trims, baseline)
        pictured = self._roomy and any(trim.id in self._pictures for trim in trims)
        set_size(self, height=(LOW if self._low else HEIGHT) + (PICTURE_HEIGHT + 4 if pictured else 0))
        focused = self._focus_id or next((card.trim.id for card in self.cards if card.hasFocus()), "")
        for card in self.cards:
            card.hide()
            card.deleteLater()
        self.cards = []
        for number, trim in enumerate(trims):
            card = TrimCard(
                trim, baseline=number == baseline, alone=len(trims) < 2, low=self._low,
                picture=self._pictures.get(trim.id), pictured=pictured,
            )  # fmt: skip
            card.setParent(self)
            card.wanted.connect(lambda asked, card=card: self._on_wanted(card, asked))
            card.dragged.connect(lambda apart, card=card: self._on_dragged(card, apart))
            card.dropped.connect(lambda card=card: self._on_dropped(card))
            card.reached.connect(partial(self.reached.emit, number))
            card.show()
            self.cards.append(card)
        for before, after in zip(self.cards, self.cards[1:], strict=False):
            QWidget.setTabOrder(before, after)
        self._arrange()
        self._focus_id = ""
        for card in self.cards:
            if focused and card.trim.id == focused:
                card.setFocus()

    def show_pictures(self, pictures: Mapping[str, QImage]) -> None:
        """The main pictures by trim; without any the cards are lower."""
        if pictures != self._pictures:
            self._pictures = pictures
            self.show_trims(self._shown[0], baseline=self._shown[1])

    def show_room(self, *, roomy: bool, low: bool) -> None:
        """Whether there is room for pictures, and for makes: on a low window the table needs it more."""
        if (roomy, low) != (self._roomy, self._low):
            again = low != self._low or bool(self._pictures)
            self._roomy, self._low = roomy, low
            if again:
                self.show_trims(self._shown[0], baseline=self._shown[1])

    def align(self, place_of: Callable[[int], tuple[int, int]], *, names_width: int = 0) -> None:
        """`place_of(number)` gives left edge and width of a trim's column, right of the names."""
        self._place_of, self._names_width = place_of, names_width
        self._arrange()

    def align_evenly(self) -> None:
        """Where there are no columns beneath, as above the charts, the cards share the width."""
        self.align(self._even_place)

    def _even_place(self, number: int) -> tuple[int, int]:
        wide = min(self.width() // max(1, len(self.cards)), theme().px(WIDEST))
        return number * wide, wide

    def _arrange(self) -> None:
        if self._place_of is None:
            return
        gap = theme().px(_GAP)
        for number, card in enumerate(self.cards):
            if not card.dragging:
                left, wide = self._place_of(number)
                card.setGeometry(QRect(left, 0, wide - gap, self.height() - gap))
        self._names.setGeometry(0, 0, self._names_width, self.height())
        self._names.raise_()

    def _on_wanted(self, card: TrimCard, asked: str) -> None:
        number = self.cards.index(card)
        if asked in ("left", "right"):
            there = number + (1 if asked == "right" else -1)
            if 0 <= there < len(self.cards):
                self.cards[there].setFocus()
        elif asked in ("back", "forward"):
            there = number + (1 if asked == "forward" else -1)
            if 0 <= there < len(self.cards):
                self._focus_id = card.trim.id
                self.moved.emit(number, there)
        elif asked == "baseline":
            self._focus_id = card.trim.id
            self.baseline_chosen.emit(card.trim.id)
        elif asked == "price":
            self._focus_id = card.trim.id
            self.price_wanted.emit(card.trim.id)
        else:
            neighbour = self.cards[number + 1 : number + 2] or self.cards[max(0, number - 1) : number]
            self._focus_id = neighbour[0].trim.id if neighbour else ""
            self.removed.emit(card.trim.id)

    def _on_dragged(self, card: TrimCard, apart: float) -> None:
        if self._place_of is not None:
            card.move(int(self._place_of(self.cards.index(card))[0] + apart), theme().px(3))

    def _on_dropped(self, card: TrimCard) -> None:
        assert self._place_of is not None
        middle = card.x() + card.width() / 2
        places = [self._place_of(number) for number in range(len(self.cards))]
        there = min(range(len(places)), key=lambda n: abs(places[n][0] + places[n][1] / 2 - middle))
        here = self.cards.index(card)
        if there == here:
            self._arrange()
        else:
            self.moved.emit(here, there)

    def retranslate(self) -> None:
        name_widget(self, tr("Trims compared"))

    def restyle(self) -> None:
        self._arrange()

    def resizeEvent(self, event: QEvent) -> None:
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._arrange()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(400), theme().px(HEIGHT))
