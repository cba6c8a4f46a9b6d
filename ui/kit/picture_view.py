"""A picture or document in full, in the place of the page: arrow keys, zoom, turning."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap, QTransform, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QStackedWidget, QWidget

from app.attachments.commands import ReplaceAttachment, StoredFile
from app.attachments.intake import turned
from app.attachments.queries import AttachmentRow
from app.attachments.rules import PDF
from app.runtime.language import tr, tr_noop
from ui.kit import formats
from ui.kit.context import PageContext
from ui.kit.controls import Button, IconButton, Label
from ui.kit.feedback import EmptyState, MessageBar
from ui.kit.layout import STRETCH, column, row
from ui.kit.picture_loading import load_bytes, load_whole
from ui.kit.picture_saving import MISSING, PictureSaver
from ui.kit.text import Retranslated
from ui.kit.theme import Themed, set_role

STEP, MOST = 1.25, 8.0


class PictureCanvas(Themed, QWidget):
    """Shows one picture, fitted or enlarged; dragging moves an enlarged one."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._picture = QPixmap()
        self._fitted = QPixmap()
        self.enlarged, self.turned = 1.0, 0
        self._moved, self._grabbed = QPointF(), QPointF()

    def show_image(self, image: QImage | None) -> None:
        """Another picture, fitted; None for none."""
        self._picture = QPixmap() if image is None else QPixmap.fromImage(image)
        self.turned = 0
        self.fit()

    def fit(self) -> None:
        """As large as the room allows, not larger than it is."""
        self.enlarged, self._moved = 1.0, QPointF()
        self._fitted = QPixmap()
        self.update()

    def zoom(self, factor: float) -> None:
        """Larger or smaller; 1 is fitted."""
        self.enlarged = min(max(self.enlarged * factor, 1.0), MOST)
        self._moved = QPointF() if self.enlarged == 1.0 else self._moved
        self.update()

    def turn(self, degrees: int) -> None:
        """Turn what is shown."""
        self._picture = self._picture.transformed(QTransform().rotate(degrees))
        self.turned = (self.turned + degrees) % 360
        self.fit()

    def move_by(self, offset: QPointF) -> None:
        """Move an enlarged picture."""
        if self.enlarged > 1.0:
            self._moved += offset
            self.update()

    def restyle(self) -> None:
        self.update()

    def resizeEvent(self, _event: QEvent) -> None:
        self._fitted = QPixmap()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(STEP if event.angleDelta().y() > 0 else 1 / STEP)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grabbed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.move_by(event.position() - self._grabbed)
        self._grabbed = event.position()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if not self._picture.isNull() and self.width() > 0 and self.height() > 0:
            self._paint(painter)
        painter.end()

    def _paint(self, painter: QPainter) -> None:
        ratio = self.devicePixelRatioF()
        scale = min(self.width() * ratio / self._picture.width(), self.height() * ratio / self._picture.height(), 1.0)
        width = self._picture.width() * scale / ratio * self.enlarged
        height = self._picture.height() * scale / ratio * self.enlarged
        place = QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
        place.translate(self._moved)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self.enlarged > 1.0:
            painter.drawPixmap(place, self._picture, QRectF(self._picture.rect()))
            return
        if self._fitted.isNull():  # scaled once, not at each painting
            self._fitted = self._picture.scaled(
                max(1, round(self._picture.width() * scale)), max(1, round(self._picture.height() * scale)),
                Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation,
            )  # fmt: skip
        painter.drawPixmap(place, self._fitted, QRectF(self._fitted.rect()))


class PictureView(Retranslated, QFrame):
    """Covers a page with one attachment after the other; `closed` when it is left, with the one shown last."""

    closed = Signal(str)

    def __init__(
        self, context: PageContext, host: QWidget, rows: Sequence[AttachmentRow], place: int, *, editable: bool = False
    ) -> None:
        super().__init__(host)
        set_role(self, "page")
        self._editable = editable
        self.setAutoFillBackground(True)
        self._context, self._host = context, host
        self.rows, self.place = list(rows), place
        self.canvas = PictureCanvas()
        self.messages = MessageBar()
        self.saver = PictureSaver(context, self, self.messages)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.canvas)
        self._document: QWidget | None = None
        self._missing = False
        self._title, self._about = Label("", role="title"), Label("", role="secondary")
        self._build()
        host.installEventFilter(self)
        self.setGeometry(host.rect())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.retranslate()
        self._show_current()

    def _build(self) -> None:
        self._picture_tools = [
            IconButton("zoom-out", tr_noop("Smaller"), on_click=lambda: self.canvas.zoom(1 / STEP)),
            IconButton("zoom-in", tr_noop("Larger"), on_click=lambda: self.canvas.zoom(STEP)),
            IconButton("rotate-ccw", tr_noop("Turn left"), on_click=lambda: self.turn(-90)),
            IconButton("rotate-cw", tr_noop("Turn right"), on_click=lambda: self.turn(90)),
        ]
        self.keep_button = Button(tr_noop("Keep it turned"), kind="primary", on_click=self.keep_turned)
        self.keep_button.hide()
        self.earlier = IconButton("arrow-left", tr_noop("Previous"), on_click=lambda: self.step(-1))
        self.later = IconButton("arrow-right", tr_noop("Next"), on_click=lambda: self.step(1))
        save = IconButton("download", tr_noop("Save as"), on_click=lambda: self.saver.ask(self.current))
        close = Button(tr_noop("Close"), icon="x", on_click=self.leave)
        names = column(self._title, self._about, gap=2)
        head = row(
            names, STRETCH, self.earlier, self.later, 16, *self._picture_tools, 16, self.keep_button, save, close,
            gap=4, margins=(24, 16, 24, 12),
        )  # fmt: skip
        body = column(self.messages, gap=12, margins=(24, 0, 24, 24))
        body.addWidget(self._stack, 1)
        outer = column(head, gap=0)
        outer.addLayout(body, 1)
        self.setLayout(outer)

    def come_up(self) -> None:
        """Show it over the page and take the keys."""
        self.show()
        self.raise_()
        self.setFocus()

    @property
    def current(self) -> AttachmentRow:
        """What is shown."""
        return self.rows[self.place]

    def show_rows(self, rows: Sequence[AttachmentRow]) -> None:
        """The rows as they are now; what was missing is tried again. Leaves when what is shown is gone."""
        shown = self.current.id
        places = [place for place, one in enumerate(rows) if one.id == shown]
        if not places:
            self.leave()
            return
        again = self._missing or self.current.sha256 != rows[places[0]].sha256
        self.rows, self.place = list(rows), places[0]
        self.retranslate()
        if again:
            self._show_current()

    def step(self, by: int) -> None:
        """The next or the previous one."""
        place = self.place + by
        if 0 <= place < len(self.rows):
            self.place = place
            self.retranslate()
            self._show_current()

    def turn(self, degrees: int) -> None:
        """Turn what is shown; who may change it can keep it so."""
        self.canvas.turn(degrees)
        self.keep_button.setVisible(self._editable and not self._missing and self.canvas.turned != 0)

    def keep_turned(self) -> None:
        """Store the picture as it is turned now; the former content goes when nothing refers to it."""
        shown, degrees = self.current, self.canvas.turned
        if not self.keep_button.isVisible() or not degrees:
            return
        job = self._context.operations.run_query(
            self, turned, shown.stored, shown.content, degrees, on_done=lambda file: self._replace(shown.id, file)
        )
        self.keep_button.busy_while(job)

    def _replace(self, attachment_id: str, file: StoredFile) -> None:
        self.keep_button.hide()
        self._context.operations.run_command(
            self, ReplaceAttachment(attachment_id=attachment_id, file=file), name=tr_noop("Keep picture turned")
        )

    def leave(self) -> None:
        """Back to the page."""
        self._host.removeEventFilter(self)
        self.hide()
        self.closed.emit(self.current.id)
        self.deleteLater()

    def _show_current(self) -> None:
        shown = self.current
        self.messages.clear()
        self.keep_button.hide()
        self._missing = False
        for tool in self._picture_tools:
            tool.setVisible(shown.is_picture)
        if shown.is_picture:
            self._stack.setCurrentWidget(self.canvas)
            self._context.operations.run_query(
                self, load_whole, shown.content, shown.thumb, key="shown", first=True, on_done=self._show_images
            )  # fmt: skip
            return
        self.canvas.show_image(None)
        if shown.media_type != PDF:
            self._replace_document(
                EmptyState(
                    tr_noop("This document opens in another program"),
                    tr_noop("Save it to a folder, then open it there."), icon="file-spreadsheet",
                )
            )  # fmt: skip
            return
        self._context.operations.run_query(
            self, load_bytes, shown.content, key="shown", first=True, on_done=self._show_pdf
        )  # fmt: skip

    def _show_images(self, images: tuple[QImage | None, QImage | None]) -> None:
        whole, small = images
        self.canvas.show_image(whole if whole is not None else small)
        if whole is None:
            self._say_missing()

    def _show_pdf(self, content: bytes | None) -> None:
        from ui.kit.pdf_view import PdfView
        from ui.kit.printing import UnreadablePdf

        if content is None:
            self._say_missing()
            return
        name = self.current.name
        view = PdfView(on_print=lambda: self._print(content, name))
        try:
            view.show_pdf(content, lambda: name)
        except UnreadablePdf:
            view.deleteLater()
            self.messages.show_error(tr_noop("This document is damaged and cannot be shown."))
            return
        self._replace_document(view)

    def _print(self, content: bytes, name: str) -> None:
        from app.printing.queries import PaperToPrint
        from ui.kit.print_dialog import PrintHow, open_print

        paper = PaperToPrint(label=name, fetch=lambda _reader: content)
        open_print(self, self._context, [paper], title=lambda: name, how=PrintHow(kind="attachment"))

    def _replace_document(self, widget: QWidget) -> None:
        old, self._document = self._document, widget
        self._stack.addWidget(widget)
        self._stack.setCurrentWidget(widget)
        if old is not None:
            self._stack.removeWidget(old)
            old.deleteLater()

    def _say_missing(self) -> None:
        self._missing = True
        self.messages.show_message(
            MISSING, tone="info",
            action=tr_noop("Try again"), on_action=self._show_current,
        )  # fmt: skip

    def retranslate(self) -> None:
        shown = self.current
        self._title.set_text(shown.name)
        parts = [tr("{n} of {total}", n=self.place + 1, total=len(self.rows))]
        if shown.file_name != shown.name:
            parts.append(shown.file_name)
        if shown.width and shown.height:
            parts.append(tr("{width} × {height} pixels", width=shown.width, height=shown.height))
        parts.append(formats.bytes_text(shown.size))
        if shown.taken_at is not None:
            parts.append(tr("taken {moment}", moment=formats.moment(shown.taken_at)))
        self._about.set_text("  ·  ".join(parts))
        self.earlier.setEnabled(self.place > 0)
        self.later.setEnabled(self.place < len(self.rows) - 1)
        self.setAccessibleName(shown.name)
        self.canvas.setAccessibleName(shown.name)

    # --- keys ------------------------------------------------------------------------------------

    def _handle(self, event: QKeyEvent) -> bool:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_PageUp: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageDown: 1}
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return False
        key = Qt.Key(event.key())
        if event.type() == QEvent.Type.ShortcutOverride:
            return key in steps or key in _KEYS
        if key in steps:
            self.step(steps[key])
        elif key == Qt.Key.Key_Escape:
            self.leave()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.canvas.zoom(STEP)
        elif key == Qt.Key.Key_Minus:
            self.canvas.zoom(1 / STEP)
        elif key == Qt.Key.Key_0:
            self.canvas.fit()
        elif key == Qt.Key.Key_R:
            self.turn(90)
        else:
            return False
        return True

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self._handle(event):  # type: ignore[arg-type]
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._handle(event):
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() == QEvent.Type.Resize:
            self.setGeometry(self._host.rect())
        return False


def page_around(widget: QWidget) -> QWidget:
    """The page a widget stands in, else its window."""
    from ui.kit.page import Page

    above = widget.parentWidget()
    while above is not None and not isinstance(above, Page):
        above = above.parentWidget()
    return above or widget.window()


_KEYS = frozenset(
    {Qt.Key.Key_Escape, Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_0, Qt.Key.Key_R}
)  # fmt: skip
