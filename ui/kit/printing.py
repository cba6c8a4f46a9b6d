"""Printing PDF pages through the system's dialog, also onto pre-printed forms that need an offset."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QPageSize, QPainter
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QDialog, QWidget

MILLIMETRES_PER_INCH = 25.4
POINTS_PER_INCH = 72.0
MOST_DOTS = 300
"""Pages are rendered at no more dots per inch: 600 need 140 MB a page and look the same on an office printer."""


@dataclass(frozen=True, slots=True)
class Offset:
    """How far a printer has to shift a form, in tenths of a millimetre, right and down."""

    right: int = 0
    down: int = 0


class UnreadablePdf(Exception):
    """A program error: bytes that are no PDF were to be shown or printed."""


def load_pdf(data: bytes, parent: QObject | None = None) -> QPdfDocument:
    """A document over the bytes, which it keeps. Raises UnreadablePdf."""
    document = QPdfDocument(parent) if parent is not None else QPdfDocument()
    buffer = QBuffer(document)
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document.load(buffer)
    if document.status() != QPdfDocument.Status.Ready:
        raise UnreadablePdf(document.error().name)
    return document


def print_pages(data: bytes, printer: QPrinter, *, offset: Offset | None = None) -> int:
    """Print the pages the printer's settings ask for, in their own size; returns how many. Raises UnreadablePdf."""
    document = load_pdf(data)
    first, last = printer.fromPage() or 1, printer.toPage() or document.pageCount()
    shift = offset or Offset()
    dots = printer.resolution()
    printer.setFullPage(True)
    painter = QPainter(printer)
    for number in range(first, min(last, document.pageCount()) + 1):
        if number > first:
            printer.newPage()
        points = document.pagePointSize(number - 1)
        target = QRectF(
            QPointF(shift.right, shift.down) * dots / MILLIMETRES_PER_INCH / 10, points * dots / POINTS_PER_INCH
        )
        rendered = min(dots, MOST_DOTS)
        pixels = QSize(round(points.width() * rendered / 72), round(points.height() * rendered / 72))
        painter.drawImage(target, document.render(number - 1, pixels))
    painter.end()
    document.close()
    return min(last, document.pageCount() or last) - first + 1


def print_to(name: str, data: bytes, *, title: str, page_mm: tuple[float, float]) -> int:
    """Print all pages on the printer of this name, on paper of this size, without asking; returns how many.

    Raises UnreadablePdf.
    """
    printer = QPrinter(QPrinterInfo.printerInfo(name), QPrinter.PrinterMode.HighResolution)
    printer.setDocName(title)
    printer.setPageSize(QPageSize(QSizeF(*page_mm), QPageSize.Unit.Millimeter))
    return print_pages(data, printer)


def print_pdf(
    parent: QWidget,
    data: bytes,
    *,
    title: str,
    offset_of: Callable[[str], Offset] | None = None,
    on_done: Callable[[bool], object] | None = None,
) -> QPrintDialog:
    """Ask for a printer in the system's dialog, then print, shifted by what `offset_of(printer's name)` says.

    Returns at once; `on_done(printed)` comes afterwards.
    """
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(title)
    dialog = QPrintDialog(printer, parent)
    dialog.setWindowTitle(title)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setOption(QPrintDialog.PrintDialogOption.PrintToFile, True)

    def finished(result: int) -> None:
        chosen = result == QDialog.DialogCode.Accepted.value
        if chosen:
            print_pages(data, printer, offset=offset_of(printer.printerName()) if offset_of is not None else None)
        if on_done is not None:
            on_done(chosen)

    dialog.finished.connect(finished)
    dialog.open()  # type: ignore[call-arg]
    return dialog
