"""Printing PDF pages: papers of any number as one job of the system's spooler, also onto forms that need an offset.

Everything here runs on worker threads; `ui.kit.print_dialog` asks and tells. A printer's driver may take seconds to
answer, so even printers are looked for there.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QObject, QPointF, QRectF, QSize, QSizeF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

from app.documents.drawn_fields import with_fields_drawn
from app.kernel.errors import DomainError
from app.printing.errors import PrinterRefuses
from app.printing.rules import PDF_FILE, Duplex, PrintSettings, PrintState, page_numbers, sides
from app.runtime.language import tr, tr_noop
from ui.kit.operations import Cancelled, Progress

MILLIMETRES_PER_INCH = 25.4
POINTS_PER_INCH = 72.0
MOST_DOTS = 300
"""Pages are rendered at no more dots per inch: 600 need 140 MB a page and look the same on an office printer."""
_DUPLEX = {
    Duplex.SINGLE: QPrinter.DuplexMode.DuplexNone,
    Duplex.LONG_EDGE: QPrinter.DuplexMode.DuplexLongSide,
    Duplex.SHORT_EDGE: QPrinter.DuplexMode.DuplexShortSide,
}
Overlay = Callable[[tuple[float, float]], bytes]
"""Gives the page to lay over pages of a size in points; empty bytes for none."""


@dataclass(frozen=True, slots=True)
class Offset:
    """How far a printer has to shift a form, in tenths of a millimetre, right and down."""

    right: int = 0
    down: int = 0


@dataclass(frozen=True, slots=True)
class SpoolPaper:
    """One document of a job."""

    label: str
    content: bytes
    overlay: Overlay | None = None


@dataclass(frozen=True, slots=True)
class Spooled:
    """What became of one document: how many sides the system's spooler took, and why it took no more."""

    state: PrintState
    sides: int = 0
    error: Exception | None = None


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


def render_page(document: QPdfDocument, number: int, *, dots: float, overlay: QPdfDocument | None = None) -> QImage:
    """A page, from 1, on white at so many dots per inch, with what is laid over it."""
    points = document.pagePointSize(number - 1)
    size = QSize(round(points.width() * dots / POINTS_PER_INCH), round(points.height() * dots / POINTS_PER_INCH))
    page = QImage(size, QImage.Format.Format_RGB32)
    page.fill(0xFFFFFFFF)
    painter = QPainter(page)
    painter.drawImage(0, 0, document.render(number - 1, size))
    if overlay is not None:
        painter.drawImage(0, 0, overlay.render(0, size))
    painter.end()
    return page


def printer_names() -> tuple[list[str], str]:
    """All printers of this computer and the usual one; on a worker thread."""
    return QPrinterInfo.availablePrinterNames(), QPrinterInfo.defaultPrinterName()


def spool(
    papers: Sequence[SpoolPaper],
    settings: PrintSettings,
    *,
    title: str,
    progress: Progress,
    offset: Offset | None = None,
    into: Path | None = None,
    as_fed: bool = False,
) -> tuple[Spooled, ...]:
    """Give papers to a printer as one job, each in its own size, in duplex each on a fresh sheet; or `into` a PDF file.

    Returns what became of each: one that cannot be printed does not keep back the others. Where the person cancels, or
    the printer takes no more, those from there on say so. `as_fed` where the page has the shape in which the printer
    draws the paper in, as rolls of labels do; else a page that is wider than high is a sheet turned. Runs on a worker
    thread.
    """
    job = _PrintJob(settings, title=title, offset=offset or Offset(), into=into, as_fed=as_fed)
    done: list[Spooled] = []
    try:
        for place, paper in enumerate(papers):
            done.append(job.print(paper, _share_of(progress, paper.label, place, len(papers))))
        job.finish()
    except Cancelled:
        job.abort()
        done = [one if one.state is PrintState.FAILED else Spooled(PrintState.CANCELLED, one.sides) for one in done]
        done.append(Spooled(PrintState.CANCELLED, job.sides_of_paper))
    except PrinterRefuses as error:
        job.abort()
        done = [one if one.error else Spooled(PrintState.FAILED, one.sides, error) for one in done]
        done.append(Spooled(PrintState.FAILED, job.sides_of_paper, error))
    rest = done[-1] if done else Spooled(PrintState.FAILED)
    done += [Spooled(rest.state, 0, rest.error)] * (len(papers) - len(done))
    return tuple(done[: len(papers)])


def _share_of(progress: Progress, label: str, place: int, papers: int) -> Callable[[float], None]:
    return lambda share: progress(label, (place + share) / papers)


class _PrintJob:
    """One job of the spooler. Blank backs are only put down when another side follows."""

    def __init__(
        self, settings: PrintSettings, *, title: str, offset: Offset, into: Path | None, as_fed: bool
    ) -> None:
        self.settings, self.offset, self.into, self.as_fed = settings, offset, into, as_fed
        self.sides_of_paper = 0
        self._blanks = 0
        self._painter: QPainter | None = None
        self._printer = _printer(settings, title=title)
        self._part = into.with_name(f".{into.name}.part") if into is not None else None
        if self._part is not None:
            self._printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
            self._printer.setOutputFileName(str(self._part))

    def print(self, paper: SpoolPaper, progress: Callable[[float], None]) -> Spooled:
        """All sides of a document. Raises Cancelled or PrinterRefuses."""
        self.sides_of_paper = 0
        progress(0.0)
        overlays: dict[tuple[float, float], QPdfDocument | None] = {}
        try:
            document = load_pdf(with_fields_drawn(paper.content))
            order = sides(page_numbers(self.settings.pages, document.pageCount()), self.settings)
            for place, number in enumerate(order):
                if number is None:
                    self._blanks += 1
                    continue
                self._put(document, number, _overlay_of(paper, document, number, overlays))
                self.sides_of_paper += 1
                progress((place + 1) / len(order))
        except PrinterRefuses:
            raise
        except (DomainError, UnreadablePdf) as error:
            return Spooled(PrintState.FAILED, self.sides_of_paper, error)
        return Spooled(PrintState.SENT, self.sides_of_paper)

    def finish(self) -> None:
        """Hand the job over. Raises PrinterRefuses."""
        if self._painter is not None and not self._painter.end():
            raise self._refuses()
        if self._part is not None and self._painter is not None and self.into is not None:
            os.replace(self._part, self.into)

    def abort(self) -> None:
        """Take back what the spooler has not yet given to the printer."""
        if self._painter is not None:
            self._printer.abort()
            self._painter.end()
        if self._part is not None:
            self._part.unlink(missing_ok=True)

    def _put(self, document: QPdfDocument, number: int, overlay: QPdfDocument | None) -> None:
        points = document.pagePointSize(number - 1)
        self._turn_to(points)
        dots = self._printer.resolution()
        page = render_page(document, number, dots=min(dots, MOST_DOTS), overlay=overlay)
        shift = QPointF(self.offset.right, self.offset.down) * dots / MILLIMETRES_PER_INCH / 10
        assert self._painter is not None
        self._painter.drawImage(QRectF(shift, points * dots / POINTS_PER_INCH), page)

    def _turn_to(self, points: QSizeF) -> None:
        """A new side of that size, after the blank backs that are due."""
        if self._painter is None:
            self._printer.setPageLayout(_layout(points, as_fed=self.as_fed))
            self._painter = QPainter()
            if not self._painter.begin(self._printer):
                self._painter = None
                raise self._refuses()
            return
        blanks, self._blanks = self._blanks, 0
        if not all(self._printer.newPage() for _blank in range(blanks)):
            raise self._refuses()
        self._printer.setPageLayout(_layout(points, as_fed=self.as_fed))
        if not self._printer.newPage():
            raise self._refuses()

    def _refuses(self) -> PrinterRefuses:
        return PrinterRefuses(printer=self.into.name if self.into is not None else self.settings.printer)


def _overlay_of(
    paper: SpoolPaper, document: QPdfDocument, number: int, known: dict[tuple[float, float], QPdfDocument | None]
) -> QPdfDocument | None:
    if paper.overlay is None:
        return None
    points = document.pagePointSize(number - 1)
    size = (points.width(), points.height())
    if size not in known:
        made = paper.overlay(size)
        known[size] = load_pdf(made) if made else None
    return known[size]


def _printer(settings: PrintSettings, *, title: str) -> QPrinter:
    high = QPrinter.PrinterMode.HighResolution
    named = settings.printer and settings.printer != PDF_FILE
    printer = QPrinter(QPrinterInfo.printerInfo(settings.printer), high) if named else QPrinter(high)
    printer.setDocName(title)
    printer.setFullPage(True)
    printer.setDuplex(_DUPLEX[settings.duplex])
    return printer


def _layout(points: QSizeF, *, as_fed: bool) -> QPageLayout:
    turned = points.width() > points.height() and not as_fed
    size = QPageSize(points.transposed() if turned else points, QPageSize.Unit.Point)
    orientation = QPageLayout.Orientation.Landscape if turned else QPageLayout.Orientation.Portrait
    layout = QPageLayout(size, orientation, QMarginsF())
    layout.setMode(QPageLayout.Mode.FullPageMode)
    return layout


def ended_words(spooled: Spooled) -> str:
    """What became of a document, for a report; wording what nobody can know as what is known."""
    if isinstance(spooled.error, DomainError):
        return spooled.error.message()
    if spooled.error is not None:
        return tr(tr_noop("This file is damaged and cannot be printed. Synchronise, then open the document again."))
    return tr(spooled.state.label)
