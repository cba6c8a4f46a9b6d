"""The main picture of a record at a fixed size, for cards and panels."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.attachments.queries import AttachmentRow, MainPictureRow, list_beside, main_pictures
from app.kernel.changes import Changes
from app.runtime.language import tr_noop
from ui.kit.context import PageContext
from ui.kit.picture_loading import Loaded, load_small
from ui.kit.picture_view import PictureView, page_around
from ui.kit.text import Retranslated, Words, words
from ui.kit.theme import Themed, theme

_TABLES = ("attachment",)
_NAME = tr_noop("Main picture")


class MainPicture(Retranslated, Themed, QAbstractButton):
    """The main picture of one record, or of what it inherits one from, at a fixed size; nothing where there is none.

    Pressed, it opens in the place of the page with the others of its record, unless `opens` is False and somebody else
    answers `clicked`. `found(bool)` when it is known whether there is one.
    """

    found = Signal(bool)

    def __init__(
        self, context: PageContext, *, subject_table: str, subject_id: str, width: int = 160, height: int = 120,
        name: Words = _NAME, opens: bool = True, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._context, self._table, self._subject, self._name = context, subject_table, subject_id, name
        self._design = (width, height)
        self._row: MainPictureRow | None = None
        self._picture: QPixmap | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        context.operations.changes_published.connect(self._on_changes)
        if opens:
            self.clicked.connect(self._ask_all)
        self.restyle()
        self.retranslate()
        self.hide()
        self.reload()

    def reload(self) -> None:
        """Look again which picture it is."""
        self._context.operations.run_query(
            self, main_pictures, self._table, [self._subject], key="main", on_done=self._on_found,
            on_error=lambda _error: True,
        )  # fmt: skip

    def _on_changes(self, changes: Changes, _initiator: object) -> None:
        if changes.touches(*_TABLES):
            self.reload()

    def _on_found(self, pictures: dict[str, MainPictureRow]) -> None:
        self._row = pictures.get(self._subject)
        if self.parentWidget() is not None:
            self.setVisible(self._row is not None)
        if self._row is None:
            self._picture = None
        else:
            small = self._row.icon if max(self._design) * self.devicePixelRatioF() <= 160 else self._row.thumb
            size = QSize(theme().px(self._design[0]), theme().px(self._design[1])) * self.devicePixelRatioF()
            self._context.operations.run_query(
                self, load_small, [small], size, key="picture", on_done=self._show, on_error=lambda _error: True
            )
        self.found.emit(self._row is not None)

    def _show(self, loaded: Sequence[Loaded]) -> None:
        image = loaded[0].image
        self._picture = None if image is None else QPixmap.fromImage(image)
        self.update()

    def _ask_all(self) -> None:
        if self._row is not None:
            self._context.operations.run_query(
                self, list_beside, self._row.attachment_id, on_done=self._open, key="all"
            )

    def _open(self, rows: Sequence[AttachmentRow]) -> None:
        if rows:
            view = PictureView(self._context, page_around(self), rows, 0)
            view.closed.connect(self._on_view_closed)
            view.come_up()

    def _on_view_closed(self, _attachment_id: str) -> None:
        self.setFocus()

    def restyle(self) -> None:
        self.setFixedSize(theme().px(self._design[0]), theme().px(self._design[1]))
        self.update()

    def retranslate(self) -> None:
        self.setAccessibleName(words(self._name))
        self.setToolTip(words(self._name))

    def sizeHint(self) -> QSize:
        return self.size()

    def paintEvent(self, _event: Any) -> None:
        look, painter, shape = theme(), QPainter(self), QPainterPath()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape.addRoundedRect(self.rect().toRectF(), look.px(6), look.px(6))
        painter.fillPath(shape, look.color("skeleton"))
        if self._picture is not None:
            painter.setClipPath(shape)
            painter.drawPixmap(self.rect(), self._picture)
            painter.setClipping(False)
        else:
            side = look.px(24)
            middle = self.rect().center() - QPoint(side // 2, side // 2)
            look.icon("image").paint(painter, middle.x(), middle.y(), side, side)
        painter.setPen(look.color("accent" if self.hasFocus() else "line"))
        painter.drawPath(shape)
        painter.end()
