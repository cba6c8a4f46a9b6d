"""A chart's data and picture for other programs."""

import csv
import io
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from ui.charts.chart_data import Cell, ChartData
from ui.kit.theme import theme

PICTURE_RATIO = 2.0
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_PAD, _TITLE = 16, 32


def safe_cell(cell: Cell) -> str:
    """A cell as no spreadsheet program takes it for a formula: text that could start one gets an apostrophe in front.

    Numbers stay numbers, also negative ones.
    """
    if isinstance(cell, Decimal | int):
        return str(cell)
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) or cell.startswith(_FORMULA) else cell


def csv_bytes(data: ChartData) -> bytes:
    """The table as CSV in UTF-8 with a byte order mark, which spreadsheet programs need to recognise Chinese."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([safe_cell(name) for name in data.columns])
    writer.writerows([safe_cell(cell) for cell in row] for row in data.rows)
    return text.getvalue().encode("utf-8-sig")


def chart_picture(chart: QWidget, title: str) -> QImage:
    """The chart under its title, on the surface's colour, at twice the resolution of the screen's 100 %."""
    look = theme()
    pad, head = look.px(_PAD), look.px(_TITLE)
    width, height = chart.width() + 2 * pad, chart.height() + 2 * pad + head
    image = QImage(round(width * PICTURE_RATIO), round(height * PICTURE_RATIO), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(PICTURE_RATIO)
    image.fill(look.color("surface"))
    painter = QPainter(image)
    painter.setFont(look.font("section", bold=True))
    painter.setPen(look.color("text"))
    painter.drawText(pad, pad, chart.width(), head, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop), title)
    chart.render(painter, QPoint(pad, pad + head), renderFlags=QWidget.RenderFlag.DrawChildren)
    painter.end()
    return image


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all. Raises OSError."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_bytes(content)
        fresh.replace(path)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    return path
