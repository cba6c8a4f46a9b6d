"""How people are painted in a list: mark, name, role."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.kernel.permissions import ROLE_LABELS
from app.runtime.language import tr
from ui.kit.theme import theme
from ui.shell.avatar import paint_avatar

TILE_HEIGHT = 50


class StaffDelegate(QStyledItemDelegate):
    """Paints a `StaffTile` kept under the user role."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(theme().px(160), theme().px(TILE_HEIGHT))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        look = theme()
        tile = index.data(Qt.ItemDataRole.UserRole)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        state = option.state
        if state & QStyle.StateFlag.State_Selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            chosen = bool(state & QStyle.StateFlag.State_Selected)
            painter.setBrush(look.color("accent_wash" if chosen else "hover"))
            painter.drawRoundedRect(QRectF(option.rect).adjusted(0, 1, 0, -1), look.px(6), look.px(6))
        side = look.px(32)
        mark = QRectF(option.rect.left() + look.px(8), option.rect.center().y() - side / 2 + 0.5, side, side)
        paint_avatar(painter, mark, tile.name)
        left = int(mark.right()) + look.px(12)
        middle = option.rect.center().y()
        text = QRect(left, middle - look.px(20), option.rect.right() - left, look.px(20))
        painter.setPen(look.color("text"))
        painter.setFont(look.font("body"))
        painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), tile.name)
        painter.setPen(look.color("muted"))
        painter.setFont(look.font("secondary"))
        role = text.translated(0, look.px(20))
        painter.drawText(
            role, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), tr(ROLE_LABELS[tile.role])
        )
        painter.restore()
